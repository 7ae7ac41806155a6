"""Lamp, rank, pace and growth at their edges, and that number and lamp never contradict each other."""

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parkportal.writing import write_percent, write_points
from reports import progress
from reports.models import Indicator, ScorecardLine, Target
from reports.progress import Standing, light, ranks, stand
from tests import naive

PACE = Fraction(3, 4)
positive = st.fractions(min_value=Fraction(1, 1000), max_value=10**6, max_denominator=10**6)
figures = st.none() | st.fractions(min_value=0, max_value=10**6, max_denominator=10**6)


def indicator(**fields: Any) -> Indicator:
    """An assessed count, more is better; not stored."""
    return Indicator(**{"role": "assessed", "measure": "count", "unit": "个", "amber_points": 10} | fields)


def target(annual: int = 12, **fields: Any) -> Target:
    """A year's target; not stored."""
    return Target(annual=annual, **{"denominator": 1, "curve": []} | fields)


def lamp(actual: Fraction | int | None, annual: int = 12, month: int = 9, **fields: Any) -> str:
    """The lamp of a figure at the end of a month."""
    exact = None if actual is None else Fraction(actual)
    return str(light(stand(indicator(**fields), exact, target(annual), month), month))


@pytest.mark.parametrize(
    ("completion", "colour", "printed"),
    [
        (Fraction(75, 100), "green", "75.0"),
        (Fraction(7496, 10_000), "amber", "74.9"),
        (Fraction(749_999, 1_000_000), "amber", "74.9"),
        (Fraction(65, 100), "amber", "65.0"),
        (Fraction(6496, 10_000), "red", "64.9"),
        (Fraction(649, 1000), "red", "64.9"),
        (Fraction(9996, 10_000), "green", "99.9"),
        (Fraction(1), "green", "100.0"),
        (Fraction(0), "red", "0.0"),
    ],
)
def test_the_lamp_at_its_edges_in_september(completion: Fraction, colour: str, printed: str) -> None:
    state = stand(indicator(unit="元", measure="sum"), completion * 12, target(), 9)
    line = ScorecardLine(indicator=state.indicator, time_progress_numerator=3, time_progress_denominator=4)
    assert light(state, 9) == colour
    assert write_percent(state.completion, thresholds=progress.thresholds(line)) == printed


def test_without_a_target_or_a_figure_there_is_no_lamp() -> None:
    assert light(stand(indicator(), Fraction(5), None, 9), 9) == "none"
    assert lamp(None) == "none"
    assert lamp(5, annual=0) == "none"
    assert lamp(18, role="monitored") == "none"


@pytest.mark.parametrize("annual", [1, 2, 3])
@pytest.mark.parametrize("measure", ["count", "distinct"])
def test_a_target_of_at_most_three_has_no_pace(annual: int, measure: str) -> None:
    state = stand(indicator(measure=measure), Fraction(annual - 1), target(annual), 9)
    assert (state.pace, state.time_progress, state.ahead_pp, state.prorata_target, state.ahead) == (None,) * 5
    assert [lamp(annual - 1, annual, month, measure=measure) for month in (1, 9, 11, 12)] == ["none"] * 3 + ["red"]
    assert lamp(annual, annual, 1, measure=measure) == "green"


def test_a_target_of_four_has_a_pace_and_so_has_an_amount_of_three() -> None:
    assert stand(indicator(), Fraction(1), target(4), 9).pace == 3
    assert stand(indicator(measure="sum"), Fraction(1), target(3), 9).pace == Fraction(9, 4)


def test_events_averages_and_rates_have_no_pace() -> None:
    for fields in ({"is_event": True}, {"measure": "avg_days"}, {"measure": "ratio"}, {"direction": "less"}):
        assert stand(indicator(**fields), Fraction(1), target(), 9).pace is None
    assert [lamp(11, 12, month, is_event=True) for month in (11, 12)] == ["none", "red"]


@pytest.mark.parametrize(
    ("actual", "colour"),
    [(20, "green"), (18, "green"), (Fraction(200, 9), "amber"), (Fraction(201, 9), "red"), (40, "red"), (0, "green")],
)
def test_less_is_better_turns_the_completion_round(actual: Fraction | int, colour: str) -> None:
    assert lamp(actual, 20, 9, direction="less", measure="avg_days") == colour


def test_an_average_of_nothing_or_of_zero_days() -> None:
    less = {"direction": "less", "measure": "avg_days"}
    assert stand(indicator(**less), Fraction(0), target(20), 9).completion is None
    assert (lamp(0, 20, **less), lamp(None, 20, **less)) == ("green", "none")


@pytest.mark.parametrize("direction", ["more", "less"])
@pytest.mark.parametrize("annual", [None, 0])
def test_a_target_of_zero_or_none_prints_a_dash(annual: int | None, direction: str) -> None:
    row = None if annual is None else target(annual)
    state = stand(indicator(direction=direction), Fraction(7), row, 9)
    assert state.completion is None
    assert write_percent(state.completion) == "—"
    assert write_points(state.ahead_pp) == "—"
    assert light(state, 12) == "none"


def test_a_curve_says_the_pace() -> None:
    curve = [0, 0, 1, 2, 3, 6, 7, 8, 8, 9, 10, 12]
    state = stand(indicator(), Fraction(8), target(12, curve=curve), 9)
    assert (state.pace, state.time_progress, state.ahead_pp) == (8, Fraction(2, 3), 0)
    assert light(state, 9) == "green"
    assert light(stand(indicator(), Fraction(0), target(12, curve=curve), 2), 2) == "green"


def test_the_denominator_of_a_target_makes_fractions() -> None:
    state = stand(indicator(measure="sum", unit="元"), Fraction(5), target(95, denominator=10), 6)
    assert (state.target, state.pace, state.completion) == (Fraction(19, 2), Fraction(19, 4), Fraction(10, 19))


def test_the_prorata_target_is_rounded_up_only_in_whole_units() -> None:
    assert stand(indicator(), Fraction(8), target(13), 9).prorata_target == math.ceil(Fraction(39, 4)) == 10
    assert stand(indicator(), Fraction(17, 2), target(13), 9).prorata_target == Fraction(39, 4)
    assert stand(indicator(unit="元", measure="sum"), Fraction(8), target(13), 9).prorata_target == Fraction(39, 4)
    assert stand(indicator(), Fraction(8), target(13), 9).ahead == -2


@given(
    actual=figures,
    annual=st.integers(0, 10**6),
    month=st.integers(1, 12),
    less=st.booleans(),
    measure=st.sampled_from(["count", "sum", "distinct"]),
    event=st.booleans(),
)
@example(actual=Fraction(9), annual=12, month=9, less=False, measure="count", event=False)
@example(actual=Fraction(78, 10), annual=12, month=9, less=False, measure="sum", event=False)
def test_the_lamp_is_that_of_the_naive_rule(
    actual: Fraction | None, annual: int, month: int, less: bool, measure: str, event: bool
) -> None:
    few = measure in {"count", "distinct"} and annual <= 3
    pace = None if less or event or few else Fraction(month, 12)
    expected = naive.light(less=less, actual=actual, annual=Fraction(annual), progress=pace, month=month)
    direction = "less" if less else "more"
    assert lamp(actual, annual, month, measure=measure, is_event=event, direction=direction) == expected


near_edges = st.builds(
    lambda edge, offset: edge + offset,
    st.sampled_from(
        [*(Fraction(m, 12) for m in range(1, 13)), *(Fraction(m, 12) - Fraction(1, 10) for m in range(2, 13))]
    ),
    st.fractions(min_value=Fraction(-1, 500), max_value=Fraction(1, 500), max_denominator=10**6),
)


@given(completion=near_edges | positive, month=st.integers(1, 12))
@example(completion=Fraction(7496, 10_000), month=9)
@example(completion=Fraction(99_999, 100_000), month=12)
def test_lamp_and_printed_percentage_never_contradict(completion: Fraction, month: int) -> None:
    state = stand(indicator(measure="sum", unit="元"), completion * 1000, target(1000), month)
    pace = Fraction(month, 12)
    line = ScorecardLine(indicator=state.indicator)
    line.time_progress_numerator, line.time_progress_denominator = pace.numerator, pace.denominator
    printed = Fraction(write_percent(state.completion, thresholds=progress.thresholds(line)).replace(",", "")) / 100
    colour = light(state, month)
    assert (printed >= pace) <= (colour == "green")
    assert (printed >= pace - Fraction(1, 10)) <= (colour in {"green", "amber"})
    assert (printed >= 1) <= (completion >= 1)
    assert abs(printed - completion) <= Fraction(1, 1000)
    points = write_points(state.ahead_pp)
    assert points.startswith("−") == (completion < pace) == (colour != "green")


@given(completion=near_edges | positive)
def test_less_is_better_never_contradicts_itself_either(completion: Fraction) -> None:
    less = indicator(direction="less", measure="avg_days", unit="天")
    state = stand(less, 20 / completion, target(20), 9)
    printed = Fraction(
        write_percent(state.completion, thresholds=progress.thresholds(ScorecardLine(indicator=less))).replace(",", "")
    )
    colour = light(state, 9)
    assert (printed >= 100) <= (colour == "green")
    assert (printed >= 90) <= (colour in {"green", "amber"})


def test_without_the_thresholds_number_and_lamp_would_contradict() -> None:
    """The control: plain rounding prints 75.0 beside an amber lamp."""
    assert write_percent(Fraction(7496, 10_000), thresholds=()) == "75.0"
    assert lamp(Fraction(7496, 10_000) * 1000, 1000, measure="sum") == "amber"


def test_equal_completions_share_a_rank() -> None:
    half = Fraction(1, 2)
    assert ranks({1: Fraction(2), 2: half, 3: half, 4: Fraction(1, 3), 5: None}) == {1: 1, 2: 2, 3: 2, 4: 4}
    assert ranks({}) == {}


@given(st.dictionaries(st.integers(0, 50), st.none() | st.fractions(0, 3, max_denominator=6)))
def test_a_rank_is_one_more_than_those_who_are_better(completions: dict[int, Fraction | None]) -> None:
    found = ranks(completions)
    known = {key: value for key, value in completions.items() if value is not None}
    assert found.keys() == known.keys()
    in_order = sorted(known.values(), reverse=True)
    assert all(in_order.index(value) + 1 == found[key] for key, value in known.items())
    assert ranks(dict(reversed(completions.items()))) == found


@pytest.mark.parametrize(
    ("fields", "actual", "previous", "value", "unit"),
    [
        ({"unit": "元", "measure": "sum"}, 150, 100, 50, "%"),
        ({"unit": "元", "measure": "sum"}, 50, 100, -50, "%"),
        ({"unit": "%", "measure": "ratio"}, Fraction(3, 4), Fraction(1, 2), 25, "百分点"),
        ({"unit": "天", "measure": "avg_days"}, Fraction(33, 2), 23, Fraction(-13, 2), "天"),
        ({"unit": "个"}, 9, 8, 1, "个"),
        ({"unit": "个"}, 12, 8, 50, "%"),
        ({"unit": "家"}, 9, 1, 8, "家"),
    ],
)
def test_growth_is_said_in_the_unit_that_suits(
    fields: dict[str, Any], actual: Fraction | int, previous: Fraction | int, value: Fraction | int, unit: str
) -> None:
    growth = Standing(indicator(**fields), Fraction(actual), None, previous=Fraction(previous)).yoy
    assert growth is not None
    assert (growth.value, growth.unit) == (value, unit)


@pytest.mark.parametrize("previous", [None, Fraction(0)])
def test_without_a_base_there_is_no_growth(previous: Fraction | None) -> None:
    assert Standing(indicator(), Fraction(5), None, previous=previous).yoy is None
    assert Standing(indicator(), None, None, previous=Fraction(5)).yoy is None
