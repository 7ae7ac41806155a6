"""A job is a row: what must happen is written down, a queue carries its id, and a lease says who is at it.

The same job may be carried three times, found again after a crash, or taken by `manage.py work` where there is no
broker: the conditional update of `claim` lets one of them do it.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from parkportal.models import Job, User

LEASE: Final = timedelta(minutes=40)
"""Longer than the longest task may run; after it the worker is taken for dead."""
ATTEMPTS: Final = 3
REST: Final = timedelta(days=1)
"""How long something that failed with the same arguments is left alone."""

logger = logging.getLogger("portal.jobs")

OPEN: Final = (Job.State.QUEUED, Job.State.RUNNING)


def enqueue(kind: str, key: str, arguments: Mapping[str, Any], by: User | None = None) -> Job:
    """Write down a job, or return the open one of the same kind and key.

    Who is overtaken by another that writes the same down returns theirs, which may even be done by then.
    """
    found = Job.objects.filter(kind=kind, key=key, state__in=OPEN).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return Job.objects.create(kind=kind, key=key, arguments=dict(arguments), created_by=by)
    except IntegrityError:
        return Job.objects.filter(kind=kind, key=key).latest("id")


def claim(job_id: int, now: datetime, holder: str = "") -> Job | None:
    """Take a job that waits or whose worker is gone; None where another one has it or it was tried too often.

    `holder` names the task that carries it: a queue that delivers the same task again says that its process died.
    """
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    if holder:
        free |= Q(state=Job.State.RUNNING, holder=holder)
    taken = Job.objects.filter(free, pk=job_id, attempts__lt=ATTEMPTS).update(
        state=Job.State.RUNNING, lease_until=now + LEASE, holder=holder, attempts=F("attempts") + 1
    )
    return Job.objects.get(pk=job_id) if taken else None


def run(job_id: int, holder: str = "") -> Job | None:
    """Claim a job and do it; a failure is kept with its message, and tried again up to three times in all."""
    job = claim(job_id, timezone.now(), holder)
    if job is None:
        return None
    try:
        handler: Callable[[Mapping[str, Any]], dict[str, Any]] = import_string(settings.JOB_KINDS[job.kind])
        result, state = handler(job.arguments), Job.State.DONE
    except Exception as error:
        logger.exception("job %s %s failed", job.kind, job.key)
        result = {"error": f"{type(error).__name__}: {error}"[:500]}
        state = Job.State.QUEUED if job.attempts < ATTEMPTS else Job.State.FAILED
    mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
    mine.update(state=state, result=result, lease_until=None, finished_at=timezone.now())
    job.refresh_from_db()
    return job


def open_jobs(now: datetime) -> list[int]:
    """Jobs that wait or whose worker is gone, oldest first; those tried too often are closed as failed."""
    lost = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now, attempts__gte=ATTEMPTS)
    lost.update(state=Job.State.FAILED, result={"error": "worker lost"}, finished_at=now)
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    return list(Job.objects.filter(free).order_by("id").values_list("id", flat=True))


def write_down_due(now: datetime) -> list[Job]:
    """Ask every room what is due, and write it down; what is open already is not doubled.

    What failed stays as it is, to be seen, until its arguments are others or a day is over.
    """
    finders: Iterable[Callable[[datetime], list[tuple[str, str, dict[str, Any]]]]]
    finders = [import_string(path) for path in settings.JOBS_DUE]
    due = [found for find in finders for found in find(now)]
    return [enqueue(kind, key, given) for kind, key, given in due if not _gave_up(kind, key, given, now)]


def _gave_up(kind: str, key: str, arguments: Mapping[str, Any], now: datetime) -> bool:
    failed = Job.objects.filter(kind=kind, key=key, state=Job.State.FAILED, finished_at__gt=now - REST)
    return any(job.arguments == dict(arguments) for job in failed)
