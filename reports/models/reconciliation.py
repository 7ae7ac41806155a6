"""Our list held against the city's: which projects both have, which only one, and what was done about it."""

from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkportal.models import Park, Stamped, User
from reports.models.scorecards import Indicator


class ReconciliationQuerySet(models.QuerySet["Reconciliation"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones."""
        return self.filter(deleted_at__isnull=True)


class Reconciliation(Stamped):
    """One comparison of the rows behind a park's figure with a list that another authority sent; 差异表."""

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name=_("指标"))
    period = models.CharField(_("期间"), max_length=10)
    authority = models.CharField(_("对方单位"), max_length=60)
    document = models.CharField(_("文号或来源"), max_length=80, blank=True)
    ours = models.PositiveIntegerField(_("本园区个数"), editable=False)
    theirs = models.PositiveIntegerField(_("对方个数"), editable=False)
    submission_key = models.CharField(max_length=60, unique=True, null=True, editable=False)  # noqa: DJ001
    """The one-time key of the form that made the row, so that a form sent twice makes one."""

    objects = ReconciliationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("对账")
        ordering: ClassVar = ["-created_at", "code"]

    def __str__(self) -> str:
        return f"{self.park} {self.indicator} {self.period}"


class ReconciliationRow(models.Model):
    """One row of the comparison as it was found, and what was decided about it.

    Our side is kept by its code, so that nobody reads more of it here than in the ledger: on a row of theirs alone
    `member` is the nearest of ours.
    """

    class Kind(models.TextChoices):
        MATCHED = "matched", _("两边都有")
        AMOUNT = "amount", _("金额不同")
        OURS = "ours", _("仅本园区有")
        THEIRS = "theirs", _("仅对方有")

    reconciliation = models.ForeignKey(Reconciliation, models.PROTECT, related_name="rows")
    number = models.PositiveSmallIntegerField(_("序号"))
    kind = models.CharField(_("结果"), max_length=8, choices=Kind)
    member = models.CharField(_("本园区编号"), max_length=60, blank=True)
    our_amount = models.BigIntegerField(_("本园区金额"), null=True, blank=True)
    their_name = models.CharField(_("对方名称"), max_length=200, blank=True)
    their_amount = models.BigIntegerField(_("对方金额"), null=True, blank=True)
    why = models.CharField(_("可能的原因"), max_length=300, blank=True)
    decision = models.CharField(_("处理意见"), max_length=300, blank=True)
    settled = models.BooleanField(_("已处理"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("对账明细")
        ordering: ClassVar = ["reconciliation", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reconciliation", "number"], name="reconciliation_row_once"),
            models.CheckConstraint(condition=Q(kind="theirs") | ~Q(member=""), name="reconciliation_row_has_a_side"),
        ]

    def __str__(self) -> str:
        return self.their_name or self.member

    @property
    def park(self) -> Park:
        """Whose trace its changes belong to."""
        return self.reconciliation.park

    @property
    def code(self) -> str:
        """How the trace names it."""
        return f"{self.reconciliation.code}-{self.number}"

    @property
    def differs(self) -> bool:
        """Whether there is something to settle."""
        return self.kind != self.Kind.MATCHED
