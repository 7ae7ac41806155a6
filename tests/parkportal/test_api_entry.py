"""Entering and changing rows through REST: what is taken, what is refused, and what is never done twice."""

from typing import Any

import pytest

from enterprises.models import Enterprise
from parkportal.models import Change, KeptAnswer, User
from parkportal.roles import Role
from projects.models import Engagement, FundArrival, Project
from tests.factories import make_enterprise, make_park, make_project, make_token, make_user
from tests.rest import API, Rest

pytestmark = pytest.mark.django_db
JSON = "application/json"


class Writer(Rest):
    """A program with a token of scope write."""

    def __init__(self, user: User) -> None:
        super().__init__(user)
        self.client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {make_token(user, scope='write')[1]}"

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(f"{API}{path}", body, content_type=JSON, headers=headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.patch(f"{API}{path}", body, content_type=JSON, headers=headers)


@pytest.fixture
def clerk() -> User:
    return make_user(park=make_park(code="mine"), username="clerk")


@pytest.fixture
def writer(clerk: User) -> Writer:
    return Writer(clerk)


def test_a_posted_project_is_a_draft_of_the_tokens_park_with_its_trace(writer: Writer, clerk: User) -> None:
    firm = make_enterprise(park=clerk.park)
    body = {
        "name": "智能手机机构件项目",
        "investor": firm.code,
        "stage": "signed",
        "contract_type": "formal",
        "signed_on": "2020-07-15",
        "signed_on_precision": "ten_day",
        "total_investment": 300_000_000,
        "land_area_mu": 63.7,
        "tags": ["返乡创业"],
    }
    answer = writer.post("projects/", body)
    assert answer.status_code == 201, answer.content.decode()
    row = answer.json()
    assert answer["Location"] == f"{API}projects/{row['id']}/"
    assert (row["park"], row["review_state"], row["signed_on"]) == ("mine", "draft", "2020-07-11")
    assert (row["land_area_mu"], row["total_investment"], row["tags"]) == (63.7, 300_000_000, ["返乡创业"])
    change = Change.objects.get(object_type="projects.Project", object_code=row["id"])
    assert (change.door, change.user, change.token.scope) == ("rest", clerk, "write")


ROWS: dict[str, tuple[type, dict[str, Any], dict[str, Any]]] = {
    "projects": (Project, {"name": "甲项目"}, {"progress": "已开工"}),
    "enterprises": (Enterprise, {"name": "示例企业"}, {"origin": "深圳市"}),
    "fund-arrivals": (
        FundArrival,
        {"received_on": "2020-08-01", "amount": 10_000, "origin_tier": "out_of_city"},
        {"proof": "银行回单"},
    ),
    "engagements": (
        Engagement,
        {"mode": "online", "title": "视频会谈", "held_on": "2020-04-21", "participants": [{"name": "经办人甲"}]},
        {"place": "深圳"},
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_every_resource_that_is_written_is_entered_and_changed(writer: Writer, clerk: User, name: str) -> None:
    model, body, change = ROWS[name]
    if name == "fund-arrivals":
        body = body | {"project": make_project(park=clerk.park).code}
    made = writer.post(f"{name}/", body)
    assert made.status_code == 201, made.content.decode()
    row = made.json()
    changed = writer.patch(f"{name}/{row['id']}/", change, if_match=f'"{row["version"]}-"')
    assert changed.status_code == 200, changed.content.decode()
    assert changed.json() == writer.json(f"{name}/{row['id']}/")
    assert changed.json() | change == changed.json() and changed.json()["version"] == row["version"] + 1
    assert model.objects.get(code=row["id"]).version == row["version"] + 1  # type: ignore[attr-defined]


def test_a_change_needs_the_version_it_was_made_on(writer: Writer, clerk: User) -> None:
    code = make_project(park=clerk.park).code
    answer = writer.patch(f"projects/{code}/", {"progress": "新"})
    assert answer.status_code == 428 and answer.json()["code"] == "version_missing"
    for wrong in ({"if_match": '"abc"'}, {"if_match": "*"}, {"if_match": '"99999999999-"'}):
        assert writer.patch(f"projects/{code}/", {"progress": "新"}, **wrong).status_code == 400
    assert Project.objects.get(code=code).progress == ""


def test_the_etag_of_a_row_is_taken_as_its_version(writer: Writer, clerk: User) -> None:
    path = f"projects/{make_project(park=clerk.park).code}/"
    tag = writer.get(path)["ETag"]
    assert writer.patch(path, {"progress": "一"}, if_match=tag).status_code == 200
    assert writer.patch(path, {"progress": "二"}, if_match=tag).status_code == 409


def test_the_loser_sees_both_values_and_overwrites_nothing(writer: Writer, clerk: User) -> None:
    path = f"projects/{make_project(park=clerk.park, progress='原来').code}/"
    assert writer.patch(path, {"progress": "先到", "version": 1}).status_code == 200
    late = writer.patch(path, {"progress": "后到", "version": 1})
    assert late.status_code == 409
    assert late.json()["current"]["progress"] == "先到" and late.json()["yours"]["progress"] == "后到"
    assert late.json()["version"] == 2 and writer.json(path)["progress"] == "先到"


def test_the_same_request_sent_again_makes_one_row_and_gets_the_same_answer(writer: Writer) -> None:
    first, again = (writer.post("projects/", {"name": "甲项目"}, idempotency_key="k-1") for _time in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    assert Project.objects.count() == 1


def test_a_key_is_neither_for_another_content_nor_for_another_user(writer: Writer, clerk: User) -> None:
    writer.post("projects/", {"name": "甲项目"}, idempotency_key="k-1")
    other = writer.post("projects/", {"name": "乙项目"}, idempotency_key="k-1")
    assert other.status_code == 422 and other.json()["code"] == "key_reused"
    colleague = Writer(make_user(park=clerk.park, username="second"))
    assert colleague.post("projects/", {"name": "乙项目"}, idempotency_key="k-1").status_code == 201
    assert writer.post("projects/", {"name": "丙"}, idempotency_key="汉" * 3).status_code == 400


def test_a_refused_request_keeps_no_key(writer: Writer) -> None:
    assert writer.post("projects/", {"name": ""}, idempotency_key="k-1").status_code == 400
    assert not KeptAnswer.objects.exists()
    assert writer.post("projects/", {"name": "甲项目"}, idempotency_key="k-1").status_code == 201


def test_a_read_token_and_roles_that_do_not_enter_are_refused_in_words(clerk: User) -> None:
    answer = Rest(clerk).client.post(f"{API}projects/", {"name": "甲"}, content_type=JSON)
    assert answer.status_code == 403 and "读写令牌" in answer.json()["message"]
    leader = Writer(make_user(Role.LEADER, park=clerk.park, username="leader"))
    assert "园区领导" in leader.post("projects/", {"name": "甲"}).json()["message"]
    assert not Project.objects.exists()


FORBIDDEN = {
    "review_state": "verified",
    "verified_by": "clerk",
    "recognition_level": "city",
    "fortune_global_500": True,
    "code": "mine-2020-999",
    "id": "mine-2020-999",
    "seq": 1,
    "created_by": "clerk",
    "created_at": "2020-01-01",
    "deleted_at": "2020-01-01",
    "sample_fields": ["name"],
    "submission_key": "x",
    "search_text": "x",
    "custom": {"a": "b"},
    "shares": [],
    "is_staff": True,
    "role": "admin",
    "_state": 1,
}


@pytest.mark.parametrize("field", FORBIDDEN)
def test_a_column_that_is_not_typed_is_refused_by_name(writer: Writer, clerk: User, field: str) -> None:
    code = make_project(park=clerk.park, review_state="draft").code
    for answer in (
        writer.post("projects/", {"name": "甲项目", field: FORBIDDEN[field]}),
        writer.patch(f"projects/{code}/", {field: FORBIDDEN[field], "version": 1}),
    ):
        assert answer.status_code == 400 and field in answer.json()["fields"]
    assert Project.objects.get().version == 1


def test_rows_of_another_park_cannot_be_named(writer: Writer, clerk: User) -> None:
    elsewhere = make_park(code="theirs", region=clerk.park.region)
    firm = make_enterprise(park=elsewhere)
    theirs = make_project(park=elsewhere)
    stranger = make_user(park=elsewhere, username="stranger")
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("projects/", {"name": "甲", "park": "theirs"}),
        ("projects/", {"name": "甲", "investor": firm.code}),
        ("projects/", {"name": "甲", "company": firm.code}),
        ("projects/", {"name": "甲", "kind": "phase", "parent": theirs.code}),
        ("projects/", {"name": "甲", "owner": stranger.username}),
        ("engagements/", ROWS["engagements"][1] | {"project": theirs.code}),
        ("engagements/", ROWS["engagements"][1] | {"enterprise": firm.code}),
        ("fund-arrivals/", ROWS["fund-arrivals"][1] | {"project": theirs.code}),
    ]
    for path, body in attempts:
        answer = writer.post(path, body)
        assert answer.status_code == 400, body
        assert firm.name not in answer.content.decode() and theirs.name not in answer.content.decode()
    assert (Project.objects.count(), Engagement.objects.count(), FundArrival.objects.count()) == (1, 0, 0)


ODD: list[tuple[str, Any]] = [
    ("total_investment", "1_000"),
    ("total_investment", "１０００"),
    ("total_investment", 1.5),
    ("total_investment", True),
    ("total_investment", -1),
    ("total_investment", 10**40),
    ("land_area_mu", 1.234),
    ("land_area_mu", "NaN"),
    ("land_area_mu", 1e300),
    ("signed_on", "2020-13-01"),
    ("signed_on", "20200101"),
    ("signed_on", 20200101),
    ("signed_on", "2999-01-01"),
    ("stage", "nowhere"),
    ("name", "x" * 101),
    ("name", ["a"]),
    ("name", "a\0"),
    ("tags", [{"a": 1}]),
    ("tags", "a"),
    ("investor", {"code": "x"}),
    ("investor", 1),
    ("industry_code", None),
]


@pytest.mark.parametrize(("field", "value"), ODD)
def test_odd_values_get_a_sentence(writer: Writer, field: str, value: Any) -> None:
    answer = writer.post("projects/", {"name": "甲项目", field: value})
    if answer.status_code == 201:
        assert (field, value) == ("name", "a\0") and answer.json()["name"] == "a"
        return
    assert answer.status_code == 400, answer.content.decode()
    assert all(name.startswith(field) and said for name, said in answer.json()["fields"].items())


@pytest.mark.parametrize("body", ["[]", '"a"', "1", "null", "{", "\xff", "[" * 5_000, '{"name": "\\ud800"}'])
def test_a_body_that_is_no_object_is_refused(writer: Writer, body: str) -> None:
    answer = writer.post("projects/", body.encode("latin-1"))
    assert answer.status_code == 400 and answer.json()["message"]


def test_what_the_form_refuses_is_refused_here_too(writer: Writer, clerk: User) -> None:
    code = make_project(park=clerk.park).code
    overseas = {"project": code, "received_on": "2020-08-01", "amount": 1, "origin_tier": "overseas"}
    fields = writer.post("fund-arrivals/", overseas).json()["fields"]
    assert set(fields) == {"amount_usd", "fdi_scope"}
    half = overseas | {"amount_usd": 5, "fdi_scope": "mofcom"}
    assert "汇率" in writer.post("fund-arrivals/", half).content.decode()
    assert writer.post("fund-arrivals/", half | {"rate": 6.8}).json()["rate"] == 6.8


def test_a_clerks_change_of_what_counts_waits_and_the_answer_says_so(writer: Writer, clerk: User) -> None:
    path = f"projects/{make_project(park=clerk.park, review_state='verified', total_investment=200_000_000).code}/"
    answer = writer.patch(path, {"total_investment": 900_000_000, "progress": "主体封顶", "version": 1})
    assert answer.status_code == 202, answer.content.decode()
    assert (answer.json()["total_investment"], answer.json()["progress"]) == (200_000_000, "主体封顶")
    again = writer.patch(path, {"progress": "设备进场", "version": answer.json()["version"]})
    assert again.status_code == 200
