"""What tests of this room may use: processes of Celery, a park whose scorecards are published, who sets targets."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from parkportal.models import Park, User
from parkportal.roles import Role
from reports import publishing
from reports.documents import Document
from reports.models import Indicator
from tests.factories import make_indicator, make_user
from tests.processes import Children, children_of
from tests.reports.office import Office


@pytest.fixture
def children(tmp_path: Path, transactional_db: None) -> Iterator[Children]:
    """Processes on a Redis of their own; none is left when the test ends."""
    with children_of(tmp_path) as made:
        yield made


@pytest.fixture
def office(db: None, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The papers are drawn in tests of their own; here there is one of a few bytes."""
    paper = Document("note", "便笺.txt", "text/plain", "定稿".encode())
    monkeypatch.setattr(publishing, "render_all", lambda *_args, **_named: [paper])
    return Office()


@pytest.fixture
def indicator(db: None) -> Indicator:
    """A figure that the city assesses."""
    return make_indicator(code="signed", name="签约项目数", role=Indicator.Role.ASSESSED)


@pytest.fixture
def setter(park: Park) -> User:
    """Who sets the targets of the module's own `park`."""
    return make_user(Role.STATISTICIAN, region=park.region)


@pytest.fixture
def browser(setter: User, client_as: Callable[[User], Client]) -> Client:
    """The browser of who sets targets."""
    return client_as(setter)
