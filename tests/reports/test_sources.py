"""What counts and what does not, at the edges of amount, date, state and right; and what is refused as an indicator."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.http import QueryDict

from parkportal.models import Park
from projects.filters import ProjectFilter
from projects.models import Project, Recognition
from reports import progress, sources
from reports.models import Indicator
from reports.periods import Period
from reports.sources import BadIndicator
from reports.tallies import Tally, tallies
from tests.factories import (
    F100,
    YI,
    make_engagement,
    make_enterprise,
    make_fund_arrival,
    make_group_start,
    make_group_start_entry,
    make_indicator,
    make_listing_step,
    make_park,
    make_project,
    make_region,
)

pytestmark = pytest.mark.django_db
BINNED = datetime(2020, 6, 1, tzinfo=UTC)
SEPTEMBER = Period(2020, 9)


def figure(indicator: Indicator, park: Park, period: Period = SEPTEMBER) -> Fraction | None:
    """The cumulative figure, by the compiler."""
    tally = tallies(indicator, park.region, period.year).get(park.pk)
    return (tally or Tally(indicator, [])).cumulative(period).value


def listed(indicator: Indicator, park: Park, period: Period = SEPTEMBER) -> set[str]:
    """The codes of the rows that the address behind the figure lists."""
    source = sources.source_of(indicator)
    query = QueryDict(progress.members_query(indicator, park, period))
    found = source.filterset(query, queryset=source.model.objects.all())
    assert found.is_valid(), found.problems
    return {row.code for row in found.qs}


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"total_investment": YI}, 1),
        ({"total_investment": YI - 100}, 0),  # 9,999.99万元
        ({"total_investment": YI - 1}, 0),
        ({"total_investment": None}, 0),
        ({"contract_type": "framework", "total_investment": 20 * YI}, 0),
        ({"contract_type": "intent"}, 0),
        ({"contract_type": "mou"}, 0),
        ({"category": "infrastructure", "total_investment": 3 * YI}, 0),
        ({"category": "livelihood"}, 0),
        ({"category": "ecology"}, 0),
        ({"kind": "expansion"}, 0),
        ({"signed_on": date(2019, 12, 31)}, 0),
        ({"signed_on": date(2020, 1, 1)}, 1),
        ({"signed_on": date(2020, 9, 30)}, 1),
        ({"signed_on": date(2020, 10, 1)}, 0),
        ({"signed_on": None}, 0),
        ({"signed_on": date(2020, 1, 1), "signed_on_precision": "half"}, 1),
        ({"terminated_on": date(2020, 9, 30), "status": "terminated"}, 0),
        ({"terminated_on": date(2020, 10, 1), "status": "terminated"}, 1),
        ({"status": "suspended"}, 1),
        ({"review_state": "draft"}, 0),
        ({"review_state": "submitted"}, 0),
        ({"review_state": "returned"}, 0),
        ({"deleted_at": BINNED}, 0),
    ],
)
def test_what_counts_as_a_project_of_a_hundred_million(fields: Mapping[str, Any], count: int) -> None:
    project, indicator = make_project(**fields), make_indicator()
    assert figure(indicator, project.park) == count
    assert listed(indicator, project.park) == ({project.code} if count else set())


def test_a_terminated_project_stays_in_the_denominator() -> None:
    project = make_project(terminated_on=date(2020, 3, 1))
    ever = make_indicator(source="signed_ever")
    assert figure(ever, project.park) == 1
    assert listed(ever, project.park) == {project.code}
    assert figure(make_indicator(), project.park) == 0


def test_a_shared_project_counts_by_its_parts() -> None:
    region = make_region()
    own, other = make_park(region=region), make_park(region=region)
    project = make_project(park=own, shares=[(own, 5_000), (other, 5_000)], total_investment=YI + 1)
    count, money = make_indicator(), make_indicator(measure="sum", measure_fields="total_investment", unit="元")
    companies = make_indicator(measure="distinct", measure_fields="investor", unit="家")
    for park in (own, other):
        assert figure(count, park) == Fraction(1, 2)
        assert figure(money, park) == Fraction(YI + 1, 2)
        assert figure(companies, park) == 1
        assert listed(count, park) == {project.code}


def test_a_park_without_a_share_counts_nothing_of_its_own_row() -> None:
    region = make_region()
    own, other = make_park(region=region), make_park(region=region)
    make_project(park=own, shares=[(other, 10_000)])
    assert (figure(make_indicator(), own), figure(make_indicator(), other)) == (0, 1)


@pytest.mark.parametrize("level", ["park", "city", "province"])
@pytest.mark.parametrize(
    ("result", "on", "count"),
    [
        ("accepted", date(2020, 9, 30), 1),
        ("accepted", date(2020, 10, 1), 0),
        ("accepted", None, 0),
        ("refused", date(2020, 9, 1), 0),
        ("pending", date(2020, 9, 1), 0),
    ],
)
def test_the_recognition_that_the_region_asks_for(level: str, result: str, on: date | None, count: int) -> None:
    park = make_park(region=make_region(recognition_level=level))
    project = make_project(park=park)
    others = {"park", "city", "province"} - {level}
    for other in others:
        Recognition.objects.create(project=project, level=other, result="accepted", recognised_on=date(2020, 5, 11))
    Recognition.objects.create(project=project, level=level, result=result, recognised_on=on)
    assert figure(make_indicator(), park) == count
    assert len(listed(make_indicator(), park)) == count


def test_without_any_recognition_nothing_counts_where_one_is_asked_for() -> None:
    park = make_park(region=make_region(recognition_level="city"))
    make_project(park=park)
    assert figure(make_indicator(), park) == 0


def test_a_recognition_books_in_its_month_when_it_comes_later() -> None:
    park = make_park(region=make_region(recognition_level="city"))
    project = make_project(park=park, signed_on=date(2020, 5, 10))
    Recognition.objects.create(project=project, level="city", result="accepted", recognised_on=date(2020, 7, 2))
    assert [figure(make_indicator(), park, Period(2020, m)) for m in (5, 6, 7)] == [0, 0, 1]


def test_the_recognition_asked_for_is_that_of_the_projects_own_region() -> None:
    own = make_park(region=make_region(recognition_level="city"))
    other = make_park()
    project = make_project(park=own, shares=[(own, 5_000), (other, 5_000)], signed_on=date(2020, 5, 10))
    Recognition.objects.create(project=project, level="city", result="accepted", recognised_on=date(2020, 8, 1))
    for month in (6, 7, 8):
        count = Fraction(1, 2) if month == 8 else 0
        assert figure(make_indicator(), own, Period(2020, month)) == count
        assert figure(make_indicator(), other, Period(2020, month)) == count
        assert len(listed(make_indicator(), other, Period(2020, month))) == (month == 8)


@pytest.mark.parametrize(
    ("fields", "project", "count"),
    [
        ({}, {}, 1),
        ({"verified": False}, {}, 0),
        ({"deleted_at": BINNED}, {}, 0),
        ({}, {"deleted_at": BINNED}, 0),
        ({}, {"review_state": "submitted"}, 0),
        ({}, {"terminated_on": date(2020, 2, 1)}, 1),
        ({}, {"signed_on": date(2018, 5, 1)}, 1),
        ({"received_on": date(2019, 12, 31)}, {}, 0),
        ({"origin_tier": "local"}, {}, 0),
    ],
)
def test_money_that_came_stays(fields: Mapping[str, Any], project: Mapping[str, Any], count: int) -> None:
    arrival = make_fund_arrival(project=make_project(**project), **fields)
    tiers = "origin_tier=out_of_city&origin_tier=out_of_province"
    money = {"source": "fund_arrivals", "filter": tiers, "basis": "received_on", "unit": "元"}
    indicator = make_indicator(measure="sum", measure_fields="amount", **money)
    assert figure(indicator, arrival.project.park) == count * arrival.amount
    assert len(listed(indicator, arrival.project.park)) == count


def test_rows_of_withdrawn_rows_do_not_count() -> None:
    park = make_park()
    gone, bin_ = make_project(park=park, deleted_at=BINNED), make_enterprise(park=park, deleted_at=BINNED)
    make_group_start_entry(project=gone)
    make_listing_step(enterprise=bin_)
    make_engagement(project=gone)
    rows = [
        make_indicator(source=source, filter="", basis=basis)
        for source, basis in [
            ("group_start_entries", "held_on"),
            ("listing_steps", "happened_on"),
            ("engagements", "held_on"),
        ]
    ]
    assert [figure(indicator, park) for indicator in rows] == [0, 0, 0]
    assert [listed(indicator, park) for indicator in rows] == [set(), set(), set()]


def test_an_enterprise_counts_once_in_its_first_month() -> None:
    park = make_park()
    company = make_enterprise(park=park)
    for month, board in ((3, "star"), (6, "main")):
        make_listing_step(enterprise=company, board=board, happened_on=date(2020, month, 1))
    make_listing_step(enterprise=make_enterprise(park=park), happened_on=date(2020, 6, 30))
    common = {"source": "listing_steps", "filter": "", "basis": "happened_on"}
    indicator = make_indicator(measure="distinct", measure_fields="enterprise", **common)
    tally = tallies(indicator, park.region, 2020)[park.pk]
    assert [tally.cumulative(Period(2020, m)).value for m in (2, 3, 6)] == [0, 1, 2]
    assert [tally.month(Period(2020, m), merged=False).value for m in (3, 4, 6)] == [1, 0, 1]
    assert {p.key: p.amount.value for p in tally.parts(SEPTEMBER)} == {"2020-03": 1, "2020-06": 1}


def test_companies_without_a_credit_code_are_not_told_apart_as_one() -> None:
    park = make_park()
    for code in ("", "", "91430400MA4L16JQ9B"):
        make_enterprise(park=park, uscc=code, above_scale_on=date(2020, 2, 1))
    common = {"source": "enterprises", "filter": "", "basis": "above_scale_on"}
    assert figure(make_indicator(measure="distinct", measure_fields="uscc", **common), park) == 1
    assert figure(make_indicator(**common), park) == 3


def test_an_average_takes_day_exact_pairs_only_and_months_their_own_rows() -> None:
    park = make_park()
    for month, days, precision in ((2, 10, "day"), (2, 13, "day"), (3, 40, "day"), (3, 99, "month")):
        moved = date(2020, month, 20)
        dates = {"settle_started_on": moved - timedelta(days=days), "moved_in_on": moved}
        make_project(park=park, **dates, moved_in_on_precision=precision)
    fields = {"measure_fields": "settle_started_on moved_in_on", "basis": "moved_in_on", "unit": "天"}
    indicator = make_indicator(measure="avg_days", filter="contract_type=formal", **fields)
    tally = tallies(indicator, park.region, 2020)[park.pk]
    assert tally.cumulative(Period(2020, 1)).value is None
    assert tally.cumulative(Period(2020, 2)).value == Fraction(23, 2)
    assert tally.cumulative(Period(2020, 3)).value == 21
    assert tally.month(Period(2020, 3), merged=False).value == 40
    assert tally.month(Period(2020, 4), merged=False).value is None


def test_january_and_february_may_be_one_month() -> None:
    park = make_park(region=make_region(merges_january_february=True))
    for day in (date(2020, 1, 5), date(2020, 2, 5), date(2020, 3, 5)):
        make_project(park=park, signed_on=day)
    tally = tallies(make_indicator(), park.region, 2020)[park.pk]
    assert [tally.month(Period(2020, m), merged=True).value for m in (2, 3)] == [2, 1]
    assert [tally.month(Period(2020, m), merged=False).value for m in (1, 2, 3)] == [1, 1, 1]


def test_a_months_own_may_be_negative_after_a_termination() -> None:
    project = make_project(signed_on=date(2020, 5, 10), terminated_on=date(2020, 7, 1))
    tally = tallies(make_indicator(), project.park.region, 2020)[project.park.pk]
    assert [tally.month(Period(2020, m), merged=False).value for m in (5, 6, 7)] == [1, 0, -1]


def test_a_window_as_of_holds_what_began_in_earlier_years() -> None:
    park = make_park()
    for day in (date(2018, 3, 1), date(2019, 12, 31), date(2020, 4, 1)):
        make_project(park=park, signed_on=day)
    indicator = make_indicator(window="as_of")
    tally = tallies(indicator, park.region, 2020)[park.pk]
    assert [tally.cumulative(Period(2020, m)).value for m in (1, 3, 4)] == [2, 2, 3]
    assert [tally.month(Period(2020, m), merged=False).value for m in (1, 4)] == [0, 1]
    assert len(listed(indicator, park, Period(2020, 4))) == 3


def test_sums_know_how_exact_they_are() -> None:
    park = make_park()
    jobs = make_indicator(measure="sum", measure_fields="expected_jobs", unit="人")

    def inexact() -> str:
        return tallies(jobs, park.region, 2020)[park.pk].cumulative(SEPTEMBER).inexact

    make_project(park=park, expected_jobs=10)
    make_project(park=park, expected_jobs=None, expected_jobs_qualifier="about")
    assert inexact() == ""
    make_project(park=park, expected_jobs=1_000, expected_jobs_qualifier="over")
    assert inexact() == "over"
    make_project(park=park, expected_jobs=1, expected_jobs_qualifier="near")
    assert inexact() == "about"


# F6: the last and the first day of each month, leap February, the turn of the year; whenever it was entered.
ENTERED = [datetime(2020, 9, 30, 15, 59, 59, 999999, tzinfo=UTC), datetime(2020, 9, 30, 16, tzinfo=UTC)]


@pytest.mark.parametrize("entered", ENTERED, ids=["last instant of September", "first of October"])
@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("year", [2019, 2020])
def test_a_month_ends_with_its_last_day_whenever_it_was_entered(year: int, month: int, entered: datetime) -> None:
    period = Period(year, month)
    inside = make_project(signed_on=period.end)
    after = make_project(park=inside.park, signed_on=period.end + timedelta(days=1))
    Project.objects.update(created_at=entered, updated_at=entered)
    indicator = make_indicator()
    following = Period.from_ordinal(period.ordinal + 1)
    assert figure(indicator, inside.park, period) == 1
    assert listed(indicator, inside.park, period) == {inside.code}
    assert figure(indicator, inside.park, following) == (1 if month == 12 else 2)
    assert after.code in listed(indicator, inside.park, following)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"filter": "colour=red"}, "没有名为“colour”的筛选条件"),
    ({"filter": "category=industrie"}, "industrie"),
    ({"filter": f"{F100}&park=yi"}, "park"),
    ({"filter": f"{F100}&counted=2020-09-30"}, "counted"),
    ({"filter": f"{F100}&signed_ever=2020-09-30"}, "signed_ever"),
    ({"filter": f"{F100}&signed_on_after=2020-01-01"}, "signed_on_after"),
    ({"filter": f"{F100}&signed_on_before=2020-01-01"}, "signed_on_before"),
    ({"filter": "signed_on_after=2020-01-01", "basis": "started_on", "cohort_date": "signed_on", "cohort_years": 1},
     "signed_on_after"),
    ({"filter": f"{F100}&search=x"}, "search"),
    ({"filter": f"{F100}&ordering=name"}, "ordering"),
    ({"filter": f"{F100}&page=2"}, "page"),
    ({"filter": f"{F100}&figure=x"}, "figure"),
    ({"filter": f"{F100}&updated_since=0"}, "updated_since"),
    ({"filter": "fortune_global_500=yes"}, "yes"),
    ({"filter": "fortune_global_500=1"}, "1"),
    ({"filter": "fortune_global_500=True"}, "True"),
    ({"filter": "fortune_global_500="}, "没有取值"),
    ({"filter": "category=&kind=new"}, "没有取值"),
    ({"filter": "category=industry&category="}, "没有取值"),
    ({"filter": "kind"}, "没有取值"),
    ({"filter": "total_investment_min=1e8"}, ""),
    ({"filter": "total_investment_min="}, "没有取值"),
    ({"filter": "total_investment_min=1亿"}, ""),
    ({"filter": "chain=no-such-chain"}, "no-such-chain"),
    ({"filter": "registered_on_after=2020-13-01"}, ""),
    ({"filter": "registered_on_after=2020/01/01"}, ""),
    ({"source": "everything"}, "everything"),
    ({"basis": "created_at"}, "created_at"),
    ({"basis": "signed_on", "cohort_date": "born_on", "cohort_years": 1}, ""),
    ({"measure": "sum", "measure_fields": "id"}, "算法"),
    ({"measure": "sum", "measure_fields": ""}, "算法"),
    ({"measure": "count", "measure_fields": "id"}, "算法"),
    ({"measure": "distinct", "measure_fields": "park__region"}, "算法"),
    ({"measure": "avg_days", "measure_fields": "signed_on"}, "算法"),
    ({"measure": "median"}, "算法"),
]  # fmt: skip
GOOD: list[dict[str, Any]] = [
    {},
    {"filter": ""},
    {"filter": "fortune_global_500=false&kind=new&kind=expansion"},
    {"basis": "started_on", "cohort_date": "signed_on", "cohort_years": 1},
    {"measure": "avg_days", "measure_fields": "signed_on started_on", "unit": "天"},
]


@pytest.mark.parametrize(("fields", "sentence"), BAD)
def test_a_bad_indicator_is_an_error_and_never_everything(fields: dict[str, Any], sentence: str) -> None:
    project = make_project()
    indicator = make_indicator(**fields)
    readers = [
        lambda: sources.check(indicator),
        lambda: sources.rows(indicator, SEPTEMBER.end),
        lambda: figure(indicator, project.park),
        lambda: progress.results(project.park.region, SEPTEMBER),
    ]
    for read in readers:
        with pytest.raises(BadIndicator) as refusal:
            read()
        assert sentence in str(refusal.value)
        assert any("\u4e00" <= char <= "\u9fff" for char in str(refusal.value))


@pytest.mark.parametrize("fields", GOOD)
def test_a_good_indicator_is_accepted(fields: dict[str, Any]) -> None:
    sources.check(make_indicator(**fields))


@pytest.mark.parametrize("query", ["fortune_global_500=yes", "category=industrie", "colour=red"])
def test_without_the_strict_filters_a_bad_filter_would_be_everything(
    query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what django-filter makes of the same filters when the strictness is taken out."""
    project = make_project()
    strict = ProjectFilter(QueryDict(query), queryset=Project.objects.all())
    assert not strict.qs.exists()
    monkeypatch.setattr(ProjectFilter, "is_valid", lambda self: True)
    monkeypatch.setattr(ProjectFilter, "qs", property(lambda self: self.queryset))
    assert figure(make_indicator(filter=query), project.park) == 1


def test_the_rows_of_a_figure_are_those_of_all_parks() -> None:
    first, second = make_project(), make_project()
    assert set(sources.rows(make_indicator(), SEPTEMBER.end)) == {first, second}


def test_a_level_of_a_group_start_is_a_filter() -> None:
    park = make_park()
    for level in ("province", "city"):
        make_group_start_entry(project=make_project(park=park), group_start=make_group_start(level=level))
    common = {"source": "group_start_entries", "basis": "held_on"}
    assert figure(make_indicator(filter="level=province", **common), park) == 1
    assert figure(make_indicator(filter="", **common), park) == 2
