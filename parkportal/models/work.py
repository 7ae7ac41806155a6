"""What was done and what is to do: the trace and the jobs."""

from collections.abc import Iterable
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkportal.models.people import ApiToken, Park, User
from parkportal.roles import May


class ChangeQuerySet(models.QuerySet["Change"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Changes of the user's parks; those of reference data (no park) are for every reader."""
        if not isinstance(user, User) or not user.may(May.READ):
            return self.none()
        return self.filter(Q(park__isnull=True) | Q(park__in=Park.objects.visible_to(user)))

    def of(self, label: str, codes: Iterable[str]) -> Self:
        """Changes of the named objects of one model."""
        return self.filter(object_type=label, object_code__in=list(codes))


class Change(models.Model):
    """One entry of the trace: who changed which fields of which object, when, and through which door."""

    class Door(models.TextChoices):
        PAGE = "page", _("网页")
        REST = "rest", _("接口")
        ADMIN = "admin", _("后台管理")
        COMMAND = "command", _("命令")
        JOB = "job", _("后台任务")

    seq = models.BigIntegerField(unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("人员"))
    token = models.ForeignKey(ApiToken, models.PROTECT, null=True, verbose_name=_("令牌"))
    door = models.CharField(_("途径"), max_length=8, choices=Door)
    request_id = models.CharField(_("请求号"), max_length=36, blank=True)
    park = models.ForeignKey(Park, models.PROTECT, null=True, verbose_name=_("园区"))
    object_type = models.CharField(_("对象类型"), max_length=50)
    object_code = models.CharField(_("对象编号"), max_length=60)
    at = models.DateTimeField(_("时间"))
    diff = models.JSONField(_("改动"), default=dict)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("变更记录")
        ordering: ClassVar = ["-seq"]
        indexes: ClassVar = [
            models.Index(fields=["object_type", "object_code"], name="change_object"),
            models.Index(fields=["park", "object_type", "seq"], name="change_park_type_seq"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.object_type} {self.object_code}"


class Job(models.Model):
    """A piece of work that must happen, kept until it is done; a queue only carries its id."""

    class State(models.TextChoices):
        QUEUED = "queued", _("等待")
        RUNNING = "running", _("进行中")
        DONE = "done", _("完成")
        FAILED = "failed", _("失败")

    kind = models.CharField(_("种类"), max_length=30)
    key = models.CharField(_("对象"), max_length=100)
    arguments = models.JSONField(default=dict)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.QUEUED)
    lease_until = models.DateTimeField(null=True)
    holder = models.CharField(max_length=60, default="")
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    progress = models.JSONField(_("进度"), default=dict)
    result = models.JSONField(_("结果"), default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    finished_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("任务")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(state__in=["queued", "running"]), name="job_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class KeptAnswer(models.Model):
    """What a POST with an Idempotency-Key was answered, so that the same request sent again makes nothing twice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("已答复的请求")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="kept_answer_once")]

    def __str__(self) -> str:
        return self.key
