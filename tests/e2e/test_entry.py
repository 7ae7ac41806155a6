"""What staff enter: a project of the report with three slips, and a week's progress without the mouse."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
SEPTEMBER = "/?period=2020-09"
FIGURES = ("projects_100m", "signed_investment", "expected_output")
REST = (
    *("fortune_global_500_projects", "started_projects", "above_scale_enterprises", "star_market_enterprises"),
    *("group_start_projects", "arrived_funds_domestic", "arrived_funds_foreign", "average_settle_days"),
)
"""Figures that a project signed and not yet started leaves as they are."""
MOST_INPUTS = 25
LINKS = "links => links.reverse().map(link => [link.getAttribute('href'), link.textContent])"


def figures(page: Page) -> dict[str, Decimal]:
    """The numbers that can be opened, each as it stands first on the page: whole figures stand before their parts."""
    found = page.locator("a[href*='figure=']").evaluate_all(LINKS)
    pairs = ((re.search(r"figure=(\w+)(?!.*chain=)", href), re.sub(r"[^\d.]", "", text)) for href, text in found)
    return {match[1]: Decimal(number) for match, number in pairs if match and re.fullmatch(r"\d+(\.\d+)?", number)}


class Hand:
    """Fills a page and counts what the person typed, chose or pressed."""

    def __init__(self, page: Page) -> None:
        self.page, self.inputs = page, 0

    def fill(self, name: str, text: str) -> None:
        self.page.fill(f"[name={name}]", text)
        self.inputs += 1

    def choose(self, name: str, **option: Any) -> None:
        self.page.select_option(f"[name={name}]", **option)
        self.inputs += 1

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.inputs += 1


def test_the_foxconn_project_of_the_report_is_entered_mended_verified_and_counted(opened: Open) -> None:
    before = figures(opened("leader", SEPTEMBER))
    clerk = opened("clerk", "/projects/new/")
    hand = Hand(clerk)
    hand.fill("name", "富士康智能手机机构件扩产线")
    hand.fill("investor_name", "富士康科技集团（扩产线）")
    hand.choose("chain", label="电子信息")
    hand.fill("total_investment", "3")
    hand.fill("expected_annual_output", "1.3亿")
    hand.fill("expected_annual_tax", "1000")
    hand.fill("expected_jobs", "一千多")
    hand.choose("contract_type", value="formal")
    hand.choose("stage", value="signed")
    hand.fill("ceremony_on", "2020-07-10")
    hand.fill("signed_on", "2020年7月下下旬")
    hand.press("提交审核")

    summary = clerk.locator(".error-summary")
    expect(summary.locator("a")).to_have_count(3)
    expect(clerk).to_have_title(re.compile("^有错误："))
    expect(summary).to_be_focused()
    expect(clerk.locator("[name=investor_name]")).to_have_value("富士康科技集团（扩产线）")
    hand.press("改为30,000万元")
    hand.fill("expected_jobs", "1000余")
    hand.fill("signed_on", "2020年7月中旬")
    hand.press("提交审核")
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("相近的项目，请确认")
    clerk.get_by_role("radio", name="不同项目").check()
    hand.press("登记结论")
    expect(clerk.locator("main")).to_contain_text("待审核")
    hand.inputs += 1
    assert hand.inputs < MOST_INPUTS

    head = opened("reviewer", clerk.url)
    head.get_by_role("button", name="审核通过", exact=True).first.click()
    expect(head.locator("main")).to_contain_text("已审核")
    head.goto(SEPTEMBER)
    head.get_by_role("button", name="重新编制").click()
    expect(head.locator(".toast")).to_contain_text("已编制2020-09成绩单")
    after = figures(opened("leader", SEPTEMBER))
    moved = {name: after[name] - before[name] for name in FIGURES}
    assert moved == {"projects_100m": 1, "signed_investment": Decimal("3.0"), "expected_output": Decimal("1.3")}
    assert {name: after[name] for name in REST} == {name: before[name] for name in REST}


WEEK = "/weekly/?on=2020-09-30&scope=all"


def test_twenty_projects_get_their_weeks_progress_without_the_mouse(opened: Open) -> None:
    page = opened("clerk", WEEK)
    rows = page.locator("[data-row]").filter(has=page.locator("[data-cell]"))
    count = rows.count()
    assert count >= 20
    page.keyboard.press("Tab")
    while not page.evaluate("document.activeElement.matches('[data-cell]')"):
        page.keyboard.press("Tab")
    for number in range(20):
        page.keyboard.insert_text(f"第{number}个项目主体封顶")
        page.keyboard.press("Alt+ArrowDown")
    with page.expect_event("load"):
        page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("保存")
    page.goto(WEEK)
    texts = page.locator("[data-row] textarea[name$=-progress]").evaluate_all("cells => cells.map(c => c.value)")
    assert sum("主体封顶" in text for text in texts) == 20


@pytest.mark.parametrize("path", ["/weekly/?on=2020-09-30&scope=all", "/projects/import/", "/monthly/?month=2020-09"])
def test_the_sheets_fit_a_phone(opened: Open, path: str) -> None:
    page = opened("clerk", path, width=390)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_what_is_typed_is_kept_by_itself_and_taken_up_on_return(opened: Open) -> None:
    page = opened("clerk", "/projects/new/")
    with page.expect_request_finished(lambda sent: sent.method == "POST" and quote("很多") in (sent.post_data or "")):
        page.locator("[name=name]").press_sequentially("没有保存就离开的项目")
        page.locator("[name=total_investment]").press_sequentially("很多")
    expect(page.locator("[data-draft-state]")).to_contain_text("已自动保存")
    page.get_by_role("link", name="放弃填写").click()  # what is kept is left without a question
    page.wait_for_url("**/projects/")
    page.goto(page.url + "new/")
    expect(page.get_by_text("你有没有保存的草稿“没有保存就离开的项目”")).to_be_visible()
    page.get_by_role("link", name="继续填写").click()
    expect(page.locator("[name=name]")).to_have_value("没有保存就离开的项目")
    expect(page.locator("[name=total_investment]")).to_have_value("很多")
    page.goto(page.url.partition("?")[0])
    page.get_by_role("button", name="放弃草稿").click()
    expect(page.get_by_text("你有没有保存的草稿")).to_have_count(0)
