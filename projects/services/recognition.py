"""What authorities recognised of a project, level by level."""

from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import RecognitionLevel
from parkportal.trace import Actor, Ledger
from parkportal.writing import earliest
from projects.models import Project, Recognition
from projects.services.checks import Problems
from projects.services.entry import fresh, refuse, touch
from projects.services.rights import Act, demand

LEVELS: Final = (RecognitionLevel.PARK, RecognitionLevel.CITY, RecognitionLevel.PROVINCE)
"""From the lowest authority to the highest."""
Result = Recognition.Result


def recognition_set(
    *,
    by: Actor,
    project: Project,
    level: str,
    result: str,
    on: date | None = None,
    precision: str = "day",
    document: str = "",
    reason: str = "",
    version: int | None = None,
) -> Recognition:
    """Record what the authority of a level decided, in place of what was recorded for it before.

    The project keeps the highest level that accepted it. ValidationError where an acceptance lacks its day, a refusal
    its reason.
    """
    day = earliest(on, precision) if on else None
    values = {"recognised_on": day, "recognised_on_precision": precision if day else "day", "result": result}
    values |= {"document": document.strip(), "reason": reason.strip()}
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.RECOGNISE)
        refuse(_problems(project, level, values, ledger))
        row = Recognition.objects.filter(project=project, level=level).first()
        if row:
            ledger.update(row, values)
        else:
            row = ledger.create(Recognition(project=project, level=level, **values))
        _keep_in_step(ledger, project)
    return row


def _problems(project: Project, level: str, values: dict[str, Any], ledger: Ledger) -> Problems:
    """What stands against recording it: the columns themselves, a day or reason that lacks, a day to come."""
    trial = Recognition(project=project, level=level, **values)
    found: Problems = {}
    try:
        trial.clean_fields(exclude=["project"])
    except ValidationError as wrong:
        found = dict(wrong.message_dict)
    day = values["recognised_on"]
    if values["result"] == Result.ACCEPTED and not day:
        found["recognised_on"] = [_("已认定的，请填写认定时间。")]
    if values["result"] == Result.REFUSED and not values["reason"]:
        found["reason"] = [_("不予认定的，请写明理由。")]
    if day and day > ledger.at.date():
        found["recognised_on"] = [_("认定时间%(day)s还没有到，只填已经发生的时间。") % {"day": day}]
    return found


def _keep_in_step(ledger: Ledger, project: Project) -> None:
    """Let the project say its highest recognition; without one, that it has none. The project moves on in any case."""
    accepted = {row.level: row for row in project.recognitions.filter(result=Result.ACCEPTED)}
    highest = next((level for level in reversed(LEVELS) if level in accepted), None)
    best = accepted[highest] if highest else None
    diff = ledger.update(
        project,
        {
            "recognition_level": highest or RecognitionLevel.NONE,
            "recognised_on": best.recognised_on if best else None,
            "recognised_on_precision": best.recognised_on_precision if best else "day",
        },
        project.version,
    )
    if not diff:
        touch(ledger, project)
        ledger.note(project, {"recognitions": ("", "、".join(map(_in_words, project.recognitions.order_by("id"))))})


def _in_words(row: Recognition) -> str:
    return f"{row.get_level_display()}：{row.get_result_display()}"
