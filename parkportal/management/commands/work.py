"""`work`: does open jobs and looks for what is due, where there is no queue."""

import os
import select
import stat
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from parkportal import jobs

LOOK_EVERY = 600
"""Seconds between two looks for what is due."""


class Command(BaseCommand):
    help = "Does open jobs and looks every ten minutes for what is due; ends when its standard input closes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is open and due, then end")
        parser.add_argument("--pause", type=float, default=2.0, help="seconds between two looks for open jobs")

    def handle(self, *args: Any, **options: Any) -> None:
        looked = -float("inf")
        while True:
            if time.monotonic() - looked >= LOOK_EVERY:
                jobs.write_down_due(timezone.now())
                looked = time.monotonic()
            for job_id in jobs.open_jobs(timezone.now()):
                job = jobs.run(job_id)
                if job:
                    self.stdout.write(f"{job.kind} {job.key}: {job.get_state_display()}")
            if options["once"] or self._parent_is_gone(options["pause"]):
                return

    @staticmethod
    def _parent_is_gone(pause: float) -> bool:
        """Wait a moment; true when standard input is a pipe and closed; a terminal or /dev/null says nothing."""
        if sys.stdin is None or not stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
            time.sleep(pause)
            return False
        readable, _w, _x = select.select([sys.stdin], [], [], pause)
        return bool(readable) and not sys.stdin.buffer.read1(1024)  # type: ignore[attr-defined]
