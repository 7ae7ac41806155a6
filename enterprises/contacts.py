"""People of an enterprise whom the park calls: who may see a number in full, and what is shown to everybody else."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from enterprises.models import Contact, Enterprise
from enterprises.services import demand_entry, search_text
from parkportal import trace
from parkportal.models import User
from parkportal.roles import May
from parkportal.trace import Actor, Diff

PHONE: Final = re.compile(r"\+?[0-9][0-9 \-]{4,18}[0-9](转[0-9]{1,6})?")
SHOWN: Final = "phone_shown"
"""Under this name the trace keeps who asked to see a number."""


def masked(phone: str) -> str:
    """A number as lists and pages show it: “138****1234”; a short one is hidden wholly."""
    digits = re.sub(r"[^0-9]", "", phone.split("转")[0])
    if not digits:
        return ""
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else "****"


def may_see_all(user: User, enterprise: Any) -> bool:
    """Whether this person may see the numbers of an enterprise: a head of the park, and who has a project with it."""
    if user.park_id != enterprise.park_id or not user.may(May.ENTER):
        return False
    own = (enterprise.invested_projects.filter(owner=user), enterprise.hosted_projects.filter(owner=user))
    return user.may(May.VERIFY) or any(rows.filter(deleted_at__isnull=True).exists() for rows in own)


def entered(user: User, contact: Contact) -> bool:
    """Whether this person entered the number, and still works there."""
    enters = user.may(May.ENTER) and user.park_id == contact.enterprise.park_id
    return enters and contact.created_by_id == user.pk


def contact_record(*, by: Actor, enterprise: Enterprise, values: Mapping[str, Any], year: int) -> Contact:
    """Enter a contact of an enterprise."""
    demand_entry(by, enterprise.park)
    with trace.changes(by=by) as ledger:
        code = trace.next_code(enterprise.park, "c", year)
        made = ledger.create(Contact(**{**values, "code": code, "enterprise": enterprise}))
        _search_again(enterprise)
    return made


def contact_update(*, by: Actor, contact: Contact, version: int, values: Mapping[str, Any]) -> Diff:
    """Change a contact; StaleVersion when somebody was first."""
    before = contact.enterprise
    demand_entry(by, before.park)
    with trace.changes(by=by) as ledger:
        diff = ledger.update(contact, values, version)
        for enterprise in {before, contact.enterprise}:
            _search_again(enterprise)
    return diff


def contact_withdraw(*, by: Actor, contact: Contact, version: int) -> None:
    """Put a contact into the bin."""
    demand_entry(by, contact.enterprise.park)
    with trace.changes(by=by) as ledger:
        ledger.withdraw(contact, version)
        _search_again(contact.enterprise)


def contact_show(*, by: Actor, contact: Contact) -> str:
    """The number in full for somebody who may see it, and an entry in the trace that they asked; PermissionDenied."""
    if by.user is None or not (entered(by.user, contact) or may_see_all(by.user, contact.enterprise)):
        raise PermissionDenied(_("电话由登记人、项目责任人和本园区科室负责人查看。"))
    with trace.changes(by=by) as ledger:
        ledger.note(contact, {SHOWN: (None, masked(contact.phone))})
    return contact.phone


def _search_again(enterprise: Enterprise) -> None:
    """The enterprise is found by the names of its contacts."""
    Enterprise.objects.filter(pk=enterprise.pk).update(search_text=search_text(enterprise))
