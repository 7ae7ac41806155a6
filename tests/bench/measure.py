"""Two ways of doing the same, timed in turns: what is printed is their ratio, for a figure alone says nothing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Pair:
    """What the portal does, and what it is held against."""

    name: str
    ours: Callable[[], Any]
    other_name: str
    other: Callable[[], Any]
    rounds: int = 0
    """How often at most, where one round is long."""
    before: Callable[[], Any] = str
    """What is done before each call, outside of its time."""
    also: Callable[[], str] = str
    """What else is said of it afterwards."""


def seconds(work: Callable[[], Any], before: Callable[[], Any]) -> float:
    """How long one call takes, after what is done before it."""
    before()
    begin = perf_counter()
    work()
    return perf_counter() - begin


def timed(pair: Pair, rounds: int) -> str:
    """One line: the medians of both in milliseconds, and the median of the ratios of the rounds with its range."""
    rounds = min(rounds, pair.rounds or rounds)
    pair.other()
    both = [tuple(seconds(work, pair.before) for work in (pair.ours, pair.other)) for _round in range(rounds)]
    ours, other = (median(column) * 1_000 for column in zip(*both, strict=True))
    ratios = sorted(mine / theirs for mine, theirs in both)
    spread = f"{median(ratios):8.2f} × ({ratios[0]:.2f}–{ratios[-1]:.2f})"
    return f"{pair.name:<44} {ours:10.1f} ms  {pair.other_name:<34} {other:10.1f} ms  {spread}  {pair.also()}".rstrip()


def report(pairs: Iterable[Pair], rounds: int) -> Iterator[str]:
    """A line for each pair, as soon as it is known."""
    for pair in pairs:
        yield timed(pair, rounds)
