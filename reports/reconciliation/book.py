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
from parkportal.workbooks import Cell
from parkportal.writing import Unreadable, clean_text, read_qualified_money
from projects.imports.cells import is_nothing, written
from projects.imports.heads import bare, meaning, plain, unit_in
from projects.imports.texts import sheets_of
from reports.models import Reconciliation
from reports.periods import Period
from reports.reconciliation.matching import Theirs

MOST_ROWS: Final = 500
LOOKED_AT: Final = 20
MOST_HEAD: Final = 3
"""Rows that a head may have, with cells merged over them."""
SURE: Final = 60
NAMING: Final = frozenset({"name", "firm"})
"""Columns without which a row is no head; their headings are known word for word: no project is taken for one."""
MOST_NAME: Final = 200
MOST_SAID: Final = 5
"""How many wrong rows a refusal names."""
KEYS: Final = {
    "name": "name", "code": "code", "company_uscc": "uscc", "total_investment": "amount", "investor_name": "firm",
    "company_name": "firm",
}  # fmt: skip
"""What a heading may mean, and which part of a row it fills; enterprises name the rows of a list without projects."""
LISTED: Final = {
    "投资项目": "name",
    **dict.fromkeys(("企业名称", "单位名称", "公司名称", "企业全称", "建设单位", "项目单位"), "firm"),
    **dict.fromkeys(("拟投资额", "计划投资额", "预计投资额", "投资金额", "拟总投资", "预计总投资"), "amount"),
}
"""Headings of lists that no ledger has, and which part of a row they fill."""
COMPARED: Final = ("name", "code", "uscc", "amount")
UNITS: Final = ("万元", "亿元", "元", "万美元", "美元")
UNIT_BEHIND: Final = re.compile(rf"[,/、:]?(?:单位:?)?({'|'.join(UNITS)})$")
"""A unit that stands behind a heading without brackets."""
RESULTLESS: Final = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
"""What Excel shows for a formula that came to nothing."""
TOTALS: Final = re.compile(r"(?:[合总小共]\s*[计])\s*(?:[（(：:0-9].*)?", re.DOTALL)
"""A row of sums, however it is spaced, with a count or nothing behind it: no project."""
CODE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
NUMBER: Final = re.compile(r"[0-9]{1,4}[.、]?")
UNIT_ABOVE: Final = re.compile(r"单位[:：]?\s*(万美元|美元|亿元|万元|元)")
"""The line over a table that names the unit of its amounts."""
REMARK: Final = re.compile(r"(?:注|备注|说明|填表人|制表人|审核人|单位负责人|联系电话|报出日期)\s*[:：].*", re.DOTALL)
GROUP: Final = re.compile(r"(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）]).*", re.DOTALL)
"""A row that names a group of rows, where nothing else stands in it."""
BULLET: Final = re.compile(
    r"^\s*(?:[0-9]{1,3}[.、)）]|[一二三四五六七八九十]{1,3}、|[（(][0-9一二三四五六七八九十]{1,3}[)）])\s*(?=\S)"
)
PLACES: Final = frozenset(
    {"园区", "园区名称", "所在园区", "所属园区", "责任园区", "承接园区", "承载园区", "落户园区", "落地园区"}
)
"""Headings of the column that says whose a project is, in a list of the whole city."""
UNSAID: Final = frozenset({"面议", "待定", "未定", "待议", "保密"})
"""What stands for an amount that is not told."""
Row = Sequence[str]


def rows_of_file(name: str, data: bytes) -> list[list[str]]:
    """The cells of the list in an uploaded file; ValidationError in words where it cannot be read or told which it is.

    Of several sheets it is the one whose head names projects or enterprises.
    """
    try:
        sheets = sheets_of(name, data)
    except workbooks.Refused as refused:
        raise ValidationError(str(refused)) from refused
    shown = [sheet for sheet in sheets if not sheet.is_hidden and any(map(any, sheet.rows))]
    if not shown:
        raise ValidationError(_("文件里没有内容。请填好名单再上传。"))
    found = [(sheet.name, [[_shown(cell) for cell in row] for row in sheet.rows]) for sheet in shown]
    lists = [one for one in found if _is_list(one[1])] if len(found) > 1 else found
    if not lists:
        raise ValidationError(_("几张工作表都没有“项目名称”或“企业名称”一列。请加上表头，或只留名单那一张再上传。"))
    if len(lists) > 1:
        said = "".join(f"“{sheet}”" for sheet, _rows in lists[:MOST_SAID])
        sentence = _("工作簿里有%(n)s张工作表像是名单：%(sheets)s。请只留要对照的一张，另存后再上传。")
        raise ValidationError(sentence % {"n": len(lists), "sheets": said})
    return lists[0][1]


def _shown(cell: Cell) -> str:
    """A cell as Excel shows it, a formula without a result too."""
    return "#N/A" if isinstance(cell, dict) and "date" not in cell else plain_text(clean_text(written(cell)))


def _is_list(rows: Sequence[Row]) -> bool:
    """Whether a head names projects or enterprises, and rows stand below it."""
    layout = _headed(rows, "")
    return bool(layout and any(_parts(row, layout).get("name") for row in rows[layout.first :]))


def rows_of_text(text: str) -> list[list[str]]:
    """The cells of pasted lines: of Excel with tabs between, or one name in a line, numbered or not."""
    if "\t" in text:
        return _cells(text)
    return [[BULLET.sub("", line).strip().rstrip("；;。")] for line in clean_text(text).split("\n")]


def _cells(text: str) -> list[list[str]]:
    lines = csv.reader(io.StringIO(text.replace("\0", ""), newline=None), delimiter="\t")
    try:
        return [[clean_text(cell) for cell in line] for line in lines]
    except csv.Error as broken:
        raise ValidationError(_("名单里的引号不成对，读不出来。请用Excel或WPS打开，另存为.xlsx再上传。")) from broken


@dataclass(frozen=True)
class Layout:
    """Which column holds what, in which unit amounts are, where the rows begin, and the rows of the head."""

    columns: Mapping[str, int]
    unit: str
    first: int
    head: Sequence[Row] = ()

    def heading(self, place: int) -> str:
        """What a column is headed with, in quotes; empty for none."""
        cells = [cell for row in self.head for cell in row[place : place + 1] if cell.strip()]
        lowest = "".join("".join(cells[-1:]).split())
        return f"“{lowest}”" if lowest else ""


def read_list(rows: Sequence[Row], unit: str, compared_in: str = "") -> list[Theirs]:
    """The rows of their list; ValidationError in words where there are none, too many, or amounts that say nothing.

    `unit` is that of amounts without one, unless the head names another; `compared_in` is that of our amounts, if any.
    """
    layout = _layout(rows, unit)
    found: list[Theirs] = []
    wrong: list[str] = []
    for number, row in enumerate(rows[layout.first :], layout.first + 1):
        parts = _parts(row, layout) if layout.columns else _guessed(row)
        if not parts.get("name") or _is_none(row, layout, parts["name"]):
            continue
        try:
            found.append(_their(number, parts, layout))
        except Unreadable as mistake:
            wrong.append(_wrong(number, str(mistake)))
    _demand(found, wrong)
    if compared_in and ("美" in compared_in) != ("美" in layout.unit) and any(one.amount is not None for one in found):
        said = {"ours": compared_in, "theirs": layout.unit}
        sentence = _("这项指标的金额以%(ours)s对照，名单以%(theirs)s为单位，请改单位，或去掉金额一列。")
        raise ValidationError(sentence % said)
    return found


def _wrong(number: int, sentence: str) -> str:
    return _("第%(row)s行：%(sentence)s。") % {"row": number, "sentence": sentence.rstrip("。")}


def columns_told(rows: Sequence[Row]) -> str:
    """By which of its columns a list is compared, in words; empty for names alone."""
    layout = _layout(rows, "")
    if not layout.columns:
        return _("名单没有表头，名称和金额按内容辨认。") if any(sum(map(bool, row)) > 1 for row in rows) else ""
    places = sorted({layout.columns[part] for part in COMPARED if part in layout.columns})
    said = {"columns": "".join(map(layout.heading, places))}
    if "amount" in layout.columns:
        return _("名单按%(columns)s对照。") % said
    return _("名单按%(columns)s对照，没有认出总投资一列，没有对照金额。") % said


def of_park(rows: Sequence[Row], park: str) -> tuple[list[Row], int]:
    """The list with the rows of other parks emptied, each in its place, and how many these are.

    A list of the whole city names the park of each row, or once for the rows below. ValidationError in words where it
    never names ours: it is somebody else's.
    """
    layout = _layout(rows, "")
    heads = [[re.sub(r"\s", "", cell) for cell in row] for row in rows[: layout.first]]
    place = next((row.index(cell) for row in heads for cell in row if cell in PLACES), None)
    if place is None:
        return list(rows), 0
    kept, others, named = list(rows[: layout.first]), 0, ""
    for number, row in enumerate(rows[layout.first :], layout.first + 1):
        cell = row[place].strip() if place < len(row) else ""
        if RESULTLESS.fullmatch(cell):
            raise ValidationError(_wrong(number, _no_result(layout, place)))
        named = cell or named
        is_ours, name = _names(named, park), _parts(row, layout).get("name", "")
        others += bool(name and not is_ours and not cell.endswith("计") and not _is_none(row, layout, name))
        kept.append(row if is_ours else [])
    if others and not any(map(any, kept[layout.first :])):
        said = {"column": rows[layout.first - 1][place] or _("园区"), "park": park}
        raise ValidationError(_("“%(column)s”一列里没有%(park)s。请核对是不是这个园区的名单，或去掉这一列。") % said)
    return kept, others


def _names(cell: str, park: str) -> bool:
    """Whether a cell names a park, in full or in short; an empty one names none and is ours."""
    return cell in park or park in cell


def _is_none(row: Row, layout: Layout, name: str) -> bool:
    """Whether a row is no project: sums, wherever their word stands before the name, remarks, the name of a group."""
    if TOTALS.fullmatch(name) or REMARK.fullmatch(name):
        return True
    before = row[: layout.columns["name"]] if layout.columns else ()
    alone = bool(layout.columns) and sum(bool(cell.strip()) for cell in row) == 1
    return any(TOTALS.fullmatch(cell.strip()) for cell in before) or (alone and bool(GROUP.fullmatch(name)))


def _demand(found: Sequence[Theirs], wrong: Sequence[str]) -> None:
    if wrong:
        raise ValidationError([*wrong[:MOST_SAID], *([_("还有几行也是这样。")] if len(wrong) > MOST_SAID else [])])
    if not found:
        raise ValidationError(_("没有认出项目名称。请给名单加上“项目名称”一列，或每行写一个名称。"))
    if len(found) > MOST_ROWS:
        said = {"most": MOST_ROWS, "n": len(found)}
        raise ValidationError(_("一次最多对%(most)s行，名单有%(n)s行，请分次对账。") % said)


def _layout(rows: Sequence[Row], unit: str) -> Layout:
    """How a list is laid out; without a head the cells are told apart by their looks.

    ValidationError for a head, which numbers the rows, that names neither projects nor enterprises.
    """
    if found := _headed(rows, unit):
        return found
    for number, row in enumerate(rows[:LOOKED_AT], 1):
        first = next((cell for cell in row if cell.strip()), "")
        if first and meaning(first) == ("number", 100):
            sentence = _("第%(row)s行是表头，但没有“项目名称”或“企业名称”一列。请把那一列的表头改成其中一个。")
            raise ValidationError(sentence % {"row": number})
    return Layout({}, _unit_of(rows[:1], {}, unit), 0)


def _headed(rows: Sequence[Row], unit: str) -> Layout | None:
    """The layout by a head: the first row that names projects, else the first that names enterprises; None without."""
    named = [_columns(row) for row in rows[:LOOKED_AT]]
    for part in ("name", "firm"):
        number = next((number for number, columns in enumerate(named) if part in columns), None)
        if number is None:
            continue
        columns = named[number] | {"name": named[number][part]}
        height = _height(rows[number:], columns["name"])
        for lower in rows[number + 1 : number + height]:
            columns = {**_columns(lower), **columns}
        first = number + height
        return Layout(columns, _unit_of(rows[:first], columns, unit), first, rows[number:first])
    return None


def _columns(row: Row) -> dict[str, int]:
    """By part, the first column that the cells of a head name."""
    columns: dict[str, int] = {}
    for place, cell in enumerate(row):
        part, sure = _meant(cell) if cell else ("", 0)
        if part and sure >= (100 if part in NAMING else SURE):
            columns.setdefault(part, place)
    return columns


def _meant(heading: str) -> tuple[str, int]:
    """The part of a row that a heading names, and how surely."""
    heading = _bracketed(heading)
    if part := LISTED.get(bare(heading)):
        return part, 100
    key, sure = meaning(heading)
    return KEYS.get(key, ""), sure


def _bracketed(heading: str) -> str:
    """A heading with its unit in brackets, as the ledger's rules read it: “总投资 万元” as “总投资(万元)”."""
    return UNIT_BEHIND.sub(r"(\1)", plain(heading))


def _height(rows: Sequence[Row], name: int) -> int:
    """How many rows a head has: those below it that name columns, but no project, and hold no figures."""
    height = 1
    for row in rows[1:MOST_HEAD]:
        own = row[name].strip() if name < len(row) else ""
        cells = [cell for cell in row if cell.strip()]
        if own not in {"", rows[0][name].strip()} or not _columns(row) or any(cell.strip().isdigit() for cell in cells):
            break
        height += 1
    return height


def _unit_of(rows: Sequence[Row], columns: Mapping[str, int], unit: str) -> str:
    """The unit that the column of amounts is headed with, else the line over the table, else the chosen one."""
    place = columns.get("amount")
    heads = [row[place] for row in reversed(rows) if place is not None and place < len(row)]
    told = next((found for head in heads if (found := unit_in(_bracketed(head))) in UNITS), "")
    above = (UNIT_ABOVE.search(cell) for row in rows for cell in row)
    return told or next((found[1] for found in above if found), unit)


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
    amounts = [
        cell for cell in rest if cell not in codes and (re.match(r"[约¥]?[0-9]", cell) or RESULTLESS.fullmatch(cell))
    ]
    return {"name": name, "uscc": codes[0] if codes else "", "amount": amounts[-1] if amounts else ""}


def _their(number: int, parts: Mapping[str, str], layout: Layout) -> Theirs:
    """A row as it is compared; Unreadable for an amount that is none, and for a formula without a result."""
    for part in COMPARED:
        if RESULTLESS.fullmatch(parts.get(part, "")):
            raise Unreadable(_no_result(layout, layout.columns.get(part, 0)))
    typed = parts.get("amount", "")
    amount = None if is_nothing(typed) or typed in UNSAID else read_qualified_money(typed, layout.unit)[0]
    uscc = credit_code.normalise(parts.get("uscc", ""))
    return Theirs(number, parts["name"][:MOST_NAME], parts.get("code", ""), uscc, amount)


def _no_result(layout: Layout, place: int) -> str:
    return _("%(column)s的公式没有结果，请粘贴为数值后再传") % {"column": layout.heading(place) or _("这一行")}


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
