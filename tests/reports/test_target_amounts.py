"""Amounts of targets as they are typed and written, in every display unit."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkportal.writing import Unreadable
from reports import targets
from reports.models import Indicator


@given(
    unit=st.sampled_from(["个", "人", "亿元", "万元", "元", "万美元", "%", "天"]),
    stored=st.integers(1, 10**9),
)
def test_what_is_written_can_be_read_again(unit: str, stored: int) -> None:
    indicator = Indicator(display_unit=unit)
    assert targets.read_amount(indicator, targets.write_amount(indicator, stored)) == stored


@given(text=st.text(max_size=30), unit=st.sampled_from(["个", "亿元", "%", "天"]))
def test_any_text_is_read_or_refused_with_a_sentence(text: str, unit: str) -> None:
    indicator = Indicator(display_unit=unit)
    try:
        value = targets.read_amount(indicator, text)
    except Unreadable as mistake:
        assert str(mistake)
    else:
        assert Fraction(value) >= 0


@pytest.mark.parametrize(
    ("unit", "text", "stored"),
    [("%", "８５．５％", 8550), ("%", "1，200 %", 120_000), ("天", "１５．５ 天", 155), ("%", "85%", 8500)],
)
def test_rates_and_days_are_read_in_full_width_too(unit: str, text: str, stored: int) -> None:
    assert targets.read_amount(Indicator(display_unit=unit), text) == stored
