"""Two people, one project: the second chooses field by field, without a script, and nothing typed is lost."""

from collections.abc import Callable

import pytest
from django.test import Client

from parkportal.models import Park, User
from parkportal.roles import Role
from projects.models import Project
from tests.factories import YI, make_park, make_project, make_user
from tests.projects.test_project_form import blank, fields, post

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clients(client_as: As, park: Park) -> tuple[Client, Client]:
    return client_as(make_user(Role.CLERK, park=park)), client_as(make_user(Role.CLERK, park=park))


@pytest.fixture
def project(park: Park) -> Project:
    return make_project(park=park, review_state="draft", site="原地点", content="原内容")


def lost(clients: tuple[Client, Client], project: Project) -> tuple[str, dict[str, str]]:
    """A race on total, site and signing day that the first client lost; the address and the form as it came back."""
    mine, theirs = clients
    url = f"/projects/{project.code}/edit/"
    slow = blank(mine, url)
    first = {"total_investment": "3亿以上", "site": "东区", "signed_on": "2020年6月"}
    post(theirs, blank(theirs, url) | first, url, status=302)
    typed = {"total_investment": "5亿", "site": "西区", "signed_on": "2020-07-01", "content": "我的内容"}
    html = post(mine, slow | typed, url, status=409)
    assert html.count('type="radio"') == 6
    return url, fields(html)


def test_the_loser_takes_theirs_for_one_field_and_mine_for_the_rest(
    clients: tuple[Client, Client], project: Project
) -> None:
    url, form = lost(clients, project)
    assert (form["total_investment"], form["site"], form["content"]) == ("5亿", "西区", "我的内容")
    chosen = {"take-total_investment": "theirs", "take-signed_on": "theirs", "take-site": "mine"}
    post(clients[0], form | chosen, url, status=302)
    project.refresh_from_db()
    assert (project.total_investment, project.total_investment_qualifier) == (3 * YI, "at_least")
    assert (str(project.signed_on), project.signed_on_precision) == ("2020-06-01", "month")
    assert (project.site, project.content) == ("西区", "我的内容")


def test_without_a_choice_what_was_typed_wins(clients: tuple[Client, Client], project: Project) -> None:
    url, form = lost(clients, project)
    post(clients[0], form, url, status=302)
    project.refresh_from_db()
    assert (project.total_investment, project.site) == (5 * YI, "西区")


def test_who_is_overtaken_again_while_choosing_is_asked_again(clients: tuple[Client, Client], project: Project) -> None:
    url, form = lost(clients, project)
    post(clients[1], blank(clients[1], url) | {"total_investment": "7亿"}, url, status=302)
    html = post(clients[0], form | {"take-total_investment": "mine"}, url, status=409)
    assert "70,000万元" in html
    project.refresh_from_db()
    assert project.total_investment == 7 * YI


def test_a_forged_choice_reaches_no_other_column(clients: tuple[Client, Client], project: Project) -> None:
    url, form = lost(clients, project)
    forged = {"take-review_state": "theirs", "take-park": "theirs", "take-": "theirs", "take-version": "theirs"}
    post(clients[0], form | forged, url, status=302)
    project.refresh_from_db()
    assert (project.review_state, project.total_investment) == ("draft", 5 * YI)
