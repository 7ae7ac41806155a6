"""Superiors' blank forms as they come: title, line with blanks, merged heads, prepared rows, totals, print set-up."""

import io
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

LINE = "单位（盖章）：　　　　填报日期：　　年　　月　　日　　　　单位：万元"
FIRST, LAST, TOTAL = 6, 8, 9


def project_form(*, line: str = LINE, total: str = "=SUM(D6:D8)", width: int = 8) -> bytes:
    """A list of projects in three prepared rows: 序号 … 存在问题, and a formula."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "调度表"
    sheet["A1"] = "招商引资项目调度表"
    sheet.merge_cells("A1:H1")
    sheet["A1"].font, sheet["A1"].alignment = Font(name="方正小标宋简体", size=20), Alignment(horizontal="center")
    sheet["A2"] = line
    sheet.merge_cells("A2:H2")
    heads = {"A3": "序号", "B3": "项目情况", "D3": "投资情况", "F3": "进展情况", "H3": "核对"}
    lower = {"B5": "项目名称", "C5": "投资方", "D5": "总投资", "E5": "签约时间", "F5": "目前进展", "G5": "存在问题"}
    for ref, text in (heads | lower).items():
        sheet[ref] = text
    for span in ("A3:A5", "B3:C4", "D3:E4", "F3:G4", "H3:H5"):
        sheet.merge_cells(span)
    side = Side(style="thin")
    for row in range(3, TOTAL + 1):
        for column in range(1, width + 1):
            sheet.cell(row, column).border = Border(left=side, right=side, top=side, bottom=side)
    for row in range(FIRST, LAST + 1):
        sheet.row_dimensions[row].height = 28
        sheet.cell(row, 1).value = row - FIRST + 1
        sheet.cell(row, 4).number_format = "#,##0.00"
        sheet.cell(row, 8).value = f"=D{row}*2"
    sheet.cell(FIRST, 2).fill = PatternFill("solid", fgColor="FFEEEEEE")
    sheet.cell(TOTAL, 1).value, sheet.cell(TOTAL, 4).value = "合计", total or None
    sheet.merge_cells(f"A{TOTAL}:C{TOTAL}")
    sheet["A10"] = "单位负责人：　　　　填表人：　　　　联系电话："
    sheet.row_dimensions[10].height = 40
    sheet.column_dimensions["B"].width, sheet.column_dimensions["F"].width = 33, 41
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 8
    sheet.print_title_rows, sheet.print_area = "1:5", "A1:H10"
    sheet.conditional_formatting.add("D6:D8", CellIsRule(operator="lessThan", formula=["0"], font=Font(bold=True)))
    return saved(book)


def figure_form() -> bytes:
    """A page of single cells: indicators with target, result and completion."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "指标"
    rows = [
        ["目标完成情况"],
        ["填报单位：　　　　填报日期：　　　　金额单位：亿元"],
        ["指标", "目标", "累计", "当月", "完成率"],
        ["签约项目数"],
        ["签约总投资"],
    ]
    for row in rows:
        sheet.append(row)
    sheet["E4"].number_format = "0.0%"
    sheet["F4"] = "=C4-B4"
    return saved(book)


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def opened(data: bytes) -> Any:
    """The active sheet of a file."""
    return load_workbook(io.BytesIO(data)).active
