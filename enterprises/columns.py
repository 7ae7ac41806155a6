"""The columns of the lists of enterprises and steps, as exports head them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise, ListingStep
from parkportal.exports import Column, Inexact
from parkportal.writing import write_date


def day_of(row: Any, name: str) -> Any:
    """A day of a row: a date where it is exact, else in words; None where it is not known."""
    day = getattr(row, name)
    precision = getattr(row, f"{name}_precision", "day")
    return day if day is None or precision == "day" else Inexact(day, write_date(day, precision))


def _steps(row: Enterprise) -> str:
    kept = (step for step in row.listing_steps.all() if step.deleted_at is None)
    return "，".join(f"{step.get_board_display()}{step.get_step_display()}" for step in kept)


ENTERPRISES = (
    Column("code", _("编号"), "text", lambda row: row.code, width=20),
    Column("name", _("企业名称"), "text", lambda row: row.name, width=28),
    Column("uscc", _("统一社会信用代码"), "text", lambda row: row.uscc, width=20),
    Column("foreign_reg_no", _("境外注册号"), "text", lambda row: row.foreign_reg_no),
    Column("origin", _("所在地"), "text", lambda row: row.origin),
    Column("group", _("所属集团"), "text", lambda row: str(row.group or "")),
    Column("settled_year", _("落户年份"), "text", lambda row: str(row.settled_year or "")),
    Column("land_area_mu", _("占地（亩）"), "area", lambda row: row.land_area_mu, summed=True),
    Column("above_scale_on", _("升规时间"), "day", lambda row: day_of(row, "above_scale_on")),
    Column("steps", _("上市进程"), "text", _steps, width=20),
    Column("profile", _("企业概况"), "long", lambda row: row.profile),
    Column("park", _("园区"), "text", lambda row: str(row.park)),
)


def _of_firm(name: str) -> Any:
    return lambda row: getattr(row.enterprise, name)


LISTING_STEPS: tuple[Column, ...] = (
    Column("code", _("编号"), "text", lambda row: row.code, width=20),
    Column("enterprise", _("企业名称"), "text", _of_firm("name"), width=28),
    Column("uscc", _("统一社会信用代码"), "text", _of_firm("uscc"), width=20),
    Column("board", _("板块"), "text", ListingStep.get_board_display),
    Column("step", _("步骤"), "text", ListingStep.get_step_display),
    Column("happened_on", _("日期"), "day", lambda row: day_of(row, "happened_on")),
    Column("document", _("文号"), "text", lambda row: row.document, width=20),
    Column("park", _("园区"), "text", lambda row: str(row.enterprise.park)),
)
