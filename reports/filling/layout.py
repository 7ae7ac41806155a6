"""A worksheet that grows: rows put in below the last prepared one, and everything that names rows moved along."""

import re
from copy import copy
from typing import Final

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.formula.translate import Translator
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet

ROW_IN_REFERENCE: Final = re.compile(r"(\$?[A-Z]{1,3}\$?)([0-9]+)")

DEFAULT_WIDTH: Final = 8.43
"""Characters of a column that nobody widened."""


def grow(sheet: Worksheet, first: int, last: int, more: int) -> None:
    """Put `more` rows after row `last` of the prepared rows `first` to `last`, each like the first one.

    Merged heads, heights, formulas (sums reach over the new rows), print area and conditions move along.
    """
    if more <= 0:
        return
    heights = {row: sheet.row_dimensions[row].height for row in list(sheet.row_dimensions)}
    sheet.insert_rows(last + 1, more)
    _move_heights(sheet, heights, first, last, more)
    _move_merges(sheet, first, last, more)
    _move_formulas(sheet, first, last, more)
    _move_print_set_up(sheet, last, more)
    _move_conditions(sheet, last, more)
    for row in range(last + 1, last + more + 1):
        _copy_row(sheet, first, row)


def _move_heights(sheet: Worksheet, heights: dict[int, float | None], first: int, last: int, more: int) -> None:
    for row in [row for row in heights if row > last]:
        sheet.row_dimensions[row].height = None
    for row, height in heights.items():
        if row > last:
            sheet.row_dimensions[row + more].height = height
    for row in range(last + 1, last + more + 1):
        sheet.row_dimensions[row].height = heights.get(first)


def _move_merges(sheet: Worksheet, first: int, last: int, more: int) -> None:
    for merged in list(sheet.merged_cells.ranges):
        if merged.min_row > last:
            merged.shift(row_shift=more)
        elif merged.max_row > last:
            merged.expand(down=more)
    like = [merged for merged in sheet.merged_cells.ranges if merged.min_row == merged.max_row == first]
    for merged in like:
        for row in range(last + 1, last + more + 1):
            sheet.merge_cells(None, row, merged.min_col, row, merged.max_col)


def moved_range(text: str, last: int, more: int) -> str:
    """A range without sheet, such as “A1:H20”, after `more` rows were put in below row `last`."""
    found = CellRange(text)
    if found.min_row > last:
        found.shift(row_shift=more)
    elif found.max_row >= last:
        found.expand(down=more)
    return str(found.coord)


def _move_formulas(sheet: Worksheet, first: int, last: int, more: int) -> None:
    for other in sheet.parent.worksheets if sheet.parent else []:
        for row in other.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.data_type == "f":
                    own = other is sheet
                    inside = own and first <= cell.row <= last
                    cell.value = moved_formula(cell.value, sheet.title, own, last, more, reach=not inside)


def moved_formula(text: str, title: str, own: bool, last: int, more: int, *, reach: bool) -> str:
    """A formula after `more` rows were put in below row `last` of the sheet `title`.

    `own` says that it stands on that sheet; `reach`, that a range which ends with row `last` takes the new rows in.
    """
    tokens = Tokenizer(text)
    for token in tokens.items:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            sheet, mark, body = token.value.rpartition("!")
            if sheet.strip("'").replace("''", "'") == title or (own and not mark):
                token.value = sheet + mark + _moved_reference(body, last, more, reach)
    return "=" + "".join(token.value for token in tokens.items)


def _moved_reference(body: str, last: int, more: int, reach: bool) -> str:
    begin, colon, end = body.partition(":")
    start = ROW_IN_REFERENCE.fullmatch(begin)
    grows_at = last if reach and colon and start and int(start[2]) <= last else last + 1

    def moved(reference: str, limit: int) -> str:
        return ROW_IN_REFERENCE.sub(
            lambda found: f"{found[1]}{int(found[2]) + (more if int(found[2]) >= limit else 0)}", reference
        )

    return moved(begin, last + 1) + colon + moved(end, grows_at)


def _move_print_set_up(sheet: Worksheet, last: int, more: int) -> None:
    if sheet.print_area:
        areas = sheet.print_area if isinstance(sheet.print_area, list) else sheet.print_area.split(",")
        sheet.print_area = ",".join(moved_range(area.rpartition("!")[2].replace("$", ""), last, more) for area in areas)
    for page_break in sheet.row_breaks.brk:
        page_break.id += more if page_break.id > last else 0
    if sheet.auto_filter.ref:
        sheet.auto_filter.ref = moved_range(sheet.auto_filter.ref, last, more)


def _move_conditions(sheet: Worksheet, last: int, more: int) -> None:
    before, sheet.conditional_formatting = sheet.conditional_formatting, ConditionalFormattingList()
    for formatted in before:
        place = " ".join(moved_range(str(part.coord), last, more) for part in formatted.sqref.ranges)
        for rule in formatted.rules:
            sheet.conditional_formatting.add(place, rule)
    for validation in sheet.data_validations.dataValidation:
        parts = [moved_range(str(part.coord), last, more) for part in validation.sqref.ranges]
        validation.sqref = MultiCellRange(" ".join(parts))


def _copy_row(sheet: Worksheet, source: int, target: int) -> None:
    """Give a new row the look of another one, and its formulas as they would be copied down."""
    for column in range(1, sheet.max_column + 1):
        model, cell = sheet.cell(source, column), sheet.cell(target, column)
        cell._style = copy(model._style)  # type: ignore[union-attr]
        if isinstance(model, MergedCell) or isinstance(cell, MergedCell):
            continue
        if isinstance(model.value, str) and model.data_type == "f":
            place = f"{get_column_letter(column)}{target}"
            cell.value = Translator(model.value, origin=model.coordinate).translate_formula(place)


def writable(sheet: Worksheet, row: int, column: int) -> Cell | None:
    """The cell at a place; None where a merged range covers it from the left or above."""
    cell = sheet.cell(row, column)
    return None if isinstance(cell, MergedCell) else cell


def width_of(sheet: Worksheet, column: int) -> float:
    """The width of a column in characters; asking the sheet's own table for it would add one there."""
    known = (dim for dim in sheet.column_dimensions.values() if dim.min and dim.min <= column <= (dim.max or dim.min))
    return float(next((dim.width for dim in known), sheet.sheet_format.defaultColWidth or DEFAULT_WIDTH))
