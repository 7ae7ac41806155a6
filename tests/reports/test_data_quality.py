"""数据质量: each rule finds the row that is wrong in its way, no other, and its count is that of the rows it opens."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from parkportal.models import Park, User
from parkportal.roles import Role
from projects.models import Contract, Project
from reports.calendar import stops_of, with_gaps
from reports.models import Indicator
from reports.periods import Period
from reports.quality import ALL_RULES, BY_KEY, Sheet
from reports.services import scorecard_compile
from tests import factories as make
from tests.factories import YI

pytestmark = pytest.mark.django_db
TODAY = date(2020, 10, 8)
Plant = Callable[[Park], Model]


class Office:
    """A park with six sound projects, each with its contract."""

    def __init__(self) -> None:
        self.park: Park = make.make_park(scorecards_from="2020-01")
        self.head: User = make.make_user(Role.HEAD, park=self.park)
        self.chain = make.make_chain(region=self.park.region)
        self.indicator: Indicator = make.make_indicator()
        for _n in range(6):
            self.sound()

    def sound(self, **fields: Any) -> Project:
        """A project in which no rule finds anything, but for what is said."""
        project = make.make_project(**{"park": self.park, "chain": self.chain} | fields)
        make.make_file(self.park, project.code, object_type="projects.Project")
        return project

    def compile(self) -> None:
        scorecard_compile(region=self.park.region, period=Period(2020, 9))

    def counts(self, user: User | None = None) -> dict[str, int]:
        sheet = Sheet.of(user or self.head, self.park, 2020, TODAY)
        return {one.rule.key: one.count for one in sheet.found() if one.count}


@pytest.fixture
def office(db: None) -> Office:
    return Office()


def _contract(office: Office) -> None:
    Contract.objects.create(project=office.sound(), type="formal", amount=3 * YI)


def _arrived(office: Office) -> None:
    make.make_fund_arrival(project=office.sound(), amount=3 * YI, proof="回单")


def _reported(office: Office) -> None:
    make.make_reported_figure(park=office.park, indicator=office.indicator, numerator=5)
    office.compile()


def _stale(office: Office) -> None:
    Project.objects.filter(pk=office.sound().pk).update(updated_at=timezone.now() - timedelta(days=40))


DAY = date(2020, 4, 1)
CASES: dict[str, Callable[[Office], Any]] = {
    "unsigned": lambda o: o.sound(signed_on=None),
    "amount": lambda o: o.sound(total_investment=None),
    "chain": lambda o: o.sound(chain=None),
    "investor": lambda o: o.sound(investor=None),
    "company": lambda o: o.sound(stage="registered"),
    "start": lambda o: o.sound(stage="started", company=make.make_enterprise(park=o.park)),
    "production": lambda o: o.sound(
        stage="in_production", company=make.make_enterprise(park=o.park), started_on=date(2020, 6, 1)
    ),
    "paper": lambda o: make.make_project(park=o.park, chain=o.chain),
    "proof": lambda o: make.make_fund_arrival(project=o.sound(), verified=True, proof=""),
    "stale": _stale,
    "waiting": lambda o: o.sound(review_state="submitted"),
    "fixed": lambda o: o.sound(fixed_asset_investment=3 * YI),
    "small": lambda o: o.sound(total_investment=9_999),
    "far": lambda o: o.sound(total_investment=20 * YI),
    "order": lambda o: o.sound(started_on=DAY),
    "future": lambda o: o.sound(started_on=date(2099, 12, 1)),
    "zero": lambda o: o.sound(expected_jobs=0),
    "contract": _contract,
    "shares": lambda o: o.sound(shares=[(o.park, 6_000)]),
    "arrived": _arrived,
    "reported": _reported,
}


def test_every_rule_is_tried() -> None:
    assert list(CASES) == [rule.key for rule in ALL_RULES] and len(BY_KEY) == len(ALL_RULES)


def test_sound_rows_are_left_alone(office: Office) -> None:
    office.sound(started_on=date(2020, 5, 1), started_on_precision="month", stage="signed")
    office.sound(status="terminated", total_investment=None, terminated_on=date(2020, 6, 1))
    office.sound(total_investment=19 * YI)
    office.sound(deleted_at=datetime.now(UTC), chain=None)
    make.make_project(chain=None)
    assert office.counts() == {}


@pytest.mark.parametrize("key", CASES)
def test_a_rule_finds_what_is_wrong_and_opens_it(office: Office, key: str) -> None:
    CASES[key](office)
    assert office.counts() == {key: 1}
    assert len(list(Sheet.of(office.head, office.park, 2020, TODAY).hits(BY_KEY[key]))) == 1
    client = Client()
    client.force_login(office.head)
    page = client.get("/data-quality/?year=2020")
    (found,) = [one for _kind, rows in page.context["groups"] for one in rows if one.rule.key == key]
    opened = client.get(found.url if found.url.startswith("/") else f"/data-quality/{found.url.partition('#')[0]}")
    shown = opened.context["hits"] if "hits" in opened.context else list(opened.context["object_list"])
    assert len(shown) == found.count == 1


def test_days_of_a_terminated_project_are_compared_too(office: Office) -> None:
    """It can only be terminated before it was signed once it is terminated; nothing else is asked of it."""
    office.sound(status="terminated", terminated_on=date(2020, 3, 1), chain=None)
    assert office.counts() == {"order": 1}


def test_the_sheet_goes_out_and_is_the_parks_own(office: Office) -> None:
    office.sound(chain=None, confidentiality="secret", code_name="代号二", name="保密的名称")
    clerk = make.make_user(park=office.park)
    for user, name in ((office.head, "保密的名称"), (clerk, "代号二")):
        client = Client()
        client.force_login(user)
        usual = b"".join(client.get("/data-quality/export/?year=2020&format=csv").streaming_content).decode()  # type: ignore[attr-defined]
        assert name not in usual, "secret projects are left out of a file unless they are asked for"
        answer = client.get("/data-quality/export/?year=2020&with_secret=true")
        sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
        cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
        assert cells[0][2:4] == ["产业类项目没有产业链", name]
    assert client.get(f"/data-quality/?park={make.make_park().code}").status_code == 400
    assert client.get("/data-quality/?year=1800").status_code == 400
    assert client.get("/data-quality/export/?rule=unknown").status_code == 302


def test_a_file_in_the_bin_proves_nothing(office: Office) -> None:
    project = make.make_project(park=office.park, chain=office.chain)
    arrival = make.make_fund_arrival(project=project, proof="")
    gone = {"deleted_at": datetime.now(UTC)}
    make.make_file(office.park, project.code, object_type="projects.Project", **gone)
    make.make_file(office.park, arrival.code, object_type="projects.FundArrival", **gone)
    assert office.counts() == {"paper": 1, "proof": 1}


def test_nobody_asks_by_what_a_secret_project_hides(office: Office) -> None:
    """Who sees its code name only does not learn whether it has an investor, a paper, a contract or a proof."""
    secret = {"confidentiality": "secret", "code_name": "代号三", "park": office.park, "chain": office.chain}
    project = make.make_project(**secret, investor=None, stage="registered")
    Contract.objects.create(project=project, type="formal", amount=3 * YI)
    make.make_fund_arrival(project=project, proof="")
    assert office.counts() == {"investor": 1, "company": 1, "paper": 1, "contract": 1, "proof": 1}
    clerk = make.make_user(park=office.park)
    assert office.counts(clerk) == {}
    for user, listed in ((office.head, 1), (clerk, 0)):
        client = Client()
        client.force_login(user)
        found = [
            client.get(f"/fund-arrivals/?has_proof={said}").context["object_list"].count() for said in ("false", "true")
        ]
        assert found == [listed, 0]
        stops = stops_of([office.park], 2020, TODAY)[office.park.pk]
        gaps = with_gaps(user, [replace(stop, has_target=True) for stop in stops], office.park, 2020)
        assert sum(gap.count for stop in gaps for gap in stop.gaps if "缺凭证" in gap.text) == listed


def test_what_differs_opens_as_many_figures(office: Office) -> None:
    """Another figure of the same month that agrees is not among them."""
    _reported(office)
    make.make_reported_figure(park=office.park, indicator=make.make_indicator(), numerator=6)
    office.compile()
    (found,) = [one for one in Sheet.of(office.head, office.park, 2020, TODAY).found() if one.count]
    client = Client()
    client.force_login(office.head)
    opened = client.get(found.url if found.url.startswith("/") else f"/data-quality/{found.url.partition('#')[0]}")
    shown = opened.context["hits"] if "hits" in opened.context else list(opened.context["object_list"])
    assert found.count == len(shown) == 1
