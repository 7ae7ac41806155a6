"""What an indicator would say before it is saved: a park's last 24 months and the rows behind the latest figure.

The compiler's own functions make the figures, so that the scorecard says the same once the indicator is saved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from django.http import QueryDict
from django.urls import reverse

from parkportal.charts import PLOT_BOTTOM, PLOT_LEFT, PLOT_TOP, pct, ticks_for
from parkportal.models import Park, User
from parkportal.writing import write_date
from reports.groups import Group, add_up, each_row
from reports.members import list_url
from reports.models import Indicator
from reports.periods import BadPeriod, Period
from reports.progress import members_query
from reports.sources import REPORTED, SOURCES
from reports.tallies import Amount, Tally, tallies
from reports.words import write_value

MONTHS: Final = 24
ROWS: Final = 20
"""Rows that are shown; all of them are a click away."""
LARGE: Final[dict[str, Fraction]] = {
    **{"亿元": Fraction(100_000_000), "万元": Fraction(10_000), "万美元": Fraction(10_000), "%": Fraction(1, 100)}
}
"""How many of the smallest unit make one of the unit that is shown."""
BAR: Final = 0.7
"""How much of a month's place its bar takes."""


@dataclass(frozen=True)
class Month:
    """A month of the preview: the cumulative figure and the month's own, exact and written."""

    period: Period
    value: Fraction | None
    text: str
    own: str
    url: str


@dataclass(frozen=True)
class Line:
    """A row behind the latest figure: what it is, where its page is, its date, and what it adds."""

    label: str
    url: str
    day: str
    adds: str


@dataclass(frozen=True)
class Members:
    """The rows behind the latest figure: the first of them, how many there are, and what all of them make."""

    name: str
    lines: list[Line]
    count: int
    total: str
    unit: str
    url: str
    agrees: bool


@dataclass(frozen=True)
class Preview:
    """An indicator of one park: its months, oldest first, and the rows behind the latest."""

    indicator: Indicator
    park: Park
    months: list[Month]
    members: list[Members]

    @property
    def latest(self) -> Month:
        """The last month."""
        return self.months[-1]


def preview(indicator: Indicator, park: Park, user: User, today: Period) -> Preview:
    """Compute an indicator that need not be stored; the last month is the running one or the last that is compiled."""
    until = min(_until(park) or today, today)
    periods = [Period.from_ordinal(until.ordinal - back) for back in reversed(range(MONTHS))]
    parts = _parts(indicator)
    of_year = {year: _tallies(parts, park, year) for year in range(periods[0].year, until.year + 1)}
    months = [_month(indicator, park, period, of_year[period.year]) for period in periods]
    return Preview(indicator, park, months, [_members(tally, park, until, user) for tally in of_year[until.year]])


def _until(park: Park) -> Period | None:
    try:
        return Period.parse(park.scorecards_until)
    except BadPeriod:
        return None


def _parts(indicator: Indicator) -> list[Indicator]:
    """The indicators whose rows make the figure: itself, or the two that a ratio divides."""
    parts = [indicator]
    if indicator.measure == Indicator.Measure.RATIO:
        parts = [part for part in (indicator.numerator, indicator.denominator) if part]
    return [part for part in parts if part.source != REPORTED]


def _tallies(parts: Sequence[Indicator], park: Park, year: int) -> list[Tally]:
    """Each part's tally of the park in that year."""
    return [tallies(part, park.region, year).get(park.pk) or Tally(part, []) for part in parts]


def _month(indicator: Indicator, park: Park, period: Period, of_year: Sequence[Tally]) -> Month:
    """What the compiler would put on the scorecard of that month; what others report is unknown here."""
    amounts = [tally.cumulative(period) for tally in of_year]
    value, own = amounts[0] if len(amounts) == 1 else Amount(None), Amount(None)
    if indicator.measure != Indicator.Measure.RATIO and of_year:
        own = of_year[0].month(period, merged=park.region.merges_january_february)
    elif len(amounts) == 2 and amounts[0].value is not None and amounts[1].value:
        value = Amount(amounts[0].value / amounts[1].value)
    url = list_url(indicator, park, period).partition("&figure=")[0]
    return Month(period, value.value, write_value(indicator, value.value, value.inexact), _own(indicator, own), url)


def _own(indicator: Indicator, own: Amount) -> str:
    """A month's own figure, which may be negative."""
    if own.value is None or own.value >= 0:
        return write_value(indicator, own.value, own.inexact)
    return f"−{write_value(indicator, -own.value, own.inexact)}"


def _members(tally: Tally, park: Park, period: Period, user: User) -> Members:
    """The rows that the reader's own list shows, compared with the figure."""
    indicator, source = tally.indicator, SOURCES[tally.indicator.source]
    query = QueryDict(members_query(indicator, park, period))
    chosen = source.filterset(query, queryset=source.model.objects.visible_to(user)).qs
    groups = {group.row: group for group in each_row(indicator, chosen, park, period.year)}
    total, inexact = add_up(indicator.measure, list(groups.values()))
    path = source.bases[indicator.basis]
    return Members(
        name=indicator.name,
        lines=[_line(indicator, row, path, groups) for row in chosen.order_by(f"-{path}", "code")[:ROWS]],
        count=chosen.count(),
        total=write_value(indicator, total, inexact),
        unit=indicator.display_unit,
        url=f"{reverse(source.page)}?{query.urlencode()}",
        agrees=total == tally.cumulative(period).value,
    )


def _line(indicator: Indicator, row: Any, path: str, groups: Mapping[str, Group]) -> Line:
    day: Any = row
    for step in path.split("__"):
        day = getattr(day, step, None)
    about = getattr(row, "project", None) or getattr(row, "enterprise", None) or row
    url = reverse(f"{about._meta.model_name}-detail", args=[about.code])
    return Line(str(about), url, write_date(day), _adds(indicator, row, groups.get(row.code)))


def _adds(indicator: Indicator, row: Any, group: Group | None) -> str:
    """What one row adds to the figure, in the display unit; for a distinct count, what is told apart."""
    if indicator.measure == Indicator.Measure.DISTINCT:
        return str(getattr(row, indicator.measure_fields) or "—")
    return write_value(indicator, *add_up(indicator.measure, [group])) if group else "—"


@dataclass(frozen=True)
class Bar:
    """A month in the picture; x, y, width and height are SVG percentages, the label stands under every third."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    label: str
    title: str


@dataclass(frozen=True)
class Bars:
    """Months side by side, with the steps of the scale: its place and how it is written."""

    ticks: list[tuple[str, str]]
    bars: list[Bar]


def picture(indicator: Indicator, months: Sequence[Month]) -> Bars:
    """The months as bars in the display unit; an unknown month has no bar."""
    scale = LARGE.get(indicator.display_unit, Fraction(1))
    values = [float((month.value or 0) / scale) for month in months]
    ticks = ticks_for(max(values, default=0.0))
    return Bars(
        ticks=[(pct(_height(tick, ticks[-1])), f"{tick:,g}") for tick in ticks],
        bars=[_bar(i, month, values[i], ticks[-1], len(months)) for i, month in enumerate(months)],
    )


def _height(value: float, top: float) -> float:
    return PLOT_BOTTOM - max(value, 0.0) / top * (PLOT_BOTTOM - PLOT_TOP)


def _bar(place: int, month: Month, value: float, top: float, many: int) -> Bar:
    step, y = (100 - PLOT_LEFT) / many, _height(value, top)
    left = PLOT_LEFT + step * place
    spoken = f"{month.period.year}年{month.period.month}月"
    first = month.period.month == 1
    return Bar(
        x=pct(left + step * (1 - BAR) / 2),
        y=pct(y),
        width=pct(step * BAR),
        height=pct(PLOT_BOTTOM - y),
        middle=pct(left + step / 2),
        label=f"{month.period.year}年" if first else f"{month.period.month}月" if month.period.month % 3 == 1 else "",
        title=f"{spoken}：{month.text}",
    )
