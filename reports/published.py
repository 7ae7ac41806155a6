"""What pages show of a frozen content beside the sheet: the rows behind a figure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from reports.changes import write_move
from reports.frozen import groups_of, lines_of, park_of
from reports.groups import Group, add_up
from reports.models import Indicator, ScorecardLine
from reports.periods import Period, own_months
from reports.sources import SOURCES, divides
from reports.tallies import first_entries
from reports.words import write_value

STAGES = {str(code): str(label) for code, label in SOURCES["projects"].model.Stage.choices}


@dataclass(frozen=True)
class Member:
    """A row as it was counted: what it is called, in which month, and how much of the figure it is."""

    code: str
    name: str
    month: str
    amount: str
    stage: str


@dataclass(frozen=True)
class Members:
    """A published figure, or a part of it, with the rows that make it up; `agrees` is told by adding them up again."""

    line: ScorecardLine
    part: str
    figure: str
    listed: str
    agrees: bool
    rows: list[Member]
    late: str = ""
    """By how much a month's own figure is more than its rows: what came late for earlier months, less what went."""


class Piece(NamedTuple):
    """A figure or a part of it: what it is called, what is stated of it, and which groups are in it."""

    part: str
    stated: Fraction | None
    holds: Callable[[Group], bool]


def members_of_figure(content: Mapping[str, Any], indicator: str, asked: Mapping[str, list[str]]) -> Members | None:
    """The rows behind a figure, or behind the part that an address asks for (reports.members.frozen_url).

    None where the content has no such figure, or an address names no month.
    """
    line = next((line for line in lines_of(content) if line.indicator.code == indicator), None)
    if line is None:
        return None
    own, facts = "own" in asked.get("month", ()), {m["code"]: m["facts"] for m in content["members"][indicator]}
    piece = _own_month(content, line) if own else _piece(line, asked)
    if piece is None:
        return None
    groups = [group for group in groups_of(content, indicator) if piece.holds(group)]
    value, inexact = add_up(line.indicator.measure, groups)
    return Members(
        line=line,
        part=piece.part,
        figure=write_value(line.indicator, piece.stated, line.inexact),
        listed=write_value(line.indicator, value, inexact),
        agrees=value == piece.stated,
        late=_late(line, piece.stated) if own else "",
        rows=[_member(line, group, facts[group.row]) for group in groups],
    )


def _own_month(content: Mapping[str, Any], line: ScorecardLine) -> Piece:
    """The rows that came in the month, 1—2月 together where the park reports them so.

    An enterprise comes once, and an average is of the rows that entered it in the month.
    """
    merged, period = park_of(content).region.merges_january_february, Period.parse(content["period"])
    months = {one.ordinal for one in own_months(period, merged=merged)}
    if not divides(line.indicator):
        return Piece(_("当月"), line.month, lambda group: group.entered in months)
    came = groups_of(content, line.indicator.code)
    if line.indicator.measure == Indicator.Measure.DISTINCT:
        came = first_entries(came)
    rows = {group.row for group in came if group.booked in months}
    parts = [
        part.actual for part in line.parts if part.dimension == "month" and Period.parse(part.key).ordinal in months
    ]
    return Piece(_("当月"), sum(parts, Fraction(0)), lambda group: group.row in rows)


def _piece(line: ScorecardLine, asked: Mapping[str, list[str]]) -> Piece | None:
    """The part by chain or stage, or of what had come by a month; the whole figure where none of them is asked for.

    None where there is no such part: averages have none, and one enterprise may be in two chains.
    """
    if {"chain", "stage", "until"} & set(asked) and not divides(line.indicator):
        return None
    dimension = next((name for name in ("chain", "stage") if name in asked), "")
    if dimension:
        return _division(line, dimension, asked[dimension])
    if "until" in asked:
        return _until(line, asked["until"][-1])
    return Piece("", line.actual, lambda group: True)


def _division(line: ScorecardLine, dimension: str, keys: list[str]) -> Piece | None:
    """The figure of some chains or stages; one of which it has no part is 0."""
    if len(keys) > 1 and line.indicator.measure == Indicator.Measure.DISTINCT:
        return None
    parts = {part.key: part for part in line.parts if part.dimension == dimension}
    label = "、".join(parts[key].name if key in parts else STAGES.get(key, key) for key in keys)
    stated = sum((parts[key].actual for key in {*keys} & {*parts}), Fraction(0))
    return Piece(label, stated, lambda group: getattr(group, dimension) in keys)


def _until(line: ScorecardLine, text: str) -> Piece | None:
    """What had come by the end of a month; None where the text names none."""
    try:
        month = Period.parse(text)
    except ValueError:
        return None
    came = [part.actual for part in line.parts if part.dimension == "month" and part.key <= str(month)]
    label = _("截至%(year)s年%(month)s月") % {"year": month.year, "month": month.month}
    return Piece(label, sum(came, Fraction(0)), lambda group: _month(group) <= str(month))


def _late(line: ScorecardLine, own: Fraction | None) -> str:
    if line.month is None or own is None or line.month == own:
        return ""
    return write_move(line.indicator, line.month - own)


def _month(group: Group) -> str:
    year, month = divmod(group.booked - 1, 12)
    return f"{year:04d}-{month + 1:02d}"


def _member(line: ScorecardLine, group: Group, facts: Mapping[str, Any]) -> Member:
    value = add_up(line.indicator.measure, [group])[0]
    written = f"{write_value(line.indicator, value, group.inexact)}{line.indicator.display_unit}"
    return Member(group.row, facts["name"], _month(group), written, STAGES.get(group.stage, ""))
