"""Forms of superiors that are filled from the ledger, and what was sent to whom."""

from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from parkportal.models import Attachment, Park, Stamped, User


class BlankFormQuerySet(models.QuerySet["BlankForm"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Forms of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones."""
        return self.filter(deleted_at__isnull=True)


class BlankForm(Stamped):
    """A superior's empty Excel form, and which field or indicator belongs into which cell or column."""

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    name = models.CharField(_("名称"), max_length=100)
    authority = models.CharField(_("要表单位"), max_length=60, blank=True)
    file = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name=_("空表"))
    sheet = models.CharField(_("工作表"), max_length=100, blank=True)
    mapping = models.JSONField(_("对应关系"), default=dict)

    objects = BlankFormQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("报表模板")
        ordering: ClassVar = ["name", "code"]

    def __str__(self) -> str:
        return self.name


class FilledFormQuerySet(models.QuerySet["FilledForm"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Filled forms of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones."""
        return self.filter(deleted_at__isnull=True)


class FilledForm(Stamped):
    """A form as it was filled on one day, and to whom it was sent."""

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    form = models.ForeignKey(BlankForm, models.PROTECT, related_name="filled", verbose_name=_("报表模板"))
    file = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name=_("文件"))
    as_of = models.DateField(_("数据截至"))
    filled_on = models.DateField(_("填报日期"))
    query = models.CharField(_("项目条件"), max_length=1000, blank=True)
    figures = models.JSONField(_("填入的数"), default=dict)
    sent_to = models.CharField(_("报送单位"), max_length=60, blank=True)
    sent_on = models.DateField(_("报送时间"), null=True, blank=True)

    objects = FilledFormQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("报送登记")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.code
