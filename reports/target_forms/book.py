"""A workbook of targets that comes back: read safely, checked row by row, and only then written."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal import workbooks
from parkportal.forms import posted_number
from parkportal.history import in_words
from parkportal.models import Park, User
from parkportal.trace import plain
from parkportal.writing import clean_text, write_number
from reports.inputs import SpokenForm
from reports.models import Indicator, Target
from reports.target_forms.one import TargetForm
from reports.target_forms.sheets import MOST_TEXT, NEEDED, READ, Found, Line, lines_of
from reports.targets import SHAPES, Wanted, say_amount, say_basis, write_amount

MOST_ROWS: Final = 300
Places = tuple[Mapping[str, Park], Mapping[str, Indicator], Mapping[tuple[int | None, int, int, str], Target]]
"""Parks and indicators by code, and what is stored by park, indicator, year and level."""


class BookForm(SpokenForm):
    """The workbook."""

    file = forms.FileField(
        label=gettext_lazy("工作簿"), allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et"})
    )

    def found(self) -> Found:
        """The rows of the uploaded workbook; ValidationError in words for one that cannot be read."""
        file = self.cleaned_data["file"]
        try:
            data = file.read()
            found = lines_of(workbooks.read(data, workbooks.check(file.name or "", data)))
        except workbooks.Refused as refused:
            raise ValidationError(str(refused)) from refused
        limit_rows(sum(1 for _number, line in found.lines if line["annual"]))
        return found


def limit_rows(count: int) -> None:
    """ValidationError where more rows say something than one page can carry."""
    if count > MOST_ROWS:
        raise ValidationError(
            _("一次最多导入%(most)s行，表里有%(n)s行，请分成几个文件。") % {"most": MOST_ROWS, "n": count}
        )


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
    begins: list[tuple[str, str]] = field(default_factory=list)
    """All that a new target would hold, by label."""
    newer: bool = False

    @property
    def key(self) -> str:
        """By what the row is ticked: its number, of several sheets with the name of its own."""
        sheet = self.line.get("sheet", "")
        return f"{sheet}-{self.number}" if sheet else str(self.number)

    @property
    def where(self) -> str:
        """Where the row stands, in words."""
        sheet = self.line.get("sheet", "")
        said = {"sheet": sheet, "row": self.number}
        return _("工作表“%(sheet)s”第%(row)s行") % said if sheet else _("第%(row)s行") % said

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

    @property
    def is_told(self) -> bool:
        """Whether the row says anything: one without a number, of which nothing is stored, does not."""
        return bool(self.kind != "same" or self.current)


def unpack(texts: Iterable[str]) -> list[tuple[int, Line, int]]:
    """The rows that a page carried, each with the version that it showed; ValidationError where one is damaged."""
    found = []
    try:
        for text in texts:
            told = json.loads(text)
            line = {key: clean_text(str(value))[:MOST_TEXT] for key, value in told["line"].items() if key in READ}
            found.append((int(told["number"]), {key: line.get(key, "") for key in NEEDED} | line, int(told["version"])))
    except (ArithmeticError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as damaged:
        raise ValidationError(_("页面不完整，请重新上传工作簿。")) from damaged
    return found[:MOST_ROWS]


def check(user: User, lines: Sequence[tuple[int, Line]]) -> list[Checked]:
    """Compare rows with what is stored and leave out those that say nothing; nothing is written."""
    parks = {park.code: park for park in Park.objects.visible_to(user).select_related("region")}
    indicators = {row.code: row for row in Indicator.objects.visible_to(user)}
    stored = Target.objects.visible_to(user).kept().filter(year__in={_year(line) for _number, line in lines})
    rows = stored.select_related("indicator", "park")
    by_identity = {(row.park_id, row.indicator_id, row.year, row.level): row for row in rows}
    checked = [_check(user, Checked(*one), (parks, indicators, by_identity)) for one in lines]
    found = [row for row in checked if row.is_told]
    named: dict[Any, Checked] = {}
    for row in found:
        if row.wanted and (first := named.setdefault(_identity(row.wanted), row)) is not row:
            row.problems.append(_("和%(where)s是同一个目标，请只留一行。") % {"where": first.where})
    return found


def _identity(wanted: Wanted) -> tuple[int, int, int, str]:
    return wanted.park.pk, wanted.indicator.pk, wanted.year, wanted.level


def _year(line: Line) -> int:
    """The year of four figures; 0 for anything else, which the form then says."""
    return posted_number(line["year"]) if len(line["year"]) == 4 else 0


def _check(user: User, row: Checked, places: Places) -> Checked:
    line, (parks, indicators, stored) = row.line, places
    row.park, row.indicator = parks.get(line["park"]), indicators.get(line["indicator"])
    if row.park is None:
        unknown = _("没有代码为“%(code)s”的园区，代码不要改。") % {"code": line["park"]}
        row.problems.append(unknown if line["park"] else _("缺园区代码，请照导出的表补上。"))
    if row.indicator is None:
        unknown = _("没有代码为“%(code)s”的指标，代码不要改。") % {"code": line["indicator"]}
        row.problems.append(unknown if line["indicator"] else _("缺指标代码，请照导出的表补上。"))
    if row.park and row.indicator:
        level = {str(label): value for value, label in Target.Level.choices}.get(line["level"], line["level"])
        place = Wanted(row.park, row.indicator, _year(line), level, 0, {})
        row.current = stored.get(_identity(place))
        _compare(user, row, place)
    return row


def _compare(user: User, row: Checked, place: Wanted) -> None:
    """Read the row with the form of one target, and list what would change."""
    if not row.line["annual"]:
        if row.current:
            row.problems.append(_("年度目标空着。清空不等于撤回，要撤回这个目标，请到它的修改页。"))
        return
    if sentence := _share_or_percent(place.indicator, row.line["annual"], row.current):
        row.problems.append(sentence)
        return
    form = TargetForm(_typed(row, place), instance=copy(row.current), user=user)
    if not form.is_valid():
        row.problems += [str(sentence) for sentences in form.errors.values() for sentence in sentences]
        return
    values = {name: value for name, value in form.values().items() if name not in TargetForm.IDENTITY}
    row.wanted = Wanted(place.park, place.indicator, place.year, place.level, row.version, values)
    if row.current is None:
        fresh = Target(park=place.park, indicator=place.indicator)
        row.begins = [(_label(name), _say(fresh, name, value)) for name, value in values.items() if value]
    else:
        exported = row.line.get("version", "")
        row.newer = posted_number(exported) not in {0, row.current.version}
        row.differences = [
            (_label(name), _say(row.current, name, now), _say(row.current, name, then))
            for name, then in values.items()
            if plain(now := getattr(row.current, name)) != plain(then)
        ]


def _share_or_percent(indicator: Indicator, text: str, current: Target | None) -> str:
    """A question where a rate may be a cell in percent: Excel keeps 85% as 0.85. Nothing where it is what is stored."""
    if indicator.display_unit != "%" or not re.fullmatch(r"0?\.[0-9]*[1-9][0-9]*|1", text):
        return ""
    if current and write_amount(indicator, current.annual) == text:
        return ""
    said = {"text": text, "percent": write_number(Fraction(text) * 100, 6, strip=True)}
    sentence = _("年度目标在表里是%(text)s，分不清是%(percent)s%%还是%(text)s%%。")
    mend = _("是%(percent)s%%的，填%(percent)s；是%(text)s%%的，把单元格设为文本，填“%(text)s%%”。")
    return (sentence + mend) % said


def _label(name: str) -> str:
    return str(Target._meta.get_field(name).verbose_name)


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
