"""Projects, arrived money, talks and group starts in REST."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from parkportal.models import User
from parkportal.roles import Role
from projects.models import Project
from tests.factories import (
    make_chain,
    make_chain_node,
    make_engagement,
    make_enterprise,
    make_fund_arrival,
    make_group_start,
    make_group_start_entry,
    make_park,
    make_project,
    make_user,
)
from tests.rest import Rest

pytestmark = pytest.mark.django_db

NAMES = """id code name park investor company chain chain_node chain_action category kind contract_type stage status
review_state ceremony_on signed_on signed_on_precision recognition_level recognised_on terminated_on registered_on
settle_started_on moved_in_on started_on completed_on in_production_on full_capacity_on planned_start_on
planned_production_on total_investment total_investment_qualifier fixed_asset_investment contracted_capital
annual_planned_investment completed_investment expected_annual_output expected_annual_tax expected_jobs
expected_jobs_qualifier land_area_mu workshop_area_sqm arrived_funds fortune_global_500 above_scale_on industry_code
construction_nature land_use_mode site content progress problem next_step lead_official responsible_unit owner shares
confidentiality tags sample_fields created_at updated_at version"""
CONTRACT = NAMES.split()
"""The fields of a project in the order of the contract."""


@pytest.fixture
def user() -> User:
    return make_user(park=make_park(code="mine"), username="clerk")


@pytest.fixture
def rest(user: User) -> Rest:
    return Rest(user)


def test_a_project_has_the_fields_of_the_contract_in_its_order(user: User, rest: Rest) -> None:
    row = rest.json(f"projects/{make_project(park=user.park).code}/")
    assert [name for name in row if name in CONTRACT] == CONTRACT
    dates = [name for name in CONTRACT if name.endswith("_on")]
    assert len(dates) == 14
    assert all(f"{name}_precision" in row for name in dates)


def test_a_project_is_shown_with_codes_whole_yuan_and_exact_land(user: User, rest: Rest) -> None:
    chain = make_chain(code="electronics")
    node = make_chain_node(chain=chain, code="pcb")
    company = make_enterprise(park=user.park, uscc="91430400MA4L16JQ9B", above_scale_on=date(2020, 8, 1))
    investor = make_enterprise(park=user.park, origin="深圳")
    project = make_project(
        park=user.park, investor=investor, company=company, chain=chain, chain_node=node, owner=user,
        land_area_mu=6_370, total_investment=300_000_000, tags=["重点"],
    )  # fmt: skip
    make_fund_arrival(project=project, amount=5)
    make_fund_arrival(project=project, amount=7)
    make_fund_arrival(project=project, amount=100, verified=False)
    row = rest.json(f"projects/{project.code}/")
    assert row["id"] == row["code"] == project.code
    assert row["park"] == "mine"
    assert row["investor"] == {"code": investor.code, "name": investor.name, "origin": "深圳"}
    assert row["company"] == {"code": company.code, "name": company.name, "uscc": "91430400MA4L16JQ9B"}
    assert (row["chain"], row["chain_node"], row["owner"]) == ("electronics", "pcb", "clerk")
    assert (row["land_area_mu"], row["total_investment"], row["arrived_funds"]) == (63.7, 300_000_000, 12)
    assert (row["above_scale_on"], row["above_scale_on_precision"]) == ("2020-08-01", "day")
    assert row["shares"] == [{"park": "mine", "count_bp": 10_000, "amount_bp": 10_000}]
    assert row["tags"] == ["重点"]


def test_what_is_unknown_is_null_and_not_zero(user: User, rest: Rest) -> None:
    project = make_project(park=user.park, investor=None, total_investment=None, signed_on=None, contract_type="")
    row = rest.json(f"projects/{project.code}/")
    unknown = (
        "investor",
        "company",
        "chain",
        "owner",
        "total_investment",
        "signed_on",
        "land_area_mu",
        "above_scale_on",
    )
    assert [row[name] for name in unknown] == [None] * len(unknown)
    assert row["arrived_funds"] == 0


def test_a_park_that_holds_a_share_reads_the_row(user: User, rest: Rest) -> None:
    shared = make_project(shares=[(make_park(), 6_000), (user.park, 4_000)])
    assert rest.ids("projects/") == [shared.code]
    assert len(rest.json(f"projects/{shared.code}/")["shares"]) == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"stage": "signed"}, "a"),
        ({"stage": ["signed", "started"]}, "ab"),
        ({"signed_on_after": "2020-05-10"}, "a"),
        ({"signed_on_before": "2020-05-10"}, "ab"),
        ({"signed_on_after": "2020-05-09", "signed_on_before": "2020-05-09"}, "b"),
        ({"total_investment_min": "200000000"}, "ab"),
        ({"total_investment_min": "200000001"}, "b"),
        ({"fortune_global_500": "true"}, "b"),
        ({"fortune_global_500": "false"}, "a"),
        ({"search": "富士"}, "b"),
        ({"counted": "2020-12-31"}, "ab"),
        ({"park": "mine"}, "ab"),
        ({"owner": "clerk"}, "a"),
    ],
)
def test_filters_choose_the_rows(user: User, rest: Rest, query: dict[str, Any], found: str) -> None:
    first = make_project(park=user.park, owner=user)
    second = make_project(
        park=user.park, name="富士康", stage="started", signed_on=date(2020, 5, 9), total_investment=300_000_000,
        fortune_global_500=True,
    )  # fmt: skip
    names = {first.code: "a", second.code: "b"}
    assert "".join(sorted(names[code] for code in rest.ids("projects/", **query))) == found


@pytest.mark.parametrize(
    "query",
    [
        *({"fortune_global_500": value} for value in ("1", "yes", "True", "TRUE", "on", "truе")),
        *({"signed_on_after": value} for value in ("2020", "2020-02-30", "1.1.2020", "today", "2020-1-1x")),
        *({"total_investment_min": value} for value in ("1_000", "1e9", "many", "1.5", "NaN")),
        *({"stage": value} for value in ("Signed", "signed,started", "\0")),
        *({"park": value} for value in ("nothing", "Mine", "%", "\0")),
        *({name: value} for name in ("chain", "investor", "owner") for value in ("nobody", "\0", "x" * 300)),
    ],
)
def test_a_wrong_value_is_an_error_and_never_everything(user: User, rest: Rest, query: dict[str, str]) -> None:
    make_project(park=user.park)
    for path in ("projects/", "projects/summary/"):
        answer = rest.get(path, **query)
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == list(query)


def test_the_summary_adds_up_what_the_filter_selects(user: User, rest: Rest) -> None:
    for stage, amount in (("signed", 1), ("signed", 2), ("started", 4)):
        project = make_project(
            park=user.park, stage=stage, total_investment=amount * 10**8, expected_annual_output=amount * 10**7,
            expected_annual_tax=amount, expected_jobs=amount * 100,
        )  # fmt: skip
        make_fund_arrival(project=project, amount=amount * 1_000)
    make_project(park=user.park, stage="signed", total_investment=None)
    assert rest.json("projects/summary/", stage="signed") == {
        "count": 3,
        "total_investment": 300_000_000,
        "expected_annual_output": 30_000_000,
        "expected_annual_tax": 3,
        "expected_jobs": 300,
        "arrived_funds": 3_000,
    }
    assert rest.json("projects/summary/")["count"] == 4


def test_the_summary_of_a_park_goes_by_its_share(user: User) -> None:
    here, there = user.park, make_park(code="there", region=user.park.region)
    city = Rest(make_user(Role.CITY, region=here.region))
    whole = make_project(park=here, total_investment=10**8)
    shared = make_project(park=there, total_investment=10**8, expected_jobs=15, shares=[(there, 7_500), (here, 2_500)])
    make_fund_arrival(project=whole, amount=1_000)
    make_fund_arrival(project=shared, amount=30)
    mine = city.json("projects/summary/", park="mine")
    assert (mine["count"], mine["total_investment"], mine["expected_jobs"]) == (1.25, 125_000_000, 3.75)
    assert mine["arrived_funds"] == 1_000
    assert city.json("projects/summary/", park="there")["arrived_funds"] == 30
    both = city.json("projects/summary/", park=["mine", "there"])
    assert (both["count"], both["total_investment"]) == (2, 200_000_000)
    assert city.json("projects/summary/")["count"] == 2


def test_shares_of_large_amounts_do_not_overflow(user: User, rest: Rest) -> None:
    for _ in range(3):
        make_project(park=user.park, total_investment=10**14, shares=[(user.park, 3_333), (make_park(), 6_667)])
    assert rest.json("projects/summary/", park="mine")["total_investment"] == 3 * 10**14 * 3_333 // 10_000


def test_the_summary_of_nothing_is_zero(rest: Rest) -> None:
    assert set(rest.json("projects/summary/").values()) == {0}


def test_the_summary_takes_no_parameter_that_it_would_ignore(rest: Rest) -> None:
    for name in ("fields", "ordering", "page_size", "cursor", "updated_since"):
        known = rest.get("projects/summary/", **{name: "1"})
        assert known.status_code == 400, name


def test_arrived_money_has_the_fields_of_the_contract(user: User, rest: Rest) -> None:
    project = make_project(park=user.park)
    arrival = make_fund_arrival(
        project=project,
        amount=70_000_000,
        amount_usd=10_000_000,
        rate=7_012_345,
        origin_tier="overseas",
        fdi_scope="mofcom",
    )
    row = rest.json(f"fund-arrivals/{arrival.code}/")
    expected = {
        "id": arrival.code,
        "project": project.code,
        "park": "mine",
        "received_on": "2020-06-15",
        "amount": 70_000_000,
        "amount_usd": 10_000_000,
        "rate": 7.012345,
        "origin_tier": "overseas",
        "fdi_scope": "mofcom",
        "verified": True,
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"verified": "true"}, 1),
        ({"origin_tier": ["overseas", "out_of_province"]}, 1),
        ({"origin_tier": "local"}, 1),
        ({"received_on_after": "2020-06-16"}, 1),
        ({"park": "mine"}, 2),
        ({"counted": "2020-12-31"}, 1),
    ],
)
def test_filters_choose_arrived_money(user: User, rest: Rest, query: dict[str, Any], count: int) -> None:
    project = make_project(park=user.park)
    make_fund_arrival(project=project)
    make_fund_arrival(project=project, verified=False, origin_tier="local", received_on=date(2020, 6, 16))
    make_fund_arrival()
    assert len(rest.ids("fund-arrivals/", **query)) == count


def test_entries_of_group_starts_name_their_day_and_level(user: User, rest: Rest) -> None:
    project = make_project(park=user.park)
    entry = make_group_start_entry(project=project, group_start=make_group_start(code="start", level="city"), planned=5)
    row = rest.json("group-start-entries/", level="city", project=project.code)["results"][0]
    assert (row["id"], row["project"], row["park"], row["planned"]) == (entry.code, project.code, "mine", 5)
    assert (row["group_start"]["code"], row["group_start"]["held_on"]) == ("start", "2020-09-29")
    assert rest.ids("group-start-entries/", level="province") == []


def test_talks_name_those_who_took_part(user: User, rest: Rest) -> None:
    talk = make_engagement(park=user.park, participants=[("经办人甲", "科长"), ("经办人乙", "")])
    row = rest.json(f"engagements/{talk.code}/")
    assert row["participants"] == [{"name": "经办人甲", "post": "科长"}, {"name": "经办人乙", "post": ""}]
    assert rest.ids("engagements/", held_on_before="2020-03-04") == []


MAKERS = {
    "projects": lambda park: make_project(park=park, company=make_enterprise(park=park), chain=make_chain()),
    "fund-arrivals": lambda park: make_fund_arrival(project=make_project(park=park)),
    "group-start-entries": lambda park: make_group_start_entry(project=make_project(park=park)),
    "engagements": lambda park: make_engagement(park=park, participants=[("经办人甲", "")]),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_list_costs_the_same_with_1_row_and_with_50(user: User, rest: Rest, name: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            rest.json(f"{name}/")
        return len(queries)

    MAKERS[name](user.park)
    rest.json(f"{name}/")
    once = cost()
    for _ in range(49):
        MAKERS[name](user.park)
    assert cost() == once <= 12
    assert len(rest.ids(f"{name}/")) == 50


@pytest.mark.parametrize("name", MAKERS)
def test_rows_of_another_park_are_neither_listed_nor_read(rest: Rest, name: str) -> None:
    foreign = MAKERS[name](make_park())
    assert rest.ids(f"{name}/") == []
    assert rest.get(f"{name}/{foreign.code}/").status_code == 404


def test_a_city_user_reads_every_park_of_the_region(user: User) -> None:
    make_project(park=user.park)
    make_project(park=make_park(region=user.park.region))
    make_project()
    city = Rest(make_user(Role.CITY, region=user.park.region))
    assert len(city.ids("projects/")) == 2
    assert Project.objects.count() == 3
