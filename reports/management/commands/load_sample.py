"""The sample of the 2020 report, into a database that has no projects."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from parkportal.models import Park, User
from parkportal.trace import Actor
from reports import sample
from reports.sample.parks import LOGINS, PARKS


class Command(BaseCommand):
    help = "载入2020年1—9月公开报道的样例；已有项目的数据库不载入。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="已有项目时什么也不做，也不算失败。")

    def handle(self, *args: Any, if_empty: bool, **options: Any) -> None:
        if if_empty and not sample.is_empty():
            return
        refusal = _refusal()
        if refusal:
            raise CommandError(refusal)
        book = sample.load(by=Actor(None), password=settings.SAMPLE_PASSWORD)
        if options["verbosity"]:
            sentence = _("样例已载入：园区%(parks)s个，企业%(enterprises)s家，项目%(projects)s个，登录名%(logins)s。")
            numbers = {"parks": len(book.parks), "enterprises": len(book.enterprises), "projects": len(book.projects)}
            self.stdout.write(sentence % (numbers | {"logins": "、".join(row[0] for row in LOGINS)}))


def _refusal() -> str:
    """Why the sample cannot be loaded; empty where it can."""
    if not sample.is_empty():
        return _("数据库里已有项目，样例只载入没有项目的数据库。")
    if not settings.SAMPLE_PASSWORD:
        return _("请先用环境变量PORTAL_SAMPLE_PASSWORD设定样例登录名的密码。")
    taken = Park.objects.filter(code__in=[row.code for row in PARKS]).values_list("code", flat=True)
    names = User.objects.filter(username__in=[row[0] for row in LOGINS]).values_list("username", flat=True)
    if taken or names:
        return _("样例要用的园区代码或登录名已被占用：%(taken)s。") % {"taken": "、".join([*taken, *names])}
    return ""
