"""Hostile workbooks at a real server: each is refused in words, and meanwhile other pages are answered."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from django.conf import settings
from django.test import Client

from tests.concurrency import address, own_connections
from tests.projects.imports import books
from tests.projects.imports.steps import clerk_of_a_park

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "entities": (lambda: books.with_sheet(books.doctype), "文档类型声明"),
    "bomb": (lambda: books.row_bomb(3_000_000), "压缩炸弹"),
    "far cell": (lambda: books.far_cell("A1048576"), "第1048576行还有内容"),
    "echo": (books.echo, "太大或太复杂"),
}
SLOW = {"echo"}
"""What the child works at long enough for several pages."""


@contextmanager
def server(folder: Path, database: str) -> Iterator[str]:
    """One process with two threads: while one reads an upload, one is left for everybody else."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{probe.getsockname()[1]}"
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env |= {"DATABASE_URL": database, "SECRET_KEY": settings.SECRET_KEY, "ALLOWED_HOSTS": "127.0.0.1"}
    command = [sys.executable, "-m", "gunicorn", "parkportal.wsgi", "--threads", "2", "--bind", place]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env | {"PORTAL_EMBEDDED": "true"}, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_for(f"http://{place}/healthz", process)
            yield f"http://{place}"
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Return when the server answers."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310 - loopback
            return
        time.sleep(0.1)
    raise RuntimeError("The portal does not answer.")


class Visitor:
    """Somebody who is logged in and asks a real server."""

    def __init__(self, site: str, session: str) -> None:
        self.site, self.cookies = site, {"session": session}
        self.is_sending = False

    def ask(self, path: str, data: bytes | None = None, kind: str = "") -> tuple[int, str]:
        """Status and text of an answer; an error is an answer too."""
        head = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        request = urllib.request.Request(self.site + path, data, head | ({"Content-Type": kind} if kind else {}))  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
                for cookie in answer.headers.get_all("Set-Cookie") or ():
                    self.cookies |= dict([cookie.split(";")[0].split("=", 1)])
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def upload(self, data: bytes) -> tuple[int, str]:
        """Send a workbook as the page of imports does."""
        _status, page = self.ask("/projects/import/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        parts = f'--edge\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token[1]}\r\n'
        parts += '--edge\r\nContent-Disposition: form-data; name="file"; filename="ledger.xlsx"\r\n\r\n'
        self.is_sending = True
        return self.ask(
            "/projects/import/", parts.encode() + data + b"\r\n--edge--\r\n", "multipart/form-data; boundary=edge"
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("worker")
def test_other_pages_are_answered_while_hostile_workbooks_are_refused(tmp_path: Path) -> None:
    visit = Client()
    visit.force_login(clerk_of_a_park(), backend="django.contrib.auth.backends.ModelBackend")
    session = visit.cookies["session"].value
    with own_connections(tmp_path), server(tmp_path, address()) as site:
        for name, (make, sentence) in HOSTILE.items():
            sender, reader = Visitor(site, session), Visitor(site, session)
            data, said, meanwhile = make(), [], []
            upload = Thread(target=lambda said=said, data=data, sender=sender: said.append(sender.upload(data)))
            upload.start()
            while upload.is_alive():
                is_on_its_way = sender.is_sending
                status, _text = reader.ask("/projects/")
                assert status == 200, name
                meanwhile += [status] if is_on_its_way and not said else []
            assert said[0][0] == 200 and sentence in said[0][1], name
            # One page may slip in before the upload arrives; a second one was answered beside it.
            assert len(meanwhile) > 1 or name not in SLOW, name
