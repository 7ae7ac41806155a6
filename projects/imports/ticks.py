"""How a check or a run of an import tells how far it is."""

from typing import Protocol


class Tick(Protocol):
    """Told how far the work is: rows done, rows in all, and the phase where there are several."""

    def __call__(self, done: int, total: int, phase: str = "") -> None: ...


def no_tick(done: int, total: int, phase: str = "") -> None:
    """Nobody watches."""
