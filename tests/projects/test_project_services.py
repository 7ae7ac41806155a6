"""The services of projects: what they write, what they refuse, and the trace that they leave."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from enterprises.models import Enterprise, RankingEntry
from enterprises.services import enterprise_update
from parkportal import trace
from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, Ledger, StaleVersion
from projects.filters import ProjectFilter
from projects.models import Project, StageChange
from projects.services import (
    COUNTED_FIELDS,
    EDITABLE,
    OPEN_FIELDS,
    Act,
    alike,
    possible,
    project_change_stage,
    project_create,
    project_recall,
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
    total_meant,
    waiting,
)
from projects.services.entry import carry_out, weigh
from tests.factories import (
    YI,
    make_chain,
    make_chain_node,
    make_enterprise,
    make_group,
    make_park,
    make_project,
    make_ranking_list,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = date(2020, 10, 8)


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def head(park: Park) -> User:
    return make_user(Role.HEAD, park=park)


def signed(park: Park, **values: Any) -> dict[str, Any]:
    """What a signed project of the park has."""
    return {
        "name": "精密结构件项目",
        "investor": make_enterprise(park=park, name="企业午"),
        "contract_type": "formal",
        "stage": "signed",
        "signed_on": date(2020, 7, 3),
        "total_investment": 2 * YI,
    } | values


def entered(park: Park, by: User, **values: Any) -> Project:
    return project_create(by=Actor(by), park=park, values=signed(park, **values), on=DAY)


def verified(park: Park, **values: Any) -> Project:
    return make_project(park=park, **values)


def refused(call: Callable[[], Any]) -> dict[str, list[str]]:
    """The sentences by column with which a service refuses."""
    with pytest.raises(ValidationError) as caught:
        call()
    return caught.value.message_dict if hasattr(caught.value, "error_dict") else {"": caught.value.messages}


# --- entering ------------------------------------------------------------------------------------------------------


def test_a_new_project_has_code_share_first_stage_and_trace(park: Park, clerk: User) -> None:
    project = entered(park, clerk)
    assert project.code == f"{park.code}-2020-001"
    assert (project.review_state, project.created_by) == ("draft", clerk)
    assert list(project.shares.values_list("park", "count_bp", "amount_bp")) == [(park.pk, 10_000, 10_000)]
    step = project.stage_changes.get()
    assert (step.from_stage, step.to_stage, step.on, step.by) == ("", "signed", date(2020, 7, 3), clerk)
    entry = Change.objects.get(object_type="projects.Project", object_code=project.code)
    assert (entry.user, entry.park, entry.diff["total_investment"]) == (clerk, park, [None, 2 * YI])


@pytest.mark.parametrize("text", ["精密", "jingmi", "jmjgj", "企业午", "2020-001"])
def test_a_project_is_found_by_name_pinyin_initials_investor_and_code(park: Park, clerk: User, text: str) -> None:
    project = entered(park, clerk)
    assert list(Project.objects.filter(search_text__icontains=text)) == [project]


def test_nobody_enters_for_another_park_or_as_a_reader(park: Park) -> None:
    for outsider in (
        make_user(Role.CLERK),
        make_user(Role.LEADER, park=park),
        make_user(Role.CLERK, region=park.region),
    ):
        with pytest.raises(PermissionDenied):
            entered(park, outsider)
    assert not Project.objects.exists()


def test_a_new_investor_is_made_in_the_transaction_of_the_project(park: Park, clerk: User) -> None:
    project = entered(park, clerk, investor=Enterprise(park=park, name="新投资方", origin="广东深圳"))
    assert project.investor is not None
    assert project.investor.code == f"{park.code}-e2020-001"
    assert "新投资方" in project.search_text


def test_a_refused_project_leaves_no_investor_behind(park: Park, clerk: User) -> None:
    refused(lambda: entered(park, clerk, investor=Enterprise(park=park, name="新投资方"), total_investment=32_000))
    assert not Enterprise.objects.filter(name="新投资方").exists()


def test_a_blank_of_a_known_company_is_filled_in_and_traced(park: Park, clerk: User) -> None:
    company = make_enterprise(park=park)
    company.uscc = "91430400MA43WA0090"
    entered(park, clerk, company=company)
    company.refresh_from_db()
    assert company.uscc == "91430400MA43WA0090"
    assert Change.objects.filter(object_type="enterprises.Enterprise", object_code=company.code).exists()


def test_only_typed_columns_can_be_written(park: Park, clerk: User) -> None:
    project = entered(park, clerk)
    for name in ("park", "review_state", "verified_by", "fortune_global_500", "version", "code", "sample_fields"):
        with pytest.raises(ValueError, match="not editable"):
            project_update(by=Actor(clerk), project=project, values={name: None})


def test_rows_of_another_park_or_region_are_refused(park: Park, clerk: User) -> None:
    foreign = {
        "investor": make_enterprise(),
        "company": make_enterprise(),
        "parent": make_project(),
        "owner": make_user(),
        "chain": make_chain(),
    }
    for name, row in foreign.items():
        assert name in refused(lambda name=name, row=row: entered(park, clerk, **{name: row})), name
    node = make_chain_node(chain=make_chain(region=park.region))
    assert "chain_node" in refused(lambda: entered(park, clerk, chain=make_chain(region=park.region), chain_node=node))


def test_what_the_table_refuses_is_said_before_the_table_does(park: Park, clerk: User) -> None:
    assert "kind" in refused(lambda: entered(park, clerk, kind="phase"))
    assert "kind" in refused(lambda: entered(park, clerk, parent=verified(park)))
    assert "name" in refused(lambda: entered(park, clerk, name="长" * 101))


# --- what is odd ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "column", "words"),
    [
        ({"started_on": date(2020, 7, 1)}, "started_on", "开工时间2020-07-01早于签约时间2020-07-03"),
        ({"total_investment": 32_000}, "total_investment", "总投资3.2万元过小，请检查单位"),
        ({"total_investment": 3 * 10**12}, "total_investment", "总投资300,000,000万元过大，请检查单位"),
        ({"fixed_asset_investment": 3 * YI}, "fixed_asset_investment", "固定资产投资30,000万元大于总投资20,000万元"),
    ],
)
def test_an_oddity_is_refused_until_a_reason_is_given(
    park: Park, clerk: User, values: dict[str, Any], column: str, words: str
) -> None:
    assert words in refused(lambda: entered(park, clerk, **values))[column][0]
    assert entered(park, clerk, **values, order_warning_reason="补签合同").pk


def test_an_imprecise_date_is_not_out_of_order_while_it_may_be_in_order(park: Park, clerk: User) -> None:
    assert entered(park, clerk, started_on=date(2020, 7, 1), started_on_precision="month").pk


def test_what_has_not_happened_yet_is_refused(park: Park, clerk: User) -> None:
    found = refused(lambda: entered(park, clerk, signed_on=DAY + timedelta(days=1)))
    assert "晚于今天" in found["signed_on"][0]
    assert entered(park, clerk, planned_start_on=DAY + timedelta(days=90)).pk


def test_ending_and_its_day_go_together(park: Park, clerk: User) -> None:
    assert "terminated_on" in refused(lambda: entered(park, clerk, status="terminated"))
    assert "status" in refused(lambda: entered(park, clerk, terminated_on=DAY))


@pytest.mark.parametrize(
    ("typed", "meant"), [(32_000, 320_000_000), (2 * YI, None), (3 * 10**12, 3 * YI), (None, None)]
)
def test_the_meant_total_is_guessed_from_one_in_the_wrong_unit(typed: int | None, meant: int | None) -> None:
    assert total_meant(typed) == meant


def test_nearly_the_same_name_is_found_in_the_own_park_only(park: Park) -> None:
    known = verified(park, name="精密结构件生产项目二期")
    verified(make_park(), name="精密结构件生产项目")
    verified(park, name="冷链物流园")
    found = alike.find(park=park, name="精密结构件生产项目（示例）")
    assert [one.project for one in found] == [known]
    assert alike.find(park=park, name="精密结构件生产项目", but=known) == []


# --- who may change what -------------------------------------------------------------------------------------------


def test_every_column_that_a_figure_can_see_is_counted() -> None:
    columns = {field.name for field in Project._meta.concrete_fields}
    seen = {one.field_name.split("__")[0] for one in ProjectFilter.base_filters.values()} & columns
    sums = {
        name
        for name in columns
        if name.endswith(("_investment", "_capital", "_output", "_tax", "_jobs", "_mu", "_sqm"))
    }
    not_typed = {"park", "owner", "review_state", "recognition_level", "fortune_global_500", "search_text", "seq"} | {
        "updated_at"
    }
    assert seen | sums | set(ProjectFilter.BASES) & columns <= COUNTED_FIELDS | not_typed
    assert EDITABLE == COUNTED_FIELDS | OPEN_FIELDS


def test_a_clerk_changes_the_progress_of_a_verified_project_at_once(park: Park, clerk: User) -> None:
    project = verified(park)
    project_update(by=Actor(clerk), project=project, values={"progress": "主体封顶"})
    assert project.progress == "主体封顶"
    assert waiting(project) is None


def test_what_counts_is_written_at_once_only_by_whoever_verifies(park: Park, clerk: User, head: User) -> None:
    """The guard under the waiting: whatever leads to it, counted columns are not written by somebody without it."""
    project = verified(park)
    for person, refuses in ((clerk, True), (head, False)):
        with trace.changes(by=Actor(person)) as ledger:
            edit = weigh(ledger, project, {"total_investment": 3 * YI})
            if refuses:
                with pytest.raises(PermissionDenied, match="科室负责人"):
                    carry_out(ledger, project, edit)
            else:
                carry_out(ledger, project, edit)
    assert project.total_investment == 3 * YI


def test_the_head_changes_what_counts_at_once_and_leaves_a_trace(park: Park, head: User) -> None:
    project = verified(park, sample_fields=["total_investment", "progress"])
    project_update(by=Actor(head), project=project, values={"total_investment": 3 * YI})
    assert (project.total_investment, project.review_state) == (3 * YI, "verified")
    assert project.sample_fields == ["progress"]
    entry = Change.objects.get(object_code=project.code)
    assert (entry.user, entry.diff["total_investment"]) == (head, [2 * YI, 3 * YI])


def test_a_group_that_is_filled_in_with_a_project_derives_its_projects_anew(park: Park, clerk: User) -> None:
    investor, group = make_enterprise(park=park), make_group()
    make_ranking_list(group)
    other = make_project(park=park, investor=investor)
    project = entered(park, clerk, investor=investor)
    investor.group = group
    project_update(by=Actor(clerk), project=project, values={"investor": investor})
    other.refresh_from_db()
    assert (project.fortune_global_500, other.fortune_global_500) == (True, True)


def test_another_park_does_not_change_a_project_even_with_a_share(park: Park) -> None:
    other = make_user(Role.HEAD)
    project = make_project(park=park, shares=[(park, 5_000), (other.park, 5_000)])
    with pytest.raises(PermissionDenied, match="不能修改"):
        project_update(by=Actor(other), project=project, values={"progress": "改"})


def test_a_submitted_project_is_changed_only_after_it_is_taken_back(park: Park, clerk: User) -> None:
    project = entered(park, clerk)
    project_submit(by=Actor(clerk), project=project)
    assert (
        "先撤回提交" in refused(lambda: project_update(by=Actor(clerk), project=project, values={"note": "改"}))[""][0]
    )
    project_recall(by=Actor(clerk), project=project)
    project_update(by=Actor(clerk), project=project, values={"note": "改"})
    assert project.review_state == "draft"


def test_the_loser_of_a_race_changes_nothing(park: Park, clerk: User) -> None:
    project = entered(park, clerk)
    slow = Project.objects.get(pk=project.pk)
    project_update(by=Actor(clerk), project=project, values={"note": "先"}, version=1)
    for version in (1, None):
        with pytest.raises(StaleVersion):
            project_update(by=Actor(clerk), project=slow, values={"progress": "后"}, version=version)
    project.refresh_from_db()
    assert (project.note, project.progress) == ("先", "")


def test_without_the_comparison_the_loser_would_overwrite(
    park: Park, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Ledger.update
    monkeypatch.setattr(Ledger, "update", lambda self, row, values, version=None: whole(self, row, values))
    project = entered(park, clerk)
    slow = Project.objects.get(pk=project.pk)
    project_update(by=Actor(clerk), project=project, values={"note": "先"})
    project_update(by=Actor(clerk), project=slow, values={"note": "后"})
    project.refresh_from_db()
    assert project.note == "后"


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
