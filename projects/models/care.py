"""Who looks after projects: rules that remind, and the handing over from one person to another."""

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from parkportal.models import Park, Region, Stamped, User


class ReminderRule(models.Model):
    """When a project or a review asks for attention, and whose; the presets of domain.md 2.13 are rows."""

    class Kind(models.TextChoices):
        STAGE_OVERDUE = "stage_overdue", _("进度超期")
        STALE = "stale", _("久未更新")
        REVIEW_WAITING = "review_waiting", _("待审核")
        NO_FUNDS = "no_funds", _("久无资金到位")

    code = models.SlugField(_("编号"), max_length=40, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("区域"))
    name = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("种类"), max_length=16, choices=Kind)
    query = models.CharField(_("项目条件"), max_length=500, blank=True)
    date_field = models.CharField(_("起算日期"), max_length=40, blank=True)
    days = models.PositiveIntegerField(_("天数"))
    to_owner = models.BooleanField(_("提醒责任人"), default=True)
    to_head = models.BooleanField(_("提醒科室负责人"), default=False)
    sentence = models.CharField(_("提醒内容"), max_length=200)
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("提醒规则")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name


class HandoverQuerySet(models.QuerySet["Handover"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Handovers of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones."""
        return self.filter(deleted_at__isnull=True)


class Handover(Stamped):
    """One person's projects given to another, with the list that both sign."""

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("移交人"))
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("接收人"))
    on = models.DateField(_("移交日期"))
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    rows = models.JSONField(_("移交清单"), default=list)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("项目移交")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.code
