"""Indicators, targets and scorecards in REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet

from parkportal.api.resources import Resource
from reports.filters import IndicatorFilter, ScorecardFilter, TargetFilter
from reports.models import Indicator, Scorecard, Target
from reports.serializers import IndicatorSerializer, ScorecardSerializer, TargetSerializer


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
