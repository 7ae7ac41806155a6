"""Money that arrived: two people, one currency rule, and totals of all that is filtered."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, StaleVersion
from projects.models import FundArrival, Project
from projects.services import funds
from tests.factories import make_fund_arrival, make_park, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
LIST, NEW = "fund-arrival-list", "fund-arrival-new"


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(park=park)


@pytest.fixture
def head(park: Park) -> User:
    return make_user(Role.HEAD, park=park)


@pytest.fixture
def project(park: Park) -> Project:
    return make_project(park=park, name="项目甲")


def typed(**fields: object) -> dict[str, object]:
    values = {"received_on": "2020-06-15", "received_on_precision": "day", "amount": "1000"}
    return {"project": "项目甲", **values, "origin_tier": "out_of_province", **fields}


def url(name: str, arrival: FundArrival) -> str:
    return reverse(f"fund-arrival-{name}", args=[arrival.code])


def entered(project: Project, by: User) -> FundArrival:
    values = {"received_on": date(2020, 6, 15), "amount": 10_000_000, "origin_tier": "out_of_province"}
    return funds.fund_arrival_record(by=Actor(by), project=project, values=values)


def test_money_is_recorded_in_whole_yuan_and_waits(clerk: User, project: Project, client_as: As) -> None:
    client_as(clerk).post(reverse(NEW), typed(amount="3.25亿"))
    arrival = FundArrival.objects.get()
    assert (arrival.amount, arrival.project, arrival.verified) == (325_000_000, project, False)
    assert not FundArrival.objects.counted(date(2020, 12, 31)).exists()
    assert Change.objects.get(object_code=arrival.code).user == clerk


def test_foreign_money_keeps_dollars_and_rate(clerk: User, project: Project, client_as: As) -> None:
    fields = {"origin_tier": "overseas", "amount_usd": "420", "rate": "6.78", "fdi_scope": "mofcom"}
    client_as(clerk).post(reverse(NEW), typed(**fields))
    arrival = FundArrival.objects.get()
    assert (arrival.amount_usd, arrival.rate, arrival.fdi_scope) == (4_200_000, 6_780_000, "mofcom")
    page = client_as(clerk).get(url("edit", arrival)).content.decode()
    for shown in ('value="420"', 'value="6.78"', 'value="1,000"', 'value="2020-06-15"'):
        assert shown in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"amount": ""}, "请填写金额。"),
        ({"amount": "约5000万"}, "这里的金额应是确数"),
        ({"amount": "-3"}, "金额不能小于0，现在是“-3”。"),
        ({"amount": "0"}, "金额应大于0。"),
        ({"amount": "1e9"}, "“1e9”不是一个金额"),
        ({"amount_usd": "10"}, "外资额和汇率要一起填写。"),
        ({"rate": "6.8"}, "外资额和汇率要一起填写。"),
        ({"amount_usd": "10", "rate": "0"}, "“0”不是一个汇率"),
        ({"amount_usd": "10", "rate": "6.81011111"}, "小数最多六位。"),
        ({"origin_tier": "overseas"}, "境外资金请填写外资额"),
        ({"origin_tier": "overseas", "amount_usd": "10", "rate": "7"}, "境外资金请选择外资口径。"),
        ({"fdi_scope": "all"}, "外资口径只用于境外资金"),
        ({"received_on": "2099-01-01"}, "到账时间不能晚于今天"),
        ({"received_on": "昨天"}, "“昨天”不是一个日期"),
        ({"project": "不存在"}, "没有名称或编号为“不存在”的项目"),
    ],
)
def test_bad_input_is_explained_and_stays(
    fields: dict[str, str], sentence: str, clerk: User, project: Project, client_as: As
) -> None:
    page = client_as(clerk).post(reverse(NEW), typed(proof="回单第八号", **fields)).content.decode()
    assert sentence in page
    assert "回单第八号" in page
    assert not FundArrival.objects.exists()


def test_a_project_of_another_park_cannot_be_named(clerk: User, client_as: As) -> None:
    foreign = make_project(name="外园项目")
    shared = make_project(name="共享项目", shares=[(clerk.park, 5_000)])
    for project in (foreign, shared):
        page = client_as(clerk).post(reverse(NEW), typed(project=project.code)).content.decode()
        assert "或不在你的权限内。" in page
    assert not FundArrival.objects.exists()


def test_somebody_else_verifies(clerk: User, head: User, project: Project, client_as: As) -> None:
    arrival = entered(project, clerk)
    client_as(head).post(url("verify", arrival), {"version": 1})
    arrival.refresh_from_db()
    assert (arrival.verified, arrival.verified_by) == (True, head)
    assert FundArrival.objects.counted(date(2020, 12, 31)).exists()


def test_whoever_entered_or_changed_it_does_not_verify(
    clerk: User, head: User, project: Project, client_as: As
) -> None:
    own, changed = entered(project, head), entered(project, clerk)
    client = client_as(head)
    client.post(url("edit", changed), typed(amount="2000", version=1))
    assert client.post(url("verify", own), {"version": 1}).status_code == 403
    assert client.post(url("verify", changed), {"version": 2}).status_code == 403
    assert not FundArrival.objects.filter(verified=True).exists()


def test_only_a_head_verifies(clerk: User, park: Park, project: Project, client_as: As) -> None:
    arrival = entered(project, clerk)
    for role in (Role.CLERK, Role.LEADER):
        assert client_as(make_user(role, park=park)).post(url("verify", arrival), {"version": 1}).status_code == 403
    for role in (Role.STATISTICIAN, Role.CITY):
        city = make_user(role, region=park.region)
        assert client_as(city).post(url("verify", arrival), {"version": 1}).status_code == 403
    with pytest.raises(PermissionDenied):
        funds.fund_arrival_verify(by=Actor(make_user(park=park)), arrival=arrival, version=1)
    with pytest.raises(PermissionDenied):
        funds.fund_arrival_verify(by=Actor(make_user(Role.HEAD)), arrival=arrival, version=1)
    assert not FundArrival.objects.filter(verified=True).exists()


def test_what_was_verified_is_what_was_read(clerk: User, head: User, project: Project, client_as: As) -> None:
    arrival = entered(project, clerk)
    client_as(clerk).post(url("edit", arrival), typed(amount="9000", version=1))
    answer = client_as(head).post(url("verify", arrival), {"version": 1}, follow=True)
    assert "刚被别人改过" in answer.content.decode()
    assert not FundArrival.objects.get().verified


def test_a_verified_arrival_is_changed_only_by_another_head(
    clerk: User, head: User, project: Project, client_as: As
) -> None:
    arrival = entered(project, clerk)
    client_as(head).post(url("verify", arrival), {"version": 1})
    change, withdraw = typed(amount="2000", version=2), {"version": 2}
    assert client_as(clerk).get(url("edit", arrival)).status_code == 403
    assert client_as(clerk).post(url("edit", arrival), change).status_code == 403
    assert client_as(clerk).post(url("withdraw", arrival), withdraw).status_code == 403
    assert FundArrival.objects.get().amount == 10_000_000
    other = make_user(Role.HEAD, park=project.park)
    assert client_as(other).post(url("edit", arrival), change).status_code == 302
    after = FundArrival.objects.get()
    assert (after.amount, after.verified, after.verified_by) == (20_000_000, True, other)


def test_a_head_does_not_change_alone_what_the_head_entered(head: User, project: Project, client_as: As) -> None:
    arrival = entered(project, head)
    client_as(make_user(Role.HEAD, park=project.park)).post(url("verify", arrival), {"version": 1})
    assert client_as(head).post(url("edit", arrival), typed(amount="9", version=2)).status_code == 403
    assert client_as(head).post(url("withdraw", arrival), {"version": 2}).status_code == 403


def test_of_two_editors_the_second_sees_both_values(clerk: User, project: Project, client_as: As) -> None:
    arrival, client = entered(project, clerk), client_as(clerk)
    client.post(url("edit", arrival), typed(amount="2000", version=1))
    answer = client.post(url("edit", arrival), typed(amount="3000", version=1))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "2,000万元" in page
    assert "3,000万元" in page
    assert FundArrival.objects.get().amount == 20_000_000
    with pytest.raises(StaleVersion):
        funds.fund_arrival_withdraw(by=Actor(clerk), arrival=arrival, version=1)


def test_withdrawn_money_leaves_the_list(clerk: User, project: Project, client_as: As) -> None:
    arrival, client = entered(project, clerk), client_as(clerk)
    client.post(url("withdraw", arrival), {"version": 1})
    assert not client.get(reverse(LIST)).context["object_list"]
    assert client.get(url("edit", arrival)).status_code == 404
    assert FundArrival.objects.get().deleted_by == clerk


def test_rows_of_another_park_do_not_exist(clerk: User, head: User, client_as: As) -> None:
    foreign = make_fund_arrival(verified=False)
    for code in (foreign.code, "no-f2020-1"):
        assert client_as(clerk).get(reverse("fund-arrival-edit", args=[code])).status_code == 404
        for name in ("verify", "withdraw"):
            answer = client_as(head).post(reverse(f"fund-arrival-{name}", args=[code]), {"version": 1})
            assert answer.status_code == 404
    assert not client_as(clerk).get(reverse(LIST)).context["object_list"]


def test_wrong_methods_and_visitors(clerk: User, project: Project, client_as: As, client: Client) -> None:
    arrival = entered(project, clerk)
    assert client_as(clerk).get(url("withdraw", arrival)).status_code == 405
    assert client_as(clerk).post(reverse(LIST)).status_code == 405
    assert client.get(reverse(LIST)).status_code == client.post(url("verify", arrival)).status_code == 302
    assert client_as(make_user(Role.ADMIN)).get(reverse(LIST)).status_code == 403


def test_the_city_reads_every_park_and_enters_nowhere(park: Park, project: Project, client_as: As) -> None:
    make_fund_arrival(project=project)
    client = client_as(make_user(Role.CITY, region=park.region))
    assert len(client.get(reverse(LIST)).context["object_list"]) == 1
    assert client.get(reverse(NEW)).status_code == 403


def test_totals_cover_all_that_is_filtered_not_the_page(clerk: User, project: Project, client_as: As) -> None:
    for _n in range(25):
        make_fund_arrival(project=project, amount=123_456_700)
    dollars = {"amount_usd": 4_200_000, "rate": 6_780_000, "fdi_scope": "mofcom"}
    make_fund_arrival(project=project, origin_tier="overseas", verified=False, **dollars)
    client = client_as(clerk)
    verified = client.get(reverse(LIST), {"verified": "true", "page_size": 20})
    assert verified.context["totals"] == {"count": 25, "amount": 25 * 123_456_700, "amount_usd": None}
    assert "308,641.75" in verified.content.decode()
    overseas = client.get(reverse(LIST), {"origin_tier": "overseas", "fdi_scope": "mofcom"})
    assert overseas.context["totals"]["amount_usd"] == 4_200_000
    counted = client.get(reverse(LIST), {"counted": "2020-06-30", "received_on_after": "2020-06-15"})
    assert counted.context["totals"]["count"] == 25
    assert client.get(reverse(LIST), {"project": make_project().code}).status_code == 400


def test_the_new_page_takes_the_project_of_its_address(clerk: User, project: Project, client_as: As) -> None:
    page = client_as(clerk).get(reverse(NEW), {"project": project.code}).content.decode()
    assert f'value="{project.code}"' in page


def test_a_list_costs_the_same_with_many_rows(
    clerk: User, project: Project, client_as: As, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client = client_as(clerk)
    for _n in range(40):
        make_fund_arrival(project=make_project(park=clerk.park))
    client.get(reverse(LIST))
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        client.get(reverse(LIST))


def test_nobody_else_writes_for_a_park(project: Project) -> None:
    arrival = make_fund_arrival(project=project, verified=False)
    for user in (make_user(Role.HEAD), make_user(Role.LEADER, park=project.park)):
        by = Actor(user)
        for write in (
            lambda by=by: funds.fund_arrival_record(by=by, project=project, values={"received_on": date(2020, 6, 1)}),
            lambda by=by: funds.fund_arrival_update(by=by, arrival=arrival, version=1, values={"amount": 1}),
            lambda by=by: funds.fund_arrival_withdraw(by=by, arrival=arrival, version=1),
        ):
            with pytest.raises(PermissionDenied):
                write()
    assert not Change.objects.exists()
