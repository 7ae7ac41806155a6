"""A real browser before the real pages: Chromium of the system, one worker, nothing but this machine."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from parkportal.models import Park, Region
from reports.periods import Period
from reports.services import scorecard_compile

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), "")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PERIOD = Period(2020, 9)
HERE = os.path.dirname(__file__)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every browser test runs once, in one worker, on committed rows; without a browser it says so."""
    for item in items:
        if str(item.path).startswith(HERE):
            item.add_marker(pytest.mark.once)
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.django_db(transaction=True))
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="There is no Chromium on this machine."))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # The sync API of Playwright runs an event loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def compiled(sample: Park) -> Park:
    """The sample with its scorecards of September 2020; returns the park baishazhou."""
    scorecard_compile(region=Region.objects.get(code="430400"), period=PERIOD)
    return sample


@dataclass
class Visitor:
    """Somebody at a browser: what they see, and what the browser complained of."""

    page: Page
    base: str
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str, status: int = 200) -> Page:
        """Open a page of the portal."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == status, path
        return self.page

    @property
    def text(self) -> str:
        """What is written on the page, without surrounding space."""
        return re.sub(r"\s+", "", self.page.inner_text("body"))


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer, compiled: Park) -> Iterator[Callable[..., Visitor]]:
    """Open a fresh browser and log in: `visit("clerk", width=390, dark=True)`."""
    opened: list[Visitor] = []

    def open_as(username: str = "", *, width: int = 1440, dark: bool = False, script: bool = True) -> Visitor:
        options: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "locale": "zh-CN"}
        context = browser.new_context(
            **options, color_scheme="dark" if dark else "light", java_script_enabled=script, has_touch=width < 500
        )
        context.set_default_timeout(15_000)
        visitor = Visitor(context.new_page(), live_server.url, context)
        visitor.page.on(
            "console",
            lambda message: visitor.complaints.append(message.text) if message.type in {"error", "warning"} else None,
        )
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        opened.append(visitor)
        if username:
            log_in(visitor, username)
        return visitor

    yield open_as
    for visitor in opened:
        visitor.context.close()


def log_in(visitor: Visitor, username: str) -> None:
    """Log in by the form."""
    from tests.conftest import SAMPLE_PASSWORD

    page = visitor.go("/accounts/login/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", SAMPLE_PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)
