"""What is typed and not saved yet: kept for the person, resumed, given up, removed by saving."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from parkportal.models import Change, Draft, Park, User
from parkportal.roles import Role
from projects.models import Project
from projects.views.drafts import MOST
from tests.factories import YI, make_park, make_project, make_user
from tests.projects.test_project_form import NEW, blank, fields, full, post

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
KEEP = "/projects/draft/"


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def client(client_as: As, clerk: User) -> Client:
    return client_as(clerk)


def test_what_is_typed_is_kept_and_resumed_wrong_or_not(client: Client, clerk: User) -> None:
    typed = full(client, total_investment="很多", signed_on="7月中旬", tags="科创")
    answer = client.post(KEEP, typed)
    assert answer.status_code == 200
    assert len(answer.json()["at"]) == 5
    draft = Draft.objects.get()
    assert (draft.user, draft.form, draft.key) == (clerk, "project", typed["key"])
    assert draft.values["total_investment"] == ["很多"]
    html = client.get(NEW).content.decode()
    assert "你有没有保存的草稿“精密结构件生产项目”" in html
    assert f'href="?draft={draft.key}"' in html
    assert fields(html)["total_investment"] == ""
    html = client.get(f"{NEW}?draft={draft.key}").content.decode()
    assert fields(html) == typed
    assert "自动保存的内容" in html
    assert not Project.objects.exists()
    assert not Change.objects.exists()


def test_saving_removes_it_and_makes_one_project(client: Client) -> None:
    typed = full(client)
    client.post(KEEP, typed)
    post(client, fields(client.get(f"{NEW}?draft={typed['key']}").content.decode()), status=302)
    assert (Draft.objects.count(), Project.objects.count()) == (0, 1)
    client.post(KEEP, typed)
    assert not Draft.objects.exists()


def test_a_mistake_on_saving_keeps_it(client: Client) -> None:
    typed = full(client, total_investment="很多")
    client.post(KEEP, typed)
    post(client, typed)
    assert Draft.objects.exists()


def test_the_draft_of_a_known_project_is_its_own(client: Client, park: Park) -> None:
    project, another = (make_project(park=park, review_state="draft") for _n in range(2))
    url, keep = f"/projects/{project.code}/edit/", f"{KEEP}?project={project.code}"
    client.post(keep, blank(client, url) | {"site": "东区"})
    assert "继续填写" in client.get(url).content.decode()
    assert "继续填写" not in client.get(f"/projects/{another.code}/edit/").content.decode()
    assert "继续填写" not in client.get(NEW).content.decode()
    html = client.get(f"{url}?draft={project.code}").content.decode()
    assert fields(html)["site"] == "东区"
    post(client, fields(html), url, status=302)
    project.refresh_from_db()
    assert (project.site, Draft.objects.count()) == ("东区", 0)


def test_a_draft_that_somebody_overtook_says_so_and_meets_the_comparison(
    client: Client, client_as: As, park: Park
) -> None:
    project = make_project(park=park, review_state="draft")
    url = f"/projects/{project.code}/edit/"
    client.post(f"{KEEP}?project={project.code}", blank(client, url) | {"total_investment": "5亿"})
    colleague = client_as(make_user(Role.CLERK, park=park))
    post(colleague, blank(colleague, url) | {"total_investment": "3亿"}, url, status=302)
    assert "此后项目又被改过" in client.get(url).content.decode()
    resumed = fields(client.get(f"{url}?draft={project.code}").content.decode())
    post(client, resumed, url, status=409)
    project.refresh_from_db()
    assert project.total_investment == 3 * YI


def test_it_is_given_up_on_request(client: Client) -> None:
    typed = full(client)
    client.post(KEEP, typed)
    response = client.post(KEEP, {"key": typed["key"], "action": "discard"}, follow=True)
    assert "草稿已放弃" in response.content.decode()
    assert not Draft.objects.exists()


def test_nobody_else_sees_or_touches_it(client: Client, client_as: As, park: Park) -> None:
    typed = full(client)
    client.post(KEEP, typed)
    for role in (Role.CLERK, Role.HEAD):
        other = client_as(make_user(role, park=park))
        assert "继续填写" not in other.get(NEW).content.decode()
        assert fields(other.get(f"{NEW}?draft={typed['key']}").content.decode())["name"] == ""
        other.post(KEEP, {"key": typed["key"], "action": "discard"})
    assert Draft.objects.count() == 1


def test_it_outlives_the_session(client: Client, client_as: As, clerk: User) -> None:
    client.post(KEEP, full(client))
    client.logout()
    assert client.post(KEEP, {"key": str(uuid.uuid4())}).status_code == 302
    assert "继续填写" in client_as(clerk).get(NEW).content.decode()


def test_only_fields_of_the_form_are_kept_and_only_so_much(client: Client) -> None:
    key = str(uuid.uuid4())
    client.post(
        KEEP, {"key": key, "name": "甲", "review_state": "verified", "csrfmiddlewaretoken": "x", "action": "save"}
    )
    assert set(Draft.objects.get().values) == {"key", "name"}
    assert client.post(KEEP, {"key": key, "content": "长" * 100_001}).status_code == 400
    for wrong in ("", "x", "../etc"):
        assert client.post(KEEP, {"key": wrong, "name": "甲"}).status_code == 400
    for _n in range(MOST + 3):
        client.post(KEEP, {"key": str(uuid.uuid4()), "name": "乙"})
    assert Draft.objects.count() == MOST


def test_a_project_of_another_park_has_no_draft_here(client: Client, park: Park) -> None:
    other = make_park()
    shared = make_project(park=other, shares=[(other, 5_000), (park, 5_000)])
    for code in (make_project().code, shared.code, "missing"):
        assert client.post(f"{KEEP}?project={code}", {"name": "甲"}).status_code == 404
    assert not Draft.objects.exists()


def test_the_page_carries_the_address_and_works_without_it(client: Client) -> None:
    html = client.get(NEW).content.decode()
    assert f'data-draft="{KEEP}"' in html
    assert "data-guard" not in html.split('id="project-form"')[1].split(">")[0]
