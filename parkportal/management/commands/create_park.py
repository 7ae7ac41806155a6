"""A park of one's own."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

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
        park = Park(code=code, name=name, region=_region(region), group=group)
        try:
            park.full_clean()
        except ValidationError as error:
            wrong = error.message_dict.items()
            raise CommandError("；".join(f"{_label(field)}：{''.join(said)}" for field, said in wrong)) from None
        with changes(by=Actor(None)) as ledger:
            ledger.create(park)
        if options["verbosity"]:
            self.stdout.write(f"已新建园区{park.name}（{park.code}），属{park.region.name}。")


def _region(code: str) -> Region:
    found = Region.objects.filter(code=code).first()
    if found is None:
        raise CommandError(f"没有区划代码为“{code}”的区域。请先执行load_reference，或在后台管理中新建。")
    return found


def _label(field: str) -> str:
    return str(Park._meta.get_field(field).verbose_name)
