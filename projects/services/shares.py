"""Which park is credited with what part of a project."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Park
from parkportal.trace import Actor, Ledger
from projects.models import Project, ProjectShare
from projects.services.entry import fresh, touch
from projects.services.rights import Act, demand

WHOLE = 10_000
"""All shares of a project together, in basis points."""


def shares_set(
    *, by: Actor, project: Project, rows: Sequence[tuple[Park, int, int]], version: int | None = None
) -> Project:
    """Say which park is credited with what part: (park, basis points of the number, of the amounts).

    Both columns make 10,000, else ValidationError. The park that keeps the row need not hold a share.
    """
    with trace.changes(by=by) as ledger:
        fresh(project, version)
        demand(by, project, Act.SHARE)
        _refuse_shares(rows)
        before = {share.park: share for share in project.shares.select_related("park")}
        old = _shares_in_words([(park, share.count_bp, share.amount_bp) for park, share in before.items()])
        _replace_shares(ledger, project, before, rows)
        ledger.note(project, {"shares": (old, _shares_in_words(rows))})
        touch(ledger, project)
    return project


def _refuse_shares(rows: Sequence[tuple[Park, int, int]]) -> None:
    if len({park.pk for park, _count, _amount in rows}) < len(rows):
        raise ValidationError(_("同一个园区只能分一次。"))
    if any(not 0 <= bp <= WHOLE for row in rows for bp in row[1:]):
        raise ValidationError(_("每个园区的份额应在0%至100%之间。"))
    for at, name in ((1, _("个数")), (2, _("金额"))):
        total = sum(row[at] for row in rows)  # type: ignore[misc]
        if total != WHOLE:
            sentence = _("各园区的%(name)s份额合计应为100%%，现在是%(total)s%%。")
            raise ValidationError(sentence % {"name": name, "total": f"{total / 100:g}"})


def _shares_in_words(rows: Sequence[tuple[Park, int, int]]) -> str:
    sentence = _("%(park)s个数%(count)s%%、金额%(amount)s%%")
    words = (
        {"park": park.name, "count": f"{count / 100:g}", "amount": f"{amount / 100:g}"} for park, count, amount in rows
    )
    return "；".join(sentence % one for one in words)


def _replace_shares(
    ledger: Ledger, project: Project, before: dict[Park, ProjectShare], rows: Sequence[tuple[Park, int, int]]
) -> None:
    for park in before.keys() - {row[0] for row in rows}:
        ledger.delete(before[park])
    for park, count, amount in rows:
        values = {"count_bp": count, "amount_bp": amount}
        if park in before:
            ledger.update(before[park], values)
        else:
            ledger.create(ProjectShare(project=project, park=park, **values))
