"""Writing what was checked: all rows that are ready in one transaction, all or nothing; and taking it back."""

import copy
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from parkportal import trace
from parkportal.models import Change, Park
from parkportal.trace import Actor, Ledger, StaleVersion, plain
from projects.imports.book import ParkBook
from projects.imports.check import Checker, Judged
from projects.imports.services import counts_of, ledger_row, locked, mended_of, plan_of, ready
from projects.imports.ticks import Tick, no_tick
from projects.models import ImportBatch, ImportRow, Likeness, Project
from projects.services import (
    EDITABLE,
    change_recall,
    likeness_decide,
    project_create,
    project_missing,
    project_submit,
    project_update,
    waiting,
    waits,
)
from projects.services.entry import DERIVED, FILLED, PARTIES
from projects.services.pending import stored_value
from projects.services.rights import demand_entry
from projects.services.search import search_refresh

State = ImportBatch.State
WRITING: Final = "write"
"""The phase of a run after the rows were judged."""
TRIES: Final = 3
EVERY: Final = 200
KEPT: Final = {
    name: cast(Any, Project._meta.get_field(name)).attname
    for name in sorted((EDITABLE | DERIVED | {"custom"}) - {"park"})
}
"""Columns that are put back when an update is taken back, and the attribute that holds the value or the key."""


class Moved(Exception):
    """The ledger changed between the judging of the rows and their writing."""


class RowRefused(Exception):
    """A row cannot be written after all: its number and a sentence."""


def import_run(*, by: Actor, batch: ImportBatch, on: date, submit: bool = False, tick: Tick = no_tick) -> ImportBatch:
    """Write all rows that are ready, in one transaction, after `import_begin`; a second call writes nothing.

    Rows are judged first, outside of the transaction; if the park's ledger moved meanwhile they are judged again. A row
    that can no longer be written stops the whole: nothing is written, and the batch says which row and why.
    """
    demand_entry(by, batch.park)
    for _try in range(TRIES):
        try:
            return _run_once(by, batch, on, submit, tick)
        except Moved:
            continue
        except RowRefused as refused:
            return _stop(by, batch, str(refused))
    return _stop(by, batch, _("导入时台账一直有人在改，没有写入任何内容。请过一会儿再导入。"))


def _stop(by: Actor, batch: ImportBatch, sentence: str) -> ImportBatch:
    with trace.changes(by=by) as ledger:
        batch = locked(batch)
        ledger.update(batch, {"state": State.FAILED, "error": sentence[:300]})
    return batch


def _run_once(by: Actor, batch: ImportBatch, on: date, submit: bool, tick: Tick) -> ImportBatch:
    seen = _last_change(batch.park)
    book = ParkBook.load(batch.park, by.user, on)
    judged = _judge_ready(batch, book, tick)
    # What is written in one transaction can be seen by nobody before its end, so this phase has a name, not a count.
    tick(0, len(judged), WRITING)
    with trace.many_changes(by=by) as ledger:
        batch = locked(batch)
        if batch.state != State.IMPORTING:
            return batch
        if _last_change(batch.park) != seen:
            raise Moved
        done = set(batch.rows.exclude(result={}).values_list("number", flat=True))
        _write(ledger, batch, book, [pair for pair in judged if pair[0].number not in done], on, submit)
        values = {"state": State.IMPORTED, "imported_at": ledger.at, "counts": counts_of(batch), "error": ""}
        ledger.update(batch, values)
    tick(len(judged), len(judged))
    return batch


def _last_change(park: Park) -> int:
    """The number of the newest entry of the park's trace about what rows are compared with."""
    kinds = [Project._meta.label, Enterprise._meta.label]
    last = Change.objects.filter(park=park, object_type__in=kinds).order_by("-seq").values_list("seq", flat=True)
    return last.first() or 0


def _judge_ready(batch: ImportBatch, book: ParkBook, tick: Tick) -> list[tuple[ImportRow, Judged]]:
    """Every row that is ready with what it would write, judged in the order of the sheet."""
    checker, found = Checker(plan_of(batch), book), []
    wanted = set(ready(batch).values_list("number", flat=True))
    for row in batch.rows.order_by("number").iterator(chunk_size=EVERY):
        if row.number not in wanted:
            checker.pass_over(ledger_row(row), mended_of(row))
            continue
        found.append((row, checker.judge(ledger_row(row), mended_of(row), row.decision)))
        if len(found) % EVERY == 0:
            tick(len(found), len(wanted))
    return found


def _write(
    ledger: Ledger, batch: ImportBatch, book: ParkBook, pairs: list[tuple[ImportRow, Judged]], on: date, submit: bool
) -> None:
    """Write every pair, and on each row what became of it."""
    by = ledger.by
    parents = _parents(batch)
    for row, judged in pairs:
        if judged.state != row.state or (judged.project and judged.project.version != row.version):
            raise RowRefused(
                _("第%(row)s行要写入的内容在检查之后有变化，没有写入任何内容。请重新检查。") % {"row": row.number}
            )
        try:
            project, row.result = _write_row(by, batch, book, row, judged, parents, on)
            row.result["submitted"] = submit and _submit(by, project)
        except (ValidationError, PermissionDenied, StaleVersion) as refused:
            raise RowRefused(_refusal(row, refused)) from refused
        row.result["version"] = project.version
        row.project, parents[row.number] = project, project
    ImportRow.objects.bulk_update([row for row, _judged in pairs], ["result", "project"], batch_size=EVERY)


def _refusal(row: ImportRow, refused: Exception) -> str:
    said = "".join(refused.messages) if isinstance(refused, ValidationError) else str(refused)
    return _("第%(row)s行不能写入：%(why)s没有写入任何内容。") % {"row": row.number, "why": said}


def _parents(batch: ImportBatch) -> dict[int, Project]:
    """Projects of rows that are known already: phases hang on them."""
    rows = batch.rows.filter(project__isnull=False).select_related("project__park")
    return {row.number: row.project for row in rows if row.project is not None}


def _write_row(
    by: Actor,
    batch: ImportBatch,
    book: ParkBook,
    row: ImportRow,
    judged: Judged,
    parents: Mapping[int, Project],
    on: date,
) -> tuple[Project, dict[str, Any]]:
    """Write one row through the services of projects; returns the project and how to take it back."""
    values = dict(judged.values)
    firms: dict[str, Enterprise] = {role: _current(book, values[role]) for role in PARTIES if role in values}
    fresh = {id(firm): firm for firm in firms.values() if firm.pk is None}
    if len({firm.name for firm in fresh.values()}) < len(fresh):
        firms["company"] = firms["investor"]
    values |= firms
    if row.decision == "phase":
        values["parent"] = parents.get(row.place.get("merged", 0))
    if row.state == ImportRow.State.UPDATED and judged.project is not None:
        project, result = _update(by, judged.project, values, judged.custom, batch, on)
    else:
        project, result = _create(by, batch, row, values, judged, on)
    result["made"] = [firm.code for firm in firms.values() if id(firm) in fresh and firm.pk]
    for firm in firms.values():
        if id(firm) in fresh and book.firm(firm.name) is None:
            book.add_firm(firm)
    return project, result


def _current(book: ParkBook, party: Enterprise) -> Enterprise:
    """The enterprise as it is stored by now, with what this row fills in; itself where it is not stored yet."""
    known = book.firm(party.name, party.uscc)
    if known is None or (party.pk is not None and known.pk != party.pk):
        return party
    for name in FILLED:
        value = getattr(party, name)
        if value and (name == "origin" or not getattr(known, name)):
            setattr(known, name, value)
    return known


def _create(
    by: Actor, batch: ImportBatch, row: ImportRow, values: Mapping[str, Any], judged: Judged, on: date
) -> tuple[Project, dict[str, Any]]:
    key = f"{batch.pk}-{row.number}-import"
    project = project_create(by=by, park=batch.park, values=values, on=on, key=key, custom=judged.custom)
    if row.decision == "new" and judged.project is not None:
        different = Likeness.Decision.DIFFERENT
        likeness_decide(by=by, project=project, other=judged.project, decision=different, reason=_("导入台账时确认"))
        project.refresh_from_db()
    return project, {"project": project.code, "new": True}


def _update(
    by: Actor, project: Project, values: Mapping[str, Any], custom: Mapping[str, str], batch: ImportBatch, on: date
) -> tuple[Project, dict[str, Any]]:
    """Change a project as its page would: what counts in a verified one waits where the person may not verify."""
    before, later = copy.copy(project), waits(by.user, project)
    asked = waiting(project) if later else None
    values = {name: value for name, value in values.items() if not _says_nothing_new(project, name, value)}
    reason = _("导入台账“%(name)s”") % {"name": batch.file.name}
    project = project_update(by=by, project=project, values=values, version=project.version, on=on, reason=reason)
    _keep_custom(by, project, custom)
    changed = [name for name, column in KEPT.items() if getattr(before, column) != getattr(project, column)]
    was = {name: plain(getattr(before, name)) for name in changed}
    asks = later and asked is None and waiting(project) is not None
    return project, {"project": project.code, "before": was, "asked": asks}


def _says_nothing_new(project: Project, name: str, value: Any) -> bool:
    """Whether a row names the investor or company that the project has, and fills in nothing about it."""
    known = getattr(project, name) if name in PARTIES else None
    if known is None or value is None or value.pk != known.pk:
        return False
    columns = (value._meta.get_field(column).attname for column in FILLED)
    return all(getattr(value, column) == getattr(known, column) for column in columns)


def _keep_custom(by: Actor, project: Project, custom: Mapping[str, str]) -> None:
    """Keep the columns that the portal does not know; those of earlier ledgers stay."""
    if custom and (merged := {**project.custom, **custom}) != project.custom:
        with trace.changes(by=by) as ledger:
            ledger.update(project, {"custom": merged}, project.version)


def _submit(by: Actor, project: Project) -> bool:
    """Hand a complete draft to the reviewer; one that lacks something stays a draft."""
    open_states = {Project.ReviewState.DRAFT, Project.ReviewState.RETURNED}
    if project.review_state not in open_states or project_missing(project):
        return False
    project_submit(by=by, project=project, version=project.version)
    return True


# --- taking back ---------------------------------------------------------------------------------------------------


def import_roll_back(*, by: Actor, batch: ImportBatch) -> ImportBatch:
    """Take a whole import back: new projects go into the bin, updated ones get their old values.

    ValidationError names the rows whose projects were changed since; then nothing is taken back.
    """
    demand_entry(by, batch.park)
    with trace.changes(by=by) as ledger:
        batch = locked(batch)
        rows = list(batch.rows.exclude(result={}).select_related("project__park__region").order_by("-number"))
        if batch.state == State.ROLLED_BACK or not rows:
            raise ValidationError(_("这次导入没有可以撤销的内容。"), code="state")
        _refuse_changed(rows)
        for row in rows:
            _take_back(ledger, row)
        ledger.update(batch, {"state": State.ROLLED_BACK})
    return batch


def _refuse_changed(rows: list[ImportRow]) -> None:
    moved = [row for row in rows if row.project is None or row.project.version != row.result.get("version")]
    if moved:
        numbers = "、".join(str(row.number) for row in sorted(moved, key=lambda one: one.number)[:10])
        sentence = _("第%(rows)s行的项目在导入之后又改过，不能整批撤销。请到这些项目的页面逐个修改或撤回。")
        raise ValidationError(sentence % {"rows": numbers}, code="state")


def _take_back(ledger: Ledger, row: ImportRow) -> None:
    project, result = row.project, row.result
    if project is None:
        return
    if result.get("new"):
        ledger.withdraw(project, project.version)
        _withdraw_firms(ledger, result.get("made", []))
        return
    if result.get("asked") and (change := waiting(project)):
        change_recall(by=ledger.by, change=change)
        project.refresh_from_db()
    values = {name: _stored(name, value) for name, value in result.get("before", {}).items()}
    if values:
        ledger.update(project, values, project.version)
        search_refresh(project)


def _stored(name: str, value: Any) -> Any:
    stored = stored_value(name, value)
    column: Any = Project._meta.get_field(name)
    return column.get_default() if stored is None and not column.null else stored


def _withdraw_firms(ledger: Ledger, codes: list[str]) -> None:
    """Put away enterprises that came with the import and that no project has any more."""
    for firm in Enterprise.objects.kept().filter(code__in=codes):
        used = Project.objects.kept().filter(investor=firm) | Project.objects.kept().filter(company=firm)
        if firm.version == 1 and not used.exists():
            ledger.withdraw(firm)
