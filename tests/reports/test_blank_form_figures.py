"""套表: figures of the compiled scorecard, the register with its contradictions, and the pages."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from parkportal.models import Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Project
from reports.filling import services
from reports.filling.differences import differences
from reports.models import BlankForm, FilledForm, Scorecard, ScorecardLine
from tests.factories import (
    YI,
    make_enterprise,
    make_indicator,
    make_park,
    make_project,
    make_user,
)
from tests.reports.blank_forms import TODAY, add, put_in, sheet_of
from tests.reports.forms import figure_form, project_form

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
