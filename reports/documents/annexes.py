"""附件1 to 附件5 as tables of written cells: the same for Word and Excel."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from parkportal.writing import write_date, write_money
from reports.chains import OUTPUT
from reports.documents.paper import JOBS, Entry, Paper
from reports.rows import Row

LEFT, CENTRE, RIGHT = "left", "center", "right"


@dataclass(frozen=True)
class Column:
    """A column: its heading, how many half-width letters it holds, how it is aligned; `extra` ones are Excel's only."""

    title: str
    width: int
    align: str = LEFT
    extra: bool = False

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers where they can be."""
        return self.align == RIGHT


@dataclass(frozen=True)
class Line:
    """A row of cells; a group or an empty table's sentence is one cell over the whole width."""

    cells: Sequence[str]
    kind: str = ""


@dataclass(frozen=True)
class Annex:
    """One table of the annex."""

    number: int
    title: str
    unit: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    notes: Sequence[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """“附件1”."""
        return _("附件%(number)s") % {"number": self.number}

    def without_extras(self) -> "Annex":
        """The table with the columns that fit on a page of Word."""
        kept = [n for n, column in enumerate(self.columns) if not column.extra]
        lines = [Line([line.cells[n] for n in kept], line.kind) if _is_full(line) else line for line in self.lines]
        return Annex(self.number, self.title, self.unit, [self.columns[n] for n in kept], lines, self.notes)


def _is_full(line: Line) -> bool:
    return line.kind != "group"


SIGNED_BY: Final = ("单位负责人", "统计负责人", "填表人", "联系电话", "报出日期")
"""Who signs a statistical table."""


def heading(paper: Paper, annex: Annex) -> str:
    """The line above a table: who reports, when, in what unit."""
    day = write_date(paper.on, style="text")
    values = {"park": paper.park.name, "day": day, "unit": annex.unit}
    return _("单位（盖章）：%(park)s　　填报日期：%(day)s　　单位：%(unit)s") % values


def annexes_of(paper: Paper) -> list[Annex]:
    """附件1 to 附件5."""
    return [_results(paper), _projects(paper), _troubled(paper), _changes(paper), _chains(paper)]


def _results(paper: Paper) -> Annex:
    columns = [
        *(Column(_("序号"), 5, CENTRE), Column(_("指标"), 26), Column(_("计量单位"), 6, CENTRE)),
        *(Column(_("年度目标"), 8, RIGHT), Column(paper.own, 8, RIGHT)),
        *(Column(f"{paper.months}累计", 9, RIGHT), Column(_("完成率（%）"), 8, RIGHT), Column(_("序时目标"), 8, RIGHT)),
        *(Column(_("超（欠）序时（百分点）"), 11, RIGHT), Column(_("超（欠）年度目标"), 9, RIGHT)),
        *(Column(_("上年同期"), 8, RIGHT), Column(_("同比"), 9, RIGHT)),
        *(Column(_("全市位次"), 6, CENTRE), Column(_("备注"), 15)),
    ]
    first, second = paper.assessed, paper.monitored
    lines = [
        Line([_("（一）市定考核指标")], "group"),
        *(Line(_cells(n, row)) for n, row in enumerate(first, 1)),
        Line([_("（二）监测指标（不设目标，不计完成率，不亮灯）")], "group"),
        *(Line(_cells(n, row)) for n, row in enumerate(second, len(first) + 1)),
    ]
    title = _("%(period)s招商引资目标任务完成情况表") % {"period": paper.period.in_words("full")}
    return Annex(1, title, _("见“计量单位”栏"), columns, lines, paper.notes)


def _cells(number: int, row: Row) -> list[str]:
    rank = str(row.line.rank or "—")
    values = [str(number), row.indicator.name, row.unit, row.target, row.month, row.actual]
    against = [row.rate, row.pace, row.ahead_pp, row.excess] if row.indicator.is_assessed else ["—"] * 4
    return [*values, *against, row.previous, row.yoy, rank, remark_of(row)]


def remark_of(row: Row) -> str:
    """备注: the lamp in words, what the line says of itself, and whether we filled it in."""
    lamp = (row.light_text or row.line.get_light_display()) if row.indicator.is_assessed else ""
    sample = _("示例") if row.is_sample else ""
    return "；".join(filter(None, (lamp, row.remark, sample)))


def _projects(paper: Paper) -> Annex:
    columns = [
        *(Column(_("序号"), 5, CENTRE), Column(_("项目名称"), 16), Column(_("投资方"), 12), Column(_("所在地"), 8)),
        *(Column(_("建设内容及规模"), 16), Column(_("总投资"), 13, RIGHT), Column(_("签约时间"), 14, CENTRE)),
        *(Column(_("产业链"), 9, extra=True), Column(_("预计年产值"), 11, RIGHT, extra=True)),
        *(Column(_("预计就业（人）"), 8, RIGHT, extra=True), Column(_("目前进展"), 14), Column(_("存在问题"), 12)),
        *(Column(_("下一步计划"), 12), Column(_("责任领导"), 8), Column(_("责任单位／责任人"), 11)),
    ]
    lines = [Line(_project(entry)) for entry in paper.entries]
    output = paper.lines.get(OUTPUT)
    sums = [write_money(output.actual, "万元") if output else "—", paper.total(JOBS)]
    total = ["", _("合计"), "", "", "", paper.total_wan(), "", "", *sums, *[""] * 5]
    lines = [*lines, Line(total, "total")] if lines else [Line([_("本期没有新签约亿元以上产业项目")], "group")]
    title = _("%(period)s新签约亿元以上产业项目明细") % {"period": paper.period.in_words("full")}
    notes = [_("总投资为项目合同约定数，合计按本园区分成计算；按签约时间排列。")]
    return Annex(2, title, _("万元"), columns, lines, notes)


def _project(entry: Entry) -> list[str]:
    return [
        *(str(entry.number), entry.name, entry.text("investor"), entry.text("origin"), entry.text("content")),
        *(entry.money("total_investment"), entry.when(), entry.text("chain"), entry.money("expected_annual_output")),
        *(entry.jobs, entry.progress, entry.text("problem"), entry.text("next_step")),
        *(entry.text("lead_official"), entry.answerable),
    ]


def _troubled(paper: Paper) -> Annex:
    columns = [
        *(Column(_("序号"), 5, CENTRE), Column(_("项目名称"), 22), Column(_("投资方"), 18)),
        *(Column(_("总投资"), 13, RIGHT), Column(_("签约时间"), 14, CENTRE), Column(_("签约天数"), 8, RIGHT)),
        *(Column(_("计划开工时间"), 14, CENTRE), Column(_("类别"), 8, CENTRE), Column(_("存在问题"), 20)),
        *(Column(_("下一步计划"), 20), Column(_("责任领导"), 9), Column(_("责任单位／责任人"), 14)),
    ]
    lines = [Line(_trouble(paper, n, entry)) for n, entry in enumerate(paper.troubled, 1)]
    title = _("%(period)s签约未开工和预警项目") % {"period": paper.period.in_words("full")}
    notes = [_("签约天数算至%(day)s；签约时间不精确到日的从最早一日算起。") % {"day": paper.as_of}]
    return Annex(3, title, _("万元"), columns, lines or [Line([_("本期没有未开工和预警项目")], "group")], notes)


def _trouble(paper: Paper, number: int, entry: Entry) -> list[str]:
    return [
        *(str(number), entry.name, entry.text("investor"), entry.money("total_investment"), entry.when()),
        *(paper.days_signed(entry), entry.when("planned_start_on")),
        *(_("未开工") if entry.is_unstarted else _("有问题"), entry.text("problem"), entry.text("next_step")),
        *(entry.text("lead_official"), entry.answerable),
    ]


def _changes(paper: Paper) -> Annex:
    columns = [
        *(Column(_("序号"), 5, CENTRE), Column(_("变动类型"), 10, CENTRE), Column(_("项目（事项）"), 30)),
        *(Column(_("编号"), 22), Column(_("对各指标的影响"), 50), Column(_("变动原因"), 34)),
    ]
    reasons = paper.content["reasons"]
    found = [[one.kind.label, one.name, one.code, one.text, reasons.get(one.key, "—")] for one in paper.changes or []]
    lines = [*(Line([str(n), *map(str, cells)]) for n, cells in enumerate(found, 1)), *_settled(paper)]
    empty = _("没有上一份定稿，无从比较") if paper.changes is None else _("与上一份定稿相比，没有补报、核减和更正")
    title = _("%(period)s变动表（补报、核减、更正）") % {"period": paper.period.in_words("full")}
    return Annex(4, title, _("见“对各指标的影响”栏"), columns, lines or [Line([empty], "group")], [])


def _settled(paper: Paper) -> list[Line]:
    """核定表 of a year's closing, a figure a row."""
    if not paper.balances:
        return []
    sums = _("自报数%(declared)s，核增%(added)s，核减%(struck)s，核定数%(settled)s")
    rows = [
        [str(n), _("核定"), one.indicator.name, one.indicator.display_unit, sums % one.__dict__, one.reasons or "—"]
        for n, one in enumerate(paper.balances, 1)
    ]
    return [Line([_("年终核定（自报数为12月定稿；平均数、比率不分核增核减）")], "group"), *map(Line, rows)]


def _chains(paper: Paper) -> Annex:
    columns = [
        *(Column(_("序号"), 6, CENTRE), Column(_("产业链"), 24), Column(_("签约项目（个）"), 16, RIGHT)),
        *(Column(_("总投资（亿元）"), 18, RIGHT), Column(_("占总投资（%）"), 16, RIGHT)),
        *(Column(_("预计年产值（亿元）"), 20, RIGHT), Column(_("开工率"), 12, CENTRE), Column(_("投产率"), 12, CENTRE)),
    ]
    lines = [Line([str(n), row.name, *paper.chain_cells(row)]) for n, row in enumerate(paper.chains, 1)]
    lines = [*lines, Line(["", _("合计"), *paper.chain_cells(None)], "total")] if lines else [_no_chains()]
    title = _("%(period)s新签约亿元以上产业项目分产业链情况") % {"period": paper.period.in_words("full")}
    notes = [_("占比因四舍五入，相加可能不等于100.0；开工率、投产率为当年签约项目中已开工、已投产的个数比签约个数。")]
    return Annex(5, title, _("个、亿元、%"), columns, lines, notes)


def _no_chains() -> Line:
    return Line([_("本期没有签约项目")], "group")
