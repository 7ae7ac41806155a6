"""What to do with a form whose row somebody else has saved meanwhile: keep what was typed, show what is there now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import QueryDict

from parkportal.models import Change
from parkportal.trace import plain
from projects.forms.projects import SHOWN_AT, ProjectForm
from projects.models import Project
from projects.words import LABEL, Names, companion, holder, label, moment, names_in, value_in_words, writer

TAKE = "take-"
"""Begins the name of the two buttons by which a person says whose value a field shall have: mine or theirs."""
MOST = 200
"""Changes that are looked at; a form that is older than these shows every difference."""


@dataclass(frozen=True)
class Difference:
    """A field in which the typed value and the present one differ, and who wrote the present one."""

    field: str
    """The name of the field, with which a person says “theirs” for it."""
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
    for name in dict.fromkeys(holder(name) for change in since for name in change.diff):
        columns = [one for one in typed if holder(one) == name]
        if all(plain(typed[one]) == plain(getattr(current, one)) for one in columns):
            continue
        touched = any(plain(typed[one]) != _before(since, one, current) for one in columns)
        if not touched:
            _copy(form.data, fresh, SHOWN_AT.get(name, name))
        newest = next(change for change in since if any(holder(one) == name for one in change.diff))
        words = [_in_words(name, row, names) for row in (typed, vars(current) | {name: getattr(current, name)})]
        found.append(Difference(SHOWN_AT.get(name, name), label(name), *words, writer(newest), moment(newest), touched))
    return found


def _in_words(name: str, values: Mapping[str, Any], names: Names) -> str:
    """A typed or present value as people read it."""
    value, beside = values[name], str(values.get(companion(name)) or "")
    return str(value) if isinstance(value, Model) else value_in_words(name, plain(value), beside, names)


def _before(since: list[Change], name: str, current: Project) -> Any:
    """The value that a column had at the reader's version."""
    told = [change for change in since if name in change.diff]
    return told[-1].diff[name][0] if told else plain(getattr(current, name))


def _copy(data: QueryDict, fresh: ProjectForm, field: str) -> None:
    """Put what a fresh form shows in a field, and in those typed together with it, into the data."""
    beside = [f"{field}_precision"] + [
        one for one in fresh.fields if field.endswith("_name") and one.startswith(field[:-4])
    ]
    for one in {field, *beside} & fresh.fields.keys():
        data[one] = str(fresh.initial.get(one, ""))


def chosen(posted: QueryDict, fresh: ProjectForm) -> QueryDict:
    """What was posted, with the present value in each field for which the person chose theirs."""
    fields = [key.removeprefix(TAKE) for key, value in posted.items() if key.startswith(TAKE) and value == "theirs"]
    data = posted.copy()
    for field in fields:
        _copy(data, fresh, field)
    return data
