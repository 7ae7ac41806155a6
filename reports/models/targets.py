"""What is demanded: a year's targets, to whom a park hands them on, and goals for years to come."""

from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Chain
from parkportal.models import Park, Stamped, User
from reports.models.scorecards import Indicator

M = TypeVar("M", bound=models.Model)
PARK_OR_REGION = Q(park__isnull=False, region__isnull=True) | Q(park__isnull=True, region__isnull=False)


class PlacedQuerySet(models.QuerySet[M]):
    """Rows that belong to a park or to a whole region."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the parks that the user may read; those of a region are for its users and its parks."""
        parks = Park.objects.visible_to(user)
        return self.filter(Q(park__in=parks) | Q(region__in=parks.values("region")))

    def kept(self) -> Self:
        """Those that nobody withdrew."""
        return self.filter(deleted_at__isnull=True)


class TargetQuerySet(PlacedQuerySet["Target"]):
    def in_force(self) -> Self:
        """Targets that count: not withdrawn, and confirmed; a proposal never does."""
        return self.kept().filter(state=Target.State.CONFIRMED)

    def of_city(self) -> Self:
        """Those in force by which the city judges; neither the province's nor stretch ones light lamps."""
        return self.in_force().filter(level=Target.Level.CITY)


class Target(Stamped):
    """What an authority demands of a park or region in one year, with the paper that says so."""

    class Level(models.TextChoices):
        CITY = "city", _("市定目标")
        PROVINCE = "province", _("省定目标")
        STRETCH = "stretch", _("奋斗目标")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("建议")
        CONFIRMED = "confirmed", _("已下达")

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, null=True, blank=True, verbose_name=_("园区"))
    region = models.ForeignKey("parkportal.Region", models.PROTECT, null=True, blank=True, verbose_name=_("区域"))
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="targets", verbose_name=_("指标"))
    year = models.PositiveSmallIntegerField(_("年度"))
    level = models.CharField(_("级别"), max_length=10, choices=Level, default=Level.CITY)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.CONFIRMED, editable=False)
    document = models.CharField(_("文号"), max_length=80, blank=True)
    issued_on = models.DateField(_("发文日期"), null=True, blank=True)
    authority = models.CharField(_("下达单位"), max_length=60, blank=True)
    annual = models.PositiveBigIntegerField(_("年度目标"))
    denominator = models.PositiveIntegerField(_("目标分母"), default=1)
    curve = models.JSONField(_("分月累计目标"), default=list, blank=True)
    basis = models.CharField(
        _("目标口径"), max_length=10, default="annual", help_text=_("annual为全年，或1至12的月数。")
    )
    note = models.CharField(_("说明"), max_length=200, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("目标")
        ordering: ClassVar = ["-year", "indicator__order", "park__code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=PARK_OR_REGION,
                name="target_park_or_region",
                violation_error_message=_("目标属于园区或区域之一。"),
            ),
            models.CheckConstraint(
                condition=Q(denominator__gte=1),
                name="target_denominator",
                violation_error_message=_("目标分母至少为1。"),
            ),
            *(
                models.UniqueConstraint(
                    fields=[owner, "indicator", "year", "level"],
                    condition=Q(deleted_at__isnull=True, **{f"{owner}__isnull": False}),
                    name=f"target_once_for_{owner}",
                    violation_error_message=_("这个指标本年度已有同级目标，请修改原目标。"),
                )
                for owner in ("park", "region")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.park or self.region} {self.indicator} {self.year}"

    @property
    def is_proposed(self) -> bool:
        """Whether it still waits for the document that sets it."""
        return self.state == self.State.PROPOSED


class TargetPartQuerySet(models.QuerySet["TargetPart"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Parts of the targets of parks that the user may read."""
        return self.filter(target__park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Those that nobody withdrew."""
        return self.filter(deleted_at__isnull=True)


class TargetPart(Stamped):
    """What of a park's target one leader, section, squad, person or chain answers for; in the target's own unit."""

    class Kind(models.TextChoices):
        LEADER = "leader", _("责任领导")
        SECTION = "section", _("科室")
        SQUAD = "squad", _("招商小分队")
        OWNER = "owner", _("责任人")
        CHAIN = "chain", _("产业链")

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    target = models.ForeignKey(Target, models.PROTECT, related_name="parts", verbose_name=_("目标"))
    kind = models.CharField(_("分解到"), max_length=10, choices=Kind)
    name = models.CharField(_("名称"), max_length=60, blank=True)
    chain = models.ForeignKey(Chain, models.PROTECT, null=True, blank=True, verbose_name=_("产业链"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("责任人")
    )
    amount = models.PositiveBigIntegerField(_("分解数"))
    first_talk_bp = models.PositiveSmallIntegerField(
        _("首谈占比"), null=True, blank=True, help_text=_("万分数；其余归落地。不分首谈和落地的空着。")
    )

    objects = TargetPartQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("目标分解")
        ordering: ClassVar = ["target", "kind", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="chain", chain__isnull=False, owner__isnull=True, name="")
                | Q(kind="owner", owner__isnull=False, chain__isnull=True, name="")
                | (~Q(kind__in=["chain", "owner"]) & ~Q(name="") & Q(chain__isnull=True, owner__isnull=True)),
                name="target_part_of_one",
            ),
            models.CheckConstraint(
                condition=Q(first_talk_bp__isnull=True) | Q(first_talk_bp__lte=10_000), name="target_part_share"
            ),
        ]

    def __str__(self) -> str:
        return str(self.chain or self.owner or self.name)

    @property
    def park(self) -> Park | None:
        """Whose trace its changes belong to."""
        return self.target.park


class LongTermGoal(Stamped):
    """What a park or region wants to have reached in a year to come; it judges nobody and has no pace."""

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, null=True, blank=True, verbose_name=_("园区"))
    region = models.ForeignKey("parkportal.Region", models.PROTECT, null=True, blank=True, verbose_name=_("区域"))
    name = models.CharField(_("目标内容"), max_length=60)
    chain = models.ForeignKey(Chain, models.PROTECT, null=True, blank=True, verbose_name=_("产业链"))
    year = models.PositiveSmallIntegerField(_("到哪一年"))
    amount = models.PositiveBigIntegerField(_("目标数"))
    unit = models.CharField(_("计量单位"), max_length=6)
    document = models.CharField(_("文号"), max_length=80, blank=True)
    basis = models.CharField(_("依据"), max_length=200)

    objects = PlacedQuerySet["LongTermGoal"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("长期目标")
        ordering: ClassVar = ["year", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=PARK_OR_REGION,
                name="goal_park_or_region",
                violation_error_message=_("长期目标属于园区或区域之一。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.name}"
