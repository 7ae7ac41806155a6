"""The secret of a token is nowhere: not in the database, not in the trace, not in the log, not in an error (C1)."""

import logging
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from parkportal.models import ApiToken
from parkportal.roles import Role
from tests.factories import make_token, make_user
from tests.rest import API

pytestmark = pytest.mark.django_db


def dump() -> str:
    """Every column of every row of every table."""
    models = apps.get_models(include_auto_created=True)
    return repr([list(model._base_manager.values_list()) for model in models])


def test_a_hundred_secrets_are_found_nowhere(caplog: pytest.LogCaptureFixture, capsys: Any, client_as: Any) -> None:
    caplog.set_level(logging.DEBUG)
    user = make_user()
    secrets = [make_token(user)[1] for _ in range(99)]
    call_command("create_api_token", user.username)
    secrets.append(capsys.readouterr().out.strip())
    with CaptureQueriesContext(connection) as queries:
        said = [use(secret) for secret in secrets]
    admin = client_as(make_user(Role.ADMIN))
    pages = [admin.get(f"/admin/parkportal/{kind}/").content.decode() for kind in ("apitoken", "change")]
    kept = "".join([dump(), caplog.text, repr(queries.captured_queries), *said, *pages])
    assert [secret for secret in secrets if secret in kept] == []
    assert all(secret[:10] in kept for secret in secrets), "the beginning, by which people know a token, is kept"


def use(secret: str) -> str:
    """Read, and make every kind of error, with a token; returns everything that was answered."""
    client = Client(headers={"authorization": f"Bearer {secret}"})
    paths = ("parks/", "parks/missing/", "parks/?nonsense=1", "nowhere/")
    answers = [client.get(f"{API}{path}") for path in paths] + [client.post(f"{API}parks/")]
    assert [answer.status_code for answer in answers] == [200, 404, 400, 404, 405]
    wrong = Client(headers={"authorization": f"Bearer {secret}x"}).get(f"{API}parks/")
    assert wrong.status_code == 401
    return "".join(f"{dict(answer.headers)}{answer.content.decode()}" for answer in [*answers, wrong])


def test_a_token_kept_in_plain_text_would_be_found() -> None:
    token, secret = make_token()
    ApiToken.objects.filter(pk=token.pk).update(name=secret[:50])
    assert secret[:50] in dump()


def test_a_token_does_not_log_into_pages_or_the_administration() -> None:
    client = Client(headers={"authorization": f"Bearer {make_token(make_user(Role.ADMIN))[1]}"})
    for path in ("/", "/projects/", "/admin/"):
        assert client.get(path).status_code == 302
