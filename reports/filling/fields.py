"""What a column of a superior's form may hold of a project, and how it is written into a cell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from parkportal.writing import round_half_up, write_count, write_date
from projects.models import FundArrival, Project
from projects.services.weekly import monday_of, weeks
from projects.words import write_amount

YUAN: Final = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
"""Units of money that a form may ask for, in yuan."""
Value = str | int | float | date | None
"""What a cell may hold."""


@dataclass(frozen=True)
class Row:
    """A project as a list tells it on a day: its number there, its texts of that week, and the money that arrived."""

    number: int
    project: Project
    told: dict[str, str]
    arrived: int
    arrived_in_month: int


@dataclass(frozen=True)
class Field:
    """One thing that a column may hold; `is_total` where rows below one another add up."""

    key: str
    label: Any
    kind: str
    read: Callable[[Row], Any]
    dated: bool = False
    """Whether it tells how far things were at the end of a month: another month's number is no contradiction."""

    @property
    def adds_up(self) -> bool:
        """Whether the column has a total."""
        return self.kind in {"money", "count", "area"}


def _column(name: str) -> Callable[[Row], Any]:
    return lambda row: getattr(row.project, name)


def _choice(name: str) -> Callable[[Row], Any]:
    return lambda row: getattr(row.project, f"get_{name}_display")()


def _party(role: str, name: str) -> Callable[[Row], Any]:
    return lambda row: getattr(getattr(row.project, role), name, "")


def _told(name: str) -> Callable[[Row], Any]:
    return lambda row: row.told[name]


def _responsible(row: Row) -> str:
    return "／".join(filter(None, (row.project.responsible_unit, str(row.project.owner or ""))))


def _five_hundred(row: Row) -> str:
    return "世界500强" if row.project.fortune_global_500 else ""


FIELDS: Final[tuple[Field, ...]] = (
    Field("number", _("序号"), "number", lambda row: row.number),
    Field("code", _("项目编号"), "text", _column("code")),
    Field("name", _("项目名称"), "text", _column("name")),
    Field("investor_name", _("投资方"), "text", _party("investor", "name")),
    Field("investor_origin", _("投资方所在地"), "text", _party("investor", "origin")),
    Field("ranked", _("是否三类500强"), "text", _five_hundred),
    Field("company_name", _("项目公司"), "text", _party("company", "name")),
    Field("company_uscc", _("统一社会信用代码"), "text", _party("company", "uscc")),
    Field("content", _("建设内容及规模"), "text", _column("content")),
    Field("category", _("项目类别"), "text", _choice("category")),
    Field("kind", _("引进方式"), "text", _choice("kind")),
    Field("chain", _("产业链"), "text", lambda row: str(row.project.chain or "")),
    Field("construction_nature", _("建设性质"), "text", _choice("construction_nature")),
    Field("site", _("建设地点"), "text", _column("site")),
    Field("land_use_mode", _("用地方式"), "text", _choice("land_use_mode")),
    Field("land_area_mu", _("用地面积（亩）"), "area", _column("land_area_mu")),
    Field("workshop_area_sqm", _("厂房面积（㎡）"), "count", _column("workshop_area_sqm")),
    Field("total_investment", _("总投资"), "money", _column("total_investment")),
    Field("fixed_asset_investment", _("固定资产投资"), "money", _column("fixed_asset_investment")),
    Field("contracted_capital", _("合同引资额"), "money", _column("contracted_capital")),
    Field("annual_planned_investment", _("年度计划投资"), "money", _column("annual_planned_investment")),
    Field("contract_type", _("合同类型"), "text", _choice("contract_type")),
    Field("signed_on", _("签约时间"), "day", _column("signed_on")),
    Field("registered_on", _("注册时间"), "day", _column("registered_on")),
    Field("planned_start_on", _("计划开工时间"), "day", _column("planned_start_on")),
    Field("started_on", _("实际开工时间"), "day", _column("started_on")),
    Field("planned_production_on", _("计划投产时间"), "day", _column("planned_production_on")),
    Field("in_production_on", _("实际投产时间"), "day", _column("in_production_on")),
    Field("stage", _("项目阶段"), "text", _choice("stage")),
    Field("progress", _("目前进展"), "text", _told("progress")),
    Field("month_funds", _("本月到位资金"), "money", lambda row: row.arrived_in_month, dated=True),
    Field("funds", _("累计到位资金"), "money", lambda row: row.arrived, dated=True),
    Field("completed_investment", _("累计完成投资"), "money", _column("completed_investment"), dated=True),
    Field("expected_annual_output", _("预计年产值"), "money", _column("expected_annual_output")),
    Field("expected_annual_tax", _("预计年税收"), "money", _column("expected_annual_tax")),
    Field("expected_jobs", _("预计就业"), "count", _column("expected_jobs")),
    Field("problem", _("存在问题"), "text", _told("problem")),
    Field("next_step", _("下一步计划"), "text", _told("next_step")),
    Field("lead_official", _("责任领导"), "text", _column("lead_official")),
    Field("responsible", _("责任单位／责任人"), "text", _responsible),
    Field("note", _("备注"), "text", _column("note")),
)
"""In the order of the ledger; keys are those of the import where the two mean the same."""
BY_KEY: Final = {field.key: field for field in FIELDS}


def rows_of(projects: QuerySet[Project], as_of: date) -> list[Row]:
    """The projects of a list in their order, each with what was told and what had arrived by that day."""
    chosen = projects.select_related("investor", "company", "chain", "owner")
    told = {week.project.pk: week.told for week in weeks(chosen, monday_of(as_of))}
    found = list(chosen)
    counted = FundArrival.objects.kept().filter(project__in=found, verified=True, received_on__lte=as_of)
    arrived, of_month = _sums(counted), _sums(counted.filter(received_on__gte=as_of.replace(day=1)))
    return [
        Row(number, row, told[row.pk], arrived.get(row.pk, 0), of_month.get(row.pk, 0))
        for number, row in enumerate(found, 1)
    ]


def _sums(arrivals: QuerySet[FundArrival]) -> dict[int, int]:
    return dict(arrivals.order_by().values_list("project").annotate(total=Sum("amount")))


@dataclass(frozen=True)
class Written:
    """What goes into a cell, the stored value behind it for comparing, and how people read it."""

    value: Value
    plain: str = ""
    words: str = ""


def write(field: Field, row: Row, unit: str) -> Written:
    """A field of a project as its cell holds it: money in `unit`, the inexact as text, nothing for the unknown."""
    value = field.read(row)
    if value in (None, ""):
        return Written(None)
    if field.kind == "day":
        return _day(value, getattr(row.project, f"{field.key}_precision"))
    if field.kind in {"money", "count", "area"}:
        return _amount(field, value, _qualifier(field, row), unit)
    return Written(value)


def _qualifier(field: Field, row: Row) -> str:
    names = {"workshop_area_sqm": "workshop_area_qualifier"}
    return getattr(row.project, names.get(field.key, f"{field.key}_qualifier"), "exact")


def _day(day: date, precision: str) -> Written:
    words = write_date(day, precision)
    return Written(day if precision == "day" else words, words, words)


def _amount(field: Field, value: int, qualifier: str, unit: str) -> Written:
    if field.kind == "money":
        words = write_amount(value, qualifier, scale=unit)
        number = scaled(Fraction(value), unit)
    else:
        parts = Fraction(value, 100) if field.kind == "area" else Fraction(value)
        words, number = write_count(parts, qualifier), _number(parts, 2)
    shown = f"{words}{unit}" if field.kind == "money" else words
    return Written(number if qualifier == "exact" else words, f"{value} {qualifier}".removesuffix(" exact"), shown)


def scaled(yuan: Fraction, unit: str) -> int | float:
    """An amount of yuan in a unit, with at most four decimals."""
    return _number(yuan / YUAN[unit], 4)


def _number(value: Fraction, decimals: int) -> int | float:
    return int(value) if value.denominator == 1 else float(round_half_up(value, decimals))


def totals(field: Field, written: Sequence[Written]) -> int | float | None:
    """The sum of a column's exact numbers; None where the column has no total or holds none."""
    numbers = [Fraction(str(one.value)) for one in written if isinstance(one.value, int | float)]
    return _number(sum(numbers, Fraction(0)), 4) if field.adds_up and numbers else None
