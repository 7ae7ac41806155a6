"""How money, percentages, counts and dates are written for people and read from what people type.

Figures are integers and fractions from end to end; a float appears only where JSON needs a number. What is written goes
into Chinese documents and is therefore never translated; the sentences of `Unreadable` are.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from django.utils.translation import gettext as _

YUAN_PER_WAN = 10_000
YUAN_PER_YI = 100_000_000
# 100万亿元, which times 10,000 basis points still fits the 64 bits of a database integer.
MOST_YUAN = 10**14
MOST_COUNT = 2**31 - 1

QUALIFIERS = ("exact", "over", "at_least", "near", "about")
PRECISIONS = ("day", "ten_day", "month", "quarter", "half", "year")
NOTHING = "—"

_UNITS = {"元": 1, "万元": YUAN_PER_WAN, "亿元": YUAN_PER_YI, "美元": 1, "万美元": 10_000}


class Unreadable(ValueError):
    """What somebody typed cannot be read; the message says what is wrong and how to mend it."""


def round_half_up(value: Fraction | int, decimals: int = 0) -> Decimal:
    """Return `value` with exactly that many decimals, halves rounded away from zero."""
    scaled = abs(Fraction(value)) * 10**decimals
    whole = floor(scaled + Fraction(1, 2))
    return Decimal(f"{-whole if value < 0 else whole}E-{decimals}")


def _print(number: Decimal, *, strip: bool = False, plus: bool = False) -> str:
    """Return a decimal with thousands separators and a true minus sign."""
    text = f"{number:,f}"
    if strip and "." in text:
        text = text.rstrip("0").rstrip(".")
    return ("+" if plus and number > 0 else "") + text.replace("-", "−")


def write_number(value: Fraction | int | None, decimals: int = 0, *, strip: bool = False) -> str:
    """Return “1,234.5”, “−3”, or “—” for the unknown; `strip` drops zeros at the end of the decimals."""
    return NOTHING if value is None else _print(round_half_up(value, decimals), strip=strip)


def write_signed(value: Fraction | int | None, decimals: int = 0) -> str:
    """Return “+6”, “−3”, “0”, or “—” for the unknown."""
    return NOTHING if value is None else _print(round_half_up(value, decimals), plus=True)


def write_money(
    yuan: Fraction | int | None, unit: str = "亿元", decimals: int | None = None, *, strip: bool = False
) -> str:
    """Return an amount of yuan (or dollars, for their units) in `unit`, without the unit; `strip` as in `write_number`.

    Unless told otherwise 亿元 has one decimal and the smaller units print all that is stored, so that 9,999.99万元 is
    never shown as the 10,000万元 that would count.
    """
    amount = None if yuan is None else Fraction(yuan) / _UNITS[unit]
    if decimals is None and unit != "亿元":
        return write_number(amount, 4, strip=True)
    return write_number(amount, 1 if decimals is None else decimals, strip=strip)


def write_money_with_unit(yuan: Fraction | int | None, *, detail: bool = False) -> str:
    """Return “3.0亿元”, or “500万元” below 0.1亿元; in `detail` a second decimal where it is not 0, “3.25亿元”."""
    if yuan is None:
        return NOTHING
    if abs(Fraction(yuan)) * 10 < YUAN_PER_YI:
        return write_money(yuan, "万元") + "万元"
    fine = write_money(yuan, "亿元", 2)
    return (fine if detail and not fine.endswith("0") else write_money(yuan)) + "亿元"


def _percent(value: Fraction, thresholds: Iterable[Fraction | int]) -> Decimal:
    """Return the percentage with one decimal, rounded down where rounding would reach a threshold wrongly."""
    rounded = round_half_up(value * 100, 1)
    shown = Fraction(rounded) / 100
    if any(value < threshold <= shown for threshold in thresholds):
        return Decimal(f"{floor(value * 1000)}E-1")
    return rounded


def write_percent(value: Fraction | None, *, thresholds: Iterable[Fraction | int] = (1,)) -> str:
    """Return a ratio as “150.0”; with the threshold 3/4, 0.7496 is “74.9”, so that number and lamp never disagree."""
    return NOTHING if value is None else _print(_percent(value, thresholds))


def percent_value(value: Fraction | None, *, thresholds: Iterable[Fraction | int] = (1,)) -> float | None:
    """Return what `write_percent` prints as the number that REST sends, 150.0; for points the threshold is 0."""
    return None if value is None else float(_percent(value, thresholds))


def write_points(value: Fraction | None) -> str:
    """Return a difference of two ratios in percentage points, “+75.0”; what is behind never prints as 0.0."""
    return NOTHING if value is None else _print(_percent(value, (0,)), plus=True)


_AFFIXES = {"over": ("", "余"), "at_least": ("", "以上"), "near": ("近", ""), "about": ("约", "")}


def write_count(value: Fraction | int | None, qualifier: str = "exact") -> str:
    """Return “1,000余”, “近5,000”, “约300”, “5以上”; half a project, of a shared one, prints “0.5”."""
    if value is None:
        return NOTHING
    before, after = _AFFIXES.get(qualifier, ("", ""))
    return before + write_number(value, 1, strip=True) + after


def inexactness(qualifiers: Iterable[str]) -> str:
    """Return how exact a sum of such parts is: “about”, “over” or, where all parts are exact, “”."""
    kinds = set(qualifiers)
    if kinds & {"near", "about"}:
        return "about"
    return "over" if kinds & {"over", "at_least"} else ""


def write_jobs(total: Fraction | int | None, inexact: str = "") -> str:
    """Return a sum of partly inexact numbers: “40,260”, “4万余” (cut), “约4.1万” (rounded half up).

    `inexact` is what `inexactness` returned. The step is 0.1万 from 1万 on, below it a hundred, below a hundred one.
    """
    if total is None or not inexact or total <= 0:
        return write_count(total)
    step = 1_000 if total >= YUAN_PER_WAN else 100 if total >= 100 else 1
    steps = total / Fraction(step)
    kept = step * (floor(steps) if inexact == "over" else int(round_half_up(steps)))
    if kept < YUAN_PER_WAN:
        return write_count(kept, inexact)
    before, after = _AFFIXES[inexact]
    return f"{before}{write_number(Fraction(kept, YUAN_PER_WAN), 1, strip=True)}万{after}"


_TEN_DAYS = "上中下"
_QUARTERS = "一二三四"
_HALVES = "上下"


def earliest(day: date, precision: str) -> date:
    """Return the first day that a date of this precision may mean; KeyError for an unknown precision."""
    return {
        "day": day,
        "ten_day": day.replace(day=min(day.day - 1, 29) // 10 * 10 + 1),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "half": day.replace(month=(day.month - 1) // 6 * 6 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }[precision]


def latest(day: date, precision: str) -> date:
    """Return the last day that a date of this precision may mean; KeyError for an unknown precision."""
    first = earliest(day, precision)
    if precision == "day":
        return first
    if precision == "ten_day" and first.day < 21:
        return first.replace(day=first.day + 9)
    month = first.month + {"ten_day": 1, "month": 1, "quarter": 3, "half": 6, "year": 12}[precision] - 1
    return date(first.year, month, monthrange(first.year, month)[1])


def write_date(day: date | None, precision: str = "day", *, style: str = "table", year: int | None = None) -> str:
    """Return “2020-07-10” (`table`), “2020年7月10日” (`text`), or “7月中旬”, “第三季度” for the imprecise.

    An imprecise date goes without its year where that is `year`.
    """
    if day is None:
        return NOTHING
    if precision == "day":
        return day.isoformat() if style == "table" else f"{day.year}年{day.month}月{day.day}日"
    parts = {
        "ten_day": f"{day.month}月{_TEN_DAYS[min(day.day - 1, 29) // 10]}旬",
        "month": f"{day.month}月",
        "quarter": f"第{_QUARTERS[(day.month - 1) // 3]}季度",
        "half": f"{_HALVES[(day.month - 1) // 6]}半年",
        "year": "",
    }
    shown = f"{day.year}年" if day.year != year or precision == "year" else ""
    return shown + parts[precision]


def write_period(year: int, month: int, style: str = "table") -> str:
    """Return the cumulative period: “1—9月” (`table`), “2020年1—9月” (`full`), “1至9月” (`text`); January is “1月”."""
    dash = "至" if style == "text" else "—"
    months = f"1{dash}{month}月" if month > 1 else "1月"
    return f"{year}年{months}" if style == "full" else months


_INVISIBLE = re.compile("[\u034f\u115f\u1160\u2800\u3164\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_SCALES = {"千万": 10**7, "百万": 10**6, "十万": 10**5, "万": 10**4, "千": 1000, "百": 100}
_SCALE = f"(?P<scale>{'|'.join(_SCALES)})"
_CURRENCY = "|".join(("元", "美元", "美金"))
# Han characters stand in classes of their own, so that none touches the half-width signs of a pattern.
_MONEY = re.compile(
    rf"¥?(?:(?P<yi>{_NUMBER})[个]?[亿])?(?:(?P<number>{_NUMBER})[个]?{_SCALE}?)?(?P<currency>{_CURRENCY})?"
)
_COUNT = re.compile(rf"(?P<number>{_NUMBER}){_SCALE}?[人名个家户套台辆条项次位]?")
_AREA = re.compile(rf"(?P<number>{_NUMBER})[亩]?")
_OVER = re.compile("(?<=[0-9亿万千百元人])[余多]")
_BEFORE = dict.fromkeys(("大约", "约"), "about") | dict.fromkeys(("接近", "将近", "近"), "near")
_BEFORE |= dict.fromkeys(("超过", "超", "逾"), "over")
_BEFORE |= dict.fromkeys((">=", "≥", "不低于", "不少于", "至少"), "at_least")
_AFTER = {"及以上": "at_least", "以上": "at_least", "左右": "about", "上下": "about"}


def clean_text(text: str) -> str:
    """Return what can be seen of a text, so that names that look alike are alike.

    Invisible, bidirectional and control characters go, full-width letters and figures become half-width, spaces plain;
    full-width punctuation, “㎡” and line breaks stay.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", "".join(map(_visible, _INVISIBLE.sub("", lines)))).strip()


def _visible(char: str) -> str:
    """Return the plain form of a character, nothing for one that cannot be seen."""
    kind = unicodedata.category(char)
    if kind in {"Cf", "Cc", "Cs"}:
        return char if char in "\n\t" else ""
    if kind[0] == "Z":
        return " " if kind == "Zs" else "\n"
    plain = unicodedata.normalize("NFKC", char)
    is_letter = len(plain) == 1 and (kind == "Nd" or unicodedata.category(plain)[0] == "L")
    return plain if is_letter else char


def _typed(text: str, name: str) -> str:
    """Return the text in its plainest form without spaces; Unreadable where it is empty, long or negative."""
    shown = clean_text(text)
    plain = "".join(unicodedata.normalize("NFKC", shown).split())
    if not plain:
        raise Unreadable(_("%(name)s没有填写") % {"name": name})
    if len(plain) > 40:
        raise Unreadable(_("%(name)s最多写40个字，现在是%(length)s个") % {"name": name, "length": len(plain)})
    if re.match(r"[负]|[-−(][0-9.]", plain):
        raise Unreadable(_("%(name)s不能小于0，现在是“%(text)s”") % {"name": name, "text": shown})
    return plain


def _split_qualifier(text: str) -> tuple[str, str]:
    """Return the text without 约, 近, 余 or 以上, and the qualifier that it was; Unreadable for two of them."""
    plain, over = _OVER.subn("", re.sub(r"\([含]\)", "", text))
    found = ["over"] * over
    if before := next((word for word in _BEFORE if plain.startswith(word)), ""):
        plain, found = plain.removeprefix(before), [*found, _BEFORE[before]]
    if after := next((word for word in _AFTER if plain.endswith(word)), ""):
        plain, found = plain.removesuffix(after), [*found, _AFTER[after]]
    if len(found) > 1:
        raise Unreadable(_("“约”“近”“余”“以上”这样的说法只能用一种，请留下最准的一种"))
    return plain, found[0] if found else "exact"


def _figure(number: str | None, factor: int) -> Fraction:
    """Return a matched number times its factor, nothing matched being 0."""
    return Fraction((number or "0").replace(",", "")) * factor


def _amount(plain: str, unit: str) -> Fraction | None:
    """Return an amount in yuan (or dollars, for their units), None where it cannot be read."""
    found = _MONEY.fullmatch(plain)
    if not found or not (found["yi"] or found["number"]):
        return None
    if found["currency"] and ("美" in found["currency"]) != ("美" in unit):
        raise Unreadable(_("金额的单位应是%(unit)s，现在是“%(text)s”") % {"unit": unit, "text": plain})
    says_unit = found["scale"] or found["currency"]
    factor = _SCALES.get(found["scale"], 1) if says_unit else _UNITS[unit]
    rest = _figure(found["number"], factor)
    # “3亿2” may be 3.2亿元 or 3亿零2万元: a smaller part must say its unit.
    if found["yi"] and found["number"] and (rest >= YUAN_PER_YI or not says_unit):
        return None
    return _figure(found["yi"], YUAN_PER_YI) + rest


def read_qualified_money(text: str, unit: str = "万元") -> tuple[int, str]:
    """Return whole yuan (whole dollars for their units) and the qualifier of “5亿元以上”; Unreadable for anything else.

    `unit` is that of a number without one.
    """
    typed, shown = _typed(text, _("金额")), clean_text(text)
    plain, qualifier = _split_qualifier(typed.removeprefix("人民币"))
    amount = _amount(plain, unit)
    if amount is None:
        raise Unreadable(_("“%(text)s”不是一个金额，请写成“32000万元”或“3.2亿元”这样") % {"text": shown})
    if amount.denominator != 1:
        raise Unreadable(_("金额应精确到元，“%(text)s”不是整元，请核对小数") % {"text": shown})
    if amount > MOST_YUAN:
        raise Unreadable(_("金额不能超过100万亿元，现在是“%(text)s”，请核对单位") % {"text": shown})
    return int(amount), qualifier


def read_money(text: str, unit: str = "万元") -> int:
    """Return whole yuan of “3亿”, “30,000” or “3个亿”; Unreadable for anything else, 约 and 以上 included."""
    yuan, qualifier = read_qualified_money(text, unit)
    if qualifier != "exact":
        raise Unreadable(_("这里的金额应是确数，现在是“%(text)s”，请去掉约数的说法") % {"text": clean_text(text)})
    return yuan


def read_count(text: str) -> tuple[int, str]:
    """Return a whole number and its qualifier: “1000余人” is 1000 and “over”; Unreadable for anything else."""
    typed, shown = _typed(text, _("数量")), clean_text(text)
    plain, qualifier = _split_qualifier(typed)
    found = _COUNT.fullmatch(plain)
    value = _figure(found["number"], _SCALES.get(found["scale"], 1)) if found else None
    if value is None or value.denominator != 1:
        raise Unreadable(_("“%(text)s”不是一个整数，请写成“300”或“1000余”这样") % {"text": shown})
    if value > MOST_COUNT:
        raise Unreadable(_("数量不能超过%(most)s，现在是“%(text)s”") % {"most": MOST_COUNT, "text": shown})
    return int(value), qualifier


def read_area_mu(text: str) -> int:
    """Return hundredths of a 亩: “63.7亩” is 6370; Unreadable for anything else."""
    typed, shown = _typed(text, _("面积")), clean_text(text)
    found = _AREA.fullmatch(typed)
    if not found:
        raise Unreadable(_("“%(text)s”不是一个面积，请只填亩数，写成“63.7”这样") % {"text": shown})
    area = _figure(found["number"], 100)
    if area.denominator != 1:
        raise Unreadable(_("面积应精确到0.01亩，现在是“%(text)s”") % {"text": shown})
    if area > MOST_COUNT:
        raise Unreadable(_("面积不能超过%(most)s亩，现在是“%(text)s”") % {"most": MOST_COUNT // 100, "text": shown})
    return int(area)


_YEAR = r"(?:(?P<year>[0-9]{4})[-/.年])?"
_MONTH = "(?P<month>[0-9]{1,2})"
_DATE_FORMS = (
    ("day", rf"{_YEAR}{_MONTH}[-/.月](?P<day>[0-9]{{1,2}})[日号]?"),
    ("day", "(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
    ("ten_day", rf"{_YEAR}{_MONTH}[月](?P<part>[上中下])[旬]"),
    ("month", rf"(?P<year>[0-9]{{4}})[-/.年]{_MONTH}[月]?[份]?"),
    ("month", rf"{_MONTH}[月][份]?"),
    ("quarter", rf"{_YEAR}[第]?(?P<part>[一二三四1-4])[季][度]?"),
    ("half", rf"{_YEAR}(?P<part>[上下])[半][年]"),
    ("year", "(?P<year>[0-9]{4})[年]?"),
)


def read_date(text: str, *, year: int | None = None) -> tuple[date, str]:
    """Return the earliest day and the precision of “2020-07-10”, “2020年7月中旬”, “8月” and the like.

    `year` is that of a date without one. Unreadable names the mistake: no year, a 13th month, a 31 June.
    """
    typed, shown = re.sub(r"(?<=[0-9日])T?00:00(?::00)?$", "", _typed(text, _("日期"))), clean_text(text)
    if re.fullmatch(r"[0-9]{4}\.1", typed):
        sentence = _("“%(text)s”可能是1月，也可能是10月，请写成“%(year)s-01”或“%(year)s-10”")
        raise Unreadable(sentence % {"text": shown, "year": typed[:4]})
    for precision, pattern in _DATE_FORMS:
        if found := re.fullmatch(pattern, typed):
            fields = found.groupdict()
            return _real_date(_year(fields.get("year"), year, shown), *_month_and_day(precision, fields)), precision
    raise Unreadable(_("“%(text)s”不是一个日期，请写成“2020-07-10”“2020年7月中旬”或“2020年8月”这样") % {"text": shown})


def _year(written: str | None, default: int | None, shown: str) -> int:
    """Return the year of a date; Unreadable where there is none or an unlikely one."""
    if written is None and default is None:
        raise Unreadable(_("“%(text)s”没有写年份，请在前面写上四位年份") % {"text": shown})
    year = int(written) if written is not None else default or 0
    if not 1900 <= year <= 2100:
        raise Unreadable(_("年份应在1900至2100之间，现在是“%(text)s”") % {"text": shown})
    return year


def _month_and_day(precision: str, fields: dict[str, str | None]) -> tuple[int, int]:
    """Return the month and day on which the written date begins."""
    part = fields.get("part") or ""
    if precision == "quarter":
        return (_QUARTERS + "1234").index(part) % 4 * 3 + 1, 1
    if precision == "half":
        return _HALVES.index(part) * 6 + 1, 1
    day = _TEN_DAYS.index(part) * 10 + 1 if part else int(fields.get("day") or 1)
    return int(fields.get("month") or 1), day


def _real_date(year: int, month: int, day: int) -> date:
    """Return the date; Unreadable names the month or day that does not exist."""
    if not 1 <= month <= 12:
        raise Unreadable(_("月份应为1至12，现在是%(month)s") % {"month": month})
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        sentence = _("%(year)s年%(month)s月只有1日至%(last)s日，没有%(day)s日")
        raise Unreadable(sentence % {"year": year, "month": month, "last": last, "day": day})
    return date(year, month, day)
