"""What reviewers decided, what waits for them, and which projects were found to be alike."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models.projects import Project


class Review(models.Model):
    """One decision on a project or on a change of it; never edited. A reason for 代审 says why one person did both."""

    class Decision(models.TextChoices):
        VERIFIED = "verified", _("审核通过")
        RETURNED = "returned", _("退回")

    project = models.ForeignKey(Project, models.CASCADE, related_name="reviews")
    decision = models.CharField(_("结论"), max_length=8, choices=Decision)
    reason = models.CharField(_("说明"), max_length=300, blank=True)
    reasons = models.JSONField(_("各项原因"), default=dict)
    proxy_reason = models.CharField(_("代审原因"), max_length=300, blank=True)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("审核")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.project} {self.get_decision_display()}"


class PendingChange(models.Model):
    """An edit of counted fields of a verified project that waits; the verified values count until it is verified."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待审核")
        VERIFIED = "verified", _("已通过")
        RETURNED = "returned", _("已退回")
        RECALLED = "recalled", _("已撤回")

    project = models.ForeignKey(Project, models.CASCADE, related_name="pending_changes")
    values = models.JSONField(_("改成"), default=dict)
    before = models.JSONField(_("原值"), default=dict)
    reason = models.CharField(_("说明"), max_length=300, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(_("提出时间"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("审核时间"), null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answer = models.CharField(_("审核意见"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("待审核的修改")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project"], condition=Q(state="waiting"), name="pending_change_one_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.get_state_display()}"


class Likeness(models.Model):
    """What was decided about two projects that look alike."""

    class Decision(models.TextChoices):
        SAME = "same", _("同一项目")
        DIFFERENT = "different", _("不同项目")
        EXPANSION = "expansion", _("增资扩产")
        PHASE = "phase", _("分期建设")

    project = models.ForeignKey(Project, models.CASCADE, related_name="likenesses")
    other = models.ForeignKey(Project, models.CASCADE, related_name="+")
    decision = models.CharField(_("结论"), max_length=10, choices=Decision)
    reason = models.CharField(_("说明"), max_length=300, blank=True)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("查重结论")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "other"], name="likeness_once"),
            models.CheckConstraint(condition=~Q(project=F("other")), name="likeness_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.other} {self.get_decision_display()}"
