"""Every address that the portal answers, found by walking the resolver: pages, REST and the administrators' site."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\([^)]*\)|[^()])*\)")
"""A part of an address that varies: `<str:code>` of a path, or a named group of a pattern."""
VERBS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """One pattern: its name with its namespace, or its address where it has none; `/projects/{code}/`; its methods."""

    name: str
    address: str
    methods: tuple[str, ...]
    view: Any

    @property
    def parameters(self) -> list[str]:
        """Names of what varies in the address."""
        return re.findall(r"{(\w+)}", self.address)

    def url(self, values: Mapping[str, Any]) -> str:
        """The address of an object: its values in place of the parameters."""
        return self.address.format(**{name: values[name] for name in self.parameters})

    def __str__(self) -> str:
        return self.name


def routes(resolver: URLResolver | None = None, prefix: str = "/", space: str = "") -> Iterator[Route]:
    """All routes below a resolver, in its order."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + _plain(str(entry.pattern))
        if isinstance(entry, URLPattern):
            name = f"{space}{entry.name}" if entry.name else address
            yield Route(name, address, _methods(entry.callback), entry.callback)
        else:
            yield from routes(entry, address, f"{entry.namespace}:" if entry.namespace else space)


def _plain(pattern: str) -> str:
    """A pattern as an address with `{names}`: what begins and ends a regular expression goes."""
    named = PARAMETER.sub(lambda found: "{" + (found[1] or found[2]) + "}", pattern)
    return named.removeprefix("^").removesuffix("$").replace(".*", "anywhere")


def _methods(view: Any) -> tuple[str, ...]:
    """The methods that a view has code for; a plain function is tried with GET and POST."""
    if hasattr(view, "actions"):
        return tuple(verb for verb in VERBS if verb in view.actions)
    known = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if known is None:
        return ("get", "post")
    return tuple(verb for verb in VERBS if verb in known.http_method_names and hasattr(known, verb))


def values_of(row: Any) -> dict[str, Any]:
    """What an address needs to name a row, whichever way it does so."""
    park = getattr(row, "park", None) or row
    return {
        **dict.fromkeys(("code", "id", "slug"), getattr(row, "code", row.pk)),
        "object_id": row.pk,
        "park": getattr(park, "code", ""),
        "period": getattr(row, "period", "2020-09"),
        **FIXED,
    }


FIXED = {
    "kind": "project",
    "paper": "annexes",
    "page": "projects",
    "form": "docx",
    "indicator": "projects_100m",
    "app_label": "parkportal",
    "url": "nowhere",
    "token": "nobody:forged",
    "content_type_id": 1,
}
MISSING = {
    **dict.fromkeys(("code", "id", "slug", "park", "indicator"), "missing-1"),
    "object_id": 99_999_999,
    "period": "2019-09",
    **FIXED,
}
"""Names a row that nobody has."""
