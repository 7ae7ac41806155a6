"""Word files as offices in China lay them out: fonts for both scripts, fields, tables whose heads are repeated."""

import io
from collections.abc import Sequence
from typing import Any, Final

from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

TITLE, HEADING, SUB, BODY, NUMBERS = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
"""Fonts of GB/T 9704; a machine without them shows its own 宋体 or 仿宋."""
CENTRE, LEFT, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
CONTROLS: Final = {code for code in range(32) if chr(code) not in "\t\n"}
INVISIBLE_IN_XML: Final = dict.fromkeys(CONTROLS | {*range(0xD800, 0xE000), 0xFFFE, 0xFFFF})
"""Control characters, halves of characters and the two numbers that are none: no file of Word or Excel holds them."""


def clean(text: str) -> str:
    """A text without the characters that a Word file cannot hold."""
    return text.translate(INVISIBLE_IN_XML)


def set_font(styled: Any, name: str, size: float) -> None:
    """Set a font for Latin and Chinese characters alike: python-docx alone leaves the latter to the machine."""
    styled.font.name, styled.font.size = name, Pt(size)
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("eastAsia", "hAnsi", "ascii", "cs"):
        fonts.set(qn(f"w:{script}"), name)
    for theme in ("asciiTheme", "eastAsiaTheme", "hAnsiTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)


def write(
    paragraph: Paragraph, text: str, font: str, size: float, align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT
) -> Run:
    """Add a text in a font of GB/T 9704 and `size` points to a paragraph without space around it."""
    run = paragraph.add_run(clean(text))
    set_font(run, font, size)
    paragraph.alignment = align
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)
    return run


def add_field(run: Run, instruction: str) -> None:
    """Put a field, such as the page number, into a run."""
    for kind, text in (("begin", ""), ("", instruction), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)


def add_page_number(paragraph: Paragraph) -> None:
    """Write “— 1 —” in 4号 half-width figures."""
    for text, field in (("— ", ""), ("", "PAGE"), (" —", "")):
        run = write(paragraph, text, NUMBERS, 14)
        if field:
            add_field(run, field)


def add_table(paper: Document, head: Sequence[str], widths: Sequence[float], *, size: float = 12) -> Any:
    """Add a ruled table, `widths` in mm, whose head is repeated; it has no further row yet."""
    table = paper.add_table(rows=1, cols=len(head), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    _set_padding(table)
    fill(table.rows[0], head, widths, [CENTRE] * len(head), HEADING, size)
    _mark(table.rows[0], "w:tblHeader")
    return table


def _set_padding(table: Any, twips: int = 57) -> None:
    """One millimetre at both sides of a cell, so that narrow columns hold their two characters."""
    padding = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(twips))
        edge.set(qn("w:type"), "dxa")
        padding.append(edge)
    table._tbl.tblPr.insert_element_before(padding, "w:tblLook")


def add_row(
    table: Any, texts: Sequence[str], widths: Sequence[float], aligns: Sequence[WD_ALIGN_PARAGRAPH], size: float = 12
) -> Any:
    """Add a row that no page cuts; one text alone takes the whole width."""
    row = table.add_row()
    _mark(row, "w:cantSplit")
    if len(texts) == 1 < len(widths):
        write(row.cells[0].merge(row.cells[-1]).paragraphs[0], texts[0], HEADING, size)
        row.cells[0].vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    else:
        fill(row, texts, widths, aligns, BODY, size)
    return row


def fill(
    row: Any,
    texts: Sequence[str],
    widths: Sequence[float],
    aligns: Sequence[WD_ALIGN_PARAGRAPH],
    font: str,
    size: float,
) -> None:
    """Write the cells of a row."""
    for cell, text, width, align in zip(row.cells, texts, widths, aligns, strict=True):
        cell.width, cell.vertical_alignment = Mm(width), WD_CELL_VERTICAL_ALIGNMENT.CENTER
        write(cell.paragraphs[0], text, font, size, align)


def _mark(row: Any, property_name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(property_name))


def saved(paper: Document) -> bytes:
    """The file, without the names that the template carries."""
    paper.core_properties.title = paper.core_properties.author = ""
    buffer = io.BytesIO()
    paper.save(buffer)
    return buffer.getvalue()
