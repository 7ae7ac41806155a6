"""变动表: by which rows, targets and headings two contents of a scorecard differ, and what that does to each figure.

Pure: both sides are contents (freezing.content_of), of two months, of two revisions, or of December and the closing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
from reports.reported_figures import write_gap
from reports.sources import REPORTED
from reports.words import shows, write_value

Content = Mapping[str, Any]
Lines = Sequence[tuple[ScorecardLine, ScorecardLine]]
"""The lines of two contents that tell of the same indicators, the earlier ones first."""
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
        return f"{self.indicator.name}{write_move(self.indicator, self.amount)}"


def write_change(indicator: Indicator, amount: Fraction) -> str:
    """By how much a figure moves, with its unit, as figures are printed; what would print as 0 is written out."""
    written = write_value(indicator, amount, strip=True)
    return f"{written}{indicator.display_unit}" if shows(written) or not amount else write_gap(indicator, amount)


def write_move(indicator: Indicator, amount: Fraction) -> str:
    """The same with its sign: “+2个”, “−1.5亿元”."""
    return ("+" if amount > 0 else "−") + write_change(indicator, abs(amount))


@dataclass(frozen=True)
class Difference:
    """One row (or target) that two scorecards do not share as it is, with its effect on each figure."""

    key: str
    kind: Kind
    code: str
    name: str
    effects: list[Effect] = field(default_factory=list)
    moved: str = ""
    """What else became of a row that counts as before, such as the month that it is booked in."""

    @property
    def text(self) -> str:
        """In one clause the figures that move, those of 附件1 before those that only rates are made of."""
        moving = [one for one in self.effects if one.amount != 0] or self.effects[:1]
        said = [one for one in moving if one.indicator.listed] or moving
        return "；".join(filter(None, [*(effect.text for effect in said), self.moved]))


def differences(before: Content, after: Content) -> list[Difference]:
    """What changed from one content to the other: rows in code order, then what authorities confirmed, then targets.

    Of the same months also the indicators that came or went, and what moved of a figure without its rows.
    """
    lines = _both(before, after)
    rows: dict[str, list[tuple[Kind, Effect]]] = {}
    moved: dict[str, str] = {}
    for line, _other in lines:
        for row, kind, effect in _by_row(line.indicator, before, after):
            rows.setdefault(row, []).append((kind, effect))
        moved = _moved(line.indicator, before, after) | moved
    names = _names(before) | _names(after)
    found = [_difference(row, names.get(row, row), said, moved.get(row, "")) for row, said in sorted(rows.items())]
    if not _same_months(before, after):
        return [*found, *_targets(lines, paced=False)]
    told = [*found, *_reported(lines), *_targets(lines, paced=True)]
    named = {effect.indicator.code for one in told for effect in one.effects}
    corrected = _figures(before, after, lines, named) if before["period"] == after["period"] else []
    return [*told, *_indicators(before, after), *corrected]


def _same_months(before: Content, after: Content) -> bool:
    """Whether both end with the same month, as two revisions do, or December and the closing of its year."""
    return Period.parse(before["period"]).month == Period.parse(after["period"]).month


def _both(before: Content, after: Content) -> list[tuple[ScorecardLine, ScorecardLine]]:
    """The lines of the indicators that both have; one that is new, or is no more, says nothing of its rows."""
    old = {line.indicator.code: line for line in lines_of(before)}
    return [(old[line.indicator.code], line) for line in lines_of(after) if line.indicator.code in old]


def _difference(row: str, name: str, said: list[tuple[Kind, Effect]], moved: str) -> Difference:
    """One row may be new to one figure and changed in another: it is named by the gravest."""
    kinds = [kind for kind, _effect in said]
    kind = max(kinds, key=[Kind.NEW, Kind.CHANGED, Kind.LATE, Kind.STRUCK].index)
    return Difference(row, kind, row, name, [effect for _kind, effect in said], moved)


def _by_row(indicator: Indicator, before: Content, after: Content) -> Iterator[tuple[str, Kind, Effect]]:
    old, new = ({g.row: g for g in groups_of(content, indicator.code)} for content in (before, after))
    last = Period.parse(before["period"]).ordinal
    for row in sorted(old.keys() | new.keys()):
        one, other = _value(indicator, old.get(row)), _value(indicator, new.get(row))
        if row not in old:
            late = new[row].entered <= last
            yield row, Kind.LATE if late else Kind.NEW, Effect(indicator, None, other)
        elif row not in new:
            yield row, Kind.STRUCK, Effect(indicator, one, None)
        elif _said(old[row]) != _said(new[row]):
            yield row, Kind.CHANGED, Effect(indicator, one, other)


def _moved(indicator: Indicator, before: Content, after: Content) -> dict[str, str]:
    """By row that both count, between which months it was booked over; nothing for those that stay.

    Between two years nothing: a year books all that came before it in its last December.
    """
    if Period.parse(before["period"]).year != Period.parse(after["period"]).year:
        return {}
    old, new = ({g.row: g for g in groups_of(content, indicator.code)} for content in (before, after))
    both = [(row, old[row].booked, new[row].booked) for row in old.keys() & new.keys()]
    return {row: _("计入%(old)s→%(new)s") % _months(one, other) for row, one, other in both if one != other}


def _months(old: int, new: int) -> dict[str, str]:
    """Two months by their ordinals, as “4月” within a year, else as “2020-12”."""
    one, other = Period.from_ordinal(old), Period.from_ordinal(new)
    if one.year != other.year:
        return {"old": str(one), "new": str(other)}
    return {name: _("%(month)s月") % {"month": p.month} for name, p in (("old", one), ("new", other))}


def _indicators(before: Content, after: Content) -> Iterator[Difference]:
    """The indicators that only one side has."""
    old, new = ({line.indicator.code: line for line in lines_of(content)} for content in (before, after))
    for code in sorted(old.keys() ^ new.keys()):
        line = new.get(code) or old[code]
        gone = code in old
        words = _("%(name)s（不再统计）") if gone else _("%(name)s（新增指标）")
        values = (line.actual, None) if gone else (None, line.actual)
        name = words % {"name": line.indicator.name}
        yield Difference(f"indicator:{code}", Kind.CHANGED, code, name, [Effect(line.indicator, *values)])


def _figures(before: Content, after: Content, lines: Lines, named: Collection[str]) -> Iterator[Difference]:
    """What else moved of a figure than its rows, 反馈数 and target explain: what it is held against, and its place."""
    for old, new in lines:
        indicator = new.indicator
        untouched = indicator.code not in named and old.actual == new.actual
        said = [_moved_value(_("上年同期"), indicator, old.previous, new.previous)]
        if indicator.measure in ADDITIVE and _base_moved(before, after, old, new):
            said.append(_moved_value(_("上期累计"), indicator, _base(old), _base(new)))
        if untouched or len(said) > 1:
            said.append(_moved_value(_("当月"), indicator, old.month, new.month))
        if untouched and (old.rank, old.ranked) != (new.rank, new.ranked):
            said.append(_("位次%(old)s→%(new)s") % {"old": _place(old), "new": _place(new)})
        if untouched and old.light != new.light:
            said.append(f"{old.get_light_display()}→{new.get_light_display()}")
        if clauses := "，".join(filter(None, said)):
            yield Difference(f"figure:{indicator.code}", Kind.CHANGED, indicator.code, indicator.name, [], clauses)


def _base_moved(before: Content, after: Content, old: ScorecardLine, new: ScorecardLine) -> bool:
    """Whether the base of the month's own moved otherwise than its rows did: it was published anew meanwhile.

    Rows that are struck are in the base or not: a project may have ended in the month itself.
    """
    if old.month is None or new.month is None:
        return False
    period = Period.parse(after["period"])
    base = period.ordinal if period.closing else period.ordinal - 1
    one, other = (groups_of(content, new.indicator.code) for content in (before, after))
    kept = {group.row for group in other}
    rest = _sum(new.indicator, (group for group in one if group.counts(base) and group.row in kept))
    struck = _sum(new.indicator, (group for group in one if group.counts(base) and group.row not in kept))
    by_rows = _sum(new.indicator, (group for group in other if group.counts(base))) - rest
    moved = _base(new) - _base(old)
    return bool(moved) and not by_rows - struck <= moved <= by_rows


def _base(line: ScorecardLine) -> Fraction:
    """The cumulative less the month's own."""
    return (line.actual or Fraction(0)) - (line.month or Fraction(0))


def _sum(indicator: Indicator, groups: Iterable[Group]) -> Fraction:
    return add_up(indicator.measure, list(groups))[0] or Fraction(0)


def _moved_value(label: str, indicator: Indicator, old: Fraction | None, new: Fraction | None) -> str:
    """“当月1→0”; empty for what stays."""
    values = {"old": write_value(indicator, old, strip=True), "new": write_value(indicator, new, strip=True)}
    return _("%(label)s%(old)s→%(new)s") % {"label": label, **values} if old != new else ""


def _place(line: ScorecardLine) -> str:
    return f"{line.rank or '—'}/{line.ranked or '—'}"


def _said(group: Group) -> tuple[Any, ...]:
    """What a row counts and where: its stage may move on without the figure being another."""
    return group.numerator, group.denominator, group.bp, group.inexact, group.booked, group.key, group.chain


def _value(indicator: Indicator, group: Group | None) -> Fraction | None:
    return add_up(indicator.measure, [group])[0] if group else None


def _names(content: Content) -> dict[str, str]:
    return {member["code"]: member["facts"]["name"] for listed in content["members"].values() for member in listed}


def _reported(lines: Lines) -> Iterator[Difference]:
    """What authorities confirmed otherwise; of the same months only, as it grows by itself."""
    for one, other in lines:
        code = other.indicator.code
        if one.reported != other.reported:
            name = _("%(name)s（部门反馈数）") % {"name": other.indicator.name}
            moved = (one.actual, other.actual) if other.indicator.source == REPORTED else (None, None)
            yield Difference(f"reported:{code}", Kind.CHANGED, code, name, [Effect(other.indicator, *moved)])


def _targets(lines: Lines, *, paced: bool) -> Iterator[Difference]:
    for one, other in lines:
        code = other.indicator.code
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
