"""The line above or below a form, “单位（盖章）：　填报日期：　单位：万元”: its blanks, and what belongs into them.

In the patterns Han characters stand in classes of their own, so that none touches a half-width sign.
"""

import re
from collections.abc import Mapping
from typing import Final

BLANK: Final = r"[\s_＿]*"
REPORTED: Final = "|".join(("填报", "填表", "编报", "报送", "上报", "报出", "制表", "编制"))
SEAL: Final = r"\s*[（(]\s*[盖公]\s*[章]\s*[）)]"
PERIODS: Final = "|".join(("统计时段", "统计时间", "统计期间", "报告期", "报告期间"))
LABELS: Final[Mapping[str, str]] = {
    "park": rf"(?:{REPORTED}){{0,1}}[单]\s*[位]{SEAL}|(?:{REPORTED})[单][位]",
    "filled_on": rf"(?:{REPORTED})(?:[日][期]|[时][间])",
    "filler": rf"(?:{REPORTED})[人]",
    "period": rf"(?:{PERIODS})",
}
"""Labels behind which a blank is left, by the fact that belongs there."""
LABEL: Final = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in LABELS.items()))
COLON: Final = re.compile(r"\s*[:：]")
DAY: Final = re.compile(f"{BLANK}[年]{BLANK}[月]{BLANK}[日]")
NEXT: Final = re.compile(r"\s*(?:[^\s:：]{2,12}\s*[:：]|$)")
"""What may stand behind a blank: another label, or nothing."""
Facts = Mapping[str, str]


def fill_line(text: str, facts: Facts) -> str:
    """A line with its blanks filled; what is filled already, and every other word, stays."""
    filled, at = "", 0
    for found in LABEL.finditer(text):
        colon = COLON.match(text, found.end())
        blank = _blank(text, colon.end()) if colon else None
        if colon is None or blank is None or found.start() < at:
            continue
        gap = "　" if text[blank : blank + 1].strip() else ""
        filled, at = filled + text[at : colon.end()] + facts[str(found.lastgroup)] + gap, blank
    return filled + text[at:]


def _blank(text: str, start: int) -> int | None:
    """Where the blank that begins there ends; None where something else stands in it."""
    found = DAY.match(text, start) or re.compile(BLANK).match(text, start)
    end = found.end() if found else start
    return end if NEXT.match(text, end) else None


def has_blank(text: str) -> bool:
    """Whether a text is such a line."""
    return fill_line(text, dict.fromkeys(LABELS, "\0")) != text
