"""What is due is found whatever was missed: in order, no more and no less, and after every change that counts."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from parkportal import jobs
from parkportal.models import Change, Job, Park, Region
from parkportal.trace import Actor, changes
from reports.models import Scorecard, Target
from reports.periods import Period
from reports.services import COUNTED_MODELS, scorecard_compile, scorecards_due, scorecards_due_jobs
from tests.factories import make_engagement, make_indicator, make_park, make_project, make_region, make_target

pytestmark = pytest.mark.django_db
MONTHS = ["2020-07", "2020-08", "2020-09", "2020-10"]


@pytest.fixture
def park() -> Park:
    """A park with a target for 2020, whose scorecards begin in July."""
    made = make_park(code="yi", scorecards_from="2020-07", region=make_region())
    make_target(park=made)
    return made


def due(day: date) -> list[str]:
    """The months that are due on a day."""
    return [str(found.period) for found in scorecards_due(today=day)]


def compile_all(region: Region) -> None:
    for month in MONTHS:
        scorecard_compile(region=region, period=Period.parse(month))


def test_months_run_from_the_first_to_the_running_one(park: Park) -> None:
    assert due(date(2020, 6, 30)) == []
    assert due(date(2020, 7, 1)) == ["2020-07"]
    assert due(date(2020, 10, 1)) == MONTHS


def test_a_last_month_ends_them_and_a_year_without_a_target_has_none(park: Park) -> None:
    assert due(date(2021, 2, 1)) == [*MONTHS, "2020-11", "2020-12"]
    Park.objects.update(scorecards_until="2020-08")
    assert due(date(2021, 2, 1)) == MONTHS[:2]
    Target.objects.update(deleted_at=timezone.now())
    assert due(date(2021, 2, 1)) == []


def test_a_target_of_the_region_is_enough() -> None:
    park = make_park(scorecards_from="2020-09")
    make_target(region=park.region)
    assert due(date(2020, 9, 1)) == ["2020-09"]


def test_january_has_no_scorecard_where_it_is_published_with_february() -> None:
    park = make_park(scorecards_from="2020-01", region=make_region(merges_january_february=True))
    make_target(park=park)
    assert due(date(2020, 3, 1)) == ["2020-02", "2020-03"]


def test_parks_without_a_first_month_or_with_a_broken_one_are_not_due(park: Park) -> None:
    for text in ("", "2020-13", "x"):
        Park.objects.update(scorecards_from=text)
        assert due(date(2020, 10, 1)) == []


def test_after_forty_days_without_beat_all_missed_months_are_made_in_order(park: Park) -> None:
    make_project(park=park, signed_on=date(2020, 8, 31))
    make_project(park=park, signed_on=date(2020, 9, 1))
    with time_machine.travel(datetime(2020, 7, 31, 16, 10, tzinfo=UTC), tick=False):  # 1 August 00:10 in Shanghai
        call_command("work", once=True)
    assert list(Scorecard.objects.order_by("id").values_list("period", flat=True)) == MONTHS[:2]
    with time_machine.travel(datetime(2020, 9, 30, 16, 10, tzinfo=UTC), tick=False):
        call_command("work", once=True)
    assert list(Scorecard.objects.order_by("id").values_list("period", flat=True)) == MONTHS
    counted = {card.period: card.lines.get().actual for card in Scorecard.objects.all()}
    assert [counted[month] for month in MONTHS] == [0, 1, 2, 2]


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2020, 9, 30, 15, 59, 59, 999_999, tzinfo=UTC), "2020-09"),
        (datetime(2020, 9, 30, 16, tzinfo=UTC), "2020-10"),
        (datetime(2020, 12, 31, 15, 59, 59, tzinfo=UTC), "2020-12"),
    ],
)
def test_the_running_month_is_that_of_shanghai(park: Park, now: datetime, last: str) -> None:
    assert scorecards_due_jobs(now)[-1][2]["period"] == last


def test_what_is_compiled_is_due_again_only_after_a_change(park: Park) -> None:
    compile_all(park.region)
    assert due(date(2020, 10, 1)) == []
    with changes(by=Actor(None)) as ledger:
        ledger.update(make_project(park=park), {"total_investment": 10**8})
    assert due(date(2020, 10, 1)) == MONTHS
    compile_all(park.region)
    assert due(date(2020, 10, 1)) == []


@pytest.mark.parametrize("label", COUNTED_MODELS)
def test_every_counted_kind_of_row_makes_drafts_due(park: Park, label: str) -> None:
    compile_all(park.region)
    Change.objects.create(seq=10**6, door="page", object_type=label, object_code="x", park=park, at=timezone.now())
    assert due(date(2020, 10, 1)) == MONTHS


@pytest.mark.parametrize("label", ["projects.ProgressNote", "parkportal.User", "projects.Contract"])
def test_other_rows_make_nothing_due(park: Park, label: str) -> None:
    compile_all(park.region)
    Change.objects.create(seq=10**6, door="page", object_type=label, object_code="x", park=park, at=timezone.now())
    assert due(date(2020, 10, 1)) == []


def test_a_change_in_another_region_makes_nothing_due_but_reference_data_does(park: Park) -> None:
    compile_all(park.region)
    with changes(by=Actor(None)) as ledger:
        ledger.update(make_engagement(), {"title": "别的区域"})
    assert due(date(2020, 10, 1)) == []
    with changes(by=Actor(None)) as ledger:
        ledger.update(make_indicator(), {"order": 5})
    assert due(date(2020, 10, 1)) == MONTHS


def test_a_project_shared_across_regions_is_a_change_for_both(park: Park) -> None:
    other = make_park()
    project = make_project(park=other, shares=[(other, 5_000), (park, 5_000)])
    compile_all(park.region)
    with changes(by=Actor(None)) as ledger:
        ledger.update(project, {"total_investment": 10**9})
    assert due(date(2020, 10, 1)) == MONTHS


@pytest.mark.parametrize("status", ["in_review", "published"])
def test_what_left_the_draft_is_not_due(park: Park, status: str) -> None:
    compile_all(park.region)
    Scorecard.objects.filter(period="2020-08").update(status=status)
    with changes(by=Actor(None)) as ledger:
        ledger.update(make_project(park=park), {"total_investment": 10**8})
    assert due(date(2020, 10, 1)) == [month for month in MONTHS if month != "2020-08"]


def test_one_job_is_written_down_for_each_region_and_month(park: Park) -> None:
    make_park(scorecards_from="2020-07", region=park.region)
    now = datetime(2020, 10, 1, tzinfo=UTC)
    for _look in range(3):
        jobs.write_down_due(now)
    keys = list(Job.objects.filter(kind="scorecard_compile").order_by("id").values_list("key", flat=True))
    assert keys == [f"{park.region.code}:{month}" for month in MONTHS]


def test_a_bad_indicator_fails_visibly_and_is_tried_again_when_it_is_mended(park: Park) -> None:
    indicator = make_indicator(filter="kind=neu")
    Park.objects.update(scorecards_until="2020-07")
    now = timezone.now()
    for minutes in range(0, 100, 10):
        jobs.write_down_due(now + timedelta(minutes=minutes))
        for job_id in jobs.open_jobs(now):
            jobs.run(job_id)
    failed = Job.objects.get(kind="scorecard_compile")
    assert (failed.state, failed.attempts) == ("failed", 3)
    assert failed.result["error"].startswith("BadIndicator: ")
    with changes(by=Actor(None)) as ledger:
        ledger.update(indicator, {"filter": "kind=new"})
    (again,) = (job for job in jobs.write_down_due(now) if job.kind == "scorecard_compile")
    ran = jobs.run(again.pk)
    assert ran is not None
    assert (ran.state, ran.result) == ("done", {"scorecards": 1, "changed": 1})


def test_a_removal_of_the_last_park_of_a_region_leaves_nothing_due(park: Park) -> None:
    compile_all(park.region)
    Park.objects.update(scorecards_from="")
    assert due(date(2020, 10, 1)) == []


def stored() -> list[tuple[str, int, datetime]]:
    """The drafts as they are."""
    return list(Scorecard.objects.order_by("id").values_list("period", "version", "updated_at"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hour", [4, 20])
def test_preparing_a_second_time_does_nothing_again(
    park: Park, settings: Any, capsys: pytest.CaptureFixture[str], hour: int
) -> None:
    """At noon in Shanghai reminders are due too, at four in the morning they are not; they wait for the worker."""
    settings.REDIS_URL = ""
    with time_machine.travel(datetime(2026, 11, 22, hour, tzinfo=UTC)):
        Park.objects.update(scorecards_until="2020-08")
        call_command("prepare", "--no-sample")
        assert "2020-08" in capsys.readouterr().out
        before = stored()
        assert [period for period, _version, _at in before] == MONTHS[:2]
        call_command("prepare", "--no-sample")
        assert capsys.readouterr().out == ""
        assert (stored(), Job.objects.filter(kind="scorecard_compile").count()) == (before, 2)
