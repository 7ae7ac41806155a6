"""Chains, enterprises and listing steps in REST."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from parkportal.models import User
from tests.factories import (
    make_chain,
    make_chain_node,
    make_enterprise,
    make_group,
    make_listing_step,
    make_park,
    make_user,
)
from tests.rest import Rest

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user(park=make_park(code="mine"))


@pytest.fixture
def rest(user: User) -> Rest:
    return Rest(user)


def test_a_chain_is_shown_with_its_links_to_every_reader(rest: Rest) -> None:
    chain = make_chain(code="electronics", name="电子信息")
    make_chain_node(chain=chain, code="end", tier=2)
    make_chain_node(chain=chain, code="begin", tier=1, state="weak")
    row = rest.json("chains/electronics/")
    assert (row["id"], row["name"], row["region"]) == ("electronics", "电子信息", chain.region.code)
    assert [(node["code"], node["state"]) for node in row["nodes"]] == [("begin", "weak"), ("end", "present")]


def test_an_enterprise_is_shown_with_its_group_and_exact_land(user: User, rest: Rest) -> None:
    enterprise = make_enterprise(
        park=user.park,
        group=make_group(code="foxconn", name="富士康"),
        land_area_mu=150,
        above_scale_on=date(2020, 8, 1),
    )
    row = rest.json(f"enterprises/{enterprise.code}/")
    assert row["group"] == {"code": "foxconn", "name": "富士康"}
    assert (row["land_area_mu"], row["above_scale_on"], row["park"]) == (1.5, "2020-08-01", "mine")
    assert "search_text" not in row


def test_enterprises_are_chosen_by_the_day_on_which_they_passed_the_scale(user: User, rest: Rest) -> None:
    late = make_enterprise(park=user.park, above_scale_on=date(2020, 9, 1))
    make_enterprise(park=user.park, above_scale_on=date(2019, 9, 1))
    make_enterprise(park=user.park)
    assert rest.ids("enterprises/", above_scale_on_after="2020-01-01") == [late.code]


def test_listing_steps_are_chosen_by_board_and_step(user: User, rest: Rest) -> None:
    enterprise = make_enterprise(park=user.park)
    step = make_listing_step(enterprise=enterprise)
    make_listing_step(enterprise=enterprise, board="main")
    row = rest.json("listing-steps/", board="star", step="recommended", enterprise=enterprise.code)["results"]
    assert [(r["id"], r["park"], r["enterprise"]["code"]) for r in row] == [(step.code, "mine", enterprise.code)]


MAKERS = {
    "chains": lambda park: make_chain_node(),
    "enterprises": lambda park: make_enterprise(park=park, group=make_group()),
    "listing-steps": lambda park: make_listing_step(enterprise=make_enterprise(park=park)),
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


@pytest.mark.parametrize("name", ["enterprises", "listing-steps"])
def test_rows_of_another_park_are_neither_listed_nor_read(rest: Rest, name: str) -> None:
    foreign = MAKERS[name](make_park())
    assert rest.ids(f"{name}/") == []
    assert rest.get(f"{name}/{foreign.code}/").status_code == 404
