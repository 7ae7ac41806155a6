"""Killed workers, copies, a second beat, a lost queue: always one right scorecard for each park and month.

Real processes on a Redis of their own; where a lock of the test holds a compile, it is hurt half-way. Each fault has
its control, in which the guard against it is taken out and the outcome is wrong.
"""

import random
import time
from collections import Counter

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from parkportal import jobs, tasks
from parkportal.models import Job, Park, Region
from parkportal.trace import Actor, changes
from reports.models import Scorecard, ScorecardLine
from tests.factories import make_indicator, make_park, make_project, make_region, make_target
from tests.processes import DEEP, NEEDS, Children, held, nothing_unique, until, waiting

pytestmark = NEEDS
MOMENTS = 20 if DEEP else 1
"""Random moments at which a worker is killed."""
WHOLE = [False, True] if DEEP else [False]
"""Whether all of it is killed or one of its processes."""
PROJECTS = {"er": 1, "yi": 3}
"""How many projects count in each park."""
Cards = list[tuple[str, str, int, list[int | None]]]


@pytest.fixture
def region() -> Region:
    """Two parks of which September is due."""
    made = make_region()
    indicator = make_indicator(role="assessed")
    for code, number in PROJECTS.items():
        park = make_park(code=code, region=made, scorecards_from="2020-09", scorecards_until="2020-09")
        make_target(park=park, indicator=indicator)
        for _project in range(number):
            make_project(park=park)
    return made


def cards() -> Cards:
    """What is stored: park, month, version, and the figures of its lines."""
    found = Scorecard.objects.order_by("park__code", "period", "id")
    return [(card.park.code, card.period, card.version, [line.actual for line in card.lines.all()]) for card in found]


def right(*months: str, version: int = 1) -> Cards:
    """One scorecard for each park and month, with its figure once."""
    return [(park, month, version, [number]) for park, number in PROJECTS.items() for month in months or ("2020-09",)]


def compiles() -> QuerySet[Job]:
    """The jobs that compile; on some days others are due as well."""
    return Job.objects.filter(kind="scorecard_compile").order_by("id")


def tried(state: str) -> list[int]:
    """How often each job of a state was begun."""
    return list(compiles().filter(state=state).values_list("attempts", flat=True))


def due() -> list[Job]:
    """What is due, written down and not yet carried."""
    jobs.write_down_due(timezone.now())
    return list(compiles().exclude(state="done"))


# A worker is killed


def killed_half_way(children: Children, **faults: str) -> Cards:
    """A compile whose process dies between the scorecards and their lines; returns what readers see after that."""
    worker, (job,) = children.worker(**faults), due()
    with held(ScorecardLine):
        tasks.run_job.delay(job.pk)
        assert until(lambda: waiting() == 1)
        worker.kill_a_worker()
        return cards()


def test_a_compile_that_was_killed_half_written_is_made_again(region: Region, children: Children) -> None:
    """Nobody sees half of it, and the queue delivers the task again."""
    assert killed_half_way(children) == []
    assert until(lambda: tried("done")) == [2]
    assert cards() == right()


def test_without_the_transaction_half_scorecards_would_be_seen(region: Region, children: Children) -> None:
    """The control: they have no lines."""
    assert killed_half_way(children, without="transaction") == [(park, "2020-09", 1, []) for park in PROJECTS]


def test_without_rejection_the_task_of_a_killed_process_would_be_lost(region: Region, children: Children) -> None:
    """The control: nothing is left in the queue, nobody is at it, and nothing was made."""
    assert killed_half_way(children, without="rejection") == []
    assert until(lambda: children.broker.count() == (0, 0) and waiting() == 0)
    assert (tried("running"), cards()) == ([1], [])


def test_when_all_of_a_worker_is_killed_the_reconciler_has_it_made_again(region: Region, children: Children) -> None:
    """The control is in the middle: the lease is over and a new worker listens, but nobody looks for open jobs."""
    worker, (job,) = children.worker(lease=1), due()
    with held(ScorecardLine):
        tasks.run_job.delay(job.pk)
        assert until(lambda: waiting() == 1)
        worker.kill()
    children.worker(lease=60)
    assert until(lambda: job.pk in jobs.open_jobs(timezone.now()))
    assert not until(lambda: tried("done"), 1)
    assert (tried("running"), cards()) == ([1], [])
    tasks.pick_up_open_jobs()
    assert until(lambda: tried("done")) == [2]
    assert cards() == right()


@pytest.mark.parametrize("whole", WHOLE)
def test_whenever_a_worker_is_killed_the_scorecards_are_right(region: Region, children: Children, whole: bool) -> None:
    """Eight months are compiled again after each new project, and the moment of the kill is random."""
    months, yi = [f"2020-{month:02d}" for month in range(5, 13)], Park.objects.get(code="yi")
    Park.objects.update(scorecards_from="2020-05", scorecards_until="2020-12")
    worker = children.worker(lease=2)
    for moment in range(MOMENTS):
        with changes(by=Actor(None)) as ledger:
            ledger.note(make_project(park=yi), {"name": (None, "新项目")})
        tasks.look_for_due()
        time.sleep(random.random())
        if whole:
            worker.kill()
            worker = children.worker(lease=2)
        else:
            worker.kill_a_worker()
        assert until(lambda: tasks.pick_up_open_jobs() or not compiles().exclude(state="done").exists(), pause=0.5)
        of_yi = [("yi", month, moment + 1, [PROJECTS["yi"] + moment + 1]) for month in months]
        assert cards() == right(*months)[: len(months)] + of_yi


# Several do the same


def three_copies(children: Children, **faults: str) -> None:
    """One task, delivered three times to three processes that are at it at once, to the end of them all."""
    children.worker(3, **faults)
    (job,) = due()
    with held(Scorecard):
        for _copy in range(3):
            tasks.run_job.apply_async((job.pk,), task_id="the-same")
        assert until(lambda: waiting() == 3)
    assert until(lambda: children.broker.count() == (0, 0))


def test_three_copies_of_a_compile_leave_what_one_would(region: Region, children: Children) -> None:
    three_copies(children)
    assert tried("done") == [3]
    assert cards() == right()


def test_three_copies_without_a_lock_would_leave_three_scorecards(region: Region, children: Children) -> None:
    """The control: neither the region is locked nor does the database refuse a second draft."""
    with nothing_unique(Scorecard):
        three_copies(children, without="lock")
        assert cards() == sorted(right() * 3)


def two_beats(children: Children) -> dict[str, int]:
    """How many jobs were written down by key, by two schedules that both saw none and have both gone on since."""
    children.worker(2)
    with held(Job):
        beats = [children.beat(every=0.3), children.beat(every=0.3)]
        assert until(lambda: waiting() == 2 and all(beat.says("Sending due task") for beat in beats))
    assert until(lambda: tried("done"))
    seen = [beat.says("Sending due task") for beat in beats]
    assert until(lambda: all(beat.says("Sending due task") > n + 2 for beat, n in zip(beats, seen, strict=True)))
    assert until(lambda: not compiles().exclude(state="done").exists())
    return Counter(compiles().values_list("key", flat=True))


def test_two_beats_have_one_effect(region: Region, children: Children) -> None:
    assert two_beats(children) == {f"{region.code}:2020-09": 1}
    assert tried("done") == [1]
    assert cards() == right()


def test_two_beats_would_write_a_job_down_twice_if_the_database_let_them(region: Region, children: Children) -> None:
    """The control: the look for an open job is not enough, because both look before either writes."""
    with nothing_unique(Job):
        assert two_beats(children) == {f"{region.code}:2020-09": 2}


# The queue is lost


def test_what_a_lost_queue_held_is_carried_again(region: Region, children: Children) -> None:
    """The control is in the middle: the worker is back at an empty queue, but nobody looks for open jobs."""
    Park.objects.update(scorecards_from="2020-07")
    children.worker()
    found, broker = due(), children.broker
    with held(Scorecard):
        for job in found:
            tasks.run_job.delay(job.pk)
        assert until(lambda: waiting() == 1)
        assert broker.count() == (2, 1)
        broker.kill()
        broker.start()
        assert broker.count() == (0, 0)
    assert until(broker.is_read)
    assert until(lambda: tried("done")) == [1]
    assert not until(lambda: len(tried("done")) > 1, 1)
    assert cards() == right("2020-07")
    tasks.pick_up_open_jobs()
    assert until(lambda: len(tried("done")) == 3)
    assert (tried("done"), cards()) == ([1, 1, 1], right("2020-07", "2020-08", "2020-09"))


def test_what_is_written_down_while_the_queue_is_away_is_carried_later(region: Region, children: Children) -> None:
    """Who saves meets no error, because the job stands; a worker that starts later is given it."""
    children.broker.kill()
    tasks.look_for_due()
    assert tried("queued") == [0]
    children.broker.start()
    children.worker()
    assert children.broker.count() == (0, 0)
    tasks.pick_up_open_jobs()
    assert until(lambda: tried("done")) == [1]
    assert cards() == right()
