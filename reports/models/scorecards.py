"""How we stand: indicators, figures that others confirm, and the compiled scorecards."""

from fractions import Fraction
from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from parkportal.models import Park, Region, Stamped, User, period_validator
from parkportal.roles import May


def pair(numerator: int | None, denominator: int | None) -> Fraction | None:
    """The exact number that a pair of columns holds; None where it is unknown or has no denominator."""
    return None if numerator is None or not denominator else Fraction(numerator, denominator)


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Definitions are shown to everyone who reads business data."""
        return self.all() if isinstance(user, User) and user.may(May.READ) else self.none()

    def in_force(self, region: Region, year: int) -> Self:
        """Indicators that the region compiles in that year."""
        until = Q(to_year__isnull=True) | Q(to_year__gte=year)
        return self.filter(Q(region__isnull=True) | Q(region=region), until, from_year__lte=year)


class Indicator(models.Model):
    """A figure that parks are judged or watched by: a source, a filter, a measure and a basis date (model.md 1)."""

    class Role(models.TextChoices):
        ASSESSED = "assessed", _("市定考核指标")
        MONITORED = "monitored", _("监测指标")

    class Measure(models.TextChoices):
        COUNT = "count", _("计数")
        SUM = "sum", _("合计")
        DISTINCT = "distinct", _("去重计数")
        AVG_DAYS = "avg_days", _("平均天数")
        RATIO = "ratio", _("比率")

    class Window(models.TextChoices):
        YTD = "ytd", _("当年累计")
        AS_OF = "as_of", _("截至期末")

    class Direction(models.TextChoices):
        MORE = "more", _("越多越好")
        LESS = "less", _("越少越好")

    code = models.SlugField(_("代码"), max_length=50, unique=True)
    name = models.CharField(_("指标名称"), max_length=60)
    short_name = models.CharField(_("简称"), max_length=30, blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, verbose_name=_("适用区域"), help_text=_("不选即各区域通用。")
    )
    from_year = models.PositiveSmallIntegerField(_("起始年"), default=2000)
    to_year = models.PositiveSmallIntegerField(_("终止年"), null=True, blank=True)
    role = models.CharField(_("性质"), max_length=10, choices=Role, default=Role.MONITORED)
    source = models.CharField(_("数据来源"), max_length=30, blank=True)
    filter = models.TextField(_("筛选条件"), max_length=1000, blank=True)
    measure = models.CharField(_("算法"), max_length=10, choices=Measure)
    measure_fields = models.CharField(_("算法字段"), max_length=100, blank=True)
    numerator = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("分子指标")
    )
    denominator = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("分母指标")
    )
    basis = models.CharField(_("统计日期"), max_length=30, blank=True)
    window = models.CharField(_("统计时段"), max_length=5, choices=Window, default=Window.YTD)
    cohort_date = models.CharField(_("批次日期"), max_length=30, blank=True)
    cohort_years = models.PositiveSmallIntegerField(_("批次年数"), null=True, blank=True)
    unit = models.CharField(_("计量单位"), max_length=6)
    display_unit = models.CharField(_("显示单位"), max_length=6)
    decimals = models.PositiveSmallIntegerField(_("小数位"), default=0)
    direction = models.CharField(_("方向"), max_length=4, choices=Direction, default=Direction.MORE)
    order = models.PositiveSmallIntegerField(_("顺序"), default=100)
    pinned = models.BooleanField(_("置顶"), default=False)
    lead_phrase = models.CharField(_("导语用词"), max_length=60, blank=True)
    definition = models.TextField(_("口径"), max_length=1000)
    listed = models.BooleanField(_("列入附件1"), default=True)
    is_event = models.BooleanField(_("一次性事项"), default=False, help_text=_("不设序时进度。"))
    amber_points = models.PositiveSmallIntegerField(_("黄灯幅度（百分点）"), default=10)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("指标")
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(measure="ratio", numerator__isnull=False, denominator__isnull=False, filter="", source="")
                | (~Q(measure="ratio") & Q(numerator__isnull=True, denominator__isnull=True) & ~Q(source="")),
                name="indicator_ratio_of_two",
                violation_error_message=_("比率指标要选分子、分母两个指标，且不设筛选条件；其他指标要选数据来源。"),
            ),
            models.CheckConstraint(
                condition=Q(cohort_date="", cohort_years__isnull=True)
                | (~Q(cohort_date="") & Q(cohort_years__isnull=False)),
                name="indicator_cohort_whole",
                violation_error_message=_("批次日期和批次年数要一起填写。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def brief(self) -> str:
        """The name for a narrow place."""
        return self.short_name or self.name

    @property
    def is_assessed(self) -> bool:
        """Whether a city target judges it."""
        return self.role == self.Role.ASSESSED


class ReportedFigureQuerySet(models.QuerySet["ReportedFigure"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Figures of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones."""
        return self.filter(deleted_at__isnull=True)


class ReportedFigure(Stamped):
    """A cumulative figure, or a rank, that another authority confirmed for a park and period."""

    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name=_("指标"))
    period = models.CharField(_("期间"), max_length=7, validators=[period_validator])
    numerator = models.BigIntegerField(_("累计数"), null=True, blank=True)
    denominator = models.PositiveIntegerField(_("分母"), default=1)
    rank = models.PositiveSmallIntegerField(_("通报位次"), null=True, blank=True)
    authority = models.CharField(_("反馈单位"), max_length=60)
    received_on = models.DateField(_("收到日期"), null=True, blank=True)
    proof = models.CharField(_("依据"), max_length=200, blank=True)

    objects = ReportedFigureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("部门反馈数")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "indicator", "period"], name="reported_figure_once")
        ]

    def __str__(self) -> str:
        return f"{self.park} {self.indicator} {self.period}"

    @property
    def code(self) -> str:
        """How the trace names it: by its park, period and indicator, as far as an entry of the trace holds them."""
        return f"{self.park.code} {self.period} {self.indicator.code}"[:60]

    @property
    def value(self) -> Fraction | None:
        """The confirmed figure in the indicator's unit; None where only the place was told."""
        return pair(self.numerator, self.denominator)


class ScorecardQuerySet(models.QuerySet["Scorecard"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Scorecards of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user))

    def with_standing(self) -> Self:
        """Each with `replaced`: whether a later revision of it is published."""
        published = Scorecard.objects.filter(
            park=OuterRef("park"), period=OuterRef("period"), status=Scorecard.Status.PUBLISHED
        )
        return self.annotate(replaced=Exists(published.filter(revision__gt=OuterRef("revision"))))

    def current(self) -> Self:
        """One for each park and period: what is published last, else the draft."""
        published = Scorecard.objects.filter(
            park=OuterRef("park"), period=OuterRef("period"), status=Scorecard.Status.PUBLISHED
        )
        newer = published.filter(revision__gt=OuterRef("revision"))
        correction = Exists(published) & ~Q(status=Scorecard.Status.PUBLISHED)
        return self.exclude(Exists(newer)).exclude(correction)


class Scorecard(models.Model):
    """A park's compiled results for January up to one month; a draft until it is published.

    A correction is a new row with the next revision; what was published stays as it was, and is superseded.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("初稿")
        IN_REVIEW = "in_review", _("送审稿")
        PUBLISHED = "published", _("定稿")

    code = models.CharField(_("编号"), max_length=60, unique=True)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    period = models.CharField(_("期间"), max_length=10)
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.DRAFT)
    revision = models.PositiveSmallIntegerField(_("版次"), default=1)
    version = models.PositiveIntegerField(default=1)
    lead = models.TextField(_("导语"), blank=True)
    headline = models.CharField(_("标题语"), max_length=60, blank=True)
    compiled_at = models.DateTimeField(_("编制时间"))
    facts_seq = models.BigIntegerField(_("编制所依据的变更序号"), default=0)
    digest = models.CharField(_("摘要"), max_length=64)
    updated_at = models.DateTimeField(auto_now=True)
    reasons = models.JSONField(_("变动原因"), default=dict, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    submitted_at = models.DateTimeField(_("送审时间"), null=True, blank=True, editable=False)
    submitted_content = models.TextField(_("送审内容"), blank=True, editable=False)
    return_reason = models.CharField(_("退回原因"), max_length=200, blank=True)

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("成绩单")
        ordering: ClassVar = ["-period", "park__code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["park", "period"], condition=Q(status__in=["draft", "in_review"]), name="scorecard_one_open"
            ),
            models.UniqueConstraint(fields=["park", "period", "revision"], name="scorecard_revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.park} {self.period}"

    @property
    def frozen_revision(self) -> int:
        """The revision whose rows were frozen with it; 0 for a draft, which is made of those of the ledger."""
        return 0 if self.status == self.Status.DRAFT else self.revision

    @property
    def stage_name(self) -> str:
        """初稿, 送审稿, 定稿; a later revision is a 更正稿 before and after it is published."""
        if self.revision > 1 and self.status != self.Status.IN_REVIEW:
            return str(_("更正稿") if self.status == self.Status.PUBLISHED else _("更正初稿"))
        return str(self.get_status_display())


class ScorecardLine(models.Model):
    """One indicator's result on a scorecard; every number is an exact pair, in the indicator's unit."""

    class Light(models.TextChoices):
        GREEN = "green", _("绿灯")
        AMBER = "amber", _("黄灯")
        RED = "red", _("红灯")
        NONE = "none", _("未设目标")

    class PreviousSource(models.TextChoices):
        PUBLISHED = "published", _("上年定稿")
        LIVE = "live", _("上年台账")

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="lines")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    actual_numerator = models.BigIntegerField(null=True)
    actual_denominator = models.BigIntegerField(null=True)
    month_numerator = models.BigIntegerField(null=True)
    month_denominator = models.BigIntegerField(null=True)
    previous_numerator = models.BigIntegerField(null=True)
    previous_denominator = models.BigIntegerField(null=True)
    previous_source = models.CharField(max_length=10, choices=PreviousSource, blank=True)
    inexact = models.CharField(max_length=5, blank=True, choices=[("over", _("余")), ("about", _("约"))])
    target_numerator = models.BigIntegerField(null=True)
    target_denominator = models.BigIntegerField(null=True)
    target_basis = models.CharField(max_length=10, blank=True)
    target_document = models.CharField(max_length=80, blank=True)
    target_authority = models.CharField(max_length=60, blank=True)
    pace_numerator = models.BigIntegerField(null=True)
    pace_denominator = models.BigIntegerField(null=True)
    time_progress_numerator = models.BigIntegerField(null=True)
    time_progress_denominator = models.BigIntegerField(null=True)
    reported_numerator = models.BigIntegerField(null=True)
    reported_denominator = models.BigIntegerField(null=True)
    rank = models.PositiveSmallIntegerField(null=True)
    ranked = models.PositiveSmallIntegerField(_("参加排名数"), null=True)
    light = models.CharField(max_length=5, choices=Light, default=Light.NONE)
    listed = models.BooleanField(_("列入附件1"), default=True)
    """Whether the indicator was listed when this was compiled: what is out keeps its rows whatever is listed later."""

    frozen_parts: "list[ScorecardSlice] | None" = None
    """The parts of a line that was read from a publication."""

    class Meta:
        ordering: ClassVar = ["indicator__order", "indicator__code"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["scorecard", "indicator"], name="scorecard_line_once")]

    def __str__(self) -> str:
        return f"{self.scorecard} {self.indicator}"

    @property
    def parts(self) -> "list[ScorecardSlice]":
        """The result by chain, stage and month."""
        return list(self.slices.all()) if self.frozen_parts is None else self.frozen_parts

    @property
    def actual(self) -> Fraction | None:
        """The cumulative result."""
        return pair(self.actual_numerator, self.actual_denominator)

    @property
    def month(self) -> Fraction | None:
        """The month's own result."""
        return pair(self.month_numerator, self.month_denominator)

    @property
    def previous(self) -> Fraction | None:
        """The cumulative result of the same months a year before."""
        return pair(self.previous_numerator, self.previous_denominator)

    @property
    def target(self) -> Fraction | None:
        """The annual target."""
        return pair(self.target_numerator, self.target_denominator)

    @property
    def pace(self) -> Fraction | None:
        """What should be reached by the end of the period."""
        return pair(self.pace_numerator, self.pace_denominator)

    @property
    def time_progress(self) -> Fraction | None:
        """The part of the year's target that should be reached; None where the indicator has no pace."""
        return pair(self.time_progress_numerator, self.time_progress_denominator)

    @property
    def reported(self) -> Fraction | None:
        """What another authority confirmed."""
        return pair(self.reported_numerator, self.reported_denominator)


class ScorecardSlice(models.Model):
    """A part of a line's result, by chain, stage or month; the parts of a count or sum make the whole."""

    class Dimension(models.TextChoices):
        CHAIN = "chain", _("产业链")
        STAGE = "stage", _("进度")
        MONTH = "month", _("月份")

    line = models.ForeignKey(ScorecardLine, models.CASCADE, related_name="slices")
    dimension = models.CharField(max_length=5, choices=Dimension)
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()
    inexact = models.CharField(max_length=5, blank=True)

    class Meta:
        ordering: ClassVar = ["dimension", "key"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line", "dimension", "key"], name="scorecard_slice_once")
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.key}"

    @property
    def actual(self) -> Fraction:
        """The part's result."""
        return Fraction(self.numerator, self.denominator)
