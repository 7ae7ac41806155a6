"""One of several processes that edit the same project at once: `python -m tests.racer CODE USERNAME EDITS [unguarded]`.

It says “ready”, waits for a line, and then adds one to the expected jobs as often as it was told, reading anew whenever
somebody else was first. Without the guard nobody is ever first.
"""

import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkportal.settings")
django.setup()

from parkportal.models import User  # noqa: E402 models need the settings
from parkportal.trace import Actor, Ledger, StaleVersion  # noqa: E402
from projects.models import Project  # noqa: E402
from projects.services import project_update, projects  # noqa: E402


def take_the_guard_out() -> None:
    """Let every edit be written, whichever version its reader saw."""
    whole = Ledger.update
    setattr(Ledger, "update", lambda self, row, values, version=None: whole(self, row, values))  # noqa: B010
    setattr(projects, "fresh", lambda project, version: None)  # noqa: B010


def add_one(code: str, user: User) -> bool:
    """One edit as a page makes it: read, then save what was read plus one; False when somebody was first."""
    project = Project.objects.get(code=code)
    values: dict[str, Any] = {"expected_jobs": (project.expected_jobs or 0) + 1}
    try:
        project_update(by=Actor(user), project=project, values=values, version=project.version)
    except StaleVersion:
        return False
    return True


def run(code: str, username: str, edits: int) -> int:
    """Make so many edits; returns how often somebody else was first."""
    user, lost, done = User.objects.get(username=username), 0, 0
    while done < edits:
        if add_one(code, user):
            done += 1
        else:
            lost += 1
    return lost


if __name__ == "__main__":
    if sys.argv[4:] == ["unguarded"]:
        take_the_guard_out()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(f"{run(sys.argv[1], sys.argv[2], int(sys.argv[3]))}\n")
