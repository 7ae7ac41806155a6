"""Tags as people type them: words with marks between them. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

LONGEST_TAG: Final = 20


def tags_in(text: str) -> list[str]:
    """The words of a text, each once, in their order."""
    return list(dict.fromkeys(word for word in re.split(r"[、，；,;\s]+", text) if word))


def tags_problem(tags: Sequence[str]) -> str:
    """A sentence about a tag that is too long; empty where none is."""
    long = next((tag for tag in tags if len(tag) > LONGEST_TAG), "")
    sentence = _("标签最多%(most)s个字，现在“%(tag)s”是%(length)s个。")
    return sentence % {"most": LONGEST_TAG, "tag": long, "length": len(long)} if long else ""
