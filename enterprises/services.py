"""Changing enterprises and their steps towards a stock exchange: check, write, trace."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises import uscc
from enterprises.models import Contact, Enterprise, ListingStep
from parkportal import spelling, trace
from parkportal.models import Park
from parkportal.roles import May
from parkportal.trace import Actor, Diff

SEARCHED = ("uscc", "foreign_reg_no", "origin", "code")
TAKEN = gettext_lazy("这个信用代码已登记在本园区另一家企业名下，请核对；核对无误的，由科室负责人办理")
"""Said of a credit code of an enterprise that the person may not see."""


def demand_entry(by: Actor, park: Park) -> None:
    """Raise PermissionDenied for a person who does not enter for this park; a command may always."""
    if by.user and not (by.user.may(May.ENTER) and by.user.park_id == park.pk):
        raise PermissionDenied(_("只能填报和修改本园区的数据。"))


def uscc_refusals(code: str, reason: str) -> list[str]:
    """Sentences against a credit code; a stated reason overrides only a check digit that does not fit."""
    findings = [f for f in uscc.check(code) if f.level == "error" and not (f.overridable and reason)]
    meant = _("%(sentence)s。是不是%(suggestion)s？")
    plain = _("%(sentence)s。")
    return [(meant if f.suggestion else plain) % {"sentence": f.sentence, "suggestion": f.suggestion} for f in findings]


def uscc_warnings(code: str) -> list[str]:
    """Sentences that a person should read before trusting a credit code."""
    return [_("%(sentence)s。") % {"sentence": f.sentence} for f in uscc.check(code) if f.level == "warning"]


def enterprise_create(*, by: Actor, park: Park, on: date, values: Mapping[str, Any]) -> Enterprise:
    """Enter an enterprise into a park's ledger; ValidationError for an impossible credit code."""
    demand_entry(by, park)
    values = _checked(values)
    with trace.changes(by=by) as ledger:
        fresh = Enterprise(code=trace.next_code(park, "e", on.year), park=park, **values)
        fresh.search_text = search_text(fresh)
        return ledger.create(fresh)


def enterprise_update(*, by: Actor, enterprise: Enterprise, version: int, values: Mapping[str, Any]) -> Diff:
    """Change an enterprise; StaleVersion when somebody was first.

    What others derive from its name and group is derived again in the same transaction.
    """
    demand_entry(by, enterprise.park)
    values = _checked({"uscc": enterprise.uscc, "uscc_override_reason": enterprise.uscc_override_reason} | dict(values))
    with trace.changes(by=by) as ledger:
        diff = ledger.update(enterprise, values, version)
        if diff:
            Enterprise.objects.filter(pk=enterprise.pk).update(search_text=search_text(enterprise))
            # The room that derives facts from an enterprise lies to the right: settings name its function.
            import_string(settings.ENTERPRISE_CHANGED)(ledger=ledger, enterprise=enterprise, changed=diff)
    return diff


def search_text(enterprise: Enterprise) -> str:
    """What the search of the list looks through: names, codes, contacts, with pinyin and initials."""
    words = [str(getattr(enterprise, name)) for name in SEARCHED]
    if enterprise.pk:
        people = Contact.objects.kept().filter(enterprise=enterprise).values_list("name", flat=True)
        words += [spelling.search_text(name) for name in people]
    return spelling.search_text(enterprise.name, *words, enterprise.group.name if enterprise.group else "")


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the credit code in its normal form; an override reason is kept only where it is needed."""
    code, reason = uscc.normalise(str(values.get("uscc", ""))), str(values.get("uscc_override_reason", ""))
    if refusals := uscc_refusals(code, reason):
        raise ValidationError({"uscc": refusals})
    needed = reason if uscc_refusals(code, "") else ""
    return {**values, "uscc": code, "uscc_override_reason": needed}


def listing_step_record(*, by: Actor, enterprise: Enterprise, values: Mapping[str, Any]) -> ListingStep:
    """Record a step of an enterprise towards a stock exchange."""
    demand_entry(by, enterprise.park)
    with trace.changes(by=by) as ledger:
        code = trace.next_code(enterprise.park, "l", values["happened_on"].year)
        return ledger.create(ListingStep(**{**values, "code": code, "enterprise": enterprise}))


def listing_step_update(*, by: Actor, step: ListingStep, version: int, values: Mapping[str, Any]) -> Diff:
    """Change a step; StaleVersion when somebody was first."""
    demand_entry(by, step.enterprise.park)
    with trace.changes(by=by) as ledger:
        return ledger.update(step, values, version)


def listing_step_withdraw(*, by: Actor, step: ListingStep, version: int) -> None:
    """Put a step into the bin."""
    demand_entry(by, step.enterprise.park)
    with trace.changes(by=by) as ledger:
        ledger.withdraw(step, version)
