"""Regions, chains and indicators: how a real park begins. Safe to repeat."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from parkportal.trace import Actor
from reports import reference


class Command(BaseCommand):
    help = "载入区划、产业链和指标口径；可以重复执行，手工修改过的行保持不变。"

    def handle(self, *args: Any, **options: Any) -> None:
        done = reference.load(Actor(None))
        if options["verbosity"]:
            sentence = _("基础数据：新增%(created)s行，更新%(updated)s行，未变%(same)s行，手工修改过而保留%(kept)s行。")
            self.stdout.write(sentence % {name: done[name] for name in ("created", "updated", "same", "kept")})
