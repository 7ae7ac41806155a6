"""What people do with the portal, from the log-in on, in a real browser."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from parkportal.models import Region
from projects.models import Project
from reports.models import ScorecardLine
from reports.services import scorecard_compile
from tests.e2e.conftest import PERIOD, Visitor

NAME = "精密结构件生产项目（示例）"


def fill_in(page: Page, investment: str) -> None:
    """What the form of a signed project asks for."""
    page.fill("[name=name]", NAME)
    page.fill("[name=investor_name], [name=investor]", "示例企业午")
    page.fill("[name=content]", "精密结构件年产800万套，购置数控设备120台")
    page.select_option("[name=contract_type]", "formal")
    page.select_option("[name=stage]", "signed")
    page.fill("[name=signed_on]", "2020-09-03")
    page.fill("[name=total_investment]", investment)


def figures() -> dict[str, str]:
    """The compiled figures of the park, written so that they can be compared."""
    lines = ScorecardLine.objects.filter(scorecard__code="baishazhou-2020-09").select_related("indicator")
    return {line.indicator.code: f"{line.actual} {line.inexact}" for line in lines}


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without a script"])
def test_a_project_is_entered_mended_verified_and_counted(visit: Callable[..., Visitor], script: bool) -> None:
    before = figures()
    clerk = visit("clerk", script=script)
    page = clerk.go("/projects/new/")
    fill_in(page, "3.2")
    page.click("button:has-text('提交审核')")
    summary = page.locator("[role=alert], .error-summary").first
    expect(summary).to_contain_text("总投资3.2万元过小，请检查单位")
    assert page.title().startswith("有错误：")
    assert page.input_value("[name=name]") == NAME
    page.fill("[name=total_investment]", "3.2亿")
    page.click("button:has-text('提交审核')")
    page.wait_for_url("**/projects/baishazhou-*/")
    project = Project.objects.get(name=NAME)
    assert (project.total_investment, project.review_state) == (320_000_000, "submitted")

    head = visit("reviewer", script=script)
    page = head.go(f"/projects/{project.code}/")
    page.click("button:has-text('审核通过')")
    page.wait_for_load_state()
    project.refresh_from_db()
    assert project.review_state == "verified"

    scorecard_compile(region=Region.objects.get(code="430400"), period=PERIOD)
    after = figures()
    moved = {code for code in after if after[code] != before[code]}
    assert moved == {"projects_100m", "signed_investment", "cohort_signed", "start_rate"}
    assert (before["projects_100m"], after["projects_100m"]) == ("18 ", "19 ")
    leader = visit("leader", script=script)
    leader.go("/")
    assert "108.1" in leader.text


def test_a_figure_opens_its_list_and_the_way_back_keeps_the_choice(visit: Callable[..., Visitor]) -> None:
    leader = visit("leader")
    page = leader.go("/?park=baishazhou&period=2020-09")
    page.click(".heroes a.drill >> nth=0")
    page.wait_for_url("**/projects/?**")
    expect(page.locator("p.from")).to_contain_text("列表合计18个，与成绩单一致")
    query = parse_qs(urlsplit(page.url).query)
    assert query["category"] == ["industry"]
    page.click("th a:has-text('总投资')")
    page.wait_for_url("**ordering=*")
    first = page.locator("tbody tr th, tbody tr td.name").first.inner_text()
    page.locator("tbody a[href^='/projects/']").first.click()
    page.wait_for_url("**/projects/baishazhou-*/")
    page.go_back()
    assert "ordering=" in page.url
    assert "category=industry" in page.url
    assert page.locator("tbody tr th, tbody tr td.name").first.inner_text() == first


def test_a_leader_reads_and_has_no_button_that_changes_anything(visit: Callable[..., Visitor]) -> None:
    leader = visit("leader")
    code = Project.objects.get(name="富士康智能手机机构件项目").code
    for path in ("/", "/projects/", f"/projects/{code}/", "/enterprises/", "/fund-arrivals/", "/scorecards/"):
        page = leader.go(path)
        forms = page.locator("main form[method=post]")
        assert forms.count() == 0, path
        assert page.locator("main a:has-text('新建'), main a:has-text('编辑')").count() == 0, path


def test_a_city_user_changes_park_and_month(visit: Callable[..., Visitor]) -> None:
    city = visit("cityleader")
    page = city.go("/")
    page.select_option("select[name=park]", "park-c")
    page.wait_for_url("**park=park-c**")
    assert "园区丙（示例）" in city.text
    assert city.complaints == []


def test_the_chosen_theme_stays(visit: Callable[..., Visitor]) -> None:
    leader = visit("leader")
    page = leader.go("/")
    page.click("[data-theme-switch]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    leader.go("/projects/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_keys_find_and_begin(visit: Callable[..., Visitor]) -> None:
    clerk = visit("clerk")
    page = clerk.go("/projects/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "search"
    page.keyboard.type("富士康")
    page.keyboard.press("Enter")
    page.wait_for_url("**search=**")
    assert "富士康智能手机机构件项目" in clerk.text
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    page.wait_for_url("**/projects/new/")
