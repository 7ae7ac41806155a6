"""The sentences of the circular: what was done, against what, and what is left; every one follows from the content."""

from collections.abc import Iterator
from fractions import Fraction

from django.utils.translation import gettext as _

from reports.chains import INVESTED, LISTED, OUTPUT, ChainRow
from reports.documents.paper import JOBS, PRODUCING, REGISTERED, SIGNED, STARTED, Entry, Paper
from reports.models import ScorecardLine
from reports.progress import COUNTED_UNITS
from reports.rows import Row
from reports.words import shows, verdict, write_value

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
        _place(paper, row),
        _lamp(row),
    ]
    return "，".join(filter(None, clauses)) + "。"


def _place(paper: Paper, row: Row) -> str:
    """“全市并列第1位，共3个园区”, of a park that is ranked in a group “同组第1位”; empty where nothing was done."""
    if row.line.rank is None or not row.line.actual:
        return ""
    peers = paper.content["peers"].get(row.indicator.code, [])
    done = {one["park"]: Fraction(one["numerator"], one["denominator"]) for one in peers}
    tied = list(done.values()).count(done.get(paper.park.code, Fraction(-1))) > 1
    values = {"where": _("同组") if paper.park.group else _("全市"), "rank": row.line.rank, "all": row.line.ranked}
    said = _("%(where)s并列第%(rank)s位") if tied else _("%(where)s第%(rank)s位")
    return said % values + (_("，共%(all)s个园区") % values if row.line.ranked else "")


def _lamp(row: Row) -> str:
    """“亮绿灯”, “暂不亮灯”; empty without a target."""
    if row.state.target is None:
        return ""
    return row.light_text or _("亮%(lamp)s") % {"lamp": row.line.get_light_display()}


def _against_target(row: Row) -> Iterator[str]:
    if row.state.target is None:
        yield _("未设年度目标")
        return
    if row.state.completion:
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
    if not shows(row.ahead_pp):
        return _("与序时进度基本持平")
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
    if not shows(amount):
        return _("与上年同期基本持平")
    ups, downs = (_("增长"), _("下降")) if change.unit == "%" else (_("增加"), _("减少"))
    if change.unit == "百分点":
        ups, downs, amount = _("提高"), _("下降"), amount.replace("百分点", "个百分点")
    return _("同比%(way)s%(amount)s") % {"way": ups if change.value > 0 else downs, "amount": amount}


def _told(row: Row) -> str:
    """“签约项目总投资104.9亿元，同比增长21.6%”; what is too little for the unit in a smaller one, “300万元”."""
    return "，".join(filter(None, (f"{row.indicator.name}{row.amount}", growth(row))))


def _is_telling(row: Row) -> bool:
    """Whether a figure says something: it is not zero, or it was not last year."""
    return bool(row.line.actual) or bool(row.line.actual is not None and growth(row))


def signed(paper: Paper) -> str:
    """What the signed projects come to together."""
    rows = [row for code in (INVESTED, OUTPUT, JOBS) if (row := paper.row(code)) and _is_telling(row)]
    if rows:
        return "；".join(map(_told, rows)) + "。"
    return _("本期没有签约项目的合计数据。") if paper.entries else _("本期没有新签约亿元以上产业项目。")


def progress(paper: Paper) -> list[str]:
    """项目推进: how far the year's signed projects are, then every other monitored figure."""
    others = [row for row in paper.monitored if row.indicator.code not in {INVESTED, OUTPUT, JOBS}]
    told = [_told(row) for row in others if _is_telling(row)]
    zero = [row.indicator.name for row in others if row.line.actual == 0 and not _is_telling(row)]
    if zero:
        told.append("、".join(zero) + (_("均为零") if len(zero) > 1 else _("为零")))
    sentences = [_funnel(paper), "；".join(told) + "。" if told else ""]
    return [sentence for sentence in sentences if sentence] or [_("本期没有其他监测数据。")]


def _funnel(paper: Paper) -> str:
    line = paper.lines.get(SIGNED)
    if line is None or not line.actual:
        return ""
    steps = {REGISTERED: _("注册率"), STARTED: _("开工率"), PRODUCING: _("投产率")}
    known = [f"{name}{paper.of_cohort(code)}" for code, name in steps.items() if code in paper.lines]
    values = {"day": paper.as_of, "months": paper.months, "n": write_value(line.indicator, line.actual)}
    said = _("截至%(day)s，%(months)s签约的%(n)s个亿元以上产业项目中，") % values
    basis = _("（按登记的时间，时间未载的不计）")
    return f"{said}{'，'.join(known)}{basis}。" if known else ""


def chains(paper: Paper) -> list[str]:
    """分产业链: each chain with its count, its investment and its share of it."""
    rows = [_chain(row) for row in paper.chains if row.name]
    return ["；".join(rows) + "。"] if rows else [_("本期没有签约项目。")]


def _chain(row: ChainRow) -> str:
    """“电子信息6个，总投资52.4亿元，占50.0%”; a share that prints as zeros is small, not none."""
    clauses = [_("%(name)s%(n)s个") % {"name": row.name, "n": row.text(LISTED)}]
    if row.share != "—":
        clauses.append(_("总投资%(sum)s亿元") % {"sum": row.text(INVESTED)})
        clauses.append(_("占%(share)s%%") % {"share": row.share} if shows(row.share) else _("占比不足0.1%"))
    return "，".join(clauses)


def problems(paper: Paper) -> list[str]:
    """存在问题: figures behind their targets, then projects that are not begun or have a problem."""
    named = [one for one in paper.troubled if one.facts.get("problem")][:MOST_PROBLEMS]
    first = "".join(f"{said}。" for said in (_lamps(paper), _unstarted(paper)) if said)
    return [first, *(f"{n}.{_problem(one)}" for n, one in enumerate(named, 1))]


def _lamps(paper: Paper) -> str:
    """Which assessed figures are behind; where no lamp is lit, that none is, never that none is red."""
    late = [row for row in paper.assessed if row.line.light in {ScorecardLine.Light.AMBER, ScorecardLine.Light.RED}]
    if late:
        return "；".join(_("%(name)s亮%(lamp)s，%(pace)s") % _late(row) for row in late)
    if not paper.assessed:
        return ""
    if all(row.state.target is None for row in paper.assessed):
        return _("市定考核指标未设年度目标，不亮灯")
    lit = any(row.line.light != ScorecardLine.Light.NONE for row in paper.assessed)
    return _("市定考核指标没有黄灯、红灯") if lit else _("市定考核指标暂不亮灯")


def _unstarted(paper: Paper) -> str:
    """How many of the signed projects are not begun."""
    if not paper.entries:
        return _("本期没有新签约亿元以上产业项目")
    count = sum(one.is_unstarted for one in paper.entries)
    return _("签约未开工项目%(n)s个") % {"n": count} if count else _("签约项目均已开工")


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
    if any(row.state.excess is None for row in paper.assessed):
        return _("抓项目开工、投产和资金到位。补齐市定考核指标的目标和数据。")
    return _("市定考核指标已完成年度目标，重点转入项目开工、投产和资金到位。")


def _left(paper: Paper, row: Row) -> str:
    """“某指标还差5个，剩余3个月月均需完成2个”; empty where the target is reached."""
    excess = row.state.excess
    if excess is None or excess >= 0:
        return ""
    values = {"name": row.indicator.name, "gap": write_value(row.indicator, -excess, strip=True), "unit": row.unit}
    if row.indicator.direction == row.indicator.Direction.LESS:
        return _("%(name)s比目标多%(gap)s%(unit)s") % values
    said = _("%(name)s还差%(gap)s%(unit)s") % values
    months = 12 - paper.period.month
    each, few = row.each_month(months), row.unit in COUNTED_UNITS and -excess < months
    if each is None or row.state.time_progress is None or few:
        return said
    told = write_value(row.indicator, each, strip=True)
    return said + _("，剩余%(n)s个月月均需完成%(each)s%(unit)s") % {"n": months, "each": told, "unit": row.unit}
