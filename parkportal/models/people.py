"""Regions and parks, the people who work there, and the keys of their systems."""

import hashlib
import secrets
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkportal.models.columns import RecognitionLevel, period_validator
from parkportal.roles import CITY_ONLY, GRANTS, May, Role


class Region(models.Model):
    """A city or county whose parks are compared with each other, and its rules for scorecards."""

    class Rhythm(models.TextChoices):
        MONTHLY = "monthly", _("按月")
        QUARTERLY = "quarterly", _("按季")

    code = models.CharField(_("区划代码"), max_length=12, unique=True, help_text=_("GB/T 2260，如430400。"))
    name = models.CharField(_("名称"), max_length=50)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name=_("上级"))
    cutoff_day = models.PositiveSmallIntegerField(
        _("截止填报日"), null=True, blank=True, help_text=_("次月几日截止填报，只限制填报，不改变统计期。")
    )
    publication_day = models.PositiveSmallIntegerField(_("通报日"), null=True, blank=True)
    merges_january_february = models.BooleanField(_("1—2月合并通报"), default=False)
    rhythm = models.CharField(
        _("序时进度"),
        max_length=9,
        choices=Rhythm,
        default=Rhythm.MONTHLY,
        help_text=_("按季的，季中各月用上季末的进度。"),
    )
    recognition_level = models.CharField(
        _("计入所需认定级别"), max_length=8, choices=RecognitionLevel, default=RecognitionLevel.NONE
    )

    class Meta:
        verbose_name = verbose_name_plural = _("区域")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def paces_quarterly(self) -> bool:
        """Whether time progress steps up at the end of each quarter only."""
        return self.rhythm == self.Rhythm.QUARTERLY


class ParkQuerySet(models.QuerySet["Park"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Parks whose rows the user may read: their own, or those of their region and the regions directly below."""
        if not isinstance(user, User) or not user.may(May.READ):
            return self.none()
        if user.park_id:
            return self.filter(pk=user.park_id)
        if user.region_id:
            return self.filter(Q(region=user.region_id) | Q(region__parent=user.region_id))
        return self.none()


class Park(models.Model):
    """An industrial park whose results are counted."""

    code = models.SlugField(_("代码"), max_length=32, unique=True)
    name = models.CharField(_("名称"), max_length=60, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("所属区域"))
    group = models.CharField(_("考核分组"), max_length=30, blank=True)
    ledger_from = models.CharField(
        _("台账起始月"), max_length=7, blank=True, validators=[period_validator], help_text=_("从这个月起台账是全的。")
    )
    scorecards_from = models.CharField(_("成绩单起始月"), max_length=7, blank=True, validators=[period_validator])
    scorecards_until = models.CharField(_("成绩单终止月"), max_length=7, blank=True, validators=[period_validator])
    is_sample = models.BooleanField(_("示例"), default=False)
    sample_fields = models.JSONField(_("示例指标"), default=list, blank=True, editable=False)

    objects = ParkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("园区")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name


class Counter(models.Model):
    """The last number given out for one kind of code in one park and year; numbers are never reused."""

    park = models.ForeignKey(Park, models.PROTECT, null=True, blank=True)
    kind = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField(default=0)
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "kind", "year"], name="counter_once"),
            models.UniqueConstraint(
                fields=["kind", "year"], condition=Q(park__isnull=True), name="counter_of_no_park_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class UserManager(DjangoUserManager["User"]):
    """Users are made by the administrator; there is no superuser to make."""


class User(AbstractUser):
    """A person who logs in: what they may do is their role, whose rows they see is their park or region."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("姓名"), max_length=30, blank=True)
    section = models.CharField(_("科室"), max_length=30, blank=True)
    role = models.CharField(_("角色"), max_length=12, choices=Role, default=Role.CLERK)
    park = models.ForeignKey(Park, models.PROTECT, null=True, blank=True, verbose_name=_("所属园区"))
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("所属区域"))

    session_keys = models.JSONField(default=list, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = _("用户")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(park__isnull=True) | Q(region__isnull=True),
                name="user_park_or_region",
                violation_error_message=_("用户属于园区或区域之一，不能同时填写。"),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def may(self, what: May) -> bool:
        """Whether this person's role grants it; what only the city does needs a region."""
        if not self.is_active or what not in GRANTS[self.role]:
            return False
        return what not in CITY_ONLY or self.region_id is not None

    @property
    def place(self) -> "Park | Region | None":
        """The park or region the person works for."""
        return self.park or self.region


class ApiToken(models.Model):
    """A key by which another system reads or writes as its owner; only its hash is kept."""

    class Scope(models.TextChoices):
        READ = "read", _("只读")
        WRITE = "write", _("读写")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("用户"))
    name = models.CharField(_("用途"), max_length=50, blank=True)
    prefix = models.CharField(_("开头"), max_length=12)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(_("范围"), max_length=5, choices=Scope, default=Scope.READ)
    ip_ranges = models.JSONField(_("允许的地址段"), default=list, blank=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    expires_at = models.DateTimeField(_("失效时间"))
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("最近使用"), null=True, blank=True, editable=False)

    PREFIX: ClassVar = "zscj_"

    class Meta:
        verbose_name = verbose_name_plural = _("接口令牌")

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"

    @classmethod
    def hash(cls, secret: str) -> str:
        """The digest under which a token is stored: SHA-256, as the secret itself has 256 random bits."""
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def issue(cls, **fields: Any) -> tuple["ApiToken", str]:
        """A new token and its secret, which is shown once and kept nowhere."""
        secret = cls.PREFIX + secrets.token_urlsafe(32)
        return cls.objects.create(prefix=secret[:10], digest=cls.hash(secret), **fields), secret
