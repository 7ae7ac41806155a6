"""One figure, one number: what overview, ranking, scorecard, circular and an indicator's page say of it together."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from parkportal.models import User
from parkportal.roles import Role
from reports.models import Indicator
from reports.overview import Readable, overview_of, trend
from reports.periods import Period
from reports.services import scorecard_compile
from tests import factories as make
from tests.factories import YI
from tests.markup import read
from tests.reports.office import Office

pytestmark = pytest.mark.django_db
AsUser = Callable[[User], Client]
FEBRUARY, SEPTEMBER = Period(2020, 2), Period(2020, 9)
PINNED = {"role": "assessed", "pinned": True, "lead_phrase": "签约项目"}
PEOPLE = {"measure": "sum", "measure_fields": "expected_jobs", "unit": "人", "display_unit": "人"}
DAYS: dict[str, Any] = {
    **{"code": "days", "measure": "avg_days", "measure_fields": "settle_started_on moved_in_on"},
    **{"basis": "moved_in_on", "unit": "天", "display_unit": "天", "direction": "less", "decimals": 1},
}


def text(client: Client, address: str) -> str:
    """What a page says."""
    return read(client.get(address).content.decode()).one("main").text


def ranked(client: Client) -> list[tuple[str, str, str]]:
    """The first table of the ranking: place, completion, gap to the one before."""
    (table, *_more) = client.get("/ranking/").context["tables"]
    return [(place.rank, place.row.completion, place.gap) for place in table.places]


def signed(office: Office, park: Any, *months: int) -> None:
    for month in months:
        make.make_project(park=park, signed_on=date(2020, month, 1))


# Places


@pytest.fixture
def rivals(office: Office) -> Office:
    """Two parks that are ranked: ours, published with 2 of 12, and the neighbour's draft, which had 1 of 12 then."""
    Indicator.objects.filter(pk=office.count.pk).update(**PINNED)
    make.make_target(park=office.neighbour, indicator=office.count)
    signed(office, office.park, 1, 2)
    signed(office, office.neighbour, 1)
    office.published("2020-02")
    return office


def test_places_follow_the_completions_beside_them(rivals: Office, client_as: AsUser) -> None:
    signed(rivals, rivals.neighbour, 1, 1, 2)
    scorecard_compile(region=rivals.park.region, period=FEBRUARY)
    client = client_as(rivals.one)
    assert ranked(client) == [("1", "33.3%", "—"), ("2", "16.7%", "16.7")]
    overview = client.get("/").context["body"]
    assert "全市第1位，领先8.3个百分点" in overview, "what is out was first, and by how much it was"
    places = re.findall(r'class="rk">(\d+)</span>(\S+?)</th>', overview)
    assert places == [("1", rivals.neighbour.name), ("2", rivals.park.name)]


def test_a_draft_is_placed_among_what_stands_beside_it(rivals: Office, client_as: AsUser) -> None:
    signed(rivals, rivals.park, 1, 2, 2)
    signed(rivals, rivals.neighbour, 1, 2)
    scorecard_compile(region=rivals.park.region, period=FEBRUARY)
    assert ranked(client_as(rivals.one)) == [("1", "25.0%", "—"), ("2", "16.7%", "8.3")]
    theirs = client_as(make.make_user(Role.LEADER, park=rivals.neighbour))
    assert "全市第1位，领先8.3个百分点" in text(theirs, "/")


def test_a_gap_is_never_none_and_a_group_is_not_the_city(client_as: AsUser) -> None:
    region = make.make_region()
    money = {
        "measure": "sum",
        "measure_fields": "total_investment",
        "unit": "元",
        "display_unit": "亿元",
        "decimals": 1,
    }
    counted = make.make_indicator(code="m", **PINNED, **money)
    parks = [make.make_park(region=region, group=group) for group in ("甲组", "甲组", "乙组")]
    for park, amount in zip(parks, (5 * YI, 5 * YI + 10_000, 9 * YI), strict=True):
        make.make_target(park=park, indicator=counted, annual=10 * YI)
        make.make_project(park=park, signed_on=date(2020, 2, 1), total_investment=amount)
    scorecard_compile(region=region, period=SEPTEMBER)
    first, second = (text(client_as(make.make_user(Role.LEADER, park=park)), "/") for park in (parks[1], parks[0]))
    assert "同组第1位，领先不足0.1个百分点" in first and "同组位次" in first and "全市第1位" not in first
    assert "同组第2位，与前一位差不足0.1个百分点" in second


# What is missing, what was confirmed, what is expected


def test_what_each_month_must_bring_is_said_in_one_number(office: Office, client_as: AsUser) -> None:
    Indicator.objects.filter(pk=office.count.pk).update(**PINNED)
    signed(office, office.park, *range(1, 8))
    scorecard_compile(region=office.park.region, period=SEPTEMBER)
    client = client_as(office.one)
    assert "余下3个月，月均需2个" in text(client, "/")
    make.make_project(
        park=office.park, signed_on=date(2020, 9, 1), shares=[(office.park, 5000), (office.neighbour, 5000)]
    )
    scorecard_compile(region=office.park.region, period=SEPTEMBER)
    assert "余下3个月，月均需1.5个" in text(client, "/"), "whole units only where the figure is whole"


def test_what_an_authority_confirmed_differs_everywhere_or_nowhere(office: Office, client_as: AsUser) -> None:
    days = make.make_indicator(**DAYS)
    for end in (11, 11, 12):
        office.signed(1, settle_started_on=date(2020, 1, 1), moved_in_on=date(2020, 1, end))
    common = {"park": office.park, "period": "2020-01"}
    make.make_reported_figure(indicator=days, numerator=103, denominator=10, **common)
    office.draft("2020-01")
    client = client_as(office.one)
    assert "一致" in text(client, "/reported-figures/")
    assert "部门反馈" not in text(client, "/?period=2020-01")
    assert "部门反馈数10.3" not in text(client, f"/scorecards/{office.park.code}/2020-01/")


def test_a_small_gap_is_not_written_as_none(office: Office, client_as: AsUser) -> None:
    office.signed(1, total_investment=104_000_000)
    make.make_reported_figure(park=office.park, indicator=office.sum, period="2020-01", numerator=YI)
    office.draft("2020-01")
    client = client_as(office.one)
    assert "部门少0.04亿元" in text(client, "/reported-figures/")
    assert "台账数与部门反馈数差0.04亿元" in text(client, "/?period=2020-01")


def test_what_is_out_stands_beside_the_target_it_was_judged_by(office: Office, client_as: AsUser) -> None:
    office.signed(1)
    office.published("2020-03")
    type(office.target).objects.filter(pk=office.target.pk).update(annual=24, document="新文件")
    scorecard_compile(region=office.park.region, period=Period(2020, 3))
    client = client_as(office.one)
    parks = client.get(f"/indicators/{office.count.code}/").context["parks"]
    (ours,) = [one for one in parks if one["park"] == office.park]
    assert (ours["annual"], ours["row"].completion) == ("12个", "8.3%")
    assert "新文件" not in text(client, f"/indicators/{office.count.code}/")


def test_a_forecast_is_as_inexact_as_its_most_inexact_part(office: Office) -> None:
    jobs = make.make_indicator(code="jobs", role="assessed", order=0, **PEOPLE)
    make.make_target(park=office.park, indicator=jobs, annual=5000)
    office.signed(1, expected_jobs=1234, expected_jobs_qualifier="over")
    plan = {"stage": "negotiating", "expected_jobs": 500, "expected_jobs_qualifier": "about"}
    make.make_project(park=office.park, signed_on=None, **plan)
    told = trend.trend(overview_of(office.draft("2020-02")), Readable.by(office.one).all, "jobs")
    assert told["forecast"]["text"].startswith("约")


def test_a_small_sum_is_told_in_a_smaller_unit(office: Office, client_as: AsUser) -> None:
    funds = {"source": "fund_arrivals", "filter": "", "measure": "sum", "measure_fields": "amount"}
    make.make_indicator(
        code="funds", name="到位资金", basis="received_on", unit="元", display_unit="亿元", decimals=1, **funds
    )
    make.make_fund_arrival(project=office.signed(1), received_on=date(2020, 1, 5), amount=3_000_000, verified=True)
    office.draft("2020-01")
    said = text(client_as(office.one), f"/scorecards/{office.park.code}/2020-01/")
    assert "到位资金300万元" in said
