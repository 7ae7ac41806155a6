"""What one person keeps on their desk: drafts, usual filters, columns, what was opened, and notices."""

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkportal.models.people import Park, User


class Draft(models.Model):
    """What a person typed and has not saved yet; `key` is the row's code, or the one-time key of a new form."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    form = models.CharField(_("表单"), max_length=30)
    key = models.CharField(_("对象"), max_length=60)
    values = models.JSONField(_("内容"), default=dict)
    updated_at = models.DateTimeField(_("保存时间"), auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = _("草稿")
        ordering: ClassVar = ["-updated_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "form", "key"], name="draft_once")]

    def __str__(self) -> str:
        return f"{self.form} {self.key}"


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The person's own, and those that colleagues of the same park or region share."""
        if not isinstance(user, User):
            return self.none()
        if not user.place:
            return self.filter(user=user)
        return self.filter(Q(user=user) | Q(shared=True, user__park=user.park_id, user__region=user.region_id))


class SavedFilter(models.Model):
    """A filter of a list that somebody uses often, under a name of theirs."""

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page = models.CharField(_("页面"), max_length=40)
    name = models.CharField(_("名称"), max_length=30)
    query = models.CharField(_("条件"), max_length=2000)
    shared = models.BooleanField(_("同事可用"), default=False)
    order = models.PositiveSmallIntegerField(_("次序"), default=0)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("常用筛选")
        ordering: ClassVar = ["order", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "page", "name"],
                name="saved_filter_name_once",
                violation_error_message=_("你已有同名的常用筛选，请换一个名称。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ListChoice(models.Model):
    """Which columns of a list a person wants to see, in which order, and how many rows on a page."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page = models.CharField(_("页面"), max_length=40)
    columns = models.JSONField(_("列"), default=list)
    page_size = models.PositiveSmallIntegerField(_("每页行数"), default=50)

    class Meta:
        verbose_name = verbose_name_plural = _("列表设置")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "page"], name="list_choice_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.page}"


class Visit(models.Model):
    """That a person opened a row, and when last."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    object_type = models.CharField(_("对象类型"), max_length=50)
    object_code = models.CharField(_("对象编号"), max_length=60)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("最近打开")
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "object_type", "object_code"], name="visit_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.object_code}"


class Notice(models.Model):
    """Something a person should know or do; `key` says what about, so that it is never sent twice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    park = models.ForeignKey(Park, models.PROTECT, null=True, related_name="+", verbose_name=_("园区"))
    rule = models.CharField(_("规则"), max_length=40)
    key = models.CharField(max_length=150)
    object_type = models.CharField(_("对象类型"), max_length=50, blank=True)
    object_code = models.CharField(_("对象编号"), max_length=60, blank=True)
    text = models.CharField(_("内容"), max_length=300)
    at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("已读时间"), null=True)
    mailed_at = models.DateTimeField(_("邮件时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("提醒")
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]

    def __str__(self) -> str:
        return self.text
