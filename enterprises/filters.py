"""How enterprises, chains and listing steps are chosen."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from enterprises.models import Enterprise, ListingStep
from parkportal.filtering import Choices, Codes, Counted, Day, StrictFilterSet, visible_parks


def visible_enterprises(request: Any) -> QuerySet[Enterprise]:
    """Enterprises that may be named in a filter."""
    return Enterprise.objects.all() if request is None else Enterprise.objects.visible_to(request.user)


class EnterpriseFilter(StrictFilterSet):
    """Filters of the enterprise list."""

    BASES = ("above_scale_on",)
    park = Codes(queryset=visible_parks)
    counted = Counted()
    above_scale_on_after = Day(field_name="above_scale_on", lookup_expr="gte")
    above_scale_on_before = Day(field_name="above_scale_on", lookup_expr="lte")
    search = django_filters.CharFilter(field_name="search_text", lookup_expr="icontains")
    updated_since = django_filters.NumberFilter(field_name="seq", lookup_expr="gt")

    class Meta:
        model = Enterprise
        fields: list[str] = []


class ListingStepFilter(StrictFilterSet):
    """Filters of the list of steps towards a stock exchange."""

    BASES = ("happened_on",)
    park = Codes(field_name="enterprise__park", queryset=visible_parks)
    counted = Counted()
    enterprise = Codes(queryset=visible_enterprises)
    board = Choices(choices=ListingStep.Board.choices)
    step = Choices(choices=ListingStep.Step.choices)
    happened_on_after = Day(field_name="happened_on", lookup_expr="gte")
    happened_on_before = Day(field_name="happened_on", lookup_expr="lte")
    updated_since = django_filters.NumberFilter(field_name="seq", lookup_expr="gt")

    class Meta:
        model = ListingStep
        fields: list[str] = []
