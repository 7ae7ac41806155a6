"""Whatever a caller writes into an address breaks no list and widens none (D1)."""

import io
import os
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from parkportal.models import User
from parkportal.roles import Role
from tests.factories import (
    make_engagement,
    make_enterprise,
    make_fund_arrival,
    make_group_start_entry,
    make_listing_step,
    make_park,
    make_project,
    make_target,
    make_user,
)
from tests.rest import Rest
from tests.routes import Route, routes

pytestmark = pytest.mark.django_db
KEYS = [
    *("_connector", "_negated", "pk__in", "id", "park__region__code", "user__password__startswith", "owner__password"),
    *(
        "park__code__regex",
        "search__contains",
        "signed_on__year",
        "tags__0__name",
        "a.b",
        'a"b',
        "a';--",
        "a%s",
        "a\x00b",
    ),
    *("a\nb", "*", "__class__", "{0.__class__}", "项目"),
]
VALUES = [
    *(
        "OR",
        "1 OR 1=1",
        "' OR '1'='1",
        '" OR ""="',
        "1; DROP TABLE projects_project;--",
        "1) UNION SELECT 1--",
        "%",
        "_",
        "%%",
    ),
    *(
        "\\",
        "a\x00b",
        "\x00",
        "\x1b[31m",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        "null",
        "None",
    ),
    *(
        "[]",
        "{}",
        '{"a":1}',
        "-1",
        "0",
        "9" * 40,
        "1e9",
        "1.5",
        "１２",
        "NaN",
        "Infinity",
        "0x10",
        "true OR true",
        "2020-13-45",
    ),
    *(
        "2020-02-30",
        "9999-12-31",
        "0000-00-00",
        "../../etc/passwd",
        "${7*7}",
        "{{7*7}}",
        "{% debug %}",
        "<script>",
        "a" * 3_000,
    ),
]
ORDERINGS = [
    "password",
    "-owner__password",
    "?",
    "pk",
    "signed_on,name;--",
    'a"b',
    "-",
    "--signed_on",
    "signed_on__year",
    "a\x00",
]


THIN = 1 if os.environ.get("PORTAL_TEST_PROFILE") == "deep" else 10
"""Each value meets one name in ten; in the deep profile every one."""


def list_routes() -> Iterator[Route]:
    """Pages and REST addresses that take conditions."""
    for route in routes():
        known = getattr(route.view, "view_class", None) or getattr(route.view, "cls", None)
        is_list = hasattr(known, "filterset_class") and not route.parameters and "get" in route.methods
        if is_list or route.name in {"target-list", "overview", "ranking", "chain-list", "project-bin"}:
            yield route


LISTS = list(list_routes())


def filters_of(route: Route) -> list[str]:
    """The names that a list knows."""
    known = getattr(route.view, "view_class", None) or route.view.cls
    names = list(getattr(getattr(known, "filterset_class", None), "base_filters", {}))
    return [
        *names,
        "ordering",
        "page",
        "page_size",
        "cursor",
        "fields",
        "format",
        "period",
        "park",
        "figure",
        "updated_since",
    ]


def attempts(route: Route) -> Iterator[str]:
    """Addresses with names that no filter has, and with each known name holding what it cannot mean."""
    yield from (urlencode({key: "OR"}) for key in KEYS)
    names = dict.fromkeys(filters_of(route))
    thin = THIN if route.address.startswith("/api/") else min(2 * THIN, THIN**2)  # pages filter by the same FilterSet
    for n, value in enumerate(VALUES):  # each value with some of the names, so that every name meets every kind
        yield from (urlencode({name: value}) for i, name in enumerate(names) if (i + n) % thin == 0)
    yield from (urlencode({"ordering": ordering}) for ordering in ORDERINGS)
    yield "park=%00&park=%FF%FE&%00=%00&search=%C0%AE"
    yield "&".join(f"park={n}" for n in range(300))


@pytest.fixture
def reader(db: None) -> User:
    """Somebody of a park that has one row of everything."""
    park = make_park()
    firm = make_enterprise(park=park)
    project = make_project(park=park, investor=firm)
    make_fund_arrival(project=project)
    make_engagement(park=park, project=project)
    make_group_start_entry(project=project)
    make_listing_step(enterprise=firm)
    make_target(park=park)
    other = make_project()
    make_fund_arrival(project=other)
    return make_user(Role.HEAD, park=park)


def rows_in(answer: Any) -> int:
    """How many rows an answer shows: those of REST, the table rows of a page, or those of its workbook."""
    if "json" in answer.headers["Content-Type"]:
        return len(answer.json().get("results", []))
    if "sheet" in answer.headers["Content-Type"]:
        sheet = zipfile.ZipFile(io.BytesIO(answer.getvalue())).read("xl/worksheets/sheet1.xml")
        return sheet.count(b"<row ")
    return len(re.findall(r"<tr\b", answer.getvalue().decode())) if answer.status_code == 200 else 0


@pytest.mark.parametrize("route", LISTS, ids=str)
def test_no_address_breaks_a_list_or_widens_it(route: Route, reader: User, client_as: Any) -> None:
    client = Rest(reader).client if route.address.startswith("/api/") else client_as(reader)
    client.raise_request_exception = False
    whole, wrong = rows_in(client.get(route.address)), []
    for query in attempts(route):
        answer = client.get(f"{route.address}?{query}")
        counted = not answer.streaming or not route.address.startswith("/api/")
        if answer.status_code >= 500 or (counted and rows_in(answer) > whole):
            wrong.append((query[:100], answer.status_code))
    assert wrong == []
