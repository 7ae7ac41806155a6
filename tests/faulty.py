"""The portal in a child of a test, with a clock, a lease and a schedule of the test, or without one of its guards.

`celery -A tests.faulty worker …`. The environment says how:
FAULTS_CLOCK the instant at which the process believes to begin,
FAULTS_LEASE seconds after which a worker is taken for dead,
FAULTS_EVERY seconds between two ticks of beat,
FAULTS_WITHOUT the guards that are taken out, each a function of this module.
"""

import os
from contextlib import nullcontext
from datetime import datetime, timedelta
from types import SimpleNamespace

import django
import time_machine

if "FAULTS_CLOCK" in os.environ:
    time_machine.travel(datetime.fromisoformat(os.environ["FAULTS_CLOCK"])).start()

from parkportal.celery import app  # noqa: E402 its clock comes first

django.setup()

from django.db.models import QuerySet  # noqa: E402 models need the settings

from parkportal import jobs  # noqa: E402
from reports import services  # noqa: E402


def lock() -> None:
    """Let a compile store its drafts beside another one."""
    setattr(QuerySet, "select_for_update", lambda self: self)  # noqa: B010


def transaction() -> None:
    """Let every statement of a compile stand at once; no row can be locked then."""
    lock()
    setattr(services, "transaction", SimpleNamespace(atomic=nullcontext))  # noqa: B010


def rejection() -> None:
    """Let a task count as done whose process died."""
    app.conf.task_reject_on_worker_lost = False


def search() -> None:
    """Let only the running month be due, as if beat had never missed one."""
    whole = services.scorecards_due_jobs
    setattr(services, "scorecards_due_jobs", lambda now: whole(now)[-1:])  # noqa: B010


def make_faulty() -> None:
    """Do as the environment says."""
    if "FAULTS_LEASE" in os.environ:
        setattr(jobs, "LEASE", timedelta(seconds=float(os.environ["FAULTS_LEASE"])))  # noqa: B010
    if "FAULTS_EVERY" in os.environ:
        often = {"schedule": timedelta(seconds=float(os.environ["FAULTS_EVERY"]))}
        app.conf.beat_schedule = {name: entry | often for name, entry in app.conf.beat_schedule.items()}
    for guard in os.environ.get("FAULTS_WITHOUT", "").split():
        {"lock": lock, "transaction": transaction, "rejection": rejection, "search": search}[guard]()


make_faulty()
