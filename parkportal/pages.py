"""What the pages of every room share: who may, who acts, and how a filtered list is shown."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, cast

from django.core.exceptions import PermissionDenied
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import ListView
from django.views.generic.base import View

from parkportal.desk import choice_of
from parkportal.filtering import LIST_KEYS, StrictFilterSet
from parkportal.models import Change, ListChoice, User
from parkportal.roles import May
from parkportal.trace import Actor
from parkportal.writing import YUAN_PER_YI, latest, write_money, write_period

PAGE_SIZES = (20, 50, 100, 200)


def actor_of(request: HttpRequest) -> Actor:
    """The person behind a request of a page."""
    return Actor(cast(User, request.user), Change.Door.PAGE, request_id=getattr(request, "request_id", ""))


class MayMixin(View):
    """A view that asks for one grant of the role table; `may_write` is asked for unsafe methods."""

    may: ClassVar[May] = May.READ
    may_write: ClassVar[May | None] = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        needed = self.may if request.method in {"GET", "HEAD", "OPTIONS"} else self.may_write or self.may
        user = cast(User, request.user)
        if not user.may(needed):
            raise PermissionDenied(
                _("你的角色（%(role)s）不能%(what)s。") % {"role": user.get_role_display(), "what": needed.label}
            )
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))


class FilteredList(MayMixin, ListView):  # type: ignore[type-arg]
    """A list whose whole state is its address: filters, order and page, as in REST.

    A wrong address shows its sentences and no rows (status 400), never all rows.
    """

    filterset_class: ClassVar[type[StrictFilterSet]]
    orderings: ClassVar[Sequence[str]] = ()
    default_ordering: ClassVar[str] = ""
    desk: ClassVar[str] = ""
    """The name under which a person keeps how many rows and which columns of the list they want; empty: not at all."""

    @cached_property
    def choice(self) -> ListChoice:
        """How the reader wants the list."""
        user = cast(User, self.request.user)
        return choice_of(user, self.desk) if self.desk else ListChoice(user=user)

    def rows(self) -> QuerySet[Any]:
        """All rows that the reader may see, before the filter."""
        model = cast(type[Model], self.model)
        return cast(QuerySet[Any], model._default_manager.visible_to(self.request.user).kept())  # type: ignore[attr-defined]

    def get_queryset(self) -> QuerySet[Any]:
        self.filterset = self.filterset_class(self.request.GET, queryset=self.rows(), request=self.request)
        self.problems = self.filterset.problems | self._list_problems()
        return self.filterset.qs.order_by(*self._order()) if not self.problems else self.rows().none()

    def _list_problems(self) -> dict[str, list[str]]:
        problems = {}
        ordering = self.request.GET.get("ordering", "")
        if ordering and ordering.removeprefix("-") not in self.orderings:
            sentence = _("不能按“%(value)s”排序。可以用：%(known)s。")
            problems["ordering"] = [sentence % {"value": ordering, "known": "、".join(self.orderings)}]
        if self.request.GET.get("page_size", "50") not in {str(n) for n in PAGE_SIZES}:
            problems["page_size"] = [_("每页行数可选%(known)s。") % {"known": "、".join(map(str, PAGE_SIZES))}]
        page = self.request.GET.get("page", "1")
        if not (page.isascii() and page.isdigit() and len(page) < 7 and int(page)):
            problems["page"] = [_("页码应为正整数，现在是“%(value)s”。") % {"value": page[:20]}]
        return problems

    def _order(self) -> list[Any]:
        name = self.request.GET.get("ordering", "") or self.default_ordering
        field = F(name.removeprefix("-"))
        first = field.desc(nulls_last=True) if name.startswith("-") else field.asc(nulls_last=True)
        return [first, "code"]

    def get_paginate_by(self, queryset: QuerySet[Any]) -> int:
        wanted = self.request.GET.get("page_size") or self.choice.page_size
        return int(wanted) if not self.problems else PAGE_SIZES[0]

    def paginate_queryset(self, queryset: QuerySet[Any], page_size: int) -> Any:
        """A page beyond the last shows the last one: rows may have left the filter meanwhile."""
        paginator = self.get_paginator(queryset, page_size)
        page = paginator.get_page(self.request.GET.get("page", "1") if not self.problems else "1")
        return paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "filterset": self.filterset,
            "problems": self.problems,
            "chips": chips(self.filterset, self.request.GET),
            "ordering": self.request.GET.get("ordering", "") or self.default_ordering,
            "query": self.request.GET,
            "desk": self.desk,
            "page_sizes": PAGE_SIZES,
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        return super().render_to_response(context, status=400 if self.problems else 200, **kwargs)


def chips(filterset: StrictFilterSet, query: QueryDict) -> list[dict[str, str]]:
    """The conditions of an address in words: name, value, and the address without that condition."""
    shown = [key for key in query if key not in LIST_KEYS and key in filterset.filters and any(query.getlist(key))]
    return [_chip(filterset, key, query, shown) for key in shown if _beginning(key) not in shown]


def _chip(filterset: StrictFilterSet, key: str, query: QueryDict, shown: list[str]) -> dict[str, str]:
    """One condition; a range of days is one, and goes with both its ends."""
    end = key.removesuffix("_after") + "_before"
    keys = [key, end] if key.endswith("_after") and end in shown else [key]
    rest = query.copy()
    for gone in (*keys, "page"):
        rest.pop(gone, None)
    label = str(filterset.filters[key].label or key)
    value = _range_in_words(*(query[key] for key in keys)) if len(keys) == 2 else _in_words(filterset, key, query)
    name = label.removesuffix("从") if len(keys) == 2 else label
    return {"key": key, "name": name, "value": value, "url": f"?{rest.urlencode()}"}


def _beginning(key: str) -> str:
    """The other end of a range that this key ends."""
    return key.removesuffix("_before") + "_after" if key.endswith("_before") else ""


def _range_in_words(first: str, last: str) -> str:
    """“2020年1—9月” for whole months from January on, else both days."""
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return _("%(first)s至%(last)s") % {"first": first, "last": last}
    if start == end.replace(month=1, day=1) and end == latest(end, "month"):
        return write_period(end.year, end.month, "full")
    return _("%(first)s至%(last)s") % {"first": first, "last": last}


def _in_words(filterset: StrictFilterSet, key: str, query: QueryDict) -> str:
    """The labels of chosen codes, an amount with its unit, or the value as it was written."""
    chosen = filterset.form.cleaned_data.get(key) if filterset.form.is_valid() else None
    if isinstance(chosen, QuerySet):
        return "、".join(str(row) for row in chosen)
    if isinstance(chosen, int) and filterset.filters[key].lookup_expr in {"gte", "lte"}:
        unit = "亿元" if chosen >= YUAN_PER_YI else "万元"
        return write_money(chosen, unit, 4, strip=True) + unit
    choices = dict(getattr(filterset.form.fields[key], "choices", None) or {}) if chosen is not None else {}
    return "、".join(str(choices.get(value, value)) for value in query.getlist(key))
