"""Reporting periods: a year's months from January on, their pace, and which of them are due."""

import re
from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Self

from django.utils.translation import gettext as _

from parkportal.writing import write_period

FIRST_YEAR = 1950
LAST_YEAR = 2100


class BadPeriod(ValueError):
    """What was given is no reporting period; the message says what one looks like."""


@dataclass(frozen=True, order=True)
class Period:
    """The months of `year` from January to `month`, the unit in which figures are reported.

    `closing` is the whole year once more, after December's figures are out: what came late is in it, and what the
    authorities struck off is not (年终核定). It is written “2020-final”.
    """

    year: int
    month: int
    closing: bool = False

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            limits = {"year": self.year, "first": FIRST_YEAR, "last": LAST_YEAR}
            raise BadPeriod(_("年份应在%(first)s至%(last)s之间，现在是%(year)s") % limits)
        if not 1 <= self.month <= 12:
            raise BadPeriod(_("月份应为1至12，现在是%(month)s") % {"month": self.month})
        if self.closing and self.month != 12:
            raise BadPeriod(_("年终核定只有全年一期"))

    def __str__(self) -> str:
        return f"{self.year:04d}-final" if self.closing else f"{self.year:04d}-{self.month:02d}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the period written “2020-09” or “2020-final”; BadPeriod for anything else."""
        found = re.fullmatch(r"([0-9]{4})-([0-9]{2}|final)", text)
        if not found:
            raise BadPeriod(_("月份应写成“2020-09”这样的年和月，现在是“%(text)s”") % {"text": text[:20]})
        return cls.closing_of(int(found[1])) if found[2] == "final" else cls(int(found[1]), int(found[2]))

    @classmethod
    def closing_of(cls, year: int) -> Self:
        """Return the closing period of a year."""
        return cls(year, 12, closing=True)

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the period that `day` is in."""
        return cls(day.year, day.month)

    @classmethod
    def from_ordinal(cls, ordinal: int) -> Self:
        """Return the period of that `ordinal`."""
        year, month = divmod(ordinal - 1, 12)
        return cls(year, month + 1)

    @classmethod
    def range(cls, first: "Period", last: "Period") -> list[Self]:
        """Return the periods from `first` to `last`, both included; none where `last` is earlier."""
        return [cls.from_ordinal(ordinal) for ordinal in range(first.ordinal, last.ordinal + 1)]

    @property
    def ordinal(self) -> int:
        """A number that grows by one from month to month."""
        return self.year * 12 + self.month

    @property
    def start(self) -> date:
        """The 1 January on which the cumulative begins."""
        return date(self.year, 1, 1)

    @property
    def month_start(self) -> date:
        """The first day of its last month."""
        return date(self.year, self.month, 1)

    @property
    def end(self) -> date:
        """The last calendar day; a region's cut-off day closes entry and bounds no date."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def has_begun(self, today: date) -> bool:
        """Whether there is something to tell of it on a day: its last month has begun; a closing follows the year."""
        return self.end < today if self.closing else self.month_start <= today

    def previous(self) -> Self:
        """Return the period that ends a month earlier, in January that of last year's December."""
        return self.from_ordinal(self.ordinal - 1)

    def in_words(self, style: str = "table") -> str:
        """Return “1—9月”, “2020年1—9月” (`full`) or “1至9月” (`text`); a closing period is the whole year, 核定."""
        if not self.closing:
            return write_period(self.year, self.month, style)
        return _("%(year)s年全年（核定）") % {"year": self.year} if style == "full" else _("全年")

    def previous_year(self) -> Self:
        """Return the same months of the year before."""
        return self.from_ordinal(self.ordinal - 12)


def own_months(period: Period, *, merged: bool = False) -> list[Period]:
    """Return the months whose rows are the period's own: its last one, or 1—2月 together."""
    base = month_base(replace(period, closing=False), merged=merged)
    return Period.range(Period.from_ordinal(base.ordinal + 1) if base else Period(period.year, 1), period)


def paced_month(month: int, *, quarterly: bool = False) -> int:
    """Return up to which month time has come: the month itself or, by quarters, the end of the last one; 0 for none."""
    return month - month % 3 if quarterly else month


def time_progress(
    month: int, curve: Sequence[int] | None = None, annual: int = 0, *, quarterly: bool = False
) -> Fraction:
    """Return 序时进度: n/12 or, with a curve of twelve cumulative integers, its n-th ÷ the annual target.

    Where a region goes by quarters, n is the last quarter's end; a curve says its months itself.
    """
    return (
        Fraction(curve[month - 1], annual)
        if curve and annual
        else Fraction(paced_month(month, quarterly=quarterly), 12)
    )


def progress_told(told: Collection[Fraction | None], month: int, *, quarterly: bool) -> Fraction:
    """Return 序时进度 as compiled lines were told it, by a rhythm that may have changed since.

    `quarterly` is the rhythm now: it decides where the lines say neither.
    """
    now, other = (time_progress(month, quarterly=steps) for steps in (quarterly, not quarterly))
    return other if other in told and now not in told else now


def pace(
    annual: Fraction,
    month: int,
    curve: Sequence[int] | None = None,
    denominator: int = 1,
    *,
    quarterly: bool = False,
) -> Fraction:
    """Return 序时目标: exactly annual × n/12 or, with a curve, its n-th ÷ the target's denominator."""
    return Fraction(curve[month - 1], denominator) if curve else annual * time_progress(month, quarterly=quarterly)


def months_due(
    first: Period, until: Period | None, today: date, *, merge_january_february: bool = False
) -> list[Period]:
    """Return the periods that want a scorecard: from `first` to `until`, or to the running month where that is earlier.

    Where 1—2月 are published together, January has no period of its own.
    """
    running = Period.of(today)
    last = running if until is None else min(until, running)
    return [period for period in Period.range(first, last) if not (merge_january_february and period.month == 1)]


def cohort_start(year: int, years: int) -> date:
    """Return the first day of a cohort of `years` years that ends with `year`."""
    return date(year - years + 1, 1, 1)


@cache
def month_base(period: Period, *, merged: bool = False) -> Period | None:
    """Return the period whose cumulative is subtracted to get the month's own; None where the cumulative is it.

    What is the closing period's own came after December.
    """
    if period.closing:
        return Period(period.year, 12)
    return None if period.month == 1 or (merged and period.month == 2) else period.previous()
