"""The columns of the list of matters as it is handed out."""

from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.exports import Column
from reports.models import Matter


def _state(row: Matter) -> str:
    """办结, 已超期 or 办理中."""
    if row.closed_on:
        return _("已办结")
    return _("已超期") if row.due_on < timezone.localdate() else _("办理中")


def _last_feedback(row: Any) -> str:
    """What was reported last, with its day; the rows come with their feedback."""
    last = next(iter(row.feedback.all()), None)
    return f"{last.on.isoformat()}：{last.text}" if last else ""


MATTERS: Final = (
    Column("code", gettext_lazy("编号"), "text", lambda row: row.code, width=20),
    Column("kind", gettext_lazy("类别"), "text", lambda row: row.get_kind_display(), width=10),
    Column("leader", gettext_lazy("批示领导"), "text", lambda row: row.leader),
    Column("words", gettext_lazy("事项内容"), "long", lambda row: row.words),
    Column("project", gettext_lazy("涉及项目"), "text", lambda row: str(row.project or ""), width=26),
    Column("raised_on", gettext_lazy("提出日期"), "day", lambda row: row.raised_on),
    Column("owner", gettext_lazy("责任人"), "text", lambda row: str(row.owner)),
    Column("due_on", gettext_lazy("完成时限"), "day", lambda row: row.due_on),
    Column("state", gettext_lazy("状态"), "text", _state, width=9),
    Column("feedback", gettext_lazy("最近反馈"), "long", _last_feedback),
    Column("result", gettext_lazy("办理结果"), "long", lambda row: row.result),
    Column("closed_on", gettext_lazy("办结日期"), "day", lambda row: row.closed_on),
    Column("park", gettext_lazy("园区"), "text", lambda row: str(row.park)),
)
"""督办清单, the head as offices write it."""
