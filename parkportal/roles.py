"""What a role may do: one table. Whose rows it may do it to is `.visible_to(user)`."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    CLERK = "clerk", _("经办人")
    HEAD = "head", _("科室负责人")
    LEADER = "leader", _("园区领导")
    STATISTICIAN = "statistician", _("统计员")
    CITY = "city", _("市级用户")
    ADMIN = "admin", _("系统管理员")


class May(TextChoices):
    """A thing that a view may ask for; the label completes “你的角色不能……”."""

    READ = "read", _("查看业务数据")
    ENTER = "enter", _("填报和修改项目、企业、到位资金")
    VERIFY = "verify", _("审核项目")
    SET_TARGETS = "set_targets", _("设定目标和指标")
    SPLIT_TARGETS = "split_targets", _("分解目标")
    SEE_ASSESSMENT = "see_assessment", _("查看考核计分")
    ASSESS = "assess", _("设定考核计分")
    COMPILE = "compile", _("编制成绩单")
    SUBMIT_SCORECARD = "submit_scorecard", _("送审成绩单")
    PUBLISH_SCORECARD = "publish_scorecard", _("定稿成绩单")
    MANAGE_WEBHOOKS = "manage_webhooks", _("管理定稿推送")
    OPEN_WALL = "open_wall", _("开通大屏链接")
    ADMINISTER = "administer", _("管理用户和基础数据")


GRANTS: Final[dict[str, frozenset[May]]] = {
    Role.CLERK: frozenset({May.READ, May.ENTER, May.SUBMIT_SCORECARD}),
    Role.HEAD: frozenset(
        {May.READ, May.ENTER, May.VERIFY, May.SPLIT_TARGETS, May.COMPILE, May.SUBMIT_SCORECARD, May.PUBLISH_SCORECARD}
        | {May.MANAGE_WEBHOOKS, May.OPEN_WALL}
    ),
    Role.LEADER: frozenset({May.READ}),
    Role.STATISTICIAN: frozenset(
        {May.READ, May.SET_TARGETS, May.SPLIT_TARGETS, May.COMPILE, May.SUBMIT_SCORECARD, May.PUBLISH_SCORECARD}
        | {May.MANAGE_WEBHOOKS, May.SEE_ASSESSMENT, May.ASSESS}
    ),
    Role.CITY: frozenset({May.READ, May.SEE_ASSESSMENT}),
    Role.ADMIN: frozenset({May.ADMINISTER}),
}

CITY_ONLY: Final = frozenset({May.SET_TARGETS, May.SEE_ASSESSMENT, May.ASSESS})
"""Granted only to users of a region: a park sets neither its own targets nor its own scores."""
