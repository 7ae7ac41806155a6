"""Incremental pull: everything that changed since, in the order of the commits, and what is gone."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parkportal.models import Change, Park, User
from parkportal.trace import Actor, changes, last_seq
from projects.models import FundArrival, Project, ProjectShare
from tests.factories import make_fund_arrival, make_park, make_project, make_user
from tests.rest import Rest, body

pytestmark = pytest.mark.django_db
SYSTEM = Actor(None)


@pytest.fixture
def user() -> User:
    return make_user(park=make_park(code="mine"))


@pytest.fixture
def rest(user: User) -> Rest:
    return Rest(user)


def rename(project: Project, name: str = "改名") -> None:
    with changes(by=SYSTEM) as ledger:
        ledger.update(project, {"name": name})


def withdraw(row: Any) -> None:
    with changes(by=SYSTEM) as ledger:
        ledger.withdraw(row)


def pull(rest: Rest, since: Any, path: str = "projects/", **query: Any) -> tuple[list[dict[str, Any]], str]:
    """All pages since then, and the cursor to go on from."""
    found = rest.json(path, updated_since=since, **query)
    rows = found["results"]
    while found["next"]:
        found = rest.follow(found["next"])
        rows += found["results"]
    return rows, found["cursor"]


def test_a_pull_tells_what_changed_since_the_last_one_and_then_nothing(user: User, rest: Rest) -> None:
    first, second = make_project(park=user.park), make_project(park=user.park)
    rows, cursor = pull(rest, 0)
    assert {row["id"] for row in rows} == {first.code, second.code}
    rename(second)
    rename(first)
    rows, cursor = pull(rest, cursor)
    assert [(row["id"], row["name"]) for row in rows] == [(second.code, "改名"), (first.code, "改名")]
    assert pull(rest, cursor) == ([], cursor)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_of_a_pull_are_in_the_order_of_the_changes(user: User, rest: Rest, size: int) -> None:
    projects = [make_project(park=user.park) for _ in range(5)]
    for project in reversed(projects):
        rename(project)
    rows, _cursor = pull(rest, 0, page_size=size)
    assert [row["id"] for row in rows] == [project.code for project in reversed(projects)]


def test_a_withdrawn_row_is_told_as_a_tombstone(user: User, rest: Rest) -> None:
    project = make_project(park=user.park)
    _rows, cursor = pull(rest, 0)
    withdraw(project)
    rows, _cursor = pull(rest, cursor)
    assert [set(row) for row in rows] == [{"id", "deleted_at"}]
    assert rows[0]["id"] == project.code
    assert datetime.fromisoformat(rows[0]["deleted_at"]) == Project.objects.get().deleted_at.replace(
        microsecond=datetime.fromisoformat(rows[0]["deleted_at"]).microsecond
    )


def test_a_row_that_leaves_the_filter_is_told_as_a_tombstone(user: User, rest: Rest) -> None:
    project = make_project(park=user.park, stage="signed")
    _rows, cursor = pull(rest, 0, stage="signed")
    with changes(by=SYSTEM) as ledger:
        ledger.update(project, {"stage": "started"})
    rows, _cursor = pull(rest, cursor, stage="signed")
    assert [set(row) for row in rows] == [{"id", "deleted_at"}]


def test_a_row_that_moves_to_another_park_is_told_as_a_tombstone(user: User, rest: Rest) -> None:
    project, other = make_project(park=user.park, shares=[]), make_park()
    _rows, cursor = pull(rest, 0)
    with changes(by=SYSTEM) as ledger:
        ledger.update(project, {"park": other})
    rows, after = pull(rest, cursor)
    assert [(row["id"], set(row)) for row in rows] == [(project.code, {"id", "deleted_at"})]
    assert pull(rest, after)[0] == []


def test_a_share_that_is_taken_away_takes_the_row_out_of_sight(user: User, rest: Rest) -> None:
    project = make_project(park=make_park())
    with changes(by=SYSTEM) as ledger:
        share = ledger.create(ProjectShare(project=project, park=user.park, count_bp=1, amount_bp=1))
        ledger.note(project, {"shares": ("", "x")})
    rows, cursor = pull(rest, 0)
    assert [row["name"] for row in rows] == [project.name]
    with changes(by=SYSTEM) as ledger:
        ledger.delete(share)
        ledger.note(project, {"shares": ("x", "")})
    rows, _cursor = pull(rest, cursor)
    assert [(row["id"], set(row)) for row in rows] == [(project.code, {"id", "deleted_at"})]


def test_changes_of_another_park_are_not_told(user: User, rest: Rest) -> None:
    foreign = make_project(park=make_park())
    rename(foreign)
    withdraw(foreign)
    assert pull(rest, 0)[0] == []


def test_money_that_arrives_moves_its_project_and_a_withdrawn_project_its_money(user: User, rest: Rest) -> None:
    project = make_project(park=user.park)
    arrival = make_fund_arrival(project=project)
    _rows, cursor = pull(rest, last_seq())
    with changes(by=SYSTEM) as ledger:
        ledger.update(arrival, {"amount": 7})
    rows, _cursor = pull(rest, cursor)
    assert [row["arrived_funds"] for row in rows] == [7]
    withdraw(Project.objects.get(pk=project.pk))
    rows, _cursor = pull(rest, cursor, "fund-arrivals/")
    assert [set(row) for row in rows] == [{"id", "deleted_at"}]
    assert FundArrival.objects.get().deleted_at is None


def test_a_renamed_investor_moves_its_projects_even_across_a_page(user: User, rest: Rest) -> None:
    investor = make_project(park=user.park).investor
    codes = {make_project(park=user.park, investor=investor).code for _ in range(4)}
    codes.add(investor.invested_projects.order_by("pk")[0].code)
    _rows, cursor = pull(rest, 0)
    with changes(by=SYSTEM) as ledger:
        ledger.update(investor, {"name": "新名"})
    rows, _cursor = pull(rest, cursor, page_size=2)
    assert sorted(row["id"] for row in rows) == sorted(codes)
    assert {row["investor"]["name"] for row in rows} == {"新名"}


def test_a_commit_during_the_pull_waits_for_the_next_one(user: User, rest: Rest, monkeypatch: Any) -> None:
    from parkportal.api import changes as module

    early, late = make_project(park=user.park), make_project(park=user.park)
    rename(early)
    seen = last_seq()
    monkeypatch.setattr(module, "last_seq", lambda: seen)
    rename(late)
    rows, cursor = pull(rest, seen - 1)
    assert [row["id"] for row in rows] == [early.code]
    monkeypatch.undo()
    assert [row["id"] for row in pull(rest, cursor)[0]] == [late.code]


@pytest.mark.parametrize("offset", ["Z", "+08:00", " 08:00", "+0800"])
def test_a_timestamp_is_as_good_as_a_cursor(user: User, rest: Rest, offset: str) -> None:
    old, new = make_project(park=user.park), make_project(park=user.park)
    before = datetime.now(UTC) - timedelta(days=2)
    Project.objects.update(updated_at=before)
    rename(new)
    Change.objects.update(at=datetime.now(UTC) - timedelta(hours=1))
    since = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S") + offset
    assert [row["id"] for row in pull(rest, since)[0]] == [new.code]
    everything = pull(rest, "2000-01-01")[0]
    assert {row["id"] for row in everything} == {old.code, new.code}


@pytest.mark.parametrize(
    "value",
    ["x", "-1", "2020-13-01", "2020-01-01T25:00", "1.5", "1:", "9" * 19, "\0", "0001-01-01T00:00:00+23:00", "1:é"],
)
def test_what_is_neither_time_nor_cursor_is_400(rest: Rest, value: str) -> None:
    answer = rest.get("projects/", updated_since=value)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["updated_since"]


@pytest.mark.parametrize("query", [{"ordering": "name"}, {"cursor": "x"}])
def test_a_pull_has_its_own_order(rest: Rest, query: dict[str, str]) -> None:
    assert rest.get("projects/", updated_since="0", **query).status_code == 400


def test_a_pull_streams_as_a_file_with_its_tombstones(user: User, rest: Rest) -> None:
    kept, gone = make_project(park=user.park), make_project(park=user.park)
    rename(kept)
    withdraw(gone)
    lines = [json.loads(line) for line in body(rest.get("projects/", updated_since="0", format="ndjson")).splitlines()]
    assert [line["id"] for line in lines] == [kept.code, gone.code]
    assert set(lines[1]) == {"id", "deleted_at"}
    heading = body(rest.get("projects/", updated_since="0", format="csv")).decode("utf-8-sig").splitlines()[0]
    assert heading.endswith(",version,deleted_at")


@pytest.mark.parametrize("name", ["parks", "chains", "indicators", "scorecards"])
def test_what_carries_no_number_of_the_trace_says_so(rest: Rest, name: str) -> None:
    assert rest.get(f"{name}/", updated_since="0").status_code == 400


def test_a_pull_costs_the_same_with_1_row_and_with_50(
    user: User, rest: Rest, django_assert_max_num_queries: Any
) -> None:
    for _ in range(50):
        rename(make_project(park=user.park))
    rest.get("projects/")
    with django_assert_max_num_queries(12):
        assert len(rest.ids("projects/", updated_since="0")) == 50


def test_the_parks_of_a_region_are_pulled_together(user: User) -> None:
    assert isinstance(user.park, Park)
    city = make_user("city", region=user.park.region)
    rename(make_project(park=user.park))
    rename(make_project(park=make_park(region=user.park.region)))
    assert len(pull(Rest(city), 0)[0]) == 2
