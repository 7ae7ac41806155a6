"""What a page costs: as many queries with fifty rows as with one, and no more than `query_budgets.json` grants (C7).

`UPDATE_QUERY_BUDGETS=1 pytest tests/test_queries.py` writes the file anew; a line that grew is explained in the commit.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enterprises.models import ChainNode, ListingStep, OperatingRecord
from parkportal.models import Change
from parkportal.trace import next_number
from projects.models import Contract, GroupStartPark, ImportBatch, ImportRow, ProgressNote, StageChange
from reports.models import ReconciliationRow, Scorecard
from reports.periods import Period
from reports.services import scorecard_compile
from tests import factories as make
from tests.routes import Route, routes, values_of
from tests.two_parks import PERIOD, World, built

pytestmark = pytest.mark.django_db
BUDGETS = Path(__file__).with_name("query_budgets.json")
MANY = 50
STEPS = list(product(ListingStep.Board.values, ListingStep.Step.values))[1:]
"""Every step on every board but the one that the enterprise has."""
READERS = ("statistician", "head_a")
"""Somebody who reads every park of the region, and somebody who enters for one."""
FREEZERS = ("scorecard-document", "scorecard-submit")
"""What reads the rows behind each figure of a draft: three queries an indicator, however many rows there are."""
NOISE = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "PRAGMA")


def measured() -> list[Route]:
    """Pages and REST addresses that read; the administrators' site is not what people wait for."""
    return [r for r in routes() if "get" in r.methods and not r.address.startswith("/admin/") and r.name != "schema"]


def cost(world: World, who: str, route: Route) -> int:
    """Queries of one GET; 0 for what that person may not read."""
    client = (world.program if route.address.startswith("/api/") else world.browser)(who)
    with CaptureQueriesContext(connection) as queries:
        status = client.get(route.url(values_of(row_for(route, world)))).status_code
    return len([query for query in queries if not query["sql"].startswith(NOISE)]) if status == 200 else 0


def row_for(route: Route, world: World) -> Any:
    name = route.name.removeprefix("api-").replace("group-start-entry-new", "group-start")
    kind = {
        "project-return": "project.submitted",
        "project-change-return": "project.waiting",
        "project-stage": "project.verified",
    }.get(name, "")
    kind = kind or max((kind for kind in world.a.rows if name.startswith(kind)), key=len, default="")
    return world.a.rows.get("project.verified" if kind == "project" else kind, world.a.park)


def grow(world: World, numbers: range) -> None:
    """Give park A, its region, and everything that has a page more rows of each kind, one for each number."""
    a, rows = world.a.park, world.a.rows
    firm, project, start = rows["enterprise"], rows["project.verified"], rows["group-start"]
    for n in numbers:
        more = make.make_project(park=a, investor=firm, company=make.make_enterprise(park=a), chain=project.chain)
        make.make_project(park=a, parent=project, kind="expansion", review_state="submitted")
        make.make_project(park=a, deleted_at=datetime.now(UTC))
        make.make_group_start_entry(project=more, group_start=start)
        make.make_blank_form(park=a)
        make.make_filled_form(form=rows["blank-form"])
        make.make_reported_figure(
            park=a, indicator=rows["target"].indicator, period=f"{2021 + n // 12}-{n % 12 + 1:02d}"
        )
        make.make_reconciliation(park=a, indicator=rows["target"].indicator)
        _compared(rows["reconciliation"], more, n)
        make.make_matter(park=a, project=make.make_project(park=a, investor=firm))
        make.make_delivery(webhook=make.make_webhook(park=a), publication=rows["delivery"].publication)
        _imported(rows["project-import"], more, n)
        for one in (project, more):
            make.make_fund_arrival(project=one)
            make.make_engagement(project=one, enterprise=firm, participants=[("某人", "某职")] * 3)
        _papers(project, n)
        _of_enterprise(firm, more.company, n)
        _of_region(world, n)
        for row in (project, firm, rows["engagement"], rows["fund-arrival"], rows["target"], rows["indicator"]):
            _told(row, world)


def _imported(batch: Any, project: Any, n: int) -> None:
    """One more row of an import, wrong as the others, and one more import."""
    wrong = {"cells": {"1": {"say": "看不懂", "fixes": ["改成"]}}, "say": "", "notes": [], "offers": []}
    one = {"cells": {"0": "表里的项目", "1": str(n)}, "state": "wrong", "problems": wrong, "project": project}
    ImportRow.objects.create(batch=batch, number=n + 3, **one)
    ImportBatch.objects.create(code=f"{batch.code}-{n}", park=batch.park, file=batch.file, state="checked")


def _compared(kept: Any, project: Any, n: int) -> None:
    """One more row on each side of a comparison."""
    one = {"member": project.code, "their_name": project.name, "their_amount": n}
    ReconciliationRow.objects.create(reconciliation=kept, number=2 * n + 10, kind="amount", **one)
    ReconciliationRow.objects.create(reconciliation=kept, number=2 * n + 11, kind="matched", **one)


def _papers(project: Any, n: int) -> None:
    day = date(2019, 1, 7) + timedelta(weeks=n)
    Contract.objects.create(project=project, type="mou", number=str(n), signed_on=day)
    ProgressNote.objects.create(project=project, week_of=day, progress="进展")
    StageChange.objects.create(project=project, from_stage="lead", to_stage="negotiating", on=day)


def _of_enterprise(firm: Any, another: Any, n: int) -> None:
    make.make_listing_step(enterprise=another)
    if n < len(STEPS):
        make.make_listing_step(enterprise=firm, board=STEPS[n][0], step=STEPS[n][1])
    kind = OperatingRecord.Kind.choices[0][0]
    OperatingRecord.objects.create(enterprise=firm, kind=kind, period=f"{2010 + n // 12}-{n % 12 + 1:02d}", output=n)


def _of_region(world: World, n: int) -> None:
    """More parks, years, months, chains, nodes, indicators and group starts."""
    a, region, indicator = world.a.park, world.a.park.region, world.a.rows["indicator"]
    park = make.make_park(region=region)
    make.make_target(park=park, indicator=indicator)
    make.make_target(park=a, indicator=indicator, year=2021 + n)
    GroupStartPark.objects.create(group_start=world.a.rows["group-start"], park=park, published_count=1)
    make.make_group_start()
    make.make_chain(region=region)
    ChainNode.objects.create(chain=world.a.rows["chain"], code=f"many-{n}", name=f"环节{n}")
    make.make_indicator()
    period = f"{2015 + n // 12}-{n % 12 + 1:02d}"
    when = datetime.now(UTC)
    Scorecard.objects.create(park=a, period=period, code=f"{a.code}-{period}", compiled_at=when, digest="x")


def _told(row: Any, world: World) -> None:
    Change.objects.create(
        seq=next_number("seq"),
        user=world.users["clerk_a"],
        door=Change.Door.PAGE,
        park=world.a.park,
        at=datetime.now(UTC),
        object_type=row._meta.label,
        object_code=row.code,
        diff={"note": ["旧", "新"]},
    )


@pytest.fixture(scope="module")
def costs(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, tuple[int, int]]]:
    """Name and reader of each route → queries with few rows and with many."""
    clock = time_machine.travel(
        datetime.now(UTC), tick=False
    )  # a session or token writes once a minute that it was used
    with built(django_db_blocker) as world, clock:
        for who in READERS:
            world.browser(who).get("/help/"), world.program(who).get("/api/v1/parks/")
        grow(world, range(1))
        scorecard_compile(region=world.a.park.region, period=Period.parse(PERIOD))
        few = {f"{route.name} {who}": cost(world, who, route) for route in measured() for who in READERS}
        grow(world, range(1, MANY))
        scorecard_compile(region=world.a.park.region, period=Period.parse(PERIOD))
        many = {f"{route.name} {who}": cost(world, who, route) for route in measured() for who in READERS}
        yield {key: (few[key], many[key]) for key in few if few[key] or many[key]}


def test_the_cost_does_not_grow_with_the_rows(costs: dict[str, tuple[int, int]]) -> None:
    figures = {f"{name} {who}": 3 * (MANY - 1) for name in FREEZERS for who in READERS}
    assert {key: pair for key, pair in costs.items() if pair[1] > pair[0] + figures.get(key, 0)} == {}


def test_no_page_costs_more_than_its_budget(costs: dict[str, tuple[int, int]]) -> None:
    found = {key: max(pair) for key, pair in sorted(costs.items())}
    if os.environ.get("UPDATE_QUERY_BUDGETS"):
        BUDGETS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    budgets: dict[str, int] = json.loads(BUDGETS.read_text())
    assert set(found) == set(budgets), "run with UPDATE_QUERY_BUDGETS=1"
    assert {key: (count, budgets[key]) for key, count in found.items() if count > budgets[key]} == {}


def test_a_page_that_asks_for_each_row_is_found(django_db_blocker: Any) -> None:
    """The measure itself: a list that asks once for each of its rows costs more with more rows."""
    from projects.models import Project

    park = make.make_park()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            [str(project.investor) for project in Project.objects.filter(park=park)]
        return len(queries)

    make.make_project(park=park)
    one = asked()
    make.make_project(park=park)
    assert asked() > one
