"""The sentences of the circular: what was done, against what, and what is left; every one follows from the content."""

from collections.abc import Iterator
from fractions import Fraction

from django.utils.translation import gettext as _

from reports.documents.paper import (
    INVESTED,
    JOBS,
    OUTPUT,
    PRODUCING,
    REGISTERED,
    SIGNED,
    STARTED,
    Entry,
    Paper,
)
from reports.models import ScorecardLine
from reports.rows import Row, place_in_words
from reports.words import verdict, write_value

MOST_PROBLEMS = 5
"""How many problems the text names; all stand in 附件3."""


def opening(paper: Paper) -> str:
    """What follows."""
    values = {"park": paper.park.name, "period": paper.period.in_words("full")}
    return _("现将%(park)s%(period)s招商引资目标任务完成情况通报如下。") % values


def result(paper: Paper, row: Row) -> str:
    """What an assessed figure came to: cumulative, against target and pace, last year, the city, its lamp."""
    clauses = [
        _("%(months)s累计%(actual)s%(unit)s") % {"months": paper.months, "actual": row.actual, "unit": row.unit},
        *_against_target(row),
        growth(row),
        place_in_words(row),
        _lamp(row),
    ]
    return "，".join(filter(None, clauses)) + "。"


def _lamp(row: Row) -> str:
    """“亮绿灯”, “暂不亮灯”; empty without a target."""
    if row.state.target is None:
        return ""
    return row.light_text or _("亮%(lamp)s") % {"lamp": row.line.get_light_display()}


def _against_target(row: Row) -> Iterator[str]:
    if row.state.target is None:
        yield _("未设年度目标")
        return
    if row.state.completion is not None:
        values = {"target": row.target, "unit": row.unit, "done": row.completion}
        yield _("完成年度目标%(target)s%(unit)s的%(done)s") % values
    yield verdict(row.indicator, row.state.excess)
    yield _pace(row)


def _pace(row: Row) -> str:
    """“超序时进度75.0个百分点”, “欠序时进度3.2个百分点”, or that there is no pace."""
    ahead = row.state.ahead_pp
    if ahead is None:
        return _("不设序时进度")
    if ahead == 0:
        return _("与序时进度持平")
    said = _("超序时进度%(n)s个百分点") if ahead > 0 else _("欠序时进度%(n)s个百分点")
    return said % {"n": row.ahead_pp.lstrip("+−")}


def growth(row: Row) -> str:
    """“同比增长21.6%”, “同比下降8.9%”, “同比增加1个”, “与上年同期持平”; empty without a base."""
    change = row.state.yoy
    if change is None:
        return ""
    if change.value == 0:
        return _("与上年同期持平")
    amount = row.yoy.lstrip("+−")
    ups, downs = (_("增长"), _("下降")) if change.unit == "%" else (_("增加"), _("减少"))
    if change.unit == "百分点":
        ups, downs, amount = _("提高"), _("下降"), amount.replace("百分点", "个百分点")
    return _("同比%(way)s%(amount)s") % {"way": ups if change.value > 0 else downs, "amount": amount}


def _told(row: Row) -> str:
    """“签约项目总投资104.9亿元，同比增长21.6%”."""
    unit = row.unit
    return "，".join(filter(None, (f"{row.indicator.name}{row.actual}{unit}", growth(row))))


def signed(paper: Paper) -> str:
    """What the signed projects come to together."""
    rows = [row for code in (INVESTED, OUTPUT, JOBS) if (row := paper.row(code)) and row.line.actual is not None]
    return "；".join(map(_told, rows)) + "。" if rows else _("本期没有签约项目的合计数据。")


def progress(paper: Paper) -> list[str]:
    """项目推进: how far the year's signed projects are, then every other monitored figure."""
    others = [row for row in paper.monitored if row.indicator.code not in {INVESTED, OUTPUT, JOBS}]
    told = "；".join(_told(row) for row in others if row.line.actual is not None)
    sentences = [_funnel(paper), f"{told}。" if told else ""]
    return [sentence for sentence in sentences if sentence] or [_("本期没有其他监测数据。")]


def _funnel(paper: Paper) -> str:
    line = paper.lines.get(SIGNED)
    if line is None or not line.actual:
        return ""
    steps = {REGISTERED: _("注册率"), STARTED: _("开工率"), PRODUCING: _("投产率")}
    known = [f"{name}{paper.of_cohort(code)}" for code, name in steps.items() if code in paper.lines]
    values = {"day": paper.as_of, "months": paper.months, "n": write_value(line.indicator, line.actual)}
    said = _("截至%(day)s，%(months)s签约的%(n)s个亿元以上产业项目中，") % values
    return f"{said}{'，'.join(known)}。" if known else ""


def chains(paper: Paper) -> list[str]:
    """分产业链: each chain with its count, its investment and its share of it."""
    said = _("%(name)s%(count)s个，总投资%(invested)s亿元，占%(share)s%%")
    rows = [said % row.__dict__ for row in paper.chains if row.name]
    return ["；".join(rows) + "。"] if rows else [_("本期没有签约项目。")]


def problems(paper: Paper) -> list[str]:
    """存在问题: figures behind their targets, then projects that are not begun or have a problem."""
    late = [row for row in paper.assessed if row.line.light in {ScorecardLine.Light.AMBER, ScorecardLine.Light.RED}]
    lit = [_("%(name)s亮%(lamp)s，%(pace)s") % _late(row) for row in late]
    figures = "；".join(lit) or _("市定考核指标没有黄灯、红灯")
    unstarted = [one for one in paper.entries if one.is_unstarted]
    count = _("签约未开工项目%(n)s个") % {"n": len(unstarted)} if unstarted else _("签约项目均已开工")
    named = [one for one in paper.troubled if one.facts.get("problem")][:MOST_PROBLEMS]
    return [f"{figures}。{count}。", *(f"{n}.{_problem(one)}" for n, one in enumerate(named, 1))]


def _late(row: Row) -> dict[str, str]:
    pace = _pace(row) if row.state.ahead_pp is not None else verdict(row.indicator, row.state.excess)
    return {"name": row.indicator.name, "lamp": row.line.get_light_display(), "pace": pace}


def _problem(entry: Entry) -> str:
    """“某项目：问题，下一步（责任人：某某）。”, as one sentence however the parts were typed."""
    parts = [entry.text(name) for name in ("problem", "next_step")]
    said = "，".join(text.rstrip("。；，") for text in parts if text != "—")
    owner = entry.facts.get("owner")
    return f"{entry.name}：{said}" + (_("（责任人：%(name)s）。") % {"name": owner} if owner else "。")


def next_steps(paper: Paper) -> list[str]:
    """下步工作: what is left of each target and for whom, and what becomes of the projects that wait."""
    left = [sentence for row in paper.assessed if (sentence := _left(paper, row))]
    first = _("对照年度目标抓补差。%(left)s。") % {"left": "；".join(left)} if left else _still(paper)
    steps = [first]
    if paper.troubled:
        waiting = _("附件3所列%(n)s个未开工和预警项目，逐个落实责任领导、责任单位和完成时限。") % {
            "n": len(paper.troubled)
        }
        steps.append(_("抓项目开工和问题解决。") + waiting)
    steps.append(_("抓数据质量。对补报、核减、更正的数据逐项写明原因，随下期成绩单通报。"))
    return [f"{n}.{step}" for n, step in enumerate(steps, 1)]


def _still(paper: Paper) -> str:
    if not any(row.state.target is not None for row in paper.assessed):
        return _("抓目标分解。尽快明确市定考核指标的年度目标。")
    return _("市定考核指标已完成年度目标，重点转入项目开工、投产和资金到位。")


def _left(paper: Paper, row: Row) -> str:
    """“某指标还差5个，剩余3个月月均需完成1.7个”; empty where the target is reached."""
    excess = row.state.excess
    if excess is None or excess >= 0 or row.indicator.direction == row.indicator.Direction.LESS:
        return ""
    values = {"name": row.indicator.name, "gap": write_value(row.indicator, -excess, strip=True), "unit": row.unit}
    said = _("%(name)s还差%(gap)s%(unit)s") % values
    months = 12 - paper.period.month
    if not months:
        return said
    each = write_value(row.indicator, Fraction(-excess, months), strip=True)
    return said + _("，剩余%(n)s个月月均需完成%(each)s%(unit)s") % {"n": months, "each": each, "unit": row.unit}
