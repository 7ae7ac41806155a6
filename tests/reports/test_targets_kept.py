"""What somebody typed into the grid of targets is kept, and last year's targets are offered while any is lacking."""

from typing import Any

import pytest
from django.test import Client

from parkportal.models import Park, User
from parkportal.trace import Actor
from reports.models import Indicator, Target
from reports.targets import services
from reports.targets.scope import year_to_copy
from reports.views import target_grid
from tests.factories import make_indicator, make_park, make_region, make_target

pytestmark = pytest.mark.django_db
GRID = "/targets/grid/?year=2020"


@pytest.fixture
def park() -> Park:
    return make_park(code="yi", name="园区一")


def test_what_was_typed_for_an_indicator_that_ended_meanwhile_is_told(
    browser: Client, park: Park, indicator: Indicator
) -> None:
    money = make_indicator(code="money", name="到位资金", role=Indicator.Role.ASSESSED)
    posted = {"yi.signed": "12", "seen.yi.signed": "0:", "yi.money": "4", "seen.yi.money": "0:"}
    Indicator.objects.filter(pk=money.pk).update(to_year=2019)
    response = browser.post(GRID, posted)
    page = response.content.decode()
    assert response.status_code == 409
    assert 'name="yi.signed" value="12"' in page and "园区一，到位资金：指标已经停用或不再考核，你填的是4" in page
    assert not Target.objects.exists()
    assert browser.post(GRID, posted | {"yi.money": ""}).status_code == 302, "an empty cell has nothing to lose"
    assert Target.objects.get().annual == 12
    make_park(code="er", region=make_region())
    for stranger in ("er.signed", "yi.nothing"):
        assert browser.post(GRID, {stranger: "4", f"seen.{stranger}": "0:"}).status_code == 404


def test_a_park_that_moved_to_the_next_page_is_saved_all_the_same(
    browser: Client, park: Park, indicator: Indicator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_grid, "PARKS", 1)
    make_park(code="a", region=park.region)
    assert browser.post(GRID, {"yi.signed": "12", "seen.yi.signed": "0:"}).status_code == 302
    assert Target.objects.get(park=park).annual == 12


def test_a_document_without_a_changed_number_is_not_lost_in_silence(
    browser: Client, park: Park, indicator: Indicator
) -> None:
    target = make_target(park=park, indicator=indicator, annual=12, document="", authority="")
    posted = {"yi.signed": "12", "seen.yi.signed": "1:12", "document": "测〔2020〕9号", "authority": "市政府"}
    page = browser.post(GRID, posted).content.decode()
    assert 'value="测〔2020〕9号"' in page and "文号没有写上去" in page
    target.refresh_from_db()
    assert (target.document, target.version) == ("", 1)


def test_last_years_targets_are_offered_while_any_park_lacks_one(
    park: Park, indicator: Indicator, setter: User
) -> None:
    other = make_park(region=park.region)
    for one in (park, other):
        make_target(park=one, indicator=indicator, annual=24, year=2019)
    assert year_to_copy(setter, 2020) == 2019
    make_target(park=park, indicator=indicator, year=2020)
    assert year_to_copy(setter, 2020) == 2019
    assert services.targets_propose(by=Actor(setter), parks=[park, other], year=2020) == 1
    assert Target.objects.get(park=other, year=2020).is_proposed
    assert year_to_copy(setter, 2020) is None
    make_target(park=park, indicator=make_indicator(to_year=2019, role="assessed"), year=2019)
    make_target(park=make_park(region=make_region()), indicator=indicator, year=2019)
    assert year_to_copy(setter, 2020) is None, "neither an ended indicator nor another region's park"


def test_proposing_twice_at_once_proposes_once(
    browser: Client, park: Park, indicator: Indicator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_target(park=park, indicator=indicator, annual=24, year=2019)
    real, calls = services.trace.changes, []

    def second_in_between(*, by: Actor) -> Any:
        calls.append(by)
        if len(calls) == 1:
            services.targets_propose(by=by, parks=[park], year=2020)
        return real(by=by)

    monkeypatch.setattr(services.trace, "changes", second_in_between)
    assert browser.post("/targets/propose/", {"year": "2020"}).status_code == 302
    assert len(calls) == 2 and Target.objects.filter(year=2020).count() == 1
