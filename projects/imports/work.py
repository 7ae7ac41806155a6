"""The jobs of imports: a check and a run take their time, and the page that waits for them may be left."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from parkportal.models import Change, Job
from parkportal.trace import Actor
from projects.imports.run import import_run
from projects.imports.services import import_check, import_recheck, person
from projects.imports.ticks import Tick
from projects.models import ImportBatch

CHECK, RUN = "import_check", "import_run"


def actor_of(arguments: Mapping[str, Any]) -> Actor:
    """Whoever asked for the job, through the door of jobs."""
    return Actor(person(str(arguments["by"])), Change.Door.JOB)


def _batch(arguments: Mapping[str, Any]) -> ImportBatch:
    return ImportBatch.objects.select_related("park__region", "file").get(code=arguments["batch"])


def _tick(kind: str, key: str) -> Tick:
    """A way to tell how far the job is."""

    def tick(done: int, total: int, phase: str = "") -> None:
        running = Job.objects.filter(kind=kind, key=key, state=Job.State.RUNNING)
        begun = {"phase": phase, "since": timezone.now().isoformat()} if phase else {}
        running.update(progress={"done": done, "total": total, **begun})

    return tick


def check_job(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Check a batch: arguments `batch`, `by` (username); a batch with rows is checked again as it was mended."""
    batch, by = _batch(arguments), actor_of(arguments)
    check = import_recheck if batch.rows.exists() and batch.state != ImportBatch.State.CHECKING else import_check
    done = check(by=by, batch=batch, on=timezone.localdate(), tick=_tick(CHECK, batch.code))
    return {"state": done.state, "counts": done.counts}


def run_job(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Import a batch: arguments `batch`, `by` (username), `submit`; taken a second time it writes nothing twice."""
    batch, by = _batch(arguments), actor_of(arguments)
    tick, submit = _tick(RUN, batch.code), bool(arguments.get("submit"))
    done = import_run(by=by, batch=batch, on=timezone.localdate(), submit=submit, tick=tick)
    return {"state": done.state, "counts": done.counts}
