"""The form of a project: its preview, the same form twice or by two people, and projects that are verified."""

import re
from typing import Any

import pytest
from django.test import Client

from enterprises.models import Enterprise
from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Ledger
from projects.models import Project
from tests.factories import (
    YI,
    make_indicator,
    make_park,
    make_project,
    make_user,
)
from tests.projects.forms import NEW, As, blank, fields, full, post, summary

pytestmark = pytest.mark.django_db


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def client(client_as: As, clerk: User) -> Client:
    return client_as(clerk)


# --- preview -------------------------------------------------------------------------------------------------------


def test_the_preview_shows_what_it_would_count_for_and_saves_nothing(client: Client, park: Park) -> None:
    indicator = make_indicator(name="签约亿元以上产业项目数", from_year=2000)
    typed = full(client)
    html = post(client, typed, action="preview")
    assert fields(html) == typed
    assert indicator.name in html.split('id="preview"')[1]
    assert "没有保存" in html
    part = client.post(NEW, typed | {"action": "preview"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert indicator.name in part
    assert not Project.objects.exists()
    assert not Enterprise.objects.exists()
    assert not Change.objects.exists()


def test_the_preview_of_a_wrong_form_says_so(client: Client) -> None:
    typed = full(client, total_investment="3.2")
    assert summary(post(client, typed, action="preview"))
    part = client.post(NEW, typed | {"action": "preview"}, headers={"HX-Request": "true"}).content.decode()
    assert "还有填得不对的地方" in part


# --- twice, and at the same time -----------------------------------------------------------------------------------


def test_the_same_form_sent_twice_makes_one_project(client: Client) -> None:
    typed = full(client)
    first = post(client, typed, action="submit", status=302)
    assert post(client, typed, action="submit", status=302) == first
    assert Project.objects.count() == 1


def test_a_key_of_somebody_else_is_no_obstacle(client: Client, client_as: As, park: Park) -> None:
    typed = full(client)
    post(client, typed, status=302)
    post(client_as(make_user(Role.CLERK, park=park)), typed, status=302)
    assert Project.objects.count() == 2


def test_a_forged_key_is_shown_the_form_again(client: Client) -> None:
    assert post(client, full(client) | {"key": "x' OR 1=1"})


def edited(client: Client, project: Project) -> dict[str, str]:
    return blank(client, f"/projects/{project.code}/edit/")


def test_who_saves_second_sees_both_values_and_loses_nothing(client: Client, client_as: As, park: Park) -> None:
    project = make_project(park=park, review_state="draft", content="原内容", site="原地点")
    url = f"/projects/{project.code}/edit/"
    colleague = make_user(Role.CLERK, park=park, name="经办人乙")
    mine, theirs = edited(client, project), edited(client, project)
    post(client_as(colleague), theirs | {"total_investment": "3亿", "site": "新地点"}, url, status=302)
    html = post(client, mine | {"total_investment": "5亿", "content": "我的内容"}, url, status=409)
    project.refresh_from_db()
    assert (project.total_investment, project.content) == (3 * YI, "原内容")
    assert '<input type="radio" name="take-total_investment" value="mine" checked>' in html
    table = re.sub(r"<[^>]+>", " ", html.split("你填的和现在的")[1].split("</table>")[0])
    assert re.search(r"总投资\s+50,000万元\s+30,000万元\s+（经办人乙，.*?）\s+以你填的为准", table)
    assert re.search(r"建设地点\s+原地点\s+新地点\s+（经办人乙，.*?）\s+你没有改过，已换成现在的", table)
    assert "有错误：" in html
    again = fields(html)
    assert (again["total_investment"], again["content"], again["site"], again["version"]) == (
        "5亿",
        "我的内容",
        "新地点",
        "2",
    )
    post(client, again, url, status=302)
    project.refresh_from_db()
    assert (project.total_investment, project.content, project.site) == (5 * YI, "我的内容", "新地点")


def test_without_the_comparison_the_second_would_overwrite_the_first(
    client: Client, client_as: As, park: Park, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Ledger.update
    monkeypatch.setattr(Ledger, "update", lambda self, row, values, version=None: whole(self, row, values))
    monkeypatch.setattr("projects.services.projects.fresh", lambda project, version: None)
    project = make_project(park=park, review_state="draft", site="原地点")
    url = f"/projects/{project.code}/edit/"
    mine, theirs = edited(client, project), edited(client, project)
    post(client_as(make_user(Role.CLERK, park=park)), theirs | {"site": "新地点"}, url, status=302)
    post(client, mine | {"content": "我的内容"}, url, status=302)
    project.refresh_from_db()
    assert project.site == "原地点"


def test_a_missing_or_forged_version_loses(client: Client, park: Park) -> None:
    project = make_project(park=park, review_state="draft")
    url = f"/projects/{project.code}/edit/"
    for version, status in (("", 409), ("0", 409), ("2", 409), ("9" * 30, 409), ("x", 200)):
        post(client, edited(client, project) | {"version": version, "site": "新地点"}, url, status=status)
    project.refresh_from_db()
    assert project.site == ""


# --- a verified project --------------------------------------------------------------------------------------------


def test_the_head_edits_what_counts_at_once(client_as: As, park: Park) -> None:
    project = make_project(park=park)
    url = f"/projects/{project.code}/edit/"
    client = client_as(make_user(Role.HEAD, park=park))
    post(client, blank(client, url) | {"total_investment": "5亿"}, url, status=302)
    project.refresh_from_db()
    assert (project.total_investment, project.review_state) == (5 * YI, "verified")


def test_a_submitted_project_sends_back_with_a_sentence(client: Client, park: Park, clerk: User) -> None:
    project = make_project(park=park, review_state="submitted", submitted_by=clerk)
    url = f"/projects/{project.code}/edit/"
    assert "先撤回提交" in client.get(url, follow=True).content.decode()
    html = post(client, {"version": "1", "name": "改名", "note": "长长的备注"}, url)
    assert "先撤回提交" in summary(html)[0]
    assert "长长的备注" in html


def test_the_sections_say_how_far_they_are_filled_in(client: Client, park: Park) -> None:
    def states(html: str) -> list[str]:
        return re.findall(r'<span class="opt">([^<]+)</span>', html.split('class="sections')[1].split("</nav>")[0])

    assert states(client.get(NEW).content.decode()) == ["未填", "选填", "选填", "选填", "选填"]
    project = make_project(park=park, review_state="draft", progress="在建", category="industry")
    html = client.get(f"/projects/{project.code}/edit/").content.decode()
    assert states(html) == ["已填完", "已填完", "已填完", "选填", "填了一部分"]
    Project.objects.update(total_investment=None, expected_annual_tax=1)
    html = client.get(f"/projects/{project.code}/edit/").content.decode()
    assert states(html)[1] == "填了一部分"


def test_every_label_beside_a_required_field_says_so_in_words(client: Client, park: Park) -> None:
    project = make_project(park=park, review_state="draft", stage="signed")
    html = client.get(f"/projects/{project.code}/edit/").content.decode()
    asked = re.findall(r'<label for="id_([^"]+)">[^<]+<span class="req">必填</span>', html)
    assert set(asked) == {"name", "investor_name", "category", "contract_type", "signed_on", "total_investment"}
    assert " required" not in html.split('id="project-form"')[1].split("</form>")[0]


def test_the_default_button_of_the_form_saves_a_draft(client: Client) -> None:
    form = client.get(NEW).content.decode().split('id="project-form"')[1].split("</form>")[0]
    first: Any = re.search(r"<button[^>]*>", form)
    assert 'name="action" value="save"' in first[0]
