"""A browser in which somebody types name and password."""

from typing import Any

from django.test import Client

from parkportal.models import User
from tests.factories import PASSWORD

LOGIN = "/accounts/login/"
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
