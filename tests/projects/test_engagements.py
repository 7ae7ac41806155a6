"""Talks and their participants: no key of a participant is taken from a form."""

from collections.abc import Callable, Sequence

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from parkportal.models import Change, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Engagement, Participant
from projects.services import engagements
from tests.factories import make_engagement, make_enterprise, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
LIST, NEW = "engagement-list", "engagement-new"


@pytest.fixture
def clerk() -> User:
    return make_user()


def typed(people: Sequence[tuple[str, str]] = (), **fields: object) -> dict[str, object]:
    values: dict[str, object] = {"title": "视频会谈", "mode": "online", "held_on": "2020-04-21"}
    values |= {"held_on_precision": "day", "people-TOTAL_FORMS": len(people), "people-INITIAL_FORMS": 0}
    for n, (name, post) in enumerate(people):
        values |= {f"people-{n}-name": name, f"people-{n}-post": post}
    return values | fields


def url(name: str, row: Engagement) -> str:
    return reverse(f"engagement-{name}", args=[row.code])


def people_of(row: Engagement) -> list[tuple[str, str]]:
    return [(person.name, person.post) for person in row.participants.all()]


def test_a_talk_is_recorded_with_its_participants(clerk: User, client_as: As) -> None:
    project, enterprise = make_project(park=clerk.park), make_enterprise(park=clerk.park)
    people = [("经办人甲", "招商一科"), ("", ""), ("客商乙", "")]
    fields = {"project": project.code, "enterprise": enterprise.name, "held_on": "2020年4月下旬", "until": "2020-05-08"}
    answer = client_as(clerk).post(reverse(NEW), typed(people, **fields))
    row = Engagement.objects.get()
    assert answer.headers["Location"] == url("detail", row)
    assert (row.park, row.project, row.enterprise) == (clerk.park, project, enterprise)
    assert (row.held_on.isoformat(), row.held_on_precision) == ("2020-04-21", "ten_day")
    assert people_of(row) == [("经办人甲", "招商一科"), ("客商乙", "")]
    assert Change.objects.filter(park=clerk.park, user=clerk).count() == 3
    page = client_as(clerk).get(url("detail", row)).content.decode()
    for words in ("2020年4月下旬", "2020年5月8日", "经办人甲", "招商一科"):
        assert words in page


@pytest.mark.parametrize(
    ("people", "fields", "sentence"),
    [
        ([], {"title": ""}, "请填写事项。"),
        ([], {"mode": "letter"}, "方式没有这个选项"),
        ([], {"until": "2020-04-01"}, "最晚的一天不能早于日期。"),
        ([], {"until": "五月"}, "不晚于请写成“2020-05-08”的样子。"),
        ([("", "局长")], {}, "写了职务，请写姓名"),
        ([("名" * 31, "")], {}, "姓名最多30个字，现在是31个。"),
    ],
)
def test_bad_input_is_explained_and_stays(
    people: list[tuple[str, str]], fields: dict[str, str], sentence: str, clerk: User, client_as: As
) -> None:
    page = client_as(clerk).post(reverse(NEW), typed([("经办人甲", "招商一科"), *people], **fields)).content.decode()
    assert sentence in page
    assert 'value="经办人甲"' in page
    assert not Engagement.objects.exists()


def test_a_broken_management_form_writes_nothing(clerk: User, client_as: As) -> None:
    for broken in ({"people-TOTAL_FORMS": "x"}, {"people-TOTAL_FORMS": "100000"}):
        answer = client_as(clerk).post(reverse(NEW), typed(**broken))
        assert answer.status_code == 200
    assert not Engagement.objects.exists()


def test_rows_of_another_park_cannot_be_named(clerk: User, client_as: As) -> None:
    for fields in ({"project": make_project().code}, {"enterprise": make_enterprise().code}):
        page = client_as(clerk).post(reverse(NEW), typed(**fields)).content.decode()
        assert "或不在你的权限内。" in page
    assert not Engagement.objects.exists()


def test_a_forged_participant_of_another_park_is_not_touched(clerk: User, client_as: As) -> None:
    foreign = make_engagement(participants=[("外园的人", "外园的职务")])
    mine = make_engagement(park=clerk.park, participants=[("原来的人", "")])
    forged = {"people-0-id": foreign.participants.get().pk, "people-0-engagement": foreign.pk, "people-0-DELETE": "on"}
    sent = typed([("改过的人", "")], **forged, **{"people-INITIAL_FORMS": 1, "version": 1})
    assert client_as(clerk).post(url("edit", mine), sent).status_code == 302
    assert people_of(foreign) == [("外园的人", "外园的职务")]
    assert people_of(mine) == [("改过的人", "")]


def test_unchanged_participants_keep_their_rows(clerk: User, client_as: As) -> None:
    row = make_engagement(park=clerk.park, participants=[("经办人甲", "一科")])
    before = row.participants.get().pk
    client_as(clerk).post(url("edit", row), typed([("经办人甲", "一科")], title="改了事项", version=1))
    assert Participant.objects.get().pk == before
    assert Engagement.objects.get().title == "改了事项"


def test_two_editors_of_participants_do_not_overwrite_each_other(clerk: User, client_as: As) -> None:
    row, client = (
        make_engagement(park=clerk.park, title="视频会谈", mode="online", held_on="2020-04-21"),
        client_as(clerk),
    )
    assert client.post(url("edit", row), typed([("甲加的", "")], version=1)).status_code == 302
    answer = client.post(url("edit", row), typed([("乙加的", "")], version=1))
    assert answer.status_code == 409
    assert 'value="乙加的"' in answer.content.decode()
    assert answer.context["conflict"] == [{"label": "参加人员", "now": "甲加的", "yours": "乙加的"}]
    assert people_of(row) == [("甲加的", "")]


def test_foreign_missing_anonymous_and_wrong_roles(clerk: User, client_as: As, client: Client) -> None:
    foreign, mine = make_engagement(title="外园的洽谈"), make_engagement(park=clerk.park)
    me, leader = client_as(clerk), client_as(make_user(Role.LEADER, park=clerk.park))
    for name in ("detail", "edit"):
        assert me.get(url(name, foreign)).status_code == 404
        assert me.get(reverse(f"engagement-{name}", args=["no-t1"])).status_code == 404
        assert client.get(url(name, mine)).status_code == 302
    assert me.post(url("withdraw", foreign), {"version": 1}).status_code == 404
    assert "外园的洽谈" not in me.get(reverse(LIST)).content.decode()
    assert leader.get(url("detail", mine)).status_code == 200
    assert leader.get(url("edit", mine)).status_code == leader.get(reverse(NEW)).status_code == 403
    assert leader.post(url("withdraw", mine), {"version": 1}).status_code == 403
    assert me.get(url("withdraw", mine)).status_code == me.delete(url("edit", mine)).status_code == 405
    assert client_as(make_user(Role.ADMIN)).get(reverse(LIST)).status_code == 403


def test_a_withdrawn_talk_is_gone_from_the_pages(clerk: User, client_as: As) -> None:
    row, client = make_engagement(park=clerk.park), client_as(clerk)
    client.post(url("withdraw", row), {"version": 1})
    assert client.get(url("detail", row)).status_code == 404
    assert Engagement.objects.count() == 1


def test_the_list_filters_and_counts_participants(clerk: User, client_as: As) -> None:
    talk = make_engagement(park=clerk.park, mode="online", participants=[("甲", ""), ("乙", "")])
    make_engagement(park=clerk.park)
    rows = (
        client_as(clerk).get(reverse(LIST), {"mode": "online", "held_on_before": "2020-12-31"}).context["object_list"]
    )
    assert [(row, row.people) for row in rows] == [(talk, 2)]
    assert client_as(clerk).get(reverse(LIST), {"mode": "x"}).status_code == 400


def test_nobody_else_writes_for_a_park() -> None:
    row = make_engagement()
    common = {"values": {"held_on": row.held_on}, "participants": []}
    for user in (make_user(Role.HEAD), make_user(Role.LEADER, park=row.park)):
        by = Actor(user)
        for write in (
            lambda by=by: engagements.engagement_record(by=by, park=row.park, **common),
            lambda by=by: engagements.engagement_update(by=by, engagement=row, version=1, **common),
            lambda by=by: engagements.engagement_withdraw(by=by, engagement=row, version=1),
        ):
            with pytest.raises(PermissionDenied):
                write()
    assert not Change.objects.exists()
