"""The services of projects: what is entered, what is odd, who may change what, and the trace that it leaves."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from enterprises.models import Enterprise
from enterprises.services import enterprise_update
from parkportal import trace
from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, Ledger, StaleVersion
from projects.filters import ProjectFilter
from projects.models import Project
from projects.services import (
    COUNTED_FIELDS,
    EDITABLE,
    OPEN_FIELDS,
    alike,
    project_recall,
    project_submit,
    project_update,
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
    asked = {name: one for name, one in ProjectFilter.base_filters.items() if name not in ProjectFilter.UNKEPT}
    seen = {one.field_name.split("__")[0] for one in asked.values()} & columns
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


@pytest.mark.parametrize("door", ["a draft", "the verified project", "the enterprise"])
def test_a_group_moves_the_mark_of_a_verified_project_only_by_whoever_verifies(
    park: Park, clerk: User, head: User, door: str
) -> None:
    investor, group = make_enterprise(park=park), make_group()
    make_ranking_list(group)
    verified, draft = make_project(park=park, investor=investor), entered(park, clerk, investor=investor)

    def fill(user: User) -> None:
        investor.refresh_from_db()
        if door == "the enterprise":
            values = {"group": group}
            enterprise_update(by=Actor(user), enterprise=investor, version=investor.version, values=values)
            return
        investor.group = group
        project = draft if door == "a draft" else verified
        project.refresh_from_db()
        project_update(by=Actor(user), project=project, values={"investor": investor})

    assert "1个已审核的项目" in refused(lambda: fill(clerk))["group"][0]
    assert not Enterprise.objects.filter(group=group).exists(), "nothing is written by halves"
    fill(head)
    marks = Project.objects.filter(investor=investor).values_list("fortune_global_500", flat=True)
    assert list(marks) == [True, True]


def test_a_group_that_moves_no_verified_mark_is_filled_in_by_anybody(park: Park, clerk: User) -> None:
    investor, group = make_enterprise(park=park), make_group()
    make_project(park=park, investor=investor)
    project = entered(park, clerk, investor=investor)
    investor.group = group
    project_update(by=Actor(clerk), project=project, values={"investor": investor})
    make_ranking_list(group)
    assert Enterprise.objects.get(pk=investor.pk).group == group and not project.fortune_global_500


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
