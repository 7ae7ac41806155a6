"""`create_admin`: the first administrator, who then makes all other users in the browser."""

from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from parkportal import trace
from parkportal.models import User
from parkportal.roles import Role
from parkportal.trace import Actor


class Command(BaseCommand):
    help = "建立系统管理员，由其在后台管理里建立其他用户。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="登录名")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        if User.objects.filter(username=username).exists():
            raise CommandError(f"登录名“{username}”已被占用。")
        user = User(username=username, name="系统管理员", role=Role.ADMIN)
        password = getpass("密码：")
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("".join(error.messages)) from error
        user.set_password(password)
        with trace.changes(by=Actor(None)) as ledger:
            ledger.create(user)
        self.stdout.write(f"已建立系统管理员“{username}”。")
