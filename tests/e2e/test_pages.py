"""Every page as people see it: nothing serious for axe, no complaint, no sideways scroll, light, and ready for paper."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Response

from enterprises.models import Enterprise
from projects.models import Project
from tests.e2e.conftest import Visitor

PAGES = {
    "reviewer": (
        "/",
        "/projects/",
        "/projects/new/",
        "/projects/{project}/",
        "/projects/{project}/stage/",
        "/enterprises/",
        "/enterprises/{enterprise}/",
        "/chains/",
        "/fund-arrivals/",
        "/fund-arrivals/new/",
        "/engagements/",
        "/group-starts/",
        "/listing-steps/",
        "/help/",
        "/accounts/password/",
    ),
    "statistician": (
        "/targets/",
        "/targets/new/",
        "/indicators/",
        "/indicators/projects_100m/",
        "/indicators/new/",
        "/scorecards/",
        "/scorecards/baishazhou/2020-09/",
        "/ranking/",
    ),
}
SCREENS = [(1440, False), (1440, True), (390, False), (390, True)]
KIB = 1024


def paths(username: str) -> list[str]:
    """The pages of a user, with codes of the sample."""
    codes = {
        "project": Project.objects.get(name="富士康智能手机机构件项目").code,
        "enterprise": Enterprise.objects.get(name="富士康").code,
    }
    return [path.format(**codes) for path in PAGES[username]]


@pytest.mark.parametrize(("width", "dark"), SCREENS)
@pytest.mark.parametrize("username", PAGES)
def test_no_page_has_a_serious_fault(visit: Callable[..., Visitor], username: str, width: int, dark: bool) -> None:
    visitor = visit(username, width=width, dark=dark)
    for path in paths(username):
        page = visitor.go(path)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, path
        found = Axe().run(page).response["violations"]
        serious = [f"{f['id']}: {f['nodes'][0]['html'][:160]}" for f in found if f["impact"] in {"serious", "critical"}]
        assert not serious, (path, serious)
    assert visitor.complaints == []


def test_the_log_in_page(visit: Callable[..., Visitor]) -> None:
    stranger = visit()
    page = stranger.go("/accounts/login/")
    assert not [f for f in Axe().run(page).response["violations"] if f["impact"] in {"serious", "critical"}]
    assert stranger.complaints == []


def test_a_form_with_mistakes_leads_to_them(visit: Callable[..., Visitor]) -> None:
    clerk = visit("clerk")
    page = clerk.go("/projects/new/")
    page.fill("[name=total_investment]", "很多")
    page.fill("[name=signed_on]", "2020-02-30")
    page.click("button:has-text('提交审核')")
    page.wait_for_load_state()
    assert page.evaluate("document.activeElement.closest('[role=alert], .error-summary') !== null")
    assert page.input_value("[name=total_investment]") == "很多"
    page.locator(".error-summary a, [role=alert] a").first.click()
    assert page.evaluate("document.activeElement.tagName") in {"INPUT", "SELECT", "TEXTAREA"}
    found = Axe().run(page).response["violations"]
    assert not [f["id"] for f in found if f["impact"] in {"serious", "critical"}]


def test_pages_are_light(visit: Callable[..., Visitor]) -> None:
    leader = visit("leader")
    for path in ("/", "/projects/", "/scorecards/baishazhou/2020-09/"):
        kinds: dict[str, list[int]] = {}
        answers: list[Response] = []

        def note(answer: Response, answers: list[Response] = answers) -> None:
            answers.append(answer)

        leader.page.on("response", note)
        leader.go(path)
        leader.page.wait_for_load_state("networkidle")
        leader.page.remove_listener("response", note)
        for answer in answers:
            kind = answer.headers.get("content-type", "").split(";")[0]
            if "svg" not in kind:
                kinds.setdefault(kind, []).append(len(gzip.compress(answer.body())))
        assert sum(map(len, kinds.values())) <= 4, (path, list(kinds))
        assert sum(kinds["text/html"]) <= 25 * KIB, path
        assert sum(kinds["text/css"]) <= 14 * KIB, path
        assert sum(n for kind, sizes in kinds.items() if "javascript" in kind for n in sizes) <= 25 * KIB, path


def test_the_scorecard_prints_on_two_landscape_pages(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    leader = visit("leader")
    page = leader.go("/scorecards/baishazhou/2020-09/")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    (tmp_path / "scorecard.pdf").write_bytes(pdf)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(842, 595)}
    page.emulate_media(media="print")
    cut = page.evaluate(
        "[...document.querySelectorAll('.paper td, .paper th')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow !== 'visible')"
        ".map(e => e.textContent.trim()).slice(0, 5)"
    )
    assert cut == []
