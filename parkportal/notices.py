"""Notices: what a person should know or do, told once, in the portal and, where mail is configured, by mail."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from django.conf import settings
from django.core.mail import send_mail
from django.db import models
from django.utils.translation import gettext as _

from parkportal.models import Notice, Park, User

SHOWN: Final = 200
"""Newest notices on the page of one person."""
MAILED_FOR: Final = timedelta(days=3)
"""How long a notice that could not be mailed is tried again."""

logger = logging.getLogger("portal.notices")


def notice(
    user: User, *, key: str, text: str, at: datetime, rule: str = "", row: models.Model | None = None, park: Park | None
) -> Notice:
    """A notice that is not stored yet; `key` says what it is about: the same key reaches a person once."""
    about = {"object_type": row._meta.label, "object_code": getattr(row, "code", "")} if row is not None else {}
    return Notice(user=user, park=park, rule=rule, key=key[:150], text=text[:300], at=at, **about)


def tell(notices: Iterable[Notice]) -> int:
    """Store notices, except those that the person got before; returns how many are new."""
    rows = list(notices)
    known = set(Notice.objects.filter(key__in={row.key for row in rows}).values_list("user", "key"))
    fresh = {(row.user_id, row.key): row for row in rows if (row.user_id, row.key) not in known}
    Notice.objects.bulk_create(fresh.values(), batch_size=500, ignore_conflicts=True)
    return len(fresh)


def unread(user: User) -> int:
    """How many notices the person has not read."""
    return Notice.objects.filter(user=user, read_at__isnull=True).count()


def read(user: User, *, at: datetime, key: str | None = None) -> int:
    """Mark one notice, or all of them, as read."""
    mine = Notice.objects.filter(user=user, read_at__isnull=True)
    return (mine if key is None else mine.filter(key=key)).update(read_at=at)


def mail(at: datetime) -> int:
    """Mail what was not mailed yet, one letter to each person; returns how many notices went out.

    Without a mail server nothing goes. What cannot be sent is logged and tried again for three days.
    """
    if not settings.EMAIL_HOST:
        return 0
    waiting = Notice.objects.filter(mailed_at__isnull=True, read_at__isnull=True, at__gt=at - MAILED_FOR)
    rows = waiting.exclude(user__email="").filter(user__is_active=True).select_related("user").order_by("user", "id")
    return sum(_mail_to(user, list(mine), at) for user, mine in groupby(rows, key=lambda row: row.user))


def _mail_to(user: User, mine: list[Notice], at: datetime) -> int:
    lines = [_("%(name)s：") % {"name": user}, "", *(f"{n}. {row.text}" for n, row in enumerate(mine, 1))]
    text = "\n".join([*lines, "", _("请登录招商成绩单办理。此邮件由系统自动发出，请勿回复。")])
    try:
        send_mail(_("招商成绩单：%(count)s条提醒") % {"count": len(mine)}, text, None, [user.email])
    except Exception:
        logger.exception("notices of user %s could not be mailed", user.pk)
        return 0
    return Notice.objects.filter(pk__in=[row.pk for row in mine]).update(mailed_at=at)
