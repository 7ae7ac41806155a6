"""A park of one's own."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from parkportal.models import Park, Region
from parkportal.trace import Actor, changes


class Command(BaseCommand):
    help = "新建园区。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", metavar="CODE", help="园区代码，用小写字母、数字和连字符，如baishazhou。")
        parser.add_argument("name", metavar="NAME", help="园区名称。")
        parser.add_argument("--region", required=True, help="所属区域的区划代码，如430400。")
        parser.add_argument("--group", default="", help="考核分组；同组的园区一起排名。")

    def handle(self, *args: Any, code: str, name: str, region: str, group: str, **options: Any) -> None:
        wrong = [*_problems(code, name, group), *_region_problems(region)]
        if wrong:
            raise CommandError("\n".join(wrong))
        park = Park(code=code, name=name, region=Region.objects.get(code=region), group=group)
        with changes(by=Actor(None)) as ledger:
            ledger.create(park)
        if options["verbosity"]:
            words = {"name": park.name, "code": park.code, "region": park.region.name}
            self.stdout.write(_("已新建%(name)s（%(code)s），属%(region)s。") % words)


def _problems(code: str, name: str, group: str) -> Iterator[str]:
    """A sentence for each thing that keeps the park from being made."""
    if not re.fullmatch("[a-z0-9](-?[a-z0-9])*", code) or len(code) > 32:
        yield _("园区代码用小写字母、数字和连字符，至多32个字符，现在是“%(code)s”。") % {"code": code}
    if not 0 < len(name.strip()) <= 60:
        yield _("园区名称应为1至60个字，现在是%(length)s个。") % {"length": len(name)}
    if len(group) > 30:
        yield _("考核分组至多30个字，现在是%(length)s个。") % {"length": len(group)}
    if Park.objects.filter(code=code).exists():
        yield _("已有代码为“%(code)s”的园区。") % {"code": code}
    if Park.objects.filter(name=name).exists():
        yield _("已有名称为“%(name)s”的园区。") % {"name": name}


def _region_problems(code: str) -> Iterator[str]:
    if not Region.objects.filter(code=code).exists():
        yield _("没有区划代码为“%(code)s”的区域。请先执行load_reference，或在后台管理中新建。") % {"code": code}
