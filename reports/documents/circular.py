"""The circular as a Word file to GB/T 9704-2012, with its five annexes laid across and the definitions at the end."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from docx.document import Document as WordPaper

from parkportal import word
from parkportal.writing import write_date
from reports.documents import gongwen, wording
from reports.documents.annexes import CENTRE, LEFT, RIGHT, SIGNED_BY, Annex, Column, annexes_of, heading
from reports.documents.paper import Paper

ALIGNS = {LEFT: word.LEFT, CENTRE: word.CENTRE, RIGHT: word.RIGHT}
TABLE_WIDTH, TABLE_SIZE = 225, 9
"""Width of a page laid across in mm, and 小五 in points: twelve to fourteen columns."""


def circular(paper: Paper) -> bytes:
    """The whole circular."""
    made = gongwen.new_paper()
    annexes = [annex.without_extras() for annex in annexes_of(paper)]
    _head(made, paper)
    _text(made, paper)
    _list_of_annexes(made, annexes)
    gongwen.signature(made, paper.park.name, _day(paper))
    for annex in annexes:
        gongwen.turn(made, across=True)
        add_annex(made, paper, annex)
    gongwen.turn(made, across=False)
    _definitions(made, paper)
    return word.saved(made)


def _head(made: WordPaper, paper: Paper) -> None:
    gongwen.red_head(made, paper.park.name, gongwen.number_line(paper.on.year))
    about = _("关于%(period)s招商引资") % {"period": paper.period.in_words("full")}
    gongwen.title(made, [about, _("目标任务完成情况的通报（%(state)s）") % {"state": paper.state}])
    gongwen.paragraph(made, _("各有关单位："))


def _text(made: WordPaper, paper: Paper) -> None:
    if paper.content["headline"]:
        gongwen.body(made, paper.content["headline"])
    gongwen.body(made, wording.opening(paper))
    gongwen.level_1(made, _("一、目标任务进展"))
    gongwen.body(made, paper.content["lead"])
    for number, row in enumerate(paper.assessed, 1):
        gongwen.level_2(made, f"（{gongwen.numeral(number)}）{row.indicator.name}。", wording.result(paper, row))
    gongwen.body(made, wording.signed(paper))
    sections = {
        _("二、项目推进情况"): wording.progress(paper),
        _("三、分产业链情况"): wording.chains(paper),
        _("四、存在问题"): wording.problems(paper),
        _("五、下步工作"): wording.next_steps(paper),
    }
    for title, sentences in sections.items():
        gongwen.level_1(made, title)
        for sentence in sentences:
            last = gongwen.body(made, sentence)
    gongwen.kept(last)


def _list_of_annexes(made: WordPaper, annexes: list[Annex]) -> None:
    """附件说明: one line below the text, each annex under the first, without a full stop."""
    gongwen.kept(gongwen.paragraph(made))
    for annex in annexes:
        lead = _("附件：") if annex.number == 1 else ""
        gongwen.item(made, f"{lead}{annex.number}.", annex.title)


def _day(paper: Paper) -> str:
    """成文日期; a draft leaves it to whoever signs."""
    year = _("%(year)s年　月　日") % {"year": paper.on.year}
    return write_date(paper.on, style="text") if paper.is_final else year


def add_annex(made: WordPaper, paper: Paper, annex: Annex, *, mark: bool = True) -> None:
    """Add a table with its line of unit, its notes, who signs it and, as an annex, its number and title."""
    if mark:
        gongwen.annex_mark(made, annex.label, annex.title)
    word.write(made.add_paragraph(), heading(paper, annex), word.BODY, 12)
    widths, aligns = widths_of(annex.columns), [ALIGNS[column.align] for column in annex.columns]
    table = word.add_table(made, [column.title for column in annex.columns], widths, size=TABLE_SIZE)
    for line in annex.lines:
        row = word.add_row(table, line.cells, widths, aligns, TABLE_SIZE)
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.line_spacing = 1.0
    for number, note in enumerate(annex.notes, 1):
        lead = _("注：") if number == 1 else "　　"
        place = f"{number}." if len(annex.notes) > 1 else ""
        word.write(made.add_paragraph(), f"{lead}{place}{note}", word.BODY, TABLE_SIZE)
    word.write(made.add_paragraph(), "　　　　".join(f"{who}：" for who in SIGNED_BY), word.BODY, 10.5)


def widths_of(columns: Sequence[Column]) -> list[float]:
    """The columns over the whole page, in mm."""
    whole = sum(column.width for column in columns)
    return [TABLE_WIDTH * column.width / whole for column in columns]


def _definitions(made: WordPaper, paper: Paper) -> None:
    gongwen.paragraph(made, _("数据口径说明"), word.TITLE, gongwen.SIZE_2, align=word.CENTRE)
    gongwen.paragraph(made)
    gongwen.body(made, _("数据截至%(day)s。") % {"day": paper.as_of})
    for number, (name, definition) in enumerate(paper.definitions, 1):
        gongwen.level_2(made, f"{number}.{name}：", definition)
    gongwen.paragraph(made)
    gongwen.body(made, _("拟稿：　　　　　　核稿：　　　　　　签发："))
    gongwen.imprint(made, paper.park.name, _("%(day)s印发") % {"day": _day(paper)})
