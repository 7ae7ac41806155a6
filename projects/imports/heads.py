"""The head of a ledger: which rows it takes, what each column means, and in which unit its amounts are. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from parkportal.workbooks import Cell, Sheet
from projects.imports.fields import CUSTOM, DROPPED, FIELDS, IGNORED, target_of

LOOKED_AT: Final = 20
"""Rows from the top in which the head is looked for."""
MOST_HEIGHT: Final = 3
ENOUGH: Final = 2
"""Recognised columns below which a row is no head."""
UNITS: Final = ("亿美元", "万美元", "亿元", "万元", "美元", "元", "亩", "平方米", "㎡", "人", "万", "亿")
ANY_UNIT: Final = "|".join(UNITS)
UNIT_LINE: Final = re.compile(r"单位[:：]?[（(]?(亿元|万元|元)")
SPELLED_YEAR: Final = re.compile(r"(?<!\d)(20\d\d)年")
YEAR: Final = re.compile(r"(?<!\d)(20\d\d)(?=(?:[01]\d(?:[0-3]\d)?)?(?!\d))")
VAGUE: Final = frozenset({"名称", "时间", "日期", "金额", "类型", "面积", "情况", "说明", "地址", "单位", "规模"})
"""Headings that say something only together with what stands above them."""


@dataclass(frozen=True)
class Heads:
    """The head of a sheet: its first row (from 0), its height, and for each column heading, unit and meaning."""

    row: int
    height: int
    headings: list[str]
    units: dict[int, str] = field(default_factory=dict)
    mapping: dict[int, str] = field(default_factory=dict)
    unit: str = "万元"
    """The unit of an amount whose column names none."""
    year: int | None = None
    """The year that the title names, for dates without one."""

    @property
    def shape(self) -> str:
        """A digest of the headings: sheets of one shape are mapped alike."""
        return hashlib.sha256("\n".join(map(plain, self.headings)).encode()).hexdigest()

    @property
    def first_row(self) -> int:
        """The row after the head."""
        return self.row + self.height


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """A heading without spaces, breaks and what full width adds."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def text_of(cell: Cell) -> str:
    """A cell as a heading shows it."""
    return cell.strip() if isinstance(cell, str) else "" if cell is None or isinstance(cell, bool | dict) else str(cell)


@lru_cache(maxsize=4096)
def bare(heading: str) -> str:
    """A heading without its unit, its brackets and its numbering, as synonyms are compared."""
    text = re.sub(r"[(\[][^()\[\]]*[)\]]", "", plain(heading)) or plain(heading)
    text = re.sub(rf"[,/、](?:{ANY_UNIT})$", "", text)
    return re.sub(r"^(?:\d+[.、]|其中[:]?)|[*:·]", "", text)


@lru_cache(maxsize=4096)
def unit_in(heading: str) -> str:
    """The unit that a heading names in brackets or at its end; empty where there is none."""
    found = re.search(rf"(?:[(\[]|[,/、])(?:单位[:]?)?({ANY_UNIT})[)\]]?", plain(heading))
    return found[1] if found else ""


def _synonyms() -> dict[str, str]:
    known: dict[str, str] = {}
    for one in FIELDS:
        for word in (*one.words, str(one.label)):
            known.setdefault(plain(word), one.key)
            known.setdefault(bare(word), one.key)
    return known


@lru_cache(maxsize=4096)
def meaning(heading: str) -> tuple[str, int]:
    """The field that a heading names and how surely, from 0 for none to 100."""
    known = _known()
    for text in (plain(heading), bare(heading)):
        if text in known:
            return known[text], 100
    text = bare(heading)
    inside = [word for word in known if len(word) > 1 and word in text and len(text) <= len(word) + 8]
    if not inside:
        return "", 0
    best = max(inside, key=lambda word: (len(word), text.endswith(word)))
    return known[best], min(40 + 5 * len(best), 90)


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    return _synonyms()


def find(sheet: Sheet, name: str = "") -> Heads | None:
    """The head of a sheet, None where nothing looks like one; `name` is that of the file, which may name the year."""
    tops = min(len(sheet.rows), LOOKED_AT)
    tried = (_tried(sheet, row, height) for row in range(tops) for height in range(1, MOST_HEIGHT + 1))
    # Of heads that name as many fields the lowest rows win: what stands above them is a title.
    best = max(tried, key=lambda one: (one[0], -one[3], -one[2]), default=None)
    if best is None or best[0] < ENOUGH:
        return None
    _score, parts, row, height = best
    height = max(height, _merged_height(sheet, row))
    parts = _parts(sheet, row, height)
    return _heads(sheet, row, height, parts, _year(sheet, row, name))


def _tried(sheet: Sheet, row: int, height: int) -> tuple[int, list[list[str]], int, int]:
    """How many fields these rows name as a head, each once."""
    parts = _parts(sheet, row, height)
    named = {key for one in parts if (key := _guess(one)[0])}
    is_head = ("name" in named or len(named) > ENOUGH) and all(map(_may_be_head, sheet.rows[row : row + height]))
    return (len(named) if is_head and row + height <= len(sheet.rows) else 0), parts, row, height


def _may_be_head(cells: Sequence[Cell]) -> bool:
    """Whether a row holds words only: a number or a day is a row of the table."""
    return any(cells) and not any(isinstance(cell, int | float | dict) for cell in cells)


def _merged_height(sheet: Sheet, row: int) -> int:
    """How far down cells that are merged in a row reach."""
    bottoms = [last for first, _left, last, _right in sheet.merges if first == row]
    return min(max([row, *bottoms]) - row + 1, MOST_HEIGHT)


def _parts(sheet: Sheet, row: int, height: int) -> list[list[str]]:
    """For each column the texts of the head from top to bottom, merged cells filled, repetitions left out."""
    rows = range(row, min(row + height, len(sheet.rows)))
    width = max((len(sheet.rows[r]) for r in rows), default=0)
    width = max([width, *(right + 1 for top, _l, _b, right in sheet.merges if top in rows)])
    cells = {(r, c): text_of(sheet.at(r, c)) for r in rows for c in range(width)}
    for top, left, bottom, right in sheet.merges:
        if top in rows:
            inside = ((r, c) for r in range(top, bottom + 1) for c in range(left, right + 1))
            cells.update(dict.fromkeys((place for place in inside if place in cells), cells[top, left]))
    columns = ([cells[r, c] for r in rows] for c in range(width))
    return [[text for text in dict.fromkeys(column) if text] for column in columns]


def _guess(parts: Sequence[str]) -> tuple[str, int]:
    """What a column means by its lowest heading, or where that is vague by all of them together."""
    if not parts:
        return "", 0
    together = meaning("".join(parts))
    if len(parts) > 1 and bare(parts[-1]) in VAGUE:
        return together
    return max(meaning(parts[-1]), together, key=lambda one: one[1])


def _heads(sheet: Sheet, row: int, height: int, parts: list[list[str]], year: int | None) -> Heads:
    headings = [" ".join(one) for one in parts]
    guesses = {column: _guess(one) for column, one in enumerate(parts)}
    filled = _filled_columns(sheet, row + height)
    mapping: dict[int, str] = {}
    taken: dict[str, int] = {}
    for column, (key, score) in sorted(guesses.items(), key=lambda one: (-one[1][1], one[0])):
        target = target_of(key) if key else CUSTOM
        if target not in {CUSTOM, IGNORED} and taken.setdefault(target, column) != column:
            target = CUSTOM
        if target == CUSTOM and not parts[column] and column not in filled:
            target = IGNORED
        mapping[column] = target if score or key not in DROPPED else IGNORED
    units = {
        column: unit
        for column, one in enumerate(parts)
        if (unit := unit_in("".join(one[-1:])) or unit_in("".join(one)))
    }
    return Heads(row, height, headings, units, dict(sorted(mapping.items())), _unit(sheet, row + height), year)


def _filled_columns(sheet: Sheet, first: int) -> set[int]:
    return {column for cells in sheet.rows[first:] for column, cell in enumerate(cells) if cell is not None}


def _unit(sheet: Sheet, end: int) -> str:
    """The unit that a line over the table names: “单位：万元”."""
    for cell in _texts(sheet.rows[:end]):
        if found := UNIT_LINE.search(plain(cell)):
            return found[1]
    return "万元"


def _year(sheet: Sheet, row: int, name: str) -> int | None:
    """The year over the table, of the sheet or of the file; “2020年” anywhere comes before a bare number in a name."""
    texts = [plain(text) for text in (*_texts(sheet.rows[:row]), sheet.name, name)]
    for pattern in (SPELLED_YEAR, YEAR):
        if found := next(filter(None, map(pattern.search, texts)), None):
            return int(found[1])
    return None


def _texts(rows: Iterable[Sequence[Cell]]) -> list[str]:
    return [cell for cells in rows for cell in cells if isinstance(cell, str)]
