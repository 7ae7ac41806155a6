"""A batch as its page shows it: the rows of one page with their cells, sentences and the buttons that answer them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from parkportal.models import User
from projects.imports.cells import written
from projects.imports.fields import BY_KEY, CUSTOM
from projects.imports.plan import Plan
from projects.imports.services import mended_of
from projects.models import ImportBatch, ImportRow
from projects.models.secrecy import sees_in_full
from projects.words import label

WANTED: Final = (
    "chain",
    "signed_on",
    "total_investment",
    "expected_annual_output",
    "responsible",
    "stage",
    "investor_name",
)
"""The columns that are shown beside the name, as far as the sheet has them."""
MOST_COLUMNS: Final = 5
MOST_COUNTED: Final = 1000
"""Wrong rows that are looked through for the same mistake."""
NUMBERS: Final = frozenset({"money", "count", "area", "sqm"})
OFFERS: Final = {
    "same": _("是同一项目，改为更新"),
    "new": _("不是，按新增"),
    "skip": _("不导入这一行"),
    "keep": _("保留系统里的值"),
    "phase": _("是它的分期"),
    "odd": _("确属实情，照此导入"),
    "undo": _("撤销这个决定"),
}
WORDS: Final = {
    "new": _("新增"),
    "updated": _("更新"),
    "confirm": _("请确认"),
    "wrong": _("要改"),
    "skipped": _("跳过"),
}


@dataclass
class Column:
    """A column of the page: which one of the sheet it is, and how it is headed."""

    at: int
    heading: str
    is_number: bool = False


@dataclass
class ShownCell:
    """A cell: its text, what the ledger says where that differs, and what is wrong with it."""

    at: int
    heading: str
    text: str
    old: str = ""
    is_changed: bool = False
    is_wrong: bool = False
    is_number: bool = False
    say: str = ""
    fixes: list[str] = field(default_factory=list)
    same: int = 0
    """In how many rows this column is wrong in the same words."""


@dataclass
class ShownRow:
    """A row with everything that its lines on the page say."""

    row: ImportRow
    name: ShownCell
    cells: list[ShownCell]
    others: list[ShownCell]
    """Wrong cells of columns that the page does not show."""
    offers: list[tuple[str, Any]]
    changes: list[tuple[str, tuple[str, str]]]
    """Old and new of what is not among the cells that are shown."""

    @property
    def kind(self) -> str:
        """Done, or its state."""
        return "done" if self.row.result else self.row.state

    def count_same(self, counts: Mapping[tuple[int, str], int]) -> None:
        """Tell each wrong cell how many say the same."""
        for cell in self.wrong:
            cell.same = counts.get((cell.at, written(self.row.cells.get(str(cell.at)))), 0)

    @property
    def wrong(self) -> list[ShownCell]:
        """The cells to be mended, in the order of the page."""
        return [cell for cell in (self.name, *self.cells, *self.others) if cell.is_wrong]

    @property
    def fixable(self) -> list[ShownCell]:
        """The wrong cells of which it is known what may have been meant."""
        return [cell for cell in self.wrong if cell.fixes]

    @property
    def notes(self) -> list[str]:
        """How cells were read that say it in another way."""
        return [str(note) for note in self.row.problems.get("notes", [])]

    @property
    def say(self) -> str:
        """The sentence on the whole row."""
        return str(self.row.problems.get("say", ""))

    @property
    def has_more(self) -> bool:
        """Whether a second line follows."""
        return bool(self.wrong or self.say or self.notes or self.offers or self.changes)


def columns_of(plan: Plan) -> list[Column]:
    """The columns that are shown beside the name."""
    found = [(key, at) for key in WANTED if (at := plan.column_of(key)) is not None][:MOST_COLUMNS]
    return [
        Column(at, _heading(plan, key), BY_KEY[key].kind in NUMBERS)
        for key, at in sorted(found, key=lambda one: one[1])
    ]


def _heading(plan: Plan, key: str) -> str:
    at = plan.column_of(key)
    unit = plan.units.get(at or 0) or plan.unit
    return f"{BY_KEY[key].label}（{unit}）" if BY_KEY[key].kind == "money" else str(BY_KEY[key].label)


def shown(row: ImportRow, plan: Plan, columns: Sequence[Column], user: User) -> ShownRow:
    """A stored row for the page; what the ledger says of a secret project only for those who see it in full."""
    if row.project is not None and not sees_in_full(user, row.project):
        row.diff, row.problems = {}, {**row.problems, "say": "", "offers": []}
    at = plan.column_of("name") or 0
    name = _cell(row, plan, at)
    cells = [_cell(row, plan, column.at) for column in columns]
    seen = {at, *(column.at for column in columns)}
    wrong = sorted(int(column) for column in row.problems.get("cells", {}))
    others = [_cell(row, plan, column) for column in wrong if column not in seen]
    offers = [(code, OFFERS[code]) for code in row.problems.get("offers", []) if not row.result]
    told = {_label(plan, cell.at) for cell in (name, *cells) if cell.is_changed}
    changes = [(key, tuple(pair)) for key, pair in row.diff.items() if key not in told]
    return ShownRow(row, name, cells, others, offers, changes)


def _label(plan: Plan, at: int) -> str:
    """What the differences call a column."""
    target = plan.mapping.get(at, CUSTOM)
    if target == CUSTOM:
        return plan.heading(at)
    names = {"investor_name": "investor", "company_name": "company", "responsible": "responsible_unit"}
    known = BY_KEY[target].label if target in {"investor_origin", "company_uscc"} else label(names.get(target, target))
    return str(known)


def _cell(row: ImportRow, plan: Plan, at: int) -> ShownCell:
    mended = mended_of(row)
    text = mended[at] if at in mended else written(row.cells.get(str(at)))
    problem = row.problems.get("cells", {}).get(str(at))
    pair = row.diff.get(_label(plan, at))
    kind = BY_KEY[key].kind if (key := plan.mapping.get(at, "")) in BY_KEY else "other"
    number = kind in NUMBERS
    shown_text = _grouped(text) if number and not problem else text
    cell = ShownCell(at, plan.heading(at), shown_text, is_number=number)
    if problem:
        cell.is_wrong, cell.say, cell.fixes = True, str(problem["say"]), list(problem["fixes"])
    if pair:
        cell.is_changed, cell.old, cell.text = True, pair[0], pair[1]
    return cell


def _grouped(text: str) -> str:
    """A plain number with its thousands apart."""
    whole, point, decimals = text.partition(".")
    return f"{int(whole):,}{point}{decimals}" if whole.isascii() and whole.isdigit() and len(whole) < 16 else text


def same_wrong(batch: ImportBatch) -> Counter[tuple[int, str]]:
    """How often each wrong cell of the batch says the same: (column, text) → number."""
    rows = batch.rows.filter(state=ImportRow.State.WRONG, result={}).values_list("cells", "problems")[:MOST_COUNTED]
    return Counter(
        (int(column), written(cells.get(column))) for cells, problems in rows for column in problems.get("cells", {})
    )
