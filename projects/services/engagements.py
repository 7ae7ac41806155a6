"""Talks with investors and who took part in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Park
from parkportal.trace import Actor, Ledger, StaleVersion
from projects.models import Engagement, Participant
from projects.services.bin import refuse_without_project, take_out
from projects.services.rights import demand_entry, demand_seen

Person = tuple[str, str]
"""A name and the post held at the time."""


def engagement_record(
    *, by: Actor, park: Park, values: Mapping[str, Any], participants: Sequence[Person], key: str | None = None
) -> Engagement:
    """Record a talk and its participants; a second use of the form's one-time `key` is an IntegrityError."""
    demand_entry(by, park)
    with trace.changes(by=by) as ledger:
        code = trace.next_code(park, "t", values["held_on"].year)
        engagement = ledger.create(Engagement(**{**values, "code": code, "park": park, "submission_key": key}))
        _add(ledger, engagement, participants)
    return engagement


def engagement_update(
    *, by: Actor, engagement: Engagement, version: int, values: Mapping[str, Any], participants: Sequence[Person]
) -> None:
    """Change a talk and make its participants the given ones; StaleVersion when somebody was first."""
    demand_entry(by, engagement.park)
    demand_seen(by, engagement.project)
    with trace.changes(by=by) as ledger:
        present = list(engagement.participants.all())
        diff = ledger.update(engagement, values, version)
        if [(person.name, person.post) for person in present] == list(participants):
            return
        if not diff:
            _claim(engagement, version)
        for person in present:
            ledger.delete(person)
        _add(ledger, engagement, participants)


def engagement_withdraw(*, by: Actor, engagement: Engagement, version: int) -> None:
    """Put a talk into the bin."""
    demand_entry(by, engagement.park)
    demand_seen(by, engagement.project)
    with trace.changes(by=by) as ledger:
        ledger.withdraw(engagement, version)


def engagement_restore(*, by: Actor, engagement: Engagement, version: int) -> None:
    """Take a talk out of the bin."""
    demand_entry(by, engagement.park)
    demand_seen(by, engagement.project)
    with trace.changes(by=by) as ledger:
        refuse_without_project(engagement, _("这次洽谈"))
        take_out(ledger, engagement, version, _("这次洽谈"))


def _add(ledger: Ledger, engagement: Engagement, participants: Sequence[Person]) -> None:
    ledger.create_all(Participant(engagement=engagement, name=name, post=post) for name, post in participants)


def _claim(engagement: Engagement, version: int) -> None:
    """Move the version on, as the participants have none of their own; StaleVersion when somebody was first."""
    rows = Engagement.objects.filter(pk=engagement.pk, version=version)
    if not rows.update(version=F("version") + 1):
        raise StaleVersion(Engagement.objects.get(pk=engagement.pk))
