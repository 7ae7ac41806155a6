"""The laws of the figures, on worlds that hypothesis invents: compiled = recounted, whole = parts, order-free."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from parkportal.models import Park, Region
from parkportal.trace import Actor
from reports import progress, reference
from reports.drafts import drafts_of
from reports.models import Indicator
from reports.periods import Period
from reports.progress import Results
from reports.tallies import Part, Tally, tallies
from tests.naive import Ledger
from tests.worlds import PARKS, YEAR, World, extra_indicators, store, worlds

pytestmark = pytest.mark.django_db
MONTHS = range(1, 13)
ADDABLE = (Indicator.Measure.COUNT, Indicator.Measure.SUM)
fast = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
"""A world is small enough to be read as it was found; shrinking one takes minutes."""
DEEP = os.environ.get("PORTAL_TEST_PROFILE") == "deep"
law = settings(fast, max_examples=2_000 if DEEP else 25)
"""What must hold for any world is tried 2,000 times in the deep profile, and a few times whenever the suite runs."""


@pytest.fixture
def indicators(db: None) -> list[Indicator]:
    """Those of the reference data and the extra ones."""
    reference.load(Actor(None))
    extra_indicators()
    return list(Indicator.objects.all())


@contextmanager
def stored(world: World, order: Callable[[list[Any]], list[Any]] = list) -> Iterator[Region]:
    """The world in the database, gone when the block ends."""
    with transaction.atomic():
        yield store(world, order)
        transaction.set_rollback(True)


def compiled(region: Region, chosen: list[Indicator], months: range = MONTHS) -> dict[int, Results]:
    """What the compiler finds for each month, read as one compile reads it."""
    first = progress.results(region, Period(YEAR, 1))
    known = {i.code for i in chosen}
    assert known <= {i.code for i in first.indicators}
    return {month: replace(first, period=Period(YEAR, month)) for month in months}


def with_parts(chosen: list[Indicator]) -> list[Indicator]:
    """The indicators and those that their ratios are made of."""
    ids = {i.pk for i in chosen} | {i.numerator_id for i in chosen} | {i.denominator_id for i in chosen}
    return list(Indicator.objects.filter(pk__in=ids - {None}))


@contextmanager
def only(chosen: list[Indicator]) -> Iterator[list[Indicator]]:
    """No other indicators but these are in force."""
    kept = with_parts(chosen)
    others = Indicator.objects.exclude(pk__in=[i.pk for i in kept])
    others.update(from_year=2100)
    yield kept


@fast
@given(data=st.data(), world=worlds())
def test_compiled_figures_are_those_of_a_naive_recount(
    indicators: list[Indicator], data: st.DataObject, world: World
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(indicators), min_size=2, max_size=3, unique=True))
    with stored(world) as region, only(chosen) as kept:
        ledger, found = Ledger(), compiled(region, kept)
        merged = region.merges_january_february
        for park in Park.objects.filter(region=region):
            for indicator in kept:
                for month, results in found.items():
                    asked = (indicator.code, park.code, YEAR, month)
                    actual = results.actual(indicator, park)
                    assert actual.value == ledger.actual(*asked), asked
                    assert actual.inexact == ledger.inexact(*asked), asked
                    assert results.previous(indicator, park)[0].value == ledger.previous(*asked), asked
                    assert results.month(indicator, park).value == ledger.month(*asked, merged=merged), asked
                    parts = {(p.dimension, p.key): p.amount.value for p in results.parts(indicator, park)}
                    assert parts == ledger.parts(*asked), asked


def total(parts: list[Part], dimension: str) -> Fraction:
    return sum((p.amount.value or Fraction(0) for p in parts if p.dimension == dimension), Fraction(0))


@law
@given(data=st.data(), world=worlds())
def test_a_total_is_the_sum_of_its_parts(indicators: list[Indicator], data: st.DataObject, world: World) -> None:
    addable = [i for i in indicators if i.measure in ADDABLE]
    chosen = data.draw(st.lists(st.sampled_from(addable), min_size=2, max_size=3, unique=True))
    with stored(world) as region, only(chosen) as kept:
        for results in compiled(region, kept, range(3, 13, 3)).values():
            for park in Park.objects.filter(region=region):
                for indicator in kept:
                    whole, parts = results.actual(indicator, park).value, results.parts(indicator, park)
                    dimensions = {p.dimension for p in parts}
                    assert all(total(parts, dimension) == whole for dimension in dimensions)
                    assert "month" in dimensions or whole == 0


@law
@given(data=st.data(), world=worlds())
def test_the_parks_shares_make_the_whole(indicators: list[Indicator], data: st.DataObject, world: World) -> None:
    addable = [i for i in indicators if i.measure in ADDABLE and i.source in {"projects", "signed_ever"}]
    indicator = data.draw(st.sampled_from(addable))
    everyone_whole = [{**row, "shares": [(row["park"], 10_000, 10_000)]} for row in world.projects]
    with stored(world) as region:
        shared = _of_all_parks(indicator, region)
    with stored(replace(world, projects=everyone_whole)) as region:
        assert shared == _of_all_parks(indicator, region)


def _of_all_parks(indicator: Indicator, region: Region) -> Fraction:
    regions = Region.objects.filter(park__code__in=PARKS).distinct()
    found = [tally for one in regions for tally in tallies(indicator, one, YEAR).values()]
    return sum((tally.cumulative(Period(YEAR, 10)).value or Fraction(0) for tally in found), Fraction(0))


@law
@given(world=worlds(), seed=st.integers(0, 2**16), data=st.data())
def test_the_order_of_entry_does_not_matter(
    indicators: list[Indicator], world: World, seed: int, data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(indicators), min_size=2, max_size=2, unique=True))

    def shuffled(rows: list[Any]) -> list[Any]:
        return Random(seed).sample(rows, len(rows))

    with transaction.atomic(), only(chosen):
        assert _digests(world, list) == _digests(world, shuffled)
        transaction.set_rollback(True)


def _digests(world: World, order: Callable[[list[Any]], list[Any]]) -> dict[str, str]:
    with stored(world, order) as region:
        parks = list(Park.objects.filter(region=region))
        drafts = drafts_of(progress.results(region, Period(YEAR, 9)), parks)
        return {park.code: drafts[park.pk].digest for park in parks}


def _counting(amount: int, park: str = "yi") -> dict[str, Any]:
    """A project that counts for F100 in August, whatever recognition its region asks for."""
    plain = dict.fromkeys(("investor", "company", "chain", "started_on", "terminated_on", "deleted_at"))
    day = Period(YEAR, 8).month_start
    return plain | {
        "park": park,
        "shares": [(park, 10_000, 10_000)],
        "category": "industry",
        "kind": "new",
        "contract_type": "formal",
        "review_state": "verified",
        "signed_on": day,
        "total_investment": amount,
        "recognitions": dict.fromkeys(("park", "city", "province"), ("accepted", day)),
    }


def _sum_and_count(region: Region, park: str) -> tuple[Fraction, ...]:
    pk, period = Park.objects.get(code=park).pk, Period(YEAR, 9)
    chosen = Indicator.objects.filter(code__in=["signed_investment", "projects_100m"]).order_by("code")
    found = (tallies(i, region, YEAR).get(pk) or Tally(i, []) for i in chosen)
    return tuple(tally.cumulative(period).value or Fraction(0) for tally in found)


@law
@given(world=worlds(), amount=st.integers(10**8, 10**14))
def test_one_more_counted_project_raises_the_totals_by_itself(
    indicators: list[Indicator], world: World, amount: int
) -> None:
    with stored(world) as region:
        count, money = _sum_and_count(region, "yi")
    with stored(replace(world, projects=[*world.projects, _counting(amount)])) as region:
        assert _sum_and_count(region, "yi") == (count + 1, money + amount)


@law
@given(world=worlds())
def test_doubled_amounts_double_the_total_and_leave_the_number(indicators: list[Indicator], world: World) -> None:
    big = [row | {"total_investment": (row["total_investment"] or 0) + 10**8} for row in world.projects]
    doubled = [row | {"total_investment": row["total_investment"] * 2} for row in big]
    with stored(replace(world, projects=big)) as region:
        count, money = _sum_and_count(region, "yi")
    with stored(replace(world, projects=doubled)) as region:
        assert _sum_and_count(region, "yi") == (count, 2 * money)


@law
@given(world=worlds(), amount=st.integers(10**8, 10**14))
def test_moving_a_project_between_parks_keeps_the_regions_total(
    indicators: list[Indicator], world: World, amount: int
) -> None:
    def of_region(park: str) -> list[Fraction]:
        with stored(replace(world, projects=[*world.projects, _counting(amount, park)])) as region:
            return [a + b for a, b in zip(_sum_and_count(region, "yi"), _sum_and_count(region, "er"), strict=True)]

    assert of_region("yi") == of_region("er")
