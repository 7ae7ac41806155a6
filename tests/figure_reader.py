"""A reader of figures: pages and REST lists by their addresses, each read once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from tests.markup import Element, read

ENDS = re.compile(r'<p class="from.*?</p>|<tfoot>.*?</tfoot>', re.DOTALL)


@dataclass
class Reader:
    """Somebody who may read all six parks, with a browser and a program; what was read once is not read again."""

    browser: Client
    program: Client
    texts: dict[str, str] = field(default_factory=dict)
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def text(self, url: str) -> str:
        """The HTML of a page that must be there."""
        if url not in self.texts:
            answer = self.browser.get(url)
            assert answer.status_code == 200, url
            self.texts[url] = answer.content.decode()
        return self.texts[url]

    def page(self, url: str) -> Element:
        """The elements of a page."""
        return read(self.text(url))

    def ends(self, url: str) -> Element:
        """The banner and the totals of a list, which is all that most tests want of it."""
        return read("".join(ENDS.findall(self.text(url))))

    def rows(self, url: str) -> list[dict[str, Any]]:
        """The rows of a REST list, by small pages to the end."""
        if url not in self.answers:
            self.answers[url] = list(self._walk(f"{url}{'&' if '?' in url else '?'}page_size=7"))
        return self.answers[url]

    def _walk(self, url: str) -> Iterator[dict[str, Any]]:
        following: str | None = url
        while following:
            answer = self.program.get(following)
            assert answer.status_code == 200, following
            page = answer.json()
            yield from page["results"]
            parts = urlsplit(page["next"] or "")
            following = f"{parts.path}?{parts.query}" if page["next"] else None


def found(pattern: str, text: str) -> str:
    """The first group of a pattern that must be in a text."""
    match = re.search(pattern, text)
    assert match, (pattern, text)
    return match[1]


def decimal(value: Fraction, places: int) -> str:
    """A number with that many decimals, half up, with separators of thousands."""
    whole = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{whole.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"
