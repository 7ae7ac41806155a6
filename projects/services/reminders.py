"""Reminders: what is overdue, stale or waiting on a day, told once to the people who look after it.

The rules are rows (`ReminderRule`). For each day on which somebody looks, what is due by then is told, so that days on
which nobody looked are caught up; a notice's key names the rule, the object and the period, so that none goes twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Max, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal import notices
from parkportal.models import Job, Notice, Park, User
from parkportal.roles import May
from parkportal.writing import latest
from projects.filters import ProjectFilter
from projects.models import PendingChange, Project, ReminderRule
from projects.models.secrecy import SECRET

JOB: Final = "reminders"
FROM_HOUR: Final = 7
"""Nobody is reminded before this hour of the day."""
SELDOM, OFTEN = 30, 7
"""What stays due is told again after so many days: reviews, which are due soon, more often."""
Kind = ReminderRule.Kind


@dataclass(frozen=True)
class Due:
    """A project that a rule found, and the day from which on it asks for attention."""

    project: Project
    since: date
    what: str = ""
    not_to: int | None = None
    """Key of the person who cannot do it: whoever submitted does not verify."""


def reminders_due_jobs(now: datetime) -> list[tuple[str, str, dict[str, Any]]]:
    """The reminders of today as a job, unless they went out already."""
    local = timezone.localtime(now)
    day = local.date().isoformat()
    if local.hour < FROM_HOUR or Job.objects.filter(kind=JOB, key=day, state=Job.State.DONE).exists():
        return []
    return [(JOB, day, {"on": day})]


def reminders_job(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Tell and mail what is due on a day; safe to repeat."""
    told = reminders_tell(on=date.fromisoformat(arguments["on"]))
    return {"told": told, "mailed": notices.mail(timezone.now())}


def reminders_tell(*, on: date) -> int:
    """Tell everybody what is due on a day; returns how many notices are new."""
    at = timezone.make_aware(datetime.combine(on, time(FROM_HOUR)))
    rules = ReminderRule.objects.filter(active=True).select_related("region")
    people = People()
    return notices.tell(row for rule in rules for row in _notices(rule, on, at, people))


def _notices(rule: ReminderRule, on: date, at: datetime, people: "People") -> Iterator[Notice]:
    for due in found_by(rule, on):
        key = f"{rule.code} {due.project.code}{due.what} {period_of(rule, due.since, on)}"
        text = in_words(rule, due, on)
        for user in people.of(rule, due):
            yield notices.notice(
                user, key=key, text=text, at=at, rule=rule.code, row=due.project, park=due.project.park
            )


def period_of(rule: ReminderRule, since: date, on: date) -> date:
    """The first day of the period for which one notice is enough."""
    step = OFTEN if rule.kind == Kind.REVIEW_WAITING else SELDOM
    return since + timedelta(days=(on - since).days // step * step)


def in_words(rule: ReminderRule, due: Due, on: date) -> str:
    """The rule's sentence with its project and days; a secret project goes by its code name, as mail may be read."""
    project, began = due.project, due.since - timedelta(days=rule.days)
    is_secret = project.confidentiality == SECRET
    name = (project.code_name or _("保密项目%(code)s") % {"code": project.code}) if is_secret else project.name
    words = {"{project}": name, "{days}": str((on - began).days), "{since}": began.isoformat()}
    text = rule.sentence
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text


def found_by(rule: ReminderRule, on: date) -> Iterator[Due]:
    """The projects that are due under a rule on a day."""
    rows = _chosen(rule).select_related("park", "owner")
    last = on - timedelta(days=rule.days)
    for row, began in _begun(rule, rows, last):
        if began is not None and began <= last:
            yield Due(row, began + timedelta(days=rule.days), not_to=_submitter(rule, row))
    if rule.kind == Kind.REVIEW_WAITING:
        yield from _waiting_changes(rows, rule, last)


def _chosen(rule: ReminderRule) -> QuerySet[Project]:
    """The projects that the rule's condition and region choose; a condition that is not understood chooses none."""
    rows = ProjectFilter(QueryDict(rule.query), queryset=Project.objects.kept()).qs
    return rows.filter(_in_region(rule)) if rule.region_id else rows


def _in_region(rule: ReminderRule) -> Q:
    return Q(park__region=rule.region_id) | Q(park__region__parent=rule.region_id)


def _begun(rule: ReminderRule, rows: QuerySet[Project], last: date) -> Iterator[tuple[Project, date | None]]:
    """Projects with the day from which the rule counts."""
    if rule.kind in {Kind.STALE, Kind.REVIEW_WAITING}:
        waits = rows.filter(review_state=Project.ReviewState.SUBMITTED) if rule.kind == Kind.REVIEW_WAITING else rows
        end = timezone.make_aware(datetime.combine(last + timedelta(days=1), time()))
        for row in waits.filter(updated_at__lt=end):
            yield row, timezone.localtime(row.updated_at).date()
    else:
        begun = rows.filter(**{f"{rule.date_field}__lte": last})
        arrived = Max("fund_arrivals__received_on", filter=Q(fund_arrivals__deleted_at__isnull=True))
        for row in begun.annotate(arrived=arrived):
            known = latest(getattr(row, rule.date_field), getattr(row, f"{rule.date_field}_precision"))
            yield row, max(known, row.arrived or known) if rule.kind == Kind.NO_FUNDS else known


def _submitter(rule: ReminderRule, row: Project) -> int | None:
    return row.submitted_by_id if rule.kind == Kind.REVIEW_WAITING else None


def _waiting_changes(rows: QuerySet[Project], rule: ReminderRule, last: date) -> Iterator[Due]:
    """Changes of verified projects that wait for their review."""
    waiting = PendingChange.objects.filter(state=PendingChange.State.WAITING, project__deleted_at__isnull=True)
    waiting = waiting.filter(project__in=rows.values("pk")).select_related("project__park", "project__owner")
    for change in waiting:
        asked = timezone.localtime(change.asked_at).date()
        if asked <= last:
            yield Due(change.project, asked + timedelta(days=rule.days), " change", change.asked_by_id)


class People:
    """Who is told: the person in charge, or where there is none any more, the heads of the park."""

    def __init__(self) -> None:
        self._heads: dict[int, list[User]] = {}

    def of(self, rule: ReminderRule, due: Due) -> list[User]:
        """The people whom a rule reminds of a project, each once."""
        found: dict[int, User] = {}
        owner = due.project.owner if rule.to_owner else None
        if owner is not None and owner.park_id == due.project.park_id and owner.may(May.READ):
            found[owner.pk] = owner
        if rule.to_head or not found:
            heads = self.heads(due.project.park)
            able = [head for head in heads if head.pk != due.not_to] or heads
            found |= {head.pk: head for head in able}
        return list(found.values())

    def heads(self, park: Park) -> list[User]:
        """Active people of a park who verify."""
        if park.pk not in self._heads:
            mine = User.objects.filter(park=park, is_active=True).order_by("username")
            self._heads[park.pk] = [user for user in mine if user.may(May.VERIFY)]
        return self._heads[park.pk]
