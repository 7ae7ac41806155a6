"""What a page shows about the care for a row: its files, and the projects that are like it."""

from typing import Any

from django import template

from parkportal import gate
from parkportal.models import Attachment
from parkportal.roles import May
from projects.models import Project
from projects.services.alike import decided
from projects.services.attachments import HOLDERS, park_of

register = template.Library()


@register.inclusion_tag("projects/_attachments.html", takes_context=True)
def attachments(context: dict[str, Any], row: Any, embedded: bool = False) -> dict[str, Any]:
    """The files beside a row, with their keys; none for a reader who knows it only by its code name."""
    user, kind = context["request"].user, next(name for name, model in HOLDERS.items() if isinstance(row, model))
    found = [] if row.veiled else list(Attachment.objects.visible_to(user).kept().of(row).select_related("created_by"))
    for file in found:
        file.kilobytes = max(1, round(file.size / 1024))  # type: ignore[attr-defined]
    may_add = not row.veiled and user.may(May.ENTER) and user.park_id == park_of(row).pk
    return {
        **{"files": found, "row": row, "kind": kind, "embedded": embedded, "may_add": may_add},
        **{"previewed": gate.PREVIEWED, "csrf_token": context.get("csrf_token")},
    }


@register.inclusion_tag("projects/_alike.html", takes_context=True)
def likeness(context: dict[str, Any], project: Project) -> dict[str, Any]:
    """What was decided about a project and others like it."""
    user = context["request"].user
    may_decide = user.may(May.ENTER) and user.park_id == project.park_id and not project.deleted_at
    return {"pairs": decided(project, user), "project": project, "may_decide": may_decide}
