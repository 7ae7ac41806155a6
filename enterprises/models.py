"""Who: industrial chains, corporate groups and their rankings, enterprises and what became of them."""

from datetime import date
from typing import Any, ClassVar, Self, cast

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from parkportal.models import Park, Region, Stamped, User, period_validator, precision_field


class Chain(models.Model):
    """An industrial chain that a city cultivates; a local classification beside GB/T 4754."""

    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("区域"))
    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=30)
    chief = models.CharField(_("链长"), max_length=60, blank=True)
    leading_enterprise = models.CharField(_("链主企业"), max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("产业链")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["region", "name"], name="chain_name_once")]

    def __str__(self) -> str:
        return self.name


class ChainNode(models.Model):
    """One link of a chain, upstream to downstream, and whether the city has it."""

    class State(models.TextChoices):
        PRESENT = "present", _("已有")
        WEAK = "weak", _("薄弱")
        MISSING = "missing", _("缺失")

    chain = models.ForeignKey(Chain, models.CASCADE, related_name="nodes", verbose_name=_("产业链"))
    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    tier = models.PositiveSmallIntegerField(_("层级"), default=1)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.PRESENT)

    class Meta:
        verbose_name = verbose_name_plural = _("产业链环节")
        ordering: ClassVar = ["chain", "tier", "code"]

    def __str__(self) -> str:
        return self.name


class Group(models.Model):
    """A corporate group; an investor counts as a ranked company through its group or a controlling ancestor."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name=_("上级集团"))
    share_bp = models.PositiveIntegerField(_("上级持股（万分之）"), null=True, blank=True)
    controlled = models.BooleanField(_("受上级控制"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("企业集团")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name

    def lineage(self) -> list["Group"]:
        """This group and the ancestors that control it, nearest first; a circle of owners ends it."""
        line: list[Group] = []
        group: Group | None = self
        while group and group not in line:
            line.append(group)
            group = group.parent if group.controlled else None
        return line


class RankingList(models.Model):
    """One published edition of a list of companies."""

    class Kind(models.TextChoices):
        FORTUNE_GLOBAL_500 = "fortune_global_500", _("《财富》世界500强")
        CHINA_500 = "china_500", _("中国企业500强")
        PRIVATE_500 = "private_500", _("中国民营企业500强")

    kind = models.CharField(_("榜单"), max_length=20, choices=Kind)
    year = models.PositiveSmallIntegerField(_("年份"))
    published_on = models.DateField(_("发布时间"))
    published_on_precision = precision_field()

    class Meta:
        verbose_name = verbose_name_plural = _("榜单")
        ordering: ClassVar = ["kind", "-published_on"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "year"], name="ranking_list_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}{self.year}"


class RankingEntry(models.Model):
    """A group's place on one list; the rank may be unknown."""

    list = models.ForeignKey(RankingList, models.CASCADE, related_name="entries", verbose_name=_("榜单"))
    group = models.ForeignKey(Group, models.PROTECT, verbose_name=_("集团"))
    rank = models.PositiveSmallIntegerField(_("位次"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("上榜集团")
        constraints: ClassVar = [models.UniqueConstraint(fields=["list", "group"], name="ranking_entry_once")]

    def __str__(self) -> str:
        return f"{self.list} {self.group}"


KNOWN_BY = "known_by"
"""Under this name the trace of an enterprise keeps that a secret project came to it, or is secret no more."""


def known_by_secrets_only(user: User | AnonymousUser) -> Q:
    """Enterprises that stand here only for secret projects which the user may not see in full.

    One that is above scale or on its way to a stock exchange is known by itself: figures count it. Projects lie in the
    room to the right, so they are reached through the key by which they name their investor.
    """
    projects = cast(Any, Enterprise._meta.get_field("invested_projects").related_model)._default_manager
    closed = projects.closed_to(user)
    theirs = Q(pk__in=closed.exclude(investor=None).values("investor"))
    theirs |= Q(pk__in=closed.exclude(company=None).values("company"))
    open_ones = projects.open_to(user).filter(Q(investor=OuterRef("pk")) | Q(company=OuterRef("pk")))
    steps = ListingStep.objects.kept().filter(enterprise=OuterRef("pk"))
    return theirs & ~Exists(open_ones) & ~Exists(steps) & Q(above_scale_on=None)


class EnterpriseQuerySet(models.QuerySet["Enterprise"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Enterprises of the parks that the user may read, without those that would give a secret project away."""
        return self.filter(~known_by_secrets_only(user), park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones."""
        return self.filter(deleted_at__isnull=True)

    def counted(self, end: date) -> Self:
        """Enterprises that count: all that are kept; only their own date is bounded by `end`."""
        return self.kept()


class Enterprise(Stamped):
    """A company in one park's ledger: an investor, or the project company that it founded."""

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    name = models.CharField(_("企业名称"), max_length=100)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, blank=True, default="")
    uscc_override_reason = models.CharField(_("人工核实说明"), max_length=200, blank=True)
    foreign_reg_no = models.CharField(_("境外注册号"), max_length=50, blank=True)
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, verbose_name=_("所属集团"))
    industry_code = models.CharField(_("国民经济行业代码"), max_length=5, blank=True)
    origin = models.CharField(_("所在地"), max_length=50, blank=True)
    settled_year = models.PositiveSmallIntegerField(_("落户年份"), null=True, blank=True)
    land_area_mu = models.PositiveBigIntegerField(_("占地（百分之一亩）"), null=True, blank=True)
    above_scale_on = models.DateField(_("升规时间"), null=True, blank=True)
    above_scale_on_precision = precision_field()
    above_scale_route = models.CharField(
        _("升规方式"), max_length=8, blank=True, choices=[("monthly", _("月度升规")), ("annual", _("年度升规"))]
    )
    profile = models.TextField(_("企业概况"), max_length=2000, blank=True)
    sample_fields = models.JSONField(_("示例字段"), default=list, blank=True, editable=False)
    search_text = models.TextField(editable=False, default="")

    NOTED: ClassVar = {KNOWN_BY: _("所属项目的密级")}
    """What the trace tells beside columns."""
    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("企业")
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["park", "uscc"],
                condition=~Q(uscc="") & Q(deleted_at__isnull=True),
                name="enterprise_uscc_once",
                violation_error_message=_("本园区已有这个统一社会信用代码的企业。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Contacts of enterprises that the user may read."""
        return self.filter(enterprise__in=Enterprise.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones and those of withdrawn enterprises."""
        return self.filter(deleted_at__isnull=True, enterprise__deleted_at__isnull=True)


class Contact(Stamped):
    """A person of an enterprise whom the park calls; the number is shown in full only on demand, which is traced."""

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="contacts", verbose_name=_("企业"))
    name = models.CharField(_("姓名"), max_length=30)
    post = models.CharField(_("职务"), max_length=60, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    note = models.CharField(_("备注"), max_length=100, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("联系人")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class ListingStepQuerySet(models.QuerySet["ListingStep"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Steps of enterprises that the user may read."""
        return self.filter(enterprise__park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones and those of withdrawn enterprises."""
        return self.filter(deleted_at__isnull=True, enterprise__deleted_at__isnull=True)

    def counted(self, end: date) -> Self:
        """Steps that count: all that are kept; only their own date is bounded by `end`."""
        return self.kept()


class ListingStep(Stamped):
    """One step of an enterprise towards a stock exchange."""

    class Board(models.TextChoices):
        STAR = "star", _("科创板")
        CHINEXT = "chinext", _("创业板")
        MAIN = "main", _("主板")
        BSE = "bse", _("北交所")

    class Step(models.TextChoices):
        RECOMMENDED = "recommended", _("推荐申报")
        FILED = "filed", _("辅导备案")
        ACCEPTED = "accepted", _("受理")
        LISTED = "listed", _("上市")

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="listing_steps", verbose_name=_("企业"))
    board = models.CharField(_("板块"), max_length=8, choices=Board)
    step = models.CharField(_("步骤"), max_length=12, choices=Step)
    happened_on = models.DateField(_("日期"))
    happened_on_precision = precision_field()
    document = models.CharField(_("文号"), max_length=60, blank=True)

    objects = ListingStepQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("上市进程")
        ordering: ClassVar = ["happened_on", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["enterprise", "board", "step"],
                condition=Q(deleted_at__isnull=True),
                name="listing_step_once",
                violation_error_message=_("这家企业的这一步已经登记过。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.get_board_display()}{self.get_step_display()}"


class OperatingRecord(models.Model):
    """What an enterprise really achieved in a month, or in total up to a month."""

    class Kind(models.TextChoices):
        MONTH = "month", _("当月")
        CUMULATIVE = "cumulative", _("累计至")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="operating_records")
    kind = models.CharField(_("口径"), max_length=10, choices=Kind)
    period = models.CharField(_("月份"), max_length=7, validators=[period_validator])
    output = models.PositiveBigIntegerField(_("产值（元）"), null=True, blank=True)
    tax = models.PositiveBigIntegerField(_("税收（元）"), null=True, blank=True)
    jobs = models.PositiveIntegerField(_("从业人数"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("经营情况")
        ordering: ClassVar = ["-period"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enterprise", "kind", "period"], name="operating_record_once")
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.period}"
