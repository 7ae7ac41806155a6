"""变动表: by which rows, targets and headings two contents of a scorecard differ, and what that does to each figure.

Pure: both sides are contents (freezing.content_of), of two months, of two revisions, or of December and the closing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.frozen import groups_of, lines_of
from reports.groups import Group, add_up
from reports.models import Indicator, ScorecardLine
from reports.periods import Period
from reports.sources import REPORTED
from reports.words import write_value

Content = Mapping[str, Any]
ADDITIVE: Final = {Indicator.Measure.COUNT, Indicator.Measure.SUM}


class Kind(TextChoices):
    """What happened to a row between two scorecards."""

    NEW = "new", gettext_lazy("新增")
    LATE = "late", gettext_lazy("补报")
    STRUCK = "struck", gettext_lazy("核减")
    CHANGED = "changed", gettext_lazy("更正")
    TARGET = "target", gettext_lazy("目标调整")


@dataclass(frozen=True)
class Effect:
    """What one difference does to one figure, in the indicator's unit; None where figures do not add up by rows."""

    indicator: Indicator
    before: Fraction | None
    after: Fraction | None

    @property
    def amount(self) -> Fraction | None:
        """By how much the figure moves."""
        if self.indicator.measure not in ADDITIVE:
            return None
        return (self.after or Fraction(0)) - (self.before or Fraction(0))

    @property
    def text(self) -> str:
        """“签约亿元以上产业项目数+1个”, or from what to what."""
        if self.amount is None:
            return str(self.indicator.name)
        if not self.amount:
            return _("%(name)s不变") % {"name": self.indicator.name}
        sign = "+" if self.amount > 0 else "−"
        written = write_value(self.indicator, abs(self.amount), strip=True)
        return f"{self.indicator.name}{sign}{written}{self.indicator.display_unit}"


@dataclass(frozen=True)
class Difference:
    """One row (or target) that two scorecards do not share as it is, with its effect on each figure."""

    key: str
    kind: Kind
    code: str
    name: str
    effects: list[Effect] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The effects in one clause."""
        return "；".join(effect.text for effect in self.effects)


def differences(before: Content, after: Content) -> list[Difference]:
    """What changed from one content to the other, rows in code order, then targets."""
    lines = {line.indicator.code: line for line in (*lines_of(before), *lines_of(after))}
    rows: dict[str, list[tuple[Kind, Effect]]] = {}
    for line in (lines[code] for code in sorted(lines)):
        for row, kind, effect in _by_row(line.indicator, before, after):
            rows.setdefault(row, []).append((kind, effect))
    names = _names(before) | _names(after)
    found = [_difference(row, names.get(row, row), said) for row, said in sorted(rows.items())]
    return [*found, *_reported(before, after), *_targets(before, after)]


def _difference(row: str, name: str, said: list[tuple[Kind, Effect]]) -> Difference:
    """One row may be new to one figure and changed in another: it is named by the gravest."""
    kinds = [kind for kind, _effect in said]
    kind = max(kinds, key=[Kind.NEW, Kind.CHANGED, Kind.LATE, Kind.STRUCK].index)
    return Difference(row, kind, row, name, [effect for _kind, effect in said])


def _by_row(indicator: Indicator, before: Content, after: Content) -> Iterator[tuple[str, Kind, Effect]]:
    old, new = ({g.row: g for g in groups_of(content, indicator.code)} for content in (before, after))
    last = Period.parse(before["period"]).ordinal
    for row in sorted(old.keys() | new.keys()):
        one, other = _value(indicator, old.get(row)), _value(indicator, new.get(row))
        if row not in old:
            late = new[row].booked <= last
            yield row, Kind.LATE if late else Kind.NEW, Effect(indicator, None, other)
        elif row not in new:
            yield row, Kind.STRUCK, Effect(indicator, one, None)
        elif _said(old[row]) != _said(new[row]):
            yield row, Kind.CHANGED, Effect(indicator, one, other)


def _said(group: Group) -> tuple[Any, ...]:
    """What a row counts and where: its stage may move on without the figure being another."""
    return group.numerator, group.denominator, group.bp, group.inexact, group.booked, group.key, group.chain


def _value(indicator: Indicator, group: Group | None) -> Fraction | None:
    return add_up(indicator.measure, [group])[0] if group else None


def _names(content: Content) -> dict[str, str]:
    return {member["code"]: member["facts"]["name"] for listed in content["members"].values() for member in listed}


def _reported(before: Content, after: Content) -> Iterator[Difference]:
    """What authorities confirmed otherwise; of the same months only, as it grows by itself."""
    if Period.parse(before["period"]).month != Period.parse(after["period"]).month:
        return
    old, new = ({line.indicator.code: line for line in lines_of(content)} for content in (before, after))
    for code in sorted(old.keys() & new.keys()):
        one, other = old[code], new[code]
        if one.reported != other.reported:
            name = _("%(name)s（部门反馈数）") % {"name": other.indicator.name}
            moved = (one.actual, other.actual) if other.indicator.source == REPORTED else (None, None)
            yield Difference(f"reported:{code}", Kind.CHANGED, code, name, [Effect(other.indicator, *moved)])


def _targets(before: Content, after: Content) -> Iterator[Difference]:
    old, new = ({line.indicator.code: line for line in lines_of(content)} for content in (before, after))
    paced = Period.parse(before["period"]).month == Period.parse(after["period"]).month
    for code in sorted(old.keys() & new.keys()):
        one, other = old[code], new[code]
        if _demand(one, paced) != _demand(other, paced):
            effect = Effect(other.indicator, None, None)
            same = (one.target, one.target_document) == (other.target, other.target_document)
            values = (one.pace, other.pace) if same else (one.target, other.target)
            said = dict(zip(("old", "new"), (write_value(one.indicator, n, strip=True) for n in values), strict=True))
            words = _("%(name)s序时目标%(old)s→%(new)s") if same else _("%(name)s目标%(old)s→%(new)s")
            name = words % {"name": other.indicator.name, **said}
            yield Difference(f"target:{code}", Kind.TARGET, code, name, [effect])


def _demand(line: ScorecardLine, paced: bool) -> tuple[Any, ...]:
    """What was asked of the year; the pace too where both sides end with the same month, as it grows by itself."""
    return line.target, line.target_document, line.pace if paced else None
