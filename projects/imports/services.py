"""A ledger on its way in: uploaded, mapped, checked, decided, imported in one transaction, rolled back."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from parkportal import files, trace, workbooks
from parkportal.models import Park, User
from parkportal.trace import Actor
from parkportal.workbooks import Cell, Sheet
from projects.imports import heads as ledger_heads
from projects.imports.book import ParkBook
from projects.imports.check import Checker, Judged
from projects.imports.fields import BY_KEY, CUSTOM, IGNORED, TARGETS
from projects.imports.heads import Heads
from projects.imports.plan import UNIT_KINDS, Plan
from projects.imports.rows import LedgerRow, table_of
from projects.imports.texts import sheets_of
from projects.imports.ticks import Tick, no_tick
from projects.models import ImportBatch, ImportMapping, ImportRow
from projects.services.rights import demand_entry

State = ImportBatch.State


OPEN: Final = frozenset({State.UPLOADED, State.CHECKED, State.IMPORTED, State.FAILED})
"""States in which somebody may work on a batch."""
DECISIONS: Final = frozenset({"", "new", "same", "skip", "keep", "phase", "odd"})
SAMPLES: Final = 2
SAMPLE_LENGTH: Final = 30
AT_ONCE: Final = 500
LONGEST_MENDED: Final = 2000


# --- upload and mapping --------------------------------------------------------------------------------------------


def import_upload(*, by: Actor, park: Park, name: str, data: bytes, on: date) -> ImportBatch:
    """Keep a workbook and guess how its likeliest sheet is to be read; `workbooks.Refused` in words for a bad one."""
    demand_entry(by, park)
    sheets = sheets_of(name, data)
    found = [(sheet, ledger_heads.find(sheet, name)) for sheet in sheets]
    known = [(sheet, heads) for sheet, heads in found if heads is not None]
    if not known:
        sentence = _("没有找到表头。表里要有一行列名，至少有“项目名称”和另外一列认得出的，如“总投资”“签约时间”。")
        raise workbooks.Refused(sentence)
    sheet, heads = max(known, key=lambda one: (not one[0].is_hidden, _month(one[0].name), len(one[0].rows)))
    with trace.changes(by=by) as ledger:
        batch = ImportBatch(code=trace.next_code(park, "i", on.year), park=park)
        batch.file = files.attach(ledger, batch, name=name, data=data)
        names = [{"name": one.name, "hidden": one.is_hidden, "rows": len(one.rows)} for one, _heads in known]
        _look_at(batch, sheet, heads, names, on)
        return ledger.create(batch)


def _month(name: str) -> int:
    """The month that a sheet is named by; the last month of a workbook is offered first."""
    digits = "".join(char for char in name.split("月")[0] if char.isdigit()) if "月" in name else ""
    return int(digits[-2:]) if digits and int(digits[-2:]) <= 12 else 0


def _look_at(batch: ImportBatch, sheet: Sheet, heads: Heads, names: list[dict[str, Any]], on: date) -> None:
    """Set on the batch how its sheet is read: as the park's last sheet of that shape was, else as guessed."""
    batch.sheet, batch.shape = sheet.name, heads.shape
    kept = ImportMapping.objects.filter(park=batch.park, shape=heads.shape).first()
    batch.mapping = kept.mapping if kept else {str(column): key for column, key in heads.mapping.items()}
    batch.options = {
        "sheets": names,
        "headings": heads.headings,
        "samples": {str(column): _samples(sheet, heads, column) for column in heads.mapping},
        "units": {str(column): unit for column, unit in heads.units.items()},
        "unit": heads.unit,
        "year": heads.year or on.year,
        "hidden": True,
        "hidden_rows": len([row for row in sheet.hidden_rows if row >= heads.first_row]),
        "remembered": kept is not None,
    } | (kept.options if kept else {})


def _samples(sheet: Sheet, heads: Heads, column: int) -> list[str]:
    """The first things that stand in a column."""
    texts = (
        str(_shown(sheet.at(row, column))) for row in range(heads.first_row, min(len(sheet.rows), heads.first_row + 30))
    )
    return [text[:SAMPLE_LENGTH] for text in texts if text.strip()][:SAMPLES]


def _shown(cell: Cell) -> str:
    if isinstance(cell, dict):
        return str(cell.get("date", "")) or _("（公式没有结果）")
    return "" if cell is None else str(cell)


def import_choose_sheet(*, by: Actor, batch: ImportBatch, sheet: str, on: date) -> ImportBatch:
    """Look at another sheet of the same workbook; ValidationError for one that has no head."""
    demand_entry(by, batch.park)
    _demand_state(batch, {State.UPLOADED, State.CHECKED, State.FAILED})
    found = next((one for one in _sheets(batch) if one.name == sheet), None)
    heads = ledger_heads.find(found, batch.file.name) if found else None
    if found is None or heads is None:
        raise ValidationError({"sheet": _("这个工作表没有认得出的表头，请选另一个。")})
    with trace.changes(by=by) as ledger:
        batch.rows.all().delete()
        names = batch.options.get("sheets", [])
        fresh = ImportBatch(park=batch.park)
        _look_at(fresh, found, heads, names, on)
        values = {name: getattr(fresh, name) for name in ("sheet", "shape", "mapping", "options")}
        ledger.update(batch, values | {"state": State.UPLOADED, "counts": {}, "error": ""})
    return batch


def import_map(
    *, by: Actor, batch: ImportBatch, mapping: Mapping[int, str], unit: str, year: int, hidden: bool
) -> ImportBatch:
    """Say what each column means, and remember it for sheets of this shape; the check follows as a job."""
    demand_entry(by, batch.park)
    _demand_state(batch, {State.UPLOADED, State.CHECKED, State.FAILED})
    _refuse_mapping(mapping, unit, year, len(batch.options.get("headings", [])))
    options = {**batch.options, "unit": unit, "year": year, "hidden": hidden}
    stored = {str(column): key for column, key in sorted(mapping.items())}
    with trace.changes(by=by) as ledger:
        batch.rows.all().delete()
        values = {"mapping": stored, "options": options, "state": State.CHECKING, "counts": {}, "error": ""}
        ledger.update(batch, values)
        kept = {"unit": unit, "hidden": hidden}
        ImportMapping.objects.update_or_create(
            park=batch.park, shape=batch.shape, defaults={"mapping": stored, "options": kept}
        )
    return batch


def _refuse_mapping(mapping: Mapping[int, str], unit: str, year: int, width: int) -> None:
    if unit not in UNIT_KINDS[:3] or not 1990 <= year <= 2100:
        raise ValidationError({"unit": _("金额单位可选万元、亿元、元，年份写四位。")})
    if set(mapping.values()) - TARGETS or set(mapping) - set(range(width)):
        raise ValidationError({"mapping": _("有一列没有对应到列表里的项目，请重新选择。")})
    chosen = [key for key in mapping.values() if key not in {CUSTOM, IGNORED}]
    twice = sorted({key for key in chosen if chosen.count(key) > 1})
    if twice:
        labels = "、".join(str(BY_KEY[key].label) for key in twice)
        raise ValidationError(
            {"mapping": _("“%(labels)s”对应了两列，只能对应一列，另一列请选自定义列。") % {"labels": labels}}
        )
    if "name" not in chosen:
        raise ValidationError({"mapping": _("请指出哪一列是项目名称。")})


def _demand_state(batch: ImportBatch, states: Collection[str]) -> None:
    if batch.deleted_at or batch.state not in states:
        sentence = _("这次导入现在是“%(state)s”，不能这样做。请刷新页面看现在的情况。")
        raise ValidationError(sentence % {"state": batch.get_state_display()}, code="state")


def _sheets(batch: ImportBatch) -> list[Sheet]:
    """The workbook again, through the gate again."""
    return sheets_of(batch.file.name, files.read(batch.file.stored_name))


# --- check ---------------------------------------------------------------------------------------------------------


def plan_of(batch: ImportBatch) -> Plan:
    """How the cells of a batch are read."""
    options = batch.options
    return Plan(
        {int(column): key for column, key in batch.mapping.items()},
        tuple(options.get("headings", ())),
        {int(column): unit for column, unit in options.get("units", {}).items()},
        options.get("unit", "万元"),
        options.get("year"),
    )


def import_check(*, by: Actor, batch: ImportBatch, on: date, tick: Tick = no_tick) -> ImportBatch:
    """Read the sheet and judge every row; nothing of the ledger is written, and only this batch's rows are.

    A file that can no longer be read fails the batch with a sentence.
    """
    demand_entry(by, batch.park)
    try:
        sheet = next((one for one in _sheets(batch) if one.name == batch.sheet), None)
        heads = ledger_heads.find(sheet, batch.file.name) if sheet else None
    except (workbooks.Refused, FileNotFoundError) as refused:
        return _failed(
            by, batch, str(refused) if isinstance(refused, workbooks.Refused) else _("上传的文件不在了，请重新上传。")
        )
    if sheet is None or heads is None:
        return _failed(by, batch, _("工作表“%(sheet)s”不在了，请重新上传。") % {"sheet": batch.sheet})
    table = table_of(sheet, heads, plan_of(batch).mapping)
    checker = Checker(plan_of(batch), ParkBook.load(batch.park, by.user, on))
    batch.rows.all().delete()
    # Rows are kept in pieces as they are judged: one transaction over all of them would keep everybody else waiting,
    # and a check that breaks off leaves a batch that says so and is checked anew.
    for piece in _pieces(_judged_rows(batch, checker, table.rows, tick)):
        ImportRow.objects.bulk_create(piece)
    with trace.changes(by=by) as ledger:
        counts = counts_of(batch) | {"others": table.others}
        ledger.update(batch, {"state": State.CHECKED, "counts": counts, "error": ""})
    return batch


def _pieces(rows: Iterator[ImportRow]) -> Iterator[list[ImportRow]]:
    while piece := list(islice(rows, AT_ONCE)):
        yield piece


def _failed(by: Actor, batch: ImportBatch, sentence: str) -> ImportBatch:
    with trace.changes(by=by) as ledger:
        ledger.update(batch, {"state": State.FAILED, "error": sentence[:300]})
    return batch


def _judged_rows(batch: ImportBatch, checker: Checker, rows: list[LedgerRow], tick: Tick) -> Iterator[ImportRow]:
    keeps_hidden = batch.options.get("hidden", True)
    for done, row in enumerate(rows):
        if done % AT_ONCE == 0:
            tick(done, len(rows))
        place = {"group": row.group, "merged": row.merged_with, "hidden": row.is_hidden}
        decision = "skip" if row.is_hidden and not keeps_hidden else ""
        stored = ImportRow(batch=batch, number=row.number, cells=_stored(row.cells), place=place, decision=decision)
        write_judgement(stored, checker.judge(row, decision=decision))
        yield stored
    tick(len(rows), len(rows))


def _stored(cells: Mapping[int, Cell]) -> dict[str, Cell]:
    return {str(column): cell for column, cell in cells.items()}


def write_judgement(row: ImportRow, judged: Judged) -> None:
    """Put what was judged on the stored row."""
    row.state, row.problems, row.diff = judged.state, judged.told(), dict(judged.diff)
    row.project = judged.project
    row.version = judged.project.version if judged.project else None


def ledger_row(row: ImportRow) -> LedgerRow:
    """The row as it was read from the sheet."""
    place, cells = row.place, {int(column): cell for column, cell in row.cells.items()}
    return LedgerRow(row.number, cells, place.get("group", ""), place.get("merged", 0), place.get("hidden", False))


def mended_of(row: ImportRow) -> dict[int, str]:
    """Cells of the row that were written anew."""
    return {int(column): text for column, text in row.mended.items()}


def counts_of(batch: ImportBatch) -> dict[str, Any]:
    """How many rows are in which state, and how many are imported."""
    found = {one["state"]: one["n"] for one in batch.rows.order_by().values("state").annotate(n=Count("id"))}
    return {**found, "done": batch.rows.exclude(result={}).count(), "others": batch.counts.get("others", {})}


# --- decide and mend -----------------------------------------------------------------------------------------------


def import_decide(*, by: Actor, batch: ImportBatch, numbers: Collection[int], decision: str, on: date) -> ImportBatch:
    """Keep what somebody decided about rows (Excel row numbers), and judge them anew."""
    if decision not in DECISIONS:
        raise ValidationError({"decision": _("没有这种处理方式，请用页面上的按钮。")}, code="decision")

    def decide(row: ImportRow) -> None:
        row.decision = decision

    return _change_rows(by, batch, dict.fromkeys(numbers, decide), on)


def import_mend(
    *, by: Actor, batch: ImportBatch, texts: Mapping[int, Mapping[int, str]], everywhere: bool = False, on: date
) -> ImportBatch:
    """Write cells anew (Excel row → column → text) and judge their rows again; the upload stays as it was.

    `everywhere` does the same to every other row in which the same column says the same and is wrong.
    """
    texts = _everywhere(batch, texts) if everywhere else texts
    if any(len(text) > LONGEST_MENDED for cells in texts.values() for text in cells.values()):
        raise ValidationError({"cell": _("一格最多%(most)s个字，请缩短。") % {"most": LONGEST_MENDED}})
    known = set(range(len(batch.options.get("headings", []))))
    if any(column not in known for cells in texts.values() for column in cells):
        raise ValidationError({"cell": _("没有这一列，请刷新页面后再改。")})

    def mender(cells: Mapping[int, str]) -> Callable[[ImportRow], None]:
        def mend(row: ImportRow) -> None:
            row.mended = {**row.mended, **{str(column): text for column, text in cells.items()}}

        return mend

    return _change_rows(by, batch, {number: mender(cells) for number, cells in texts.items()}, on)


def _everywhere(batch: ImportBatch, texts: Mapping[int, Mapping[int, str]]) -> dict[int, dict[int, str]]:
    rows = {row.number: row for row in batch.rows.filter(state=ImportRow.State.WRONG, result={})}
    found: dict[int, dict[int, str]] = {number: dict(cells) for number, cells in texts.items()}
    for number, cells in texts.items():
        for column, text in cells.items():
            same = rows[number].cells.get(str(column)) if number in rows else None
            for other, row in rows.items():
                wrong = str(column) in row.problems.get("cells", {})
                if (
                    wrong
                    and same is not None
                    and row.cells.get(str(column)) == same
                    and not row.mended.get(str(column))
                ):
                    found.setdefault(other, {})[column] = text
    return found


def _change_rows(
    by: Actor, batch: ImportBatch, changes: Mapping[int, Callable[[ImportRow], None]], on: date
) -> ImportBatch:
    """Change rows that are not imported yet and judge them again, in the order of the sheet."""
    demand_entry(by, batch.park)
    with trace.changes(by=by) as ledger:
        batch = locked(batch)
        _demand_state(batch, {State.CHECKED, State.IMPORTED, State.FAILED})
        _rejudge(by, batch, changes, on)
        ledger.update(batch, {"counts": counts_of(batch)})
    return batch


def import_recheck(*, by: Actor, batch: ImportBatch, on: date, tick: Tick = no_tick) -> ImportBatch:
    """Judge all rows that are not imported yet against the ledger as it is now."""
    demand_entry(by, batch.park)
    with trace.changes(by=by) as ledger:
        batch = locked(batch)
        open_rows = batch.rows.filter(result={}).values_list("number", flat=True)
        _rejudge(by, batch, {number: lambda _row: None for number in open_rows}, on, tick)
        state = State.IMPORTED if batch.imported_at else State.CHECKED
        ledger.update(batch, {"state": state, "counts": counts_of(batch), "error": ""})
    return batch


def _rejudge(
    by: Actor,
    batch: ImportBatch,
    changes: Mapping[int, Callable[[ImportRow], None]],
    on: date,
    tick: Tick = no_tick,
) -> None:
    checker = Checker(plan_of(batch), ParkBook.load(batch.park, by.user, on))
    changed = []
    for done, row in enumerate(batch.rows.order_by("number").iterator(chunk_size=AT_ONCE)):
        if row.number not in changes or row.result:
            checker.pass_over(ledger_row(row), mended_of(row))
            continue
        changes[row.number](row)
        write_judgement(row, checker.judge(ledger_row(row), mended_of(row), row.decision))
        changed.append(row)
        if done % AT_ONCE == 0:
            tick(done, len(changes))
    columns = ["state", "problems", "diff", "project", "version", "mended", "decision"]
    ImportRow.objects.bulk_update(changed, columns, batch_size=AT_ONCE)


def locked(batch: ImportBatch) -> ImportBatch:
    """The batch as it is now, kept from everybody else until the transaction ends."""
    return ImportBatch.objects.select_for_update(of=("self",)).select_related("park__region", "file").get(pk=batch.pk)


def import_begin(*, by: Actor, batch: ImportBatch) -> ImportBatch:
    """Say that the rows that are ready are being imported, before the job is written down; ValidationError for none."""
    demand_entry(by, batch.park)
    with trace.changes(by=by) as ledger:
        batch = locked(batch)
        _demand_state(batch, {State.CHECKED, State.IMPORTED, State.FAILED})
        if not ready(batch).exists():
            raise ValidationError(_("没有可以导入的行。要改的改好、待确认的选好以后再导入。"))
        ledger.update(batch, {"state": State.IMPORTING, "error": ""})
    return batch


def ready(batch: ImportBatch) -> Any:
    """Rows that would be written now, in the order of the sheet."""
    return batch.rows.filter(state__in=[ImportRow.State.NEW, ImportRow.State.UPDATED], result={}).order_by("number")


def import_withdraw(*, by: Actor, batch: ImportBatch) -> None:
    """Put an import away of which nothing was written."""
    demand_entry(by, batch.park)
    with trace.changes(by=by) as ledger, transaction.atomic():
        batch = locked(batch)
        _demand_state(batch, {State.UPLOADED, State.CHECKED, State.FAILED})
        if batch.rows.exclude(result={}).exists():
            raise ValidationError(_("已经导入了一部分，不能取消；可以撤销导入。"), code="state")
        ledger.withdraw(batch)


def person(username: str) -> User:
    """Whoever asked for a job."""
    return User.objects.select_related("park__region", "region").get(username=username)
