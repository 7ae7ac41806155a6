"""Volume for measurements."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from parkportal.models import Park
from parkportal.trace import Actor
from reports.sample import volume

MOST_PARKS, MOST_PROJECTS = 9_999, 9_999_999


class Command(BaseCommand):
    help = "写入测量用的示例园区和项目，同一种子得到同样的数据；有真实项目的数据库不写。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--parks", type=int, required=True)
        parser.add_argument("--projects", type=int, required=True)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, parks: int, projects: int, seed: int, **options: Any) -> None:
        if not (1 <= parks <= MOST_PARKS and 0 <= projects <= MOST_PROJECTS):
            sentence = _("园区应为1至%(parks)s个，项目应为0至%(projects)s个。")
            raise CommandError(sentence % {"parks": MOST_PARKS, "projects": MOST_PROJECTS})
        if not volume.is_only_sample():
            raise CommandError(_("数据库里有真实园区的项目，测量数据只写入没有真实项目的数据库。"))
        if Park.objects.filter(code__startswith="volume-").exists():
            raise CommandError(_("测量数据已写过，请换一个空的数据库。"))
        volume.fill(by=Actor(None), parks=parks, projects=projects, seed=seed)
        if options["verbosity"]:
            sentence = _("已写入园区%(parks)s个，项目%(projects)s个，种子%(seed)s。")
            self.stdout.write(sentence % {"parks": parks, "projects": projects, "seed": seed})
