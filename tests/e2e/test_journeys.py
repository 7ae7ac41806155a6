"""What people do in a day, in a real browser, with and without scripts."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]
SEPTEMBER = "/?period=2020-09"


def figure(page: Page, code: str) -> Decimal:
    """The number of an indicator in the row of key figures."""
    return Decimal(page.locator(f".strip a[href*='figure={code}']").inner_text())


def follow(link: Locator) -> None:
    """Click a link and wait until the page behind it stands: what is read next is of that page."""
    with link.page.expect_event("load"):
        link.click()


def fill_in(page: Page, name: str) -> None:
    """Type a signed project of electronics, with its amount in 亿 where 万元 is asked for."""
    page.fill("[name=name]", name)
    page.fill("[name=investor_name]", f"{name}投资方")
    page.select_option("[name=chain]", label="电子信息")
    page.fill("[name=total_investment]", "3.2")
    page.fill("[name=expected_annual_output]", "5.2亿")
    page.select_option("[name=contract_type]", "formal")
    page.select_option("[name=stage]", "signed")
    page.fill("[name=signed_on]", "2020-09-18")


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_from_a_slip_of_the_pen_to_the_overview(opened: Open, js: bool) -> None:
    name = "精密连接器项目" if js else "光学模组项目"
    leader = opened("leader", SEPTEMBER, js=js)
    before = {code: figure(leader, code) for code in ("projects_100m", "signed_investment", "expected_output")}

    clerk = opened("clerk", "/projects/new/", js=js)
    fill_in(clerk, name)
    clerk.get_by_role("button", name="提交审核").click()
    summary = clerk.locator(".error-summary")
    expect(summary).to_be_visible()
    expect(summary).to_contain_text("总投资3.2万元过小，请检查单位")
    if js:
        expect(summary).to_be_focused()
    expect(clerk).to_have_title(re.compile("^有错误："))
    expect(clerk.locator("[name=investor_name]")).to_have_value(f"{name}投资方")
    expect(clerk.locator("[name=signed_on]")).to_have_value("2020-09-18")

    clerk.get_by_role("button", name="改为32,000万元").click()
    expect(clerk.locator("[name=total_investment]")).to_have_value("32,000")
    clerk.get_by_role("button", name="提交审核").click()
    expect(clerk.get_by_role("heading", level=1)).to_have_text(name)
    expect(clerk.locator("main")).to_contain_text("待审核")
    assert clerk.get_by_role("button", name="审核通过").count() == 0

    head = opened("reviewer", clerk.url, js=js)
    head.get_by_role("button", name="审核通过").click()
    expect(head.locator("main")).to_contain_text("已审核")
    head.goto(SEPTEMBER)
    assert figure(head, "projects_100m") == before["projects_100m"]  # compiled figures wait for the next compile
    head.get_by_role("button", name="重新编制").click()
    expect(head.locator(".toast")).to_contain_text("已编制2020-09成绩单")

    leader.reload()
    moved = {code: figure(leader, code) - value for code, value in before.items()}
    assert moved == {"projects_100m": 1, "signed_investment": Decimal("3.2"), "expected_output": Decimal("5.2")}
    follow(leader.locator(".strip a[href*='figure=projects_100m']"))
    expect(leader.locator(".from")).to_contain_text("与成绩单一致")
    expect(leader.get_by_role("link", name=name)).to_be_visible()


def test_the_error_summary_leads_to_the_field(opened: Open) -> None:
    page = opened("clerk", "/projects/new/")
    page.get_by_role("button", name="提交审核").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.locator(".error-summary a").first.click()
    assert page.evaluate("document.activeElement.name") == "name"


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_from_a_figure_to_its_list_and_back_keeps_the_filter(opened: Open, js: bool) -> None:
    page = opened("leader", SEPTEMBER, js=js)
    follow(page.locator(".strip a[href*='figure=projects_100m']"))
    listed = page.url
    rows = page.locator(".projects tbody tr")
    number = rows.count()
    assert number >= 18
    follow(page.get_by_role("link", name="总投资", exact=True))
    assert "ordering=" in page.url
    expect(page.locator("th[aria-sort]")).to_have_count(1)
    assert rows.count() == number
    follow(page.locator(".projects tbody th a").first)
    expect(page.locator(".stepper")).to_be_visible()
    page.go_back()
    assert "ordering=" in page.url
    assert rows.count() == number
    page.go_back()
    assert page.url == listed
    follow(page.get_by_role("link", name="返回总览"))
    expect(page.locator(".heroes")).to_be_visible()
    assert "period=2020-09" in page.url


def test_a_list_is_sorted_both_ways(opened: Open) -> None:
    page = opened("leader", "/projects/?contract_type=formal&signed_on_after=2020-01-01")

    def days() -> list[str]:
        found = page.locator(".projects td.signed").all_inner_texts()
        return [day for day in found if re.fullmatch(r"\d{4}-\d\d-\d\d", day)]

    assert days() == sorted(days(), reverse=True)
    follow(page.get_by_role("link", name="签约时间", exact=True))
    assert days() == sorted(days())
    assert "contract_type=formal" in page.url


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
def test_conditions_show_as_chips_and_go_with_a_click(opened: Open, js: bool) -> None:
    page = opened("leader", "/projects/?chain=electronics&stage=in_production", js=js)
    few = page.locator(".projects tbody tr").count()
    chips = page.locator(".chip")
    expect(chips).to_have_count(2)
    follow(chips.filter(has_text="投产").get_by_role("link"))
    expect(chips).to_have_count(1)
    assert "stage=" not in page.url
    assert "chain=electronics" in page.url
    assert page.locator(".projects tbody tr").count() > few


def test_more_conditions_open_without_a_script_and_filter(opened: Open) -> None:
    page = opened("leader", "/projects/", js=False)
    page.get_by_text("更多条件").click()
    page.locator(".filter-box select[name=chain], .filter-box input[name=chain]").first.wait_for()
    page.goto("/projects/?search=富士康")
    expect(page.locator(".projects tbody")).to_contain_text("富士康智能手机机构件项目")
    assert page.locator(".projects tbody tr").count() < 5


@pytest.mark.parametrize(
    "path", ["/projects/baishazhou-2020-011/", "/projects/", "/enterprises/", SEPTEMBER, "/targets/"]
)
def test_a_leader_sees_nothing_to_edit(opened: Open, path: str) -> None:
    page = opened("leader", path)
    words = re.compile("编辑|新建|登记|提交|审核通过|退回|终止|撤回|修改(?!密码)|设定|重新编制|恢复")
    assert page.locator("main").get_by_role("button", name=words).count() == 0
    assert page.locator("main a.btn, main a.more").filter(has_text=words).count() == 0


def test_the_city_switches_park_and_period(opened: Open) -> None:
    page = opened("cityleader", "/")
    page.get_by_label("园区", exact=True).select_option(label="园区乙（示例）")
    page.wait_for_url("**park=park-b**")
    expect(page.locator(".head .sub")).to_contain_text("园区乙（示例）")
    page.get_by_label("截至月份").select_option("2020-06")
    page.wait_for_url("**period=2020-06**")
    assert "park=park-b" in page.url
    expect(page.locator(".head .sub")).to_contain_text("数据截至2020-06-30")
    assert page.locator("[data-autosubmit] button:visible").count() == 0


def test_without_a_script_the_switch_has_a_button(opened: Open) -> None:
    page = opened("cityleader", "/", js=False)
    page.get_by_label("园区", exact=True).select_option("park-b")
    page.get_by_role("button", name="切换").first.click()
    expect(page.locator(".head .sub")).to_contain_text("园区乙（示例）")


def test_the_theme_stays_as_it_was_switched(opened: Open) -> None:
    page = opened("leader", "/")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="切换亮色和暗色").click()
    dark = page.evaluate(ground)
    assert dark != light
    page.goto("/projects/")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate(ground) == dark
    page.get_by_role("button", name="切换亮色和暗色").click()
    page.goto("/")
    assert page.evaluate(ground) == light


def test_slash_finds_and_n_opens_a_new_one_but_not_while_typing(opened: Open) -> None:
    page = opened("clerk", "/projects/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.type("n")
    assert page.evaluate("document.activeElement.value") == "n"
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    page.wait_for_url("**/projects/new/")


def test_a_form_with_changes_is_not_left_by_mistake(opened: Open) -> None:
    page = opened("clerk", "/projects/new/")
    page.locator("[name=name]").press_sequentially("没写完")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with page.expect_event("dialog"):
        page.get_by_role("link", name="放弃填写").click()
    assert asked == ["beforeunload"]
    expect(page.locator("[name=name]")).to_have_value("没写完")


def test_an_amount_is_converted_while_it_is_typed(opened: Open) -> None:
    page = opened("clerk", "/projects/new/")
    page.locator("[name=total_investment]").press_sequentially("21000")
    expect(page.locator(".field", has=page.locator("[name=total_investment]"))).to_contain_text("= 2.1亿元")


def test_a_stranger_is_led_to_the_login_and_then_where_they_wanted_to_go(opened: Open) -> None:
    page = opened("", "/projects/?chain=electronics")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.fill("[name=username]", "leader")
    page.fill("[name=password]", "wrong-password")
    page.get_by_role("button", name="登录").click()
    expect(page.locator("main")).to_contain_text(re.compile("用户名|密码"))
    expect(page.locator("[name=username]")).to_have_value("leader")
    page.fill("[name=password]", "sample-password-1")
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/projects/?chain=electronics")
