"""The weekly sheet: one row per project, nothing typed lost, the project's own columns kept in step, and the 周报."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from docx import Document
from docx.oxml.ns import qn

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, StaleVersion
from projects.models import ProgressNote, Project
from projects.services.weekly import monday_of, weekly_save, weeks
from tests.factories import make_park, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
MONDAY, BEFORE, AFTER = date(2020, 9, 28), date(2020, 9, 21), date(2020, 10, 5)
TODAY = date(2020, 10, 9)
TEXTS = {"progress": "主体封顶", "problem": "缺施工许可证", "next_step": "10月装修"}


@pytest.fixture
def park() -> Park:
    return make_park(name="园区午")


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(park=park, name="经办人甲")


@pytest.fixture
def project(park: Park, clerk: User) -> Project:
    return make_project(park=park, name="项目甲", owner=clerk, responsible_unit="招商一科")


@pytest.fixture
def client(client_as: As, clerk: User) -> Client:
    return client_as(clerk)


def version(project: Project, week: date = MONDAY) -> str:
    return weeks(Project.objects.filter(pk=project.pk), week)[0].version


def save(project: Project, by: User, week: date = MONDAY, **more: Any) -> bool:
    facts = {"texts": TEXTS, "version": version(project, week), "on": TODAY} | more
    return weekly_save(by=Actor(by), project=project, week_of=week, **facts)


def cells(project: Project, progress: str = "", problem: str = "", next_step: str = "", **more: str) -> dict[str, Any]:
    code = project.code
    typed = {f"{code}-progress": progress, f"{code}-problem": problem, f"{code}-next_step": next_step}
    return {"row": [code], f"{code}-version": version(project), **typed, **{f"{code}-{k}": v for k, v in more.items()}}


def post(client: Client, *rows: dict[str, Any], on: str = "2020-09-30", scope: str = "all") -> Any:
    data: dict[str, Any] = {"row": [code for row in rows for code in row["row"]]}
    for row in rows:
        data |= {key: value for key, value in row.items() if key != "row"}
    return client.post(f"/weekly/?on={on}&scope={scope}", data)


def columns(row: Project | ProgressNote) -> dict[str, str]:
    row.refresh_from_db()
    return {name: getattr(row, name) for name in TEXTS}


# The service


def test_a_week_is_named_by_its_monday() -> None:
    assert [monday_of(date(2020, 9, day)) for day in (21, 23, 27)] == [BEFORE] * 3


def test_a_report_makes_a_note_and_moves_the_project_on(project: Project, clerk: User) -> None:
    assert save(project, clerk)
    note = ProgressNote.objects.get()
    assert (note.week_of, columns(note), columns(project)) == (MONDAY, TEXTS, TEXTS)
    changes = {change.object_type: change for change in Change.objects.all()}
    assert changes["projects.ProgressNote"].object_code == f"{project.code} 2020-09-28"
    assert changes["projects.ProgressNote"].park == project.park
    assert changes["projects.Project"].diff["progress"] == ["", "主体封顶"]


def test_a_verified_project_stays_verified(project: Project, clerk: User) -> None:
    save(project, clerk)
    project.refresh_from_db()
    assert project.review_state == Project.ReviewState.VERIFIED


def test_no_problem_is_written_as_such_but_is_no_matter(project: Project, clerk: User) -> None:
    save(project, clerk, texts=TEXTS | {"problem": "无。"})
    project.refresh_from_db()
    assert (ProgressNote.objects.get().problem, project.problem) == ("无。", "")


def test_an_earlier_week_leaves_the_project_as_it_is(project: Project, clerk: User) -> None:
    save(project, clerk)
    save(project, clerk, BEFORE, texts=TEXTS | {"progress": "基础完成"})
    assert columns(project) == TEXTS
    assert ProgressNote.objects.get(week_of=BEFORE).progress == "基础完成"


def test_a_second_report_of_the_week_changes_the_note(project: Project, clerk: User) -> None:
    save(project, clerk)
    assert save(project, clerk, texts=TEXTS | {"problem": "已解决"})
    assert not save(project, clerk, texts=TEXTS | {"problem": "已解决"})
    assert [note.version for note in ProgressNote.objects.all()] == [2]
    assert columns(project)["problem"] == "已解决"


def test_a_column_that_was_edited_since_on_the_project_is_not_overwritten(project: Project, clerk: User) -> None:
    save(project, clerk)
    Project.objects.filter(pk=project.pk).update(problem="新问题")
    save(project, clerk, texts=TEXTS | {"progress": "装修中", "problem": "旧问题"})
    assert columns(project) == TEXTS | {"progress": "装修中", "problem": "新问题"}


def test_who_reports_with_an_old_version_loses(project: Project, clerk: User) -> None:
    seen = version(project)
    save(project, clerk)
    with pytest.raises(StaleVersion):
        save(project, clerk, texts=TEXTS | {"progress": "别的"}, version=seen)
    assert columns(project) == TEXTS


def test_an_edit_of_the_project_in_between_is_seen(project: Project, clerk: User) -> None:
    seen = version(project)
    Project.objects.filter(pk=project.pk).update(problem="刚出的问题")
    with pytest.raises(StaleVersion):
        save(project, clerk, version=seen)
    assert not ProgressNote.objects.exists()


def test_a_row_that_was_made_at_the_same_moment_loses(
    project: Project, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = weeks(Project.objects.filter(pk=project.pk), MONDAY)
    save(project, clerk)
    monkeypatch.setattr("projects.services.weekly.weeks", lambda *_args: before)
    with pytest.raises(StaleVersion):
        weekly_save(by=Actor(clerk), project=project, week_of=MONDAY, texts=TEXTS, version=before[0].version, on=TODAY)


def test_a_sample_mark_goes_with_the_text_that_replaced_it(project: Project, clerk: User) -> None:
    Project.objects.filter(pk=project.pk).update(sample_fields=["progress", "site"])
    save(project, clerk)
    project.refresh_from_db()
    assert project.sample_fields == ["site"]


@pytest.mark.parametrize(
    ("week", "texts", "sentence"),
    [
        (date(2020, 10, 12), TEXTS, "这一周还没有到，不能填报。"),
        (MONDAY, TEXTS | {"problem": "长" * 1001}, "存在问题最多1000个字，现在是1001个。"),
    ],
)
def test_what_cannot_be_reported_is_said(
    project: Project, clerk: User, week: date, texts: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        save(project, clerk, week, texts=texts)
    assert refused.value.messages == [sentence]


# The page


def test_last_weeks_text_stands_in_grey_beside(client: Client, project: Project, clerk: User) -> None:
    save(project, clerk, BEFORE)
    page = client.get("/weekly/?on=2020-09-30").content.decode()
    assert '<p class="was" id="' in page
    assert page.count("主体封顶") == 1
    assert "未填" in page
    assert "2020年9月28日至2020年10月4日" in page


def test_the_sheet_costs_the_same_with_one_row_and_with_many(
    client: Client, park: Park, project: Project, clerk: User
) -> None:
    costs = []
    client.get("/weekly/?on=2020-09-30")
    for n in (1, 20):
        for _n in range(n):
            save(make_project(park=park, owner=clerk), clerk)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/weekly/?on=2020-09-30").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 10


def test_mine_is_what_i_own_and_all_is_the_park(client: Client, park: Park, project: Project) -> None:
    make_project(park=park, name="别人的项目", responsible_unit="招商二科")
    make_project(name="外园区项目")
    make_project(park=park, name="已终止项目", status="terminated")
    mine, everything = (client.get(f"/weekly/?on=2020-09-30&scope={s}").content.decode() for s in ("mine", "all"))
    unit = client.get("/weekly/?on=2020-09-30&scope=all&unit=招商二科").content.decode()
    assert ["别人的项目" in page for page in (mine, everything, unit)] == [False, True, True]
    assert ["项目甲" in page for page in (mine, everything, unit)] == [True, True, False]
    assert not any(name in everything for name in ("外园区项目", "已终止项目"))


def test_many_rows_are_saved_in_one_go(client: Client, park: Park, clerk: User) -> None:
    projects = [make_project(park=park, owner=clerk) for _n in range(20)]
    answer = post(client, *(cells(row, progress=f"进展{n}") for n, row in enumerate(projects)))
    assert answer.status_code == 302
    assert [columns(row)["progress"] for row in projects] == [f"进展{n}" for n in range(20)]


def test_an_untouched_row_makes_no_note(client: Client, project: Project) -> None:
    assert post(client, cells(project)).status_code == 302
    assert not ProgressNote.objects.exists()


def test_no_change_takes_over_what_was_said_last_week(client: Client, project: Project, clerk: User) -> None:
    save(project, clerk, BEFORE)
    post(client, cells(project, same="on"))
    assert columns(ProgressNote.objects.get(week_of=MONDAY)) == TEXTS


def test_what_was_typed_wins_over_no_change(client: Client, project: Project, clerk: User) -> None:
    save(project, clerk, BEFORE)
    post(client, cells(project, progress="装修中", same="on"))
    assert ProgressNote.objects.get(week_of=MONDAY).progress == "装修中"


def test_cells_left_alone_in_a_first_report_keep_what_was_known(client: Client, project: Project, clerk: User) -> None:
    save(project, clerk, BEFORE)
    post(client, cells(project, progress="装修中"))
    assert columns(project) == TEXTS | {"progress": "装修中"}


def test_a_cell_that_is_emptied_later_is_empty(client: Client, project: Project, clerk: User) -> None:
    save(project, clerk)
    post(client, cells(project, **TEXTS | {"problem": ""}))
    assert columns(project) == TEXTS | {"problem": ""}


def test_the_row_that_lost_shows_both_and_the_others_are_saved(
    client: Client, park: Park, project: Project, clerk: User
) -> None:
    other = make_project(park=park, owner=clerk, name="项目乙")
    mine, also = cells(project, progress="我写的"), cells(other, progress="乙的进展")
    save(project, make_user(Role.HEAD, park=park))
    answer = post(client, mine, also)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "我写的" in page
    assert "<b>现在是：</b>主体封顶" in page
    assert columns(other)["progress"] == "乙的进展"
    assert columns(project) == TEXTS
    again = cells(project, **TEXTS | {"progress": "我写的"})
    assert f'value="{again[f"{project.code}-version"]}"' in page
    assert post(client, again).status_code == 302
    assert columns(project)["progress"] == "我写的"


def test_a_refused_row_keeps_what_was_typed(client: Client, park: Park, project: Project, clerk: User) -> None:
    other = make_project(park=park, owner=clerk)
    answer = post(client, cells(project, progress="长" * 1001), cells(other, progress="短"))
    page = answer.content.decode()
    assert "目前进展最多1000个字，现在是1001个。" in page
    assert "长" * 1001 in page
    assert columns(other)["progress"] == "短"


def test_a_project_under_review_cannot_be_reported(client: Client, project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(review_state="submitted")
    page = post(client, cells(project, progress="新")).content.decode()
    assert "先撤回提交" in page
    assert not ProgressNote.objects.exists()


def test_rows_of_other_parks_are_not_found(client: Client, project: Project) -> None:
    foreign = make_project(name="外园区项目")
    assert post(client, cells(project, progress="新"), cells(foreign, progress="新")).status_code == 404
    assert not ProgressNote.objects.exists()


@pytest.mark.parametrize("address", ["on=2999-01-01", "on=昨天", "scope=none", "unit=没有"])
def test_a_wrong_address_says_so(client: Client, project: Project, address: str) -> None:
    answer = client.get(f"/weekly/?{address}")
    assert answer.status_code == 400
    assert "条件有误" in answer.content.decode()


def test_a_leader_does_not_report(client_as: As, park: Park) -> None:
    assert client_as(make_user(Role.LEADER, park=park)).get("/weekly/").status_code == 403


# The 周报


def report(client: Client, form: str, query: str = "on=2020-09-30&scope=all") -> Any:
    answer = client.get(f"/weekly/report.{form}?{query}")
    assert answer.status_code == 200
    return answer


def test_the_word_file_has_chinese_fonts_and_a_repeated_head(client: Client, project: Project, clerk: User) -> None:
    save(project, clerk)
    paper = Document(io.BytesIO(report(client, "docx").content))
    section, table = paper.sections[0], paper.tables[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    assert [round(m.mm) for m in (section.top_margin, section.left_margin)] == [28, 35]
    assert [cell.text for cell in table.rows[1].cells] == [
        *("1", "项目甲", "主体封顶", "缺施工许可证", "10月装修"),
        "招商一科／经办人甲",
    ]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    fonts = {run.font.element.rPr.rFonts.get(qn("w:eastAsia")) for p in paper.paragraphs for run in p.runs}
    assert {"方正小标宋简体", "楷体_GB2312"} <= fonts
    assert paper.paragraphs[1].text == "截至2020年9月30日，共1个项目，本周填报1个"


def test_the_excel_file_is_set_up_for_printing_and_holds_no_formula(
    client: Client, project: Project, clerk: User
) -> None:
    save(project, clerk, texts=TEXTS | {"progress": "=1+1"})
    sheet = openpyxl.load_workbook(io.BytesIO(report(client, "xlsx").content)).active
    assert sheet is not None
    assert (sheet["C4"].value, sheet["C4"].data_type, sheet["A4"].value) == ("=1+1", "s", 1)
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_title_rows == "$3:$3"


def test_a_project_without_a_report_shows_what_was_known_and_says_so(
    client: Client, project: Project, clerk: User
) -> None:
    save(project, clerk, BEFORE)
    paper = Document(io.BytesIO(report(client, "docx").content))
    assert paper.tables[0].rows[1].cells[2].text == "主体封顶"
    assert paper.paragraphs[-1].text == "注：序号1的项目本周没有填报，沿用此前内容。"


def test_a_secret_project_is_left_out_and_counted(client: Client, park: Park, project: Project) -> None:
    make_project(park=park, name="机密项目", confidentiality="secret")
    paper = Document(io.BytesIO(report(client, "docx").content))
    assert "机密项目" not in "".join(cell.text for row in paper.tables[0].rows for cell in row.cells)
    assert "另有1个保密项目没有列入。" in paper.paragraphs[-1].text


def test_a_secret_project_is_filled_in_by_whoever_sees_it(client: Client, park: Park, clerk: User) -> None:
    secret = make_project(park=park, name="机密项目", confidentiality="secret")
    assert "机密项目" not in client.get("/weekly/?scope=all").content.decode()
    assert post(client, cells(secret, progress="新")).status_code == 404
    Project.objects.filter(pk=secret.pk).update(owner=clerk)
    assert post(client, cells(secret, progress="新")).status_code == 302


def test_only_known_kinds_of_files_are_made(client: Client) -> None:
    assert client.get("/weekly/report.pdf").status_code == 404
