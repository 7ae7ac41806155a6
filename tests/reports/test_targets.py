"""Targets: who sets them, what may be typed, and what a change does to the drafts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, StaleVersion
from reports import targets
from reports.models import Indicator, Scorecard, ScorecardLine, Target
from tests.factories import make_indicator, make_park, make_project, make_region, make_target, make_user

pytestmark = pytest.mark.django_db

BUDGET = 13
EVEN = [str(month) for month in range(1, 13)]


@pytest.fixture
def park() -> Park:
    """A park whose scorecards of January and February 2020 are wanted."""
    return make_park(code="yi", name="园区一", scorecards_from="2020-01", scorecards_until="2020-02")


@pytest.fixture
def indicator() -> Indicator:
    return make_indicator(code="signed", name="签约项目数", role=Indicator.Role.ASSESSED)


@pytest.fixture
def browser(park: Park, client_as: Callable[[User], Client]) -> Client:
    """A statistician of the park's region."""
    return client_as(make_user(Role.STATISTICIAN, region=park.region))


def form(park: Park, indicator: Indicator, **changed: Any) -> dict[str, Any]:
    """What a browser sends for a target of 12 in 2020."""
    values = {"park": park.code, "indicator": indicator.code, "year": "2020", "level": "city", "annual": "12"}
    return values | {"basis": "annual", "document": "测〔2020〕1号", "authority": "市政府", "note": ""} | changed


def curve(values: list[str]) -> dict[str, str]:
    return {f"curve_{month}": value for month, value in enumerate(values, 1)}


def refusal(browser: Client, data: dict[str, Any]) -> str:
    """The page that refuses a form, which wrote nothing."""
    before = list(Target.objects.values())
    response = browser.post("/targets/new/", data)
    assert response.status_code == 200
    assert list(Target.objects.values()) == before
    return response.content.decode()


def test_the_grid_shows_the_target_with_its_paper(browser: Client, park: Park, indicator: Indicator) -> None:
    make_target(park=park, indicator=indicator, annual=12, document="测〔2020〕1号", authority="市政府")
    page = browser.get("/targets/?year=2020").content.decode()
    assert "12个" in page
    assert "测〔2020〕1号，市政府" in page
    assert "不亮灯</span>" not in page


def test_a_target_without_a_paper_is_marked(browser: Client, park: Park, indicator: Indicator) -> None:
    make_target(park=park, indicator=indicator, document="")
    assert "缺文号或下达单位，不亮灯" in browser.get("/targets/").content.decode()


def test_other_levels_stand_beneath(browser: Client, park: Park, indicator: Indicator) -> None:
    make_target(park=park, indicator=indicator, annual=12)
    make_target(park=park, indicator=indicator, annual=77, level=Target.Level.STRETCH)
    page = browser.get("/targets/").content.decode()
    assert page.index("12个") < page.index("其他目标") < page.index("77个")


@pytest.mark.parametrize("role", [Role.CLERK, Role.HEAD, Role.LEADER])
def test_a_park_sees_its_own_targets_and_cannot_edit(
    role: str, park: Park, indicator: Indicator, client_as: Callable[[User], Client]
) -> None:
    make_target(park=park, indicator=indicator, annual=12)
    make_target(park=make_park(name="别的园区", region=park.region), indicator=indicator, annual=88)
    page = client_as(make_user(role, park=park)).get("/targets/").content.decode()
    assert "12个" in page
    assert "88个" not in page
    assert "别的园区" not in page
    assert "/edit/" not in page
    assert "/targets/new/" not in page


@pytest.mark.parametrize(
    "query", ["year=x", "year=2019&year=2020", "park=nowhere", "indicator=nothing", "unknown=1", "year=20200"]
)
def test_a_wrong_address_shows_no_rows(query: str, browser: Client, park: Park, indicator: Indicator) -> None:
    make_target(park=park, indicator=indicator, annual=12)
    response = browser.get(f"/targets/?{query}")
    assert response.status_code == 400
    assert "12个" not in response.content.decode()


def test_the_address_chooses_year_park_and_indicator(browser: Client, park: Park, indicator: Indicator) -> None:
    other = make_park(name="园区二", region=park.region)
    make_target(park=park, indicator=indicator, annual=12)
    make_target(park=other, indicator=indicator, annual=34)
    make_target(park=park, indicator=indicator, annual=56, year=2019)
    page = browser.get(f"/targets/?year=2020&park={park.code}&indicator={indicator.code}").content.decode()
    assert "12个" in page
    assert "34个" not in page
    assert "56个" not in page


def test_the_list_costs_the_same_for_many_parks(
    browser: Client, park: Park, indicator: Indicator, django_assert_max_num_queries: Any
) -> None:
    make_target(park=park, indicator=indicator)
    for _number in range(15):
        make_target(park=make_park(region=park.region), indicator=indicator)
    with django_assert_max_num_queries(BUDGET):
        assert browser.get("/targets/").status_code == 200


def test_setting_a_target_leaves_a_trace_and_compiles(
    browser: Client, park: Park, indicator: Indicator, django_capture_on_commit_callbacks: Any
) -> None:
    make_project(park=park, signed_on="2020-01-10")
    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post("/targets/new/", form(park, indicator, **curve(EVEN)))
    assert response.status_code == 302
    assert response["Location"] == "/targets/?year=2020"
    target = Target.objects.get()
    assert (target.annual, target.denominator, target.curve) == (12, 1, list(range(1, 13)))
    assert Change.objects.filter(object_code=target.code, door="page", park=park).exists()
    assert list(Scorecard.objects.order_by("period").values_list("period", flat=True)) == ["2020-01", "2020-02"]
    assert ScorecardLine.objects.get(scorecard__period="2020-01", indicator=indicator).light == "green"


def test_changing_a_target_compiles_the_drafts_again(
    browser: Client, park: Park, indicator: Indicator, django_capture_on_commit_callbacks: Any
) -> None:
    make_project(park=park, signed_on="2020-01-10")
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/targets/new/", form(park, indicator))
    target = Target.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"/targets/{target.code}/edit/", form(park, indicator, annual="120", version=target.version))
    line = ScorecardLine.objects.get(scorecard__period="2020-01", indicator=indicator)
    assert line.target == 120
    assert line.light == "amber"


@pytest.mark.parametrize(
    ("unit", "shown", "typed", "stored", "denominator"),
    [
        ("个", "个", "１２个", 12, 1),
        ("人", "人", "4万", 40_000, 1),
        ("元", "亿元", "3.5", 350_000_000, 1),
        ("元", "亿元", "30000万", 300_000_000, 1),
        ("美元", "万美元", "3,000", 30_000_000, 1),
        ("%", "%", "85.55%", 8_555, 10_000),
        ("天", "天", "20.5天", 205, 10),
    ],
)
def test_a_target_is_typed_in_the_display_unit(
    unit: str, shown: str, typed: str, stored: int, denominator: int, browser: Client, park: Park
) -> None:
    indicator = make_indicator(unit=unit, display_unit=shown, role=Indicator.Role.ASSESSED)
    assert browser.post("/targets/new/", form(park, indicator, annual=typed)).status_code == 302
    target = Target.objects.get()
    assert (target.annual, target.denominator) == (stored, denominator)


@pytest.mark.parametrize(
    ("unit", "typed", "sentence"),
    [
        ("个", "", "请填写年度目标。"),
        ("个", "0", "年度目标应大于0"),
        ("个", "约12", "目标应是确数"),
        ("个", "1.5", "不是一个整数"),
        ("个", "-3", "不能小于0"),
        ("亿元", "许多", "不是一个金额"),
        ("%", "85.555", "小数最多2位"),
        ("天", "20.55", "小数最多1位"),
    ],
)
def test_an_unreadable_target_is_refused_with_a_sentence(
    unit: str, typed: str, sentence: str, browser: Client, park: Park
) -> None:
    indicator = make_indicator(display_unit=unit, role=Indicator.Role.ASSESSED)
    assert sentence in refusal(browser, form(park, indicator, annual=typed))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([*EVEN[:11], ""], "还差1—12月"),
        ([*EVEN[:11], "11"], "12月累计目标应等于年度目标12个，现在是11个。"),
        (["2", "1", *EVEN[2:]], "2月累计目标1个少于1月的2个，累计数不能减少。"),
        (["一", *EVEN[1:]], "1月：“一”不是一个整数"),
    ],
)
def test_a_curve_that_does_not_fit_is_refused(
    values: list[str], sentence: str, browser: Client, park: Park, indicator: Indicator
) -> None:
    page = refusal(browser, form(park, indicator, **curve(values)))
    assert sentence in page
    assert f'value="{values[1]}"' in page


def test_a_target_without_pace_takes_no_curve(browser: Client, park: Park, indicator: Indicator) -> None:
    data = form(park, indicator, annual="3", **curve(["1"] * 6 + ["3"] * 6))
    assert "不设序时进度" in refusal(browser, data)


def test_the_same_target_is_not_set_twice(browser: Client, park: Park, indicator: Indicator) -> None:
    make_target(park=park, indicator=indicator, year=2020)
    assert "请修改原目标" in refusal(browser, form(park, indicator))
    assert browser.post("/targets/new/", form(park, indicator, level="stretch")).status_code == 302


def test_an_indicator_that_is_not_in_force_takes_no_target(browser: Client, park: Park, indicator: Indicator) -> None:
    elsewhere = make_indicator(region=make_region())
    assert "2020年不使用" in refusal(browser, form(park, elsewhere))


def test_a_park_of_another_region_takes_no_target(browser: Client, indicator: Indicator) -> None:
    assert "园区没有这个选项" in refusal(browser, form(make_park(), indicator))


def test_the_new_form_knows_what_the_grid_said(browser: Client, park: Park) -> None:
    indicator = make_indicator(unit="元", display_unit="亿元", role=Indicator.Role.ASSESSED)
    page = browser.get(f"/targets/new/?park={park.code}&indicator={indicator.code}&year=2021").content.decode()
    assert f'<option value="{park.code}" selected>' in page
    assert '<span class="unit">亿元</span>' in page
    assert 'value="2021"' in page


def test_an_amount_is_shown_whole_in_the_form(browser: Client, park: Park) -> None:
    indicator = make_indicator(unit="元", display_unit="亿元", decimals=1, role=Indicator.Role.ASSESSED)
    target = make_target(park=park, indicator=indicator, annual=325_000_000)
    assert 'value="3.25"' in browser.get(f"/targets/{target.code}/edit/").content.decode()


def test_editing_keeps_park_indicator_year_and_level(browser: Client, park: Park, indicator: Indicator) -> None:
    target = make_target(park=park, indicator=indicator)
    other = make_park(region=park.region)
    data = form(other, make_indicator(), annual="15", year="2019", level="stretch", version="1", code="x", region="y")
    assert browser.post(f"/targets/{target.code}/edit/", data).status_code == 302
    changed = Target.objects.get()
    assert (changed.park, changed.indicator, changed.year, changed.level) == (park, indicator, 2020, "city")
    assert (changed.annual, changed.code, changed.version) == (15, target.code, 2)


def test_who_saves_later_sees_both_values_and_overwrites_nothing(
    browser: Client, park: Park, indicator: Indicator
) -> None:
    target = make_target(park=park, indicator=indicator, annual=12)
    url = f"/targets/{target.code}/edit/"
    browser.post(url, form(park, indicator, annual="13", version="1"))
    response = browser.post(url, form(park, indicator, annual="14", note="我的", version="1", **curve(EVEN)))
    page = response.content.decode()
    assert response.status_code == 200  # the curve of 12 does not fit 14
    response = browser.post(url, form(park, indicator, annual="14", note="我的", version="1"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "<td>13个</td><td>14个</td>" in page
    assert 'value="我的"' in page
    assert Target.objects.get().annual == 13
    assert browser.post(url, form(park, indicator, annual="14", version="2")).status_code == 302
    assert Target.objects.get().annual == 14


def test_what_only_the_other_changed_is_taken_over(browser: Client, park: Park, indicator: Indicator) -> None:
    target = make_target(park=park, indicator=indicator, annual=12, document="旧", authority="旧")
    url = f"/targets/{target.code}/edit/"
    seen = form(park, indicator, annual="12", document="旧", authority="旧", version="1")
    browser.post(url, seen | {"annual": "24", **curve([str(2 * month) for month in range(1, 13)])})
    response = browser.post(url, seen | {"document": "我的文号"})
    assert response.status_code == 409
    shown = response.context["form"]
    assert (shown["annual"].value(), shown["document"].value()) == ("24", "我的文号")
    assert shown["curve"].value() == [str(2 * month) for month in range(1, 13)]
    assert 'name="curve_12" value="24"' in response.content.decode()


def test_what_somebody_set_meanwhile_is_not_overwritten(
    browser: Client, park: Park, indicator: Indicator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_target(park=park, indicator=indicator, annual=12)
    monkeypatch.setattr(Target, "validate_constraints", lambda *_args, **_kwargs: None)
    assert "别人刚设定了这个目标" in refusal(browser, form(park, indicator, annual="99"))


def test_withdrawing_asks_first_and_takes_the_lamp_out(
    browser: Client, park: Park, indicator: Indicator, django_capture_on_commit_callbacks: Any
) -> None:
    keeps = make_target(park=park, indicator=make_indicator(role=Indicator.Role.ASSESSED))
    target = make_target(park=park, indicator=indicator)
    url = f"/targets/{target.code}/withdraw/"
    page = browser.get(url).content.decode()
    assert "签约项目数" in page
    assert 'name="version" value="1"' in page
    assert Target.objects.get(pk=target.pk).deleted_at is None
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(url, {"version": "1"}).status_code == 302
    assert Target.objects.get(pk=target.pk).deleted_at
    assert ScorecardLine.objects.filter(indicator=indicator).exclude(light="none").count() == 0
    assert ScorecardLine.objects.filter(indicator=keeps.indicator, target_numerator=12).exists()
    assert "撤回" in browser.get("/targets/?year=2020").content.decode()


def test_a_target_that_changed_meanwhile_is_not_withdrawn(browser: Client, park: Park, indicator: Indicator) -> None:
    target = make_target(park=park, indicator=indicator, version=2)
    page = browser.post(f"/targets/{target.code}/withdraw/", {"version": "1"}, follow=True).content.decode()
    assert "刚被别人改过" in page
    assert Target.objects.get().deleted_at is None


def test_the_history_writes_values_in_their_unit(browser: Client, park: Park) -> None:
    indicator = make_indicator(display_unit="%", role=Indicator.Role.ASSESSED)
    browser.post("/targets/new/", form(park, indicator, annual="80"))
    target = Target.objects.get()
    browser.post(f"/targets/{target.code}/edit/", form(park, indicator, annual="85.5", version=1))
    page = browser.get("/targets/?year=2020").content.decode()
    assert "<del>80%</del>" in page
    assert "<ins>85.5%</ins>" in page


WRITES = ("/targets/new/", "/targets/{code}/edit/", "/targets/{code}/withdraw/")


@pytest.mark.parametrize("url", WRITES)
@pytest.mark.parametrize("role", [Role.CLERK, Role.HEAD, Role.LEADER, Role.STATISTICIAN, Role.CITY, Role.ADMIN])
def test_only_a_statistician_of_the_region_sets_targets(
    role: str, url: str, park: Park, indicator: Indicator, client_as: Callable[[User], Client]
) -> None:
    target = make_target(park=park, indicator=indicator)
    before = list(Target.objects.values())
    place = {Role.CITY: {"region": park.region}, Role.ADMIN: {}}.get(role, {"park": park})
    browser = client_as(make_user(role, **place))
    address = url.format(code=target.code)
    assert browser.get(address).status_code == 403
    assert browser.post(address, form(park, indicator, annual="99", version="1")).status_code == 403
    assert list(Target.objects.values()) == before


@pytest.mark.parametrize("url", WRITES[1:])
def test_a_target_of_another_region_is_not_found(url: str, browser: Client, indicator: Indicator) -> None:
    target = make_target(indicator=indicator)
    for address in (url.format(code=target.code), url.format(code="no-such-target")):
        assert browser.get(address).status_code == 404
        assert browser.post(address, {"version": "1"}).status_code == 404
    assert Target.objects.get().deleted_at is None


@pytest.mark.parametrize("url", ["/targets/", *WRITES])
def test_who_is_not_logged_in_is_sent_to_the_login(url: str, client: Client) -> None:
    response = client.get(url.format(code="x"))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_wrong_methods_are_refused(browser: Client, park: Park, indicator: Indicator) -> None:
    target = make_target(park=park, indicator=indicator)
    assert browser.post("/targets/").status_code == 405
    assert browser.delete("/targets/new/").status_code == 405
    assert browser.put(f"/targets/{target.code}/edit/").status_code == 405
    assert browser.delete(f"/targets/{target.code}/withdraw/").status_code == 405


def test_setting_what_somebody_set_meanwhile_is_stale(park: Park, indicator: Indicator) -> None:
    given = {"by": Actor(None), "park": park, "indicator": indicator, "year": 2020}
    targets.target_set(**given, values={"annual": 12}, version=0)
    with pytest.raises(StaleVersion):
        targets.target_set(**given, values={"annual": 13}, version=0)
    assert targets.target_set(**given, values={"annual": 14}).annual == 14


def test_each_level_has_its_own_target(park: Park, indicator: Indicator) -> None:
    given = {"by": Actor(None), "park": park, "indicator": indicator, "year": 2020}
    for number, level in enumerate(Target.Level.values, 1):
        targets.target_set(**given, level=level, values={"annual": number})
    assert dict(Target.objects.values_list("level", "annual")) == {"city": 1, "province": 2, "stretch": 3}


def test_the_service_refuses_a_curve_that_does_not_fit(park: Park, indicator: Indicator) -> None:
    given = {"by": Actor(None), "park": park, "indicator": indicator, "year": 2020}
    with pytest.raises(ValidationError):
        targets.target_set(**given, values={"annual": 12, "curve": [1, 2, 3]})
    target = targets.target_set(**given, values={"annual": 12, "curve": list(range(1, 13))})
    with pytest.raises(ValidationError):
        targets.target_update(by=Actor(None), target=target, version=1, values={"annual": 24})
