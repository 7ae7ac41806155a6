"""常用筛选: kept under a name, shared with colleagues, and the same rows on the page and in REST."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from parkportal.desk import filter_query
from parkportal.models import Park, SavedFilter, User
from parkportal.roles import Role
from projects.filters import ProjectFilter
from projects.models import Project
from reports.models import Indicator
from reports.sources import BadIndicator, check
from tests.factories import make_indicator, make_park, make_project, make_token, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def client(client_as: As, clerk: User) -> Client:
    return client_as(clerk)


def keep(client: Client, query: str = "stage=started", **typed: Any) -> SavedFilter:
    answer = client.post(f"/filters/new/?{query}", {"name": "开工的"} | typed)
    assert answer.status_code == 302, answer.content.decode()
    return SavedFilter.objects.latest("pk")


def rest(user: User, query: str) -> Any:
    _token, secret = make_token(user)
    return Client(headers={"authorization": f"Bearer {secret}"}).get(f"/api/v1/projects/?{query}")


def test_a_filter_is_kept_without_what_only_shapes_the_page(client: Client) -> None:
    html = client.get("/projects/?stage=started&ordering=name&page=1").content.decode()
    assert 'href="/filters/new/?stage=started&amp;ordering=name"' in html
    saved = keep(client, "stage=started&ordering=name&page=3&page_size=20&figure=x&search=")
    assert saved.query == "stage=started&ordering=name"
    assert "进度：开工" in client.get("/filters/new/?stage=started").content.decode()


def test_nothing_and_nonsense_are_not_kept(client: Client) -> None:
    for query in ("", "page=2", "colour=red", "stage=red", "filter=x"):
        assert client.get(f"/filters/new/?{query}").status_code == 404, query
    assert filter_query("filter=x&stage=started&format=csv") == "stage=started"


def test_it_is_a_tab_with_its_count_that_leads_to_all_its_conditions(client: Client, park: Park) -> None:
    make_project(park=park, stage="started")
    make_project(park=park)
    keep(client)
    html = client.get("/projects/").content.decode()
    assert '<a href="/projects/?stage=started">开工的<span>1</span></a>' in html
    assert 'aria-current="page">开工的' in client.get("/projects/?stage=started").content.decode()


def test_its_code_opens_the_same_rows_on_the_page_and_in_rest(client: Client, park: Park, clerk: User) -> None:
    inside = make_project(park=park, stage="started")
    make_project(park=park)
    saved = keep(client)
    assert client.get(f"/projects/?filter={saved.code}&kind=new").headers["Location"] == "?stage=started&kind=new"
    assert [row["id"] for row in rest(clerk, f"filter={saved.code}").json()["results"]] == [inside.code]
    assert rest(clerk, f"filter={saved.code}&stage=signed").json()["results"] == []


def test_a_private_one_is_nobody_elses_and_a_shared_one_is_the_colleagues(client: Client, park: Park) -> None:
    make_project(park=park, stage="started")
    private, shared = keep(client), keep(client, name="共用的", shared="on")
    colleague, stranger = make_user(Role.LEADER, park=park), make_user(Role.CLERK)
    assert rest(colleague, f"filter={shared.code}").status_code == 200
    for user, saved in ((colleague, private), (stranger, shared), (stranger, private)):
        answer = rest(user, f"filter={saved.code}")
        assert answer.status_code == 400
        assert "常用筛选" in answer.json()["fields"]["filter"][0]


def test_an_unknown_one_is_refused_on_the_page(client: Client) -> None:
    answer = client.get("/projects/?filter=nothing")
    assert answer.status_code == 400
    assert "没有编号为“nothing”的常用筛选" in answer.content.decode()


def test_one_whose_conditions_no_longer_hold_selects_nothing(client: Client, park: Park, clerk: User) -> None:
    make_project(park=park)
    saved = SavedFilter.objects.create(code="f1", user=clerk, page="projects", name="旧的", query="owner=gone")
    assert rest(clerk, f"filter={saved.code}").json()["results"] == []
    assert "条件已失效" in client.get("/filters/").content.decode()
    assert client.get("/projects/").status_code == 200


def test_a_name_is_used_once_and_what_was_typed_stays(client: Client) -> None:
    keep(client)
    for typed, words in (("开工的", "你已有同名的常用筛选"), ("", "请填写名称"), ("长" * 31, "最多30个字")):
        answer = client.post("/filters/new/?stage=signed", {"name": typed})
        assert answer.status_code == 200
        assert words in answer.content.decode()
        assert f'value="{typed}"' in answer.content.decode() or not typed
    assert SavedFilter.objects.count() == 1


def test_it_is_renamed_moved_and_dropped_by_its_owner_only(client: Client, client_as: As, park: Park) -> None:
    first, second = keep(client, name="一", shared="on"), keep(client, name="二")
    client.post(f"/filters/{second.code}/move/", {"to": "up"})
    assert list(SavedFilter.objects.values_list("name", flat=True)) == ["二", "一"]
    client.post(f"/filters/{second.code}/move/", {"to": "down"})
    assert list(SavedFilter.objects.values_list("name", flat=True)) == ["一", "二"]
    client.post(f"/filters/{first.code}/edit/", {"name": "改名"})
    first.refresh_from_db()
    assert (first.name, first.shared, first.query) == ("改名", False, "stage=started")
    colleague = client_as(make_user(Role.HEAD, park=park))
    for step in ("edit", "move", "delete"):
        assert colleague.post(f"/filters/{first.code}/{step}/", {"name": "x"}).status_code == 404
    client.post(f"/filters/{first.code}/delete/")
    assert list(SavedFilter.objects.values_list("name", flat=True)) == ["二"]


# What depends on the day or on the reader


@pytest.mark.parametrize("key", ["overdue=true", "stale_days=30", "filter=x", "with_secret=true"])
def test_no_indicator_rests_on_the_day_or_on_the_reader(key: str) -> None:
    indicator: Indicator = make_indicator(filter=key)
    with pytest.raises(BadIndicator, match="它们由成绩单自己决定"):
        check(indicator)


def chosen(query: str) -> set[str]:
    return set(ProjectFilter(QueryDict(query), queryset=Project.objects.all()).qs.values_list("name", flat=True))


def test_overdue_is_what_its_plan_has_passed(park: Park) -> None:
    today = timezone.localdate()
    past, month = today - timedelta(days=40), today.replace(day=1)
    plan = {"planned_start_on": past}
    make_project(park=park, name="未开工", **plan)
    make_project(park=park, name="已开工", stage="started", **plan)
    make_project(park=park, name="未投产", stage="started", planned_production_on=past)
    make_project(park=park, name="暂停的", status="suspended", **plan)
    make_project(park=park, name="本月内", planned_start_on=month, planned_start_on_precision="month")
    make_project(park=park, name="今天", planned_start_on=today)
    make_project(park=park, name="没有计划")
    assert chosen("overdue=true") == {"未开工", "未投产"}
    assert chosen("overdue=false") == {"已开工", "暂停的", "本月内", "今天", "没有计划"}


def test_stale_is_what_nobody_wrote_for_so_many_days(park: Park) -> None:
    old, fresh = make_project(park=park, name="旧"), make_project(park=park, name="新")
    Project.objects.filter(pk=old.pk).update(updated_at=timezone.now() - timedelta(days=31))
    assert fresh.updated_at.date() >= date(2020, 1, 1)
    assert chosen("stale_days=30") == {"旧"}
    assert chosen("stale_days=32") == set()
    for wrong in ("-1", "x", "9999999999"):
        assert not ProjectFilter(QueryDict(f"stale_days={wrong}"), queryset=Project.objects.all()).is_valid()


def test_a_secret_project_is_found_by_who_may_know_and_asks(client: Client, client_as: As, park: Park) -> None:
    secret = make_project(park=park, name="绝密", confidentiality="secret", code_name="暗号八", search_text="绝密")
    assert secret.investor
    head = client_as(make_user(Role.HEAD, park=park))
    for query in ({"search": "绝密", "with_secret": "true"}, {"investor": secret.investor.code}):
        assert "暗号八" not in client.get("/projects/", query).content.decode()
        assert "绝密</a>" in head.get("/projects/", query).content.decode()
    assert "绝密</a>" not in head.get("/projects/", {"search": "绝密"}).content.decode()
