"""Who may do what to a project, and when: one answer for the buttons of a page and for the services behind them."""

from typing import Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.models import Park, User
from parkportal.roles import May
from parkportal.trace import Actor
from projects.models import Project

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
}


def needed(project: Project, act: Act) -> May:
    """The grant that an act asks for: what counts is changed by whoever verifies."""
    counts = project.review_state == State.VERIFIED and act in {Act.COUNT, Act.WITHDRAW, Act.RESTORE}
    return May.VERIFY if counts or act in {Act.VERIFY, Act.RETURN} else May.ENTER


def barred(user: User | None, project: Project, act: Act) -> str:
    """Why this person may not do that to this project, whatever its state; empty where nothing is against it."""
    if user is None:
        return ""
    if sentence := not_of(user, project.park):
        return sentence
    may = needed(project, act)
    if not user.may(may):
        counted = _("项目已审核，%(what)s由科室负责人办理；你可以修改目前进展、存在问题、下一步计划等内容。")
        plain = _("你的角色（%(role)s）不能%(what)s项目。")
        sentence = counted if user.may(May.ENTER) and act in {Act.COUNT, Act.WITHDRAW, Act.RESTORE} else plain
        return sentence % {"what": act.label, "role": user.get_role_display()}
    if act == Act.VERIFY and user.pk in {project.created_by_id, project.submitted_by_id}:
        return _("这个项目由你填报或提交，须由本园区另一位科室负责人审核。")
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


def demand_entry(by: Actor, park: Park) -> None:
    """Raise PermissionDenied for somebody who does not enter for this park."""
    if by.user and (sentence := not_of(by.user, park)):
        raise PermissionDenied(sentence)
