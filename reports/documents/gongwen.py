"""GB/T 9704-2012 as a Word file: page, grid of 22 lines by 28 characters, heads, page numbers, pages laid across."""

from typing import Any, Final
from unicodedata import east_asian_width

from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor, Twips
from docx.text.paragraph import Paragraph

from parkportal import word

MARGINS: Final = {"top_margin": 37, "bottom_margin": 35, "left_margin": 28, "right_margin": 26}
"""天头, 地脚, 订口 and 切口 in mm; what is left is the 版心 of 156 × 225."""
ACROSS: Final = {"top_margin": 28, "bottom_margin": 26, "left_margin": 35, "right_margin": 37}
"""The same page turned so that the head of a table lies at the binding."""
LINES, CHARACTERS = 22, 28
PITCH: Final = 579
"""Twips from line to line: the largest with which 22 lines fit into 225 mm."""
CHARACTER_SPACE: Final = -842
"""1/4096 points that a character of 16 points gives up so that 28 fit into 156 mm: what the grid says."""
TIGHTER: Final = -5
"""The same in 1/20 points, on the characters themselves: LibreOffice gives a character two cells of a grid that is
narrower than its font, so paragraphs do not snap to it."""
RED: Final = RGBColor(0xFF, 0, 0)
SIZE_2, SIZE_3, SIZE_4 = 22, 16, 14
"""二号, 三号 and 四号 in points."""
ALIASES: Final = {
    "方正小标宋简体": "FZXiaoBiaoSong-B05S",
    "仿宋_GB2312": "FangSong",
    "楷体_GB2312": "KaiTi",
    "黑体": "SimHei",
    "宋体": "SimSun",
}
"""What to show where a font is not installed."""


def new_paper() -> Paper:
    """An empty paper: A4 upright, gridded, 3号仿宋, numbered “— 1 —” outside."""
    paper = Document()
    _set_style(paper)
    _name_aliases(paper)
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    lay_out(section, MARGINS)
    paper.settings.odd_and_even_pages_header_footer = True
    _number(section.footer.paragraphs[0], odd=True)
    _number(section.even_page_footer.paragraphs[0], odd=False)
    return paper


def _set_style(paper: Paper) -> None:
    style = paper.styles["Normal"]
    word.set_font(style, word.BODY, SIZE_3)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.widow_control = False
    for tag in ("w:autoSpaceDE", "w:autoSpaceDN", "w:snapToGrid"):
        _set(style.element.get_or_add_pPr(), tag, "0", before=("w:spacing", "w:ind", "w:jc", "w:rPr"))
    _set(style.element.get_or_add_rPr(), "w:spacing", str(TIGHTER), before=("w:sz", "w:szCs", "w:lang"))
    defaults = paper.styles.element.find(qn("w:docDefaults"))
    for fonts in defaults.iter(qn("w:rFonts")):
        fonts.attrib.clear()
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), word.BODY)
    for language in defaults.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _set(parent: Any, tag: str, value: str, before: tuple[str, ...]) -> None:
    made = OxmlElement(tag)
    made.set(qn("w:val"), value)
    parent.insert_element_before(made, *before)


def _name_aliases(paper: Paper) -> None:
    """Tell Word what to show for a font that the machine lacks."""
    part = next(rel.target_part for rel in paper.part.rels.values() if rel.reltype.endswith("/fontTable"))
    listed = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{alias}"/><w:charset w:val="86"/></w:font>'
        for name, alias in ALIASES.items()
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    part._blob = f'{head}<w:fonts xmlns:w="{space}">{listed}</w:fonts>'.encode()


def lay_out(section: Section, margins: dict[str, int]) -> None:
    """Set the margins, the place of the page number and, on an upright page, the grid."""
    for name, width in margins.items():
        setattr(section, name, Mm(width))
    section.footer_distance = Mm(25 if margins is MARGINS else 16)
    old = section._sectPr.find(qn("w:docGrid"))
    if old is not None:
        section._sectPr.remove(old)
    if margins is MARGINS:
        grid = OxmlElement("w:docGrid")
        grid.set(qn("w:type"), "linesAndChars")
        grid.set(qn("w:linePitch"), str(PITCH))
        grid.set(qn("w:charSpace"), str(CHARACTER_SPACE))
        section._sectPr.append(grid)


def _number(paragraph: Paragraph, *, odd: bool) -> None:
    """Number a page outside, one character from the edge."""
    word.add_page_number(paragraph)
    paragraph.alignment = word.RIGHT if odd else word.LEFT
    inset = paragraph.paragraph_format
    setattr(inset, "right_indent" if odd else "left_indent", Pt(SIZE_4))


def turn(paper: Paper, *, across: bool) -> Section:
    """Begin a new page laid across, or upright again."""
    section: Section = paper.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    lay_out(section, MARGINS)
    if across:
        lay_across(section)
    return section


def lay_across(section: Section) -> None:
    """Turn a section's pages."""
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    lay_out(section, ACROSS)


def paragraph(paper: Paper, text: str = "", font: str = word.BODY, size: float = SIZE_3, **looks: Any) -> Paragraph:
    """Add lines of exactly the grid's height; `align`, `indent` (characters of the first line), `pitch` in points."""
    made = paper.add_paragraph()
    if text:
        word.write(made, text, font, size, looks.get("align", word.LEFT))
    shape = made.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, looks.get("pitch", Twips(PITCH))
    if indent := looks.get("indent", 0):
        shape.first_line_indent = Pt(SIZE_3 * indent)
        made._p.get_or_add_pPr().get_or_add_ind().set(qn("w:firstLineChars"), str(indent * 100))
    return made


def body(paper: Paper, text: str) -> Paragraph:
    """Add a paragraph of the text, two characters in."""
    return paragraph(paper, text, indent=2)


def item(paper: Paper, lead: str, text: str) -> Paragraph:
    """Add an entry of 附件说明 that goes on under its first character; `lead` is “附件：1.” or “2.”."""
    made = paragraph(paper, f"{lead}{text}")
    made.paragraph_format.left_indent = Pt(SIZE_3 * 6)
    made.paragraph_format.first_line_indent = Pt(-SIZE_3 * _width(lead))
    return kept(made)


def level_1(paper: Paper, text: str) -> Paragraph:
    """Add “一、”."""
    return kept(paragraph(paper, text, word.HEADING, indent=2))


def numeral(number: int) -> str:
    """A number from 1 to 99 as headings are counted: “九”, “十”, “二十一”."""
    digits, (tens, ones) = "〇一二三四五六七八九", divmod(number, 10)
    return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones else "")


def level_2(paper: Paper, text: str, rest: str = "") -> Paragraph:
    """Add “（一）” and what follows it in the same paragraph."""
    made = paragraph(paper, text, word.SUB, indent=2)
    if rest:
        word.write(made, rest, word.BODY, SIZE_3)
    return made


def kept(made: Paragraph) -> Paragraph:
    """Keep a paragraph on the page of the one that follows."""
    made.paragraph_format.keep_with_next = True
    return made


def red_head(paper: Paper, office: str, number: str) -> None:
    """Add 版头: the office in red, its top 35 mm into the page's text, the number two lines below, the red line.

    A name that would be small in one line takes two.
    """
    size = max(min(48, 430 / max(_width(office), 1)), 26)
    made = paragraph(paper, office, word.TITLE, size, align=word.CENTRE, pitch=Pt(size * 1.25))
    made.paragraph_format.space_before = Mm(35)
    made.runs[0].font.color.rgb = RED
    paragraph(paper)
    paragraph(paper)
    _rule(paragraph(paper, number, align=word.CENTRE), color="FF0000", size=12, space=11)


def _rule(made: Paragraph, *, color: str, size: int, space: int, edge: str = "bottom") -> None:
    """Draw a line at an edge of a paragraph: eighths of a point thick, `space` points away."""
    borders = made._p.get_or_add_pPr().find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        made._p.get_or_add_pPr().insert_element_before(
            borders, "w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )
    line = OxmlElement(f"w:{edge}")
    for name, value in {"val": "single", "sz": size, "space": space, "color": color}.items():
        line.set(qn(f"w:{name}"), str(value))
    borders.append(line)


def title(paper: Paper, lines: list[str]) -> None:
    """Add the title in 2号小标宋, two lines below the red line, one line above the text."""
    paragraph(paper)
    paragraph(paper)
    for text in lines:
        paragraph(paper, text, word.TITLE, SIZE_2, align=word.CENTRE, pitch=Pt(34))
    paragraph(paper)


def signature(paper: Paper, office: str, day: str) -> None:
    """Add 署名 two characters from the right, 成文日期 beginning two characters right of it; if longer, turned.

    Below an office that takes more than a line, the day stands four characters from the right. What stands before it
    is kept with it: a seal shares its page with text.
    """
    kept(paragraph(paper))
    long, short = _width(office), _width(day)
    is_one_line = long <= CHARACTERS - 2
    right = max(long - short, 2.0) if is_one_line else 4.0
    for text, inset in ((office, right + short + 2 - long if is_one_line else 2.0), (day, right)):
        made = paragraph(paper, text, align=word.RIGHT)
        made.paragraph_format.right_indent = Pt(SIZE_3 * inset)
        kept(made)


def _width(text: str) -> float:
    """How many Chinese characters wide a text is."""
    return sum(1.0 if east_asian_width(char) in "WFA" else 0.5 for char in text)


def imprint(paper: Paper, left: str, right: str) -> None:
    """Add 版记: between two lines, 4号仿宋, one character from both edges."""
    made = paragraph(paper, "", pitch=Pt(28))
    word.write(made, f"　{left}\t{right}　", word.BODY, SIZE_4)
    made.paragraph_format.tab_stops.add_tab_stop(Mm(156), WD_TAB_ALIGNMENT.RIGHT)
    _rule(made, color="000000", size=8, space=1, edge="top")
    _rule(made, color="000000", size=8, space=1)


def annex_mark(paper: Paper, label: str, text: str) -> None:
    """Add “附件1” at the upper left and the title of the annex in the middle."""
    paragraph(paper, label, word.HEADING, pitch=Pt(24))
    paragraph(paper, text, word.TITLE, 18, align=word.CENTRE, pitch=Pt(30))


def number_line(year: int) -> str:
    """The place of 文号, empty until it is signed out."""
    return _("〔%(year)s〕　　号") % {"year": year}
