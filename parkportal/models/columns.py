"""What columns of every room share: how exactly a day or a number is known, and what rows that people edit carry."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

period_validator = RegexValidator(r"^\d{4}-(0[1-9]|1[0-2])$", _("期间写成“2020-09”的样子。"))


class Precision(models.TextChoices):
    """How exactly a day is known; the stored day is the earliest one it can be."""

    DAY = "day", _("日")
    TEN_DAY = "ten_day", _("旬")
    MONTH = "month", _("月")
    QUARTER = "quarter", _("季")
    HALF = "half", _("半年")
    YEAR = "year", _("年")


class Qualifier(models.TextChoices):
    """How exactly a number is known."""

    EXACT = "exact", _("准确数")
    OVER = "over", _("余")
    AT_LEAST = "at_least", _("以上")
    NEAR = "near", _("近")
    ABOUT = "about", _("约")


class RecognitionLevel(models.TextChoices):
    """The authority whose recognition a region asks for before a project counts."""

    NONE = "none", _("不要求认定")
    PARK = "park", _("园区认定")
    CITY = "city", _("市级认定")
    PROVINCE = "province", _("省级认定")


def precision_field() -> "models.CharField[str, str]":
    """The precision beside a date."""
    return models.CharField(_("精度"), max_length=8, choices=Precision, default=Precision.DAY)


def qualifier_field() -> "models.CharField[str, str]":
    """The qualifier beside a number."""
    return models.CharField(_("约数"), max_length=8, choices=Qualifier, default=Qualifier.EXACT)


class Stamped(models.Model):
    """What every row that people edit carries: version, who made it, and a soft deletion."""

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    updated_at = models.DateTimeField(_("更新时间"), auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    seq = models.BigIntegerField(default=0, editable=False, db_index=True)

    class Meta:
        abstract = True
