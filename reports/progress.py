"""The figures: what a park achieved, how far that is from its target, and the words for it. Reads only.

Every number is an exact Fraction in the indicator's unit; rounding happens where it is written for people.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

from parkportal.models import Park, Region
from reports.groups import alike
from reports.models import Indicator, ReportedFigure, Scorecard, ScorecardLine, Target, pair
from reports.periods import Period, month_base, pace, time_progress
from reports.sources import REPORTED, member_dates
from reports.tallies import Amount, ByPark, Part, Tally, both_years

NO_PACE_UP_TO: Final = 3
"""Counts with a target of at most this many have no pace: one project more or less decides."""
AMBER_LESS: Final = Fraction(9, 10)
SMALL_COUNT: Final = 10
COUNTED_UNITS: Final = frozenset({"个", "家", "户"})


@dataclass(frozen=True)
class Results:
    """What every park of a region achieved in a period, and in the same months of the year before."""

    region: Region
    period: Period
    indicators: Sequence[Indicator]
    this_year: Mapping[str, ByPark]
    last_year: Mapping[str, ByPark]
    reported: Mapping[tuple[int, str], ReportedFigure]
    published: Mapping[tuple[int, str, str], Fraction | None]
    """Published cumulative figures by park, period and indicator: the base of month's own and of year-on-year."""

    @cached_property
    def _bases(self) -> list[Period]:
        """The periods whose published figures the month's own is counted against, the most final first."""
        return _bases(self.region, self.period)

    @cached_property
    def _befores(self) -> list[str]:
        return [str(period) for period in _published_before(self.period)]

    @cached_property
    def _year_before(self) -> Period:
        return self.period.previous_year()

    def actual(self, indicator: Indicator, park: Park) -> Amount:
        """The cumulative figure of a park."""
        if indicator.source == REPORTED:
            figure = self.reported.get((park.pk, indicator.code))
            known = figure is not None and figure.numerator is not None
            return Amount(Fraction(figure.numerator, figure.denominator) if known else None)  # type: ignore[union-attr,arg-type]
        if indicator.measure == Indicator.Measure.RATIO:
            return self._ratio(indicator, park, self.actual)
        return self._tally(self.this_year, indicator, park).cumulative(self.period)

    def month(self, indicator: Indicator, park: Park) -> Amount:
        """The month's own figure, against the published month before where there is one; ratios have none.

        What came late for a published month is in the own figure of the next.
        """
        if indicator.measure == Indicator.Measure.RATIO or indicator.source == REPORTED:
            return Amount(None)
        before = self._published_base(indicator, park)
        if before is None or indicator.measure == Indicator.Measure.AVG_DAYS:
            merged = self.region.merges_january_february
            return self._tally(self.this_year, indicator, park).month(self.period, merged=merged)
        now = self.actual(indicator, park)
        return Amount(None if now.value is None else now.value - before, now.inexact)

    def _published_base(self, indicator: Indicator, park: Park) -> Fraction | None:
        """What was published of the period before; of the year before only for what is never counted anew."""
        known = [self.published.get((park.pk, str(base), indicator.code)) for base in self._bases]
        goes_on = self._bases[0].year == self.period.year or indicator.window == Indicator.Window.AS_OF
        return next((value for value in known if goes_on and value is not None), None)

    def previous(self, indicator: Indicator, park: Park) -> tuple[Amount, str]:
        """Last year's cumulative figure and where it is from: what was published, else the ledger.

        The ledger says it only where it covers that year. The closing figures of a year come before December's.
        """
        for period in self._befores:
            if (value := self.published.get((park.pk, period, indicator.code))) is not None:
                return Amount(value), ScorecardLine.PreviousSource.PUBLISHED
        found = self._previous_live(indicator, park)
        return found, ScorecardLine.PreviousSource.LIVE if found.value is not None else ""

    def _previous_live(self, indicator: Indicator, park: Park) -> Amount:
        whole = bool(park.ledger_from) and park.ledger_from <= f"{self.period.year - 1}-01"
        if not whole or indicator.source == REPORTED:
            return Amount(None)
        if indicator.measure == Indicator.Measure.RATIO:
            return self._ratio(indicator, park, self._previous_live)
        return self._tally(self.last_year, indicator, park).cumulative(self._year_before)

    def parts(self, indicator: Indicator, park: Park) -> list[Part]:
        """The figure by chain, stage and month."""
        if indicator.measure == Indicator.Measure.RATIO or indicator.source == REPORTED:
            return []
        return self._tally(self.this_year, indicator, park).parts(self.period)

    def _ratio(self, indicator: Indicator, park: Park, read: Callable[[Indicator, Park], Amount]) -> Amount:
        by_id = {known.pk: known for known in self.indicators}
        above, below = by_id.get(indicator.numerator_id or 0), by_id.get(indicator.denominator_id or 0)
        if above is None or below is None:
            return Amount(None)
        top, bottom = read(above, park).value, read(below, park).value
        return Amount(top / bottom if top is not None and bottom else None)

    @staticmethod
    def _tally(of_year: Mapping[str, ByPark], indicator: Indicator, park: Park) -> Tally:
        return of_year[indicator.code].get(park.pk) or Tally(indicator, [])


def results(region: Region, period: Period) -> Results:
    """Compute a period for all parks of a region: one grouped query for the indicators of the same rows, or two."""
    indicators = list(Indicator.objects.in_force(region, period.year))
    plain = [i for i in indicators if i.measure != Indicator.Measure.RATIO and i.source != REPORTED]
    told = Period(period.year, period.month)  # what was confirmed for December holds for the closing, too
    figures = ReportedFigure.objects.filter(park__region=region, period=str(told), deleted_at__isnull=True)
    found = {code: years for same in alike(plain) for code, years in both_years(same, region, period.year).items()}
    return Results(
        region=region,
        period=period,
        indicators=indicators,
        this_year={code: years[0] for code, years in found.items()},
        last_year={code: years[1] for code, years in found.items()},
        reported={(f.park_id, f.indicator.code): f for f in figures.select_related("indicator")},
        published=_published(region, period),
    )


def _bases(region: Region, period: Period) -> list[Period]:
    """What the month's own is counted against; at the beginning of a year its last one, for what goes on from there."""
    base = month_base(period, merged=region.merges_january_february)
    return [base] if base else [Period.closing_of(period.year - 1), Period(period.year - 1, 12)]


def _published_before(period: Period) -> list[Period]:
    """What was published of the same months a year before, the most final first."""
    before = period.previous_year()
    return [Period.closing_of(before.year), before] if before.month == 12 else [before]


def _published(region: Region, period: Period) -> dict[tuple[int, str, str], Fraction | None]:
    """The cumulative figures of the last revision of each published period that this one is compared with."""
    wanted = [*_bases(region, period), *_published_before(period)]
    lines = ScorecardLine.objects.filter(
        scorecard__park__region=region,
        scorecard__status=Scorecard.Status.PUBLISHED,
        scorecard__period__in=[str(one) for one in wanted],
    )
    key = ("scorecard__park_id", "scorecard__period", "indicator__code")
    rows = lines.order_by("scorecard__revision").values_list(*key, "actual_numerator", "actual_denominator")
    return {(park, text, code): pair(above, below) for park, text, code, above, below in rows}


@dataclass(frozen=True)
class Standing:
    """How a figure stands against its target, its pace and last year; all exact, None where there is nothing to say."""

    indicator: Indicator
    actual: Fraction | None
    target: Fraction | None
    pace: Fraction | None = None
    time_progress: Fraction | None = None
    previous: Fraction | None = None

    @property
    def completion(self) -> Fraction | None:
        """完成率: actual ÷ target; for “less is better” target ÷ actual; None where the target or the divisor is 0."""
        if self.actual is None or not self.target:
            return None
        less = self.indicator.direction == Indicator.Direction.LESS
        above, below = (self.target, self.actual) if less else (self.actual, self.target)
        return above / below if below else None

    @property
    def excess(self) -> Fraction | None:
        """超（欠）年度目标: actual − target; for “less is better” what was saved against the target."""
        if self.actual is None or self.target is None:
            return None
        less = self.indicator.direction == Indicator.Direction.LESS
        return self.target - self.actual if less else self.actual - self.target

    @property
    def ahead_pp(self) -> Fraction | None:
        """超（欠）序时进度 as a fraction of 1 (0.75 prints 75.0 百分点): 完成率 − 序时进度."""
        if self.completion is None or self.time_progress is None:
            return None
        return self.completion - self.time_progress

    @property
    def prorata_target(self) -> Fraction | None:
        """序时目标: annual × n/12 or the curve's; whole units are rounded up where actual and target are whole."""
        if self.pace is None or self.actual is None or self.target is None:
            return self.pace
        whole = self.actual.denominator == self.target.denominator == 1 and self.indicator.unit in COUNTED_UNITS
        return Fraction(math.ceil(self.pace)) if whole else self.pace

    @property
    def ahead(self) -> Fraction | None:
        """较序时目标, in the indicator's unit."""
        if self.actual is None or self.prorata_target is None:
            return None
        return self.actual - self.prorata_target

    @property
    def yoy(self) -> "Growth | None":
        """同比 against the same months of last year; None without a base, or where the base is 0."""
        if self.actual is None or not self.previous:
            return None
        unit = self.indicator.unit
        if unit == "%":
            return Growth((self.actual - self.previous) * 100, "百分点")
        small = unit in COUNTED_UNITS and max(self.actual, self.previous) < SMALL_COUNT
        if small or unit == "天":
            return Growth(self.actual - self.previous, unit)
        return Growth((self.actual / self.previous - 1) * 100, "%")


@dataclass(frozen=True)
class Growth:
    """A change against last year: its value and what it is in (% · 百分点 · 天 · 个)."""

    value: Fraction
    unit: str


def standing(line: ScorecardLine) -> Standing:
    """How a compiled line stands."""
    return Standing(line.indicator, line.actual, line.target, line.pace, line.time_progress, line.previous)


def has_pace(indicator: Indicator, target: Target) -> bool:
    """Whether a target is to be reached evenly: not for averages, rates, events, or counts of at most three."""
    if indicator.is_event or indicator.direction == Indicator.Direction.LESS:
        return False
    if indicator.measure in {Indicator.Measure.AVG_DAYS, Indicator.Measure.RATIO}:
        return False
    few = indicator.measure in {Indicator.Measure.COUNT, Indicator.Measure.DISTINCT}
    return not (few and Fraction(target.annual, target.denominator) <= NO_PACE_UP_TO)


def stand(
    indicator: Indicator, actual: Fraction | None, target: Target | None, month: int, *, quarterly: bool = False
) -> Standing:
    """How a figure stands at the end of a month against a target row, paced by months or by quarters."""
    if target is None:
        return Standing(indicator, actual, None)
    annual = Fraction(target.annual, target.denominator)
    if not has_pace(indicator, target):
        return Standing(indicator, actual, annual)
    return Standing(
        indicator,
        actual,
        annual,
        pace(annual, month, target.curve, target.denominator, quarterly=quarterly),
        time_progress(month, target.curve, target.annual, quarterly=quarterly),
    )


def light(state: Standing, month: int) -> ScorecardLine.Light:
    """The lamp of an assessed figure, by the exact values (model.md 1, Lamp)."""
    lamps = ScorecardLine.Light
    if not state.indicator.is_assessed or not state.target or state.actual is None:
        return lamps.NONE
    if state.indicator.direction == Indicator.Direction.LESS:
        if state.completion is None or state.completion >= 1:
            return lamps.GREEN
        return lamps.AMBER if state.completion >= AMBER_LESS else lamps.RED
    done = state.completion or Fraction(0)
    if state.time_progress is None:
        late = lamps.RED if month == 12 else lamps.NONE
        return lamps.GREEN if done >= 1 else late
    if done >= state.time_progress:
        return lamps.GREEN
    band = Fraction(state.indicator.amber_points, 100)
    return lamps.AMBER if done >= state.time_progress - band else lamps.RED


def ranks(completions: Mapping[int, Fraction | None]) -> dict[int, int]:
    """Places by exact completion; equal ones share a place (1, 2, 2, 4); unknown ones have none."""
    known = {key: value for key, value in completions.items() if value is not None}
    best_first = sorted(known.values(), reverse=True)
    place = {value: number for number, value in reversed(list(enumerate(best_first, 1)))}
    return {key: place[value] for key, value in known.items()}


def ranks_of(lines: Sequence[ScorecardLine]) -> dict[int, int | None]:
    """The places of lines that are shown beside each other, by their keys, from the completions that are shown.

    One may be out while another is a draft: the places that were compiled are of two moments. A lone park's is from
    the circular.
    """
    if len(lines) < 2:
        return {line.pk: line.rank for line in lines}
    return dict(ranks({line.pk: standing(line).completion for line in lines if line.rank}))


def thresholds(line: ScorecardLine) -> list[Fraction]:
    """Completions that a printed percentage may reach only where the exact one does: pace, lamp and the whole."""
    found = [Fraction(1)]
    if line.time_progress is not None:
        found += [line.time_progress, line.time_progress - Fraction(line.indicator.amber_points, 100)]
    return found + ([AMBER_LESS] if line.indicator.direction == Indicator.Direction.LESS else [])


def members_query(indicator: Indicator, park: Park, period: Period, **refined: str | list[str]) -> str:
    """The address of the list behind a figure, without the page: filter, park, dates and `counted` spelled out.

    `refined` narrows it: a chain, stages, or the month's own dates.
    """
    stored = QueryDict(indicator.filter)
    query = {key: stored.getlist(key) for key in stored} | {"park": [park.code]}
    query |= {key: [value] for key, value in member_dates(indicator, period).items()}
    query |= {key: [value] if isinstance(value, str) else value for key, value in refined.items()}
    return urlencode(sorted(query.items()), doseq=True)
