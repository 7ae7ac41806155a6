"""全市位次: the places of all parks of a region as they were compiled; nothing is computed but gaps between them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from django.db.models import QuerySet

from parkportal.models import Park
from parkportal.writing import write_percent
from reports.models import Indicator, Scorecard, ScorecardLine
from reports.periods import BadPeriod, Period
from reports.progress import standing
from reports.rows import Row, row_of


@dataclass(frozen=True)
class Place:
    """A park's line in a ranking; `url` is empty for parks whose rows the reader may not see."""

    row: Row
    park: Park
    rank: str
    gap: str
    url: str
    visible: bool
    own: bool


@dataclass(frozen=True)
class Table:
    """The parks that are compared with each other for one indicator, best first."""

    indicator: Indicator
    title: str
    pace: Fraction | None
    places: list[Place]


def ranked_periods(parks: QuerySet[Park]) -> list[Period]:
    """The periods that have scorecards in the regions of these parks, latest first."""
    found = Scorecard.objects.filter(park__region__in=parks.values("region")).order_by("-period")
    return [period for text in found.values_list("period", flat=True).distinct() if (period := _read(text))]


def _read(text: str) -> Period | None:
    """The months of a period; None for the closing of a year, which has none."""
    try:
        return Period.parse(text)
    except BadPeriod:
        return None


def rankings(parks: QuerySet[Park], period: Period, own: Park | None) -> list[Table]:
    """A table for each assessed indicator and group of parks, in the regions of the parks that the reader sees."""
    lines = ScorecardLine.objects.filter(
        scorecard__period=str(period),
        scorecard__park__region__in=parks.values("region"),
        indicator__role=Indicator.Role.ASSESSED,
        indicator__listed=True,
    ).select_related("indicator", "scorecard__park__region")
    lines = lines.prefetch_related("slices")
    # A later scorecard of the same park and period replaces the one before.
    newest = {(line.indicator_id, line.scorecard.park_id): line for line in lines.order_by("scorecard_id")}
    visible = set(parks.values_list("pk", flat=True))
    ordered = sorted(newest.values(), key=_table_key)
    several = len({line.scorecard.park.region_id for line in ordered}) > 1
    return [
        _table(list(members), period, visible, own, several=several) for _key, members in groupby(ordered, _table_key)
    ]


def _table_key(line: ScorecardLine) -> tuple[int, str, str, str]:
    park = line.scorecard.park
    return line.indicator.order, line.indicator.code, park.region.code, park.group


def _table(
    lines: Sequence[ScorecardLine], period: Period, visible: set[int], own: Park | None, *, several: bool
) -> Table:
    park = lines[0].scorecard.park
    ordered = sorted(lines, key=lambda line: (line.rank is None, line.rank or 0, line.scorecard.park.code))
    done = [value for line in lines if (value := standing(line).completion) is not None and line.rank]
    title = "，".join(filter(None, [park.region.name if several else "", park.group]))
    return Table(
        indicator=lines[0].indicator,
        title=title,
        pace=next((line.time_progress for line in ordered if line.time_progress is not None), None),
        places=[_place(line, period, done, visible, own) for line in ordered],
    )


def _place(line: ScorecardLine, period: Period, done: Iterable[Fraction], visible: set[int], own: Park | None) -> Place:
    park = line.scorecard.park
    row = row_of(line, park, period)
    shown = park.pk in visible
    return Place(
        row=row,
        park=park,
        rank=str(line.rank) if line.rank else "—",
        gap=_gap(line, row.state.completion, done),
        url=row.url if shown else "",
        visible=shown,
        own=own is not None and own.pk == park.pk,
    )


def _gap(line: ScorecardLine, mine: Fraction | None, done: Iterable[Fraction]) -> str:
    """How many percentage points a park is behind the place before; “—” for the first and the unranked."""
    if mine is None or not line.rank:
        return "—"
    before = min((value for value in done if value > mine), default=None)
    return "—" if before is None else write_percent(before - mine, thresholds=())
