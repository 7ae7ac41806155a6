"""Figures in words: a value with its unit, the lead sentence, and the scorecard as plain text."""

import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext as _

from parkportal.writing import (
    write_count,
    write_jobs,
    write_money,
    write_number,
    write_percent,
    write_period,
    write_points,
)
from reports import progress
from reports.models import Indicator, Scorecard, ScorecardLine
from reports.periods import Period
from reports.tallies import Amount, Part


def shows(written: str) -> bool:
    """Whether a written number is more than zeros: nobody grows by 0.0%."""
    return any(char in "123456789" for char in written)


def write_value(indicator: Indicator, value: Fraction | None, inexact: str = "", *, strip: bool = False) -> str:
    """A figure in the indicator's display unit, without the unit; unknown is “—”."""
    if value is None:
        return "—"
    if indicator.display_unit in {"亿元", "万元", "万美元"}:
        text = write_money(value, indicator.display_unit, indicator.decimals)
        return text.removesuffix(".0") if strip else text
    if indicator.display_unit == "%":
        return write_number(value * 100, 1)
    if inexact and indicator.unit == "人":
        return write_jobs(value, inexact)
    if inexact:
        return write_count(value, inexact)
    return write_number(value, indicator.decimals or (0 if value.denominator == 1 else 1), strip=strip)


def write_distance(gap: Fraction) -> str:
    """How many points lie between two places, never “0.0”: “12.5”, “不足0.1”."""
    written = write_percent(gap, thresholds=())
    return _("不足0.1") if written == "0.0" else written


def verdict(indicator: Indicator, excess: Fraction | None) -> str:
    """What the lead sentence says of a target: over-fulfilled by n, fulfilled, or n short; empty without one.

    Where less is better, how much less or more it was.
    """
    if excess is None:
        return ""
    amount = f"{write_value(indicator, abs(excess), strip=True)}{indicator.display_unit}"
    if excess and indicator.direction == Indicator.Direction.LESS:
        said = _("比市定目标少%(amount)s") if excess > 0 else _("比市定目标多%(amount)s")
        return said % {"amount": amount}
    if excess > 0:
        return _("超额完成市定目标%(amount)s") % {"amount": amount}
    return _("完成市定目标") if excess == 0 else _("距市定目标差%(amount)s") % {"amount": amount}


TOTALS: Final = ("signed_investment", "expected_output", "expected_jobs")
"""The totals that the lead sentence names after the pinned indicators."""


def lead_sentence(period: Period, lines: list[tuple[ScorecardLine, list[Part]]], chains: Mapping[str, str]) -> str:
    """The scorecard in words: the pinned indicators against their targets, then the totals, then the largest chain."""
    pinned = [_clause(line) for line, _parts in lines if line.indicator.pinned]
    sentence = f"{write_period(period.year, period.month, 'text')}，{'；'.join(pinned)}。" if pinned else ""
    by_code = {line.indicator.code: (line, parts) for line, parts in lines}
    if not all(code in by_code and by_code[code][0].actual for code in TOTALS[:1]):
        return sentence
    named = [by_code[code][0] for code in TOTALS if code in by_code]
    told = [(line, _written(line)) for line in named if line.actual]
    totals = [f"{line.indicator.lead_phrase}{text}" for line, text in told if shows(text)]
    return f"{sentence}{'，'.join(totals + _largest_chain(by_code, chains))}。"


def _clause(line: ScorecardLine) -> str:
    said = verdict(line.indicator, progress.standing(line).excess)
    return f"{line.indicator.lead_phrase}{_written(line)}" + (f"，{said}" if said else "")


def _written(line: ScorecardLine) -> str:
    text = write_value(line.indicator, line.actual, line.inexact, strip=True)
    return f"{text}{line.indicator.display_unit}"


def _largest_chain(by_code: Mapping[str, tuple[ScorecardLine, list[Part]]], chains: Mapping[str, str]) -> list[str]:
    """“其中电子信息产业6个，总投资52.4亿元，可实现年产值34亿元”: the chain with the largest investment, if any."""

    def of_chains(code: str) -> dict[str, Amount]:
        parts = by_code[code][1] if code in by_code else []
        return {p.key: p.amount for p in parts if p.dimension == "chain" and p.key}

    invested = of_chains("signed_investment")
    if not invested or "projects_100m" not in by_code:
        return []
    key = max(sorted(invested), key=lambda chain: invested[chain].value or 0)
    words = [("signed_investment", _("总投资")), ("expected_output", _("可实现年产值"))]
    clauses = [
        _in_words(by_code[code][0], phrase, of_chains(code).get(key)) for code, phrase in words if code in by_code
    ]
    count = _in_words(by_code["projects_100m"][0], "", of_chains("projects_100m").get(key))
    name = chains.get(key, key).removesuffix("产业")
    return [_("其中%(chain)s产业%(count)s") % {"chain": name, "count": count}, *filter(None, clauses)]


def _in_words(line: ScorecardLine, phrase: str, amount: Amount | None) -> str:
    if amount is None or not amount.value:
        return ""
    written = write_value(line.indicator, amount.value, amount.inexact, strip=True)
    return f"{phrase}{written}{line.indicator.display_unit}"


HEAD = ("指标", "计量单位", "年度目标", "累计", "完成率（%）", "超（欠）序时（百分点）", "位次", "灯")


def scorecard_table(scorecard: Scorecard) -> str:
    """附件1 as a text table, columns aligned for a terminal where a Chinese character is two wide."""
    rows = [HEAD]
    for line in scorecard.lines.select_related("indicator").filter(listed=True):
        state, indicator = progress.standing(line), line.indicator
        rows.append(
            (
                indicator.name,
                indicator.display_unit,
                write_value(indicator, line.target),
                write_value(indicator, line.actual, line.inexact),
                write_percent(state.completion, thresholds=progress.thresholds(line))
                + "%" * (state.completion is not None),
                write_points(state.ahead_pp),
                str(line.rank or "—"),
                line.get_light_display() if indicator.is_assessed else "—",
            )
        )
    widths = [max(_width(row[i]) for row in rows) for i in range(len(HEAD))]
    return "\n".join("  ".join(_pad(cell, widths[i], i) for i, cell in enumerate(row)).rstrip() for row in rows)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _pad(text: str, width: int, column: int) -> str:
    gap = " " * (width - _width(text))
    return text + gap if column in {0, 1, 7} else gap + text
