"""The list behind a figure: its address, whether it agrees with the figure, and why a project is in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.db.models import CharField, QuerySet, Value
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from parkportal.filtering import LIST_KEYS
from parkportal.models import Park, User
from projects.models import Project
from reports.groups import INEXACT, WHOLE, add_up, amounts
from reports.models import Indicator, ScorecardLine, ScorecardSlice
from reports.periods import Period, own_months
from reports.progress import members_query
from reports.sources import PROJECTS, SOURCES, source_of
from reports.words import write_value

END_KEYS = ("counted", "signed_ever")


def rows_url(indicator: Indicator, park: Park, period: Period, revision: int = 0, **part: str | list[str]) -> str:
    """Where the rows of a figure, or of its part by `chain` or `stage`, are read.

    As they were frozen with a revision; of a draft, which has none, as the ledger is now.
    """
    if revision:
        return frozen_url(indicator, park, period, revision, **part)
    return list_url(indicator, park, period, **part)


def list_url(indicator: Indicator, park: Park, period: Period, **refined: str | list[str]) -> str:
    """The page that lists what makes up a figure; empty for ratios and reported figures, which have no rows."""
    if indicator.source not in SOURCES:
        return ""
    query = members_query(indicator, park, period, **refined)
    return f"{reverse(source_of(indicator).page)}?{query}&figure={indicator.code}"


def frozen_url(indicator: Indicator, park: Park, period: Period, revision: int, **part: str | list[str]) -> str:
    """The page of the rows that were frozen with a figure or its part; empty for ratios and reported figures.

    A part is of a `chain`, of stages (`stage`), of what had come by a month (`until`), or the month's own (`month`).
    """
    if indicator.source not in SOURCES or indicator.measure == Indicator.Measure.RATIO:
        return ""
    query = urlencode({"revision": revision, **part}, doseq=True)
    return f"{reverse('scorecard-members', args=[park.code, str(period), indicator.code])}?{query}"


def rest_url(indicator: Indicator, park: Park, period: Period) -> str:
    """The REST list of the same rows; empty where there are none."""
    if indicator.source not in SOURCES:
        return ""
    return f"/api/v1/{source_of(indicator).rest}/?{members_query(indicator, park, period)}"


def month_url(indicator: Indicator, park: Park, period: Period) -> str:
    """The list of what came in the period's last month, or in 1—2月 together."""
    first, *_rest = own_months(period, merged=park.region.merges_january_february)
    return list_url(indicator, park, period, **{f"{indicator.basis}_after": first.month_start.isoformat()})


def until_url(indicator: Indicator, park: Park, period: Period, month: Period, revision: int = 0) -> str:
    """The rows of what had come by an earlier month, of what counts at the end of the period."""
    if revision:
        return frozen_url(indicator, park, period, revision, until=str(month))
    return list_url(indicator, park, period, **{f"{indicator.basis}_before": month.end.isoformat()})


@dataclass(frozen=True)
class Years:
    """A part of a list by the year of signing: 当年签约, 往年结转, or unknown, which has no address of its own."""

    label: str
    amount: str
    url: str


def years_split(indicator: Indicator, park: Park, query: QueryDict, chosen: QuerySet[Any], year: int) -> list[Years]:
    """当年／往年: how much of a list comes of projects that were signed in the year and how much of earlier ones.

    Empty where a figure goes by the day of signing anyway, where the reader chose by it, and where parts do not add up.
    """
    if not has_years(indicator) or {"signed_on_after", "signed_on_before"} & set(query):
        return []
    name = source_of(indicator).filterset.base_filters["signed_on_after"].field_name
    first, last = date(year, 1, 1), date(year - 1, 12, 31)
    parts: tuple[tuple[str, QuerySet[Any], dict[str, str]], ...] = (
        (_("当年签约"), chosen.filter(**{f"{name}__gte": first}), {"signed_on_after": first.isoformat()}),
        (_("往年结转"), chosen.filter(**{f"{name}__lte": last}), {"signed_on_before": last.isoformat()}),
        (_("签约时间不详"), chosen.filter(**{f"{name}__isnull": True}), {}),
    )
    found = [(label, add_up(indicator.measure, amounts(indicator, rows, park)), more) for label, rows, more in parts]
    return [
        Years(label, f"{write_value(indicator, value, inexact)}{indicator.display_unit}", _with(query, more))
        for label, (value, inexact), more in found
        if value or more
    ]


def has_years(indicator: Indicator) -> bool:
    """Whether a figure has parts by the year of signing: it adds up, and is booked by another day of a project's."""
    adds_up = indicator.measure in {Indicator.Measure.COUNT, Indicator.Measure.SUM}
    by_other = indicator.basis != "signed_on" and not indicator.cohort_date
    known = indicator.source in SOURCES and "signed_on_after" in source_of(indicator).filterset.base_filters
    return adds_up and by_other and known


def carried_over(indicator: Indicator, park: Park, period: Period) -> Years:
    """往年结转: how much of a figure comes of projects that were signed before its year, as the ledger is now."""
    source, before = source_of(indicator), {"signed_on_before": date(period.year - 1, 12, 31).isoformat()}
    query = QueryDict(members_query(indicator, park, period, **before))
    chosen = source.filterset(query, queryset=source.model._default_manager.all()).qs
    value, inexact = add_up(indicator.measure, amounts(indicator, chosen, park))
    written = f"{write_value(indicator, value, inexact)}{indicator.display_unit}"
    return Years(indicator.brief, written, list_url(indicator, park, period, **before))


def _with(query: QueryDict, more: Mapping[str, str]) -> str:
    """The address with further conditions; empty without any."""
    asked = query.copy()
    asked.pop("page", None)
    for key, value in more.items():
        asked[key] = value
    return f"?{asked.urlencode()}" if more else ""


@dataclass(frozen=True)
class Agreement:
    """A figure beside the list that was opened from it; `agrees` is None where the reader has chosen other rows."""

    line: ScorecardLine
    part: str
    figure: str
    listed: str
    agrees: bool | None
    unit: str
    late: Fraction
    years: Sequence[Years] = ()


@dataclass(frozen=True)
class Figure:
    """A line or a part of it; `month` is one that rows of other months may have a share in.

    `late` is by how much the line's own figure of the month is more than its rows, in the indicator's unit.
    """

    value: Fraction | None
    part: str = ""
    inexact: str = ""
    month: bool = False
    late: Fraction = Fraction(0)


def agreement(query: QueryDict, chosen: QuerySet[Any], user: User) -> Agreement | None:
    """Compare a filtered list with the figure that its address names; None where it names none that can be found."""
    line = _line_of(query, user)
    if line is None:
        return None
    indicator, park = line.indicator, line.scorecard.park
    value, inexact = add_up(indicator.measure, amounts(indicator, chosen, park))
    figure = _figure_of(line, query)
    unknown = figure is None or (figure.month and figure.value != value)
    shown = Figure(line.actual, "", line.inexact) if figure is None or unknown else figure
    return Agreement(
        line=line,
        part=shown.part,
        figure=write_value(indicator, shown.value, shown.inexact),
        listed=write_value(indicator, value, inexact),
        agrees=None if unknown else shown.value == value,
        unit=indicator.display_unit,
        late=shown.late,
        years=years_split(indicator, park, query, chosen, Period.parse(line.scorecard.period).year),
    )


def _line_of(query: QueryDict, user: User) -> ScorecardLine | None:
    end = next((query[key] for key in END_KEYS if query.get(key)), "")
    parks = query.getlist("park")
    if "figure" not in query or len(parks) != 1:
        return None
    try:
        period = Period.of(date.fromisoformat(str(end)))
    except ValueError:
        return None
    lines = ScorecardLine.objects.filter(
        scorecard__park__in=Park.objects.visible_to(user).filter(code=parks[0]),
        scorecard__period__in=[str(period), *([str(Period.closing_of(period.year))] if period.month == 12 else [])],
        indicator__code=query["figure"],
    )
    return lines.select_related("indicator", "scorecard__park__region").order_by("-scorecard_id").first()


def _figure_of(line: ScorecardLine, query: QueryDict) -> Figure | None:
    """The figure, or the part of it, that an address lists; None where other conditions were added or removed."""
    indicator, period = line.indicator, Period.parse(line.scorecard.period)
    whole = _plain(QueryDict(members_query(indicator, line.scorecard.park, period)))
    asked = _plain(query)
    different = {key for key in whole.keys() | asked.keys() if whole.get(key) != asked.get(key)}
    if not different:
        return Figure(line.actual, "", line.inexact)
    average = indicator.measure == Indicator.Measure.AVG_DAYS
    if len(different) == 1 and different <= {"chain", "stage"} and not average:
        key = min(different)
        return _part(line, key, asked.get(key, []), whole.get(key, []))
    if different <= {f"{indicator.basis}_after", f"{indicator.basis}_before"}:
        return _months(line, *(asked.get(f"{indicator.basis}_{side}", [""])[-1] for side in ("after", "before")))
    return None


def _plain(query: QueryDict) -> dict[str, list[str]]:
    return {key: sorted(filter(None, query.getlist(key))) for key in query if key not in LIST_KEYS and query[key]}


def _part(line: ScorecardLine, dimension: str, keys: list[str], of: list[str]) -> Figure | None:
    """The figure of some chains or stages, `of` those that the indicator's own filter names.

    None for others than these, and for several where one enterprise may be in two of them.
    """
    foreign = bool(of) and not set(keys) <= set(of)
    if not keys or foreign or (len(keys) > 1 and line.indicator.measure == Indicator.Measure.DISTINCT):
        return None
    found = list(ScorecardSlice.objects.filter(line=line, dimension=dimension, key__in=keys))
    total, inexact = sum_of(found)
    return Figure(total, "、".join(part.name for part in found), inexact)


def sum_of(parts: Iterable[ScorecardSlice]) -> tuple[Fraction, str]:
    """What parts of a figure come to, and how exact that is: "" | "over" | "about"."""
    found = list(parts)
    inexact = max((part.inexact for part in found), key=INEXACT.index, default="")
    return sum((part.actual for part in found), Fraction(0)), inexact


def _months(line: ScorecardLine, after: str, before: str) -> Figure | None:
    """The figure of whole months of the period, when the dates of an address are such.

    An enterprise counts in its first month only, and averages do not add up: their months must begin where the figure
    does, or be the last one, of which the line knows the result.
    """
    period, until = Period.parse(line.scorecard.period), _last_month(before)
    whole = "" if line.indicator.window == Indicator.Window.AS_OF else period.start.isoformat()
    months = [month for month in Period.range(Period(period.year, 1), period) if month.month_start.isoformat() == after]
    if not until or not str(period.start) <= str(until.end) <= str(period.end) or not (months or after == whole):
        return None
    first, last = months[0].month if months else 1, until.month
    merged = line.scorecard.park.region.merges_january_february
    name = (_("%(first)s月至%(last)s月") if first < last else _("%(last)s月")) % {"first": first, "last": last}
    own = months[:1] == own_months(period, merged=merged)[:1] and until == period
    if line.indicator.measure == Indicator.Measure.AVG_DAYS or (
        line.indicator.measure == Indicator.Measure.DISTINCT and after != whole
    ):
        return Figure(line.month, name, month=True) if own else None
    since = str(months[0]) if months else ""
    total, inexact = sum_of(line.slices.filter(dimension="month", key__gte=since, key__lte=str(until)))
    late = line.month - total if own and line.month is not None else Fraction(0)
    return Figure(total, name, inexact, late=late)


def _last_month(day: str) -> Period | None:
    """The month that ends with this day; None where none does."""
    try:
        period = Period.of(date.fromisoformat(day))
    except ValueError:
        return None
    return period if period.end.isoformat() == day else None


@dataclass(frozen=True)
class Condition:
    """One condition of an indicator, in words, and whether a project holds it."""

    label: str
    value: str
    holds: bool


@dataclass(frozen=True)
class CountsFor:
    """Whether, how much and from which month a project counts for an indicator, with every condition."""

    indicator: Indicator
    counts: bool
    amount: str
    month: str
    conditions: list[Condition]


def counts_for(project: Project, *, today: date, as_if_verified: bool = False) -> list[CountsFor]:
    """What a saved project counts for in the year of its basis date, and why; averages and ratios are left out."""
    region, year = project.park.region, (project.signed_on or today).year
    listed = Indicator.objects.in_force(region, year).filter(listed=True, source__in=["projects", "signed_ever"])
    plain = [i for i in listed if i.measure != Indicator.Measure.AVG_DAYS]
    held = _held(project, plain, today)
    share = project.shares.filter(park=project.park_id).first()
    return [
        _counts_for(project, i, held, (share.count_bp, share.amount_bp) if share else (0, 0), as_if_verified)
        for i in plain
    ]


def _held(project: Project, indicators: list[Indicator], today: date) -> set[str]:
    """Which single conditions (“key=value”) of the indicators the project holds, by one query."""
    wanted = {condition for i in indicators for condition in _conditions_of(i)}
    mine = Project.objects.filter(pk=project.pk)
    answers = [
        PROJECTS.filterset(QueryDict(text), queryset=mine).qs.values_list(_named(text)) for text in sorted(wanted)
    ]
    answers.append(mine.counted(today).values_list(_named("counted")))
    first, *rest = answers
    return {name for (name,) in first.order_by().union(*(a.order_by() for a in rest))}


def _named(text: str) -> Any:
    return Value(text, output_field=CharField())


def _conditions_of(indicator: Indicator) -> list[str]:
    """The parts of a stored filter, one key each."""
    query = QueryDict(indicator.filter)
    parts = []
    for key in query:
        one = QueryDict(mutable=True)
        one.setlist(key, query.getlist(key))
        parts.append(one.urlencode())
    return parts


def _counts_for(
    project: Project, indicator: Indicator, held: set[str], share: tuple[int, int], as_if_verified: bool
) -> CountsFor:
    day = booked(project, indicator)
    conditions = [_condition(text, text in held) for text in _conditions_of(indicator)]
    label = str(PROJECTS.filterset.base_filters[f"{indicator.basis}_after"].label).removesuffix("从")
    conditions.append(Condition(label, f"{day:%Y-%m}" if day else _("没有填写"), day is not None))
    in_count = as_if_verified or "counted" in held
    if not as_if_verified:
        conditions.append(Condition(_("已审核且未终止"), "", in_count))
    counts = in_count and all(c.holds for c in conditions)
    return CountsFor(
        indicator=indicator,
        counts=counts,
        amount=_contribution(project, indicator, share) if counts else "",
        month=_("%(month)s月") % {"month": day.month} if day else "",
        conditions=conditions,
    )


def booked(project: Project, indicator: Indicator) -> date | None:
    """The day that books a project for an indicator of projects; None where it is not known."""
    row: Any = project
    for step in PROJECTS.bases[indicator.basis].split("__"):
        row = getattr(row, step, None)
    day: date | None = row
    return day


def _condition(text: str, holds: bool) -> Condition:
    query = QueryDict(text)
    (key,) = query
    known = PROJECTS.filterset.base_filters[key]
    choices = dict(known.extra.get("choices") or [])
    words = "、".join(str(choices.get(value, value)) for value in query.getlist(key))
    if key.startswith("total_investment"):
        words = f"{int(query[key]) // 10_000:,}万元"
    return Condition(str(known.label), words, holds)


def _contribution(project: Project, indicator: Indicator, share: tuple[int, int]) -> str:
    if indicator.measure == Indicator.Measure.SUM:
        field = indicator.measure_fields
        whole, bp = getattr(project, field) or 0, share[1]
        qualifier = getattr(project, f"{field}_qualifier", "exact")
        inexact = {"over": "over", "at_least": "over", "near": "about", "about": "about"}.get(qualifier, "")
    else:
        whole, bp, inexact = 1, share[0] if indicator.measure == Indicator.Measure.COUNT else WHOLE, ""
    return f"{write_value(indicator, Fraction(whole * bp, WHOLE), inexact)}{indicator.display_unit}"
