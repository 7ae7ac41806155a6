"""`manage.py verify_scorecards`: whether every published scorecard is still what it was."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports.verification import verdicts


class Command(BaseCommand):
    """Re-derives and re-hashes all that was published; exit status 1 and the names of those that differ."""

    help = "Re-derive and re-hash every published scorecard."

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print a line for each that differs, with what differs."""
        found = list(verdicts())
        wrong = [verdict for verdict in found if verdict.sentences]
        for verdict in wrong:
            self.stderr.write(f"{verdict.code}：{'；'.join(verdict.sentences)}")
        if wrong:
            raise CommandError(f"{len(wrong)}份定稿核对不符，共核对{len(found)}份。")
        if options["verbosity"]:
            self.stdout.write(f"已核对{len(found)}份定稿，全部相符。")
