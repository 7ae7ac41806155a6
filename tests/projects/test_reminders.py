"""Reminders: rules that are rows find what is due on a day; nobody is told twice, and no day is lost."""

import smtplib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.core.management import call_command

from parkportal import jobs, notices
from parkportal.models import Job, Notice, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import PendingChange, Project, ReminderRule
from projects.services.handover import handover_make
from projects.services.reminders import reminders_due_jobs, reminders_job, reminders_tell
from tests.factories import make_fund_arrival, make_park, make_project, make_region, make_user

pytestmark = pytest.mark.django_db
DAY = date(2020, 9, 15)


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def owner(park: Park) -> User:
    return make_user(Role.CLERK, park=park, email="owner@example.cn")


@pytest.fixture
def head(park: Park) -> User:
    return make_user(Role.HEAD, park=park, email="head@example.cn")


def rule(**fields: Any) -> ReminderRule:
    values = {
        "code": "rule",
        "name": "规则",
        "kind": "stage_overdue",
        "query": "stage=signed",
        "date_field": "signed_on",
        "days": 30,
        "sentence": "“{project}”{since}起已{days}天。",
    }
    return ReminderRule.objects.create(**values | fields)


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("id").values_list("text", flat=True))


def touched(project: Project, on: date) -> None:
    moment = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    Project.objects.filter(pk=project.pk).update(updated_at=moment)


@pytest.mark.parametrize(("signed_on", "is_due"), [(date(2020, 8, 16), True), (date(2020, 8, 17), False)])
def test_a_stage_is_overdue_from_the_day_on(park: Park, owner: User, signed_on: date, is_due: bool) -> None:
    rule()
    make_project(park=park, owner=owner, name="项目甲", signed_on=signed_on)
    assert reminders_tell(on=DAY) == is_due
    assert told(owner) == ["“项目甲”2020-08-16起已30天。"] * is_due


def test_a_day_that_is_known_by_its_month_is_over_when_the_month_is(park: Park, owner: User) -> None:
    rule()
    make_project(park=park, owner=owner, signed_on=date(2020, 8, 1), signed_on_precision="month")
    assert reminders_tell(on=DAY) == 0
    assert reminders_tell(on=date(2020, 9, 30)) == 1


def test_nobody_is_told_twice_and_what_stays_due_is_told_again_after_a_month(park: Park, owner: User) -> None:
    rule()
    make_project(park=park, owner=owner, signed_on=date(2020, 8, 1))
    counts = [reminders_tell(on=date(2020, 8, 31) + timedelta(days=n)) for n in range(61)]
    assert [n for n, count in enumerate(counts) if count] == [0, 30, 60]


def test_without_the_key_everybody_would_be_told_every_day(park: Park, owner: User) -> None:
    rule()
    make_project(park=park, owner=owner, signed_on=date(2020, 8, 1))
    with patch("projects.services.reminders.period_of", lambda rule, since, on: on):
        assert [reminders_tell(on=DAY + timedelta(days=n)) for n in range(3)] == [1, 1, 1]


def test_days_on_which_nobody_looked_are_caught_up(park: Park, owner: User) -> None:
    rule()
    for n in range(5):
        make_project(park=park, owner=owner, signed_on=DAY - timedelta(days=30 + n))
    assert reminders_tell(on=DAY + timedelta(days=6)) == 5
    assert reminders_tell(on=DAY + timedelta(days=7)) == 0


def test_a_stale_project_is_told_until_somebody_writes(park: Park, owner: User) -> None:
    rule(kind="stale", date_field="")
    project = make_project(park=park, owner=owner)
    touched(project, DAY - timedelta(days=30))
    assert reminders_tell(on=DAY) == 1
    touched(project, DAY)
    assert reminders_tell(on=DAY + timedelta(days=1)) == 0
    assert reminders_tell(on=DAY + timedelta(days=30)) == 1


def test_money_that_arrived_starts_the_wait_anew(park: Park, owner: User) -> None:
    rule(kind="no_funds", query="stage=started", date_field="started_on", days=92)
    without = make_project(park=park, owner=owner, stage="started", started_on=date(2020, 5, 1), name="无")
    paid = make_project(park=park, owner=owner, stage="started", started_on=date(2020, 5, 1), name="有")
    make_fund_arrival(project=paid, received_on=date(2020, 8, 1))
    make_fund_arrival(project=without, received_on=date(2020, 8, 1), deleted_at=datetime.now(UTC))
    assert reminders_tell(on=DAY) == 1 and told(owner) == ["“无”2020-05-01起已137天。"]


def test_heads_are_told_of_what_waits_for_review_but_not_of_their_own(park: Park, owner: User, head: User) -> None:
    rule(kind="review_waiting", query="", date_field="", days=3, to_owner=False, to_head=True)
    other = make_user(Role.HEAD, park=park)
    waiting = make_project(park=park, owner=owner, review_state="submitted", submitted_by=head, name="甲")
    verified = make_project(park=park, name="乙")
    asked = datetime(2020, 9, 10, 4, tzinfo=UTC)
    PendingChange.objects.create(project=verified, asked_at=asked, asked_by=owner, values={"site": "x"})
    touched(waiting, DAY - timedelta(days=3))
    assert reminders_tell(on=DAY) == 3
    assert [len(told(user)) for user in (owner, head, other)] == [0, 1, 2]


@pytest.mark.parametrize("gone", [{"is_active": False}, {"role": Role.ADMIN, "park": None}, None])
def test_where_nobody_is_in_charge_any_more_the_heads_are_told(
    park: Park, owner: User, head: User, gone: dict[str, Any] | None
) -> None:
    rule()
    make_project(park=park, owner=owner if gone else None, signed_on=date(2020, 8, 1))
    User.objects.filter(pk=owner.pk).update(**gone or {"is_active": True})
    assert reminders_tell(on=DAY) == 1 and len(told(head)) == 1


def test_a_secret_project_goes_by_its_code_name(park: Park, owner: User) -> None:
    rule()
    make_project(park=park, owner=owner, name="机密", confidentiality="secret", code_name="东风")
    reminders_tell(on=DAY)
    assert "东风" in told(owner)[0] and "机密" not in told(owner)[0]


def test_rules_that_are_off_of_another_region_or_not_understood_tell_nobody(park: Park, owner: User) -> None:
    make_project(park=park, owner=owner)
    rule(code="off", active=False)
    rule(code="elsewhere", region=make_region())
    rule(code="wrong", query="nonsense=1")
    assert reminders_tell(on=DAY) == 0
    rule(code="here", region=park.region)
    assert reminders_tell(on=DAY) == 1


def test_the_presets_are_rows_that_find_something(park: Park, owner: User, head: User) -> None:
    call_command("load_reference", verbosity=0)
    made = {
        "signed-not-started": {"signed_on": date(2019, 9, 1)},
        "start-overdue": {"planned_start_on": date(2020, 9, 1)},
        "start-overdue-3-months": {"planned_start_on": date(2020, 6, 1)},
        "production-overdue": {"planned_production_on": date(2020, 9, 1), "stage": "started", "started_on": DAY},
        "started-no-funds": {"started_on": date(2020, 6, 1), "stage": "started"},
        "stale-30-days": {},
        "review-waiting": {"review_state": "submitted"},
    }
    assert set(made) == set(ReminderRule.objects.values_list("code", flat=True))
    for code, fields in made.items():
        project = make_project(park=park, owner=owner, **{"signed_on": date(2020, 9, 1)} | fields)
        touched(project, DAY - timedelta(days=30) if code in {"stale-30-days", "review-waiting"} else DAY)
    reminders_tell(on=DAY)
    assert set(Notice.objects.values_list("rule", flat=True)) == set(made)
    assert not [text for text in Notice.objects.values_list("text", flat=True) if "{" in text]


# --- the daily job -------------------------------------------------------------------------------------------------


def test_the_job_is_due_once_a_day_and_not_before_the_morning() -> None:
    night, morning = (datetime(2020, 9, 14, hour, 30, tzinfo=UTC) for hour in (22, 23))
    assert reminders_due_jobs(night) == []
    assert reminders_due_jobs(morning) == [("reminders", "2020-09-15", {"on": "2020-09-15"})]
    Job.objects.create(kind="reminders", key="2020-09-15", state=Job.State.DONE)
    assert reminders_due_jobs(morning) == []
    assert reminders_due_jobs(morning + timedelta(days=3))[0][1] == "2020-09-18"


def test_the_worker_does_it(park: Park, owner: User) -> None:
    rule()
    make_project(park=park, owner=owner, signed_on=date(2020, 8, 1))
    found = [job for job in jobs.write_down_due(datetime(2020, 9, 15, 1, tzinfo=UTC)) if job.kind == "reminders"]
    done = jobs.run(found[0].pk)
    assert done and done.state == Job.State.DONE and done.result == {"told": 1, "mailed": 0}


def test_mail_goes_out_once_where_there_is_a_server(park: Park, owner: User, settings: Any) -> None:
    rule()
    make_project(park=park, owner=owner, name="项目甲", signed_on=date(2020, 8, 1))
    today = {"on": date.today().isoformat()}  # noqa: DTZ011
    assert reminders_job(today) == {"told": 1, "mailed": 0} and not mail.outbox
    settings.EMAIL_HOST = "mail.example.cn"
    assert reminders_job(today) == {"told": 0, "mailed": 1}
    assert reminders_job(today) == {"told": 0, "mailed": 0}
    letter = mail.outbox[0]
    assert letter.to == ["owner@example.cn"] and letter.subject == "招商成绩单：1条提醒" and "项目甲" in letter.body


def test_a_mail_server_that_fails_breaks_nothing_and_is_tried_again(park: Park, owner: User, settings: Any) -> None:
    rule()
    make_project(park=park, owner=owner, signed_on=date(2020, 8, 1))
    settings.EMAIL_HOST = "mail.example.cn"
    today = {"on": date.today().isoformat()}  # noqa: DTZ011
    with patch("parkportal.notices.send_mail", side_effect=smtplib.SMTPException("down")):
        assert reminders_job(today) == {"told": 1, "mailed": 0}
    assert reminders_job(today) == {"told": 0, "mailed": 1}


# --- the page ------------------------------------------------------------------------------------------------------


def test_the_page_lists_counts_and_marks_as_read(park: Park, owner: User, client_as: Any) -> None:
    rule()
    for _n in range(3):
        make_project(park=park, owner=owner, signed_on=date(2020, 8, 1))
    reminders_tell(on=DAY)
    other = make_user(Role.CLERK, park=park)
    browser = client_as(owner)
    page = browser.get("/notices/").content.decode()
    assert page.count("起已45天") == 6 and "未读3条" in page and '<span class="n">3</span>' in page
    browser.post("/notices/read/", {"key": Notice.objects.filter(user=owner)[0].key})
    assert notices.unread(owner) == 2
    client_as(other).post("/notices/read/")
    assert notices.unread(owner) == 2
    browser.post("/notices/read/")
    assert notices.unread(owner) == 0
    assert "没有提醒" in client_as(other).get("/notices/").content.decode()


def test_a_notice_leads_to_what_it_is_about(park: Park, owner: User, client_as: Any) -> None:
    taker = make_user(Role.CLERK, park=park)
    project = make_project(park=park, owner=owner)
    made = handover_make(by=Actor(owner), giver=owner, taker=taker, codes=[project.code], on=DAY)
    assert f'href="/handovers/{made.code}/"' in client_as(taker).get("/notices/").content.decode()


def test_the_administrator_changes_rules_that_can_be_followed(client_as: Any) -> None:
    admin, made = client_as(make_user(Role.ADMIN)), rule()
    address = f"/admin/projects/reminderrule/{made.pk}/change/"
    page = admin.get(address)
    form = {k: v for k, v in page.context["adminform"].form.initial.items() if v not in (None, False)}
    for wrong in ({"query": "nonsense=1"}, {"query": "stage=nonsense"}, {"date_field": "birthday"}):
        assert admin.post(address, form | wrong).status_code == 200
    assert admin.post(address, form | {"days": 45}).status_code == 302
    made.refresh_from_db()
    assert made.days == 45 and made.query == "stage=signed"
