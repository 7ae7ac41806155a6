"""Papers drawn from the content of a scorecard alone, so that every one of them says the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.closing import Balance
from reports.documents.circular import circular
from reports.documents.meeting import meeting
from reports.documents.paper import Paper
from reports.documents.sheet import scorecard_pdf
from reports.documents.workbook import workbook

OFFICE: Final = "application/vnd.openxmlformats-officedocument."
WORD, EXCEL, PDF = f"{OFFICE}wordprocessingml.document", f"{OFFICE}spreadsheetml.sheet", "application/pdf"


@dataclass(frozen=True)
class Document:
    """A finished paper: what kind it is, what its file is called, and its bytes."""

    kind: str
    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Kind:
    """A kind of paper: what a button calls it, what its file is, and what draws it."""

    label: Any
    named: Any
    ending: str
    content_type: str
    draw: Callable[[Paper], bytes]


KINDS: Final[Mapping[str, Kind]] = {
    "circular": Kind("Word", gettext_lazy("通报"), "docx", WORD, circular),
    "annexes": Kind("Excel", gettext_lazy("附件"), "xlsx", EXCEL, workbook),
    "scorecard": Kind("PDF", gettext_lazy("成绩单"), "pdf", PDF, scorecard_pdf),
    "meeting": Kind(gettext_lazy("会议材料"), gettext_lazy("会议材料"), "docx", WORD, meeting),
}
"""The papers that are kept with a publication."""


def render_all(
    content: Mapping[str, Any], on: date, before: Mapping[str, Any] | None = None, settled: Sequence[Balance] = ()
) -> list[Document]:
    """Every paper of a published scorecard, dated `on`; `before` is the content that 附件4 compares with.

    `settled` is the 核定表 of a year's closing.
    """
    state = _("定稿") if content["revision"] == 1 else _("更正稿")
    return [render(kind, Paper(content, on, state, before, settled)) for kind in KINDS]


def render(kind: str, paper: Paper) -> Document:
    """One paper; KeyError for a kind that there is not."""
    known = KINDS[kind]
    name = f"{paper.file_name}{known.named}.{known.ending}"
    return Document(kind, name, known.content_type, known.draw(paper))
