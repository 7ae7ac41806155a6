"""A change of what counts, once a project is verified: it waits, the verified values count, a second person decides."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import DateField, ForeignKey
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import User
from parkportal.trace import Actor, Diff, Ledger, plain
from projects.models import PendingChange, Project, Review
from projects.services.checks import reason_of, with_values
from projects.services.entry import COUNTED_FIELDS, Edit, carry_out, fresh, touch, weigh
from projects.services.rights import Act, demand, proxy_of, waits
from projects.words import label

State = PendingChange.State


def waiting(project: Project) -> PendingChange | None:
    """The change of a project that waits; at most one does."""
    return project.pending_changes.filter(state=State.WAITING).select_related("asked_by").first()


def stored_value(name: str, value: Any) -> Any:
    """What a column holds for a value of the trace: rows for codes, days for ISO dates; None where it is gone."""
    column = Project._meta.get_field(name)
    if value is None:
        return None
    if isinstance(column, ForeignKey):
        model: Any = column.related_model
        key = "code" if any(f.name == "code" for f in model._meta.concrete_fields) else "username"
        return model._base_manager.filter(**{key: value}).first()
    return date.fromisoformat(value) if isinstance(column, DateField) else value


def stored_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same for several columns; ValidationError where a row that they name is no longer there."""
    found = {name: stored_value(name, value) for name, value in values.items()}
    gone = [name for name, value in found.items() if value is None and values[name] not in (None, "")]
    if gone:
        sentence = _("%(field)s“%(code)s”已经不在了，请重新选择。")
        raise ValidationError([sentence % {"field": label(name), "code": values[name]} for name in gone])
    return found


def asked_values(change: PendingChange) -> dict[str, Any]:
    """The columns as they were asked for."""
    return {name: stored_value(name, value) for name, value in change.values.items()}


def diff_of(change: PendingChange) -> Diff:
    """Old and new by column, in the shape of the trace."""
    return {name: (change.before.get(name), value) for name, value in change.values.items()}


def as_asked(project: Project, change: PendingChange | None) -> Project:
    """The project as it would be with the change."""
    return with_values(project, asked_values(change)) if change else project


def write_or_ask(
    ledger: Ledger,
    project: Project,
    values: Mapping[str, Any],
    *,
    on: date | None = None,
    reason: str = "",
    happened: tuple[date | None, str] | None = None,
    marks: tuple[str, ...] = (),
) -> None:
    """Write values at once; those that count in a verified project wait where the person may not verify."""
    if not waits(ledger.by.user, project):
        edit = weigh(ledger, project, values, on=on, reason=reason)
        carry_out(ledger, project, edit, reason=reason, happened=happened, marks=marks)
        return
    change = waiting(project)
    mine = change if change and change.asked_by == ledger.by.user else None
    reason = reason or (mine.reason if mine else "")
    edit = weigh(ledger, project, (asked_values(mine) if mine else {}) | dict(values), on=on, reason=reason)
    if change and not mine and edit.counted:
        _refuse_second(change)
    open_now = {name: getattr(edit.trial, name) for name in edit.changed - COUNTED_FIELDS}
    carry_out(ledger, project, Edit(with_values(project, open_now), set(open_now), edit.regrouped))
    if not change or mine:
        _ask(ledger, project, mine, {name: getattr(edit.trial, name) for name in sorted(edit.counted)}, reason)


def _refuse_second(change: PendingChange) -> None:
    sentence = _("%(person)s提出的修改还在等待审核（%(fields)s），审核或撤回以后才能再改统计字段。")
    raise ValidationError(sentence % {"person": change.asked_by, "fields": fields_in_words(change)}, code="state")


def fields_in_words(change: PendingChange) -> str:
    """The fields that a change is about, each once: “总投资、签约时间”."""
    names = [name for name in change.values if not name.endswith(("_precision", "_qualifier"))]
    return "、".join(dict.fromkeys(label(name) for name in names or change.values))


def saved_in_words(project: Project, user: User | None, done: str = "") -> str:
    """What a person is told after an edit; `%(project)s` in it stands for the project's name."""
    change = waiting(project) if waits(user, project) else None
    if change is None or change.asked_by != user:
        return done or _("“%(project)s”已保存。")
    sentence = _("已提交“%%(project)s”的修改（%(fields)s），审核通过前仍按原值统计。")
    return sentence % {"fields": fields_in_words(change)}


def _ask(ledger: Ledger, project: Project, mine: PendingChange | None, values: Mapping[str, Any], reason: str) -> None:
    """Let the values wait, in place of what the same person asked for before; nothing left to ask takes that back."""
    asked = {
        "values": {name: plain(value) for name, value in values.items()},
        "before": {name: plain(getattr(project, name)) for name in values},
        "reason": reason,
    }
    if mine and not values:
        _settle(ledger, mine, State.RECALLED)
    elif mine and (mine.values, mine.before, mine.reason) != tuple(asked.values()):
        _announce(ledger, project, fields_in_words(mine), fields_in_words(PendingChange(values=asked["values"])))
        ledger.update(mine, asked | {"asked_at": ledger.at})
    elif values and not mine:
        change = PendingChange(project=project, asked_at=ledger.at, asked_by=ledger.by.user, **asked)
        _announce(ledger, project, "", fields_in_words(change))
        ledger.create(change)


def _announce(ledger: Ledger, project: Project, before: str, after: str) -> None:
    """Move the project on, so that whoever reads it sees that something waits, and say so in its trace."""
    touch(ledger, project)
    ledger.note(project, {"pending_change": (before, after)})


def _settle(ledger: Ledger, change: PendingChange, state: str, answer: str = "") -> None:
    """End the waiting, if nobody was faster."""
    ended = {"state": state, "answer": answer, "decided_at": ledger.at, "decided_by": ledger.by.user}
    if not PendingChange.objects.filter(pk=change.pk, state=State.WAITING).update(**ended):
        raise ValidationError(_("这项修改刚被处理过，请看现在的内容。"), code="state")
    ledger.note(change, {name: (plain(getattr(change, name)) or None, plain(value)) for name, value in ended.items()})
    if state != State.VERIFIED:
        _announce(ledger, change.project, fields_in_words(change), "")


def change_verify(
    *, by: Actor, change: PendingChange, version: int | None = None, proxy_reason: str = ""
) -> PendingChange:
    """Let a waiting change count; never by the person who asked for it, but with a reason where nobody else may (代审).

    ValidationError names the fields that have moved since it was asked for.
    """
    project = change.project
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.DECIDE)
        proxy = proxy_of(by, own=change.asked_by == by.user, reason=proxy_reason)
        _refuse_moved(project, change)
        edit = weigh(ledger, project, stored_values(change.values), reason=change.reason)
        carry_out(ledger, project, edit, reason=change.reason)
        _settle(ledger, change, State.VERIFIED)
        _review(ledger, change, Review.Decision.VERIFIED, proxy_reason=proxy)
    return change


def change_return(*, by: Actor, change: PendingChange, reason: str, version: int | None = None) -> PendingChange:
    """Give a waiting change back with a reason; the verified values stay."""
    with trace.changes(by=by) as ledger:
        fresh(change.project, version)
        demand(by, change.project, Act.DECIDE)
        reason = reason_of(reason, _("退回"))
        _settle(ledger, change, State.RETURNED, reason)
        _review(ledger, change, Review.Decision.RETURNED, reason=reason)
    return change


def change_recall(*, by: Actor, change: PendingChange, version: int | None = None) -> PendingChange:
    """Take one's own waiting change back."""
    with trace.changes(by=by) as ledger:
        fresh(change.project, version)
        demand(by, change.project, Act.EDIT)
        if by.user != change.asked_by:
            raise PermissionDenied(_("只有提出修改的%(person)s可以撤回。") % {"person": change.asked_by})
        _settle(ledger, change, State.RECALLED)
    return change


def _refuse_moved(project: Project, change: PendingChange) -> None:
    """What is verified must be what was seen: old and new as they were asked for."""
    moved = [name for name, value in change.before.items() if plain(getattr(project, name)) != value]
    if moved:
        fields = "、".join(dict.fromkeys(label(name) for name in moved))
        sentence = _("提出修改以后，%(fields)s又被改过，不能按原来的修改审核。请退回，由%(person)s核对后重新提出。")
        raise ValidationError(sentence % {"fields": fields, "person": change.asked_by}, code="state")


def _review(ledger: Ledger, change: PendingChange, decision: str, **more: str) -> None:
    ledger.create(Review(project=change.project, decision=decision, at=ledger.at, by=ledger.by.user, **more))
