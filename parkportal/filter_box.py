"""The conditions that a list offers: one box of controls made from its FilterSet, so that both say the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from django.http import QueryDict

from parkportal.filtering import Choices, Codes, Day, StrictBoolean, StrictFilterSet
from parkportal.models import Park
from parkportal.pages import FilteredList


@dataclass(frozen=True)
class Condition:
    """One control: its key in the address, its label, what it is, and what is chosen."""

    name: str
    label: str
    kind: str
    value: str = ""
    options: list[dict[str, Any]] = field(default_factory=list)


def conditions(filterset: StrictFilterSet, names: Sequence[str], query: QueryDict) -> list[Condition]:
    """The controls of the named filters; one with a single option, such as the only park, is left out."""
    found = [_condition(filterset, name, query) for name in names]
    return [condition for condition in found if condition.kind != "options" or len(condition.options) > 1]


def _condition(filterset: StrictFilterSet, name: str, query: QueryDict) -> Condition:
    one = filterset.filters[name]
    label = str(one.label)
    if isinstance(one, Day):
        return Condition(name, label, "date", query.get(name, ""))
    choices = _choices(filterset, name, one)
    if choices is None:
        return Condition(name, label, "text", query.get(name, ""))
    chosen = query.getlist(name)
    kind = "single" if isinstance(one, StrictBoolean) else "options"
    options = [{"value": value, "label": text, "chosen": value in chosen} for value, text in choices]
    return Condition(name, label, kind, options=options)


def _choices(filterset: StrictFilterSet, name: str, one: Any) -> list[tuple[str, str]] | None:
    """Codes and labels of a filter; None for one that has too many rows to list."""
    if isinstance(one, Choices | StrictBoolean):
        return [(str(value), str(text)) for value, text in one.extra["choices"]]
    if isinstance(one, Codes):
        rows = cast(Any, filterset.form.fields[name]).queryset
        return [(row.code, str(row)) for row in rows] if rows.model is Park else None
    return None


class BoxedList(FilteredList):
    """A filtered list that offers some of its conditions in a box."""

    offered: ClassVar[Sequence[str]] = ()
    heading: ClassVar[Any] = ""
    noun: ClassVar[Any] = ""
    export: ClassVar[str] = ""
    """The route of the list as a file; empty where there is none."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET
        shown = {*self.offered, "search", "page"}
        return super().get_context_data(**kwargs) | {
            "heading": self.heading,
            "noun": self.noun,
            "export": self.export,
            "conditions": conditions(self.filterset, self.offered, query),
            "has_search": "search" in self.filterset.filters,
            "kept": [(key, value) for key in query if key not in shown for value in query.getlist(key)],
            "kept_in_search": [(k, v) for k in query if k not in {"search", "page"} for v in query.getlist(k)],
        }
