"""督办事项: problems and instructions get an owner and a day, are reported on, changed or withdrawn, and are closed."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal import files, notices, trace
from parkportal.models import Park, User
from parkportal.roles import May
from parkportal.trace import Actor, StaleVersion
from projects.models import Project
from projects.models.secrecy import sees_in_full
from projects.services.checks import reason_of
from projects.services.rights import demand_entry
from reports.models import Matter, MatterFeedback

Scan = tuple[str, bytes, str]
"""A file that the gate let in: name, bytes, type."""


def owners(park: Park) -> QuerySet[User]:
    """Who may be given a matter: active people of the park who enter."""
    entering = [user.pk for user in User.objects.filter(park=park, is_active=True) if user.may(May.ENTER)]
    return User.objects.filter(pk__in=entering).order_by("username")


def matter_raise(*, by: Actor, park: Park, values: Mapping[str, Any], scan: Scan | None = None) -> Matter:
    """Write a matter down and tell its owner.

    PermissionDenied for somebody who does not enter for the park; ValidationError for an owner of another park, for a
    foreign project, and for an owner who may not see a secret one.
    """
    demand_entry(by, park)
    _check(by, park, values["owner"], values.get("project"))
    with trace.changes(by=by) as ledger:
        matter = Matter(**values, park=park, code=trace.next_code(park, "d", values["raised_on"].year))
        ledger.create(matter)
        if scan:
            name, data, content_type = scan
            title = matter.get_kind_display()
            kept = files.attach(ledger, matter, name=name, data=data, content_type=content_type, title=title)
            ledger.update(matter, {"scan": kept})
        if by.user != matter.owner:
            _tell(matter, ledger.at, _duty(matter))
    return matter


def may_keep(user: User, matter: Matter) -> bool:
    """Whether somebody may change or withdraw a matter: who raised it, and who verifies in its park; not its owner."""
    return user.park_id == matter.park_id and (user.may(May.VERIFY) or user.pk == matter.created_by_id)


def matter_update(*, by: Actor, matter: Matter, version: int, values: Mapping[str, Any]) -> None:
    """Change an open matter and tell its owner; PermissionDenied, ValidationError and StaleVersion as below."""
    _demand_keeper(by, matter)
    with trace.changes(by=by) as ledger:
        fresh = _locked(matter)
        _check(by, fresh.park, values.get("owner", fresh.owner), fresh.project)
        if ledger.update(fresh, values, version) and by.user != fresh.owner:
            _tell(fresh, ledger.at, _duty(fresh), f" {fresh.version}")


def matter_withdraw(*, by: Actor, matter: Matter, version: int, reason: str) -> None:
    """Take an open matter back and tell its owner why.

    PermissionDenied for whoever neither raised it nor verifies in the park; StaleVersion when somebody was first.
    """
    _demand_keeper(by, matter)
    said = reason_of(reason, _("撤回"), "text")
    with trace.changes(by=by) as ledger:
        fresh = _locked(matter)
        gone = {"deleted_at": ledger.at, "deleted_by": by.user, "withdraw_reason": said}
        ledger.update(fresh, gone, version)
        if by.user != fresh.owner:
            told = {"kind": fresh.get_kind_display(), "code": fresh.code, "reason": said}
            text = _("由你负责的%(kind)s%(code)s已撤回，不用再办。原因：%(reason)s") % told
            _tell(fresh, ledger.at, text, " withdrawn")


def _demand_keeper(by: Actor, matter: Matter) -> None:
    demand_entry(by, matter.park)
    if not may_keep(_person(by), matter):
        raise PermissionDenied(_("事项由登记人或科室负责人修改、撤回。"))


def _locked(matter: Matter) -> Matter:
    """An open matter as it is now, held until the transaction ends."""
    fresh = Matter.objects.select_for_update(of=("self",)).get(pk=matter.pk)
    _demand_open(fresh)
    return fresh


def _check(by: Actor, park: Park, owner: User, project: Project | None) -> None:
    if not owners(park).filter(pk=owner.pk).exists():
        raise ValidationError({"owner": _("责任人应是本园区在用的填报人员。")})
    if project is None:
        return
    if project.park_id != park.pk or not sees_in_full(by.user, project):
        raise ValidationError({"project": _("只能选本园区的项目；保密项目由能看到它的人登记。")})
    if not sees_in_full(owner, project):
        raise ValidationError({"owner": _("这是保密项目，%(owner)s看不到，请换一位责任人。") % {"owner": owner}})


def _duty(matter: Matter) -> str:
    """What its owner is told."""
    return _("有一件%(kind)s由你负责，%(month)s月%(day)s日前办结，请及时反馈。") % {
        "kind": matter.get_kind_display(),
        "month": matter.due_on.month,
        "day": matter.due_on.day,
    }


def _tell(matter: Matter, at: Any, text: str, again: str = "") -> None:
    """Tell the owner; `again` tells a later notice from the first."""
    key, row = f"matter {matter.code}{again}", None if matter.deleted_at else matter
    notices.tell([notices.notice(matter.owner, key=key, text=text, at=at, row=row, park=matter.park)])


def matter_report(*, by: Actor, matter: Matter, text: str) -> MatterFeedback:
    """Report on an open matter, the same of a day once; ValidationError for a closed one."""
    demand_entry(by, matter.park)
    with trace.changes(by=by) as ledger:
        said = {"on": timezone.localdate(), "text": text, "by": _person(by)}
        again = _locked(matter).feedback.filter(**said).first()
        return again or ledger.create(MatterFeedback(matter=matter, **said))


def matter_close(*, by: Actor, matter: Matter, version: int, result: str) -> None:
    """Close a matter with its result; an instruction has been reported on before.

    PermissionDenied for whoever does not verify in the park; StaleVersion when somebody was first.
    """
    demand_entry(by, matter.park)
    if not _person(by).may(May.VERIFY):
        raise PermissionDenied(_("事项由科室负责人办结。"))
    with trace.changes(by=by) as ledger:
        fresh = _locked(matter)
        if fresh.kind == Matter.Kind.INSTRUCTION and not fresh.feedback.exists():
            raise ValidationError({"result": _("领导批示要先有反馈，才能办结。")})
        values = {"closed_on": timezone.localdate(), "closed_by": by.user, "result": result}
        ledger.update(fresh, values, version)


def _demand_open(matter: Matter) -> None:
    if matter.closed_on:
        raise ValidationError(_("这件事项已经办结。"))
    if matter.deleted_at:
        raise StaleVersion(matter)


def _person(by: Actor) -> User:
    if by.user is None:
        raise PermissionDenied(_("事项由人反馈和办结。"))
    return by.user
