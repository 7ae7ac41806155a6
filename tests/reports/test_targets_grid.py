"""Many targets at once: the grid, the workbook, proposals, versions, quarterly steps; nothing is half written."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from parkportal.models import Change, Park, User
from parkportal.trace import Actor
from reports.models import Indicator, Scorecard, ScorecardLine, Target
from reports.target_forms.book import check
from reports.targets import Refusals, Wanted, quarterly, target_set, target_update, targets_save
from reports.targets.versions import versions
from tests.factories import make_indicator, make_park, make_project, make_region, make_target

pytestmark = pytest.mark.django_db
GRID = "/targets/grid/?year=2020"
PAPER = {"document": "测〔2020〕9号", "issued_on": "2020-03-05", "authority": "市政府"}
As = Callable[[User], Client]


@pytest.fixture
def park() -> Park:
    return make_park(code="yi", name="园区一", scorecards_from="2020-01", scorecards_until="2020-01")


def shown(browser: Client, address: str = GRID) -> dict[str, str]:
    """What the grid's controls hold when the page comes."""
    cells = browser.get(address).context["grid"].cells
    return {cell.name: cell.text for cell in cells} | {f"seen.{cell.name}": cell.token for cell in cells}


def stored() -> list[dict[str, Any]]:
    return list(Target.objects.order_by("pk").values("annual", "version", "document", "state"))


def test_the_grid_writes_what_changed_with_its_document(browser: Client, park: Park, indicator: Indicator) -> None:
    other = make_park(region=park.region)
    kept = make_target(park=other, indicator=indicator, annual=7, document="旧")
    posted = shown(browser) | {"yi.signed": "１2个", **PAPER}
    assert browser.post(GRID, posted).status_code == 302
    kept.refresh_from_db()
    assert (kept.annual, kept.version, kept.document) == (7, 1, "旧")
    made = Target.objects.get(park=park)
    assert (made.annual, made.document, made.issued_on, made.authority) == (
        12,
        "测〔2020〕9号",
        date(2020, 3, 5),
        "市政府",
    )
    assert Change.objects.filter(object_code=made.code, door="page").count() == 1
    posted = shown(browser)
    assert browser.post(GRID, posted, follow=True).content.decode().count("没有改动，不用保存") == 1


def test_one_bad_cell_keeps_everything_out_and_loses_nothing(browser: Client, park: Park, indicator: Indicator) -> None:
    money = make_indicator(code="money", display_unit="亿元", unit="元", role=Indicator.Role.ASSESSED)
    make_target(park=park, indicator=indicator, annual=5)
    before = stored()
    for typed, sentence in (("许多", "不是一个金额"), ("0", "年度目标应大于0")):
        response = browser.post(GRID, shown(browser) | {"yi.signed": "8", "yi.money": typed})
        page = response.content.decode()
        assert sentence in page
        assert f'value="{typed}"' in page
        assert 'name="yi.signed" value="8"' in page
        assert stored() == before
    assert "清空不等于撤回" in browser.post(GRID, shown(browser) | {"yi.signed": " "}).content.decode()
    half = browser.post(GRID, shown(browser) | {"yi.signed": "8", "document": "无单位"}).content.decode()
    assert "文号和下达单位要一起填写" in half
    assert stored() == before
    assert money.targets.count() == 0


def test_a_conflict_shows_both_values_and_writes_no_cell(
    browser: Client, park: Park, indicator: Indicator, setter: User
) -> None:
    second = make_indicator(code="second", role=Indicator.Role.ASSESSED)
    target = make_target(park=park, indicator=indicator, annual=12)
    posted = shown(browser) | {"yi.signed": "14", "yi.second": "20"}
    target_update(by=Actor(setter), target=target, version=1, values={"annual": 13})
    response = browser.post(GRID, posted)
    page = response.content.decode()
    assert response.status_code == 409
    assert "<b>现在是：</b>13个" in page
    assert 'name="yi.signed" value="14"' in page
    assert 'name="yi.second" value="20"' in page
    assert not second.targets.exists()
    again = {cell.name: cell.text for cell in response.context["grid"].cells}
    again |= {f"seen.{cell.name}": cell.token for cell in response.context["grid"].cells}
    assert browser.post(GRID, again).status_code == 302
    assert dict(Target.objects.values_list("indicator__code", "annual")) == {"signed": 14, "second": 20}


def test_a_target_that_was_set_or_withdrawn_meanwhile_is_not_overwritten(
    browser: Client, park: Park, indicator: Indicator, setter: User
) -> None:
    posted = shown(browser) | {"yi.signed": "14"}
    target = target_set(by=Actor(setter), park=park, indicator=indicator, year=2020, values={"annual": 9})
    assert browser.post(GRID, posted).status_code == 409
    posted = shown(browser) | {"yi.signed": "14"}
    Target.objects.update(deleted_at="2020-01-01T00:00:00Z")
    assert "现在是：</b>已撤回" in browser.post(GRID, posted).content.decode()
    target.refresh_from_db()
    assert target.annual == 9


def test_the_grid_knows_no_park_of_another_region(browser: Client, park: Park, indicator: Indicator) -> None:
    stranger = make_park(code="er", region=make_region())
    posted = shown(browser) | {"seen.er.signed": "0:", "er.signed": "5"}
    assert browser.post(GRID, posted).status_code == 404
    assert not Target.objects.filter(park=stranger).exists()
    assert browser.get("/targets/grid/?year=20x").status_code == 400


def workbook(browser: Client, **changed: Any) -> SimpleUploadedFile:
    """The exported workbook with cells of its first row changed, by their heads."""
    book = load_workbook(BytesIO(b"".join(browser.get("/targets/export/?year=2020").streaming_content)))
    sheet = book.active
    heads = {cell.value: cell.column for cell in sheet[3]}
    for head, value in changed.items():
        sheet.cell(4, heads[head], value)
    buffer = BytesIO()
    book.save(buffer)
    return SimpleUploadedFile("目标.xlsx", buffer.getvalue())


def decision(response: Any) -> dict[str, Any]:
    """What the page of the check sends when nothing is unticked."""
    rows = response.context["rows"]
    return {"row": [row.packed for row in rows], "take": [str(r.number) for r in rows if r.kind in {"new", "changed"}]}


def test_what_is_exported_can_be_edited_and_taken_in(browser: Client, park: Park, indicator: Indicator) -> None:
    money = make_indicator(code="money", display_unit="亿元", unit="元", role=Indicator.Role.ASSESSED, order=1)
    target = make_target(park=park, indicator=money, annual=325_000_000, curve=quarterly(325_000_000))
    same = browser.post("/targets/import/", {"file": workbook(browser)})
    assert [row.kind for row in same.context["rows"]] == ["same"], "what has no target and gets none is not told"
    assert same.context["unread"] == [], "the portal knows all columns of its own workbook"
    file = workbook(browser, 年度目标=4.5, 文号="新〔2020〕2号", 发文日期=date(2020, 6, 1))
    checked = browser.post("/targets/import/", {"file": file})
    assert stored()[0]["annual"] == 325_000_000
    assert "3.25亿元 → <b>4.5亿元</b>" in checked.content.decode()
    assert browser.post("/targets/import/write/", decision(checked)).status_code == 302
    target.refresh_from_db()
    assert (target.annual, target.document, target.issued_on) == (450_000_000, "新〔2020〕2号", date(2020, 6, 1))
    assert target.curve == quarterly(450_000_000)
    assert not indicator.targets.exists()


def test_the_workbook_is_checked_row_by_row_and_a_newer_target_is_said(
    browser: Client, park: Park, indicator: Indicator, setter: User
) -> None:
    target = make_target(park=park, indicator=indicator, annual=12)
    for head, value, sentence in (
        ("年度目标", "许多", "不是一个整数"),
        ("园区代码", "elsewhere", "没有代码为“elsewhere”的园区"),
        ("序时方式", "随便", "没有这个选项"),
        ("发文日期", "0001-01-01", "发文日期应在2000至2100年之间"),
        ("年度目标", "=1+1", "公式没有结果"),
    ):
        page = browser.post("/targets/import/", {"file": workbook(browser, **{head: value})})
        assert sentence in page.content.decode(), head
        assert not decision(page)["take"]
    old = workbook(browser, 年度目标=20)
    target_update(by=Actor(setter), target=target, version=1, values={"annual": 13})
    checked = browser.post("/targets/import/", {"file": old})
    page = checked.content.decode()
    assert "导出以后别人改过这一项" in page
    assert 'name="take" value="4" aria-label="写入第4行">' in page
    target_update(by=Actor(setter), target=target, version=2, values={"annual": 14})
    assert browser.post("/targets/import/write/", decision(checked)).status_code == 409
    target.refresh_from_db()
    assert target.annual == 14


@pytest.mark.parametrize("name", ["目标.xlsx", "目标.pdf"])
def test_a_file_that_is_no_workbook_is_refused_in_words(name: str, browser: Client, park: Park) -> None:
    page = browser.post("/targets/import/", {"file": SimpleUploadedFile(name, b"%PDF-1.4 nothing")})
    assert page.status_code == 200
    assert page.context["form"].errors["file"]
    line = '"line": {"park": "yi", "indicator": "signed", "year": "2020", "level": "city", "annual": "9"}'
    for packed in (
        '{"x":',
        f'{{"number": Infinity, "version": 0, {line}}}',
        f'{{"number": 4, "version": 1e999, {line}}}',
    ):
        assert browser.post("/targets/import/write/", {"row": packed, "take": "4"}, follow=True).status_code == 200


def test_last_years_targets_become_proposals_that_do_not_count_until_confirmed(
    browser: Client, park: Park, indicator: Indicator, django_capture_on_commit_callbacks: Any
) -> None:
    make_project(park=park, signed_on="2020-01-10")
    make_target(park=park, indicator=indicator, annual=24, year=2019, curve=quarterly(24))
    make_target(park=park, indicator=make_indicator(role="assessed", to_year=2019), year=2019)
    browser.post("/targets/propose/", {"year": "2020"})
    browser.post("/targets/propose/", {"year": "2020"})
    proposal = Target.objects.get(year=2020)
    assert (proposal.annual, proposal.state, proposal.document, proposal.curve) == (24, "proposed", "", quarterly(24))
    assert "待下达，不计入成绩单" in browser.get("/targets/?year=2020").content.decode()
    assert not Scorecard.objects.exists(), "a proposal makes no scorecard due"
    data = {"target": proposal.code, f"version.{proposal.code}": "1"}
    assert "一起填写" in browser.post("/targets/confirm/?year=2020", data).content.decode()
    odd = data | {f"version.{proposal.code}": "²"}
    assert browser.post("/targets/confirm/?year=2020", odd | PAPER).status_code == 409, "a version that is no number"
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post("/targets/confirm/?year=2020", data | PAPER).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.state, proposal.document) == ("confirmed", "测〔2020〕9号")
    assert browser.post("/targets/confirm/?year=2020", data | PAPER).status_code == 200, "nothing is left to confirm"


def test_only_confirmed_city_targets_reach_the_scorecard(setter: User, park: Park, indicator: Indicator) -> None:
    from reports.drafts import _targets

    for level, state, annual in (("city", "proposed", 99), ("stretch", "confirmed", 88), ("province", "confirmed", 77)):
        make_target(park=park, indicator=indicator, annual=annual, level=level, state=state)
    assert _targets(park.region, 2020) == {}
    Target.objects.filter(level="city").update(state="confirmed")
    assert [target.annual for target in _targets(park.region, 2020).values()] == [99]
    assert not ScorecardLine.objects.exists()


def test_the_page_of_a_target_tells_which_document_set_which_number(
    browser: Client, park: Park, indicator: Indicator, setter: User
) -> None:
    target = make_target(park=park, indicator=indicator, annual=12, document="甲1号", authority="市政府")
    for version, (annual, document) in enumerate([(15, "乙2号"), (18, "丙3号")], 1):
        values = {"annual": annual, "document": document, "issued_on": date(2020, version, 1)}
        target_update(by=Actor(setter), target=target, version=version, values=values)
    told = [(one.number, one.annual, one.values["document"], one.values["issued_on"] or "") for one in versions(target)]
    assert told == [(3, "18个", "丙3号", "2020-02-01"), (2, "15个", "乙2号", "2020-01-01"), (1, "12个", "甲1号", "")]
    page = browser.get(f"/targets/{target.code}/").content.decode()
    assert page.index("丙3号") < page.index("乙2号") < page.index("甲1号")


def test_quarterly_steps_are_chosen_kept_and_made_anew(browser: Client, park: Park, indicator: Indicator) -> None:
    assert quarterly(10) == [0, 0, 3, 3, 3, 5, 5, 5, 8, 8, 8, 10]
    data = {"park": "yi", "indicator": "signed", "year": "2020", "level": "city", "annual": "12", "basis": "annual"}
    assert browser.post("/targets/new/", data | {"shape": "quarterly"}).status_code == 302
    target = Target.objects.get()
    assert target.curve == quarterly(12)
    assert "按季度" in browser.get("/targets/?year=2020").content.decode()
    browser.post(GRID, shown(browser) | {"yi.signed": "20"})
    target.refresh_from_db()
    assert (target.annual, target.curve) == (20, quarterly(20))
    typed = [str(n) for n in range(1, 12)] + ["20"]
    months = {f"curve_{n}": text for n, text in enumerate(typed, 1)}
    url = f"/targets/{target.code}/edit/"
    wrong = browser.post(url, data | {"annual": "20", "version": "2", "shape": "monthly", **months})
    assert "请选分月填写" in wrong.content.decode()
    browser.post(url, data | {"annual": "20", "version": "2", "shape": "typed", **months})
    refused = browser.post(GRID, shown(browser) | {"yi.signed": "24"}).content.decode()
    assert "12月累计目标应等于年度目标24个" in refused
    few = browser.post("/targets/new/", data | {"level": "stretch", "annual": "3", "shape": "quarterly"})
    assert "不设序时进度" in few.content.decode()


def test_many_targets_are_one_transaction(setter: User, park: Park, indicator: Indicator) -> None:
    fits = Wanted(park, indicator, 2020, "city", 0, {"annual": 8})
    wrong = Wanted(park, indicator, 2020, "stretch", 0, {"annual": 8, "curve": [1]})
    with pytest.raises(Refusals) as refused:
        targets_save(by=Actor(setter), wanted=[fits, wrong])
    assert [one.level for one, _sentences in refused.value.wrong] == ["stretch"]
    assert not Target.objects.exists()


def test_a_version_of_a_workbook_that_is_no_number_is_passed_over(
    setter: User, park: Park, indicator: Indicator
) -> None:
    make_target(park=park, indicator=indicator, annual=12)
    line = {"park": park.code, "indicator": indicator.code, "year": "2020", "level": "city", "annual": "9"}
    (checked,) = check(setter, [(4, line | {"version": "፩"})])
    assert (checked.kind, checked.newer) == ("changed", False)
