"""Rows as files: CSV, Excel and NDJSON, typed and in pieces, with cells that no spreadsheet takes for a formula."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import orjson
import xlsxwriter
from django.utils.timezone import localtime

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, full-width forms included."""
MOST_DIGITS: Final = 10**15
"""From here on Excel forgets the last digits of a number, so it is written as text."""
MOST_CHARACTERS: Final = 32_767
MOST_ROWS: Final = 1_048_576
"""What one cell and one sheet of Excel hold."""
CHUNK: Final = 64 * 1024
DAY_FORMAT: Final = "yyyy-mm-dd"
MOMENT_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"


def safe_text(text: str) -> str:
    """Return the text with an apostrophe before what a spreadsheet would calculate; other text stays as it is."""
    return "'" + text if text.lstrip(" \u00a0\u3000\ufeff").startswith(FORMULA_STARTS) else text


def flat(value: Any) -> Any:
    """Return what one cell holds: lists and objects as JSON, moments in local time, the rest as it is."""
    if isinstance(value, list | dict):
        return orjson.dumps(value).decode() if value else ""
    return localtime(value) if isinstance(value, datetime) else value


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield a CSV file in UTF-8 with the mark that Excel looks for; empty cells are unknown."""
    yield "\ufeff".encode()
    for block in _blocks(rows, first=columns):
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows([_csv_cell(value) for value in row] for row in block)
        yield buffer.getvalue().encode()


def _csv_cell(value: Any) -> Any:
    value = flat(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return safe_text(value) if isinstance(value, str) else value


def _blocks(rows: Iterable[Sequence[Any]], first: Sequence[Any], size: int = 500) -> Iterator[list[Sequence[Any]]]:
    """Yield the rows in blocks, so that a large file leaves in pieces of some size."""
    block: list[Sequence[Any]] = [first]
    for row in rows:
        block.append(row)
        if len(block) >= size:
            yield block
            block = []
    if block:
        yield block


def as_ndjson(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield one JSON object per line."""
    for row in rows:
        yield orjson.dumps(row, default=str, option=orjson.OPT_APPEND_NEWLINE)


def as_xlsx(columns: Sequence[str], rows: Iterable[Sequence[Any]], name: str = "1") -> Iterator[bytes]:
    """Yield an Excel file; rows beyond what a sheet holds go to further sheets, each with the heading."""
    with tempfile.TemporaryFile() as file:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(file, options) as book:
            _Sheets(book, columns, name).write(rows)
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


class _Sheets:
    """The sheets of one workbook, filled row by row."""

    def __init__(self, book: xlsxwriter.Workbook, columns: Sequence[str], name: str) -> None:
        self.book, self.columns, self.name = book, columns, name
        self.bold = book.add_format({"bold": True})
        self.day = book.add_format({"num_format": DAY_FORMAT})
        self.moment = book.add_format({"num_format": MOMENT_FORMAT})
        self.count = 0

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write all rows, beginning a new sheet where one is full."""
        self._next_sheet()
        for row in rows:
            if self.row >= MOST_ROWS:
                self._next_sheet()
            for column, value in enumerate(row):
                self._cell(column, flat(value))
            self.row += 1

    def _next_sheet(self) -> None:
        self.count += 1
        self.sheet = self.book.add_worksheet(self.name if self.count == 1 else f"{self.name}-{self.count}")
        self.sheet.freeze_panes(1, 0)
        for column, heading in enumerate(self.columns):
            self.sheet.write_string(0, column, heading, self.bold)
        self.row = 1

    def _cell(self, column: int, value: Any) -> None:
        """Write a value as what it is; a text is always a text."""
        if isinstance(value, bool):
            self.sheet.write_boolean(self.row, column, value)
        elif isinstance(value, datetime):
            self.sheet.write_datetime(self.row, column, value.replace(tzinfo=None), self.moment)
        elif isinstance(value, date):
            self.sheet.write_datetime(self.row, column, value, self.day)
        elif isinstance(value, int | float) and abs(value) < MOST_DIGITS:
            self.sheet.write_number(self.row, column, value)
        elif value not in (None, ""):
            self.sheet.write_string(self.row, column, _fitting(str(value)))


def _fitting(text: str) -> str:
    """Return the text as far as a cell holds it, with a sign where it was cut."""
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
