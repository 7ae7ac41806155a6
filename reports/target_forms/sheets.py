"""The worksheets of an uploaded workbook of targets: where their heads are, and what stands under them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from parkportal.exports import plain_text
from parkportal.workbooks import Cell, Sheet
from parkportal.writing import clean_text
from projects.imports.cells import written
from projects.imports.rows import FOOTER, TOTAL
from reports.targets.export import COLUMNS

MOST_TEXT: Final = 300
HEAD_ROWS: Final = 20
HEADS: Final = {"序号": "number"} | {str(column.heading): column.key for column in COLUMNS}
NEEDED: Final = ("park", "indicator", "year", "level", "annual")
PRINTED: Final = frozenset({"number", "park_name", "indicator_name", "unit"})
"""Columns that are there for people; what stands in them is not read."""
READ: Final = frozenset({"sheet", *HEADS.values()} - PRINTED)
Line = dict[str, str]


@dataclass
class Found:
    """The rows of all sheets, each with its number in its sheet, and the heads of columns that nobody knows."""

    lines: list[tuple[int, Line]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def lines_of(sheets: Sequence[Sheet]) -> Found:
    """What stands under the heads of all visible sheets; ValidationError in words where no sheet has them."""
    tables = [(sheet, *head) for sheet in sheets if not sheet.is_hidden and (head := _head_of(sheet))]
    if not tables:
        named = "、".join(head for head, key in HEADS.items() if key in NEEDED)
        raise ValidationError(_("没有认出表头。请用导出的表填写，要有这几列：%(heads)s。") % {"heads": named})
    found = Found()
    for sheet, number, heads in tables:
        keys = _keys(heads)
        name = {"sheet": sheet.name[:MOST_TEXT]} if len(tables) > 1 else {}
        _fill_down(sheet, number, keys)
        found.lines += [(row, line | name) for row, line in _lines(sheet, number, keys)]
        found.unread += [text for text in heads.values() if text not in HEADS and text not in found.unread]
    return found


def _head_of(sheet: Sheet) -> tuple[int, dict[int, str]] | None:
    """The number of the row of heads and what each of its columns is called; None where there is none."""
    for number, row in enumerate(sheet.rows[:HEAD_ROWS]):
        heads = {n: text for n, cell in enumerate(row) if (text := re.sub(r"\s", "", text_of(cell)))}
        if set(NEEDED) <= {HEADS.get(text) for text in heads.values()}:
            return number, heads
    return None


def _keys(heads: Mapping[int, str]) -> dict[int, str]:
    """The columns that are read; ValidationError where a head stands over two of them."""
    keys: dict[int, str] = {}
    for column, text in heads.items():
        key = HEADS.get(text)
        if key is None or key in PRINTED:
            continue
        if key in keys.values():
            first = next(n for n, known in keys.items() if known == key)
            said = {"head": text, "first": get_column_letter(first + 1), "second": get_column_letter(column + 1)}
            raise ValidationError(_("“%(head)s”写了两列（%(first)s列和%(second)s列），请只留一列再上传。") % said)
        keys[column] = key
    return keys


def _fill_down(sheet: Sheet, head: int, keys: Mapping[int, str]) -> None:
    """Write what a merged cell under the head says into each of its rows; whose number it is, nobody can tell."""
    for top, left, bottom, _right in sheet.merges:
        key = keys.get(left)
        if top <= head or key is None:
            continue
        is_number = key == "annual" or key.startswith("curve_")
        value = _("（合并单元格）") if is_number else sheet.at(top, left)
        for row in range(top + 1, min(bottom + 1, len(sheet.rows))):
            if sheet.at(row, left) is None and sheet.at(top, left) is not None:
                sheet.set(row, left, value)


def _lines(sheet: Sheet, head: int, keys: Mapping[int, str]) -> Iterator[tuple[int, Line]]:
    """The rows under the head with their numbers; totals, and rows without park, indicator and number, are none."""
    for number in range(head + 1, len(sheet.rows)):
        line = {key: text_of(sheet.at(number, column)) for column, key in keys.items()}
        is_note = not line["indicator"] and any(words.match(line["park"]) for words in (TOTAL, FOOTER))
        if not is_note and any(line[key] for key in ("park", "indicator", "annual")):
            yield number + 1, line


def text_of(cell: Cell) -> str:
    """What a person would read in a cell; a formula without a result is said, so that no number is made of it."""
    if isinstance(cell, dict) and "date" not in cell:
        return _("（公式没有结果）")
    return plain_text(clean_text(written(cell)))[:MOST_TEXT]
