"""What pages show of a frozen content beside the sheet: the rows behind a figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from reports.changes import write_change
from reports.frozen import groups_of, lines_of, park_of
from reports.groups import Group, add_up
from reports.models import ScorecardLine
from reports.periods import Period, own_months
from reports.sources import SOURCES
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
    """A published figure with the rows that make it up; `agrees` is told by adding them up again."""

    line: ScorecardLine
    figure: str
    listed: str
    agrees: bool
    rows: list[Member]
    late: str = ""
    """By how much a month's own figure is more than its rows: what came late for earlier months, less what went."""


def members_of_figure(content: Mapping[str, Any], indicator: str, month: str = "") -> Members | None:
    """The rows behind a figure, or (`month` “own”) those of its last month; None where there is no such figure."""
    line = next((line for line in lines_of(content) if line.indicator.code == indicator), None)
    if line is None:
        return None
    groups, facts = groups_of(content, indicator), {m["code"]: m["facts"] for m in content["members"][indicator]}
    own = line.actual
    if month == "own":
        merged, period = park_of(content).region.merges_january_february, Period.parse(content["period"])
        months = {str(one) for one in own_months(period, merged=merged)}
        groups = [group for group in groups if _month(group) in months]
        own = _own(line, months)
    value, inexact = add_up(line.indicator.measure, groups)
    return Members(
        line=line,
        figure=write_value(line.indicator, own, line.inexact),
        listed=write_value(line.indicator, value, inexact),
        agrees=value == own,
        late=_late(line, own) if month == "own" else "",
        rows=[_member(line, group, facts[group.row]) for group in groups],
    )


def _own(line: ScorecardLine, months: set[str]) -> Fraction | None:
    """What the rows of the month come to; late rows of earlier months are in the month's figure only."""
    parts = [part.actual for part in line.parts if part.dimension == "month" and part.key in months]
    return sum(parts, Fraction(0)) if parts else line.month


def _late(line: ScorecardLine, own: Fraction | None) -> str:
    if line.month is None or own is None or line.month == own:
        return ""
    sign = "+" if line.month > own else "−"
    return sign + write_change(line.indicator, abs(line.month - own))


def _month(group: Group) -> str:
    year, month = divmod(group.booked - 1, 12)
    return f"{year:04d}-{month + 1:02d}"


def _member(line: ScorecardLine, group: Group, facts: Mapping[str, Any]) -> Member:
    value = add_up(line.indicator.measure, [group])[0]
    written = f"{write_value(line.indicator, value, group.inexact)}{line.indicator.display_unit}"
    return Member(group.row, facts["name"], _month(group), written, STAGES.get(group.stage, ""))
