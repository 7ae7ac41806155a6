"""One world has one digest: on SQLite and PostgreSQL, in any time zone, language and order of hashing."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = "2e86dab7426239830fbeba030bdaa44b4be18eb732fb6e1fe31000764aa251e1"
"""SHA-256 over what `tests/digests.py` prints; both databases are held to it. It changes only with the model itself."""

VARIANTS = [
    {"TZ": "UTC", "LANG": "C", "PYTHONHASHSEED": "0"},
    {"TZ": "Asia/Shanghai", "LANG": "zh_CN.UTF-8", "PYTHONHASHSEED": "1"},
    {"TZ": "America/New_York", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "4242"},
    {"PYTHONHASHSEED": "random"},
]


@pytest.fixture
def database(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """The address of the empty test database for another process."""
    if connection.vendor == "sqlite":
        file = tmp_path / "digests.sqlite3"
        with sqlite3.connect(file) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
        copy.close()
        yield f"sqlite:///{file}"
        return
    place = connection.settings_dict
    yield f"postgres://{quote(place['USER'])}:{quote(place['PASSWORD'])}@{place['HOST']}:{place['PORT']}/{place['NAME']}"


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.get("TZ", "no TZ"))
def test_one_world_has_one_digest(database: str, variant: dict[str, str]) -> None:
    env = {"PATH": os.defpath, "SECRET_KEY": "for-tests-only-" * 4, "DATABASE_URL": database, "PYTHONUTF8": "1"}
    command = [sys.executable, str(ROOT / "tests" / "digests.py")]
    ran = subprocess.run(command, env=env | variant, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert len(lines) == len(set(lines)) == 10
    assert hashlib.sha256(ran.stdout.encode()).hexdigest() == EXPECTED, ran.stdout
