"""The reference data of a real park: complete, evaluable, and safe to load again."""

from urllib.parse import parse_qsl, urlencode

import pytest
from django.core.management import call_command

from enterprises.models import Chain
from parkportal.models import Change, Park, Region
from parkportal.trace import Actor, changes
from reports import reference, sources
from reports.models import Indicator
from reports.reference_rates import RATES
from tests.factories import F100, make_user

pytestmark = pytest.mark.django_db

TWELVE = [
    "projects_100m",
    "fortune_global_500_projects",
    "signed_investment",
    "expected_output",
    "expected_jobs",
    "started_projects",
    "above_scale_enterprises",
    "star_market_enterprises",
    "group_start_projects",
    "arrived_funds_domestic",
    "arrived_funds_foreign",
    "average_settle_days",
]


@pytest.fixture(autouse=True)
def loaded() -> None:
    call_command("load_reference", verbosity=0)


def test_twelve_indicators_are_listed_in_their_order() -> None:
    assert list(Indicator.objects.filter(listed=True).values_list("code", flat=True)) == TWELVE
    assessed = Indicator.objects.filter(role=Indicator.Role.ASSESSED)
    assert list(assessed.values_list("code", "pinned")) == [(TWELVE[0], True), (TWELVE[1], True)]


def test_the_funnel_and_the_rates_are_not_listed() -> None:
    rows = {row.code: row for row in Indicator.objects.filter(listed=False)}
    rate = rows["start_rate"]
    assert set(rows) == {"cohort_signed", "cohort_started", "start_rate"} | {row["code"] for row in RATES}
    assert (rate.numerator, rate.denominator) == (rows["cohort_started"], rows["cohort_signed"])
    assert "开工时间不详的不计" in rate.definition and "开工时间不详的不计" in rows["cohort_started"].definition


def test_every_indicator_can_be_evaluated() -> None:
    for indicator in Indicator.objects.filter(numerator=None):
        sources.check(indicator)
        indicator.full_clean()


def test_an_indicator_with_a_wrong_part_could_not() -> None:
    broken = Indicator.objects.get(code="started_projects")
    broken.basis = "received_on"
    with pytest.raises(sources.BadIndicator):
        sources.check(broken)


def test_filters_are_sorted_so_that_equal_ones_are_equal_texts() -> None:
    assert reference.F100 == F100
    for indicator in Indicator.objects.all():
        assert indicator.filter == urlencode(sorted(parse_qsl(indicator.filter)))


def test_amounts_are_kept_in_the_smallest_unit_and_shown_in_a_large_one() -> None:
    units = {row.code: (row.unit, row.display_unit, row.decimals) for row in Indicator.objects.filter(listed=True)}
    assert {code for code, unit in units.items() if unit == ("元", "亿元", 1)} == {
        "signed_investment",
        "expected_output",
        "arrived_funds_domestic",
    }
    assert units["arrived_funds_foreign"] == ("美元", "万美元", 0)
    assert units["average_settle_days"] == ("天", "天", 1)


def test_regions_hang_together() -> None:
    regions = {region.code: region.parent and region.parent.code for region in Region.objects.all()}
    assert regions.pop("430000") is None
    assert regions.pop("430400") == "430000"
    assert len(regions) == 12 and set(regions.values()) == {"430400"}
    assert list(Chain.objects.values_list("region__code", flat=True)) == ["430400"] * 6


def test_a_second_load_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    entries = Change.objects.count()
    call_command("load_reference")
    assert capsys.readouterr().out == "基础数据：新增0行，更新0行，未变53行，手工修改过而保留0行。\n"
    assert Change.objects.count() == entries


def test_a_row_that_somebody_edited_is_kept_and_another_is_brought_up_to_date(
    capsys: pytest.CaptureFixture[str],
) -> None:
    editor = Actor(make_user("statistician", region=Region.objects.get(code="430400")), Change.Door.PAGE)
    for actor, code in ((editor, "projects_100m"), (Actor(None), "started_projects")):
        with changes(by=actor) as ledger:
            ledger.update(Indicator.objects.get(code=code), {"definition": "另有规定。"})
    call_command("load_reference")
    assert "更新1行，未变51行，手工修改过而保留1行" in capsys.readouterr().out
    assert Indicator.objects.get(code="projects_100m").definition == "另有规定。"
    assert Indicator.objects.get(code="started_projects").definition.startswith("报告期内首次达到开工认定条件")


def test_a_row_that_is_missing_is_added_again() -> None:
    Chain.objects.filter(code="logistics").delete()
    call_command("load_reference", verbosity=0)
    assert Chain.objects.filter(code="logistics").exists()


def test_every_row_has_its_entry_in_the_trace() -> None:
    for model in (Region, Chain, Indicator):
        told = Change.objects.filter(object_type=model._meta.label).values_list("object_code", flat=True)
        assert sorted(told) == sorted(model.objects.values_list("code", flat=True))
    assert not Park.objects.exists()
