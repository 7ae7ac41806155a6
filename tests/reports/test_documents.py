"""Papers of a scorecard: laid out as GB/T 9704-2012 says, equal in every number, and a text never anything but text."""

import io
import re
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from docx.shared import Pt, Twips

from reports.documents import KINDS, render_all
from reports.documents.annexes import annexes_of
from reports.documents.gongwen import CHARACTERS, LINES, PITCH, SIZE_3, TIGHTER
from reports.documents.paper import Paper
from reports.documents.sheet import card, scorecard_pdf
from reports.documents.workbook import typed
from tests.reports.papers import content, facts

ON = date(2020, 10, 8)
AT = datetime(2020, 10, 8, 9, 30, tzinfo=UTC)
NASTY = '=1+1 #panic("x") $x$ *b* <script> @ref \\'
EIGHTEEN = [facts(n) for n in range(16)] + [
    facts(16, name=NASTY, stage="signed", problem="专线未接通", next_step="协调供电部门", owner="经办人甲"),
    facts(17, signed_on="2020-07-11", signed_on_precision="ten_day", total_investment_qualifier="over"),
]


def read(text: str) -> list[str]:
    """Every figure that a text prints, signs and commas as they are."""
    return re.findall(r"[+−]?[0-9][0-9,]*(?:\.[0-9]+)?", text)


@pytest.fixture(scope="module")
def papers() -> dict[str, bytes]:
    return {one.kind: one.data for one in render_all(content(EIGHTEEN), ON)}


@pytest.fixture(scope="module")
def word(papers: dict[str, bytes]) -> Any:
    return docx.Document(io.BytesIO(papers["circular"]))


def cells_of(tables: Any) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in tables]


def pdf_text(data: bytes, tmp_path: Path, order: str = "-layout") -> tuple[str, int]:
    """What a PDF says, and how many pages it has."""
    reader = shutil.which("pdftotext")
    if not reader:
        pytest.skip("pdftotext is not installed")
    file = tmp_path / "paper.pdf"
    file.write_bytes(data)
    done = subprocess.run([reader, order, str(file), "-"], check=True, capture_output=True, text=True)
    return done.stdout, done.stdout.count("\f")


def test_the_pages_of_the_circular_are_those_of_the_standard(word: Any) -> None:
    first, *annexes, last = word.sections
    for section in (first, last):
        assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
        edges = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
        assert [round(edge.mm) for edge in edges] == [37, 35, 28, 26]
    assert len(annexes) == 5
    assert all(round(section.page_width.mm) == 297 for section in annexes)


def test_a_page_has_22_lines_of_28_characters(word: Any) -> None:
    section = word.sections[0]
    height = (section.page_height - section.top_margin - section.bottom_margin) / Twips(1)
    width = (section.page_width - section.left_margin - section.right_margin) / Pt(1)
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    pitch, per_character = int(grid.get(qn("w:linePitch"))), SIZE_3 + int(grid.get(qn("w:charSpace"))) / 4096
    assert int(height // pitch) == LINES == 22 and int(width // per_character) == CHARACTERS == 28
    spacing = word.styles["Normal"].element.rPr.find(qn("w:spacing"))
    tight = SIZE_3 + int(spacing.get(qn("w:val"))) / 20
    assert int(spacing.get(qn("w:val"))) == TIGHTER and int(width // tight) == CHARACTERS
    body = [one for one in word.paragraphs if one.text.startswith("1至9月")]
    assert [one.paragraph_format.line_spacing for one in body] == [Twips(PITCH)]
    assert body[0]._p.pPr.ind.get(qn("w:firstLineChars")) == "200"


def test_every_text_names_its_chinese_font_and_no_theme(word: Any) -> None:
    used = {}
    for paragraph in word.paragraphs:
        for run in paragraph.runs:
            fonts = run._r.rPr.find(qn("w:rFonts"))
            used[paragraph.text] = (fonts.get(qn("w:eastAsia")), run.font.size.pt)
            assert not [name for name in fonts.attrib if "heme" in name]
    assert used["一、目标任务进展"] == ("黑体", 16)
    assert used["目标任务完成情况的通报（定稿）"] == ("方正小标宋简体", 22)
    assert used["附件1"] == ("黑体", 16) and used["各有关单位："] == ("仿宋_GB2312", 16)
    levels = [one.runs[0] for one in word.paragraphs if one.text.startswith("（一）")]
    assert levels[0]._r.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) == "楷体_GB2312"


def test_the_seal_shares_its_page_with_text(word: Any) -> None:
    texts = [one.text for one in word.paragraphs]
    last = next(n for n, text in enumerate(texts) if text.startswith("附件：1.")) - 2
    day = next(n for n, text in enumerate(texts) if n > last and re.fullmatch(r"\d{4}年.*日", text))
    assert texts[last].endswith("。") and texts[day - 1] == "甲园区"
    assert all(one.paragraph_format.keep_with_next for one in word.paragraphs[last:day])


def test_pages_are_numbered_outside_between_dashes(word: Any) -> None:
    section = word.sections[0]
    assert word.settings.odd_and_even_pages_header_footer
    for foot, side in ((section.footer, 2), (section.even_page_footer, 0)):
        (paragraph,) = foot.paragraphs
        assert "PAGE" in paragraph._p.xml and paragraph.text == "—  —"
        assert paragraph.alignment == side and paragraph.runs[0].font.size.pt == 14


def test_heads_of_tables_are_repeated_and_rows_stay_whole(word: Any) -> None:
    for table in word.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows[1:])


def test_word_and_excel_hold_the_cells_of_the_same_tables(word: Any, papers: dict[str, bytes]) -> None:
    annexes = annexes_of(Paper(content(EIGHTEEN), ON, "定稿"))
    book = openpyxl.load_workbook(io.BytesIO(papers["annexes"]))
    assert book.sheetnames == [*(annex.label for annex in annexes), "数据口径"]
    for annex, table in zip(annexes, cells_of(word.tables), strict=True):
        narrow, sheet = annex.without_extras(), book[annex.label]
        assert table[0] == [column.title for column in narrow.columns]
        for line, found in zip(narrow.lines, table[1:], strict=True):
            assert found == list(line.cells) if line.kind != "group" else found[0] == line.cells[0]
        for at, line in enumerate(annex.lines, 4):
            shown = [shown_in_excel(sheet.cell(at, n)) for n, _cell in enumerate(line.cells, 1)]
            assert shown == list(line.cells)


def shown_in_excel(cell: Any) -> str:
    """What Excel shows for a cell: the value through its format."""
    if isinstance(cell.value, datetime):
        return cell.value.strftime("%Y-%m-%d")
    if not isinstance(cell.value, int | float):
        return cell.value or ""
    shape = cell.number_format.split(";")[0]
    after = re.search(r'"(.*)"', shape)
    places = len(shape.partition(".")[2].partition('"')[0])
    text = f"{abs(cell.value):{',' if ',' in shape else ''}.{places}f}{after[1] if after else ''}"
    sign = ("+" if cell.value > 0 else "−" if cell.value < 0 else "") if shape.startswith("+") else ""
    return sign + text


def test_excel_keeps_numbers_as_numbers_and_texts_as_texts(papers: dict[str, bytes]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(papers["annexes"]))
    found = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert not [cell for cell in found if cell.data_type == "f"]
    assert [cell.data_type for cell in found if cell.value == NASTY] == ["s", "s"]
    sheet = book["附件1"]
    assert sheet.cell(5, 6).value == 18 and sheet.cell(5, 7).value == 150.0
    assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
    assert sheet.print_title_rows == "$1:$3" and sheet.sheet_properties.pageSetUpPr.fitToPage
    assert "单位（盖章）：甲园区" in sheet["A2"].value and "填报日期：2020年10月8日" in sheet["A2"].value
    assert any("单位负责人" in str(cell.value) for row in sheet for cell in row)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,049,000", 1_049_000),
        ("+75.0", 75.0),
        ("−6.5天", -6.5),
        ("2020-07-10", date(2020, 7, 10)),
        ("4万余", None),
        ("约300", None),
        ("—", None),
        ("=1+1", None),
        ("2020年7月中旬", None),
    ],
)
def test_only_what_is_a_figure_is_typed(text: str, value: Any) -> None:
    found = typed(text)
    assert (found[0] if found else None) == value


def test_the_pdf_has_two_pages_and_every_number(papers: dict[str, bytes], tmp_path: Path) -> None:
    text, pages = pdf_text(papers["scorecard"], tmp_path)
    assert pages == 2 and papers["scorecard"].startswith(b"%PDF")
    figures = read(text)
    first, projects = annexes_of(Paper(content(EIGHTEEN), ON, "定稿"))[:2]
    for line in first.lines:
        if line.kind != "group":
            assert set(read(" ".join(line.cells[3:13]))) <= set(figures), line.cells
    for line in projects.lines[:-1]:
        assert set(read(line.cells[5])) <= set(figures), line.cells
    assert "拟稿" in text and "第2页，共2页" in text


def test_more_projects_take_more_pages_and_none_is_lost(tmp_path: Path) -> None:
    many = [facts(n, name=f"名{n:03d}号项目") for n in range(90)]
    text, pages = pdf_text(scorecard_pdf(Paper(content(many), ON, "定稿")), tmp_path)
    assert 3 <= pages <= 4
    assert {f"{n:03d}" for n in range(90)} <= set(re.findall(r"名([0-9]{3})号项目", text))


def test_what_is_typed_is_never_source(papers: dict[str, bytes], tmp_path: Path) -> None:
    text, _pages = pdf_text(papers["scorecard"], tmp_path)
    assert '=1+1 #panic("x") $x$ *b*' in " ".join(text.split())


def test_the_page_for_phones_is_1080_pixels_wide_and_names_its_reader(tmp_path: Path) -> None:
    paper = Paper(content(EIGHTEEN), ON, "初稿")
    picture = card(paper, mark="张三", at=AT, form="png")
    assert int.from_bytes(picture[16:20], "big") == 1080
    text, pages = pdf_text(card(paper, mark="张三", at=AT, form="pdf"), tmp_path, "-raw")
    plain = "".join(text.split())
    assert pages == 1 and "张三2020-10-0809:30内部资料" in plain and "初稿" in plain


def test_the_meeting_pack_has_one_page_for_each_project(papers: dict[str, bytes]) -> None:
    pack = docx.Document(io.BytesIO(papers["meeting"]))
    assert len(pack.sections) == 1 + 18 and len(pack.tables) == 1 + 18
    assert [round(section.page_width.mm) for section in pack.sections[:2]] == [297, 210]
    summary, *pages = cells_of(pack.tables)
    assert [row[1] for row in summary[1:-1]] == [text_of(pack, page) for page in range(18)]
    assert all("会议议定事项" in {row[0] for row in page} for page in pages)


def text_of(pack: Any, page: int) -> str:
    """The name that heads a project's page."""
    heads = [one.text.partition(".")[2] for one in pack.paragraphs if re.match(r"[0-9]+\.", one.text)]
    return heads[page]


def test_control_characters_do_not_break_a_paper() -> None:
    odd = content([facts(0, name="甲\x00乙\x0b丙", problem="丁\x08", content="\x1f")])
    assert {one.kind for one in render_all(odd, ON)} == set(KINDS)


def test_an_empty_scorecard_has_its_papers_too(tmp_path: Path) -> None:
    made = {one.kind: one.data for one in render_all(content([]), ON)}
    text, pages = pdf_text(made["scorecard"], tmp_path)
    assert set(made) == set(KINDS) and pages == 2 and "本期没有签约项目" in text
