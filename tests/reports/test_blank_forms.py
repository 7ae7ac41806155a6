"""套表: the layout of the authority stays, every number is where it belongs, and nothing becomes a formula."""

import io
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from openpyxl import Workbook

from parkportal import files
from parkportal.models import Change, Park, User
from parkportal.trace import Actor, StaleVersion
from projects.models import Project
from reports.filling import layout, services
from reports.filling.lines import fill_line, has_blank
from reports.models import BlankForm
from tests.factories import (
    YI,
    make_enterprise,
    make_fund_arrival,
    make_park,
    make_project,
    make_user,
)
from tests.reports.blank_forms import TODAY, add, put_in, row_values, sheet_of
from tests.reports.forms import FIRST, LAST, TOTAL, project_form, saved

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
FACTS = {"park": "园区午", "filled_on": "2020年10月9日", "filler": "经办人甲", "period": "2020年1—9月"}


@pytest.fixture
def park() -> Park:
    return make_park(name="园区午")


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(park=park, name="经办人甲")


@pytest.fixture
def client(client_as: As, clerk: User) -> Client:
    return client_as(clerk)


# The line with its blanks


@pytest.mark.parametrize(
    ("line", "filled"),
    [
        (
            "单位（盖章）：　填报日期：　单位：万元",
            "单位（盖章）：园区午　填报日期：2020年10月9日　单位：万元",
        ),
        (
            "填报单位(公章):____ 填报日期: 年 月 日  金额单位:万元",
            "填报单位(公章):园区午　填报日期:2020年10月9日  金额单位:万元",
        ),
        ("填报单位：", "填报单位：园区午"),
        ("单位负责人：　　填表人：　　联系电话：", "单位负责人：　　填表人：经办人甲　联系电话："),
        ("报告期：　　报出日期：", "报告期：2020年1—9月　报出日期：2020年10月9日"),
        ("填报日期：2020年9月1日　单位：万元", "填报日期：2020年9月1日　单位：万元"),
        ("计量单位：万元", "计量单位：万元"),
        ("由填报单位盖章后报送", "由填报单位盖章后报送"),
    ],
)
def test_blanks_behind_labels_are_filled_and_all_else_stays(line: str, filled: str) -> None:
    assert fill_line(line, FACTS) == filled
    assert has_blank(line) == (line != filled)


# Keeping a form


def test_a_new_form_guesses_its_list_from_the_heads(park: Park, clerk: User) -> None:
    form = add(park, clerk)
    assert form.mapping["rows"] == {
        **{"first": FIRST, "last": LAST, "total": TOTAL},
        "columns": {
            **{"A": "number", "B": "name", "C": "investor_name", "D": "total_investment", "E": "signed_on"},
            **{"F": "progress", "G": "problem"},
        },
    }
    assert (form.code, form.sheet, form.file.name) == (f"{park.code}-b2020-001", "调度表", "空表.xlsx")
    assert Change.objects.filter(object_type="reports.BlankForm", object_code=form.code).count() == 1


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("空表.xlsx", b"", "文件是空的"),
        ("空表.xlsm", b"PK", "可能带宏"),
        ("空表.xlsx", b"<html>", "内容却不是这种格式"),
    ],
)
def test_what_the_gate_refuses_is_not_kept(park: Park, clerk: User, name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        services.blank_form_add(
            by=Actor(clerk), park=park, name="表", authority="", file_name=name, data=data, on=TODAY
        )
    assert sentence in refused.value.messages[0]
    assert not BlankForm.objects.exists()


def test_a_form_that_is_too_large_is_refused(park: Park, clerk: User) -> None:
    book = Workbook()
    book.active.cell(301, 1).value = "远"  # type: ignore[union-attr]
    with pytest.raises(ValidationError, match="套表最多300行"):
        add(park, clerk, saved(book))


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ({"cells": {"Z99": {"kind": "text", "text": "park"}}}, "Z99不是表里能填的单元格。"),
        ({"cells": {"B1": {"kind": "text", "text": "park"}}}, "B1不是表里能填的单元格。"),
        ({"cells": {"H6": {"kind": "text", "text": "park"}}}, "H6是公式"),
        ({"cells": {"A10": {"kind": "text", "text": "secret"}}}, "A10没有这样的内容可填。"),
        ({"cells": {"A10": {"kind": "figure", "indicator": "none", "value": "actual"}}}, "A10没有这样的内容可填。"),
        ({"rows": {"first": 8, "last": 6, "total": None, "columns": {}}}, "起始行不能在末行之后"),
        ({"rows": {"first": 6, "last": 8, "total": 7, "columns": {}}}, "合计行（第7行）"),
        ({"rows": {"first": 6, "last": 8, "total": 9, "columns": {"B": "password"}}}, "第B列没有这样的内容可填。"),
    ],
)
def test_a_mapping_names_places_and_meanings_that_there_are(
    park: Park, clerk: User, mapping: dict[str, Any], sentence: str
) -> None:
    form = add(park, clerk)
    with pytest.raises(ValidationError) as refused:
        services.blank_form_map(by=Actor(clerk), form=form, mapping=mapping, version=form.version)
    assert sentence in refused.value.messages[0]


def test_two_people_do_not_overwrite_each_others_mapping(park: Park, clerk: User) -> None:
    form = add(park, clerk)
    services.blank_form_map(by=Actor(clerk), form=form, mapping={}, version=1)
    with pytest.raises(StaleVersion):
        services.blank_form_map(by=Actor(clerk), form=form, mapping={"cells": {}}, version=1)


# Filling


@pytest.fixture
def five(park: Park, clerk: User) -> list[Project]:
    investor = make_enterprise(park=park, name="企业甲")
    return [
        make_project(
            **{"park": park, "investor": investor, "name": f"项目{n}", "signed_on": date(2020, n, 3)},
            **{"total_investment": n * YI, "progress": f"进展{n}", "problem": "缺证" if n == 2 else ""},
        )
        for n in range(1, 6)
    ]


def test_rows_are_put_in_like_the_first_one_and_all_else_moves_along(
    park: Park, clerk: User, five: list[Project]
) -> None:
    sheet = sheet_of(put_in(add(park, clerk), clerk))
    assert [row_values(sheet, row)[:4] for row in (6, 10)] == [
        [1, "项目1", "企业甲", 10_000],
        [5, "项目5", "企业甲", 50_000],
    ]
    assert [sheet.cell(row, 8).value for row in (6, 10)] == ["=D6*2", "=D10*2"]
    assert (sheet["A11"].value, sheet["D11"].value) == ("合计", "=SUM(D6:D10)")
    assert sheet["A12"].value.startswith("单位负责人：　　　　填表人：经办人甲　")
    assert {"A1:H1", "A2:H2", "A3:A5", "B3:C4", "A11:C11"} <= {str(m) for m in sheet.merged_cells.ranges}
    assert "A9:C9" not in {str(m) for m in sheet.merged_cells.ranges}
    assert [sheet.row_dimensions[row].height for row in (10, 12)] == [28, 40]
    assert (sheet["D10"].number_format, sheet["B10"].fill.fgColor.rgb) == ("#,##0.00", "FFEEEEEE")
    assert (sheet.column_dimensions["B"].width, sheet["A1"].font.name) == (33, "方正小标宋简体")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 8)
    assert (sheet.print_title_rows, sheet.print_area) == ("$1:$5", "'调度表'!$A$1:$H$12")
    assert [str(f.sqref) for f in sheet.conditional_formatting] == ["D6:D10"]
    assert sheet["A2"].value == "单位（盖章）：园区午　填报日期：2020年10月9日　　　　单位：万元"


def test_fewer_projects_leave_prepared_rows_empty(park: Park, clerk: User, five: list[Project]) -> None:
    filled = put_in(add(park, clerk), clerk, projects=Project.objects.filter(pk=five[0].pk))
    sheet = sheet_of(filled)
    assert row_values(sheet, 7) == [None] * 7
    assert (sheet["A9"].value, sheet["D9"].value) == ("合计", "=SUM(D6:D8)")
    assert filled.figures["projects"] == 1


def test_a_row_of_totals_without_a_formula_gets_the_sum(park: Park, clerk: User, five: list[Project]) -> None:
    sheet = sheet_of(put_in(add(park, clerk, project_form(total="")), clerk))
    assert sheet["D11"].value == 150_000


@pytest.mark.parametrize(("unit", "value"), [("万元", 10_000), ("亿元", 1), ("元", YI)])
def test_the_unit_of_the_line_is_honoured(park: Park, clerk: User, five: list[Project], unit: str, value: int) -> None:
    sheet = sheet_of(put_in(add(park, clerk, project_form(line=f"金额单位：{unit}")), clerk))
    assert sheet["D6"].value == value


def test_days_are_days_and_the_inexact_is_said_in_words(park: Park, clerk: User) -> None:
    make_project(park=park, signed_on=date(2020, 7, 11), signed_on_precision="ten_day")
    make_project(park=park, signed_on=date(2020, 8, 1), total_investment=5 * YI, total_investment_qualifier="at_least")
    sheet = sheet_of(put_in(add(park, clerk), clerk))
    assert (sheet["E6"].value, sheet["E7"].value.date()) == ("2020年7月中旬", date(2020, 8, 1))
    assert (sheet["E7"].number_format, sheet["D7"].value) == ("yyyy-mm-dd", "50,000以上")


def test_a_number_shrinks_rather_than_show_as_hashes(park: Park, clerk: User, five: list[Project]) -> None:
    sheet = sheet_of(put_in(add(park, clerk), clerk))
    assert [sheet[ref].alignment.shrink_to_fit for ref in ("D6", "E6", "A6")] == [True, True, None]
    assert "E" not in sheet.column_dimensions


@pytest.mark.parametrize("text", ["=1+1", "+86", "-3", "@SUM(A1)", "#N/A", '=HYPERLINK("http://x","y")'])
def test_a_text_is_never_a_formula(park: Park, clerk: User, text: str) -> None:
    make_project(park=park, progress=text, signed_on=date(2020, 1, 1))
    filled = put_in(add(park, clerk), clerk)
    cell = sheet_of(filled)["F6"]
    assert (cell.value, cell.data_type) == (text, "s")
    parts = ZipFile(io.BytesIO(files.read(filled.file.stored_name)))
    assert b"<f>=" not in parts.read("xl/worksheets/sheet1.xml")
    assert parts.read("xl/worksheets/sheet1.xml").count(b"<f>") == 4


def test_what_was_told_and_had_arrived_is_that_of_the_day(park: Park, clerk: User) -> None:
    project = make_project(park=park, signed_on=date(2020, 1, 1))
    for day, amount in ((date(2020, 8, 1), 1), (date(2020, 9, 2), 2), (date(2020, 10, 1), 4)):
        make_fund_arrival(project=project, received_on=day, amount=amount * 10_000)
    make_fund_arrival(project=project, received_on=date(2020, 9, 3), amount=80_000, verified=False)
    form = add(park, clerk)
    columns = {"B": "month_funds", "C": "funds"}
    mapping = {"rows": {"first": 6, "last": 8, "total": 9, "columns": columns}}
    services.blank_form_map(by=Actor(clerk), form=form, mapping=mapping, version=1)
    assert [sheet_of(put_in(form, clerk))[ref].value for ref in ("B6", "C6")] == [2, 3]


def test_projects_of_other_parks_and_their_words_are_in_no_byte(park: Park, clerk: User, five: list[Project]) -> None:
    other = make_project(name="外园区标记", progress="外园区进展", signed_on=date(2020, 1, 1))
    make_project(park=other.park, name="共享标记", shares=[(park, 5000), (other.park, 5000)])
    filled = put_in(add(park, clerk), clerk)
    parts = ZipFile(io.BytesIO(files.read(filled.file.stored_name)))
    everything = unescape("".join(parts.read(name).decode(errors="ignore") for name in parts.namelist()))
    assert "项目1" in everything
    assert not any(word in everything for word in ("外园区", "共享标记", other.park.name))
    assert "外园区" not in str(filled.figures)


# Moving formulas


@pytest.mark.parametrize(
    ("formula", "own", "moved"),
    [
        ("=SUM(D6:D8)", True, "=SUM(D6:D10)"),
        ("=SUM($D$6:$D$8)/D9", True, "=SUM($D$6:$D$10)/D11"),
        ("=D5+D9", True, "=D5+D11"),
        ("=SUM(D9:D12)", True, "=SUM(D11:D14)"),
        ("=SUM(D:D)", True, "=SUM(D:D)"),
        ('=调度表!D9&"D9"', False, '=调度表!D11&"D9"'),
        ("='调度表'!D6:D8", False, "='调度表'!D6:D10"),
        ("=D9", False, "=D9"),
    ],
)
def test_formulas_reach_over_the_new_rows(formula: str, own: bool, moved: str) -> None:
    assert layout.moved_formula(formula, "调度表", own, 8, 2, reach=True) == moved
