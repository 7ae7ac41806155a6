"""A program that reads REST as some user."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponseBase
from django.test import Client

from parkportal.models import User
from tests.factories import make_token

API = "/api/v1/"
RESOURCES = (
    *("parks", "chains", "enterprises", "projects", "fund-arrivals", "group-start-entries", "listing-steps"),
    *("engagements", "indicators", "targets", "scorecards"),
)
"""Every list of REST."""


class Rest:
    """A client that sends the token of its user."""

    def __init__(self, user: User, **headers: str) -> None:
        self.token, secret = make_token(user)
        self.headers = {"authorization": f"Bearer {secret}"} | headers
        self.client = Client(headers=self.headers)

    def get(self, path: str, **query: Any) -> Any:
        """Answer of a path below /api/v1/."""
        return self.client.get(f"{API}{path}", query)

    def json(self, path: str, **query: Any) -> Any:
        """Content of an answer that must be good."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def ids(self, path: str, **query: Any) -> list[str]:
        """Codes of one page."""
        return [row["id"] for row in self.json(path, **query)["results"]]

    def follow(self, link: str) -> Any:
        """Content behind a link of an answer."""
        parts = urlsplit(link)
        answer = self.client.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def walk(self, path: str, **query: Any) -> list[str]:
        """Codes of all pages of a list."""
        page = self.json(path, **query)
        found = [row["id"] for row in page["results"]]
        while page["next"]:
            page = self.follow(page["next"])
            found += [row["id"] for row in page["results"]]
        return found


def body(answer: HttpResponseBase) -> bytes:
    """The bytes of an answer, streamed or not."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined,arg-type]
