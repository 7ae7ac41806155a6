"""Many projects at once: the real selection, the rights of each row, what is refused and why, and undoing it."""

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.test import Client

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import PendingChange, Project, StageChange
from projects.services import project_update
from projects.services.bulk import MOST, AddTags, bulk_change, bulk_undo
from tests.factories import make_enterprise, make_park, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
BULK = "/projects/bulk/"
USCC = "91430400MA43WA0090"


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def head(park: Park) -> User:
    return make_user(Role.HEAD, park=park)


@pytest.fixture
def client(client_as: As, clerk: User) -> Client:
    return client_as(clerk)


def ask(client: Client, do: str, *rows: Project, **more: Any) -> str:
    """The page that asks once more."""
    answer = client.post(BULK, {"do": do, "code": [row.code for row in rows], **more})
    assert answer.status_code == 200, answer
    return answer.content.decode()


def confirm(client: Client, do: str, *rows: Project, **more: Any) -> list[Any]:
    """Do it, and return what was said."""
    typed = {"do": do, "code": [row.code for row in rows], "count": len(rows), **more}
    answer = client.post(BULK, typed, follow=True)
    assert answer.redirect_chain, answer.content.decode()
    return list(answer.context["messages"])


def undo(client: Client, said: list[Any]) -> list[str]:
    """Press 撤销 of the first message that has it."""
    address = next(message.extra_tags for message in said if message.extra_tags)
    return [str(message) for message in client.post(address, follow=True).context["messages"]]


def now(*rows: Project) -> list[Project]:
    return [Project.objects.get(pk=row.pk) for row in rows]


def draft(park: Park, **more: Any) -> Project:
    return make_project(park=park, review_state="draft", **more)


# Which rows


def test_nothing_chosen_is_said_and_nothing_happens(client: Client, park: Park) -> None:
    make_project(park=park)
    answer = client.post(BULK, {"do": "tag", "count": 0}, follow=True)
    assert "还没有选中项目" in str(list(answer.context["messages"])[0])


def test_all_that_is_filtered_is_exactly_what_changes(client: Client, park: Park) -> None:
    inside = [draft(park, stage="started") for _n in range(3)]
    outside = [draft(park), draft(park)]
    page = client.post(BULK, {"do": "tag", "all": "1", "query": "stage=started"}).content.decode()
    assert "选中3个项目" in page
    assert re.search(r'name="count" value="3"', page)
    typed = {"do": "tag", "all": "3", "query": "stage=started", "count": "3", "tags": "重点"}
    assert client.post(BULK, typed)["Location"] == "/projects/?stage=started"
    assert [row.tags for row in now(*inside)] == [["重点"]] * 3
    assert [row.tags for row in now(*outside)] == [[], []]


def test_a_selection_that_has_changed_is_asked_for_again(client: Client, park: Park) -> None:
    rows = [draft(park, stage="started") for _n in range(2)]
    typed = {"do": "tag", "all": "1", "query": "stage=started", "count": "1", "tags": "重点"}
    page = client.post(BULK, typed).content.decode()
    assert "筛选结果刚刚变了，现在是2个" in page
    assert [row.tags for row in now(*rows)] == [[], []]


def test_a_wrong_filter_selects_nothing(client: Client, park: Park) -> None:
    row = draft(park)
    for query in ("colour=red", "stage=red", "park=nowhere"):
        client.post(BULK, {"do": "tag", "all": "1", "query": query, "count": "1", "tags": "重点"})
    assert now(row)[0].tags == []


def test_more_than_one_request_carries_is_refused_in_words(
    client: Client, park: Park, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projects.views.bulk.MOST", 1)
    rows = [draft(park), draft(park)]
    answer = client.post(BULK, {"do": "tag", "all": "1", "query": "", "count": "2", "tags": "重点"}, follow=True)
    assert "一次最多办理1个，现在选了2个" in str(list(answer.context["messages"])[0])
    assert [row.tags for row in now(*rows)] == [[], []]
    assert MOST == 500


def test_the_list_has_a_bar_that_works_without_scripts(client: Client, park: Park, client_as: As) -> None:
    row = draft(park)
    html = client.get("/projects/?stage=signed").content.decode()
    form = html.split('id="list"')[1].split("</form>")[0]
    assert 'action="/projects/bulk/"' in html
    assert f'name="code" value="{row.code}"' in form
    assert '<input type="hidden" name="query" value="stage=signed">' in form
    assert "改选全部筛选结果1个" in form
    for role in (Role.LEADER, Role.CITY):
        place: dict[str, Any] = {"park": park} if role == Role.LEADER else {"region": park.region}
        assert "改选全部" not in client_as(make_user(role, **place)).get("/projects/").content.decode()


# Whose rows (A8)


def test_rows_of_another_park_and_forged_codes_change_nothing(client: Client, park: Park) -> None:
    own, foreign = draft(park), draft(make_park())
    shared = make_project(park=make_park(), shares=[(park, 5_000)])
    said = confirm(client, "tag", own, shared, tags="重点")
    assert [row.tags for row in now(own, shared)] == [["重点"], []]
    assert "由该园区填报" in str(said[-1])
    answer = client.post(
        BULK, {"do": "tag", "code": [foreign.code, "nothing"], "count": "1", "tags": "重点"}, follow=True
    )
    assert "还没有选中项目" in str(list(answer.context["messages"])[0])
    assert foreign.name not in ask(client, "tag", own, foreign)
    assert now(foreign)[0].tags == []
    assert not Change.objects.filter(object_code=foreign.code).exists()


def test_readers_change_nothing(client_as: As, park: Park) -> None:
    row = draft(park)
    for role, place in ((Role.LEADER, {"park": park}), (Role.CITY, {"region": park.region})):
        client = client_as(make_user(role, **place))
        assert client.post(BULK, {"do": "tag", "code": row.code, "count": "1", "tags": "重点"}).status_code == 403
    assert now(row)[0].tags == []


def test_a_secret_project_that_the_person_may_not_read_is_refused(client: Client, park: Park) -> None:
    row = draft(park, confidentiality="secret", code_name="代号")
    said = confirm(client, "tag", row, tags="重点")
    assert "保密项目" in str(said[0])
    assert now(row)[0].tags == []


# Progress


def test_only_rows_whose_next_step_it_is_move_and_the_others_say_why(client: Client, park: Park) -> None:
    firm = make_enterprise(park=park, uscc=USCC)
    ready = [draft(park, name=f"可以{n}", company=firm) for n in range(2)]
    bare = draft(park, name="没有公司")
    later = draft(park, name="已投产", stage="in_production")
    sent = make_project(park=park, name="送审的", review_state="submitted")
    page = ask(client, "stage", *ready, bare, later, sent, to="registered")
    assert "更新进展到“注册”" in page
    assert "可以办理2个，3个不办理" in page
    assert "没有公司</a>：还没有填项目公司" in page
    assert "已投产</a>：现在是“投产”，下一步不是“注册”" in page
    assert "先撤回提交" in page
    said = confirm(client, "stage", *ready, bare, later, sent, to="registered", on="2020-09-18")
    assert str(said[0]) == "更新进展到“注册”：已办理2个。"
    assert "3个没有办理" in str(said[1])
    assert [(row.stage, row.registered_on) for row in now(*ready)] == [("registered", date(2020, 9, 18))] * 2
    assert [row.stage for row in now(bare, later, sent)] == ["signed", "in_production", "signed"]
    assert StageChange.objects.filter(to_stage="registered").count() == 2


def test_the_next_step_of_most_rows_is_offered_first(client: Client, park: Park) -> None:
    rows = [draft(park), draft(park, stage="started", land_use_mode="lease"), draft(park, stage="started")]
    page = ask(client, "stage", *rows)
    assert "更新进展到“投产”" in page
    assert 'name="to" value="registered">改为更新到“注册”（1个）' in page


def test_the_day_is_asked_for_and_what_was_typed_stays(client: Client, park: Park) -> None:
    row = draft(park, stage="started")
    for typed, words in (("", "请填写投产时间"), ("2020.1", "可能是1月"), ("2020-13-01", "月份应为1至12")):
        page = ask(client, "stage", row, to="in_production", on=typed, count=1)
        assert words in page
        assert f'value="{typed}"' in page
    assert now(row)[0].stage == "started"


def test_a_verified_project_waits_for_the_head_and_a_head_moves_it_at_once(
    client: Client, client_as: As, park: Park, head: User
) -> None:
    one, two = (make_project(park=park, stage="started", started_on=date(2020, 6, 1)) for _n in range(2))
    said = confirm(client, "stage", one, to="in_production", on="2020-09")
    assert "等科室负责人审核后生效" in str(said[0])
    assert now(one)[0].stage == "started"
    assert PendingChange.objects.get().values["stage"] == "in_production"
    confirm(client_as(head), "stage", two, to="in_production", on="2020-09")
    moved = now(two)[0]
    assert (moved.stage, moved.in_production_on_precision) == ("in_production", "month")


# Owner and tags


def test_the_owner_is_somebody_of_the_park_who_enters(client: Client, park: Park, clerk: User) -> None:
    rows = [draft(park), make_project(park=park)]
    leader, stranger = make_user(Role.LEADER, park=park), make_user(Role.CLERK)
    for wrong in (leader, stranger):
        page = ask(client, "owner", *rows, owner=wrong.username, count=2)
        assert "责任人没有这个选项" in page
    confirm(client, "owner", *rows, owner=clerk.username)
    assert {row.owner for row in now(*rows)} == {clerk}
    page = ask(client, "owner", *rows, owner=clerk.username, count=3)
    assert "责任人已经是" in page


def test_tags_are_added_to_those_that_are_there(client: Client, park: Park) -> None:
    row = draft(park, tags=["科创"])
    confirm(client, "tag", row, tags="重点、科创 返乡")
    assert now(row)[0].tags == ["科创", "重点", "返乡"]
    assert "标签最多20个字" in ask(client, "tag", row, tags="长" * 21, count=1)


def test_many_tags_are_refused(park: Park, clerk: User) -> None:
    row = draft(park, tags=[str(n) for n in range(10)])
    outcome = bulk_change(by=Actor(clerk), task=AddTags(("更多",)), projects=[row], today=date(2020, 9, 30))
    assert outcome.refused == [(row, "标签最多10个。")]


# Export of what was chosen


def test_the_chosen_projects_come_as_a_workbook_without_the_secret_ones(client: Client, park: Park) -> None:
    rows = [draft(park, name="甲"), draft(park, name="密", confidentiality="secret")]
    draft(park, name="没选")
    answer = client.post(BULK, {"do": "export", "code": [row.code for row in rows]})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet is not None
    assert [cell.value for cell in sheet["B"]][3:] == ["甲", "合计1个"]


# Undoing


def test_the_whole_is_undone_at_once(client: Client, park: Park, clerk: User) -> None:
    other = make_user(Role.CLERK, park=park)
    rows = [draft(park, owner=other, tags=["旧"]), draft(park)]
    said = confirm(client, "owner", *rows, owner=clerk.username)
    assert undo(client, said) == ["已撤销，2个项目恢复原样。"]
    assert [row.owner for row in now(*rows)] == [other, None]
    said = confirm(client, "tag", *rows, tags="重点")
    undo(client, said)
    assert [row.tags for row in now(*rows)] == [["旧"], []]


def test_a_step_is_undone_with_its_day(client: Client, park: Park) -> None:
    row = draft(park, stage="started", started_on=date(2020, 6, 1))
    said = confirm(client, "stage", row, to="in_production", on="2020-09-18")
    undo(client, said)
    back = now(row)[0]
    assert (back.stage, back.in_production_on, back.started_on) == ("started", None, date(2020, 6, 1))


def test_a_change_that_waits_is_taken_back(client: Client, park: Park) -> None:
    row = make_project(park=park, stage="started")
    said = confirm(client, "stage", row, to="in_production", on="2020-09-18")
    undo(client, said)
    assert PendingChange.objects.get().state == "recalled"


def test_what_somebody_changed_since_stays_and_is_named(client: Client, park: Park, clerk: User) -> None:
    touched, left = draft(park, name="又改过的"), draft(park)
    said = confirm(client, "tag", touched, left, tags="重点")
    project_update(by=Actor(clerk), project=now(touched)[0], values={"tags": ["另一个"]}, on=date(2020, 9, 30))
    told = undo(client, said)
    assert told[0] == "已撤销，1个项目恢复原样。"
    assert "又改过的：标签后来又改过" in told[1]
    assert [row.tags for row in now(touched, left)] == [["另一个"], []]


def test_nobody_undoes_what_somebody_else_did(client: Client, client_as: As, park: Park, head: User) -> None:
    row = draft(park)
    said = confirm(client, "tag", row, tags="重点")
    assert undo(client_as(head), said) == ["没有可以撤销的修改。"]
    assert now(row)[0].tags == ["重点"]


def test_an_empty_request_number_undoes_nothing(park: Park, clerk: User) -> None:
    row = draft(park)
    bulk_change(by=Actor(clerk), task=AddTags(("重点",)), projects=[row], today=date(2020, 9, 30))
    outcome = bulk_undo(by=Actor(clerk), request_id="", today=date(2020, 9, 30))
    assert (outcome.done, outcome.refused) == ([], [])
    assert now(row)[0].tags == ["重点"]


def test_each_change_has_its_entry_in_the_trace(client: Client, park: Park) -> None:
    rows = [draft(park), draft(park)]
    confirm(client, "tag", *rows, tags="重点")
    entries = Change.objects.filter(object_type="projects.Project", object_code__in=[row.code for row in rows])
    assert [entry.diff["tags"] for entry in entries] == [[[], ["重点"]]] * 2
    assert len({entry.request_id for entry in entries}) == 1
