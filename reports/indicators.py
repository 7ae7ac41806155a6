"""Indicators: what a definition may be, and how one is created and edited; a changed definition is a new code."""

from collections.abc import Mapping
from copy import copy
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal import trace
from parkportal.trace import Actor, Diff
from parkportal.writing import clean_text
from reports.models import Indicator, ScorecardLine
from reports.periods import FIRST_YEAR, LAST_YEAR
from reports.progress import COUNTED_UNITS
from reports.sources import REPORTED, SOURCES, BadIndicator
from reports.sources import check as check_source

Measure = Indicator.Measure

EDITABLE: Final = frozenset(
    {"short_name", "order", "pinned", "lead_phrase", "definition", "amber_points", "listed", "to_year"}
)
"""Columns that may change without making the figure another one."""
UNITS: Final[dict[str, str]] = {
    **{"亿元": "元", "万元": "元", "元": "元", "万美元": "美元", "美元": "美元"},
    **{unit: unit for unit in ("个", "家", "户", "人", "天", "%")},
}
"""The unit in which a figure is kept, by the unit that pages print."""
MOST_COHORT: Final = 50
"""Years that a cohort may go back."""
DEFINING: Final = (
    *("name", "region", "source", "filter", "measure", "measure_fields", "basis", "window"),
    *("cohort_date", "cohort_years", "numerator", "denominator"),
)
"""Columns by which two indicators are the same one."""
PEOPLE: Final = frozenset({"expected_jobs"})
DOLLARS: Final = frozenset({"amount_usd"})
NO_PHRASE: Final = gettext_lazy("置顶的指标写进导语，请填导语用词，如“签约亿元以上产业项目”。")


class BadPart(BadIndicator):
    """One part of a definition does not fit; `field` is its column."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def indicator_create(*, by: Actor, values: Mapping[str, Any]) -> Indicator:
    """Define an indicator; BadPart for one that could not be evaluated."""
    fresh = Indicator(**values)
    check(fresh)
    with trace.changes(by=by) as ledger:
        ledger.create(fresh)
    return fresh


def indicator_update(*, by: Actor, indicator: Indicator, version: int, values: Mapping[str, Any]) -> Diff:
    """Change how an indicator is shown and explained; StaleVersion where somebody was first.

    BadPart for a column that would make it another figure.
    """
    for name in sorted(values.keys() - EDITABLE):
        raise BadPart(name, _("这一项定了就不能改。口径变了，请新建一个指标，给原指标写上终止年。"))
    check_end(indicator, values.get("to_year"))
    with trace.changes(by=by) as ledger:
        return ledger.update(indicator, values, version)


def check_end(indicator: Indicator, until: int | None) -> None:
    """Raise BadPart where a ratio goes on after the last year of a part of it: it would silently say nothing."""
    if until is None:
        return
    parts = Q(numerator=indicator) | Q(denominator=indicator)
    later = Indicator.objects.filter(parts, Q(to_year__isnull=True) | Q(to_year__gt=until)).order_by("code")
    if named := "、".join(f"“{ratio.name}”" for ratio in later):
        said = {"ratios": named, "year": until}
        raise BadPart("to_year", _("比率%(ratios)s在%(year)s年以后还要用它，请先给比率写上终止年。") % said)


def twin_of(indicator: Indicator) -> Indicator | None:
    """An indicator of the same name and definition that is in force still: the same form was sent twice."""
    same = Indicator.objects.filter(Q(to_year__isnull=True) | Q(to_year__gte=indicator.from_year))
    return same.filter(**{name: getattr(indicator, name) for name in DEFINING}).first()


def fixed_parts(indicator: Indicator, values: Mapping[str, Any]) -> list[str]:
    """Which of the values would make another figure of an indicator that scorecards already name."""
    other = sorted(name for name in values.keys() - EDITABLE if getattr(indicator, name) != values[name])
    return other if other and ScorecardLine.objects.filter(indicator=indicator).exists() else []


def read_filter(text: str) -> str:
    """The stored form of an address or of its part after “?”: keys and values sorted, empty ones left out.

    BadPart where a part is no condition: it must never be taken for “everything”.
    """
    query = clean_text(text).partition("#")[0].rpartition("?")[2]
    for part in filter(None, query.split("&")):
        if "=" not in part:
            sentence = _("“%(part)s”不是一个条件。条件写成“名称=值”，多个用“&”连接，如“category=industry&kind=new”。")
            raise BadPart("filter", sentence % {"part": part[:40]})
    found = QueryDict(query)
    return urlencode(sorted((key, value) for key in found for value in found.getlist(key) if value))


def allowed_units(indicator: Indicator) -> frozenset[str]:
    """The display units in which a figure of this measure can be printed."""
    field = indicator.measure_fields
    kept = {Measure.RATIO: "%", Measure.AVG_DAYS: "天"}.get(Measure(indicator.measure))
    if indicator.measure == Measure.SUM:
        kept = "人" if field in PEOPLE else "美元" if field in DOLLARS else "元"
    if kept:
        return frozenset(shown for shown, unit in UNITS.items() if unit == kept)
    return frozenset({"个", "家", "户"})


def usual_unit(indicator: Indicator) -> str:
    """The display unit of a figure of this measure that nobody chose a unit for."""
    if indicator.measure == Measure.DISTINCT:
        return "个" if indicator.measure_fields == "project" else "家"
    units = allowed_units(indicator)
    return next(unit for unit in ("亿元", "万美元", "人", "天", "%", "个") if unit in units)


def free_code() -> str:
    """A code that no indicator has yet, for one whose maker gave none."""
    taken = set(Indicator.objects.filter(code__startswith="custom_").values_list("code", flat=True))
    return next(code for n in range(1, len(taken) + 2) if (code := f"custom_{n}") not in taken)


def check(indicator: Indicator) -> None:
    """Raise BadPart unless an indicator can be evaluated as it is defined."""
    _check_years(indicator)
    if indicator.measure == Measure.RATIO:
        _check_ratio(indicator)
    elif indicator.source == REPORTED:
        _check_reported(indicator)
    else:
        _check_plain(indicator)
    units = allowed_units(indicator)
    _check_lamp(indicator)
    if indicator.source != REPORTED and indicator.display_unit not in units:
        known = "、".join(unit for unit in UNITS if unit in units)
        raise BadPart("display_unit", _("这样的算法，显示单位应是%(known)s。") % {"known": known})


def _check_years(indicator: Indicator) -> None:
    """Years that can be reckoned with: one beyond the calendar would stop the whole region's scorecards."""
    for name in ("from_year", "to_year"):
        year = getattr(indicator, name)
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            limits = {"first": FIRST_YEAR, "last": LAST_YEAR, "year": year}
            raise BadPart(name, _("年份应在%(first)s至%(last)s之间，现在是%(year)s。") % limits)
    years = indicator.cohort_years
    if years is not None and not 1 <= years <= MOST_COHORT:
        raise BadPart("cohort_years", _("批次年数在1至%(most)s之间，现在是%(n)s。") % {"most": MOST_COHORT, "n": years})


def _check_ratio(indicator: Indicator) -> None:
    """A ratio is of two plain indicators of its place, its years and one unit, and has nothing else."""
    if indicator.numerator is None or indicator.denominator is None:
        raise BadPart("numerator", _("比率指标要选分子、分母两个指标。"))
    parts = (indicator.numerator, indicator.denominator)
    if Measure.RATIO in {part.measure for part in parts}:
        raise BadPart("numerator", _("分子、分母不能又是比率指标。"))
    for name in ("source", "filter", "measure_fields", "basis", "cohort_date"):
        if getattr(indicator, name):
            raise BadPart(name, _("比率指标由分子、分母两个指标算出，这一项不填。"))
    if parts[0] == parts[1]:
        raise BadPart("denominator", _("分子、分母是同一个指标，比率永远不变，请另选一个。"))
    if len({_kind_of_unit(part) for part in parts}) > 1:
        units = {"one": parts[0].display_unit, "other": parts[1].display_unit}
        raise BadPart(
            "denominator", _("分子以%(one)s计，分母以%(other)s计，不能相除成百分比，请选同类的指标。") % units
        )
    for part, name in zip(parts, ("numerator", "denominator"), strict=True):
        _check_part(indicator, part, name)


def _check_part(indicator: Indicator, part: Indicator, field: str) -> None:
    """A part is compiled wherever and whenever the ratio is."""
    if part.region_id is not None and part.region_id != indicator.region_id:
        raise BadPart(field, _("“%(name)s”只在%(region)s使用，算不出这个区域的比率。") % _said(part))
    ends_early = part.to_year is not None and (indicator.to_year is None or part.to_year < indicator.to_year)
    if part.from_year > indicator.from_year or ends_early:
        raise BadPart(field, _("“%(name)s”用于%(since)s年至%(until)s，比率的起止年要在这之内。") % _said(part))


def _said(part: Indicator) -> dict[str, Any]:
    until = _("%(year)s年") % {"year": part.to_year} if part.to_year else _("今后")
    return {"name": part.name, "region": part.region, "since": part.from_year, "until": until}


def _kind_of_unit(indicator: Indicator) -> str:
    return "个" if indicator.unit in COUNTED_UNITS else indicator.unit


def _check_lamp(indicator: Indicator) -> None:
    """What the lamp and the lead sentence need."""
    if indicator.is_event and not indicator.is_assessed:
        raise BadPart("is_event", _("监测指标不亮灯，不用设为一次性事项；要亮灯，性质选市定考核指标。"))
    if indicator.is_event and indicator.direction == Indicator.Direction.LESS:
        raise BadPart("direction", _("一次性事项完成即亮绿灯，方向应是越多越好。"))
    if indicator.pinned and not indicator.lead_phrase:
        raise BadPart("lead_phrase", str(NO_PHRASE))


def _check_reported(indicator: Indicator) -> None:
    """A figure that another authority confirms is not counted from rows."""
    for name in ("filter", "measure_fields", "basis", "cohort_date"):
        if getattr(indicator, name):
            raise BadPart(name, _("部门反馈数由主管部门给出，不从台账计算，这一项不填。"))


def _check_plain(indicator: Indicator) -> None:
    if indicator.source not in SOURCES:
        raise BadPart("source", _("请选择数据来源。"))
    if indicator.cohort_date and indicator.cohort_date == indicator.basis:
        raise BadPart("cohort_date", _("批次日期和统计日期是同一个，就不用选批次；统计时段已经限定了年度。"))
    if indicator.measure == Measure.AVG_DAYS and len(set(indicator.measure_fields.split())) == 1:
        raise BadPart("measure_fields", _("平均天数要选开始和结束两个不同的日期。"))
    try:
        check_source(indicator)
    except BadIndicator as mistake:
        raise BadPart(_culprit(indicator), str(mistake)) from mistake


def _culprit(indicator: Indicator) -> str:
    """The part whose replacement by a plain one mends a definition; its source where no single one does."""
    plain: dict[str, dict[str, str]] = {
        "filter": {"filter": ""},
        "cohort_date": {"cohort_date": ""},
        "basis": {"basis": next(iter(SOURCES[indicator.source].bases))},
        "measure_fields": {"measure": Measure.COUNT, "measure_fields": ""},
    }
    return next((name for name, values in plain.items() if _fits(indicator, values)), "source")


def _fits(indicator: Indicator, values: Mapping[str, str]) -> bool:
    trial = copy(indicator)
    for name, value in values.items():
        setattr(trial, name, value)
    try:
        check_source(trial)
    except BadIndicator:
        return False
    return True
