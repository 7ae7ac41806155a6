"""Their list as it comes: a workbook, a CSV file or pasted lines, read into rows; and the 差异表 as a workbook."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises import uscc as credit_code
from parkportal import workbooks
from parkportal.exports import Column, Table, plain_text
from parkportal.writing import Unreadable, clean_text, read_qualified_money
from projects.imports.cells import is_nothing, written
from projects.imports.heads import meaning, unit_in
from reports.models import Reconciliation
from reports.periods import Period
from reports.reconciliation.matching import Theirs

MOST_ROWS: Final = 500
LOOKED_AT: Final = 20
SURE: Final = 60
NAMING: Final = frozenset({"name", "firm"})
"""Columns without which a row is no head; their headings are known word for word: no project is taken for one."""
MOST_NAME: Final = 200
MOST_SAID: Final = 5
"""How many wrong rows a refusal names."""
KEYS: Final = {"name": "name", "code": "code", "company_uscc": "uscc", "total_investment": "amount", "investor": "firm"}
"""What a heading may mean, and which part of a row it fills; an enterprise names a row that has no other name."""
UNITS: Final = ("万元", "亿元", "元", "万美元", "美元")
TOTALS: Final = re.compile(r"(?:[合总小共]\s*[计])\s*(?:[（(：:0-9].*)?", re.DOTALL)
"""A row of sums, however it is spaced, with a count or nothing behind it: no project."""
CODE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
NUMBER: Final = re.compile(r"[0-9]{1,4}[.、]?")
BULLET: Final = re.compile(r"^\s*(?:[0-9]{1,3}[.、)）]|[（(][0-9一二三四五六七八九十]{1,3}[)）])\s*(?=\S)")
Row = Sequence[str]


def rows_of_file(name: str, data: bytes) -> list[list[str]]:
    """The cells of an uploaded list; ValidationError in words for one that cannot be read."""
    if name.lower().endswith(".csv"):
        return _rows_of_csv(data)
    try:
        sheets = workbooks.read(data, workbooks.check(name, data))
    except workbooks.Refused as refused:
        raise ValidationError(str(refused)) from refused
    shown = [sheet for sheet in sheets if not sheet.is_hidden and any(map(any, sheet.rows))]
    if not shown:
        raise ValidationError(_("工作簿里没有内容。请填好名单再上传。"))
    return [[plain_text(clean_text(written(cell))) for cell in row] for row in shown[0].rows]


def _rows_of_csv(data: bytes) -> list[list[str]]:
    if len(data) > workbooks.MOST_BYTES or b"\0" in data:
        raise ValidationError(_("CSV文件太大或已损坏，请另存为.xlsx再上传。"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    return _cells(text, ",")


def rows_of_text(text: str) -> list[list[str]]:
    """The cells of pasted lines: of Excel with tabs between, or one name in a line, numbered or not."""
    if "\t" in text:
        return _cells(text, "\t")
    return [[BULLET.sub("", line).strip().rstrip("；;。")] for line in clean_text(text).split("\n")]


def _cells(text: str, between: str) -> list[list[str]]:
    lines = csv.reader(io.StringIO(text.replace("\0", ""), newline=None), delimiter=between)
    try:
        return [[clean_text(cell) for cell in line] for line in lines]
    except csv.Error as broken:
        raise ValidationError(_("名单里的引号不成对，读不出来。请用Excel或WPS打开，另存为.xlsx再上传。")) from broken


@dataclass(frozen=True)
class Layout:
    """Which column holds what, in which unit amounts are, and where the rows begin."""

    columns: Mapping[str, int]
    unit: str
    first: int


def read_list(rows: Sequence[Row], unit: str, compared_in: str = "") -> list[Theirs]:
    """The rows of their list; ValidationError in words where there are none, too many, or amounts that say nothing.

    `unit` is that of amounts without one, unless the head names another; `compared_in` is that of our amounts, if any.
    """
    layout = _layout(rows, unit)
    found: list[Theirs] = []
    wrong: list[str] = []
    for number, row in enumerate(rows[layout.first :], layout.first + 1):
        parts = _parts(row, layout) if layout.columns else _guessed(row)
        if not parts.get("name") or TOTALS.fullmatch(parts["name"]):
            continue
        try:
            found.append(_their(number, parts, layout.unit))
        except Unreadable as mistake:
            wrong.append(_("第%(row)s行：%(sentence)s。") % {"row": number, "sentence": str(mistake).rstrip("。")})
    _demand(found, wrong)
    if compared_in and ("美" in compared_in) != ("美" in layout.unit) and any(one.amount is not None for one in found):
        said = {"ours": compared_in, "theirs": layout.unit}
        sentence = _("这项指标的金额以%(ours)s对照，名单以%(theirs)s为单位，请改单位，或去掉金额一列。")
        raise ValidationError(sentence % said)
    return found


def _demand(found: Sequence[Theirs], wrong: Sequence[str]) -> None:
    if wrong:
        raise ValidationError([*wrong[:MOST_SAID], *([_("还有几行也是这样。")] if len(wrong) > MOST_SAID else [])])
    if not found:
        raise ValidationError(_("没有认出项目名称。请给名单加上“项目名称”一列，或每行写一个名称。"))
    if len(found) > MOST_ROWS:
        said = {"most": MOST_ROWS, "n": len(found)}
        raise ValidationError(_("一次最多对%(most)s行，名单有%(n)s行，请分次对账。") % said)


def _layout(rows: Sequence[Row], unit: str) -> Layout:
    """The head of the list: the first row that names a name; without one the cells are told apart by their looks."""
    for number, row in enumerate(rows[:LOOKED_AT]):
        columns: dict[str, int] = {}
        for place, cell in enumerate(row):
            key, sure = meaning(cell) if cell else ("", 0)
            part = KEYS.get(key, "")
            if part and sure >= (100 if part in NAMING else SURE):
                columns.setdefault(part, place)
        columns |= {"name": columns["firm"]} if "firm" in columns and "name" not in columns else {}
        if "name" in columns:
            told = unit_in(row[columns["amount"]]) if "amount" in columns else ""
            return Layout(columns, told if told in UNITS else unit, number + 1)
    return Layout({}, unit, 0)


def _parts(row: Row, layout: Layout) -> dict[str, str]:
    return {key: row[place].strip() for key, place in layout.columns.items() if place < len(row)}


def _guessed(row: Row) -> dict[str, str]:
    """A row without a head: the first text is its name, eighteen signs a credit code, the last number its amount."""
    cells = [cell.strip() for cell in row if cell.strip()]
    cells = cells[1:] if len(cells) > 1 and NUMBER.fullmatch(cells[0]) else cells
    if not cells:
        return {}
    name, rest = cells[0], cells[1:]
    codes = [cell for cell in rest if CODE.fullmatch(credit_code.normalise(cell))]
    amounts = [cell for cell in rest if cell not in codes and re.match(r"[约¥]?[0-9]", cell)]
    return {"name": name, "uscc": codes[0] if codes else "", "amount": amounts[-1] if amounts else ""}


def _their(number: int, parts: Mapping[str, str], unit: str) -> Theirs:
    typed = parts.get("amount", "")
    amount = None if is_nothing(typed) else read_qualified_money(typed, unit)[0]
    uscc = credit_code.normalise(parts.get("uscc", ""))
    return Theirs(number, parts["name"][:MOST_NAME], parts.get("code", ""), uscc, amount)


def difference_table(reconciliation: Reconciliation, rows: Iterable[Any], title: str, unit: str) -> Table:
    """The comparison as a workbook; `rows` are those of `services.told`, amounts in `unit` (万元 or 万美元)."""
    kind: Any = "usd" if unit == "万美元" else "money"
    columns = (
        Column("kind", gettext_lazy("结果"), "text", lambda row: row.row.get_kind_display()),
        Column("ours", gettext_lazy("本园区名称"), "long", lambda row: row.ours),
        Column("code", gettext_lazy("编号"), "text", lambda row: row.row.member, width=20),
        Column("our_amount", gettext_lazy("本园区金额"), kind, lambda row: row.row.our_amount),
        Column("theirs", gettext_lazy("对方名称"), "long", lambda row: row.theirs),
        Column("their_amount", gettext_lazy("对方金额"), kind, lambda row: row.row.their_amount),
        Column("why", gettext_lazy("可能的原因"), "long", lambda row: row.row.why),
        Column("decision", gettext_lazy("处理意见"), "long", lambda row: row.row.decision),
        Column("settled", gettext_lazy("已处理"), "text", lambda row: _("是") if row.row.settled else "", width=8),
    )
    period = Period.parse(reconciliation.period).in_words("full")
    said = {"park": reconciliation.park, "period": period, "indicator": reconciliation.indicator}
    note = _("%(park)s%(period)s，%(indicator)s") % said
    source = f"{reconciliation.authority}　{reconciliation.document}".strip()
    return Table(title=title, columns=columns, rows=rows, note=f"{note}　{source}", unit=unit, noun=_("行"))
