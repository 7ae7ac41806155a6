"""A secret project is seen in full by the few who may, under its code name by the others, and counts for everybody."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import QueryDict
from django.test import Client

from parkportal.models import Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.filters import ProjectFilter
from projects.models import Engagement, FundArrival, GroupStartEntry, Project
from projects.models.secrecy import seen_in_full, sees_in_full
from projects.services import project_update
from projects.services.engagements import engagement_update
from projects.services.funds import fund_arrival_update
from tests.factories import (
    make_engagement,
    make_enterprise,
    make_fund_arrival,
    make_group_start_entry,
    make_park,
    make_project,
    make_token,
    make_user,
)
from tests.rest import API, body

pytestmark = pytest.mark.django_db
MARK = "不能外传"
CODE = "东风"
WHO = ("owner", "creator", "submitter", "head", "leader", "clerk", "statistician", "shared_head")
IN_FULL = ("owner", "creator", "submitter", "head", "leader")


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def people(park: Park) -> dict[str, User]:
    clerks = {who: make_user(Role.CLERK, park=park) for who in ("owner", "creator", "submitter", "clerk")}
    return clerks | {
        "head": make_user(Role.HEAD, park=park),
        "leader": make_user(Role.LEADER, park=park),
        "statistician": make_user(Role.STATISTICIAN, region=park.region),
        "shared_head": make_user(Role.HEAD),
    }


@pytest.fixture
def project(park: Park, people: dict[str, User]) -> Project:
    texts = dict.fromkeys(("site", "content", "progress", "problem", "next_step", "note", "search_text"), MARK)
    row = make_project(
        park=park,
        name=f"{MARK}项目",
        investor=make_enterprise(park=park, name=f"{MARK}投资方"),
        company=make_enterprise(park=park, name=f"{MARK}公司"),
        confidentiality="secret",
        code_name=CODE,
        owner=people["owner"],
        created_by=people["creator"],
        submitted_by=people["submitter"],
        tags=[MARK],
        custom={MARK: MARK},
        shares=[(park, 5_000), (people["shared_head"].park, 5_000)],  # type: ignore[list-item]
        **texts,
    )
    talk = make_engagement(project=row, enterprise=row.investor, title=MARK, summary=MARK, participants=[(MARK, MARK)])
    make_fund_arrival(project=row, proof=MARK)
    make_group_start_entry(project=row)
    row.contracts.create(type="formal", number=MARK, kept_at=MARK)  # type: ignore[attr-defined]
    row.notes.create(week_of="2020-09-07", progress=MARK)  # type: ignore[attr-defined]
    row.talk = talk  # type: ignore[attr-defined]
    return row


@pytest.mark.parametrize("who", WHO)
def test_the_rule_is_one_for_rows_and_conditions(project: Project, people: dict[str, User], who: str) -> None:
    expected = who in IN_FULL
    assert sees_in_full(people[who], project) == expected
    assert Project.objects.filter(seen_in_full(people[who])).exists() == expected
    assert Project.objects.visible_to(people[who]).get().veiled == (not expected)


def test_nobody_in_particular_sees_nothing_secret(project: Project) -> None:
    assert not sees_in_full(None, project)
    assert not Project.objects.filter(seen_in_full(None)).exists()


def test_a_clerk_who_moved_away_sees_no_row_at_all(project: Project, people: dict[str, User]) -> None:
    User.objects.filter(pk=people["owner"].pk).update(park=make_park())
    assert not Project.objects.visible_to(User.objects.get(pk=people["owner"].pk)).exists()


PAGES = (
    *("/projects/", "/projects/{code}/", "/fund-arrivals/", "/engagements/", "/engagements/{talk}/", "/group-starts/"),
    *("/projects/{code}/?trace=all", "/"),
)
REST = ("projects/", "projects/{code}/", "fund-arrivals/", "engagements/", "group-start-entries/")


def addresses(project: Any) -> list[str]:
    named = {"code": project.code, "talk": project.talk.code}
    return [page.format(**named) for page in PAGES] + [API + path.format(**named) for path in REST]


@pytest.mark.parametrize("who", ["clerk", "statistician", "shared_head"])
def test_no_byte_of_what_is_hidden_is_read(project: Project, people: dict[str, User], who: str, client_as: Any) -> None:
    browser, program = client_as(people[who]), Client(headers={"authorization": f"Bearer {make_token(people[who])[1]}"})
    said = {
        path: body((program if path.startswith("/api/") else browser).get(path)).decode(errors="replace")
        for path in addresses(project)
    }
    assert [path for path, text in said.items() if MARK in text] == []
    assert CODE in said["/projects/"] and CODE in said[f"{API}projects/"] and CODE in said[f"/projects/{project.code}/"]


def test_those_who_may_read_everything(project: Project, people: dict[str, User], client_as: Any) -> None:
    """Without this, the test above would hold for a portal that shows nothing."""
    browser = client_as(people["head"])
    for path in ("/projects/", f"/projects/{project.code}/", "/fund-arrivals/", "/engagements/"):
        assert MARK in browser.get(path).content.decode(), path


def test_every_hidden_column_is_empty_and_what_figures_count_stays(project: Project, people: dict[str, User]) -> None:
    row = Project.objects.visible_to(people["clerk"]).select_related("investor").prefetch_related("contracts").get()
    assert (row.name, row.investor, row.company, row.content, row.tags, row.custom) == (CODE, None, None, "", [], {})
    assert (row.total_investment, row.signed_on, row.stage) == (
        project.total_investment,
        project.signed_on,
        project.stage,
    )
    assert not row.contracts.all() and not row.engagements.filter(title=MARK)  # type: ignore[attr-defined]
    assert Project.objects.get().name == project.name


def test_rows_that_hang_on_it_are_veiled_with_it(project: Project, people: dict[str, User]) -> None:
    clerk = people["clerk"]
    talk = Engagement.objects.visible_to(clerk).get()
    assert talk.title == f"{CODE}的洽谈" and not talk.participants.all() and talk.enterprise is None  # type: ignore[attr-defined]
    assert FundArrival.objects.visible_to(clerk).get().proof == ""
    assert GroupStartEntry.objects.visible_to(clerk).get().project.name == CODE


def test_a_project_without_a_code_name_goes_by_its_code(project: Project, people: dict[str, User]) -> None:
    Project.objects.update(code_name="")
    assert Project.objects.visible_to(people["clerk"]).get().name == f"保密项目{project.code}"


# --- searching and taking it out of the house ----------------------------------------------------------------------


def listed(user: User, query: str) -> int:
    class Request:
        def __init__(self) -> None:
            self.user = user

    return ProjectFilter(QueryDict(query), queryset=Project.objects.visible_to(user), request=Request()).qs.count()


def test_nobody_finds_it_by_what_is_hidden(project: Project, people: dict[str, User]) -> None:
    investor = project.investor
    assert investor
    for query in (f"search={MARK}", f"search={MARK}&with_secret=true", f"investor={investor.code}"):
        assert listed(people["clerk"], query) == 0, query
    assert listed(people["head"], f"investor={investor.code}") == 1


def test_a_search_leaves_it_out_unless_it_is_asked_for(project: Project, people: dict[str, User]) -> None:
    assert listed(people["head"], f"search={MARK}") == 0
    assert listed(people["head"], f"search={MARK}&with_secret=true") == 1
    assert listed(people["head"], "") == listed(people["clerk"], "") == 1


@pytest.mark.parametrize(("more", "count"), [("", 0), ("&with_secret=true", 1)])
def test_files_leave_it_out_unless_they_ask_for_it(
    project: Project, people: dict[str, User], more: str, count: int
) -> None:
    program = Client(headers={"authorization": f"Bearer {make_token(people['head'])[1]}"})
    said = body(program.get(f"{API}projects/?format=ndjson{more}")).decode()
    assert said.count('"name":"' + project.name) == count and (MARK in said) == bool(count)


def test_the_page_of_its_investor_does_not_name_it(project: Project, people: dict[str, User], client_as: Any) -> None:
    address = f"/enterprises/{project.investor.code}/"  # type: ignore[union-attr]
    assert project.code not in client_as(people["clerk"]).get(address).content.decode()
    assert project.code in client_as(people["head"]).get(address).content.decode()


# --- changing ------------------------------------------------------------------------------------------------------


def test_who_sees_only_the_code_name_changes_nothing(project: Any, people: dict[str, User]) -> None:
    clerk = Actor(people["clerk"])
    veiled = Project.objects.visible_to(people["clerk"]).get()
    arrival, talk = FundArrival.objects.get(), Engagement.objects.get()
    FundArrival.objects.update(verified=False)
    arrival.refresh_from_db()
    with pytest.raises(PermissionDenied):
        project_update(by=clerk, project=veiled, values={"progress": "新"})
    with pytest.raises(PermissionDenied):
        engagement_update(by=clerk, engagement=talk, version=1, values={"title": "新"}, participants=[])
    with pytest.raises(PermissionDenied):
        fund_arrival_update(by=clerk, arrival=arrival, version=1, values={"proof": ""})
    assert Project.objects.get().progress == Engagement.objects.get().title == FundArrival.objects.get().proof == MARK


def test_the_edit_form_is_closed(project: Project, people: dict[str, User], client_as: Any) -> None:
    address = f"/projects/{project.code}/edit/"
    answer = client_as(people["clerk"]).post(address, {"progress": "新", "version": 1})
    assert answer.status_code == 403 and MARK not in answer.content.decode()
    assert Project.objects.get().progress == MARK


@pytest.mark.parametrize(("code_name", "is_good"), [("", False), (f"{MARK}项目", False), (MARK, False), ("西风", True)])
def test_a_secret_project_needs_a_code_name_of_its_own(
    project: Project, people: dict[str, User], code_name: str, is_good: bool
) -> None:
    try:
        project_update(by=Actor(people["owner"]), project=project, values={"code_name": code_name})
    except ValidationError as refused:
        assert not is_good and "code_name" in refused.message_dict
    else:
        assert is_good
