"""Rows as files: CSV, Excel and NDJSON, typed and in pieces, with cells that no spreadsheet takes for a formula.

REST streams bare columns (`as_csv`, `as_xlsx`, `as_ndjson`); a page hands out a `Table` with title, unit and totals,
ready for print (`csv_of`, `xlsx_of`), whose heads the import of ledgers knows.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson
import xlsxwriter
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from parkportal.writing import write_date, write_money, write_number

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

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


def _is_formula(text: str) -> bool:
    """Whether a spreadsheet would calculate the text, apostrophes before it set aside."""
    return text.lstrip("'").lstrip(" \u00a0\u3000\ufeff").startswith(FORMULA_STARTS)


def safe_text(text: str) -> str:
    """Return the text with an apostrophe before what a spreadsheet would calculate; other text stays as it is."""
    return "'" + text if _is_formula(text) else text


def plain_text(text: str) -> str:
    """Return what `safe_text` was given: without the apostrophe that it set, and with those that were there before."""
    return text[1:] if text.startswith("'") and _is_formula(text[1:]) else text


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


Kind = Literal["text", "long", "money", "usd", "count", "area", "day", "percent"]
PARTS: Final[Mapping[str, int]] = {"money": 10_000, "usd": 10_000, "area": 100}
"""How many of what is stored make one of what is written: yuan in 万元, dollars in 万美元, hundredths in 亩."""
UNITS: Final[Mapping[str, str]] = {"money": "万元", "usd": "万美元"}
WIDTHS: Final[Mapping[str, int]] = {"text": 14, "long": 32, "day": 12}


@dataclass(frozen=True)
class Inexact:
    """A number or day that is not exactly known: what it adds up to, and how it is written."""

    value: Any
    text: str


@dataclass(frozen=True)
class Column:
    """One column of a list: its key in settings, its head, of what kind its values are, and how a row tells them.

    `read` returns a text, or None, a day, whole yuan (dollars, hundredths of a 亩), a ratio, or one of these as
    `Inexact`.
    """

    key: str
    heading: "StrPromise | str"
    kind: Kind
    read: Callable[[Any], Any]
    summed: bool = False
    width: int = 0

    def cell(self, value: Any) -> Any:
        """A value as a cell holds it: an exact one typed and in the unit of its kind, an inexact one in words."""
        if isinstance(value, Inexact):
            return value.text
        if self.kind in {"text", "long"}:
            return str(value or "")
        if value is None or isinstance(value, date):
            return value
        whole, rest = divmod(value, PARTS.get(self.kind, 1))
        return float(value / PARTS.get(self.kind, 1)) if rest else int(whole)

    def in_words(self, value: Any) -> str:
        """A value as a page shows it, empty where nothing is known."""
        if isinstance(value, Inexact):
            return value.text
        if value is None or self.kind in {"text", "long"}:
            return str(value or "")
        if isinstance(value, date):
            return write_date(value)
        if self.kind in UNITS:
            return write_money(value, UNITS[self.kind])
        return write_number(Fraction(value, 100), 2, strip=True) if self.kind == "area" else f"{value:,}"


@dataclass
class Table:
    """A list to be handed out: what it is called, in what unit, its columns and rows, and what stands under them."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    note: str = ""
    unit: str = ""
    noun: str = ""
    totals: Mapping[str, Any] | None = None
    """Totals that are not the sums of the cells, such as those by share; None for the sums."""
    label: str = ""
    """What names the totals, empty for “合计18个”."""

    def heads(self) -> list[str]:
        """The heads, the number of the row first."""
        return [_("序号"), *(str(column.heading) for column in self.columns)]

    def lines(self, sums: dict[str, Any]) -> Iterator[list[Any]]:
        """The cells of each row; what they add up to goes to `sums`, with their number under “”."""
        for number, row in enumerate(self.rows, 1):
            values = [column.read(row) for column in self.columns]
            for column, value in zip(self.columns, values, strict=True):
                known = value.value if isinstance(value, Inexact) else value
                if column.summed and known is not None:
                    sums[column.key] = sums.get(column.key, 0) + known
            sums[""] = number
            yield [number, *(column.cell(value) for column, value in zip(self.columns, values, strict=True))]

    def foot(self, sums: Mapping[str, Any]) -> list[Any]:
        """The totals in the cells of their columns, with their name in the first column of text."""
        label = self.label or _("合计%(count)s%(noun)s") % {"count": sums.get("", 0), "noun": self.noun}
        known = sums if self.totals is None else self.totals
        cells = [column.cell(known.get(column.key)) if column.summed else None for column in self.columns]
        place = next((n for n, column in enumerate(self.columns) if column.kind in {"text", "long"}), None)
        return [label, *cells] if place is None else [None, *cells[:place], label, *cells[place + 1 :]]


def csv_of(table: Table) -> Iterator[bytes]:
    """Yield a table as CSV: its heads, which name their units, and its rows, without title and totals."""
    return as_csv(table.heads(), table.lines({}))


def xlsx_of(table: Table) -> Iterator[bytes]:
    """Yield a table as a workbook that prints: title, unit, head on each page, totals, A4 or A3 on its side."""
    with tempfile.TemporaryFile() as file:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(file, options) as book:
            _Printed(book, table).fill()
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


HEAD_ROW: Final = 2
A4, A3, A4_HOLDS, A3_HOLDS = 9, 8, 150, 240
"""Paper by the numbers of Excel, and how many characters in a row each shows legibly."""
FONT: Final = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}


class _Printed:
    """One sheet that is filled from top to bottom."""

    def __init__(self, book: xlsxwriter.Workbook, table: Table) -> None:
        self.book, self.table = book, table
        self.sheet = book.add_worksheet(table.title[:31].translate(dict.fromkeys(map(ord, "[]:*?/\\"))) or None)
        self.widths = [6, *(column.width or WIDTHS.get(column.kind, 13) for column in table.columns)]
        self.formats: dict[tuple[str, bool, bool], Any] = {}

    def fill(self) -> None:
        """Write everything; the rows are read once."""
        self._set_up()
        self._write_top()
        sums: dict[str, Any] = {}
        row = HEAD_ROW
        for row, cells in enumerate(self.table.lines(sums), HEAD_ROW + 1):
            self._write(row, cells)
        self.sheet.autofilter(HEAD_ROW, 0, row, len(self.widths) - 1)
        self._write(row + 1, self.table.foot(sums), bold=True)
        self.sheet.print_area(0, 0, row + 1, len(self.widths) - 1)

    def _set_up(self) -> None:
        sheet = self.sheet
        sheet.set_landscape()
        total = sum(self.widths)
        sheet.set_paper(A4 if total <= A4_HOLDS else A3)
        sheet.fit_to_pages(-(-total // A3_HOLDS), 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&C第&P页，共&N页")
        sheet.repeat_rows(HEAD_ROW)
        sheet.repeat_columns(0, min(2, len(self.widths) - 1))
        sheet.freeze_panes(HEAD_ROW + 1, min(3, len(self.widths)))
        for number, width in enumerate(self.widths):
            sheet.set_column(number, number, width)

    def _write_top(self) -> None:
        """Title, what was chosen with the unit on the right, and the head."""
        last, sheet = len(self.widths) - 1, self.sheet
        sheet.set_row(0, 30)
        sheet.write_string(
            0, 0, self.table.title, self.book.add_format(FONT | {"bold": True, "font_size": 16, "font_name": "黑体"})
        )
        note = self.book.add_format(FONT)
        sheet.write_string(1, 0, _fitting(self.table.note), note)
        if self.table.unit:
            right = self.book.add_format(FONT | {"align": "right"})
            sheet.write_string(1, last, _("单位：%(unit)s") % {"unit": self.table.unit}, right)
        look = FONT | {"bold": True, "border": 1, "align": "center", "text_wrap": True, "bg_color": "#EEF2F3"}
        head = self.book.add_format(look)
        sheet.set_row(HEAD_ROW, 32)
        for number, heading in enumerate(self.table.heads()):
            sheet.write_string(HEAD_ROW, number, heading, head)

    def _write(self, row: int, cells: Sequence[Any], *, bold: bool = False) -> None:
        kinds = ["count", *(column.kind for column in self.table.columns)]
        for number, (kind, value) in enumerate(zip(kinds, cells, strict=True)):
            look = self._format(kind, value, bold)
            if value is None or value == "":
                self.sheet.write_blank(row, number, None, look)
            elif isinstance(value, date):
                self.sheet.write_datetime(row, number, value, look)
            elif isinstance(value, int | float) and abs(value) < MOST_DIGITS:
                self.sheet.write_number(row, number, value, look)
            else:
                self.sheet.write_string(row, number, _fitting(str(value)), look)

    def _format(self, kind: str, value: Any, bold: bool) -> Any:
        """How a cell looks: numbers in groups of three, with decimals only where there are some."""
        known = (kind, isinstance(value, float), bold)
        if known not in self.formats:
            number = "#,##0.00##" if isinstance(value, float) else "#,##0"
            form = {"day": DAY_FORMAT, "percent": "0.0%"}.get(kind, number)
            plain = kind in {"text", "long"}
            look = {"num_format": "@"} if plain else {"num_format": form}
            wrap = {"text_wrap": True} if plain or isinstance(value, str) else {}
            self.formats[known] = self.book.add_format(FONT | {"border": 1, "bold": bold} | look | wrap)
        return self.formats[known]
