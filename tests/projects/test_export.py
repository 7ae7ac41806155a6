"""Lists as files: what is filtered, in the chosen columns, typed, printable, and without a formula."""

import csv
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import unescape

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from parkportal.exports import plain_text, safe_text
from parkportal.models import ListChoice, Park, User
from parkportal.roles import Role
from projects import columns
from tests import factories as make
from tests.factories import YI, make_enterprise, make_park, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠a", " =1", "'=1")
LISTS = ("project", "enterprise", "fund-arrival", "engagement", "group-start", "listing-step")
EXPORTS = [f"{name}-export" for name in LISTS]


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def client(client_as: As, clerk: User) -> Client:
    return client_as(clerk)


def file_of(client: Client, name: str = "project-export", query: str = "") -> bytes:
    answer = client.get(f"{reverse(name)}?{query}")
    assert answer.status_code == 200, answer
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def sheet_of(client: Client, name: str = "project-export", query: str = "") -> Any:
    return openpyxl.load_workbook(io.BytesIO(file_of(client, name, query))).active


def lines_of(client: Client, name: str = "project-export", query: str = "") -> list[dict[str, str]]:
    text = file_of(client, name, f"format=csv&{query}").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def head(sheet: Any) -> list[str]:
    return [cell.value for cell in sheet[3]]


def row(sheet: Any, number: int = 4) -> dict[str, Any]:
    return dict(zip(head(sheet), sheet[number], strict=True))


def furnish(park: Park, text: str = "甲") -> None:
    """One row in each list, with the text in every column that people type."""
    firm = make_enterprise(park=park, name=text, origin=text, profile=text)
    words = dict.fromkeys(("content", "progress", "problem", "next_step", "lead_official", "note", "site"), text)
    project = make_project(park=park, investor=firm, name=text, responsible_unit=text, tags=[text], **words)
    make.make_fund_arrival(project=project, proof=text)
    make.make_engagement(project=project, enterprise=firm, title=text, place=text, participants=[(text, "")])
    make.make_group_start_entry(project=project)
    make.make_listing_step(enterprise=firm, document=text)


def test_cells_are_typed_and_in_the_unit_of_their_head(client: Client, park: Park) -> None:
    make_project(park=park, name="甲", total_investment=3_2000_5000, signed_on=date(2020, 7, 10), expected_jobs=1_200)
    cells = row(sheet_of(client, query="columns=all"))
    assert cells["总投资（万元）"].value == 32000.5
    assert cells["总投资（万元）"].number_format == "#,##0.00##"
    assert cells["签约时间"].value == datetime(2020, 7, 10)  # noqa: DTZ001
    assert cells["签约时间"].number_format == "yyyy-mm-dd"
    assert cells["预计就业（人）"].value == 1_200
    assert cells["项目阶段"].value == "签约"


def test_what_is_not_exact_is_written_in_words_and_still_added_up(client: Client, park: Park) -> None:
    inexact = {"total_investment": 5 * YI, "total_investment_qualifier": "at_least", "signed_on_precision": "ten_day"}
    make_project(park=park, **inexact, signed_on=date(2020, 7, 11))
    make_project(park=park, total_investment=YI, signed_on=None)
    sheet = sheet_of(client)
    assert row(sheet)["总投资（万元）"].value == "50,000以上"
    assert row(sheet)["签约时间"].value == "2020年7月中旬"
    assert row(sheet, 6)["总投资（万元）"].value == 60_000
    assert row(sheet, 6)["项目名称"].value == "合计2个"


def test_it_prints_with_title_unit_and_its_head_on_each_page(client: Client, park: Park) -> None:
    make_project(park=park)
    sheet = sheet_of(client, query="category=industry")
    assert sheet["A1"].value == "招商引资项目台账"
    assert "类别：产业类" in sheet["A2"].value
    assert sheet.cell(2, len(head(sheet))).value == "单位：万元"
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (0, True)
    assert sheet.freeze_panes == "D4"
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (8, None)
    assert sheet_of(client, "listing-step-export").page_setup.paperSize == 9
    assert sheet_of(client, query="columns=all").page_setup.fitToWidth == 3


def test_it_holds_what_is_filtered_and_nothing_else(client: Client, park: Park) -> None:
    make_project(park=park, name="签约的")
    make_project(park=park, name="开工的", stage="started")
    make_project(name="他园区的")
    assert [line["项目名称"] for line in lines_of(client, query="stage=started")] == ["开工的"]
    assert len(lines_of(client)) == 2


def test_a_wrong_filter_gives_no_file_but_the_sentence_of_the_list(client: Client, park: Park) -> None:
    make_project(park=park)
    for query in ("colour=red", "category=red", "page=x"):
        answer = client.get(f"/projects/export/?{query}")
        assert answer.status_code == 302
        assert client.get(answer.headers["Location"]).status_code == 400
    assert client.get("/projects/export/?format=exe").status_code == 404


def test_the_chosen_columns_are_those_of_the_page(client: Client, park: Park, clerk: User) -> None:
    make_project(park=park)
    assert head(sheet_of(client))[1:4] == ["项目名称", "投资方", "投资方所在地"]
    ListChoice.objects.create(user=clerk, page="projects", columns=["stage", "name", "arrived_funds"])
    assert head(sheet_of(client)) == ["序号", "项目阶段", "项目名称", "累计到位资金（万元）"]
    assert head(sheet_of(client, query="columns=all"))[1:] == [str(column.heading) for column in columns.LEDGER]


@pytest.mark.parametrize("name", EXPORTS)
def test_each_list_is_handed_out_as_workbook_and_csv(client: Client, park: Park, name: str) -> None:
    furnish(park)
    furnish(make_park(), "外园")
    for text in (str(lines_of(client, name)), str([c.value for r in sheet_of(client, name).iter_rows() for c in r])):
        assert "甲" in text
        assert "外园" not in text
    assert file_of(client, name, "format=csv").startswith(b"\xef\xbb\xbf")


def test_secret_projects_and_what_hangs_on_them_stay_at_home_unless_asked_for(client_as: As, park: Park) -> None:
    secret = make_project(park=park, name="绝密", confidentiality="secret", code_name="代号一")
    make.make_fund_arrival(project=secret)
    make.make_engagement(project=secret, title="绝密洽谈")
    make.make_group_start_entry(project=secret)
    clerk = client_as(make_user(Role.CLERK, park=park))
    for name in ("project-export", "fund-arrival-export", "engagement-export", "group-start-export"):
        assert lines_of(clerk, name) == [], name
        asked = lines_of(clerk, name, "with_secret=true")
        assert len(asked) == 1, name
        assert "绝密" not in str(asked)
    head_of_section = client_as(make_user(Role.HEAD, park=park))
    assert lines_of(head_of_section) == []
    assert lines_of(head_of_section, query="with_secret=true")[0]["项目名称"] == "绝密"


def test_totals_go_by_share_where_a_park_is_named(client_as: As) -> None:
    park = make_park()
    other = make_park(region=park.region)
    make_project(park=park, shares=[(park, 5_000), (other, 5_000)], expected_annual_tax=YI)
    client = client_as(make_user(Role.CITY, region=park.region))
    foot = row(sheet_of(client, query=f"park={park.code}&columns=all"), 5)
    assert foot["项目编号"].value == "合计0.5个（共有项目按份额计）"
    assert foot["总投资（万元）"].value == 10_000
    assert foot["预计年税收（万元）"].value is None
    assert row(sheet_of(client), 5)["总投资（万元）"].value == 20_000


def texts_in(book: bytes) -> set[str]:
    """The texts of a workbook's cells as its XML holds them; none of them may be anything but a text."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/")]
        shared = parts.read("xl/sharedStrings.xml").decode() if "xl/sharedStrings.xml" in parts.namelist() else ""
    assert sheets and not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)
    inline = "".join(sheet.decode() for sheet in sheets)
    return {unescape(text) for text in re.findall(r"<t(?: [^>]*)?>([^<]*)</t>", shared + inline)}


def test_no_text_becomes_a_formula(client: Client, park: Park) -> None:
    for text in DANGEROUS:
        furnish(park, text)
    for name in EXPORTS:
        assert "=1+1" in texts_in(file_of(client, name, "columns=all")) or name == "group-start-export", name
        for line in lines_of(client, name, "columns=all"):
            for text in line.values():
                assert not text.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")), (name, text)


def test_a_spreadsheet_finds_no_formula(client: Client, park: Park, tmp_path: Path) -> None:
    """What the XML of the cells says is looked at everywhere; LibreOffice is asked too where a machine has it."""
    for text in DANGEROUS:
        furnish(park, text)
    for form in ("xlsx", "csv"):
        (tmp_path / f"{form}.{form}").write_bytes(file_of(client, query=f"format={form}&columns=all"))
    assert {"=1+1", "@SUM(A1)", "＝1", "'=1"} <= texts_in((tmp_path / "xlsx.xlsx").read_bytes())
    for text in understood_by_office(tmp_path, "xlsx.xlsx", "csv.csv"):
        assert "SUM(A1)" in text
        assert "table:formula" not in text


def understood_by_office(folder: Path, *names: str) -> list[str]:
    """The same content as LibreOffice understands it, as plain XML; nothing where it is not installed."""
    office = shutil.which("soffice")
    if office is None:
        return []
    home = f"-env:UserInstallation=file://{folder}/home"
    command = [office, home, "--headless", "--convert-to", "fods", "--outdir", str(folder)]
    files = [folder / name for name in names]
    subprocess.run([*command, *map(str, files)], check=True, capture_output=True, timeout=180)
    return [file.with_suffix(".fods").read_text() for file in files]


@given(st.text())
def test_the_apostrophe_of_a_csv_is_undone_exactly(text: str) -> None:
    assert plain_text(safe_text(text)) == text


@pytest.mark.parametrize("text", [*DANGEROUS, "'", "''=", "'甲", "甲"])
def test_the_apostrophe_of_a_known_text_is_undone(text: str) -> None:
    assert plain_text(safe_text(text)) == text


def test_the_buttons_keep_the_filter(client: Client, park: Park) -> None:
    furnish(park)
    html = client.get("/projects/?stage=signed").content.decode()
    assert "/projects/export/?stage=signed&amp;format=xlsx&amp;columns=all" in html
    for name in LISTS[1:]:
        assert f"{reverse(f'{name}-export')}?format=csv" in client.get(reverse(f"{name}-list")).content.decode(), name


def test_an_export_costs_the_same_with_one_row_and_with_twenty(client: Client, park: Park) -> None:
    def cost(name: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            file_of(client, name, "columns=all")
        return len(queries)

    furnish(park)
    file_of(client)
    one = {name: cost(name) for name in EXPORTS}
    for n in range(19):
        furnish(park, f"甲{n}")
    assert {name: cost(name) for name in EXPORTS} == one
