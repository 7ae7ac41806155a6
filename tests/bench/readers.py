"""The overview with 100,000 projects under four readers: how long the server works on a request."""

import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from parkportal.roles import Role
from reports.models import ScorecardLine
from reports.periods import Period
from tests.bench.measure import Pair
from tests.bench.volume import multiply
from tests.e2e.conftest import ROOT, free_port, wait_for

COOKIE: Final = settings.SESSION_COOKIE_NAME
PARKS, SEEDED, TIMES = 10, 20_000, 5
PERIOD: Final = Period(2020, 9)
READERS, WORKERS, REQUESTS = 4, 2, 50
"""People at once, processes that serve them, and pages that each of them opens."""


@contextmanager
def server(log: Path) -> Iterator[str]:
    """The portal on the measured database; each request leaves its microseconds in the log."""
    port, url = free_port(), urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))
    command = [sys.executable, "-m", "gunicorn", "parkportal.wsgi", "--workers", str(WORKERS)]
    command += ["--bind", f"127.0.0.1:{port}", "--access-logfile", str(log), "--access-logformat", "%(D)s %(s)s %(U)s"]
    env = os.environ | {"DATABASE_URL": database, "ALLOWED_HOSTS": "127.0.0.1", "DEBUG": ""}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def read(address: str, cookie: str) -> None:
    """One person who opens the overview again and again."""
    for _time in range(REQUESTS):
        urllib.request.urlopen(urllib.request.Request(address, headers={"Cookie": cookie})).read()  # noqa: S310


def all_read(base: str, cookies: list[str]) -> None:
    """All readers at once."""
    address = f"{base}/?park=volume-001&period={PERIOD}"
    people = [threading.Thread(target=read, args=(address, cookie)) for cookie in cookies]
    for person in people:
        person.start()
    for person in people:
        person.join()


def said(log: Path) -> str:
    """Median and 95th percentile of the server's own time, in milliseconds."""
    lines = [line.split() for line in log.read_text().splitlines()]
    times = [int(spent) / 1_000 for spent, status, path in lines if path == "/"]
    assert all(status == "200" for _spent, status, path in lines if path == "/"), "the overview was refused"
    parts = quantiles(times, n=100)
    return f"server time p50 {parts[49]:.1f} ms, p95 {parts[94]:.1f} ms of {len(times)} requests"


def pairs() -> list[Pair]:
    """The volume, then pages under load against the same number of bare readings of their figures."""
    from tests.bench.cases import browser  # its module lists this one

    call_command("seed_volume", parks=PARKS, projects=SEEDED, seed=1, verbosity=0)
    multiply(TIMES)
    call_command("compile_scorecards", period=str(PERIOD), verbosity=0)
    sessions = [browser(role).cookies[COOKIE].value for role in (Role.LEADER, Role.CLERK, Role.HEAD, Role.CITY)]
    cookies = [f"{COOKIE}={session}" for session in sessions]
    log = Path(tempfile.mkdtemp()) / "requests.log"

    def ours() -> None:
        with server(log) as base:
            all_read(base, cookies)
            time.sleep(0.2)

    lines = ScorecardLine.objects.filter(scorecard__park__code="volume-001", scorecard__period=str(PERIOD))
    bare = partial(lambda: [list(lines.values()) for _time in range(READERS * REQUESTS)])
    name = f"overview, {SEEDED * TIMES:,} projects, {READERS} readers"
    return [Pair(name, ours, "its figures", bare, 3, also=lambda: said(log))]
