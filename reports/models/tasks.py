"""What has to be done and by whom: problems of projects, and instructions of leaders, until they are closed."""

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkportal.models import Attachment, Park, Stamped, User
from projects.models import Project


class MatterQuerySet(models.QuerySet["Matter"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Matters of the parks that the user may read; of a secret project only for those who see it in full."""
        seen = Q(project__isnull=True) | Q(project__in=Project.objects.open_to(user))
        return self.filter(seen, park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones."""
        return self.filter(deleted_at__isnull=True)

    def overdue(self, today: date) -> Self:
        """Open ones whose day has passed."""
        return self.filter(closed_on__isnull=True, due_on__lt=today)


class Matter(Stamped):
    """A task with an owner and a day: from a project's problem, or from a leader's instruction (批示)."""

    class Kind(models.TextChoices):
        PROBLEM = "problem", _("存在问题")
        INSTRUCTION = "instruction", _("领导批示")

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    kind = models.CharField(_("类别"), max_length=12, choices=Kind, default=Kind.PROBLEM)
    words = models.TextField(_("事项内容"), max_length=1000, help_text=_("批示照原文填写。"))
    raised_on = models.DateField(_("提出日期"))
    leader = models.CharField(_("批示领导"), max_length=50, blank=True)
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("涉及项目")
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("责任人"))
    due_on = models.DateField(_("完成时限"))
    scan = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    closed_on = models.DateField(_("办结日期"), null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    result = models.TextField(_("办理结果"), max_length=1000, blank=True, editable=False)
    withdraw_reason = models.CharField(_("撤回原因"), max_length=300, blank=True, editable=False)
    submission_key = models.CharField(max_length=60, unique=True, null=True, editable=False)  # noqa: DJ001
    """The one-time key of the form that made the row, so that a form sent twice makes one."""

    objects = MatterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("督办事项")
        ordering: ClassVar = ["due_on", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="problem") | ~Q(leader=""),
                name="matter_instruction_has_leader",
                violation_error_message=_("领导批示要写明批示领导。"),
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=models.F("raised_on")),
                name="matter_due_after_raised",
                violation_error_message=_("完成时限不能早于提出日期。"),
            ),
        ]

    def __str__(self) -> str:
        return self.words[:30]


class MatterFeedback(models.Model):
    """What the owner reported about a matter; never changed."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="feedback")
    on = models.DateField(_("反馈日期"))
    text = models.TextField(_("办理情况"), max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("反馈人"))

    class Meta:
        verbose_name = verbose_name_plural = _("事项反馈")
        ordering: ClassVar = ["-on", "-id"]

    def __str__(self) -> str:
        return self.text[:30]

    @property
    def park(self) -> Park:
        """The park whose matter it is."""
        return self.matter.park

    @property
    def code(self) -> str:
        """How the trace names it: by its matter."""
        return self.matter.code
