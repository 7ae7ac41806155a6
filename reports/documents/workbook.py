"""附件1 to 附件5 as an Excel file for A4 laid across: heads repeated, numbers as numbers, a text always a text."""

import io
import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from unicodedata import east_asian_width

import xlsxwriter
from django.utils.translation import gettext as _

from parkportal import word
from reports.documents.annexes import SIGNED_BY, Annex, Column, Line, annexes_of, heading
from reports.documents.paper import Paper

SAFE: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
NUMBER: Final = re.compile(r"([+−]?)([0-9]{1,3}(?:,[0-9]{3})*)(\.[0-9]+)?(%|百分点|个|家|户|天|余|以上)?")
"""A written figure: sign, whole, decimals, and the word after it; “4万余” stays a text."""
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_DAY: Final = "1900-01-01"
"""Where the calendar of Excel begins; an earlier day stays a text."""
HEAD: Final = 2
"""The row of the columns' headings, below title and unit."""
TALL: Final = 15
"""Points of a line of 10 points."""
TALLEST: Final = 409
"""Points of the highest row that Excel opens without a complaint."""


def workbook(paper: Paper) -> bytes:
    """The whole annex, one sheet for each table and one for the definitions."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {**SAFE, "in_memory": True}) as book:
        book.set_properties({"title": paper.title, "author": paper.park.name, "created": paper.on})
        looks = Looks(book)
        for annex in annexes_of(paper):
            _write_annex(book.add_worksheet(annex.label), looks, paper, annex)
        _write_definitions(book.add_worksheet(_("数据口径")), looks, paper)
    return buffer.getvalue()


def typed(text: str) -> tuple[float | date, str] | None:
    """The number or day that a written cell says and the format that shows it as it is written; None for a text."""
    if DAY.fullmatch(text) and text >= FIRST_DAY:
        return date.fromisoformat(text), "yyyy-mm-dd"
    found = NUMBER.fullmatch(text)
    if not found:
        return None
    sign, whole, decimals, after = found.groups(default="")
    shape = ("#,##0" if "," in whole else "0") + ("." + "0" * (len(decimals) - 1) if decimals else "")
    shape += f'"{after}"' if after else ""
    value = float(f"{whole.replace(',', '')}{decimals}") * (-1 if sign == "−" else 1)
    return value, f"+{shape};−{shape};{shape}" if sign else shape


class Looks:
    """The formats of a book, each made once."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def of(self, **wanted: Any) -> Any:
        """A format: 10 points 宋体, in the middle of its height, wrapped, unless said otherwise."""
        values = {"font_name": word.NUMBERS, "font_size": 10, "valign": "vcenter", "text_wrap": True} | wanted
        key = tuple(sorted(values.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format(values)
        return self.made[key]


def _write_annex(sheet: Any, looks: Looks, paper: Paper, annex: Annex) -> None:
    _set_up(sheet, annex.columns)
    last = len(annex.columns) - 1
    title = f"{annex.label}　{annex.title}（{paper.state}）"
    _write_across(sheet, 0, last, title, looks.of(font_name=word.TITLE, font_size=16, align="center"), 30)
    _write_across(sheet, 1, last, heading(paper, annex), looks.of(font_size=11, text_wrap=False), 20)
    head = looks.of(bold=True, align="center", border=1, bg_color="#F1F4F3")
    sheet.set_row(HEAD, TALL * 2 + 4)
    for number, column in enumerate(annex.columns):
        sheet.write_string(HEAD, number, column.title, head)
    at = HEAD + 1
    for at, line in enumerate(annex.lines, HEAD + 1):
        _write_line(sheet, looks, at, line, annex.columns)
    _write_foot(sheet, looks, at + 1, last, annex)


def _set_up(sheet: Any, columns: Sequence[Column]) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, HEAD)
    sheet.freeze_panes(HEAD + 1, 2)
    sheet.set_footer("&C&P／&N")
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)


def _write_across(sheet: Any, row: int, last: int, text: str, look: Any, height: float) -> None:
    sheet.set_row(row, height)
    sheet.merge_range(row, 0, row, last, "", look)
    sheet.write_string(row, 0, word.clean(text), look)


def _write_line(sheet: Any, looks: Looks, row: int, line: Line, columns: Sequence[Column]) -> None:
    if line.kind == "group":
        _write_across(sheet, row, len(columns) - 1, line.cells[0], looks.of(bold=True, border=1), TALL + 5)
        return
    height = TALL * max(map(_lines, line.cells, (column.width for column in columns))) + 5
    sheet.set_row(row, min(height, TALLEST))
    for number, (text, column) in enumerate(zip(line.cells, columns, strict=True)):
        _write_cell(sheet, looks, row, number, text, column, bold=line.kind == "total")


def _write_cell(sheet: Any, looks: Looks, row: int, number: int, text: str, column: Column, *, bold: bool) -> None:
    look = {"align": column.align, "border": 1} | ({"bold": True} if bold else {})
    found = typed(text) if column.align != "left" else None
    if found is None:
        sheet.write_string(row, number, word.clean(text), looks.of(**look))
    elif isinstance(found[0], date):
        sheet.write_datetime(row, number, found[0], looks.of(**look, num_format=found[1]))
    else:
        sheet.write_number(row, number, found[0], looks.of(**look, num_format=found[1]))


def _write_foot(sheet: Any, looks: Looks, row: int, last: int, annex: Annex) -> None:
    whole = sum(column.width for column in annex.columns)
    small = looks.of(font_size=9)
    for number, note in enumerate(annex.notes, 1):
        place = f"{number}." if len(annex.notes) > 1 else ""
        text = f"{_('注：') if number == 1 else '　　'}{place}{note}"
        _write_across(sheet, row, last, text, small, TALL * _lines(text, whole))
        row += 1
    signed = "　　　　　　".join(f"{who}：" for who in SIGNED_BY)
    _write_across(sheet, row, last, signed, looks.of(text_wrap=False), 26)


def _lines(text: str, width: int) -> int:
    """About how many lines a text takes in a column, where a Chinese character is two wide."""
    length = sum(2 if east_asian_width(char) in "WFA" else 1 for char in text)
    return max(-(-length // max(width - 1, 1)), 1)


def _write_definitions(sheet: Any, looks: Looks, paper: Paper) -> None:
    columns = [Column(_("序号"), 6), Column(_("指标"), 34), Column(_("口径"), 100)]
    lines = [[str(n), name, text] for n, (name, text) in enumerate(paper.definitions, 1)]
    annex = Annex(0, _("数据口径说明"), "", columns, [Line(cells) for cells in lines])
    _set_up(sheet, columns)
    _write_across(sheet, 0, 2, annex.title, looks.of(font_name=word.TITLE, font_size=16, align="center"), 30)
    _write_across(sheet, 1, 2, _("数据截至%(day)s") % {"day": paper.as_of}, looks.of(font_size=11), 20)
    for number, column in enumerate(columns):
        sheet.write_string(HEAD, number, column.title, looks.of(bold=True, align="center", border=1))
    for row, line in enumerate(annex.lines, HEAD + 1):
        _write_line(sheet, looks, row, line, columns)
