"""Projects, arrived money, talks and group starts as REST shows them."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from enterprises.serializers import CompanySerializer, InvestorSerializer
from parkportal.inputs import OwnRow, Parts, RowInput, Text
from parkportal.models import User
from parkportal.serializers import CodeField, Day, ResourceSerializer, Scaled, Words
from projects.models import Engagement, FundArrival, GroupStart, GroupStartEntry, Participant, Project, ProjectShare
from projects.services.entry import COUNTED_FIELDS, OPEN_FIELDS
from projects.services.funds import arrival_problems
from projects.summary import with_arrived_funds

DATES = (
    *("ceremony_on", "signed_on", "recognised_on", "terminated_on", "registered_on", "settle_started_on"),
    *("moved_in_on", "started_on", "completed_on", "in_production_on", "full_capacity_on"),
    *("planned_start_on", "planned_production_on"),
)
"""The dates of a project, in the order of its life."""


def _with_precisions(*names: str) -> list[str]:
    return [name for date in names for name in (date, f"{date}_precision")]


class ShareSerializer(serializers.ModelSerializer):
    """What part of a project a park is credited with, in basis points."""

    park = CodeField()

    class Meta:
        model = ProjectShare
        fields = ("park", "count_bp", "amount_bp")


class ProjectSerializer(ResourceSerializer):
    """A project; amounts in whole yuan, land in 亩."""

    investor = InvestorSerializer(read_only=True, allow_null=True)
    company = CompanySerializer(read_only=True, allow_null=True)
    land_area_mu = Scaled(100, allow_null=True)
    arrived_funds = serializers.IntegerField(read_only=True, help_text="已核实的到位资金（元）")
    above_scale_on = Day(source="company.above_scale_on", read_only=True, allow_null=True, default=None)
    above_scale_on_precision = serializers.CharField(
        source="company.above_scale_on_precision", read_only=True, allow_null=True, default=None
    )
    owner = serializers.SlugRelatedField(slug_field="username", read_only=True, allow_null=True)
    shares = ShareSerializer(many=True, read_only=True)
    tags = Words()
    sample_fields = Words()

    class Meta:
        model = Project
        fields = (
            *("id", "code", "name", "park", "investor", "company", "chain", "chain_node", "chain_action", "category"),
            *("kind", "contract_type", "stage", "status", "review_state"),
            *_with_precisions(*DATES[:2]),
            *("recognition_level", *_with_precisions(*DATES[2:])),
            *("total_investment", "total_investment_qualifier", "fixed_asset_investment", "contracted_capital"),
            *("annual_planned_investment", "completed_investment", "expected_annual_output", "expected_annual_tax"),
            *("expected_jobs", "expected_jobs_qualifier", "land_area_mu", "workshop_area_sqm"),
            *("workshop_area_qualifier", "arrived_funds", "fortune_global_500"),
            *_with_precisions("above_scale_on"),
            *("industry_code", "construction_nature", "land_use_mode", "site", "content", "progress", "problem"),
            *("next_step", "lead_official", "responsible_unit", "owner", "shares", "confidentiality", "tags"),
            *("sample_fields", "parent", "note", "created_at", "updated_at", "version"),
        )

    @classmethod
    def with_related(cls, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        related = rows.select_related("park", "investor", "company", "chain", "chain_node", "owner", "parent")
        return with_arrived_funds(related.prefetch_related("shares__park"))


class FundArrivalSerializer(ResourceSerializer):
    """Money that arrived for a project; the rate in yuan per dollar."""

    park = CodeField(source="project.park")
    rate = Scaled(1_000_000, allow_null=True)
    sample_fields = Words()

    class Meta:
        model = FundArrival
        fields = (
            *("id", "code", "project", "park", "received_on", "received_on_precision", "amount", "amount_usd", "rate"),
            *("origin_tier", "fdi_scope", "verified", "proof", "sample_fields", "created_at", "updated_at", "version"),
        )

    @classmethod
    def with_related(cls, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows.select_related("project__park")


class GroupStartSerializer(serializers.ModelSerializer):
    """A group start, as its entries name it."""

    held_on = Day(read_only=True)

    class Meta:
        model = GroupStart
        fields = ("code", "name", "level", "held_on", "held_on_precision", "sequence", "city_total")


class GroupStartEntrySerializer(ResourceSerializer):
    """A project on the list of a group start."""

    park = CodeField(source="project.park")
    group_start = GroupStartSerializer(read_only=True)

    class Meta:
        model = GroupStartEntry
        fields = ("id", "code", "project", "park", "group_start", "planned", "created_at", "updated_at", "version")

    @classmethod
    def with_related(cls, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows.select_related("project__park", "group_start")


class ParticipantSerializer(serializers.ModelSerializer):
    """A person at a talk, with the post held at the time."""

    class Meta:
        model = Participant
        fields = ("name", "post")


class EngagementSerializer(ResourceSerializer):
    """A talk with an investor."""

    participants = ParticipantSerializer(many=True, read_only=True)

    class Meta:
        model = Engagement
        fields = (
            *("id", "code", "park", "project", "enterprise", "mode", "title", "held_on", "held_on_precision", "until"),
            *("place", "summary", "participants", "created_at", "updated_at", "version"),
        )

    @classmethod
    def with_related(cls, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows.select_related("park", "project", "enterprise").prefetch_related("participants")


class SummarySerializer(serializers.Serializer):
    """What the projects that a filter selects make together: sums in yuan, by the share of the named parks."""

    count = serializers.FloatField(help_text="项目个数")
    total_investment = serializers.FloatField(help_text="总投资（元）")
    expected_annual_output = serializers.FloatField(help_text="预计年产值（元）")
    expected_annual_tax = serializers.FloatField(help_text="预计年税收（元）")
    expected_jobs = serializers.FloatField(help_text="预计就业（人）")
    arrived_funds = serializers.FloatField(help_text="已核实的到位资金（元）")


WRITTEN = tuple(field.name for field in Project._meta.concrete_fields if field.name in COUNTED_FIELDS | OPEN_FIELDS)
"""The columns of a project that are typed, in their order."""


class ProjectInput(RowInput):
    """A project as a program enters or changes it; it is a draft until people have submitted and verified it."""

    land_area_mu = Parts(100, allow_null=True, required=False)
    owner = OwnRow(slug_field="username", queryset=User.objects.filter(is_active=True), allow_null=True, required=False)
    tags = serializers.ListField(child=Text(max_length=30), max_length=20, required=False)
    reason = Text(max_length=300, required=False, help_text="进度跳步或退回的原因")

    class Meta:
        model = Project
        fields = ("park", *WRITTEN, "reason")


class FundArrivalInput(RowInput):
    """Money that arrived, as a program enters it; it counts once somebody has verified it."""

    rate = Parts(1_000_000, allow_null=True, required=False)
    past = ("received_on",)

    class Meta:
        model = FundArrival
        fields = (
            *("project", "received_on", "received_on_precision", "amount", "amount_usd", "rate"),
            *("origin_tier", "fdi_scope", "proof"),
        )

    park = None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        names = ("amount", "amount_usd", "origin_tier", "fdi_scope")
        whole = {name: attrs.get(name, getattr(self.instance, name, None)) for name in names}
        if problems := arrival_problems(whole):
            raise serializers.ValidationError(problems)
        return attrs


class ParticipantInput(serializers.ModelSerializer):
    """A person at a talk."""

    name = Text(max_length=30)
    post = Text(max_length=60, required=False, allow_blank=True, default="")

    class Meta:
        model = Participant
        fields = ("name", "post")


class EngagementInput(RowInput):
    """A talk, as a program enters it."""

    participants = ParticipantInput(many=True, required=False)
    past = ("held_on",)

    class Meta:
        model = Engagement
        fields = (
            *("park", "project", "enterprise", "mode", "title", "held_on", "held_on_precision", "until"),
            *("place", "summary", "participants"),
        )
