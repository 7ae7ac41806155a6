"""The life of a project as a table: its stages, what each needs, and which may follow which."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LEAD = "lead"
NEGOTIATING = "negotiating"
SIGNED = "signed"
REGISTERED = "registered"
STARTED = "started"
PRODUCING = "in_production"
FULL_CAPACITY = "full_capacity"


@dataclass(frozen=True)
class Stage:
    """A step in the life of a project: its code, its name, the date it is known by, and what it asks to be filled."""

    code: str
    label: "StrPromise"
    date_field: str
    needs: tuple[str, ...]


STAGES = (
    Stage(LEAD, gettext_lazy("线索"), "", ("name",)),
    Stage(NEGOTIATING, gettext_lazy("在谈"), "", ("investor",)),
    Stage(
        SIGNED,
        gettext_lazy("签约"),
        "signed_on",
        ("investor", "contract_type", "category", "signed_on", "total_investment"),
    ),
    Stage(REGISTERED, gettext_lazy("注册"), "registered_on", ("company", "registered_on")),
    Stage(STARTED, gettext_lazy("开工"), "started_on", ("land_use_mode", "started_on")),
    Stage(PRODUCING, gettext_lazy("投产"), "in_production_on", ("in_production_on",)),
    Stage(FULL_CAPACITY, gettext_lazy("达产"), "full_capacity_on", ("full_capacity_on",)),
)
CODES = tuple(stage.code for stage in STAGES)
BY_CODE = {stage.code: stage for stage in STAGES}

# 拟签: not yet signed, never counted.
PROSPECTS = (LEAD, NEGOTIATING)
SIGNED_OR_LATER = CODES[CODES.index(SIGNED) :]
# 签约未开工: signed and waiting for its start.
NOT_STARTED = (SIGNED, REGISTERED)
STARTED_OR_LATER = CODES[CODES.index(STARTED) :]
IN_PRODUCTION = (PRODUCING, FULL_CAPACITY)


def next_stages(code: str) -> tuple[str, ...]:
    """Return the stage that follows without a reason, none after the last; KeyError for an unknown code."""
    following = CODES.index(BY_CODE[code].code) + 1
    return CODES[following : following + 1]


def can_move(origin: str, target: str) -> bool:
    """Say whether `target` is the next step after `origin`."""
    return BY_CODE[target].code in next_stages(origin)


def needs_reason(origin: str, target: str) -> bool:
    """Say whether the move jumps a step or goes back, which is allowed only with a reason."""
    return origin != target and not can_move(origin, target)


def requirements(code: str) -> tuple[str, ...]:
    """Return the fields that a project at this stage must have, those of the earlier stages included, in order."""
    passed = STAGES[: CODES.index(BY_CODE[code].code) + 1]
    return tuple(dict.fromkeys(field for stage in passed for field in stage.needs))


def missing(code: str, has: Callable[[str], bool]) -> list[str]:
    """Return the required fields that are not filled, `has` saying whether one is."""
    return [field for field in requirements(code) if not has(field)]


def start_proof(land_use_mode: str) -> str:
    """Return what proves the start of a project with this 用地方式, for others the whole rule (definition 6)."""
    if land_use_mode == "land_supply":
        return _("以取得施工许可证或桩基施工为准")
    if land_use_mode in {"lease", "purchase"}:
        return _("以设备进场为准")
    return _("供地项目以取得施工许可证或桩基施工为准，租赁、购买厂房项目以设备进场为准")
