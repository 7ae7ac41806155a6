"""考核计分: how results become points, exactly, with the arithmetic of each score in words.

Pure: results, targets and rates are Fractions, rules are the columns of a rule row. Every score is rounded half up to
two decimals where it arises, is never below 0 unless it is a deduction, and what is printed adds up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext as _

PLACES: Final = 100
"""Scores are kept in hundredths of a point."""


@dataclass(frozen=True)
class Score:
    """Points with the arithmetic that makes them; `points` None where a result is missing."""

    points: Fraction | None
    explanation: str


def rounded(value: Fraction) -> Fraction:
    """A number of points to two decimals, half away from zero."""
    scaled = abs(value) * PLACES
    whole = (scaled.numerator * 2 + scaled.denominator) // (scaled.denominator * 2)
    return Fraction(whole if value >= 0 else -whole, PLACES)


def say(value: Fraction) -> str:
    """A number as it stands in arithmetic: “1.2564”, at most four decimals, without trailing zeros."""
    scaled = rounded(value * PLACES) / PLACES
    sign, units = ("−" if scaled < 0 else ""), abs(scaled) * PLACES * PLACES
    whole, rest = divmod(int(units), PLACES * PLACES)
    return f"{sign}{whole}" + (f".{rest:04d}".rstrip("0") if rest else "")


def lead_points(completion: Fraction, time_progress: Fraction) -> Score:
    """超（欠）序时 in percentage points: completion − time progress, never their ratio."""
    points = rounded((completion - time_progress) * 100)
    twelfths = time_progress * 12
    pace = f"{twelfths}/12" if twelfths.denominator == 1 else f"{say(time_progress * 100)}%"
    told = {"done": say(completion * 100), "pace": pace, "points": say(points)}
    return Score(points, _("%(done)s%% − %(pace)s = %(points)s个百分点") % told)


def _capped(actual: Fraction, target: Fraction, rule: Mapping[str, Any]) -> Score:
    """min(actual ÷ target, cap) × weight."""
    weight, cap = rule["weight"], rule["cap"]
    if target <= 0:
        return Score(None, _("没有目标，不计分"))
    ratio = min(actual / target, cap)
    points = rounded(max(ratio, Fraction(0)) * weight)
    told = {"a": say(actual), "t": say(target), "cap": say(cap), "w": say(weight), "p": say(points)}
    return Score(points, _("min(%(a)s÷%(t)s，%(cap)s)×%(w)s = %(p)s") % told)


def _steps(actual: Fraction, target: Fraction, rule: Mapping[str, Any]) -> Score:
    """Weight minus a fixed deduction for each whole unit below the target; not below 0."""
    weight, step = rule["weight"], rule["step"]
    missing = max(target - actual, Fraction(0))
    steps = -(-missing.numerator // missing.denominator)
    points = rounded(max(weight - steps * step, Fraction(0)))
    told = {"w": say(weight), "n": steps, "s": say(step), "p": say(points)}
    return Score(points, _("%(w)s−%(n)s×%(s)s = %(p)s，最少0分") % told)


def _tiers(actual: Fraction, target: Fraction, rule: Mapping[str, Any]) -> Score:
    """A bonus for each unit beyond the target, by tiers (from, points each), up to a cap."""
    beyond, cap = max(actual - target, Fraction(0)), rule["cap"]
    parts: list[str] = []
    total = Fraction(0)
    tiers: Sequence[tuple[Fraction, Fraction]] = sorted(rule["tiers"])
    for number, (start, each) in enumerate(tiers):
        end = tiers[number + 1][0] if number + 1 < len(tiers) else beyond
        units = max(min(beyond, end) - start, Fraction(0))
        total += units * each
        parts.append(f"{say(units)}×{say(each)}")
    points = rounded(min(total, cap))
    told = {"sum": "＋".join(parts) or "0", "cap": say(cap), "p": say(points)}
    return Score(points, _("min(%(sum)s，%(cap)s) = %(p)s") % told)


def efficacy(value: Fraction, everyone: Sequence[Fraction], weight: Fraction, *, less: bool = False) -> Score:
    """功效系数: (60 + 40 × (x − min) ÷ (max − min))% of the weight; where all are equal, the whole of it.

    Where less is better, the worst is the greatest.
    """
    low, high = (max(everyone), min(everyone)) if less else (min(everyone), max(everyone))
    if low == high:
        return Score(rounded(weight), _("最高与最低相同，记满分%(w)s") % {"w": say(rounded(weight))})
    points = rounded((60 + 40 * (value - low) / (high - low)) * weight / 100)
    told = {"x": say(value), "low": say(low), "high": say(high), "w": say(weight), "p": say(points)}
    return Score(points, _("(60+40×(%(x)s−%(low)s)÷(%(high)s−%(low)s))%%×%(w)s = %(p)s") % told)


KINDS: Final = {"capped": _capped, "steps": _steps, "tiers": _tiers}
"""What needs only the unit's own result and target."""


@dataclass(frozen=True)
class Item:
    """One unit's result of one rule: what it reached against what was asked, or what somebody gave by hand."""

    actual: Fraction | None
    target: Fraction | None
    manual: Fraction | None = None
    reason: str = ""
    less: bool = False
    """Whether less is better, as of days."""


def score(kind: str, rule: Mapping[str, Any], item: Item, everyone: Sequence[Fraction]) -> Score:
    """The points of one unit under one rule; manual ones carry their reason."""
    if kind == "manual":
        if item.manual is None:
            return Score(None, _("还没有打分"))
        points = rounded(item.manual)
        return Score(points, _("人工打分%(p)s：%(reason)s") % {"p": say(points), "reason": item.reason})
    if item.actual is None:
        return Score(None, _("没有数据，不计分"))
    if kind == "efficacy":
        return efficacy(item.actual, everyone, rule["weight"], less=item.less)
    if item.target is None:
        return Score(None, _("没有目标，不计分"))
    if not item.less:
        return KINDS[kind](item.actual, item.target, rule)
    if not item.actual:
        return Score(None, _("数据为零，不计分"))
    return KINDS[kind](item.target, item.actual, rule)


@dataclass(frozen=True)
class Total:
    """What a unit's scores come to; a veto leaves nothing of them."""

    points: Fraction
    explanation: str
    vetoed: bool = False


def total(scores: Sequence[Score], veto: str = "") -> Total:
    """The sum of the points that are known, not below 0; 0 where something was vetoed, for the reason given."""
    known = [one.points for one in scores if one.points is not None]
    if veto:
        return Total(Fraction(0), _("一票否决：%(reason)s") % {"reason": veto}, vetoed=True)
    points = max(sum(known, Fraction(0)), Fraction(0))
    return Total(points, f"{'＋'.join(say(one) for one in known) or '0'} = {say(points)}")


def places(totals: Mapping[str, Total], ties: Mapping[str, Sequence[Fraction]]) -> dict[str, int]:
    """Places by points, equal ones by the tie-breakers in their order; what is equal in all shares its place."""
    keys = {name: (not one.vetoed, one.points, *ties.get(name, ())) for name, one in totals.items()}
    return {name: 1 + sum(other > key for other in keys.values()) for name, key in keys.items()}
