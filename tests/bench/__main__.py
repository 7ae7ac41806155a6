"""`./portal bench [NAME…]`: seed once, measure what was asked for, print ratios."""

import argparse
import os
import sys

import django


def main() -> int:
    """Makes a test database beside that of DATABASE_URL, fills it, and prints a line for each pair."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkportal.settings")
    django.setup()
    from django.db import connection  # after setup

    from tests.bench import cases
    from tests.bench.measure import report

    parser = argparse.ArgumentParser(prog="./portal bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="、".join(cases.CASES))
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.names if name not in cases.CASES]:
        parser.error(f"没有名为{'、'.join(unknown)}的测量，可用的有：{'、'.join(cases.CASES)}。")
    name_of_all, volume = connection.settings_dict["NAME"], None
    for name in sorted(chosen.names or cases.CASES, key=lambda name: name in cases.ALONE):
        wanted = name if name in cases.ALONE else "seeded"
        if volume != wanted:
            if volume:
                connection.creation.destroy_test_db(name_of_all, verbosity=0)
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
            volume = wanted
        if wanted == "seeded":
            cases.seeded()
        sys.stdout.write(f"\n{name}\n")
        for line in report(cases.CASES[name](), chosen.rounds):
            sys.stdout.write(f"  {line}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
