"""How a region assesses its parks: rules with weights as rows, and what people give by hand."""

from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkportal.models import Park, Region, Stamped, User, period_validator
from parkportal.roles import May
from reports.models.scorecards import Indicator


class AssessmentQuerySet(models.QuerySet["AssessmentRule"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Rules of the region of somebody who assesses; a park sees none."""
        if not isinstance(user, User) or not user.may(May.SEE_ASSESSMENT):
            return self.none()
        return self.filter(region=user.region_id)

    def kept(self) -> Self:
        """Those that nobody withdrew."""
        return self.filter(deleted_at__isnull=True)


class AssessmentRule(Stamped):
    """One line of an assessment: an indicator and how its result becomes points; points and ratios in hundredths."""

    class Kind(models.TextChoices):
        CAPPED = "capped", _("完成率计分（封顶）")
        STEPS = "steps", _("每少一个扣分")
        TIERS = "tiers", _("超额分档加分")
        EFFICACY = "efficacy", _("功效系数")
        MANUAL = "manual", _("人工打分")

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("区域"))
    year = models.PositiveSmallIntegerField(_("年度"))
    name = models.CharField(_("计分项"), max_length=60)
    kind = models.CharField(_("计分办法"), max_length=10, choices=Kind)
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, verbose_name=_("指标"))
    weight = models.PositiveIntegerField(_("分值"), default=0, help_text=_("百分之一分。"))
    cap = models.PositiveIntegerField(_("封顶"), default=100, help_text=_("完成率封顶或加分上限，百分之一。"))
    step = models.PositiveIntegerField(_("每少一个扣"), default=0, help_text=_("百分之一分。"))
    tiers = models.JSONField(_("分档"), default=list, blank=True)
    order = models.PositiveSmallIntegerField(_("顺序"), default=100)
    basis = models.CharField(_("依据"), max_length=200, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("计分规则")
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="manual", indicator__isnull=True) | (~Q(kind="manual") & Q(indicator__isnull=False)),
                name="assessment_rule_measured",
                violation_error_message=_("人工打分不选指标，其他计分办法要选指标。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class MarkQuerySet(models.QuerySet["AssessmentMark"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Marks of the region of somebody who assesses."""
        if not isinstance(user, User) or not user.may(May.SEE_ASSESSMENT):
            return self.none()
        return self.filter(park__region=user.region_id)


class AssessmentMark(Stamped):
    """What somebody gave a park by hand in a period, with the reason: points of a rule, or a veto of everything."""

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    period = models.CharField(_("期间"), max_length=7, validators=[period_validator])
    rule = models.ForeignKey(AssessmentRule, models.PROTECT, null=True, blank=True, verbose_name=_("计分项"))
    points = models.IntegerField(_("得分"), null=True, blank=True, help_text=_("百分之一分；扣分为负。"))
    reason = models.CharField(_("理由"), max_length=200)

    objects = MarkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("人工打分和一票否决")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["park", "period", "rule"],
                condition=Q(deleted_at__isnull=True, rule__isnull=False),
                name="assessment_mark_once",
            ),
            models.UniqueConstraint(
                fields=["park", "period"],
                condition=Q(deleted_at__isnull=True, rule__isnull=True),
                name="assessment_veto_once",
            ),
            models.CheckConstraint(
                condition=Q(rule__isnull=True, points__isnull=True) | Q(rule__isnull=False, points__isnull=False),
                name="assessment_mark_or_veto",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.park} {self.period} {self.rule or ''}".strip()
