"""全市位次: every reader sees all parks of the region, and the rows behind a figure only of their own."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from parkportal.models import Park, Region, User
from parkportal.roles import Role
from reports.models import Indicator, ScorecardLine
from reports.periods import Period
from reports.services import scorecard_compile
from tests.factories import (
    make_indicator,
    make_park,
    make_project,
    make_region,
    make_reported_figure,
    make_target,
    make_user,
)

pytestmark = pytest.mark.django_db

BUDGET = 12
SEPTEMBER = Period(2020, 9)


@pytest.fixture
def region() -> Region:
    return make_region(name="某市")


@pytest.fixture
def indicator() -> Indicator:
    return make_indicator(code="signed", name="签约项目数", short_name="签约", role=Indicator.Role.ASSESSED)


@pytest.fixture
def parks(region: Region, indicator: Indicator) -> list[Park]:
    """Four parks with 6, 3, 3 and 0 projects of 4; the last has no target."""
    found = [make_park(code=f"p{n}", name=f"园区{name}", region=region) for n, name in enumerate("甲乙丙丁", 1)]
    for park, count in zip(found, (6, 3, 3, 0), strict=True):
        for _number in range(count):
            make_project(park=park)
        if count:
            make_target(park=park, indicator=indicator, annual=4)
    scorecard_compile(region=region, period=SEPTEMBER)
    return found


def places(client: Client, url: str = "/ranking/") -> list[tuple[str, str, str]]:
    """Park, place and gap of the first table, from top to bottom."""
    (table, *_rest) = client.get(url).context["tables"]
    return [(place.park.name, place.rank, place.gap) for place in table.places]


def test_parks_stand_by_completion_and_ties_share_a_place(
    parks: list[Park], region: Region, client_as: Callable[[User], Client]
) -> None:
    browser = client_as(make_user(Role.CITY, region=region))
    assert places(browser) == [
        ("园区甲", "1", "—"),
        ("园区乙", "2", "75.0"),
        ("园区丙", "2", "75.0"),
        ("园区丁", "—", "—"),
    ]
    page = browser.get("/ranking/").content.decode()
    assert "150.0%" in page
    assert "+75.0" in page
    assert "数据截至2020-09-30，序时进度75.0%" in page


@pytest.mark.parametrize("role", [Role.CLERK, Role.HEAD, Role.LEADER, Role.STATISTICIAN])
def test_a_park_sees_the_others_without_what_is_behind(
    role: str, parks: list[Park], client_as: Callable[[User], Client]
) -> None:
    page = client_as(make_user(role, park=parks[1])).get("/ranking/").content.decode()
    for name in ("园区甲", "园区乙", "园区丙", "园区丁"):
        assert name in page
    assert "/scorecards/p2/2020-09/" in page
    assert "park=p2" in page
    for code in ("p1", "p3", "p4"):
        assert f"park={code}" not in page
        assert f"/scorecards/{code}/" not in page
    assert page.count('<tr class="own"') == 2, "once in the matrix, once in the ranking"


def test_the_city_opens_every_park(parks: list[Park], region: Region, client_as: Callable[[User], Client]) -> None:
    page = client_as(make_user(Role.CITY, region=region)).get("/ranking/").content.decode()
    for park in parks:
        assert f"park={park.code}" in page
        assert f"/scorecards/{park.code}/2020-09/" in page


def test_other_regions_are_not_shown(parks: list[Park], client_as: Callable[[User], Client]) -> None:
    elsewhere = make_park(name="外市园区")
    make_target(park=elsewhere, indicator=Indicator.objects.get(code="signed"))
    scorecard_compile(region=elsewhere.region, period=Period(2020, 10))
    response = client_as(make_user(Role.LEADER, park=parks[0])).get("/ranking/")
    assert "外市园区" not in response.content.decode()
    assert response.context["period"] == SEPTEMBER


def test_figures_are_read_and_not_computed(
    parks: list[Park], region: Region, client_as: Callable[[User], Client]
) -> None:
    line = ScorecardLine.objects.filter(scorecard__park=parks[0], indicator__code="signed")
    line.update(actual_numerator=999)
    found = places(client_as(make_user(Role.CITY, region=region)))
    assert found[0] == ("园区甲", "1", "—"), "nothing is counted again; places are of the figures that are shown"


def test_groups_are_ranked_apart(indicator: Indicator, region: Region, client_as: Callable[[User], Client]) -> None:
    for group in ("第一组", "第二组"):
        for _number in range(2):
            make_target(park=make_park(region=region, group=group), indicator=indicator, annual=4)
    scorecard_compile(region=region, period=SEPTEMBER)
    tables = client_as(make_user(Role.CITY, region=region)).get("/ranking/").context["tables"]
    assert [table.title for table in tables] == ["第一组", "第二组"]
    assert [[place.rank for place in table.places] for table in tables] == [["1", "1"], ["1", "1"]]


def test_a_lone_park_shows_the_place_of_the_circular(
    indicator: Indicator, region: Region, client_as: Callable[[User], Client]
) -> None:
    park = make_park(region=region, name="独一园区")
    make_target(park=park, indicator=indicator, annual=4)
    make_reported_figure(park=park, indicator=indicator, numerator=None, rank=3)
    scorecard_compile(region=region, period=SEPTEMBER)
    assert places(client_as(make_user(Role.LEADER, park=park))) == [("独一园区", "3", "—")]


def test_the_address_chooses_period_and_indicator(
    parks: list[Park], region: Region, indicator: Indicator, client_as: Callable[[User], Client]
) -> None:
    make_indicator(code="other", name="另一项", role=Indicator.Role.ASSESSED)
    scorecard_compile(region=region, period=Period(2020, 4))
    browser = client_as(make_user(Role.CITY, region=region))
    chosen = browser.get("/ranking/?period=2020-04&indicator=signed")
    assert [table.indicator.code for table in chosen.context["tables"]] == ["signed"]
    assert "数据截至2020-04-30" in chosen.content.decode()
    everything = browser.get("/ranking/?period=2020-04").context["tables"]
    assert [table.indicator.code for table in everything] == ["other", "signed"]


@pytest.mark.parametrize("query", ["period=2020-13", "period=now", "indicator=nothing"])
def test_a_wrong_address_is_said(
    query: str, parks: list[Park], region: Region, client_as: Callable[[User], Client]
) -> None:
    response = client_as(make_user(Role.CITY, region=region)).get(f"/ranking/?{query}")
    assert response.status_code == 400
    assert not response.context["tables"]


def test_without_scorecards_the_page_says_so(region: Region, client_as: Callable[[User], Client]) -> None:
    browser = client_as(make_user(Role.CITY, region=region))
    assert "还没有成绩单" in browser.get("/ranking/").content.decode()
    assert "这一期没有成绩单" in browser.get("/ranking/?period=2020-09").content.decode()


def test_a_target_without_a_paper_lights_no_lamp(
    indicator: Indicator, region: Region, client_as: Callable[[User], Client]
) -> None:
    make_target(park=make_park(region=region), indicator=indicator, authority="")
    scorecard_compile(region=region, period=SEPTEMBER)
    page = client_as(make_user(Role.CITY, region=region)).get("/ranking/").content.decode()
    assert "暂不亮灯" in page
    assert "红灯" not in page


def test_the_page_costs_the_same_for_many_parks(
    parks: list[Park],
    region: Region,
    indicator: Indicator,
    client_as: Callable[[User], Client],
    django_assert_max_num_queries: Any,
) -> None:
    for _number in range(20):
        make_target(park=make_park(region=region), indicator=indicator)
    scorecard_compile(region=region, period=SEPTEMBER)
    browser = client_as(make_user(Role.LEADER, park=parks[0]))
    with django_assert_max_num_queries(BUDGET):
        browser.get("/ranking/")


def test_who_may_not_see_it(client: Client, region: Region, client_as: Callable[[User], Client]) -> None:
    assert client.get("/ranking/")["Location"].startswith("/accounts/login/")
    assert client_as(make_user(Role.ADMIN)).get("/ranking/").status_code == 403
    assert client_as(make_user(Role.CITY, region=region)).post("/ranking/").status_code == 405
