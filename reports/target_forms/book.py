"""A workbook of targets that comes back: read safely, checked row by row, and only then written."""

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal import workbooks
from parkportal.exports import plain_text
from parkportal.history import in_words
from parkportal.models import Park, User
from parkportal.trace import plain
from parkportal.writing import clean_text
from reports.inputs import SpokenForm
from reports.models import Indicator, Target
from reports.target_forms.one import TargetForm
from reports.targets import SHAPES, Wanted, say_amount, say_basis
from reports.targets.export import COLUMNS

MOST_ROWS: Final = 300
MOST_TEXT: Final = 300
HEADS: Final = {str(column.heading): column.key for column in COLUMNS}
NEEDED: Final = ("park", "indicator", "year", "level", "annual")
PRINTED: Final = frozenset({"park_name", "indicator_name", "unit"})
"""Columns that are there for people; what stands in them is not read."""
Line = dict[str, str]


class BookForm(SpokenForm):
    """The workbook."""

    file = forms.FileField(
        label=gettext_lazy("工作簿"), allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et"})
    )

    def lines(self) -> list[tuple[int, Line]]:
        """The rows of the uploaded workbook; ValidationError in words for one that cannot be read."""
        file = self.cleaned_data["file"]
        try:
            data = file.read()
            sheets = workbooks.read(data, workbooks.check(file.name or "", data))
        except workbooks.Refused as refused:
            raise ValidationError(str(refused)) from refused
        found = next((head for sheet in sheets if not sheet.is_hidden if (head := _head_of(sheet))), None)
        if found is None:
            named = "、".join(head for head, key in HEADS.items() if key in NEEDED)
            raise ValidationError(_("没有认出表头。请用导出的表填写，要有这几列：%(heads)s。") % {"heads": named})
        return _lines(*found)


def _head_of(sheet: workbooks.Sheet) -> tuple[workbooks.Sheet, int, dict[int, str]] | None:
    """The sheet with the number of its head and the key of each column; None where it has no such head."""
    for number, row in enumerate(sheet.rows[:20]):
        keys = {n: HEADS[text] for n, cell in enumerate(row) if (text := _text(cell)) in HEADS}
        if set(NEEDED) <= set(keys.values()):
            return sheet, number, keys
    return None


def _lines(sheet: workbooks.Sheet, head: int, keys: Mapping[int, str]) -> list[tuple[int, Line]]:
    """What stands under the head, with the number of each row; rows without codes are totals or notes."""
    found = []
    for number in range(head + 1, len(sheet.rows)):
        line = {key: _text(sheet.at(number, column)) for column, key in keys.items() if key not in PRINTED}
        if line["park"] and line["indicator"]:
            found.append((number + 1, line))
    if len(found) > MOST_ROWS:
        raise ValidationError(
            _("一次最多导入%(most)s行，表里有%(n)s行，请分成几个文件。") % {"most": MOST_ROWS, "n": len(found)}
        )
    if not found:
        raise ValidationError(_("表头下面没有内容。请填好年度目标再上传。"))
    return found


def _text(cell: workbooks.Cell) -> str:
    """What a person would read in a cell; a formula without a result is said, so that no number is made of it."""
    if isinstance(cell, dict):
        return str(cell.get("date") or _("（公式没有结果）"))
    if isinstance(cell, float):
        return repr(int(cell)) if cell.is_integer() else repr(cell)
    return plain_text(clean_text(str(cell)))[:MOST_TEXT] if cell is not None else ""


@dataclass
class Checked:
    """One row of the workbook beside what is stored: new, changed, same, or wrong with its sentences."""

    number: int
    line: Line
    park: Park | None = None
    indicator: Indicator | None = None
    wanted: Wanted | None = None
    current: Target | None = None
    problems: list[str] = field(default_factory=list)
    differences: list[tuple[str, str, str]] = field(default_factory=list)
    newer: bool = False

    @property
    def packed(self) -> str:
        """The row as the page carries it to the decision; it is checked again there."""
        return json.dumps({"number": self.number, "line": self.line, "version": self.version}, ensure_ascii=False)

    @property
    def version(self) -> int:
        """The version with which the decision is compared: the one that this page shows."""
        return self.current.version if self.current else 0

    @property
    def kind(self) -> str:
        """What would happen to the row."""
        if self.problems:
            return "wrong"
        if self.current is None:
            return "new" if self.wanted else "same"
        return "changed" if self.differences else "same"


def unpack(texts: Iterable[str]) -> list[tuple[int, Line, int]]:
    """The rows that a page carried, each with the version that it showed; ValidationError where one is damaged."""
    found = []
    try:
        for text in texts:
            told = json.loads(text)
            line = {str(key): str(value)[:MOST_TEXT] for key, value in told["line"].items()}
            found.append((int(told["number"]), {key: line.get(key, "") for key in NEEDED} | line, int(told["version"])))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as damaged:
        raise ValidationError(_("页面不完整，请重新上传工作簿。")) from damaged
    return found[:MOST_ROWS]


def check(user: User, lines: Sequence[tuple[int, Line]]) -> list[Checked]:
    """Compare rows with what is stored; nothing is written."""
    parks = {park.code: park for park in Park.objects.visible_to(user).select_related("region")}
    indicators = {row.code: row for row in Indicator.objects.visible_to(user)}
    levels = {str(label): value for value, label in Target.Level.choices}
    found = [_check(user, Checked(*one), parks, indicators, levels) for one in lines]
    named: dict[Any, Checked] = {}
    for row in found:
        if row.wanted and (first := named.setdefault(_identity(row.wanted), row)) is not row:
            row.problems.append(_("和第%(row)s行是同一个目标，请只留一行。") % {"row": first.number})
    return found


def _identity(wanted: Wanted) -> tuple[int, int, int, str]:
    return wanted.park.pk, wanted.indicator.pk, wanted.year, wanted.level


def _check(
    user: User, row: Checked, parks: Mapping[str, Park], indicators: Mapping[str, Indicator], levels: Mapping[str, str]
) -> Checked:
    line = row.line
    row.park, row.indicator = parks.get(line["park"]), indicators.get(line["indicator"])
    if row.park is None:
        row.problems.append(_("没有代码为“%(code)s”的园区，代码不要改。") % {"code": line["park"]})
    if row.indicator is None:
        row.problems.append(_("没有代码为“%(code)s”的指标，代码不要改。") % {"code": line["indicator"]})
    if row.park and row.indicator:
        level = levels.get(line["level"], line["level"])
        year = int(line["year"]) if line["year"].isascii() and line["year"].isdigit() and len(line["year"]) == 4 else 0
        place = Wanted(row.park, row.indicator, year, level, 0, {})
        row.current = place.rows.select_related("indicator", "park").first() if year else None
        _compare(user, row, place)
    return row


def _compare(user: User, row: Checked, place: Wanted) -> None:
    """Read the row with the form of one target, and list what would change."""
    if not row.line["annual"]:
        if row.current:
            row.problems.append(_("年度目标空着。清空不等于撤回，要撤回这个目标，请到它的修改页。"))
        return
    form = TargetForm(_typed(row, place), instance=copy(row.current), user=user)
    if not form.is_valid():
        row.problems += [str(sentence) for sentences in form.errors.values() for sentence in sentences]
        return
    values = {name: value for name, value in form.values().items() if name not in TargetForm.IDENTITY}
    row.wanted = Wanted(place.park, place.indicator, place.year, place.level, row.version, values)
    if row.current:
        exported = row.line.get("version", "")
        row.newer = exported.isdigit() and int(exported) != row.current.version
        row.differences = [
            (
                str(Target._meta.get_field(name).verbose_name),
                _say(row.current, name, now),
                _say(row.current, name, then),
            )
            for name, then in values.items()
            if plain(now := getattr(row.current, name)) != plain(then)
        ]


def _typed(row: Checked, place: Wanted) -> dict[str, str]:
    """The row as the form of one target takes it; columns that the workbook lacks stay as they are stored."""
    line, current = row.line, row.current
    shapes = {str(label): value for value, label in SHAPES}
    bases = {_("全年"): "annual", "": "annual"}
    typed = {"park": place.park.code, "indicator": place.indicator.code, "year": line["year"], "level": place.level}
    typed |= {"annual": line["annual"], "version": str(row.version)}
    typed |= {name: _kept(line, current, name) for name in ("document", "issued_on", "authority", "note")}
    basis = _kept(line, current, "basis")
    typed["basis"] = bases.get(basis, basis)
    typed["shape"] = shapes.get(line.get("shape", ""), line.get("shape", ""))
    return typed | {key: text for key, text in line.items() if key.startswith("curve_")}


def _kept(line: Line, current: Target | None, name: str) -> str:
    return line[name] if name in line else str(getattr(current, name, None) or "")


def _say(target: Target, name: str, value: Any) -> str:
    if name == "annual":
        return say_amount(target.indicator, value)
    if name == "curve":
        return "、".join(say_amount(target.indicator, one) for one in value) or _("没有分月")
    return say_basis(value) if name == "basis" else in_words(Target, name, plain(value)) or "—"
