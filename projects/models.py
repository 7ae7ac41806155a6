"""What was signed: projects from lead to full capacity, their contracts, talks, funds and group starts."""

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Chain, ChainNode, Enterprise
from parkportal.models import (
    Park,
    RecognitionLevel,
    Stamped,
    User,
    period_validator,
    precision_field,
    qualifier_field,
)


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Projects of the parks that the user may read, and those in which such a park holds a share."""
        parks = Park.objects.visible_to(user)
        shared = ProjectShare.objects.filter(project=OuterRef("pk"), park__in=parks)
        return self.filter(Q(park__in=parks) | Exists(shared))

    def kept(self) -> Self:
        """Without the withdrawn ones."""
        return self.filter(deleted_at__isnull=True)

    def of_park(self, code: str) -> Self:
        """Projects in which the park holds a share; the lead park is the one that keeps the row."""
        return self.filter(Exists(ProjectShare.objects.filter(project=OuterRef("pk"), park__code=code)))

    def signed_ever(self, end: date) -> Self:
        """Projects that counted at some time up to `end`: verified, and recognised where the region asks for it."""
        recognised = Recognition.objects.filter(
            project=OuterRef("pk"),
            level=OuterRef("park__region__recognition_level"),
            result=Recognition.Result.ACCEPTED,
            recognised_on__lte=end,
        )
        return self.kept().filter(
            Q(park__region__recognition_level=RecognitionLevel.NONE) | Exists(recognised),
            review_state=Project.ReviewState.VERIFIED,
        )

    def counted(self, end: date) -> Self:
        """Projects that count at `end` (model.md 1): signed ever, and not terminated by then."""
        return self.signed_ever(end).filter(Q(terminated_on__isnull=True) | Q(terminated_on__gt=end))


class Project(Stamped):
    """An investment project of one park, from the first lead to full capacity; it is counted once."""

    class Category(models.TextChoices):
        INDUSTRY = "industry", _("产业类")
        INFRASTRUCTURE = "infrastructure", _("基础设施类")
        LIVELIHOOD = "livelihood", _("社会民生类")
        ECOLOGY = "ecology", _("生态环保类")

    class Kind(models.TextChoices):
        NEW = "new", _("新引进")
        EXPANSION = "expansion", _("增资扩产")
        PHASE = "phase", _("分期建设")

    class ContractType(models.TextChoices):
        INTENT = "intent", _("意向书")
        MOU = "mou", _("备忘录")
        FRAMEWORK = "framework", _("框架协议")
        FORMAL = "formal", _("正式合同")

    class Stage(models.TextChoices):
        LEAD = "lead", _("线索")
        NEGOTIATING = "negotiating", _("在谈")
        SIGNED = "signed", _("签约")
        REGISTERED = "registered", _("注册")
        STARTED = "started", _("开工")
        IN_PRODUCTION = "in_production", _("投产")
        FULL_CAPACITY = "full_capacity", _("达产")

    class Status(models.TextChoices):
        ACTIVE = "active", _("正常推进")
        SUSPENDED = "suspended", _("暂停")
        TERMINATED = "terminated", _("终止")
        TRANSFERRED = "transferred", _("转出")

    class ReviewState(models.TextChoices):
        DRAFT = "draft", _("草稿")
        SUBMITTED = "submitted", _("待审核")
        VERIFIED = "verified", _("已审核")
        RETURNED = "returned", _("已退回")

    class ConstructionNature(models.TextChoices):
        NEW_BUILD = "new_build", _("新建")
        EXTENSION = "extension", _("扩建")
        TECHNICAL_UPGRADE = "technical_upgrade", _("技改")
        RELOCATION = "relocation", _("搬迁")

    class LandUseMode(models.TextChoices):
        LAND_SUPPLY = "land_supply", _("供地")
        LEASE = "lease", _("租赁厂房")
        PURCHASE = "purchase", _("购买厂房")
        OWN = "own", _("自有用地")

    class ChainAction(models.TextChoices):
        STRENGTHEN = "strengthen", _("强链")
        EXTEND = "extend", _("延链")
        FILL = "fill", _("补链")
        BUILD = "build", _("建链")

    class Confidentiality(models.TextChoices):
        OPEN = "open", _("公开")
        INTERNAL = "internal", _("内部")
        SECRET = "secret", _("保密")

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    name = models.CharField(_("项目名称"), max_length=100)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    investor = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="invested_projects",
        verbose_name=_("投资方（签约主体）"),
    )
    company = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="hosted_projects", verbose_name=_("项目公司")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("原项目")
    )
    chain = models.ForeignKey(Chain, models.PROTECT, null=True, blank=True, verbose_name=_("产业链"))
    chain_node = models.ForeignKey(ChainNode, models.PROTECT, null=True, blank=True, verbose_name=_("产业链环节"))
    chain_action = models.CharField(_("链上作用"), max_length=12, choices=ChainAction, blank=True)
    category = models.CharField(_("项目类别"), max_length=16, choices=Category, default=Category.INDUSTRY)
    kind = models.CharField(_("引进方式"), max_length=12, choices=Kind, default=Kind.NEW)
    contract_type = models.CharField(_("合同类型"), max_length=12, choices=ContractType, blank=True)
    stage = models.CharField(_("目前进度"), max_length=16, choices=Stage, default=Stage.LEAD)
    status = models.CharField(_("状态"), max_length=12, choices=Status, default=Status.ACTIVE)
    review_state = models.CharField(_("审核状态"), max_length=12, choices=ReviewState, default=ReviewState.DRAFT)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    return_reason = models.CharField(_("退回原因"), max_length=300, blank=True)
    recognition_level = models.CharField(
        _("认定级别"), max_length=8, choices=RecognitionLevel, default=RecognitionLevel.NONE, editable=False
    )
    recognised_on = models.DateField(_("认定时间"), null=True, blank=True, editable=False)
    recognised_on_precision = precision_field()

    ceremony_on = models.DateField(_("签约仪式"), null=True, blank=True)
    ceremony_on_precision = precision_field()
    signed_on = models.DateField(_("签约时间"), null=True, blank=True, db_index=True)
    signed_on_precision = precision_field()
    terminated_on = models.DateField(_("终止时间"), null=True, blank=True)
    terminated_on_precision = precision_field()
    registered_on = models.DateField(_("注册时间"), null=True, blank=True)
    registered_on_precision = precision_field()
    settle_started_on = models.DateField(_("受理入园申请时间"), null=True, blank=True)
    settle_started_on_precision = precision_field()
    moved_in_on = models.DateField(_("办结入驻时间"), null=True, blank=True)
    moved_in_on_precision = precision_field()
    started_on = models.DateField(_("实际开工时间"), null=True, blank=True)
    started_on_precision = precision_field()
    completed_on = models.DateField(_("竣工时间"), null=True, blank=True)
    completed_on_precision = precision_field()
    in_production_on = models.DateField(_("实际投产时间"), null=True, blank=True)
    in_production_on_precision = precision_field()
    full_capacity_on = models.DateField(_("达产时间"), null=True, blank=True)
    full_capacity_on_precision = precision_field()
    planned_start_on = models.DateField(_("计划开工时间"), null=True, blank=True)
    planned_start_on_precision = precision_field()
    planned_production_on = models.DateField(_("计划投产时间"), null=True, blank=True)
    planned_production_on_precision = precision_field()

    total_investment = models.PositiveBigIntegerField(_("总投资（元）"), null=True, blank=True)
    total_investment_qualifier = qualifier_field()
    fixed_asset_investment = models.PositiveBigIntegerField(_("固定资产投资（元）"), null=True, blank=True)
    contracted_capital = models.PositiveBigIntegerField(_("合同引资额（元）"), null=True, blank=True)
    annual_planned_investment = models.PositiveBigIntegerField(_("年度计划投资（元）"), null=True, blank=True)
    completed_investment = models.PositiveBigIntegerField(_("累计完成投资（元）"), null=True, blank=True)
    expected_annual_output = models.PositiveBigIntegerField(_("预计年产值（元）"), null=True, blank=True)
    expected_annual_tax = models.PositiveBigIntegerField(_("预计年税收（元）"), null=True, blank=True)
    expected_jobs = models.PositiveBigIntegerField(_("预计就业（人）"), null=True, blank=True)
    expected_jobs_qualifier = qualifier_field()
    land_area_mu = models.PositiveBigIntegerField(_("用地面积（百分之一亩）"), null=True, blank=True)
    workshop_area_sqm = models.PositiveBigIntegerField(_("厂房面积（㎡）"), null=True, blank=True)
    workshop_area_qualifier = qualifier_field()
    fortune_global_500 = models.BooleanField(_("世界500强"), default=False, editable=False)

    industry_code = models.CharField(_("国民经济行业代码"), max_length=5, blank=True)
    construction_nature = models.CharField(_("建设性质"), max_length=20, choices=ConstructionNature, blank=True)
    land_use_mode = models.CharField(_("用地方式"), max_length=12, choices=LandUseMode, blank=True)
    site = models.CharField(_("建设地点"), max_length=100, blank=True)
    content = models.TextField(_("建设内容及规模"), max_length=2000, blank=True)
    progress = models.TextField(_("目前进展"), max_length=1000, blank=True)
    problem = models.TextField(_("存在问题"), max_length=1000, blank=True)
    next_step = models.TextField(_("下一步计划"), max_length=1000, blank=True)
    lead_official = models.CharField(_("责任领导"), max_length=50, blank=True)
    responsible_unit = models.CharField(_("责任单位"), max_length=50, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("责任人")
    )
    note = models.TextField(_("备注"), max_length=1000, blank=True)
    confidentiality = models.CharField(
        _("密级"), max_length=10, choices=Confidentiality, default=Confidentiality.INTERNAL
    )
    tags = models.JSONField(_("标签"), default=list, blank=True)
    sample_fields = models.JSONField(_("示例字段"), default=list, blank=True, editable=False)
    order_warning_reason = models.CharField(_("时间或金额异常说明"), max_length=200, blank=True)
    search_text = models.TextField(editable=False, default="")
    submission_key = models.CharField(max_length=60, unique=True, null=True, editable=False)
    """The one-time key of the form that made the row, so that a form sent twice makes one."""

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("项目")
        ordering: ClassVar = ["-signed_on", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(kind="new") | Q(parent__isnull=True),
                name="project_new_without_parent",
                violation_error_message=_("新引进项目没有原项目；增资扩产或分期建设才填原项目。"),
            ),
            models.CheckConstraint(
                condition=~Q(kind="phase") | Q(parent__isnull=False),
                name="project_phase_with_parent",
                violation_error_message=_("分期建设的项目要选择它的原项目。"),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["park", "-signed_on", "code"], name="project_park_signed")]

    def __str__(self) -> str:
        return self.name

    @property
    def settle_days(self) -> int | None:
        """Days from the accepted application to the completed moving in; None unless both are exact to the day."""
        exact = self.settle_started_on_precision == self.moved_in_on_precision == "day"
        if not (exact and self.settle_started_on and self.moved_in_on):
            return None
        return (self.moved_in_on - self.settle_started_on).days


class ProjectShare(models.Model):
    """What part of a project a park is credited with, in basis points; the parts of a project make 10,000."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="shares")
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    count_bp = models.PositiveIntegerField(_("个数份额（万分之）"), default=10_000)
    amount_bp = models.PositiveIntegerField(_("金额份额（万分之）"), default=10_000)

    class Meta:
        verbose_name = verbose_name_plural = _("分成")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "park"], name="project_share_once"),
            models.CheckConstraint(
                condition=Q(count_bp__lte=10_000, amount_bp__lte=10_000), name="project_share_at_most_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.park}"


class Recognition(models.Model):
    """What one authority decided about a project's claim to be counted."""

    class Result(models.TextChoices):
        PENDING = "pending", _("待认定")
        ACCEPTED = "accepted", _("已认定")
        REFUSED = "refused", _("不予认定")

    project = models.ForeignKey(Project, models.CASCADE, related_name="recognitions")
    level = models.CharField(_("级别"), max_length=8, choices=RecognitionLevel.choices[1:])
    recognised_on = models.DateField(_("认定时间"), null=True, blank=True)
    recognised_on_precision = precision_field()
    result = models.CharField(_("结果"), max_length=10, choices=Result, default=Result.PENDING)
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    document = models.CharField(_("文号"), max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("认定")
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "level"], name="recognition_once")]

    def __str__(self) -> str:
        return f"{self.project} {self.get_level_display()}{self.get_result_display()}"


class Contract(models.Model):
    """A signed paper beside the project; figures read the project, and a difference is a warning."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="contracts")
    type = models.CharField(_("类型"), max_length=12, choices=Project.ContractType)
    signed_on = models.DateField(_("签订时间"), null=True, blank=True)
    signed_on_precision = precision_field()
    amount = models.PositiveBigIntegerField(_("金额（元）"), null=True, blank=True)
    number = models.CharField(_("合同编号"), max_length=60, blank=True)
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

    class Meta:
        verbose_name = verbose_name_plural = _("周进展")
        ordering: ClassVar = ["-week_of"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "week_of"], name="progress_note_once")]

    def __str__(self) -> str:
        return f"{self.project} {self.week_of}"


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Rows of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones and those of withdrawn projects."""
        return self.filter(Q(project__isnull=True) | Q(project__deleted_at__isnull=True), deleted_at__isnull=True)

    def counted(self, end: date) -> Self:
        """Talks that count: none is bounded by `end` but by its own date."""
        return self.kept()


class Engagement(Stamped):
    """A talk with an investor: a visit there, a visit here, or a meeting on screen."""

    class Mode(models.TextChoices):
        ONLINE = "online", _("线上洽谈")
        OUTBOUND = "outbound_visit", _("外出招商")
        INBOUND = "inbound_visit", _("客商来访")
        STATIONED = "stationed", _("驻点招商")
        EVENT = "promotion_event", _("招商活动")

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="engagements", verbose_name=_("项目")
    )
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, verbose_name=_("企业"))
    mode = models.CharField(_("方式"), max_length=16, choices=Mode)
    title = models.CharField(_("事项"), max_length=100)
    held_on = models.DateField(_("日期"))
    held_on_precision = precision_field()
    until = models.DateField(_("不晚于"), null=True, blank=True, help_text=_("只知道范围时，填最晚的一天。"))
    place = models.CharField(_("地点"), max_length=50, blank=True)
    summary = models.TextField(_("内容"), max_length=1000, blank=True)

    objects = EngagementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("洽谈")
        ordering: ClassVar = ["-held_on", "code"]

    def __str__(self) -> str:
        return self.title


class Participant(models.Model):
    """A person at a talk, with the post held at the time."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="participants")
    name = models.CharField(_("姓名"), max_length=30)
    post = models.CharField(_("时任职务"), max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("参加人员")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class FundArrivalQuerySet(models.QuerySet["FundArrival"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Arrivals of projects of the parks that the user may read."""
        return self.filter(project__park__in=Park.objects.visible_to(user))

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

    objects = FundArrivalQuerySet.as_manager()

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


class InvestmentProgress(models.Model):
    """Investment planned and completed in a project in one month, in yuan."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="investment_progress")
    month = models.CharField(_("月份"), max_length=7, validators=[period_validator])
    planned = models.PositiveBigIntegerField(_("计划（元）"), null=True, blank=True)
    done = models.PositiveBigIntegerField(_("完成（元）"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("完成投资")
        ordering: ClassVar = ["month"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "month"], name="investment_progress_once")]

    def __str__(self) -> str:
        return f"{self.project} {self.month}"


class GroupStart(models.Model):
    """A day on which many projects of a city or province start at once."""

    class Level(models.TextChoices):
        CITY = "city", _("全市")
        PROVINCE = "province", _("全省")

    code = models.SlugField(_("编号"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=100)
    level = models.CharField(_("级别"), max_length=10, choices=Level)
    held_on = models.DateField(_("日期"))
    held_on_precision = precision_field()
    sequence = models.PositiveSmallIntegerField(_("第几次"), null=True, blank=True)
    city_total = models.PositiveIntegerField(_("全市项目数（含竣工）"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("集中开工")
        ordering: ClassVar = ["-held_on"]

    def __str__(self) -> str:
        return self.name


class GroupStartParkQuerySet(models.QuerySet["GroupStartPark"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Rows of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user))


class GroupStartPark(models.Model):
    """What was published about one park's part in a group start."""

    group_start = models.ForeignKey(GroupStart, models.PROTECT, related_name="parks")
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    published_count = models.PositiveIntegerField(_("公布项目数"), null=True, blank=True)
    total = models.PositiveBigIntegerField(_("公布总投资（元）"), null=True, blank=True)
    annual_plan = models.PositiveBigIntegerField(_("公布年度计划投资（元）"), null=True, blank=True)
    rank = models.PositiveSmallIntegerField(_("全市位次"), null=True, blank=True)

    objects = GroupStartParkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("集中开工公布数")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group_start", "park"], name="group_start_park_once")
        ]

    def __str__(self) -> str:
        return f"{self.group_start} {self.park}"


class GroupStartEntryQuerySet(models.QuerySet["GroupStartEntry"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Entries of projects of the parks that the user may read."""
        return self.filter(project__park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones and those of withdrawn projects."""
        return self.filter(deleted_at__isnull=True, project__deleted_at__isnull=True)

    def counted(self, end: date) -> Self:
        """Entries that count: all that are kept; the list of the group start is the judge."""
        return self.kept()


class GroupStartEntry(Stamped):
    """A project on the list of a group start."""

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    group_start = models.ForeignKey(GroupStart, models.PROTECT, related_name="entries", verbose_name=_("集中开工"))
    project = models.ForeignKey(Project, models.PROTECT, related_name="group_start_entries", verbose_name=_("项目"))
    planned = models.PositiveBigIntegerField(_("年度计划投资（元）"), null=True, blank=True)

    objects = GroupStartEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("集中开工项目")
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["group_start", "project"],
                condition=Q(deleted_at__isnull=True),
                name="group_start_entry_once",
                violation_error_message=_("这个项目已在名单上。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.group_start} {self.project}"
