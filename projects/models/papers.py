"""What hangs on a project: contracts, steps, weekly notes, completed investment."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkportal.models import (
    period_validator,
    precision_field,
)
from projects.models.projects import Project


class Contract(models.Model):
    """A signed paper beside the project; figures read the project, and a difference is a warning."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="contracts")
    type = models.CharField(_("类型"), max_length=12, choices=Project.ContractType)
    signed_on = models.DateField(_("签订时间"), null=True, blank=True)
    signed_on_precision = precision_field()
    amount = models.PositiveBigIntegerField(_("金额（元）"), null=True, blank=True)
    number = models.CharField(_("合同编号"), max_length=60, blank=True)
    kept_at = models.CharField(_("存放处"), max_length=100, blank=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("合同")
        ordering: ClassVar = ["signed_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(type="formal"),
                name="contract_one_formal",
                violation_error_message=_("一个项目只有一份正式合同。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.get_type_display()}"


class StageChange(models.Model):
    """A step in a project's life as it happened; never edited."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="stage_changes")
    from_stage = models.CharField(_("原进度"), max_length=16, choices=Project.Stage, blank=True)
    to_stage = models.CharField(_("新进度"), max_length=16, choices=Project.Stage)
    on = models.DateField(_("时间"), null=True)
    on_precision = precision_field()
    reason = models.CharField(_("说明"), max_length=300, blank=True)
    at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("进度变化")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.project} {self.get_to_stage_display()}"


class ProgressNote(models.Model):
    """What was reported of a project in one week."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="notes")
    week_of = models.DateField(_("周（星期一）"))
    progress = models.TextField(_("目前进展"), blank=True)
    problem = models.TextField(_("存在问题"), blank=True)
    next_step = models.TextField(_("下一步计划"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("周进展")
        ordering: ClassVar = ["-week_of"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "week_of"], name="progress_note_once")]

    def __str__(self) -> str:
        return f"{self.project} {self.week_of}"

    @property
    def code(self) -> str:
        """How the trace names it: the project and the week."""
        return f"{self.project.code} {self.week_of}"


class InvestmentProgress(models.Model):
    """Investment planned and completed in a project in one month, in yuan."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="investment_progress")
    month = models.CharField(_("月份"), max_length=7, validators=[period_validator])
    planned = models.PositiveBigIntegerField(_("计划（元）"), null=True, blank=True)
    done = models.PositiveBigIntegerField(_("完成（元）"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("完成投资")
        ordering: ClassVar = ["month"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "month"], name="investment_progress_once")]

    def __str__(self) -> str:
        return f"{self.project} {self.month}"

    @property
    def code(self) -> str:
        """How the trace names it: the project and the month."""
        return f"{self.project.code} {self.month}"
