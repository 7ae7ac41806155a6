"""What every test may use: clients that are logged in, the sample, a migrated file, and hypothesis in two sizes."""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from xdist.scheduler import LoadFileScheduling

from parkportal.models import Park, User
from reports import triggers
from tests import sampled
from tests.published import drop_triggers

COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
hypothesis.register_profile("ci", max_examples=200, **COMMON)
hypothesis.register_profile("deep", max_examples=2_000, **COMMON)
hypothesis.load_profile(os.environ.get("PORTAL_TEST_PROFILE") or "ci")

SAMPLE_PASSWORD = "sample-password-1"


def pytest_configure() -> None:
    """Passwords are hashed quickly, and the sample has one."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SAMPLE_PASSWORD = SAMPLE_PASSWORD
    settings.MEDIA_ROOT = FILES.name


FILES = tempfile.TemporaryDirectory(prefix="portal-files-")
REDIS_URL = os.environ.get("REDIS_URL", "")
ROOT = Path(__file__).resolve().parents[1]
TOUCHES = {"db", "transactional_db", "django_db_setup", "django_db_blocker"}
"""Fixtures of a test that meets the database."""


SLOW = (
    *("/e2e", "test_figures.py", "test_isolation", "test_permissions", "test_injection", "test_faults"),
    *("test_races", "test_queries"),
)
"""Where the time goes: among several workers these begin first, so that none waits for another at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that may not even open the database gains nothing from a second one."""
    for item in items:
        if not (item.get_closest_marker("django_db") or TOUCHES & {*getattr(item, "fixturenames", ())}):
            item.add_marker(pytest.mark.once)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: next((n for n, name in enumerate(SLOW) if name in item.nodeid), len(SLOW)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "ByModule | None":
    """Modules go to workers as a whole, in the order of the collection."""
    return ByModule(config, log) if config.option.dist == "loadfile" else None


class ByModule(LoadFileScheduling):
    """A module stays with one worker, where its world is made once; the browser's modules share theirs."""

    def _split_scope(self, nodeid: str) -> str:
        module = super()._split_scope(nodeid)
        return module.rpartition("/")[0] if "/e2e/" in module else module


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector of garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Only tests that start a worker have a queue; the others compile at once."""
    settings.REDIS_URL = REDIS_URL if item.get_closest_marker("worker") else ""


@pytest.fixture(autouse=True, scope="session")
def _published_rows_may_be_flushed() -> Iterator[None]:
    """Tests with transactions of their own end with empty tables; the guard of publications is lifted for that."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def without_guard(self: BaseDatabaseOperations, statements: list[str]) -> None:
        drop_triggers()
        flush(self, statements)
        triggers.make()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", without_guard)
        yield


@pytest.fixture
def client_as() -> Callable[[User], Client]:
    """A browser in which that person is logged in."""

    def login(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return login


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and no rows, made once for all workers: to be copied, never to be written."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    file = folder / "migrated.sqlite3"
    with (folder / "migrated.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not file.exists():
            _migrate(folder / "migrating.sqlite3")
            (folder / "migrating.sqlite3").rename(file)
    return file


def _migrate(file: Path) -> None:
    env = {"PATH": os.defpath, "SECRET_KEY": "for-tests-only-" * 4, "DATABASE_URL": f"sqlite:///{file}"}
    subprocess.run([sys.executable, "-W", "ignore", "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, check=True)


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Path:
    """An empty SQLite database of one's own, in a file."""
    return Path(shutil.copy(migrated, tmp_path / "portal.sqlite3"))


@pytest.fixture
def sample(db: None) -> Park:
    """The reference data and the sample in the database; returns the park baishazhou."""
    sampled.load()
    return Park.objects.get(code="baishazhou")
