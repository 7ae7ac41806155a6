"""Compound files (the box of .xls and .et): the names in them, and the stream of the workbook. Pure and bounded.

Written from Microsoft's open specification [MS-CFB]; only what the gate asks for.
"""

import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST: Final = 0xFFFFFFFA
"""Sector numbers from here on are marks, not sectors."""
_ENTRY: Final = 128


class Damaged(ValueError):
    """The box cannot be walked through."""


@dataclass(frozen=True)
class _Entry:
    name: str
    kind: int
    start: int
    size: int
    beside: tuple[int, int]
    child: int


def names(data: bytes) -> set[str]:
    """Names of all storages and streams; Damaged where they cannot be listed."""
    return {entry.name for entry in _Box(data).entries if entry.kind}


def inner_names(data: bytes) -> set[str]:
    """Names of the storages beside the root, and of all that lies in them or nowhere; Damaged as above."""
    box = _Box(data)
    outer = box.outer()
    inner = (entry for place, entry in enumerate(box.entries) if entry.kind == 1 or place not in outer)
    return {entry.name for entry in inner if entry.kind}


def workbook(data: bytes) -> bytes:
    """The stream that holds the workbook; Damaged where there is none."""
    box = _Box(data)
    for entry in box.entries:
        if entry.kind == 2 and entry.name in {"Workbook", "Book"}:
            return box.stream(entry)
    raise Damaged("no workbook")


def records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of a workbook: kind and body, until the stream or its sense ends."""
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == 0 and size == 0:
            return
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


class _Box:
    """A compound file whose tables are read."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 512 or not data.startswith(MAGIC):
            raise Damaged("no header")
        self.data = data
        shift, small_shift = struct.unpack_from("<HH", data, 30)
        if shift not in {9, 12} or small_shift != 6:
            raise Damaged("sector size")
        self.size = 1 << shift
        self.first_directory, self.cutoff, self.first_small = (
            struct.unpack_from("<I", data, at)[0] for at in (48, 56, 60)
        )
        self.table = self._numbers(self._table_sectors())
        self.entries = list(self._entries(self._chain(self.first_directory)))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        found = self.data[start : start + self.size]
        if not found:
            raise Damaged("sector out of file")
        return found

    def _table_sectors(self) -> Iterator[int]:
        """Where the table of sectors lies: the first 109 in the header, the rest in a chain of their own."""
        yield from (n for n in struct.unpack_from("<109I", self.data, 76) if n < _LAST)
        following: int = struct.unpack_from("<I", self.data, 68)[0]
        for _turn in range(len(self.data) // self.size):
            if following >= _LAST:
                return
            *numbers, following = struct.unpack(
                f"<{self.size // 4}I", self._sector(following).ljust(self.size, b"\xff")
            )
            yield from (n for n in numbers if n < _LAST)

    def _numbers(self, sectors: Iterator[int]) -> list[int]:
        found: list[int] = []
        for number in sectors:
            body = self._sector(number)
            found.extend(struct.unpack(f"<{len(body) // 4}I", body[: len(body) // 4 * 4]))
            if len(found) > 2 * (len(self.data) // self.size + self.size):
                raise Damaged("table too long")
        return found

    def _chain(self, first: int) -> bytes:
        """The sectors from one on, joined; Damaged for a circle."""
        pieces: list[bytes] = []
        number = first
        while number < _LAST:
            if len(pieces) > len(self.data) // self.size or number >= len(self.table):
                raise Damaged("circle of sectors")
            pieces.append(self._sector(number))
            number = self.table[number]
        return b"".join(pieces)

    @staticmethod
    def _entries(directory: bytes) -> Iterator[_Entry]:
        for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", directory, at + 64)
            name = directory[at : at + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
            left, right, child = struct.unpack_from("<III", directory, at + 68)
            start, size = struct.unpack_from("<II", directory, at + 116)
            yield _Entry(name, kind, start, size, (left, right), child)

    def outer(self) -> set[int]:
        """Which entries are the root and what lies in no storage but it."""
        found, ways = {0}, [self.entries[0].child] if self.entries else []
        while ways:
            place = ways.pop()
            if place < len(self.entries) and place not in found:
                found.add(place)
                ways.extend(self.entries[place].beside)
        return found

    def stream(self, entry: _Entry) -> bytes:
        """The bytes of a stream; a small one lies in pieces of 64 bytes within the root's own."""
        if entry.size >= self.cutoff:
            return self._chain(entry.start)[: entry.size]
        root = next((e for e in self.entries if e.kind == 5), None)
        if root is None:
            raise Damaged("no root")
        store, chain = self._chain(root.start), self._chain(self.first_small)
        table = struct.unpack(f"<{len(chain) // 4}I", chain[: len(chain) // 4 * 4])
        pieces: list[bytes] = []
        number = entry.start
        while number < _LAST:
            if number >= len(table) or len(pieces) > len(self.data) // 64:
                raise Damaged("circle of sectors")
            pieces.append(store[number * 64 : number * 64 + 64])
            number = table[number]
        return b"".join(pieces)[: entry.size]


_BEGIN, _END, _SHEET, _ROW, _FAULT, _FORMULA = 0x809, 0x0A, 0x85, 0x208, 0x205, 0x06
_HIDDEN: Final = 0x20
_FAILED: Final = (2, 0xFFFF)
"""The first byte and the last two of a formula's result that is an error."""


@dataclass
class Marks:
    """What the records of a worksheet say beside its values: rows and cells from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    errors: list[tuple[int, int]] = field(default_factory=list)


def marks(stream: bytes) -> list[Marks]:
    """The marks of each worksheet of a workbook's stream, in the order of its list."""
    starts: list[int] = []
    found: defaultdict[int, Marks] = defaultdict(Marks)
    at = 0
    within = [-1]  # where the parts begin that a record lies in, the innermost last: a chart may lie within a sheet
    for kind, body in records(stream):
        if kind == _BEGIN:
            within.append(at)
        elif kind == _END:
            within = within[:-1] or [-1]
        elif kind == _SHEET and body[5:6] == b"\0":
            starts.append(struct.unpack_from("<I", body)[0])
        elif kind == _ROW and len(body) >= 16 and body[12] & _HIDDEN:
            found[within[-1]].hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif _is_error(kind, body):
            found[within[-1]].errors.append(struct.unpack_from("<HH", body))
        at += 4 + len(body)
    return [found[start] for start in starts]


def _is_error(kind: int, body: bytes) -> bool:
    """Whether a record is a cell that holds an error, as such or as the result of its formula."""
    if kind == _FAULT:
        return len(body) >= 8 and body[7] == 1
    return kind == _FORMULA and len(body) >= 14 and (body[6], *struct.unpack_from("<H", body, 12)) == _FAILED
