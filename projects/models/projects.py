"""A project, the parks that share it, and what authorities recognised."""

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
    precision_field,
    qualifier_field,
)
from projects.models.secrecy import SECRET, VeiledQuerySet, seen_in_full


class ProjectQuerySet(VeiledQuerySet["Project"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Projects of the parks that the user may read, and those in which such a park holds a share.

        Secret ones that the user may not see in full come under their code names: see `secrecy`.
        """
        parks = Park.objects.visible_to(user)
        shared = ProjectShare.objects.filter(project=OuterRef("pk"), park__in=parks)
        return self.filter(Q(park__in=parks) | Exists(shared)).read_by(user)

    def open_to(self, user: User | AnonymousUser | None) -> Self:
        """Without the secret ones that the user may not see in full."""
        return self.filter(seen_in_full(user))

    def closed_to(self, user: User | AnonymousUser | None) -> Self:
        """The secret ones that the user may not see in full."""
        return self.exclude(seen_in_full(user))

    def without_secret(self) -> Self:
        """What search, exports and walls show unless secret ones are asked for."""
        return self.exclude(confidentiality=SECRET)

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
    return_reasons = models.JSONField(_("各项退回原因"), default=dict, blank=True, editable=False)
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
    code_name = models.CharField(_("代号"), max_length=50, blank=True)
    custom = models.JSONField(_("自定义列"), default=dict, blank=True, editable=False)
    """What a ledger said in columns that the portal does not know: heading → text."""
    tags = models.JSONField(_("标签"), default=list, blank=True)
    sample_fields = models.JSONField(_("示例字段"), default=list, blank=True, editable=False)
    order_warning_reason = models.CharField(_("时间或金额异常说明"), max_length=200, blank=True)
    search_text = models.TextField(editable=False, default="")
    submission_key = models.CharField(max_length=60, unique=True, null=True, editable=False)  # noqa: DJ001
    """The one-time key of the form that made the row, so that a form sent twice makes one."""

    objects = ProjectQuerySet.as_manager()
    veiled = False
    """Whether this row was read by somebody who may not see it in full."""

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
