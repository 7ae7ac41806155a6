"""No edit is lost (E1): eight processes edit one project at once, on a SQLite file or on PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from parkportal.models import Change
from parkportal.roles import Role
from projects.models import Project
from tests.concurrency import address, alone, own_connections
from tests.factories import make_project, make_user

ROOT = Path(__file__).resolve().parents[2]
RACERS = 8
EDITS = 1_000 if os.environ.get("PORTAL_TEST_PROFILE") == "deep" else 160
"""Edits of all racers together."""
pytestmark = pytest.mark.django_db(transaction=True)


def race(tmp_path: Path, *more: str) -> tuple[int, list[list[int | None]]]:
    """What the expected jobs are after everybody's edits, and what the trace tells of them."""
    user = make_user(Role.CLERK)
    project = make_project(park=user.park, review_state="draft", expected_jobs=0)
    with own_connections(tmp_path):
        env = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "SECRET_KEY": settings.SECRET_KEY}
        numbers = (str(EDITS // RACERS), str(RACERS))
        command = [sys.executable, "-m", "tests.racer", project.code, user.username, *numbers, *more]
        subprocess.run(command, cwd=ROOT, env=env | {"DATABASE_URL": address()}, check=True)
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
