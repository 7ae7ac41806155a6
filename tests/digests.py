"""A program: compiles one fixed world in the database it is given, prints the digests, leaves nothing behind."""

import os
import sys
from pathlib import Path

import django

MONTHS = (1, 2, 6, 9, 12)


def main() -> None:
    """Print park, period and digest of every draft."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkportal.settings")
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    django.setup()
    from django.db import transaction

    from parkportal.models import Park
    from reports.drafts import drafts_of
    from reports.periods import Period
    from reports.progress import results
    from tests.worlds import YEAR, extra_indicators, seeded, store

    with transaction.atomic():
        extra_indicators()
        region = store(seeded(2020, (8, 80, 40, 10, 16, 16)))
        parks = list(Park.objects.filter(region=region).order_by("code"))
        for month in MONTHS:
            drafts = drafts_of(results(region, Period(YEAR, month)), parks)
            for park in parks:
                sys.stdout.write(f"{park.code} {month} {drafts[park.pk].digest}\n")
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
