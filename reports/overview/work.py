"""What stands behind the figures: 需协调调度事项, signed projects that wait for their start, and the large ones."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import BooleanField, Case, ExpressionWrapper, F, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.writing import write_date, write_money, write_money_with_unit
from projects import stages
from projects.filters import overdue
from projects.models import Project
from projects.models.projects import ProjectQuerySet
from projects.summary import totals
from reports.models import Indicator
from reports.overview.card import Overview
from reports.overview.trend import of_park, would_count
from reports.progress import members_query
from reports.reported_figures import write_gap
from reports.rows import Row
from reports.sources import PROJECTS
from reports.words import write_value

FIRST: Final = 3
"""So many matters are open at once; the others are behind “其余”."""
MOST: Final = 20
MAJOR: Final = 8
STALE_DAYS: Final = 30
Rows = QuerySet[Project]


@dataclass(frozen=True)
class Matter:
    """One thing to coordinate: what, whose, the text beside it, and how much it weighs; `light` is its shape."""

    title: str
    text: str
    url: str
    light: str
    owner: str = ""
    weight: int = 0


def matters(overview: Overview, in_full: ProjectQuerySet) -> dict[str, Any]:
    """需协调调度事项 by their effect on the assessed indicators, then by investment.

    A reported problem of a project that counts for such an indicator comes before one of a project that would count
    once signed, then figures that differ from what authorities confirmed, then the other problems.
    """
    found = in_full.kept().filter(park=overview.park, status=Project.Status.ACTIVE).exclude(problem="")
    others = [*_differences(overview.rows), *_untouched(overview, in_full)]
    listed = [*_problems(overview, in_full, found), *others]
    listed.sort(key=lambda matter: -matter.weight)
    return {"first": listed[:FIRST], "rest": listed[FIRST:MOST], "count": found.count() + len(others)}


def _problems(overview: Overview, in_full: ProjectQuerySet, found: ProjectQuerySet) -> list[Matter]:
    """Reported problems, each with the assessed indicators that its project counts for or would count for."""
    touched = _touched(overview, in_full)
    weights = [Case(When(rows, then=Value(weight)), default=Value(0)) for rows, weight, _words in touched.values()]
    ordered = found.annotate(
        weight=sum(weights, start=Value(0, output_field=IntegerField())),
        **{name: ExpressionWrapper(rows, output_field=BooleanField()) for name, (rows, *_rest) in touched.items()},
    ).order_by("-weight", F("total_investment").desc(nulls_last=True), "code")
    return [_problem(project, touched) for project in ordered.select_related("owner")[:MOST]]


COUNTS, WOULD_COUNT, FIGURE = 100, 10, 5
"""How much a matter weighs: for each assessed indicator that counts its project, or would; a figure in dispute."""


def _touched(overview: Overview, in_full: ProjectQuerySet) -> dict[str, tuple[Q, int, str]]:
    """Which projects count, or would, for each assessed indicator on projects: condition, weight and words."""
    found = {}
    for row in overview.rows:
        indicator = row.indicator
        if not indicator.is_assessed or not _is_of_projects(indicator):
            continue
        address = members_query(indicator, overview.park, overview.period)
        members = of_park(overview.park, address, in_full).order_by().values("pk")
        found[f"counts_{indicator.pk}"] = (Q(pk__in=members), COUNTS, _("影响%(name)s") % {"name": indicator.brief})
        if (later := would_count(overview, indicator, in_full)) is not None:
            words = _("影响拟签%(name)s") % {"name": indicator.brief}
            found[f"later_{indicator.pk}"] = (Q(pk__in=later[0].order_by().values("pk")), WOULD_COUNT, words)
    return found


def _is_of_projects(indicator: Indicator) -> bool:
    return indicator.source in {"projects", "signed_ever"}


def _problem(project: Project, touched: dict[str, tuple[Q, int, str]]) -> Matter:
    effects = [words for name, (_rows, _weight, words) in touched.items() if getattr(project, name)]
    said = [project.problem.strip().rstrip("。；，"), project.next_step.strip().rstrip("。；，"), "、".join(effects)]
    return Matter(
        title=project.name,
        text=" · ".join(filter(None, said)),
        url=reverse("project-detail", args=[project.code]),
        light="amber" if effects else "none",
        owner=str(project.owner or ""),
        weight=getattr(project, "weight", 0),
    )


def _differences(rows: list[Row]) -> list[Matter]:
    """Figures that an authority confirmed otherwise: “实际使用外资台账数与部门反馈数差40万美元”."""
    found = []
    for row in rows:
        if not row.gap:
            continue
        both = {"own": row.actual, "theirs": write_value(row.indicator, row.line.reported)}
        said = {"name": row.indicator.brief, "gap": write_gap(row.indicator, abs(row.gap))}
        title = _("%(name)s台账数与部门反馈数差%(gap)s") % said
        text = _("台账%(own)s，部门反馈%(theirs)s") % both
        weight = COUNTS if row.indicator.is_assessed else FIGURE
        url = reverse("indicator-detail", args=[row.indicator.code])
        found.append(Matter(title, text, url, "amber", weight=weight))
    return found


def _untouched(overview: Overview, in_full: ProjectQuerySet) -> list[Matter]:
    """How many running projects nobody wrote of for a month; said of the newest scorecard only."""
    query = {"park": overview.park.code, "stale_days": STALE_DAYS, "status": Project.Status.ACTIVE.value}
    number = of_park(overview.park, urlencode(query), in_full.kept()).count()
    if not number or not overview.latest:
        return []
    title = _("%(n)s个项目超过%(days)s天未更新进展") % {"n": number, "days": STALE_DAYS}
    return [Matter(title, _("请责任人更新进展"), f"{reverse(PROJECTS.page)}?{urlencode(query)}", "amber")]


def waiting(overview: Overview, projects: ProjectQuerySet) -> dict[str, Any]:
    """签约未开工及原因: this year's signed projects that have not started, longest waiting first."""
    period = overview.period
    query = {
        "park": overview.park.code,
        "contract_type": Project.ContractType.FORMAL.value,
        "stage": list(stages.NOT_STARTED),
        "signed_on_after": period.start.isoformat(),
        "signed_on_before": period.end.isoformat(),
        "counted": period.end.isoformat(),
    }
    address = urlencode(sorted(query.items()), doseq=True)
    found = of_park(overview.park, address, projects)
    late = ExpressionWrapper(overdue(min(timezone.localdate(), period.end)), output_field=BooleanField())
    rows = found.annotate(late=late).order_by("signed_on", "code")[:FIRST]
    sums = totals(found, [overview.park])
    return {
        "rows": [_idle(project, overview) for project in rows],
        "count": found.count(),
        "amount": write_money(sums["total_investment"]),
        "url": f"{reverse(PROJECTS.page)}?{address}",
    }


def _idle(project: Any, overview: Overview) -> dict[str, Any]:
    """One waiting project: since when, how long where the day is known, and why as far as anybody wrote it."""
    exact = project.signed_on_precision == "day"
    days = (overview.period.end - project.signed_on).days if exact else 0
    reason = project.problem.strip().rstrip("。；，")
    late = _("已过计划时间") if project.late else ""
    return {
        "project": project,
        "light": "red" if project.late else "amber" if reason else "none",
        "when": write_date(project.signed_on, project.signed_on_precision, year=overview.period.year),
        "days": days,
        "amount": write_money_with_unit(project.total_investment) if project.total_investment else "",
        "reason": "，".join(filter(None, (late, reason))) or _("没有登记原因"),
    }


def majors(overview: Overview, projects: ProjectQuerySet) -> list[dict[str, Any]]:
    """Fortune 500 projects first, then the largest of the year's signed ones."""
    signed = projects.counted(overview.period.end).filter(
        park=overview.park,
        contract_type=Project.ContractType.FORMAL,
        kind=Project.Kind.NEW,
        signed_on__range=(overview.period.start, overview.period.end),
    )
    order = ("-fortune_global_500", F("total_investment").desc(nulls_last=True), "code")
    return [
        {"project": project, "amount": write_money(project.total_investment)}
        for project in signed.order_by(*order)[:MAJOR]
    ]
