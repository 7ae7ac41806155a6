"""Targets: in their indicator's unit, month by month, set and changed, split, exported and imported."""

from reports.targets.amounts import (
    denominator_of,
    read_amount,
    read_annual,
    say_amount,
    say_basis,
    write_amount,
)
from reports.targets.curves import SHAPES, Shape, curve_mistakes, quarterly, shape_of
from reports.targets.services import (
    Paper,
    Refusals,
    Wanted,
    target_set,
    target_update,
    target_withdraw,
    targets_confirm,
    targets_propose,
    targets_save,
)

__all__ = [
    "SHAPES",
    "Paper",
    "Refusals",
    "Shape",
    "Wanted",
    "curve_mistakes",
    "denominator_of",
    "quarterly",
    "read_amount",
    "read_annual",
    "say_amount",
    "say_basis",
    "shape_of",
    "target_set",
    "target_update",
    "target_withdraw",
    "targets_confirm",
    "targets_propose",
    "targets_save",
    "write_amount",
]
