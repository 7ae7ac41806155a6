"""No query is made of what a caller sent, and no file makes markup of texts: the sources are read for it (D1, D3)."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("parkportal", "enterprises", "projects", "reports")
SOURCES = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]

# What the code may not do (D1)

TAKES_NAMES = {
    *("filter", "exclude", "get", "Q", "annotate", "alias", "aggregate", "order_by", "values", "values_list", "extra"),
    *("raw", "only", "defer", "select_related", "prefetch_related", "update", "create", "get_or_create"),
}
REQUEST = {"GET", "POST", "query_params", "data", "COOKIES", "headers", "META", "body"}


def from_request(node: ast.AST) -> bool:
    """Whether an expression reads what the caller sent."""
    return any(
        isinstance(part, ast.Attribute)
        and part.attr in REQUEST
        and ("request" in ast.unparse(part.value) or part.attr in {"query_params", "GET", "POST"})
        for part in ast.walk(node)
    )


def unsafe_calls(source: str) -> list[str]:
    """Calls of the ORM into which a caller's names are expanded, and raw SQL that is put together."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        expanded = [k.value for k in node.keywords if k.arg is None] + [
            a.value for a in node.args if isinstance(a, ast.Starred)
        ]
        if name in TAKES_NAMES and any(from_request(value) for value in expanded):
            found.append(ast.unparse(node))
        if name in {"order_by", "values", "values_list", "only", "extra", "raw"} and any(map(from_request, node.args)):
            found.append(ast.unparse(node))
        if name in {"execute", "raw", "RawSQL", "extra"} and any(is_put_together(a) for a in node.args):
            found.append(ast.unparse(node))
    return found


def is_put_together(node: ast.AST) -> bool:
    """Whether a text is made of parts: an f-string, %, + or format."""
    return isinstance(node, ast.JoinedStr | ast.BinOp) or ".format(" in ast.unparse(node)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_query_is_made_of_what_a_caller_sent(path: Path) -> None:
    assert unsafe_calls(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "rows.filter(**request.GET.dict())",
        "rows.exclude(Q(**self.request.query_params))",
        "rows.annotate(**{key: F(key) for key in request.POST})",
        "rows.order_by(request.GET['ordering'])",
        "rows.order_by(*request.GET.getlist('ordering'))",
        "rows.values(*request.query_params)",
        "rows.extra(where=[x], **request.GET)",
        "cursor.execute(f'SELECT {name}')",
        "cursor.execute('SELECT %s' % name)",
        "Model.objects.raw('SELECT ' + name)",
    ],
)
def test_a_query_made_of_what_a_caller_sent_would_be_found(source: str) -> None:
    assert unsafe_calls(source)


# What templates and scripts may not do (D3)

MARKUP = {
    "*.py": r"\bmark_safe\(|SafeString\((?!\))|\bSafeText\b|autoescape=False|html_safe",
    "*.html": r"\|\s*safe\b|\|\s*safeseq\b|{%\s*autoescape\s+off|\son[a-z]+\s*=(?!=)|\sstyle\s*="
    r"|<script(?![^>]*\ssrc=)|javascript:|<style\b",
    "*.js": r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(\s*['\"]",
}
ALLOWED: dict[str, str] = {}
"""File → why it may."""


def unsafe_markup(pattern: str, text: str) -> list[str]:
    """What a file may not hold; comments of templates are not looked at."""
    bare = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", text, flags=re.DOTALL)
    return re.findall(MARKUP[pattern], bare)


@pytest.mark.parametrize("pattern", MARKUP)
def test_no_file_makes_markup_of_texts(pattern: str) -> None:
    folders = {"*.py": ROOMS, "*.html": ("templates",), "*.js": ("static",)}[pattern]
    paths = [path for folder in folders for path in (ROOT / folder).rglob(pattern)]
    assert paths
    found = {str(path.relative_to(ROOT)): said for path in paths if (said := unsafe_markup(pattern, path.read_text()))}
    assert {path: said for path, said in found.items() if path not in ALLOWED} == {}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*.py", "return mark_safe(text)"),
        ("*.html", "{{ name|safe }}"),
        ("*.html", "{% autoescape off %}"),
        ("*.html", '<a onclick="go()">'),
        ("*.html", '<p style="color: red">'),
        ("*.html", "<script>go()</script>"),
        ("*.js", "box.innerHTML = text"),
    ],
)
def test_unsafe_markup_would_be_found(pattern: str, text: str) -> None:
    assert unsafe_markup(pattern, text)
    assert not unsafe_markup(pattern, '<script src="/static/js/portal.js"></script>' if pattern == "*.html" else "")
