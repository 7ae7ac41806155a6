"""The monthly grid: what arrived for a project and what was invested in it in one month, beside what was before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Attachment
from parkportal.trace import Actor, StaleVersion
from projects import stages
from projects.models import FundArrival, InvestmentProgress, PendingChange, Project
from projects.services.funds import (
    arrival_problems,
    fund_arrival_record,
    fund_arrival_update,
    fund_arrival_withdraw,
)
from projects.services.projects import project_update
from projects.services.rights import Act, demand

TOTAL: Final = "completed_investment"


@dataclass(frozen=True)
class Month:
    """One row of the grid. `typed` is the arrival of this month that was entered here and nobody verified yet.

    `total` is the completed investment of the project, as it was asked for where a change of it waits.
    """

    project: Project
    month: str
    typed: FundArrival | None
    others: tuple[FundArrival, ...]
    arrived_before: int
    last_tier: str
    done: Mapping[str, InvestmentProgress]
    total: int | None
    proved: frozenset[str]

    @property
    def progress(self) -> InvestmentProgress | None:
        """The month's own row of investment."""
        return self.done.get(self.month)

    @property
    def invested_before(self) -> int:
        """What was completed before this month: the project's total without what this and later months say."""
        if self.total is None:
            return self._done(month for month in self.done if month < self.month)
        return max(self.total - self._done(month for month in self.done if month >= self.month), 0)

    @property
    def unproved(self) -> list[FundArrival]:
        """Arrivals of the month that name no proof and have no file."""
        found = (*self.others, *([self.typed] if self.typed else []))
        return [row for row in found if not row.proof.strip() and row.code not in self.proved]

    @property
    def arrival_version(self) -> str:
        """What a page posts back for the arrival; a new one is told by its code."""
        return f"{self.typed.code} {self.typed.version}" if self.typed else f"0 {len(self.others)}"

    @property
    def progress_version(self) -> str:
        """What a page posts back for the investment, with the total that it adds to."""
        return f"{self.progress.version if self.progress else 0} {self.total if self.total is not None else ''}"

    def total_with(self, done: int | None) -> int | None:
        """The project's total when the month comes to `done`; None where nothing at all is known."""
        old = self.progress.done if self.progress else None
        known = self.total if self.total is not None else self._done(self.done)
        return None if self.total is None and done is None and not known else max(known + (done or 0) - (old or 0), 0)

    def _done(self, months: Iterable[str]) -> int:
        return sum(self.done[month].done or 0 for month in months)


def first_day(month: str) -> date:
    """The day on which a month begins."""
    return date.fromisoformat(f"{month}-01")


def signed_ones(projects: QuerySet[Project]) -> QuerySet[Project]:
    """Those for which money can arrive: signed at least."""
    return projects.exclude(stage__in=stages.PROSPECTS)


def months(projects: QuerySet[Project], month: str) -> list[Month]:
    """The rows of a month for these projects, in their order; as many queries for one as for many."""
    first = first_day(month)
    arrivals = FundArrival.objects.kept().order_by("pk")
    last = arrivals.filter(project=OuterRef("pk")).order_by("-received_on", "-pk")
    found = list(projects.annotate(last_tier=Subquery(last.values("origin_tier")[:1])))
    own = arrivals.filter(project__in=found)
    before = own.filter(received_on__lt=first).order_by().values_list("project").annotate(total=Sum("amount"))
    sums, done, asked = dict(before), _done_of(found), _asked_of(found)
    of_month = _by_project(own.filter(received_on__year=first.year, received_on__month=first.month))
    proved = _proved(row.code for rows in of_month.values() for row in rows)
    return [
        Month(
            project=row,
            month=month,
            typed=(typed := next((a for a in of_month[row.pk] if _typed_here(a, first)), None)),
            others=tuple(a for a in of_month[row.pk] if a is not typed),
            arrived_before=sums.get(row.pk, 0),
            last_tier=row.last_tier or "",
            done=done[row.pk],
            total=asked.get(row.pk, row.completed_investment),
            proved=proved,
        )
        for row in found
    ]


def _typed_here(arrival: FundArrival, first: date) -> bool:
    """Whether an arrival is the month's own one: of the whole month, of no foreign money, and not verified yet."""
    whole = arrival.received_on == first and arrival.received_on_precision == "month"
    return whole and not arrival.verified and arrival.origin_tier != FundArrival.OriginTier.OVERSEAS


def _by_project(arrivals: Iterable[FundArrival]) -> dict[int, list[FundArrival]]:
    found: dict[int, list[FundArrival]] = defaultdict(list)
    for arrival in arrivals:
        found[arrival.project_id].append(arrival)
    return found


def _done_of(projects: Sequence[Project]) -> dict[int, dict[str, InvestmentProgress]]:
    found: dict[int, dict[str, InvestmentProgress]] = defaultdict(dict)
    for row in InvestmentProgress.objects.filter(project__in=projects):
        found[row.project_id][row.month] = row
    return found


def _asked_of(projects: Sequence[Project]) -> dict[int, int | None]:
    """Totals that wait to be verified, by project."""
    waiting = PendingChange.objects.filter(project__in=projects, state=PendingChange.State.WAITING)
    return {change.project_id: change.values[TOTAL] for change in waiting if TOTAL in change.values}


def _proved(codes: Iterable[str]) -> frozenset[str]:
    kept = Attachment.objects.kept().filter(object_type=FundArrival._meta.label, object_code__in=list(codes))
    return frozenset(kept.values_list("object_code", flat=True))


def _fresh(project: Project, month: str, on: date) -> Month:
    """The row as it is now, its project locked until the transaction ends, so that a second save waits its turn."""
    if first_day(month) > on:
        raise ValidationError(_("%(month)s还没有到，不能填报。") % {"month": month})
    Project.objects.select_for_update().get(pk=project.pk)
    return months(Project.objects.filter(pk=project.pk).select_related("park"), month)[0]


def month_arrival_save(
    *, by: Actor, project: Project, month: str, amount: int | None, tier: str, proof: str, version: str, on: date
) -> bool:
    """Write what arrived for a project in a month: one unverified arrival, made, changed, or taken back for None.

    `amount` is in yuan. StaleVersion when somebody saved in between, unless that already says the same.
    """
    values = {"amount": amount, "origin_tier": tier, "proof": proof}
    with transaction.atomic():
        row = _fresh(project, month, on)
        typed = row.typed
        if typed and values == {name: getattr(typed, name) for name in values}:
            return False
        if row.arrival_version != version:
            raise StaleVersion(typed or project)
        if amount is None:
            return bool(typed and fund_arrival_withdraw(by=by, arrival=typed, version=typed.version))
        _refuse_arrival(values)
        if typed:
            return bool(fund_arrival_update(by=by, arrival=typed, version=typed.version, values=values))
        when = {"received_on": first_day(month), "received_on_precision": "month"}
        fund_arrival_record(by=by, project=row.project, values=when | values)
    return True


def _refuse_arrival(values: Mapping[str, Any]) -> None:
    if values["origin_tier"] == FundArrival.OriginTier.OVERSEAS:
        raise ValidationError(_("境外资金要填外资额和汇率，请到“到位资金”登记。"))
    if not values["origin_tier"]:
        raise ValidationError(_("请选择本月到位资金的来源。"))
    if problems := arrival_problems(values):
        raise ValidationError([sentence for sentences in problems.values() for sentence in sentences])


def month_investment_save(*, by: Actor, project: Project, month: str, done: int | None, version: str, on: date) -> bool:
    """Write what was invested in a project in a month, in yuan, and the project's total with it.

    In a verified project the total waits for whoever verifies, as any counted column does.
    StaleVersion when somebody saved in between, unless that already says the same.
    """
    with trace.changes(by=by) as ledger:
        row = _fresh(project, month, on)
        demand(by, row.project, Act.EDIT)
        if done == (row.progress.done if row.progress else None):
            return False
        if row.progress_version != version:
            raise StaleVersion(row.progress or row.project)
        total = row.total_with(done)
        if row.progress:
            ledger.update(row.progress, {"done": done}, row.progress.version)
        else:
            ledger.create(InvestmentProgress(project=row.project, month=month, done=done))
        project_update(by=by, project=row.project, values={TOTAL: total}, version=row.project.version, on=on)
    return True
