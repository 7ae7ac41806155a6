"""Every page as people see it: nothing serious for axe, no sideways scroll, light, and ready for paper."""

import gzip
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

Open = Callable[..., Page]
PROJECT, SCORECARD = "/projects/baishazhou-2020-011/", "/scorecards/baishazhou/2020-09/"
PAGES = {
    "": ("/accounts/login/",),
    "reviewer": (
        *("/", "/projects/", "/projects/new/", PROJECT, "/projects/baishazhou-2020-018/stage/", "/projects/bin/"),
        *("/enterprises/", "/enterprises/baishazhou-e2020-001/", "/chains/", "/chains/electronics/"),
        *("/fund-arrivals/", "/fund-arrivals/new/", "/engagements/", "/group-starts/", "/listing-steps/"),
        *("/help/", "/accounts/password/", "/projects/?bogus=1", "/nothing/"),
    ),
    "statistician": (
        *("/targets/", "/targets/new/", "/indicators/", "/indicators/projects_100m/", "/indicators/new/"),
        *("/scorecards/", SCORECARD, "/ranking/"),
    ),
}
EVERY = [(who, path) for who, paths in PAGES.items() for path in paths]
OFTEN = [("reviewer", "/"), ("reviewer", "/projects/"), ("reviewer", PROJECT), ("statistician", SCORECARD)]
"""The pages that are tried in every light on every screen; the others in one light on each."""
LOOKS, MORE_LOOKS = ((1440, False), (390, True)), ((1440, True), (390, False))
"""Width and darkness: how every page is tried, and how else those that are opened often."""
NEIGHBOURS = {1440: (1920, 1440, 1366, 1280, 1024, 768), 390: (390, 360)}
"""Screens on which nothing may scroll sideways, tried together."""
REFUSED = re.compile("bogus|nothing")
"""Pages whose status the browser notes as an error of the network; that is what they are."""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
KIB = 1024
PDFTOTEXT = shutil.which("pdftotext") or ""


def serious(page: Page) -> list[str]:
    """What axe finds of impact serious or critical."""
    found: list[dict[str, Any]] = (
        Axe().run(page, options={"runOnly": TAGS, "resultTypes": ["violations"]}).response["violations"]
    )
    bad = [one for one in found if one["impact"] in {"serious", "critical"}]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in bad]


def overflows(page: Page, width: int) -> bool:
    """Whether the page scrolls sideways on a screen of that width."""
    page.set_viewport_size({"width": width, "height": 900})
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


SMALL = """least => [...document.querySelectorAll("a, button, input, select, textarea, summary")].filter(e => {
  const box = e.getBoundingClientRect();
  const inline = e.tagName === "A" && getComputedStyle(e).display === "inline";
  const hidden = !box.width || !e.checkVisibility() || e.closest(".sr-only, .skip, [hidden], svg") || e.disabled;
  const label = e.labels?.[0]?.getBoundingClientRect();
  const size = Math.max(box.height, label && e.matches("[type=checkbox], [type=radio]") ? label.height : 0);
  return !inline && !hidden && e.tabIndex >= 0 && size < least - 0.5;
}).map(e => e.outerHTML.slice(0, 140) + " " + e.getBoundingClientRect().height)"""
"""Controls lower than so many pixels; links inside a line of text are exempt, as WCAG 2.5.8 has it."""
FINE_PRINT = """[...document.querySelectorAll("main *, .rail *")].filter(e => {
  const style = getComputedStyle(e);
  const text = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  return text && e.checkVisibility() && (parseFloat(style.fontSize) < 12 || style.fontStyle === "italic");
}).map(e => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(("who", "path"), EVERY)
def test_no_page_has_a_serious_fault(people: Any, who: str, path: str) -> None:
    page = people.open(who, path)
    for width, dark in (*LOOKS, *(MORE_LOOKS if (who, path) in OFTEN else ())):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        look = f"{width} pixels, {'dark' if dark else 'light'}"
        assert page.evaluate(SMALL, 24) == [], look
        assert page.evaluate(FINE_PRINT) == [], look
        assert serious(page) == [], look
        assert [wide for wide in NEIGHBOURS[width] if overflows(page, wide)] == [], look
    people.faults[:] = [fault for fault in people.faults if not REFUSED.search(fault)]


def test_a_page_with_a_serious_fault_is_found(opened: Open) -> None:
    page = opened("", "/accounts/login/")
    page.evaluate("document.querySelector('label').remove(); document.querySelector('main').style.color = '#eee'")
    assert {fault.partition(":")[0] for fault in serious(page)} >= {"label", "color-contrast"}


FINGERS = ("/", "/projects/", PROJECT, "/projects/new/", "/fund-arrivals/", "/ranking/")


def test_what_is_tapped_on_a_phone_is_44_pixels_high(opened: Open) -> None:
    page = opened("clerk", "/", width=390)
    for path in FINGERS:
        page.goto(path)
        controls = page.evaluate(SMALL, 44)
        assert [one for one in controls if re.search(r'class="(btn|in|chip)|mobile-bar|<select|<button', one)] == [], (
            path
        )


def test_a_form_with_mistakes_leads_to_them(opened: Open) -> None:
    page = opened("clerk", "/projects/new/")
    page.fill("[name=total_investment]", "很多")
    page.fill("[name=signed_on]", "2020-02-30")
    page.click("button:has-text('提交审核')")
    page.wait_for_load_state()
    assert page.evaluate("document.activeElement.closest('.error-summary') !== null")
    assert page.input_value("[name=total_investment]") == "很多"
    assert serious(page) == []
    page.locator(".error-summary a").first.click()
    assert page.evaluate("document.activeElement.tagName") in {"INPUT", "SELECT", "TEXTAREA"}


# Weight


def test_pages_are_light(opened: Open) -> None:
    page = opened("leader", "/")
    for path in ("/", "/projects/?page_size=50", "/enterprises/", PROJECT, SCORECARD):
        seen: list[Response] = []

        def note(answer: Response, seen: list[Response] = seen) -> None:
            # Not the picture of the tab, asked for once in a session, nor the word that a row was opened.
            if answer.request.method == "GET" and not answer.url.endswith("favicon.svg"):
                seen.append(answer)

        page.on("response", note)
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.remove_listener("response", note)
        assert len(seen) <= 4, (path, [answer.url for answer in seen])
        weights: dict[str, int] = {}
        for answer in seen:
            kind = answer.headers.get("content-type", "").split(";")[0].rpartition("/")[2]
            body = page.context.request.get(answer.url).body()
            weights[kind] = weights.get(kind, 0) + len(gzip.compress(body))
        assert weights["html"] <= 25 * KIB, (path, weights)
        assert weights["css"] <= 14 * KIB, (path, weights)
        assert weights["javascript"] <= 25 * KIB, (path, weights)
        assert set(weights) == {"html", "css", "javascript"}, path


# Paper

CUT = """[...document.querySelectorAll(".paper, .paper *")].filter(e => {
  const page = e.closest(".paper").getBoundingClientRect(), box = e.getBoundingClientRect();
  const beside = box.right > page.right + 1 || box.left < page.left - 1;
  const clipped = e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible";
  return box.width && !e.closest(".sr-only") && (beside || clipped);
}).map(e => e.outerHTML.slice(0, 120))"""
"""What reaches over the edge of the sheet, or is clipped by its own."""


def printed(page: Page) -> list[tuple[int, int]]:
    """The sheets that a page prints on, in millimetres."""
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    assert len(boxes) == len(re.findall(rb"/Type\s*/Page\b", pdf))
    return [(round(float(width) * 25.4 / 72), round(float(height) * 25.4 / 72)) for width, height in boxes]


@pytest.mark.parametrize("dark", [False, True])
def test_the_scorecard_prints_on_two_landscape_pages_with_nothing_cut(opened: Open, dark: bool) -> None:
    page = opened("leader", SCORECARD, dark=dark)
    assert printed(page) == [(297, 210), (297, 210)]
    page.set_viewport_size({"width": 1123, "height": 794})
    page.emulate_media(media="print", color_scheme="dark" if dark else "light")
    assert page.evaluate(CUT) == []
    ground = "getComputedStyle(document.querySelector('.paper')).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert page.locator(".toolbar:visible, .notice:visible, .mobile-bar:visible, .rail:visible").count() == 0


@pytest.mark.skipif(not PDFTOTEXT, reason="Needs pdftotext of poppler-utils, which .ci/run installs where it may.")
def test_the_printed_scorecard_holds_all_its_words(opened: Open, tmp_path: Path) -> None:
    page = opened("leader", SCORECARD)
    file = tmp_path / "scorecard.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    words = subprocess.run([PDFTOTEXT, "-layout", str(file), "-"], capture_output=True, check=True).stdout.decode()
    sheets = ["".join(sheet.split()) for sheet in words.split("\f")]
    for expected in ("关于2020年1—9月招商引资目标任务完成情况的通报", "104.9", "4万余", "签发", "第1页，共2页"):
        assert expected in sheets[0], expected
    for expected in ("分产业链情况", "富士康智能手机机构件项目", "芯片封装测试项目", "第2页，共2页"):
        assert expected in sheets[1], expected


@pytest.mark.parametrize(("path", "size", "most"), [("/", (210, 297), 2), ("/projects/", (297, 210), 4)])
def test_overview_and_list_print_without_what_is_for_the_screen(
    opened: Open, path: str, size: tuple[int, int], most: int
) -> None:
    page = opened("leader", path)
    sheets = printed(page)
    assert set(sheets) == {size}
    assert len(sheets) <= most
    page.emulate_media(media="print")
    assert page.locator(".rail:visible, .topbar:visible, .acts:visible, .filters:visible, .pager:visible").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
