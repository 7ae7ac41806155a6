"""`compile_scorecards`: compiles the drafts of a period, or all that are due, and says for each what it did."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from parkportal.models import Park, Region
from reports.periods import BadPeriod, Period
from reports.services import Due, scorecard_compile, scorecards_due
from reports.sources import BadIndicator
from reports.storing import Compiled


class Command(BaseCommand):
    help = "Compiles drafts of scorecards; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", help="YYYY-MM; without it, every period that is due")
        parser.add_argument(
            "--park", help="print only this park; all of its region are compiled, because ranks need them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        park = self._park(options["park"])
        wanted = self._wanted(options["period"], park)
        if not wanted:
            self.stdout.write("没有需要编制的成绩单。")
        for due in wanted:
            for done in self._compile(due):
                if park in (None, done.scorecard.park):
                    self._say(done)

    def _compile(self, due: Due) -> list[Compiled]:
        try:
            return scorecard_compile(region=due.region, period=due.period)
        except BadIndicator as error:
            raise CommandError(f"{due.region}{due.period}没有编制：{error}") from error

    def _park(self, code: str | None) -> Park | None:
        if code is None:
            return None
        try:
            return Park.objects.select_related("region").get(code=code)
        except Park.DoesNotExist:
            known = "、".join(Park.objects.values_list("code", flat=True))
            raise CommandError(f"没有代码为“{code}”的园区。现有：{known}。") from None

    def _wanted(self, period: str | None, park: Park | None) -> list[Due]:
        if period is None:
            due = scorecards_due(today=timezone.localdate())
            return [d for d in due if park is None or d.region == park.region]
        try:
            chosen = Period.parse(period)
        except BadPeriod as error:
            raise CommandError(str(error)) from error
        regions = [park.region] if park else list(Region.objects.filter(park__isnull=False).distinct())
        return [Due(region, chosen) for region in regions]

    def _say(self, done: Compiled) -> None:
        what = "已编制" if done.changed else "没有变化"
        self.stdout.write(f"{done.scorecard.park} {done.scorecard.period}：{what}（第{done.scorecard.version}稿）")
