"""Who is told of what was published: people by mail, programs of others by a signed call."""

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parkportal.models import Park, Region, Stamped, User
from parkportal.roles import May
from reports.models.publications import Publication


class Subscription(models.Model):
    """A person's wish to get a park's published scorecards by mail."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    park = models.ForeignKey(Park, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("定稿订阅")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "park"], name="subscription_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.park}"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the person's own park or region, for who manages them."""
        if not isinstance(user, User) or not user.may(May.MANAGE_WEBHOOKS):
            return self.none()
        return self.filter(park=user.park_id, region=user.region_id)

    def kept(self) -> Self:
        """Without the withdrawn ones."""
        return self.filter(deleted_at__isnull=True)

    def of(self, park: Park) -> Self:
        """Those that are called when this park publishes: its own and its region's."""
        return self.kept().filter(Q(park=park) | Q(region=park.region_id), active=True)


class Webhook(Stamped):
    """An address of another authority's program that is called when something is published.

    The key that signs the calls is not stored: it is derived from `key_number` and the portal's own key.
    """

    code = models.CharField(_("编号"), max_length=40, unique=True, editable=False)
    name = models.CharField(_("名称"), max_length=60)
    park = models.ForeignKey(Park, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("园区"))
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("区域"))
    url = models.CharField(_("推送地址"), max_length=500)
    key_number = models.PositiveIntegerField(_("密钥次数"), default=1, editable=False)
    active = models.BooleanField(_("启用"), default=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("推送地址")
        ordering: ClassVar = ["name", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(park__isnull=False, region__isnull=True) | Q(park__isnull=True, region__isnull=False),
                name="webhook_park_or_region",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One publication on its way to one person or program: how often it was tried and what came of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待发")
        DONE = "done", _("已送达")
        FAILED = "failed", _("多次未成，已放弃")
        DROPPED = "dropped", _("不再发送")

    code = models.CharField(_("编号"), max_length=40, unique=True)
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    webhook = models.ForeignKey(Webhook, models.PROTECT, null=True, related_name="deliveries")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    next_try_at = models.DateTimeField(_("下次"))
    tried_at = models.DateTimeField(_("上次"), null=True)
    error = models.CharField(_("原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("定稿推送")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["state", "next_try_at"], name="delivery_due")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, webhook__isnull=True) | Q(user__isnull=True, webhook__isnull=False),
                name="delivery_to_one",
            ),
            models.UniqueConstraint(fields=["publication", "user"], name="delivery_once_to_user"),
            models.UniqueConstraint(fields=["publication", "webhook"], name="delivery_once_to_webhook"),
        ]

    def __str__(self) -> str:
        return f"{self.publication} {self.user or self.webhook}"
