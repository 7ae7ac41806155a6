"""A portal that serves the sample on loopback, and a real Chromium in which people use it."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "sample-password-1"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("load_reference", verbosity=0)
call_command("load_sample", verbosity=0)
for period in ("2020-06", "2020-09"):
    call_command("compile_scorecards", period=period)
"""
expect.set_options(timeout=30_000)
PATIENCE = 60
"""Seconds until the server must answer."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests need no second database: the portal that they use has its own."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.once)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(database: Path) -> dict[str, str]:
    """What the server needs: its own database, files from the source, and no broker."""
    ours = {"DATABASE_URL": f"sqlite:///{database}", "SECRET_KEY": "browser-" + "0" * 40, "PORTAL_EMBEDDED": "true"}
    ours |= {"DJANGO_SETTINGS_MODULE": "parkportal.settings", "PORTAL_SAMPLE_PASSWORD": PASSWORD, "REDIS_URL": ""}
    return os.environ | ours | {"DEBUG": "", "ALLOWED_HOSTS": "127.0.0.1"}


@pytest.fixture(scope="session")
def prepared(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample, compiled for June and September 2020."""
    database = Path(shutil.copy(migrated, tmp_path_factory.mktemp("sample") / "portal.sqlite3"))
    made = subprocess.run([sys.executable, "-c", PREPARE], cwd=ROOT, env=environment(database), capture_output=True)
    assert made.returncode == 0, made.stderr.decode()
    return database


@pytest.fixture(scope="package")
def server(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a portal, and the copy of that database on which it works."""
    folder, port = tmp_path_factory.mktemp("portal"), free_port()
    database = Path(shutil.copy(prepared, folder / "portal.sqlite3"))
    command = [sys.executable, "-m", "gunicorn", "parkportal.wsgi", "--threads", "4", "--bind", f"127.0.0.1:{port}"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(database), stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", process)
            yield f"http://127.0.0.1:{port}", database
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()


@pytest.fixture(scope="module")
def site(server: tuple[str, Path], prepared: Path) -> str:
    """The portal's address; its database is put back, so that no module sees what another one entered."""
    address, database = server
    with closing(sqlite3.connect(prepared)) as good, closing(sqlite3.connect(database)) as used:
        good.backup(used)
    return address


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Return when the server answers; fail when it ended or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310 - loopback
            return
        time.sleep(0.1)
    raise RuntimeError(f"The portal does not answer at {url}.")


def chromium() -> str | None:
    """Where a Chromium of this machine is."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; it ends with this folder, so that no event loop is left for the tests that follow."""
    program = chromium()
    if program is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()


@dataclass
class People:
    """Opens pages as the sample's people; each page has a context of its own, a person logs in once per module."""

    site: str
    browser: Browser
    sessions: dict[str, Any] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def open(self, who: str = "", path: str = "/", *, width: int = 1440, dark: bool = False, js: bool = True) -> Page:
        """A page, opened by somebody who is logged in, or by a stranger."""
        if who and who not in self.sessions:
            self.sessions[who] = self.log_in(who)
        context = self.browser.new_context(
            base_url=self.site,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            locale="zh-CN",
            java_script_enabled=js,
            storage_state=self.sessions.get(who),
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("request", self._see)
        page.goto(path)
        return page

    def log_in(self, who: str) -> Any:
        """Type name and password; return the cookies."""
        context = self.browser.new_context(base_url=self.site)
        page = context.new_page()
        page.goto("/accounts/login/")
        page.fill("[name=username]", who)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(re.compile(r":\d+/$"))
        state = context.storage_state()
        context.close()
        return state

    def _hear(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{message.location.get('url', '')}: {message.text}")

    def _see(self, request: Any) -> None:
        if not request.url.startswith((f"{self.site}/", "data:")):
            self.faults.append(f"a request leaves the portal: {request.url}")


@pytest.fixture(scope="module")
def _sessions() -> dict[str, Any]:
    """Cookies of those who have logged in during a module."""
    return {}


@pytest.fixture
def people(site: str, browser: Browser, _sessions: dict[str, Any]) -> Iterator[People]:
    """The people; nothing they did may have been a fault of a script, a style or the policy of contents."""
    cast = People(site, browser, _sessions)
    yield cast
    for context in cast.contexts:
        context.close()
    assert cast.faults == []


Open = Callable[..., Page]


@pytest.fixture
def opened(people: People) -> Open:
    """`opened("clerk", "/projects/", width=390)`."""
    return people.open
