"""Chains, enterprises and listing steps in REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone

from enterprises.filters import EnterpriseFilter, ListingStepFilter
from enterprises.models import Chain, Enterprise, ListingStep
from enterprises.serializers import ChainSerializer, EnterpriseInput, EnterpriseSerializer, ListingStepSerializer
from enterprises.services import enterprise_create, enterprise_update
from parkportal.api.entry import WritableResource
from parkportal.api.resources import Resource
from parkportal.models import Park


class Chains(Resource):
    """The chains that the cities cultivate; for every reader."""

    queryset = Chain.objects.none()
    serializer_class = ChainSerializer
    orderings: ClassVar = {"id": "code", "name": "name"}

    def kept(self) -> QuerySet[Any]:
        return Chain.objects.all()


class Enterprises(WritableResource):
    """The enterprises of the parks that the caller may read."""

    queryset = Enterprise.objects.none()
    serializer_class = EnterpriseSerializer
    input_class = EnterpriseInput
    filterset_class = EnterpriseFilter
    orderings: ClassVar = {name: name for name in ("name", "above_scale_on", "created_at", "updated_at")} | {
        "id": "code"
    }

    def enter(self, park: Park, values: dict[str, Any]) -> Enterprise:
        return enterprise_create(by=self.actor, park=park, on=timezone.localdate(), values=values)

    def change(self, row: Enterprise, values: dict[str, Any], version: int) -> None:
        enterprise_update(by=self.actor, enterprise=row, version=version, values=values)


class ListingSteps(Resource):
    """The steps of these enterprises towards a stock exchange."""

    queryset = ListingStep.objects.none()
    serializer_class = ListingStepSerializer
    filterset_class = ListingStepFilter
    orderings: ClassVar = {name: name for name in ("happened_on", "created_at", "updated_at")} | {"id": "code"}
    default_ordering = "-happened_on"
    moves_with = ("enterprise__seq",)
