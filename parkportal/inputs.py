"""What may be sent through REST to make or change a row: known names only, exact values, rows of one's own park."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Final

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as Refused
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from parkportal.models import Park
from parkportal.writing import clean_text, earliest

ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Text(serializers.CharField):
    """A text without what cannot be seen; a number is no text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(_("应为文字。"))
        return super().to_internal_value(clean_text(data))


class Whole(serializers.IntegerField):
    """A whole number as JSON writes it; neither “1_000” nor “１０００”, which Python would take."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError(_("应为整数，不带引号、单位和千分位。"))
        return int(super().to_internal_value(data))


@extend_schema_field(OpenApiTypes.NUMBER)
class Parts(serializers.Field):
    """A number that is stored as a whole number of its parts, such as hundredths of a 亩."""

    def __init__(self, parts: int, **kwargs: Any) -> None:
        self.parts = parts
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        try:
            scaled = Decimal(str(data)) * self.parts if type(data) in {int, float} else None
        except InvalidOperation:
            scaled = None
        if scaled is None or not scaled.is_finite() or scaled != scaled.to_integral_value() or not 0 <= scaled < 2**62:
            decimals = len(str(self.parts)) - 1
            raise serializers.ValidationError(_("应为不小于0的数，小数最多%(decimals)s位。") % {"decimals": decimals})
        return int(scaled)


class IsoDay(serializers.DateField):
    """A date in ISO 8601."""

    def to_internal_value(self, value: Any) -> date:
        try:
            if isinstance(value, str) and ISO.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise serializers.ValidationError(_("日期应写成“2020-07-10”的样子。"))


class OwnRow(serializers.SlugRelatedField):
    """A row that the writer may name, by its public code: of the own park where rows belong to parks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"slug_field": "code"} | kwargs)

    def to_internal_value(self, data: Any) -> Any:
        found = self.get_queryset().filter(**{str(self.slug_field): data}).first() if isinstance(data, str) else None
        if found is None:
            sentence = _("没有编号为“%(code)s”的记录，或不在你的权限内。")
            raise serializers.ValidationError(sentence % {"code": str(data)[:40]})
        return found

    def get_queryset(self) -> Any:
        rows, user = super().get_queryset(), self.context["user"]
        names = {field.name for field in rows.model._meta.fields}
        rows = rows.visible_to(user) if hasattr(rows, "visible_to") else rows
        rows = rows.kept() if hasattr(rows, "kept") else rows
        return rows.filter(park=user.park) if "park" in names else rows


class RowInput(serializers.ModelSerializer):
    """The base: names that are not listed are refused, and a date is kept as the earliest day of its precision."""

    park = OwnRow(queryset=Park.objects.all(), required=False)
    serializer_related_field = OwnRow
    serializer_field_mapping: ClassVar = serializers.ModelSerializer.serializer_field_mapping | {
        models.CharField: Text,
        models.TextField: Text,
        models.DateField: IsoDay,
        models.PositiveBigIntegerField: Whole,
        models.PositiveIntegerField: Whole,
        models.PositiveSmallIntegerField: Whole,
    }
    past: ClassVar[tuple[str, ...]] = ()
    """Dates that cannot lie after today."""

    def get_validators(self) -> list[Any]:
        return []

    def to_internal_value(self, data: Mapping[str, Any]) -> Any:
        surplus = [name for name in data if name not in self.fields]
        if surplus:
            sentence = _("没有名为“%(key)s”的字段，或它不能这样写入。可以写入：%(known)s。")
            known = "、".join(self.fields)
            raise serializers.ValidationError(
                {name: [sentence % {"key": str(name)[:40], "known": known}] for name in surplus}
            )
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        park = attrs.get("park")
        if park is not None and park != self.context["user"].park:
            raise serializers.ValidationError({"park": [_("只能填报本园区的数据。")]})
        for name in [name for name in self.fields if name.endswith("_on") and f"{name}_precision" in self.fields]:
            self._settle(attrs, name)
        self._refuse_future(attrs)
        self._refuse_as_row(attrs)
        return attrs

    def _settle(self, attrs: dict[str, Any], name: str) -> None:
        exactness = f"{name}_precision"
        if name not in attrs and exactness not in attrs:
            return
        day = attrs[name] if name in attrs else getattr(self.instance, name, None)
        precision = attrs.get(exactness, "day" if name in attrs else getattr(self.instance, exactness, "day"))
        attrs[name], attrs[exactness] = (earliest(day, precision), precision) if day else (None, "day")

    def _refuse_future(self, attrs: Mapping[str, Any]) -> None:
        today = timezone.localdate()
        late = [name for name in self.past if attrs.get(name) and attrs[name] > today]
        if late:
            raise serializers.ValidationError(
                {name: [_("不能晚于今天%(today)s。") % {"today": today}] for name in late}
            )

    def _refuse_as_row(self, attrs: Mapping[str, Any]) -> None:
        """What the table itself refuses, said by column."""
        columns = {field.name: field for field in self.Meta.model._meta.concrete_fields}
        row = self.Meta.model(**{name: getattr(self.instance, name) for name in columns} if self.instance else {})
        row._state.adding = self.instance is None
        if self.instance is None and "park" in columns:
            row.park = self.context["user"].park
        for name in columns.keys() & attrs.keys():
            setattr(row, name, attrs[name])
        try:
            row.validate_constraints()
        except Refused as refused:
            messages = refused.message_dict
            general = messages.pop(NON_FIELD_ERRORS, [])
            raise serializers.ValidationError(
                messages | ({"non_field_errors": general} if general else {})
            ) from refused
