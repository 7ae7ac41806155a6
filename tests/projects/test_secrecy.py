"""A secret project is seen in full by the few who may, under its code name by the others, and counts for everybody."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from enterprises.models import Contact, Enterprise
from parkportal.models import Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.filters import ProjectFilter
from projects.imports.book import ParkBook
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
    make_listing_step,
    make_park,
    make_project,
    make_token,
    make_user,
)
from tests.rest import API, body

pytestmark = pytest.mark.django_db
MARK = "不能外传"
CODE = "东风"
USCC = "91430400MA43WA0090"
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


ENTERPRISES = ("/enterprises/", "/enterprises/export/?format=csv", f"/search/?q={MARK}", f"/enterprises/?search={MARK}")


@pytest.mark.parametrize("who", ["clerk", "statistician"])
def test_an_enterprise_that_stands_here_for_it_only_is_not_told(
    project: Project, people: dict[str, User], who: str, client_as: Any
) -> None:
    firm: Any = project.investor
    Contact.objects.create(enterprise=firm, code=f"{firm.park.code}-c2019-001", name=f"{MARK}联系人")
    browser, head = client_as(people[who]), client_as(people["head"])
    program = Client(headers={"authorization": f"Bearer {make_token(people[who])[1]}"})
    paths = [*ENTERPRISES, f"/enterprises/{firm.code}/", "/projects/new/", f"{API}enterprises/"]
    answers = [(program if path.startswith(API) else browser).get(path) for path in paths]
    told = {path: unsaid(body(answer).decode(), MARK) for path, answer in zip(paths, answers, strict=True)}
    assert [
        path for path, text in told.items() if f"{MARK}投" in text or f"{MARK}公" in text or f"{MARK}联" in text
    ] == []
    assert answers[4].status_code == 404 and program.get(f"{API}enterprises/{firm.code}/").status_code == 404
    assert [path for path in ENTERPRISES if f"{MARK}投资方" not in body(head.get(path)).decode()] == []


def unsaid(text: str, word: str) -> str:
    """The text without what was asked for, where it stands alone."""
    return text.replace(f'"{word}"', "").replace(f"“{word}”", "")


def test_an_enterprise_that_is_known_otherwise_stays_in_sight(project: Project, people: dict[str, User]) -> None:
    firm: Any = project.investor
    rows = Enterprise.objects.visible_to(people["clerk"]).filter(pk=firm.pk)
    assert not rows.exists() and Enterprise.objects.visible_to(people["owner"]).filter(pk=firm.pk).exists()
    other = make_project(park=project.park, company=firm)
    assert rows.exists(), "another project names it"
    Project.objects.filter(pk=other.pk).update(confidentiality="secret")
    assert not rows.exists()
    step = make_listing_step(enterprise=firm)
    assert rows.exists(), "figures count it"
    step.delete()
    Project.objects.update(deleted_at=timezone.now())
    assert not rows.exists(), "the bin keeps a secret too"


def test_programs_hear_of_enterprises_that_come_and_go_with_a_secret(project: Project, people: dict[str, User]) -> None:
    program = Client(headers={"authorization": f"Bearer {make_token(people['clerk'])[1]}"})
    firm: Any = project.investor

    def pulled(since: str) -> tuple[list[str], str]:
        page = program.get(f"{API}enterprises/?updated_since={since}").json()
        return [row["id"] for row in page["results"] if ("deleted_at" in row) == firm_is_hidden], page["cursor"]

    firm_is_hidden = False
    start = pulled("0")[1]
    for secrecy in ("internal", "secret"):
        firm_is_hidden = secrecy == "secret"
        project_update(by=Actor(people["owner"]), project=project, values={"confidentiality": secrecy})
        codes, start = pulled(start)
        assert firm.code in codes, secrecy


def test_a_credit_code_of_one_out_of_sight_is_refused_without_its_name(
    project: Project, people: dict[str, User], client_as: Any
) -> None:
    Enterprise.objects.filter(pk=project.company_id).update(uscc=USCC)
    form = {
        "name": "另一个项目",
        "company_name": "另一家公司",
        "company_uscc": USCC,
        "stage": "lead",
        "category": "industry",
    }
    text = client_as(people["clerk"]).post("/projects/new/", form).content.decode()
    assert "已登记在本园区另一家企业名下" in text and MARK not in text
    book = ParkBook.load(project.park, people["clerk"], date(2020, 10, 1))
    assert USCC in book.taken and book.holder(USCC) is None and book.firm(f"{MARK}公司") is None
    assert f"{MARK}公司" in client_as(people["head"]).post("/projects/new/", form).content.decode()


def test_a_project_that_hangs_on_it_names_it_by_its_code_name(
    project: Project, people: dict[str, User], client_as: Any
) -> None:
    child = make_project(park=project.park, kind="expansion", parent=project, review_state="draft")
    project_update(by=Actor(people["head"]), project=child, values={"parent": None, "kind": "new"})
    project_update(by=Actor(people["head"]), project=child, values={"parent": project, "kind": "expansion"})
    browser, pages = client_as(people["clerk"]), ("", "edit/", "?trace=all")
    told = "".join(browser.get(f"/projects/{child.code}/{page}").content.decode() for page in pages)
    told += "".join(
        browser.get(f"/{page}/new/").content.decode() for page in ("projects", "fund-arrivals", "engagements")
    )
    assert CODE in told and MARK not in told
    browser.post(f"/projects/{child.code}/edit/", {"name": "改名", "version": child.version})
    child.refresh_from_db()
    assert (child.name, child.parent) == ("改名", project), "what is not shown is not lost"


def test_a_name_that_is_hidden_is_found_by_no_form(project: Project, people: dict[str, User], client_as: Any) -> None:
    for page, field in (("fund-arrivals", "project"), ("engagements", "project"), ("projects", "parent")):
        text = client_as(people["clerk"]).post(f"/{page}/new/", {field: MARK[:2]}).content.decode()
        assert CODE not in text and "没有名称或编号为“不能”" in text, page


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
