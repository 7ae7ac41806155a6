"""Forms kept, mapped and filled, and the register of what was sent: each in one transaction with its trace."""

from datetime import date
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from openpyxl.utils import coordinate_to_tuple

from parkportal import files, trace
from parkportal.models import Park, User
from parkportal.roles import May
from parkportal.trace import Actor, Diff
from parkportal.writing import write_date, write_period
from projects.models import Project
from reports.filling import book
from reports.filling.fields import BY_KEY, YUAN, rows_of
from reports.filling.figures import VALUES, lines_of, scorecard_of
from reports.filling.filler import TEXTS, Entry, Order, fill
from reports.models import BlankForm, FilledForm, Indicator
from reports.periods import Period

MOST_PROJECTS: Final = 1000
"""Projects that one form lists."""
EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Mapped = dict[str, Any]


def demand_entry(by: Actor, park: Park) -> None:
    """Raise PermissionDenied for somebody who does not enter for this park."""
    if by.user and not (by.user.may(May.ENTER) and by.user.park_id == park.pk):
        raise PermissionDenied(_("报表由%(park)s的经办人或科室负责人填报。") % {"park": park})


def blank_form_add(
    *, by: Actor, park: Park, name: str, authority: str, file_name: str, data: bytes, sheet: str = "", on: date
) -> BlankForm:
    """Keep a superior's blank form with what its heads let us guess; ValidationError for a file that is not let in."""
    demand_entry(by, park)
    sheets = book.admit(file_name, data)
    names = [one.name for one in sheets]
    if sheet and sheet not in names:
        known = "、".join(names)
        raise ValidationError(
            _("空表里没有名为“%(sheet)s”的工作表，有：%(known)s。") % {"sheet": sheet, "known": known}
        )
    chosen = sheet or next((one.name for one in sheets if any(map(any, one.rows))), "")
    if not chosen:
        raise ValidationError(_("空表里没有可以填的工作表。"))
    mapping = book.guess(sheets, book.open_form(data, chosen)[1])
    form = BlankForm(park=park, name=name, authority=authority, sheet=chosen, mapping=mapping)
    with trace.changes(by=by) as ledger:
        form.code = trace.next_code(park, "b", on.year)
        form.file = files.attach(ledger, form, name=file_name, data=data, content_type=EXCEL)
        return ledger.create(form)


def blank_form_map(*, by: Actor, form: BlankForm, mapping: Mapped, version: int) -> Diff:
    """Say what belongs where in a form; ValidationError for places and meanings that there are not."""
    demand_entry(by, form.park)
    _sheet_book, sheet = book.open_form(files.read(form.file.stored_name), form.sheet)
    _refuse_rows(mapping.get("rows") or {}, sheet.max_row, sheet.max_column)
    for ref, wanted in (mapping.get("cells") or {}).items():
        _refuse_cell(sheet, ref, wanted, mapping.get("rows") or {})
    with trace.changes(by=by) as ledger:
        return ledger.update(form, {"mapping": mapping}, version)


def _refuse_rows(rows: Mapped, height: int, width: int) -> None:
    if not rows:
        return
    first, last, total = rows["first"], rows["last"], rows.get("total")
    if not 1 <= first <= last <= max(height, first):
        sentence = _("清单的起止行应在第1行至第%(last)s行之间，起始行不能在末行之后，现在是%(a)s至%(b)s。")
        raise ValidationError(sentence % {"last": height, "a": first, "b": last})
    if total and first <= total <= last:
        raise ValidationError(_("合计行（第%(row)s行）不能在清单的起止行里面。") % {"row": total})
    for letter, key in rows["columns"].items():
        if key not in BY_KEY or coordinate_to_tuple(f"{letter}1")[1] > width:
            raise ValidationError(_("第%(column)s列没有这样的内容可填。") % {"column": letter})


def _refuse_cell(sheet: Any, ref: str, wanted: Mapped, rows: Mapped) -> None:
    row, column = coordinate_to_tuple(ref)
    cell = book.writable_cell(sheet, row, column)
    if cell is None:
        raise ValidationError(_("%(ref)s不是表里能填的单元格。") % {"ref": ref})
    if cell.data_type == "f":
        raise ValidationError(_("%(ref)s是公式，由表格自己计算，不能填。") % {"ref": ref})
    if rows and rows["first"] <= row <= rows["last"]:
        raise ValidationError(_("%(ref)s在清单的行里，请在“清单”里按列对应。") % {"ref": ref})
    is_text = wanted.get("kind") == "text" and wanted.get("text") in TEXTS
    is_figure = wanted.get("kind") == "figure" and wanted.get("value") in VALUES
    known = is_text or (is_figure and Indicator.objects.filter(code=wanted.get("indicator", "")).exists())
    if not known or wanted.get("unit", "") not in {"", *YUAN}:
        raise ValidationError(_("%(ref)s没有这样的内容可填。") % {"ref": ref})


def blank_form_withdraw(*, by: Actor, form: BlankForm, version: int) -> Diff:
    """Put a form aside; what was filled with it stays in the register."""
    demand_entry(by, form.park)
    with trace.changes(by=by) as ledger:
        return ledger.withdraw(form, version)


def form_fill(
    *, by: Actor, form: BlankForm, projects: QuerySet[Project], query: str, as_of: date, filled_on: date
) -> FilledForm:
    """Fill a form with these projects and the figures up to a day, and keep the result with every number in it.

    Only projects that the form's own park keeps are listed. ValidationError where a figure's month has no scorecard.
    """
    demand_entry(by, form.park)
    own = projects.filter(park=form.park)
    if (count := own.count()) > MOST_PROJECTS:
        sentence = _("筛选出%(n)s个项目，一张表最多填%(most)s个。请把条件收窄。")
        raise ValidationError(sentence % {"n": count, "most": MOST_PROJECTS})
    order = _order(by.user, form, own, as_of, filled_on)
    data, entries = fill(files.read(form.file.stored_name), form.sheet, form.mapping, order)
    filled = FilledForm(park=form.park, form=form, as_of=as_of, filled_on=filled_on, query=query)
    filled.figures = {"entries": [entry.as_json() for entry in entries], "projects": len(order.rows)}
    with trace.changes(by=by) as ledger:
        filled.code = trace.next_code(form.park, "r", filled_on.year)
        name = f"{form.name}（{filled_on}）.xlsx"
        filled.file = files.attach(ledger, filled, name=name, data=data, content_type=EXCEL)
        return ledger.create(filled)


def _order(user: User | None, form: BlankForm, projects: QuerySet[Project], as_of: date, filled_on: date) -> Order:
    period = Period.of(as_of)
    facts = {
        "park": form.park.name,
        "filled_on": write_date(filled_on, style="text"),
        "as_of": write_date(as_of, style="text"),
        "period": write_period(period.year, period.month, "full"),
        "filler": str(user) if user else "",
    }
    cells = (form.mapping.get("cells") or {}).values()
    asks = any(wanted["kind"] == "figure" for wanted in cells)
    lines = lines_of(scorecard_of(form.park, period)) if asks else {}
    return Order(facts, period, rows_of(projects, as_of) if form.mapping.get("rows") else [], lines)


def filled_form_send(*, by: Actor, filled: FilledForm, sent_to: str, sent_on: date, version: int, today: date) -> Diff:
    """Note to whom a filled form was sent, and when."""
    demand_entry(by, filled.park)
    if not sent_to:
        raise ValidationError({"sent_to": _("请填写报送单位。")})
    if sent_on > today:
        raise ValidationError({"sent_on": _("报送时间不能晚于今天。")})
    with trace.changes(by=by) as ledger:
        return ledger.update(filled, {"sent_to": sent_to, "sent_on": sent_on}, version)


def filled_form_withdraw(*, by: Actor, filled: FilledForm, version: int) -> Diff:
    """Put a filled form that was never sent aside, so that its numbers warn nobody."""
    demand_entry(by, filled.park)
    if filled.sent_on:
        raise ValidationError(_("已报送的不能撤回：登记簿要留下报过的数。"))
    with trace.changes(by=by) as ledger:
        return ledger.withdraw(filled, version)


def entries_of(filled: FilledForm) -> list[Entry]:
    """The numbers of a filled form."""
    return [Entry(**one) for one in filled.figures.get("entries", [])]
