"""What REST says in English: every sentence of it, and the compiled file that a clean clone needs."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES"
ROOT = Path(settings.BASE_DIR)
SAID_BY_REST = (
    *sorted((ROOT / "parkportal" / "api").glob("*.py")),
    *(ROOT / "parkportal" / name for name in ("filtering.py", "inputs.py", "roles.py")),
    ROOT / "reports" / "filters.py",
)
MARKS = {"_", "gettext", "gettext_lazy"}


def sentences(path: Path) -> set[str]:
    """The texts of a module that are marked for translation and said in errors: sentences, roles and grants."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    marked = (c for c in calls if isinstance(c.func, ast.Name) and c.func.id in MARKS and c.args)
    texts = {c.args[0].value for c in marked if isinstance(c.args[0], ast.Constant)}
    return texts if path.name == "roles.py" else {text for text in texts if text.endswith("。")}


def compiled() -> gettext.GNUTranslations:
    with (FOLDER / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def pairs() -> dict[str, str]:
    """The texts of the .po file with their English."""
    text = (FOLDER / "django.po").read_text()
    return dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', text, re.M))


@pytest.mark.parametrize("path", SAID_BY_REST, ids=lambda path: path.name)
def test_every_sentence_of_rest_has_its_english(path: Path) -> None:
    known = pairs()
    assert not sentences(path) - set(known)


def test_the_compiled_file_says_what_the_source_says() -> None:
    english = compiled()
    assert len(pairs()) > 30
    assert {text: english.gettext(text) for text in pairs()} == pairs()


def test_placeholders_are_the_same_in_both_languages() -> None:
    for chinese, english in pairs().items():
        assert set(re.findall(r"%\(\w+\)s", chinese)) == set(re.findall(r"%\(\w+\)s", english))
