"""Handing projects over: only the person in charge changes, and the list can be printed and signed."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from parkportal.models import Change, Notice, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Handover, Project
from projects.services.handover import handover_make
from tests.factories import make_park, make_project, make_user

pytestmark = pytest.mark.django_db
DAY = date(2020, 9, 1)


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def people(park: Park) -> dict[str, User]:
    roles = {"giver": Role.CLERK, "taker": Role.CLERK, "head": Role.HEAD, "leader": Role.LEADER, "clerk": Role.CLERK}
    return {who: make_user(role, park=park, name=f"经办{who}") for who, role in roles.items()} | {
        "foreign": make_user()
    }


@pytest.fixture
def projects(park: Park, people: dict[str, User]) -> list[Project]:
    made = {"owner": people["giver"], "created_by": people["giver"], "submitted_by": people["giver"]}
    return [make_project(park=park, name=f"项目{n}", **made) for n in "甲乙丙"]


def give(people: dict[str, User], projects: list[Project], by: str = "giver", **more: Any) -> Handover:
    parties = {"giver": people["giver"], "taker": people["taker"], "on": DAY}
    return handover_make(by=Actor(people[by]), codes=[row.code for row in projects], **parties | more)


@pytest.mark.parametrize("by", ["giver", "head"])
def test_the_person_in_charge_changes_and_the_trace_keeps_the_giver(
    people: dict[str, User], projects: list[Project], by: str
) -> None:
    made = give(people, projects[:2], by)
    rows = list(Project.objects.order_by("code"))
    assert [row.owner for row in rows] == [people["taker"], people["taker"], people["giver"]]
    assert {row.created_by for row in rows} == {row.submitted_by for row in rows} == {people["giver"]}
    entry = Change.objects.get(object_code=projects[0].code)
    assert entry.user == people[by] and entry.diff == {"owner": [people["giver"].username, people["taker"].username]}
    assert [row["code"] for row in made.rows] == [row.code for row in projects[:2]]
    assert Notice.objects.get().user == people["taker"]


@pytest.mark.parametrize("by", ["taker", "clerk", "leader", "foreign"])
def test_nobody_else_hands_over(people: dict[str, User], projects: list[Project], by: str) -> None:
    with pytest.raises(PermissionDenied):
        give(people, projects, by)
    assert not Project.objects.exclude(owner=people["giver"]).exists()


@pytest.mark.parametrize("taker", ["giver", "leader", "foreign"])
def test_only_somebody_of_the_park_who_enters_takes_over(
    people: dict[str, User], projects: list[Project], taker: str
) -> None:
    with pytest.raises(ValidationError):
        give(people, projects, taker=people[taker])


def test_somebody_disabled_takes_nothing_and_gives_through_the_head(
    people: dict[str, User], projects: list[Project]
) -> None:
    User.objects.filter(username__in=[people["taker"].username, people["giver"].username]).update(is_active=False)
    with pytest.raises(ValidationError):
        give(people, projects, "head")
    give(people, projects, "head", taker=people["clerk"])


def test_what_the_giver_is_not_in_charge_of_is_refused_with_all_the_rest(
    people: dict[str, User], projects: list[Project], park: Park
) -> None:
    strange = make_project(park=park, owner=people["clerk"])
    for codes in ([*projects, strange], [make_project(owner=people["giver"])], []):
        with pytest.raises(ValidationError):
            give(people, codes)
    assert not Handover.objects.exists() and not Project.objects.filter(owner=people["taker"]).exists()


# --- the pages -----------------------------------------------------------------------------------------------------


def test_the_form_hands_over_what_is_ticked_and_shows_the_list(
    people: dict[str, User], projects: list[Project], client_as: Any
) -> None:
    browser = client_as(people["head"])
    page = browser.get(f"/handovers/new/?giver={people['giver'].username}").content.decode()
    assert "移交经办giver负责的项目" in page and page.count(' name="codes"') == 3
    form = {"giver": people["giver"].username, "taker": people["taker"].username, "reason": "岗位调整"}
    answer = browser.post("/handovers/new/", form | {"codes": [row.code for row in projects]}, follow=True)
    sheet = answer.content.decode()
    for word in ("移交人（签字）", "接收人（签字）", "监交人（签字）", "项目甲", "合计3个", "岗位调整", "60,000"):
        assert word in sheet, word
    assert "岗位调整" in browser.get("/handovers/").content.decode()


def test_a_form_without_choices_says_what_is_missing(
    people: dict[str, User], projects: list[Project], client_as: Any
) -> None:
    answer = client_as(people["giver"]).post("/handovers/new/", {"giver": people["giver"].username, "reason": "调岗甲"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "请选择接收人。" in page and "请选择移交的项目。" in page and "调岗甲" in page


def test_a_clerk_hands_over_only_own_projects(people: dict[str, User], projects: list[Project], client_as: Any) -> None:
    browser = client_as(people["clerk"])
    assert browser.get(f"/handovers/new/?giver={people['giver'].username}").status_code == 404
    form = {"giver": people["giver"].username, "taker": people["clerk"].username, "codes": projects[0].code}
    assert browser.post("/handovers/new/", form).status_code == 404
    assert "没有可以移交的项目" in browser.get("/handovers/new/").content.decode()


def test_a_secret_project_stands_on_the_list_under_its_code_name(
    people: dict[str, User], park: Park, client_as: Any
) -> None:
    secret = make_project(
        park=park, name="机密", next_step="机密", confidentiality="secret", code_name="东风", owner=people["giver"]
    )
    made = give(people, [secret])
    said = {who: client_as(people[who]).get(f"/handovers/{made.code}/").content.decode() for who in ("taker", "clerk")}
    assert "机密" in said["taker"] and "机密" not in said["clerk"] and "东风" in said["clerk"]


def test_a_character_that_no_text_holds_is_a_bad_request(people: dict[str, User], client_as: Any) -> None:
    answer = client_as(people["head"]).post("/handovers/new/", {"giver": "a\x00b"})
    assert answer.status_code in {400, 404}
