"""An indicator in words: what it counts, by which date, over which months, and when which lamp is lit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.writing import write_date, write_money_with_unit
from reports.models import Indicator, ScorecardLine
from reports.periods import Period, cohort_start
from reports.progress import NO_PACE_UP_TO
from reports.sources import REPORTED, SOURCES, Source

Measure = Indicator.Measure

COUNTED: Final[Mapping[str, Promise]] = {
    "projects": gettext_lazy("已审核、没有撤回，期末前没有终止；区域要求认定的，期末前已认定。暂停的照计。"),
    "signed_ever": gettext_lazy("已审核、没有撤回；签约后终止的照计。区域要求认定的，期末前已认定。"),
    "fund_arrivals": gettext_lazy("到账已核实、没有撤回，所属项目已审核、没有撤回。项目终止了，已到的资金照计。"),
}
"""Which rows count at all, before the indicator's own filter."""
NOT_WITHDRAWN: Final = gettext_lazy("没有撤回，所属的项目或企业也没有撤回。")
AMOUNTS: Final = frozenset({"total_investment_min", "total_investment_max"})
BOUNDS: Final = ("不少于", "不超过", "从", "到")
"""How the labels of bounds end: what follows needs no verb."""
MOST_WORDS: Final = 1000
"""What the column holds."""


@dataclass(frozen=True)
class Part:
    """One part of a definition: what it is called, what it says, and links where it names other indicators."""

    label: str
    text: str = ""
    chips: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


def base_label(source: Source, name: str) -> str:
    """What the date that books a row is called: 签约时间."""
    return str(source.filterset.base_filters[f"{name}_after"].label).removesuffix("从")


def column_label(source: Source, name: str) -> str:
    """What a column that is added up, told apart or measured between is called: 总投资."""
    return str(source.model._meta.get_field(name).verbose_name).partition("（")[0]


def formula(indicator: Indicator) -> list[Part]:
    """How the figure is made, part by part."""
    if indicator.measure == Measure.RATIO:
        return [_ratio(indicator)]
    if indicator.source == REPORTED:
        return [Part(_("数据来源"), _("由主管部门反馈，按园区和期间登记，不从台账计算。"))]
    source = SOURCES[indicator.source]
    counted = COUNTED.get(indicator.source, NOT_WITHDRAWN)
    return [
        Part(_("数据来源"), _("%(source)s台账") % {"source": source.label}),
        Part(_("计入条件"), str(counted)),
        Part(_("筛选条件"), "" if indicator.filter else _("全部"), chips=conditions(indicator, source)),
        Part(_("算法"), _measure(indicator, source)),
        Part(_("统计日期"), base_label(source, indicator.basis)),
        Part(_("统计时段"), _window(indicator, source)),
    ]


def _ratio(indicator: Indicator) -> Part:
    parts = [part for part in (indicator.numerator, indicator.denominator) if part]
    links = [(part.name, reverse("indicator-detail", args=[part.code])) for part in parts]
    return Part(_("算法"), _("前一个指标除以后一个指标："), links=links)


def conditions(indicator: Indicator, source: Source) -> list[tuple[str, str]]:
    """The stored filter as names and values in words."""
    query = QueryDict(indicator.filter)
    filterset = source.filterset(query, queryset=source.model.objects.none())
    return [(str(filterset.filters[key].label), _value(filterset, key, query.getlist(key))) for key in query]


def _value(filterset: Any, key: str, values: list[str]) -> str:
    if key in AMOUNTS:
        return write_money_with_unit(int(values[0]))
    choices = filterset.filters[key].extra.get("choices")
    if choices:
        names = {str(code): str(label) for code, label in choices}
        return "、".join(names.get(value, value) for value in values)
    chosen = filterset.form.cleaned_data.get(key) if filterset.form.is_valid() else None
    return "、".join(map(str, chosen) if isinstance(chosen, QuerySet) else values)


def _measure(indicator: Indicator, source: Source) -> str:
    labels = [column_label(source, name) for name in indicator.measure_fields.split()]
    if indicator.measure == Measure.COUNT:
        return _("个数；几个园区共同引进的，各按份额计") if source.shared else _("个数")
    if indicator.measure == Measure.SUM:
        shared = _("%(column)s合计；几个园区共同引进的，各按份额计")
        return (shared if source.shared else _("%(column)s合计")) % {"column": labels[0]}
    if indicator.measure == Measure.DISTINCT:
        return _("不同的%(column)s有几家，同一家只计一次") % {"column": labels[0]}
    between = {"since": labels[0], "until": labels[1]}
    return _("从%(since)s到%(until)s的自然日，取平均；只算两个日期都准确到日的") % between


def _window(indicator: Indicator, source: Source) -> str:
    ytd = indicator.window == Indicator.Window.YTD
    said = _("当年1月1日至期末，按月累计") if ytd else _("截至期末的全部，不分年度")
    if not indicator.cohort_date or not indicator.cohort_years:
        return said
    years = _("当年") if indicator.cohort_years == 1 else _("近%(n)s年") % {"n": indicator.cohort_years}
    return _("%(said)s；只算%(date)s在%(years)s的") % {
        "said": said,
        "date": base_label(source, indicator.cohort_date),
        "years": years,
    }


def proposed(indicator: Indicator) -> str:
    """A definition in words made from the parts, for the statistician to mend."""
    if indicator.measure == Measure.RATIO:
        parts = [part for part in (indicator.numerator, indicator.denominator) if part]
        names = _("除以").join(f"“{part.name}”" for part in parts)
        said = "".join(f"{part.name}：{part.definition}" for part in parts)
        return (_("%(names)s，以百分比表示。") % {"names": names} + said)[:MOST_WORDS]
    if indicator.source == REPORTED:
        return _("以主管部门反馈的累计数为准，不从台账计算。")
    source = SOURCES[indicator.source]
    held = [name + ("" if name.endswith(BOUNDS) else _("为")) + value for name, value in conditions(indicator, source)]
    first = _("%(source)s中，%(holding)s的，") if held else _("全部%(source)s，")
    then = _("%(measure)s；以%(basis)s为准，%(window)s。")
    sentence = (first + then) % {
        "source": source.label,
        "holding": "、".join(held),
        "measure": _measure(indicator, source),
        "basis": base_label(source, indicator.basis),
        "window": _window(indicator, source),
    }
    return (sentence + str(COUNTED.get(indicator.source, NOT_WITHDRAWN)))[:MOST_WORDS]


def at(indicator: Indicator, period: Period) -> list[str]:
    """Which days and which batch a figure is of at the end of a period, one sentence for each part; and as of when."""
    parts = [indicator]
    if indicator.measure == Measure.RATIO:
        parts = [part for part in (indicator.numerator, indicator.denominator) if part]
    said = [
        _("%(name)s：%(days)s。") % {"name": p.brief, "days": _days(p, period)} for p in parts if p.source != REPORTED
    ]
    return [*said, _("数据截至%(end)s。") % {"end": _day(period.end)}]


def rates(lines: Iterable[ScorecardLine], period: Period) -> list[tuple[str, str, str]]:
    """Each listed rate: its name, its definition, and of which days and as of when it is."""
    found = [line.indicator for line in lines if line.listed and line.indicator.measure == Measure.RATIO]
    return [(one.name, one.definition, "".join(at(one, period))) for one in found]


def _days(indicator: Indicator, period: Period) -> str:
    source = SOURCES[indicator.source]
    since = _day(period.start) if indicator.window == Indicator.Window.YTD else ""
    days = _("%(base)s在%(since)s至%(end)s") if since else _("%(base)s不晚于%(end)s")
    said = days % {"base": base_label(source, indicator.basis), "since": since, "end": _day(period.end)}
    if not indicator.cohort_date or not indicator.cohort_years:
        return said
    since = _day(cohort_start(period.year, indicator.cohort_years))
    batch = {"base": base_label(source, indicator.cohort_date), "since": since, "end": _day(period.end)}
    return _("%(base)s在%(since)s至%(end)s的一批，其中") % batch + said


def _day(day: date) -> str:
    return write_date(day, style="text")


def lamp_rule(indicator: Indicator) -> list[str]:
    """When which lamp is lit, one sentence each."""
    if not indicator.is_assessed:
        return [_("监测指标不设市定目标，不算完成率，不亮灯，不排位次。")]
    backed = _("目标没有文号或下达单位的，不亮灯。")
    once = _("完成年度目标亮绿灯，12月仍未完成亮红灯，此前不亮灯。")
    if indicator.direction == Indicator.Direction.LESS:
        return [
            _("越少越好：完成率＝年度目标÷实绩，不设序时进度。"),
            _("完成率达到100%亮绿灯，达到90%亮黄灯，不到90%亮红灯。"),
            backed,
        ]
    if indicator.is_event or indicator.measure in {Measure.AVG_DAYS, Measure.RATIO}:
        return [_("不设序时进度。") + once, backed]
    sentences = [
        _("完成率＝累计÷年度目标；序时进度是已过月数÷12，按季的区域季中各月用上季末的，目标有分月累计的，按分月累计。"),
        _("完成率达到序时进度亮绿灯，落后不超过%(points)s个百分点亮黄灯，落后更多亮红灯。")
        % {"points": indicator.amber_points},
    ]
    if indicator.measure in {Measure.COUNT, Measure.DISTINCT}:
        few = _("年度目标不超过%(few)s%(unit)s的，不设序时进度：")
        sentences.append(few % {"few": NO_PACE_UP_TO, "unit": indicator.display_unit} + once)
    return [*sentences, backed]
