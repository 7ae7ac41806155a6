"""How indicators, targets and scorecards are chosen."""

import re
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from parkportal.filtering import Choices, Codes, StrictBoolean, StrictFilterSet, visible_parks
from reports.models import Indicator, Scorecard, Target


def visible_indicators(request: Any) -> QuerySet[Indicator]:
    """Indicators that may be named in a filter."""
    return Indicator.objects.all() if request is None else Indicator.objects.visible_to(request.user)


class ValuesField(forms.Field):
    """One or several values of one shape."""

    widget = forms.MultipleHiddenInput
    pattern = r"[0-9]{4}"
    default_error_messages = {"invalid": _("年份写成“2020”的样子，现在是“%(value)s”。")}

    def clean(self, value: list[str] | None) -> list[str]:
        """Return the values without empty ones."""
        found = [text for text in value or [] if text]
        for text in found:
            if not re.fullmatch(self.pattern, text):
                raise ValidationError(self.error_messages["invalid"], "invalid", params={"value": text[:20]})
        return found


class PeriodsField(ValuesField):
    """One or several periods."""

    pattern = r"[0-9]{4}-(0[1-9]|1[0-2]|final)"
    default_error_messages = {"invalid": _("期间写成“2020-09”或“2020-final”的样子，现在是“%(value)s”。")}


class Years(django_filters.Filter):
    """One or several years, by repeating the name."""

    field_class = ValuesField

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class Periods(Years):
    """One or several periods, by repeating the name."""

    field_class = PeriodsField


class IndicatorFilter(StrictFilterSet):
    """Filters of the list of definitions."""

    role = Choices(label=_("性质"), choices=Indicator.Role.choices)
    listed = StrictBoolean(label=_("列入附件1"), field_name="listed")

    class Meta:
        model = Indicator
        fields: list[str] = []


class TargetFilter(StrictFilterSet):
    """Filters of the list of targets."""

    park = Codes(label=_("园区"), queryset=visible_parks)
    indicator = Codes(label=_("指标"), queryset=visible_indicators)
    year = Years(label=_("年度"), field_name="year")
    updated_since = django_filters.NumberFilter(label=_("更新序号大于"), field_name="seq", lookup_expr="gt")

    class Meta:
        model = Target
        fields: list[str] = []


class Statuses(Choices):
    """One or several statuses; `superseded` is no column but a published one that a later revision replaced."""

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        """Rows that stand like that; all where nothing is chosen."""
        if not value:
            return qs
        stands = Q(status__in=value, replaced=False) | (Q(replaced=True) if "superseded" in value else Q(pk__in=()))
        return qs.with_standing().filter(stands)  # type: ignore[attr-defined,no-any-return]


class ScorecardFilter(StrictFilterSet):
    """Filters of the list of scorecards; `superseded` is what a later revision has replaced."""

    STATUSES = (*Scorecard.Status.choices, ("superseded", _("已被取代")))
    park = Codes(label=_("园区"), queryset=visible_parks)
    period = Periods(label=_("期间"), field_name="period")
    status = Statuses(label=_("状态"), choices=STATUSES)

    class Meta:
        model = Scorecard
        fields: list[str] = []
