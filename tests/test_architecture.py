"""The arrows of the house: rooms import only rooms to their left, lines only their own line or those above."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["parkportal", "enterprises", "projects", "reports"]
LINES = {
    1: {
        "periods", "scoring", "stages", "uscc", "writing", "roles", "icons", "charts", "form_layout", "labels",
        "spelling", "tags",
    },
    2: {"models"},
    3: {"filters", "filtering"},
    4: {
        "sources", "services", "progress", "imports", "exports", "documents", "trace", "jobs",
        "sessions", "members", "words", "chains", "rows", "overview", "sheet", "targets", "indicators", "reference",
        "changes", "closing", "drafts", "freezing", "frozen", "groups", "published", "publishing", "storing", "tallies",
        "sample", "triggers", "verification",
        "history", "summary", "incremental", "formulas", "ranking", "filling", "files", "gate",
        "previews", "reference_rates", "subscriptions", "webhooks", "wall", "assessment", "notices", "contacts",
        "workbooks", "columns", "desk", "matters", "word", "reported_figures", "reconciliation", "quality", "calendar",
    },
    5: {
        "forms", "serializers", "inputs", "wall_forms", "indicator_bar", "subscription_forms", "target_forms",
        "matter_forms", "calendar_forms", "figure_forms", "reconciliation_forms",
    },
    6: {
        "views", "api", "tasks", "admin", "pages", "entry", "context", "middleware", "filter_box", "downloads",
        "management", "templatetags",
        "renderers",
    },
    7: {"urls", "api_urls", "apps", "settings", "celery", "wsgi", "__init__"},
}  # fmt: skip
DOORS_ONLY = ("django.http", "django.shortcuts", "rest_framework", "celery")
ALLOWED = {
    ("parkportal/filtering.py", "django.http"): "QueryDict is the shape of a filter, not an answer",
    ("parkportal/desk.py", "django.http"): "QueryDict is the shape of a kept filter",
    ("projects/services/bulk.py", "django.http"): "QueryDict is the shape of a selection by its filter",
    ("reports/sources.py", "django.http"): "QueryDict is the shape of a stored filter",
    ("reports/targets/parts.py", "django.http"): "QueryDict is the shape of a list's address",
    ("reports/freezing.py", "django.http"): "QueryDict is the shape of a list's address",
    ("reports/progress.py", "django.http"): "QueryDict is the shape of a stored filter",
    ("reports/members.py", "django.http"): "QueryDict is the shape of a list's address",
    ("reports/indicators.py", "django.http"): "QueryDict is the shape of a stored filter",
    ("reports/previews.py", "django.http"): "QueryDict is the shape of a list's address",
    ("reports/formulas.py", "django.http"): "QueryDict is the shape of a stored filter",
    ("reports/overview/trend.py", "django.http"): "QueryDict is the shape of a list's address",
    ("reports/sheet.py", "django.http"): "QueryDict is the shape of a list's address",
    ("reports/quality.py", "django.http"): "QueryDict is the shape of a list's address",
    ("reports/reconciliation/members.py", "django.http"): "QueryDict is the shape of a list's address",
    ("projects/services/reminders.py", "django.http"): "QueryDict is the shape of a stored filter",
    ("projects/summary.py", "django.http"): "QueryDict is the shape of a list's address",
}
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)


def line_of(dotted: str) -> int | None:
    """The line of a module by the first part below its room: projects.services.funds is a service."""
    part = dotted.split(".")[1] if "." in dotted else "__init__"
    return next((line for line, names in LINES.items() if part in names), None)


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports by name, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module in ROOMS)


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_every_module_stands_on_a_line() -> None:
    homeless = [str(path.relative_to(ROOT)) for path in MODULES if line_of(dotted(path)) is None]
    assert not homeless, f"give these a line in LINES, or a better home: {homeless}"


def wrong_arrows(name: str, imports: set[str]) -> list[str]:
    """Imports of a module that point to a room on its right or to a line below its own."""
    room, line = name.split(".")[0], line_of(name)
    wrong = []
    for target in imports:
        other = target.split(".")[0]
        if other not in ROOMS or target in ROOMS:
            continue
        below = other == room and (line_of(target) or 0) > (line or 0)
        if ROOMS.index(other) > ROOMS.index(room) or below:
            wrong.append(f"{name} → {target}")
    return wrong


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_point_up_and_left(path: Path) -> None:
    name = dotted(path)
    if name != "parkportal.urls":
        assert not wrong_arrows(name, set(imported(path)))


def test_a_wrong_arrow_is_seen() -> None:
    assert wrong_arrows("projects.models", {"reports.models"})
    assert wrong_arrows("projects.models", {"projects.services"})
    assert not wrong_arrows("projects.views.funds", {"projects.services.funds", "enterprises.models"})


def test_nothing_imports_the_roof() -> None:
    assert not [p for p in MODULES if any(name.startswith("parkportal.urls") for name in imported(p))]


@pytest.mark.parametrize("path", [p for p in MODULES if (line_of(dotted(p)) or 9) <= 4], ids=dotted)
def test_the_core_knows_no_requests(path: Path) -> None:
    here = str(path.relative_to(ROOT))
    found = {door for name in imported(path) for door in DOORS_ONLY if name == door or name.startswith(f"{door}.")}
    assert not {door for door in found if (here, door) not in ALLOWED}


def test_no_signals_and_no_catch_all_modules() -> None:
    for path in MODULES:
        assert path.stem not in {"utils", "helpers", "common", "core", "misc", "signals"}, path
        assert "django.dispatch" not in set(imported(path)), path


def test_modules_stay_short() -> None:
    long = {dotted(p): n for p in MODULES if (n := len(p.read_text().splitlines())) > 420}
    assert not long, f"split by idea: {long}"
