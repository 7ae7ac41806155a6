"""The trace: what changed, by whom, through which door; written in the transaction of the change itself.

A service opens `changes(by=…)`, does its work through the ledger that it gets, and leaves: the entries are written
last, under the row lock of one counter, so that sequence numbers follow the order of commits.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from parkportal.models import ApiToken, Change, Counter, Park, User

Diff = dict[str, tuple[Any, Any]]
M = TypeVar("M", bound=models.Model)

BOOKKEEPING = frozenset(
    {"id", "version", "seq", "created_at", "created_by", "updated_at", "search_text", "submission_key"}
) | {"password", "last_login", "session_keys", "digest"}
"""Columns that say when and by whom a row was written, which the entry itself says, and secrets, which none keeps."""


@dataclass(frozen=True)
class Actor:
    """Who acts, and through which door."""

    user: User | None
    door: Change.Door = Change.Door.COMMAND
    token: ApiToken | None = None
    request_id: str = ""


class StaleVersion(Exception):
    """Somebody saved first: `current` is the row as it is now, `theirs` what changed since the reader's version."""

    def __init__(self, current: models.Model) -> None:
        super().__init__(str(current))
        self.current = current


def plain(value: Any) -> Any:
    """A value as the trace keeps it: codes instead of rows, ISO dates, whole numbers."""
    if isinstance(value, models.Model):
        return getattr(value, "code", None) or getattr(value, "username", None) or str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def fields_of(row: models.Model) -> dict[str, Any]:
    """The columns of a row by name, without bookkeeping and without empty values, as the trace keeps them."""
    named = (f for f in row._meta.concrete_fields if f.name not in BOOKKEEPING)
    values = {f.name: plain(getattr(row, f.name)) for f in named}
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def park_of(row: models.Model) -> Park | None:
    """The park whose trace an entry belongs to; None for reference data."""
    for step in ("park", "project", "enterprise", "engagement"):
        owner = getattr(row, step, None)
        if isinstance(owner, Park):
            return owner
        if isinstance(owner, models.Model):
            return park_of(owner)
    return row if isinstance(row, Park) else None


def code_of(row: models.Model) -> str:
    """How the trace names a row: its code, or that of the row it hangs on; a row without one by its name."""
    return str(getattr(row, "code", "") or getattr(row, "username", "") or _owner_code(row) or row)


def _owner_code(row: models.Model) -> str:
    owners = (getattr(row, f.name) for f in row._meta.concrete_fields if f.is_relation and not f.null)
    return " ".join(code_of(owner) for owner in owners if isinstance(owner, models.Model))


def next_number(kind: str, *, park: Park | None = None, year: int = 0, by: int = 1) -> int:
    """The last of `by` fresh numbers of a counter; its row stays locked until the transaction ends."""
    whole = _whole.get()
    if whole is None:
        return _counted(kind, park, year, by)[1]
    key = (kind, park.pk if park else None, year)
    pk, last = whole.numbers[key] if key in whole.numbers else _counted(kind, park, year, 0)
    whole.numbers[key] = (pk, last + by)
    return last + by


def _counted(kind: str, park: Park | None, year: int, by: int) -> tuple[int, int]:
    """The key of a counter, and how far it is after `by` more; its row is locked."""
    counter, _made = Counter.objects.get_or_create(park=park, kind=kind, year=year)
    Counter.objects.filter(pk=counter.pk).update(last=F("last") + by)
    return counter.pk, Counter.objects.values_list("last", flat=True).get(pk=counter.pk)


def next_code(park: Park, kind: str, year: int) -> str:
    """A fresh public code of a park, such as “baishazhou-2020-011” (kind "") or “baishazhou-f2020-003”."""
    return f"{park.code}-{kind}{year}-{next_number(kind, park=park, year=year):03d}"


FEW, FEW_HUNDRED = 3, 300
"""Rows that are stamped one by one, and those that are stamped by one statement."""


def _beginning(row: models.Model) -> Diff:
    """The entry of a fresh row: every value that it begins with."""
    return {name: (None, value) for name, value in fields_of(row).items()}


@dataclass
class Ledger:
    """What one unit of work has changed so far."""

    by: Actor
    at: datetime = field(default_factory=timezone.now)
    entries: list[tuple[models.Model, Diff]] = field(default_factory=list)
    later: list[tuple[models.Model, Diff]] = field(default_factory=list)
    """Rows that are inserted when the unit ends, each with its entry."""
    numbers: dict[tuple[str, int | None, int], tuple[int, int]] = field(default_factory=dict)
    """How far the counters are that a unit of many parts has locked: key of the row and last number."""

    def create(self, row: M) -> M:
        """Insert a row and note every value that it begins with."""
        if hasattr(row, "created_by_id") and row.created_by_id is None:
            row.created_by = self.by.user  # type: ignore[attr-defined]
        row.save(force_insert=True)
        self.note(row, _beginning(row))
        return row

    def create_later(self, row: models.Model) -> None:
        """Insert a row when the unit ends, together with others of its kind: one whose key nobody needs until then."""
        diff: Diff = {}
        self.later.append((row, diff))
        self.note(row, diff)

    def create_all(self, rows: Iterable[M]) -> list[M]:
        """Insert several rows of one kind."""
        return [self.create(row) for row in rows]

    def update(self, row: M, values: Mapping[str, Any], version: int | None = None) -> Diff:
        """Set columns of a row by compare-and-set on its version; raise StaleVersion when somebody was first.

        Only columns that differ are written; without a difference nothing happens. The row is mended in place.
        """
        rows = type(row)._default_manager.filter(pk=row.pk)
        before = rows.get()
        diff = {
            name: (plain(getattr(before, name)), plain(value))
            for name, value in values.items()
            if not _points_there(before, name, value) and plain(getattr(before, name)) != plain(value)
        }
        written = {name: values[name] for name in diff}
        versioned = hasattr(row, "version")
        if versioned:
            expected = before.version if version is None else version  # type: ignore[attr-defined]
            rows, written = rows.filter(version=expected), written | {"version": F("version") + 1}
        if hasattr(row, "updated_at"):
            written["updated_at"] = self.at
        if (diff or before_is_newer(before, version)) and not rows.update(**written):
            raise StaleVersion(type(row)._default_manager.get(pk=row.pk))
        row.refresh_from_db()
        if diff:
            self.note(row, diff)
        return diff

    def delete(self, row: models.Model) -> None:
        """Remove a row that hangs on another one, and note what it held."""
        diff = {name: (value, None) for name, value in fields_of(row).items()}
        self.note(row, diff)
        type(row)._default_manager.filter(pk=row.pk).delete()

    def withdraw(self, row: models.Model, version: int | None = None) -> Diff:
        """Put a row into the bin; nothing is removed."""
        return self.update(row, {"deleted_at": self.at, "deleted_by": self.by.user}, version)

    def note(self, row: models.Model, diff: Diff) -> None:
        """Remember an entry for the end of the unit."""
        self.entries.append((row, diff))

    def write(self) -> None:
        """Insert what was left for later, write the entries with consecutive numbers, stamp the rows with theirs."""
        self._insert()
        for pk, last in self.numbers.values():
            Counter.objects.filter(pk=pk).update(last=last)
        if not self.entries:
            return
        first = next_number("seq", by=len(self.entries)) - len(self.entries) + 1
        changes = [self._entry(first + i, row, diff) for i, (row, diff) in enumerate(self.entries)]
        Change.objects.bulk_create(changes, batch_size=500)
        self._stamp(first)

    def _insert(self) -> None:
        for model in {type(row): None for row, _diff in self.later}:
            model._base_manager.bulk_create([row for row, _diff in self.later if type(row) is model], batch_size=500)
        for row, diff in self.later:
            diff |= _beginning(row)

    def _stamp(self, first: int) -> None:
        """Give each row the number of its last entry."""
        numbers: dict[type[models.Model], dict[Any, int]] = {}
        for i, (row, _diff) in enumerate(self.entries):
            if hasattr(row, "seq") and row.pk:
                numbers.setdefault(type(row), {})[row.pk] = first + i
        for model, found in numbers.items():
            if len(found) <= FEW:
                for pk, seq in found.items():
                    model._base_manager.filter(pk=pk).update(seq=seq)
            else:
                rows: list[Any] = [model(pk=pk, seq=seq) for pk, seq in found.items()]
                model._base_manager.bulk_update(rows, ["seq"], batch_size=FEW_HUNDRED)

    def _entry(self, seq: int, row: models.Model, diff: Diff) -> Change:
        return Change(
            seq=seq,
            user=self.by.user,
            token=self.by.token,
            door=self.by.door,
            request_id=self.by.request_id,
            park=park_of(row),
            object_type=row._meta.label,
            object_code=code_of(row),
            at=self.at,
            diff=diff,
        )


def _points_there(row: models.Model, name: str, value: Any) -> bool:
    """Whether a key of a row points to this one, which need not be fetched to be told."""
    column = row._meta.get_field(name)
    if not isinstance(column, models.ForeignKey) or not isinstance(value, models.Model):
        return False
    return value.pk is not None and getattr(row, column.attname) == value.pk


def before_is_newer(before: models.Model, version: int | None) -> bool:
    """Whether the row has moved on since the version that the writer read."""
    return version is not None and getattr(before, "version", version) != version


_whole: ContextVar[Ledger | None] = ContextVar("whole", default=None)
"""The unit of many parts that is at work."""


@contextmanager
def changes(*, by: Actor) -> Iterator[Ledger]:
    """One unit of work: a transaction whose trace is written before it commits.

    Within a unit of many parts of the same actor it is a part: what it notes is written at the end of the whole.
    """
    whole = _whole.get()
    if whole is not None and whole.by == by:
        part = Ledger(by, whole.at)
        yield part
        whole.entries += part.entries
        whole.later += part.later
        return
    with transaction.atomic():
        ledger = Ledger(by)
        yield ledger
        ledger.write()


@contextmanager
def many_changes(*, by: Actor) -> Iterator[Ledger]:
    """One unit of many parts, such as the rows of an import: trace, numbers and stamps are written once, at its end.

    A part that fails must fail the whole: it has no savepoint of its own, and what it wrote is still there.
    """
    with transaction.atomic():
        ledger = Ledger(by)
        token = _whole.set(ledger)
        try:
            yield ledger
        finally:
            _whole.reset(token)
        ledger.write()


def last_seq() -> int:
    """The number of the newest entry; 0 before the first."""
    return Change.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
