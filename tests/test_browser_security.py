"""What a browser is promised: sessions that end, strict headers and cookies, no shared caches, no forged requests."""

import ast
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from parkportal.models import ApiToken, User
from parkportal.roles import Role
from tests.factories import PASSWORD, make_token, make_user
from tests.routes import Route, routes, values_of
from tests.two_parks import World, built

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser_security")]
ROOT = Path(__file__).resolve().parents[1]
LOGIN, NEW_PASSWORD = "/accounts/login/", "another-password-2"
QUIET = "/accounts/password/done/"
"""A page that asks for nothing but a login."""


def log_in(user: User, client: Client | None = None, password: str = PASSWORD, **more: Any) -> Client:
    """A browser in which the person typed name and password."""
    client = client or Client()
    client.post(LOGIN, {"username": user.username, "password": password}, **more)
    return client


def is_in(client: Client) -> bool:
    """Whether the browser still gets pages."""
    return bool(client.get(QUIET).status_code == 200)


def key_of(client: Client) -> str:
    return client.cookies["session"].value


# Sessions (B5)


def test_logging_in_changes_the_session_key() -> None:
    client, planted = Client(), SessionStore()
    planted["planted"] = True
    planted.create()
    client.cookies["session"] = planted.session_key
    log_in(make_user(), client)
    assert is_in(client) and key_of(client) != planted.session_key
    assert not SessionStore().exists(planted.session_key)


def test_logging_out_ends_the_session_in_the_store() -> None:
    client = log_in(make_user())
    key = key_of(client)
    client.post("/accounts/logout/")
    assert not SessionStore().exists(key)
    client.cookies["session"] = key
    assert not is_in(client)


def test_a_new_password_ends_every_other_session_in_the_store() -> None:
    user = make_user()
    here, there = log_in(user), log_in(user)
    gone = [key_of(here), key_of(there)]
    form = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert here.post("/accounts/password/", form).status_code == 302
    assert not Session.objects.filter(pk__in=gone).exists()
    assert is_in(here) and not is_in(there)


def test_a_password_set_by_the_administrator_ends_every_session_in_the_store(client_as: Any) -> None:
    user = make_user()
    client = log_in(user)
    place = {"role": user.role, "park": user.park_id, "is_active": "on", "seen": 0}
    form = place | {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    answer = client_as(make_user(Role.ADMIN)).post(reverse("admin:parkportal_user_change", args=[user.pk]), form)
    assert answer.status_code == 302, answer.context["errors"]
    assert not SessionStore().exists(key_of(client)) and not is_in(client)


@pytest.mark.parametrize(("minutes", "alive"), [(29, True), (31, False)])
def test_a_session_ends_half_an_hour_after_its_last_use(minutes: int, alive: bool) -> None:
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        client = log_in(make_user())
        clock.shift(timedelta(minutes=20))
        assert is_in(client)
        clock.shift(timedelta(minutes=minutes))
        assert is_in(client) is alive


def test_a_session_that_was_never_used_ends_too() -> None:
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UTC), tick=False) as clock:
        client = log_in(make_user())
        clock.shift(timedelta(minutes=31))
        assert not is_in(client)


def test_a_session_ends_after_twelve_hours_however_busy() -> None:
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UTC), tick=False) as clock:
        client = log_in(make_user())
        key, used = key_of(client), 0
        while used < 24 * 60 and is_in(client):
            clock.shift(timedelta(minutes=25))
            used += 25
        assert 12 * 60 < used <= 12 * 60 + 25
        assert not SessionStore().exists(key)


def test_a_person_has_at_most_three_sessions_and_the_oldest_ends() -> None:
    user = make_user()
    browsers = [log_in(user) for _ in range(4)]
    assert [is_in(client) for client in browsers] == [False, True, True, True]
    assert not SessionStore().exists(key_of(browsers[0]))


# Logging in (axes)


@pytest.mark.parametrize("after", [PASSWORD, "wrong"])
def test_five_wrong_passwords_lock_the_account_from_that_address(after: str) -> None:
    user, client = make_user(), Client()
    statuses = [client.post(LOGIN, {"username": user.username, "password": "wrong"}).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    answer = client.post(LOGIN, {"username": user.username, "password": after})
    assert answer.status_code == 429 and "锁定30分钟" in answer.content.decode()
    assert not is_in(client)


def test_a_lock_holds_for_one_address_and_ends_after_half_an_hour() -> None:
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UTC), tick=False) as clock:
        user = locked_user()
        assert is_in(log_in(user, REMOTE_ADDR="192.0.2.7"))
        assert not is_in(log_in(user))
        clock.shift(timedelta(minutes=31))
        assert is_in(log_in(user))


def locked_user() -> User:
    """Somebody for whom five wrong passwords came from 127.0.0.1."""
    user = make_user(username="user-locked")
    for _ in range(5):
        log_in(user, password="wrong")
    return user


VARIANTS = [
    "USER-LOCKED",
    " user-locked ",
    "ｕｓｅｒ-locked",
    "user－locked",
    "user-locked\u200b",
    "user-locked\x00",
    "User-Locked",
]


@pytest.mark.parametrize("name", VARIANTS)
def test_no_other_way_to_write_the_name_goes_around_a_lock(name: str) -> None:
    locked_user()
    client = Client()
    client.post(LOGIN, {"username": name, "password": PASSWORD})
    assert not is_in(client)


@pytest.mark.parametrize("name", ["ｕｓｅｒ-locked", " user-locked "])
def test_wrong_passwords_for_other_ways_to_write_the_name_count_together(name: str) -> None:
    user = make_user(username="user-locked")
    for written in (name, name, user.username, name, name):
        Client().post(LOGIN, {"username": written, "password": "wrong"})
    assert not is_in(log_in(user))


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_CLIENT_IP", "HTTP_FORWARDED"])
def test_a_forged_address_goes_around_no_lock(header: str) -> None:
    user = locked_user()
    assert not is_in(log_in(user, **{header: "203.0.113.5"}))


def test_behind_a_trusted_proxy_the_address_of_the_person_counts(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    user = make_user()
    for _ in range(5):
        log_in(user, password="wrong", HTTP_X_FORWARDED_FOR="203.0.113.5")
    assert not is_in(log_in(user, HTTP_X_FORWARDED_FOR="203.0.113.5"))
    assert is_in(log_in(user, HTTP_X_FORWARDED_FOR="203.0.113.6"))


# Where a login leads, and which host is asked (B9)

ELSEWHERE = [
    *("https://evil.example", "//evil.example", "///evil.example", "////evil.example", "http:///evil.example"),
    *("\\\\evil.example", "/\\evil.example", "\\/evil.example", "https:evil.example", "http:evil.example"),
    *("javascript:alert(1)", "data:text/html,x", "ftp://evil.example", "https://testserver@evil.example"),
    *("https://testserver.evil.example", "//evil.example/%2e%2e", "\t//evil.example", "\n//evil.example"),
    *("https://evil.example\\@testserver", "http://[::1", "\x00//evil.example", " https://evil.example"),
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_login_never_leads_elsewhere(target: str, client_as: Any) -> None:
    user = make_user()
    typed = Client().post(LOGIN, {"username": user.username, "password": PASSWORD, "next": target})
    already = client_as(user).get(LOGIN, {"next": target})
    assert [typed["Location"], already["Location"]] == ["/", "/"]


def test_a_login_leads_to_a_page_of_the_portal() -> None:
    user = make_user()
    typed = Client().post(LOGIN, {"username": user.username, "password": PASSWORD, "next": "/projects/?stage=signed"})
    assert typed["Location"] == "/projects/?stage=signed"


@pytest.mark.parametrize("path", [LOGIN, "/", "/api/v1/projects/", "/healthz", "/admin/"])
def test_a_forged_host_is_refused(path: str) -> None:
    assert Client().get(path, headers={"host": "evil.example"}).status_code == 400


def test_a_forwarded_host_is_not_believed() -> None:
    user = make_user()
    _token, secret = make_token(user)
    headers = {"x-forwarded-host": "evil.example", "authorization": f"Bearer {secret}"}
    for path in ("/api/v1/projects/?page_size=1", "/api/v1/schema/", LOGIN):
        assert b"evil.example" not in Client(headers=headers).get(path).content


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


def test_the_session_settings_are_the_promised_ones() -> None:
    assert (settings.SESSION_IDLE_SECONDS, settings.SESSION_COOKIE_AGE, settings.SESSIONS_PER_USER) == (
        1_800,
        43_200,
        3,
    )
    assert settings.LOGIN_URL == "login" and not settings.SESSION_SAVE_EVERY_REQUEST
