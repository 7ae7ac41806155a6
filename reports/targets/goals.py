"""Long-term goals: set, changed, taken back, and told beside the year's targets."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.trace import Actor, Diff
from parkportal.writing import write_money, write_number
from reports.models import LongTermGoal
from reports.targets.amounts import ALL_DECIMALS, MONEY_UNITS

SAME: Final = ("park", "region", "chain", "year", "name", "amount", "unit")
"""What tells a goal from another one."""


def say_goal(goal: LongTermGoal) -> str:
    """What is to be reached, with its unit: “1,000亿元”."""
    if goal.unit in MONEY_UNITS:
        return f"{write_money(goal.amount, goal.unit, ALL_DECIMALS, strip=True)}{goal.unit}"
    return f"{write_number(goal.amount)}{goal.unit}"


def goal_create(*, by: Actor, values: Mapping[str, Any]) -> LongTermGoal:
    """Set a goal of a park or of a whole region; ValidationError for one that is set already."""
    goal = LongTermGoal(**values)
    place = goal.park or goal.region
    with trace.changes(by=by) as ledger:
        number = trace.next_number("goal", year=goal.year)
        if LongTermGoal.objects.kept().filter(**{name: getattr(goal, name) for name in SAME}).exists():
            raise ValidationError(_("这个长期目标已经登记过，不用再登记；要改数，请到它的修改页。"))
        goal.code = f"{place.code if place else ''}-goal{goal.year}-{number:03d}"
        return ledger.create(goal)


def goal_update(*, by: Actor, goal: LongTermGoal, version: int, values: Mapping[str, Any]) -> Diff:
    """Change a goal; StaleVersion where somebody was first."""
    with trace.changes(by=by) as ledger:
        return ledger.update(goal, values, version)


def goal_withdraw(*, by: Actor, goal: LongTermGoal, version: int) -> Diff:
    """Take a goal back; StaleVersion where somebody changed it meanwhile."""
    with trace.changes(by=by) as ledger:
        return ledger.withdraw(goal, version)
