"""The wall in a real browser: it turns, obeys its keys, renews itself, and keeps what it has when it is cut off."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
EVENING = "2020-10-08T15:30:00Z"
"""8 October, 23:30 in Shanghai."""


@pytest.fixture
def wall(opened: Open) -> Page:
    """The working wall on a device of another zone, whose clock the test moves."""
    page = opened("leader", "/wall/?edition=working")
    page.context.new_cdp_session(page).send("Emulation.setTimezoneOverride", {"timezoneId": "America/New_York"})
    page.clock.install(time=EVENING)
    page.reload()
    return page


def stands_at(page: Page) -> str:
    """What the foot says of the screen, and that one alone is shown."""
    assert page.locator(".screen:visible").count() == 1
    return page.locator("[data-where]").inner_text()


def test_it_turns_by_itself_and_by_keys_until_it_is_paused(wall: Page) -> None:
    assert stands_at(wall) == "，第1屏，共3屏"
    wall.clock.run_for(31_000)
    assert stands_at(wall) == "，第2屏，共3屏"
    for key, said in (("ArrowRight", 3), ("ArrowRight", 1), ("ArrowLeft", 3)):
        wall.keyboard.press(key)
        assert stands_at(wall) == f"，第{said}屏，共3屏"
    wall.keyboard.press(" ")
    wall.clock.run_for(120_000)
    assert stands_at(wall) == "，第3屏，共3屏，已暂停"
    wall.keyboard.press("Escape")
    expect(wall).to_have_url(re.compile(r"/(\?.*)?$"))


def test_its_clock_is_that_of_the_park(wall: Page) -> None:
    wall.clock.run_for(2_000)
    expect(wall.locator("[data-clock]")).to_have_text("23:30")


def test_cut_off_it_keeps_what_it_shows_and_says_since_when(wall: Page, people: Any) -> None:
    shown = wall.locator("main").inner_text()
    taken = wall.locator("main").get_attribute("data-taken")
    wall.route("**/wall/**", lambda route: route.fulfill(status=502, body="坏了"))
    wall.clock.run_for(61_000)
    expect(wall.locator("[data-offline]")).to_have_text(f"连不上服务器，显示的是{taken}取得的数据")
    while stands_at(wall) != "，第1屏，共3屏":
        wall.keyboard.press("ArrowRight")
    assert wall.locator("main").inner_text() == shown
    wall.unroute("**/wall/**")
    wall.clock.run_for(61_000)
    expect(wall.locator("[data-offline]")).to_be_hidden()
    people.faults[:] = [fault for fault in people.faults if "502" not in fault]
