"""The scorecard page as PDF, the page for phones as picture and PDF: drawn by typst from data, never from source."""

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, cast

import pylopdf_fonts_zh_cn
import typst
from django.utils.translation import gettext as _

from reports.chains import LISTED
from reports.documents import wording
from reports.documents.paper import Entry, Paper
from reports.rows import Row

HERE: Final = Path(__file__).parent
SCORECARD, CARD = "scorecard.typ", "card.typ"
PAGE_ROWS = 40
"""How many projects one page holds."""
CARD_WIDTH, PICTURE_PPI = 540, 144
"""The page for phones in points; at this resolution it is 1,080 pixels wide."""
UNBROKEN: Final = re.compile("[0-9A-Za-z]{21,}")
"""Letters and figures without a place to break, longer than any figure that is printed."""
RARE: Final = re.compile("[\u3400-\u4dbf\U00010000-\U0010ffff]")
"""Characters that the fonts of the portal may lack, such as “𠮷”; looking for them elsewhere takes a second."""
Form = Literal["pdf", "png"]


def scorecard_pdf(paper: Paper) -> bytes:
    """The scorecard page: two pages of A4 laid across, more where there are more projects than they hold."""
    return _drawn(SCORECARD, _sheet(paper))


def card(paper: Paper, *, mark: str, at: datetime, form: Form) -> bytes:
    """The page for phones with its watermark, the reader's name and the time: one PDF page, or a picture."""
    stamp = _("%(name)s %(at)s 内部资料") % {"name": mark, "at": at.strftime("%Y-%m-%d %H:%M")}
    return _drawn(CARD, _sheet(paper) | {"mark": stamp, "width": CARD_WIDTH}, form)


def _drawn(source: str, data: dict[str, Any], form: Form = "pdf") -> bytes:
    """Compile a page; typed text is JSON to it, and a long run of letters may be broken."""
    told = UNBROKEN.sub(_broken, json.dumps(data, ensure_ascii=False))
    return cast(
        bytes,
        _compiler(source, has_rare=bool(RARE.search(told))).compile(
            format=form, ppi=PICTURE_PPI, sys_inputs={"data": told}
        ),
    )


def _broken(found: re.Match[str]) -> str:
    """A run of letters with places at which a narrow column may break it."""
    return re.sub("(.{10})(?=.)", "\\1\u200b", found[0])


@cache
def _compiler(source: str, *, has_rare: bool) -> typst.Compiler:
    """A compiler that has read the fonts of the portal; for rare characters also those of the machine."""
    fonts = [str(Path(pylopdf_fonts_zh_cn.sans_path()).parent)]
    return typst.Compiler(str(HERE / source), root=str(HERE), font_paths=fonts, ignore_system_fonts=not has_rare)


def _sheet(paper: Paper) -> dict[str, Any]:
    """All that the page says, as texts, with the two ratios of each bar."""
    first = [_row(n, row) for n, row in enumerate(paper.assessed, 1)]
    return {
        **{name: getattr(paper, name) for name in ("title", "state", "as_of", "months", "own", "pace", "notes")},
        **{name: paper.content[name] for name in ("lead", "headline")},
        "park": paper.park.name,
        "signed": _("拟稿：＿＿＿＿＿＿　　核稿：＿＿＿＿＿＿　　签发：＿＿＿＿＿＿"),
        "annex_title": _("%(period)s招商引资主要指标完成情况") % {"period": paper.period.in_words("full")},
        "assessed": first,
        "monitored": [_row(n, row) for n, row in enumerate(paper.monitored, len(first) + 1)],
        "chains": [[row.name, *paper.chain_cells(row)] for row in paper.chains],
        "chains_total": [_("合计"), *paper.chain_cells(None)],
        "facts": "".join(wording.progress(paper)),
        "matters": wording.problems(paper)[1:],
        "projects": [_project(entry) for entry in paper.entries],
        "projects_note": _projects_note(paper),
        "page_rows": PAGE_ROWS,
    }


def _row(number: int, row: Row) -> dict[str, Any]:
    state, judged = row.state, row.indicator.is_assessed
    return {
        "number": number,
        "name": row.indicator.name,
        **{name: getattr(row, name) for name in ("unit", "target", "month", "actual", "previous", "yoy")},
        "rate": row.rate if judged else "—",
        "percent": row.completion,
        "pace": row.pace if judged else "—",
        "ahead": row.ahead_pp if judged else "—",
        "excess": row.excess if judged else "—",
        "rank": str(row.line.rank or "—"),
        "light": row.line.light,
        "lamp": (row.light_text or str(row.line.get_light_display())) if judged else "",
        "remark": "；".join(filter(None, (row.remark, _("示例") if row.is_sample else ""))),
        "completion": _number(state.completion) if judged else None,
        "share": _number(state.time_progress),
    }


def _number(value: Any) -> float | None:
    """A ratio as a length."""
    return None if value is None else float(value)


def _project(entry: Entry) -> list[str]:
    money, when = entry.money("total_investment"), entry.when()
    return [str(entry.number), entry.name, entry.text("investor"), money, when, entry.stage]


def _projects_note(paper: Paper) -> str:
    values = {"n": paper.total(LISTED), "sum": paper.total_wan()}
    return _("%(n)s个，合计总投资%(sum)s万元；按签约时间排列，单位：万元") % values
