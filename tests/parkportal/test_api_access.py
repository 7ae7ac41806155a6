"""Who may read REST: tokens, their life, and what their owner's role grants."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from parkportal.api.access import MayRead
from parkportal.models import ApiToken, User
from parkportal.roles import Role
from tests.factories import make_park, make_token, make_user
from tests.rest import API, RESOURCES, Rest

pytestmark = pytest.mark.django_db
PARKS = f"{API}parks/"


def call(secret: str, path: str = PARKS, **extra: Any) -> Any:
    return Client(headers={"authorization": f"Bearer {secret}"}).get(path, **extra)


@pytest.mark.parametrize("name", RESOURCES)
def test_anonymous_callers_get_401_and_no_redirect(name: str) -> None:
    answer = Client().get(f"{API}{name}/")
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["schema/", "docs/", "nowhere/", "projects/x/"])
def test_no_address_of_rest_sends_an_anonymous_caller_to_the_login_page(path: str) -> None:
    assert Client().get(API + path).status_code == 401


def test_a_session_alone_is_no_token(client_as: Any) -> None:
    assert client_as(make_user()).get(PARKS).status_code == 401


def test_a_token_reads_what_its_owner_sees() -> None:
    user = make_user(park=make_park(code="mine"))
    make_park(code="other")
    assert Rest(user).ids("parks/") == ["mine"]


def test_a_token_in_the_address_is_not_accepted() -> None:
    _token, secret = make_token()
    for name in ("token", "access_token", "authorization", "api_key"):
        assert Client().get(PARKS, {name: secret}).status_code == 401


@pytest.mark.parametrize(
    "header", ["Token {}", "Basic {}", "{}", "Bearer", "Bearer ", "Bearer {} x", "Bearer é{}", "bearer x{}"]
)
def test_only_a_bearer_token_counts(header: str) -> None:
    _token, secret = make_token()
    assert Client(headers={"authorization": header.format(secret)}).get(PARKS).status_code == 401


def test_a_revoked_token_is_refused_at_once() -> None:
    token, secret = make_token()
    assert call(secret).status_code == 200
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=datetime.now(UTC))
    answer = call(secret)
    assert answer.status_code == 401
    assert answer.json()["message"] == "令牌已停用。"


def test_an_expired_token_is_refused() -> None:
    _token, secret = make_token(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert call(secret).json()["message"] == "令牌已过期，请换用新的令牌。"


def test_the_token_of_a_disabled_owner_is_refused_at_once() -> None:
    token, secret = make_token()
    assert call(secret).status_code == 200
    User.objects.filter(pk=token.user_id).update(is_active=False)
    assert call(secret).status_code == 401


@pytest.mark.parametrize(
    ("ranges", "address", "status"),
    [
        (["10.1.0.0/16"], "10.1.2.3", 200),
        (["10.1.0.0/16"], "10.2.2.3", 401),
        (["10.1.0.0/16"], "::ffff:10.1.2.3", 200),
        (["10.2.0.0/16", "10.1.2.3"], "10.1.2.3", 200),
        (["2001:db8::/32"], "2001:db8::1", 200),
        (["2001:db8::/32"], "10.1.2.3", 401),
        (["no range"], "10.1.2.3", 401),
        (["10.1.0.0/16"], "", 401),
        ([], "10.9.9.9", 200),
    ],
)
def test_a_token_may_be_bound_to_addresses(ranges: list[str], address: str, status: int) -> None:
    _token, secret = make_token(ip_ranges=ranges)
    assert call(secret, REMOTE_ADDR=address).status_code == status


@pytest.mark.parametrize(
    ("proxies", "forwarded", "status"),
    [([], "10.1.2.3", 401), (["192.0.2.1"], "10.1.2.3", 200), (["192.0.2.1"], "10.1.2.3, 203.0.113.9", 401)],
)
def test_a_forwarded_address_is_believed_only_from_a_trusted_proxy(
    settings: Any, proxies: list[str], forwarded: str, status: int
) -> None:
    settings.TRUSTED_PROXIES = proxies
    _token, secret = make_token(ip_ranges=["10.1.0.0/16"])
    assert call(secret, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded).status_code == status


def test_the_last_use_is_written_at_most_once_a_minute() -> None:
    token, secret = make_token()
    call(secret)
    first = ApiToken.objects.get(pk=token.pk).last_used_at
    assert first is not None
    with CaptureQueriesContext(connection) as queries:
        call(secret)
    assert not [q for q in queries if q["sql"].startswith("UPDATE")]
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=first - timedelta(seconds=61))
    call(secret)
    assert ApiToken.objects.get(pk=token.pk).last_used_at > first - timedelta(seconds=61)


def test_no_secret_is_kept_in_the_database() -> None:
    token, secret = make_token()
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert all(secret not in str(value) for value in row.values())
    assert secret.startswith(row["prefix"]) and len(row["prefix"]) < 12


@pytest.mark.parametrize("name", RESOURCES)
def test_the_administrator_reads_no_business_data(name: str) -> None:
    answer = Rest(make_user(Role.ADMIN)).get(f"{name}/")
    assert answer.status_code == 403
    assert answer.json()["message"] == "你的角色（系统管理员）不能查看业务数据。"


@pytest.mark.parametrize("role", [Role.CLERK, Role.CITY])
def test_a_user_without_park_or_region_reads_nothing(role: str) -> None:
    answer = Rest(make_user(role, park=None, region=None)).get("projects/")
    assert answer.status_code == 403
    assert answer.json()["message"] == "你的账号还没有分配园区或区域，请联系系统管理员。"


def test_a_role_that_is_taken_away_acts_at_once() -> None:
    user = make_user()
    rest = Rest(user)
    assert rest.get("projects/").status_code == 200
    User.objects.filter(pk=user.pk).update(role=Role.ADMIN)
    assert rest.get("projects/").status_code == 403


def test_a_view_that_names_no_permission_is_guarded(rf: Any) -> None:
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class Thrown(APIView):
        def get(self, request: Any) -> Response:
            return Response({})

    assert Thrown.permission_classes == [MayRead]
    assert Thrown.as_view()(rf.get("/")).status_code == 401
