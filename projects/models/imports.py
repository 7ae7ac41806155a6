"""A ledger that comes in from Excel: the sheet, its rows as they were read, and what became of each."""

from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from parkportal.models import Attachment, Park, Stamped, User
from projects.models.projects import Project


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Imports of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones."""
        return self.filter(deleted_at__isnull=True)


class ImportBatch(Stamped):
    """One sheet of an uploaded workbook on its way into the ledger."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("待对应列")
        CHECKING = "checking", _("正在检查")
        CHECKED = "checked", _("待导入")
        IMPORTING = "importing", _("正在导入")
        IMPORTED = "imported", _("已导入")
        ROLLED_BACK = "rolled_back", _("已撤销")
        FAILED = "failed", _("没有完成")

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    file = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name=_("文件"))
    sheet = models.CharField(_("工作表"), max_length=100, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.UPLOADED)
    shape = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(_("列的对应"), default=dict)
    options = models.JSONField(_("读法"), default=dict)
    counts = models.JSONField(_("各类行数"), default=dict)
    error = models.CharField(_("没有完成的原因"), max_length=300, blank=True)
    imported_at = models.DateTimeField(_("导入时间"), null=True, editable=False)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("台账导入")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.code


class ImportRow(models.Model):
    """One row of the sheet: its cells as read, as mended, what is wrong with it, and what was decided."""

    class State(models.TextChoices):
        NEW = "new", _("新增")
        UPDATED = "updated", _("更新")
        CONFIRM = "confirm", _("请确认")
        WRONG = "wrong", _("要改")
        SKIPPED = "skipped", _("跳过")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("行号"))
    place = models.JSONField(_("所在位置"), default=dict)
    """Where it stands: the title of its group, the row into whose name its own is merged, whether it is hidden."""
    cells = models.JSONField(_("原内容"), default=dict)
    mended = models.JSONField(_("改过的内容"), default=dict)
    state = models.CharField(_("状态"), max_length=8, choices=State)
    problems = models.JSONField(_("问题"), default=dict)
    diff = models.JSONField(_("改动"), default=dict)
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="+", verbose_name=_("项目"))
    version = models.PositiveIntegerField(null=True)
    """The version of the project that the row was compared with."""
    decision = models.CharField(_("决定"), max_length=10, blank=True)
    result = models.JSONField(_("结果"), default=dict)

    class Meta:
        verbose_name = verbose_name_plural = _("导入行")
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]

    def __str__(self) -> str:
        return f"{self.batch} {self.number}"


class ImportMapping(models.Model):
    """How a park's sheets of one shape were mapped last, so that the next one needs no hand."""

    park = models.ForeignKey(Park, models.PROTECT, related_name="+")
    shape = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = _("列的对应")
        constraints: ClassVar = [models.UniqueConstraint(fields=["park", "shape"], name="import_mapping_once")]

    def __str__(self) -> str:
        return f"{self.park} {self.shape[:8]}"
