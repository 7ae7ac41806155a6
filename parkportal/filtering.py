"""How lists are filtered: one strict FilterSet per resource serves page, REST, export and indicator.

django-filter returns every row for an invalid value and ignores an unknown key. A figure that somebody is judged by
cannot rest on that: here both are errors with a sentence, and an invalid filter selects nothing.
"""

import re
from collections.abc import Callable
from typing import Any, ClassVar, cast

import django_filters
from django import forms
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.models import Park, SavedFilter, User

LIST_KEYS = frozenset(
    {"page", "page_size", "ordering", "fields", "cursor", "format", "figure", "period", "version", "columns"}
)
"""Keys of an address that shape a list without choosing its rows."""


class StrictBoolean(django_filters.ChoiceFilter):
    """A yes or no that is written `true` or `false` and nothing else."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("true", gettext_lazy("是")), ("false", gettext_lazy("否"))]
        errors = {"invalid_choice": gettext_lazy("只能填true或false，现在是“%(value)s”。")}
        super().__init__(choices=choices, empty_label=None, error_messages=errors, **kwargs)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs if value in (None, "") else qs.filter(**{str(self.field_name): value == "true"})


class Choices(django_filters.MultipleChoiceFilter):
    """One or several codes, by repeating the name."""

    def __init__(self, **kwargs: Any) -> None:
        errors = {"invalid_choice": gettext_lazy("没有“%(value)s”这个选项。")}
        defaults: dict[str, Any] = {"null_label": None, "distinct": False, "error_messages": errors}
        super().__init__(**defaults | kwargs)


class CodeField(django_filters.fields.ModelMultipleChoiceField):
    """Chosen rows by their public code."""

    default_error_messages = {"invalid_choice": gettext_lazy("没有代码为“%(value)s”的选项，或不在你的权限内。")}

    def clean(self, value: Any) -> Any:
        """An empty value, as a form sends it, is no condition."""
        return super().clean([code for code in value or [] if code])


class Codes(django_filters.ModelMultipleChoiceFilter):
    """Rows of another table, named by their public codes."""

    field_class = CodeField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(to_field_name="code", distinct=False, **kwargs)

    def get_filter_predicate(self, v: Any) -> dict[str, Any]:
        """The row itself: django-filter would compare its code with a primary key."""
        return {str(self.field_name): v}


class EndField(forms.DateField):
    """The last day of a period, as ISO date."""

    default_error_messages = {"invalid": gettext_lazy("日期写成“2020-09-30”的样子。")}
    input_formats = ["%Y-%m-%d"]


class Day(django_filters.DateFilter):
    """A day as ISO date."""

    field_class = EndField


class Counted(Day):
    """Only rows that count at the end of a period; `how` names the queryset method."""

    def __init__(self, how: str = "counted", **kwargs: Any) -> None:
        self.how = how
        super().__init__(label=gettext_lazy("计入截至"), **kwargs)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return getattr(qs, self.how)(value) if value else qs


class WholeField(forms.IntegerField):
    """A whole number in plain figures; Python would also read 1_000 and full-width ones."""

    def to_python(self, value: Any) -> int | None:
        if value and not re.fullmatch(r"\s*-?[0-9]+\s*", str(value)):
            raise forms.ValidationError(self.error_messages["invalid"], "invalid")
        return super().to_python(value)


class Number(django_filters.NumberFilter):
    """A whole number, such as an amount in yuan."""

    field_class = WholeField  # type: ignore[assignment]

    def get_max_validator(self) -> None:
        """Any size: what is too large selects nothing."""
        return


def visible_parks(request: Any) -> QuerySet[Park]:
    """The parks that may be named in a filter: those the reader sees; all of them when the compiler filters."""
    return Park.objects.all() if request is None else Park.objects.visible_to(request.user)


def saved_filters(page: str) -> Callable[[Any], QuerySet[SavedFilter]]:
    """The usual filters that the address of a list may name: the reader's own and those that colleagues share."""

    def rows(request: Any) -> QuerySet[SavedFilter]:
        user = getattr(request, "user", None)
        return SavedFilter.objects.visible_to(user).filter(page=page) if user else SavedFilter.objects.none()

    return rows


class Saved(django_filters.ModelChoiceFilter):
    """What somebody keeps under a name (常用筛选), by its code: the same rows on a page and in REST."""

    def __init__(self, page: str) -> None:
        errors = {"invalid_choice": gettext_lazy("没有编号为“%(value)s”的常用筛选，或同事没有共用。")}
        options: dict[str, Any] = {"to_field_name": "code", "error_messages": errors}
        super().__init__(label=gettext_lazy("常用筛选"), queryset=cast(Any, saved_filters(page)), **options)

    def filter(self, qs: QuerySet[Any], value: SavedFilter | None) -> QuerySet[Any]:
        """The rows of the kept address; none where it no longer holds, such as after a colleague has left."""
        if not value:
            return qs
        parent: StrictFilterSet = self.parent  # type: ignore[attr-defined]
        return type(parent)(QueryDict(value.query), queryset=qs, request=parent.request).qs


class Conditions:
    """Takes the calls that filters make on a queryset and keeps what they ask for as one condition."""

    def __init__(self, model: type[Model]) -> None:
        self.model, self.q = model, Q()

    def filter(self, *args: Q, **kwargs: Any) -> "Conditions":
        """Both what was asked for before and this."""
        self.q &= Q(*args, **kwargs)
        return self

    def __getattr__(self, name: str) -> Callable[..., "Conditions"]:
        """A method of the model's own queryset: the rows that it selects."""
        method = getattr(self.model._default_manager.all(), name)
        return lambda *args: self.filter(pk__in=method(*args).order_by().values("pk"))


class StrictFilterSet(django_filters.FilterSet):
    """A FilterSet that refuses unknown keys and selects nothing when a value is invalid."""

    BASES: tuple[str, ...] = ()
    """Dates that can book a row; each has the filters `X_after` and `X_before`, both ends included."""
    UNKEPT: ClassVar = frozenset({"park", "counted", "signed_ever", "search", "updated_since", "with_secret"})
    """Filters that depend on the period, the day or the reader, so that no indicator keeps them."""

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(QueryDict() if data is None else data, *args, **kwargs)

    @property
    def unknown(self) -> list[str]:
        """Keys of the address that no filter knows."""
        return sorted(set(self.data or ()) - set(self.filters) - LIST_KEYS)

    def is_valid(self) -> bool:
        return not self.unknown and super().is_valid()

    @property
    def problems(self) -> dict[str, list[str]]:
        """Sentences by filter name, for everything that is wrong with the address."""
        known = _("没有名为“%(key)s”的筛选条件。可用的有：%(known)s。")
        found = {key: [known % {"key": key, "known": "、".join(self.filters)}] for key in self.unknown}
        return found | {key: [str(e) for e in errors] for key, errors in self.form.errors.items()}

    @property
    def reader(self) -> User | None:
        """Who filters; None for the compiler."""
        return getattr(self.request, "user", None)

    @property
    def condition(self) -> Q:
        """The same as one condition, for counting several filters in one query; nothing where the address is wrong."""
        found: Any = Conditions(self._meta.model)  # type: ignore[attr-defined]
        if not self.is_valid():
            return Q(pk__in=())
        for name in set(self.data or ()) & set(self.filters):
            self.filters[name].filter(found, self.form.cleaned_data[name])
        return cast(Q, found.q)

    @property
    def qs(self) -> QuerySet[Any]:
        everything: QuerySet[Any] = super().qs
        return everything if self.is_valid() else everything.none()
