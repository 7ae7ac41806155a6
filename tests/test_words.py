"""Chinese is set as Chinese: full-width punctuation beside characters, nothing slanted, nothing too small to read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("parkportal", "enterprises", "projects", "reports")
HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
HALF_WIDTH = re.compile(rf"{HAN}[,:;?!()]|[,:;?!()]{HAN}")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
STYLES = sorted((ROOT / "static").rglob("*.css"))
CODE = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)
SMALLEST = 12


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def slips(text: str) -> list[str]:
    """Places with half-width punctuation beside a Chinese character, each with what stands around it."""
    return [text[max(found.start() - 8, 0) : found.end() + 8] for found in HALF_WIDTH.finditer(text)]


def shown_text(source: str) -> str:
    """A template or script without its comments."""
    source = re.sub(r"/(?:[^/\\\n]|\\.)+/[a-z]*\.(?:exec|test)\(", "", source)  # a regular expression of a script
    return re.sub(
        r"{#.*?#}|{% comment.*?endcomment %}|<!--.*?-->|/\*.*?\*/|(?<!:)//[^\n]*", "", source, flags=re.DOTALL
    )


def texts(source: str) -> Iterator[str]:
    """String literals of a module that people may read: no docstrings, no regular expressions."""
    tree = ast.parse(source)
    hidden = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
            hidden |= {id(part) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in hidden:
            yield node.value


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS], ids=name_of)
def test_templates_and_scripts_use_full_width_punctuation(path: Path) -> None:
    assert slips(shown_text(path.read_text())) == []


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_sentences_in_code_use_full_width_punctuation(path: Path) -> None:
    assert [slip for text in texts(path.read_text()) for slip in slips(text)] == []


@pytest.mark.parametrize("text", ["园区,项目", "项目:", "(示例", "吗?", "好!", "示例)", "甲;乙"])
def test_half_width_punctuation_would_be_found(text: str) -> None:
    assert slips(text)
    assert list(texts(f"x = _({text!r})")) == [text]
    assert slips(shown_text(f"<p>{text}</p> {{# 甲,乙 #}}"))


@pytest.mark.parametrize("text", ["园区，项目", "Word (docx)", "1,234", "{% tag 名称 %}", "https://例", "18个：甲"])
def test_what_is_right_is_not_found(text: str) -> None:
    assert not slips(text)


# Type (design: nothing slanted, nothing below 12px)

SLANTED = re.compile(r"font-style\s*:\s*(?:italic|oblique)|font\s*:\s*(?:italic|oblique)")
SLANTED_TAGS = re.compile(r"<(?:i|em|cite|dfn|address|var)\b")
SIZE = re.compile(r"(?:font(?:-size)?|--(?:fs|font|text|size)[\w-]*)\s*:\s*([^;{}]*)")


def small_sizes(style: str) -> list[str]:
    """Font sizes below the smallest, in px or as a part of the 16px of the root."""
    bare = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    found = []
    for declared in SIZE.findall(bare):
        for number, unit in re.findall(r"(?<![\w.-])(\d*\.?\d+)(px|rem|em|pt|%)", declared.split("/")[0]):
            factor = {"px": 1.0, "pt": 4 / 3, "%": 0.16}.get(unit, 16.0)
            found += [declared.strip()] if 0 < float(number) * factor < SMALLEST else []
    return found


@pytest.mark.parametrize("path", STYLES, ids=name_of)
def test_no_style_is_slanted_or_too_small(path: Path) -> None:
    style = path.read_text()
    assert not SLANTED.search(style)
    assert small_sizes(style) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_template_slants_or_shrinks_a_text(path: Path) -> None:
    source = shown_text(path.read_text())
    assert not SLANTED_TAGS.search(source)
    assert [size for size in re.findall(r'font-size="([\d.]+)', source) if float(size) < SMALLEST] == []


@pytest.mark.parametrize(
    "style", ["a{font-size:11px}", "a{font-size: .7rem}", "a{font:11.5px/1.5 sans-serif}", "a{--fs-s:10px}"]
)
def test_a_text_that_is_too_small_would_be_found(style: str) -> None:
    assert small_sizes(style)
    assert not small_sizes("a{font-size:12px;line-height:1.2;font:400 14px/1.1 x}")


def test_a_slanted_text_would_be_found() -> None:
    assert SLANTED.search("em { font-style: italic }") and SLANTED_TAGS.search("<em>x</em>")
