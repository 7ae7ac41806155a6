"""How pages write figures and dates: each filter is one call of `parkportal.writing`."""

from datetime import date
from fractions import Fraction
from typing import Protocol

from django import template

from parkportal import writing

register = template.Library()


class Month(Protocol):
    """A year and a month: a reporting period or a date."""

    @property
    def year(self) -> int: ...

    @property
    def month(self) -> int: ...


@register.filter
def number(value: Fraction | int | None, decimals: int = 0) -> str:
    """Write a figure with that many decimals."""
    return writing.write_number(value, decimals)


@register.filter
def signed(value: Fraction | int | None, decimals: int = 0) -> str:
    """Write a difference with its sign."""
    return writing.write_signed(value, decimals)


@register.filter
def money(yuan: Fraction | int | None, unit: str = "亿元") -> str:
    """Write an amount of yuan in `unit`, for columns whose head names the unit."""
    return writing.write_money(yuan, unit)


@register.filter
def money_unit(yuan: Fraction | int | None) -> str:
    """Write a lone amount of yuan with the unit that suits it."""
    return writing.write_money_with_unit(yuan)


@register.filter
def money_detail(yuan: Fraction | int | None) -> str:
    """Write a lone amount of yuan as the page of one project does: 3.25亿元."""
    return writing.write_money_with_unit(yuan, detail=True)


@register.filter
def percent(value: Fraction | None, pace: Fraction | None = None) -> str:
    """Write a ratio as a percentage that never rounds up to 100, or to the given pace."""
    return writing.write_percent(value, thresholds=(1,) if pace is None else (1, pace))


@register.filter
def points(value: Fraction | None) -> str:
    """Write a difference of ratios in percentage points."""
    return writing.write_points(value)


@register.filter
def count_with(value: Fraction | int | None, qualifier: str = "exact") -> str:
    """Write a count with its 余, 以上, 近 or 约."""
    return writing.write_count(value, qualifier)


@register.filter
def jobs(total: Fraction | int | None, inexact: str = "") -> str:
    """Write a sum that may hold inexact parts."""
    return writing.write_jobs(total, inexact)


@register.filter
def day(value: date | None, precision: str = "day") -> str:
    """Write a date of that precision as tables and forms do."""
    return writing.write_date(value, precision)


@register.filter
def day_text(value: date | None, precision: str = "day") -> str:
    """Write a date of that precision as running text does."""
    return writing.write_date(value, precision, style="text")


@register.filter
def period(value: Month | None, style: str = "table") -> str:
    """Write the months from January on: `table`, `full` or `text`."""
    return writing.NOTHING if value is None else writing.write_period(value.year, value.month, style)


@register.filter
def lamps(number: int, light: str) -> str:
    """“2项绿灯”: how many carry a lamp."""
    words = {"green": "绿灯", "amber": "黄灯", "red": "红灯", "none": "未亮灯"}
    return f"{number}项{words[light]}"
