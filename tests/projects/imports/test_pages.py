"""The pages of the import: each step by its form, what was typed stays, and nobody sees another park's ledger."""

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from parkportal import jobs, workbooks
from parkportal.models import Job, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.imports import services
from projects.models import ImportBatch, ImportRow, Project
from tests import factories as make
from tests.projects.imports.books import book, forty_two, ledger_row, with_part
from tests.projects.imports.steps import (
    TODAY,
    checked,
    clerk_of_a_park,
    imported,
    known_project,
    only_project,
    row,
    says,
    states,
    uploaded,
    with_known_projects,
    words,
)

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]


def post_file(client: Client, data: bytes, name: str = "项目台账2020年9月.xlsx") -> Any:
    return client.post("/projects/import/", {"file": SimpleUploadedFile(name, data)})


def run_open_jobs() -> None:
    """What `manage.py work` does."""
    for job in Job.objects.filter(state="queued").order_by("id"):
        jobs.run(job.pk)


def mapping_of(page: str) -> dict[str, str]:
    """The selects of the mapping page as they stand."""
    selects = re.findall(r'<select class="in" name="(column-\d+)".*?</select>', page, re.DOTALL)
    found = {}
    for name in selects:
        body = re.search(rf'name="{name}".*?</select>', page, re.DOTALL)
        chosen = re.search(r'<option value="([^"]*)" selected>', body[0]) if body else None
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_ledger_goes_all_the_way_by_the_forms_alone(client_as: Login) -> None:
    user = with_known_projects(clerk_of_a_park())
    client = client_as(user)
    answer = post_file(client, book(forty_two()))
    batch = ImportBatch.objects.get()
    assert answer["Location"] == f"/projects/import/{batch.code}/"
    page = words(client.get(answer["Location"]))
    assert "光纤连接器项目；智能门锁项目" in page and "怎样读" in page
    form = mapping_of(page) | {"unit": "万元", "year": "2020", "hidden": "on"}
    assert form["column-1"] == "name" and form["column-6"] == "total_investment"
    answer = client.post(f"/projects/import/{batch.code}/map/", form)
    assert answer.status_code == 302
    waiting = words(client.get(answer["Location"]))
    assert "可以离开本页" in waiting and 'hx-trigger="load delay:2s"' in waiting
    run_open_jobs()
    page = words(client.get(answer["Location"]))
    for said in ("新增28", "更新6", "请确认2", "要改4", "跳过2", "可导入34行", "还没有写入任何数据"):
        assert said in page
    client.post(f"/projects/import/{batch.code}/run/")
    run_open_jobs()
    page = words(client.get(answer["Location"]))
    assert "已导入34行" in page and Project.objects.kept().filter(park=user.park).count() == 36


def test_where_there_is_no_queue_the_job_waits_for_work(client_as: Login) -> None:
    user = clerk_of_a_park()
    batch = uploaded(user, book(forty_two()))
    form = {f"column-{column}": key for column, key in batch.mapping.items()} | {"unit": "万元", "year": "2020"}
    client_as(user).post(f"/projects/import/{batch.code}/map/", form)
    job = Job.objects.get()
    assert (job.kind, job.key, job.state, job.created_by) == ("import_check", batch.code, "queued", user)
    assert job.arguments == {"batch": batch.code, "by": user.username}


def test_the_mapping_is_remembered_for_sheets_of_the_same_shape() -> None:
    user = clerk_of_a_park()
    checked(user, book(forty_two()), mapping={9: "problem"}, unit="元")
    again = uploaded(user, book(forty_two()))
    assert again.mapping["9"] == "problem" and again.options["unit"] == "元" and again.options["remembered"]
    other = uploaded(clerk_of_a_park(), book(forty_two()))
    assert other.mapping["9"] == "progress" and not other.options["remembered"], "each park remembers for itself"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"column-1": "custom"}, "请指出哪一列是项目名称"),
        ({"column-2": "name"}, "对应了两列"),
        ({"column-2": "park"}, "没有这个选项"),
        ({"unit": "吨"}, "选一个有效的选项"),
        ({"year": "二〇二〇"}, "年份写四位数字"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_and_stays(client_as: Login, change: dict[str, str], sentence: str) -> None:
    user = clerk_of_a_park()
    batch = uploaded(user, book(forty_two()))
    form = {f"column-{column}": key for column, key in batch.mapping.items()} | {"unit": "万元", "year": "2020"}
    answer = client_as(user).post(f"/projects/import/{batch.code}/map/", form | change)
    assert answer.status_code == 200 and (sentence in words(answer) or "unit" in change)
    assert "有错误：" in words(answer)
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.UPLOADED and not Job.objects.exists()


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "空.xlsx", "0字节"),
        (b"hello", "字.xlsx", "内容却不是这种格式"),
        (with_part("xl/vbaProject.bin"), "宏.xlsx", "工作簿里有宏"),
        (book([["你好", "世界"]], heads=()), "没有表头.xlsx", "没有找到表头"),
        (b"x" * (workbooks.MOST_BYTES + 1), "大.xlsx", "最大10MB"),
    ],
)
def test_a_hostile_or_empty_file_is_refused_in_words(client_as: Login, data: bytes, name: str, sentence: str) -> None:
    answer = post_file(client_as(clerk_of_a_park()), data, name)
    assert answer.status_code == 200 and sentence in words(answer)
    assert not ImportBatch.objects.exists()


def test_no_file_at_all_is_refused_in_words(client_as: Login) -> None:
    assert "请选择要导入的Excel文件" in words(client_as(clerk_of_a_park()).post("/projects/import/", {}))


# --- rows ----------------------------------------------------------------------------------------------------------


def act(client: Client, batch: ImportBatch, do: str = "", **cells: str) -> Any:
    names = {name.replace("_", "-"): text for name, text in cells.items()}
    return client.post(f"/projects/import/{batch.code}/rows/", {"do": do, "back": "state=wrong&page=1", **names})


def test_cells_are_mended_in_place_and_suggestions_are_one_click(client_as: Login) -> None:
    user = with_known_projects(clerk_of_a_park())
    client, batch = client_as(user), checked(user, book(forty_two()))
    answer = act(client, batch, "", cell_41_8="300余")
    assert answer["Location"] == f"/projects/import/{batch.code}/?state=wrong&page=1"
    assert row(batch, 41).state == "new" and row(batch, 41).cells["8"] == "若干", "the upload stays as it was"
    answer = act(client, batch, "fix:38:5:0")
    assert answer["Location"].endswith("#row-38") and row(batch, 38).state == "new"
    act(client, batch, "fix:39:0")
    assert row(batch, 39).mended == {"3": "电子信息", "6": "63000万元"} and row(batch, 39).state == "new"
    assert states(batch) == {"new": 31, "updated": 6, "confirm": 2, "wrong": 1, "skipped": 2}


def test_the_same_mistake_is_mended_everywhere(client_as: Login) -> None:
    user = clerk_of_a_park()
    rows = [ledger_row(n, f"{name}项目", chain="电子") for n, name in enumerate(["光纤", "叉车", "疫苗"], 1)]
    client, batch = client_as(user), checked(user, book(rows))
    page = words(client.get(f"/projects/import/{batch.code}/"))
    assert "同样的3处都改" in page
    act(client, batch, "all:2:3:0")
    assert states(batch) == {"new": 3}


def test_decisions_are_taken_and_taken_back(client_as: Login) -> None:
    user = with_known_projects(clerk_of_a_park())
    client, batch = client_as(user), checked(user, book(forty_two()))
    act(client, batch, "decide:36:same")
    assert row(batch, 36).state == "updated" and row(batch, 36).project.name == "医药流通项目"
    act(client, batch, "decide:36:undo")
    assert row(batch, 36).state == "confirm"
    act(client, batch, "decide:30:keep")
    assert row(batch, 30).state == "skipped"
    act(client, batch, "decide:42:new")
    assert row(batch, 42).state == "new", "a repeated row may be meant"


def test_what_is_odd_may_be_so(client_as: Login) -> None:
    user = clerk_of_a_park()
    heads = ["项目名称", "总投资", "固定资产投资"]
    client, batch = client_as(user), checked(user, book([["高压水泵项目", 30_000, 50_000]], heads=(heads,)))
    assert "大于总投资" in says(row(batch, 2)) and row(batch, 2).problems["offers"] == ["odd"]
    act(client, batch, "decide:2:odd")
    imported(user, batch)
    assert only_project(user, "高压水泵项目").order_warning_reason == "导入台账时确认属实"


@pytest.mark.parametrize(
    "do", ["fix:9999:5:0", "fix:38:99:0", "fix:38:5:9", "decide:38:nonsense", "drop:1:2", "x" * 300]
)
def test_a_forged_button_does_nothing(client_as: Login, do: str) -> None:
    user = with_known_projects(clerk_of_a_park())
    client, batch = client_as(user), checked(user, book(forty_two()))
    before = list(ImportRow.objects.order_by("number").values())
    assert act(client, batch, do, cell_38_999="x", cell_9999_1="x").status_code == 302
    assert list(ImportRow.objects.order_by("number").values()) == before


def test_rows_that_are_imported_are_closed(client_as: Login) -> None:
    user = clerk_of_a_park()
    client = client_as(user)
    batch = imported(user, checked(user, book([ledger_row(1, "高压水泵项目")])))
    act(client, batch, "decide:2:skip", cell_2_6="99999")
    assert row(batch, 2).mended == {} and row(batch, 2).decision == ""


def test_rows_are_filtered_by_what_became_of_them(client_as: Login) -> None:
    user = with_known_projects(clerk_of_a_park())
    client, batch = client_as(user), checked(user, book(forty_two()))
    address = f"/projects/import/{batch.code}/"
    assert words(client.get(f"{address}?state=wrong")).count('id="row-') == 4
    assert words(client.get(f"{address}?state=problems")).count('id="row-') == 6
    assert words(client.get(f"{address}?page=3")).count('id="row-') == 2
    assert words(client.get(f"{address}?page=99&state=junk")).count('id="row-') == 2
    page = words(client.get(f"{address}?state=updated"))
    assert "<del>30,000万元</del> <ins>40,029万元</ins>" in page and "保留系统里的值" in page


def test_the_wrong_rows_are_handed_out_with_reasons_and_come_back_mended(client_as: Login) -> None:
    user = with_known_projects(clerk_of_a_park())
    client, batch = client_as(user), checked(user, book(forty_two()))
    imported(user, batch)
    answer = client.get(f"/projects/import/{batch.code}/wrong/")
    assert "attachment" in answer["Content-Disposition"]
    file = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = file.active
    lines = list(sheet.iter_rows(values_only=True))
    assert lines[0][0] == "单位：万元" and lines[1][:4] == ("要改的地方", "原表行号", "序号", "项目名称")
    assert [line[1] for line in lines[2:]] == [36, 37, 38, 39, 40, 41]
    assert "月份应为1至12" in lines[4][0]
    mended = {"G5": None, "H5": "2020-09-13", "F6": "电子信息", "I6": 63_000, "I7": 50_000, "K8": 300}
    for place, value in mended.items():
        sheet[place] = value
    buffer = io.BytesIO()
    file.save(buffer)
    again = checked(user, buffer.getvalue(), "要改的行.xlsx")
    assert states(again) == {"confirm": 2, "new": 4}
    assert "要改的地方" not in str(list(again.rows.values_list("cells", flat=True))[0].keys())
    imported(user, again)
    assert only_project(user, "超声探头项目").expected_jobs == 300


def test_what_looks_like_a_formula_stays_a_text_in_what_is_handed_out(client_as: Login) -> None:
    user = clerk_of_a_park()
    client, batch = client_as(user), checked(user, book([ledger_row(1, "=HYPERLINK(1)", jobs="=1+1")]))
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"/projects/import/{batch.code}/wrong/").content)).active
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n"}


def test_the_template_can_be_filled_in_and_imported(client_as: Login) -> None:
    user = clerk_of_a_park()
    answer = client_as(user).get("/projects/import/template/")
    file = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = file["项目台账"]
    heads = {cell.value: cell.column for cell in sheet[3]}
    assert sheet["A2"].value == "单位：万元"
    lists = {str(one.sqref): one.formula1 for one in sheet.data_validations.dataValidation}
    assert any("电子信息" in formula for formula in lists.values()) and any("正式合同" in f for f in lists.values())
    filled = {"项目名称": "高压水泵项目", "总投资（万元）": "3.2亿", "签约时间": "7月中旬", "合同类型": "正式合同"}
    for heading, value in (filled | {"产业链": "电子信息", "预计就业（人）": "1000余"}).items():
        sheet.cell(4, heads[heading], value)
    buffer = io.BytesIO()
    file.save(buffer)
    batch = checked(user, buffer.getvalue(), "2020年模板.xlsx")
    assert states(batch) == {"new": 1}
    assert not [key for key, target in batch.mapping.items() if target == "custom"], "every column is known"
    imported(user, batch)
    made = only_project(user, "高压水泵项目")
    assert (made.total_investment, made.signed_on_precision, made.expected_jobs_qualifier) == (
        320_000_000,
        "ten_day",
        "over",
    )


# --- steps ---------------------------------------------------------------------------------------------------------


def test_many_rows_are_imported_only_after_a_question(client_as: Login) -> None:
    user = clerk_of_a_park()
    rows = [ledger_row(1, f"{chr(0x4E00 + 40 * n)}{chr(0x5E00 + 31 * n)}{chr(0x6E00 + 17 * n)}") for n in range(101)]
    client, batch = client_as(user), checked(user, book(rows))
    assert states(batch) == {"new": 101}
    page = words(client.post(f"/projects/import/{batch.code}/run/", {"submit": "yes"}))
    assert "导入101行到项目台账？" in page and 'name="submit" value="yes"' in page and not Job.objects.exists()
    client.post(f"/projects/import/{batch.code}/run/", {"submit": "yes", "sure": "yes"})
    assert Job.objects.get().arguments["submit"] is True


def test_nothing_ready_is_said_and_not_run(client_as: Login) -> None:
    user = clerk_of_a_park()
    batch = checked(user, book([ledger_row(1, "高压水泵项目", jobs="若干")]))
    answer = client_as(user).post(f"/projects/import/{batch.code}/run/", follow=True)
    assert "没有可以导入的行" in words(answer) and not Job.objects.exists()


def test_a_job_that_broke_off_is_said_to_have_and_can_be_begun_again(client_as: Login) -> None:
    user = clerk_of_a_park()
    client, batch = client_as(user), checked(user, book([ledger_row(1, "高压水泵项目")]))
    client.post(f"/projects/import/{batch.code}/run/")
    Job.objects.update(state="failed")
    assert "导入没有完成，没有写入任何内容" in words(client.get(f"/projects/import/{batch.code}/"))
    client.post(f"/projects/import/{batch.code}/check/")
    run_open_jobs()
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.CHECKED


def test_a_batch_is_put_away_or_taken_back_by_its_buttons(client_as: Login) -> None:
    user = clerk_of_a_park()
    client, batch = client_as(user), checked(user, book([ledger_row(1, "高压水泵项目")]))
    imported(user, batch)
    assert "现在是“已导入”，不能这样做" in words(client.post(f"/projects/import/{batch.code}/withdraw/", follow=True))
    assert "已整批撤销" in words(client.post(f"/projects/import/{batch.code}/rollback/", follow=True))
    other = checked(user, book([ledger_row(1, "高压水泵项目")]))
    assert "没有写入任何内容" in words(client.post(f"/projects/import/{other.code}/withdraw/", follow=True))
    assert client.get(f"/projects/import/{other.code}/").status_code == 404


def test_a_custom_column_is_seen_on_the_project(client_as: Login) -> None:
    user = clerk_of_a_park()
    heads = ["项目名称", "总投资", "拆迁户数"]
    imported(user, checked(user, book([["高压水泵项目", 30_000, "16户"]], heads=(heads,))))
    assert only_project(user, "高压水泵项目").custom == {"拆迁户数": "16户"}


# --- whose ---------------------------------------------------------------------------------------------------------


def test_nothing_of_another_park_occurs_in_a_check(client_as: Login) -> None:
    user, other = clerk_of_a_park(), clerk_of_a_park()
    User.objects.filter(pk=other.pk).update(name="外园经办人")
    known_project(other, "医药流通项目", total_investment=50_000 * 10_000, content="外园机密")
    make.make_enterprise(park=other.park, name="外园公司", uscc="914403001922038216")
    heads = ["项目名称", "投资方", "总投资", "统一社会信用代码", "项目公司", "产业链", "责任单位／责任人"]
    line = ["医药流通项目", "外园公司", 50_000, "914403001922038216", "另一家公司", "电子信息", "一科／外园经办人"]
    client, batch = client_as(user), checked(user, book([line], heads=(heads,)))
    assert states(batch) == {"new": 1}
    page = words(client.get(f"/projects/import/{batch.code}/"))
    assert "外园机密" not in page and "可能是同一项目" not in page
    imported(user, batch)
    made = only_project(user, "医药流通项目")
    assert made.investor.park == user.park and made.owner is None and made.responsible_unit == "一科／外园经办人"


def test_another_parks_import_is_not_there(client_as: Login) -> None:
    user, other = clerk_of_a_park(), clerk_of_a_park()
    batch = checked(other, book([ledger_row(1, "外园机密项目")]))
    client = client_as(user)
    assert "外园机密" not in words(client.get("/projects/import/"))
    for name, method in {"": "get", "wrong/": "get", "rows/": "post", "map/": "post", "run/": "post"}.items():
        assert getattr(client, method)(f"/projects/import/{batch.code}/{name}").status_code == 404


def test_a_secret_project_is_not_told_by_a_check(client_as: Login) -> None:
    user = clerk_of_a_park()
    known_project(user, "天王星项目", confidentiality="secret", code_name="代号一", total_investment=3 * 10**8)
    client, batch = client_as(user), checked(user, book([ledger_row(1, "天王星二号项目", total=30_000)]))
    assert states(batch) == {"new": 1} and "天王星项目" not in words(client.get(f"/projects/import/{batch.code}/"))
    head = make.make_user(Role.HEAD, park=user.park)
    by_head = checked(head, book([ledger_row(1, "天王星二号项目", total=30_000)]))
    assert "天王星项目" in says(row(by_head, 2))
    assert "天王星项目" not in words(client.get(f"/projects/import/{by_head.code}/")), "seen by the clerk"


def test_who_is_of_no_park_cannot_import(client_as: Login) -> None:
    for role in (Role.LEADER, Role.STATISTICIAN, Role.CITY):
        assert client_as(make.make_user(role)).get("/projects/import/").status_code == 403


def test_services_are_the_same_for_a_file_that_is_gone() -> None:
    user = clerk_of_a_park()
    batch = uploaded(user, book(forty_two()))
    type(batch.file).objects.filter(pk=batch.file.pk).update(stored_name="no/where")
    batch.refresh_from_db()
    done = services.import_check(by=Actor(user), batch=batch, on=TODAY)
    assert done.state == ImportBatch.State.FAILED and "请重新上传" in done.error
