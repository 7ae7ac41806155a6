"""How the cells of one sheet are to be read: what each column means, units, year; and a row read accordingly. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from parkportal.workbooks import Cell
from parkportal.writing import Unreadable
from projects import stages
from projects.imports.cells import STAGE_OF_DAY, Unclear, clean, read, written
from projects.imports.fields import BY_KEY, CUSTOM

LONGEST_CUSTOM: Final = 2000
UNIT_KINDS: Final = ("亿元", "万元", "元", "㎡", "平方米")


@dataclass(frozen=True)
class Plan:
    """What a person confirmed about a sheet."""

    mapping: Mapping[int, str]
    headings: tuple[str, ...]
    units: Mapping[int, str] = field(default_factory=dict)
    unit: str = "万元"
    year: int | None = None

    def column_of(self, key: str) -> int | None:
        """The column that holds a field."""
        return next((column for column, target in self.mapping.items() if target == key), None)

    def heading(self, column: int) -> str:
        """How a column is headed, or which one it is."""
        known = self.headings[column].strip() if column < len(self.headings) else ""
        return known or _("第%(number)s列") % {"number": column + 1}


@dataclass
class Problem:
    """What is wrong with a cell, and texts of which one may have been meant."""

    say: str
    fixes: tuple[str, ...] = ()


@dataclass
class RowRead:
    """A row as it was read, before it is compared with anything."""

    values: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: dict[int, Problem] = field(default_factory=dict)
    stage: str = ""
    """The furthest stage that its days tell of."""


def read_row(plan: Plan, cells: Mapping[int, Cell]) -> RowRead:
    """Read every cell of a row; what cannot be read is a problem of its column, nothing is left out."""
    found = RowRead()
    for column, cell in cells.items():
        target = plan.mapping.get(column, CUSTOM)
        if target == CUSTOM:
            _keep(found, plan, column, cell)
        elif target:
            _read_into(found, plan, column, target, cell)
    return found


def _keep(found: RowRead, plan: Plan, column: int, cell: Cell) -> None:
    """A column that the portal does not know: its text stays under its heading."""
    if isinstance(cell, dict) and "date" not in cell:
        found.problems[column] = Problem(
            _("这一格的公式没有计算结果，请在Excel里打开、保存一次再上传，或在这里填上内容")
        )
        return
    text = clean(written(cell))
    if len(text) > LONGEST_CUSTOM:
        words = {"most": LONGEST_CUSTOM, "length": len(text)}
        found.problems[column] = Problem(_("自定义列最多%(most)s个字，现在是%(length)s个") % words)
    elif text:
        found.custom[plan.heading(column)] = text


def _read_into(found: RowRead, plan: Plan, column: int, target: str, cell: Cell) -> None:
    try:
        reading = read(BY_KEY[target], cell, unit=plan.units.get(column) or plan.unit, year=plan.year)
    except Unclear as unclear:
        found.problems[column] = Problem(str(unclear), unclear.fixes)
        return
    except Unreadable as wrong:
        found.problems[column] = Problem(str(wrong))
        return
    for key, value in reading.values.items():
        if key == target or target not in {"started_on", "in_production_on"}:
            found.values[key] = value
        else:
            found.values.setdefault(key, value)
    if reading.note:
        found.notes.append(reading.note)
    if reading.custom:
        found.custom[plan.heading(column)] = reading.custom
    reached = reading.stage or (STAGE_OF_DAY.get(target, "") if reading.values.get(target) else "")
    found.stage = later(found.stage, reached)


def later(one: str, other: str) -> str:
    """The later of two stages; an empty one is before all."""
    order = ("", *stages.CODES)
    return max(one, other, key=order.index)


def is_blank(cells: Mapping[int, Cell], column: int | None) -> bool:
    """Whether nothing at all was written into a cell; a dash says that nothing is known, which is something."""
    return column is not None and (cells.get(column) is None or cells[column] == "")
