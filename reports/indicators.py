"""Indicators: what a definition may be, and how one is created and edited; a changed definition is a new code."""

from collections.abc import Mapping
from copy import copy
from typing import Any, Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.trace import Actor, Diff
from parkportal.writing import clean_text
from reports.models import Indicator
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
PEOPLE: Final = frozenset({"expected_jobs"})
DOLLARS: Final = frozenset({"amount_usd"})


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
    with trace.changes(by=by) as ledger:
        return ledger.update(indicator, values, version)


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


def check(indicator: Indicator) -> None:
    """Raise BadPart unless an indicator can be evaluated as it is defined."""
    if indicator.measure == Measure.RATIO:
        _check_ratio(indicator)
    elif indicator.source == REPORTED:
        _check_reported(indicator)
    else:
        _check_plain(indicator)
    units = allowed_units(indicator)
    if indicator.source != REPORTED and indicator.display_unit not in units:
        known = "、".join(unit for unit in UNITS if unit in units)
        raise BadPart("display_unit", _("这样的算法，显示单位应是%(known)s。") % {"known": known})


def _check_ratio(indicator: Indicator) -> None:
    """A ratio is of two plain indicators and has nothing else."""
    if indicator.numerator is None or indicator.denominator is None:
        raise BadPart("numerator", _("比率指标要选分子、分母两个指标。"))
    if Measure.RATIO in {indicator.numerator.measure, indicator.denominator.measure}:
        raise BadPart("numerator", _("分子、分母不能又是比率指标。"))
    for name in ("source", "filter", "measure_fields", "basis", "cohort_date"):
        if getattr(indicator, name):
            raise BadPart(name, _("比率指标由分子、分母两个指标算出，这一项不填。"))


def _check_reported(indicator: Indicator) -> None:
    """A figure that another authority confirms is not counted from rows."""
    for name in ("filter", "measure_fields", "basis", "cohort_date"):
        if getattr(indicator, name):
            raise BadPart(name, _("部门反馈数由主管部门给出，不从台账计算，这一项不填。"))


def _check_plain(indicator: Indicator) -> None:
    if indicator.source not in SOURCES:
        raise BadPart("source", _("请选择数据来源。"))
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
