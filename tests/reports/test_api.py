"""Indicators, targets and scorecards in REST."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from parkportal.models import Park, User
from parkportal.roles import Role
from reports.models import Indicator, Scorecard, ScorecardLine, ScorecardSlice
from tests.factories import make_indicator, make_park, make_project, make_target, make_user, number
from tests.rest import Rest, body

pytestmark = pytest.mark.django_db

CARD = "id park period revision status lead headline compiled_at published_at digest time_progress lines"
LINE = """indicator target target_basis target_document actual actual_numerator actual_denominator reported month_actual
excess completion_rate time_progress ahead_pp ahead prorata_target previous_year previous_year_source yoy rank light
members_url"""
SLICE = "indicator dimension key name actual actual_numerator actual_denominator"


@pytest.fixture
def user() -> User:
    return make_user(park=make_park(code="mine"))


@pytest.fixture
def rest(user: User) -> Rest:
    return Rest(user)


def make_card(park: Park, period: str = "2020-09", **fields: Any) -> Scorecard:
    """A draft without lines."""
    values = {"code": f"{park.code}-{period}", "compiled_at": datetime(2020, 10, 8, tzinfo=UTC), "digest": "0" * 64}
    return Scorecard.objects.create(**{"park": park, "period": period} | values | fields)


def make_line(card: Scorecard, indicator: Indicator, **pairs: tuple[int, int]) -> ScorecardLine:
    """A line with these exact pairs."""
    parts = {
        f"{name}_{part}": value
        for name, pair in pairs.items()
        for part, value in zip(("numerator", "denominator"), pair, strict=True)
    }
    return ScorecardLine.objects.create(scorecard=card, indicator=indicator, listed=indicator.listed, **parts)


def line_of(rest: Rest, card: Scorecard) -> dict[str, Any]:
    """The first line of a scorecard."""
    found: dict[str, Any] = rest.json(f"scorecards/{card.code}/")["lines"][0]
    return found


def test_a_scorecard_has_the_fields_of_the_contract_in_its_order(user: User, rest: Rest) -> None:
    card = make_card(user.park)
    ScorecardSlice.objects.create(
        line=make_line(card, make_indicator()), dimension="chain", key="a", name="甲", numerator=1, denominator=2
    )
    row = rest.json(f"scorecards/{card.code}/")
    assert [name for name in row if name in CARD.split()] == CARD.split()
    assert [name for name in row["lines"][0] if name in LINE.split()] == LINE.split()
    assert " ".join(row["slices"][0]) == SLICE
    assert list(row["lines"][0]["indicator"]) == [
        "code",
        "name",
        "unit",
        "display_unit",
        "role",
        "direction",
        "decimals",
    ]
    assert (row["id"], row["status"], row["time_progress"]) == ("mine-2020-09", "draft", 75.0)
    assert (row["revision"], row["published_at"]) == (None, None)
    assert row["compiled_at"] == "2020-10-08T08:00:00+08:00"


def test_the_numbers_of_a_line_are_exact_and_percentages_have_one_decimal(user: User, rest: Rest) -> None:
    card = make_card(user.park)
    indicator = make_indicator(role="assessed")
    make_line(
        card,
        indicator,
        actual=(18, 1),
        target=(12, 1),
        pace=(9, 1),
        time_progress=(3, 4),
        month=(6, 1),
        previous=(15, 1),
    )
    line = line_of(rest, card)
    expected = {
        "target": 12,
        "actual": 18,
        "actual_numerator": 18,
        "actual_denominator": 1,
        "month_actual": 6,
        "excess": 6,
        "completion_rate": 150.0,
        "time_progress": 75.0,
        "ahead_pp": 75.0,
        "ahead": 9,
        "prorata_target": 9,
        "previous_year": 15,
        "yoy": 20.0,
        "yoy_unit": "%",
        "reported": None,
    }
    assert {name: line[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("pair", "shown"), [((7, 2), 3.5), ((43, 2), 21.5), ((1, 3), 0.3), ((2, 3), 0.7), ((1, 20), 0.1), ((8, 4), 2)]
)
def test_what_is_not_whole_has_one_decimal(user: User, rest: Rest, pair: tuple[int, int], shown: float) -> None:
    card = make_card(user.park)
    make_line(card, make_indicator(), actual=pair)
    assert line_of(rest, card)["actual"] == shown


def test_a_percentage_never_reaches_the_pace_that_the_exact_value_misses(user: User, rest: Rest) -> None:
    card = make_card(user.park)
    make_line(
        card,
        make_indicator(role="assessed"),
        actual=(7_496, 1),
        target=(10_000, 1),
        pace=(7_500, 1),
        time_progress=(3, 4),
    )
    line = line_of(rest, card)
    assert (line["completion_rate"], line["ahead_pp"]) == (74.9, -0.1)


def test_what_is_unknown_is_null(user: User, rest: Rest) -> None:
    card = make_card(user.park)
    make_line(card, make_indicator())
    line = line_of(rest, card)
    unknown = [
        name
        for name in LINE.split()
        if name not in {"indicator", "light", "members_url", "target_basis", "target_document", "previous_year_source"}
    ]
    assert {name: line[name] for name in unknown} == dict.fromkeys(unknown)
    assert line["light"] == "none"


def test_members_url_lists_the_rows_behind_the_figure(user: User, rest: Rest) -> None:
    card = make_card(user.park)
    make_line(card, make_indicator(), actual=(1, 1))
    counted = make_project(park=user.park)
    make_project(park=user.park, signed_on=date(2020, 10, 1))
    make_project(park=user.park, total_investment=1)
    url = line_of(rest, card)["members_url"]
    assert url.startswith("/api/v1/projects/?")
    assert [row["id"] for row in rest.follow(url)["results"]] == [counted.code]


def test_ratios_and_reported_figures_have_no_list_behind_them(user: User, rest: Rest) -> None:
    card = make_card(user.park)
    above, below = make_indicator(listed=False), make_indicator(listed=False)
    ratio = make_indicator(measure="ratio", numerator=above, denominator=below, source="", filter="", order=1)
    make_line(card, ratio)
    make_line(card, make_indicator(source="reported", filter="", order=2))
    assert [line["members_url"] for line in rest.json(f"scorecards/{card.code}/")["lines"]] == [None, None]


def test_only_listed_indicators_are_among_the_lines_and_slices(user: User, rest: Rest) -> None:
    card = make_card(user.park)
    for indicator in (make_indicator(code="shown"), make_indicator(code="hidden", listed=False)):
        line = make_line(card, indicator, actual=(1, 1))
        ScorecardSlice.objects.create(
            line=line, dimension="stage", key="signed", name="签约", numerator=1, denominator=1
        )
    row = rest.json(f"scorecards/{card.code}/")
    assert [line["indicator"]["code"] for line in row["lines"]] == ["shown"]
    assert [part["indicator"] for part in row["slices"]] == ["shown"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["mine-2020-09", "mine-2020-08"]),
        ({"ordering": "period"}, ["mine-2020-08", "mine-2020-09"]),
        ({"period": "2020-08"}, ["mine-2020-08"]),
        ({"period": ["2020-08", "2020-09"]}, ["mine-2020-09", "mine-2020-08"]),
        ({"period": "2020-final"}, []),
        ({"status": "published"}, ["mine-2020-08"]),
        ({"status": "superseded"}, []),
        ({"park": "mine"}, ["mine-2020-09", "mine-2020-08"]),
    ],
)
def test_scorecards_are_chosen_by_park_period_and_status(
    user: User, rest: Rest, query: dict[str, Any], found: list[str]
) -> None:
    make_card(user.park, "2020-09")
    make_card(user.park, "2020-08", status="published")
    make_card(make_park())
    assert rest.ids("scorecards/", **query) == found


@pytest.mark.parametrize("query", [{"period": "2020-13"}, {"period": "2020"}, {"period": "2020-09 "}, {"status": "x"}])
def test_a_wrong_filter_of_scorecards_is_an_error(rest: Rest, query: dict[str, str]) -> None:
    assert list(rest.get("scorecards/", **query).json()["fields"]) == list(query)


def test_targets_are_chosen_by_park_indicator_and_year(user: User, rest: Rest) -> None:
    target = make_target(park=user.park, indicator=make_indicator(code="signed"), annual=25, denominator=2)
    make_target(park=user.park, year=2019)
    make_target(park=user.park, deleted_at=timezone.now())
    make_target()
    row = rest.json("targets/", park="mine", indicator="signed", year="2020")["results"]
    assert [(r["id"], r["annual"], r["denominator"], r["curve"]) for r in row] == [(target.code, 25, 2, [])]
    assert len(rest.ids("targets/", year=["2019", "2020"])) == 2
    assert rest.get("targets/", year="20").status_code == 400


def test_targets_of_the_region_are_read_by_its_parks(user: User, rest: Rest) -> None:
    target = make_target(region=user.park.region)
    row = rest.json("targets/")["results"][0]
    assert (row["id"], row["park"], row["region"]) == (target.code, None, user.park.region.code)


def test_a_changed_target_is_pulled(user: User, rest: Rest) -> None:
    from parkportal.trace import Actor, changes

    target = make_target(park=user.park)
    cursor = rest.json("targets/", updated_since="0")["cursor"]
    with changes(by=Actor(None)) as ledger:
        ledger.update(target, {"annual": 13})
    assert [row["annual"] for row in rest.json("targets/", updated_since=cursor)["results"]] == [13]


def test_definitions_are_shown_to_every_reader(rest: Rest) -> None:
    make_indicator(code="signed", role="assessed", order=2)
    make_indicator(code="hidden", listed=False, order=1)
    assert rest.ids("indicators/") == ["hidden", "signed"]
    assert rest.ids("indicators/", role="assessed") == ["signed"]
    assert rest.ids("indicators/", listed="false") == ["hidden"]
    assert rest.json("indicators/signed/")["definition"] == "报告期内签约的项目个数。"


def full_card(park: Park) -> Scorecard:
    """A scorecard of a month of its own, with three lines of two parts."""
    n = number()
    period = f"{2000 + n // 12 % 90}-{n % 12 + 1:02d}"
    card = make_card(park, code=f"card-{n}", period=period, status="published")
    for _ in range(3):
        line = make_line(card, make_indicator(), actual=(1, 1))
        for key in "ab":
            ScorecardSlice.objects.create(line=line, dimension="chain", key=key, name=key, numerator=1, denominator=1)
    return card


MAKERS = {
    "scorecards": full_card,
    "targets": lambda park: make_target(park=park),
    "indicators": lambda park: make_indicator(),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_list_costs_the_same_with_1_row_and_with_50(user: User, rest: Rest, name: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            rest.json(f"{name}/")
        return len(queries)

    MAKERS[name](user.park)
    rest.json(f"{name}/")
    once = cost()
    for _ in range(49):
        MAKERS[name](user.park)
    assert cost() == once <= 12


@pytest.mark.parametrize("name", ["scorecards", "targets"])
def test_rows_of_another_park_are_neither_listed_nor_read(rest: Rest, name: str) -> None:
    foreign = MAKERS[name](make_park())
    assert rest.ids(f"{name}/") == []
    assert rest.get(f"{name}/{foreign.code}/").status_code == 404


def test_the_scorecard_of_the_sample_says_what_the_report_says(sample: Park) -> None:
    call_command("compile_scorecards", period="2020-09", verbosity=0)
    rest = Rest(make_user(Role.LEADER, park=sample))
    card = rest.json("scorecards/", period="2020-09")["results"][0]
    lines = {line["indicator"]["code"]: line for line in card["lines"]}
    assert len(lines) == 12
    signed = lines["projects_100m"]
    assert (signed["actual"], signed["target"], signed["completion_rate"], signed["ahead_pp"]) == (18, 12, 150.0, 75.0)
    assert lines["average_settle_days"]["actual"] == 21.5
    for line in lines.values():
        if line["indicator"]["unit"] == "个" and line["members_url"]:
            assert len(rest.follow(line["members_url"])["results"]) == line["actual"]
    assert body(rest.get("scorecards/", format="xlsx")).startswith(b"PK")
