"""The list behind every figure sums to the figure; a banner says so, says when not, and else claims nothing."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest
from django.http import QueryDict

from parkportal.models import Park, Region
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Project
from reports import members, reference
from reports.groups import add_up, amounts
from reports.members import Agreement, agreement
from reports.models import Indicator, Scorecard, ScorecardLine
from reports.periods import Period
from reports.progress import members_query
from reports.services import scorecard_compile
from reports.sources import SOURCES, source_of
from tests.factories import (
    F100,
    make_chain,
    make_indicator,
    make_listing_step,
    make_park,
    make_project,
    make_region,
    make_user,
)
from tests.naive import Ledger
from tests.worlds import YEAR, extra_indicators, seeded, store

pytestmark = pytest.mark.django_db
SEPTEMBER = Period(YEAR, 9)
WORLD_SIZES = (8, 60, 30, 8, 12, 12)


@pytest.fixture(params=[3, 11])
def lines(request: pytest.FixtureRequest, db: None) -> list[ScorecardLine]:
    """Every line of a generated world, compiled."""
    reference.load(Actor(None))
    extra_indicators()
    region = store(seeded(request.param, WORLD_SIZES))
    scorecard_compile(region=region, period=SEPTEMBER)
    found = ScorecardLine.objects.filter(scorecard__park__region=region)
    return list(found.select_related("indicator", "scorecard__park__region"))


def opened(url: str) -> tuple[QueryDict, Fraction | None]:
    """The address's query, and what its list adds up to for the park that it names."""
    query = QueryDict(url.partition("?")[2])
    indicator = Indicator.objects.get(code=query["figure"])
    source = source_of(indicator)
    filterset = source.filterset(query, queryset=source.model.objects.all())
    assert filterset.is_valid(), filterset.problems
    park = Park.objects.get(code=query["park"])
    return query, add_up(indicator.measure, amounts(indicator, filterset.qs, park))[0]


def banner(url: str) -> Agreement | None:
    """What the page behind an address says, to a user of the city."""
    query, _value = opened(url)
    park = Park.objects.get(code=query["park"])
    reader = make_user(Role.CITY, region=park.region)
    source = source_of(Indicator.objects.get(code=query["figure"]))
    chosen = source.filterset(query, queryset=source.model.objects.visible_to(reader)).qs
    return agreement(query, chosen, reader)


def urls_of_parts(line: ScorecardLine) -> Iterator[tuple[str, Fraction]]:
    """The lists of a line's parts with their figures; by month for what is not told apart."""
    park, indicator = line.scorecard.park, line.indicator
    for part in line.slices.all():
        if part.dimension in source_of(indicator).filterset.base_filters and part.key:
            yield members.list_url(indicator, park, SEPTEMBER, **{part.dimension: part.key}), part.actual
        elif part.dimension == "month" and part.key >= f"{YEAR}-01" and indicator.measure != "distinct":
            month = Period.parse(part.key)
            dates = {f"{indicator.basis}_after": month.month_start, f"{indicator.basis}_before": month.end}
            refined = {key: day.isoformat() for key, day in dates.items()}
            yield members.list_url(indicator, park, SEPTEMBER, **refined), part.actual


def test_the_list_behind_every_line_sums_to_the_line(lines: list[ScorecardLine]) -> None:
    ledger, tried = Ledger(), 0
    for line in lines:
        park, indicator = line.scorecard.park, line.indicator
        url = members.list_url(indicator, park, SEPTEMBER)
        assert bool(url) == (indicator.source in SOURCES)
        if url:
            query, value = opened(url)
            source = source_of(indicator)
            listed = source.filterset(query, queryset=source.model.objects.all()).qs
            assert value == line.actual, url
            if indicator.measure == "count":
                assert {row.pk for row in listed} == ledger.lists(indicator.code, park.code, YEAR, 9)
            tried += bool(value)
    assert tried > 10


def test_the_list_behind_every_part_sums_to_the_part(lines: list[ScorecardLine]) -> None:
    tried = 0
    for line in lines:
        for url, value in urls_of_parts(line):
            assert opened(url)[1] == value, url
            tried += 1
    assert tried > 30


def test_the_banner_agrees_with_every_line_and_part(lines: list[ScorecardLine]) -> None:
    reader = make_user(Role.CITY, region=lines[0].scorecard.park.region)
    for line in lines:
        url = members.list_url(line.indicator, line.scorecard.park, SEPTEMBER)
        for address in [url] * bool(url) + [address for address, _value in list(urls_of_parts(line))[:2]]:
            query, _value = opened(address)
            source = source_of(line.indicator)
            chosen = source.filterset(query, queryset=source.model.objects.visible_to(reader)).qs
            said = agreement(query, chosen, reader)
            assert said is not None
            assert said.agrees is True, address


def test_cumulative_lists_by_month_agree_where_the_page_offers_them(lines: list[ScorecardLine]) -> None:
    for line in lines:
        indicator, park = line.indicator, line.scorecard.park
        if indicator.source in SOURCES and indicator.measure != "avg_days":
            for month in (6,):
                said = banner(members.until_url(indicator, park, SEPTEMBER, Period(YEAR, month)))
                assert said is not None
                assert said.agrees is True, (indicator.code, month)


@pytest.fixture
def figure(db: None) -> tuple[Indicator, Project]:
    """One project that counts, and its compiled indicator."""
    chain = make_chain(region=make_region())
    project = make_project(park=make_park(region=chain.region), chain=chain)
    indicator = make_indicator()
    scorecard_compile(region=chain.region, period=SEPTEMBER)
    return indicator, project


def test_the_banner_says_when_a_list_no_longer_agrees(figure: tuple[Indicator, Project]) -> None:
    indicator, project = figure
    url = members.list_url(indicator, project.park, SEPTEMBER)
    first = banner(url)
    assert first is not None
    assert (first.agrees, first.figure, first.listed, first.unit) == (True, "1", "1", "个")
    make_project(park=project.park)
    second = banner(url)
    assert second is not None
    assert (second.agrees, second.figure, second.listed) == (False, "1", "2")
    scorecard_compile(region=project.park.region, period=SEPTEMBER)
    third = banner(url)
    assert third is not None
    assert third.agrees is True


@pytest.mark.parametrize(
    "refined",
    [
        {"total_investment_min": "500000000"},
        {"fortune_global_500": "false"},
        {"counted": "2020-09-15"},
        {"counted": ""},
        {"signed_on_after": ""},
        {"signed_on_before": ""},
        {"signed_on_after": "2019-01-01"},
        {"signed_on_before": "2020-12-31"},
        {"signed_on_after": "2020-02-02"},
        {"signed_on_before": "2020-08-30"},
        {"signed_on_before": "9999-12-31"},
        {"signed_on_after": "0001-01-01"},
        {"category": ""},
        {"search": "项目"},
    ],
)
def test_a_refined_list_claims_nothing(figure: tuple[Indicator, Project], refined: dict[str, str]) -> None:
    indicator, project = figure
    query = QueryDict(members_query(indicator, project.park, SEPTEMBER), mutable=True)
    query["figure"] = indicator.code
    for key, value in refined.items():
        query[key] = value
        if not value:
            del query[key]
    reader = make_user(Role.CITY, region=project.park.region)
    said = agreement(query, Project.objects.all(), reader)
    assert said is None if refined.get("counted") == "" else said is not None and said.agrees is None


def test_a_stage_outside_the_indicators_own_claims_nothing() -> None:
    project = make_project(stage="started")
    indicator = make_indicator(filter=f"{F100}&stage=in_production&stage=full_capacity")
    scorecard_compile(region=project.park.region, period=SEPTEMBER)
    outside = banner(members.list_url(indicator, project.park, SEPTEMBER, stage="started"))
    inside = banner(members.list_url(indicator, project.park, SEPTEMBER, stage="in_production"))
    assert outside is not None
    assert inside is not None
    assert (outside.agrees, inside.agrees) == (None, True)


def test_a_chain_of_an_average_claims_nothing() -> None:
    chain = make_chain(region=make_region())
    day = date(2020, 5, 1)
    project = make_project(
        park=make_park(region=chain.region), chain=chain, settle_started_on=day, moved_in_on=date(2020, 5, 9)
    )
    fields = {"measure": "avg_days", "measure_fields": "settle_started_on moved_in_on", "basis": "moved_in_on"}
    indicator = make_indicator(filter="", **fields)
    scorecard_compile(region=chain.region, period=SEPTEMBER)
    said = banner(members.list_url(indicator, project.park, SEPTEMBER, chain=chain.code))
    assert said is not None
    assert said.agrees is None


def test_later_months_of_a_distinct_count_claim_nothing() -> None:
    step = make_listing_step(happened_on=date(2020, 3, 1))
    make_listing_step(enterprise=step.enterprise, board="main", happened_on=date(2020, 6, 1))
    fields = {"measure": "distinct", "measure_fields": "enterprise", "source": "listing_steps"}
    indicator = make_indicator(filter="", basis="happened_on", **fields)
    park = step.enterprise.park
    scorecard_compile(region=park.region, period=SEPTEMBER)
    june = {"happened_on_after": "2020-06-01", "happened_on_before": "2020-06-30"}
    said = [
        banner(members.list_url(indicator, park, SEPTEMBER, **june)),
        banner(members.until_url(indicator, park, SEPTEMBER, Period(2020, 6))),
    ]
    assert [one and one.agrees for one in said] == [None, True]


@pytest.mark.parametrize("missing", ["figure", "park", "counted"])
def test_without_figure_park_or_end_there_is_no_banner(figure: tuple[Indicator, Project], missing: str) -> None:
    indicator, project = figure
    query = QueryDict(f"{members_query(indicator, project.park, SEPTEMBER)}&figure={indicator.code}", mutable=True)
    del query[missing]
    reader = make_user(Role.CITY, region=project.park.region)
    assert agreement(query, Project.objects.all(), reader) is None


@pytest.mark.parametrize("end", ["tomorrow", "1066-10-14", "2020-13-01"])
def test_an_end_that_is_no_day_makes_no_banner(figure: tuple[Indicator, Project], end: str) -> None:
    indicator, project = figure
    query = QueryDict(f"park={project.park.code}&counted={end}&figure={indicator.code}")
    assert agreement(query, Project.objects.all(), make_user(Role.CITY, region=project.park.region)) is None


def test_nobody_learns_another_parks_figure_from_a_banner(figure: tuple[Indicator, Project]) -> None:
    indicator, project = figure
    query = QueryDict(f"{members_query(indicator, project.park, SEPTEMBER)}&figure={indicator.code}")
    assert agreement(query, Project.objects.none(), make_user(Role.CITY, region=project.park.region)) is not None
    assert agreement(query, Project.objects.none(), make_user(Role.CLERK)) is None


def test_one_changed_project_changes_exactly_its_own_figures() -> None:
    """Nothing is hard-coded: a dearer project moves the investment of its park, chain and month, and nothing else."""
    reference.load(Actor(None))
    region = store(seeded(5, WORLD_SIZES))
    for park in Park.objects.filter(region=region):
        make_project(park=park, signed_on=date(YEAR, 8, 8), total_investment=3 * 10**8)
    Region.objects.filter(pk=region.pk).update(recognition_level="none")
    region.refresh_from_db()
    scorecard_compile(region=region, period=SEPTEMBER)
    before = _everything()
    changed = Project.objects.get(park__code="yi", signed_on=date(YEAR, 8, 8), total_investment=3 * 10**8, chain=None)
    Project.objects.filter(pk=changed.pk).update(total_investment=5 * 10**8)
    scorecard_compile(region=region, period=SEPTEMBER)
    after = _everything()
    different = {key: after[key] - before[key] for key in after.keys() | before.keys() if after[key] != before[key]}
    parts = [("actual", ""), ("chain", ""), ("stage", "signed"), ("month", "2020-08")]
    where = [("yi", code, *part) for code in ("signed_investment", "cohort_investment") for part in parts]
    assert different == dict.fromkeys(where, Fraction(2 * 10**8))


def _everything() -> dict[tuple[str, str, str, str], Fraction]:
    """Every compiled number and part by park, indicator, dimension and key."""
    found: dict[tuple[str, str, str, str], Fraction] = {}
    for card in Scorecard.objects.all():
        for line in card.lines.select_related("indicator").prefetch_related("slices"):
            named = (card.park.code, line.indicator.code)
            numbers = {"actual": line.actual, "month": line.month, "previous": line.previous}
            found |= {(*named, key, ""): value for key, value in numbers.items() if value is not None}
            found |= {(*named, part.dimension, part.key): part.actual for part in line.slices.all()}
    return found
