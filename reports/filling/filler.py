"""Filling a form: every mapped cell, the project rows, their totals and the line with its blanks."""

import io
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment
from openpyxl.utils import column_index_from_string
from openpyxl.workbook.properties import CalcProperties
from openpyxl.worksheet.worksheet import Worksheet

from parkportal.exports import FORMULA_STARTS
from reports.filling.book import column_unit, open_form, texts, unit_of
from reports.filling.fields import BY_KEY, Field, Row, Written, totals, write
from reports.filling.figures import VALUES, write_figure
from reports.filling.layout import grow, width_of, writable
from reports.filling.lines import fill_line
from reports.models import ScorecardLine
from reports.periods import Period

TEXTS: Final[Mapping[str, Any]] = {
    "park": gettext_lazy("填报单位"),
    "filled_on": gettext_lazy("填报日期"),
    "as_of": gettext_lazy("数据截至"),
    "period": gettext_lazy("期间"),
    "filler": gettext_lazy("填报人"),
}
"""Facts that a cell may hold as text."""
DAY_FORMAT: Final = "yyyy-mm-dd"
SIZE_LIMIT: Final = 32_767


@dataclass(frozen=True)
class Order:
    """What a form is to be filled with: its facts in words, the projects, and the figures of a period."""

    facts: Mapping[str, str]
    period: Period
    rows: Sequence[Row]
    lines: Mapping[str, ScorecardLine]


@dataclass(frozen=True)
class Entry:
    """A number that was put somewhere: where, what it is (the same key means the same thing), and how it reads."""

    cell: str
    key: str
    label: str
    plain: str
    words: str

    def as_json(self) -> dict[str, str]:
        """As the register keeps it."""
        return {"cell": self.cell, "key": self.key, "label": self.label, "plain": self.plain, "words": self.words}


def fill(data: bytes, sheet_name: str, mapping: Mapping[str, Any], order: Order) -> tuple[bytes, list[Entry]]:
    """The filled form as a file, and every number that was put into it."""
    book, sheet = open_form(data, sheet_name)
    unit = unit_of(sheet)
    rows = mapping.get("rows") or {}
    more = max(len(order.rows) - (rows["last"] - rows["first"] + 1), 0) if rows else 0
    entries = _fill_cells(sheet, mapping.get("cells") or {}, order, unit, rows.get("last", 0), more)
    for cell in list(texts(sheet)):
        if cell.coordinate not in (mapping.get("cells") or {}):
            _fill_line(cell, order.facts)
    if rows:
        units = {letter: _unit(sheet, letter, rows["first"]) or unit or "万元" for letter in rows["columns"]}
        grow(sheet, rows["first"], rows["last"], more)
        entries += _fill_rows(sheet, rows, order, units, more)
    book.calculation = CalcProperties(fullCalcOnLoad=True)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue(), entries


def _unit(sheet: Worksheet, letter: str, first: int) -> str:
    return column_unit(sheet, column_index_from_string(letter), first)


def put(cell: Cell, value: Any) -> None:
    """Write a value as what it is: a text is always a text, whatever it begins with."""
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)[:SIZE_LIMIT]
    cell.value = value
    if isinstance(value, str) and value:
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(FORMULA_STARTS)
        return
    if isinstance(value, date) and cell.number_format in {"General", "@"}:
        cell.number_format = DAY_FORMAT
    if value is not None and width_of(cast(Worksheet, cell.parent), cell.column) < _length(cell) + 2:
        _shrink(cell)


def _length(cell: Cell) -> int:
    """About how many characters a number or a day takes as it is shown."""
    if isinstance(cell.value, date):
        return len(DAY_FORMAT)
    return len(f"{cell.value:,}") + 3 * ("." in cell.number_format)


def _shrink(cell: Cell) -> None:
    """Show a number smaller rather than as “###”, where its column is too narrow and has to stay so."""
    alignment = cast(Alignment, copy(cell.alignment))
    alignment.shrink_to_fit, alignment.wrap_text = True, False
    cell.alignment = alignment


def _fill_line(cell: Cell, facts: Mapping[str, str]) -> None:
    text = str(cell.value)
    filled = fill_line(text, facts)
    if filled != text:
        put(cell, filled)


def _fill_cells(
    sheet: Worksheet, cells: Mapping[str, Any], order: Order, unit: str, last: int, more: int
) -> list[Entry]:
    entries = []
    for ref, wanted in cells.items():
        cell = sheet[ref]
        if not isinstance(cell, Cell) or cell.data_type == "f":
            continue
        if wanted["kind"] == "text":
            put(cell, order.facts[wanted["text"]])
            continue
        line, value = order.lines.get(wanted["indicator"]), wanted["value"]
        written = write_figure(line, value, wanted.get("unit") or unit, as_ratio="%" in cell.number_format)
        put(cell, written.value)
        place = f"{cell.column_letter}{cell.row + (more if cell.row > last else 0)}"
        if line and written.plain:
            key = f"figure:{wanted['indicator']}:{value}:{order.period}"
            label = _("%(name)s（%(period)s%(what)s）")
            words = {"name": line.indicator.name, "period": order.facts["period"], "what": VALUES[value]}
            entries.append(Entry(place, key, label % words, written.plain, written.words))
    return entries


def _fill_rows(
    sheet: Worksheet, rows: Mapping[str, Any], order: Order, units: Mapping[str, str], more: int
) -> list[Entry]:
    """Write the projects; prepared rows that are left over are emptied in the mapped columns."""
    first, last, entries = rows["first"], rows["last"] + more, []
    for letter, key in rows["columns"].items():
        field, column = BY_KEY[key], column_index_from_string(letter)
        written = [write(field, row, units[letter]) for row in order.rows]
        for at in range(first, last + 1):
            cell = writable(sheet, at, column)
            one = written[at - first] if at - first < len(written) else Written(None)
            if cell is not None and (cell.data_type != "f" or one.value is not None):
                put(cell, one.value)
        entries += [_entry(f"{letter}{first + n}", field, order.rows[n], one, order) for n, one in enumerate(written)]
        _fill_total(sheet, rows, field, column, totals(field, written), more)
    return [entry for entry in entries if entry.plain]


def _entry(place: str, field: Field, row: Row, written: Written, order: Order) -> Entry:
    month = f":{order.period}" if field.dated else ""
    label = _("%(project)s：%(field)s") % {"project": row.project.name, "field": field.label}
    return Entry(place, f"project:{row.project.code}:{field.key}{month}", label, written.plain, written.words)


def _fill_total(
    sheet: Worksheet, rows: Mapping[str, Any], field: Field, column: int, total: int | float | None, more: int
) -> None:
    """Write the sum of a column where the form has a row for it and neither a formula nor a word stands there."""
    at = rows.get("total")
    if not at or total is None:
        return
    cell = writable(sheet, at + (more if at > rows["last"] else 0), column)
    if cell is not None and cell.value is None:
        put(cell, total)
