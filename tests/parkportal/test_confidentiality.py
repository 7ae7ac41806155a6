"""The notice of confidentiality: on every page until it is confirmed, again in another session and on another day."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from parkportal.roles import Role
from tests.factories import make_token, make_user
from tests.rest import API

pytestmark = pytest.mark.django_db
WORDS = "不得存储、处理国家秘密"


def test_it_stands_on_pages_until_it_is_confirmed(client_as: Any) -> None:
    user = make_user()
    browser = client_as(user)
    assert WORDS in browser.get("/projects/").content.decode()
    answer = browser.post("/confidentiality/", {"next": "/projects/?page=1"})
    assert answer["Location"] == "/projects/?page=1"
    assert WORDS not in browser.get("/projects/").content.decode()
    assert WORDS in client_as(user).get("/projects/").content.decode()


def test_it_comes_again_the_next_day(client_as: Any) -> None:
    browser = client_as(make_user())
    browser.post("/confidentiality/")
    session = browser.session
    session["told_of_secrecy"] = (timezone.localdate() - timedelta(days=1)).isoformat()
    session.save()
    assert WORDS in browser.get("/projects/").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_it_leads_nowhere_else(client_as: Any, target: str) -> None:
    assert client_as(make_user()).post("/confidentiality/", {"next": target})["Location"] == "/"


def test_programs_are_not_stopped_and_administrators_have_no_business_data(client: Any, client_as: Any) -> None:
    secret = make_token()[1]
    assert client.get(f"{API}projects/", headers={"authorization": f"Bearer {secret}"}).status_code == 200
    assert WORDS not in client_as(make_user(Role.ADMIN)).get("/help/").content.decode()
