"""A workbook of targets as people really fill it in: what cannot be read is said, and nothing is dropped in silence."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from parkportal.models import Park
from parkportal.workbooks import Sheet
from reports.models import Indicator, Target
from reports.target_forms import book
from reports.target_forms.sheets import lines_of
from tests.factories import make_indicator, make_park, make_target

HEADS = ("园区代码", "指标代码", "年度", "级别", "年度目标", "文号", "下达单位")
ROW = ("yi", "signed", "2020", "市定目标", 12)


def table(*rows: Any, name: str = "目标", heads: Any = HEADS, **more: Any) -> Sheet:
    return Sheet(name, rows=[list(row) for row in (heads, *rows)], **more)


def read(*sheets: Sheet) -> list[list[str]]:
    """Park, indicator and number of each row that is read."""
    return [[line[key] for key in ("park", "indicator", "annual")] for _number, line in lines_of(sheets).lines]


def test_a_merged_code_stands_for_each_of_its_rows_but_a_merged_number_for_none() -> None:
    rows = [ROW, (None, "money", None, None, 3.5), (None, "third", None, None, None)]
    merged = [(1, column, 3, column) for column in (0, 2, 3)]
    found = lines_of([table(*rows, merges=[*merged, (2, 4, 3, 4)])])
    assert [(line["park"], line["year"], line["annual"]) for _number, line in found.lines] == [
        ("yi", "2020", "12"),
        ("yi", "2020", "3.5"),
        ("yi", "2020", "（合并单元格）"),
    ]


def test_rows_with_a_number_or_one_code_are_rows_and_totals_and_notes_are_none() -> None:
    rows = [("", "signed", 2020, "", 9), ("yi", "", 2020, "", ""), ("", "", "", "", 7), ("", "", 2020, "x", "")]
    assert read(table(*rows, ("合计3行",), ("注：按文件",))) == [["", "signed", "9"], ["yi", "", ""], ["", "", "7"]]


def test_every_visible_sheet_with_heads_is_read() -> None:
    cover, hidden = Sheet("说明", rows=[["填报说明"]]), table(ROW, name="旧", is_hidden=True)
    found = lines_of([cover, table(ROW, name="2020"), hidden, table((*ROW[:4], 8), name="2021")])
    assert [(line["sheet"], number, line["annual"]) for number, line in found.lines] == [
        ("2020", 2, "12"),
        ("2021", 2, "8"),
    ]
    assert "sheet" not in lines_of([cover, table(ROW)]).lines[0][1]


def test_heads_are_read_without_spaces_and_the_unknown_ones_are_told() -> None:
    heads = ("园区 代码", "指标代码", "年　度", "级\n别", "年度目标", "文 号", "依据")
    found = lines_of([table((*ROW, "测1号", "讲话"), heads=heads)])
    assert found.lines[0][1]["document"] == "测1号"
    assert found.unread == ["依据"]
    for head, columns in (("年度目标", "E列和H列"), ("园区代码", "A列和H列")):
        with pytest.raises(ValidationError, match=f"“{head}”写了两列（{columns}）"):
            lines_of([table((*ROW, "", "", 99), heads=(*HEADS, head))])


def test_a_number_is_read_as_the_workbook_shows_it() -> None:
    assert [row[2] for row in read(table(*((*ROW[:4], n) for n in (1.1 * 110, 0.1 + 0.2, 12.0))))] == [
        "121",
        "0.3",
        "12",
    ]


pages = pytest.mark.usefixtures("db", "indicator")


@pytest.fixture
def park() -> Park:
    return make_park(code="yi", name="园区一")


def send(browser: Client, *sheets: list[Any], heads: Any = HEADS) -> Any:
    """The page of the check."""
    workbook, buffer = Workbook(), BytesIO()
    workbook.remove(workbook.active)
    for number, rows in enumerate(sheets):
        sheet = workbook.create_sheet(f"表{number}")
        for row in (heads, *rows):
            sheet.append(row)
    workbook.save(buffer)
    return browser.post("/targets/import/", {"file": SimpleUploadedFile("目标.xlsx", buffer.getvalue())})


def decision(response: Any) -> dict[str, Any]:
    """What the page of the check sends when nothing is unticked."""
    rows = response.context["rows"]
    return {"row": [row.packed for row in rows], "take": [row.key for row in rows if row.kind in {"new", "changed"}]}


def write(browser: Client, data: dict[str, Any]) -> Any:
    return browser.post("/targets/import/write/", data)


@pages
def test_a_row_without_a_code_is_said_and_a_new_one_shows_all_that_it_holds(browser: Client) -> None:
    rows = [(*ROW, "测〔2020〕9号", "市政府", "见附件"), ("", "signed", "2020", "市定目标", 9), ("yi", "", "", "", 8)]
    response = send(browser, rows, heads=(*HEADS, "备注"))
    page = re.sub("<input[^>]*>", "", response.content.decode())
    assert [row.kind for row in response.context["rows"]] == ["new", "wrong", "wrong"]
    for words in ("缺园区代码", "缺指标代码", "<b>测〔2020〕9号</b>", "<b>市政府</b>", "<b>12个</b>", "没有读：备注"):
        assert words in page, words


@pages
def test_rows_of_two_sheets_are_ticked_apart(browser: Client) -> None:
    response = send(browser, [ROW], [("yi", "signed", "2021", "市定目标", 8), ROW])
    assert [row.kind for row in response.context["rows"]] == ["new", "new", "wrong"]
    assert "和工作表“表0”第2行是同一个目标" in response.content.decode()
    data = decision(response)
    assert data["take"] == ["表0-2", "表1-2"]
    assert write(browser, data | {"take": ["表1-2"]}).status_code == 302
    assert list(Target.objects.values_list("year", "annual")) == [(2021, 8)]


@pages
def test_a_ticked_row_that_does_not_fit_any_more_keeps_everything_out(browser: Client) -> None:
    money = make_indicator(code="money", role=Indicator.Role.ASSESSED)
    data = decision(send(browser, [ROW, ("yi", "money", "2020", "市定目标", 4)]))
    Indicator.objects.filter(pk=money.pk).update(to_year=2019)
    response = write(browser, data)
    assert response.status_code == 409
    assert "现在写不进去" in response.content.decode()
    assert not Target.objects.exists()
    assert write(browser, decision(response)).status_code == 302
    assert Target.objects.get().annual == 12


@pages
@pytest.mark.parametrize(("typed", "said"), [(0.85, "分不清是85%还是0.85%"), (1, "分不清是100%还是1%"), ("0.85%", "")])
def test_a_rate_that_may_be_a_cell_in_percent_is_asked_about(
    browser: Client, park: Park, typed: Any, said: str
) -> None:
    rate = make_indicator(code="rate", unit="%", display_unit="%", role=Indicator.Role.ASSESSED)
    row = ("yi", "rate", "2020", "市定目标", typed)
    response = send(browser, [row])
    assert response.context["rows"][0].kind == ("wrong" if said else "new")
    assert said in response.content.decode()
    make_target(park=park, indicator=rate, annual=round(float(str(typed).rstrip("%")) * 100), denominator=10_000)
    assert send(browser, [row]).context["rows"][0].kind != "wrong", "what is stored needs no question"


@pages
def test_only_rows_that_say_something_are_counted_and_carried(
    browser: Client, park: Park, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "MOST_ROWS", 1)
    others = [make_park(code=f"p{n}", region=park.region) for n in range(3)]
    empty = [(one.code, "signed", "2020", "市定目标", None) for one in others]
    response = send(browser, [*empty, ROW])
    assert [row.number for row in response.context["rows"]] == [5]
    assert "没有填写任何目标" in send(browser, empty).content.decode()
    many = "最多导入1行，表里有2行"
    assert many in send(browser, [(*empty[0][:4], 3), ROW]).content.decode()
    for one in others[:2]:
        make_target(park=one, indicator=Indicator.objects.get())
    assert many in send(browser, empty).content.decode()


@pages
def test_what_the_page_carries_is_cleaned_as_what_the_file_says(browser: Client) -> None:
    data = decision(send(browser, [(*ROW, "测1号", "市政府")]))
    (packed,) = data["row"]
    odd = packed.replace("测1号", "测\\ud8001号")
    assert write(browser, data | {"row": [odd]}).status_code == 302
    assert Target.objects.get().document == "测1号"
    wrong = packed.replace('"12"', '"\\ud800x", "curve_\\ud800": "1"')
    assert write(browser, data | {"row": [wrong]}).status_code == 409
