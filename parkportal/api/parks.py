"""Parks in REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet

from parkportal.api.resources import Resource
from parkportal.models import Park
from parkportal.serializers import ResourceSerializer


class ParkSerializer(ResourceSerializer):
    """A park and from when its ledger is whole."""

    class Meta:
        model = Park
        fields = (
            *("id", "code", "name", "region", "group", "ledger_from", "scorecards_from", "scorecards_until"),
            "is_sample",
        )

    @classmethod
    def with_related(cls, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows.select_related("region")


class Parks(Resource):
    """The parks that the caller may read."""

    queryset = Park.objects.none()
    serializer_class = ParkSerializer
    orderings: ClassVar = {"id": "code", "name": "name"}

    def kept(self) -> QuerySet[Any]:
        return self.visible()
