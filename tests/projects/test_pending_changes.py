"""Changes of verified projects: they wait, the verified values count, and a second person decides."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from enterprises.models import Enterprise
from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, StaleVersion
from projects.models import PendingChange, Project, Review
from projects.services import (
    Act,
    change_recall,
    change_return,
    change_verify,
    possible,
    project_change_stage,
    project_terminate,
    project_update,
    shares_set,
    waiting,
)
from tests.factories import YI, make_enterprise, make_park, make_project, make_user
from tests.projects.test_project_form import blank, post

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park, name="经办人甲")


@pytest.fixture
def head(park: Park) -> User:
    return make_user(Role.HEAD, park=park)


@pytest.fixture
def project(park: Park) -> Project:
    return make_project(park=park, investor=make_enterprise(park=park, name="企业午"))


def ask(project: Project, by: User, **values: Any) -> PendingChange:
    """Let a person change a project, and return what waits."""
    project_update(by=Actor(by), project=project, values=values)
    change = waiting(project)
    assert change is not None
    return change


def fresh(project: Project) -> Project:
    return Project.objects.get(pk=project.pk)


# --- asking --------------------------------------------------------------------------------------------------------


def test_what_counts_waits_and_the_rest_is_written_at_once(project: Project, clerk: User) -> None:
    change = ask(project, clerk, total_investment=3 * YI, progress="主体封顶", signed_on=date(2020, 6, 1))
    row = fresh(project)
    assert (row.total_investment, row.signed_on, row.progress) == (2 * YI, date(2020, 5, 10), "主体封顶")
    assert change.values == {"signed_on": "2020-06-01", "total_investment": 3 * YI}
    assert change.before == {"signed_on": "2020-05-10", "total_investment": 2 * YI}
    assert (change.state, change.asked_by) == ("waiting", clerk)


def test_the_verified_values_count_until_the_change_is_verified(project: Project, clerk: User, head: User) -> None:
    change = ask(project, clerk, contract_type="framework")
    formal = Project.objects.counted(date(2020, 12, 31)).filter(contract_type="formal")
    assert formal.count() == 1
    change_verify(by=Actor(head), change=change)
    assert formal.count() == 0


def test_a_second_edit_of_the_same_person_joins_the_first(project: Project, clerk: User) -> None:
    ask(project, clerk, total_investment=3 * YI)
    change = ask(project, clerk, expected_annual_output=YI)
    assert change.values == {"expected_annual_output": YI, "total_investment": 3 * YI}
    change = ask(project, clerk, total_investment=4 * YI)
    assert change.values == {"expected_annual_output": YI, "total_investment": 4 * YI}
    assert PendingChange.objects.count() == 1


def test_what_is_set_back_by_its_asker_waits_no_longer(project: Project, clerk: User) -> None:
    ask(project, clerk, total_investment=3 * YI)
    project_update(by=Actor(clerk), project=project, values={"total_investment": 2 * YI})
    assert waiting(project) is None
    assert PendingChange.objects.get().state == "recalled"


def test_a_colleague_is_told_to_wait_but_may_write_the_progress(project: Project, clerk: User, park: Park) -> None:
    ask(project, clerk, total_investment=3 * YI)
    colleague = make_user(Role.CLERK, park=park)
    with pytest.raises(ValidationError, match="经办人甲提出的修改还在等待审核（总投资）"):
        project_update(by=Actor(colleague), project=project, values={"expected_annual_output": YI})
    project_update(by=Actor(colleague), project=project, values={"progress": "主体封顶"})
    assert fresh(project).progress == "主体封顶"
    assert PendingChange.objects.get().values == {"total_investment": 3 * YI}


def test_whoever_verifies_changes_at_once(project: Project, head: User) -> None:
    project_update(by=Actor(head), project=project, values={"total_investment": 3 * YI})
    assert (fresh(project).total_investment, waiting(project)) == (3 * YI, None)


def test_what_is_wrong_is_refused_before_it_waits(project: Project, clerk: User) -> None:
    with pytest.raises(ValidationError) as refused:
        project_update(by=Actor(clerk), project=project, values={"total_investment": 32_000})
    assert "过小" in refused.value.message_dict["total_investment"][0]
    assert not PendingChange.objects.exists()


def test_a_new_investor_is_stored_and_named_when_it_is_verified(
    project: Project, clerk: User, head: User, park: Park
) -> None:
    change = ask(project, clerk, investor=Enterprise(park=park, name="新投资方"))
    assert fresh(project).investor.name == "企业午"
    change_verify(by=Actor(head), change=change)
    assert fresh(project).investor.name == "新投资方"


# --- stages and ends -----------------------------------------------------------------------------------------------


def test_a_step_of_a_verified_project_waits_and_is_noted_when_it_is_verified(
    project: Project, clerk: User, head: User
) -> None:
    project_change_stage(by=Actor(clerk), project=project, to="in_production", on=date(2020, 8, 1), reason="其间未载")
    assert (fresh(project).stage, project.stage_changes.count()) == ("signed", 0)
    change = waiting(project)
    assert change is not None
    change_verify(by=Actor(head), change=change)
    step = project.stage_changes.get()
    assert (fresh(project).stage, step.to_stage, step.reason) == ("in_production", "in_production", "其间未载")
    assert fresh(project).in_production_on == date(2020, 8, 1)


def test_an_end_waits_and_keeps_its_reason(project: Project, clerk: User, head: User) -> None:
    project_terminate(by=Actor(clerk), project=project, on=date(2020, 9, 1), reason="投资方撤资")
    row = fresh(project)
    assert (row.status, row.terminated_on, row.note) == ("active", None, "")
    change = waiting(project)
    assert change is not None
    assert change.reason == "投资方撤资"
    change_verify(by=Actor(head), change=change)
    row = fresh(project)
    assert (row.status, row.terminated_on, row.note) == ("terminated", date(2020, 9, 1), "终止原因：投资方撤资")


def test_shares_of_a_verified_project_are_the_heads(project: Project, clerk: User, park: Park) -> None:
    with pytest.raises(PermissionDenied):
        shares_set(by=Actor(clerk), project=project, rows=[(park, 10_000, 10_000)])


# --- deciding ------------------------------------------------------------------------------------------------------


def test_verifying_writes_the_values_the_trace_and_the_review(project: Project, clerk: User, head: User) -> None:
    change = ask(project, clerk, total_investment=3 * YI)
    change_verify(by=Actor(head), change=change)
    change.refresh_from_db()
    assert (fresh(project).total_investment, change.state, change.decided_by) == (3 * YI, "verified", head)
    review = Review.objects.get()
    assert (review.decision, review.by, review.proxy_reason) == ("verified", head, "")
    entry = Change.objects.filter(object_type="projects.Project", user=head).first()
    assert entry is not None
    assert entry.diff["total_investment"] == [2 * YI, 3 * YI]


def test_only_a_second_person_verifies(project: Project, clerk: User, park: Park) -> None:
    change = ask(project, clerk, total_investment=3 * YI)
    for person in (clerk, make_user(Role.HEAD), make_user(Role.CITY, region=park.region)):
        with pytest.raises(PermissionDenied):
            change_verify(by=Actor(person), change=change)
    User.objects.filter(pk=clerk.pk).update(role=Role.HEAD)
    asker = User.objects.get(pk=clerk.pk)
    make_user(Role.HEAD, park=park)
    with pytest.raises(PermissionDenied, match="另一位科室负责人"):
        change_verify(by=Actor(asker), change=change, proxy_reason="本人核对")
    assert fresh(project).total_investment == 2 * YI


def test_values_that_moved_since_are_not_overwritten(project: Project, clerk: User, head: User) -> None:
    change = ask(project, clerk, total_investment=3 * YI, expected_annual_output=YI)
    project_update(by=Actor(head), project=fresh(project), values={"total_investment": 5 * YI})
    change = PendingChange.objects.get(pk=change.pk)
    with pytest.raises(ValidationError, match="总投资又被改过"):
        change_verify(by=Actor(head), change=change)
    assert (fresh(project).total_investment, waiting(project)) == (5 * YI, change)


def test_without_that_comparison_the_newer_value_would_be_lost(
    project: Project, clerk: User, head: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projects.services.pending._refuse_moved", lambda project, change: None)
    change = ask(project, clerk, total_investment=3 * YI)
    project_update(by=Actor(head), project=fresh(project), values={"total_investment": 5 * YI})
    change_verify(by=Actor(head), change=PendingChange.objects.get(pk=change.pk))
    assert fresh(project).total_investment == 3 * YI


def test_a_change_is_decided_once(project: Project, clerk: User, head: User) -> None:
    change = ask(project, clerk, total_investment=3 * YI)
    slow = PendingChange.objects.get(pk=change.pk)
    change_return(by=Actor(head), change=change, reason="与合同不一致")
    for act in (
        lambda: change_verify(by=Actor(head), change=slow),
        lambda: change_recall(by=Actor(clerk), change=slow),
    ):
        with pytest.raises((ValidationError, StaleVersion)):
            act()
    assert (fresh(project).total_investment, Review.objects.count()) == (2 * YI, 1)


def test_giving_back_needs_a_reason_and_changes_nothing(project: Project, clerk: User, head: User) -> None:
    change = ask(project, clerk, total_investment=3 * YI)
    with pytest.raises(ValidationError):
        change_return(by=Actor(head), change=change, reason=" ")
    change_return(by=Actor(head), change=change, reason="与合同不一致")
    change.refresh_from_db()
    assert (change.state, change.answer, fresh(project).total_investment) == ("returned", "与合同不一致", 2 * YI)


def test_only_the_asker_takes_it_back(project: Project, clerk: User, park: Park) -> None:
    change = ask(project, clerk, total_investment=3 * YI)
    with pytest.raises(PermissionDenied, match="经办人甲"):
        change_recall(by=Actor(make_user(Role.CLERK, park=park)), change=change)
    change_recall(by=Actor(clerk), change=change)
    assert waiting(project) is None


def test_each_step_moves_the_version_once_for_each_entry_of_the_trace(
    project: Project, clerk: User, head: User
) -> None:
    """The page of conflicts relies on it: so many versions behind, so many entries to look at."""
    change = ask(project, clerk, total_investment=3 * YI, progress="一")
    change_return(by=Actor(head), change=change, reason="不符")
    change = ask(project, clerk, total_investment=4 * YI)
    change_recall(by=Actor(clerk), change=change)
    change_verify(by=Actor(head), change=ask(project, clerk, total_investment=5 * YI))
    entries = Change.objects.filter(object_type="projects.Project", object_code=project.code).count()
    assert fresh(project).version == 1 + entries


# --- pages ---------------------------------------------------------------------------------------------------------


def test_the_form_of_a_clerk_asks_and_goes_on_from_there(client_as: As, project: Project, clerk: User) -> None:
    client, url = client_as(clerk), f"/projects/{project.code}/edit/"
    html = client.get(url).content.decode()
    assert "审核通过后生效" in html
    response = client.post(url, blank(client, url) | {"total_investment": "9亿", "progress": "改"}, follow=True)
    html = response.content.decode()
    assert "审核通过前仍按原值统计" in html
    row = fresh(project)
    assert (row.total_investment, row.progress) == (2 * YI, "改")
    assert "90,000" in html.split('id="review"')[1]
    assert blank(client, url)["total_investment"] == "90,000"
    post(client, blank(client, url) | {"total_investment": "8亿"}, url, status=302)
    change = waiting(project)
    assert change is not None
    assert change.values == {"total_investment": 8 * YI}


def test_the_page_shows_old_and_new_and_the_head_decides_there(
    client_as: As, project: Project, clerk: User, head: User
) -> None:
    ask(project, clerk, total_investment=3 * YI)
    client = client_as(head)
    html = client.get(f"/projects/{project.code}/").content.decode()
    panel = html.split('id="review"')[1].split("</section>")[0]
    assert "<del>20,000万元</del>" in panel
    assert "<ins>30,000万元</ins>" in panel
    client.post(f"/projects/{project.code}/verify/", {"version": fresh(project).version})
    assert fresh(project).total_investment == 3 * YI


def test_the_asker_sees_why_it_was_given_back(client_as: As, project: Project, clerk: User, head: User) -> None:
    ask(project, clerk, total_investment=3 * YI)
    client = client_as(head)
    url = f"/projects/{project.code}/change/return/"
    assert client.get(url).status_code == 200
    assert "请写明退回的原因" in client.post(url, {"version": fresh(project).version}).content.decode()
    client.post(url, {"version": fresh(project).version, "reason": "与合同不一致"})
    html = client_as(clerk).get(f"/projects/{project.code}/").content.decode()
    assert "退回，原因：与合同不一致" in html
    assert "没有待审核的修改" in client.get(url, follow=True).content.decode()


def test_the_asker_recalls_on_the_page(client_as: As, project: Project, clerk: User) -> None:
    ask(project, clerk, total_investment=3 * YI)
    client, url = client_as(clerk), f"/projects/{project.code}/change/recall/"
    html = client.post(url, {"version": fresh(project).version}, follow=True).content.decode()
    assert "的修改已撤回，仍按原值统计" in html
    assert "没有待审核的修改" in client.post(url, {"version": fresh(project).version}, follow=True).content.decode()


def test_the_steps_of_a_clerk_say_that_they_wait(client_as: As, project: Project, clerk: User) -> None:
    client, url = client_as(clerk), f"/projects/{project.code}/terminate/"
    assert "由科室负责人审核" in client.get(url).content.decode()
    data = {"version": project.version, "on": "2020-09-01", "reason": "撤资"}
    assert "审核通过前仍按原值统计" in client.post(url, data, follow=True).content.decode()
    assert fresh(project).status == "active"
    assert possible(clerk, fresh(project), Act.MOVE)
