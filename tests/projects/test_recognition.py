"""What authorities recognised: by level, the highest kept on the project, and told in the totals of the list."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, StaleVersion
from projects.models import Project, Recognition
from projects.services import recognition_set
from tests.factories import make_park, make_project, make_region, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
DAY = date(2020, 8, 15)


@pytest.fixture
def park() -> Park:
    return make_park(region=make_region(recognition_level="city"))


@pytest.fixture
def head(park: Park) -> User:
    return make_user(Role.HEAD, park=park)


@pytest.fixture
def project(park: Park) -> Project:
    return make_project(park=park)


def decided(project: Project, by: User, level: str = "city", result: str = "accepted", **more: Any) -> Recognition:
    return recognition_set(by=Actor(by), project=project, level=level, result=result, **{"on": DAY} | more)


def test_the_project_keeps_the_highest_level_that_accepted(project: Project, head: User) -> None:
    decided(project, head, "city", on=DAY, precision="month", document="文件一号")
    assert (project.recognition_level, project.recognised_on, project.recognised_on_precision) == (
        *("city", date(2020, 8, 1)),
        "month",
    )
    decided(project, head, "park", on=date(2020, 9, 1))
    assert (project.recognition_level, project.recognised_on) == ("city", date(2020, 8, 1))
    decided(project, head, "province", result="refused", reason="投资额不足", on=None)
    assert project.recognition_level == "city"
    decided(project, head, "province", on=date(2020, 10, 1))
    assert (project.recognition_level, project.recognised_on) == ("province", date(2020, 10, 1))
    decided(project, head, "province", result="pending", on=None)
    decided(project, head, "city", result="refused", reason="撤销认定", on=None)
    assert (project.recognition_level, project.recognised_on) == ("park", date(2020, 9, 1))
    assert Recognition.objects.count() == 3


def test_where_the_region_asks_for_it_a_project_counts_from_its_recognition(project: Project, head: User) -> None:
    assert not Project.objects.counted(date(2020, 12, 31)).exists()
    decided(project, head)
    assert not Project.objects.counted(date(2020, 8, 14)).exists()
    assert Project.objects.counted(date(2020, 8, 15)).exists()


def test_each_cell_is_traced_and_the_version_moves_with_the_entries(project: Project, head: User) -> None:
    decided(project, head, "city")
    decided(project, head, "park")
    entries = Change.objects.filter(object_type="projects.Project", object_code=project.code)
    assert project.version == 1 + entries.count()
    told = Change.objects.filter(object_type="projects.Recognition").order_by("seq").first()
    assert told is not None
    assert told.diff["result"] == [None, "accepted"]


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"on": None}, "recognised_on", "请填写认定时间"),
        ({"result": "refused", "on": None}, "reason", "请写明理由"),
        ({"on": date(2999, 1, 1)}, "recognised_on", "还没有到"),
        ({"level": "nation"}, "level", ""),
        ({"result": "maybe"}, "result", ""),
        ({"document": "长" * 61}, "document", ""),
    ],
)
def test_what_is_incomplete_is_refused(
    project: Project, head: User, values: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        decided(project, head, **values)
    assert words in refused.value.message_dict[field][0]
    assert not Recognition.objects.exists()


def test_only_the_head_of_the_own_park_records_it_and_only_for_verified_projects(
    project: Project, park: Park, head: User
) -> None:
    for person in (make_user(Role.CLERK, park=park), make_user(Role.HEAD), make_user(Role.CITY, region=park.region)):
        with pytest.raises(PermissionDenied):
            decided(project, person)
    with pytest.raises(ValidationError, match="不能登记认定"):
        decided(make_project(park=park, review_state="draft"), head)
    with pytest.raises(StaleVersion):
        decided(project, head, version=7)
    assert not Recognition.objects.exists()


def test_the_page_records_it(client_as: As, project: Project, head: User) -> None:
    client, url = client_as(head), f"/projects/{project.code}/recognition/"
    assert client.get(url).status_code == 200
    typed = {"version": project.version, "level": "city", "result": "accepted", "document": "文件一号"}
    html = client.post(url, typed).content.decode()
    assert "请填写认定时间" in html and "文件一号" in html
    html = client.post(url, typed | {"recognised_on": "2020年8月"}, follow=True).content.decode()
    assert "市级认定" in html and "已认定，文件一号" in html
    assert Recognition.objects.get().recognised_on_precision == "month"


def test_the_totals_of_the_list_say_how_many_are_recognised(client_as: As, park: Park, head: User) -> None:
    rows = [make_project(park=park) for _n in range(5)]
    client = client_as(head)
    assert "市已认定" not in client.get("/projects/").content.decode()
    for row in rows[:3]:
        decided(row, head)
    decided(rows[3], head, result="refused", reason="不符合", on=None)
    decided(rows[4], head, result="pending", on=None)
    assert "市已认定3个，待认定1个，不予认定1个" in client.get("/projects/").content.decode()
