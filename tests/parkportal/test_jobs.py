"""Jobs: written down before they are carried, done by one of many, given up after three tries, found again if lost."""

import ast
import io
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from parkportal import jobs, tasks
from parkportal.celery import app
from parkportal.management.commands.work import Command
from parkportal.models import Job
from tests.concurrency import alone, own_connections, together
from tests.factories import make_user

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2020, 10, 1, tzinfo=UTC)
done: list[Any] = []
"""What the handlers below were called with."""
due: list[tuple[str, str, dict[str, Any]]] = []
"""What the finder below says is due."""


def good(arguments: Mapping[str, Any]) -> dict[str, Any]:
    done.append(arguments["n"])
    return {"n": arguments["n"]}


def poison(arguments: Mapping[str, Any]) -> dict[str, Any]:
    done.append(arguments["n"])
    raise ValueError("坏数据")


def slow(arguments: Mapping[str, Any]) -> dict[str, Any]:
    time.sleep(0.2)
    return good(arguments)


def find_due(now: datetime) -> list[tuple[str, str, dict[str, Any]]]:
    return list(due)


@pytest.fixture(autouse=True)
def kinds(settings: Any) -> None:
    """Kinds of jobs of this test, and no queue."""
    here = __name__
    settings.JOB_KINDS = {kind: f"{here}.{kind}" for kind in ("good", "poison", "slow")} | {"lost": "no.such.handler"}
    settings.JOBS_DUE = [f"{here}.find_due"]
    settings.JOBS_AT_ONCE = ["good", "poison"]
    settings.REDIS_URL = ""
    done.clear()
    due.clear()


def enqueue(kind: str = "good", n: int = 1) -> Job:
    return jobs.enqueue(kind, str(n), {"n": n})


@pytest.mark.django_db
def test_a_job_is_done_once_and_keeps_its_result() -> None:
    job = enqueue()
    ran = jobs.run(job.pk)
    assert ran is not None
    assert (ran.state, ran.result, ran.attempts, ran.lease_until) == ("done", {"n": 1}, 1, None)
    assert jobs.run(job.pk) is None
    assert done == [1]


@pytest.mark.django_db
def test_the_same_work_is_written_down_once_while_it_is_open() -> None:
    user = make_user()
    first = jobs.enqueue("good", "1", {"n": 1}, user)
    assert enqueue() == first
    assert first.created_by == user
    jobs.run(first.pk)
    assert enqueue() != first


@pytest.mark.django_db
def test_the_database_refuses_a_second_open_job() -> None:
    enqueue()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="good", key="1")


@pytest.mark.django_db
@pytest.mark.parametrize("done_by_then", [False, True])
def test_who_is_overtaken_gets_the_job_of_the_other(done_by_then: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other writes it down between the look and the write, and may be done before the second look."""
    create, made = Job.objects.create, []

    def overtaken() -> Any:
        made.append(create(kind="good", key="1", arguments={"n": 1}))
        if done_by_then:
            jobs.run(made[0].pk)
        return transaction.atomic()

    monkeypatch.setattr(jobs, "transaction", SimpleNamespace(atomic=overtaken))
    monkeypatch.setattr(Job.objects, "create", Mock(side_effect=IntegrityError))
    assert enqueue() == made[0]


@pytest.mark.django_db(transaction=True)
def test_of_eight_copies_of_one_id_one_has_an_effect(tmp_path: Path) -> None:
    job = enqueue("slow")
    with own_connections(tmp_path):
        ran = together(lambda _number: jobs.run(job.pk), 8)
        assert [type(one) for one in ran if one is not None] == [Job]
        assert alone(lambda: Job.objects.get().attempts) == 1
    assert done == [1]


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_every_copy_has_an_effect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above."""
    job = enqueue("slow")
    monkeypatch.setattr(jobs, "claim", lambda job_id, now, holder: Job.objects.get(pk=job_id))
    with own_connections(tmp_path):
        together(lambda _number: jobs.run(job.pk), 3)
    assert done == [1, 1, 1]


@pytest.mark.django_db
def test_a_task_that_is_delivered_again_takes_its_own_job_back_and_no_other_does() -> None:
    job = enqueue("slow")
    assert jobs.claim(job.pk, timezone.now(), "task-1")
    assert jobs.claim(job.pk, timezone.now(), "task-2") is None
    assert jobs.claim(job.pk, timezone.now()) is None
    again = jobs.claim(job.pk, timezone.now(), "task-1")
    assert again is not None
    assert again.attempts == 2


@pytest.mark.django_db(transaction=True)
def test_two_schedules_write_the_same_work_down_once(tmp_path: Path) -> None:
    due.append(("good", "1", {"n": 1}))
    with own_connections(tmp_path):
        found = together(lambda _number: jobs.write_down_due(NOW), 4)
        assert len({job.pk for written in found for job in written}) == 1
        assert alone(lambda: Job.objects.count()) == 1


@pytest.mark.django_db
def test_poison_is_tried_three_times_then_shown_as_failed_while_others_go_on() -> None:
    bad, well = enqueue("poison", 1), enqueue("good", 2)
    for _look in range(6):
        for job_id in jobs.open_jobs(NOW):
            jobs.run(job_id)
    bad.refresh_from_db()
    well.refresh_from_db()
    assert (bad.state, bad.attempts, bad.result) == ("failed", 3, {"error": "ValueError: 坏数据"})
    assert well.state == "done"
    assert done == [1, 2, 1, 1]


@pytest.mark.django_db
def test_poison_that_stays_due_is_not_an_endless_loop() -> None:
    due.append(("poison", "1", {"n": 1, "facts": 7}))
    now = datetime.now(UTC)
    for look in range(20):
        jobs.write_down_due(now + timedelta(minutes=10 * look))
        for job_id in jobs.open_jobs(now):
            jobs.run(job_id)
    assert (len(done), Job.objects.count()) == (3, 1)
    due[:] = [("poison", "1", {"n": 1, "facts": 8})]
    assert len(jobs.write_down_due(now)) == 1
    Job.objects.all().update(state="failed", finished_at=now - timedelta(days=1))
    assert len(jobs.write_down_due(now)) == 1


@pytest.mark.django_db
def test_a_kind_that_nobody_knows_fails_visibly_and_stops_nobody() -> None:
    for kind in ("lost", "renamed"):
        job = jobs.enqueue(kind, kind, {})
        for _try in range(3):
            jobs.run(job.pk)
        job.refresh_from_db()
        assert job.state == "failed"
        assert job.result["error"]


@pytest.mark.django_db
def test_a_lost_worker_is_replaced_when_its_lease_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=5))
    job = enqueue()
    assert jobs.claim(job.pk, NOW) is not None
    soon, late = NOW + timedelta(seconds=4), NOW + timedelta(seconds=6)
    assert jobs.claim(job.pk, soon) is None
    assert jobs.open_jobs(soon) == []
    assert jobs.open_jobs(late) == [job.pk]
    again = jobs.claim(job.pk, late)
    assert again is not None
    assert again.attempts == 2


@pytest.mark.django_db
def test_who_lost_the_lease_does_not_overwrite_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    job = enqueue()

    def overtaken(arguments: Mapping[str, Any]) -> dict[str, Any]:
        Job.objects.filter(pk=job.pk).update(attempts=2, state="done", result={"by": "the other"})
        return {"by": "the late one"}

    monkeypatch.setattr(sys.modules[__name__], "good", overtaken)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result == {"by": "the other"}


@pytest.mark.django_db
def test_a_job_whose_workers_all_died_is_closed_as_failed() -> None:
    job = enqueue()
    Job.objects.update(state="running", attempts=3, lease_until=NOW - timedelta(seconds=1))
    assert jobs.open_jobs(NOW) == []
    job.refresh_from_db()
    assert (job.state, job.result) == ("failed", {"error": "worker lost"})


@pytest.mark.django_db
@pytest.mark.parametrize("redis", ["", "redis://nowhere:1/0"])
def test_what_is_rolled_back_never_runs(
    redis: str,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.REDIS_URL = redis
    carried: list[int] = []
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda args, kwargs, **options: carried.append(args[0]))

    def door(*, fails: bool) -> None:
        with transaction.atomic():
            tasks.carry(enqueue())
            assert (done, carried) == ([], [])
            if fails:
                raise RuntimeError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError):
        door(fails=True)
    assert (done, carried, Job.objects.count()) == ([], [], 0)
    with django_capture_on_commit_callbacks(execute=True):
        door(fails=False)
    assert (done, carried) == (([], [Job.objects.get().pk]) if redis else ([1], []))


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_away_stops_nobody_who_saves(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "redis://nowhere:1/0"

    def away(args: Any, kwargs: Any) -> None:
        raise OperationalError("refused")

    monkeypatch.setattr(tasks.run_job, "apply_async", away)
    with transaction.atomic():
        tasks.carry(enqueue())
    assert jobs.open_jobs(NOW) == [Job.objects.get().pk]
    with pytest.raises(OperationalError), transaction.atomic():  # the control
        tasks.run_job.delay_on_commit(1)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_carried_too_early_finds_no_row() -> None:
    """The control: what runs inside the transaction runs although it is rolled back."""
    with pytest.raises(RuntimeError), transaction.atomic():
        jobs.run(enqueue().pk)
        raise RuntimeError
    assert (done, Job.objects.count()) == ([1], 0)


OTHER_SIGNATURES = {"gongwen", "webhooks"}
"""What signs a paper or a webhook, and is no signature of a task."""


def bare_delays(source: str) -> list[int]:
    """Lines that hand a task to the queue at once instead of after the commit."""
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    named = [node for node in found if not (isinstance(node.value, ast.Name) and node.value.id in OTHER_SIGNATURES)]
    return [node.lineno for node in named if node.attr in {"delay", "apply_async", "send_task", "signature", "si"}]


def test_no_door_hands_over_before_the_commit() -> None:
    rooms = (
        path for room in ("parkportal", "enterprises", "projects", "reports") for path in (ROOT / room).rglob("*.py")
    )
    allowed = ROOT / "parkportal" / "tasks.py"
    assert {
        str(path): bare_delays(path.read_text()) for path in rooms if path != allowed and bare_delays(path.read_text())
    } == {}
    assert bare_delays(allowed.read_text())


@pytest.mark.parametrize("source", ["run_job.delay(1)", "task = run_job.apply_async", "app.send_task('x')"])
def test_a_bare_delay_would_be_found(source: str) -> None:
    assert bare_delays(source) == [1]
    assert bare_delays("run_job.delay_on_commit(1)") == []


@pytest.mark.django_db
def test_the_queue_gets_again_what_it_lost(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "redis://nowhere:1/0"
    carried: list[int] = []
    monkeypatch.setattr(tasks.run_job, "delay", carried.append)
    due.append(("good", "2", {"n": 2}))
    lost, finished = enqueue(n=1), enqueue(n=3)
    jobs.run(finished.pk)
    tasks.pick_up_open_jobs()
    assert carried == [lost.pk, Job.objects.get(key="2").pk]


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        ("2020-09-30 23:59:59", 601),
        ("2020-10-01 00:09:59", 1),
        ("2020-10-01 00:11:00", 5 * 3600 + 59 * 60),
        ("2020-10-01 06:11:00", 17 * 3600 + 59 * 60),
    ],
)
def test_the_schedule_is_that_of_shanghai(now: str, seconds: int) -> None:
    """00:10 and 06:10 of the day there, never of the last day of the month by UTC."""
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    schedule = app.conf.beat_schedule["what-is-due"]["schedule"]
    schedule.nowfun = lambda: at
    assert (app.conf.timezone, str(schedule.tz)) == ("Asia/Shanghai", "Asia/Shanghai")
    assert schedule.remaining_estimate(at).total_seconds() == pytest.approx(seconds, abs=1)
    assert schedule.remaining_estimate(at).total_seconds() > 0


def test_the_queue_carries_ids_as_json_and_gives_lost_tasks_back() -> None:
    conf = app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.accept_content) == (True, True, ["json"])
    assert conf.broker_transport_options["visibility_timeout"] == conf.visibility_timeout > conf.task_time_limit
    assert timedelta(seconds=conf.task_time_limit) < jobs.LEASE
    assert {entry["task"] for entry in conf.beat_schedule.values()} <= set(app.tasks)
    assert settings.CELERY_TIMEZONE == "Asia/Shanghai"


@pytest.mark.django_db
def test_work_once_does_what_is_open_and_due_and_says_so() -> None:
    enqueue(n=1)
    enqueue("poison", 2)
    due.append(("good", "3", {"n": 3}))
    out = io.StringIO()
    call_command("work", once=True, stdout=out)
    assert out.getvalue().splitlines() == ["good 1: 完成", "poison 2: 等待", "good 3: 完成"]


def worker(stdin: Any, database: Path) -> "subprocess.Popen[bytes]":
    """`manage.py work` on an empty database of its own."""
    env = {"PATH": os.defpath, "SECRET_KEY": "for-tests-only-" * 4, "DATABASE_URL": f"sqlite:///{database}"}
    return subprocess.Popen([sys.executable, "manage.py", "work", "--pause=0.1"], cwd=ROOT, env=env, stdin=stdin)


def test_work_ends_when_its_standard_input_closes_and_not_before(database: Path) -> None:
    process = worker(subprocess.PIPE, database)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        assert process.stdin
        process.stdin.close()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(("is_pipe", "gone"), [(True, True), (False, False)])
def test_only_a_closed_pipe_says_that_the_parent_is_gone(
    is_pipe: bool, gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service without a terminal has /dev/null there, which reads as closed and means nothing."""
    reading, writing = os.pipe()
    os.close(writing)
    with os.fdopen(reading) if is_pipe else open(os.devnull) as stdin:  # noqa: SIM115 - one of two
        monkeypatch.setattr(sys, "stdin", stdin)
        assert Command._parent_is_gone(0.01) is gone
    if not is_pipe:
        os.close(reading)
