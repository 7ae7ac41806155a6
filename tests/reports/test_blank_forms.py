"""套表: the layout stays, every number is where it belongs, nothing becomes a formula, and contradictions are told."""

import io
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from parkportal import files
from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, StaleVersion
from projects.models import Project
from reports.filling import layout, services
from reports.filling.differences import differences
from reports.filling.lines import fill_line, has_blank
from reports.models import BlankForm, FilledForm, Scorecard, ScorecardLine
from tests.factories import (
    YI,
    make_enterprise,
    make_fund_arrival,
    make_indicator,
    make_park,
    make_project,
    make_user,
)
from tests.reports.forms import FIRST, LAST, TOTAL, figure_form, opened, project_form, saved

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
TODAY, AS_OF = date(2020, 10, 9), date(2020, 9, 30)
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


def add(park: Park, by: User, data: bytes | None = None, name: str = "调度表", **more: Any) -> BlankForm:
    facts = {"authority": "市商务局", "file_name": "空表.xlsx", "data": data or project_form(), "on": TODAY} | more
    return services.blank_form_add(by=Actor(by), park=park, name=name, **facts)


def put_in(form: BlankForm, by: User, as_of: date = AS_OF, **more: Any) -> FilledForm:
    facts = {"projects": Project.objects.order_by("signed_on", "code"), "query": "", "filled_on": TODAY} | more
    return services.form_fill(by=Actor(by), form=form, as_of=as_of, **facts)


def sheet_of(filled: FilledForm) -> Any:
    return opened(files.read(filled.file.stored_name))


def row_values(sheet: Any, row: int, width: int = 7) -> list[Any]:
    return [sheet.cell(row, column).value for column in range(1, width + 1)]


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


# Figures


@pytest.fixture
def scorecard(park: Park) -> Scorecard:
    card = Scorecard.objects.create(
        **{"code": f"{park.code}-2020-09", "park": park, "period": "2020-09", "compiled_at": "2020-10-01T00:00Z"}
    )
    count = make_indicator(code="signed", name="签约项目数", role="assessed")
    money = make_indicator(code="money", name="签约总投资", unit="元", display_unit="亿元", decimals=1, measure="sum")
    facts = {"actual_denominator": 1, "month_denominator": 1, "target_denominator": 1}
    ScorecardLine.objects.create(
        scorecard=card, indicator=count, actual_numerator=18, month_numerator=2, target_numerator=12, **facts
    )
    ScorecardLine.objects.create(scorecard=card, indicator=money, actual_numerator=10_494_000_000, **facts)
    return card


def figures(form: BlankForm, by: User, **cells: tuple[str, str]) -> None:
    wanted = {ref: {"kind": "figure", "indicator": code, "value": what} for ref, (code, what) in cells.items()}
    services.blank_form_map(by=Actor(by), form=form, mapping={"cells": wanted}, version=form.version)


def test_figures_are_those_of_the_compiled_scorecard(park: Park, clerk: User, scorecard: Scorecard) -> None:
    form = add(park, clerk, figure_form())
    figures(
        *(form, clerk),
        **{"B4": ("signed", "target"), "C4": ("signed", "actual"), "D4": ("signed", "month")},
        **{"E4": ("signed", "completion"), "C5": ("money", "actual"), "D5": ("money", "month")},
    )
    sheet = sheet_of(put_in(form, clerk))
    assert [sheet[ref].value for ref in ("B4", "C4", "D4", "E4", "C5", "D5")] == [12, 18, 2, 1.5, 104.9, None]
    assert sheet["F4"].value == "=C4-B4"
    assert sheet["A2"].value == "填报单位：园区午　填报日期：2020年10月9日　金额单位：亿元"


def test_a_cell_may_ask_for_another_unit(park: Park, clerk: User, scorecard: Scorecard) -> None:
    form = add(park, clerk, figure_form())
    wanted = {"kind": "figure", "indicator": "money", "value": "actual", "unit": "万元"}
    services.blank_form_map(by=Actor(clerk), form=form, mapping={"cells": {"C5": wanted}}, version=1)
    assert sheet_of(put_in(form, clerk))["C5"].value == 1_049_400


def test_a_month_without_a_scorecard_is_said(park: Park, clerk: User, scorecard: Scorecard) -> None:
    form = add(park, clerk, figure_form())
    figures(form, clerk, C4=("signed", "actual"))
    with pytest.raises(ValidationError, match="2020年8月的成绩单还没有编制，先编制再填表。"):
        put_in(form, clerk, date(2020, 8, 31))
    assert not FilledForm.objects.exists()


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


# The register


def test_two_forms_that_say_different_things_are_both_listed(park: Park, clerk: User, five: list[Project]) -> None:
    form = add(park, clerk)
    first = put_in(form, clerk)
    assert differences([first, put_in(form, clerk)]) == []
    Project.objects.filter(pk=five[0].pk).update(total_investment=9 * YI)
    second = put_in(form, clerk, filled_on=date(2020, 10, 8))
    found = differences([first, second])
    assert [(one.label, [told.entry.words for told in one.told]) for one in found] == [
        ("项目1：总投资", ["10,000万元", "90,000万元"])
    ]
    assert [told.filled.filled_on for told in found[0].told] == [TODAY, date(2020, 10, 8)]


def test_the_same_indicator_in_another_month_is_no_contradiction(park: Park, clerk: User, scorecard: Scorecard) -> None:
    form = add(park, clerk, figure_form())
    figures(form, clerk, C4=("signed", "actual"))
    first = put_in(form, clerk)
    ScorecardLine.objects.filter(indicator__code="signed").update(actual_numerator=19)
    assert len(differences([first, put_in(form, clerk)])) == 1
    Scorecard.objects.update(period="2020-08")
    assert differences([first, put_in(form, clerk, date(2020, 8, 31))]) == []


def test_sending_is_noted_and_what_was_sent_stays(park: Park, clerk: User, five: list[Project]) -> None:
    filled = put_in(add(park, clerk), clerk)
    send = {"by": Actor(clerk), "filled": filled, "today": TODAY}
    services.filled_form_send(sent_to="市商务局", sent_on=TODAY, version=filled.version, **send)
    filled.refresh_from_db()
    assert (filled.sent_to, filled.sent_on) == ("市商务局", TODAY)
    with pytest.raises(ValidationError, match="已报送的不能撤回"):
        services.filled_form_withdraw(by=Actor(clerk), filled=filled, version=filled.version)
    with pytest.raises(ValidationError, match="报送时间不能晚于今天。"):
        services.filled_form_send(sent_to="市", sent_on=date(2020, 10, 10), version=filled.version, **send)


def test_another_parks_person_fills_nothing(park: Park, clerk: User) -> None:
    form = add(park, clerk)
    with pytest.raises(PermissionDenied):
        put_in(form, make_user())
    with pytest.raises(PermissionDenied):
        put_in(form, make_user(Role.LEADER, park=park))


# The pages


def upload(client: Client, data: bytes, name: str = "空表.xlsx") -> Any:
    return client.post("/forms/new/", {"name": "月报", "authority": "市商务局", "file": SimpleUploadedFile(name, data)})


def test_from_upload_to_register(client: Client, park: Park, five: list[Project]) -> None:
    page = client.get(upload(client, project_form())["Location"]).content.decode()
    for shown in ("招商引资项目调度表", "<b>总投资</b>", "金额单位：万元", 'value="6"'):
        assert shown in page
    form = BlankForm.objects.get()
    assert "月报" in client.get("/forms/").content.decode()
    values = {"as_of": "2020-09-30", "filled_on": "2020-10-09", "preset": "", "query": "/projects/?search=项目2"}
    answer = client.post(f"/forms/{form.code}/fill/", values)
    filled = FilledForm.objects.get()
    assert answer["Location"] == f"/forms/sent/{filled.code}/"
    assert (filled.query, sheet_of(filled)["B6"].value, filled.figures["projects"]) == ("search=项目2", "项目2", 1)
    file = client.get(f"/forms/sent/{filled.code}/file/")
    assert "attachment" in file["Content-Disposition"]
    assert load_workbook(io.BytesIO(file.content)).active is not None
    client.post(f"/forms/sent/{filled.code}/send/", {"sent_to": "市商务局", "sent_on": "2020-10-09", "version": "1"})
    register = client.get("/forms/sent/").content.decode()
    assert "市商务局" in register
    assert "未报送" not in register


def test_a_cell_is_mapped_by_choosing_it(client: Client, park: Park, clerk: User, scorecard: Scorecard) -> None:
    form = add(park, clerk, figure_form())
    page = client.get(f"/forms/{form.code}/?cell=C4").content.decode()
    assert "C4填什么" in page
    typed = {"part": "cell", "ref": "C4", "version": "1", "what": "figure:actual", "indicator": "signed", "unit": ""}
    client.post(f"/forms/{form.code}/map/", typed)
    assert "<b>签约项目数 · 累计</b>" in client.get(f"/forms/{form.code}/").content.decode()
    client.post(f"/forms/{form.code}/map/", typed | {"version": "2", "what": "", "indicator": ""})
    form.refresh_from_db()
    assert form.mapping["cells"] == {}


def test_columns_are_mapped_all_at_once(client: Client, park: Park, clerk: User) -> None:
    form = add(park, clerk)
    typed = {"part": "rows", "version": "1", "first": "6", "last": "8", "total": "", "column-B": "name"}
    client.post(f"/forms/{form.code}/map/", typed)
    form.refresh_from_db()
    assert form.mapping["rows"] == {"first": 6, "last": 8, "total": None, "columns": {"B": "name"}}


def test_wrong_conditions_are_said_and_nothing_is_filled(client: Client, park: Park, clerk: User) -> None:
    form = add(park, clerk)
    values = {"as_of": "2020-09-30", "filled_on": "2999-01-01", "preset": "", "query": "colour=red"}
    page = client.post(f"/forms/{form.code}/fill/", values).content.decode()
    assert "没有名为“colour”的筛选条件" in page
    assert "填报日期不能晚于今天。" in page
    assert not FilledForm.objects.exists()


def test_a_secret_project_is_not_listed(client: Client, park: Park, clerk: User) -> None:
    make_project(park=park, name="机密项目", confidentiality="secret", owner=clerk)
    form = add(park, clerk)
    client.post(
        f"/forms/{form.code}/fill/",
        {"as_of": "2020-09-30", "filled_on": "2020-10-09", "preset": "review_state=verified"},
    )
    assert FilledForm.objects.get().figures["projects"] == 0


def test_a_file_that_is_refused_is_said_beside_the_field(client: Client) -> None:
    page = upload(client, b"x", "空表.xlsm").content.decode()
    assert "可能带宏" in page
    assert not BlankForm.objects.exists()


def test_contradictions_stand_on_the_register_with_both_dates(client: Client, park: Park, clerk: User) -> None:
    project = make_project(park=park, name="项目甲", signed_on=date(2020, 1, 1))
    form = add(park, clerk)
    put_in(form, clerk, filled_on=date(2020, 10, 8))
    Project.objects.filter(pk=project.pk).update(total_investment=3 * YI)
    filled = put_in(form, clerk)
    for address in ("/forms/sent/", f"/forms/sent/{filled.code}/"):
        page = client.get(address).content.decode()
        for shown in ("1处报数不一致", "项目甲：总投资", "20,000万元", "30,000万元", "2020-10-08填", "2020-10-09填"):
            assert shown in page


def test_forms_of_another_park_are_not_found(client_as: As, park: Park, clerk: User) -> None:
    form = add(park, clerk)
    filled = put_in(form, clerk)
    stranger = client_as(make_user())
    for address in (f"/forms/{form.code}/", f"/forms/{form.code}/file/", f"/forms/sent/{filled.code}/file/"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/forms/{form.code}/fill/", {}).status_code == 404
