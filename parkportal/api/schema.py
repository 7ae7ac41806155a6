"""What the OpenAPI description says beyond what can be read off the code: parameters, errors, files, tokens."""

from typing import Any, Final

import django_filters
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiFilterExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, build_array_type, build_basic_type, build_parameter_type
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from parkportal.filtering import Choices, StrictBoolean
from parkportal.serializers import ResourceSerializer

ERRORS: Final = {
    "400": "参数有误",
    "401": "没有令牌，或令牌无效",
    "403": "没有权限",
    "404": "没有这条记录，或不在你的权限内",
    "406": "不能按请求的格式回答",
}
ERRORS_OF_WRITING: Final = {
    "409": "已被别人修改；current是现在的值，yours是送来的值",
    "413": "内容太大",
    "415": "内容不是application/json",
    "422": "Idempotency-Key已用于另一个请求",
    "428": "没有说明在哪个版本上修改",
}
ERROR: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["code", "message", "fields"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}


class BearerToken(OpenApiAuthenticationExtension):
    """The tokens of the portal."""

    target_class = "parkportal.api.access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class StrictFilters(OpenApiFilterExtension):
    """The filters of a FilterSet, as the portal's own kinds of filter mean them."""

    target_class = "parkportal.api.resources.StrictFilter"
    priority = 1

    def get_schema_operation_parameters(self, auto_schema: AutoSchema, *args: Any, **kwargs: Any) -> list[Any]:
        view, found = auto_schema.view, []
        for name in view.filters_of_action():
            known = view.filterset_class.base_filters[name]
            options = {"location": "query", "description": str(known.label or ""), "explode": True}
            found.append(build_parameter_type(name=name, schema=schema_of(name, known), **options))
        return found


def schema_of(name: str, known: Any) -> dict[str, Any]:
    """Return what values a filter takes."""
    if name == "updated_since":
        return {"type": "string", "maxLength": 80}
    if isinstance(known, StrictBoolean):
        return {"type": "string", "enum": ["true", "false"]}
    if isinstance(known, Choices):
        return build_array_type({"type": "string", "enum": [code for code, _label in known.extra["choices"]]})
    if isinstance(known, django_filters.DateFilter):
        return {"type": "string", "format": "date"}
    if isinstance(known, django_filters.NumberFilter):
        return {"type": "integer"}
    one = {"type": "string", "maxLength": known.extra.get("max_length") or 100}
    return one if isinstance(known, django_filters.CharFilter) else build_array_type(one)


def parameter(name: str, description: str, **options: Any) -> OpenApiParameter:
    """Return one parameter of the address."""
    return OpenApiParameter(name, options.pop("type", str), description=description, **options)


HEADERS: Final = {
    "create": [
        parameter("Idempotency-Key", "同一个键再次发送同样的请求，不会登记第二次", location=OpenApiParameter.HEADER)
    ],
    "partial_update": [
        parameter("If-Match", "取得这条记录时的ETag；也可以在内容里写version", location=OpenApiParameter.HEADER)
    ],
}
"""Headers of the operations that write."""


class ResourceSchema(AutoSchema):
    """Describes a resource: its shape parameters, its files and the answers that are errors."""

    def is_list(self) -> bool:
        """Whether the operation is the list of a resource."""
        return getattr(self.view, "action", "") == "list"

    def get_tags(self) -> list[str]:
        return [self.path.split("/")[3]]

    def get_summary(self) -> str:
        words = {"list": "列表", "retrieve": "一条", "summary": "合计", "members": "构成"}
        words |= {"create": "登记", "partial_update": "修改"}
        return f"{self.view.queryset.model._meta.verbose_name}{words[self.view.action]}"

    def get_override_parameters(self) -> list[OpenApiParameter]:
        known = self.view.serializer_class().fields
        found = HEADERS.get(self.view.action, [])[:]
        if "fields" in self.view.shape_of_action() or self.is_list():
            found.append(parameter("fields", f"只返回这些字段，用逗号隔开：{', '.join(known)}"))
        if not self.is_list():
            return found
        names = "、".join(self.view.orderings)
        return [
            *found,
            parameter("ordering", f"排序，前加“-”为倒序，可用逗号隔开几个。可用的有：{names}"),
            parameter(
                "page_size", "每页行数，1至1000，默认50", type={"type": "integer", "minimum": 1, "maximum": 1000}
            ),
            parameter("cursor", "上一次返回的next或previous中的位置"),
            parameter("format", "json分页；csv、xlsx、ndjson一次给出全部行", enum=["json", "csv", "xlsx", "ndjson"]),
        ]

    def get_request_serializer(self) -> Any:
        """What may be sent."""
        known = getattr(self.view, "input_class", None)
        return (
            known(context={"user": None}, partial=self.method == "PATCH") if known else super().get_request_serializer()
        )

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        """No field of a resource is required: `fields` chooses."""
        schema = super()._map_basic_serializer(serializer, direction)
        if isinstance(serializer, ResourceSerializer):
            schema.pop("required", None)
        return schema

    def _get_paginator(self) -> Any:
        paginator = super()._get_paginator()
        if paginator is not None:
            paginator.tells_changes = self.view.can_tell_changes()
        return paginator

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        component = ResolvedComponent(name="Error", type=ResolvedComponent.SCHEMA, schema=ERROR, object="Error")
        self.registry.register_on_missing(component)
        if self.method == "PATCH" and "200" in bodies:
            bodies["202"] = bodies["200"] | {"description": "修改待审核，内容仍是原值"}
        writes = self.method in {"POST", "PATCH"}
        for status, meaning in (ERRORS | (ERRORS_OF_WRITING if writes else {})).items():
            if status != "404" or "{" in self.path:
                bodies[status] = {"description": meaning, "content": {"application/json": {"schema": component.ref}}}
        return bodies

    def _get_response_for_code(self, serializer: Any, status_code: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        answer = super()._get_response_for_code(serializer, status_code, *args, **kwargs)
        for media_type, content in answer.get("content", {}).items():
            if media_type != "application/json":
                content["schema"] = build_basic_type(OpenApiTypes.BINARY)
        return answer
