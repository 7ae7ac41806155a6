"""What can be measured: for each source its rows that count, its FilterSet, its dates and fields; known only here.

An indicator names a source; from here come the rows of its filter, the groups that the compiler adds up, and the
address of the plain list behind a figure. All three use the same FilterSet, so they cannot disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db.models import (
    QuerySet,
)
from django.http import QueryDict
from django.utils.translation import gettext as _

from enterprises.filters import EnterpriseFilter, ListingStepFilter
from enterprises.models import Enterprise, ListingStep
from parkportal.filtering import LIST_KEYS, StrictFilterSet
from projects.filters import EngagementFilter, FundArrivalFilter, GroupStartEntryFilter, ProjectFilter
from projects.models import Engagement, FundArrival, GroupStartEntry, Project
from reports.models import Indicator
from reports.periods import Period, cohort_start


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
        bases={"received_on": "received_on", "signed_on": "project__signed_on"},
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


def source_of(indicator: Indicator) -> Source:
    """The source of a plain indicator; BadIndicator for an unknown one."""
    if indicator.source not in SOURCES:
        raise BadIndicator(_("指标“%(name)s”的数据来源“%(source)s”不存在。") % _named(indicator))
    return SOURCES[indicator.source]


def divides(indicator: Indicator) -> bool:
    """Whether a figure divides into parts by chain, stage and month: it has rows, and is no average and no ratio."""
    whole = {Indicator.Measure.AVG_DAYS, Indicator.Measure.RATIO}
    return indicator.source in SOURCES and indicator.measure not in whole


def _named(indicator: Indicator) -> dict[str, str]:
    return {"name": indicator.name, "source": indicator.source, "basis": indicator.basis}


def refused_keys(indicator: Indicator) -> frozenset[str]:
    """Filter keys that an indicator sets by itself and may not store: park, counting, dates, search, order, today."""
    dates = {f"{name}_{side}" for name in (indicator.basis, indicator.cohort_date) for side in ("after", "before")}
    return source_of(indicator).filterset.UNKEPT | LIST_KEYS | dates


def check(indicator: Indicator) -> None:
    """Raise BadIndicator unless every part of a plain indicator is known to its source."""
    filtered(indicator, source_of(indicator).model.objects.none())


def filtered(indicator: Indicator, every: QuerySet[Any]) -> QuerySet[Any]:
    """Those of the rows that hold the indicator's filter; BadIndicator unless every part of it is known."""
    source = source_of(indicator)
    check_parts(indicator, source)
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


def check_parts(indicator: Indicator, source: Source) -> None:
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
    return filtered(indicator, getattr(source.model.objects.all(), source.counted)(end))


def member_dates(indicator: Indicator, period: Period) -> dict[str, str]:
    """The list behind a figure, as filters of the plain list: the indicator's own, its dates, and who counts."""
    query = {key: value for key, value in dates_of(indicator, period).items() if value}
    query["signed_ever" if indicator.source == "signed_ever" else "counted"] = period.end.isoformat()
    return query


def dates_of(indicator: Indicator, period: Period) -> dict[str, str]:
    first = period.start.isoformat() if indicator.window == Indicator.Window.YTD else ""
    dates = {f"{indicator.basis}_after": first, f"{indicator.basis}_before": period.end.isoformat()}
    if indicator.cohort_date and indicator.cohort_years:
        since = cohort_start(period.year, indicator.cohort_years).isoformat()
        dates |= {f"{indicator.cohort_date}_after": since, f"{indicator.cohort_date}_before": period.end.isoformat()}
    return dates
