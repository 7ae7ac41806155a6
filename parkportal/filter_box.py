"""The conditions that a list offers: one box of controls made from its FilterSet, so that both say the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from django.http import QueryDict
from django.utils.functional import cached_property

from parkportal.exports import Column
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
    catalogue: ClassVar[Sequence[Column]] = ()
    """The columns that a person may choose from; empty where the columns are fixed."""
    names_row: ClassVar[str] = ""
    """The key of the column that names a row, which is always shown and leads to the row's page."""

    @cached_property
    def chosen(self) -> list[Column]:
        """The columns that the reader chose; none for the usual table."""
        known = {column.key: column for column in self.catalogue}
        keys = [key for key in self.choice.columns if key in known] if known else []
        return [known[key] for key in (keys if self.names_row in keys or not keys else [self.names_row, *keys])]

    def row_url(self, row: Any) -> str:
        """The page to which the name of a row leads; empty for none."""
        return ""

    def lines(self, rows: Iterable[Any]) -> list[tuple[str, list[tuple[Column, str]]]]:
        """The rows in the chosen columns: where each leads, and its cells in words."""
        return [
            (self.row_url(row), [(column, column.in_words(column.read(row))) for column in self.chosen])
            for row in (rows if self.chosen else ())
        ]

    def foot(self, totals: Mapping[str, Any]) -> list[tuple[Column, str]]:
        """What the chosen columns add up to, as far as the list knows it."""
        known = [(column, totals.get(column.key) if column.summed else None) for column in self.chosen]
        return [(column, "" if total is None else column.in_words(total)) for column, total in known]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET
        shown = {*self.offered, "search", "page"}
        context = super().get_context_data(**kwargs)
        return context | {
            "choosable": bool(self.catalogue),
            "chosen": self.chosen,
            "names_row": self.names_row,
            "sortable": self.orderings,
            "lines": self.lines(context["object_list"]),
            "all_columns": bool(self.chosen),
            "address": query.urlencode(),
            "heading": self.heading,
            "noun": self.noun,
            "export": self.export,
            "conditions": conditions(self.filterset, self.offered, query),
            "has_search": "search" in self.filterset.filters,
            "kept": [(key, value) for key in query if key not in shown for value in query.getlist(key)],
            "kept_in_search": [(k, v) for k in query if k not in {"search", "page"} for v in query.getlist(k)],
        }
