"""The house rules that a program can check: style, types, templates, migrations, and nothing of one machine."""

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(sysconfig.get_path("scripts"))
# A folder of somebody's machine, or the address of a package registry; each pattern is split so as not to find itself.
PLACES = re.compile(
    r"(?<![\w./-])/(?:root|work|opt|home)/[\w.]|/tmp/" r"dev/|pypi\.(?:org|tuna)|python" r"hosted|registry\.npm" r"js"
)

pytestmark = pytest.mark.once


def run(*command: str | Path) -> None:
    """A tool that must be content; what it says otherwise is the failure's message."""
    env = {"SECRET_KEY": "for-tests-only-" * 4, **os.environ}  # mypy's plugin loads the settings
    result = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.fail(result.stdout + result.stderr, pytrace=False)


def ours(name: str) -> bool:
    """Whether a folder is part of the repository; caches, environments and local data are not."""
    return name == ".ci" or not (name.startswith(".") or name in {"__pycache__", "var"})


def files() -> Iterator[Path]:
    """Every file that a clone would hold."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = filter(ours, folders)
        yield from (Path(folder, name) for name in names if name != ".env")


def text(path: Path) -> str:
    """What can be read in a file; pictures and fonts read as nothing."""
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


def test_ruff_finds_nothing() -> None:
    run(TOOLS / "ruff", "check", ".")


def test_ruff_would_format_nothing() -> None:
    run(TOOLS / "ruff", "format", "--check", "--diff", ".")


def test_mypy_is_strict_about_the_core() -> None:
    run(sys.executable, "-m", "mypy")


def test_mypy_is_strict_about_the_launcher() -> None:
    run(sys.executable, "-m", "mypy", "--scripts-are-modules", "portal")


def test_djade_would_format_no_template() -> None:
    run(TOOLS / "djade", "--target-version", "5.2", "--check", *(path for path in files() if path.suffix == ".html"))


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        call_command("makemigrations", check=True, dry_run=True)
    except SystemExit:
        pytest.fail(capsys.readouterr().out, pytrace=False)


def test_migrations_are_named() -> None:
    unnamed = [path.name for path in ROOT.glob("*/migrations/*.py") if re.search(r"_auto_\d|_alter_.*_more", path.name)]
    assert unnamed == []


def test_nothing_names_this_machine_or_a_registry() -> None:
    found = {str(path.relative_to(ROOT)): match.group() for path in files() if (match := PLACES.search(text(path)))}
    assert found == {}


@pytest.mark.parametrize(
    "place", ["/" + "home/li/portal", "see /" + "tmp/dev/x", "https://py" + "pi.org/simple", "'/" + "root/.ssh'"]
)
def test_a_place_would_be_found(place: str) -> None:
    assert PLACES.search(place)


@pytest.mark.parametrize(
    "harmless", ["static/opt/x", "https://example.cn/home/x", "find /tmp -name x", "/accounts/login/"]
)
def test_an_address_inside_the_portal_is_no_place(harmless: str) -> None:
    assert not PLACES.search(harmless)
