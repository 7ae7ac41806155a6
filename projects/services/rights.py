"""Who may do what to a project, and when: one answer for the buttons of a page and for the services behind them."""

from typing import Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.models import Park, User
from parkportal.roles import GRANTS, May
from parkportal.trace import Actor
from projects.models import Project
from projects.models.secrecy import sees_in_full
from projects.services.checks import reason_of

State = Project.ReviewState


class Act(TextChoices):
    """A thing that people do to a project; the label completes “不能……”."""

    EDIT = "edit", gettext_lazy("修改")
    COUNT = "count", gettext_lazy("修改统计字段")
    SUBMIT = "submit", gettext_lazy("提交审核")
    RECALL = "recall", gettext_lazy("撤回提交")
    VERIFY = "verify", gettext_lazy("审核")
    RETURN = "return", gettext_lazy("退回")
    WITHDRAW = "withdraw", gettext_lazy("撤回项目")
    RESTORE = "restore", gettext_lazy("恢复")
    MOVE = "move", gettext_lazy("更新进展")
    SHARE = "share", gettext_lazy("修改分成")
    DECIDE = "decide", gettext_lazy("审核修改")
    RECOGNISE = "recognise", gettext_lazy("登记认定")


OPEN: Final = frozenset({State.DRAFT, State.RETURNED})
"""States in which a row is still being entered."""
STATES: Final[dict[Act, frozenset[State]]] = {
    Act.EDIT: OPEN | {State.VERIFIED},
    Act.COUNT: OPEN | {State.VERIFIED},
    Act.SUBMIT: OPEN,
    Act.RECALL: frozenset({State.SUBMITTED}),
    Act.VERIFY: frozenset({State.SUBMITTED}),
    Act.RETURN: frozenset({State.SUBMITTED}),
    Act.WITHDRAW: OPEN | {State.VERIFIED},
    Act.RESTORE: frozenset(State),
    Act.MOVE: OPEN | {State.VERIFIED},
    Act.SHARE: OPEN | {State.VERIFIED},
    Act.DECIDE: frozenset({State.VERIFIED}),
    Act.RECOGNISE: frozenset({State.VERIFIED}),
}
HEADS: Final = frozenset({Act.COUNT, Act.SHARE, Act.WITHDRAW, Act.RESTORE})
"""What only whoever verifies does to a project that is verified."""
REVIEWING: Final = frozenset({Act.VERIFY, Act.RETURN, Act.DECIDE, Act.RECOGNISE})
VERIFIERS: Final = tuple(role for role, grants in GRANTS.items() if May.VERIFY in grants)
CLOSED: Final = gettext_lazy("这是保密项目，由责任人、填报人和本园区科室负责人办理。")
OWN_WORK: Final = gettext_lazy("这个项目由你填报或提交，须由本园区另一位科室负责人审核。")


def needed(project: Project, act: Act) -> May:
    """The grant that an act asks for: what counts is changed by whoever verifies, or waits (see `waits`)."""
    heads = project.review_state == State.VERIFIED and act in HEADS
    return May.VERIFY if heads or act in REVIEWING else May.ENTER


def waits(user: User | None, project: Project) -> bool:
    """Whether a change of what counts, made by this person, waits until it is verified."""
    return user is not None and project.review_state == State.VERIFIED and not user.may(May.VERIFY)


def made(user: User | None, project: Project) -> bool:
    """Whether the project is this person's own entry or submission."""
    return user is not None and user.pk in {project.created_by_id, project.submitted_by_id}


def alone(user: User) -> bool:
    """Whether nobody else of the person's park may verify, so that own work is verified with a reason (代审)."""
    others = User.objects.filter(park=user.park_id, is_active=True, role__in=VERIFIERS).exclude(pk=user.pk)
    return not others.exists()


def proxy_of(by: Actor, *, own: bool, reason: str) -> str:
    """The reason for verifying one's own work, empty for that of others.

    PermissionDenied while somebody else of the park may verify, ValidationError without a reason.
    """
    if by.user is None or not own:
        return ""
    if not alone(by.user):
        raise PermissionDenied(OWN_WORK)
    return reason_of(reason, _("代审"), "proxy_reason")


def barred(user: User | None, project: Project, act: Act) -> str:
    """Why this person may not do that to this project, whatever its state; empty where nothing is against it."""
    if user is None:
        return ""
    if sentence := not_of(user, project.park):
        return sentence
    if not sees_in_full(user, project):
        return str(CLOSED)
    may = needed(project, act)
    if not user.may(may):
        counted = _("项目已审核，%(what)s由科室负责人办理；你可以修改目前进展、存在问题、下一步计划等内容。")
        plain = _("你的角色（%(role)s）不能%(what)s项目。")
        sentence = counted if user.may(May.ENTER) and act in HEADS else plain
        return sentence % {"what": act.label, "role": user.get_role_display()}
    if act == Act.VERIFY and made(user, project) and not alone(user):
        return str(OWN_WORK)
    return ""


def not_of(user: User, park: Park) -> str:
    """Why this person may not enter for this park; empty where they work there and may enter."""
    if not user.may(May.ENTER):
        return _("你的角色（%(role)s）不能%(what)s。") % {"role": user.get_role_display(), "what": May.ENTER.label}
    if user.park_id != park.pk:
        return _("这里是%(park)s的数据，由该园区填报，你可以查看，不能修改。") % {"park": park}
    return ""


def untimely(project: Project, act: Act) -> str:
    """Why nobody can do that to the project as it is now; empty where the time is right."""
    if project.deleted_at and act != Act.RESTORE:
        return _("项目在回收站里，先恢复再%(what)s。") % {"what": act.label}
    if project.review_state in STATES[act]:
        return ""
    if project.review_state == State.SUBMITTED:
        return _("项目已提交审核。要%(what)s，先撤回提交。") % {"what": act.label}
    sentence = _("项目现在是“%(state)s”，不能%(what)s。")
    return sentence % {"state": project.get_review_state_display(), "what": act.label}


def possible(user: User, project: Project, act: Act) -> bool:
    """Whether to show the button."""
    return not (barred(user, project, act) or untimely(project, act))


def demand(by: Actor, project: Project, act: Act) -> None:
    """Raise PermissionDenied for the wrong person, ValidationError (code “state”) at the wrong time."""
    if sentence := barred(by.user, project, act):
        raise PermissionDenied(sentence)
    if sentence := untimely(project, act):
        raise ValidationError(sentence, code="state")


def demand_seen(by: Actor, project: Project | None) -> None:
    """Raise PermissionDenied for somebody who knows a secret project only by its code name."""
    if by.user and project is not None and not sees_in_full(by.user, project):
        raise PermissionDenied(CLOSED)


def demand_entry(by: Actor, park: Park) -> None:
    """Raise PermissionDenied for somebody who does not enter for this park."""
    if by.user and (sentence := not_of(by.user, park)):
        raise PermissionDenied(sentence)
