"""What a reviewer decides about a project that was handed in, and what they look at to decide."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal import trace
from parkportal.models import Attachment, Change
from parkportal.trace import Actor, Diff
from projects.models import Project, Review
from projects.services.checks import LONGEST_REASON, reason_of
from projects.services.entry import EDITABLE, fresh, put
from projects.services.rights import Act, State, demand, made, proxy_of
from projects.words import LABEL, label

USUAL_REASONS: Final = (
    gettext_lazy("与投资合同不一致"),
    gettext_lazy("缺证明材料"),
    gettext_lazy("单位可能有误"),
    gettext_lazy("时间与材料不符"),
    gettext_lazy("名称应与营业执照一致"),
    gettext_lazy("与已有项目重复"),
    gettext_lazy("内容过于简略，请补充"),
)
"""Reasons for which a field is usually given back."""


def project_verify(*, by: Actor, project: Project, version: int | None = None, proxy_reason: str = "") -> Project:
    """Let a submitted project count; never by the person who entered or submitted it.

    Where nobody else of the park may verify, that person does so with a reason (代审).
    """
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.VERIFY)
        proxy = proxy_of(by, own=made(by.user, project), reason=proxy_reason)
        put(ledger, project, review_state=State.VERIFIED, verified_by=by.user)
        decided = {"decision": Review.Decision.VERIFIED, "at": ledger.at, "by": by.user}
        ledger.create(Review(project=project, proxy_reason=proxy, **decided))
    return project


def project_return(
    *,
    by: Actor,
    project: Project,
    reason: str = "",
    reasons: Mapping[str, str] | None = None,
    version: int | None = None,
) -> Project:
    """Give a submitted project back with a reason for the whole, for single fields (column → reason), or both."""
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.RETURN)
        reasons = _field_reasons(reasons or {})
        reason = reason_of(reason, _("退回")) if reason.strip() or not reasons else ""
        put(ledger, project, review_state=State.RETURNED, return_reason=reason, return_reasons=reasons)
        decided = {"decision": Review.Decision.RETURNED, "at": ledger.at, "by": by.user}
        ledger.create(Review(project=project, reason=reason, reasons=reasons, **decided))
    return project


def _field_reasons(reasons: Mapping[str, str]) -> dict[str, str]:
    """The reasons that say something; ValidationError for an unknown column or a reason that does not fit."""
    if strange := set(reasons) - EDITABLE:
        raise ValueError(f"no such column: {', '.join(sorted(strange))}")
    found = {name: text.strip() for name, text in reasons.items() if text.strip()}
    sentence = _("%(field)s的退回原因最多%(most)s个字，现在是%(length)s个。")
    long = {
        name: sentence % {"field": label(name), "most": LONGEST_REASON, "length": len(text)}
        for name, text in found.items()
        if len(text) > LONGEST_REASON
    }
    if long:
        raise ValidationError(long)
    return found


def changes_to_review(projects: Iterable[Project]) -> dict[str, Diff]:
    """What a reviewer has not seen yet, by code of the project: old and new of each column, in two queries.

    A project that was never reviewed has everything to be seen, one that was given back only what changed since.
    """
    rows = list(projects)
    seen = _last_reviews(rows)
    found: dict[str, Diff] = {row.code: {} for row in rows}
    entries = Change.objects.of(LABEL, found).order_by("seq").values_list("object_code", "at", "diff")
    for code, at, diff in entries:
        if code in seen and at <= seen[code]:
            continue
        for name, (old, new) in diff.items():
            if name in EDITABLE:
                found[code][name] = (found[code][name][0] if name in found[code] else old, new)
    return {code: {name: pair for name, pair in diff.items() if pair[0] != pair[1]} for code, diff in found.items()}


def _last_reviews(projects: Iterable[Project]) -> dict[str, datetime]:
    """When each project was reviewed last."""
    rows = Review.objects.filter(project__in=list(projects)).order_by("at").values_list("project__code", "at")
    return dict(rows)


def proofs_of(projects: Iterable[Project]) -> dict[str, list[Attachment]]:
    """The files beside each project, by its code: one query."""
    found: dict[str, list[Attachment]] = {project.code: [] for project in projects}
    for one in Attachment.objects.kept().filter(object_type=LABEL, object_code__in=list(found)):
        found[one.object_code].append(one)
    return found
