"""One cell of a ledger read into columns of a project, in the ways in which staff write. Pure.

A cell that cannot be read, or that may mean two things, is `Unclear`: the sentence says what stands there and how to
mend it, `fixes` what may have been meant. What is read otherwise than it is written leaves a note.
"""

import difflib
import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import Any, Final

from django.utils.translation import gettext as _

from parkportal.workbooks import Cell
from parkportal.writing import (
    MOST_COUNT,
    MOST_YUAN,
    Unreadable,
    clean_text,
    read_area_mu,
    read_count,
    read_date,
    read_qualified_money,
    round_half_up,
    write_money,
    write_number,
)
from projects.imports.fields import BY_KEY, CHOICES, LABELS, Field

NOTHING: Final = frozenset(
    {"", "—", "-", "--", "——", "/", "／", "无", "暂无", "待定", "未定", "不详", "空", "\\", "0000-00-00"}
)
"""What stands in a cell of which nothing is known."""
USUAL: Final = re.compile(r"[ -~\u4e00-\u9fff，。、；：？！（）“”《》—…％]*")
"""Text of which `clean_text` leaves every character as it is."""
LONGEST_NOTHING: Final = 24
"""A longer cell is looked at no further; spaces may stand around a dash."""
DONE: Final = frozenset({"√", "✓", "✔", "☑", "是", "已", "完成", "已完成", "有"})
DONE_WORDS: Final = re.compile(r"已(?:经)?(?:正式)?(?:签约|签订|签|注册|开工|投产|达产|竣工|办理)(?:完成)?")
PLANNED_WORDS: Final = re.compile(
    r"^(?:拟|计划|预计|力争|争取|预期|计划于|拟于|预计于)+[于在]?|(?:前|底前)?(?:拟|计划|预计)(?:开工|投产|签约)$"
)
STAGE_OF_DAY: Final = {
    "signed_on": "signed", "registered_on": "registered", "started_on": "started", "in_production_on": "in_production",
    "full_capacity_on": "full_capacity",
}  # fmt: skip
"""The stage that has been reached when this day has passed."""
PLAN_OF: Final = {"started_on": "planned_start_on", "in_production_on": "planned_production_on"}
QUALIFIER_OF: Final = {
    "total_investment": "total_investment_qualifier",
    "expected_jobs": "expected_jobs_qualifier",
    "workshop_area_sqm": "workshop_area_qualifier",
}
YUAN: Final = {"元": 1, "万元": 10_000, "万": 10_000, "亿元": 10**8, "亿": 10**8}
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2050, 12, 31)
EXCEL_BEGINS: Final = date(1899, 12, 30)


class Unclear(Unreadable):
    """A cell that somebody must look at; `fixes` are texts of which one may be what was meant."""

    def __init__(self, sentence: str, *fixes: str) -> None:
        super().__init__(sentence)
        self.fixes = fixes


@dataclass(frozen=True)
class Reading:
    """What a cell says: values by column, a note on how it was read, and the stage that it tells of."""

    values: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    stage: str = ""
    custom: str = ""
    """A text that no column can hold and that is kept beside them."""


def written(cell: Cell) -> str:
    """A cell as Excel shows it; what cannot be shown is empty."""
    if cell is None:
        return ""
    if isinstance(cell, dict):
        return str(cell.get("date", ""))
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return str(cell)


def is_nothing(cell: Cell) -> bool:
    """Whether nothing is known by this cell."""
    return cell is None or (isinstance(cell, str) and len(cell) <= LONGEST_NOTHING and plain(cell) in NOTHING)


@lru_cache(maxsize=16384)
def clean(text: str) -> str:
    """What can be seen of a text, as `clean_text` has it; ledgers repeat themselves, so it is remembered."""
    return text.strip() if USUAL.fullmatch(text) else clean_text(text)


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """A text in half width without spaces."""
    return "".join(unicodedata.normalize("NFKC", clean(text)).split())


def read(one: Field, cell: Cell, *, unit: str = "", year: int | None = None) -> Reading:
    """Read a cell of a column; Unclear in words where it cannot be read or may mean two things.

    `unit` is that of a number without one, `year` that of a day without one.
    """
    if isinstance(cell, dict) and "date" not in cell:
        raise Unclear(_broken(cell))
    if is_nothing(cell):
        return Reading()
    if isinstance(cell, float) and not isfinite(cell):
        raise Unclear(_("这一格不是一个数，请重新填写"))
    if one.kind == "day":
        return _day(one.key, cell, year)
    if one.kind == "money":
        return _money(one.key, cell, unit or "万元")
    if one.kind in {"count", "sqm", "area"}:
        return _amount(one, cell, unit)
    text = clean(written(cell))
    return _chosen(one.key, text) if one.kind == "choice" else _text(one, cell, text)


def _broken(cell: dict[str, Any]) -> str:
    if "formula" in cell:
        return _("这一格是公式，文件里没有存它的计算结果。请在Excel或WPS里打开、保存一次再上传，或在这里填上数值")
    return _("这一格的公式出错（如#DIV/0!、#REF!）。请改正公式，或在这里填上内容")


def _text(one: Field, cell: Cell, text: str) -> Reading:
    if one.key == "company_uscc" and isinstance(cell, int | float) and not isinstance(cell, bool):
        raise Unclear(_("信用代码在表里是按数字存的，第15位以后已经丢失。请照营业执照重填18位代码"))
    if one.longest and len(text) > one.longest:
        words = {"label": one.label, "most": one.longest, "length": len(text)}
        raise Unclear(_("%(label)s最多%(most)s个字，现在是%(length)s个") % words)
    return Reading({one.key: text})


@lru_cache(maxsize=4096)
def _chosen(key: str, text: str) -> Reading:
    """The code of a choice; Unclear names what may be chosen and what is nearest."""
    known, word = CHOICES[key], plain(text)
    if word in known or (word := re.sub(r"(?:项目|类|阶段)$", "", word)) in known:
        return Reading({key: known[word]})
    near = [label for label in LABELS[key] if label in word or word in label or label.rstrip("类厂房") in word]
    near = near or difflib.get_close_matches(word, LABELS[key], 1, 0.5)
    words = {"text": text, "label": BY_KEY[key].label, "choices": "、".join(LABELS[key])}
    sentence = _("“%(text)s”不是%(label)s的选项，可填：%(choices)s")
    raise Unclear(sentence % words, *near[:2])


# --- amounts -------------------------------------------------------------------------------------------------------


def _money(key: str, cell: Cell, unit: str) -> Reading:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _money_number(key, cell, unit)
    yuan, qualifier, note = _money_text(written(cell), unit if unit in {"元", "万元", "亿元"} else "万元")
    return Reading(_with_qualifier(key, yuan, qualifier, written(cell), unit), note)


def _money_number(key: str, number: int | float, unit: str) -> Reading:
    """A number of `unit`; what is calculated below a whole yuan is rounded, and said to be."""
    if number < 0:
        raise Unclear(_("金额不能小于0，现在是%(text)s") % {"text": written(number)})
    exact = (number if isinstance(number, int) else Fraction(written(number))) * YUAN.get(unit, 10_000)
    yuan = exact if isinstance(exact, int) else int(round_half_up(exact))
    if yuan > MOST_YUAN:
        raise Unclear(_("金额不能超过100万亿元，现在是%(text)s，请核对单位") % {"text": written(number)})
    note = "" if exact == yuan else _("%(text)s四舍五入到元") % {"text": written(number)}
    qualifiers = {QUALIFIER_OF[key]: "exact"} if key in QUALIFIER_OF else {}
    return Reading({key: yuan, **qualifiers}, note)


@lru_cache(maxsize=8192)
def _money_text(text: str, unit: str) -> tuple[int, str, str]:
    """Whole yuan, qualifier and a note; amounts joined by a plus sign are added up."""
    shown = plain(text)
    parts = _summands(shown)
    if not parts:
        yuan, qualifier = read_qualified_money(text, unit)
        return yuan, qualifier, ""
    tail = re.search(r"(亿元|万元|亿|万|元)$", shown)
    ended = [part if re.search("[亿万元]", part) or not tail else part + tail[1] for part in parts]
    total = sum(read_qualified_money(part, unit)[0] for part in ended)
    return total, "exact", _("“%(text)s”读作%(sum)s万元") % {"text": text, "sum": write_money(total, "万元")}


def _summands(text: str) -> list[str]:
    """The parts of “30+20亩”; none where the text is not a sum."""
    parts = text.split("+")
    return parts if len(parts) > 1 and all(re.match(r"[0-9]", part) for part in parts) else []


def _with_qualifier(key: str, value: int, qualifier: str, text: str, unit: str) -> dict[str, Any]:
    """The value with what makes it inexact; Unclear where the column holds exact numbers only."""
    if key in QUALIFIER_OF:
        return {key: value, QUALIFIER_OF[key]: qualifier}
    if qualifier != "exact":
        exact = write_money(value, "万元").replace(",", "") + "万元" if BY_KEY[key].kind == "money" else str(value)
        words = {"label": BY_KEY[key].label, "text": text}
        raise Unclear(_("%(label)s要填确数，现在是“%(text)s”，请去掉约数的说法") % words, exact)
    return {key: value}


def _amount(one: Field, cell: Cell, unit: str) -> Reading:
    """A number of people, of square metres or of 亩."""
    if isinstance(cell, int) and not isinstance(cell, bool) and one.kind != "area" and 0 <= cell <= MOST_COUNT:
        return Reading({one.key: cell, QUALIFIER_OF[one.key]: "exact"})
    text = written(cell)
    if isinstance(cell, float) and one.kind != "area":
        return Reading(
            {one.key: int(round_half_up(Fraction(text))), QUALIFIER_OF[one.key]: "exact"},
            _("%(text)s四舍五入到整数") % {"text": text},
        )
    if one.kind == "area":
        value, note = _area(text, unit)
        return Reading({one.key: value}, note)
    value, qualifier, note = _count(text, one.kind)
    return Reading(_with_qualifier(one.key, value, qualifier, text, ""), note)


@lru_cache(maxsize=8192)
def _count(text: str, kind: str) -> tuple[int, str, str]:
    shown = re.sub(r"(?:平方米|平方|平米|㎡|m2|m²)", "", plain(text)) if kind == "sqm" else plain(text)
    parts = _summands(re.sub("[人名]$", "", shown))
    if not parts:
        return (*read_count(shown), "")
    total = sum(read_count(part)[0] for part in parts)
    return total, "exact", _("“%(text)s”读作%(sum)s") % {"text": text, "sum": write_number(total)}


@lru_cache(maxsize=8192)
def _area(text: str, unit: str) -> tuple[int, str]:
    """Hundredths of a 亩 and a note."""
    shown = plain(text)
    if unit in {"㎡", "平方米"} or re.search("平方|㎡|m2", shown):
        raise Unclear(_("用地面积按亩填，现在是“%(text)s”平方米。1亩约合666.67㎡，请换算") % {"text": text})
    parts = _summands(shown)
    if parts:
        total = sum(read_area_mu(part) for part in parts)
        words = {"text": text, "sum": write_number(Fraction(total, 100), 2, strip=True)}
        return total, _("“%(text)s”读作%(sum)s亩") % words
    try:
        return read_area_mu(text), ""
    except Unreadable as wrong:
        number = re.search(r"[0-9]+(?:\.[0-9]{1,2})?", shown)
        raise Unclear(str(wrong), *([number[0]] if number else [])) from wrong


# --- days ----------------------------------------------------------------------------------------------------------


def _day(key: str, cell: Cell, year: int | None) -> Reading:
    if isinstance(cell, dict):
        return Reading(_dated(key, date.fromisoformat(cell["date"]), "day"))
    text = clean(written(cell))
    if isinstance(cell, bool) or _says_done(text):
        return _done(key, text)
    if isinstance(cell, int | float):
        _refuse_ambiguous(text, year)
        text = _serial(text)
    shown = plain(text)
    planned = PLANNED_WORDS.sub("", shown)
    if planned != shown and not key.startswith("planned_"):
        return _planned(key, text, planned, year)
    day, precision = _read_day(planned, year)
    note = _("“%(text)s”按%(year)s年") % {"text": text, "year": day.year} if _lacks_year(planned) else ""
    return Reading(_dated(key, day, precision), note, STAGE_OF_DAY.get(key, ""))


def _dated(key: str, day: date, precision: str) -> dict[str, Any]:
    return {key: day, f"{key}_precision": precision}


def _says_done(text: str) -> bool:
    return plain(text) in DONE or bool(DONE_WORDS.fullmatch(plain(text)))


def _done(key: str, text: str) -> Reading:
    """It has happened, nobody says when."""
    words = {"text": text, "label": BY_KEY[key].label}
    return Reading({}, _("“%(text)s”没有写日期，%(label)s留空") % words, STAGE_OF_DAY.get(key, ""), text)


def _planned(key: str, text: str, planned: str, year: int | None) -> Reading:
    """A day that has not come yet stands in the column of what has happened."""
    if key not in PLAN_OF:
        words = {"text": text, "label": BY_KEY[key].label}
        return Reading({}, _("“%(text)s”是计划，%(label)s留空，原文留在自定义列") % words, "", text)
    day, precision = _read_day(planned, year)
    words = {"text": text, "label": BY_KEY[PLAN_OF[key]].label}
    return Reading(_dated(PLAN_OF[key], day, precision), _("“%(text)s”记入%(label)s") % words)


def _refuse_ambiguous(number: str, year: int | None) -> None:
    """Numbers that Excel made of a date: 2020.1 was 2020.1 or 2020.10, 7.1 was 7.1 or 7.10."""
    if found := re.fullmatch(r"(\d{4})\.1", number):
        sentence = _("“%(text)s”在表里是数字，可能是%(year)s年1月，也可能是10月，请选一个")
        raise Unclear(sentence % {"text": number, "year": found[1]}, f"{found[1]}-01", f"{found[1]}-10")
    found = re.fullmatch(r"(1[0-2]|[1-9])\.([1-3])", number)
    if found and int(found[2]) * 10 <= monthrange(year or 2020, int(found[1]))[1]:
        month, first, second = found[1], int(found[2]), int(found[2]) * 10
        sentence = _("“%(text)s”在表里是数字，可能是%(month)s月%(first)s日，也可能是%(month)s月%(second)s日，请选一个")
        words = {"text": number, "month": month, "first": first, "second": second}
        before = f"{year}年" if year else ""
        raise Unclear(sentence % words, f"{before}{month}月{first}日", f"{before}{month}月{second}日")


def _serial(number: str) -> str:
    """A day that Excel stores as a number, without a date format: 43942 is 2020-04-21."""
    if re.fullmatch(r"\d{5}", number):
        day = EXCEL_BEGINS + timedelta(days=int(number))
        if FIRST_DAY <= day <= LAST_DAY:
            sentence = _("“%(text)s”像是日期的序号，相当于%(day)s，请确认")
            raise Unclear(sentence % {"text": number, "day": day.isoformat()}, day.isoformat())
    return number


def _lacks_year(text: str) -> bool:
    return not re.match(r"\d{4}", text)


@lru_cache(maxsize=8192)
def _read_day(text: str, year: int | None) -> tuple[date, str]:
    """The earliest day and its precision; besides the usual ways also “202007”, “2020.7.10日”, “10月底”."""
    if found := re.fullmatch(r"(\d{4})(0[1-9]|1[0-2])", text):
        text = f"{found[1]}-{found[2]}"
    text = re.sub(r"(?:开工|投产|签约|注册|左右|前后)$", "", text)
    text = re.sub(r"月[底末]$", "月下旬", re.sub(r"月初$", "月上旬", re.sub(r"月中$", "月中旬", text)))
    text = re.sub(r"年[底末]$", "年12月", re.sub(r"年初$", "年1月", text))
    try:
        return read_date(text, year=year)
    except Unreadable as wrong:
        raise Unclear(str(wrong), *_day_fixes(text)) from wrong


def _day_fixes(text: str) -> list[str]:
    """Days that may have been meant by one that does not exist: 2020/13/09 by 2020-09-13, 2020.1 by both months."""
    if found := re.fullmatch(r"(\d{4})\.1", text):
        return [f"{found[1]}-01", f"{found[1]}-10"]
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
    if not found:
        return []
    year, month, day = map(int, found.groups())
    if month > 12 and 1 <= day <= 12 and month <= monthrange(year, day)[1]:
        return [f"{year}-{day:02d}-{month:02d}"]
    if 1 <= month <= 12 and day > (last := monthrange(year, month)[1]):
        return [f"{year}-{month:02d}-{last:02d}"]
    return []
