"""The monthly grid: only the month is typed, the total before is brought forward, a second save makes no second row."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from parkportal.models import Attachment, Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, StaleVersion
from projects.models import FundArrival, InvestmentProgress, PendingChange, Project
from projects.services import monthly
from tests.factories import make_fund_arrival, make_park, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
WAN, MONTH, TODAY = 10_000, "2020-09", date(2020, 10, 9)
ADDRESS = f"/monthly/?month={MONTH}&scope=all"


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(park=park)


@pytest.fixture
def project(park: Park, clerk: User) -> Project:
    return make_project(park=park, name="项目甲", owner=clerk, review_state="draft", completed_investment=100 * WAN)


@pytest.fixture
def client(client_as: As, clerk: User) -> Client:
    return client_as(clerk)


def row(project: Project, month: str = MONTH) -> monthly.Month:
    return monthly.months(Project.objects.filter(pk=project.pk), month)[0]


def arrive(project: Project, by: User, amount: int | None, **more: Any) -> bool:
    facts = {"tier": "out_of_city", "proof": "回单1号", "version": row(project).arrival_version, "on": TODAY} | more
    return monthly.month_arrival_save(by=Actor(by), project=project, month=MONTH, amount=amount, **facts)


def invest(project: Project, by: User, done: int | None, month: str = MONTH, **more: Any) -> bool:
    facts = {"version": row(project, month).progress_version, "on": TODAY} | more
    return monthly.month_investment_save(by=Actor(by), project=project, month=month, done=done, **facts)


def total(project: Project) -> int | None:
    project.refresh_from_db()
    return project.completed_investment


def cells(project: Project, **typed: str) -> dict[str, Any]:
    found = row(project)
    values = {"amount": "", "tier": "out_of_city", "proof": "", "done": ""} | typed
    versions = {"arrival": found.arrival_version, "investment": found.progress_version}
    return {"row": [project.code]} | {f"{project.code}-{name}": text for name, text in (values | versions).items()}


# Arrivals


def test_what_arrived_is_one_unverified_arrival_of_the_whole_month(project: Project, clerk: User) -> None:
    assert arrive(project, clerk, 500 * WAN)
    arrival = FundArrival.objects.get()
    assert (arrival.amount, arrival.received_on, arrival.received_on_precision) == (
        *(500 * WAN, date(2020, 9, 1)),
        "month",
    )
    assert (arrival.verified, arrival.proof, arrival.created_by) == (False, "回单1号", clerk)
    assert Change.objects.get(object_type="projects.FundArrival").object_code == arrival.code


def test_a_second_save_changes_it_and_an_empty_cell_takes_it_back(project: Project, clerk: User) -> None:
    arrive(project, clerk, 500 * WAN)
    assert arrive(project, clerk, 600 * WAN)
    assert [a.amount for a in FundArrival.objects.kept()] == [600 * WAN]
    assert arrive(project, clerk, None)
    assert not FundArrival.objects.kept().exists()


def test_a_double_submit_makes_no_second_row(project: Project, clerk: User) -> None:
    seen = row(project).arrival_version
    arrive(project, clerk, 500 * WAN, version=seen)
    assert not arrive(project, clerk, 500 * WAN, version=seen)
    with pytest.raises(StaleVersion):
        arrive(project, clerk, 700 * WAN, version=seen)
    assert [a.amount for a in FundArrival.objects.all()] == [500 * WAN]


def test_verified_arrivals_are_shown_and_not_touched(project: Project, clerk: User, client: Client) -> None:
    made = make_fund_arrival(
        project=project, received_on=date(2020, 9, 1), received_on_precision="month", amount=300 * WAN, proof="单"
    )
    assert row(project).typed is None
    assert "另有300（2020年9月，已核实）" in client.get(ADDRESS).content.decode()
    arrive(project, clerk, 500 * WAN)
    made.refresh_from_db()
    assert (made.amount, FundArrival.objects.count()) == (300 * WAN, 2)


def test_the_earlier_total_is_brought_forward_from_all_years(project: Project) -> None:
    for day, amount in ((date(2019, 12, 31), 1), (date(2020, 8, 31), 2), (date(2020, 9, 1), 4), (date(2020, 10, 1), 8)):
        make_fund_arrival(project=project, received_on=day, amount=amount)
    assert row(project).arrived_before == 3


def test_the_origin_of_the_last_arrival_is_offered(project: Project, client: Client) -> None:
    assert '<option value="local" selected>' not in client.get(ADDRESS).content.decode()
    make_fund_arrival(project=project, origin_tier="local", received_on=date(2020, 3, 1))
    assert '<option value="local" selected>' in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"tier": "overseas"}, "境外资金要填外资额和汇率，请到“到位资金”登记。"),
        ({"tier": ""}, "请选择本月到位资金的来源。"),
        ({"amount": 0}, "金额应大于0。"),
        ({"on": date(2020, 8, 31)}, "2020-09还没有到，不能填报。"),
    ],
)
def test_what_cannot_have_arrived_is_refused(
    project: Project, clerk: User, more: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        arrive(project, clerk, **{"amount": 1} | more)
    assert refused.value.messages == [sentence]
    assert not FundArrival.objects.exists()


def test_missing_proof_is_said_until_a_file_hangs_on_it(project: Project, clerk: User, client: Client) -> None:
    arrive(project, clerk, 500 * WAN, proof="")
    assert "缺凭证" in client.get(ADDRESS).content.decode()
    code = FundArrival.objects.get().code
    Attachment.objects.create(
        **{"code": "a1", "park": project.park, "object_type": "projects.FundArrival", "object_code": code},
        **{"name": "回单.pdf", "stored_name": "x", "content_type": "application/pdf", "size": 1, "digest": ""},
    )
    assert "缺凭证" not in client.get(ADDRESS).content.decode()


# Investment


def test_the_months_investment_adds_to_the_total(project: Project, clerk: User) -> None:
    invest(project, clerk, 30 * WAN)
    assert (InvestmentProgress.objects.get().done, total(project)) == (30 * WAN, 130 * WAN)
    assert (
        Change.objects.filter(object_type="projects.InvestmentProgress").get().object_code == f"{project.code} {MONTH}"
    )
    invest(project, clerk, 50 * WAN)
    assert (InvestmentProgress.objects.get().done, total(project)) == (50 * WAN, 150 * WAN)
    invest(project, clerk, None)
    assert (InvestmentProgress.objects.get().done, total(project)) == (None, 100 * WAN)


def test_what_was_completed_before_does_not_move_when_the_month_is_typed(project: Project, clerk: User) -> None:
    before = row(project).invested_before
    invest(project, clerk, 30 * WAN)
    assert row(project).invested_before == before == 100 * WAN
    assert row(project, "2020-10").invested_before == 130 * WAN


def test_without_a_total_the_months_make_it(project: Project, clerk: User) -> None:
    Project.objects.filter(pk=project.pk).update(completed_investment=None)
    InvestmentProgress.objects.create(project=project, month="2020-07", done=5)
    invest(project, clerk, 7)
    assert (total(project), row(project).invested_before) == (12, 5)


def test_in_a_verified_project_the_total_waits_and_later_months_build_on_it(project: Project, clerk: User) -> None:
    Project.objects.filter(pk=project.pk).update(review_state="verified")
    invest(project, clerk, 30 * WAN, "2020-08")
    invest(project, clerk, 20 * WAN)
    assert total(project) == 100 * WAN
    assert PendingChange.objects.get().values == {"completed_investment": 150 * WAN}
    assert (row(project).invested_before, row(project).total) == (130 * WAN, 150 * WAN)


def test_a_double_submit_of_investment_adds_once(project: Project, clerk: User) -> None:
    seen = row(project).progress_version
    invest(project, clerk, 30 * WAN, version=seen)
    assert not invest(project, clerk, 30 * WAN, version=seen)
    with pytest.raises(StaleVersion):
        invest(project, clerk, 40 * WAN, version=seen)
    assert total(project) == 130 * WAN


def test_a_total_that_was_mended_in_between_is_seen(project: Project, clerk: User) -> None:
    seen = row(project).progress_version
    Project.objects.filter(pk=project.pk).update(completed_investment=80 * WAN)
    with pytest.raises(StaleVersion):
        invest(project, clerk, 30 * WAN, version=seen)


# The page


def test_a_row_is_saved_as_it_was_typed(client: Client, project: Project) -> None:
    answer = client.post(ADDRESS, cells(project, amount="1,200", proof="回单2号", done="0.3亿"))
    assert answer.status_code == 302
    assert (FundArrival.objects.get().amount, InvestmentProgress.objects.get().done) == (1200 * WAN, 3000 * WAN)


def test_an_untouched_row_writes_nothing(client: Client, project: Project) -> None:
    client.post(ADDRESS, cells(project))
    assert not FundArrival.objects.exists()
    assert not InvestmentProgress.objects.exists()


def test_what_is_wrong_is_said_and_the_other_half_is_saved(client: Client, project: Project) -> None:
    page = client.post(ADDRESS, cells(project, amount="约5000万", done="30")).content.decode()
    assert "本月到位：这里的金额应是确数" in page
    assert 'value="约5000万"' in page
    assert InvestmentProgress.objects.get().done == 30 * WAN
    assert f'value="{row(project).progress_version}"' in page


def test_a_proof_without_an_amount_is_asked_about(client: Client, project: Project) -> None:
    assert "填了凭证，没有填本月到位金额。" in client.post(ADDRESS, cells(project, proof="单")).content.decode()


def test_the_one_who_was_second_sees_both(client: Client, project: Project, park: Park) -> None:
    typed = cells(project, amount="700")
    arrive(project, make_user(Role.HEAD, park=park), 500 * WAN)
    answer = client.post(ADDRESS, typed)
    assert answer.status_code == 409
    assert 'value="700"' in answer.content.decode()
    assert "现在是：500" in answer.content.decode()
    assert client.post(ADDRESS, cells(project, amount="700")).status_code == 302
    assert FundArrival.objects.get().amount == 700 * WAN


def test_leads_and_other_parks_have_no_row(client: Client, park: Park, project: Project) -> None:
    make_project(park=park, name="线索项目", stage="lead")
    foreign = make_project(name="外园区项目")
    page = client.get(ADDRESS).content.decode()
    assert "项目甲" in page
    assert not any(name in page for name in ("线索项目", "外园区项目"))
    assert client.post(ADDRESS, cells(foreign, amount="1")).status_code == 404


@pytest.mark.parametrize("address", ["month=2999-01", "month=九月", "month=2020-13"])
def test_a_wrong_month_says_so(client: Client, project: Project, address: str) -> None:
    answer = client.get(f"/monthly/?{address}")
    assert answer.status_code == 400
    assert "条件有误" in answer.content.decode()


def test_the_grid_costs_the_same_with_one_row_and_with_many(client: Client, park: Park, project: Project) -> None:
    costs = []
    client.get(ADDRESS)
    for n in (1, 20):
        for _n in range(n):
            make_fund_arrival(project=make_project(park=park), received_on=date(2020, 9, 3))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ADDRESS).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 14


def test_a_leader_does_not_enter(client_as: As, park: Park) -> None:
    assert client_as(make_user(Role.LEADER, park=park)).get("/monthly/").status_code == 403
