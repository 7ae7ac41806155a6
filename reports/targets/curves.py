"""How a year's target spreads over its months: evenly, in quarterly steps, or as twelve numbers that were typed."""

from collections.abc import Sequence
from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.models import Indicator, Target
from reports.progress import has_pace
from reports.targets.amounts import denominator_of, say_amount

Shape = Literal["monthly", "quarterly", "typed"]
SHAPES: Final = (
    ("monthly", gettext_lazy("按月平均")),
    ("quarterly", gettext_lazy("按季度")),
    ("typed", gettext_lazy("分月填写")),
)


def quarterly(annual: int) -> list[int]:
    """Twelve cumulative numbers that step up by a quarter of the year's target at the end of each quarter.

    Before a quarter has ended, the pace is that of the quarter before; halves of a unit are rounded up.
    """
    return [-(-annual * (month // 3) // 4) for month in range(1, 13)]


def shape_of(annual: int, curve: Sequence[int]) -> Shape:
    """How a stored target spreads over the year."""
    if not curve:
        return "monthly"
    return "quarterly" if list(curve) == quarterly(annual) else "typed"


def follow(before: Target, annual: int) -> list[int]:
    """The months of a target whose annual number changes: steps are made anew, typed ones stay as they are."""
    return quarterly(annual) if shape_of(before.annual, before.curve) == "quarterly" else list(before.curve)


def curve_mistakes(indicator: Indicator, annual: int, curve: Sequence[int]) -> list[str]:
    """Sentences against a cumulative target by month: twelve numbers that never fall and end with the annual one."""
    if not curve:
        return []
    if not has_pace(indicator, Target(annual=annual, denominator=denominator_of(indicator))):
        return [_("这个指标不设序时进度，不用填分月累计目标。")]
    if len(curve) != 12:
        return [_("分月累计目标应有12个月，现在是%(n)s个。") % {"n": len(curve)}]
    said = [say_amount(indicator, value) for value in curve]
    falls = _("%(month)s月累计目标%(now)s少于%(before)s月的%(then)s，累计数不能减少。")
    found = [
        falls % {"month": n + 1, "now": said[n], "before": n, "then": said[n - 1]}
        for n in range(1, 12)
        if curve[n] < curve[n - 1]
    ]
    if curve[-1] != annual:
        ends = _("12月累计目标应等于年度目标%(annual)s，现在是%(now)s。")
        found.append(ends % {"annual": say_amount(indicator, annual), "now": said[-1]})
    return found
