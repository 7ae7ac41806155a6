"""Indicators' figures as a form's cells hold them, read from a compiled scorecard and never computed anew."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.models import Park
from parkportal.writing import percent_value, write_percent
from reports.filling.fields import YUAN, Written, scaled
from reports.models import Indicator, Scorecard, ScorecardLine
from reports.periods import Period
from reports.progress import standing, thresholds
from reports.rows import month_inexact
from reports.words import write_value

VALUES: Final[Mapping[str, Any]] = {
    "actual": gettext_lazy("累计"),
    "month": gettext_lazy("当月"),
    "target": gettext_lazy("年度目标"),
    "completion": gettext_lazy("完成率（%）"),
}
"""What a cell may tell of an indicator."""


def scorecard_of(park: Park, period: Period) -> Scorecard:
    """What is out of a park and period, else its draft; ValidationError where none was compiled."""
    found = Scorecard.objects.current().filter(park=park, period=str(period)).first()
    if found is None:
        words = {"year": period.year, "month": period.month}
        raise ValidationError(_("%(year)s年%(month)s月的成绩单还没有编制，先编制再填表。") % words)
    return found


def lines_of(scorecard: Scorecard) -> dict[str, ScorecardLine]:
    """The lines of a scorecard by their indicators' codes."""
    return {line.indicator.code: line for line in scorecard.lines.select_related("indicator")}


def write_figure(line: ScorecardLine | None, value: str, unit: str, *, as_ratio: bool) -> Written:
    """A figure as its cell holds it: money in `unit`, the inexact as text, nothing for the unknown.

    `as_ratio` is for a completion whose cell writes percentages itself: 150.0 % is 1.5.
    """
    if line is None:
        return Written(None)
    if value == "completion":
        return _completion(line, as_ratio)
    number: Fraction | None = getattr(line, value)
    if number is None:
        return Written(None)
    indicator, plain = line.indicator, f"{number.numerator}/{number.denominator}"
    inexact = _inexact(line, value)
    shown = write_value(indicator, number, inexact)
    words = f"{shown}{indicator.display_unit}"
    return Written(shown if inexact else _number(indicator, number, unit), plain, words)


def _inexact(line: ScorecardLine, value: str) -> str:
    """How exact what a cell tells is, as on the scorecard: "" | "over" | "about"; targets are exact."""
    if value == "month":
        return month_inexact(line, Period.parse(line.scorecard.period))
    return line.inexact if value == "actual" else ""


def _completion(line: ScorecardLine, as_ratio: bool) -> Written:
    ratio = standing(line).completion
    if ratio is None:
        return Written(None)
    limits = thresholds(line)
    percent = percent_value(ratio, thresholds=limits) or 0.0
    words = f"{write_percent(ratio, thresholds=limits)}%"
    return Written(round(percent / 100, 3) if as_ratio else percent, f"{ratio.numerator}/{ratio.denominator}", words)


def _number(indicator: Indicator, value: Fraction, unit: str) -> int | float:
    """A figure in the unit that the form asks for, where it is yuan, else the very number that pages print."""
    if indicator.unit == "元" and unit in YUAN and unit != indicator.display_unit:
        return scaled(value, unit)
    shown = Fraction(write_value(indicator, value).replace(",", "").replace("−", "-"))
    return int(shown) if shown.denominator == 1 else float(shown)
