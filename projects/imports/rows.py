"""The rows of a ledger below its head: projects, and what is none (totals, groups, notes, repeated heads). Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from parkportal.workbooks import Cell, Sheet
from projects.imports.cells import is_nothing, plain
from projects.imports.fields import BY_KEY, CUSTOM
from projects.imports.heads import Heads
from projects.imports.heads import plain as plain_heading

TOTAL: Final = re.compile(
    r"^(?:本页|总|全园|全市|园区|累计|以上)?(?:合计|小计|总计|共计)(?:[:：（(].*|\d+个?.*)?$|^累计$"
)
GROUP_MARK: Final = re.compile(r"^(?:[（(][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}[、.．])(.*)")
FOOTER: Final = re.compile(r"^(?:注|备注|说明|填报人|填表人|制表|审核人|单位负责人|填报单位|填报时间|填报日期)[:：]")


@dataclass(frozen=True)
class LedgerRow:
    """One project of the sheet: its Excel row (from 1), its cells by column (from 0), and where it stands."""

    number: int
    cells: dict[int, Cell]
    group: str = ""
    """The title of the group that it stands under: “电子信息”."""
    merged_with: int = 0
    """The Excel row whose name is merged down to this one; 0 where it has its own."""
    is_hidden: bool = False


@dataclass
class Table:
    """What a sheet holds below its head."""

    rows: list[LedgerRow] = field(default_factory=list)
    others: dict[str, list[int]] = field(default_factory=dict)
    """Excel rows that hold no project, by what they are: total, group, note, head."""


def table_of(sheet: Sheet, heads: Heads, mapping: Mapping[int, str]) -> Table:
    """The projects of a sheet in its order, cells that are merged downwards filled where that repeats no number."""
    above, merged = _merged(sheet, heads, mapping)
    found, group = Table(), ""
    name_at = next((column for column, key in mapping.items() if key == "name"), 0)
    for index in range(heads.first_row, len(sheet.rows)):
        own = {column: cell for column, cell in enumerate(sheet.rows[index]) if cell is not None and cell != ""}
        if all(map(is_nothing, own.values())):
            continue
        cells = above.get(index, {}) | own
        kind, title = _kind(cells, heads, name_at)
        if kind:
            found.others.setdefault(kind, []).append(index + 1)
            group = title if kind == "group" else group
            continue
        begins = merged.get(index, -1)
        found.rows.append(LedgerRow(index + 1, cells, group, begins + 1, index in sheet.hidden_rows))
    return found


def _merged(
    sheet: Sheet, heads: Heads, mapping: Mapping[int, str]
) -> tuple[dict[int, dict[int, Cell]], dict[int, int]]:
    """What is merged down to each row, and for rows under a merged name the row where it begins."""
    above: dict[int, dict[int, Cell]] = {}
    begins: dict[int, int] = {}
    for top, left, bottom, _right in sheet.merges:
        if top < heads.first_row:
            continue
        key, value = mapping.get(left, ""), sheet.at(top, left)
        below = range(top + 1, min(bottom, len(sheet.rows) - 1) + 1)
        if value is not None and (key == CUSTOM or (key in BY_KEY and BY_KEY[key].is_filled_down)):
            for row in below:
                above.setdefault(row, {})[left] = value
        if key == "name":
            begins.update(dict.fromkeys(below, top))
    return above, begins


def _kind(cells: dict[int, Cell], heads: Heads, name_at: int) -> tuple[str, str]:
    """What a row is if it is no project, and the title of a group; empty for a project."""
    texts = {column: cell.strip() for column, cell in sorted(cells.items()) if isinstance(cell, str) and cell.strip()}
    first = [plain(text) for text in list(texts.values())[:2]]
    if any(TOTAL.match(text) for text in first):
        return "total", ""
    if _repeats_head(texts, heads) or _is_numbering(cells):
        return "head", ""
    if first and FOOTER.match(first[0]) and len(cells) <= 2:
        return "note", ""
    title = _group_title(list(texts.values()), cells, name_at)
    return ("group", title) if title else ("", "")


def _repeats_head(texts: dict[int, str], heads: Heads) -> bool:
    """Whether a row is the head again, as on the next printed page."""
    headings = heads.headings
    same = (
        column < len(headings) and plain_heading(text) in plain_heading(headings[column])
        for column, text in texts.items()
    )
    return len(texts) > 2 and all(same)


def _is_numbering(cells: dict[int, Cell]) -> bool:
    """Whether a row numbers the columns: 甲, 乙, 1, 2, 3 …"""
    numbers = [cell for cell in cells.values() if not isinstance(cell, str)]
    if len(numbers) < 3 or numbers != list(range(1, len(numbers) + 1)):
        return False
    return all(
        len(plain(cell)) == 1 and plain(cell) in "甲乙丙丁戊" for cell in cells.values() if isinstance(cell, str)
    )


def _group_title(ordered: list[str], cells: dict[int, Cell], name_at: int) -> str:
    """The title of a group row: a Chinese numeral and a name, alone but for figures, or a lone text elsewhere."""
    if not ordered:
        return ""
    first = ordered[0]
    if found := GROUP_MARK.match(first):
        return re.sub(r"[（(].*", "", found[1]).strip(" ：:") or first if len(ordered) <= 2 else ""
    if re.fullmatch("[一二三四五六七八九十]{1,3}", first) and len(ordered) == 2:
        return re.sub(r"[（(].*", "", ordered[1]).strip(" ：:")
    alone = len(cells) == 1 and name_at not in cells
    return first if alone and len(first) <= 20 else ""
