"""A target in its indicator's unit: as people type it, as it is stored, and as it is told."""

import re
import unicodedata
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext as _

from parkportal.writing import (
    MOST_COUNT,
    YUAN_PER_WAN,
    YUAN_PER_YI,
    Unreadable,
    clean_text,
    read_count,
    read_money,
    round_half_up,
    write_money,
    write_number,
    write_period,
)
from reports.models import Indicator

MONEY_UNITS: Final = frozenset({"元", "万元", "亿元", "美元", "万美元"})
PARTS: Final[dict[str, tuple[int, int]]] = {"%": (100, 10_000), "天": (10, 10)}
"""By display unit: how many parts of a typed unit are stored, and by what the stored number is divided."""
SCALES: Final = {"亿元": YUAN_PER_YI, "万元": YUAN_PER_WAN, "万美元": YUAN_PER_WAN}
ALL_DECIMALS: Final = 8
"""Enough to write each yuan of an amount in 亿元."""


def denominator_of(indicator: Indicator) -> int:
    """What a stored target is divided by: 10,000 for rates, 10 for days, else 1."""
    return PARTS.get(indicator.display_unit, (1, 1))[1]


def gap_of(indicator: Indicator, confirmed: Fraction, own: Fraction) -> Fraction:
    """By how much a confirmed figure is more than the ledger's, in the indicator's unit.

    Rates and days are compared to the decimals that can be typed.
    """
    parts = denominator_of(indicator)
    if parts > 1 and (confirmed * parts).denominator == 1:
        own = Fraction(round_half_up(own * parts)) / parts
    return confirmed - own


def read_amount(indicator: Indicator, text: str, what: str = "") -> int:
    """A target as it is stored, from what somebody typed in the display unit; Unreadable for anything else.

    `what` names the number in the sentence where it is no target.
    """
    unit = indicator.display_unit
    if unit in MONEY_UNITS:
        return read_money(text, unit)
    if unit in PARTS:
        return _read_parts(text, unit)
    count, qualifier = read_count(text)
    if qualifier != "exact":
        sentence = _("%(what)s应是确数，现在是“%(text)s”，请去掉约数的说法")
        raise Unreadable(sentence % {"what": what or _("目标"), "text": clean_text(text)})
    return count


def _read_parts(text: str, unit: str) -> int:
    shown = clean_text(text)
    typed = "".join(unicodedata.normalize("NFKC", shown).split())
    found = re.fullmatch(r"((?:[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,9})(?:\.[0-9]{1,9})?)[%天]?", typed)
    stored = Fraction(found[1].replace(",", "")) * PARTS[unit][0] if found else None
    if stored is None or stored.denominator != 1 or stored > MOST_COUNT:
        decimals = len(str(PARTS[unit][0])) - 1
        sentence = _("“%(text)s”不是一个以%(unit)s为单位的数，请写成“85”或“85.5”这样，小数最多%(n)s位")
        raise Unreadable(sentence % {"text": shown, "unit": unit, "n": decimals})
    return int(stored)


def read_annual(indicator: Indicator, text: str) -> int:
    """A year's target as it is stored; Unreadable for anything else, and for 0, which demands nothing."""
    annual = read_amount(indicator, text)
    if not annual:
        raise Unreadable(_("年度目标应大于0；没有目标的不用填"))
    return annual


def in_display_unit(indicator: Indicator, value: Fraction) -> Fraction:
    """A figure in the unit that pages print: yuan in 亿元, a rate in %."""
    if indicator.display_unit == "%":
        return value * 100
    return value / (SCALES.get(indicator.display_unit, 1) if indicator.display_unit in MONEY_UNITS else 1)


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
