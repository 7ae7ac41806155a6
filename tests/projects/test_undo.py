"""Taking one change of a project back, as the change log offers it."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Project
from projects.services import (
    change_undo,
    project_change_stage,
    project_submit,
    project_update,
    project_withdraw,
    waiting,
)
from tests.factories import YI, make_chain, make_enterprise, make_park, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def head(park: Park) -> User:
    return make_user(Role.HEAD, park=park)


def last(project: Project) -> Change:
    return Change.objects.filter(object_type="projects.Project", object_code=project.code).latest("seq")


def values(project: Project) -> dict[str, object]:
    row = Project.objects.get(pk=project.pk)
    moving = {"version", "seq", "updated_at"}
    return {f.name: getattr(row, f.name) for f in Project._meta.concrete_fields if f.name not in moving}


def test_all_fields_of_one_change_are_set_back_with_what_follows(park: Park, clerk: User) -> None:
    project = make_project(
        park=park, review_state="draft", chain=make_chain(region=park.region), sample_fields=["total_investment"],
        tags=["科创"], owner=clerk,
    )  # fmt: skip
    before = values(project)
    new = {
        **{"total_investment": 3 * YI, "total_investment_qualifier": "over", "signed_on": date(2020, 6, 1)},
        **{"chain": None, "investor": make_enterprise(park=park), "owner": None, "tags": [], "site": "东区"},
        **{"land_area_mu": 6_370, "name": "另一个名称"},
    }
    project_update(by=Actor(clerk), project=project, values=new)
    assert values(project) != before
    change_undo(by=Actor(clerk), project=project, change=last(project))
    found = values(project)
    assert "另一个名称" not in str(found.pop("search_text"))
    before.pop("search_text")
    assert found == before


def test_a_change_that_was_changed_again_is_refused_with_the_field(park: Park, clerk: User) -> None:
    project = make_project(park=park, review_state="draft")
    project_update(by=Actor(clerk), project=project, values={"total_investment": 3 * YI, "site": "东区"})
    first = last(project)
    project_update(by=Actor(clerk), project=project, values={"total_investment": 4 * YI})
    with pytest.raises(ValidationError, match="总投资后来又改过"):
        change_undo(by=Actor(clerk), project=project, change=first)
    project.refresh_from_db()
    assert (project.total_investment, project.site) == (4 * YI, "东区")


def test_an_undo_can_itself_be_undone(park: Park, clerk: User) -> None:
    project = make_project(park=park, review_state="draft")
    project_update(by=Actor(clerk), project=project, values={"site": "东区"})
    change_undo(by=Actor(clerk), project=project, change=last(project))
    change_undo(by=Actor(clerk), project=project, change=last(project))
    assert values(project)["site"] == "东区"


def test_a_step_is_taken_back_with_its_day(park: Park, head: User) -> None:
    project = make_project(park=park)
    project_change_stage(by=Actor(head), project=project, to="in_production", on=date(2020, 8, 1), reason="跳过")
    change_undo(by=Actor(head), project=project, change=last(project))
    assert (project.stage, project.in_production_on) == ("signed", None)
    step = project.stage_changes.last()
    assert step is not None
    assert (step.to_stage, step.reason[:2]) == ("signed", "撤销")


def test_a_review_or_withdrawal_is_no_edit(park: Park, clerk: User) -> None:
    project = make_project(park=park, review_state="draft")
    project_submit(by=Actor(clerk), project=project)
    submission = last(project)
    Project.objects.update(review_state="draft")
    project.refresh_from_db()
    with pytest.raises(ValidationError, match="不是填报内容的修改"):
        change_undo(by=Actor(clerk), project=project, change=submission)
    project_withdraw(by=Actor(clerk), project=project)
    with pytest.raises(ValidationError, match="回收站"):
        change_undo(by=Actor(clerk), project=project, change=last(project))


def test_undoing_what_counts_in_a_verified_project_waits_for_a_clerk(park: Park, clerk: User, head: User) -> None:
    project = make_project(park=park)
    project_update(by=Actor(head), project=project, values={"total_investment": 3 * YI})
    change_undo(by=Actor(clerk), project=project, change=last(project))
    change = waiting(project)
    assert change is not None
    assert (values(project)["total_investment"], change.values) == (3 * YI, {"total_investment": 2 * YI})


def test_strangers_undo_nothing(park: Park, clerk: User) -> None:
    project = make_project(park=park, review_state="draft")
    project_update(by=Actor(clerk), project=project, values={"site": "东区"})
    for person in (make_user(Role.HEAD), make_user(Role.LEADER, park=park)):
        with pytest.raises(PermissionDenied):
            change_undo(by=Actor(person), project=project, change=last(project))
    assert values(project)["site"] == "东区"


# --- the page ------------------------------------------------------------------------------------------------------


def test_the_log_offers_what_can_be_undone_and_its_button_does_it(client_as: As, park: Park, clerk: User) -> None:
    project = make_project(park=park, review_state="draft")
    project_update(by=Actor(clerk), project=project, values={"site": "东区"})
    project_update(by=Actor(clerk), project=project, values={"site": "西区"})
    newest = last(project)
    client = client_as(clerk)
    html = client.get(f"/projects/{project.code}/").content.decode()
    url = f"/projects/{project.code}/undo/?change={newest.seq}"
    assert html.count("/undo/?change=") == 1
    assert f'action="{url}"' in html
    assert "这一次修改已撤销" in client.post(url, follow=True).content.decode()
    assert values(project)["site"] == "东区"
    assert "后来又改过" in client.post(url, follow=True).content.decode()
    leader = client_as(make_user(Role.LEADER, park=park))
    assert "/undo/?change=" not in leader.get(f"/projects/{project.code}/").content.decode()


def test_a_change_of_another_project_or_none_is_not_found(client_as: As, park: Park, clerk: User) -> None:
    project, another = (make_project(park=park, review_state="draft") for _n in range(2))
    project_update(by=Actor(clerk), project=another, values={"site": "东区"})
    client = client_as(clerk)
    for seq in (last(another).seq, "x", "", "9" * 30, "-1"):
        html = client.post(f"/projects/{project.code}/undo/?change={seq}", follow=True).content.decode()
        assert "没有找到这一条变更记录" in html
    assert values(another)["site"] == "东区"
