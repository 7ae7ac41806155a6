"""How enterprises, chains and listing steps are chosen."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise, ListingStep
from parkportal.filtering import Choices, Codes, Counted, Day, StrictFilterSet, visible_parks


def visible_enterprises(request: Any) -> QuerySet[Enterprise]:
    """Enterprises that may be named in a filter."""
    return Enterprise.objects.all() if request is None else Enterprise.objects.visible_to(request.user)


class EnterpriseFilter(StrictFilterSet):
    """Filters of the enterprise list."""

    BASES = ("above_scale_on",)
    park = Codes(label=_("园区"), queryset=visible_parks)
    counted = Counted()
    above_scale_on_after = Day(label=_("升规时间从"), field_name="above_scale_on", lookup_expr="gte")
    above_scale_on_before = Day(label=_("升规时间到"), field_name="above_scale_on", lookup_expr="lte")
    search = django_filters.CharFilter(
        label=_("搜索"), field_name="search_text", lookup_expr="icontains", max_length=100
    )
    updated_since = django_filters.NumberFilter(label=_("更新序号大于"), field_name="seq", lookup_expr="gt")

    class Meta:
        model = Enterprise
        fields: list[str] = []


class ListingStepFilter(StrictFilterSet):
    """Filters of the list of steps towards a stock exchange."""

    BASES = ("happened_on",)
    park = Codes(label=_("园区"), field_name="enterprise__park", queryset=visible_parks)
    counted = Counted()
    enterprise = Codes(label=_("企业"), queryset=visible_enterprises)
    board = Choices(label=_("板块"), choices=ListingStep.Board.choices)
    step = Choices(label=_("步骤"), choices=ListingStep.Step.choices)
    happened_on_after = Day(label=_("日期从"), field_name="happened_on", lookup_expr="gte")
    happened_on_before = Day(label=_("日期到"), field_name="happened_on", lookup_expr="lte")
    updated_since = django_filters.NumberFilter(label=_("更新序号大于"), field_name="seq", lookup_expr="gt")

    class Meta:
        model = ListingStep
        fields: list[str] = []
