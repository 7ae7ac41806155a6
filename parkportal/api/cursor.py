"""Pages of a list that stay steady while rows come and go: each begins after the last row of the one before.

A page is found by the values that its neighbour ended with, never by a number, so nothing is shown twice or left out.
Empty values come last in either direction, and the code, which is unique, decides between equal ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core import signing
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

PAGE_SIZE: Final = 50
MOST_ROWS: Final = 1_000
TIE_BREAKER: Final = "code"
TOMBSTONE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "deleted_at"],
    "properties": {"id": {"type": "string"}, "deleted_at": {"type": "string", "format": "date-time"}},
    "additionalProperties": False,
}
"""A row that is gone, as the description of a pull has it."""


@dataclass(frozen=True)
class Key:
    """One column of an order, as ORM path."""

    path: str
    descending: bool = False

    def order(self, *, backwards: bool) -> OrderBy:
        """Return the order of the database; empty values last, so first when walking backwards."""
        if self.descending != backwards:
            return F(self.path).desc(nulls_first=backwards or None, nulls_last=not backwards or None)
        return F(self.path).asc(nulls_first=backwards or None, nulls_last=not backwards or None)

    def of(self, row: Model) -> Any:
        """Return the row's value as the cursor keeps it."""
        value: Any = row
        for name in self.path.split("__"):
            value = getattr(value, name, None)
        return value.isoformat() if isinstance(value, date) else value

    def same(self, value: Any) -> Q:
        """Return the condition of rows that have this value."""
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def beyond(self, value: Any, *, backwards: bool) -> Q:
        """Return the condition of rows that come after this value, or before it when walking backwards."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if backwards else Q(pk__in=[])
        look_up = "lt" if self.descending != backwards else "gt"
        further = Q(**{f"{self.path}__{look_up}": value})
        return further if backwards else further | Q(**{f"{self.path}__isnull": True})


def beyond(keys: Sequence[Key], values: Sequence[Any], *, backwards: bool) -> Q:
    """Return the condition of rows that come after (before) the one with these values, key by key."""
    found, same = Q(pk__in=[]), Q()
    for key, value in zip(keys, values, strict=True):
        found |= same & key.beyond(value, backwards=backwards)
        same &= key.same(value)
    return found


def size_of(query: Mapping[str, str]) -> int:
    """Return how many rows a page shows; ValidationError for anything but a number from 1 to 1,000."""
    text = query.get("page_size") or str(PAGE_SIZE)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST_ROWS):
        sentence = _("每页行数应为1至%(most)s的整数，现在是“%(value)s”。")
        raise ValidationError({"page_size": [sentence % {"most": MOST_ROWS, "value": text[:20]}]})
    return int(text)


def order_of(query: Mapping[str, str], view: Any) -> list[Key]:
    """Return the keys of the order that was asked for; ValidationError for a name that the list does not offer."""
    known: Mapping[str, str] = view.orderings
    names = (query.get("ordering") or view.default_ordering).split(",")
    unknown = [name for name in names if name.removeprefix("-") not in known]
    if unknown:
        sentence = _("不能按“%(value)s”排序。可以用：%(known)s。")
        values = {"value": unknown[0][:40], "known": "、".join(known)}
        raise ValidationError({"ordering": [sentence % values]})
    found: dict[str, Key] = {}
    for name in names:
        key = Key(known[name.removeprefix("-")], name.startswith("-"))
        found.setdefault(key.path, key)
    found.setdefault(TIE_BREAKER, Key(TIE_BREAKER))
    return list(found.values())


class SteadyCursor(BasePagination):
    """Cursor pages for any view with `orderings` (name → ORM path) and a `default_ordering`."""

    tells_changes = False
    """Whether the description speaks of tombstones and of the cursor of a pull."""

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        self.request, self.salt = request, f"cursor {type(view).__name__}"
        size, self.keys = size_of(request.query_params), order_of(request.query_params, view)
        backwards, values = self._position(request.query_params.get("cursor"))
        if values is not None:
            queryset = queryset.filter(beyond(self.keys, values, backwards=backwards))
        found = list(queryset.order_by(*(key.order(backwards=backwards) for key in self.keys))[: size + 1])
        rows, more = found[:size], len(found) > size
        self.rows = rows[::-1] if backwards else rows
        self.has_next = backwards or more
        self.has_previous = more if backwards else values is not None
        return self.rows

    def _position(self, cursor: str | None) -> tuple[bool, list[Any] | None]:
        """Return the direction of a cursor and the values from which it goes on; ValidationError for a foreign one."""
        if not cursor:
            return False, None
        try:
            order, backwards, values = signing.loads(cursor, salt=self.salt)
        except (signing.BadSignature, ValueError):
            order = None
        if order != self._order():
            raise ValidationError({"cursor": [_("cursor无效，或不属于这个列表和排序。请从第一页重新开始。")]})
        return backwards, values

    def _order(self) -> list[str]:
        return [f"-{key.path}" if key.descending else key.path for key in self.keys]

    def get_paginated_response(self, data: Any) -> Response:
        next_url = self._link(self.rows[-1], backwards=False) if self.rows and self.has_next else None
        previous = self._link(self.rows[0], backwards=True) if self.rows and self.has_previous else None
        return Response({"next": next_url, "previous": previous, "results": data})

    def _link(self, row: Model, *, backwards: bool) -> str:
        position = [self._order(), backwards, [key.of(row) for key in self.keys]]
        return link_to(self.request, cursor=signing.dumps(position, salt=self.salt))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        parts = {"next": link, "previous": link, "results": schema}
        if self.tells_changes:
            told = {"type": "array", "items": {"anyOf": [schema["items"], TOMBSTONE]}}
            parts |= {"results": told, "cursor": {"type": "string"}}
        return {"type": "object", "required": ["next", "previous", "results"], "properties": parts}


def link_to(request: Request, **changed: str) -> str:
    """Return the address of this request with some of its parameters changed."""
    query = request.query_params.copy()
    for name, value in changed.items():
        query[name] = value
    return str(request.build_absolute_uri(f"{request.path}?{query.urlencode()}"))
