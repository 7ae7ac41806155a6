"""Real processes for a test: a Redis of its own, workers and beats on the test database, and ways to hurt them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from kombu import pools
from redis import Redis

from parkportal import tasks
from tests.concurrency import address
from tests.parkportal.launcher import PORTAL, load

ROOT = Path(__file__).resolve().parents[1]
DEEP = os.environ.get("PORTAL_TEST_PROFILE") == "deep"
NEEDS = [
    pytest.mark.worker,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.REDIS_URL, reason="Workers need REDIS_URL; this half has no queue."),
    # Under pytest-xdist this process has threads; Python 3.12 and later warn of any fork then.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
"""The marks of a module that starts workers."""
launcher = load(PORTAL)


def until(condition: Callable[[], Any], seconds: float = 120, pause: float = 0.05) -> Any:
    """What came true in that time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(pause)
    return found


class Broker:
    """A Redis that nobody else uses and that keeps nothing; each of its lives has the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, launcher.free_port()
        self.start()

    def start(self) -> None:
        """Begin a life, with no queue."""
        self.life = ExitStack()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(launcher, "free_port", lambda: self.port)
            self.url = self.life.enter_context(launcher.redis(sys.executable, self.folder))

    def kill(self) -> None:
        """End it without a word, and its queue with it."""
        with Redis.from_url(self.url) as client:
            pid = client.info("server")["process_id"]
        os.kill(pid, signal.SIGKILL)
        self.life.close()

    def count(self) -> tuple[int, int]:
        """How many tasks wait, and how many a worker has and did not finish."""
        with Redis.from_url(self.url) as client:
            return client.llen("celery"), client.hlen("unacked")

    def is_read(self) -> bool:
        """Whether a worker listens."""
        with Redis.from_url(self.url) as client:
            return any(one["cmd"] == "brpop" for one in client.client_list())


class Child:
    """A process of Celery in a session of its own, with its log."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True
            )

    def says(self, words: str) -> int:
        """How often its log has these words."""
        return self.log.read_text(errors="replace").count(words)

    def workers(self) -> list[int]:
        """The processes that it started."""
        pid = self.process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill_a_worker(self) -> None:
        """Kill one of the processes that it started, and see it gone."""
        (first, *_more) = until(self.workers)
        os.kill(first, signal.SIGKILL)
        assert until(lambda: first not in self.workers())

    def kill(self) -> None:
        """Kill it with all that it started, unless it is dead already."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """Ask it to end, as a system does that shuts down, and see it gone."""
        self.process.terminate()
        self.process.wait(60)


class Children:
    """The processes of one test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.broker = folder, Broker(folder)
        self.all: list[Child] = []

    def worker(self, size: int = 1, **options: Any) -> Child:
        """A worker with so many processes, as soon as it is ready."""
        made = self._celery(f"worker -c {size} -l info --without-mingle --without-gossip", **options)
        assert until(lambda: made.says("ready.")), made.log.read_text()
        return made

    def beat(self, schedule: str = "", **options: Any) -> Child:
        """A beat with a schedule file of its own, or the one of that name."""
        file = self.folder / (schedule or f"schedule-{len(self.all)}")
        return self._celery(f"beat -l debug --pidfile= --schedule {file}", **options)

    def _celery(self, arguments: str, TZ: str = "", **faults: Any) -> Child:
        """A process with no TZ unless there is one, and with faults as `tests.faulty` names them."""
        env = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
        env |= {"DATABASE_URL": address(), "REDIS_URL": self.broker.url, "SECRET_KEY": settings.SECRET_KEY}
        env |= {"PYTHONUTF8": "1"} | ({"TZ": TZ} if TZ else {})
        env |= {f"FAULTS_{name.upper()}": str(value) for name, value in faults.items()}
        command = [sys.executable, "-m", "celery", "-A", "tests.faulty" if faults else "parkportal", *arguments.split()]
        self.all.append(Child(command, env, self.folder / f"child-{len(self.all)}.log"))
        return self.all[-1]

    def end(self) -> None:
        """None is left, whatever it does."""
        for child in self.all:
            child.kill()
        self.broker.life.close()


@contextmanager
def children_of(folder: Path) -> Iterator[Children]:
    """Processes on a Redis of their own, to which this process sends what it enqueues as long as the block lasts."""
    children, app = Children(folder), tasks.run_job.app
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELERY_BROKER_URL", children.broker.url)
        patch.setattr(app, "_pool", None)
        patch.setattr(app.amqp, "_producer_pool", None)
        try:
            yield children
        finally:
            children.end()
            pools.reset()


@contextmanager
def held(model: type[Model]) -> Iterator[None]:
    """A table that everyone can read, and where everyone who writes waits."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {model._meta.db_table} IN EXCLUSIVE MODE")
        yield


def waiting() -> int:
    """How many sessions of the database wait for a lock; one whose process was killed waits on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction the first look would be the last
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


UNIQUES = """
SELECT indexrelid::regclass::text, conname, pg_get_indexdef(indexrelid), pg_get_constraintdef(pg_constraint.oid)
FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid AND contype = 'u'
WHERE indrelid = %s::regclass AND indisunique AND NOT indisprimary
"""


@contextmanager
def nothing_unique(model: type[Model]) -> Iterator[None]:
    """A table without its UNIQUE rules; it is emptied before they come back."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(UNIQUES, [table])
        rules = cursor.fetchall()
        for index, constraint, _made, _rule in rules:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}" if constraint else f"DROP INDEX {index}")
        try:
            yield
        finally:
            model._base_manager.all().delete()
            for _index, constraint, made, rule in rules:
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {rule}" if constraint else made)
