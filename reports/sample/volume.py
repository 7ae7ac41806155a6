"""Volume for measurements: many parks and projects of several years, equal for equal seeds; nothing in it is real."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import Any, Final

from django.db import models, transaction

from enterprises.models import Chain, Enterprise
from enterprises.services import search_text as enterprise_search_text
from parkportal.models import Park, Region, User
from parkportal.roles import Role
from parkportal.trace import Actor, Ledger, changes
from projects import stages
from projects.models import FundArrival, Project, ProjectShare
from projects.services.search import search_text
from reports import reference
from reports.models import Indicator, Target
from reports.reference import CITY

YEARS: Final = (2016, 2017, 2018, 2019, 2020)
BATCH: Final = 1_000
TOPICS: Final = (
    "智能终端",
    "精密结构件",
    "新能源部件",
    "生物制剂",
    "电子元件",
    "工程机械",
    "冷链仓储",
    "新材料",
    "软件服务",
)
WORKS: Final = ("生产线", "研发中心", "产业园", "装配基地", "加工厂")
TIERS: Final = ("out_of_province", "out_of_city", "out_of_county", "local", "overseas")
RATE: Final = 6_800_000


def is_only_sample() -> bool:
    """Whether no real park has projects: volume is never mixed into a ledger that somebody works with."""
    return not Project.objects.filter(park__is_sample=False).exists()


@transaction.atomic
def fill(*, by: Actor, parks: int, projects: int, seed: int) -> None:
    """Write reference data, parks with a clerk and targets, and projects with shares, investors and arrived money."""
    reference.load(by)
    chance = Random(seed)  # noqa: S311 - figures for measurements, not secrets
    with changes(by=by) as ledger:
        places = [_park(ledger, number) for number in range(1, parks + 1)]
    owners = {place.pk: User.objects.get(username=f"{place.code}-clerk") for place in places}
    chains = list(Chain.objects.filter(region__code=CITY).order_by("code"))
    rows = _projects(chance, places, owners, chains, projects)
    while batch := list(islice(rows, BATCH)):
        _store(chance, batch)


def _park(ledger: Ledger, number: int) -> Park:
    region = Region.objects.get(code=CITY)
    months = {"ledger_from": "2016-01", "scorecards_from": "2020-01", "scorecards_until": "2020-12"}
    code = f"volume-{number:03d}"
    place = ledger.create(Park(code=code, name=f"示例园区{number:03d}", region=region, is_sample=True, **months))
    clerk = User(username=f"{code}-clerk", name=f"经办人{number:03d}", role=Role.CLERK, park=place)
    clerk.set_unusable_password()
    ledger.create(clerk)
    for indicator in Indicator.objects.filter(role=Indicator.Role.ASSESSED):
        about = {"code": f"{code}-{indicator.code}", "document": "（示例）", "authority": "（示例）"}
        ledger.create(Target(park=place, indicator=indicator, year=2020, annual=40 + number, **about))
    return place


def _projects(
    chance: Random, places: list[Park], owners: dict[int, User], chains: list[Chain], count: int
) -> Iterator[Project]:
    for number in range(count):
        place = places[number % len(places)]
        name = f"示例{chance.choice(TOPICS)}{chance.choice(WORKS)}{number:06d}"
        code = f"{place.code}-{chance.choice(YEARS)}-{number:06d}"
        yield Project(code=code, name=name, park=place, owner=owners[place.pk], **_facts(chance, chains))


def _facts(chance: Random, chains: list[Chain]) -> dict[str, Any]:
    """What is known of a project; its dates follow its stage."""
    stage = chance.choice(stages.CODES[1:])
    day = date(chance.choice(YEARS), 1, 1) + timedelta(days=chance.randrange(365))
    dates: dict[str, Any] = {}
    for step in stages.STAGES[2 : stages.CODES.index(stage) + 1]:
        dates[step.date_field] = day
        day += timedelta(days=chance.randrange(10, 200))
    total = chance.randrange(10, 20_000) * 1_000_000
    ended = chance.random() < 0.02
    return dates | {
        "stage": stage,
        "chain": chance.choice(chains),
        "category": "industry"
        if chance.random() < 0.85
        else chance.choice(("infrastructure", "livelihood", "ecology")),
        "contract_type": "formal" if chance.random() < 0.85 else "framework",
        "review_state": "verified" if chance.random() < 0.92 else "submitted",
        "status": "terminated" if ended else "active",
        "terminated_on": day if ended else None,
        "total_investment": total,
        "fixed_asset_investment": total * 7 // 10,
        "contracted_capital": total * 9 // 10,
        "expected_annual_output": total * chance.randrange(5, 25) // 10,
        "expected_annual_tax": total // 30,
        "expected_jobs": chance.randrange(20, 2_000),
        "progress": "主体施工，设备陆续进场。",
    }


def _store(chance: Random, batch: list[Project]) -> None:
    """Write a batch with all that hangs on it."""
    firms = [Enterprise(code=f"{row.code}-e", name=f"{row.name}公司", park=row.park, origin="深圳市") for row in batch]
    for row, firm in zip(batch, firms, strict=True):
        firm.search_text = enterprise_search_text(firm)
        row.investor = firm
        row.company = firm if row.registered_on else None
        row.search_text = search_text(row)
    _all(Enterprise, firms)
    _all(Project, batch)
    _all(ProjectShare, [ProjectShare(project=row, park=row.park) for row in batch])
    _all(FundArrival, [_arrival(chance, row) for row in batch if row.signed_on for _time in range(chance.randrange(3))])


def _arrival(chance: Random, row: Project) -> FundArrival:
    tier, amount = chance.choice(TIERS), chance.randrange(1, 500) * 100_000
    overseas = {"fdi_scope": "mofcom", "amount_usd": amount * 1_000_000 // RATE, "rate": RATE}
    assert row.signed_on is not None  # noqa: S101 - chosen by the caller
    received_on = row.signed_on + timedelta(days=chance.randrange(300))
    code = f"{row.code}-f{chance.getrandbits(48):012x}"
    more = overseas if tier == "overseas" else {}
    return FundArrival(
        code=code, project=row, received_on=received_on, amount=amount, origin_tier=tier, verified=True, **more
    )


def _all(model: type[models.Model], rows: list[Any]) -> None:
    model._default_manager.bulk_create(rows, batch_size=BATCH)
