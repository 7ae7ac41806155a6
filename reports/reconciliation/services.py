"""What happens to a comparison: it is made and kept, its differences are decided, it is taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Park, User
from parkportal.roles import May
from parkportal.trace import Actor, Diff
from projects.imports.book import ParkBook
from projects.models import Project
from projects.models.secrecy import veil
from reports.models import Indicator, Reconciliation, ReconciliationRow
from reports.periods import Period
from reports.reconciliation.matching import Matched, Ours, Theirs, match, same_amount
from reports.reconciliation.members import (
    Subject,
    amount_of,
    can_be_listed,
    members_of,
    subjects,
    why_only_ours,
    why_only_theirs,
)
from reports.reported_figures import demand

Kind = ReconciliationRow.Kind
MOST_OURS: Final = 1_000
"""Rows of ours that are compared at once: everything is settled on one page."""


def reconcile(
    *, by: Actor, park: Park, indicator: Indicator, period: Period, listed: Sequence[Theirs], values: Mapping[str, Any]
) -> Reconciliation:
    """Hold their list against our rows and keep what was found; `values` are authority, document and key.

    PermissionDenied for somebody who prepares no scorecard of the park; ValidationError for a figure without rows.
    """
    demand(by, park, May.SUBMIT_SCORECARD)
    if by.user is None or not can_be_listed(indicator):
        raise ValidationError({"indicator": _("“%(name)s”没有清单，不能按名单对账。") % {"name": indicator}})
    members = members_of(by.user, indicator, park, period)
    if len(members) > MOST_OURS:
        said = {"most": MOST_OURS, "n": len(members)}
        raise ValidationError(_("本园区这个数有%(n)s行，一次最多对%(most)s行，请换范围小一些的指标。") % said)
    found = match([ours for ours, _subject in members.values()], listed)
    with trace.changes(by=by) as ledger:
        kept = Reconciliation(park=park, indicator=indicator, period=str(period), **values)
        kept.code = trace.next_code(park, "r", period.year)
        kept.ours, kept.theirs = len(members), len(listed)
        ledger.create(kept)
        rows = [*_only_ours(found, members, kept), *_only_theirs(found, by.user, kept), *_both(found)]
        for number, row in enumerate(rows, 1):
            row.reconciliation, row.number = kept, number
            ledger.create_later(row)
    return kept


def _both(found: Matched) -> list[ReconciliationRow]:
    """The pairs, those whose amounts differ first."""
    rows = []
    for one, other in found.pairs:
        kind = Kind.MATCHED if same_amount(one.amount, other.amount) else Kind.AMOUNT
        whole = kind == Kind.AMOUNT and one.whole is not None and same_amount(one.whole, other.amount)
        why = _("几个园区共同引进，对方列的是项目全额，本园区只计份额") if whole else ""
        rows.append(ReconciliationRow(kind=kind, why=why, **_of_ours(one), **_of_theirs(other)))
    return sorted(rows, key=lambda row: row.kind != Kind.AMOUNT)


def _only_ours(
    found: Matched, members: Mapping[str, tuple[Ours, Subject]], kept: Reconciliation
) -> list[ReconciliationRow]:
    period = Period.parse(kept.period)
    return [
        ReconciliationRow(
            kind=Kind.OURS, why=why_only_ours(members[one.code][1], kept.indicator, period)[:300], **_of_ours(one)
        )
        for one in found.only_ours
    ]


def _only_theirs(found: Matched, user: User, kept: Reconciliation) -> list[ReconciliationRow]:
    """Each with the nearest project of the park that the person sees in full, and why it does not count."""
    if not found.only_theirs:
        return []
    period = Period.parse(kept.period)
    book, paired = ParkBook.load(kept.park, user, period.end), {one.code for one, _other in found.pairs}
    listed, rows = {one.code for one in found.only_ours}, []
    for other in found.only_theirs:
        near = book.named(other.name) or book.alike(other.name, other.uscc, other.amount)
        why = _why(near[0], paired, listed, kept) if near else _("台账里没有名称或信用代码相近的项目")
        member = {"member": near[0].code, "our_amount": amount_of(near[0], kept.indicator)} if near else {}
        rows.append(ReconciliationRow(kind=Kind.THEIRS, why=why[:300], **member, **_of_theirs(other)))
    return rows


def _why(near: Project, paired: set[str], listed: set[str], kept: Reconciliation) -> str:
    if near.code in paired:
        return _("最相近的项目已和名单里另一行对上，可能重复列入")
    if near.code in listed:
        return _("最相近的项目在本园区清单里，请核对是不是同一个")
    return why_only_theirs(near, kept.indicator, Period.parse(kept.period))


def _of_ours(one: Ours) -> dict[str, Any]:
    return {"member": one.code, "our_amount": one.amount}


def _of_theirs(other: Theirs) -> dict[str, Any]:
    return {"their_name": other.name, "their_amount": other.amount}


@dataclass(frozen=True)
class Decision:
    """What is to be done about one difference; `version` is the one that was seen."""

    number: int
    version: int
    decision: str
    settled: bool


def differences_settle(*, by: Actor, reconciliation: Reconciliation, decisions: Iterable[Decision]) -> int:
    """Write decisions down, all or none; StaleVersion where somebody was first. How many changed is returned."""
    demand(by, reconciliation.park, May.SUBMIT_SCORECARD)
    wanted = {one.number: one for one in decisions}
    with trace.changes(by=by) as ledger:
        rows = reconciliation.rows.filter(number__in=wanted).exclude(kind=Kind.MATCHED)
        for row in rows.select_related("reconciliation__park"):
            asked = wanted[row.number]
            values = {"decision": asked.decision, "settled": asked.settled}
            if any(getattr(row, name) != value for name, value in values.items()):
                ledger.update(row, values, asked.version)
        return len(ledger.entries)


def reconciliation_withdraw(*, by: Actor, reconciliation: Reconciliation, version: int) -> Diff:
    """Take a comparison back; StaleVersion where somebody changed it meanwhile."""
    demand(by, reconciliation.park, May.SUBMIT_SCORECARD)
    with trace.changes(by=by) as ledger:
        return ledger.withdraw(reconciliation, version)


@dataclass(frozen=True)
class Told:
    """A row as one person may read it: both names, and ours as an address where it can be opened."""

    row: ReconciliationRow
    ours: str
    theirs: str
    subject: Subject | None

    @property
    def is_project(self) -> bool:
        """Whether our side is a project, else an enterprise."""
        return isinstance(self.subject, Project)


def told(reconciliation: Reconciliation, user: User, *, secret: bool = True) -> list[Told]:
    """The rows with our names as the ledger shows them now; without `secret`, secret projects under their code names.

    Their name of a project that this person knows only by its code name would tell it: the code name stands there too.
    """
    rows = list(reconciliation.rows.all())
    known = subjects(user, filter(None, (row.member for row in rows)))
    for one in known.values():
        if isinstance(one, Project) and not secret:
            veil(one, None)
    return [_told(row, known.get(row.member)) for row in rows]


def _told(row: ReconciliationRow, subject: Subject | None) -> Told:
    name = subject.name if subject else row.member
    hidden = isinstance(subject, Project) and subject.veiled
    return Told(row, name, name if hidden and row.their_name else row.their_name, subject)
