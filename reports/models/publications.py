"""What was published: rows that are written once and refused every change by the database itself."""

import json
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from parkportal.models import Attachment, Park, Stamped, User
from reports.models.scorecards import Scorecard


class PublicationQuerySet(models.QuerySet["Publication"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Publications of the parks that the user may read."""
        return self.filter(park__in=Park.objects.visible_to(user))


class Publication(models.Model):
    """One published revision of a park's scorecard, whole in itself: nothing that it says is read from other tables.

    `content` is canonical JSON (freezing.content_of): lines with targets, rules and thresholds, their parts, the parks
    that it was ranked with. `digest` seals it together with all other columns and the park's publication before.
    """

    scorecard = models.OneToOneField(Scorecard, models.PROTECT, related_name="publication")
    code = models.CharField(_("编号"), max_length=60, unique=True)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    period = models.CharField(_("期间"), max_length=10)
    revision = models.PositiveSmallIntegerField(_("版次"))
    content = models.TextField(_("内容"))
    content_digest = models.CharField(_("内容摘要"), max_length=64)
    documents = models.JSONField(_("文件"), default=list)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("送审时间"))
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("定稿时间"))
    previous_digest = models.CharField(_("上一份摘要"), max_length=64, blank=True)
    digest = models.CharField(_("摘要"), max_length=64, unique=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("定稿")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["park", "period", "revision"], name="publication_once"),
            models.UniqueConstraint(fields=["park", "previous_digest"], name="publication_chain_never_forks"),
        ]

    def __str__(self) -> str:
        return self.code

    @cached_property
    def data(self) -> dict[str, Any]:
        """The content, read."""
        found: dict[str, Any] = json.loads(self.content)
        return found


class FrozenMember(models.Model):
    """A row that made up a published figure, with what it counted and what documents say of it."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="members")
    indicator = models.CharField(_("指标"), max_length=50)
    code = models.CharField(_("编号"), max_length=60)
    entered = models.CharField(_("计入月份"), max_length=7)
    booked = models.CharField(_("统计月份"), max_length=7)
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()
    bp = models.PositiveIntegerField(_("份额（万分之一）"))
    inexact = models.CharField(max_length=5, blank=True)
    chain = models.CharField(max_length=40, blank=True)
    stage = models.CharField(max_length=20, blank=True)
    key = models.CharField(_("去重依据"), max_length=60, blank=True)
    facts = models.JSONField(_("当时所载"), default=dict)

    class Meta:
        verbose_name = verbose_name_plural = _("定稿构成")
        ordering: ClassVar = ["publication", "indicator", "booked", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "indicator", "code"], name="frozen_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.publication} {self.indicator} {self.code}"


class SignatureQuerySet(models.QuerySet["Signature"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Signatures under the scorecards of the parks that the user may read."""
        return self.filter(scorecard__park__in=Park.objects.visible_to(user))


class Signature(Stamped):
    """A signature on paper under a scorecard: who signed as what, when, and the scan of it."""

    class Part(models.TextChoices):
        DRAWN_UP = "drawn_up", _("拟稿")
        CHECKED = "checked", _("核稿")
        ISSUED = "issued", _("签发")

    scorecard = models.ForeignKey(Scorecard, models.PROTECT, related_name="signatures")
    part = models.CharField(_("环节"), max_length=10, choices=Part, default=Part.ISSUED)
    signer = models.CharField(_("签字人"), max_length=40)
    signed_on = models.DateField(_("签字日期"))
    scan = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+", editable=False)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("签字记录")
        ordering: ClassVar = ["signed_on", "id"]

    def __str__(self) -> str:
        return f"{self.scorecard} {self.signer}"

    @property
    def park(self) -> Park:
        """The park whose scorecard was signed."""
        return self.scorecard.park

    @property
    def code(self) -> str:
        """How the trace names it: by its scorecard."""
        return self.scorecard.code
