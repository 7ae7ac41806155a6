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
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from parkportal.writing import write_date
from projects.services.weekly import COLUMNS, Week

TITLE, HEADING, SUB, BODY, NUMBERS = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
"""Fonts of GB/T 9704; a machine without them shows its own 宋体 or 仿宋."""
HEAD: Final = ("序号", "项目名称", "目前进展", "存在问题", "下一步计划", "责任单位／责任人")
WIDTHS: Final = (13, 38, 56, 42, 45, 31)
"""In mm; together the 225 mm between the margins."""
SHEET_WIDTHS: Final = (6, 26, 42, 30, 32, 20)
"""In characters of Excel."""
LINE_HEIGHT: Final = 15
"""In points; rows of a fixed height print alike in Excel, WPS and LibreOffice."""
MARGINS: Final = {"top_margin": 28, "bottom_margin": 26, "left_margin": 35, "right_margin": 37}
"""GB/T 9704's 37, 28, 35 and 26 mm of the upright page, turned so that the head of the table lies at the binding."""
INVISIBLE_IN_XML: Final = {code: None for code in range(32) if chr(code) not in "\t\n"}


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
    return tuple(text.translate(INVISIBLE_IN_XML) for text in (project.name, *said, answer))


def weekly_word(report: WeeklyReport) -> bytes:
    """The 周报 as a Word file, A4 landscape; the head of the table is repeated on each page."""
    paper = Document()
    _set_up(paper)
    title, line = paper.add_paragraph(), paper.add_paragraph()
    _write(title, report.title, TITLE, 22, WD_ALIGN_PARAGRAPH.CENTER)
    _write(line, report.line, SUB, 14, WD_ALIGN_PARAGRAPH.CENTER)
    line.paragraph_format.space_after = Pt(6)
    _add_table(paper, report.rows)
    for note in report.notes:
        _write(paper.add_paragraph(), note, BODY, 12)
    buffer = io.BytesIO()
    paper.save(buffer)
    return buffer.getvalue()


def _set_up(paper: Paper) -> None:
    """Lay the page across, set its margins, and number it “— 1 —”."""
    section = paper.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    for name, width in MARGINS.items():
        setattr(section, name, Mm(width))
    _font(paper.styles["Normal"], BODY, 12)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, field in (("— ", ""), ("", "PAGE"), (" —", "")):
        run = foot.add_run(text)
        _font(run, NUMBERS, 14)
        if field:
            _add_field(run, field)
    paper.core_properties.title = paper.core_properties.author = ""


def _add_field(run: Run, instruction: str) -> None:
    """Put a field, such as the page number, into a run."""
    for kind, text in (("begin", ""), ("", instruction), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)


def _font(styled: Any, name: str, size: float) -> None:
    """Set a font for Latin and Chinese characters alike: python-docx alone leaves the latter to the machine."""
    styled.font.name, styled.font.size = name, Pt(size)
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("eastAsia", "hAnsi", "ascii", "cs"):
        fonts.set(qn(f"w:{script}"), name)
    for theme in ("asciiTheme", "eastAsiaTheme", "hAnsiTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)


def _write(
    paragraph: Paragraph, text: str, font: str, size: float, align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT
) -> None:
    run = paragraph.add_run(text)
    _font(run, font, size)
    paragraph.alignment = align
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)


def _add_table(paper: Paper, rows: Sequence[Sequence[str]]) -> None:
    table = paper.add_table(rows=1, cols=len(HEAD), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = Mm(width)
    _fill(table.rows[0], HEAD, HEADING)
    _mark(table.rows[0], "w:tblHeader")
    for row in rows:
        line = table.add_row()
        _fill(line, row, BODY)
        _mark(line, "w:cantSplit")


def _fill(row: Any, texts: Sequence[str], font: str) -> None:
    middle = {0, 5} if font == BODY else range(len(HEAD))
    for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        cell.width, cell.vertical_alignment = Mm(WIDTHS[column]), WD_CELL_VERTICAL_ALIGNMENT.CENTER
        align = WD_ALIGN_PARAGRAPH.CENTER if column in middle else WD_ALIGN_PARAGRAPH.LEFT
        _write(cell.paragraphs[0], text, font, 12, align)


def _mark(row: Any, property_name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(property_name))


def weekly_excel(report: WeeklyReport) -> bytes:
    """The 周报 as an Excel file for A4 landscape, the head repeated; a text is a text, whatever it begins with."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(_("周报"))
        _set_up_sheet(sheet)
        last = len(HEAD) - 1
        centred = {"align": "center", "valign": "vcenter"}
        sheet.merge_range(0, 0, 0, last, "", book.add_format({**centred, "font_name": TITLE, "font_size": 18}))
        sheet.write_string(0, 0, report.title, book.add_format({**centred, "font_name": TITLE, "font_size": 18}))
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
