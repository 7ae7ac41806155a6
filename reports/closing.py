"""核定表: each figure of a year's closing as December had it (自报数), what was added and struck, and what it is now.

Pure: both sides are contents (freezing.content_of).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from reports.changes import ADDITIVE, Content, Difference, Effect, write_change
from reports.frozen import lines_of
from reports.models import Indicator
from reports.sources import REPORTED
from reports.words import write_value


@dataclass(frozen=True)
class Balance:
    """One figure, written: 自报数 + 核增 − 核减 = 核定数; “—” where a figure has no such parts."""

    indicator: Indicator
    declared: str
    added: str
    struck: str
    settled: str
    reasons: str


def balances(before: Content, after: Content, found: Iterable[Difference], reasons: Mapping[str, str]) -> list[Balance]:
    """The figures of 附件1 in their order, by what was `found` to differ from December to the closing."""
    declared = {line.indicator.code: line.actual for line in lines_of(before)}
    moved: dict[str, list[tuple[Effect, str]]] = {}
    for one in found:
        for effect in one.effects:
            moved.setdefault(effect.indicator.code, []).append((effect, reasons.get(one.key, "")))
    lines = [line for line in lines_of(after) if line.listed]
    return [
        _balance(line.indicator, declared.get(line.indicator.code), line.actual, moved.get(line.indicator.code, []))
        for line in lines
    ]


def _balance(
    indicator: Indicator, declared: Fraction | None, settled: Fraction | None, moved: list[tuple[Effect, str]]
) -> Balance:
    added, struck = _both_ways(indicator, declared, settled, [effect for effect, _reason in moved])
    said = dict.fromkeys(reason for effect, reason in moved if reason and effect.amount != 0)
    return Balance(
        indicator,
        write_value(indicator, declared),
        "—" if added is None else write_change(indicator, added).removesuffix(indicator.display_unit),
        "—" if struck is None else write_change(indicator, struck).removesuffix(indicator.display_unit),
        write_value(indicator, settled),
        "；".join(said),
    )


def _both_ways(
    indicator: Indicator, declared: Fraction | None, settled: Fraction | None, effects: list[Effect]
) -> tuple[Fraction | None, Fraction | None]:
    """What was added and what was struck off: by rows where they add up, in all where they do not (家).

    Unknown for rates and averages, and where one side is.
    """
    if declared is None or settled is None:
        return None, None
    if indicator.measure in {Indicator.Measure.AVG_DAYS, Indicator.Measure.RATIO}:
        return None, None
    by_rows = indicator.measure in ADDITIVE and indicator.source != REPORTED
    amounts = [effect.amount or Fraction(0) for effect in effects] if by_rows else [settled - declared]
    zero = Fraction(0)
    return sum((n for n in amounts if n > 0), zero), -sum((n for n in amounts if n < 0), zero)
