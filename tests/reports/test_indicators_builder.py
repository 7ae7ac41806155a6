"""An indicator made in the browser: looked at before it is saved, with target and lamp in the next scorecard."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client

from parkportal.models import Park, User
from parkportal.roles import Role
from reports.indicators import BadPart, check, read_filter
from reports.models import Indicator, ScorecardLine
from reports.periods import Period
from reports.previews import MONTHS
from reports.services import scorecard_compile
from reports.sources import SOURCES
from tests.factories import YI, make_enterprise, make_indicator, make_park, make_project, make_region, make_user
from tests.reports.test_indicators import new

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("october")]
BUDGET = 28
SEPTEMBER = Period(2020, 9)


@pytest.fixture
def october() -> Any:
    with time_machine.travel("2020-10-08T10:00:00+08:00", tick=False):
        yield


@pytest.fixture
def park() -> Park:
    """Three projects that count, of 6, 5 and 4亿元, one of 2019, and one that another park holds half of."""
    park = make_park(code="yi", name="园区一", scorecards_from="2020-01", scorecards_until="2020-09")
    other = make_park(code="er", name="园区二", region=park.region)
    for day, amount in (("2020-09-30", 6), ("2020-03-01", 5), ("2020-02-29", 4), ("2019-11-05", 7)):
        make_project(park=park, name=f"{amount}亿项目", signed_on=day, total_investment=amount * YI)
    shares = [(park, 5_000), (other, 5_000)]
    make_project(park=park, name="共有项目", signed_on="2020-05-05", total_investment=10 * YI, shares=shares)
    return park


@pytest.fixture
def browser(park: Park, client_as: Callable[[User], Client]) -> Client:
    return client_as(make_user(Role.STATISTICIAN, region=park.region))


def shown(browser: Client, data: dict[str, Any]) -> Any:
    """The page after “先看数”; nothing may be stored by it."""
    before = list(Indicator.objects.values_list("code", flat=True))
    answer = browser.post("/indicators/new/", {"shown_park": "yi"} | data | {"action": "preview"})
    assert answer.status_code == 200
    assert list(Indicator.objects.values_list("code", flat=True)) == before
    return answer


def test_the_preview_shows_24_months_and_the_list_and_the_scorecard_says_the_same(
    browser: Client, park: Park, django_capture_on_commit_callbacks: Any
) -> None:
    data = new(park, measure="sum total_investment", display_unit="", decimals="", definition="")
    seen = shown(browser, data).context["preview"]
    assert [str(month.period) for month in seen.months] == [
        str(period) for period in Period.range(Period(2018, 10), SEPTEMBER)
    ]
    assert len(seen.months) == MONTHS
    assert (seen.latest.text, seen.latest.own, seen.months[-10].text) == ("16.0", "6.0", "7.0")
    (members,) = seen.members
    assert (members.count, members.total, members.agrees) == (3, "16.0", True)
    assert [(line.label, line.adds) for line in members.lines] == [
        ("6亿项目", "6.0"), ("共有项目", "5.0"), ("5亿项目", "5.0"),
    ]  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post("/indicators/new/", data).status_code == 302
    scorecard_compile(region=park.region, period=SEPTEMBER)
    line = ScorecardLine.objects.get(scorecard__park=park, scorecard__period="2020-09", indicator__code="projects_500m")
    assert (line.actual, line.month) == (16 * YI, 6 * YI) == (seen.latest.value, 6 * YI)


def test_the_full_list_of_a_preview_is_the_plain_list(browser: Client, park: Park) -> None:
    members = shown(browser, new(park)).context["preview"].members[0]
    page = browser.get(members.url)
    assert page.status_code == 200
    assert [row.name for row in page.context["object_list"]] == ["6亿项目", "共有项目", "5亿项目"]


def test_a_rate_is_looked_at_with_its_two_lists(browser: Client, park: Park) -> None:
    make_indicator(code="below", filter="kind=new")
    make_indicator(code="above", filter="kind=new&total_investment_min=600000000")
    data = new(park, source="ratio", numerator="above", denominator="below", display_unit="", definition="")
    answer = shown(browser, data)
    seen = answer.context["preview"]
    assert seen.latest.text == "42.9"
    assert [(members.count, members.total) for members in seen.members] == [(2, "1.5"), (4, "3.5")]
    assert "签约时间在2020年1月1日至2020年9月30日" in answer.content.decode()
    assert "数据截至2020年9月30日。" in answer.content.decode()


def test_the_definition_is_proposed_from_the_parts_until_somebody_writes_it(browser: Client, park: Park) -> None:
    data = new(park, definition="")
    first = shown(browser, data).context["form"]
    words = first["definition"].value()
    assert "引进方式为新引进" in words and "总投资不少于5.0亿元" in words and "以签约时间为准" in words
    data |= {"definition": words, "proposed": first["proposed"].value(), "filter-kind": "expansion"}
    second = shown(browser, data).context["form"]
    assert "引进方式为增资扩产" in second["definition"].value()
    data |= {"definition": "自己写的。", "proposed": second["proposed"].value()}
    assert shown(browser, data).context["form"]["definition"].value() == "自己写的。"
    browser.post("/indicators/new/", data | {"definition": ""})
    assert Indicator.objects.get(code="projects_500m").definition == second["definition"].value()


def test_another_source_brings_its_own_controls_and_keeps_the_name(browser: Client, park: Park) -> None:
    data = new(park, source="fund_arrivals", action="source")
    page = browser.post("/indicators/new/", data).content.decode()
    assert 'name="filter-origin_tier"' in page and 'name="filter-chain_action"' not in page
    assert 'value="签约5亿元以上项目数"' in page
    assert 'value="sum amount_usd"' in page and "error-summary" not in page
    assert not Indicator.objects.exists()


@pytest.mark.parametrize("source", [*SOURCES, "reported"])
def test_every_source_can_be_looked_at_with_every_filter_that_its_bar_offers(
    source: str, browser: Client, park: Park
) -> None:
    make_enterprise(park=park, above_scale_on="2020-04-01", uscc="91430400MA43WA0090")
    page = browser.get(f"/indicators/new/?source={source}") if source in SOURCES else None
    bar = page.context["form"]["filter"].field.widget if page else None
    data = new(park, source=source, basis=next(iter(SOURCES[source].bases)) if bar else "", display_unit="")
    data = {key: value for key, value in data.items() if not key.startswith("filter-")}
    for control in [one for part in bar._controls(bar_query()) for one in part] if bar else []:
        if control.options:
            data[f"filter-{control.name}"] = control.options[0]["value"]
    answer = shown(browser, data)
    assert not answer.context["form"].errors
    assert ("preview" in answer.context) is bool(bar)


def bar_query() -> Any:
    from django.http import QueryDict

    return QueryDict("")


def test_an_address_of_a_list_and_another_indicator_are_beginnings(browser: Client, park: Park) -> None:
    page = browser.get("/indicators/new/?source=projects&kind=expansion&total_investment_min=300000000")
    text = page.content.decode()
    assert 'name="filter-kind" value="expansion" checked' in text
    assert 'name="filter-total_investment_min" value="30,000"' in text
    make_indicator(
        code="old", filter="kind=new", measure="avg_days", measure_fields="signed_on started_on", basis="started_on",
        unit="天", display_unit="天", decimals=1,
    )  # fmt: skip
    again = browser.get("/indicators/new/?like=old").context["form"]
    values = [again[name].value() for name in ("code", "filter", "measure", "days_from", "days_to", "basis")]
    assert values == ["", "kind=new", "avg_days", "signed_on", "started_on", "started_on"]


def test_from_the_browser_to_a_lamp_on_the_next_scorecard(
    browser: Client, park: Park, django_capture_on_commit_callbacks: Any
) -> None:
    made = new(park, role="assessed", amber_points="15", code="")
    with django_capture_on_commit_callbacks(execute=True):
        detail = browser.post("/indicators/new/", made)["Location"]
    assert detail == "/indicators/custom_1/"
    page = browser.get(detail).content.decode()
    assert f"/targets/new/?park={park.code}&amp;indicator=custom_1" in page
    target = {"park": park.code, "indicator": "custom_1", "year": "2020", "level": "city", "annual": "4"}
    target |= {"basis": "annual", "document": "测〔2020〕3号", "authority": "市政府（测试）", "shape": "monthly"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post("/targets/new/", target)
    assert answer.status_code == 302, answer.context["form"].errors
    scorecard_compile(region=park.region, period=SEPTEMBER)
    line = ScorecardLine.objects.get(scorecard__park=park, scorecard__period="2020-09", indicator__code="custom_1")
    assert (line.actual, line.target, line.light) == (5 / 2, 4, "amber")


def test_a_preview_shows_only_parks_and_rows_of_the_reader(browser: Client, park: Park) -> None:
    far = make_park(region=make_region(), code="yuan")
    make_project(park=far, name="别处项目", total_investment=9 * YI)
    answer = browser.post("/indicators/new/", new(park, shown_park="yuan", action="preview"))
    assert list(answer.context["form"].errors) == ["shown_park"]
    secret = make_project(
        park=park, name="绝密名称", code_name="代号甲", confidentiality="secret", total_investment=8 * YI
    )
    text = shown(browser, new(park)).content.decode()
    assert "代号甲" in text and "绝密名称" not in text and secret.code in text


def test_a_preview_keeps_its_budget(browser: Client, park: Park, django_assert_max_num_queries: Any) -> None:
    for _number in range(30):
        make_project(park=park, signed_on="2020-06-06", total_investment=5 * YI)
    with django_assert_max_num_queries(BUDGET):
        members = shown(browser, new(park)).context["preview"].members[0]
    assert (members.count, len(members.lines)) == (33, 20)


@pytest.mark.parametrize("role", [Role.CLERK, Role.HEAD, Role.LEADER, Role.CITY, Role.ADMIN])
@pytest.mark.parametrize("action", ["preview", "source"])
def test_only_who_defines_indicators_looks_at_them(
    role: str, action: str, park: Park, client_as: Callable[[User], Client]
) -> None:
    place = {Role.CITY: {"region": park.region}, Role.ADMIN: {}}.get(role, {"park": park})
    assert client_as(make_user(role, **place)).post("/indicators/new/", new(park, action=action)).status_code == 403


def parts(**changed: Any) -> tuple[Indicator, Indicator]:
    """Two counts, the second as changed."""
    return make_indicator(code="above"), make_indicator(code="below", **changed)


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        (
            {"unit": "元", "display_unit": "亿元", "measure": "sum", "measure_fields": "total_investment"},
            *("denominator", "不能相除"),
        ),
        ({"from_year": 2022}, "denominator", "用于2022年至今后"),
        ({"to_year": 2025}, "denominator", "用于2000年至2025年"),
        ({"region": True}, "denominator", "算不出这个区域的比率"),
    ],
)
def test_a_ratio_of_what_does_not_go_together_is_refused(
    changed: dict[str, Any], field: str, sentence: str, browser: Client, park: Park
) -> None:
    if "region" in changed:
        changed = {"region": make_region()}
    parts(**changed)
    answer = browser.post("/indicators/new/", new(park, source="ratio", numerator="above", denominator="below"))
    assert list(answer.context["form"].errors) == [field]
    assert sentence in "".join(answer.context["form"].errors[field])


def test_a_ratio_of_one_indicator_is_refused(browser: Client, park: Park) -> None:
    one, _other = parts()
    with pytest.raises(BadPart, match="同一个指标"):
        check(Indicator(measure="ratio", numerator=one, denominator=one, display_unit="%"))


def test_pages_of_the_list_behind_a_month_are_plain_lists(browser: Client, park: Park) -> None:
    seen = shown(browser, new(park)).context["preview"]
    for month in seen.months[-9::4]:
        assert urlsplit(month.url).path == "/projects/"
        page = browser.get(month.url)
        assert page.status_code == 200
        assert "figure=" not in month.url


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("kind=new&category=industry", "category=industry&kind=new"),
        ("?stage=signed&stage=registered&chain=", "stage=registered&stage=signed"),
        ("https://example.cn/projects/?kind=new#top", "kind=new"),
        (" kind＝new", None),
    ],
)
def test_a_filter_is_stored_in_one_form(typed: str, stored: str | None) -> None:
    if stored is None:
        with pytest.raises(BadPart):
            read_filter(typed)
    else:
        assert read_filter(typed) == stored


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"cohort_date": "started_on", "cohort_years": "3000"}, "cohort_years", "批次年数在1至50之间，现在是3000。"),
        ({"from_year": "0"}, "from_year", "年份应在1950至2100之间，现在是0。"),
        ({"from_year": "30000"}, "from_year", "年份应在1950至2100之间，现在是30000。"),
        ({"to_year": "30000"}, "to_year", "年份应在1950至2100之间，现在是30000。"),
    ],
)
def test_years_beyond_the_calendar_are_refused(
    browser: Client, park: Park, typed: dict[str, str], field: str, sentence: str
) -> None:
    """A cohort of 3,000 years stopped every scorecard of the region."""
    answer = shown(browser, new(park) | typed)
    assert [str(one) for one in answer.context["form"].errors[field]] == [sentence]


def test_a_form_that_is_sent_twice_makes_one_indicator(browser: Client, park: Park) -> None:
    assert browser.post("/indicators/new/", new(park)).status_code == 302
    made = Indicator.objects.latest("pk")
    again = browser.post("/indicators/new/", new(park) | {"code": ""})
    assert again.status_code == 200 and f"已经有同名同口径的指标{made.code}" in again.content.decode()
    assert browser.post("/indicators/new/", new(park) | {"code": "", "name": "另一个指标"}).status_code == 302


def test_a_part_does_not_end_before_its_ratio(browser: Client, park: Park) -> None:
    parts = [make_indicator(region=park.region, name=name, from_year=2020) for name in ("分子", "分母")]
    ratio = make_indicator(
        **{"region": park.region, "name": "履约率甲", "measure": "ratio", "source": "", "filter": "", "basis": ""},
        **{"unit": "%", "display_unit": "%", "numerator": parts[0], "denominator": parts[1], "from_year": 2020},
    )
    typed = {"order": "1", "definition": "口径", "amber_points": "10", "to_year": "2021", "version": "1"}
    answer = browser.post(f"/indicators/{parts[1].code}/edit/", typed)
    assert "比率“履约率甲”在2021年以后还要用它" in answer.content.decode()
    assert browser.post(f"/indicators/{ratio.code}/edit/", typed).status_code == 302
    assert browser.post(f"/indicators/{parts[1].code}/edit/", typed).status_code == 302
