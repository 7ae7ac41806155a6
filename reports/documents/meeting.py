"""The pack for a dispatch meeting as a Word file: the projects in one table, then one page for each."""

from django.utils.translation import gettext as _
from docx.document import Document as WordPaper

from parkportal import word
from reports.documents import gongwen
from reports.documents.annexes import annexes_of
from reports.documents.circular import add_annex
from reports.documents.paper import Entry, Paper

LABEL_WIDTH, VALUE_WIDTH = 29, 49
"""Columns of a project's page in mm, two pairs of them: the 156 mm of the page."""


def meeting(paper: Paper) -> bytes:
    """The whole pack: title, table of all projects, one page for each in the same order."""
    made = gongwen.new_paper()
    first = made.sections[0]
    gongwen.lay_across(first)
    gongwen.paragraph(made, _title(paper), word.TITLE, gongwen.SIZE_2, align=word.CENTRE)
    add_annex(made, paper, annexes_of(paper)[1].without_extras(), mark=False)
    for entry in paper.entries:
        gongwen.turn(made, across=False)
        _page(made, paper, entry)
    return word.saved(made)


def _title(paper: Paper) -> str:
    values = {"park": paper.park.name, "period": paper.period.in_words("full"), "state": paper.state}
    return _("%(park)s%(period)s项目调度会材料（%(state)s）") % values


def _page(made: WordPaper, paper: Paper, entry: Entry) -> None:
    """A project: number and name, its facts in pairs, then the texts, then room for what the meeting decides."""
    gongwen.paragraph(made, f"{entry.number}.{entry.name}", word.TITLE, 18, align=word.CENTRE)
    gongwen.paragraph(made)
    widths = [LABEL_WIDTH, VALUE_WIDTH] * 2
    pairs = _pairs(paper, entry)
    table = word.add_table(made, pairs[0], widths)
    for cell, text in zip(table.rows[0].cells, pairs[0], strict=True):
        cell.paragraphs[0].clear()
        word.write(cell.paragraphs[0], text, word.BODY, 12)
    for pair in pairs[1:]:
        word.add_row(table, pair, widths, [word.LEFT] * 4)
    for label, text in _texts(entry):
        row = word.add_row(table, [label, "", "", ""], widths, [word.LEFT] * 4)
        merged = row.cells[1].merge(row.cells[3])
        merged.text = ""
        word.write(merged.paragraphs[0], text, word.BODY, 12)


def _pairs(paper: Paper, entry: Entry) -> list[list[str]]:
    """The short facts, two beside each other."""
    return [
        [_("投资方"), entry.text("investor"), _("项目公司"), entry.text("company")],
        [_("产业链"), entry.text("chain"), _("所在地"), entry.text("origin")],
        [_("总投资\n（万元）"), entry.money("total_investment"), _("签约时间"), entry.when()],
        [_("预计年产值\n（万元）"), entry.money("expected_annual_output"), _("预计就业\n（人）"), entry.jobs],
        [_("目前进度"), entry.stage, _("计划开工时间"), entry.when("planned_start_on")],
        [_("责任领导"), entry.text("lead_official"), _("责任单位／责任人"), entry.answerable],
    ]


def _texts(entry: Entry) -> list[tuple[str, str]]:
    """What takes a whole line; the last is written by hand in the meeting."""
    named = {
        "content": _("建设内容及规模"),
        "progress": _("目前进展"),
        "problem": _("存在问题"),
        "next_step": _("下一步计划"),
    }
    texts = [(label, entry.text(name)) for name, label in named.items()]
    return [*texts, (_("会议议定事项"), "\n\n\n"), (_("责任单位和时限"), "\n")]
