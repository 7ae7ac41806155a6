"""总览: what is left of the year, what may still be signed, and what stands in the way; figures and lists agree."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from parkportal.models import Park, Region, User
from parkportal.roles import Role
from parkportal.trace import Actor, changes
from projects.models import Project
from reports.models import Indicator, ScorecardLine, Target
from reports.periods import Period
from reports.services import scorecard_compile
from tests.factories import (
    YI,
    make_fund_arrival,
    make_indicator,
    make_park,
    make_project,
    make_region,
    make_reported_figure,
    make_target,
    make_user,
)

pytestmark = pytest.mark.django_db
SEPTEMBER = Period(2020, 9)
AsUser = Callable[[User], Client]


@pytest.fixture
def indicator() -> Indicator:
    return make_indicator(
        code="signed", name="签约项目数", short_name="签约", role=Indicator.Role.ASSESSED, pinned=True
    )


@pytest.fixture
def park(indicator: Indicator) -> Park:
    """A park with 3 of 12, behind one with 6 of 12 of its group; those of another group have 12."""
    region = make_region(name="某市")
    own, rival, *others = (
        make_park(code=code, name=f"{code}园区", region=region, group=group, ledger_from="2019-01")
        for code, group in (("own", "甲组"), ("rival", "甲组"), ("other", "乙组"), ("fourth", "乙组"))
    )
    for park, number in ((own, 3), (rival, 6), *((other, 12) for other in others)):
        make_target(park=park, indicator=indicator)
        for _number in range(number):
            make_project(park=park)
    return own


def prospect(park: Park, **fields: Any) -> Project:
    """A project under negotiation."""
    begun = {"stage": "negotiating", "contract_type": "", "signed_on": None, "review_state": "draft"}
    return make_project(park=park, **begun | fields)


def seen(client: Client, query: str = "") -> Any:
    """The context of the overview."""
    answer = client.get(f"/{query}")
    assert answer.status_code == 200
    return answer.context


def compiled(park: Park, *periods: Period) -> None:
    for period in periods or (SEPTEMBER,):
        scorecard_compile(region=park.region, period=period)


def test_place_gap_and_what_is_left_stand_first_and_other_groups_stay_out(park: Park, client_as: AsUser) -> None:
    compiled(park)
    shown = seen(client_as(make_user(Role.LEADER, park=park)))
    (hero,) = shown["heroes"]
    assert hero["rank"] == "同组第2位，与前一位差25.0个百分点；余下3个月，月均需3个"
    assert [entry["park"].code for entry in shown["ranks"]] == ["rival", "own"]


def test_the_forecast_adds_what_would_count_and_opens_exactly_that(park: Park, client_as: AsUser) -> None:
    counting = [prospect(park, next_step="计划10月签约"), prospect(park)]
    left_out = [prospect(park, kind="expansion"), prospect(park, total_investment=YI // 2)]
    prospect(park, status="suspended"), prospect(Park.objects.get(code="rival"))
    compiled(park, Period(2020, 8), SEPTEMBER)
    client = client_as(make_user(Role.LEADER, park=park))
    shown = seen(client)
    ahead = shown["trend"]["forecast"]
    assert (ahead["so_far"], ahead["more"], ahead["text"]) == ("3", "2", "5")
    listed = client.get(ahead["url"]).context["object_list"]
    assert {project.pk for project in listed} == {project.pk for project in counting}
    found = shown["prospects"]
    assert [(project.pk, project.counts) for project in found["rows"]] == [
        *((project.pk, 1) for project in counting),
        *((project.pk, 0) for project in left_out),
    ]
    assert found["count"] == 4
    page = client.get("/").content.decode()
    assert "年末预计5个是预测，不是完成数" in page
    assert seen(client, "?period=2020-08")["trend"]["forecast"] == {}


def test_a_closed_year_has_no_forecast(park: Park, client_as: AsUser) -> None:
    prospect(park)
    compiled(park, Period(2020, 12))
    shown = seen(client_as(make_user(Role.LEADER, park=park)))
    assert shown["trend"]["forecast"] == {}
    assert "余下" not in shown["heroes"][0]["rank"]


def test_months_stand_beside_last_year_and_the_pace_and_another_figure_can_be_drawn(
    park: Park, client_as: AsUser
) -> None:
    invested = {"measure": "sum", "measure_fields": "total_investment", "unit": "元", "display_unit": "亿元"}
    make_indicator(code="signed_investment", name="签约总投资", decimals=1, **invested)
    for month in (2, 9):
        make_project(park=park, signed_on=date(2019, month, 1))
    compiled(park, Period(2020, 7), Period(2020, 8), SEPTEMBER)
    client = client_as(make_user(Role.LEADER, park=park))
    drawn = seen(client)["trend"]
    assert drawn["last_year"] == [None] * 6 + [1, 1, 2]
    assert [point["value"] for point in drawn["points"]] == [0, 0, 0, 0, 3, 3, 3, 3, 3, None, None, None]
    assert drawn["against"] == "序时目标9个，欠6个；上年同期2个，同比+1个"
    money = seen(client, "?trend=signed_investment")["trend"]
    assert money["row"].indicator.code == "signed_investment"
    assert (money["points"][8]["value"], money["points"][8]["text"], money["target"]) == (6, "6.0", None)
    assert seen(client, "?trend=nothing")["trend"]["row"].indicator.code == "signed"


MONTHLY = list(range(1, 13))
RHYTHMS = (Region.Rhythm.MONTHLY, Region.Rhythm.QUARTERLY)
TYPED = [0, 0, 1, 1, 1, 6, 6, 6, 8, 8, 8, 12]


@pytest.mark.parametrize(
    ("curve", "quarterly", "way"),
    [
        ([], False, MONTHLY),
        ([], True, [0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12]),
        (TYPED, False, TYPED),
        (TYPED, True, TYPED),
    ],
)
def test_the_way_to_the_target_is_that_by_which_the_figure_is_judged(
    curve: list[int], quarterly: bool, way: list[int], park: Park, client_as: AsUser
) -> None:
    Target.objects.filter(park=park).update(curve=curve)
    Region.objects.update(rhythm=RHYTHMS[quarterly])
    park.refresh_from_db()
    compiled(park)
    client = client_as(make_user(Role.LEADER, park=park))
    drawn = seen(client)["trend"]
    assert drawn["pace"] == way
    assert drawn["row"].pace == str(way[8])


def test_a_way_that_says_another_thing_of_the_month_is_not_drawn(park: Park, client_as: AsUser) -> None:
    """What was set after a figure was judged is not its way."""
    compiled(park, Period(2020, 8))
    client = client_as(make_user(Role.LEADER, park=park))
    Region.objects.update(rhythm=Region.Rhythm.QUARTERLY)
    Target.objects.filter(park=park).update(curve=[12] * 12)
    assert seen(client)["trend"]["pace"] == MONTHLY
    ScorecardLine.objects.update(time_progress_numerator=1, time_progress_denominator=7)
    assert seen(client, "?trend=signed")["trend"]["pace"] == []


def test_matters_stand_by_their_effect_on_what_is_assessed(park: Park, client_as: AsUser) -> None:
    watched = make_indicator(code="money", name="到位资金", short_name="到位")
    make_reported_figure(park=park, indicator=watched, numerator=1)
    others = {"problem": "没有影响。", "category": "infrastructure", "total_investment": 90 * YI}
    make_project(park=park, name="不计入的", **others)
    prospect(park, name="拟签的", problem="价格未谈拢。")
    small = make_project(
        park=park, name="计入的", problem="未供地。", next_step="协调供地。", signed_on=date(2020, 6, 1)
    )
    make_project(park=park, name="计入且更大的", problem="未通电。", total_investment=3 * YI)
    compiled(park)
    matters = seen(client_as(make_user(Role.LEADER, park=park)))["matters"]
    found = [*matters["first"], *matters["rest"]]
    difference = "到位台账数与部门反馈数差4个"
    assert [matter.title for matter in found] == ["计入且更大的", "计入的", "拟签的", difference, "不计入的"]
    assert found[1].text == "未供地 · 协调供地 · 影响签约"
    assert found[1].url == reverse("project-detail", args=[small.code])
    assert (found[2].text, found[3].text) == ("价格未谈拢 · 影响拟签签约", "台账5，部门反馈1")
    assert matters["count"] == 5


def test_a_secret_problem_is_for_who_may_know_it(park: Park, client_as: AsUser) -> None:
    hidden = {"confidentiality": "secret", "code_name": "代号甲", "problem": "外泄的问题"}
    make_project(park=park, name="绝密项目", **hidden)
    compiled(park)
    clerk, leader = (client_as(make_user(role, park=park)).get("/") for role in (Role.CLERK, Role.LEADER))
    page = clerk.content.decode()
    assert [text for text in ("绝密项目", "外泄的问题") if text in page] == []
    assert "代号甲" in page
    assert [answer.context["matters"]["count"] for answer in (clerk, leader)] == [0, 1]
    assert clerk.context["matters"]["first"] == []
    assert "外泄的问题" in leader.content.decode()


def test_a_kept_page_is_for_people_who_may_know_the_same(park: Park, client_as: AsUser) -> None:
    owner, colleague, leader, city = (
        make_user(role, **place)
        for role, place in (
            *((Role.CLERK, {"park": park}), (Role.CLERK, {"park": park})),
            *((Role.LEADER, {"park": park}), (Role.CITY, {"region": park.region})),
        )
    )
    secret = make_project(park=park, name="机密甲项目", confidentiality="secret", problem="缺钱", owner=owner)
    compiled(park)
    for _time in range(2):
        for person, knows in ((leader, True), (colleague, False), (owner, True), (city, False)):
            page = client_as(person).get("/?park=own").content.decode()
            assert ("机密甲项目" in page) is knows, person.role
    Project.objects.filter(pk=secret.pk).update(owner=colleague)
    assert "机密甲项目" in client_as(colleague).get("/?park=own").content.decode()
    assert "机密甲项目" not in client_as(owner).get("/?park=own").content.decode()


def test_what_waits_for_its_start_says_since_when_why_and_whether_it_is_late(park: Park, client_as: AsUser) -> None:
    Project.objects.filter(park=park).update(stage="in_production")
    rows = [
        {"signed_on": date(2020, 6, 1), "problem": "未供地。", "planned_start_on": date(2020, 8, 1)},
        {"signed_on": date(2020, 7, 11), "signed_on_precision": "ten_day", "total_investment": None},
    ]
    for number, fields in enumerate(rows, 1):
        make_project(park=park, name=f"等待{number}", **fields)
    compiled(park)
    client = client_as(make_user(Role.LEADER, park=park))
    waiting = seen(client)["waiting"]
    said = [(one["light"], one["when"], one["days"], one["amount"], one["reason"]) for one in waiting["rows"]]
    assert said == [
        ("red", "2020-06-01", 121, "2.0亿元", "已过计划时间，未供地"),
        ("none", "7月中旬", 0, "", "没有登记原因"),
    ]
    assert waiting["count"] == client.get(waiting["url"]).context["page_obj"].paginator.count == 2


def test_money_is_what_arrived_and_tax_what_was_recorded(park: Park, client_as: AsUser) -> None:
    source = {"source": "fund_arrivals", "filter": "verified=true", "basis": "received_on", "measure": "sum"}
    money = {"measure_fields": "amount", "unit": "元", "display_unit": "万元"}
    make_indicator(code="arrived_funds_domestic", name="到位内资", **source, **money)
    arrived = make_fund_arrival(project=Project.objects.filter(park=park).first())
    firm = arrived.project.investor
    assert firm is not None
    for period, kind in (("2020-03", "month"), ("2020-09", "month"), ("2020-10", "month"), ("2020-09", "cumulative")):
        firm.operating_records.create(period=period, kind=kind, tax=10_000)
    compiled(park)
    shown = seen(client_as(make_user(Role.LEADER, park=park)))["money"]
    assert [row.actual for row in shown["rows"]] == ["1,000"]
    assert (shown["tax"], shown["firms"]) == ("2", 1)


def test_a_long_ranking_keeps_the_own_park_and_the_one_before(indicator: Indicator, client_as: AsUser) -> None:
    region = make_region()
    parks = [make_park(region=region) for _number in range(12)]
    for number, park in enumerate(parks):
        make_target(park=park, indicator=indicator, annual=12 + number)
        make_project(park=park)
    compiled(parks[0])
    ranks = seen(client_as(make_user(Role.LEADER, park=parks[10])))["ranks"]
    assert [entry["row"].line.rank for entry in ranks] == [1, 2, 3, 4, 5, 6, 10, 11]
    assert [entry["own"] for entry in ranks] == [False] * 7 + [True]


def test_what_was_shown_is_kept_until_something_changes(
    park: Park, client_as: AsUser, django_assert_max_num_queries: Any
) -> None:
    compiled(park)
    client = client_as(make_user(Role.LEADER, park=park))
    assert "领先" not in client.get("/").content.decode()
    with django_assert_max_num_queries(10):
        client.get("/")
    project = Project.objects.filter(park=park).first()
    assert project is not None
    with changes(by=Actor(None)) as ledger:
        ledger.update(project, {"problem": "新出的问题"})
    assert "新出的问题" in client.get("/").content.decode()
    rival = Park.objects.get(code="rival")
    Project.objects.filter(park=rival).update(signed_on=date(2019, 1, 1))
    compiled(park)
    assert "同组第1位，领先25.0个百分点" in client.get("/").content.decode()


def test_a_rivals_new_figures_alone_make_the_page_anew(park: Park, client_as: AsUser) -> None:
    compiled(park)
    client = client_as(make_user(Role.LEADER, park=park))
    assert "差25.0个百分点" in client.get("/").content.decode()
    make_project(park=Park.objects.get(code="rival"))
    compiled(park)
    assert "差33.3个百分点" in client.get("/").content.decode()
