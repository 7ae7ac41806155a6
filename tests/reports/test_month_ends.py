"""A month ends at midnight in Shanghai, whatever zone the process was started in."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings

from tests.concurrency import address, own_connections
from tests.factories import make_indicator, make_park, make_target
from tests.processes import ROOT

ZONES = ("", "America/New_York")
pytestmark = pytest.mark.django_db(transaction=True)


def running(folder: Path, zones: tuple[str, ...], *more: str) -> list[list[tuple[str, str]]]:
    """For each zone what a process started in it says at each instant: the running month, and that of beat."""
    indicator, park = make_indicator(), make_park(scorecards_from="2020-01")
    for year in (2020, 2021):
        make_target(park=park, indicator=indicator, year=year)
    with own_connections(folder):
        env = {"SECRET_KEY": settings.SECRET_KEY, "PYTHONUTF8": "1", "DATABASE_URL": address()}
        command = [sys.executable, "-m", "tests.month_ends", *more]
        processes = [
            subprocess.Popen(command, cwd=ROOT, env=env | ({"TZ": zone} if zone else {}), stdout=subprocess.PIPE)
            for zone in zones
        ]
        told = [process.communicate(timeout=120)[0].decode().splitlines() for process in processes]
    assert not any(process.returncode for process in processes)
    return [[(line.split()[1], line.split()[2]) for line in lines] for lines in told]


def expected(*, late: bool) -> list[tuple[str, str]]:
    """The month that ends, then the one that begins; twice the one that ends of whose clock is late."""
    months = [*(f"2020-{month:02d}" for month in range(1, 13)), "2021-01"]
    told = [month for ends, begins in pairwise(months) for month in (ends, ends if late else begins)]
    return [(month, month) for month in told]


def test_the_running_month_is_that_of_shanghai_whatever_the_zone_of_the_process(tmp_path: Path) -> None:
    assert running(tmp_path, ZONES) == [expected(late=False)] * len(ZONES)


def test_with_the_zone_of_the_process_a_month_would_begin_late(tmp_path: Path) -> None:
    """The control: eight hours late where TZ is not set; the due search and the schedule alike."""
    assert running(tmp_path, ("",), "unguarded") == [expected(late=True)]
