"""Projects that may be the same one: found by credit code, name and amount, decided once, and kept."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Likeness, Project
from projects.services import alike
from tests.factories import YI, make_enterprise, make_park, make_project, make_user

pytestmark = pytest.mark.django_db
USCC = "91430111MA4L41YT1U"


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


def found(**described: Any) -> list[Project]:
    return [one.project for one in alike.find(**described)]


@pytest.mark.parametrize(
    ("name", "total", "is_alike"),
    [
        ("智能手机机构件项目", None, True),
        ("富士康智能手机机构件（一期）", 9 * YI, True),
        ("手机机构件生产", 2 * YI, True),
        ("手机机构件生产", 2 * YI + 10_000_000, True),
        ("手机机构件生产", 2 * YI + 10_600_000, False),
        ("手机机构件生产", None, False),
        ("冷链物流园", 2 * YI, False),
    ],
)
def test_names_and_amounts_make_projects_alike(park: Park, name: str, total: int | None, is_alike: bool) -> None:
    known = make_project(park=park, name="富士康智能手机机构件项目", total_investment=2 * YI)
    assert found(park=park, name=name, total=total) == [known] * is_alike


def test_the_same_credit_code_makes_projects_alike_unless_the_amounts_differ(park: Park) -> None:
    known = make_project(park=park, name="甲", company=make_enterprise(park=park, uscc=USCC), total_investment=2 * YI)
    assert found(park=park, name="乙", uscc=USCC.lower()) == [known]
    assert found(park=park, name="乙", uscc=USCC, total=2 * YI) == [known]
    assert found(park=park, name="乙", uscc=USCC, total=5 * YI) == []
    assert [one.reasons for one in alike.find(park=park, name="乙", uscc=USCC, total=2 * YI)] == [
        ("信用代码相同", "总投资相差不到5%")
    ]


def test_other_parks_and_withdrawn_projects_are_not_named(park: Park) -> None:
    make_project(park=make_park(), name="精密结构件生产项目")
    make_project(park=park, name="精密结构件生产项目", deleted_at="2020-01-01T00:00Z")
    assert found(park=park, name="精密结构件生产项目") == []


def test_a_secret_project_is_named_by_its_code_name(park: Park, clerk: User) -> None:
    head = make_user(Role.HEAD, park=park)
    make_project(park=park, name="精密结构件生产项目", confidentiality="secret", code_name="东风")
    names = {
        who: [row.name for row in found(park=park, name="精密结构件生产", user=who)] for who in (None, clerk, head)
    }
    assert names == {None: ["东风"], clerk: ["东风"], head: ["精密结构件生产项目"]}


def pair(park: Park, clerk: User, **fields: Any) -> tuple[Project, Project]:
    known = make_project(park=park, name="精密结构件生产项目")
    fresh = make_project(
        park=park, name="精密结构件生产项目二期", review_state="draft", created_by=clerk, stage="lead", **fields
    )
    return fresh, known


def test_a_decided_pair_is_not_asked_again(park: Park, clerk: User) -> None:
    fresh, known = pair(park, clerk)
    assert [one.project for one in alike.undecided(fresh)] == [known]
    alike.likeness_decide(by=Actor(clerk), project=fresh, other=known, decision="different", reason="两家企业")
    assert alike.undecided(fresh) == [] and alike.undecided(known) == []
    entry = Change.objects.get(object_type="projects.Likeness")
    assert entry.user == clerk and entry.park == park and entry.diff["decision"] == [None, "different"]
    assert alike.decided(known, clerk)[0]["code"] == fresh.code


def test_the_later_decision_on_a_pair_replaces_the_earlier_one(park: Park, clerk: User) -> None:
    fresh, known = pair(park, clerk)
    for project, other, decision in ((fresh, known, "different"), (known, fresh, "different"), (fresh, known, "phase")):
        alike.likeness_decide(by=Actor(clerk), project=project, other=other, decision=decision)
    assert Likeness.objects.get().decision == "phase"


def test_the_same_project_goes_into_the_bin_also_when_it_was_submitted(park: Park, clerk: User) -> None:
    fresh, known = pair(park, clerk, submitted_by=clerk)
    Project.objects.filter(pk=fresh.pk).update(review_state="submitted")
    fresh.refresh_from_db()
    alike.likeness_decide(by=Actor(clerk), project=fresh, other=known, decision="same")
    fresh.refresh_from_db()
    assert fresh.deleted_at and fresh.deleted_by == clerk
    assert not Project.objects.get(pk=known.pk).deleted_at


@pytest.mark.parametrize("decision", ["expansion", "phase"])
def test_an_expansion_or_phase_hangs_on_the_other(park: Park, clerk: User, decision: str) -> None:
    fresh, known = pair(park, clerk)
    alike.likeness_decide(by=Actor(clerk), project=fresh, other=known, decision=decision)
    fresh.refresh_from_db()
    assert (fresh.kind, fresh.parent) == (decision, known)


def test_what_cannot_be_decided_is_refused_and_nothing_is_kept(park: Park, clerk: User) -> None:
    fresh, known = pair(park, clerk)
    foreign, other_clerk = make_project(), make_user(Role.CLERK)
    with pytest.raises(ValidationError):
        alike.likeness_decide(by=Actor(clerk), project=fresh, other=foreign, decision="same")
    with pytest.raises(ValidationError):
        alike.likeness_decide(by=Actor(clerk), project=fresh, other=known, decision="perhaps")
    with pytest.raises(PermissionDenied):
        alike.likeness_decide(by=Actor(other_clerk), project=fresh, other=known, decision="same")
    assert not Likeness.objects.exists()


# --- the page ------------------------------------------------------------------------------------------------------


def test_the_page_asks_keeps_the_answer_and_leads_to_the_one(park: Park, clerk: User, client_as: Any) -> None:
    fresh, known = pair(park, clerk)
    browser: Client = client_as(clerk)
    page = browser.get(f"/projects/{fresh.code}/alike/").content.decode()
    assert "已有1个相近的项目" in page and known.name in page and "名称相近" in page
    assert f'href="/projects/{fresh.code}/">以后再定</a>' in page
    answer = browser.post(f"/projects/{fresh.code}/alike/", {f"{known.code}-decision": "same"})
    assert answer["Location"] == f"/projects/{known.code}/"
    assert "没有需要确认的相近项目" in client_as(clerk).get(f"/projects/{known.code}/alike/").content.decode()
    assert "同一项目" in browser.get(f"/projects/{known.code}/").content.decode()


def test_nothing_chosen_leaves_the_question_open(park: Park, clerk: User, client_as: Any) -> None:
    fresh, _known = pair(park, clerk)
    assert client_as(clerk).post(f"/projects/{fresh.code}/alike/").status_code == 302
    assert len(alike.undecided(fresh)) == 1


def test_a_wrong_answer_shows_the_page_again(park: Park, clerk: User, client_as: Any) -> None:
    fresh, known = pair(park, clerk)
    answer = client_as(clerk).post(f"/projects/{fresh.code}/alike/", {f"{known.code}-decision": "nonsense"})
    assert answer.status_code == 200 and not Likeness.objects.exists()
