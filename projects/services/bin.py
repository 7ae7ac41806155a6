"""The bin: what was withdrawn is kept for thirty days, and taken out again as it was."""

from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from parkportal.trace import Ledger

BIN_DAYS: Final = 30
R = TypeVar("R", bound="models.QuerySet[Any]")


def in_bin(rows: R, now: datetime) -> R:
    """Withdrawn rows that can still be taken out, the last one first."""
    return rows.filter(deleted_at__gte=now - timedelta(days=BIN_DAYS)).order_by("-deleted_at", "-pk")


def days_left(row: Any, now: datetime) -> int:
    """For how many days a row can still be taken out."""
    return BIN_DAYS - int((now - row.deleted_at).days)


def take_out(ledger: Ledger, row: Any, version: int, what: str) -> None:
    """Let a row be there again; ValidationError for one that is not in the bin or has been too long in it.

    `what` names the row in the sentences.
    """
    if row.deleted_at is None:
        raise ValidationError(_("%(what)s不在回收站里。") % {"what": what}, code="state")
    if row.deleted_at < ledger.at - timedelta(days=BIN_DAYS):
        words = {"what": what, "days": BIN_DAYS}
        raise ValidationError(_("%(what)s撤回已超过%(days)s天，不能恢复。") % words, code="state")
    ledger.update(row, {"deleted_at": None, "deleted_by": None}, version)


def refuse_without_project(row: Any, what: str) -> None:
    """ValidationError for what hangs on a project that is in the bin itself."""
    if row.project is not None and row.project.deleted_at:
        words = {"what": what, "project": row.project.name}
        raise ValidationError(_("%(what)s的项目“%(project)s”也在回收站里，先恢复项目。") % words, code="state")
