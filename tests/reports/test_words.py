"""Figures in words: over, exact or short of the target, about and more than, and the table for a terminal."""

from fractions import Fraction
from typing import Any

import pytest

from reports.models import Indicator, ScorecardLine
from reports.periods import Period
from reports.tallies import Amount, Part
from reports.words import lead_sentence, verdict, write_value

YI = 100_000_000
PIECES = {"unit": "个", "display_unit": "个", "measure": "count"}
MONEY = {"unit": "元", "display_unit": "亿元", "decimals": 1, "measure": "sum"}
PEOPLE = {"unit": "人", "display_unit": "人", "measure": "sum"}


def line(fields: dict[str, Any], actual: int | None, annual: int | None = None, inexact: str = "") -> ScorecardLine:
    """A compiled line that is not stored."""
    made = ScorecardLine(indicator=Indicator(**fields), inexact=inexact)
    if actual is not None:
        made.actual_numerator, made.actual_denominator = actual, 1
    if annual is not None:
        made.target_numerator, made.target_denominator = annual, 1
    return made


@pytest.mark.parametrize(
    ("fields", "excess", "sentence"),
    [
        (PIECES, Fraction(6), "超额完成市定目标6个"),
        (PIECES, Fraction(0), "完成市定目标"),
        (PIECES, Fraction(-2), "距市定目标差2个"),
        (PIECES, Fraction(1, 2), "超额完成市定目标0.5个"),
        (PIECES, None, ""),
        (MONEY, Fraction(-3 * YI), "距市定目标差3亿元"),
        (MONEY, Fraction(325_000_000), "超额完成市定目标3.3亿元"),
    ],
)
def test_over_exact_and_short(fields: dict[str, Any], excess: Fraction | None, sentence: str) -> None:
    assert verdict(Indicator(**fields), excess) == sentence


@pytest.mark.parametrize(
    ("fields", "value", "inexact", "text"),
    [
        (PIECES, Fraction(18), "", "18"),
        (PIECES, Fraction(1, 2), "", "0.5"),
        (PIECES, None, "", "—"),
        (MONEY, Fraction(10_490_000_000), "", "104.9"),
        (MONEY, Fraction(16_800_000_000), "", "168.0"),
        (PEOPLE, Fraction(40_260), "over", "4万余"),
        (PEOPLE, Fraction(40_260), "about", "约4万"),
        (PEOPLE, Fraction(40_260), "", "40,260"),
        ({"unit": "%", "display_unit": "%"}, Fraction(2, 3), "", "66.7"),
        ({"unit": "天", "display_unit": "天", "decimals": 1}, Fraction(43, 2), "", "21.5"),
    ],
)
def test_a_value_is_written_in_its_display_unit(
    fields: dict[str, Any], value: Fraction | None, inexact: str, text: str
) -> None:
    assert write_value(Indicator(**fields), value, inexact) == text


def sample(target: int | None = 12) -> list[tuple[ScorecardLine, list[Part]]]:
    """The lines of model.md 2 from which the sample's sentence is made."""

    def of(code: str, fields: dict[str, Any], phrase: str, electronics: int, *args: Any) -> Any:
        made = {"code": code, "lead_phrase": phrase, "role": "assessed", **fields}
        return line(made, *args), [
            Part("chain", "electronics", Amount(Fraction(electronics))),
            Part("chain", "", WHOLE),
        ]

    pinned = {**PIECES, "pinned": True}
    return [
        of("projects_100m", pinned, "签约亿元以上产业项目", 6, 18, target),
        of("fortune_global_500_projects", pinned, "引进世界500强项目", 1, 2, 1),
        of("signed_investment", MONEY, "项目总投资", 5_240_000_000, 10_490_000_000),
        of("expected_output", MONEY, "预计可实现年产值", 3_400_000_000, 16_800_000_000),
        of("expected_jobs", PEOPLE, "解决就业", 0, 40_260, None, "over"),
    ]


WHOLE = Amount(Fraction(10**12))
"""More than any chain has, on rows that belong to none."""
SENTENCE = (
    "1至9月，签约亿元以上产业项目18个，超额完成市定目标6个；引进世界500强项目2个，超额完成市定目标1个。"
    "项目总投资104.9亿元，预计可实现年产值168亿元，解决就业4万余人，"
    "其中电子信息产业6个，总投资52.4亿元，可实现年产值34亿元。"
)


def test_the_lead_sentence_of_the_sample_is_exact() -> None:
    assert lead_sentence(Period(2020, 9), sample(), {"electronics": "电子信息"}) == SENTENCE


def test_without_a_target_its_clause_is_left_out() -> None:
    assert "18个；引进" in lead_sentence(Period(2020, 9), sample(None), {"electronics": "电子信息"})


def test_short_and_exact_are_said_in_the_sentence() -> None:
    assert "18个，距市定目标差2个；" in lead_sentence(Period(2020, 9), sample(20), {"electronics": "电子信息"})
    assert "18个，完成市定目标；" in lead_sentence(Period(2020, 9), sample(18), {"electronics": "电子信息"})


def test_without_money_the_sentence_ends_after_the_pinned() -> None:
    lines = sample()
    lines[2] = (line({"code": "signed_investment", **MONEY}, 0), [])
    assert lead_sentence(Period(2020, 1), lines, {}) == SENTENCE.split("。")[0].replace("1至9月", "1月") + "。"
