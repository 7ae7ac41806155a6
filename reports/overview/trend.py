"""走势: a figure by month against its pace, its target and last year, what may still be signed, and the year's end."""

from fractions import Fraction
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Case, F, Q, When
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from parkportal.models import Park
from projects import stages
from projects.models import Project
from projects.models.projects import ProjectQuerySet
from reports import members
from reports.groups import INEXACT, add_up, amounts
from reports.models import Indicator, Scorecard, ScorecardLine, Target, pair
from reports.overview.card import Overview
from reports.periods import Period, time_progress
from reports.rows import Row
from reports.sources import PROJECTS, SOURCES, divides, source_of
from reports.words import TOTALS, write_value

ALSO: Final = TOTALS[:1]
"""What is drawn besides the assessed indicators."""
SCALES: Final = {"亿元": 10**8, "万元": 10**4, "万美元": 10**4}
SHOWN: Final = 6
UNSIGNED: Final = ("contract_type", "stage", "status", "review_state")
"""Conditions of an indicator that a project under negotiation cannot hold yet."""


def drawn(overview: Overview) -> list[Row]:
    """The figures that can be drawn by month: assessed ones and the investment, where their parts add up."""
    rows = [row for row in overview.rows if row.indicator.is_assessed or row.indicator.code in ALSO]
    known = [row for row in rows if overview.parts(row.indicator.code, "month")]
    return known or [row for row in rows if divides(row.indicator)][:1]


def trend(overview: Overview, projects: ProjectQuerySet, code: str = "") -> dict[str, Any]:
    """The chosen figure's months, beside its target, last year and its forecast; empty where there is none."""
    choices = drawn(overview)
    row = next((one for one in choices if one.indicator.code == code), next(iter(choices), None))
    if row is None:
        return {}
    target, ahead = row.state.target, forecast(overview, row, projects)
    paced = target is not None and row.state.time_progress is not None
    return {
        "row": row,
        "choices": choices,
        "points": points_of(overview, row),
        "label": _("%(name)s按月累计") % {"name": row.indicator.name},
        "target": _shown(row, target) if paced and target is not None else None,
        "pace": _pace(overview, row, target) if paced and target is not None else [],
        "target_text": _("目标%(n)s") % {"n": row.target},
        "last_year": _last_year(overview, row),
        "last_year_text": _("上年%(n)s") % {"n": row.previous},
        "against": _against(overview, row),
        "forecast": ahead,
        "forecast_shown": _shown(row, ahead["value"]) if ahead else None,
        "forecast_text": _("预计%(n)s") % {"n": ahead["text"]} if ahead else "",
    }


def _shown(row: Row, value: Fraction) -> float:
    """A value on the chart's scale, which is in the display unit."""
    return float(value / SCALES.get(row.unit, 1))


def points_of(overview: Overview, row: Row) -> list[dict[str, Any]]:
    """The cumulative figure by month; months to come have no value."""
    parts, points = overview.parts(row.indicator.code, "month"), []
    for number in range(1, 13):
        month = Period(overview.period.year, number)
        total, inexact = members.sum_of(part for part in parts if part.key <= str(month))
        known = number <= overview.period.month
        points.append(
            {
                "month": number,
                "value": _shown(row, total) if known else None,
                "text": write_value(row.indicator, total, inexact) if known else "—",
                "url": _until(overview, row, month) if known else "",
            }
        )
    return points


def _until(overview: Overview, row: Row, month: Period) -> str:
    """The rows of what had come by a month."""
    return members.until_url(row.indicator, overview.park, overview.period, month, overview.scorecard.frozen_revision)


def _pace(overview: Overview, row: Row, target: Fraction) -> list[float]:
    """What should be reached by each month, the way by which this one was judged; empty where that cannot be told.

    The way of a published figure may have changed since: a curve or rhythm counts that says of its month the same.
    """
    year, month = overview.period.year, overview.period.month
    known = Target.objects.of_city().filter(park=overview.park, indicator=row.indicator, year=year).first()
    curve = known.curve if known and Fraction(known.annual, known.denominator) == target else []
    quarterly = overview.park.region.paces_quarterly
    for typed, steps in ((curve, quarterly), ([], quarterly), ([], not quarterly)):
        shares = [time_progress(n, typed, known.annual if known else 0, quarterly=steps) for n in range(1, 13)]
        if shares[month - 1] == row.state.time_progress:
            return [_shown(row, target * share) for share in shares]
    return []


def _last_year(overview: Overview, row: Row) -> list[float | None]:
    """Last year's cumulative figures by month, as this year's scorecards were compared with them."""
    known = ScorecardLine.objects.filter(
        scorecard__in=Scorecard.objects.current().filter(park=overview.park),
        scorecard__period__gte=f"{overview.period.year}-01",
        scorecard__period__lt=str(overview.period),
        indicator__code=row.indicator.code,
    )
    columns = ("scorecard__period", "previous_numerator", "previous_denominator")
    rows = known.order_by().values_list(*columns)
    by_month = {text: pair(above, below) for text, above, below in rows}
    by_month[str(Period(overview.period.year, overview.period.month))] = row.line.previous
    found = [by_month.get(str(Period(overview.period.year, n))) for n in range(1, overview.period.month + 1)]
    return [None if value is None else _shown(row, value) for value in found]


def _against(overview: Overview, row: Row) -> str:
    """“序时目标9个，超9个；上年同期13个，同比+38.5%”: the figure against its pace and last year, in words."""
    said, ahead = [], row.state.ahead
    if ahead is not None:
        word = _("超") if ahead >= 0 else _("欠")
        amount = write_value(row.indicator, abs(ahead), strip=True)
        pace = {"pace": row.pace, "unit": row.unit, "word": word, "n": amount}
        said.append(_("序时目标%(pace)s%(unit)s，%(word)s%(n)s%(unit)s") % pace)
    if row.previous != "—":
        past = {"previous": row.previous, "unit": row.unit, "yoy": row.yoy}
        said.append(_("上年同期%(previous)s%(unit)s，同比%(yoy)s") % past)
    return "；".join(said)


def of_park(park: Park, address: str, projects: ProjectQuerySet) -> Any:
    """The rows of a list's address for its one park, without asking the database which park that is."""
    query = QueryDict(address, mutable=True)
    query.pop("park")
    return PROJECTS.filterset(query, queryset=projects.of_park(park.code)).qs


def would_count(overview: Overview, indicator: Indicator, projects: ProjectQuerySet) -> tuple[Any, str] | None:
    """Projects under negotiation that hold all that an indicator asks for but the contract, and the list of them.

    None for indicators that do not count projects by their day of signing.
    """
    if indicator.source not in SOURCES or source_of(indicator).filterset is not PROJECTS.filterset:
        return None
    if indicator.basis != "signed_on" or indicator.measure not in {Indicator.Measure.COUNT, Indicator.Measure.SUM}:
        return None
    stored = QueryDict(indicator.filter)
    query = {key: stored.getlist(key) for key in stored if key not in UNSIGNED} | {
        "park": [overview.park.code],
        "stage": [stages.NEGOTIATING],
        "status": [Project.Status.ACTIVE.value],
    }
    address = urlencode(sorted(query.items()), doseq=True)
    return of_park(overview.park, address, projects.kept()), f"{reverse(PROJECTS.page)}?{address}"


def forecast(overview: Overview, row: Row, projects: ProjectQuerySet) -> dict[str, Any]:
    """预计年末数: the figure so far and what may still be signed; empty for a closed year or an earlier month.

    A forecast, never a result: projects under negotiation as they stand today, taken whole, by the park's share.
    """
    found = would_count(overview, row.indicator, projects)
    if found is None or row.line.actual is None or overview.period.month == 12 or not overview.latest:
        return {}
    more, inexact = add_up(row.indicator.measure, amounts(row.indicator, found[0], overview.park))
    value = row.line.actual + (more or 0)
    return {
        "value": value,
        "text": write_value(row.indicator, value, max(row.line.inexact, inexact, key=INEXACT.index)),
        "so_far": row.actual,
        "more": write_value(row.indicator, more, inexact),
        "unit": row.unit,
        "url": found[1],
    }


def prospects(overview: Overview, projects: ProjectQuerySet) -> dict[str, Any]:
    """拟签项目: what is under negotiation, those first that would count for the first assessed indicator if signed."""
    found = projects.kept().filter(park=overview.park, stage=stages.NEGOTIATING, status=Project.Status.ACTIVE)
    assessed = next((line.indicator for line in overview.lines.values() if line.indicator.is_assessed), None)
    counting = would_count(overview, assessed, projects) if assessed else None
    holds = Q(pk__in=counting[0].order_by().values("pk")) if counting else Q(pk__in=())
    ordered = found.annotate(counts=Case(When(holds, then=1), default=0)).order_by(
        "-counts", F("total_investment").desc(nulls_last=True), "code"
    )
    return {"rows": list(ordered[:SHOWN]), "count": found.count()}
