"""A real worker on a real queue: a compile that is carried is made, and made again when its process is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from parkportal import jobs, tasks
from parkportal.models import Job, Park, Region
from reports.models import Scorecard
from reports.services import scorecards_due
from tests.factories import make_indicator, make_park, make_project, make_target

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.worker,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.REDIS_URL, reason="A worker needs REDIS_URL; this half has no queue."),
]


def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """What came true in that time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def database() -> str:
    """The test database's address for another process."""
    place = connection.settings_dict
    return (
        f"postgres://{quote(place['USER'])}:{quote(place['PASSWORD'])}@{place['HOST']}:{place['PORT']}/{place['NAME']}"
    )


@pytest.fixture
def park() -> Park:
    """A park of which one month is due, with one project that counts."""
    made = make_park(scorecards_from="2020-09", scorecards_until="2020-09")
    make_target(park=made, indicator=make_indicator(role="assessed"))
    make_project(park=made)
    return made


@pytest.fixture
def worker(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A Celery worker with one child, on the test database and a queue that nobody else reads; TZ is not set."""
    tasks.run_job.app.control.purge()
    env = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "REDIS_URL", "SECRET_KEY"}}
    env |= {"DATABASE_URL": database(), "SECRET_KEY": settings.SECRET_KEY, "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "celery", "-A", "parkportal", "worker", "-c", "1", "-l", "info"]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        assert until(lambda: b"ready." in (tmp_path / "worker.log").read_bytes()), (tmp_path / "worker.log").read_text()
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def children(pid: int) -> list[int]:
    """The processes that another one started."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_carried_compile_makes_the_draft(park: Park, worker: "subprocess.Popen[bytes]") -> None:
    (due,) = scorecards_due(today=date(2020, 10, 1))
    assert str(due.period) == "2020-09"
    tasks.look_for_due()
    assert until(lambda: Job.objects.filter(state="done").first())
    scorecard = Scorecard.objects.get(park=park)
    assert (scorecard.period, scorecard.lines.get().actual) == ("2020-09", 1)
    assert scorecards_due(today=date(2020, 10, 1)) == []


def test_a_compile_whose_process_was_killed_is_made_again(park: Park, worker: "subprocess.Popen[bytes]") -> None:
    """A lock on the region holds the compile; its process is killed there, and the queue delivers the task again."""
    (job,) = jobs.write_down_due(timezone.now())
    with transaction.atomic():
        Region.objects.select_for_update().get(pk=park.region_id)
        tasks.run_job.delay(job.pk)
        assert until(running)
        (first,) = children(worker.pid)
        os.kill(first, signal.SIGKILL)
        assert until(lambda: first not in children(worker.pid))
    assert not Scorecard.objects.filter(park=park).exists() or Job.objects.get().attempts == 2
    assert until(lambda: Job.objects.filter(state="done", attempts=2).first())
    assert Scorecard.objects.get(park=park).lines.get().actual == 1


def running() -> bool:
    """Whether a worker waits for the lock that this test holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction the first look would be the last
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])
