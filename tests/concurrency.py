"""Several writers at once, each on a connection of its own, on PostgreSQL or on a SQLite file."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from urllib.parse import quote

from django.db import connection, connections


@contextmanager
def own_connections(folder: Path) -> Iterator[None]:
    """Let new threads see the committed rows: a SQLite database in memory is copied to a file for them."""
    if connection.vendor != "sqlite":
        yield
        return
    file = folder / "threads.sqlite3"
    with sqlite3.connect(file) as copy:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode = WAL")  # threads that change the mode at once are refused without waiting
    copy.close()
    options, name = connections.settings["default"], connections.settings["default"]["NAME"]
    options["NAME"] = str(file)
    try:
        yield
    finally:
        options["NAME"] = name


def address() -> str:
    """The test database for another process; on SQLite within `own_connections`."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{connections.settings['default']['NAME']}"
    who, secret = quote(place["USER"]), quote(place["PASSWORD"])
    return f"postgres://{who}:{secret}@{quote(place['HOST'], safe='')}:{place['PORT']}/{place['NAME']}"


def together(work: Callable[[int], Any], times: int) -> list[Any]:
    """What each of `times` threads returned or raised, all begun at one moment."""
    answers: list[Any] = [None] * times
    gate = Barrier(times)

    def run(number: int) -> None:
        try:
            gate.wait(30)
            answers[number] = work(number)
        except Exception as error:
            answers[number] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return answers


def alone(work: Callable[[], Any]) -> Any:
    """What a thread of its own sees; its error is raised here."""
    (answer,) = together(lambda _number: work(), 1)
    if isinstance(answer, Exception):
        raise answer
    return answer
