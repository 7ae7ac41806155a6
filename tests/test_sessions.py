"""Sessions that begin and end as promised, and logins that cannot be guessed, forged or led elsewhere."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from parkportal.models import User
from parkportal.roles import Role
from tests.factories import PASSWORD, make_token, make_user
from tests.logins import LOGIN, is_in, key_of, log_in

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "another-password-2"


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


def test_the_session_settings_are_the_promised_ones() -> None:
    assert (settings.SESSION_IDLE_SECONDS, settings.SESSION_COOKIE_AGE, settings.SESSIONS_PER_USER) == (
        1_800,
        43_200,
        3,
    )
    assert settings.LOGIN_URL == "login" and not settings.SESSION_SAVE_EVERY_REQUEST
