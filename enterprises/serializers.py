"""Chains, enterprises and listing steps as REST shows them."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from enterprises.models import Chain, ChainNode, Enterprise, Group, ListingStep
from parkportal.inputs import Parts, RowInput
from parkportal.serializers import CodeField, ResourceSerializer, Scaled, Words


class ChainNodeSerializer(serializers.ModelSerializer):
    """One link of a chain."""

    class Meta:
        model = ChainNode
        fields = ("code", "name", "tier", "state")


class ChainSerializer(ResourceSerializer):
    """A chain with its links, upstream first."""

    nodes = ChainNodeSerializer(many=True, read_only=True)

    class Meta:
        model = Chain
        fields = ("id", "code", "name", "region", "chief", "leading_enterprise", "nodes")

    @classmethod
    def with_related(cls, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows.select_related("region").prefetch_related("nodes")


class GroupSerializer(serializers.ModelSerializer):
    """A corporate group, as an enterprise names it."""

    class Meta:
        model = Group
        fields = ("code", "name")


class EnterpriseSerializer(ResourceSerializer):
    """An enterprise of one park's ledger."""

    group = GroupSerializer(read_only=True, allow_null=True)
    land_area_mu = Scaled(100, allow_null=True)
    sample_fields = Words()

    class Meta:
        model = Enterprise
        fields = (
            *("id", "code", "name", "park", "uscc", "foreign_reg_no", "group", "industry_code", "origin"),
            *("settled_year", "land_area_mu", "above_scale_on", "above_scale_on_precision", "above_scale_route"),
            *("profile", "sample_fields", "created_at", "updated_at", "version"),
        )

    @classmethod
    def with_related(cls, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows.select_related("park", "group")


class InvestorSerializer(serializers.ModelSerializer):
    """The enterprise that signed, as a project names it."""

    class Meta:
        model = Enterprise
        fields = ("code", "name", "origin")


class CompanySerializer(serializers.ModelSerializer):
    """The project company, as a project names it."""

    class Meta:
        model = Enterprise
        fields = ("code", "name", "uscc")


class ListingStepSerializer(ResourceSerializer):
    """One step of an enterprise towards a stock exchange."""

    enterprise = CompanySerializer(read_only=True)
    park = CodeField(source="enterprise.park")

    class Meta:
        model = ListingStep
        fields = (
            *("id", "code", "enterprise", "park", "board", "step", "happened_on", "happened_on_precision"),
            *("document", "created_at", "updated_at", "version"),
        )

    @classmethod
    def with_related(cls, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows.select_related("enterprise__park")


class EnterpriseInput(RowInput):
    """An enterprise as a program enters or changes it."""

    land_area_mu = Parts(100, allow_null=True, required=False)
    past = ("above_scale_on",)

    class Meta:
        model = Enterprise
        fields = (
            *("park", "name", "uscc", "uscc_override_reason", "foreign_reg_no", "group", "industry_code", "origin"),
            *("settled_year", "land_area_mu", "above_scale_on", "above_scale_on_precision", "above_scale_route"),
            "profile",
        )
