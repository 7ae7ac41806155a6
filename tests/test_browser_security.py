"""What a browser is promised of every answer: strict headers and cookies, no shared caches, no forged requests."""

import ast
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.test import Client

from parkportal.models import ApiToken
from parkportal.roles import Role
from tests.factories import make_token, make_user
from tests.logins import LOGIN, log_in
from tests.routes import Route, routes, values_of
from tests.two_parks import World, built

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[1]
# Every GET of the walk, once (B6 to B8)


@dataclass(frozen=True)
class Answer:
    """What one GET answered."""

    route: Route
    who: str
    status: int
    headers: dict[str, str]
    cookies: str

    def __str__(self) -> str:
        return f"{self.route.name} {self.who} {self.status}"


WALKERS = ("anonymous", "head_a", "statistician", "admin")
UNTOLD = {"sessions.Session", "axes.AccessAttempt", "axes.AccessFailureLog", "axes.AccessLog"}
"""Tables that reading may write: sessions and what axes counts."""
MOMENTS = {"parkportal.ApiToken": {"last_used_at"}}


def fingerprints() -> dict[str, str]:
    """A digest of each table's rows, without sessions, axes and the last use of tokens."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label
        if label not in UNTOLD:
            columns = [f.attname for f in model._meta.concrete_fields if f.name not in MOMENTS.get(label, ())]
            rows = model._base_manager.order_by("pk").values_list(*columns)
            found[label] = hashlib.sha256(repr(list(rows)).encode()).hexdigest()
    return found


@dataclass(frozen=True)
class Walk:
    """All answers, and the tables before and after."""

    answers: list[Answer]
    before: dict[str, str]
    after: dict[str, str]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with built(django_db_blocker) as found:
        yield found


@pytest.fixture(scope="module")
def walk(world: World) -> Walk:
    before = fingerprints()
    answers = [visit(world, route, who) for route in routes() if "get" in route.methods for who in WALKERS]
    return Walk(answers, before, fingerprints())


def visit(world: World, route: Route, who: str) -> Answer:
    client = (world.program if route.address.startswith("/api/") else world.browser)(who)
    answer = client.get(route.url(values_of(row_for(route, world))))
    return Answer(route, who, answer.status_code, dict(answer.headers), answer.cookies.output())


def row_for(route: Route, world: World) -> Any:
    """A row of park A whose kind fits the address."""
    rows = world.a.rows
    if route.address.startswith("/admin/"):
        _empty, _admin, app, model, *_rest = [*route.address.split("/"), "", ""]
        return rows.get(f"admin.{app}_{model}", world.a.park)
    name = route.name.removeprefix("api-").replace("group-start-entry-new", "group-start")
    kinds = sorted((kind for kind in rows if name.startswith(kind)), key=len)
    return rows[kinds[-1]] if kinds else world.a.park


def test_the_walk_saw_every_kind_of_answer(walk: Walk) -> None:
    assert {200, 302, 401, 403, 404} <= {answer.status for answer in walk.answers}
    assert not [str(answer) for answer in walk.answers if answer.status >= 500]


def test_no_get_changes_a_row(walk: Walk) -> None:
    assert walk.after == walk.before


def test_a_changed_row_would_be_seen() -> None:
    token, before = make_token()[0], fingerprints()
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=datetime.now(UTC))
    assert fingerprints() == before
    ApiToken.objects.filter(pk=token.pk).update(name="x")
    assert [label for label, found in fingerprints().items() if found != before[label]] == ["parkportal.ApiToken"]


def wrong_caching(answer: Answer) -> str:
    """What would let a shared cache keep the answer; empty where nothing does."""
    rest = answer.route.address.startswith("/api/")
    held = answer.headers.get("Cache-Control", "")
    varies = {name.strip() for name in answer.headers.get("Vary", "").split(",")}
    if held != ("private, no-cache" if rest else "no-store"):
        return f"{answer}: {held!r}"
    return "" if ("Authorization" if rest else "Cookie") in varies else f"{answer}: Vary {varies}"


def test_no_answer_is_kept_by_a_shared_cache(walk: Walk) -> None:
    assert [wrong for answer in walk.answers if (wrong := wrong_caching(answer))] == []


def test_nothing_asks_for_a_shared_cache() -> None:
    shared = {"cache_page", "cache_control", "FetchFromCacheMiddleware"}
    found = []
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        names = {getattr(n, "id", getattr(n, "attr", "")) for n in ast.walk(ast.parse(path.read_text()))}
        if names & shared:
            found.append(str(path))
    assert found == []
    assert not [path for path in ROOT.glob("templates/**/*.html") if re.search(r"{%\s*cache\b", path.read_text())]


ROOMS = ("parkportal", "enterprises", "projects", "reports")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY = {"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"}


def missing_headers(headers: Any) -> list[str]:
    """The promised headers that an answer lacks, and what its content policy allows too much."""
    policy = {part.strip() for part in headers.get("Content-Security-Policy", "").split(";")}
    wrong = [name for name, value in HEADERS.items() if headers.get(name) != value]
    wrong += sorted(part for part in POLICY if not {part, part.replace("'self'", "'none'")} & policy)
    wrong += [part for part in policy if re.search(r"unsafe|\*|https?:", part)]
    return wrong + ([] if headers.get("X-Request-Id") else ["X-Request-Id"])


def test_every_answer_has_the_promised_headers(walk: Walk) -> None:
    assert {str(answer): wrong for answer in walk.answers if (wrong := missing_headers(answer.headers))} == {}


def test_answers_of_every_other_status_have_them_too(client_as: Any) -> None:
    reader, clerk = client_as(make_user(Role.LEADER)), client_as(make_user())
    clerk.raise_request_exception = False
    with patch("projects.views.projects.ProjectList.get_context_data", side_effect=RuntimeError):
        broken = clerk.get("/projects/")
    locked = Client()
    for _ in range(5):
        last = locked.post(LOGIN, {"username": "nobody", "password": "wrong"})
    answers = {
        400: reader.get("/projects/?nonsense=1"),
        403: Client(enforce_csrf_checks=True).post(LOGIN),
        405: reader.get("/accounts/logout/"),
        429: last,
        500: broken,
    }
    assert [answer.status_code for answer in answers.values()] == list(answers)
    assert {status: wrong for status, answer in answers.items() if (wrong := missing_headers(answer.headers))} == {}
    assert {answer["Cache-Control"] for answer in answers.values()} == {"no-store"}


def test_a_refused_host_gets_the_headers_too() -> None:
    assert missing_headers(Client().get(LOGIN, headers={"host": "evil.example"}).headers) == []


def test_no_script_reads_a_cookie() -> None:
    client = Client()
    client.get(LOGIN)
    log_in(make_user(), client)
    assert {"session", "csrf"} <= set(client.cookies)
    for name in ("session", "csrf"):
        cookie = client.cookies[name]
        assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["domain"] and cookie["path"] == "/"


UNDER_HTTPS = """
import django
django.setup()
from django.conf import settings
from django.contrib.sessions.backends import signed_cookies
from django.test import Client
settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
answer = Client().get("/accounts/login/", secure=True, headers={"host": "localhost"})
print(answer.status_code, answer["Strict-Transport-Security"])
print(answer.cookies.output())
print(Client().get("/accounts/login/", headers={"host": "localhost"}).headers.get("Location"))
names = ("NAME", "SECURE", "DOMAIN", "PATH")
print(*(getattr(settings, f"SESSION_COOKIE_{name}") for name in names))
"""


@pytest.mark.once
def test_under_https_cookies_are_bound_to_the_host_and_http_leads_to_https() -> None:
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "parkportal.settings", "PORTAL_HTTPS": "true"}
    env |= {"SECRET_KEY": "for-tests-only-" * 4, "PORTAL_EMBEDDED": "true"}
    command = [sys.executable, "-W", "ignore", "-c", UNDER_HTTPS]
    said = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[0] == "200 max-age=31536000; includeSubDomains; preload"
    assert said[1].startswith("Set-Cookie: __Host-csrf=")
    assert {"Secure", "Path=/", "HttpOnly"} <= {part.strip() for part in said[1].split(";")} and "Domain" not in said[1]
    assert said[2] == "https://localhost/accounts/login/"
    assert said[3] == "__Host-session True None /"


# Forged requests (B8)

UNSAFE = [(route, method) for route in routes() for method in route.methods if method != "get"]


@pytest.mark.parametrize(("route", "method"), UNSAFE, ids=[f"{method} {route.name}" for route, method in UNSAFE])
def test_nothing_is_changed_without_the_forms_token(world: World, route: Route, method: str) -> None:
    who = "admin" if route.address.startswith("/admin/") else "head_a"
    forged = Client(enforce_csrf_checks=True)
    forged.cookies["session"] = world.browser(who).cookies["session"].value
    answer = getattr(forged, method)(route.url(values_of(row_for(route, world))), {"version": 1})
    assert answer.status_code == (401 if route.address.startswith("/api/") else 403)


def test_a_foreign_origin_is_refused_even_with_the_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(LOGIN)
    form = {"csrfmiddlewaretoken": client.cookies["csrf"].value, "username": "x", "password": "y"}
    assert client.post(LOGIN, form, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.post(LOGIN, form, headers={"origin": "http://testserver"}).status_code == 200
