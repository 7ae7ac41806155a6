"""Regions, chains and indicators: how a real park begins. Safe to repeat."""

from typing import Any

from django.core.management.base import BaseCommand

from parkportal.trace import Actor
from reports import reference


class Command(BaseCommand):
    help = "载入区划、产业链和指标口径；可以重复执行，手工修改过的行保持不变。"

    def handle(self, *args: Any, **options: Any) -> None:
        done = reference.load(Actor(None))
        if options["verbosity"]:
            sentence = "基础数据：新增{}行，更新{}行，未变{}行，手工修改过而保留{}行。"
            self.stdout.write(sentence.format(*(done[k] for k in ("created", "updated", "same", "kept"))))
