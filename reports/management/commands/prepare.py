"""`prepare`: what `./portal run` does before it serves: migrate, sample, scorecards, and the answer in words."""

import io
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from parkportal import jobs
from parkportal.models import Job
from parkportal.tasks import carry
from reports.models import Scorecard
from reports.words import scorecard_table

SHOWN = ("baishazhou", "2020-09")


class Command(BaseCommand):
    help = "Migrates, loads the sample into an empty database, compiles what is due, and prints the sample's scorecard."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-sample", action="store_true", help="begin without the sample")

    def handle(self, *args: Any, **options: Any) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("正在准备数据库……")
            call_command("migrate", verbosity=0, stdout=io.StringIO())
        if not options["no_sample"]:
            call_command("load_sample", if_empty=True, stdout=self.stdout)
        self._compile()
        scorecard = Scorecard.objects.filter(park__code=SHOWN[0], period=SHOWN[1]).first()
        if scorecard:
            self.stdout.write(f"\n{scorecard.lead}\n\n{scorecard_table(scorecard)}\n")

    def _compile(self) -> None:
        """Compile what is due through the same job that production schedules; reminders are left to the worker."""
        due = [job for job in jobs.write_down_due(timezone.now()) if job.kind == "scorecard_compile"]
        for number, job in enumerate(due, 1):
            self.stdout.write(f"正在编制{job.arguments['period']}成绩单（{number}／{len(due)}）")
            carry(job)
        failed = Job.objects.filter(pk__in=[job.pk for job in due], state=Job.State.FAILED)
        for job in failed:
            self.stderr.write(f"成绩单{job.key}没有编制成功：{job.result.get('error')}")
