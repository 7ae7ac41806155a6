"""对账: how lists of authorities look that are no tidy table of projects, and what is said where one cannot be read."""

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from reports.models import Reconciliation
from reports.reconciliation.book import columns_told, of_park, read_list, rows_of_file, rows_of_text
from tests import factories as make
from tests.factories import YI

HEAD = ("序号", "项目名称", "总投资（亿元）")
Rows = Sequence[Sequence[Any]]


def book(*sheets: tuple[str, Rows]) -> list[list[str]]:
    """The cells of the list in a workbook of these sheets."""
    made, buffer = openpyxl.Workbook(), io.BytesIO()
    made.remove(made.worksheets[0])
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(buffer)
    return rows_of_file("名单.xlsx", buffer.getvalue())


def read(rows: Rows) -> list[tuple[int, str, int | None]]:
    return [(one.number, one.name, one.amount) for one in read_list(rows, "万元")]


@pytest.mark.parametrize("heading", ["投资方", "项目公司", "企业名称", "单位\n名称", "企业（单位）名称", "投资项目"])
def test_a_list_of_companies_is_read_by_their_column(heading: str) -> None:
    rows = [["序号", heading, "园区", "总投资（亿元）"], ["1", "甲钢构公司", "第一园区", "3"], ["2", "乙", "别处", "1"]]
    own, others = of_park(rows, "第一园区")
    assert (read(own), others) == ([(2, "甲钢构公司", 3 * YI)], 1)
    both = [["企业名称", "项目名称"], ["甲钢构公司", "甲项目"]]
    assert read(both) == [(2, "甲项目", None)], "projects have names of their own"


def test_a_head_is_no_project() -> None:
    for place in (read, lambda rows: of_park(rows, "第一园区")):
        with pytest.raises(ValidationError, match="第2行是表头，但没有“项目名称”或“企业名称”一列"):
            place([["名单", ""], ["序号", "牵头人", "总投资（亿元）"], ["1", "甲", "3"]])


def test_of_several_sheets_the_one_with_the_list_is_read() -> None:
    cover = ("填报说明", [["填报说明"], ["请各园区核对。"]])
    names = ("名单", [HEAD, [1, "甲钢构项目", 3]])
    empty = ("二季度", [HEAD])
    assert read(book(cover, empty, names)) == [(2, "甲钢构项目", 3 * YI)]
    with pytest.raises(ValidationError, match="有2张工作表像是名单：“名单”“另一张”"):
        book(names, ("另一张", [HEAD, [1, "乙电子项目", 2]]))
    with pytest.raises(ValidationError, match="几张工作表都没有"):
        book(cover, ("联系人", [["招商科"]]))


def test_a_formula_without_a_result_is_no_empty_cell() -> None:
    wrong = [HEAD, [1, "=B9", 3], [2, "乙电子项目", "=1+1"], ["合计", "", "=SUM(C2:C3)"]]
    with pytest.raises(ValidationError) as refused:
        read(book(("名单", wrong)))
    assert refused.value.messages == [
        "第2行：“项目名称”的公式没有结果，请粘贴为数值后再传。",
        "第3行：“总投资（亿元）”的公式没有结果，请粘贴为数值后再传。",
    ]
    place = book(("名单", [["园区", "项目名称"], ["=A9", "甲钢构项目"]]))
    with pytest.raises(ValidationError, match="第2行：“园区”的公式没有结果"):
        of_park(place, "第一园区")
    with pytest.raises(ValidationError, match="第1行：这一行的公式没有结果"):
        read(rows_of_text("1\t甲钢构项目\t#REF!"))
    assert read(book(("名单", [(*HEAD, "备注"), [1, "甲钢构项目", 3, "=D9"]]))) == [(2, "甲钢构项目", 3 * YI)]


@pytest.mark.parametrize(
    "heading", ["总投资 亿元", "总投资:亿元", "总投资：单位亿元", "拟投资额（亿元）", "拟投资额亿元"]
)
def test_a_unit_behind_a_heading_hides_nothing(heading: str) -> None:
    assert read([["项目名称", heading], ["甲钢构项目", "3"]]) == [(2, "甲钢构项目", 3 * YI)]


def test_it_is_said_which_columns_were_read() -> None:
    assert columns_told([list(HEAD)]) == "名单按“项目名称”“总投资（亿元）”对照。"
    assert columns_told([["投资方", "到位资金"]]) == "名单按“投资方”对照，没有认出总投资一列，没有对照金额。"
    assert columns_told([["甲钢构项目", "30000"]]) == "名单没有表头，名称和金额按内容辨认。"
    assert columns_told([["甲钢构项目"], ["乙电子项目"]]) == ""


@pytest.mark.parametrize("between", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_however_it_is_written(between: str, encoding: str) -> None:
    data = "\r\n".join(between.join(row) for row in (HEAD, ("1", "甲钢构项目", "3"))).encode(encoding)
    assert read(rows_of_file("名单.CSV", data)) == [(2, "甲钢构项目", 3 * YI)]
    with pytest.raises(ValidationError, match="文字编码认不出"):
        rows_of_file("名单.csv", b"\xff" * 100)


@pytest.mark.django_db
def test_the_page_says_it_too_and_knows_a_project_by_its_company(client: Client) -> None:
    park, indicator = make.make_park(), make.make_indicator()
    client.force_login(make.make_user(park=park))
    typed = {"park": park.code, "indicator": indicator.code, "period": "2020-09", "authority": "市商务局"}
    firm = make.make_enterprise(park=park, name="湘江重工")
    project = make.make_project(park=park, name="甲钢构项目", investor=firm, total_investment=3 * YI)
    text = "序号\t企业名称\t总投资 亿元\n1\t湘江重工\t3"
    page = client.post("/reconciliations/new/", typed | {"unit": "万元", "text": text}, follow=True)
    assert "名单按“企业名称”“总投资亿元”对照。" in page.content.decode()
    row = Reconciliation.objects.get().rows.get()
    assert (row.kind, row.member, row.their_name) == ("matched", project.code, "湘江重工"), (
        "it is known by its investor"
    )
