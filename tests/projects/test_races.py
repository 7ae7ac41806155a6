"""No edit is lost (E1): eight processes edit one project at once, on a SQLite file or on PostgreSQL."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, connections

from parkportal.models import Change, User
from parkportal.roles import Role
from projects.models import Project
from tests.concurrency import alone, own_connections
from tests.factories import make_project, make_user

ROOT = Path(__file__).resolve().parents[2]
RACERS = 8
EDITS = 1_000 if os.environ.get("PORTAL_TEST_PROFILE") == "deep" else 160
"""Edits of all racers together."""
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("worker")]


def address() -> str:
    """The test database for another process."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{connections.settings['default']['NAME']}"
    who, secret = quote(place["USER"]), quote(place["PASSWORD"])
    return f"postgres://{who}:{secret}@{quote(place['HOST'], safe='')}:{place['PORT']}/{place['NAME']}"


@contextmanager
def racers(project: Project, user: User, *more: str) -> Iterator[list["subprocess.Popen[str]"]]:
    """Processes that are ready to edit."""
    env = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "SECRET_KEY": settings.SECRET_KEY, "DATABASE_URL": address()}
    command = [sys.executable, "-m", "tests.racer", project.code, user.username, str(EDITS // RACERS), *more]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, cwd=ROOT, env=env, **pipes) for _n in range(RACERS)]  # type: ignore[call-overload]
    try:
        for one in started:
            assert one.stdout.readline() == "ready\n"
        yield started
    finally:
        for one in started:
            one.kill()
            one.communicate()


def race(tmp_path: Path, *more: str) -> tuple[int, list[list[int | None]]]:
    """What the expected jobs are after everybody's edits, and what the trace tells of them."""
    user = make_user(Role.CLERK)
    project = make_project(park=user.park, review_state="draft", expected_jobs=0)
    with own_connections(tmp_path):
        with racers(project, user, *more) as started:
            for one in started:
                one.stdin.write("go\n")
                one.stdin.flush()
            for one in started:
                assert one.stdout.readline().strip().isdigit()
        return alone(lambda: (Project.objects.get(pk=project.pk).expected_jobs, told(project)))


def told(project: Project) -> list[list[int | None]]:
    entries = Change.objects.of("projects.Project", [project.code]).order_by("seq")
    return [diff["expected_jobs"] for diff in entries.values_list("diff", flat=True)]


def test_of_a_thousand_racing_edits_none_is_lost_and_each_is_told_once(tmp_path: Path) -> None:
    jobs, entries = race(tmp_path)
    assert jobs == EDITS
    assert entries == [[n, n + 1] for n in range(EDITS)]


def test_with_the_guard_taken_out_some_are_lost(tmp_path: Path) -> None:
    jobs, _entries = race(tmp_path, "unguarded")
    assert 0 < jobs < EDITS
