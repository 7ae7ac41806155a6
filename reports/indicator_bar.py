"""The filter of an indicator as controls: those of the list page of its source, made from the same FilterSet."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from enterprises.models import Chain
from parkportal.filter_box import Condition, conditions
from parkportal.filtering import Choices, Number, StrictBoolean
from parkportal.writing import Unreadable, read_money, write_money
from reports.sources import Source

IMPLIED: Final = frozenset({"review_state", "verified"})
"""What the source decides already: only verified rows count."""


class FilterBar(forms.Widget):
    """The controls of a source; what they send is read into the query of the list page. Names begin with the field's.

    Amounts are typed in 万元 and kept in yuan; what cannot be read stays as typed and is refused with the whole query.
    """

    source: Source | None = None
    chains: QuerySet[Chain]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        pairs = [(key, value) for key in data if key.startswith(f"{name}-") for value in _values(data, key) if value]
        named = [(key.removeprefix(f"{name}-"), value.strip()) for key, value in pairs]
        return urlencode(sorted((key, self._in_yuan(key, value)) for key, value in named))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False

    def _in_yuan(self, key: str, value: str) -> str:
        if not self.is_amount(key):
            return value
        try:
            return str(read_money(value))
        except Unreadable:
            return value

    def is_amount(self, key: str) -> bool:
        """Whether a condition is an amount of money."""
        return self.source is not None and isinstance(self.source.filterset.base_filters.get(key), Number)

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        query = QueryDict(value or "")
        plain, rare = self._controls(query)
        shown = {control.name for control in (*plain, *rare)}
        context = {
            "id": (attrs or {}).get("id", name),
            "prefix": f"{name}-",
            "plain": plain,
            "rare": rare,
            "open": any(control.name in query for control in rare),
            "kept": [(key, one) for key in query if key not in shown for one in query.getlist(key)],
        }
        return render_to_string("reports/_indicator_filter.html", context)

    def _controls(self, query: QueryDict) -> tuple[list[Condition], list[Condition]]:
        """The usual controls, and the rarer ones: days, and rows that are named by their codes."""
        if self.source is None:
            return [], []
        known = self.source.filterset(query, queryset=self.source.model.objects.none())
        out = known.UNKEPT | IMPLIED
        plain = [
            n for n, one in known.filters.items() if n not in out and isinstance(one, Choices | StrictBoolean | Number)
        ]
        rare = [n for n in known.filters if n not in {*plain, *out, "chain", "owner"}]
        usual = [self._amount(control, query) for control in conditions(known, plain, query)]
        if "chain" in known.filters:
            usual = [self._chains(query), *usual]
        return usual, conditions(known, rare, query)

    def _amount(self, control: Condition, query: QueryDict) -> Condition:
        if not self.is_amount(control.name):
            return control
        value = query.get(control.name, "")
        whole = value.isascii() and value.isdigit()
        return replace(control, kind="money", value=write_money(int(value), "万元", 4, strip=True) if whole else value)

    def _chains(self, query: QueryDict) -> Condition:
        options = [{"value": c.code, "label": c.name, "chosen": c.code in query.getlist("chain")} for c in self.chains]
        return Condition("chain", _("产业链"), "options", options=options)


def _values(data: Any, key: str) -> list[str]:
    found = data.getlist(key) if hasattr(data, "getlist") else data[key]
    return [found] if isinstance(found, str) else list(found)
