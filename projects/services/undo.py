"""Taking one change of a project back."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Change
from parkportal.trace import Actor, plain
from projects.models import Project
from projects.services.entry import DERIVED, EDITABLE, fresh
from projects.services.pending import stored_values, write_or_ask
from projects.services.rights import Act, demand
from projects.words import label


def can_undo(change: Change, project: Project) -> bool:
    """Whether a change of the project still holds and is one of columns that people fill in."""
    names = set(change.diff) - DERIVED
    return bool(names) and names <= EDITABLE and not _moved(change.diff, project, names)


def _moved(diff: dict[str, Any], project: Project, names: Iterable[str]) -> list[str]:
    return [name for name in names if plain(getattr(project, name)) != diff[name][1]]


def change_undo(
    *, by: Actor, project: Project, change: Change, on: date | None = None, version: int | None = None
) -> Project:
    """Set the fields of one change back to what they were; what counts in a verified project waits as any edit does.

    ValidationError when one of the fields was changed again since, or for what is not an edit (a review, a withdrawal).
    """
    names = set(change.diff) - DERIVED
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.EDIT)
        if not names or not names <= EDITABLE:
            raise ValidationError(_("这一条不是填报内容的修改，不能在这里撤销。"), code="state")
        if moved := _moved(change.diff, project, names):
            sentence = _("%(fields)s后来又改过，不能撤销这一条；请到编辑页面修改。")
            fields = "、".join(dict.fromkeys(label(name) for name in sorted(moved)))
            raise ValidationError(sentence % {"fields": fields}, code="state")
        when = timezone.localtime(change.at).strftime("%Y-%m-%d %H:%M")
        values = stored_values({name: change.diff[name][0] for name in names})
        values = {name: _empty(name) if value is None else value for name, value in values.items()}
        marks = tuple(set(change.diff.get("sample_fields", ([], []))[0]) & names)
        reason = _("撤销%(when)s的修改") % {"when": when}
        write_or_ask(ledger, project, values, on=on, reason=reason, marks=marks)
    return project


def _empty(name: str) -> Any:
    """How a column without a value is stored: no row, day or number, but an empty text or list."""
    column: Any = Project._meta.get_field(name)
    return None if column.null else column.get_default()
