"""Bullets, shares and the chart of a year: what is drawn where."""

import re
from fractions import Fraction

import pytest

from parkportal.charts import bands_for, bullet_of, ticks_for
from tests.rendering import render

pytestmark = pytest.mark.once


# Bullets


def test_over_target_is_hatched_from_the_goal_on() -> None:
    html = render(
        '{% bullet completion=c pace=p light="green" label="完成率150.0%" %}', c=Fraction(18, 12), p=Fraction(3, 4)
    )
    assert 'role="img" aria-label="完成率150.0%"' in html
    assert '<rect class="bar" y="-7.0" width="62.5%"' in html
    assert 'class="over" x="62.5%"' in html
    assert 'width="31.25%"' in html
    assert '<line class="tick" x1="46.875%"' in html


def test_beyond_the_scale_is_a_tip_and_behind_the_target_is_none() -> None:
    assert bullet_of(2, None, None).capped
    assert bullet_of(2, None, None).over == "37.5%"
    assert not bullet_of(Fraction(8, 5), None, None).capped
    assert bullet_of(Fraction(69, 100), Fraction(3, 4), None).over == ""
    assert bullet_of(-1, None, None).bar == "0%"


def test_without_its_own_pace_a_row_shows_the_neighbours_thinly() -> None:
    html = render("{% bullet completion=2 line=0.75 %}")
    assert '<line class="shared" x1="46.875%"' in html
    assert "tick" not in html
    assert "shared" not in render("{% bullet completion=2 %}")


def test_without_a_figure_there_is_no_bar() -> None:
    html = render("{% bullet pace=0.75 %}")
    assert 'class="bar"' not in html
    assert 'aria-hidden="true"' in html


def test_the_bands_fill_the_scale() -> None:
    bands = bands_for(Fraction(3, 4))
    assert [band.name for band in bands] == ["band-1", "band-2", "band-3"]
    assert sum(float(band.width[:-1]) for band in bands) == pytest.approx(100)
    assert [band.width for band in bands_for(None)] == ["100%"]


@pytest.mark.parametrize(("ratio", "width"), [(0, "0%"), (0.473, "47.3%"), (3, "100%")])
def test_a_share_stays_within_its_bar(ratio: float, width: str) -> None:
    assert f'width="{width}"' in render("{% share_bar ratio %}", ratio=ratio)


# The year's chart


@pytest.mark.parametrize(
    ("highest", "ticks"), [(0, [0, 1]), (2, [0, 0.5, 1, 1.5, 2]), (18, [0, 5, 10, 15, 20]), (104.9, [0, 50, 100, 150])]
)
def test_ticks_are_round_and_reach_the_highest(highest: float, ticks: list[float]) -> None:
    assert ticks_for(highest) == ticks


def test_the_chart_links_each_month_and_repeats_itself_as_a_table() -> None:
    points = [
        {"month": m, "value": m if m < 3 else None, "text": str(m) if m < 3 else "—", "url": f"/p/{m}"}
        for m in range(1, 13)
    ]
    html = render(
        "{% cumulative_chart points label='按月' unit='个' target=12 target_text='目标12' cut_text='序时75%' %}",
        points=points,
    )
    assert html.count("<a href=") == 2
    assert 'aria-label="2月累计2个"' in html
    assert html.count("<td>—</td>") == 10
    assert "上年累计" not in html


def test_the_way_to_the_target_goes_by_its_months() -> None:
    points = [{"month": 1, "value": 1, "text": "1", "url": ""}]
    way = re.compile('class="goal" points="([^"]*)"')
    heights = []
    for pace in ([], [0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12]):
        (drawn,) = way.findall(
            render("{% cumulative_chart points label='按月' target=12 pace=pace %}", points=points, pace=pace)
        )
        heights.append([float(point.split(",")[1]) for point in drawn.split()])
    straight, stepped = heights
    assert len(set(straight)) == 12
    assert [stepped[n] for n in (2, 5, 8, 11)] == [straight[n] for n in (2, 5, 8, 11)]
    assert stepped[0] == stepped[1] > straight[0] and stepped[9] == stepped[8]


def test_a_year_that_has_not_begun_draws_no_line() -> None:
    html = render(
        "{% cumulative_chart points label='按月' %}", points=[{"month": 1, "value": None, "text": "—", "url": ""}]
    )
    assert "polyline" not in html
