"""What one indicator achieved in each park of a region, for every month of a year: sums of groups, and their parts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from parkportal.models import Region
from reports.groups import Group, add_up, groups
from reports.models import Indicator
from reports.periods import Period, month_base
from reports.sources import source_of


class Amount(NamedTuple):
    """A figure as far as it is known: None is unknown, never 0. `inexact` is "" | "over" 余 | "about" 约."""

    value: Fraction | None
    inexact: str = ""


class Part(NamedTuple):
    """A part of a figure: its dimension (chain, stage, month), the key there, and how much."""

    dimension: str
    key: str
    amount: Amount


@dataclass(frozen=True)
class Tally:
    """All that one indicator needs of one park and year; answers for each month of it."""

    indicator: Indicator
    found: Sequence[Group]
    _known: dict[int, Amount] = field(default_factory=dict, init=False, repr=False, compare=False)

    def cumulative(self, period: Period) -> Amount:
        """The figure at the end of the period: of the year so far, or of everything where the window says so."""
        month = period.ordinal
        if month not in self._known:
            self._known[month] = Amount(*add_up(self.indicator.measure, self._counting(month)))
        return self._known[month]

    def _counting(self, month: int) -> list[Group]:
        return [group for group in self.found if group.counts(month)]

    def month(self, period: Period, *, merged: bool) -> Amount:
        """The month's own: ytd(N) − ytd(N−1); an average is taken over the rows that came in the month.

        Where 1 and 2月 are reported together, February's own is both.
        """
        base = month_base(period, merged=merged)
        if self.indicator.measure == Indicator.Measure.AVG_DAYS:
            since = (base or period.from_ordinal(period.year * 12)).ordinal
            own = [group for group in self._counting(period.ordinal) if group.entered > since]
            return Amount(*add_up(self.indicator.measure, own))
        now = self.cumulative(period)
        if base is None and self.indicator.window == Indicator.Window.AS_OF:
            base = Period(period.year - 1, 12)
        before = self.cumulative(base).value if base else Fraction(0)
        return Amount(None if now.value is None or before is None else now.value - before, now.inexact)

    def parts(self, period: Period) -> list[Part]:
        """The figure by chain, stage and month of its basis date; nothing for an average, whose parts do not add up.

        Chain and stage are left out where the source has none; the part without a chain has the key "".
        """
        if self.indicator.measure == Indicator.Measure.AVG_DAYS:
            return []
        counting = self._counting(period.ordinal)
        first = first_entries(counting) if self.indicator.measure == Indicator.Measure.DISTINCT else counting
        parts = self._by("month", attrgetter("booked"), first, _month)
        if source_of(self.indicator).chain:
            parts += self._by("chain", attrgetter("chain"), counting) + self._by("stage", attrgetter("stage"), counting)
        return parts

    def _by(
        self,
        dimension: str,
        key: Callable[[Group], Any],
        counting: Iterable[Group],
        written: Callable[[Any], str] = str,
    ) -> list[Part]:
        sets: dict[Any, list[Group]] = defaultdict(list)
        for group in counting:
            sets[key(group)].append(group)
        measure = self.indicator.measure
        return [Part(dimension, written(name), Amount(*add_up(measure, sets[name]))) for name in sorted(sets)]


@cache
def _month(ordinal: int) -> str:
    return str(Period.from_ordinal(ordinal))


def first_entries(counting: Iterable[Group]) -> list[Group]:
    """Groups without those of a key that an earlier month already holds: an enterprise counts in its first month."""
    first: dict[object, Group] = {}
    for group in sorted(counting, key=attrgetter("booked")):
        first.setdefault(group.key, group)
    return list(first.values())


ByPark = dict[int, Tally]


def tallies(indicator: Indicator, region: Region, year: int) -> ByPark:
    """Each park's tally of a plain indicator, by the park's key; parks without rows are missing."""
    return _by_park(indicator, (group for (group,) in groups([indicator], region, year)))


def _by_park(indicator: Indicator, found: Iterable[Group]) -> ByPark:
    by_park: dict[int, list[Group]] = defaultdict(list)
    for group in found:
        by_park[group.park].append(group)
    return {park: Tally(indicator, of_park) for park, of_park in by_park.items()}


def both_years(same: Sequence[Indicator], region: Region, year: int) -> dict[str, tuple[ByPark, ByPark]]:
    """The tallies of a year and of the one before, by the codes of indicators that count the same rows.

    By one query where no row can count in both years, else by two.
    """
    now: list[list[Group]] = []
    before: list[list[Group]] = []
    if same[0].window == Indicator.Window.AS_OF or same[0].cohort_date:
        now, before = list(groups(same, region, year)), list(groups(same, region, year - 1))
    else:
        for row in groups(same, region, year, years=2):
            (now if row[0].booked > year * 12 else before).append(row)
    return {
        indicator.code: (_by_park(indicator, (row[n] for row in now)), _by_park(indicator, (row[n] for row in before)))
        for n, indicator in enumerate(same)
    }
