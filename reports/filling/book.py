"""A blank form as it lies there: opened, described cell by cell, and what its heads and labels let us guess."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from parkportal import workbooks
from projects.imports.heads import find, meaning, unit_in
from reports.filling.fields import BY_KEY, YUAN

MOST_ROWS: Final = 300
MOST_COLUMNS: Final = 60
MOST_UNZIPPED: Final = 5 * 2**20
"""Sizes of a form that a person fills; the gate's own limits are those of whole ledgers."""
TOTAL: Final = re.compile(r"^\s*[总合共小]\s*[计]")
UNIT: Final = re.compile(rf"[单]\s*[位]\s*[:：]\s*({'|'.join(sorted(YUAN, key=len, reverse=True))})")


def admit(name: str, data: bytes) -> list[workbooks.Sheet]:
    """The sheets of an uploaded form that the gate lets in; ValidationError in words for one that it does not."""
    try:
        if workbooks.check(name, data) != "xlsx":
            raise ValidationError(_("套表要用.xlsx格式。请用Excel或WPS打开，另存为.xlsx再上传。"))
        if _unzipped(data) > MOST_UNZIPPED:
            raise ValidationError(_("空表太大。请只留要填的工作表，删去用不到的行列后另存。"))
        sheets = workbooks.read(data, "xlsx")
    except workbooks.Refused as refused:
        raise ValidationError(str(refused)) from refused
    wide = [max((len(row) for row in sheet.rows), default=0) for sheet in sheets]
    if any(len(sheet.rows) > MOST_ROWS for sheet in sheets) or max(wide, default=0) > MOST_COLUMNS:
        sentence = _("套表最多%(rows)s行、%(columns)s列。请删去用不到的行列后另存。")
        raise ValidationError(sentence % {"rows": MOST_ROWS, "columns": MOST_COLUMNS})
    return [sheet for sheet in sheets if not sheet.is_hidden]


def _unzipped(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def has_drawings(data: bytes) -> bool:
    """Whether a form holds pictures or text boxes, which a filled one loses."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return any(entry.filename.startswith(("xl/drawings/drawing", "xl/media/")) for entry in archive.infolist())


def open_form(data: bytes, sheet: str) -> tuple[Workbook, Worksheet]:
    """The workbook of a form that was admitted, and its sheet."""
    book = load_workbook(io.BytesIO(data))
    return book, book[sheet]


@dataclass(frozen=True)
class Place:
    """One cell of the grid that a page shows."""

    ref: str
    text: str
    colspan: int = 1
    rowspan: int = 1
    is_formula: bool = False


@dataclass(frozen=True)
class Grid:
    """A sheet as rows of cells; covered cells of merged ranges are left out."""

    rows: list[tuple[int, list[Place]]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


def grid(sheet: Worksheet) -> Grid:
    """The sheet as a page shows it, up to its last text, merge or prepared cell."""
    height, width = min(sheet.max_row, MOST_ROWS), min(sheet.max_column, MOST_COLUMNS)
    spans = {(m.min_row, m.min_col): (m.max_col - m.min_col + 1, m.max_row - m.min_row + 1) for m in sheet.merged_cells}
    rows = []
    for row in range(1, height + 1):
        cells = (sheet.cell(row, column) for column in range(1, width + 1))
        rows.append((row, [_place(cell, spans) for cell in cells if isinstance(cell, Cell)]))
    return Grid(rows, [get_column_letter(column) for column in range(1, width + 1)])


def _place(cell: Cell, spans: Mapping[tuple[int, int], tuple[int, int]]) -> Place:
    colspan, rowspan = spans.get((cell.row, cell.column), (1, 1))
    return Place(cell.coordinate, text_of(cell), colspan, rowspan, cell.data_type == "f")


def text_of(cell: Cell | MergedCell) -> str:
    """What stands in a cell, as text."""
    return "" if cell.value is None else str(cell.value).strip()


def texts(sheet: Worksheet) -> Iterator[Cell]:
    """The cells that hold words."""
    for row in sheet.iter_rows(max_row=min(sheet.max_row, MOST_ROWS), max_col=min(sheet.max_column, MOST_COLUMNS)):
        yield from (cell for cell in row if isinstance(cell, Cell) and cell.data_type == "s" and cell.value)


def unit_of(sheet: Worksheet) -> str:
    """The unit of money that the form's line names; empty without one."""
    found = (UNIT.search(str(cell.value)) for cell in texts(sheet))
    return next((match[1] for match in found if match), "")


def head_of(sheet: Worksheet, column: int, first: int) -> str:
    """The words above a column, from top to bottom, merged heads filled in; at most three rows of them."""
    words: list[str] = []
    for row in range(max(first - 3, 1), first):
        cell = sheet.cell(row, column)
        whole = next((m for m in sheet.merged_cells if cell.coordinate in m), None)
        if whole is not None and whole.max_col - whole.min_col + 1 >= sheet.max_column:
            continue
        text = text_of(sheet.cell(whole.min_row, whole.min_col) if whole else cell)
        if text and text not in words and not UNIT.search(text):
            words.append(text)
    return " ".join(words)


def column_unit(sheet: Worksheet, column: int, first: int) -> str:
    """The unit of money that a column's own head names; empty where it leaves that to the form's line."""
    named = unit_in(head_of(sheet, column, first).rpartition(" ")[2])
    return named if named in YUAN else ""


def guess(sheets: list[workbooks.Sheet], sheet: Worksheet) -> dict[str, Any]:
    """What a new form's head tells: its prepared rows, the row of totals, and a field for each column it names."""
    read = next((one for one in sheets if one.name == sheet.title), None)
    head = find(read) if read else None
    if head is None:
        return {}
    first = head.row + head.height + 1
    total = first if _is_total(sheet, first) else None
    first += bool(total)
    last = _last_prepared(sheet, first)
    total = total or (last + 1 if _is_total(sheet, last + 1) else None)
    columns: dict[str, str] = {}
    for column in range(1, min(sheet.max_column, MOST_COLUMNS) + 1):
        key = _field_of(head_of(sheet, column, head.row + head.height + 1))
        if key and key not in columns.values():
            columns[get_column_letter(column)] = key
    return {"rows": {"first": first, "last": last, "total": total, "columns": columns}}


def _field_of(heading: str) -> str:
    whole, last = meaning(heading.replace(" ", "")), meaning(heading.rpartition(" ")[2])
    key = max(whole, last, key=lambda one: one[1])[0]
    return key if key in BY_KEY else ""


def _is_total(sheet: Worksheet, row: int) -> bool:
    cells = (sheet.cell(row, column) for column in range(1, 4))
    return any(TOTAL.match(text_of(cell)) for cell in cells)


def _last_prepared(sheet: Worksheet, first: int) -> int:
    """The last of the rows below the first that are drawn and hold nothing but their number."""
    row = first
    while row < min(sheet.max_row, MOST_ROWS) and _is_prepared(sheet, row + 1):
        row += 1
    return row


def _is_prepared(sheet: Worksheet, row: int) -> bool:
    cells = [sheet.cell(row, column) for column in range(1, min(sheet.max_column, MOST_COLUMNS) + 1)]
    written = [cell for cell in cells if cell.value is not None and cell.data_type != "f"]
    drawn = any(cell.border and cell.border.bottom and cell.border.bottom.style for cell in cells)
    return drawn and all(cell.column == 1 and str(cell.value).strip().isdigit() for cell in written)


def writable_cell(sheet: Worksheet, row: int, column: int) -> Cell | None:
    """The cell of the sheet as it lies there; None beyond its edge and where a merged range covers it."""
    inside = 1 <= row <= min(sheet.max_row, MOST_ROWS) and 1 <= column <= min(sheet.max_column, MOST_COLUMNS)
    cell = sheet.cell(row, column) if inside else None
    return cell if isinstance(cell, Cell) else None
