"""Every address × every method × every caller × whose row: as `tests/permissions.py` says, and nothing is left out."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.permissions import GROUPS, ROUTES
from tests.routes import MISSING, VERBS, Route, routes, values_of
from tests.two_parks import PRINCIPALS, World, built

pytestmark = pytest.mark.django_db


class Line(NamedTuple):
    """One line of ROUTES: its name, the kind of row, and for each method the good answer and the group."""

    name: str
    row: str
    methods: dict[str, tuple[str, str]]


def read_groups(text: str) -> dict[str, dict[str, dict[str, str]]]:
    """Group → whose row → caller → answer."""
    head, *lines = (line.split() for line in text.splitlines() if line.strip())
    assert tuple(head) == PRINCIPALS
    groups: dict[str, dict[str, dict[str, str]]] = {}
    name = ""
    for words in lines:
        if len(words) == len(head) + 2:
            name, words = words[0], words[1:]
        groups.setdefault(name, {})[words[0]] = dict(zip(head, words[1:], strict=True))
    return groups


def read_routes(text: str) -> list[Line]:
    """The lines in their order."""
    found = []
    for name, row, *rest in (line.split() for line in text.splitlines() if line.strip()):
        triples = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
        cells = [(verb, (answer, group)) for verbs, answer, group in triples for verb in verbs.lower().split(",")]
        found.append(Line(name, row, dict(cells)))
    return found


TABLE, LINES, ALL = read_groups(GROUPS), read_routes(ROUTES), list(routes())


def line_of(route: Route) -> Line | None:
    """The first line that fits a route."""
    return next((line for line in LINES if fnmatchcase(route.name, line.name)), None)


def undecided(found: list[Route]) -> list[str]:
    """Methods of routes that no line decides, and lines that decide methods which a route does not have."""
    wrong = []
    for route in found:
        line = line_of(route)
        known = set(line.methods) if line else set()
        wrong += [
            f"{method.upper()} {route.name} ({route.address})" for method in VERBS if method in {*route.methods} ^ known
        ]
    return wrong


def test_every_route_and_method_has_its_line() -> None:
    assert undecided(ALL) == []


def test_every_line_has_its_route() -> None:
    used = {line_of(route) and line_of(route).name for route in ALL}  # type: ignore[union-attr]
    assert [line.name for line in LINES if line.name not in used] == []


def test_every_group_is_used_and_known() -> None:
    used = {group for line in LINES for _answer, group in line.methods.values()}
    assert used == set(TABLE)


def test_the_table_decides_thousands_of_cells() -> None:
    cells = [0 for route in ALL for method in route.methods for _whose in states(route, method) for _who in PRINCIPALS]
    assert len(cells) > 3_000


def states(route: Route, method: str) -> list[str]:
    """Whose rows are tried."""
    line = line_of(route)
    assert line, route
    return list(TABLE[line.methods[method][1]])


def row_of(route: Route, world: World, whose: str) -> Any:
    """The row that the address shall name."""
    line, place = line_of(route), world.b if whose == "other" else world.a
    assert line, route
    if line.row == "row":
        _empty, _admin, app, model, *_rest = route.address.split("/")
        return place.rows[f"admin.{app}_{model}"]
    return place.rows[line.row] if line.row != "-" else place.park


def call(world: World, who: str, route: Route, method: str, whose: str) -> Any:
    """Call a cell and undo what it did; the body names the row as the address does."""
    row = row_of(route, world, whose)
    values = MISSING if whose == "missing" else values_of(row)
    body = {"version": getattr(row, "version", 1), "park": values["park"], "period": values["period"]}
    is_rest = route.address.startswith("/api/")
    more = {"content_type": "application/json"} if is_rest and method != "get" else {}
    client = world.program(who) if is_rest else world.browser(who)
    with transaction.atomic():
        answer = getattr(client, method)(route.url(values), body if method != "get" else None, **more)
        transaction.set_rollback(True)
    return answer


def said(answer: Any) -> str:
    """The status, or “login” for the way to a login page."""
    where = answer.headers.get("Location", "").partition("?")[0]
    is_login = answer.status_code == 302 and where in {"/accounts/login/", "/admin/login/"}
    return "login" if is_login else str(answer.status_code)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Both parks; refusals answer without their pages, as only their status counts here."""
    bare = {name: lambda request, exception, status=name[-3:]: HttpResponse(status=status) for name in ERROR_PAGES}
    with built(django_db_blocker) as found, patch.multiple("django.conf.urls", **bare):
        yield found


ERROR_PAGES = ("handler403", "handler404")


CELLS = [(route, method) for route in ALL for method in route.methods]


@pytest.mark.parametrize(("route", "method"), CELLS, ids=[f"{method} {route.name}" for route, method in CELLS])
def test_each_caller_gets_what_the_table_says(world: World, route: Route, method: str) -> None:
    line = line_of(route)
    assert line, "give the address a line in tests/permissions.py"
    good, group = line.methods[method]
    expected, found = {}, {}
    for whose, cells in TABLE[group].items():
        for who, cell in cells.items():
            expected[who, whose] = good if cell == "ok" else cell
            found[who, whose] = said(call(world, who, route, method, whose))
    assert found == expected


REFUSED = {"login", "400", "401", "403", "404", "405"}


OURS = [route for route in ALL if not route.address.startswith("/admin/")]
"""Functions of the admin take any method for GET, which writes nothing."""


@pytest.mark.parametrize("route", OURS, ids=str)
def test_a_method_that_a_route_does_not_have_does_nothing(world: World, route: Route) -> None:
    for method in {"post", "put", "patch", "delete"} - {*route.methods}:
        who = "anonymous" if route.name == "login" else "head_a"
        assert said(call(world, who, route, method, "own")) in REFUSED


def thrown_page(request: HttpRequest) -> HttpResponse:
    """A page whose author forgot to say who may."""
    return HttpResponse("open")


class ThrownResource(APIView):
    """A resource whose author forgot the same."""

    def get(self, request: HttpRequest) -> Response:
        return Response("open")


urlpatterns = [
    path("thrown/", thrown_page, name="thrown"),
    path("api/thrown/", ThrownResource.as_view(), name="api-thrown"),
    path("", include("parkportal.urls")),
]


@pytest.mark.urls(__name__)
def test_a_new_route_without_a_line_is_found() -> None:
    assert undecided(list(routes())) == [
        "GET thrown (/thrown/)",
        "POST thrown (/thrown/)",
        "GET api-thrown (/api/thrown/)",
    ]


@pytest.mark.urls(__name__)
def test_default_deny_holds_for_views_that_name_no_permission(client: Any) -> None:
    page = client.get("/thrown/")
    assert page.status_code == 302 and page["Location"].startswith("/accounts/login/")
    assert client.get("/api/thrown/").status_code == 401
