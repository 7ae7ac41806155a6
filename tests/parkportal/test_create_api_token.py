"""The command that makes a token."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from parkportal.models import ApiToken, Change
from tests.factories import make_user
from tests.rest import API

pytestmark = pytest.mark.django_db


def create(*args: Any) -> str:
    out = StringIO()
    call_command("create_api_token", *args, stdout=out)
    return out.getvalue()


def test_it_prints_the_token_alone_and_the_token_reads() -> None:
    user = make_user()
    printed = create(user.username)
    assert printed == printed.strip() + "\n"
    client = Client(headers={"authorization": f"Bearer {printed.strip()}"})
    assert client.get(f"{API}projects/").status_code == 200
    assert ApiToken.objects.get().scope == "read"


def test_scope_life_and_purpose_are_as_asked_for() -> None:
    create(make_user(username="clerk").username, "--scope", "write", "--days", "7", "--name", "同步")
    token = ApiToken.objects.get()
    assert (token.scope, token.name, token.user.username) == ("write", "同步", "clerk")
    assert timedelta(days=6) < token.expires_at - timezone.now() <= timedelta(days=7)


def test_the_trace_tells_of_the_token_and_not_the_secret() -> None:
    secret = create(make_user(username="clerk").username).strip()
    entry = Change.objects.get(object_type="parkportal.ApiToken")
    assert entry.object_code == "clerk"
    assert secret not in str(entry.diff)
    assert ApiToken.hash(secret) not in str(entry.diff)


@pytest.mark.parametrize(
    "args", [["nobody"], ["known", "--days", "0"], ["known", "--days", "-1"], ["known", "--days", "99999"], ["gone"]]
)
def test_what_makes_no_sense_is_refused_with_a_sentence(args: list[str]) -> None:
    make_user(username="known")
    make_user(username="gone", is_active=False)
    with pytest.raises(CommandError, match="。$"):
        create(*args)
    assert not ApiToken.objects.exists()
