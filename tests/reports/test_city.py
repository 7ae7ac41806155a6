"""The city on the ranking page: every park and indicator, who has not begun, and two periods beside each other."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest
from django.test import Client

from parkportal.models import Park, User
from parkportal.roles import Role
from reports.models import Indicator, Target
from reports.periods import Period
from reports.ranking.figures import change
from reports.services import scorecard_compile
from tests.factories import make_indicator, make_park, make_project, make_region, make_target, make_user
from tests.markup import read

pytestmark = pytest.mark.django_db
AsUser = Callable[[User], Client]


@pytest.fixture
def parks() -> list[Park]:
    """甲 has 1 in June and 3 in September, 乙 2 in both, 丙 none and no target; two share one half each."""
    region = make_region()
    signed = make_indicator(code="signed", name="签约项目数", short_name="签约", role=Indicator.Role.ASSESSED, order=1)
    make_indicator(code="kept", name="监测数", filter="category=infrastructure", order=2)
    found = [make_park(code=f"p{n}", name=f"园区{name}", region=region) for n, name in enumerate("甲乙丙", 1)]
    for park, days in ((found[0], (5, 7, 8)), (found[1], (2, 3))):
        make_target(park=park, indicator=signed, annual=4)
        for month in days:
            make_project(park=park, signed_on=date(2020, month, 1))
    halves = [(found[0], 5_000), (found[1], 5_000)]
    make_project(park=found[0], category="infrastructure", shares=halves)
    for month in (6, 9):
        scorecard_compile(region=region, period=Period(2020, month))
    return found


def test_the_matrix_shows_every_figure_with_its_lamp_and_adds_up(parks: list[Park], client_as: AsUser) -> None:
    client = client_as(make_user(Role.CITY, region=parks[0].region))
    found = client.get("/ranking/").context["matrix"]
    assert [indicator.code for indicator in found.columns] == ["signed", "kept"]
    ((title, rows),) = found.groups
    assert title == ""
    cells = [[(cell.text, cell.light, cell.rate) for cell in row.cells] for row in rows]
    assert cells == [
        [("3", "green", "75.0%"), ("0.5", "", "")],
        [("2", "red", "50.0%"), ("0.5", "", "")],
        [("0", "none", ""), ("0", "", "")],
    ]
    assert [cell.text for cell in found.totals] == ["5", "1"]
    for row in rows:
        assert all(f"park={row.park.code}" in cell.url for cell in row.cells)


def test_figures_of_parks_that_a_reader_may_not_open_are_plain_text(parks: list[Park], client_as: AsUser) -> None:
    client = client_as(make_user(Role.LEADER, park=parks[1]))
    answer = client.get("/ranking/")
    ((_title, rows),) = answer.context["matrix"].groups
    assert [bool(cell.url) for row in rows for cell in row.cells] == [False, False, True, True, False, False]
    links = [link.attributes["href"] for link in read(answer.content.decode()).one("table", "matrix").all("a")]
    assert [link for link in links if "p1" in link or "p3" in link] == []


def test_who_has_not_begun_is_named(parks: list[Park], client_as: AsUser) -> None:
    answer = client_as(make_user(Role.LEADER, park=parks[1])).get("/ranking/")
    ((indicator, idle),) = answer.context["zeros"]
    assert (indicator.code, [(park.code, visible) for park, visible in idle]) == ("signed", [("p3", False)])
    assert "签约（1个）：园区丙" in answer.content.decode()


def test_two_periods_are_compared(parks: list[Park], client_as: AsUser) -> None:
    client = client_as(make_user(Role.CITY, region=parks[0].region))
    answer = client.get("/ranking/?period=2020-09&against=2020-06")
    ((_title, rows),) = answer.context["matrix"].groups
    assert [[cell.change for cell in row.cells] for row in rows] == [["+2", "0"], ["0", "0"], ["0", "0"]]
    (table,) = answer.context["tables"]
    said = [(place.park.code, place.before, place.change, place.moved) for place in table.places]
    assert said == [("p1", "1", "+2", "升1位"), ("p2", "2", "0", "降1位"), ("p3", "0", "0", "—")]
    assert "增减与2020年1—6月相比" in answer.content.decode()
    backwards = client.get("/ranking/?period=2020-06&against=2020-09").context["tables"][0]
    assert [(place.change, place.moved) for place in backwards.places][:2] == [("0", "升1位"), ("−2", "降1位")]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [("against=2020-03", 200, "对比的那一期没有成绩单"), ("against=x", 400, "月份应写成“2020-09”这样的年和月")],
)
def test_a_period_that_cannot_be_compared_is_said(
    query: str, status: int, said: str, parks: list[Park], client_as: AsUser
) -> None:
    answer = client_as(make_user(Role.CITY, region=parks[0].region)).get(f"/ranking/?period=2020-09&{query}")
    assert answer.status_code == status
    assert said in answer.content.decode()


@pytest.mark.parametrize(
    ("unit", "now", "before", "said"),
    [("亿元", 12 * 10**8, 0, "+12.0"), ("亿元", 5, 5, "0.0"), ("万元", 0, 10**8, "−10,000"), ("个", 3, 1, "+2")],
)
def test_a_change_has_the_decimals_of_the_figures_above_it(unit: str, now: int, before: int, said: str) -> None:
    assert change(Indicator(display_unit=unit, decimals=int(unit == "亿元")), Fraction(now), Fraction(before)) == said


def test_a_gap_too_small_to_print_is_not_no_gap(parks: list[Park], client_as: AsUser) -> None:
    Target.objects.filter(park=parks[0]).update(annual=30_000)
    Target.objects.filter(park=parks[1]).update(annual=20_001)
    scorecard_compile(region=parks[0].region, period=Period(2020, 9))
    places = client_as(make_user(Role.LEADER, park=parks[1])).get("/ranking/").context["tables"][0].places
    assert [(place.rank, place.gap) for place in places] == [("1", "—"), ("2", "不足0.1"), ("—", "—")]
