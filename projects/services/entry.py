"""How a project's columns are written: checked, with the enterprises and marks that follow, and the step noted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.models import KNOWN_BY, Enterprise
from enterprises.services import search_text as enterprise_search_text
from parkportal import trace
from parkportal.trace import Diff, Ledger, StaleVersion, plain
from projects import stages
from projects.models import Project, StageChange
from projects.models.secrecy import SECRET
from projects.services.checks import Problems, project_problems, with_values
from projects.services.fortune import is_fortune_global_500, projects_rederive_for_enterprise, refuse_unreviewed
from projects.services.rights import Act, demand
from projects.services.search import search_refresh

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
        "code_name",
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
"""Columns by which a project counts: once it is verified, a change of them waits until somebody verifies it."""
DERIVED: Final = frozenset({"fortune_global_500", "sample_fields"})
PARTIES: Final = ("investor", "company")
FILLED: Final = ("group", "origin", "uscc", "uscc_override_reason")
"""Columns of an investor or project company that may be filled in together with a project."""


def fresh(project: Project, version: int | None) -> None:
    """Raise StaleVersion when the row was changed since its reader saw it."""
    if version is not None and version != project.version:
        raise StaleVersion(project)


def refuse(problems: Problems) -> None:
    if problems:
        raise ValidationError(problems)


def put(ledger: Ledger, project: Project, **values: Any) -> None:
    """Write columns if nobody was faster since the project was read."""
    ledger.update(project, values, project.version)


def assign(project: Project, values: Mapping[str, Any]) -> None:
    """Put typed values on a project; ValueError for a column that is not typed."""
    if strange := set(values) - EDITABLE:
        raise ValueError(f"not editable: {', '.join(sorted(strange))}")
    for name, value in values.items():
        setattr(project, name, value)


@dataclass
class Edit:
    """Values that were weighed and found right: the project as it would be, and which columns that changes."""

    trial: Project
    changed: set[str]
    regrouped: list[Enterprise]
    """Enterprises whose group was filled in, so that their projects are derived anew."""

    @property
    def counted(self) -> set[str]:
        """The changed columns by which a project counts."""
        return self.changed & COUNTED_FIELDS


def weigh(
    ledger: Ledger, project: Project, values: Mapping[str, Any], *, on: date | None = None, reason: str = ""
) -> Edit:
    """Check values and store the enterprises that they bring; the project itself is not written yet."""
    trial = with_values(project, {})
    assign(trial, values)
    refuse(_stage_reason(project.stage, trial.stage, reason))
    refuse(project_problems(trial, on))
    roles = [role for role in PARTIES if role in values]
    regrouped = store_parties(ledger, trial, on or timezone.localdate(ledger.at), roles)
    changed = {name for name in EDITABLE if plain(getattr(trial, name)) != plain(getattr(project, name))}
    return Edit(trial, changed, regrouped)


def carry_out(
    ledger: Ledger,
    project: Project,
    edit: Edit,
    *,
    reason: str = "",
    happened: tuple[date | None, str] | None = None,
    marks: Iterable[str] = (),
) -> None:
    """Write what was weighed with all that follows from it; `marks` are columns that show a sample's value again."""
    trial, changed, before = edit.trial, edit.changed, project.stage
    tell_parties(ledger, changed, project, trial)
    if edit.counted:
        demand(ledger.by, project, Act.COUNT)
    if "status" in changed and trial.status == Project.Status.TERMINATED and reason:
        why = _("终止原因：%(reason)s") % {"reason": reason}
        trial.note, changed = "\n".join(filter(None, (trial.note, why))), changed | {"note"}
    trial.fortune_global_500 = is_fortune_global_500(trial)
    kept = [name for name in project.sample_fields if name not in changed]
    trial.sample_fields = [*kept, *(name for name in marks if name not in kept)]
    put(ledger, project, **{name: getattr(trial, name) for name in changed | DERIVED})
    for party in edit.regrouped:
        projects_rederive_for_enterprise(ledger=ledger, enterprise=party, changed=FILLED)
    if changed & {"name", "investor"}:
        search_refresh(project)
    if "stage" in changed:
        note_stage(ledger, project, before, reason, happened)


HIDES: Final = frozenset({"investor", "company", "owner"})
"""Columns of a secret project by which its enterprises come into sight of somebody, or leave it."""


def tell_parties(ledger: Ledger, changed: Iterable[str], *projects: Project) -> None:
    """Note on enterprises that who may see them has changed with a project, so that programs ask for them again."""
    secret = any(one.confidentiality == SECRET for one in projects)
    if not secret or not {"confidentiality", *HIDES} & set(changed):
        return
    known = {party.pk: party for one in projects for party in (one.investor, one.company) if party and party.pk}
    for party in known.values():
        ledger.note(party, {KNOWN_BY: ("", projects[-1].get_confidentiality_display())})


def store_parties(ledger: Ledger, project: Project, on: date, roles: Sequence[str] = PARTIES) -> list[Enterprise]:
    """Store an investor or company that is new and fill in what is new about a known one; those with a new group."""
    regrouped = []
    for role in roles:
        party: Enterprise | None = getattr(project, role)
        if party is not None:
            diff = _store_new(ledger, party, on) if party.pk is None else _fill_in(ledger, party)
            if "group" in diff:
                refuse_unreviewed(ledger=ledger, enterprise=party)
                regrouped.append(party)
            setattr(project, role, party)
    return regrouped


def _store_new(ledger: Ledger, party: Enterprise, on: date) -> Diff:
    party.code = trace.next_code(party.park, "e", on.year)
    party.search_text = enterprise_search_text(party)
    ledger.create(party)
    return {}


def _fill_in(ledger: Ledger, party: Enterprise) -> Diff:
    diff = ledger.update(party, {name: getattr(party, name) for name in FILLED}, party.version)
    if diff:
        Enterprise.objects.filter(pk=party.pk).update(search_text=enterprise_search_text(party))
    return diff


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


def note_stage(
    ledger: Ledger, project: Project, before: str, reason: str, happened: tuple[date | None, str] | None = None
) -> None:
    """Append the step to the project's life, on its day or the one that its stage is known by."""
    name = stages.BY_CODE[project.stage].date_field
    day, precision = happened or (getattr(project, name, None), getattr(project, f"{name}_precision", "day"))
    step = {"on": day, "on_precision": precision, "reason": reason.strip(), "by": ledger.by.user}
    ledger.create_later(StageChange(project=project, from_stage=before, to_stage=project.stage, **step))


def touch(ledger: Ledger, project: Project) -> None:
    """Move the row on, though none of its own columns changed, if nobody was faster."""
    rows = Project.objects.filter(pk=project.pk, version=project.version)
    if not rows.update(version=F("version") + 1, updated_at=ledger.at):
        raise StaleVersion(project)
    project.refresh_from_db()
