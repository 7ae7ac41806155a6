"""What happens to a project: entered, submitted, verified, moved on, ended; each in one transaction with its trace."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Park
from parkportal.trace import Actor
from parkportal.writing import earliest
from projects import stages
from projects.models import Project, ProjectShare
from projects.services.bin import take_out
from projects.services.checks import Problems, project_missing, project_problems, reason_of, with_values
from projects.services.entry import EDITABLE, assign, fresh, note_stage, put, refuse, store_parties, tell_parties
from projects.services.fortune import is_fortune_global_500
from projects.services.pending import write_or_ask
from projects.services.rights import Act, State, demand, demand_entry
from projects.services.search import search_text


def project_create(
    *,
    by: Actor,
    park: Park,
    values: Mapping[str, Any],
    on: date,
    key: str | None = None,
    custom: Mapping[str, str] | None = None,
) -> Project:
    """Enter a project into a park's ledger as a draft; its investor and company may be rows that are not stored yet.

    `on` is the day of entry, `key` the one-time key of the form: a second use of it is an IntegrityError. `custom` is
    what a ledger said in columns that the portal does not know, by heading.
    """
    demand_entry(by, park)
    project = Project(park=park, submission_key=key, custom=dict(custom or {}))
    with trace.changes(by=by) as ledger:
        assign(project, values)
        refuse(project_problems(project, on))
        tell_parties(ledger, EDITABLE, project)
        store_parties(ledger, project, on)
        project.fortune_global_500 = is_fortune_global_500(project)
        project.code = trace.next_code(park, "", on.year)
        project.search_text = search_text(project)
        ledger.create(project)
        ledger.create_later(ProjectShare(project=project, park=park))
        note_stage(ledger, project, "", "")
    return project


def project_update(
    *,
    by: Actor,
    project: Project,
    values: Mapping[str, Any],
    version: int | None = None,
    on: date | None = None,
    reason: str = "",
) -> Project:
    """Change a project; StaleVersion when somebody was first, PermissionDenied for counted columns of a verified one.

    `reason` is asked for when the stage jumps or goes back.
    """
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.EDIT)
        write_or_ask(ledger, project, values, on=on, reason=reason)
    return project


def project_change_stage(
    *,
    by: Actor,
    project: Project,
    to: str,
    on: date | None,
    precision: str = "day",
    reason: str = "",
    version: int | None = None,
    values: Mapping[str, Any] | None = None,
    today: date | None = None,
) -> Project:
    """Move a project to another stage on a day; `values` fill what that stage asks for besides.

    Going back empties the days of the stages that are taken back: what has not happened must not count.
    """
    if to not in stages.BY_CODE:
        raise ValidationError({"to": _("没有名为“%(stage)s”的进度。") % {"stage": to}})
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.MOVE)
        if to == project.stage:
            raise ValidationError({"to": _("项目现在就是“%(stage)s”。") % {"stage": project.get_stage_display()}})
        changes = _taken_back(project, to) | dict(values or {}) | _dated(to, on, precision) | {"stage": to}
        refuse(_stage_lacks(with_values(project, changes)))
        write_or_ask(ledger, project, changes, on=today, reason=reason, happened=(on, precision))
    return project


def project_submit(*, by: Actor, project: Project, version: int | None = None) -> Project:
    """Hand a project to the reviewer; ValidationError names what its stage still asks for."""
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.SUBMIT)
        refuse(project_missing(project))
        put(ledger, project, review_state=State.SUBMITTED, submitted_by=by.user, return_reason="", return_reasons={})
    return project


def project_recall(*, by: Actor, project: Project, version: int | None = None) -> Project:
    """Take a submission back, so that the project can be edited again."""
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.RECALL)
        put(ledger, project, review_state=State.DRAFT, submitted_by=None)
    return project


def project_terminate(
    *, by: Actor, project: Project, on: date, reason: str, precision: str = "day", version: int | None = None
) -> Project:
    """End a signed project on a day; it keeps counting in the periods before, and the note keeps the reason."""
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.MOVE)
        reason = reason_of(reason, _("终止"))
        ended = {"status": Project.Status.TERMINATED, "terminated_on": on, "terminated_on_precision": precision}
        write_or_ask(ledger, project, ended, reason=reason)
    return project


def project_withdraw(*, by: Actor, project: Project, version: int | None = None) -> Project:
    """Put a project into the bin, from which it can be restored for 30 days; it counts no longer."""
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.WITHDRAW)
        ledger.withdraw(project, project.version)
    return project


def project_restore(*, by: Actor, project: Project, version: int | None = None) -> Project:
    """Take a project out of the bin; ValidationError after 30 days, or when it is not in it."""
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.RESTORE)
        take_out(ledger, project, project.version, _("项目"))
    return project


def _taken_back(project: Project, to: str) -> dict[str, Any]:
    """Empty days for the stages that a way back leaves."""
    later = stages.STAGES[stages.CODES.index(to) + 1 : stages.CODES.index(project.stage) + 1]
    names = [stage.date_field for stage in later if getattr(project, stage.date_field, None)]
    return {key: value for name in names for key, value in ((name, None), (f"{name}_precision", "day"))}


def _dated(to: str, on: date | None, precision: str) -> dict[str, Any]:
    """The day by which the stage is known."""
    name = stages.BY_CODE[to].date_field
    return {name: earliest(on, precision), f"{name}_precision": precision} if name and on else {}


def _stage_lacks(trial: Project) -> Problems:
    """What the new stage itself asks for; what the stages before asked for may have stayed unknown."""
    own = stages.BY_CODE[trial.stage].needs
    return {name: sentences for name, sentences in project_missing(trial).items() if name in own}
