"""What to do with a form whose row somebody else has saved meanwhile: keep what was typed, show what is there now."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from parkportal.models import Change
from parkportal.trace import plain
from projects.forms.projects import SHOWN_AT, ProjectForm
from projects.forms.sections import QUALIFIERS
from projects.models import Project
from projects.words import LABEL, Names, label, moment, names_in, value_in_words, writer

MOST = 200
"""Changes that are looked at; a form that is older than these shows every difference."""


@dataclass(frozen=True)
class Difference:
    """A field in which the typed value and the present one differ, and who wrote the present one."""

    label: str
    yours: str
    now: str
    who: str
    when: str
    kept: bool
    """Whether the form keeps the typed value; else nobody had touched it here, and it shows the present one."""


def changes_since(project: Project, version: int) -> list[Change]:
    """The entries of the trace since a version, newest first: each moves the version by one."""
    behind = min(max(project.version - version, 0), MOST)
    return list(Change.objects.of(LABEL, [project.code]).select_related("user").order_by("-seq")[:behind])


def differences(form: ProjectForm, current: Project, version: int) -> list[Difference]:
    """Let a form yield to the row as it is now, and tell what differs.

    A field that the reader had not touched takes the present value; one that both changed keeps the typed value, so
    that saving again writes only what the person decided.
    """
    since = changes_since(current, version)
    names = names_in(change.diff for change in since)
    typed = form.values()
    fresh = ProjectForm(park=form.park, user=form.user, today=form.today, project=current, only=form.fields)
    form.data = form.data.copy()
    form.data["version"] = str(current.version)
    found = []
    for name in dict.fromkeys(name for change in since for name in change.diff):
        if name not in typed or plain(typed[name]) == plain(getattr(current, name)):
            continue
        newest, before = _newest_and_before(since, name)
        touched = plain(typed[name]) != before
        if not touched:
            _take_over(form, fresh, name)
        if name in QUALIFIERS.values() or name.endswith("_precision"):
            continue
        words = [_in_words(name, value, names) for value in (typed[name], getattr(current, name))]
        found.append(Difference(label(name), *words, writer(newest), moment(newest), touched))
    return found


def _in_words(name: str, value: Any, names: Names) -> str:
    """A typed or present value as people read it."""
    return str(value) if isinstance(value, Model) else value_in_words(name, plain(value), names=names)


def _newest_and_before(since: list[Change], name: str) -> tuple[Change, Any]:
    """The newest entry that changed a column, and the value that it had at the reader's version."""
    told = [change for change in since if name in change.diff]
    return told[0], told[-1].diff[name][0]


def _take_over(form: ProjectForm, fresh: ProjectForm, name: str) -> None:
    """Put the present value of a column, with what is typed together with it, into the form."""
    holder = next((number for number, qualifier in QUALIFIERS.items() if qualifier == name), name)
    field = SHOWN_AT.get(holder, holder)
    beside = [f"{field}_precision"] + [
        one for one in fresh.fields if field.endswith("_name") and one.startswith(field[:-4])
    ]
    for one in {field, *beside} & fresh.fields.keys():
        form.data[one] = str(fresh.initial.get(one, ""))
