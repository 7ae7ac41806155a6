"""Small worlds of parks, projects and all that hangs on them: each made from a seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from enterprises.models import Chain, Enterprise, ListingStep
from parkportal.models import Park, Region
from projects.models import Engagement, FundArrival, GroupStart, GroupStartEntry, Project, ProjectShare, Recognition
from reports.models import Indicator
from tests.factories import F100

T = TypeVar("T")
Pick = Callable[[Sequence[Any]], Any]
"""Chooses one of several values."""

YEAR = 2020
PARKS = ("yi", "er", "san")
"""The first two lie in the region that is compiled, the third in another."""
BINNED = datetime(2020, 6, 1, tzinfo=UTC)

LAST_DAYS = [date(y, m, 1) - timedelta(days=1) for y in (2019, 2020, 2021) for m in range(1, 13)]
EDGES = sorted({*LAST_DAYS, *(day + timedelta(days=1) for day in LAST_DAYS), date(2020, 2, 28)})
THIS_YEAR = [day for day in EDGES if day.year == YEAR]
DAYS = [None, *EDGES, *THIS_YEAR * 3]
AMOUNTS = [None, 0, 99_999_900, 99_999_999, 100_000_000, 100_000_001, 250_000_000, 10**14, *range(10**8, 10**9, 10**8)]
QUALIFIERS = ["exact"] * 6 + ["over", "at_least", "near", "about"]
SHARES = [None, None, None, (5_000, 5_000), (3_333, 6_667), (1, 9_999), (10_000, 0)]
LEVELS = ["none", "none", "park", "city", "province"]

EXTRA: tuple[dict[str, Any], ...] = (
    {"code": "x_stock", "measure": "sum", "measure_fields": "total_investment", "window": "as_of", "unit": "元"},
    {"code": "x_cohort", "basis": "started_on", "window": "as_of", "cohort_date": "signed_on", "cohort_years": 2},
    {"code": "x_scaled", "measure": "distinct", "measure_fields": "company", "basis": "above_scale_on", "filter": ""},
    {"code": "x_investors", "measure": "distinct", "measure_fields": "investor", "filter": "kind=new"},
    {"code": "x_ever", "source": "signed_ever", "measure": "sum", "measure_fields": "expected_jobs", "unit": "人"},
    {"code": "x_days", "measure": "avg_days", "measure_fields": "settle_started_on moved_in_on", "filter": "",
     "basis": "moved_in_on", "unit": "天", "direction": "less"},
    {"code": "x_stock_days", "measure": "avg_days", "measure_fields": "signed_on started_on", "filter": "kind=new",
     "basis": "started_on", "unit": "天", "window": "as_of"},
    {"code": "x_electronics", "filter": f"chain=electronics&stage=signed&stage=started&{F100}"},
    {"code": "x_funded", "source": "fund_arrivals", "measure": "distinct", "measure_fields": "project", "filter": "",
     "basis": "received_on"},
    {"code": "x_listed", "source": "listing_steps", "measure": "distinct", "measure_fields": "enterprise", "filter": "",
     "basis": "happened_on"},
    {"code": "x_planned", "source": "group_start_entries", "measure": "sum", "measure_fields": "planned", "filter": "",
     "basis": "held_on", "unit": "元"},
    {"code": "x_talks", "source": "engagements", "filter": "mode=inbound_visit&mode=online", "basis": "held_on"},
    {"code": "x_codes", "source": "enterprises", "measure": "distinct", "measure_fields": "uscc", "filter": "",
     "basis": "above_scale_on"},
)  # fmt: skip
"""Indicators beside those of the reference data, so that every source, measure, window and cohort is tried."""


@dataclass(frozen=True)
class World:
    """Rows before they are stored; others are named by their place in a list."""

    region: dict[str, Any]
    enterprises: list[dict[str, Any]]
    projects: list[dict[str, Any]]
    arrivals: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    talks: list[dict[str, Any]]


def extra_indicators() -> list[Indicator]:
    """Store the indicators of EXTRA and a ratio of two of them."""
    common = {"source": "projects", "filter": F100, "measure": "count", "basis": "signed_on", "unit": "个"}
    made = []
    for order, fields in enumerate(EXTRA, 300):
        values = common | {"name": fields["code"], "definition": "测试。", "order": order} | fields
        made.append(Indicator.objects.create(**{"display_unit": values["unit"], **values}))
    by_code = {indicator.code: indicator for indicator in made}
    above, below = by_code["x_cohort"], by_code["x_electronics"]
    values = {"measure": "ratio", "unit": "%", "display_unit": "%", "name": "x_rate", "definition": "测试。"}
    made.append(Indicator.objects.create(code="x_rate", numerator=above, denominator=below, order=400, **values))
    return made


def make_world(pick: Pick, sizes: Sequence[int]) -> World:
    """Draw a world; `sizes` are the most enterprises, projects, arrivals, steps, entries and talks."""
    companies, projects, arrivals, steps, entries, talks = (pick(range(min(n, 1), n + 1)) for n in sizes)
    known = range(projects)
    return World(
        region={"merges_january_february": pick([False, True]), "recognition_level": pick(LEVELS)},
        enterprises=[_enterprise(pick) for _ in range(companies)],
        projects=[_project(pick, companies) for _ in known],
        arrivals=[_arrival(pick, known) for _ in range(arrivals)],
        steps=_once([_step(pick, companies) for _ in range(steps)], "enterprise", "board", "step"),
        entries=_once([_entry(pick, known) for _ in range(entries)], "start", "project"),
        talks=[_talk(pick, known, companies) for _ in range(talks)],
    )


def _once(rows: list[dict[str, Any]], *keys: str) -> list[dict[str, Any]]:
    return list({tuple(row[key] for key in keys): row for row in rows}.values())


def _enterprise(pick: Pick) -> dict[str, Any]:
    return {
        "park": pick(PARKS),
        "above_scale_on": pick(DAYS),
        "code_of": pick([False, True]),
        "deleted_at": pick([None] * 5 + [BINNED]),
    }


def _project(pick: Pick, companies: int) -> dict[str, Any]:
    own = pick(("yi", "yi", "yi", "er", "er", "san"))
    split = pick(SHARES)
    return {
        "park": own,
        "shares": [(own, 10_000, 10_000)]
        if split is None
        else [(own, split[0], split[1]), (pick([p for p in PARKS if p != own]), split[1], split[0])],
        "investor": pick([None, *range(companies)]),
        "company": pick([None, *range(companies)]),
        "chain": pick([None, "electronics", "machinery"]),
        "category": pick(["industry"] * 5 + ["infrastructure", "livelihood", "ecology"]),
        "kind": pick(["new"] * 5 + ["expansion"]),
        "contract_type": pick(["formal"] * 5 + ["framework", "intent", "mou"]),
        "stage": pick(["signed", "started", "in_production", "full_capacity", "registered"]),
        "status": pick(["active", "active", "suspended", "terminated"]),
        "review_state": pick(["verified"] * 6 + ["draft", "submitted", "returned"]),
        "fortune_global_500": pick([False, True]),
        "deleted_at": pick([None] * 7 + [BINNED]),
        "signed_on": pick(DAYS),
        "signed_on_precision": pick(["day", "month", "half"]),
        "started_on": pick(DAYS),
        "settle_started_on": pick(DAYS),
        "settle_started_on_precision": pick(["day", "day", "month"]),
        "moved_in_on": pick(DAYS),
        "moved_in_on_precision": pick(["day", "day", "ten_day"]),
        "terminated_on": pick([None] * len(EDGES) + EDGES),
        "total_investment": pick(AMOUNTS),
        "total_investment_qualifier": pick(QUALIFIERS),
        "expected_annual_output": pick(AMOUNTS),
        "expected_jobs": pick([None, 0, 7, 1_000, 40_001]),
        "expected_jobs_qualifier": pick(QUALIFIERS),
        "recognitions": {
            level: (pick(["accepted", "accepted", "refused", "pending"]), pick(DAYS))
            for level in ("park", "city", "province")
            if pick([True, True, False])
        },
    }


def _arrival(pick: Pick, projects: Sequence[int]) -> dict[str, Any]:
    dollars = pick([None, 1_000_000])
    return {
        "project": pick(projects),
        "received_on": pick(EDGES),
        "amount": pick([1, 10_000_000, 10**14]),
        "amount_usd": dollars,
        "rate": 7_000_000 if dollars else None,
        "origin_tier": pick(["overseas", "out_of_province", "out_of_city", "out_of_county", "local"]),
        "fdi_scope": pick(["", "mofcom", "all"]),
        "verified": pick([True, True, True, False]),
        "deleted_at": pick([None] * 5 + [BINNED]),
    }


def _step(pick: Pick, companies: int) -> dict[str, Any]:
    return {
        "enterprise": pick(range(companies)),
        "board": pick(["star", "star", "main"]),
        "step": pick(["recommended", "recommended", "filed"]),
        "happened_on": pick(EDGES),
        "deleted_at": pick([None] * 5 + [BINNED]),
    }


def _entry(pick: Pick, projects: Sequence[int]) -> dict[str, Any]:
    return {
        "start": pick(range(3)),
        "project": pick(projects),
        "planned": pick([None, 5 * 10**7]),
        "deleted_at": pick([None] * 5 + [BINNED]),
    }


def _talk(pick: Pick, projects: Sequence[int], companies: int) -> dict[str, Any]:
    return {
        "park": pick(PARKS),
        "project": pick([None, *projects]),
        "enterprise": pick([None, *range(companies)]),
        "mode": pick(["inbound_visit", "online", "outbound_visit"]),
        "held_on": pick(EDGES),
        "deleted_at": pick([None] * 5 + [BINNED]),
    }


def seeded(seed: int, sizes: Sequence[int] = (3, 5, 3, 3, 3, 3)) -> World:
    """The same world for the same seed, on every machine."""
    return make_world(Random(seed).choice, sizes)


def worlds() -> st.SearchStrategy[World]:
    """Worlds by their seed: a hundred draws for each would cost more than the figures that are tried on it."""
    return st.integers(0, 2**32 - 1).map(seeded)


def store(world: World, order: Callable[[list[Any]], list[Any]] = list) -> Region:
    """Write a world; `order` says in which order the rows of a kind are inserted. Returns the region to compile."""
    region = Region.objects.create(code="990100", name="甲市", **world.region)
    other = Region.objects.create(code="990200", name="乙市", recognition_level="city")
    for number, code in enumerate(order(list(PARKS))):
        home, ledger = other if code == "san" else region, "2019-01" if code == "yi" else "2019-02"
        Park.objects.create(code=code, name=f"园区{code}{number}", region=home, ledger_from=ledger)
    for code in ("electronics", "machinery"):
        Chain.objects.get_or_create(code=code, defaults={"name": code, "region": region})
    companies = _store_enterprises(world, order)
    projects = _store_projects(world, order, companies)
    _store_rest(world, order, companies, projects)
    return region


def _numbered(rows: list[dict[str, Any]], order: Callable[[list[Any]], list[Any]]) -> list[tuple[int, dict[str, Any]]]:
    return order(list(enumerate(rows)))


def _store_enterprises(world: World, order: Callable[[list[Any]], list[Any]]) -> dict[int, Enterprise]:
    parks = {park.code: park for park in Park.objects.filter(code__in=PARKS)}
    made = {
        number: Enterprise(
            code=f"e-{number}",
            name=f"企业{number}",
            park=parks[row["park"]],
            uscc=f"{number:018d}" if row["code_of"] else "",
            above_scale_on=row["above_scale_on"],
            deleted_at=row["deleted_at"],
        )
        for number, row in _numbered(world.enterprises, order)
    }
    Enterprise.objects.bulk_create(made.values())
    return made


def _store_projects(
    world: World, order: Callable[[list[Any]], list[Any]], companies: dict[int, Enterprise]
) -> dict[int, Project]:
    parks = {park.code: park for park in Park.objects.filter(code__in=PARKS)}
    chains = {chain.code: chain for chain in Chain.objects.all()}
    made = {}
    for number, row in _numbered(world.projects, order):
        own = {key: value for key, value in row.items() if key not in {"shares", "recognitions"}}
        keys = {"park": parks[row["park"]], "chain": chains.get(row["chain"] or "")}
        keys |= {name: companies.get(row[name]) for name in ("investor", "company")}
        made[number] = Project(**{"code": f"p-{number}", "name": f"项目{number}", **own, **keys})
    Project.objects.bulk_create(made.values())
    ProjectShare.objects.bulk_create(
        ProjectShare(project=made[number], park=parks[park], count_bp=count, amount_bp=amount)
        for number, row in _numbered(world.projects, order)
        for park, count, amount in order(row["shares"])
    )
    Recognition.objects.bulk_create(
        Recognition(project=made[number], level=level, result=result, recognised_on=on)
        for number, row in _numbered(world.projects, order)
        for level, (result, on) in row["recognitions"].items()
    )
    return made


def _store_rest(
    world: World,
    order: Callable[[list[Any]], list[Any]],
    companies: dict[int, Enterprise],
    projects: dict[int, Project],
) -> None:
    parks = {park.code: park for park in Park.objects.filter(code__in=PARKS)}
    FundArrival.objects.bulk_create(
        FundArrival(**{**row, "code": f"f-{number}", "project": projects[row["project"]]})
        for number, row in _numbered(world.arrivals, order)
    )
    ListingStep.objects.bulk_create(
        ListingStep(**{**row, "code": f"l-{number}", "enterprise": companies[row["enterprise"]]})
        for number, row in _numbered(world.steps, order)
    )
    starts = [
        GroupStart(code=f"s-{number}", name=f"集中开工{number}", level=level, held_on=held_on)
        for number, (level, held_on) in enumerate(
            [("province", date(2020, 9, 30)), ("province", date(2019, 12, 31)), ("city", date(2020, 3, 1))]
        )
    ]
    GroupStart.objects.bulk_create(starts)
    GroupStartEntry.objects.bulk_create(
        GroupStartEntry(
            code=f"g-{number}",
            group_start=starts[row["start"]],
            project=projects[row["project"]],
            planned=row["planned"],
            deleted_at=row["deleted_at"],
        )
        for number, row in _numbered(world.entries, order)
    )
    Engagement.objects.bulk_create(
        Engagement(
            **{
                **row,
                "code": f"t-{number}",
                "title": f"洽谈{number}",
                "park": parks[row["park"]],
                "project": projects.get(row["project"]),
                "enterprise": companies.get(row["enterprise"]),
            }
        )
        for number, row in _numbered(world.talks, order)
    )
