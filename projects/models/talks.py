"""Talks with investors, and who took part."""

from datetime import date
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from parkportal.models import (
    Park,
    Stamped,
    User,
    precision_field,
)
from parkportal.spelling import search_text
from projects.models.projects import Project
from projects.models.secrecy import VeiledQuerySet


class EngagementQuerySet(VeiledQuerySet["Engagement"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Rows of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user)).select_related("project").read_by(user)

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
    submission_key = models.CharField(max_length=60, unique=True, null=True, editable=False)  # noqa: DJ001
    """The one-time key of the form that made the row, so that a form sent twice makes one."""

    objects = EngagementQuerySet.as_manager()
    veiled = False

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
    search_text = models.TextField(editable=False, default="")

    class Meta:
        verbose_name = verbose_name_plural = _("参加人员")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A person is found by pinyin and initials too."""
        self.search_text = search_text(self.name)
        super().save(*args, **kwargs)
