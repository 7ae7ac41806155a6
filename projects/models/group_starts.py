"""Days on which many projects start at once, and the projects on their lists."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkportal.models import (
    Park,
    Stamped,
    User,
    precision_field,
)
from projects.models.projects import Project
from projects.models.secrecy import VeiledQuerySet


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
        constraints: ClassVar = [models.UniqueConstraint(fields=["group_start", "park"], name="group_start_park_once")]

    def __str__(self) -> str:
        return f"{self.group_start} {self.park}"


class GroupStartEntryQuerySet(VeiledQuerySet["GroupStartEntry"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Entries of projects of the parks that the user may read."""
        rows = self.filter(project__park__in=Park.objects.visible_to(user))
        return rows.select_related("project").read_by(user)

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
    veiled = False

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
