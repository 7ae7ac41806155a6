"""Money that arrived."""

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkportal.models import (
    Park,
    Stamped,
    User,
    precision_field,
)
from projects.models.projects import Project
from projects.models.secrecy import VeiledQuerySet


class FundArrivalQuerySet(VeiledQuerySet["FundArrival"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Arrivals of projects of the parks that the user may read."""
        rows = self.filter(project__park__in=Park.objects.visible_to(user))
        return rows.select_related("project").read_by(user)

    def kept(self) -> Self:
        """Without the withdrawn ones and those of withdrawn projects."""
        return self.filter(deleted_at__isnull=True, project__deleted_at__isnull=True)

    def counted(self, end: date) -> Self:
        """Arrivals that count: verified money of verified projects, also of those terminated since."""
        return self.kept().filter(verified=True, project__review_state=Project.ReviewState.VERIFIED)


class FundArrival(Stamped):
    """Money of an investor that truly arrived for a project."""

    class OriginTier(models.TextChoices):
        OVERSEAS = "overseas", _("境外（含港澳台）")
        OUT_OF_PROVINCE = "out_of_province", _("省外境内")
        OUT_OF_CITY = "out_of_city", _("市外省内")
        OUT_OF_COUNTY = "out_of_county", _("县（区）外市内")
        LOCAL = "local", _("本地")

    class FdiScope(models.TextChoices):
        MOFCOM = "mofcom", _("商务部口径")
        ALL = "all", _("全口径")

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="fund_arrivals", verbose_name=_("项目"))
    received_on = models.DateField(_("到账时间"))
    received_on_precision = precision_field()
    amount = models.PositiveBigIntegerField(_("金额（元）"))
    amount_usd = models.PositiveBigIntegerField(_("外资额（美元）"), null=True, blank=True)
    rate = models.PositiveBigIntegerField(_("汇率（百万分之）"), null=True, blank=True)
    origin_tier = models.CharField(_("资金来源"), max_length=16, choices=OriginTier)
    fdi_scope = models.CharField(_("外资口径"), max_length=8, choices=FdiScope, blank=True)
    proof = models.CharField(_("凭证"), max_length=200, blank=True)
    verified = models.BooleanField(_("已核实"), default=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    sample_fields = models.JSONField(_("示例字段"), default=list, blank=True, editable=False)
    submission_key = models.CharField(max_length=60, unique=True, null=True, editable=False)  # noqa: DJ001
    """The one-time key of the form that made the row, so that a form sent twice makes one."""

    objects = FundArrivalQuerySet.as_manager()
    veiled = False

    class Meta:
        verbose_name = verbose_name_plural = _("到位资金")
        ordering: ClassVar = ["-received_on", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount_usd__isnull=True, rate__isnull=True)
                | Q(amount_usd__isnull=False, rate__isnull=False),
                name="fund_arrival_usd_with_rate",
                violation_error_message=_("外资额和汇率要一起填写。"),
            )
        ]

    def __str__(self) -> str:
        return self.code
