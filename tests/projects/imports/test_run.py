"""What a run withstands: kill -9 in its middle, being taken twice, others who were faster, rows that moved."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from parkportal import jobs
from parkportal.models import Change, Job
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.imports import run, services, work
from projects.models import ImportBatch, PendingChange, Project
from projects.services import project_create, project_update
from tests import factories as make
from tests.projects.imports.books import book, forty_two, ledger_row
from tests.projects.imports.steps import (
    TODAY,
    YI,
    checked,
    clerk_of_a_park,
    imported,
    known_project,
    only_project,
    row,
    says,
    states,
    with_known_projects,
)

ROOT = Path(__file__).resolve().parents[3]
CHILD = """
import sys, time, django
django.setup()
from projects.imports import run
from parkportal import jobs
write, done = run._write_row, [0]
def slow(*given):
    found = write(*given)
    done[0] += 1
    if done[0] == int(sys.argv[2]):
        print("middle", flush=True)
        time.sleep(60)
    return found
run._write_row = slow
job = jobs.run(int(sys.argv[1]), "task")
print(job.state, job.result, flush=True)
"""


def ready_batch(user: Any) -> ImportBatch:
    """Thirty-four rows about to be written."""
    batch = checked(with_known_projects(user), book(forty_two()))
    return services.import_begin(by=Actor(user), batch=batch)


def job_for(batch: ImportBatch, user: Any) -> Job:
    return jobs.enqueue(work.RUN, batch.code, {"batch": batch.code, "by": user.username}, user)


@pytest.fixture
def address(tmp_path: Path) -> Any:
    """A way to hand the test database to another process, called when everything is in it; and to count in it."""

    def hand_over() -> tuple[str, Callable[[str], int]]:
        if connection.vendor != "sqlite":
            place = connection.settings_dict
            who = f"{quote(place['USER'])}:{quote(place['PASSWORD'])}@{place['HOST']}:{place['PORT']}"
            return f"postgres://{who}/{place['NAME']}", lambda sql: first(connection.cursor(), sql)
        file = tmp_path / "run.sqlite3"
        with sqlite3.connect(file) as copy:
            connection.connection.backup(copy)
        copy.close()

        def counted(sql: str) -> int:
            with closing(sqlite3.connect(file)) as opened:
                return first(opened.cursor(), sql)

        return f"sqlite:///{file}", counted

    return hand_over


def first(cursor: Any, sql: str) -> int:
    cursor.execute(sql)
    return int(cursor.fetchone()[0])


PROJECTS = "select count(*) from projects_project where deleted_at is null"
WRITTEN = "select count(*) from projects_importrow where cast(result as text) <> '{}'"
ENTRIES = "select count(*) from parkportal_change where object_type = 'projects.Project'"


def child(url: str, job: Job, stop_at: int) -> "subprocess.Popen[str]":
    env = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    env |= {"DATABASE_URL": url, "SECRET_KEY": settings.SECRET_KEY, "DJANGO_SETTINGS_MODULE": "parkportal.settings"}
    command = [sys.executable, "-c", CHILD, str(job.pk), str(stop_at)]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)


@pytest.mark.django_db(transaction=True)
def test_kill_9_in_the_middle_leaves_nothing_and_the_job_is_done_when_it_is_taken_again(address: Any) -> None:
    user = clerk_of_a_park()
    job = job_for(ready_batch(user), user)
    url, count = address()
    for stop_at in (1, 33):
        with child(url, job, stop_at) as process:
            assert process.stdout is not None and process.stdout.readline() == "middle\n"
            process.kill()
        assert (count(PROJECTS), count(WRITTEN), count(ENTRIES)) == (8, 0, 0)
    with child(url, job, 0) as process:
        said, _errors = process.communicate(timeout=120)
    assert said.startswith("done"), said
    assert (count(PROJECTS), count(WRITTEN), count(ENTRIES)) == (36, 34, 34)


@pytest.mark.django_db
def test_a_run_that_is_taken_again_after_its_commit_writes_nothing_twice() -> None:
    user = clerk_of_a_park()
    batch = ready_batch(user)
    job = job_for(batch, user)
    arguments = dict(job.arguments)
    first = work.run_job(arguments)
    assert work.run_job(arguments) == first
    services.import_mend(by=Actor(user), batch=batch, texts={41: {8: "300"}}, on=TODAY)
    work.run_job(arguments)
    assert row(batch, 41).state == "new" and not row(batch, 41).result, "mended since, and nobody asked to import it"
    assert Project.objects.kept().filter(park=user.park).count() == 36


@pytest.mark.django_db
def test_a_job_that_gives_up_leaves_a_batch_that_can_be_checked_again() -> None:
    user = clerk_of_a_park()
    batch = ready_batch(user)
    job = job_for(batch, user)
    with patch.object(run, "_write_row", side_effect=RuntimeError("no disk")):
        for _try in range(jobs.ATTEMPTS):
            jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED and Project.objects.kept().filter(park=user.park).count() == 8
    work.check_job({"batch": batch.code, "by": user.username})
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.CHECKED
    imported(user, batch)
    assert Project.objects.kept().filter(park=user.park).count() == 36


@pytest.mark.django_db
def test_progress_is_told_while_the_job_runs(client_as: Any) -> None:
    user = clerk_of_a_park()
    batch = ready_batch(user)
    job, client = job_for(batch, user), client_as(user)
    judge, write, told = run._judge_ready, run._write, []

    def seen(act: Any, *given: Any) -> Any:
        found = act(*given)
        job.refresh_from_db()
        told.append((job.progress, client.get(f"/projects/import/{batch.code}/").content.decode()))
        return found

    with (
        patch.object(run, "EVERY", 10),
        patch.object(run, "_judge_ready", lambda *given: seen(judge, *given)),
        patch.object(run, "_write", lambda *given: seen(write, *given)),
    ):
        jobs.run(job.pk)
    (checking, first), (writing, second) = told
    assert checking == {"done": 30, "total": 34} and "第1步：核对" in first and 'value="30"' in first
    assert (writing["phase"], writing["total"]) == ("write", 34) and "第2步：写入34行" in second
    assert '<progress aria-label="写入"></progress>' in second, "no figure where none can be known"
    job.refresh_from_db()
    assert job.progress == {"done": 34, "total": 34} and job.result["counts"]["done"] == 34


@pytest.mark.django_db
def test_rows_are_written_with_few_questions_and_a_whole_trace() -> None:
    """What each row costs is held here: services ask the database for themselves, the whole for all of them."""
    user = clerk_of_a_park()
    batch = ready_batch(user)
    with CaptureQueriesContext(connection) as queries:
        done = run.import_run(by=Actor(user), batch=batch, on=TODAY)
    assert not done.error and len(queries) < 34 * 4 + 40, len(queries)
    entries = Change.objects.filter(park=user.park).order_by("seq")
    numbers = list(entries.values_list("seq", flat=True))
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    for project in Project.objects.filter(park=user.park, code__contains="-2020-"):
        last = entries.filter(object_type="projects.Project", object_code=project.code).last()
        assert last is not None and project.seq == last.seq
        assert project.shares.count() == project.stage_changes.count() == 1
        told = entries.filter(object_type="projects.StageChange", object_code=project.code).get().diff
        assert told["to_stage"] == [None, project.stage] and "at" in told
    codes = [one.code for one in Project.objects.filter(park=user.park, code__contains="-2020-").order_by("code")]
    assert codes == [f"{user.park.code}-2020-{n:03d}" for n in range(1, len(codes) + 1)], "no gap and none twice"
    made = project_create(by=Actor(user), park=user.park, values={"name": "下一个"}, on=TODAY)
    assert made.code == f"{user.park.code}-2020-{len(codes) + 1:03d}"


@pytest.mark.django_db
def test_a_project_that_changed_after_the_check_stops_the_whole() -> None:
    user = clerk_of_a_park()
    batch = ready_batch(user)
    project_update(by=Actor(user), project=only_project(user, "叉车零部件项目"), values={"progress": "刚改过"})
    done = run.import_run(by=Actor(user), batch=batch, on=TODAY)
    assert done.state == ImportBatch.State.FAILED and "第30行" in done.error and "没有写入任何内容" in done.error
    assert Project.objects.kept().filter(park=user.park).count() == 8


@pytest.mark.django_db
def test_a_project_that_appeared_after_the_check_is_not_entered_twice() -> None:
    user = clerk_of_a_park()
    batch = ready_batch(user)
    project_create(by=Actor(user), park=user.park, values={"name": "血压计项目"}, on=TODAY)
    done = run.import_run(by=Actor(user), batch=batch, on=TODAY)
    assert done.state == ImportBatch.State.FAILED and "第4行" in done.error
    assert Project.objects.kept().filter(park=user.park, name="血压计项目").count() == 1


@pytest.mark.django_db
def test_a_ledger_that_moves_between_judging_and_writing_is_judged_again() -> None:
    user = clerk_of_a_park()
    batch = ready_batch(user)
    judge, times = run._judge_ready, []

    def interrupted(*given: Any) -> Any:
        found = judge(*given)
        times.append(1)
        if len(times) == 1:
            project_create(by=Actor(user), park=user.park, values={"name": "另一个全新设备项目"}, on=TODAY)
        return found

    with patch.object(run, "_judge_ready", interrupted):
        done = run.import_run(by=Actor(user), batch=batch, on=TODAY)
    assert (done.state, len(times)) == (ImportBatch.State.IMPORTED, 2)


@pytest.mark.django_db
def test_one_row_that_cannot_be_written_keeps_the_others_out_too() -> None:
    user = clerk_of_a_park()
    batch = ready_batch(user)
    write, times = run._write_row, []

    def failing(*given: Any) -> Any:
        times.append(1)
        if len(times) == 20:
            raise ValidationError("写不进去。")
        return write(*given)

    with patch.object(run, "_write_row", failing):
        done = run.import_run(by=Actor(user), batch=batch, on=TODAY)
    assert done.state == ImportBatch.State.FAILED and "写不进去" in done.error
    assert Project.objects.kept().filter(park=user.park).count() == 8


@pytest.mark.django_db
def test_what_counts_in_a_verified_project_waits_for_its_review() -> None:
    user = clerk_of_a_park()
    known_project(user, "高压水泵项目", total_investment=3 * YI, signed_on=date(2020, 3, 2))
    batch = imported(user, checked(user, book([ledger_row(1, "高压水泵项目", total=50_000)])))
    known = only_project(user, "高压水泵项目")
    assert (known.total_investment, known.progress) == (3 * YI, "正在办理手续"), (
        "open fields at once, counted ones later"
    )
    asked = PendingChange.objects.get(project=known)
    assert asked.values["total_investment"] == 5 * YI and asked.asked_by == user
    assert row(batch, 2).result["asked"]
    run.import_roll_back(by=Actor(user), batch=batch)
    known.refresh_from_db()
    assert known.progress == "" and PendingChange.objects.get(project=known).state == "recalled"


@pytest.mark.django_db
def test_a_head_of_section_changes_verified_projects_at_once() -> None:
    user = clerk_of_a_park()
    head = make.make_user(Role.HEAD, park=user.park)
    known_project(user, "高压水泵项目", total_investment=3 * YI, signed_on=date(2020, 3, 2))
    imported(head, checked(head, book([ledger_row(1, "高压水泵项目", total=50_000)])))
    known = only_project(user, "高压水泵项目")
    assert known.total_investment == 5 * YI and known.review_state == "verified"


@pytest.mark.django_db
def test_a_submitted_project_is_left_alone() -> None:
    user = clerk_of_a_park()
    known_project(user, "高压水泵项目", review_state="submitted")
    batch = checked(user, book([ledger_row(1, "高压水泵项目")]))
    assert states(batch) == {"wrong": 1} and "已提交审核" in says(row(batch, 2))


@pytest.mark.django_db
def test_two_rows_of_one_new_enterprise_make_one() -> None:
    user = clerk_of_a_park()
    rows = [ledger_row(n, name, investor="同一家投资公司") for n, name in enumerate(["光纤项目甲", "叉车项目乙"], 1)]
    imported(user, checked(user, book(rows)))
    investors = {one.investor_id for one in Project.objects.filter(park=user.park)}
    assert len(investors) == 1 and None not in investors


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.LEADER, Role.STATISTICIAN])
def test_only_who_enters_for_the_park_imports(role: str) -> None:
    user = clerk_of_a_park()
    place = {"park": user.park} if role == Role.LEADER else {"region": user.park.region}
    other = make.make_user(role, **place)
    batch = checked(user, book(forty_two()))
    for act in (services.import_check, run.import_run):
        with pytest.raises(PermissionDenied):
            act(by=Actor(other), batch=batch, on=TODAY)
    with pytest.raises(PermissionDenied):
        run.import_roll_back(by=Actor(other), batch=batch)


@pytest.mark.django_db
def test_a_batch_that_was_taken_back_is_not_run_again() -> None:
    user = clerk_of_a_park()
    batch = imported(user, checked(user, book([ledger_row(1, "高压水泵项目")])))
    run.import_roll_back(by=Actor(user), batch=batch)
    with pytest.raises(ValidationError, match="已撤销"):
        services.import_begin(by=Actor(user), batch=batch)
    with pytest.raises(ValidationError, match="没有可以撤销的内容"):
        run.import_roll_back(by=Actor(user), batch=batch)


@pytest.mark.django_db
def test_a_lease_that_ran_out_lets_another_worker_finish() -> None:
    user = clerk_of_a_park()
    job = job_for(ready_batch(user), user)
    assert jobs.claim(job.pk, timezone.now(), "dead") is not None
    assert jobs.run(job.pk, "other") is None, "somebody is at it"
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    done = jobs.run(job.pk, "other")
    assert done is not None and done.state == Job.State.DONE
    assert Project.objects.kept().filter(park=user.park).count() == 36
