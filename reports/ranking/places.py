"""The places of the parks for each assessed indicator, in groups, with the gap to the one before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from django.utils.translation import gettext as _

from parkportal.models import Park
from reports.models import Indicator, ScorecardLine
from reports.progress import ranks_of, standing
from reports.ranking.figures import Figures, change, group_title
from reports.rows import Row, row_of
from reports.words import write_distance, write_value


@dataclass(frozen=True)
class Place:
    """A park's line in a ranking; `url` is empty for parks whose rows the reader may not see.

    `before`, `change` and `moved` compare with another period: its figure, the difference, and how the place changed.
    """

    row: Row
    park: Park
    rank: str
    gap: str
    url: str
    visible: bool
    own: bool
    before: str = "—"
    change: str = "—"
    moved: str = "—"


@dataclass(frozen=True)
class Table:
    """The parks that are compared with each other for one indicator, best first."""

    indicator: Indicator
    title: str
    pace: Fraction | None
    places: list[Place]


def rankings(figures: Figures, against: Figures | None = None) -> list[Table]:
    """A table for each assessed indicator and group of parks."""
    ordered = sorted(figures.assessed, key=_table_key)
    earlier = against.by_key() if against else {}
    return [_table(list(lines), figures, earlier) for _key_of, lines in groupby(ordered, _table_key)]


def _table_key(line: ScorecardLine) -> tuple[int, str, str, str]:
    park = line.scorecard.park
    return line.indicator.order, line.indicator.code, park.region.code, park.group


def _table(lines: Sequence[ScorecardLine], figures: Figures, earlier: Mapping[tuple[int, int], ScorecardLine]) -> Table:
    now, before = ranks_of(lines), ranks_of([one for line in lines if (one := earlier.get(_key(line)))])
    ordered = sorted(lines, key=lambda line: (now.get(line.pk) or len(lines) + 1, line.scorecard.park.code))
    done = [value for line in lines if (value := standing(line).completion) is not None and line.rank]
    return Table(
        indicator=lines[0].indicator,
        title=group_title(lines[0].scorecard.park, several=figures.has_several_regions()),
        pace=next((line.time_progress for line in ordered if line.time_progress is not None), None),
        places=[_place(line, figures, done, earlier.get(_key(line)), {**before, **now}) for line in ordered],
    )


def _key(line: ScorecardLine) -> tuple[int, int]:
    return line.indicator_id, line.scorecard.park_id


def _place(
    line: ScorecardLine,
    figures: Figures,
    done: Iterable[Fraction],
    earlier: ScorecardLine | None,
    places: Mapping[int, int | None],
) -> Place:
    park = line.scorecard.park
    row = row_of(line, park, figures.period, line.scorecard.frozen_revision)
    past = earlier.actual if earlier else None
    return Place(
        row=row,
        park=park,
        rank=str(places.get(line.pk) or "—"),
        gap=_gap(line, row.state.completion, done),
        url=figures.url(line),
        visible=park.pk in figures.visible,
        own=figures.own is not None and figures.own.pk == park.pk,
        before=write_value(line.indicator, past, earlier.inexact if earlier else ""),
        change=change(line.indicator, line.actual, past),
        moved=_moved(places.get(line.pk), places.get(earlier.pk) if earlier else None),
    )


def _gap(line: ScorecardLine, mine: Fraction | None, done: Iterable[Fraction]) -> str:
    """How many points a park is behind the place before, never “0.0”; “—” for the first and the unranked."""
    if mine is None or not line.rank:
        return "—"
    before = min((value for value in done if value > mine), default=None)
    if before is None:
        return "—"
    return write_distance(before - mine)


def _moved(now: int | None, before: int | None) -> str:
    """“升2位”, “降1位”, “持平”; “—” where a place is missing in one of the periods."""
    if now is None or before is None:
        return "—"
    if now == before:
        return _("持平")
    return (_("升%(n)s位") if now < before else _("降%(n)s位")) % {"n": abs(before - now)}
