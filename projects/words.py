"""Projects in words: what a column is called, and what a value of the trace says."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import BooleanField, CharField, DateField, Field, ForeignKey
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal import writing
from parkportal.models import Change
from projects.models import Project

LABEL = Project._meta.label
OTHERS = {
    "shares": _("分成"),
    "pending_change": _("待审核的修改"),
    "recognitions": _("认定"),
    "deleted_at": _("撤回"),
    "submitted_by": _("提交人"),
    "verified_by": _("审核人"),
}
UNIT = re.compile("（(元|人|㎡|百分之一亩)）$")
HOLDERS = {"workshop_area_qualifier": "workshop_area_sqm"}
"""Qualifiers whose name does not say the number that they belong to."""
SILENT = frozenset({"deleted_by", "sample_fields"})
"""Columns that another column of the same entry already tells."""
Names = Mapping[tuple[str, str], str]
"""(name of a column, code) → the name of the row that it points to."""


def column(name: str) -> "Field[Any, Any] | None":
    """The column of that name, None where the trace tells something that is not one."""
    return next((f for f in Project._meta.concrete_fields if f.name == name), None)


def label(name: str) -> str:
    """What people call a column, without the unit in which it is stored: “总投资”."""
    found = column(name)
    words = OTHERS.get(name) or (str(found.verbose_name) if found else name)
    return UNIT.sub("", words)


def value_in_words(name: str, value: Any, beside: str = "", names: Names | None = None) -> str:
    """A value of the trace as people read it; `beside` is its precision or qualifier."""
    if value in (None, "", [], {}):
        return ""
    found = column(name)
    if isinstance(found, ForeignKey):
        return (names or {}).get((name, str(value)), str(value))
    if isinstance(found, DateField):
        return writing.write_date(date.fromisoformat(str(value)[:10]), beside or "day")
    if isinstance(found, CharField) and found.choices:
        return str(dict(found.flatchoices).get(value, value))
    if isinstance(found, BooleanField):
        return _("是") if value else _("否")
    return _number_in_words(name, value, beside)


def _number_in_words(name: str, value: Any, beside: str) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    if isinstance(value, dict):
        return "；".join(f"{label(key)}：{text}" for key, text in value.items())
    if not isinstance(value, int):
        return str(value)
    if name == "land_area_mu":
        return writing.write_number(Fraction(value, 100), 2, strip=True) + "亩"
    if "（元）" not in str(getattr(column(name), "verbose_name", "")):
        return writing.write_count(value, beside or "exact")
    return write_amount(value, beside or "exact", unit="万元")


def write_amount(yuan: int | None, qualifier: str = "exact", *, scale: str = "万元", unit: str = "") -> str:
    """An amount in `scale` with what makes it inexact: “50,000以上”; `unit` is written inside: “5,000万元余”."""
    if yuan is None:
        return ""
    before, after = writing.write_count(1, qualifier).split("1")
    return before + writing.write_money(yuan, scale) + unit + after


def write_day(row: Any, name: str) -> str:
    """A date of a row in its precision; empty where it is not known."""
    day = getattr(row, name)
    return writing.write_date(day, getattr(row, f"{name}_precision")) if day else ""


def names_in(diffs: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """The names of all rows that entries point to: one query for each table, none where nothing points there."""
    wanted: dict[str, set[str]] = {}
    for diff in diffs:
        for name, pair in diff.items():
            if isinstance(column(name), ForeignKey):
                wanted.setdefault(name, set()).update(str(code) for code in pair if code)
    return {pair: text for name, codes in wanted.items() for pair, text in _names(name, codes)}


def _names(name: str, codes: set[str]) -> list[tuple[tuple[str, str], str]]:
    model: Any = Project._meta.get_field(name).related_model
    key = "code" if any(f.name == "code" for f in model._meta.concrete_fields) else "username"
    rows = model._base_manager.filter(**{f"{key}__in": codes}) if codes else []
    return [((name, getattr(row, key)), _named(row)) for row in rows]


def _named(row: Any) -> str:
    """A row's name; that of a secret project, which stands in the trace of others, is its code name."""
    secret = getattr(row, "confidentiality", "") == Project.Confidentiality.SECRET
    return (row.code_name or row.code) if secret else str(row)


@dataclass(frozen=True)
class LogRow:
    """One line of the trace as a page shows it."""

    at: str
    who: str
    field: str
    old: str
    new: str
    note: str = ""
    undo_url: str = ""


def log_rows(
    changes: Iterable[Change], names: Names | None = None, undo: Callable[[Change], str] = lambda _change: ""
) -> list[LogRow]:
    """The trace of a project in words, newest first; its beginning is one line.

    `undo` gives the address that takes a change back, shown on its first line; empty where it cannot be taken back.
    """
    entries = list(changes)
    names = names_in(change.diff for change in entries) if names is None else names
    return [row for change in entries for row in _with_undo(_rows_of(change, names), undo(change))]


def _with_undo(rows: list[LogRow], url: str) -> list[LogRow]:
    return [replace(row, undo_url=url) if n == 0 else row for n, row in enumerate(rows)] if url else rows


def _rows_of(change: Change, names: Names) -> list[LogRow]:
    at, who = moment(change), writer(change)
    if "code" in change.diff:
        return [LogRow(at, who, _("项目"), "", _("建立，编号%(code)s") % {"code": change.object_code})]
    told = [name for name in change.diff if name not in SILENT and not rides(name, change.diff)]
    return [LogRow(at, who, label(name), *diff_in_words(name, change.diff, names)) for name in told]


def rides(name: str, diff: Mapping[str, Any]) -> bool:
    """Whether a precision or qualifier is told together with its value."""
    return holder(name) != name and holder(name) in diff


def holder(name: str) -> str:
    """The column that a precision or qualifier belongs to; any other column is its own."""
    return HOLDERS.get(name) or name.removesuffix("_precision").removesuffix("_qualifier")


def companion(name: str) -> str:
    """The precision or qualifier of a column; empty where it has none."""
    beside = {held: one for one, held in HOLDERS.items()}
    known = (beside.get(name, ""), f"{name}_precision", f"{name}_qualifier")
    return next((one for one in known if column(one)), "")


def diff_in_words(name: str, diff: Mapping[str, Any], names: Names) -> tuple[str, str]:
    """The old and the new value of one column."""
    beside = diff.get(companion(name)) or ("", "")
    old, new = (value_in_words(name, diff[name][i], beside[i] or "", names) for i in (0, 1))
    if name == "deleted_at":
        old, new = (_("在回收站") if value else _("在台账") for value in diff[name])
    return old, new


def moment(change: Change) -> str:
    """When it was: “09-28 18:06” for this year, with the year before."""
    at = timezone.localtime(change.at)
    return at.strftime("%m-%d %H:%M" if at.year == timezone.localdate().year else "%Y-%m-%d %H:%M")


def writer(change: Change) -> str:
    """Who it was; what a command did has no person."""
    who = str(change.user) if change.user else _("系统")
    return who if change.door in {Change.Door.PAGE, Change.Door.COMMAND} else f"{who}（{change.get_door_display()}）"
