"""A period runs from January, its pace is exact, and the months that are due are known."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import periods
from reports.periods import BadPeriod, Period

all_periods = st.builds(Period, st.integers(1952, 2099), st.integers(1, 12))
SEPTEMBER = Period(2020, 9)


def test_a_period_is_written_and_read_as_year_and_month() -> None:
    assert Period.parse("2020-09") == SEPTEMBER
    assert str(SEPTEMBER) == "2020-09"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2020-9", "月份应写成“2020-09”这样的年和月，现在是“2020-9”"),
        ("2020-Final", "月份应写成“2020-09”这样的年和月，现在是“2020-Final”"),
        ("２０２０-09", "月份应写成“2020-09”这样的年和月，现在是“２０２０-09”"),
        ("2020-09\n", "月份应写成“2020-09”这样的年和月，现在是“2020-09\n”"),
        ("2020-13", "月份应为1至12，现在是13"),
        ("2020-00", "月份应为1至12，现在是0"),
        ("0202-09", "年份应在1950至2100之间，现在是202"),
        ("", "月份应写成“2020-09”这样的年和月，现在是“”"),
    ],
)
def test_what_is_no_period_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadPeriod) as refusal:
        Period.parse(text)
    assert str(refusal.value) == sentence


def test_a_period_runs_from_january_to_the_last_day_of_its_month() -> None:
    assert (SEPTEMBER.start, SEPTEMBER.month_start, SEPTEMBER.end) == (
        date(2020, 1, 1),
        date(2020, 9, 1),
        date(2020, 9, 30),
    )


@pytest.mark.parametrize(
    ("period", "end"),
    [
        (Period(2020, 2), date(2020, 2, 29)),
        (Period(2019, 2), date(2019, 2, 28)),
        (Period(2000, 2), date(2000, 2, 29)),
        (Period(2100, 2), date(2100, 2, 28)),
        (Period(2020, 12), date(2020, 12, 31)),
    ],
)
def test_leap_years_end_february_a_day_later(period: Period, end: date) -> None:
    assert period.end == end


@given(all_periods)
def test_a_period_ends_the_day_before_the_next_begins(period: Period) -> None:
    following = Period.from_ordinal(period.ordinal + 1)
    assert period.end + timedelta(days=1) == following.month_start
    assert following.previous() == period
    assert Period.of(period.end) == Period.of(period.month_start) == period
    assert Period.parse(str(period)) == period


@given(all_periods, all_periods)
def test_periods_are_ordered_as_their_ordinals_and_texts(one: Period, other: Period) -> None:
    assert (one < other) == (one.ordinal < other.ordinal) == (str(one) < str(other))


def test_before_january_comes_december_of_last_year() -> None:
    assert Period(2020, 1).previous() == Period(2019, 12)
    assert SEPTEMBER.previous_year() == Period(2019, 9)
    assert SEPTEMBER.previous() == Period(2020, 8)


def test_a_range_includes_both_ends_and_is_empty_backwards() -> None:
    assert Period.range(Period(2019, 11), Period(2020, 2)) == [
        Period(2019, 11),
        Period(2019, 12),
        Period(2020, 1),
        Period(2020, 2),
    ]
    assert Period.range(SEPTEMBER, SEPTEMBER) == [SEPTEMBER]
    assert Period.range(SEPTEMBER, Period(2020, 8)) == []


CURVE = (0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12)


def test_time_progress_is_n_twelfths_or_follows_the_curve() -> None:
    assert periods.time_progress(9) == Fraction(3, 4)
    assert periods.time_progress(12) == 1
    assert periods.time_progress(1, CURVE, 12) == 0
    assert periods.time_progress(6, CURVE, 12) == Fraction(1, 2)
    assert periods.time_progress(12, CURVE, 12) == 1
    assert periods.time_progress(9, [], 12) == Fraction(3, 4)
    assert periods.time_progress(9, [0] * 12, 0) == Fraction(3, 4)


def test_pace_is_an_exact_share_of_the_year_or_follows_the_curve() -> None:
    assert periods.pace(Fraction(12), 9) == 9
    assert periods.pace(Fraction(5), 9) == Fraction(15, 4)
    assert periods.pace(Fraction(12), 6, CURVE) == 6
    assert periods.pace(Fraction(6, 5), 6, CURVE, 10) == Fraction(3, 5)
    assert periods.pace(Fraction(12), 9, ()) == 9


@given(st.integers(1, 10**12), st.integers(1, 12), st.sampled_from([1, 10, 10_000]))
def test_pace_is_time_progress_times_the_target(annual: int, month: int, denominator: int) -> None:
    curve = [annual * n // 12 for n in range(1, 13)]
    target = Fraction(annual, denominator)
    assert periods.pace(target, month) == periods.time_progress(month) * target
    assert periods.pace(target, month, curve, denominator) == periods.time_progress(month, curve, annual) * target


def test_the_sample_is_due_from_january_to_september_2020() -> None:
    due = periods.months_due(Period(2020, 1), SEPTEMBER, date(2026, 1, 15))
    assert [str(period) for period in due] == [f"2020-{month:02d}" for month in range(1, 10)]


def test_without_an_end_the_running_month_is_due_too() -> None:
    due = periods.months_due(Period(2020, 11), None, date(2021, 2, 1))
    assert [str(period) for period in due] == ["2020-11", "2020-12", "2021-01", "2021-02"]


def test_months_to_come_are_not_due() -> None:
    assert periods.months_due(Period(2020, 8), Period(2020, 12), date(2020, 9, 1)) == [Period(2020, 8), SEPTEMBER]
    assert periods.months_due(Period(2020, 10), None, date(2020, 9, 30)) == []


def test_january_is_published_with_february_where_the_region_says_so() -> None:
    due = periods.months_due(Period(2019, 12), None, date(2021, 1, 31), merge_january_february=True)
    assert str(due[0]) == "2019-12"
    assert [period.month for period in due[1:]] == list(range(2, 13))


def test_a_cohort_of_k_years_begins_k_minus_one_years_earlier() -> None:
    assert periods.cohort_start(2020, 1) == date(2020, 1, 1)
    assert periods.cohort_start(2020, 3) == date(2018, 1, 1)


@pytest.mark.parametrize(
    ("month", "merged", "base"),
    [(1, False, None), (2, False, 1), (2, True, None), (3, True, 2), (9, False, 8), (1, True, None)],
)
def test_the_month_itself_is_what_came_after_its_base(month: int, merged: bool, base: int | None) -> None:
    expected = None if base is None else Period(2020, base)
    assert periods.month_base(Period(2020, month), merged=merged) == expected
