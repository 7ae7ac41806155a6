"""What happens to a project: entered, submitted, verified, moved on, ended; each in one transaction with its trace."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from enterprises.services import search_text as enterprise_search_text
from parkportal import trace
from parkportal.models import Park
from parkportal.trace import Actor, Ledger, StaleVersion, plain
from parkportal.writing import earliest
from projects import stages
from projects.models import Project, ProjectShare, StageChange
from projects.services.checks import Problems, project_missing, project_problems, with_values
from projects.services.fortune import is_fortune_global_500, projects_rederive_for_enterprise
from projects.services.rights import Act, State, demand, demand_entry
from projects.services.search import search_refresh, search_text

NOT_TYPED: Final = frozenset({"park", "review_state", "return_reason", "recognised_on_precision"})
EDITABLE: Final = (
    frozenset(f.name for f in Project._meta.concrete_fields if f.editable and not f.primary_key) - NOT_TYPED
)
"""Columns that people fill in; the others follow from what is done to a project."""
OPEN_FIELDS: Final = frozenset(
    {
        "construction_nature",
        "site",
        "content",
        "progress",
        "problem",
        "next_step",
        "lead_official",
        "responsible_unit",
        "owner",
        "note",
        "tags",
        "confidentiality",
        "industry_code",
        "order_warning_reason",
        "planned_start_on",
        "planned_start_on_precision",
        "planned_production_on",
        "planned_production_on_precision",
    }
)
"""Columns that no filter of an indicator, basis date, measure or share can see."""
COUNTED_FIELDS: Final = EDITABLE - OPEN_FIELDS
"""Columns by which a project counts: once it is verified, only whoever verifies may change them."""
DERIVED: Final = frozenset({"fortune_global_500", "sample_fields"})
FILLED: Final = ("group", "origin", "uscc", "uscc_override_reason")
"""Columns of an investor or project company that may be filled in together with a project."""
BIN_DAYS: Final = 30
WHOLE: Final = 10_000
"""All shares of a project together, in basis points."""
LONGEST_REASON: Final = 300


def project_create(*, by: Actor, park: Park, values: Mapping[str, Any], on: date, key: str | None = None) -> Project:
    """Enter a project into a park's ledger as a draft; its investor and company may be rows that are not stored yet.

    `on` is the day of entry, `key` the one-time key of the form: a second use of it is an IntegrityError.
    """
    demand_entry(by, park)
    project = Project(park=park, submission_key=key)
    with trace.changes(by=by) as ledger:
        _assign(project, values)
        _refuse(project_problems(project, on))
        _store_parties(ledger, project, on)
        project.fortune_global_500 = is_fortune_global_500(project)
        project.code = trace.next_code(park, "", on.year)
        project.search_text = search_text(project)
        ledger.create(project)
        ledger.create(ProjectShare(project=project, park=park))
        _note_stage(ledger, project, "", "")
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
        _fresh(project, version)
        demand(by, project, Act.EDIT)
        _write(ledger, project, values, on=on, reason=reason)
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
        _fresh(project, version)
        demand(by, project, Act.COUNT)
        if to == project.stage:
            raise ValidationError({"to": _("项目现在就是“%(stage)s”。") % {"stage": project.get_stage_display()}})
        changes = _taken_back(project, to) | dict(values or {}) | _dated(to, on, precision) | {"stage": to}
        _refuse(_stage_lacks(with_values(project, changes)))
        _write(ledger, project, changes, on=today, reason=reason, happened=(on, precision))
    return project


def project_submit(*, by: Actor, project: Project, version: int | None = None) -> Project:
    """Hand a project to the reviewer; ValidationError names what its stage still asks for."""
    with trace.changes(by=by) as ledger:
        _fresh(project, version)
        demand(by, project, Act.SUBMIT)
        _refuse(project_missing(project))
        _set(ledger, project, review_state=State.SUBMITTED, submitted_by=by.user, return_reason="")
    return project


def project_recall(*, by: Actor, project: Project, version: int | None = None) -> Project:
    """Take a submission back, so that the project can be edited again."""
    with trace.changes(by=by) as ledger:
        _fresh(project, version)
        demand(by, project, Act.RECALL)
        _set(ledger, project, review_state=State.DRAFT, submitted_by=None)
    return project


def project_verify(*, by: Actor, project: Project, version: int | None = None) -> Project:
    """Let a submitted project count; never by the person who entered or submitted it."""
    with trace.changes(by=by) as ledger:
        _fresh(project, version)
        demand(by, project, Act.VERIFY)
        _set(ledger, project, review_state=State.VERIFIED, verified_by=by.user)
    return project


def project_return(*, by: Actor, project: Project, reason: str, version: int | None = None) -> Project:
    """Give a submitted project back with a reason."""
    with trace.changes(by=by) as ledger:
        _fresh(project, version)
        demand(by, project, Act.RETURN)
        reason = _reason(reason, _("退回"))
        _set(ledger, project, review_state=State.RETURNED, return_reason=reason)
    return project


def project_terminate(
    *, by: Actor, project: Project, on: date, reason: str, precision: str = "day", version: int | None = None
) -> Project:
    """End a signed project on a day; it keeps counting in the periods before, and the note keeps the reason."""
    with trace.changes(by=by) as ledger:
        _fresh(project, version)
        demand(by, project, Act.COUNT)
        why = _("终止原因：%(reason)s") % {"reason": _reason(reason, _("终止"))}
        ended = {"status": Project.Status.TERMINATED, "terminated_on": on, "terminated_on_precision": precision}
        _write(ledger, project, ended | {"note": "\n".join(filter(None, (project.note, why)))})
    return project


def project_withdraw(*, by: Actor, project: Project, version: int | None = None) -> Project:
    """Put a project into the bin, from which it can be restored for 30 days; it counts no longer."""
    with trace.changes(by=by) as ledger:
        _fresh(project, version)
        demand(by, project, Act.WITHDRAW)
        ledger.withdraw(project, project.version)
    return project


def project_restore(*, by: Actor, project: Project, version: int | None = None) -> Project:
    """Take a project out of the bin; ValidationError after 30 days, or when it is not in it."""
    with trace.changes(by=by) as ledger:
        _fresh(project, version)
        demand(by, project, Act.RESTORE)
        if project.deleted_at is None:
            raise ValidationError(_("项目不在回收站里。"), code="state")
        if project.deleted_at < ledger.at - timedelta(days=BIN_DAYS):
            raise ValidationError(_("项目撤回已超过%(days)s天，不能恢复。") % {"days": BIN_DAYS}, code="state")
        _set(ledger, project, deleted_at=None, deleted_by=None)
    return project


def shares_set(
    *, by: Actor, project: Project, rows: Sequence[tuple[Park, int, int]], version: int | None = None
) -> Project:
    """Say which park is credited with what part: (park, basis points of the number, of the amounts).

    Both columns make 10,000, else ValidationError. The park that keeps the row need not hold a share.
    """
    with trace.changes(by=by) as ledger:
        _fresh(project, version)
        demand(by, project, Act.COUNT)
        _refuse_shares(rows)
        before = {share.park: share for share in project.shares.select_related("park")}
        old = _shares_in_words([(park, share.count_bp, share.amount_bp) for park, share in before.items()])
        _replace_shares(ledger, project, before, rows)
        ledger.note(project, {"shares": (old, _shares_in_words(rows))})
        _touch(ledger, project)
    return project


def _fresh(project: Project, version: int | None) -> None:
    """Raise StaleVersion when the row was changed since its reader saw it."""
    if version is not None and version != project.version:
        raise StaleVersion(project)


def _refuse(problems: Problems) -> None:
    if problems:
        raise ValidationError(problems)


def _reason(text: str, what: str) -> str:
    """A reason that somebody can read later; ValidationError for none or a longer one than fits."""
    reason = text.strip()
    if not reason:
        raise ValidationError({"reason": _("请写明%(what)s的原因。") % {"what": what}})
    if len(reason) > LONGEST_REASON:
        sentence = _("原因最多%(most)s个字，现在是%(length)s个。")
        raise ValidationError({"reason": sentence % {"most": LONGEST_REASON, "length": len(reason)}})
    return reason


def _set(ledger: Ledger, project: Project, **values: Any) -> None:
    """Write columns if nobody was faster since the project was read."""
    ledger.update(project, values, project.version)


def _assign(project: Project, values: Mapping[str, Any]) -> None:
    """Put typed values on a project; ValueError for a column that is not typed."""
    if strange := set(values) - EDITABLE:
        raise ValueError(f"not editable: {', '.join(sorted(strange))}")
    for name, value in values.items():
        setattr(project, name, value)


def _write(
    ledger: Ledger,
    project: Project,
    values: Mapping[str, Any],
    *,
    on: date | None = None,
    reason: str = "",
    happened: tuple[date | None, str] | None = None,
) -> None:
    """Check the values, write them with all that follows from them, and note a change of stage."""
    trial = with_values(project, {})
    _assign(trial, values)
    _refuse(_stage_reason(project.stage, trial.stage, reason))
    _refuse(project_problems(trial, on))
    filled = _store_parties(ledger, trial, on or timezone.localdate(ledger.at))
    changed = {name for name in EDITABLE if plain(getattr(trial, name)) != plain(getattr(project, name))}
    if filled or changed & COUNTED_FIELDS:
        demand(ledger.by, project, Act.COUNT)
    trial.fortune_global_500 = is_fortune_global_500(trial)
    trial.sample_fields = [name for name in project.sample_fields if name not in changed]
    before = project.stage
    _set(ledger, project, **{name: getattr(trial, name) for name in changed | DERIVED})
    if changed & {"name", "investor"}:
        search_refresh(project)
    if "stage" in changed:
        _note_stage(ledger, project, before, reason, happened)


def _store_parties(ledger: Ledger, project: Project, on: date) -> bool:
    """Store an investor or company that is new, fill in what is new about a known one; says whether anything was."""
    anything = False
    for role in ("investor", "company"):
        party: Enterprise | None = getattr(project, role)
        if party is not None:
            anything = (_store_new(ledger, party, on) if party.pk is None else _fill_in(ledger, party)) or anything
            setattr(project, role, party)
    return anything


def _store_new(ledger: Ledger, party: Enterprise, on: date) -> bool:
    party.code = trace.next_code(party.park, "e", on.year)
    party.search_text = enterprise_search_text(party)
    ledger.create(party)
    return True


def _fill_in(ledger: Ledger, party: Enterprise) -> bool:
    diff = ledger.update(party, {name: getattr(party, name) for name in FILLED}, party.version)
    if "group" in diff:
        projects_rederive_for_enterprise(ledger=ledger, enterprise=party)
    if diff:
        Enterprise.objects.filter(pk=party.pk).update(search_text=enterprise_search_text(party))
    return bool(diff)


def _stage_reason(before: str, after: str, reason: str) -> Problems:
    """Ask for the reason of a jump or a way back."""
    if not stages.needs_reason(before, after) or reason.strip():
        return {}
    words = {"from": stages.BY_CODE[before].label, "to": stages.BY_CODE[after].label}
    back = stages.CODES.index(after) < stages.CODES.index(before)
    sentence = (
        _("进度从“%(from)s”退回“%(to)s”，请写明原因。") if back else _("进度从“%(from)s”直接到“%(to)s”，请写明原因。")
    )
    return {"reason": [sentence % words]}


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


def _note_stage(
    ledger: Ledger, project: Project, before: str, reason: str, happened: tuple[date | None, str] | None = None
) -> None:
    """Append the step to the project's life, on its day or the one that its stage is known by."""
    name = stages.BY_CODE[project.stage].date_field
    day, precision = happened or (getattr(project, name, None), getattr(project, f"{name}_precision", "day"))
    step = {"on": day, "on_precision": precision, "reason": reason.strip(), "by": ledger.by.user}
    ledger.create(StageChange(project=project, from_stage=before, to_stage=project.stage, **step))


def _refuse_shares(rows: Sequence[tuple[Park, int, int]]) -> None:
    if len({park.pk for park, _count, _amount in rows}) < len(rows):
        raise ValidationError(_("同一个园区只能分一次。"))
    if any(not 0 <= bp <= WHOLE for row in rows for bp in row[1:]):
        raise ValidationError(_("每个园区的份额应在0%至100%之间。"))
    for at, name in ((1, _("个数")), (2, _("金额"))):
        total = sum(row[at] for row in rows)  # type: ignore[misc]
        if total != WHOLE:
            sentence = _("各园区的%(name)s份额合计应为100%%，现在是%(total)s%%。")
            raise ValidationError(sentence % {"name": name, "total": f"{total / 100:g}"})


def _shares_in_words(rows: Sequence[tuple[Park, int, int]]) -> str:
    sentence = _("%(park)s个数%(count)s%%、金额%(amount)s%%")
    words = (
        {"park": park.name, "count": f"{count / 100:g}", "amount": f"{amount / 100:g}"} for park, count, amount in rows
    )
    return "；".join(sentence % one for one in words)


def _replace_shares(
    ledger: Ledger, project: Project, before: dict[Park, ProjectShare], rows: Sequence[tuple[Park, int, int]]
) -> None:
    for park in before.keys() - {row[0] for row in rows}:
        ledger.delete(before[park])
    for park, count, amount in rows:
        values = {"count_bp": count, "amount_bp": amount}
        if park in before:
            ledger.update(before[park], values)
        else:
            ledger.create(ProjectShare(project=project, park=park, **values))


def _touch(ledger: Ledger, project: Project) -> None:
    """Move the row on, though none of its own columns changed, if nobody was faster."""
    rows = Project.objects.filter(pk=project.pk, version=project.version)
    if not rows.update(version=F("version") + 1, updated_at=ledger.at):
        raise StaleVersion(project)
    project.refresh_from_db()
