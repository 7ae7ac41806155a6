"""Makes a token with which another system reads or writes as its owner."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.models import ApiToken, User
from parkportal.trace import Actor, changes

MOST_DAYS = 3_650


class Command(BaseCommand):
    help = "生成接口令牌：只显示这一次，标准输出上只有令牌本身。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="令牌代表的用户")
        parser.add_argument("--scope", choices=ApiToken.Scope.values, default=ApiToken.Scope.READ, help="读，或读写")
        parser.add_argument("--days", type=int, default=365, help="有效天数，默认365")
        parser.add_argument("--name", default="", help="用途")

    def handle(self, *args: Any, username: str, scope: str, days: int, name: str, **options: Any) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(_("没有名为“%(username)s”的用户，或已停用。") % {"username": username})
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(_("有效天数应为1至%(most)s，现在是%(days)s。") % {"most": MOST_DAYS, "days": days})
        if len(name) > 50:
            raise CommandError(_("用途最多写50个字。"))
        expires = timezone.now() + timedelta(days=days)
        with changes(by=Actor(None)) as ledger:
            token, secret = ApiToken.issue(user=user, scope=scope, name=name, expires_at=expires)
            told = {"prefix": token.prefix, "scope": scope, "name": name, "expires_at": expires.isoformat()}
            ledger.note(token, {key: (None, value) for key, value in told.items()})
        self.stdout.write(secret)
