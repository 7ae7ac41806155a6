"""Tags of the scorecards that pages of any room may use."""

from typing import Any

from django import template
from django.utils import timezone

from projects.models import Project
from reports import members, words
from reports.changes import write_move
from reports.models import Indicator

register = template.Library()


@register.inclusion_tag("reports/_banner.html", takes_context=True)
def figure_banner(context: template.Context) -> dict[str, Any]:
    """On a list that was opened from a figure: which one, what the list adds up to, and whether they agree."""
    request = context["request"]
    if "figure" not in request.GET or context.get("problems"):
        return {"found": None}
    found = members.agreement(request.GET, context["filterset"].qs, request.user)
    return {"found": found, "late": write_move(found.line.indicator, found.late) if found and found.late else ""}


@register.inclusion_tag("reports/_counts_for.html")
def counts_for(project: Project, as_if_verified: bool = False) -> dict[str, Any]:
    """Which indicators a saved project counts for, and why or why not."""
    found = members.counts_for(project, today=timezone.localdate(), as_if_verified=as_if_verified)
    return {"found": found, "as_if_verified": as_if_verified}


@register.simple_tag
def figure(indicator: Indicator, value: Any, inexact: str = "") -> str:
    """A value in the indicator's display unit, without the unit."""
    return words.write_value(indicator, value, inexact)
