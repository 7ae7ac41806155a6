"""The 周报 as Word and Excel: the projects of a week in one table, landscape, as superiors expect a paper to look."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from unicodedata import east_asian_width

import xlsxwriter
from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT
from docx.shared import Mm, Pt

from parkportal import word
from parkportal.writing import write_date
from projects.services.weekly import COLUMNS, Week

HEAD: Final = ("序号", "项目名称", "目前进展", "存在问题", "下一步计划", "责任单位／责任人")
WIDTHS: Final = (13, 38, 56, 42, 45, 31)
"""In mm; together the 225 mm between the margins."""
SHEET_WIDTHS: Final = (6, 26, 42, 30, 32, 20)
"""In characters of Excel."""
LINE_HEIGHT: Final = 15
"""In points; rows of a fixed height print alike in Excel, WPS and LibreOffice."""
MARGINS: Final = {"top_margin": 28, "bottom_margin": 26, "left_margin": 35, "right_margin": 37}
"""GB/T 9704's 37, 28, 35 and 26 mm of the upright page, turned so that the head of the table lies at the binding."""
ALIGNS: Final = (word.CENTRE, *[word.LEFT] * 4, word.CENTRE)


@dataclass(frozen=True)
class WeeklyReport:
    """What a 周报 tells: the park, up to which day, of which unit (“”: all), its rows, and how many are left out."""

    park: str
    as_of: date
    unit: str
    weeks: Sequence[Week]
    left_out: int = 0

    @property
    def title(self) -> str:
        """“白沙洲工业园区招商项目周报”."""
        return _("%(place)s招商项目周报") % {"place": f"{self.park}{self.unit}"}

    @property
    def line(self) -> str:
        """“截至2020年9月30日，共18个项目，本周填报15个”."""
        reported = sum(week.note is not None for week in self.weeks)
        words = {"day": write_date(self.as_of, style="text"), "all": len(self.weeks), "now": reported}
        return _("截至%(day)s，共%(all)s个项目，本周填报%(now)s个") % words

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The table: number, name, the three texts, and who is responsible."""
        return [(str(number), *_row(week)) for number, week in enumerate(self.weeks, 1)]

    @property
    def notes(self) -> list[str]:
        """What a reader has to know about the rows."""
        old = [n for n, week in enumerate(self.weeks, 1) if week.note is None and any(week.told.values())]
        sentences = []
        if old:
            numbers = "、".join(map(str, old))
            sentences.append(_("序号%(rows)s的项目本周没有填报，沿用此前内容。") % {"rows": numbers})
        if self.left_out:
            sentences.append(_("另有%(n)s个保密项目没有列入。") % {"n": self.left_out})
        return [_("注：%(text)s") % {"text": "".join(sentences)}] if sentences else []


def _row(week: Week) -> tuple[str, ...]:
    project, told = week.project, week.told
    said = (told[name] or ("无" if name == "problem" and any(told.values()) else "—") for name in COLUMNS)
    owner = str(project.owner) if project.owner else ""
    answer = "／".join(filter(None, (project.responsible_unit, owner))) or "—"
    return tuple(word.clean(text) for text in (project.name, *said, answer))


def weekly_word(report: WeeklyReport) -> bytes:
    """The 周报 as a Word file, A4 landscape; the head of the table is repeated on each page."""
    paper = Document()
    _set_up(paper)
    title, line = paper.add_paragraph(), paper.add_paragraph()
    word.write(title, report.title, word.TITLE, 22, word.CENTRE)
    word.write(line, report.line, word.SUB, 14, word.CENTRE)
    line.paragraph_format.space_after = Pt(6)
    table = word.add_table(paper, HEAD, WIDTHS)
    for row in report.rows:
        word.add_row(table, row, WIDTHS, ALIGNS)
    for note in report.notes:
        word.write(paper.add_paragraph(), note, word.BODY, 12)
    return word.saved(paper)


def _set_up(paper: Paper) -> None:
    """Lay the page across, set its margins, and number it “— 1 —”."""
    section = paper.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    for name, width in MARGINS.items():
        setattr(section, name, Mm(width))
    word.set_font(paper.styles["Normal"], word.BODY, 12)
    foot = section.footer.paragraphs[0]
    word.add_page_number(foot)
    foot.alignment = word.CENTRE


def weekly_excel(report: WeeklyReport) -> bytes:
    """The 周报 as an Excel file for A4 landscape, the head repeated; a text is a text, whatever it begins with."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(_("周报"))
        _set_up_sheet(sheet)
        last = len(HEAD) - 1
        centred = {"align": "center", "valign": "vcenter"}
        sheet.merge_range(0, 0, 0, last, "", book.add_format({**centred, "font_name": word.TITLE, "font_size": 18}))
        sheet.write_string(0, 0, report.title, book.add_format({**centred, "font_name": word.TITLE, "font_size": 18}))
        sheet.merge_range(1, 0, 1, last, report.line, book.add_format({**centred, "font_name": "楷体"}))
        _fill_sheet(book, sheet, report.rows)
        for number, note in enumerate(report.notes):
            sheet.write_string(3 + len(report.rows) + number, 0, note)
    return buffer.getvalue()


def _set_up_sheet(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.freeze_panes(3, 2)
    sheet.set_footer("&C— &P —")
    sheet.set_row(0, 30)
    for column, width in enumerate(SHEET_WIDTHS):
        sheet.set_column(column, column, width)


def _lines(text: str, width: int) -> int:
    """About how many lines a text takes in a column of Excel, where a Chinese character is two wide."""
    wide = [sum(2 if east_asian_width(char) in "WF" else 1 for char in line) for line in text.split("\n")]
    return sum(max(-(-length // (width - 1)), 1) for length in wide)


def _fill_sheet(book: Any, sheet: Any, rows: Sequence[Sequence[str]]) -> None:
    cell = {"border": 1, "text_wrap": True, "valign": "vcenter", "font_name": "宋体", "font_size": 11}
    head = book.add_format({**cell, "bold": True, "align": "center"})
    text, middle = book.add_format(cell), book.add_format({**cell, "align": "center"})
    for column, name in enumerate(HEAD):
        sheet.write_string(2, column, name, head)
    for at, row in enumerate(rows, 3):
        sheet.set_row(at, LINE_HEIGHT * max(map(_lines, row, SHEET_WIDTHS)) + 4)
        sheet.write_number(at, 0, int(row[0]), middle)
        for column, value in enumerate(row[1:], 1):
            sheet.write_string(at, column, value, text)
