"""The steps of a project: review, stages, ending and bin, shares, and what the lists of the Fortune Global 500 say."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from enterprises.models import Enterprise, RankingEntry
from enterprises.services import enterprise_update
from parkportal import trace
from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Project, StageChange
from projects.services import (
    Act,
    possible,
    project_change_stage,
    project_restore,
    project_return,
    project_submit,
    project_terminate,
    project_update,
    project_verify,
    project_withdraw,
    projects_rederive_for_group,
    projects_rederive_for_lists,
    shares_set,
)
from tests.factories import (
    make_enterprise,
    make_group,
    make_park,
    make_ranking_list,
    make_user,
)
from tests.projects.entering import DAY, entered, refused, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def head(park: Park) -> User:
    return make_user(Role.HEAD, park=park)


# --- review --------------------------------------------------------------------------------------------------------


def test_submission_names_what_the_stage_asks_for(park: Park, clerk: User) -> None:
    project = entered(park, clerk, stage="registered", contract_type="", total_investment=None)
    found = refused(lambda: project_submit(by=Actor(clerk), project=project))
    assert set(found) == {"contract_type", "total_investment", "company", "registered_on"}
    assert found["total_investment"] == ["进度为“注册”的项目要填写总投资。"]
    assert project.review_state == "draft"


def test_from_its_registration_on_a_company_needs_a_code(park: Park, clerk: User) -> None:
    company = make_enterprise(park=park)
    project = entered(park, clerk, stage="registered", registered_on=date(2020, 8, 1), company=company)
    assert "信用代码" in refused(lambda: project_submit(by=Actor(clerk), project=project))["company"][0]
    Enterprise.objects.filter(pk=company.pk).update(foreign_reg_no="HK-1")
    assert project_submit(by=Actor(clerk), project=Project.objects.get(pk=project.pk)).review_state == "submitted"


def test_who_entered_or_submitted_does_not_verify(park: Park, clerk: User, head: User) -> None:
    second = make_user(Role.HEAD, park=park)
    own = project_submit(by=Actor(head), project=entered(park, head))
    handed = project_submit(by=Actor(head), project=entered(park, clerk))
    for project in (own, handed):
        assert not possible(head, project, Act.VERIFY)
        with pytest.raises(PermissionDenied, match="另一位科室负责人"):
            project_verify(by=Actor(head), project=project)
    assert project_verify(by=Actor(second), project=own).verified_by == second


def test_only_a_head_of_the_same_park_verifies(park: Park, clerk: User) -> None:
    project = project_submit(by=Actor(clerk), project=entered(park, clerk))
    for person in (
        clerk,
        make_user(Role.CLERK, park=park),
        make_user(Role.HEAD),
        make_user(Role.CITY, region=park.region),
    ):
        with pytest.raises(PermissionDenied):
            project_verify(by=Actor(person), project=project)
    assert project.review_state == "submitted"


def test_a_draft_is_not_verified(park: Park, clerk: User, head: User) -> None:
    assert "草稿" in refused(lambda: project_verify(by=Actor(head), project=entered(park, clerk)))[""][0]


def test_giving_back_needs_a_reason_that_the_next_submission_clears(park: Park, clerk: User, head: User) -> None:
    project = project_submit(by=Actor(clerk), project=entered(park, clerk))
    assert "reason" in refused(lambda: project_return(by=Actor(head), project=project, reason=" "))
    assert "reason" in refused(lambda: project_return(by=Actor(head), project=project, reason="长" * 301))
    project_return(by=Actor(head), project=project, reason="缺合同")
    assert (project.review_state, project.return_reason) == ("returned", "缺合同")
    assert project_submit(by=Actor(clerk), project=project).return_reason == ""


# --- stages --------------------------------------------------------------------------------------------------------


def test_the_next_stage_takes_its_day_and_what_it_asks_for(park: Park, clerk: User) -> None:
    project = entered(park, clerk)
    move = {"by": Actor(clerk), "project": project, "to": "registered", "on": date(2020, 8, 15), "precision": "month"}
    assert "company" in refused(lambda: project_change_stage(**move))
    company = make_enterprise(park=park, uscc="91430400MA43WA0090")
    project_change_stage(**move, values={"company": company})
    assert (project.stage, project.registered_on, project.registered_on_precision) == (
        "registered",
        date(2020, 8, 1),
        "month",
    )
    step = project.stage_changes.last()
    assert step is not None
    assert (step.from_stage, step.to_stage, step.on, step.on_precision) == (
        "signed",
        "registered",
        date(2020, 8, 15),
        "month",
    )


def test_a_jump_and_a_way_back_need_a_reason(park: Park, head: User) -> None:
    project = verified(park)
    jump = {"by": Actor(head), "project": project, "to": "in_production", "on": date(2020, 8, 1)}
    assert "reason" in refused(lambda: project_change_stage(**jump))
    project_change_stage(**jump, reason="其间未载")
    back = {"by": Actor(head), "project": project, "to": "signed", "on": date(2020, 5, 10)}
    assert "reason" in refused(lambda: project_change_stage(**back))
    project_change_stage(**back, reason="登记有误")
    assert (project.stage, project.in_production_on) == ("signed", None)
    assert list(StageChange.objects.values_list("reason", flat=True)) == ["其间未载", "登记有误"]


def test_moving_on_keeps_the_days_that_are_known_already(park: Park, clerk: User) -> None:
    project = entered(park, clerk, started_on=date(2020, 9, 1))
    company = make_enterprise(park=park, uscc="91430400MA43WA0090")
    project_change_stage(
        by=Actor(clerk), project=project, to="registered", on=date(2020, 8, 1), values={"company": company}
    )
    assert project.started_on == date(2020, 9, 1)


def test_a_stage_that_does_not_exist_or_is_there_already_is_refused(park: Park, clerk: User) -> None:
    project = entered(park, clerk)
    for to in ("nowhere", "signed"):
        assert "to" in refused(lambda to=to: project_change_stage(by=Actor(clerk), project=project, to=to, on=DAY))


# --- ending, bin, shares -------------------------------------------------------------------------------------------


def test_an_ended_project_keeps_the_reason_and_counts_before_its_end(park: Park, head: User) -> None:
    project = verified(park, note="原备注")
    project_terminate(by=Actor(head), project=project, on=date(2020, 9, 15), reason="投资方撤资")
    assert (project.status, project.note) == ("terminated", "原备注\n终止原因：投资方撤资")
    assert project in Project.objects.counted(date(2020, 9, 14))
    assert project not in Project.objects.counted(date(2020, 9, 15))


def test_a_withdrawn_project_can_be_restored_for_thirty_days(park: Park, clerk: User) -> None:
    project = entered(park, clerk)
    project_withdraw(by=Actor(clerk), project=project)
    assert not Project.objects.kept().exists()
    assert "回收站" in refused(lambda: project_update(by=Actor(clerk), project=project, values={"note": "改"}))[""][0]
    project_restore(by=Actor(clerk), project=project)
    assert Project.objects.kept().get() == project
    project_withdraw(by=Actor(clerk), project=project)
    Project.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    project.refresh_from_db()
    assert "30天" in refused(lambda: project_restore(by=Actor(clerk), project=project))[""][0]


def test_a_verified_project_is_withdrawn_only_by_the_head(park: Park, clerk: User, head: User) -> None:
    project = verified(park)
    with pytest.raises(PermissionDenied):
        project_withdraw(by=Actor(clerk), project=project)
    assert project_withdraw(by=Actor(head), project=project).deleted_by == head


def test_shares_make_a_whole(park: Park, head: User) -> None:
    project, other = verified(park), make_park()
    for rows in ([(park, 5_000, 10_000), (other, 4_000, 0)], [(park, 10_000, 9_999)], [(park, 5_000, 5_000)] * 2, []):
        refused(lambda rows=rows: shares_set(by=Actor(head), project=project, rows=rows))
    shares_set(by=Actor(head), project=project, rows=[(park, 5_000, 6_000), (other, 5_000, 4_000)])
    assert set(project.shares.values_list("park", "count_bp", "amount_bp")) == {
        (park.pk, 5_000, 6_000),
        (other.pk, 5_000, 4_000),
    }
    assert project.version == 2
    entry = Change.objects.filter(object_type="projects.Project").get()
    assert "个数50%、金额60%" in entry.diff["shares"][1]
    shares_set(by=Actor(head), project=project, rows=[(other, 10_000, 10_000)])
    assert list(project.shares.values_list("park", flat=True)) == [other.pk]


# --- Fortune Global 500 --------------------------------------------------------------------------------------------


def test_the_newest_list_before_the_signing_decides(park: Park, head: User) -> None:
    group, later = make_group(), make_group()
    make_ranking_list(group, year=2019, published_on=date(2019, 7, 1))
    make_ranking_list(later, year=2020, published_on=date(2020, 8, 1))
    project = verified(park)
    for owner, signed_on, expected in (
        (group, date(2020, 7, 31), True),
        (later, date(2020, 7, 31), False),
        (group, date(2020, 8, 1), False),
        (later, date(2020, 8, 1), True),
        (group, date(2019, 6, 30), False),
        (later, None, True),
        (group, None, False),
    ):
        investor = make_enterprise(park=park, group=owner)
        project_update(by=Actor(head), project=project, values={"investor": investor, "signed_on": signed_on})
        assert project.fortune_global_500 is expected, (owner, signed_on)


def test_a_controlling_ancestor_on_the_list_is_enough(park: Park, clerk: User) -> None:
    top = make_group()
    make_ranking_list(top)
    below = make_group(parent=make_group(parent=top))
    loose = make_group(parent=top, controlled=False)
    assert entered(park, clerk, investor=make_enterprise(park=park, group=below)).fortune_global_500
    assert not entered(park, clerk, investor=make_enterprise(park=park, group=loose)).fortune_global_500


def test_the_fact_follows_the_group_the_list_and_the_enterprise(park: Park, clerk: User) -> None:
    top, group = make_group(), make_group()
    ranking = make_ranking_list(top)
    investor = make_enterprise(park=park, group=group)
    project = entered(park, clerk, investor=investor)

    def fact() -> bool:
        project.refresh_from_db()
        return project.fortune_global_500

    group.parent = top
    group.save()
    with trace.changes(by=Actor(None)) as ledger:
        assert projects_rederive_for_group(ledger=ledger, group=group) == 1
    assert fact()
    RankingEntry.objects.filter(list=ranking).delete()
    with trace.changes(by=Actor(None)) as ledger:
        assert projects_rederive_for_lists(ledger=ledger) == 1
    assert not fact()
    RankingEntry.objects.create(list=ranking, group=make_group(code="new"))
    listed = ranking.entries.get().group
    enterprise_update(by=Actor(clerk), enterprise=investor, version=1, values={"group": listed})
    assert fact()
    told = Change.objects.of("projects.Project", [project.code]).order_by("seq").values_list("diff", flat=True)
    assert [diff["fortune_global_500"] for diff in told] == [[None, False], [False, True], [True, False], [False, True]]
