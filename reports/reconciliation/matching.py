"""Which row of ours is which of theirs. Pure, and the same in whatever order the rows come."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from projects.imports.book import close, letters, name_key
from projects.services.alike import NEAR_NAME, SAME_NAME

TOLERANCE: Final = 10_000
"""Amounts that differ by at most 1万元, the unit in which lists are written, are the same."""


@dataclass(frozen=True)
class Ours:
    """A row of ours: its code, its name as the person may read it, credit codes of its enterprises, the park's yuan."""

    code: str
    name: str
    usccs: frozenset[str] = frozenset()
    amount: int | None = None
    whole: int | None = None
    """What the project comes to where `amount` is the park's part alone."""
    firms: frozenset[str] = frozenset()
    """What its enterprises are called: some lists name these."""


@dataclass(frozen=True)
class Theirs:
    """A row of their list: its number there, what it is called, and what else it tells."""

    number: int
    name: str
    code: str = ""
    uscc: str = ""
    amount: int | None = None


@dataclass
class Matched:
    """The pairs, and what is left on either side."""

    pairs: list[tuple[Ours, Theirs]] = field(default_factory=list)
    only_ours: list[Ours] = field(default_factory=list)
    only_theirs: list[Theirs] = field(default_factory=list)


Keys = Callable[[Any], Iterable[str]]


def match(ours: Iterable[Ours], theirs: Iterable[Theirs]) -> Matched:
    """Pair the rows one to one: by code, by name, by its enterprises, then the likest names; a tie goes by code."""
    found = Matched(only_ours=sorted(ours, key=lambda one: one.code), only_theirs=sorted(theirs, key=_order))
    _pair_by(found, lambda one: [one.code], lambda one: [one.code])
    _pair_by(found, lambda one: [name_key(one.name)], lambda one: [name_key(one.name)])
    _pair_by(found, lambda one: one.usccs, lambda one: [one.uscc])
    _pair_by(found, lambda one: {name_key(firm) for firm in one.firms}, lambda one: [name_key(one.name)])
    _take(found, _likest(found.only_ours, found.only_theirs))
    found.pairs.sort(key=lambda pair: pair[0].code)
    return found


def _order(one: Theirs) -> tuple[Any, ...]:
    return one.number, one.name, one.code, one.uscc, one.amount or 0


def _pair_by(found: Matched, of_ours: Keys, of_theirs: Keys) -> None:
    """Pair rows that share a key which nobody else on their side has; where several have it, those with one amount."""
    left: dict[str, list[Ours]] = defaultdict(list)
    right: dict[str, list[Theirs]] = defaultdict(list)
    for one in found.only_ours:
        for key in filter(None, of_ours(one)):
            left[key].append(one)
    for other in found.only_theirs:
        for key in filter(None, of_theirs(other)):
            right[key].append(other)
    sure = [(o, t) for key in sorted(left.keys() & right.keys()) for o, t in _within(left[key], right[key])]
    _take(found, sure)


def _within(ours: Sequence[Ours], theirs: Sequence[Theirs]) -> list[tuple[Ours, Theirs]]:
    if len(ours) == len(theirs) == 1:
        return [(ours[0], theirs[0])]
    return [(o, t) for o in ours for t in theirs if o.amount is not None and same_amount(o.amount, t.amount)]


def _likest(ours: Sequence[Ours], theirs: Sequence[Theirs]) -> list[tuple[Ours, Theirs]]:
    """Pairs whose names are alike, or nearly where the amounts fit, the likest first.

    Each name is taken apart once: two long lists have very many pairs.
    """
    left, right = [letters(one.name) for one in ours], [letters(one.name) for one in theirs]
    both = product(zip(left, ours, strict=True), zip(right, theirs, strict=True))
    scored = [(_likeness(one, other), o, t) for (one, o), (other, t) in both]
    alike = [
        one for one in scored if one[0] >= SAME_NAME or (one[0] >= NEAR_NAME and close(one[1].amount, one[2].amount))
    ]
    return [(o, t) for _score, o, t in sorted(alike, key=lambda one: (-one[0], one[1].code, _order(one[2])))]


def _likeness(one: set[str], other: set[str]) -> float:
    """As `projects.services.alike.name_likeness`, of names that are taken apart already."""
    return 2 * len(one & other) / (len(one) + len(other) or 1)


def _take(found: Matched, pairs: Iterable[tuple[Ours, Theirs]]) -> None:
    """Move the pairs out of what is left, each row once."""
    ours, theirs = dict.fromkeys(found.only_ours), dict.fromkeys(found.only_theirs)
    for one, other in pairs:
        if one in ours and other in theirs:
            del ours[one], theirs[other]
            found.pairs.append((one, other))
    found.only_ours, found.only_theirs = list(ours), list(theirs)


def same_amount(one: int | None, other: int | None) -> bool:
    """Whether two amounts say the same; one that is unknown contradicts nothing."""
    return one is None or other is None or abs(one - other) <= TOLERANCE
