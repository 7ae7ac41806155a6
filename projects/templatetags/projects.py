"""How the pages of projects write amounts and stages."""

from django import template

from parkportal.writing import NOTHING
from projects import stages
from projects.words import write_amount

register = template.Library()


@register.filter
def wan(yuan: int | None, qualifier: str = "exact") -> str:
    """Write an amount in 万元 with what makes it inexact, for columns whose head names the unit."""
    return write_amount(yuan, qualifier) or NOTHING


@register.filter
def yi(yuan: int | None, qualifier: str = "exact") -> str:
    """Write an amount in 亿元 with what makes it inexact: “约4.0”, “5.0以上”."""
    return write_amount(yuan, qualifier, scale="亿元") or NOTHING


@register.filter
def steps_passed(stage: str) -> int:
    """How many stages from the signing on a project has reached, 0 before it."""
    return stages.SIGNED_OR_LATER.index(stage) + 1 if stage in stages.SIGNED_OR_LATER else 0


@register.filter
def cell(text: str) -> str:
    """Write a sentence as a table does: without its full stop, and “—” for none."""
    return text.strip().removesuffix("。") or NOTHING
