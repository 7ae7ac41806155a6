"""Workbooks that the import hands out: the template to fill in, and the wrong rows with what is wrong with them."""

import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

import xlsxwriter
from django.utils.translation import gettext as _

from parkportal.models import Park
from parkportal.workbooks import Cell
from projects.imports.book import ParkBook
from projects.imports.cells import written
from projects.imports.fields import BY_KEY, IGNORED, LABELS
from projects.imports.services import mended_of, plan_of
from projects.models import ImportBatch, ImportRow

ROWS: Final = 500
"""Rows of the template that have drop-down lists."""
COLUMNS: Final = (
    ("number", 6), ("name", 30), ("investor_name", 24), ("investor_origin", 12), ("company_name", 24),
    ("company_uscc", 22), ("content", 36), ("category", 12), ("chain", 12), ("construction_nature", 10), ("site", 18),
    ("land_use_mode", 12), ("land_area_mu", 10), ("workshop_area_sqm", 10), ("total_investment", 12),
    ("fixed_asset_investment", 12), ("contracted_capital", 12), ("annual_planned_investment", 12),
    ("contract_type", 12), ("signed_on", 12), ("registered_on", 12), ("planned_start_on", 12), ("started_on", 12),
    ("planned_production_on", 12), ("in_production_on", 12), ("stage", 10), ("progress", 30),
    ("completed_investment", 12), ("expected_annual_output", 12), ("expected_annual_tax", 12), ("expected_jobs", 10),
    ("problem", 24), ("next_step", 24), ("lead_official", 12), ("responsible", 18), ("note", 20),
)  # fmt: skip
"""The columns of the template in the order that staff use, each with its width."""
UNIT_WORDS: Final = {"money": "（万元）", "area": "（亩）", "sqm": "（㎡）", "count": "（人）"}


def template(park: Park, book: ParkBook) -> bytes:
    """The empty ledger as .xlsx: unit line, heads, drop-down lists of the official words and of the city's chains."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as file:
        sheet = file.add_worksheet(_("项目台账"))
        bold = file.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "bg_color": "#E3EEF1"}
        )
        text = file.add_format({"num_format": "@"})
        sheet.write_string(
            0, 0, _("%(park)s招商引资项目台账") % {"park": park.name}, file.add_format({"bold": True, "font_size": 14})
        )
        sheet.write_string(1, 0, _("单位：万元"))
        chains = sorted({chain.name for chain in book.chains.values()})
        for column, (key, width) in enumerate(COLUMNS):
            is_text = BY_KEY[key].kind in {"text", "day"}
            sheet.set_column(column, column, width, text if is_text else None)
            sheet.write_string(2, column, heading(key), bold)
            listed = chains if key == "chain" else list(LABELS.get(key, ()))
            if listed and len(",".join(listed)) < 250:
                sheet.data_validation(3, column, ROWS + 2, column, {"validate": "list", "source": listed})
        sheet.freeze_panes(3, 2)
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.repeat_rows(2)
        _explain(file)
    return buffer.getvalue()


def heading(key: str) -> str:
    """The heading of a column with its unit."""
    return f"{BY_KEY[key].label}{UNIT_WORDS.get(BY_KEY[key].kind, '')}"


def _explain(file: Any) -> None:
    """A second sheet that says how the first is filled in."""
    sheet = file.add_worksheet(_("填写说明"))
    sheet.set_column(0, 0, 90)
    lines = (
        _("只有项目名称必填；签约项目还要写总投资，确实没有的填“—”。"),
        _("金额按万元填数字，也可以写“3.2亿”“5亿元以上”。"),
        _("时间写“2020-07-10”；只知道旬或月的写“2020年7月中旬”“2020年8月”。"),
        _("类别、产业链、合同类型、阶段等从下拉列表里选。"),
        _("责任单位和责任人写成“招商一科／张三”；责任人在本系统有账号的，会自动对应。"),
        _("可以加列：系统里没有的列会按原样保存为自定义列。"),
    )
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line)


def wrong_rows(batch: ImportBatch) -> bytes:
    """Rows that are wrong or must be confirmed as .xlsx, the reason in the first column; it can be imported again."""
    plan = plan_of(batch)
    rows = batch.rows.filter(state__in=[ImportRow.State.WRONG, ImportRow.State.CONFIRM], result={}).order_by("number")
    columns = [
        column for column in range(len(plan.headings)) if plan.mapping.get(column, IGNORED) or plan.headings[column]
    ]
    heads = [_("要改的地方"), _("原表行号"), *(_heading(plan, column) for column in columns)]
    lines = ([_reasons(row, plan), row.number, *_cells(row, columns)] for row in rows)
    return _workbook(_("单位：%(unit)s") % {"unit": plan.unit}, heads, lines)


def _heading(plan: Any, column: int) -> str:
    """The heading as it is understood: its own words where those are known, else with its unit."""
    return str(plan.heading(column))


def _reasons(row: ImportRow, plan: Any) -> str:
    cells = row.problems.get("cells", {})
    said = [
        f"{plan.heading(int(column))}：{one['say']}" for column, one in sorted(cells.items(), key=lambda c: int(c[0]))
    ]
    return "；".join([*said, *filter(None, [row.problems.get("say", "")])])


def _cells(row: ImportRow, columns: Sequence[int]) -> list[Cell]:
    """The cells as they are now: mended where somebody did."""
    cells = {int(column): cell for column, cell in row.cells.items()} | mended_of(row)
    return [cells.get(column) for column in columns]


def _workbook(note: str, heads: Sequence[str], lines: Iterable[Sequence[Cell]]) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as file:
        sheet = file.add_worksheet(_("要改的行"))
        bold = file.add_format({"bold": True, "text_wrap": True, "border": 1})
        bad = file.add_format({"font_color": "#A6311D", "text_wrap": True})
        sheet.set_column(0, 0, 60)
        sheet.set_column(2, len(heads), 16)
        sheet.write_string(0, 0, note)
        for column, text in enumerate(heads):
            sheet.write_string(1, column, text, bold)
        for number, line in enumerate(lines, 2):
            for column, cell in enumerate(line):
                _put(sheet, number, column, cell, bad if column == 0 else None)
        sheet.freeze_panes(2, 3)
    return buffer.getvalue()


def _put(sheet: Any, row: int, column: int, cell: Cell, style: Any) -> None:
    """Write a cell as what it is; a text is always a text."""
    if isinstance(cell, bool | dict) or cell is None:
        text = written(cell)
        if text:
            sheet.write_string(row, column, text, style)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, style)
    else:
        sheet.write_string(row, column, cell, style)
