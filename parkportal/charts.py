"""Geometry of the charts: numbers in, SVG attributes out. Pure; a ratio of 1 is 100 %."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, TypeAlias

Number: TypeAlias = int | float | Fraction

FULL: Final = 1.6
"""The bullet's scale ends at 160 %."""

AMBER_BAND: Final = 0.1
"""The middle grey band begins ten points before the pace."""

MONTHS: Final = 12
PLOT_LEFT: Final = 7.0
PLOT_RIGHT: Final = 86.0
PLOT_TOP: Final = 7.0
PLOT_BOTTOM: Final = 89.0
"""Edges of a chart's plot, in per cent of the picture."""


def pct(value: float) -> str:
    """Write an SVG percentage, at most three decimals: 46.875 → "46.875%"."""
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"


def on_scale(ratio: Number) -> float:
    """Place a ratio on the bullet's scale, in per cent of its width, within 0 and 100."""
    return min(max(float(ratio), 0.0), FULL) / FULL * 100


@dataclass(frozen=True, slots=True)
class Band:
    """One grey range behind a bullet; x and width are SVG percentages."""

    name: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Bullet:
    """A bullet ready to draw; an empty string leaves its part out."""

    bar: str
    over_x: str
    over: str
    capped: bool
    pace: str
    shared: str
    goal: str
    bands: tuple[Band, ...]


def bands_for(pace: Number | None) -> tuple[Band, ...]:
    """Cut the ground at ten points before the pace and at the pace; without pace it is one piece."""
    cuts = [] if pace is None else [on_scale(float(pace) - AMBER_BAND), on_scale(pace)]
    edges = [0.0, *cuts, 100.0]
    first = 4 - len(edges) + 1
    return tuple(
        Band(f"band-{first + i}", pct(left), pct(right - left))
        for i, (left, right) in enumerate(zip(edges, edges[1:], strict=False))
    )


def bullet_of(completion: Number | None, pace: Number | None, shared: Number | None) -> Bullet:
    """Lay out one bullet; `shared` is the pace of its neighbours, drawn thin where it has none of its own."""
    goal, done = on_scale(1), on_scale(completion or 0)
    return Bullet(
        bar="" if completion is None else pct(min(done, goal)),
        over_x=pct(goal),
        over=pct(done - goal) if done > goal else "",
        capped=completion is not None and float(completion) > FULL,
        pace="" if pace is None else pct(on_scale(pace)),
        shared="" if shared is None or pace is not None else pct(on_scale(shared)),
        goal=pct(goal),
        bands=bands_for(pace),
    )


def ticks_for(highest: float) -> list[float]:
    """Choose 0 and four to six round steps that reach the highest value."""
    if highest <= 0:
        return [0.0, 1.0]
    power = 10 ** math.floor(math.log10(highest / 5))
    step = next(s * power for s in (1, 2, 5, 10) if s * power * 5 >= highest)
    step = max(step, 1.0) if highest >= 5 else step
    return [step * i for i in range(math.ceil(round(highest / step, 9)) + 1)]


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot of a chart over twelve months: turns a month and a value into per cent of the picture."""

    top: float

    def x(self, month: float) -> float:
        """Place a month, 1 to 12, from the left edge of the picture."""
        return PLOT_LEFT + (month - 1) / (MONTHS - 1) * (PLOT_RIGHT - PLOT_LEFT)

    def y(self, value: float) -> float:
        """Place a value, 0 at the bottom of the plot."""
        return PLOT_BOTTOM - value / self.top * (PLOT_BOTTOM - PLOT_TOP)

    def line(self, values: Sequence[tuple[float, float]]) -> str:
        """Write (month, value) pairs as points of a 100 × 100 polyline."""
        return " ".join(f"{self.x(m):.2f},{self.y(v):.2f}" for m, v in values)


@dataclass(frozen=True, slots=True)
class Mark:
    """One month of a cumulative chart: its value up to then, how it is written, and the list behind it."""

    month: int
    value: float | None
    text: str
    url: str
    x: str = ""
    y: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A cumulative chart ready to draw; an empty string leaves its part out."""

    ticks: tuple[tuple[str, str], ...]
    months: tuple[tuple[str, int, bool], ...]
    marks: tuple[Mark, ...]
    rows: tuple[tuple[Mark, float | None], ...]
    own: str
    area: str
    goal: str
    goal_y: str
    past: str
    past_end: tuple[str, str]
    cut: str
    ahead: str
    ahead_y: str


def _placed(frame: Frame, mark: Mark, value: float) -> Mark:
    """Give a mark its place in the picture."""
    return replace(mark, x=pct(frame.x(mark.month)), y=pct(frame.y(value)))


def months_picture(
    points: Sequence[Mark],
    target: float | None,
    last_year: Sequence[float | None],
    forecast: float | None = None,
    pace: Sequence[float] = (),
) -> Picture:
    """Lay out a year: the points known so far, the way to the target, last year from January on, and the forecast.

    The way is that of `pace`, twelve values that end at the target, or straight.
    """
    way = pace or [target * month / MONTHS for month in range(1, MONTHS + 1)] if target is not None else ()
    known = [(p, p.value) for p in points if p.value is not None]
    past = [(month, value) for month, value in enumerate(last_year, 1) if value is not None]
    ticks = ticks_for(max([*(v for _, v in known), *(v for _, v in past), target or 0.0, forecast or 0.0]))
    frame = Frame(ticks[-1])
    own = [(p.month, v) for p, v in known]
    last = own[-1][0] if own else 0
    reaches = forecast is not None and 0 < last < MONTHS
    return Picture(
        ticks=tuple((pct(frame.y(tick)), f"{tick:,g}") for tick in ticks),
        months=tuple((pct(frame.x(m)), m, m == last) for m in range(1, MONTHS + 1)),
        marks=tuple(_placed(frame, p, v) for p, v in known),
        rows=tuple((p, last_year[p.month - 1] if p.month <= len(last_year) else None) for p in points),
        own=frame.line(own),
        area=frame.line([(own[0][0], 0.0), *own, (last, 0.0)]) if own else "",
        goal=frame.line(list(enumerate(way, 1))),
        goal_y="" if target is None else pct(frame.y(target)),
        past=frame.line(past),
        past_end=(pct(frame.x(past[-1][0])), pct(frame.y(past[-1][1]))) if past else ("", ""),
        cut=pct(frame.x(last)) if last else "",
        ahead=frame.line([own[-1], (MONTHS, forecast or 0.0)]) if reaches else "",
        ahead_y=pct(frame.y(forecast or 0.0)) if reaches else "",
    )
