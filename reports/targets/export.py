"""The workbook of targets: what is exported can be edited and taken in again."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.exports import Column, Table
from parkportal.models import Park, User
from reports.models import Indicator, Target
from reports.targets.amounts import denominator_of, in_display_unit
from reports.targets.curves import SHAPES, shape_of
from reports.targets.scope import indicators_of, is_used, targets_by_cell

Row = tuple[Park, Indicator, Target | None, int, str]
"""A cell of the grid as a row of the workbook: park, indicator, its target, year and level."""


def shown(indicator: Indicator, stored: int) -> Fraction:
    """A stored number in the display unit, exactly."""
    return in_display_unit(indicator, Fraction(stored, denominator_of(indicator)))


def _of(name: str) -> Any:
    """Read a column of the target; empty where there is none."""
    return lambda row: getattr(row[2], name) if row[2] else None


def _month(number: int) -> Any:
    def read(row: Row) -> Fraction | None:
        target = row[2]
        if target is None or shape_of(target.annual, target.curve) != "typed":
            return None
        return shown(row[1], target.curve[number - 1])

    return read


def _basis(row: Row) -> str:
    """“全年”, or the last month that the document names."""
    return "" if row[2] is None else _("全年") if row[2].basis == "annual" else row[2].basis


def _shape(row: Row) -> str:
    return str(dict(SHAPES)[shape_of(row[2].annual, row[2].curve)]) if row[2] else ""


COLUMNS: Final[Sequence[Column]] = (
    Column("park", gettext_lazy("园区代码"), "text", lambda row: row[0].code),
    Column("park_name", gettext_lazy("园区"), "text", lambda row: row[0].name),
    Column("indicator", gettext_lazy("指标代码"), "text", lambda row: row[1].code, width=20),
    Column("indicator_name", gettext_lazy("指标"), "long", lambda row: row[1].name),
    Column("unit", gettext_lazy("计量单位"), "text", lambda row: row[1].display_unit, width=9),
    Column("year", gettext_lazy("年度"), "text", lambda row: str(row[3]), width=7),
    Column("level", gettext_lazy("级别"), "text", lambda row: Target.Level(row[4]).label, width=10),
    Column(
        "annual",
        gettext_lazy("年度目标"),
        "count",
        lambda row: shown(row[1], row[2].annual) if row[2] else None,
        width=10,
    ),
    Column("document", gettext_lazy("文号"), "text", _of("document"), width=18),
    Column("issued_on", gettext_lazy("发文日期"), "day", _of("issued_on")),
    Column("authority", gettext_lazy("下达单位"), "text", _of("authority")),
    Column("basis", gettext_lazy("文件写明的是"), "text", _basis, width=9),
    Column("shape", gettext_lazy("序时方式"), "text", _shape, width=10),
    *(Column(f"curve_{n}", f"{n}月累计", "count", _month(n), width=8) for n in range(1, 13)),
    Column("note", gettext_lazy("说明"), "long", _of("note")),
    Column("version", gettext_lazy("版本"), "text", lambda row: str(row[2].version) if row[2] else "0", width=6),
)
"""The heads are the template: a workbook with these heads, in any order, can be taken in."""


def rows_of(user: User, year: int, level: str, parks: Iterable[Park]) -> list[Row]:
    """Every park with every indicator that it can have a target of, empty ones too."""
    places = list(parks)
    targets = targets_by_cell(user, year, level)
    indicators = indicators_of(user, places, year)
    cells = [(park, indicator) for park in places for indicator in indicators if is_used(indicator, park)]
    found: list[Row] = [(park, i, targets.pop((park.pk, i.pk), None), year, level) for park, i in cells]
    by_pk = {park.pk: park for park in places}
    rest = [row for row in targets.values() if row.park_id in by_pk]
    return found + [(by_pk[row.park_id or 0], row.indicator, row, year, level) for row in rest]


def targets_table(user: User, year: int, level: str, parks: Iterable[Park]) -> Table:
    """The workbook of one year and level."""
    label = Target.Level(level).label
    return Table(
        title=_("%(year)s年%(level)s") % {"year": year, "level": label},
        columns=COLUMNS,
        rows=rows_of(user, year, level, parks),
        note=_(
            "可以改年度目标、文号、发文日期、下达单位、文件写明的是、序时方式、各月累计和说明，改好后上传；代码、年度、级别和版本不要改。"
        ),
        noun=_("行"),
    )
