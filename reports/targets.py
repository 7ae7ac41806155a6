"""Targets: how one is read and written in its indicator's unit, and how it is set, changed and withdrawn."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Park
from parkportal.trace import Actor, Diff
from parkportal.writing import (
    MOST_COUNT,
    Unreadable,
    clean_text,
    read_count,
    read_money,
    write_money,
    write_number,
    write_period,
)
from reports.models import Indicator, Target
from reports.progress import has_pace

MONEY_UNITS: Final = frozenset({"元", "万元", "亿元", "美元", "万美元"})
PARTS: Final[dict[str, tuple[int, int]]] = {"%": (100, 10_000), "天": (10, 10)}
"""By display unit: how many parts of a typed unit are stored, and by what the stored number is divided."""
ALL_DECIMALS: Final = 8
"""Enough to write each yuan of an amount in 亿元."""


def denominator_of(indicator: Indicator) -> int:
    """What a stored target is divided by: 10,000 for rates, 10 for days, else 1."""
    return PARTS.get(indicator.display_unit, (1, 1))[1]


def read_amount(indicator: Indicator, text: str) -> int:
    """A target as it is stored, from what somebody typed in the display unit; Unreadable for anything else."""
    unit = indicator.display_unit
    if unit in MONEY_UNITS:
        return read_money(text, unit)
    if unit in PARTS:
        return _read_parts(text, unit)
    count, qualifier = read_count(text)
    if qualifier != "exact":
        raise Unreadable(_("目标应是确数，现在是“%(text)s”，请去掉约数的说法") % {"text": clean_text(text)})
    return count


def _read_parts(text: str, unit: str) -> int:
    shown = clean_text(text)
    found = re.fullmatch(r"((?:[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,9})(?:\.[0-9]{1,9})?) ?[%％天]?", shown)
    stored = Fraction(found[1].replace(",", "")) * PARTS[unit][0] if found else None
    if stored is None or stored.denominator != 1 or stored > MOST_COUNT:
        decimals = len(str(PARTS[unit][0])) - 1
        sentence = _("“%(text)s”不是一个以%(unit)s为单位的数，请写成“85”或“85.5”这样，小数最多%(n)s位")
        raise Unreadable(sentence % {"text": shown, "unit": unit, "n": decimals})
    return int(stored)


def write_amount(indicator: Indicator, stored: int) -> str:
    """A stored target in the display unit, without the unit and without rounding: it can be read again."""
    unit = indicator.display_unit
    if unit in MONEY_UNITS:
        return write_money(stored, unit, ALL_DECIMALS, strip=True)
    return write_number(Fraction(stored, PARTS.get(unit, (1, 1))[0]), 2, strip=True)


def say_amount(indicator: Indicator, stored: int) -> str:
    """A stored target with its unit: “12个”, “3.5亿元”."""
    return f"{write_amount(indicator, stored)}{indicator.display_unit}"


def say_basis(basis: str) -> str:
    """Which months the document names: “全年” or “1—9月”."""
    return _("全年") if basis == "annual" else write_period(2000, int(basis))


def curve_mistakes(indicator: Indicator, annual: int, curve: Sequence[int]) -> list[str]:
    """Sentences against a cumulative target by month: twelve numbers that never fall and end with the annual one."""
    if not curve:
        return []
    if not has_pace(indicator, Target(annual=annual, denominator=denominator_of(indicator))):
        return [_("这个指标不设序时进度，不用填分月累计目标。")]
    if len(curve) != 12:
        return [_("分月累计目标应有12个月，现在是%(n)s个。") % {"n": len(curve)}]
    said = [say_amount(indicator, value) for value in curve]
    falls = _("%(month)s月累计目标%(now)s少于%(before)s月的%(then)s，累计数不能减少。")
    found = [
        falls % {"month": n + 1, "now": said[n], "before": n, "then": said[n - 1]}
        for n in range(1, 12)
        if curve[n] < curve[n - 1]
    ]
    if curve[-1] != annual:
        ends = _("12月累计目标应等于年度目标%(annual)s，现在是%(now)s。")
        found.append(ends % {"annual": say_amount(indicator, annual), "now": said[-1]})
    return found


def target_set(
    *,
    by: Actor,
    park: Park,
    indicator: Indicator,
    year: int,
    values: Mapping[str, Any],
    level: str = Target.Level.CITY,
    version: int | None = None,
) -> Target:
    """Set or change a park's target of a year and level; StaleVersion where somebody was first.

    `version` 0 says that the writer has seen none. ValidationError for a curve that does not fit.
    """
    with trace.changes(by=by) as ledger:
        target = Target.objects.filter(
            park=park, indicator=indicator, year=year, level=level, deleted_at__isnull=True
        ).first()
        if target is None:
            target = Target(park=park, indicator=indicator, year=year, level=level, **_checked(indicator, values))
            target.code = trace.next_code(park, "m", year)
            ledger.create(target)
        else:
            ledger.update(target, _checked(indicator, values, target), version)
    return target


def target_update(*, by: Actor, target: Target, version: int, values: Mapping[str, Any]) -> Diff:
    """Change a target; park, indicator, year and level stay. StaleVersion where somebody was first."""
    with trace.changes(by=by) as ledger:
        return ledger.update(target, _checked(target.indicator, values, target), version)


def target_withdraw(*, by: Actor, target: Target, version: int) -> Diff:
    """Take a target back; StaleVersion where somebody changed it meanwhile."""
    with trace.changes(by=by) as ledger:
        return ledger.withdraw(target, version)


def _checked(indicator: Indicator, values: Mapping[str, Any], before: Target | None = None) -> dict[str, Any]:
    """The columns with the denominator of the indicator; ValidationError for a curve that does not fit."""
    annual = values.get("annual", before.annual if before else 0)
    mistakes = curve_mistakes(indicator, annual, values.get("curve", before.curve if before else []))
    if mistakes:
        raise ValidationError(mistakes)
    return {"denominator": denominator_of(indicator)} | dict(values)
