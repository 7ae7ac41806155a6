"""The city at a glance: every park and every listed indicator with its lamp, and who has not begun."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from parkportal.models import Park
from parkportal.writing import write_percent
from reports.groups import INEXACT
from reports.models import Indicator, ScorecardLine
from reports.progress import standing, thresholds
from reports.ranking.figures import Figures, change, group_title
from reports.words import write_value

ADDED = frozenset({Indicator.Measure.COUNT, Indicator.Measure.SUM})


@dataclass(frozen=True)
class Cell:
    """One figure of one park; `light` is empty for indicators without lamps, `rate` without a completion."""

    indicator: Indicator
    text: str
    url: str = ""
    light: str = ""
    light_text: str = ""
    rate: str = ""
    change: str = ""


@dataclass(frozen=True)
class ParkRow:
    """A park and its figures in the order of the columns."""

    park: Park
    visible: bool
    own: bool
    cells: list[Cell]


@dataclass(frozen=True)
class Matrix:
    """Parks in their groups (title, rows) beside the listed indicators, with what all of them make together."""

    columns: list[Indicator]
    groups: list[tuple[str, list[ParkRow]]]
    totals: list[Cell]


def matrix(figures: Figures, against: Figures | None = None) -> Matrix:
    """Lay out a period; with another one, each figure says how far it is from that."""
    indicators = {line.indicator_id: line.indicator for line in figures.lines}
    columns = sorted(indicators.values(), key=lambda i: (not i.is_assessed, i.order, i.code))
    parks = sorted({line.scorecard.park for line in figures.lines}, key=lambda p: (p.region.code, p.group, p.code))
    several, now = figures.has_several_regions(), figures.by_key()
    earlier = against.by_key() if against else None
    groups = [
        (title, [_row(park, columns, figures, now, earlier) for park in members])
        for title, members in groupby(parks, lambda park: group_title(park, several=several))
    ]
    return Matrix(columns, groups, [_total(column, figures) for column in columns])


Lines = Mapping[tuple[int, int], ScorecardLine]


def _row(park: Park, columns: Sequence[Indicator], figures: Figures, now: Lines, earlier: Lines | None) -> ParkRow:
    cells = [_cell(column, now.get((column.pk, park.pk)), figures, earlier) for column in columns]
    own = figures.own is not None and figures.own.pk == park.pk
    return ParkRow(park, park.pk in figures.visible, own, cells)


def _cell(indicator: Indicator, line: ScorecardLine | None, figures: Figures, earlier: Lines | None) -> Cell:
    if line is None:
        return Cell(indicator, "—")
    past = earlier.get((indicator.pk, line.scorecard.park_id)) if earlier is not None else None
    done = standing(line).completion
    return Cell(
        indicator,
        text=write_value(indicator, line.actual, line.inexact),
        url=figures.url(line),
        light=str(line.light) if indicator.is_assessed else "",
        light_text=line.get_light_display() if line.light != "none" or line.target is None else "",
        rate="" if done is None else f"{write_percent(done, thresholds=thresholds(line))}%",
        change="" if earlier is None else change(indicator, line.actual, past.actual if past else None),
    )


def _total(indicator: Indicator, figures: Figures) -> Cell:
    """What the parks make together; averages, rates and enterprises that two parks may share do not add up."""
    lines = [line for line in figures.lines if line.indicator_id == indicator.pk and line.actual is not None]
    if indicator.measure not in ADDED or not lines:
        return Cell(indicator, "—")
    inexact = max((line.inexact for line in lines), key=INEXACT.index)
    whole = sum((line.actual for line in lines if line.actual is not None), Fraction(0))
    return Cell(indicator, write_value(indicator, whole, inexact))


def zeros(figures: Figures) -> list[tuple[Indicator, list[tuple[Park, bool]]]]:
    """未破零单位: for each assessed indicator the parks whose figure is 0, and whether the reader may open them.

    Where less is better, 0 is the best there is and nobody is named.
    """
    lines = [line for line in figures.assessed if line.indicator.direction != Indicator.Direction.LESS]
    found: dict[Indicator, list[tuple[Park, bool]]] = {line.indicator: [] for line in lines}
    for line in sorted(lines, key=lambda line: (line.indicator.order, line.scorecard.park.code)):
        if line.actual == 0:
            found[line.indicator].append((line.scorecard.park, line.scorecard.park_id in figures.visible))
    return [(indicator, parks) for indicator, parks in found.items() if parks]
