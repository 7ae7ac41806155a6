"""The child that opens a workbook: a program of its own, with little memory and little time, that prints rows.

`python -I child.py KIND` reads the file from its standard input and prints one JSON value a line: for each sheet its
description, then its rows. What it cannot take it says in one word. It imports nothing of the portal.
"""

import io
import posixpath
import resource
import signal
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, BinaryIO, Final
from xml.parsers import expat

import orjson
import python_calamine as calamine

MEMORY: Final = 512 * 2**20
SECONDS: Final = 30
MOST_ROWS: Final = 20_000
HEAD_ROWS: Final = 20
"""Rows that a title and a head may take beside the others."""
MOST_COLUMNS: Final = 80
MOST_CELLS: Final = 2_000_000
MOST_SHEETS: Final = 100
MOST_TEXT: Final = 32_767
MOST_OUTPUT: Final = 96 * 2**20
MOST_DIGITS: Final = 10**15
PIECE: Final = 2**20


class TooMuch(Exception):
    """The workbook is larger than what is read: a word for the reason, and where."""

    def __init__(self, why: str, sheet: str = "", where: str = "") -> None:
        super().__init__(why)
        self.answer = {"refused": why, "sheet": sheet, "where": where}


@dataclass
class Look:
    """What a sheet's own XML says beside its values: 0-based rows and cells."""

    name: str
    hidden_rows: list[int] = field(default_factory=list)
    uncached: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)


class SheetReader:
    """Walks once through the XML of a sheet, keeping nothing of its texts."""

    def __init__(self, name: str) -> None:
        self.look = Look(name)
        self.row, self.column = -1, -1
        self.kind, self.has_formula, self.has_value, self.is_value = "", False, False, False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = refuse_doctype

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self.column = column_of(attributes["r"]) if "r" in attributes else self.column + 1
            self.kind = attributes.get("t", "")
            self.has_formula = self.has_value = False
        elif name in {"v", "t"}:
            self.is_value = True
        elif name == "f":
            self.has_formula = True
        elif name == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
            if attributes.get("hidden") in {"1", "true"}:
                self.look.hidden_rows.append(self.row)

    def text(self, text: str) -> None:
        if self.is_value:
            self.has_value = True
            if len(text) > MOST_TEXT:
                raise TooMuch("text", self.look.name, str(self.row + 1))

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in {"v", "t"}:
            self.is_value = False
        elif name == "c":
            self.end_cell()

    def end_cell(self) -> None:
        """A cell that holds something: it must lie near enough, and its formula must have been calculated."""
        if not (self.has_value or self.has_formula):
            return
        if self.row >= MOST_ROWS + HEAD_ROWS:
            raise TooMuch("rows", self.look.name, str(self.row + 1))
        if self.column >= MOST_COLUMNS:
            raise TooMuch("columns", self.look.name, str(self.row + 1))
        if self.kind == "e":
            self.look.errors.append((self.row, self.column))
        elif self.has_formula and not self.has_value and self.kind != "str":
            self.look.uncached.append((self.row, self.column))


def refuse_doctype(*_parts: Any) -> None:
    """No part of a workbook declares a document type."""
    raise TooMuch("doctype")


def column_of(reference: str) -> int:
    """The 0-based column of “AB12”."""
    found = 0
    for char in reference:
        if char.isdigit():
            break
        found = found * 26 + ord(char) - 64
    return found - 1


def feed(archive: zipfile.ZipFile, path: str, parser: Any) -> None:
    """Give a part to a parser piece by piece."""
    with archive.open(path) as part:
        while piece := part.read(PIECE):
            parser.Parse(piece, False)
        parser.Parse(b"", True)


def elements(archive: zipfile.ZipFile, path: str, wanted: str) -> list[dict[str, str]]:
    """Attributes of all elements of one name in a small part."""
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = lambda name, given: found.append(given) if name.endswith(wanted) else None
    feed(archive, path, parser)
    return found


def looks(data: bytes) -> dict[str, Look]:
    """What the XML of each sheet of an .xlsx says, by the sheet's name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        targets = {one["Id"]: one["Target"] for one in elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")}
        found = {}
        for one in elements(archive, "xl/workbook.xml", "sheet"):
            key = next((value for name, value in one.items() if name.endswith(":id") or name == "id"), "")
            path = posixpath.normpath(posixpath.join("/xl", targets.get(key, "")))[1:]
            if path in archive.NameToInfo and "worksheets" in path:
                reader = SheetReader(one["name"])
                feed(archive, path, reader.parser)
                found[one["name"]] = reader.look
    return found


def plain(value: Any) -> Any:
    """A cell as JSON: texts, numbers and yes or no as they are, days as {"date": …}, nothing as null."""
    if isinstance(value, str):
        if len(value) > MOST_TEXT:
            raise TooMuch("text")
        return value or None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < MOST_DIGITS else value
    if isinstance(value, datetime | date):
        day = value.date() if isinstance(value, datetime) else value
        return {"date": day.isoformat()} if day.year > 1900 else str(value)
    return value if isinstance(value, bool | int) else str(value)


def lines(data: bytes, kind: str) -> Iterator[Any]:
    """For each sheet its description, then its rows without the blanks at their ends."""
    seen = looks(data) if kind == "xlsx" else {}
    cells = 0
    with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        known = [one for one in book.sheets_metadata if one.typ == calamine.SheetTypeEnum.WorkSheet]
        for meta in known[:MOST_SHEETS]:
            sheet = book.get_sheet_by_name(meta.name)
            end = sheet.end or (0, 0)
            if end[0] >= MOST_ROWS + HEAD_ROWS or end[1] >= MOST_COLUMNS:
                raise TooMuch("rows" if end[1] < MOST_COLUMNS else "columns", meta.name, str(end[0] + 1))
            cells += (end[0] + 1) * (end[1] + 1)
            if cells > MOST_CELLS:
                raise TooMuch("cells", meta.name)
            yield describe(meta, sheet, seen.get(meta.name) or Look(meta.name))
            # The iterator also gives the empty rows above the first one, which `height` does not count.
            yield from (trimmed(row) for row in islice(sheet.iter_rows(), (sheet.start or (0, 0))[0], None))


def describe(meta: Any, sheet: Any, look: Look) -> dict[str, Any]:
    """The line before the rows of a sheet; `start` is the row that the first of them is."""
    start = sheet.start or (0, 0)
    return {
        "sheet": meta.name,
        "hidden": meta.visible != calamine.SheetVisibleEnum.Visible,
        "start": start[0],
        "left": start[1],
        "rows": sheet.height,
        "columns": sheet.width,
        "merges": [[*one[0], *one[1]] for one in sheet.merged_cell_ranges or ()],
        "hidden_rows": look.hidden_rows,
        "uncached": look.uncached,
        "errors": look.errors,
    }


def trimmed(row: list[Any]) -> list[Any]:
    """A row as JSON without the empty cells at its end."""
    values = [None if value == "" else plain(value) for value in row]
    while values and values[-1] is None:
        values.pop()
    return values


def spoken(values: Iterator[Any], out: BinaryIO) -> None:
    """Print values, one JSON a line; TooMuch when they are more than the parent takes."""
    left = MOST_OUTPUT
    for value in values:
        text = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
        left -= len(text)
        if left < 0:
            raise TooMuch("cells")
        out.write(text)


def main() -> int:
    """Set the limits, read, print; 0 for an answer, 1 for a refusal in a word."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    out = sys.stdout.buffer
    try:
        spoken(lines(sys.stdin.buffer.read(), sys.argv[1]), out)
    except TooMuch as refusal:
        answer: dict[str, Any] = refusal.answer
    except MemoryError:
        answer = {"refused": "memory"}
    except calamine.PasswordError:
        answer = {"refused": "password"}
    except (calamine.CalamineError, zipfile.BadZipFile, expat.ExpatError, ValueError, KeyError, OSError):
        answer = {"refused": "damaged"}
    else:
        out.flush()
        return 0
    out.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
    out.flush()
    return 1


if __name__ == "__main__":
    sys.exit(main())
