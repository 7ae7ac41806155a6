"""The trace of one object in words, as the change log of a page shows it."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.models import Change, User
from parkportal.writing import write_number

SHOWN = 50
LONGEST = 80


def in_words(model: Model | type[Model], name: str, value: Any) -> str:
    """A value of a column as people read it; empty for nothing."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, int):
        return write_number(value)
    if isinstance(value, list):
        return "、".join(map(str, value))
    choices = dict(getattr(_column(model, name), "flatchoices", None) or [])
    text = str(choices.get(value, value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _column(model: Model | type[Model], name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _label(model: type[Model], name: str) -> str:
    column = _column(model, name)
    noted = getattr(model, "NOTED", {}).get(name, name)
    return str(column.verbose_name if isinstance(column, Field) else noted)


def history(user: User, model: type[Model], code: str) -> list[dict[str, str]]:
    """The latest changes of an object, newest first, in the shape of the change log: at, who, field, old, new."""
    found = Change.objects.visible_to(user).of(model._meta.label, [code]).select_related("user")[:SHOWN]
    return [row for change in found for row in _rows(change, model)]


def _rows(change: Change, model: type[Model]) -> list[dict[str, str]]:
    when = {
        "at": timezone.localtime(change.at).strftime("%Y-%m-%d %H:%M"),
        "who": str(change.user or _("系统")),
    }
    if "code" in change.diff:
        name = change.diff.get("name") or change.diff.get("title") or change.diff["code"]
        return [when | {"field": _("登记"), "old": "", "new": in_words(model, "name", name[1])}]
    return [
        when | {"field": _label(model, name), "old": in_words(model, name, old), "new": in_words(model, name, new)}
        for name, (old, new) in change.diff.items()
    ]
