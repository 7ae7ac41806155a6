"""The buttons of a project: each is one POST that refuses with a sentence, never with an error of the server."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from enterprises.models import Enterprise
from parkportal.models import Change, Park, User
from parkportal.roles import Role
from projects.models import Project
from tests.factories import make_enterprise, make_park, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
BUTTONS = ("submit", "recall", "verify", "withdraw", "restore")
FORMS = ("return", "stage", "terminate")


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(client_as: As, park: Park) -> Client:
    return client_as(make_user(Role.CLERK, park=park))


@pytest.fixture
def head(client_as: As, park: Park) -> Client:
    return client_as(make_user(Role.HEAD, park=park))


def push(client: Client, project: Project, step: str, status: int = 200, query: str = "", **data: str) -> str:
    """Press a button as its page would, follow the answer, and return what is shown."""
    project.refresh_from_db()
    data = {"version": str(project.version)} | data
    response = client.post(f"/projects/{project.code}/{step}/{query}", data, follow=True)
    assert response.status_code == status
    project.refresh_from_db()
    return response.content.decode()


def toasts(html: str) -> list[str]:
    return [re.sub("<[^>]+>", "", one) for one in re.findall(r"data-toast.*?<span>(.*?)</span>", html, re.DOTALL)]


def test_a_project_goes_from_draft_to_verified_through_two_people(clerk: Client, head: Client, park: Park) -> None:
    project = make_project(park=park, review_state="draft")
    assert "等待科室负责人审核" in toasts(push(clerk, project, "submit"))[0]
    assert "已撤回提交" in toasts(push(clerk, project, "recall"))[0]
    push(clerk, project, "submit")
    html = push(head, project, "return", reason="缺投资合同")
    assert "已退回，原因：缺投资合同" in html
    push(clerk, project, "submit")
    assert "已审核通过" in toasts(push(head, project, "verify"))[0]
    assert (project.review_state, project.verified_by.role) == ("verified", Role.HEAD)


def test_a_submission_that_lacks_something_says_what(clerk: Client, park: Park) -> None:
    project = make_project(park=park, review_state="draft", total_investment=None, contract_type="")
    assert toasts(push(clerk, project, "submit")) == [
        "进度为“签约”的项目要填写合同类型。",
        "进度为“签约”的项目要填写总投资。",
    ]
    assert project.review_state == "draft"


def test_the_reviewer_does_not_verify_an_own_entry(client_as: As, park: Park) -> None:
    own = make_user(Role.HEAD, park=park)
    make_user(Role.HEAD, park=park)
    for fields in ({"created_by": own}, {"submitted_by": own}):
        project = make_project(park=park, review_state="submitted", **fields)
        assert "须由本园区另一位科室负责人审核" in push(client_as(own), project, "verify", status=403)
        assert project.review_state == "submitted"


@pytest.mark.parametrize("step", ["verify", "return"])
def test_a_clerk_neither_verifies_nor_gives_back(clerk: Client, park: Park, step: str) -> None:
    project = make_project(park=park, review_state="submitted")
    assert "不能审核项目" in push(clerk, project, step, status=403, reason="不行")
    assert project.review_state == "submitted"


@pytest.mark.parametrize("step", BUTTONS + FORMS)
def test_readers_strangers_and_nobody_change_nothing(client_as: As, park: Park, step: str) -> None:
    stranger = make_user(Role.HEAD)
    project = make_project(park=park, review_state="submitted")
    shared = make_project(park=park, review_state="submitted", shares=[(park, 5_000), (stranger.park, 5_000)])
    push(client_as(make_user(Role.LEADER, park=park)), project, step, status=403)
    push(client_as(make_user(Role.CITY, region=park.region)), project, step, status=403)
    push(client_as(stranger), project, step, status=404)
    data = {"reason": "不行", "on": "2020-09-01"}
    push(client_as(stranger), shared, step, status=403, query="?to=signed" if step == "stage" else "", **data)
    response = Client().post(f"/projects/{project.code}/{step}/")
    assert response.headers["Location"].startswith("/accounts/login/")
    assert not Change.objects.exists()


@pytest.mark.parametrize("step", BUTTONS)
def test_a_button_answers_only_to_post(head: Client, park: Park, step: str) -> None:
    project = make_project(park=park)
    assert head.get(f"/projects/{project.code}/{step}/").status_code == 405
    assert not Change.objects.exists()


@pytest.mark.parametrize("step", [*BUTTONS, *FORMS, "edit"])
def test_a_post_without_the_token_of_its_page_is_refused(park: Park, step: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_user(Role.HEAD, park=park), backend="django.contrib.auth.backends.ModelBackend")
    project = make_project(park=park, review_state="submitted")
    assert strict.post(f"/projects/{project.code}/{step}/", {"version": "1", "reason": "不行"}).status_code == 403
    assert not Change.objects.exists()


@pytest.mark.parametrize("version", ["", "0", "7", "x", "9" * 40, "١"])
@pytest.mark.parametrize("step", BUTTONS)
def test_a_button_of_an_old_page_does_nothing(head: Client, park: Park, step: str, version: str) -> None:
    state = {"submit": "draft", "recall": "submitted", "verify": "submitted"}.get(step, "verified")
    project = make_project(park=park, review_state=state, deleted_at=timezone.now() if step == "restore" else None)
    assert "刚被别人改过，没有办理" in toasts(push(head, project, step, version=version))[0]
    assert not Change.objects.exists()


@pytest.mark.parametrize(
    ("step", "state", "words"),
    [
        ("submit", "verified", "项目现在是“已审核”，不能提交审核"),
        ("submit", "submitted", "先撤回提交"),
        ("recall", "draft", "项目现在是“草稿”，不能撤回提交"),
        ("verify", "returned", "项目现在是“已退回”，不能审核"),
        ("withdraw", "submitted", "先撤回提交"),
        ("restore", "verified", "不在回收站里"),
        ("return", "verified", "项目现在是“已审核”，不能退回"),
        ("terminate", "submitted", "先撤回提交"),
        ("stage", "submitted", "先撤回提交"),
    ],
)
def test_at_the_wrong_time_a_sentence_says_so(head: Client, park: Park, step: str, state: str, words: str) -> None:
    project = make_project(park=park, review_state=state)
    assert words in push(head, project, step, reason="原因", on="2020-09-01")
    if step in FORMS:
        assert words in toasts(head.get(f"/projects/{project.code}/{step}/", follow=True).content.decode())[0]
    assert not Change.objects.exists()


def test_giving_back_without_a_reason_shows_the_form_again(head: Client, park: Park) -> None:
    project = make_project(park=park, review_state="submitted")
    html = push(head, project, "return", reason="  ")
    assert "<title>有错误：退回项目" in html
    assert "请写明退回的原因" in html
    long = push(head, project, "return", reason="长" * 301)
    assert "最多300个字，现在是301个" in long
    assert "长" * 301 in long


def test_a_stale_form_keeps_what_was_typed_and_can_be_sent_again(head: Client, park: Park) -> None:
    project = make_project(park=park, review_state="submitted", version=3)
    html = push(head, project, "return", status=409, reason="缺投资合同", version="2")
    assert "缺投资合同" in html
    assert 'name="version" value="3"' in html
    assert project.review_state == "submitted"


# --- stages --------------------------------------------------------------------------------------------------------


def test_the_next_stage_asks_only_for_what_is_missing(clerk: Client, park: Park) -> None:
    project = make_project(park=park, review_state="draft")
    form = clerk.get(f"/projects/{project.code}/stage/").content.decode().split('id="step-form"')[1].split("</form>")[0]
    names = re.findall(r'name="([^"]+)"', form)
    assert [name for name in names if name not in {"csrfmiddlewaretoken", "version"}] == [
        *("on", "on_precision", "company_name", "company_uscc", "company_uscc_reason", "reason")
    ]
    typed = {"on": "8月", "company_name": "项目公司", "company_uscc": "91430400MA43WA0090"}
    push(clerk, project, "stage", **typed)
    assert (project.stage, project.registered_on, project.registered_on_precision) == (
        "registered",
        date(2020, 8, 1),
        "month",
    )
    assert project.company == Enterprise.objects.get(name="项目公司")
    started = (
        clerk.get(f"/projects/{project.code}/stage/").content.decode().split('id="step-form"')[1].split("</form>")[0]
    )
    assert "land_use_mode" in started
    assert "company_name" not in started


def test_a_stage_that_lacks_something_shows_the_form_again(clerk: Client, park: Park) -> None:
    project = make_project(park=park, review_state="draft")
    html = push(clerk, project, "stage", on="2020-08-01", company_name="项目公司")
    assert "项目公司的统一社会信用代码" in html
    assert 'value="项目公司"' in html
    assert "请填写注册时间" in push(clerk, project, "stage", company_name="项目公司")
    assert "没有31日" in push(clerk, project, "stage", on="2020-06-31")
    assert "晚于今天" in push(
        clerk, project, "stage", on="2099-01-01", company_name="甲", company_uscc="91430400MA43WA0090"
    )
    assert project.stage == "signed"
    assert not Enterprise.objects.filter(name="项目公司").exists()


def test_a_jump_asks_for_its_reason_and_a_way_back_warns(head: Client, park: Park) -> None:
    project = make_project(park=park, stage="started", started_on=date(2020, 8, 1))
    assert "请填写原因" in push(head, project, "stage", query="?to=full_capacity", on="2020-09-01")
    html = head.get(f"/projects/{project.code}/stage/?to=signed").content.decode()
    assert "之后各阶段的时间一并清空" in html
    assert 'name="on" value="2020-05-10"' in html
    push(head, project, "stage", query="?to=signed", on="2020-05-10", reason="登记有误")
    assert (project.stage, project.started_on) == ("signed", None)


def test_a_stage_that_does_not_exist_is_not_found(head: Client, park: Park) -> None:
    project = make_project(park=park)
    assert head.get(f"/projects/{project.code}/stage/?to=nowhere").status_code == 404
    assert "项目现在就是“签约”" in push(head, project, "stage", query="?to=signed", on="2020-05-10")


# --- ending and the bin --------------------------------------------------------------------------------------------


def test_an_end_needs_its_day_and_reason(head: Client, park: Park) -> None:
    project = make_project(park=park)
    assert "请填写终止时间" in push(head, project, "terminate", reason="撤资")
    assert "请写明终止的原因" in push(head, project, "terminate", on="2020-09-15")
    assert "早于签约时间" in push(head, project, "terminate", on="2019-09-15", reason="撤资")
    push(head, project, "terminate", on="2020年9月", reason="撤资")
    assert (project.status, project.terminated_on, project.terminated_on_precision) == (
        "terminated",
        date(2020, 9, 1),
        "month",
    )


def test_the_bin_lists_what_can_be_restored(head: Client, clerk: Client, park: Park) -> None:
    project = make_project(park=park, name="撤回的项目")
    make_project(park=park, name="太久的项目", deleted_at=timezone.now() - timedelta(days=31))
    make_project(name="他园区的项目", deleted_at=timezone.now())
    assert "科室负责人办理" in push(clerk, project, "withdraw", status=403)
    push(head, project, "withdraw")
    html = clerk.get("/projects/bin/").content.decode()
    assert "撤回的项目" in html
    assert "30天</td>" in html
    assert f"/projects/{project.code}/restore/" not in html
    assert f"/projects/{project.code}/restore/" in head.get("/projects/bin/").content.decode()
    assert "太久的项目" not in html
    assert "他园区的项目" not in html
    assert "已恢复" in toasts(push(head, project, "restore"))[0]
    assert "回收站是空的" in clerk.get("/projects/bin/").content.decode()


def test_a_company_that_is_known_keeps_its_name_in_the_form(clerk: Client, park: Park) -> None:
    project = make_project(park=park, review_state="draft", company=make_enterprise(park=park, name="无代码公司"))
    html = clerk.get(f"/projects/{project.code}/stage/").content.decode()
    assert 'name="company_name" value="无代码公司"' in html
