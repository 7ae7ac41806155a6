"""Projects, arrived money, talks and group starts in REST."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from parkportal.api.entry import WritableResource
from parkportal.api.renderers import FileRenderer
from parkportal.api.resources import Resource
from parkportal.models import Park
from parkportal.serializers import number
from projects.filters import EngagementFilter, FundArrivalFilter, GroupStartEntryFilter, ProjectFilter
from projects.models import Engagement, FundArrival, GroupStartEntry, Project
from projects.serializers import (
    DATES,
    EngagementInput,
    EngagementSerializer,
    FundArrivalInput,
    FundArrivalSerializer,
    GroupStartEntrySerializer,
    ProjectInput,
    ProjectSerializer,
    SummarySerializer,
)
from projects.services.engagements import engagement_record, engagement_update
from projects.services.funds import fund_arrival_record, fund_arrival_update
from projects.services.pending import waiting
from projects.services.projects import project_create, project_update
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


class Projects(WritableResource):
    """The projects of the parks that the caller may read, and those in which such a park holds a share."""

    queryset = Project.objects.none()
    serializer_class = ProjectSerializer
    input_class = ProjectInput
    filterset_class = ProjectFilter
    orderings: ClassVar = STAMPS | {name: name for name in ("name", *DATES, *SUMS)}
    default_ordering = "-signed_on"
    moves_with = ("investor__seq", "company__seq", LATEST_ARRIVAL)
    kin = ("projects.ProjectShare",)

    def get_queryset(self) -> QuerySet[Any]:
        """A file goes out of the house: secret projects are in it only when it asks for them."""
        rows = super().get_queryset()
        is_file = isinstance(getattr(self.request, "accepted_renderer", None), FileRenderer)
        with_secret = self.request.query_params.get("with_secret") == "true"
        return rows.without_secret() if is_file and not with_secret else rows

    def enter(self, park: Park, values: dict[str, Any]) -> Project:
        values.pop("reason", None)
        return project_create(by=self.actor, park=park, values=values, on=timezone.localdate())

    def change(self, row: Project, values: dict[str, Any], version: int) -> None:
        reason, today = values.pop("reason", ""), timezone.localdate()
        project_update(by=self.actor, project=row, values=values, version=version, on=today, reason=reason)

    def waits(self, row: Project, values: Mapping[str, Any]) -> bool:
        change = waiting(row)
        return change is not None and change.asked_by == self.request.user and not set(change.values).isdisjoint(values)

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


class FundArrivals(WritableResource):
    """The money that arrived for these projects."""

    queryset = FundArrival.objects.none()
    serializer_class = FundArrivalSerializer
    input_class = FundArrivalInput
    filterset_class = FundArrivalFilter
    orderings: ClassVar = STAMPS | {name: name for name in ("received_on", "amount", "amount_usd")}
    default_ordering = "-received_on"
    moves_with = ("project__seq",)

    def park_of(self, row: FundArrival) -> Park:
        return row.project.park

    def enter(self, park: Park, values: dict[str, Any]) -> FundArrival:
        return fund_arrival_record(by=self.actor, project=values.pop("project"), values=values)

    def change(self, row: FundArrival, values: dict[str, Any], version: int) -> None:
        fund_arrival_update(by=self.actor, arrival=row, version=version, values=values)


class GroupStartEntries(Resource):
    """The projects on the lists of group starts."""

    queryset = GroupStartEntry.objects.none()
    serializer_class = GroupStartEntrySerializer
    filterset_class = GroupStartEntryFilter
    orderings: ClassVar = STAMPS | {"held_on": "group_start__held_on", "planned": "planned"}
    default_ordering = "-held_on"
    moves_with = ("project__seq",)


class Engagements(WritableResource):
    """The talks with investors."""

    queryset = Engagement.objects.none()
    serializer_class = EngagementSerializer
    input_class = EngagementInput
    filterset_class = EngagementFilter
    orderings: ClassVar = STAMPS | {"held_on": "held_on"}
    default_ordering = "-held_on"
    moves_with = ("project__seq",)

    def enter(self, park: Park, values: dict[str, Any]) -> Engagement:
        people = [(person["name"], person["post"]) for person in values.pop("participants", [])]
        return engagement_record(by=self.actor, park=park, values=values, participants=people)

    def change(self, row: Engagement, values: dict[str, Any], version: int) -> None:
        known = list(row.participants.values_list("name", "post"))
        sent = values.pop("participants", None)
        people = known if sent is None else [(person["name"], person["post"]) for person in sent]
        engagement_update(by=self.actor, engagement=row, version=version, values=values, participants=people)
