"""The same thing done to many projects: each through the service and the rights of its own page, and undone together.

What one request did is found again by its number in the trace, so that undoing it needs no list of its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Protocol

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from parkportal.models import Change, User
from parkportal.trace import Actor, StaleVersion
from projects import stages
from projects.models import Project
from projects.services.pending import change_recall, waiting
from projects.services.projects import project_change_stage, project_update
from projects.services.rights import Act, barred, untimely, waits
from projects.services.undo import change_undo
from projects.words import LABEL, label

MOST: Final = 500
"""Projects that one request changes."""
MOST_TAGS: Final = 10


class Task(Protocol):
    """What is to be done to each project."""

    counts: bool
    """Whether it changes what counts, so that in a verified project it waits for whoever verifies."""

    def refusal(self, user: User, project: Project) -> str:
        """Why it will not be done to this one; empty where nothing is seen against it."""

    def act(self, by: Actor, project: Project, today: date) -> None:
        """Call the service."""


def _not_now(user: User, project: Project, act: Act) -> str:
    return barred(user, project, act) or untimely(project, act)


@dataclass(frozen=True)
class Move:
    """Move on to a stage that is the next step, on a day."""

    to: str
    on: date | None = None
    precision: str = "day"
    counts: bool = True

    def refusal(self, user: User, project: Project) -> str:
        if sentence := _not_now(user, project, Act.MOVE):
            return sentence
        words = {"now": project.get_stage_display(), "to": stages.BY_CODE[self.to].label}
        if project.status != Project.Status.ACTIVE:
            return _("项目现在是“%(status)s”。") % {"status": project.get_status_display()}
        if not stages.can_move(project.stage, self.to):
            return _("现在是“%(now)s”，下一步不是“%(to)s”。") % words
        stage = stages.BY_CODE[self.to]
        lacking = [n for n in stage.needs if n != stage.date_field and getattr(project, n) in (None, "")]
        named = {"fields": "、".join(map(label, lacking))}
        return _("还没有填%(fields)s，请在项目里更新进展。") % named if lacking else ""

    def act(self, by: Actor, project: Project, today: date) -> None:
        if sentence := self.refusal(by.user, project) if by.user else "":
            raise ValidationError(sentence)
        project_change_stage(
            by=by,
            project=project,
            to=self.to,
            on=self.on,
            precision=self.precision,
            version=project.version,
            today=today,
        )


@dataclass(frozen=True)
class Assign:
    """Give to another person of the park."""

    owner: User | None = None
    counts: bool = False

    def refusal(self, user: User, project: Project) -> str:
        same = self.owner is not None and project.owner_id == self.owner.pk
        return _not_now(user, project, Act.EDIT) or (
            _("责任人已经是%(owner)s。") % {"owner": self.owner} if same else ""
        )

    def act(self, by: Actor, project: Project, today: date) -> None:
        project_update(by=by, project=project, values={"owner": self.owner}, version=project.version, on=today)


@dataclass(frozen=True)
class AddTags:
    """Add tags beside those that are there."""

    tags: tuple[str, ...] = ()
    counts: bool = False

    def refusal(self, user: User, project: Project) -> str:
        if sentence := _not_now(user, project, Act.EDIT):
            return sentence
        fresh = [tag for tag in self.tags if tag not in project.tags]
        if self.tags and not fresh:
            return _("已经有这些标签。")
        most = _("标签最多%(most)s个。") % {"most": MOST_TAGS}
        return most if len(project.tags) + len(fresh) > MOST_TAGS else ""

    def act(self, by: Actor, project: Project, today: date) -> None:
        tags = [*project.tags, *(tag for tag in self.tags if tag not in project.tags)]
        project_update(by=by, project=project, values={"tags": tags}, version=project.version, on=today)


@dataclass
class Outcome:
    """What became of the projects: done, waiting for review, or not done with the reason."""

    done: list[Project] = field(default_factory=list)
    asked: list[Project] = field(default_factory=list)
    refused: list[tuple[Project, str]] = field(default_factory=list)


def foresee(user: User, task: Task, projects: Iterable[Project]) -> Outcome:
    """What would become of them as they are now; nothing is written."""
    outcome = Outcome()
    for project in projects:
        if reason := task.refusal(user, project):
            outcome.refused.append((project, reason))
        elif task.counts and waits(user, project):
            outcome.asked.append(project)
        else:
            outcome.done.append(project)
    return outcome


def bulk_change(*, by: Actor, task: Task, projects: Iterable[Project], today: date) -> Outcome:
    """Do it to each project in its own transaction; one that refuses keeps no other from it."""
    outcome = Outcome()
    for project in projects:
        reason = (by.user and task.refusal(by.user, project)) or ""
        later = task.counts and waits(by.user, project)
        reason = reason or _tried(lambda project=project: task.act(by, project, today))  # type: ignore[misc]
        if reason:
            outcome.refused.append((project, reason))
        else:
            (outcome.asked if later else outcome.done).append(project)
    return outcome


def _tried(act: Callable[[], Any]) -> str:
    """Why an act was refused; empty where it was done."""
    try:
        act()
    except StaleVersion:
        return _("刚被别人改过。")
    except PermissionDenied as refused:
        return str(refused)
    except ValidationError as refused:
        return "".join(refused.messages)
    return ""


def bulk_undo(*, by: Actor, request_id: str, today: date) -> Outcome:
    """Set back everything that one request of the same person changed in projects and nobody changed since."""
    outcome = Outcome()
    entries = Change.objects.filter(user=by.user, request_id=request_id, object_type=LABEL).exclude(request_id="")
    changes = list(entries.order_by("-seq"))
    codes = {change.object_code for change in changes}
    rows = Project.objects.visible_to(by.user).filter(code__in=codes).select_related("park__region") if by.user else ()
    projects = {project.code: project for project in rows}
    for change in changes:
        project = projects.get(change.object_code)
        if project is None:
            continue
        reason = _tried(lambda change=change, project=project: _undo_one(by, change, project, today))  # type: ignore[misc]
        if reason:
            outcome.refused.append((project, reason))
        else:
            outcome.done.append(project)
    return outcome


def _undo_one(by: Actor, change: Change, project: Project, today: date) -> None:
    """Take back what waits, or set the columns back."""
    if set(change.diff) != {"pending_change"}:
        change_undo(by=by, project=project, change=change, on=today, version=project.version)
        return
    asked = waiting(project)
    if asked is None or asked.asked_by != by.user or asked.asked_at != change.at:
        raise ValidationError(_("提出的修改后来又变了或已经审核过，不能撤销。"))
    if change.diff["pending_change"][0]:
        raise ValidationError(_("之前就有等待审核的修改，不能只撤销这一次；请到项目里撤回。"))
    asked.project = project
    change_recall(by=by, change=asked)
