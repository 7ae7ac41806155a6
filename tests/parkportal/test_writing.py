"""Figures and dates are written as officials write them, and pages write through the same functions."""

from datetime import date
from fractions import Fraction

import pytest
from django.template import Context, Engine
from hypothesis import given
from hypothesis import strategies as st

from parkportal import writing

pytestmark = pytest.mark.once

YI = writing.YUAN_PER_YI
WAN = writing.YUAN_PER_WAN
fractions = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6)
days = st.dates(date(1950, 1, 1), date(2100, 12, 31))
precisions = st.sampled_from(writing.PRECISIONS)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (Fraction(1, 2), 0, "1"),
        (Fraction(-1, 2), 0, "-1"),
        (Fraction(5, 2), 0, "3"),
        (Fraction(104949, 1000), 1, "104.9"),
        (Fraction(10495, 100), 1, "105.0"),
        (7, 2, "7.00"),
        (Fraction(10**40 * 2 + 1, 2), 0, str(10**40 + 1)),
    ],
)
def test_halves_are_rounded_away_from_zero(value: Fraction, decimals: int, expected: str) -> None:
    assert str(writing.round_half_up(value, decimals)) == expected


@given(fractions, st.integers(0, 4))
def test_rounding_is_off_by_half_a_unit_at_most(value: Fraction, decimals: int) -> None:
    assert abs(Fraction(writing.round_half_up(value, decimals)) - value) <= Fraction(1, 2 * 10**decimals)


@pytest.mark.parametrize(
    ("value", "decimals", "strip", "expected"),
    [
        (None, 0, False, "—"),
        (0, 0, False, "0"),
        (999, 0, False, "999"),
        (1000, 0, False, "1,000"),
        (-1234567, 0, False, "−1,234,567"),
        (Fraction(-4, 100), 1, False, "0.0"),
        (168, 1, True, "168"),
        (Fraction(1049, 10), 1, True, "104.9"),
        (100, 0, True, "100"),
    ],
)
def test_a_number_has_separators_and_a_true_minus(
    value: int | Fraction | None, decimals: int, strip: bool, expected: str
) -> None:
    assert writing.write_number(value, decimals, strip=strip) == expected


@pytest.mark.parametrize(("value", "expected"), [(None, "—"), (6, "+6"), (-3, "−3"), (0, "0"), (1200, "+1,200")])
def test_a_difference_carries_its_sign(value: int | None, expected: str) -> None:
    assert writing.write_signed(value) == expected


@pytest.mark.parametrize(
    ("yuan", "unit", "expected"),
    [
        (None, "亿元", "—"),
        (10_490_000_000, "亿元", "104.9"),
        (16_800_000_000, "亿元", "168.0"),
        (0, "亿元", "0.0"),
        (99_999_900, "万元", "9,999.99"),
        (320_000_000, "万元", "32,000"),
        (1, "万元", "0.0001"),
        (1_234_567, "元", "1,234,567"),
        (1_490_000_000, "万美元", "149,000"),
        (-50_000_000, "万元", "−5,000"),
    ],
)
def test_money_is_converted_exactly(yuan: int | None, unit: str, expected: str) -> None:
    assert writing.write_money(yuan, unit) == expected


def test_money_takes_the_decimals_that_a_column_asks_for() -> None:
    assert writing.write_money(325_000_000, "亿元", 2) == "3.25"
    assert writing.write_money(16_800_000_000, "亿元", 1, strip=True) == "168"
    assert writing.write_money(325_000_000, "亿元", 0) == "3"


@pytest.mark.parametrize(
    ("yuan", "expected", "in_detail"),
    [
        (None, "—", "—"),
        (3 * YI, "3.0亿元", "3.0亿元"),
        (325_000_000, "3.3亿元", "3.25亿元"),
        (320_000_000, "3.2亿元", "3.2亿元"),
        (10_000_000, "0.1亿元", "0.1亿元"),
        (9_999_999, "999.9999万元", "999.9999万元"),
        (5_000_000, "500万元", "500万元"),
        (-5_000_000, "−500万元", "−500万元"),
        (0, "0万元", "0万元"),
    ],
)
def test_a_lone_amount_chooses_its_unit(yuan: int | None, expected: str, in_detail: str) -> None:
    assert writing.write_money_with_unit(yuan) == expected
    assert writing.write_money_with_unit(yuan, detail=True) == in_detail


@pytest.mark.parametrize(
    ("value", "thresholds", "expected"),
    [
        (None, (1,), "—"),
        (Fraction(3, 2), (1,), "150.0"),
        (Fraction(7496, 10000), (1, Fraction(3, 4)), "74.9"),
        (Fraction(7496, 10000), (1,), "75.0"),
        (Fraction(3, 4), (1, Fraction(3, 4)), "75.0"),
        (Fraction(99951, 100000), (1,), "99.9"),
        (Fraction(99951, 100000), (), "100.0"),
        (Fraction(1), (1,), "100.0"),
        (Fraction(2, 3), (Fraction(2, 3),), "66.7"),
        (Fraction(6665, 10000), (Fraction(2, 3),), "66.6"),
        (Fraction(6665, 10000), (), "66.7"),
        (Fraction(21922, 58900), (1,), "37.2"),
    ],
)
def test_a_percentage_never_rounds_up_to_what_it_does_not_reach(
    value: Fraction | None, thresholds: tuple[Fraction | int, ...], expected: str
) -> None:
    assert writing.write_percent(value, thresholds=thresholds) == expected


@given(st.fractions(0, 3), st.integers(1, 12))
def test_a_percentage_shows_a_threshold_as_reached_exactly_when_it_is(value: Fraction, month: int) -> None:
    pace = Fraction(month, 12)
    shown = Fraction(writing.write_percent(value, thresholds=(1, pace))) / 100
    for threshold in (Fraction(1), pace):
        as_shown = Fraction(writing.write_percent(threshold, thresholds=())) / 100
        assert shown < threshold if value < threshold else shown >= as_shown
    assert abs(shown - value) < Fraction(1, 1000)


def test_rest_gets_the_percentage_that_the_page_shows() -> None:
    assert writing.percent_value(Fraction(3, 2)) == 150.0
    assert writing.percent_value(Fraction(7496, 10000), thresholds=(Fraction(3, 4),)) == 74.9
    assert writing.percent_value(None) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "—"),
        (Fraction(3, 4), "+75.0"),
        (Fraction(-83, 1000), "−8.3"),
        (Fraction(0), "0.0"),
        (Fraction(-4, 10000), "−0.1"),
        (Fraction(4, 10000), "0.0"),
    ],
)
def test_points_are_signed_and_being_behind_shows(value: Fraction | None, expected: str) -> None:
    assert writing.write_points(value) == expected


@pytest.mark.parametrize(
    ("value", "qualifier", "expected"),
    [
        (1000, "over", "1,000余"),
        (5000, "near", "近5,000"),
        (300, "about", "约300"),
        (5, "at_least", "5以上"),
        (18, "exact", "18"),
        (18, "", "18"),
        (Fraction(1, 2), "exact", "0.5"),
        (None, "over", "—"),
    ],
)
def test_a_count_prints_its_qualifier(value: int | Fraction | None, qualifier: str, expected: str) -> None:
    assert writing.write_count(value, qualifier) == expected


@pytest.mark.parametrize(
    ("qualifiers", "expected"),
    [
        ([], ""),
        (["exact", "exact"], ""),
        (["exact", "over"], "over"),
        (["at_least"], "over"),
        (["over", "near"], "about"),
        (["about"], "about"),
    ],
)
def test_a_sum_is_as_inexact_as_its_worst_part(qualifiers: list[str], expected: str) -> None:
    assert writing.inexactness(qualifiers) == expected


@pytest.mark.parametrize(
    ("total", "inexact", "expected"),
    [
        (40_260, "over", "4万余"),
        (43_999, "over", "4.3万余"),
        (10_000, "over", "1万余"),
        (9_999, "over", "9,900余"),
        (1_260, "over", "1,200余"),
        (99, "over", "99余"),
        (Fraction(80_521, 2), "over", "4万余"),
        (40_500, "about", "约4.1万"),
        (40_499, "about", "约4万"),
        (9_960, "about", "约1万"),
        (1_250, "about", "约1,300"),
        (40_260, "", "40,260"),
        (0, "over", "0"),
        (None, "over", "—"),
    ],
)
def test_an_inexact_sum_is_cut_before_余_and_rounded_after_约(
    total: int | Fraction | None, inexact: str, expected: str
) -> None:
    assert writing.write_jobs(total, inexact) == expected


@given(st.integers(1, 10**8))
def test_余_never_claims_more_than_the_sum(total: int) -> None:
    shown, _ = writing.read_count(writing.write_jobs(total, "over"))
    assert shown <= total < shown + (1000 if total >= 10_000 else 100)


@pytest.mark.parametrize(
    ("day", "precision", "first", "last"),
    [
        (date(2020, 7, 11), "ten_day", date(2020, 7, 11), date(2020, 7, 20)),
        (date(2020, 7, 10), "ten_day", date(2020, 7, 1), date(2020, 7, 10)),
        (date(2020, 7, 31), "ten_day", date(2020, 7, 21), date(2020, 7, 31)),
        (date(2020, 2, 21), "ten_day", date(2020, 2, 21), date(2020, 2, 29)),
        (date(2019, 2, 3), "month", date(2019, 2, 1), date(2019, 2, 28)),
        (date(2020, 12, 31), "quarter", date(2020, 10, 1), date(2020, 12, 31)),
        (date(2020, 6, 30), "half", date(2020, 1, 1), date(2020, 6, 30)),
        (date(2020, 7, 1), "half", date(2020, 7, 1), date(2020, 12, 31)),
        (date(2020, 5, 5), "year", date(2020, 1, 1), date(2020, 12, 31)),
        (date(2020, 5, 5), "day", date(2020, 5, 5), date(2020, 5, 5)),
    ],
)
def test_an_imprecise_date_has_a_first_and_a_last_day(day: date, precision: str, first: date, last: date) -> None:
    assert (writing.earliest(day, precision), writing.latest(day, precision)) == (first, last)


@given(days, precisions)
def test_the_days_of_an_imprecise_date_all_mean_the_same(day: date, precision: str) -> None:
    first, last = writing.earliest(day, precision), writing.latest(day, precision)
    assert first <= day <= last
    assert writing.earliest(last, precision) == first
    assert writing.latest(first, precision) == last


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(KeyError):
        writing.earliest(date(2020, 1, 1), "week")


@pytest.mark.parametrize(
    ("precision", "in_full", "in_its_year"),
    [
        ("ten_day", "2020年7月中旬", "7月中旬"),
        ("month", "2020年7月", "7月"),
        ("quarter", "2020年第三季度", "第三季度"),
        ("half", "2020年下半年", "下半年"),
        ("year", "2020年", "2020年"),
        ("day", "2020-07-11", "2020-07-11"),
    ],
)
def test_a_date_prints_as_precisely_as_it_is_known(precision: str, in_full: str, in_its_year: str) -> None:
    day = date(2020, 7, 11)
    assert writing.write_date(day, precision) == in_full
    assert writing.write_date(day, precision, year=2020) == in_its_year
    assert writing.write_date(day, precision, year=2021) == in_full


def test_a_date_in_text_is_spelled_out_and_an_unknown_one_is_a_dash() -> None:
    assert writing.write_date(date(2020, 7, 10), style="text") == "2020年7月10日"
    assert writing.write_date(date(2020, 7, 31), "ten_day", year=2020) == "7月下旬"
    assert writing.write_date(None) == "—"


@given(days, precisions, st.sampled_from(["table", "text"]))
def test_a_written_date_reads_back(day: date, precision: str, style: str) -> None:
    first = writing.earliest(day, precision)
    assert writing.read_date(writing.write_date(day, precision, style=style)) == (first, precision)
    in_its_year = writing.write_date(day, precision, style=style, year=day.year)
    assert writing.read_date(in_its_year, year=day.year) == (first, precision)


def test_a_period_is_written_from_january_on() -> None:
    assert writing.write_period(2020, 9) == "1—9月"
    assert writing.write_period(2020, 9, "full") == "2020年1—9月"
    assert writing.write_period(2020, 9, "text") == "1至9月"
    assert [writing.write_period(2020, 1, style) for style in ("table", "full", "text")] == ["1月", "2020年1月", "1月"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("number|number", "1,234"),
        ("number|number:1", "1,234.0"),
        ("number|signed", "+1,234"),
        ("amount|money", "3.3"),
        ("amount|money:'万元'", "32,500"),
        ("amount|money_unit", "3.3亿元"),
        ("amount|money_detail", "3.25亿元"),
        ("ratio|percent", "75.0"),
        ("ratio|percent:pace", "74.9"),
        ("ratio|points", "+75.0"),
        ("number|count_with:'over'", "1,234余"),
        ("number|jobs:'over'", "1,200余"),
        ("day|day", "2020-07-11"),
        ("day|day:'ten_day'", "2020年7月中旬"),
        ("day|day_text", "2020年7月11日"),
        ("day|period", "1—7月"),
        ("day|period:'text'", "1至7月"),
    ],
)
def test_pages_write_through_the_same_functions(expression: str, expected: str) -> None:
    engine = Engine(libraries={"portal": "parkportal.templatetags.portal"})
    shown = {
        "number": 1234,
        "amount": 325_000_000,
        "ratio": Fraction(7496, 10000),
        "pace": Fraction(3, 4),
        "day": date(2020, 7, 11),
    }
    page = engine.from_string("{% load portal %}{{ " + expression + " }}")
    assert page.render(Context(shown)) == expected


@pytest.mark.parametrize(
    "name",
    [
        "number",
        "signed",
        "money",
        "money_unit",
        "money_detail",
        "percent",
        "points",
        "count_with",
        "jobs",
        "day",
        "day_text",
        "period",
    ],
)
def test_pages_write_the_unknown_as_a_dash(name: str) -> None:
    engine = Engine(libraries={"portal": "parkportal.templatetags.portal"})
    assert engine.from_string("{% load portal %}{{ unknown|" + name + " }}").render(Context({"unknown": None})) == "—"
