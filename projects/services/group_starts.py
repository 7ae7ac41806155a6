"""Which projects of a park are on the list of a group start."""

from parkportal import trace
from parkportal.trace import Actor
from projects.models import GroupStart, GroupStartEntry, Project
from projects.services.rights import demand_entry


def group_start_entry_add(
    *, by: Actor, group_start: GroupStart, project: Project, planned: int | None
) -> GroupStartEntry:
    """Put a project on the list of a group start, with its planned investment of the year in yuan."""
    demand_entry(by, project.park)
    with trace.changes(by=by) as ledger:
        code = trace.next_code(project.park, "g", group_start.held_on.year)
        return ledger.create(GroupStartEntry(code=code, group_start=group_start, project=project, planned=planned))


def group_start_entry_withdraw(*, by: Actor, entry: GroupStartEntry, version: int) -> None:
    """Take a project off the list."""
    demand_entry(by, entry.project.park)
    with trace.changes(by=by) as ledger:
        ledger.withdraw(entry, version)
