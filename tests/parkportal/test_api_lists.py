"""Lists of REST: pages that stay steady, order, fields, files, ETags; and every error in one shape."""

import base64
import csv
import io
import json
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from parkportal.models import User
from projects.models import Project
from tests.factories import make_park, make_project, make_user
from tests.rest import API, RESOURCES, Rest, body


@pytest.fixture
def user(db: None) -> User:
    return make_user(park=make_park(code="mine"))


@pytest.fixture
def rest(user: User) -> Rest:
    return Rest(user)


def fill(user: User, days: list[int | None]) -> None:
    """Projects signed on these days of May 2020; None is not signed."""
    for day in days:
        make_project(park=user.park, signed_on=None if day is None else date(2020, 5, day))


@pytest.mark.parametrize("ordering", ["signed_on", "-signed_on", "total_investment,-signed_on", "id", "-id", "name"])
@pytest.mark.parametrize("size", [1, 3, 7])
def test_pages_show_every_row_once_with_equal_and_empty_values(
    user: User, rest: Rest, ordering: str, size: int
) -> None:
    fill(user, [3, 3, None, 1, 3, None, 2, None, 9, 9])
    whole = rest.ids("projects/", ordering=ordering, page_size=50)
    assert len(whole) == 10
    assert rest.walk("projects/", ordering=ordering, page_size=size) == whole


def test_rows_without_a_value_come_last_in_either_direction(user: User, rest: Rest) -> None:
    fill(user, [None, 2, 1])
    for ordering, expected in (
        ("signed_on", ["2020-05-01", "2020-05-02", None]),
        ("-signed_on", ["2020-05-02", "2020-05-01", None]),
    ):
        rows = rest.json("projects/", ordering=ordering)["results"]
        assert [row["signed_on"] for row in rows] == expected


def test_previous_leads_back_through_the_same_pages(user: User, rest: Rest) -> None:
    fill(user, [3, 3, None, 1, 3, None, 2])
    page = rest.json("projects/", page_size=2)
    pages = [page]
    while page["next"]:
        page = rest.follow(page["next"])
        pages.append(page)
    assert pages[0]["previous"] is None
    for earlier in reversed(pages[:-1]):
        page = rest.follow(page["previous"])
        assert page["results"] == earlier["results"]
    assert page["previous"] is None


class SteadyPages(TestCase):
    """Pages while rows come and go."""

    @hypothesis(max_examples=12)
    @given(
        days=st.lists(st.one_of(st.none(), st.integers(1, 5)), min_size=4, max_size=12),
        events=st.lists(st.tuples(st.one_of(st.none(), st.integers(1, 5)), st.integers(0, 99)), min_size=1, max_size=4),
        descending=st.booleans(),
    )
    def test_a_walk_misses_and_repeats_nothing_that_stays(
        self, days: list[int | None], events: list[tuple[int | None, int]], descending: bool
    ) -> None:
        user = make_user()
        fill(user, days)
        rest, stays = Rest(user), set(Project.objects.filter(park=user.park).values_list("code", flat=True))
        page = rest.json("projects/", page_size=2, ordering="-signed_on" if descending else "signed_on")
        seen = [row["id"] for row in page["results"]]
        for day, place in events:
            fill(user, [day])
            rows = Project.objects.filter(park=user.park).order_by("pk")
            gone = rows[place % len(rows)]
            gone.shares.all().delete()
            gone.delete()
            stays.discard(gone.code)
            if page["next"]:
                page = rest.follow(page["next"])
                seen += [row["id"] for row in page["results"]]
        while page["next"]:
            page = rest.follow(page["next"])
            seen += [row["id"] for row in page["results"]]
        assert len(seen) == len(set(seen))
        assert stays <= set(seen)


NOT_UNDERSTOOD: list[dict[str, str]] = [
    *({"page_size": value} for value in ("0", "1001", "-1", "ten", "１０", "1e3", "9" * 30)),
    *({"cursor": value} for value in ("x", "W10", "a:b:c", base64.b64encode(b"{}").decode(), "\0", "é" * 300)),
    *({"ordering": value} for value in ("nothing", "-", "id,nothing", "shares__park", "?", "--id", "pk")),
    *({"fields": value} for value in ("nothing", "id,nothing", "search_text")),
    *({key: "1"} for key in ("page", "figure", "version", "bogus", "id__in", "_connector", "park__code", "a\0b")),
    {"format": "pdf"},
    {"format": "api"},
]


@pytest.mark.parametrize("name", RESOURCES)
def test_an_address_that_is_not_understood_is_400_with_a_sentence(rest: Rest, name: str) -> None:
    for query in NOT_UNDERSTOOD:
        answer = rest.get(f"{name}/", **query)
        assert answer.status_code == 400, query
        error = answer.json()
        assert set(error) == {"code", "message", "fields"}
        assert list(error["fields"]) == list(query)
        assert error["message"].endswith("。")


def test_an_unknown_parameter_is_told_with_the_known_ones(rest: Rest) -> None:
    message = rest.get("projects/", stagee="signed").json()["fields"]["stagee"][0]
    assert message.startswith("没有名为“stagee”的参数。可用的有：")
    assert "、stage、" in message and "、page_size、" in message


def test_a_cursor_of_another_order_or_list_is_refused(user: User, rest: Rest) -> None:
    fill(user, [1, 2, 3])
    link = rest.json("projects/", page_size=1, ordering="name")["next"]
    cursor = link.split("cursor=")[1].split("&")[0].replace("%3A", ":")
    assert rest.get("projects/", page_size=1, ordering="name", cursor=cursor).status_code == 200
    assert rest.get("projects/", page_size=1, ordering="id", cursor=cursor).status_code == 400
    assert rest.get("enterprises/", page_size=1, ordering="name", cursor=cursor).status_code == 400


def test_a_thousand_rows_fit_on_a_page_and_fifty_are_the_default(user: User, rest: Rest) -> None:
    fill(user, [1] * 51)
    assert len(rest.ids("projects/")) == 50
    assert len(rest.ids("projects/", page_size=1000)) == 51


def test_fields_choose_what_is_shown_in_list_and_detail(user: User, rest: Rest) -> None:
    project = make_project(park=user.park)
    chosen = {
        "id": project.code,
        "investor": {"code": project.investor.code, "name": project.investor.name, "origin": ""},
    }
    assert rest.json("projects/", fields="id,investor")["results"] == [chosen]
    assert rest.json(f"projects/{project.code}/", fields="id, investor") == chosen


@pytest.mark.parametrize("name", RESOURCES)
def test_foreign_and_missing_rows_answer_alike(rest: Rest, name: str) -> None:
    foreign = make_project(park=make_park(code="other"))
    answers = [rest.get(f"{name}/{code}/") for code in (foreign.code, "other", "nothing", "%00", "é", "a" * 300)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json() == {"code": "not_found", "message": "没有这条记录，或不在你的权限内。", "fields": {}}


def test_a_withdrawn_row_is_gone_from_list_and_detail(user: User, rest: Rest) -> None:
    from django.utils import timezone

    project = make_project(park=user.park, deleted_at=timezone.now())
    assert rest.ids("projects/") == []
    assert rest.get(f"projects/{project.code}/").status_code == 404


@pytest.mark.parametrize("name", ["parks", "indicators", "targets", "scorecards"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_other_methods_are_405_in_the_same_shape(rest: Rest, name: str, method: str) -> None:
    answer = getattr(rest.client, method)(f"{API}{name}/")
    assert answer.status_code == 405
    assert answer.json()["message"] == f"这个地址不支持{method.upper()}。"


def test_a_format_that_is_not_available_is_406_in_the_same_shape(rest: Rest) -> None:
    answer = rest.client.get(f"{API}projects/", headers={"accept": "application/xml"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_an_address_below_rest_that_does_not_exist_is_404_in_the_same_shape(rest: Rest) -> None:
    answer = rest.get("nowhere/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_address_without_its_last_slash_is_led_there(rest: Rest) -> None:
    assert rest.get("projects")["Location"] == f"{API}projects/"


def test_errors_are_english_for_those_who_ask(user: User) -> None:
    english = Rest(user, **{"accept-language": "en-GB,en;q=0.9"})
    assert english.get("projects/x/").json()["message"] == "There is no such record, or you may not see it."
    assert english.get("projects/", signed_on_after="x").json()["message"] == "Write a date like “2020-09-30”."
    assert english.get("projects/", stage="x").json()["message"] == "“x” is not one of the available choices."
    chinese = Rest(user, **{"accept-language": "fr"})
    assert chinese.get("projects/", stage="x").json()["message"] == "没有“x”这个选项。"


def test_an_error_is_json_whatever_format_was_asked_for(rest: Rest) -> None:
    answer = rest.get("projects/", format="csv", stage="x")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["fields"] == {"stage": ["没有“x”这个选项。"]}


def test_an_answer_that_the_caller_has_is_304(user: User, rest: Rest) -> None:
    project = make_project(park=user.park)
    for path in ("projects/", f"projects/{project.code}/", "projects/summary/"):
        first = rest.get(path)
        again = rest.client.get(API + path, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    Project.objects.filter(pk=project.pk).update(name="改名", version=2)
    changed = rest.client.get(f"{API}projects/{project.code}/", headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"].startswith('"2-')


def test_answers_are_never_kept_by_a_shared_cache(user: User, rest: Rest) -> None:
    make_project(park=user.park)
    for answer in (rest.get("projects/"), rest.get("projects/x/"), rest.get("projects/", format="csv")):
        assert answer["Cache-Control"] == "private, no-cache"
        assert "Authorization" in answer["Vary"]


def test_csv_holds_all_rows_with_nested_columns(user: User, rest: Rest) -> None:
    fill(user, [1] * 60)
    Project.objects.filter(park=user.park).update(name="=1+1")
    answer = rest.get("projects/", format="csv", page_size=5)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="projects.csv"'
    rows = list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig"))))
    assert len(rows) == 60
    assert rows[0]["name"] == "'=1+1"
    assert rows[0]["signed_on"] == "2020-05-01"
    assert rows[0]["investor.code"].startswith("mine-e")
    assert json.loads(rows[0]["shares"]) == [{"park": "mine", "count_bp": 10_000, "amount_bp": 10_000}]


def test_xlsx_holds_typed_cells_and_no_formulas(user: User, rest: Rest) -> None:
    make_project(park=user.park, name="@SUM(A1)", signed_on=date(2020, 5, 1))
    sheet = openpyxl.load_workbook(io.BytesIO(body(rest.get("projects/", format="xlsx")))).active
    row = {heading.value: cell for heading, cell in zip(*sheet.iter_rows(max_row=2), strict=True)}
    assert (row["name"].value, row["name"].data_type) == ("@SUM(A1)", "s")
    assert row["total_investment"].value == 200_000_000
    assert row["signed_on"].value.date() == date(2020, 5, 1)
    assert row["fortune_global_500"].value is False
    assert row["created_at"].is_date
    assert row["company.code"].value is None


def test_ndjson_holds_the_rows_of_the_list(user: User, rest: Rest) -> None:
    fill(user, [1, 2, None])
    lines = body(rest.get("projects/", format="ndjson")).decode().splitlines()
    rows = rest.json("projects/")["results"]
    assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in rows]
    assert json.loads(lines[0])["signed_on"] == "2020-05-02"


def test_files_hold_the_chosen_fields_in_the_chosen_order(user: User, rest: Rest) -> None:
    fill(user, [1, 2])
    text = body(rest.get("projects/", format="csv", fields="id,signed_on", ordering="signed_on")).decode("utf-8-sig")
    assert [line.split(",")[1] for line in text.split()] == ["signed_on", "2020-05-01", "2020-05-02"]


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"page_size": "0"}, {"ordering": "x"}, {"fields": "x"}])
def test_a_file_refuses_what_it_would_ignore(rest: Rest, query: dict[str, str]) -> None:
    answer = rest.get("projects/", format="csv", **query)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, list(query))


def test_a_file_is_of_lists_only(user: User, rest: Rest) -> None:
    project = make_project(park=user.park)
    assert rest.get(f"projects/{project.code}/", format="csv").status_code == 400


@pytest.mark.parametrize("format", ["json", "csv", "xlsx", "ndjson"])
def test_a_list_costs_the_same_with_1_row_and_with_50(user: User, rest: Rest, format: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            body(rest.get("projects/", format=format))
        return len(queries)

    fill(user, [1])
    rest.get("projects/")
    once = cost()
    fill(user, [2] * 49)
    assert cost() == once <= 12


def test_a_get_changes_nothing_but_the_last_use_of_the_token(user: User, rest: Rest) -> None:
    fill(user, [1])
    rest.get("projects/")
    before = list(Project.objects.values())
    with CaptureQueriesContext(connection) as queries:
        for path in ("projects/", f"projects/{before[0]['code']}/", "projects/summary/"):
            rest.get(path)
    assert not [q for q in queries if q["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert list(Project.objects.values()) == before


@pytest.mark.parametrize(
    "value", ["%", "_", "\\", "' OR 1=1 --", '"', ";", "a.b", "$.x", "\x01", "é", "\U0001f600", "{}", "x" * 100]
)
def test_odd_search_texts_find_nothing_and_break_nothing(user: User, rest: Rest, value: str) -> None:
    make_project(park=user.park, name="富士康")
    assert rest.ids("projects/", search=value) == []


@pytest.mark.parametrize("value", ["\0", "x" * 101])
def test_a_search_text_that_cannot_be_looked_up_is_400(rest: Rest, value: str) -> None:
    assert rest.get("projects/", search=value).status_code == 400


def test_numbers_beyond_every_amount_select_nothing_or_everything(user: User, rest: Rest) -> None:
    make_project(park=user.park)
    assert rest.ids("projects/", total_investment_min="9" * 30) == []
    assert len(rest.ids("projects/", total_investment_max="9" * 30)) == 1


def answers_of(rest: Rest, **query: Any) -> set[int]:
    return {rest.get(f"{name}/", **query).status_code for name in RESOURCES}


def test_a_park_that_the_caller_may_not_read_is_like_one_that_does_not_exist(rest: Rest) -> None:
    make_park(code="other")
    told = [rest.get("projects/", park=code).json()["message"].replace(code, "") for code in ("other", "nothing")]
    assert told[0] == told[1]
    assert answers_of(rest, park="other") == {400}
