"""More volume than rows written one by one allow: seeded rows again and again, with other codes, days and amounts."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection, models

from enterprises.models import Chain, Enterprise
from projects.models import FundArrival, Project, ProjectShare

STEP: Final = 29
"""Days by which each copy is later within its year, so that copies fall into other months."""
MORE: Final = 1_000_000
"""Yuan by which each copy is larger."""
COPIED: Final[tuple[Any, ...]] = (Enterprise, Project, ProjectShare, FundArrival)


def multiply(times: int) -> None:
    """Copy every enterprise and project, with its shares and money, `times` − 1 times, by one statement for a table."""
    tops = {model: model.objects.aggregate(top=models.Max("pk"))["top"] for model in COPIED}
    chains = ", ".join(str(pk) for pk in Chain.objects.order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for copy in range(1, times):
            for model in COPIED:
                cursor.execute(_statement(model, copy, tops, f"ARRAY[{chains}]::bigint[]"))
        cursor.execute("ANALYZE")


def _statement(model: Any, copy: int, tops: Mapping[Any, int], chains: str) -> str:
    fields = model._meta.concrete_fields
    columns = ", ".join(field.column for field in fields)
    values = ", ".join(_value(field, copy, tops, chains) for field in fields)
    table = model._meta.db_table
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE id <= {tops[model]}"  # noqa: S608


def _value(field: Any, copy: int, tops: Mapping[Any, int], chains: str) -> str:
    column = field.column
    if field.primary_key or field.related_model in tops:
        return f"{column} + {tops[field.related_model or field.model] * copy}"
    if field.related_model is Chain:
        return f"({chains})[1 + (array_position({chains}, {column}) - 1 + {copy}) % cardinality({chains})]"
    if field.name == "code":
        return f"{column} || '-{tops[field.model]}-{copy}'"
    if field.name == "total_investment":
        return f"{column} + {MORE * copy}"
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        day = f"(extract(doy FROM {column})::int - 1 + {STEP * copy}) % 365"
        return f"make_date(extract(year FROM {column})::int, 1, 1) + {day}"
    return str(column)
