"""Several processes edit the same project at once: `python -m tests.racer CODE USERNAME EDITS RACERS [unguarded]`.

Each of the racers adds one to the expected jobs as often as it was told, reading anew whenever somebody else was first.
Without the guard nobody is ever first. They are forks of one process, which has loaded the portal for all of them.
"""

import os
import sys
from multiprocessing import get_context
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


def run(code: str, username: str, edits: int) -> None:
    """Make so many edits, however often somebody else is first."""
    user, done = User.objects.get(username=username), 0
    while done < edits:
        done += add_one(code, user)


def race(racers: int, *what: Any) -> bool:
    """Let so many processes begin at one moment; whether all of them came to their end."""
    fork = get_context("fork")
    gate = fork.Barrier(racers)

    def racer() -> None:
        gate.wait(60)
        run(*what)

    running = [fork.Process(target=racer) for _n in range(racers)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    return all(one.exitcode == 0 for one in running)


if __name__ == "__main__":
    if sys.argv[5:] == ["unguarded"]:
        take_the_guard_out()
    sys.exit(not race(int(sys.argv[4]), sys.argv[1], sys.argv[2], int(sys.argv[3])))
