"""What can be measured: for each source its rows that count, its FilterSet, its dates and fields; known only here.

An indicator names a source; from here come the rows of its filter, the groups that the compiler adds up, and the
address of the plain list behind a figure. All three use the same FilterSet, so they cannot disagree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Final

from django.db.models import (
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, ExtractMonth, ExtractYear, Greatest
from django.http import QueryDict
from django.utils.translation import gettext as _

from enterprises.filters import EnterpriseFilter, ListingStepFilter
from enterprises.models import Enterprise, ListingStep
from parkportal.filtering import LIST_KEYS, StrictFilterSet
from parkportal.models import Park, Region
from projects.filters import EngagementFilter, FundArrivalFilter, GroupStartEntryFilter, ProjectFilter
from projects.models import Engagement, FundArrival, GroupStartEntry, Project, Recognition
from reports.models import Indicator
from reports.periods import Period, cohort_start

WHOLE: Final = 10_000
"""Basis points of an undivided project."""
NEVER: Final = 10**6
"""The month in which a row that keeps counting leaves."""

OVER: Final = ("over", "at_least")
ABOUT: Final = ("near", "about")


class BadIndicator(ValueError):
    """An indicator cannot be evaluated; the message says which part is wrong. It is never taken for “everything”."""


@dataclass(frozen=True)
class Source:
    """A table that indicators measure. Paths are ORM look-ups from its rows."""

    label: str
    model: Any
    filterset: type[StrictFilterSet]
    bases: Mapping[str, str]
    park: str
    page: str
    rest: str
    sums: Mapping[str, str] = field(default_factory=dict)
    """Fields that can be added up, with the path of their qualifier, empty where they are always exact."""
    keys: Mapping[str, str] = field(default_factory=dict)
    days: frozenset[str] = frozenset()
    chain: str = ""
    stage: str = ""
    shared: bool = False
    leaves: str = ""
    counted: str = "counted"


PROJECT_BASES: Final = {name: name for name in ProjectFilter.BASES} | {"above_scale_on": "company__above_scale_on"}
PROJECTS: Final = Source(
    label="项目",
    model=Project,
    filterset=ProjectFilter,
    bases=PROJECT_BASES,
    park="park",
    page="project-list",
    rest="projects",
    sums={
        "total_investment": "total_investment_qualifier",
        "fixed_asset_investment": "",
        "contracted_capital": "",
        "annual_planned_investment": "",
        "completed_investment": "",
        "expected_annual_output": "",
        "expected_annual_tax": "",
        "expected_jobs": "expected_jobs_qualifier",
    },
    keys={"company": "company", "investor": "investor"},
    days=(frozenset(PROJECT_BASES) | {"settle_started_on"}) - {"above_scale_on"},
    chain="chain__code",
    stage="stage",
    shared=True,
    leaves="terminated_on",
)
SOURCES: Final[dict[str, Source]] = {
    "projects": PROJECTS,
    "signed_ever": Source(**{**PROJECTS.__dict__, "label": "项目（含已终止）", "leaves": "", "counted": "signed_ever"}),
    "enterprises": Source(
        label="企业",
        model=Enterprise,
        filterset=EnterpriseFilter,
        bases={"above_scale_on": "above_scale_on"},
        park="park",
        page="enterprise-list",
        rest="enterprises",
        keys={"uscc": "uscc"},
    ),
    "fund_arrivals": Source(
        label="到位资金",
        model=FundArrival,
        filterset=FundArrivalFilter,
        bases={"received_on": "received_on"},
        park="project__park",
        page="fund-arrival-list",
        rest="fund-arrivals",
        sums={"amount": "", "amount_usd": ""},
        keys={"project": "project"},
        chain="project__chain__code",
        stage="project__stage",
    ),
    "group_start_entries": Source(
        label="集中开工项目",
        model=GroupStartEntry,
        filterset=GroupStartEntryFilter,
        bases={"held_on": "group_start__held_on"},
        park="project__park",
        page="group-start-list",
        rest="group-start-entries",
        sums={"planned": ""},
        keys={"project": "project"},
        chain="project__chain__code",
        stage="project__stage",
    ),
    "listing_steps": Source(
        label="上市进程",
        model=ListingStep,
        filterset=ListingStepFilter,
        bases={"happened_on": "happened_on"},
        park="enterprise__park",
        page="listing-step-list",
        rest="listing-steps",
        keys={"enterprise": "enterprise"},
    ),
    "engagements": Source(
        label="洽谈",
        model=Engagement,
        filterset=EngagementFilter,
        bases={"held_on": "held_on"},
        park="park",
        page="engagement-list",
        rest="engagements",
        keys={"project": "project", "enterprise": "enterprise"},
    ),
}
REPORTED: Final = "reported"
"""The source of figures that another authority confirms: no rows of ours, a ReportedFigure for park and period."""


@dataclass(frozen=True)
class Group:
    """Rows of one park that enter and leave the count in the same months and count alike.

    `booked` is the month of the basis date; a cohort date or a recognition that came later delays `entered`.
    """

    park: int
    entered: int
    booked: int
    left: int
    numerator: int
    denominator: int
    bp: int = WHOLE
    inexact: str = ""
    chain: str = ""
    stage: str = ""
    key: Any = None

    def counts(self, month: int) -> bool:
        """Whether the group is in the cumulative at the end of that month (an ordinal)."""
        return self.entered <= month < self.left


def source_of(indicator: Indicator) -> Source:
    """The source of a plain indicator; BadIndicator for an unknown one."""
    if indicator.source not in SOURCES:
        raise BadIndicator(_("指标“%(name)s”的数据来源“%(source)s”不存在。") % _named(indicator))
    return SOURCES[indicator.source]


def _named(indicator: Indicator) -> dict[str, str]:
    return {"name": indicator.name, "source": indicator.source, "basis": indicator.basis}


def refused_keys(indicator: Indicator) -> frozenset[str]:
    """Filter keys that an indicator sets by itself and may not store: park, counting, dates, search, order, today."""
    dates = {f"{name}_{side}" for name in (indicator.basis, indicator.cohort_date) for side in ("after", "before")}
    return source_of(indicator).filterset.UNKEPT | LIST_KEYS | dates


def check(indicator: Indicator) -> None:
    """Raise BadIndicator unless every part of a plain indicator is known to its source."""
    _filtered(indicator, source_of(indicator).model.objects.none())


def _filtered(indicator: Indicator, every: QuerySet[Any]) -> QuerySet[Any]:
    """Those of the rows that hold the indicator's filter; BadIndicator unless every part of it is known."""
    source = source_of(indicator)
    _check_parts(indicator, source)
    query = QueryDict(indicator.filter)
    refused = sorted(set(query) & refused_keys(indicator))
    if refused:
        raise BadIndicator(_("筛选条件里不能有%(keys)s，它们由成绩单自己决定。") % {"keys": "、".join(refused)})
    blank = sorted(key for key in query if not all(query.getlist(key)))
    if blank:
        raise BadIndicator(_("筛选条件%(keys)s没有取值。") % {"keys": "、".join(blank)})
    filterset = source.filterset(query, queryset=every)
    if not filterset.is_valid():
        raise BadIndicator("；".join(s for sentences in filterset.problems.values() for s in sentences))
    return filterset.qs


def _check_parts(indicator: Indicator, source: Source) -> None:
    fields = indicator.measure_fields.split()
    allowed: dict[str, bool] = {
        "count": not fields,
        "sum": len(fields) == 1 and fields[0] in source.sums,
        "distinct": len(fields) == 1 and fields[0] in source.keys,
        "avg_days": len(fields) == 2 and set(fields) <= source.days,
    }
    if not allowed.get(indicator.measure):
        raise BadIndicator(_("指标“%(name)s”的算法或算法字段不适用于这个数据来源。") % _named(indicator))
    if indicator.basis not in source.bases or (indicator.cohort_date and indicator.cohort_date not in source.bases):
        raise BadIndicator(_("指标“%(name)s”的统计日期“%(basis)s”不适用于这个数据来源。") % _named(indicator))


def rows(indicator: Indicator, end: date) -> QuerySet[Any]:
    """The rows that count at `end` and hold the indicator's filter, of all parks and dates."""
    source = source_of(indicator)
    return _filtered(indicator, getattr(source.model.objects.all(), source.counted)(end))


def member_dates(indicator: Indicator, period: Period) -> dict[str, str]:
    """The list behind a figure, as filters of the plain list: the indicator's own, its dates, and who counts."""
    query = {key: value for key, value in _dates(indicator, period).items() if value}
    query["signed_ever" if indicator.source == "signed_ever" else "counted"] = period.end.isoformat()
    return query


def _dates(indicator: Indicator, period: Period) -> dict[str, str]:
    first = period.start.isoformat() if indicator.window == Indicator.Window.YTD else ""
    dates = {f"{indicator.basis}_after": first, f"{indicator.basis}_before": period.end.isoformat()}
    if indicator.cohort_date and indicator.cohort_years:
        since = cohort_start(period.year, indicator.cohort_years).isoformat()
        dates |= {f"{indicator.cohort_date}_after": since, f"{indicator.cohort_date}_before": period.end.isoformat()}
    return dates


def groups(indicator: Indicator, region: Region, year: int) -> Iterator[Group]:
    """The groups of a plain indicator for every park of a region, each month of `year`, by one grouped query.

    A month is an ordinal (year × 12 + month). What a window `as_of` holds from before January enters with last
    December. A group's numbers are those of whole projects: `bp` says which part of it is the park's.
    """
    source, last = source_of(indicator), Period(year, 12)
    _check_parts(indicator, source)
    chosen = Q(**{f"{_park_path(source)}__region": region})
    for key, value in _dates(indicator, last).items():
        name, side = key.rsplit("_", 1)
        if value:
            chosen &= Q(**{f"{source.bases[name]}__{'gte' if side == 'after' else 'lte'}": value})
    every = getattr(source.model.objects.all(), "signed_ever" if source.leaves else source.counted)(last.end)
    qs = _filtered(indicator, every).filter(chosen)
    months = _entered(indicator, source, year), _booked(indicator, source, year), _left(source)
    yield from _grouped(indicator, source, qs, months)


def amounts(indicator: Indicator, chosen: QuerySet[Any], park: Park | None = None) -> list[Group]:
    """The groups of rows that somebody chose, without months; of one park's shares, or of whole projects."""
    source = source_of(indicator)
    if park is not None:
        chosen = chosen.filter(**{_park_path(source): park})
    plain = chosen.model._default_manager.filter(pk__in=chosen.order_by().values("pk"))
    if park is not None:
        plain = plain.filter(**{_park_path(source): park})
    return list(_grouped(indicator, source, plain, (Value(0), Value(0), Value(NEVER)), whole=park is None))


def _park_path(source: Source) -> str:
    return "shares__park" if source.shared else source.park


def _ordinal(path: str) -> Combinable:
    return ExtractYear(path) * 12 + ExtractMonth(path)


def _booked(indicator: Indicator, source: Source, year: int) -> Combinable:
    """The month of the basis date; last December for all that is earlier."""
    return Greatest(_month(year * 12), _ordinal(source.bases[indicator.basis]))


def _entered(indicator: Indicator, source: Source, year: int) -> Combinable:
    """The month from which a row counts: the latest of basis, cohort and, where its region asks, recognition."""
    dates = [_booked(indicator, source, year)]
    if indicator.cohort_date:
        dates.append(_ordinal(source.bases[indicator.cohort_date]))
    if source.shared:
        dates.append(Coalesce(_recognised(), _month(0)))
    return Greatest(*dates) if len(dates) > 1 else dates[0]


def _recognised() -> Subquery:
    """The month of the recognition that the region of a project's own park asks for; none where it asks for none."""
    accepted = Recognition.objects.filter(
        project=OuterRef("pk"),
        level=OuterRef("park__region__recognition_level"),
        result=Recognition.Result.ACCEPTED,
    ).annotate(month=_ordinal("recognised_on"))
    return Subquery(accepted.values("month")[:1], output_field=IntegerField())


def _month(ordinal: int) -> Value:
    return Value(ordinal, output_field=IntegerField())


def _left(source: Source) -> Combinable:
    if not source.leaves:
        return _month(NEVER)
    gone = When(**{f"{source.leaves}__isnull": False}, then=_ordinal(source.leaves))
    return Case(gone, default=_month(NEVER), output_field=IntegerField())


def _grouped(
    indicator: Indicator,
    source: Source,
    qs: QuerySet[Any],
    months: tuple[Any, Any, Any],
    *,
    whole: bool = False,
) -> Iterator[Group]:
    """One query: rows by park, months, share, chain and stage, with the sums of the indicator's measure."""
    columns: dict[str, Any] = dict(zip(("g_entered", "g_booked", "g_left"), months, strict=True))
    columns["g_park"] = Value(0) if whole else F(_park_path(source))
    if source.shared and not whole and indicator.measure in {"count", "sum"}:
        columns["g_bp"] = F("shares__count_bp" if indicator.measure == "count" else "shares__amount_bp")
    if source.chain:
        columns |= {"g_chain": F(source.chain), "g_stage": F(source.stage)}
    qs, key, measured = _measured(indicator, source, qs)
    columns |= key
    found = qs.order_by().annotate(**columns).values(*columns).annotate(**measured)
    for row in (found if measured else found.distinct()).iterator(chunk_size=5000):
        if row.get("g_key") != "":
            yield _group(row)


def _measured(
    indicator: Indicator, source: Source, qs: QuerySet[Any]
) -> tuple[QuerySet[Any], dict[str, Any], dict[str, Any]]:
    """The rows that have what is measured, the key that is told apart, and the sums. An empty text is no key."""
    fields = indicator.measure_fields.split()
    if indicator.measure == "distinct":
        path = source.keys[fields[0]]
        return qs.exclude(**{f"{path}__isnull": True}), {"g_key": F(path)}, {}
    if indicator.measure == "count":
        return qs, {}, {"g_sum": Count("pk")}
    if indicator.measure == "sum":
        inexact = {"g_inexact": _inexact(fields[0], source.sums[fields[0]])} if source.sums[fields[0]] else {}
        return qs, {}, {"g_sum": Sum(fields[0])} | inexact
    exact = {f"{name}_precision": "day" for name in fields} | {f"{name}__isnull": False for name in fields}
    length = ExpressionWrapper(F(fields[1]) - F(fields[0]), output_field=DurationField())
    return qs.filter(**exact), {}, {"g_sum": Sum(length), "g_rows": Count("pk")}


def _inexact(amount: str, path: str) -> Max:
    """2 where any known part is near or about, 1 where any is over or at least, else 0."""
    degrees = Case(
        When(**{f"{amount}__isnull": True}, then=Value(0)),
        When(**{f"{path}__in": ABOUT}, then=Value(2)),
        When(**{f"{path}__in": OVER}, then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    return Max(degrees)


def _group(row: Mapping[str, Any]) -> Group:
    total = row.get("g_sum")
    numerator = getattr(total, "days", total)
    return Group(
        park=row["g_park"],
        entered=row["g_entered"],
        booked=row["g_booked"],
        left=row["g_left"],
        numerator=int(numerator or 0),
        denominator=row.get("g_rows", 1),
        bp=row.get("g_bp", WHOLE),
        inexact=("", "over", "about")[row.get("g_inexact") or 0],
        chain=row.get("g_chain") or "",
        stage=row.get("g_stage") or "",
        key=row.get("g_key"),
    )


def add_up(measure: str, found: list[Group]) -> tuple[Fraction | None, str]:
    """The number that groups make, and how exact it is: "" | "over" | "about"; None where an average has no rows."""
    inexact = max((g.inexact for g in found), key=("", "over", "about").index, default="")
    if measure == "distinct":
        return Fraction(len({g.key for g in found})), inexact
    if measure == "avg_days":
        days = sum(g.denominator for g in found)
        return (Fraction(sum(g.numerator for g in found), days) if days else None), inexact
    return Fraction(sum(g.numerator * g.bp for g in found), WHOLE), inexact
