"""Links by which a screen shows a park's wall without logging in, and what the park says of itself to visitors."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from parkportal.models import Park, Stamped, User


class Edition(models.TextChoices):
    """For whom a wall is: those who work with the figures, or visitors."""

    WORKING = "working", _("工作版")
    RECEPTION = "reception", _("接待版")


class WallLinkQuerySet(models.QuerySet["WallLink"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Links of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user))


class WallLink(Stamped):
    """A screen's way in: it shows one edition of one park's wall and nothing else, until it ends or is taken back."""

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    edition = models.CharField(_("版本"), max_length=10, choices=Edition, default=Edition.RECEPTION)
    place = models.CharField(_("用在哪里"), max_length=50, help_text=_("如一楼大厅屏。"))
    expires_on = models.DateField(_("有效期至"))

    objects = WallLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("大屏链接")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.park} {self.place}"

    def is_open(self, today: date) -> bool:
        """Whether it may still be used; the last day counts."""
        return self.deleted_at is None and today <= self.expires_on


class WallTextQuerySet(models.QuerySet["WallText"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Texts of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user))


class WallText(Stamped):
    """园区名片 and services as a park puts them before visitors: one line each, shown on the reception wall only."""

    park = models.OneToOneField(Park, models.PROTECT, verbose_name=_("园区"))
    honours = models.TextField(_("园区名片"), max_length=500, blank=True, help_text=_("每行一条，最多6条。"))
    services = models.TextField(_("服务承诺"), max_length=500, blank=True, help_text=_("每行一条，最多6条。"))

    objects = WallTextQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("大屏文字")

    def __str__(self) -> str:
        return str(self.park)

    @property
    def code(self) -> str:
        """How the trace names it: by its park."""
        return self.park.code
