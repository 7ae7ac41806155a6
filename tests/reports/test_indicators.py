"""Indicators: every reader sees how a figure is made; what it counts is fixed when it is created."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from reports import indicators
from reports.formulas import formula, lamp_rule
from reports.indicators import BadPart
from reports.models import Indicator, ScorecardLine
from reports.periods import Period
from reports.services import scorecard_compile
from tests.factories import F100, make_indicator, make_park, make_project, make_region, make_target, make_user

pytestmark = pytest.mark.django_db

BUDGET = 12
READERS = [Role.CLERK, Role.HEAD, Role.LEADER, Role.STATISTICIAN, Role.CITY]


@pytest.fixture
def park() -> Park:
    return make_park(code="yi", name="园区一", scorecards_from="2020-01", scorecards_until="2020-01")


@pytest.fixture
def signed() -> Indicator:
    return make_indicator(code="signed", name="签约项目数", role=Indicator.Role.ASSESSED, definition="以合同签订为准。")


@pytest.fixture
def browser(park: Park, client_as: Callable[[User], Client]) -> Client:
    """A statistician of the park's region."""
    return client_as(make_user(Role.STATISTICIAN, region=park.region))


def new(park: Park, **changed: Any) -> dict[str, Any]:
    """What a browser sends for an indicator that counts projects of 5亿元 or more."""
    values = {"code": "projects_500m", "name": "签约5亿元以上项目数", "region": park.region.code, "from_year": "2020"}
    values |= {"role": "monitored", "source": "projects", "measure": "count", "basis": "signed_on", "window": "ytd"}
    values |= {"filter-kind": "new", "filter-category": "industry", "filter-total_investment_min": "5亿"}
    values |= {"display_unit": "个", "decimals": "0", "direction": "more", "order": "300", "amber_points": "10"}
    return values | {"definition": "报告期内签约的5亿元以上项目。", "listed": "on"} | changed


def edited(indicator: Indicator, **changed: Any) -> dict[str, Any]:
    """What a browser sends for an unchanged indicator."""
    values = {"short_name": "", "order": "100", "lead_phrase": "", "definition": indicator.definition}
    return values | {"amber_points": "10", "listed": "on", "to_year": "", "version": "1"} | changed


@pytest.mark.parametrize("role", READERS)
def test_every_reader_sees_the_definitions(
    role: str, park: Park, signed: Indicator, client_as: Callable[[User], Client]
) -> None:
    place = {"region": park.region} if role in {Role.STATISTICIAN, Role.CITY} else {"park": park}
    browser = client_as(make_user(role, **place))
    listed = browser.get("/indicators/").content.decode()
    assert "签约项目数" in listed
    assert "以合同签订为准。" in listed
    detail = browser.get("/indicators/signed/").content.decode()
    assert "以合同签订为准。" in detail
    writes = role == Role.STATISTICIAN
    assert ("/indicators/new/" in listed) is writes
    assert ("/indicators/signed/edit/" in detail) is writes


def test_the_list_is_chosen_by_its_address(browser: Client, signed: Indicator) -> None:
    make_indicator(name="监测的")
    page = browser.get("/indicators/?role=assessed").content.decode()
    assert "签约项目数" in page
    assert "监测的" not in page
    assert browser.get("/indicators/?role=all").status_code == 400
    assert browser.get("/indicators/?unknown=1").status_code == 400


def test_a_detail_says_how_the_figure_is_made(browser: Client, signed: Indicator) -> None:
    page = browser.get("/indicators/signed/").content.decode()
    for words in ("项目台账", "产业类", "正式合同", "新引进", "1.0亿元", "签约时间", "当年1月1日至期末", "10个百分点"):
        assert words in page


def test_a_detail_shows_only_the_parks_of_the_reader(
    park: Park, signed: Indicator, client_as: Callable[[User], Client]
) -> None:
    other = make_park(name="别的园区", region=park.region)
    make_project(park=park, signed_on="2020-01-05")
    make_target(park=park, indicator=signed, annual=12, document="测〔2020〕1号")
    make_target(park=other, indicator=signed, annual=88)
    scorecard_compile(region=park.region, period=Period(2020, 1))
    page = client_as(make_user(Role.LEADER, park=park)).get("/indicators/signed/").content.decode()
    assert "测〔2020〕1号" in page
    assert "/projects/?" in page
    assert f"park={park.code}" in page
    assert "别的园区" not in page
    assert "88个" not in page


def test_a_ratio_links_its_two_parts(browser: Client, signed: Indicator) -> None:
    below = make_indicator(code="below")
    make_indicator(
        code="rate", source="", filter="", basis="", measure="ratio", numerator=signed, denominator=below, unit="%"
    )
    page = browser.get("/indicators/rate/").content.decode()
    assert 'href="/indicators/signed/"' in page
    assert 'href="/indicators/below/"' in page


def test_every_indicator_of_the_reference_has_words(sample: Park) -> None:
    for indicator in Indicator.objects.select_related("numerator", "denominator"):
        assert all(part.text or part.chips or part.links for part in formula(indicator)), indicator.code
        assert lamp_rule(indicator)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"role": "monitored"}, "不亮灯"),
        ({"role": "assessed", "amber_points": 15}, "15个百分点"),
        ({"role": "assessed", "direction": "less"}, "年度目标÷实绩"),
        ({"role": "assessed", "is_event": True}, "不设序时进度"),
    ],
)
def test_the_lamp_rule_is_said_in_words(fields: dict[str, Any], words: str) -> None:
    assert words in "".join(lamp_rule(make_indicator(**fields)))


def test_pages_of_indicators_keep_their_budget(
    browser: Client, park: Park, signed: Indicator, django_assert_max_num_queries: Any
) -> None:
    for _number in range(15):
        make_target(park=make_park(region=park.region), indicator=signed)
        make_indicator()
    scorecard_compile(region=park.region, period=Period(2020, 1))
    for url in ("/indicators/", "/indicators/signed/", "/indicators/signed/edit/", "/indicators/new/"):
        with django_assert_max_num_queries(BUDGET):
            assert browser.get(url).status_code == 200


def test_editing_changes_the_words_and_leaves_the_definition(browser: Client, signed: Indicator) -> None:
    before = (signed.filter, signed.source, signed.measure, signed.basis, signed.name, signed.role)
    data = edited(signed, definition="新的口径说明。", pinned="on", short_name="签约", lead_phrase="签约项目")
    data |= {"filter": "kind=new", "source": "enterprises", "measure": "sum", "basis": "started_on"}
    data |= {"name": "别的名称", "role": "monitored", "code": "other"}
    assert browser.post("/indicators/signed/edit/", data).status_code == 302
    signed.refresh_from_db()
    assert (signed.definition, signed.pinned, signed.short_name, signed.version) == ("新的口径说明。", True, "签约", 2)
    assert (signed.filter, signed.source, signed.measure, signed.basis, signed.name, signed.role) == before
    assert Change.objects.filter(object_code="signed", door="page").exists()


def test_the_service_refuses_to_change_a_definition(signed: Indicator) -> None:
    with pytest.raises(BadPart) as refused:
        indicators.indicator_update(by=Actor(None), indicator=signed, version=1, values={"filter": "kind=new"})
    assert refused.value.field == "filter"
    signed.refresh_from_db()
    assert signed.filter == F100


def test_a_new_amber_band_lights_other_lamps(
    browser: Client, park: Park, signed: Indicator, django_capture_on_commit_callbacks: Any
) -> None:
    make_target(park=park, indicator=signed, annual=100)
    scorecard_compile(region=park.region, period=Period(2020, 1))
    assert ScorecardLine.objects.get(indicator=signed).light == "amber"
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/indicators/signed/edit/", edited(signed, amber_points="5"))
    assert ScorecardLine.objects.get(indicator=signed).light == "red"


def test_who_edits_later_sees_both_values(browser: Client, signed: Indicator) -> None:
    browser.post("/indicators/signed/edit/", edited(signed, definition="先保存的。"))
    response = browser.post("/indicators/signed/edit/", edited(signed, definition="后保存的。"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "<td>先保存的。</td><td>后保存的。</td>" in page
    signed.refresh_from_db()
    assert signed.definition == "先保存的。"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"definition": ""}, "请填写口径。"),
        ({"amber_points": "101"}, "在0至100个百分点之间"),
        ({"to_year": "1999"}, "终止年应在起始年2000至2100之间"),
        ({"pinned": "on"}, "请填导语用词"),
    ],
)
def test_a_wrong_edit_is_refused(changed: dict[str, str], sentence: str, browser: Client, signed: Indicator) -> None:
    response = browser.post("/indicators/signed/edit/", edited(signed, **changed))
    assert sentence in response.content.decode()
    signed.refresh_from_db()
    assert signed.version == 1


def test_a_new_indicator_is_compiled_at_once(
    browser: Client, park: Park, signed: Indicator, django_capture_on_commit_callbacks: Any
) -> None:
    make_target(park=park, indicator=signed)
    make_project(park=park, signed_on="2020-01-05", total_investment=500_000_000)
    make_project(park=park, signed_on="2020-01-06", total_investment=499_999_999)
    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post("/indicators/new/", new(park))
    assert response["Location"] == "/indicators/projects_500m/"
    made = Indicator.objects.get(code="projects_500m")
    assert made.filter == "category=industry&kind=new&total_investment_min=500000000"
    assert (made.unit, made.region, made.measure_fields) == ("个", park.region, "")
    assert ScorecardLine.objects.get(indicator=made).actual == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"measure": "sum expected_annual_output", "display_unit": "", "decimals": ""},
        {"measure": "sum expected_jobs", "display_unit": "人"},
        {"measure": "distinct company", "display_unit": "家", "basis": "above_scale_on"},
        {
            "measure": "avg_days",
            "days_from": "signed_on",
            "days_to": "started_on",
            "basis": "started_on",
            "display_unit": "天",
            "decimals": "1",
            "direction": "less",
        },
        {"cohort_date": "signed_on", "cohort_years": "3", "basis": "started_on", "window": "as_of"},
        {"source": "reported", "display_unit": "万元"},
        {"source": "fund_arrivals", "basis": "received_on"},
        {"code": ""},
    ],
)
def test_every_kind_of_indicator_can_be_made(changed: dict[str, str], browser: Client, park: Park) -> None:
    response = browser.post("/indicators/new/", new(park, **changed))
    assert response.status_code == 302, response.context["form"].errors


def test_a_ratio_is_made_of_two_indicators(browser: Client, park: Park, signed: Indicator) -> None:
    below = make_indicator(code="below")
    data = new(park, source="ratio", display_unit="", decimals="")
    page = browser.post("/indicators/new/", data)
    assert "两个指标" in page.content.decode()
    response = browser.post("/indicators/new/", data | {"numerator": "signed", "denominator": "below"})
    assert response.status_code == 302
    made = Indicator.objects.get(code="projects_500m")
    assert (made.numerator, made.denominator) == (signed, below)


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"filter-park": "yi"}, "filter", "筛选条件里不能有park"),
        ({"filter-signed_on_after": "2020-01-01"}, "filter", "筛选条件里不能有signed_on_after"),
        ({"filter-search": "x"}, "filter", "筛选条件里不能有search"),
        ({"filter-page": "2"}, "filter", "筛选条件里不能有page"),
        ({"filter-unknown": "1"}, "filter", "没有名为“unknown”的筛选条件"),
        ({"filter-kind": "old"}, "filter", "没有“old”这个选项"),
        ({"filter-total_investment_min": "亿元以上"}, "filter", "亿元以上"),
        ({"basis": ""}, "basis", "统计日期"),
        ({"basis": "received_on"}, "basis", "统计日期"),
        ({"cohort_date": "started_on"}, "cohort_years", "批次日期和批次年数要一起填写"),
        ({"cohort_date": "signed_on", "cohort_years": "1"}, "cohort_date", "就不用选批次"),
        ({"cohort_date": "received_on", "cohort_years": "1"}, "cohort_date", "批次日期"),
        ({"measure": "sum"}, "measure", "算什么"),
        ({"measure": "sum amount"}, "measure", "算什么"),
        ({"measure": "avg_days", "days_from": "signed_on", "display_unit": "天"}, "days_from", "两个不同的日期"),
        ({"measure": "avg_days", "days_from": "signed_on", "days_to": "signed_on"}, "days_from", "两个不同的日期"),
        ({"days_from": "signed_on"}, "measure", "算法"),
        ({"display_unit": "亿元"}, "display_unit", "显示单位应是个、家"),
        ({"measure": "sum expected_jobs", "display_unit": "万元"}, "display_unit", "显示单位应是人"),
        ({"decimals": "5"}, "decimals", "小数位在0至4之间"),
        ({"is_event": "on"}, "is_event", "监测指标不亮灯"),
        ({"is_event": "on", "role": "assessed", "direction": "less"}, "direction", "越多越好"),
        ({"pinned": "on"}, "lead_phrase", "请填导语用词"),
        ({"code": "new"}, "code", "代码用小写英文字母"),
        ({"code": "signed"}, "code", ""),
        ({"to_year": "2019"}, "to_year", "终止年不能早于起始年2020"),
        ({"region": ""}, "region", "请选择适用区域"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_beside_its_field(
    changed: dict[str, str], field: str, sentence: str, browser: Client, park: Park, signed: Indicator
) -> None:
    response = browser.post("/indicators/new/", new(park, **changed))
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert sentence in "".join(response.context["form"].errors[field])
    assert Indicator.objects.count() == 1


def test_an_indicator_is_made_only_for_the_own_region(browser: Client, park: Park) -> None:
    response = browser.post("/indicators/new/", new(park, region=make_region().code))
    assert list(response.context["form"].errors) == ["region"]
    assert not Indicator.objects.exists()


def test_an_indicator_of_another_region_cannot_be_edited(browser: Client) -> None:
    elsewhere = make_indicator(code="elsewhere", region=make_region())
    assert browser.get("/indicators/elsewhere/edit/").status_code == 404
    assert browser.post("/indicators/elsewhere/edit/", edited(elsewhere, order="1")).status_code == 404
    assert "/edit/" not in browser.get("/indicators/elsewhere/").content.decode()
    elsewhere.refresh_from_db()
    assert elsewhere.order == 100


@pytest.mark.parametrize("url", ["/indicators/new/", "/indicators/signed/edit/"])
@pytest.mark.parametrize("role", [Role.CLERK, Role.HEAD, Role.LEADER, Role.STATISTICIAN, Role.CITY, Role.ADMIN])
def test_only_a_statistician_of_the_region_writes(
    role: str, url: str, park: Park, signed: Indicator, client_as: Callable[[User], Client]
) -> None:
    place = {Role.CITY: {"region": park.region}, Role.ADMIN: {}}.get(role, {"park": park})
    browser = client_as(make_user(role, **place))
    before = list(Indicator.objects.values())
    assert browser.get(url).status_code == 403
    assert browser.post(url, new(park) | {"version": "1"}).status_code == 403
    assert list(Indicator.objects.values()) == before


@pytest.mark.parametrize("url", ["/indicators/", "/indicators/signed/"])
def test_the_administrator_sees_no_business_data(
    url: str, signed: Indicator, client_as: Callable[[User], Client]
) -> None:
    assert client_as(make_user(Role.ADMIN)).get(url).status_code == 403


@pytest.mark.parametrize("url", ["/indicators/", "/indicators/signed/", "/indicators/signed/edit/", "/indicators/new/"])
def test_who_is_not_logged_in_is_sent_to_the_login(url: str, client: Client) -> None:
    assert client.get(url)["Location"].startswith("/accounts/login/")


def test_missing_pages_and_wrong_methods(browser: Client, signed: Indicator) -> None:
    assert browser.get("/indicators/no-such/").status_code == 404
    assert browser.get("/indicators/no-such/edit/").status_code == 404
    assert browser.post("/indicators/").status_code == 405
    assert browser.post("/indicators/signed/").status_code == 405
    assert browser.delete("/indicators/signed/edit/").status_code == 405
