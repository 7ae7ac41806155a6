"""Reviewing: who may, what they see, deciding several at once, 代审, and giving back with a reason for each field."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from parkportal.models import Attachment, Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Project, Review
from projects.services import (
    project_recall,
    project_return,
    project_submit,
    project_update,
    project_verify,
)
from tests.factories import YI, make_park, make_project, make_user
from tests.projects.test_project_form import blank, post

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
REVIEWS = "/reviews/"


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def head(park: Park) -> User:
    return make_user(Role.HEAD, park=park)


def submitted(park: Park, by: User, **fields: Any) -> Project:
    return make_project(park=park, review_state="submitted", created_by=by, submitted_by=by, **fields)


def pick(project: Project) -> str:
    project.refresh_from_db()
    return f"{project.code}:{project.version}"


def state(project: Project) -> str:
    return Project.objects.get(pk=project.pk).review_state


# --- 代审 ----------------------------------------------------------------------------------------------------------


def test_an_office_of_one_reviewer_verifies_own_work_with_a_reason(park: Park, head: User) -> None:
    project = submitted(park, head)
    with pytest.raises(ValidationError) as refused:
        project_verify(by=Actor(head), project=project)
    assert refused.value.message_dict == {"proxy_reason": ["请写明代审的原因。"]}
    project_verify(by=Actor(head), project=project, proxy_reason="本科室只有一名负责人")
    review = Review.objects.get()
    assert (state(project), review.proxy_reason, review.by) == ("verified", "本科室只有一名负责人", head)


def test_with_a_second_active_reviewer_own_work_is_refused_whatever_the_reason(park: Park, head: User) -> None:
    project = submitted(park, head)
    second = make_user(Role.HEAD, park=park)
    with pytest.raises(PermissionDenied, match="另一位科室负责人"):
        project_verify(by=Actor(head), project=project, proxy_reason="急用")
    assert state(project) == "submitted"
    User.objects.filter(pk=second.pk).update(is_active=False)
    project_verify(by=Actor(head), project=project, proxy_reason="另一位已调离")
    assert state(project) == "verified"


@pytest.mark.parametrize("other", [(Role.CLERK, True), (Role.LEADER, True), (Role.HEAD, False)])
def test_clerks_leaders_and_heads_of_other_parks_are_no_second_reviewer(
    park: Park, head: User, other: tuple[str, bool]
) -> None:
    role, here = other
    make_user(role, park=park if here else make_park())
    project = submitted(park, head)
    project_verify(by=Actor(head), project=project, proxy_reason="只有一名负责人")
    assert state(project) == "verified"


def test_a_reason_for_proxy_is_not_kept_where_two_people_acted(park: Park, clerk: User, head: User) -> None:
    project_verify(by=Actor(head), project=submitted(park, clerk), proxy_reason="多写的")
    assert Review.objects.get().proxy_reason == ""


def test_the_monthly_list_names_what_was_verified_by_its_own_author(client_as: As, park: Park, head: User) -> None:
    project_verify(by=Actor(head), project=submitted(park, head, name="代审项目"), proxy_reason="只有一名负责人")
    project_verify(by=Actor(head), project=submitted(park, make_user(park=park), name="普通项目"))
    other = make_user(Role.HEAD)
    project_verify(by=Actor(other), project=submitted(other.park, other, name="他园项目"), proxy_reason="只有一名")
    Review.objects.update(at="2020-08-31T16:30:00Z")
    client = client_as(make_user(Role.LEADER, park=park))
    html = client.get("/reviews/proxy/?month=2020-09").content.decode()
    assert "代审项目" in html and "只有一名负责人" in html
    assert "普通项目" not in html and "他园项目" not in html
    assert "这个月没有代审" in client.get("/reviews/proxy/?month=2020-08").content.decode()
    assert client.get("/reviews/proxy/").status_code == 200
    for wrong in ("2020-13", "x", "2020", "0000-01", "9999-12-1"):
        assert client.get(f"/reviews/proxy/?month={wrong}").status_code == 404


# --- what the reviewer sees ----------------------------------------------------------------------------------------


def test_a_new_submission_shows_everything_and_a_second_one_only_what_changed(
    client_as: As, park: Park, clerk: User, head: User
) -> None:
    client = client_as(clerk)
    typed = blank(client, "/projects/new/") | {
        **{"name": "精密结构件生产项目", "investor_name": "企业午", "contract_type": "formal", "stage": "signed"},
        **{"signed_on": "2020-07-03", "total_investment": "3.2亿", "category": "industry"},
    }
    post(client, typed, action="submit", status=302)
    project = Project.objects.get()
    html = client_as(head).get(REVIEWS).content.decode()
    assert "新填报" in html
    for value in ("32,000万元", "2020-07-03", "企业午", "正式合同"):
        assert f"<ins>{value}</ins>" in html
    project_return(by=Actor(head), project=project, reasons={"total_investment": "与投资合同不一致"})
    post(client, blank(client, f"/projects/{project.code}/edit/") | {"total_investment": "3亿"},
         f"/projects/{project.code}/edit/", action="submit", status=302)  # fmt: skip
    html = client_as(head).get(REVIEWS).content.decode()
    assert "退回后再交" in html
    assert "<del>32,000万元</del>" in html
    assert "<ins>30,000万元</ins>" in html
    assert "2020-07-03" not in html


def test_a_change_that_was_taken_back_before_submission_is_no_change(park: Park, clerk: User, head: User) -> None:
    from projects.services import changes_to_review

    project = submitted(park, clerk)
    project_return(by=Actor(head), project=project, reason="请核对")
    project_update(by=Actor(clerk), project=project, values={"total_investment": 3 * YI})
    project_update(by=Actor(clerk), project=project, values={"total_investment": 2 * YI, "site": "东区"})
    assert changes_to_review([project]) == {project.code: {"site": ("", "东区")}}


def test_the_proof_stands_beside(client_as: As, park: Park, clerk: User, head: User) -> None:
    project = submitted(park, clerk)
    Attachment.objects.create(
        code=f"{park.code}-a2020-001", park=park, object_type="projects.Project", object_code=project.code,
        name="投资合同.pdf", stored_name="xx", content_type="application/pdf", size=1, digest="x",
    )  # fmt: skip
    for url in (REVIEWS, f"/projects/{project.code}/"):
        html = client_as(head).get(url).content.decode()
        assert f'<a href="/files/{park.code}-a2020-001/">投资合同.pdf</a>' in html


def test_only_the_own_park_waits_there(client_as: As, park: Park, clerk: User, head: User) -> None:
    other = make_user(park=make_park(region=park.region))
    submitted(other.park, other, name="他园项目", shares=[(park, 5_000), (other.park, 5_000)])
    html = client_as(head).get(REVIEWS).content.decode()
    assert "他园项目" not in html
    assert "没有待审核的项目" in html
    assert client_as(clerk).get(REVIEWS).status_code == 403


# --- several at once -----------------------------------------------------------------------------------------------


def results(html: str) -> list[str]:
    part = html.split('id="h-results"')[1].split("</section>")[0]
    return [re.sub(r"<[^>]+>", " ", one).strip() for one in re.findall(r"<li>(.*?)</li>", part, re.DOTALL)]


def test_several_are_verified_in_one_go_and_each_result_is_said(
    client_as: As, park: Park, clerk: User, head: User
) -> None:
    first, stale, foreign = submitted(park, clerk, name="甲"), submitted(park, clerk, name="乙"), submitted(*other())
    changed = make_project(park=park, name="丙")
    project_update(by=Actor(clerk), project=changed, values={"total_investment": 3 * YI})
    picks = [pick(first), f"{stale.code}:99", pick(foreign), pick(changed), "x", "::"]
    html = client_as(head).post(REVIEWS, {"pick": picks}).content.decode()
    said = results(html)
    assert "审核通过2个，没有通过4个" in html
    assert "甲" in said[0] and "审核通过" in said[0]
    assert "刚被别人改过" in said[1]
    assert "不在待审核的项目里" in said[2] and foreign.name not in html
    assert [state(one) for one in (first, stale, foreign)] == ["verified", "submitted", "submitted"]
    assert Project.objects.get(pk=changed.pk).total_investment == 3 * YI


def other() -> tuple[Park, User]:
    person = make_user()
    return person.park, person


def test_own_work_in_bulk_needs_the_reason_too(client_as: As, park: Park, head: User) -> None:
    project, client = submitted(park, head), client_as(head)
    assert "代审原因" in client.get(REVIEWS).content.decode()
    assert "请写明代审的原因" in client.post(REVIEWS, {"pick": pick(project)}).content.decode()
    assert state(project) == "submitted"
    client.post(REVIEWS, {"pick": pick(project), "proxy_reason": "只有一名负责人"})
    assert state(project) == "verified"


def test_nothing_or_too_much_picked_is_said(client_as: As, head: User) -> None:
    client = client_as(head)
    assert "先勾选" in client.post(REVIEWS).content.decode()
    assert "一次最多审核200个" in client.post(REVIEWS, {"pick": [str(n) for n in range(201)]}).content.decode()


# --- giving back ---------------------------------------------------------------------------------------------------


def test_reasons_stand_beside_their_fields_until_it_is_handed_in_again(
    client_as: As, park: Park, clerk: User, head: User
) -> None:
    project = submitted(park, clerk, land_use_mode="lease")
    url = f"/projects/{project.code}/return/"
    client = client_as(head)
    html = client.get(url).content.decode()
    assert "与投资合同不一致" in html
    assert 'name="why-total_investment"' in html
    typed = {"version": project.version, "why-total_investment": "与投资合同不一致", "why-investor": "名称不全"}
    client.post(url, typed)
    project.refresh_from_db()
    assert project.return_reasons == {"investor": "名称不全", "total_investment": "与投资合同不一致"}
    assert Review.objects.get().reasons == project.return_reasons
    form = client_as(clerk).get(f"/projects/{project.code}/edit/").content.decode()
    beside = re.findall(r'<label for="id_(\w+)">(?:(?!<label).)*?退回原因：([^<]+)<', form, re.DOTALL)
    assert beside == [("investor_name", "名称不全"), ("total_investment", "与投资合同不一致")]
    page = client_as(clerk).get(f"/projects/{project.code}/").content.decode()
    assert "<li>总投资：与投资合同不一致</li>" in page
    project_submit(by=Actor(clerk), project=project)
    project_recall(by=Actor(clerk), project=project)
    assert "退回原因：" not in client_as(clerk).get(f"/projects/{project.code}/edit/").content.decode()


def test_one_reason_is_enough_and_none_is_not(client_as: As, park: Park, clerk: User, head: User) -> None:
    project = submitted(park, clerk)
    url, client = f"/projects/{project.code}/return/", client_as(head)
    assert "请写明退回的原因" in client.post(url, {"version": project.version}).content.decode()
    html = client.post(url, {"version": project.version, "why-site": "长" * 301, "reason": "见下"}).content.decode()
    assert "最多300个字，现在是301个" in html and "长" * 301 in html
    assert state(project) == "submitted"
    client.post(url, {"version": project.version, "why-review_state": "伪造", "reason": "见附件"})
    project.refresh_from_db()
    assert (project.return_reason, project.return_reasons) == ("见附件", {})


def test_only_columns_that_people_fill_in_are_given_back(park: Park, clerk: User, head: User) -> None:
    with pytest.raises(ValueError, match="no such column"):
        project_return(by=Actor(head), project=submitted(park, clerk), reasons={"review_state": "伪造"})


def test_each_decision_leaves_a_review_and_its_trace(park: Park, clerk: User, head: User) -> None:
    project = submitted(park, clerk)
    project_return(by=Actor(head), project=project, reason="缺合同")
    project_submit(by=Actor(clerk), project=project)
    project_verify(by=Actor(head), project=project)
    assert list(Review.objects.order_by("id").values_list("decision", "by", "reason")) == [
        ("returned", head.pk, "缺合同"),
        ("verified", head.pk, ""),
    ]
    assert Change.objects.filter(object_type="projects.Review").count() == 2
