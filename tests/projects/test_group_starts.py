"""Group starts: what was published stands beside what the entries explain."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from parkportal.models import Change, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import GroupStart, GroupStartEntry, GroupStartPark
from projects.services import group_starts
from tests.factories import (
    YI,
    make_group_start,
    make_group_start_entry,
    make_park,
    make_project,
    make_region,
    make_user,
)

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
LIST = "group-start-list"


@pytest.fixture
def clerk() -> User:
    return make_user()


@pytest.fixture
def start(clerk: User) -> GroupStart:
    start = make_group_start(name="第二次集中开竣工", city_total=63)
    GroupStartPark.objects.create(
        group_start=start, park=clerk.park, published_count=6, total=1_710_000_000, annual_plan=580_000_000, rank=1
    )
    return start


def add_url(start: GroupStart) -> str:
    return reverse("group-start-entry-new", args=[start.code])


def withdraw_url(entry: GroupStartEntry) -> str:
    return reverse("group-start-entry-withdraw", args=[entry.code])


def test_published_numbers_stand_beside_what_can_be_looked_up(clerk: User, start: GroupStart, client_as: As) -> None:
    for total in (2 * YI, 3 * YI, None):
        project = make_project(park=clerk.park, total_investment=total)
        make_group_start_entry(group_start=start, project=project, planned=YI)
    make_group_start_entry(group_start=start)
    answer = client_as(clerk).get(reverse(LIST))
    page = answer.content.decode()
    for words in (
        "全市63个（含竣工）",
        "6个、17.1亿元",
        "3个、5.0亿元",
        "与公布不一致",
        "公布5.8亿元，名单可查3.0亿元",
    ):
        assert words in page
    assert answer.context["totals"] == {"count": 3, "total": 5 * YI, "planned": 3 * YI}


def test_numbers_that_agree_are_said_to_agree(clerk: User, client_as: As) -> None:
    start = make_group_start()
    project = make_project(park=clerk.park, total_investment=2 * YI)
    make_group_start_entry(group_start=start, project=project)
    GroupStartPark.objects.create(group_start=start, park=clerk.park, published_count=1, total=2 * YI)
    assert "与公布一致" in client_as(clerk).get(reverse("group-start-detail", args=[start.code])).content.decode()


def test_each_reader_sees_the_parks_they_read(start: GroupStart, clerk: User, client_as: As) -> None:
    other = make_park(region=clerk.park.region, name="邻近园区")
    GroupStartPark.objects.create(group_start=start, park=other, published_count=57)
    assert "邻近园区" not in client_as(clerk).get(reverse(LIST)).content.decode()
    city = make_user(Role.CITY, region=clerk.park.region)
    assert "邻近园区" in client_as(city).get(reverse(LIST)).content.decode()
    assert "邻近园区" not in client_as(make_user(Role.CITY, region=make_region())).get(reverse(LIST)).content.decode()


def test_the_list_is_filtered_as_an_indicator_s_drill_asks(clerk: User, start: GroupStart, client_as: As) -> None:
    entry = make_group_start_entry(group_start=start, project=make_project(park=clerk.park))
    city_start = make_group_start(level="city")
    make_group_start_entry(group_start=city_start, project=make_project(park=clerk.park))
    query = {
        "level": "province",
        "park": clerk.park.code,
        "held_on_after": "2020-01-01",
        "held_on_before": "2020-09-30",
        "counted": "2020-09-30",
        "ordering": "-held_on",
    }
    client = client_as(clerk)
    assert list(client.get(reverse(LIST), query).context["object_list"]) == [entry]
    assert client.get(reverse(LIST), {"level": "national"}).status_code == 400
    assert client.get(reverse(LIST), {"ordering": "group_start__held_on"}).status_code == 400


def test_a_project_is_put_on_the_list_once(clerk: User, start: GroupStart, client_as: As) -> None:
    project, client = make_project(park=clerk.park), client_as(clerk)
    sent = {"project": project.code, "planned": "9000"}
    client.post(add_url(start), sent)
    entry = GroupStartEntry.objects.get()
    assert (entry.group_start, entry.project, entry.planned) == (start, project, 90_000_000)
    assert Change.objects.filter(object_code=entry.code, user=clerk, park=clerk.park).exists()
    assert "这个项目已在名单上。" in client.post(add_url(start), sent).content.decode()
    assert GroupStartEntry.objects.count() == 1
    client.post(withdraw_url(entry), {"version": 1})
    assert not GroupStartEntry.objects.kept().exists()
    client.post(add_url(start), sent)
    assert GroupStartEntry.objects.kept().count() == 1


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"project": ""}, "请填写项目。"),
        ({"project": "没有的"}, "没有名称或编号为"),
        ({"planned": "很多"}, "不是一个金额"),
    ],
)
def test_bad_input_is_explained(
    sent: dict[str, str], sentence: str, clerk: User, start: GroupStart, client_as: As
) -> None:
    make_project(park=clerk.park, name="项目甲")
    answer = client_as(clerk).post(add_url(start), {"project": "项目甲", "planned": ""} | sent)
    assert sentence in answer.content.decode()
    assert not GroupStartEntry.objects.exists()


def test_foreign_missing_anonymous_and_wrong_roles(
    clerk: User, start: GroupStart, client_as: As, client: Client
) -> None:
    foreign = make_group_start_entry(group_start=start)
    me, leader = client_as(clerk), client_as(make_user(Role.LEADER, park=clerk.park))
    assert "或不在你的权限内。" in me.post(add_url(start), {"project": foreign.project.code}).content.decode()
    assert me.post(withdraw_url(foreign), {"version": 1}).status_code == 404
    assert me.get(withdraw_url(foreign)).status_code == 405
    for name in ("group-start-detail", "group-start-entry-new"):
        assert me.get(reverse(name, args=["no-start"])).status_code == 404
        assert client.get(reverse(name, args=[start.code])).status_code == 302
    assert leader.get(reverse("group-start-detail", args=[start.code])).status_code == 200
    assert leader.get(add_url(start)).status_code == 403
    city = client_as(make_user(Role.CITY, region=clerk.park.region))
    assert city.get(add_url(start)).status_code == 403
    assert client_as(make_user(Role.ADMIN)).get(reverse(LIST)).status_code == 403
    assert foreign.project.name not in me.get(reverse("group-start-detail", args=[start.code])).content.decode()


def test_nobody_else_writes_for_a_park(start: GroupStart) -> None:
    entry = make_group_start_entry(group_start=start)
    project = make_project(park=entry.project.park)
    for user in (make_user(Role.HEAD), make_user(Role.LEADER, park=project.park)):
        with pytest.raises(PermissionDenied):
            group_starts.group_start_entry_add(by=Actor(user), group_start=start, project=project, planned=None)
        with pytest.raises(PermissionDenied):
            group_starts.group_start_entry_withdraw(by=Actor(user), entry=entry, version=1)
    assert not Change.objects.exists()
