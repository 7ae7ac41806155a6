"""Papers of parks unlike the sample: nothing signed, no target, long names, odd texts, tiny and huge numbers."""

import io
import shutil
import subprocess
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.shared import Pt

from reports.documents import gongwen, render_all, wording
from reports.documents.circular import circular
from reports.documents.paper import Paper
from reports.documents.sheet import scorecard_pdf
from reports.documents.workbook import TALLEST, typed, workbook
from reports.models import Indicator
from reports.words import verdict
from tests.reports.papers import COUNT, MONEY, content, facts, line

ON = date(2020, 10, 8)
LONG = "某新区北部先进制造业与现代服务业融合发展示范产业园区管理委员会"
RUN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 3
RARE = "\U00020bb7"


def paper(projects: list[dict[str, Any]], *more: dict[str, Any], first: dict[str, Any] | None = None) -> Paper:
    """A published scorecard; `more` are further lines, `first` changes the values of the first one."""
    told = content(projects)
    told["lines"][0]["values"] |= first or {}
    return Paper(told | {"lines": [*told["lines"], *more]}, ON, "定稿")


def ahead(park: Paper) -> str:
    return wording.result(park, park.assessed[0])


NO_TARGET = {"target_numerator": None, "pace_numerator": None, "time_progress_numerator": None, "light": "none"}
DARK = {"pace_numerator": None, "time_progress_numerator": None, "light": "none", "target_numerator": 3}


def test_where_nothing_was_signed_nothing_is_said_to_have_begun_and_no_zeros_are_listed() -> None:
    watched = [
        line("star_market", "推荐申报科创板企业数", 0, COUNT | {"order": 30, "unit": "家", "display_unit": "家"}),
        line("funds", "实际到位内资", 0, MONEY | {"order": 40}),
        line("starts", "新开工项目数", 0, COUNT | {"order": 50}, previous_numerator=3, previous_denominator=1),
    ]
    empty = paper([], *watched, first={"light": "red"})
    assert wording.signed(empty) == "本期没有新签约亿元以上产业项目。"
    assert wording.progress(empty) == ["新开工项目数0个，同比减少3个；推荐申报科创板企业数、实际到位内资均为零。"]
    assert wording.problems(empty)[0].endswith("。本期没有新签约亿元以上产业项目。")
    assert "全市" not in ahead(empty), "a place with nothing done is no place to tell of"
    assert "0.0%" not in ahead(empty)
    little = paper([], line("funds", "实际到位内资", 3_000_000, MONEY | {"order": 40}))
    assert wording.progress(little) == ["实际到位内资300万元。"]


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (None, "市定考核指标没有黄灯、红灯。"),
        (NO_TARGET, "市定考核指标未设年度目标，不亮灯。"),
        (DARK, "市定考核指标暂不亮灯。"),
    ],
)
def test_a_lamp_that_is_not_lit_is_not_called_a_good_one(first: dict[str, Any] | None, said: str) -> None:
    assert wording.problems(paper([facts(1)], first=first))[0] == f"{said}签约项目均已开工。"


def test_what_is_left_is_asked_of_the_months_only_in_whole_units() -> None:
    assert (
        "签约亿元以上产业项目数还差10个，剩余3个月月均需完成4个。" in wording.next_steps(paper([facts(1), facts(2)]))[0]
    )
    few = {"target_numerator": 4, "pace_numerator": 3}
    assert "还差2个。" in wording.next_steps(paper([facts(1), facts(2)], first=few))[0]
    assert "还差1个。" in wording.next_steps(paper([facts(1), facts(2)], first=DARK))[0]
    unknown = wording.next_steps(paper([], first={"actual_numerator": None, "actual_denominator": None}))[0]
    assert "已完成年度目标" not in unknown


def test_what_prints_as_zeros_is_called_small() -> None:
    behind = {"target_numerator": 40_000, "actual_numerator": 30_001, "pace_numerator": 30_000}
    base = {"previous_numerator": 30_000, "previous_denominator": 1}
    told = ahead(paper([facts(1)], first=behind | base))
    assert "与序时进度基本持平" in told and "与上年同期基本持平" in told and "0.0" not in told
    huge = paper([facts(1), facts(2, total_investment=10**15)])
    for entry in huge.content["lines"]:
        entry["parts"] = [
            {"dimension": "chain", "key": key, "name": key, "denominator": 1, "inexact": ""} | {"numerator": value}
            for key, value in (("大", 10**15), ("小", 2 * 10**8))
        ]
    assert "小" in wording.chains(huge)[0] and "占比不足0.1%" in wording.chains(huge)[0]
    assert "占0.0%" not in wording.chains(huge)[0]


def test_a_place_that_is_shared_says_so_and_one_in_a_group_is_not_the_citys() -> None:
    park = paper([facts(1)])
    peers = [{"park": code, "numerator": 1, "denominator": 12} for code in ("p", "q")]
    park.content["peers"]["projects_100m"] = peers  # type: ignore[index]
    assert "全市并列第1位，共6个园区" in ahead(park)
    del park.content["peers"]["projects_100m"]  # type: ignore[attr-defined]
    park.content["park"]["group"] = "第一组"
    grouped = Paper(park.content, ON, "定稿")
    assert "同组第1位，共6个园区" in ahead(grouped)


def test_where_less_is_better_the_verdict_says_more_or_less() -> None:
    days = Indicator(direction="less", unit="天", display_unit="天", decimals=1)
    assert verdict(days, Fraction(-5, 2)) == "比市定目标多2.5天"
    assert verdict(days, Fraction(3)) == "比市定目标少3天"


def test_a_long_name_leaves_room_for_the_day_below_it() -> None:
    for office in ("甲园区", "某" * 26, LONG, LONG * 2):
        made = docx.Document()
        gongwen.signature(made, office, "2020年10月8日")
        indent = made.paragraphs[-1].paragraph_format.right_indent
        assert indent is not None and indent <= Pt(gongwen.SIZE_3 * (gongwen.CHARACTERS - 8)), office
    made = docx.Document()
    gongwen.red_head(made, LONG, "")
    assert made.paragraphs[0].runs[0].font.size >= Pt(gongwen.SIZE_2)


def test_more_than_nine_assessed_figures_are_all_told() -> None:
    assert [gongwen.numeral(n) for n in (1, 9, 10, 11, 20, 21)] == ["一", "九", "十", "十一", "二十", "二十一"]
    more = [line(f"more_{n}", f"指标{n}", n, COUNT | {"order": 20 + n, "role": "assessed"}) for n in range(2, 12)]
    told = docx.Document(io.BytesIO(circular(paper([facts(1)], *more))))
    assert any(one.text.startswith("（十一）签约亿元以上产业项目数。") for one in told.paragraphs)


def test_odd_texts_break_no_file_and_no_name_of_one() -> None:
    odd = facts(1, name="项\ufffe目\uffff\x00\t一", content="字" * 2000, signed_on="1899-05-01")
    told = content([odd])
    told["park"]["name"] = '甲<&"园/区\uffff'
    made = {one.kind: one for one in render_all(told, ON)}
    assert all(not set(one.name) & set('\\/:*?"<>|') for one in made.values())
    docx.Document(io.BytesIO(made["meeting"].data))
    book = openpyxl.load_workbook(io.BytesIO(made["annexes"].data))
    heights = [row.height or 0 for sheet in book for row in sheet.row_dimensions.values()]
    assert TALLEST - 1 < max(heights) <= TALLEST
    assert book["附件2"]["B4"].value == "项目 一"
    assert book["附件2"]["G4"].value == "1899-05-01" and typed("1900-01-01") is not None


def test_one_note_has_no_number_in_excel_as_in_word() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(paper([facts(1)]))))
    notes = [cell.value for row in book["附件3"].iter_rows() for cell in row if str(cell.value).startswith("注：")]
    assert notes == ["注：签约天数算至2020年9月30日；签约时间不精确到日的从最早一日算起。"]


def test_a_run_of_letters_stays_in_its_column_and_a_rare_character_is_shown(tmp_path: Path) -> None:
    reader, fonts = shutil.which("pdftotext"), shutil.which("fc-list")
    if not reader:
        pytest.skip("pdftotext is not installed")
    file = tmp_path / "paper.pdf"
    file.write_bytes(scorecard_pdf(paper([facts(1, name=RUN), facts(2, name=f"{RARE}祥")])))
    text = subprocess.run([reader, str(file), "-"], check=True, capture_output=True, text=True).stdout
    assert RUN not in text and RUN[:10] in text
    known = fonts and subprocess.run([fonts, f":charset={ord(RARE):x}"], capture_output=True, text=True).stdout
    assert not known or RARE in text
