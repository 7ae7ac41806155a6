"""What a test reads from a page: its elements, with the standard library's parser."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """An element with its attributes, what is in it, and what it is in."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parent: "Element | None" = None
    children: "list[Element | str]" = field(default_factory=list)

    def __iter__(self) -> "Iterator[Element]":
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child

    @property
    def text(self) -> str:
        """All text inside, with single spaces."""
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join("".join(parts).split())

    @property
    def classes(self) -> set[str]:
        """The names in `class`."""
        return set(self.attributes.get("class", "").split())

    def all(self, tag: str = "", css: str = "") -> "list[Element]":
        """Elements of that tag and that class inside, in order."""
        return [one for one in self if tag in {"", one.tag} and (not css or css in one.classes)]

    def one(self, tag: str = "", css: str = "") -> "Element":
        """The only such element; an error for none and for several."""
        (found,) = self.all(tag, css)
        return found

    def above(self, tag: str) -> "Element | None":
        """The nearest element of that tag around this one."""
        here = self.parent
        while here is not None and here.tag != tag:
            here = here.parent
        return here


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Element("")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(made)
        if tag not in VOID:
            self.here = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Element(tag, {name: value or "" for name, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        here: Element | None = self.here
        while here is not None and here.tag != tag:
            here = here.parent
        if here is not None and here.parent is not None:
            self.here = here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def read(page: bytes | str) -> Element:
    """The elements of a page."""
    builder = _Builder()
    builder.feed(page.decode() if isinstance(page, bytes) else page)
    return builder.root


def form_values(form: Element) -> dict[str, list[str]]:
    """What a browser would send of a form as it stands, without its buttons."""
    values: dict[str, list[str]] = {}
    for control in form.all():
        name = control.attributes.get("name", "")
        if name and "disabled" not in control.attributes:
            values.setdefault(name, []).extend(_sent(control))
    return {name: found for name, found in values.items() if found}


def _sent(control: Element) -> list[str]:
    if control.tag == "textarea":
        return ["".join(child for child in control.children if isinstance(child, str)).removeprefix("\n")]
    if control.tag == "select":
        options = control.all("option")
        chosen = [one for one in options if "selected" in one.attributes]
        return [
            one.attributes.get("value", one.text) for one in chosen or options[: "multiple" not in control.attributes]
        ]
    kind = control.attributes.get("type", "text")
    ticked = kind not in {"checkbox", "radio"} or "checked" in control.attributes
    skipped = control.tag != "input" or kind in {"submit", "button", "file", "image", "reset"} or not ticked
    return [] if skipped else [control.attributes.get("value", "on" if kind in {"checkbox", "radio"} else "")]
