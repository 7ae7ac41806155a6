"""What templates and the style sheet may not do: the content policy, budgets, sizes and contrasts."""

import gzip
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "static/css/portal.css").read_text()
EVIL = "<script>x</script>"


FORBIDDEN = re.compile(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|\|safe\b|autoescape off|javascript:")


def test_no_template_needs_more_than_the_content_policy_gives() -> None:
    found = {
        str(path): match.group()
        for path in ROOT.glob("templates/**/*.html")
        if (match := FORBIDDEN.search(path.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize("bad", ['<p style="x">', '<a onclick="x">', "<script>1</script>", "{{ x|safe }}"])
def test_what_the_policy_refuses_would_be_found(bad: str) -> None:
    assert FORBIDDEN.search(bad)


# Budgets and rules of the style


def test_style_and_script_keep_their_budgets() -> None:
    own = sorted((ROOT / "static/js").glob("*.js"))
    assert len(gzip.compress(CSS.encode())) <= 14 * 1024
    assert sum(len(gzip.compress(script.read_bytes())) for script in own) <= 8 * 1024


def test_the_style_uses_nothing_newer_than_chromium_97() -> None:
    assert re.findall(r":has\(|color-mix|oklch|@container|popover|&\s*[.:{]|font-style:\s*italic", CSS) == []


def test_no_text_is_smaller_than_twelve_pixels() -> None:
    sizes = [float(size) for size in re.findall(r"(?:font-size:|font: \d+)\s*([\d.]+)px", CSS)]
    assert sizes
    assert min(sizes) >= 12


def tokens(start: str) -> dict[str, str]:
    """The hex colours of one block of tokens."""
    block = CSS[CSS.index(start) :]
    return dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6})\b", block[: block.index("}")]))


LIGHT = tokens(":root, [data-theme=light]")
DARK = tokens("[data-theme=dark], [data-theme=wall]")


def test_the_system_s_dark_is_the_chosen_dark() -> None:
    assert tokens(":root:not([data-theme=light]) {") == DARK
    assert LIGHT.keys() == DARK.keys() | {"tick", "focus"}


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours after WCAG 2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


TEXTS = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "brand") for ground in ("sheet", "sheet-2", "paper", "hover")),
    *((ink, f"{ink}-bg") for ink in ("ok", "warn", "bad", "none")),
    *((ink, "sheet") for ink in ("ok", "warn", "bad", "none")),
    ("brand-2", "brand-tint"), ("ink-2", "brand-tint"), ("on-brand", "brand"), ("on-brand", "brand-2"),
]  # fmt: skip
SHAPES = [
    *((shape, "sheet") for shape in ("ok-fill", "bad-fill", "warn-edge", "field", "tick")),
    *(("bar", band) for band in ("band-1", "band-3")),
    ("focus", "paper"),
]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_shapes_can_be_seen(theme: dict[str, str]) -> None:
    faint = [pair for pair in TEXTS if contrast(theme[pair[0]], theme[pair[1]]) < 4.5]
    faint += [pair for pair in SHAPES if contrast(theme[pair[0]], theme[pair[1]]) < 3]
    assert faint == []
