"""A program: prints the running month of the due search just before and at the end of each month of 2020.

Its clock stands at 15:59:59.999999Z and 16:00:00Z of each last day, which is when a month ends in Shanghai; with
`unguarded` the portal takes the zone of its process for its own.
"""

import os
import sys
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import django
import time_machine

GIVEN = os.environ.get("TZ") or "UTC"
"""The zone of the process as it was started; Django puts its own in its place."""


def instants() -> Iterator[datetime]:
    """The last moment of each month and the first of the next."""
    for month in range(1, 13):
        end = datetime(2020, month, monthrange(2020, month)[1], 16, tzinfo=UTC)
        yield from (end - timedelta(microseconds=1), end)


def main() -> None:
    """Print each instant with its running month and with the month of beat's clock."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkportal.settings")
    django.setup()
    from django.conf import settings
    from django.utils import timezone

    from parkportal.celery import app
    from reports.services import scorecards_due_jobs

    if sys.argv[1:] == ["unguarded"]:
        settings.TIME_ZONE = app.conf.timezone = GIVEN
    for instant in instants():
        with time_machine.travel(instant, tick=False):
            month = scorecards_due_jobs(timezone.now())[-1][2]["period"]
            sys.stdout.write(f"{instant.isoformat()} {month} {app.now():%Y-%m}\n")


if __name__ == "__main__":
    main()
