"""Beat is dead for forty days: what was missed is made, in order, once; by processes whose clock is shifted."""

from datetime import date, datetime

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import QuerySet

from parkportal import tasks
from parkportal.models import Job, Park
from reports.models import Scorecard
from tests.factories import make_indicator, make_park, make_project, make_target
from tests.processes import NEEDS, Children, until

pytestmark = NEEDS
BEFORE = "2020-08-21T16:00:00Z"
"""22 August in Shanghai."""
AFTER = "2020-09-30T16:00:00Z"
"""1 October in Shanghai, forty days later, and still September in America."""
MONTHS = ["2020-08", "2020-09", "2020-10"]


@pytest.fixture
def park() -> Park:
    """A park with a project signed in each month from August on, whose August is compiled; then beat dies."""
    made = make_park(scorecards_from="2020-08")
    make_target(park=made, indicator=make_indicator(role="assessed"))
    for month in (8, 9, 10):
        make_project(park=made, signed_on=date(2020, month, 1))
    with time_machine.travel(datetime.fromisoformat(BEFORE), tick=False):
        call_command("work", once=True)
    return made


def until_the_running_month(children: Children) -> None:
    """Wait for its scorecard, and for the end of all that was carried."""
    assert until(lambda: Scorecard.objects.filter(period=MONTHS[-1]).exists())
    assert until(lambda: not compiles().exclude(state="done").exists() and children.broker.count() == (0, 0))


def written_down(children: Children) -> bytes:
    """The schedule that a beat has put on disk; some kinds of file (dbm.ndbm) are not written before it ends."""
    return b"".join(file.read_bytes() for file in children.folder.glob("schedule*"))


def compiles() -> QuerySet[Job]:
    return Job.objects.filter(kind="scorecard_compile").order_by("id")


def made() -> list[tuple[str, int, int | None]]:
    """The scorecards in the order in which they were made: month, version and figure."""
    found = Scorecard.objects.order_by("id")
    return [(card.period, card.version, card.lines.get().actual) for card in found]


def test_all_months_that_were_missed_are_made_in_order_and_once(park: Park, children: Children) -> None:
    """Beat begins, is stopped, and begins again forty days later with the schedule that it had written down."""
    assert made() == [("2020-08", 1, 1)]
    beat = children.beat("schedule", clock=BEFORE)
    assert until(lambda: beat.says("beat: Waking up"))  # one that is stopped before has not put down its whole schedule
    beat.stop()
    assert b"what-is-due" in written_down(children)
    beat = children.beat("schedule", TZ="America/New_York", clock=AFTER)
    children.worker(TZ="America/New_York", clock=AFTER)
    until_the_running_month(children)
    assert made() == [("2020-08", 1, 1), ("2020-09", 1, 2), ("2020-10", 1, 3)]
    assert [job.key[-7:] for job in compiles()] == MONTHS
    assert beat.says("Sending due task what-is-due") == 1


def test_if_only_the_running_month_were_due_a_missed_one_would_stay_missed(park: Park, children: Children) -> None:
    """The control, with the same tick."""
    children.worker(clock=AFTER, without="search")
    tasks.look_for_due.delay()
    until_the_running_month(children)
    assert made() == [("2020-08", 1, 1), ("2020-10", 1, 3)]
