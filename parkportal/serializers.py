"""What the serializers of every room share: the public id, typed dates, exact numbers, and the choice of fields."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, ClassVar

from django.db import models
from django.utils.timezone import localtime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from parkportal import writing


def number(value: Fraction | int | None, decimals: int | None = None) -> int | float | None:
    """Return an exact number as JSON has it: an integer where whole, else rounded half up to `decimals`, if given."""
    if value is None:
        return None
    value = Fraction(value)
    if value.denominator == 1:
        return int(value)
    return float(value if decimals is None else writing.round_half_up(value, decimals))


class Moment(serializers.DateTimeField):
    """A moment in local time; the renderer writes it."""

    def to_representation(self, value: datetime | None) -> Any:
        return None if value is None else localtime(value)


class Day(serializers.DateField):
    """A day; the renderer writes it, as ISO date or as the date cell of a workbook."""

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(OpenApiTypes.NUMBER)
class Scaled(serializers.Field):
    """A number that is stored as a whole number of its parts, such as hundredths of a 亩."""

    def __init__(self, parts: int, **kwargs: Any) -> None:
        self.parts = parts
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: int) -> int | float | None:
        return number(Fraction(value, self.parts))


class Words(serializers.ListField):
    """A list of short texts."""

    child = serializers.CharField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"read_only": True} | kwargs)


class CodeField(serializers.SlugRelatedField):
    """A row of another table, named by its public code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"slug_field": "code", "read_only": True} | kwargs)


class ResourceSerializer(serializers.ModelSerializer):
    """One resource; `id` is the row's code, and `only` in the context names the fields that were asked for."""

    id = serializers.CharField(source="code", read_only=True)
    serializer_related_field = CodeField
    serializer_field_mapping: ClassVar = serializers.ModelSerializer.serializer_field_mapping | {
        models.DateField: Day,
        models.DateTimeField: Moment,
    }

    @classmethod
    def with_related(cls, rows: "models.QuerySet[Any]") -> "models.QuerySet[Any]":
        """Return the rows together with all that an answer shows of other tables."""
        return rows

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        """Name the row of another table by its code, without offering a choice of rows."""
        return CodeField, {"read_only": True, "allow_null": relation_info.model_field.null}

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        only = self.context.get("only")
        return {name: field for name, field in fields.items() if name in only} if only else fields


def columns_of(serializer: serializers.BaseSerializer) -> list[tuple[str, ...]]:
    """Return the path of each column of a file: a nested object gives one per field, a list is one."""
    paths: list[tuple[str, ...]] = []
    for name, field in serializer.fields.items():
        inner = columns_of(field) if isinstance(field, serializers.Serializer) else [()]
        paths += [(name, *path) for path in inner]
    return paths


def cells_of(paths: Iterable[tuple[str, ...]], row: Mapping[str, Any]) -> list[Any]:
    """Return the values of a row at those paths; None where an object on the way is missing."""
    return [_at(path, row) for path in paths]


def _at(path: tuple[str, ...], row: Any) -> Any:
    for name in path:
        row = row.get(name) if row else None
    return row
