"""使用说明: everybody who logs in may read it, and its links lead somewhere they may go."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from parkportal.models import User
from parkportal.roles import Role
from tests.factories import make_indicator, make_user

pytestmark = pytest.mark.django_db

SECTIONS = ("roles", "way", "f100", "drill", "lamps", "money", "dates", "returns", "tokens", "questions", "password")


def body(browser: Client) -> str:
    """The page without its rail."""
    page = browser.get("/help/").content.decode()
    return page[page.index('<main id="main"') : page.index("</main>")]


@pytest.mark.parametrize("role", Role.values)
def test_every_role_reads_it_and_is_named(role: str, client_as: Callable[[User], Client]) -> None:
    assert f"你现在的角色是{Role(role).label}" in body(client_as(make_user(role)))


@pytest.mark.parametrize("section", SECTIONS)
def test_the_contents_lead_to_every_section(section: str, client_as: Callable[[User], Client]) -> None:
    page = body(client_as(make_user()))
    assert f'href="#{section}"' in page
    assert f'id="{section}"' in page


@pytest.mark.parametrize("role", Role.values)
def test_no_link_leads_to_a_refusal(role: str, client_as: Callable[[User], Client]) -> None:
    make_indicator(code="projects_100m")
    browser = client_as(make_user(role))
    pages = [url for url in re.findall(r'href="(/[^"]*)"', body(browser)) if not url.startswith("/api/")]
    assert bool(pages) is (role != Role.ADMIN)
    assert {url: browser.get(url).status_code for url in pages} == dict.fromkeys(pages, 200)


def test_who_is_not_logged_in_is_sent_to_the_login(client: Client) -> None:
    assert client.get("/help/")["Location"].startswith("/accounts/login/")


def test_it_is_only_read(client_as: Callable[[User], Client]) -> None:
    assert client_as(make_user()).post("/help/").status_code == 405
