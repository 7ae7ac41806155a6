"""A form that is sent twice, by a double click, “back” or a slow network, makes one row."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from projects.models import Engagement, FundArrival
from tests.factories import make_park, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
FUNDS = {"project": "项目甲", "received_on": "2020-06-15", "received_on_precision": "day", "amount": "1000"}
TALK = {"title": "视频会谈", "mode": "online", "held_on": "2020-04-21", "held_on_precision": "day"}
PEOPLE = {"people-TOTAL_FORMS": "1", "people-INITIAL_FORMS": "0", "people-0-name": "经办人甲"}
FORMS = [
    ("/fund-arrivals/new/", FundArrival, FUNDS | {"origin_tier": "out_of_province"}),
    ("/engagements/new/", Engagement, TALK | PEOPLE),
]


@pytest.fixture
def park() -> Park:
    park = make_park()
    make_project(park=park, name="项目甲")
    return park


def hidden_value(html: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]+)"', html)
    assert found
    return found[1]


@pytest.mark.parametrize(("url", "model", "typed"), FORMS)
def test_the_same_form_makes_one_row(client_as: As, park: Park, url: str, model: Any, typed: dict[str, str]) -> None:
    client = client_as(make_user(park=park))
    data = typed | {"key": hidden_value(client.get(url).content.decode(), "key")}
    first, second = client.post(url, data), client.post(url, data)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.headers["Location"] == second.headers["Location"]
    assert model.objects.count() == 1
    told = Change.objects.count()
    assert client.post(url, typed | {"key": hidden_value(client.get(url).content.decode(), "key")}).status_code == 302
    assert (model.objects.count(), Change.objects.count() > told) == (2, True)


@pytest.mark.parametrize(("url", "model", "typed"), FORMS)
def test_without_a_key_or_with_a_forged_or_foreign_one(
    client_as: As, park: Park, url: str, model: Any, typed: dict[str, str]
) -> None:
    client = client_as(make_user(park=park))
    for _n in range(2):
        client.post(url, typed)
    assert model.objects.count() == 2
    assert client.post(url, typed | {"key": "x' OR 1=1"}).status_code == 200
    key = {"key": "6f1b7f0e-0d3e-4a52-9c1d-1f8b9d1f2a3b"}
    client.post(url, typed | key)
    client_as(make_user(Role.HEAD, park=park)).post(url, typed | key)
    assert model.objects.count() == 4
