"""Indicators, targets and scorecards in REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from parkportal.api.resources import Resource
from reports.filters import IndicatorFilter, ScorecardFilter, TargetFilter
from reports.models import Indicator, Scorecard, Target
from reports.serializers import IndicatorSerializer, MembersSerializer, ScorecardSerializer, TargetSerializer


class Indicators(Resource):
    """The definitions of all figures; for every reader."""

    queryset = Indicator.objects.none()
    serializer_class = IndicatorSerializer
    filterset_class = IndicatorFilter
    orderings: ClassVar = {"id": "code", "order": "order", "name": "name"}
    default_ordering = "order"

    def kept(self) -> QuerySet[Any]:
        return self.visible()


class Targets(Resource):
    """The targets of the parks that the caller may read, and of their regions."""

    queryset = Target.objects.none()
    serializer_class = TargetSerializer
    filterset_class = TargetFilter
    orderings: ClassVar = {name: name for name in ("year", "created_at", "updated_at")} | {"id": "code"}
    default_ordering = "-year"

    def kept(self) -> QuerySet[Any]:
        return self.visible().filter(deleted_at__isnull=True)


class Scorecards(Resource):
    """The compiled results of the parks that the caller may read."""

    queryset = Scorecard.objects.none()
    serializer_class = ScorecardSerializer
    filterset_class = ScorecardFilter
    orderings: ClassVar = {"id": "code", "period": "period", "compiled_at": "compiled_at"}
    default_ordering = "-period"

    def kept(self) -> QuerySet[Any]:
        return self.visible()

    @extend_schema(
        parameters=[OpenApiParameter("indicator", str, required=True)], responses=MembersSerializer, filters=False
    )
    @action(detail=True, pagination_class=None)
    def members(self, request: Request, id: str = "") -> Response:  # noqa: A002
        """The rows that were published with one figure, each with what it counted, in code order."""
        card, indicator = get_object_or_404(self.get_queryset(), code=id), request.query_params.get("indicator", "")
        if card.status != Scorecard.Status.PUBLISHED:
            raise ValidationError({"id": [_("这份成绩单还没有定稿，构成见该项的members_url。")]})
        members = card.publication.data["members"].get(indicator)
        if members is None:
            raise ValidationError({"indicator": [_("请用indicator指明这份成绩单里的一个指标。")]})
        return Response({"next": None, "previous": None, "results": members})

    def shape_of_action(self) -> list[str]:
        return ["indicator", "format"] if self.action == "members" else super().shape_of_action()
