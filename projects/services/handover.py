"""Handing projects over: from one person of a park to another, with the list that both sign."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from parkportal import notices, trace
from parkportal.models import Park, User
from parkportal.roles import May
from parkportal.trace import Actor
from projects.models import Handover, Project
from projects.services.entry import tell_parties


def givers(user: User) -> QuerySet[User]:
    """Whose projects this person may hand over: their own, and for a head those of everybody in the park."""
    people = User.objects.filter(park=user.park_id) if user.park_id else User.objects.none()
    return (people if user.may(May.VERIFY) else people.filter(pk=user.pk)).order_by("username")


def takers(park: Park, giver: User) -> list[User]:
    """Who may take projects over: active people of the park who enter."""
    people = User.objects.filter(park=park, is_active=True).exclude(pk=giver.pk).order_by("username")
    return [user for user in people if user.may(May.ENTER)]


def held_by(giver: User, park: Park) -> QuerySet[Project]:
    """The projects of the park that somebody is in charge of."""
    return Project.objects.kept().filter(park=park, owner=giver).order_by("code")


def handover_make(*, by: Actor, giver: User, taker: User, codes: Sequence[str], on: date, reason: str = "") -> Handover:
    """Give projects to another person and keep the list; who entered, submitted and verified them stays as it was.

    PermissionDenied for anybody but the giver and the heads of the park; ValidationError for a taker who cannot enter
    for the park and for projects that the giver is not in charge of. StaleVersion when somebody changed one meanwhile.
    """
    park = _demand(by, giver)
    if taker not in takers(park, giver):
        raise ValidationError({"taker": _("接收人应是本园区在用的另一位填报人员。")})
    projects = list(held_by(giver, park).filter(code__in=codes))
    if not projects or len(projects) < len(set(codes)):
        raise ValidationError({"codes": _("请从移交人负责的项目中选择；刚被改过责任人的，刷新后重选。")})
    with trace.changes(by=by) as ledger:
        for project in projects:
            ledger.update(project, {"owner": taker}, project.version)
            tell_parties(ledger, {"owner"}, project)
        code = trace.next_code(park, "h", on.year)
        parties = {"park": park, "giver": giver, "taker": taker}
        rows = [_row(project) for project in projects]
        made = ledger.create(Handover(code=code, on=on, reason=reason.strip()[:200], rows=rows, **parties))
        words = {"giver": giver, "count": len(rows)}
        text = _("%(giver)s移交给你%(count)s个项目，请核对移交清单。") % words
        notices.tell([notices.notice(taker, key=f"handover {code}", text=text, at=ledger.at, row=made, park=park)])
    return made


def _demand(by: Actor, giver: User) -> Park:
    """The park in which this person may hand over what the giver has."""
    if giver.park is None:
        raise PermissionDenied(_("移交人不属于任何园区。"))
    user = by.user
    is_own = user is None or (user.park_id == giver.park_id and user.may(May.ENTER))
    if not is_own or not (user is None or user.pk == giver.pk or user.may(May.VERIFY)):
        raise PermissionDenied(_("项目由本人或本园区科室负责人移交。"))
    return giver.park


def _row(project: Project) -> dict[str, Any]:
    """What the list says of a project on the day."""
    return {
        "code": project.code,
        "name": project.name,
        "stage": project.get_stage_display(),
        "status": project.get_status_display(),
        "total_investment": project.total_investment,
        "next_step": project.next_step,
    }


def list_of(handover: Handover, user: User) -> list[dict[str, Any]]:
    """The list as this person may read it: secret projects by their code names to those who do not see them in full."""
    named = Project.objects.visible_to(user).filter(code__in=[row["code"] for row in handover.rows])
    veiled = {row.code: {"name": row.name, "next_step": ""} for row in named if row.veiled}
    return [row | veiled.get(row["code"], {}) for row in handover.rows]
