"""Rates as the reference data makes them: the published examples, who stays in the denominator, and what is printed."""

from fractions import Fraction
from typing import Any

import pytest
from django.core.management import call_command
from django.http import QueryDict
from django.utils import timezone

from parkportal.models import Park
from parkportal.trace import Actor, changes
from projects.filters import ProjectFilter
from projects.models import FundArrival, Project, ProjectShare
from reports import reference
from reports.formulas import at
from reports.models import Indicator, ScorecardLine
from reports.periods import Period
from reports.reference_rates import RATES
from reports.services import scorecard_compile
from reports.words import write_value
from tests.factories import YI, make_park, make_project

WAN = 10_000
SEPTEMBER = Period(2020, 9)
PUBLISHED = [
    ("start_rate", 222, 247, "89.9"),
    ("fulfilment_rate", 244, 247, "98.8"),
    ("start_rate", 18 + 180, 292, "67.8"),
    ("start_rate", 266, 319, "83.4"),
    ("production_rate", 118, 218, "54.1"),
    ("arrival_rate", 370, 1077, "34.4"),
]
"""许昌 (twice), 渭南, 沪洽周, 安庆, 许昌: domain.md 2.2. Others cut where this rounds: within 0.1."""


@pytest.mark.parametrize(("code", "above", "below", "printed"), PUBLISHED)
def test_a_published_rate_prints_as_its_city_printed_it(code: str, above: int, below: int, printed: str) -> None:
    rate = Indicator(code=code, measure="ratio", unit="%", display_unit="%", decimals=1)
    assert write_value(rate, Fraction(above, below)) == printed


def signed(park: Park, number: int, **fields: Any) -> list[Project]:
    """That many projects of 2亿元 signed in 2020, otherwise alike."""
    pattern = make_project(park=park, **{"contracted_capital": 1 * YI, **fields})
    ready = timezone.now()
    rows = [
        Project(
            **{f.attname: getattr(pattern, f.attname) for f in Project._meta.concrete_fields if not f.primary_key}
            | {"code": f"{pattern.code}-{n}", "submission_key": None, "updated_at": ready}
        )
        for n in range(1, number)
    ]
    made = [pattern, *Project.objects.bulk_create(rows)]
    ProjectShare.objects.bulk_create(
        ProjectShare(project=row, park=park, count_bp=WAN, amount_bp=WAN) for row in made[1:]
    )
    return made


def line(park: Park, code: str) -> ScorecardLine:
    return ScorecardLine.objects.get(scorecard__park=park, scorecard__period="2020-09", indicator__code=code)


@pytest.fixture
def park(db: None) -> Park:
    """许昌 in 2020: 247 signed, of which 244 keep their contract and 222 have begun; one ended, two only signed."""
    reference.load(Actor(None))
    park = make_park(code="xuchang")
    registered = {"registered_on": "2020-06-01", "stage": "registered"}
    begun = registered | {"stage": "started", "started_on": "2020-08-01"}
    signed(park, 202, **begun)
    signed(park, 20, **begun, in_production_on="2020-09-15")
    signed(park, 21, **registered, settle_started_on="2020-07-01")
    paid = signed(park, 1, **registered)[0]
    FundArrival.objects.create(
        code="paid", project=paid, received_on="2020-09-30", amount=370 * WAN, origin_tier="out_of_city", verified=True
    )
    signed(park, 1, **registered, terminated_on="2020-07-07", status="terminated")
    signed(park, 2)
    make_project(park=park, signed_on="2019-12-31", started_on="2020-03-01", **registered)
    return park


def compiled(park: Park) -> None:
    scorecard_compile(region=park.region, period=SEPTEMBER)


def test_the_rates_of_one_city_are_its_published_ones(park: Park) -> None:
    compiled(park)
    assert line(park, "cohort_signed").actual == 247
    for code, above, printed in (
        ("start_rate", 222, "89.9"),
        ("fulfilment_rate", 244, "98.8"),
        ("registration_rate", 244, "98.8"),
        ("production_rate", 20, "8.1"),
    ):
        found = line(park, code)
        assert found.actual == Fraction(above, 247), code
        assert write_value(found.indicator, found.actual) == printed


def test_money_arrived_is_divided_by_both_denominators(park: Park) -> None:
    Project.objects.update(contracted_capital=None)
    Project.objects.filter(code__endswith="-1").update(contracted_capital=0)
    Project.objects.filter(fund_arrivals__code="paid").update(contracted_capital=1077 * WAN)
    compiled(park)
    assert line(park, "arrival_rate").actual == Fraction(370, 1077)
    assert line(park, "arrival_rate_total").actual == Fraction(370 * WAN, 247 * 2 * YI)


def test_money_of_other_years_projects_and_later_money_is_not_in_the_rate(park: Park) -> None:
    old = Project.objects.get(signed_on="2019-12-31")
    new = Project.objects.filter(signed_on__year=2020).first()
    for number, (project, day) in enumerate(((old, "2020-05-05"), (new, "2020-10-01"))):
        FundArrival.objects.create(
            code=f"more-{number}", project=project, received_on=day, amount=WAN, origin_tier="local", verified=True
        )
    compiled(park)
    assert line(park, "cohort_arrived_funds").actual == 370 * WAN


def test_a_terminated_project_stays_in_the_denominator(db: None) -> None:
    """渭南: 292 signed, one of them ended; 291 of 292 keep their contract."""
    reference.load(Actor(None))
    weinan = make_park(code="weinan")
    kept = {"registered_on": "2020-06-01", "stage": "started", "started_on": "2020-08-01"}
    signed(weinan, 291, **kept)
    signed(weinan, 1, **kept, terminated_on="2020-09-01", status="terminated")
    compiled(weinan)
    assert line(weinan, "fulfilment_rate").actual == Fraction(291, 292)
    assert line(weinan, "cohort_signed").actual == 292


def test_a_project_of_which_nothing_but_the_signing_is_known_keeps_no_contract(park: Park) -> None:
    known = Project.objects.filter(park=park)
    kept = ProjectFilter(QueryDict("fulfilled=true"), queryset=known).qs
    rest = ProjectFilter(QueryDict("fulfilled=false"), queryset=known).qs
    assert kept.count() + rest.count() == known.count() == 248
    assert rest.filter(registered_on=None).count() == 2


def test_rates_say_which_batch_and_as_of_when(park: Park) -> None:
    rate = Indicator.objects.select_related("numerator", "denominator").get(code="start_rate")
    said = at(rate, SEPTEMBER)
    assert said == [
        "当年签约已开工：签约时间在2020年1月1日至2020年9月30日的一批，其中开工时间不晚于2020年9月30日。",
        "当年签约（含已终止）：签约时间在2020年1月1日至2020年9月30日。",
        "数据截至2020年9月30日。",
    ]
    for row in Indicator.objects.filter(code__in=[one["code"] for one in RATES]):
        assert "当年签约" in row.definition and "终止" in row.definition


def test_rates_are_not_listed_and_need_their_parts_first(park: Park) -> None:
    codes = [row["code"] for row in RATES]
    assert not Indicator.objects.filter(code__in=codes, listed=True).exists()
    before = set()
    for row in RATES:
        assert {row.get("numerator"), row.get("denominator")} <= before | {None, "cohort_signed"}
        before.add(row["code"])


def test_a_new_release_does_not_change_what_a_compiled_indicator_counts(
    park: Park, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed definition of a compiled indicator is a new code, also where the reference data is loaded again."""
    other = tuple(row | {"filter": "kind=new"} if row["code"] == "cohort_producing" else row for row in RATES)
    monkeypatch.setattr(reference, "RATES", other)
    compiled(park)
    assert reference.load(Actor(None))["kept"] == 1
    assert Indicator.objects.get(code="cohort_producing").filter == reference.F100
    ScorecardLine.objects.all().delete()
    assert reference.load(Actor(None))["updated"] == 1
    assert Indicator.objects.get(code="cohort_producing").filter == "kind=new"


def test_a_new_release_may_mend_the_words_of_a_compiled_indicator(park: Park) -> None:
    compiled(park)
    with changes(by=Actor(None)) as ledger:
        ledger.update(Indicator.objects.get(code="start_rate"), {"definition": "旧的说法。"})
    call_command("load_reference", verbosity=0)
    assert Indicator.objects.get(code="start_rate").definition.startswith("当年签约")
