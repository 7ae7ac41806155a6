"""Money that arrived: recording it, changing it, and having a second person verify it."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Change, User
from parkportal.roles import May
from parkportal.trace import Actor, Diff
from projects.models import FundArrival, Project
from projects.services.bin import refuse_without_project, take_out
from projects.services.rights import demand_entry, demand_seen


def arrival_problems(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What cannot be about an arrival of money, in sentences by column; what is missing altogether is not judged."""
    found = {}
    overseas = values.get("origin_tier") == FundArrival.OriginTier.OVERSEAS
    if values.get("amount") == 0:
        found["amount"] = [_("金额应大于0。")]
    if overseas and values.get("amount_usd") is None:
        found["amount_usd"] = [_("境外资金请填写外资额；人民币到账的，按到账当日汇率折算成美元。")]
    if overseas and not values.get("fdi_scope"):
        found["fdi_scope"] = [_("境外资金请选择外资口径。")]
    if not overseas and values.get("origin_tier") and values.get("fdi_scope"):
        found["fdi_scope"] = [_("外资口径只用于境外资金；资金来源不是境外的，请留空。")]
    return found


def fund_arrival_record(
    *, by: Actor, project: Project, values: Mapping[str, Any], key: str | None = None
) -> FundArrival:
    """Record money that arrived for a project; it counts once somebody else has verified it.

    `key` is the one-time key of the form: a second use of it is an IntegrityError.
    """
    demand_entry(by, project.park)
    with trace.changes(by=by) as ledger:
        code = trace.next_code(project.park, "f", values["received_on"].year)
        return ledger.create(FundArrival(**{**values, "code": code, "project": project, "submission_key": key}))


def fund_arrival_update(*, by: Actor, arrival: FundArrival, version: int, values: Mapping[str, Any]) -> Diff:
    """Change an arrival; StaleVersion when somebody was first.

    A verified one stays verified, now by whoever changed it: only those may who may verify it, see `may_change`.
    """
    demand_change(by, arrival)
    confirmed = {"verified_by": by.user} if arrival.verified else {}
    with trace.changes(by=by) as ledger:
        return ledger.update(arrival, {**values, **confirmed}, version)


def fund_arrival_verify(*, by: Actor, arrival: FundArrival, version: int) -> Diff:
    """Confirm an arrival as it was read; PermissionDenied for whoever entered or changed it."""
    demand_entry(by, arrival.project.park)
    if by.user is None or not by.user.may(May.VERIFY):
        raise PermissionDenied(_("核实到位资金需要科室负责人。"))
    if arrival.verified:
        return {}
    _refuse_unless(not has_entered(by.user, arrival))
    with trace.changes(by=by) as ledger:
        return ledger.update(arrival, {"verified": True, "verified_by": by.user}, version)


def fund_arrival_withdraw(*, by: Actor, arrival: FundArrival, version: int) -> Diff:
    """Put an arrival into the bin; a verified one only by those who may change it."""
    demand_change(by, arrival)
    with trace.changes(by=by) as ledger:
        return ledger.withdraw(arrival, version)


def fund_arrival_restore(*, by: Actor, arrival: FundArrival, version: int) -> None:
    """Take an arrival out of the bin; a verified one, which counts again at once, only by those who may change it."""
    demand_change(by, arrival)
    with trace.changes(by=by) as ledger:
        refuse_without_project(arrival, _("这笔资金"))
        take_out(ledger, arrival, version, _("这笔资金"))


def demand_change(by: Actor, arrival: FundArrival) -> None:
    """Raise PermissionDenied for somebody who may not change or withdraw the arrival as it is now."""
    demand_entry(by, arrival.project.park)
    demand_seen(by, arrival.project)
    _refuse_unless(may_change(by.user, arrival))


def has_entered(user: User, arrival: FundArrival) -> bool:
    """Whether the figures of an arrival that nobody verified yet are this person's work, wholly or in part."""
    written = Change.objects.of(FundArrival._meta.label, [arrival.code]).filter(user=user)
    return arrival.created_by_id == user.pk or written.exists()


def may_change(user: User | None, arrival: FundArrival) -> bool:
    """A verified arrival is changed only by somebody who may verify it and did not enter it."""
    if not arrival.verified:
        return True
    return user is not None and user.may(May.VERIFY) and arrival.created_by_id != user.pk


def _refuse_unless(fits: bool) -> None:
    if not fits:
        two_people = _("登记和核实要由两个人完成：登记人不能核实自己登记的资金，已核实的由另一位科室负责人修改或撤回。")
        raise PermissionDenied(two_people)
