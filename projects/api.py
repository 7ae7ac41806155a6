"""Projects, arrived money, talks and group starts in REST."""

from typing import ClassVar

from django.db.models import Max, OuterRef, Subquery
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from parkportal.api.resources import Resource
from parkportal.serializers import number
from projects.filters import EngagementFilter, FundArrivalFilter, GroupStartEntryFilter, ProjectFilter
from projects.models import Engagement, FundArrival, GroupStartEntry, Project
from projects.serializers import (
    DATES,
    EngagementSerializer,
    FundArrivalSerializer,
    GroupStartEntrySerializer,
    ProjectSerializer,
    SummarySerializer,
)
from projects.summary import SUMS, totals

STAMPS = {"id": "code", "created_at": "created_at", "updated_at": "updated_at"}
LATEST_ARRIVAL = Subquery(
    FundArrival.objects.filter(project=OuterRef("pk"))
    .order_by()
    .values("project")
    .annotate(latest=Max("seq"))
    .values("latest")
)
"""The number of the last change of a project's money, which moves its `arrived_funds`."""


class Projects(Resource):
    """The projects of the parks that the caller may read, and those in which such a park holds a share."""

    queryset = Project.objects.none()
    serializer_class = ProjectSerializer
    filterset_class = ProjectFilter
    orderings: ClassVar = STAMPS | {name: name for name in ("name", *DATES, *SUMS)}
    default_ordering = "-signed_on"
    moves_with = ("investor__seq", "company__seq", LATEST_ARRIVAL)
    kin = ("projects.ProjectShare",)

    @extend_schema(responses=SummarySerializer, filters=True)
    @action(detail=False, pagination_class=None)
    def summary(self, request: Request) -> Response:
        """What the selected projects make together; with `park`, by the share of the named parks."""
        rows = self.filter_queryset(self.kept())
        parks = list(self.filterset.form.cleaned_data["park"])
        return Response({name: number(value) for name, value in totals(rows, parks).items()})

    def filters_of_action(self) -> list[str]:
        if self.action != "summary":
            return super().filters_of_action()
        return [name for name in self.filterset_class.base_filters if name != "updated_since"]

    def shape_of_action(self) -> list[str]:
        return ["format"] if self.action == "summary" else super().shape_of_action()


class FundArrivals(Resource):
    """The money that arrived for these projects."""

    queryset = FundArrival.objects.none()
    serializer_class = FundArrivalSerializer
    filterset_class = FundArrivalFilter
    orderings: ClassVar = STAMPS | {name: name for name in ("received_on", "amount", "amount_usd")}
    default_ordering = "-received_on"
    moves_with = ("project__seq",)


class GroupStartEntries(Resource):
    """The projects on the lists of group starts."""

    queryset = GroupStartEntry.objects.none()
    serializer_class = GroupStartEntrySerializer
    filterset_class = GroupStartEntryFilter
    orderings: ClassVar = STAMPS | {"held_on": "group_start__held_on", "planned": "planned"}
    default_ordering = "-held_on"
    moves_with = ("project__seq",)


class Engagements(Resource):
    """The talks with investors."""

    queryset = Engagement.objects.none()
    serializer_class = EngagementSerializer
    filterset_class = EngagementFilter
    orderings: ClassVar = STAMPS | {"held_on": "held_on"}
    default_ordering = "-held_on"
    moves_with = ("project__seq",)
