"""How the portal starts: safe in production, loud about a wrong environment, and whole after its process was killed."""

import os
import random
import re
import runpy
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[1]
PRODUCTION = {
    "SECRET_KEY": "kA9-x2_Qw7+Zr4.Lm8=Tn3*Vb6/Ys1?Hd5:Gf0!Jp-Ce9_Ru2+Wi7.Ox4=Sa8",
    "ALLOWED_HOSTS": "zhaoshang.example.cn",
    "CSRF_TRUSTED_ORIGINS": "https://zhaoshang.example.cn",
    "PORTAL_HTTPS": "true",
    "PORTAL_TRUSTED_PROXIES": "10.0.0.0/8",
}
KILLS = 50 if os.environ.get("PORTAL_TEST_PROFILE") == "deep" else 5

pytestmark = pytest.mark.once


def python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, whose environment is the production's with the given changes."""
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "parkportal.settings"} | PRODUCTION | variables
    command = [sys.executable, "-W", "ignore", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


# H3


def test_production_passes_every_check_of_deployment(tmp_path: Path) -> None:
    found = python(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING", DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3"
    )
    assert found.returncode == 0, found.stderr
    assert "no issues" in found.stdout


def test_a_careless_production_does_not_pass() -> None:
    """Each carelessness is told by itself: no HTTPS, error pages with settings, a key that can be guessed."""
    careless = {"PORTAL_HTTPS": "false", "DEBUG": "true", "SECRET_KEY": "a" * 60}
    found = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **careless)
    assert found.returncode == 1
    assert {"W004", "W008", "W009", "W012", "W016", "W018"} <= set(re.findall(r"security\.(W\d+)", found.stderr))


WRONG = [
    *[(name, value) for name in ("DEBUG", "PORTAL_HTTPS", "PORTAL_EMBEDDED") for value in ("yes", "1", "on", "真")],
    *[("SECRET_KEY", ""), ("SECRET_KEY", "short")],
    *[("DATABASE_URL", value) for value in ("mysql://x/y", "portal.sqlite3", "http://x")],
    *[("REDIS_URL", value) for value in ("localhost:6379", "http://x")],
    *[("CSRF_TRUSTED_ORIGINS", value) for value in ("zhaoshang.example.cn", "https://a.cn,b.cn")],
    *[("PORTAL_TRUSTED_PROXIES", value) for value in ("proxy", "10.0.0.1/99", "10.0.0.1,nonsense")],
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=[f"{name}={value}" for name, value in WRONG])
def test_a_wrong_value_stops_the_start_with_a_sentence_that_names_it(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(monkeypatch)
    with pytest.raises(ImproperlyConfigured, match=rf"\b{name}\b.*\.$"):
        start(monkeypatch, **{name: value})


def start(monkeypatch: pytest.MonkeyPatch, **change: str) -> None:
    """Run the settings as a process does that is no test, in the production's environment with the given changes."""
    with monkeypatch.context() as here:
        here.delitem(sys.modules, "pytest")
        for variable, value in (PRODUCTION | change).items():
            here.setenv(variable, value)
        runpy.run_path(str(ROOT / "parkportal" / "settings.py"))


def test_a_process_ends_with_that_sentence() -> None:
    found = python("-c", "import parkportal.settings", REDIS_URL="http://x")
    assert found.returncode == 1
    last = found.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: REDIS_URL must ") and last.endswith(".")


# H8

PRAGMAS = """
import sqlite3, sys
import django
django.setup()
from django.db import connection, transaction
with connection.cursor() as cursor:
    for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout"):
        print(cursor.execute(f"PRAGMA {name}").fetchone()[0])
other = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
with transaction.atomic():
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        print(error)
"""


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "portal.sqlite3"
    found = python("-c", PRAGMAS, str(path), DATABASE_URL=f"sqlite:///{path}")
    assert found.stdout.split("\n") == ["wal", "1", "1", "20000", "database is locked", ""], found.stderr


WRITER = """
import django
django.setup()
from itertools import count
from parkportal.models import Region
from parkportal.trace import Actor, changes
for n in count(Region.objects.count()):
    with changes(by=Actor(None)) as ledger:
        for part in range(5):
            ledger.create(Region(code=f"{n}-{part}", name="x" * 50))
    print(n, flush=True)
"""


COUNTS = ("SELECT count(*) FROM parkportal_region", "SELECT count(*) FROM parkportal_change")


def kill_while_writing(path: Path, after: int) -> int:
    """Let a process write units of five rows and kill it some writes later; returns how many it said were kept."""
    env = os.environ | PRODUCTION | {"DATABASE_URL": f"sqlite:///{path}"}
    env["DJANGO_SETTINGS_MODULE"] = "parkportal.settings"
    command = [sys.executable, "-W", "ignore", "-c", WRITER]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        said = [writer.stdout.readline() for _ in range(after)]
        os.kill(writer.pid, signal.SIGKILL)
        said += writer.stdout.readlines()
    return len([line for line in said if line.endswith("\n")])


def test_a_killed_writer_leaves_a_whole_database_with_all_that_it_acknowledged(database: Path) -> None:
    kept = 0
    for _ in range(KILLS):
        kept += kill_while_writing(database, random.randint(1, 40))
        with sqlite3.connect(database) as reader:
            assert reader.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert reader.execute("PRAGMA foreign_key_check").fetchall() == []
            rows, entries = (reader.execute(query).fetchone()[0] for query in COUNTS)
            assert rows == entries and rows % 5 == 0, "half a unit was kept"
            assert kept <= rows // 5 <= kept + 1, "an acknowledged unit was lost"
            kept = rows // 5
        reader.close()
