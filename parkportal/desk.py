"""What a person arranges for themselves: columns and rows of a list, usual filters, and what was opened last.

None of it is told in the trace: it is nobody else's, and no figure depends on it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

from django.db.models import Model
from django.http import QueryDict

from parkportal import trace
from parkportal.filtering import LIST_KEYS
from parkportal.models import ListChoice, SavedFilter, User, Visit

KEPT_VISITS: Final = 30
PASSING: Final = LIST_KEYS - {"ordering"} | {"filter"}
"""Keys of an address that are not kept under a name."""


def choice_of(user: User, page: str) -> ListChoice:
    """How a person wants a list; a row that is not stored for one who never said."""
    return ListChoice.objects.filter(user=user, page=page).first() or ListChoice(user=user, page=page)


def list_choose(*, user: User, page: str, **wanted: Any) -> ListChoice:
    """Keep the columns or the page size of a list."""
    choice, _made = ListChoice.objects.update_or_create(user=user, page=page, defaults=wanted)
    return choice


def filter_query(address: str) -> str:
    """The conditions and the order of an address, without what only shapes the page."""
    query = QueryDict(address, mutable=True)
    for key in [key for key in query if key in PASSING or not any(query.getlist(key))]:
        del query[key]
    return query.urlencode()


def filter_keep(*, user: User, saved: SavedFilter) -> SavedFilter:
    """Store a filter for a person; a new one gets its code and the last place."""
    if saved.pk is None:
        saved.user, saved.code = user, f"filter-{trace.next_number('filter')}"
    saved.save()
    return saved


def filter_move(*, saved: SavedFilter, up: bool) -> None:
    """Move a filter one place among those of its person and page."""
    rows = list(SavedFilter.objects.filter(user=saved.user_id, page=saved.page))
    here = next(n for n, row in enumerate(rows) if row.pk == saved.pk)
    there = min(max(here + (-1 if up else 1), 0), len(rows) - 1)
    rows.insert(there, rows.pop(here))
    for place, row in enumerate(rows, 1):
        SavedFilter.objects.filter(pk=row.pk).update(order=place)


def visit_note(*, user: User, row: Any, at: datetime) -> None:
    """Remember that a person opened a row; only the newest are kept."""
    key = {"user": user, "object_type": row._meta.label, "object_code": row.code}
    Visit.objects.update_or_create(**key, defaults={"at": at})
    kept = Visit.objects.filter(user=user).values_list("pk", flat=True)[:KEPT_VISITS]
    Visit.objects.filter(user=user).exclude(pk__in=list(kept)).delete()


def visited(user: User, models: Sequence[type[Model]], most: int = 12) -> list[Any]:
    """The rows that a person opened last and may still see, newest first: one query for each kind."""
    visits = list(Visit.objects.filter(user=user)[:KEPT_VISITS])
    found: dict[tuple[str, str], Any] = {}
    for model in models:
        label, rows = model._meta.label, cast(Any, model._default_manager)
        codes = [visit.object_code for visit in visits if visit.object_type == label]
        if codes:
            found |= {(label, row.code): row for row in rows.visible_to(user).kept().filter(code__in=codes)}
    keys = [(visit.object_type, visit.object_code) for visit in visits]
    return [found[key] for key in keys if key in found][:most]
