"""What is exported can be edited and imported: the same file says nothing new, an edited cell says exactly that."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.test import Client

from parkportal.models import User
from parkportal.roles import Role
from projects.models import Project
from tests.factories import YI, make_enterprise, make_project
from tests.projects.imports.steps import checked, clerk_of_a_park, says, states

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
FULL = {
    **{
        "content": "年产800万套，三条线",
        "site": "科创园3号",
        "construction_nature": "new_build",
        "land_use_mode": "lease",
    },
    **{"land_area_mu": 6_370, "workshop_area_sqm": 8_000, "workshop_area_qualifier": "about", "chain_action": "fill"},
    **{"total_investment": 3 * YI, "total_investment_qualifier": "at_least", "fixed_asset_investment": 1_2345_6700},
    **{"contracted_capital": 2 * YI, "annual_planned_investment": YI, "completed_investment": 5000},
    **{"expected_annual_output": 4 * YI, "expected_annual_tax": YI // 8, "expected_jobs": 1_000},
    **{"expected_jobs_qualifier": "over", "signed_on": date(2020, 7, 11), "signed_on_precision": "ten_day"},
    **{"ceremony_on": date(2020, 7, 10), "registered_on": date(2020, 8, 1), "registered_on_precision": "month"},
    **{"planned_start_on": date(2020, 10, 1), "planned_start_on_precision": "quarter", "industry_code": "C3922"},
    **{"stage": "registered", "progress": "已办执照", "problem": "施工许可证未办结", "next_step": "现场办公"},
    **{"lead_official": "园区主要负责人", "note": "=不是公式", "order_warning_reason": "实情"},
}


@pytest.fixture
def clerk() -> User:
    return clerk_of_a_park(role=Role.HEAD)


@pytest.fixture
def rows(clerk: User) -> list[Project]:
    """A project with everything, one with little, and names that a spreadsheet would calculate."""
    firm = make_enterprise(park=clerk.park, name="企业甲", origin="广东深圳")
    company = make_enterprise(park=clerk.park, name="项目公司甲", uscc="91430400MA43WA0090")
    made = [make_project(park=clerk.park, name="机构件项目", investor=firm, company=company, **FULL)]
    made += [make_project(park=clerk.park, name=name, investor=firm) for name in ("+工厂二期", "@园区项目")]
    return [*made, make_project(park=clerk.park, name="线索项目", stage="lead", investor=None, signed_on=None)]


def exported(client: Client, form: str = "xlsx") -> bytes:
    answer: Any = client.get(f"/projects/export/?columns=all&format={form}")
    return b"".join(answer.streaming_content)


@pytest.mark.usefixtures("rows")
def test_the_same_file_says_nothing_new(clerk: User, client_as: As) -> None:
    batch = checked(clerk, exported(client_as(clerk)))
    assert states(batch) == {"skipped": 4}, [(row.state, says(row), row.diff) for row in batch.rows.all()]


def test_an_edited_cell_says_exactly_that(clerk: User, client_as: As, rows: list[Project]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported(client_as(clerk))))
    sheet: Any = book.active
    heads = {cell.value: cell.column for cell in sheet[3]}
    line = next(n for n in range(4, 8) if sheet.cell(n, heads["项目名称"]).value == "机构件项目")
    sheet.cell(line, heads["目前进展"]).value = "设备进场"
    file = io.BytesIO()
    book.save(file)
    batch = checked(clerk, file.getvalue())
    assert states(batch) == {"skipped": 3, "updated": 1}, [(row.state, says(row)) for row in batch.rows.all()]
    changed = batch.rows.get(state="updated")
    assert changed.project == rows[0]
    assert changed.diff == {"目前进展": ["已办执照", "设备进场"]}


@pytest.mark.usefixtures("rows")
def test_the_same_csv_says_nothing_new_and_an_edited_one_exactly_that(clerk: User, client_as: As) -> None:
    text = exported(client_as(clerk), "csv").decode("utf-8-sig")
    assert "'+工厂二期" in text
    for encoding in ("utf-8-sig", "utf-8", "gb18030", "utf-16"):
        batch = checked(clerk, text.encode(encoding), name="台账.CSV")
        assert states(batch) == {"skipped": 4}, [(row.state, says(row), row.diff) for row in batch.rows.all()]
    batch = checked(clerk, text.replace("已办执照", "设备进场").encode("gb18030"), name="台账.csv")
    assert batch.rows.get(state="updated").diff == {"目前进展": ["已办执照", "设备进场"]}
    batch = checked(clerk, text.replace(",", "\t").encode("utf-16"), name="另存的.csv")
    assert batch.rows.count() == 4, "as Excel saves Unicode text"
