"""The versions of a target: which document set which number, and when; read back from the trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from parkportal.models import Change, User
from parkportal.trace import plain
from reports.models import Target
from reports.targets.amounts import say_amount, say_basis

TOLD: Final = ("annual", "curve", "basis", "document", "issued_on", "authority", "state")
"""What makes another version of a target."""


@dataclass(frozen=True)
class Version:
    """A target as it was from one moment on."""

    target: Target
    number: int
    values: Mapping[str, Any]
    at: datetime
    who: User | None

    @property
    def annual(self) -> str:
        """The year's number with its unit."""
        return say_amount(self.target.indicator, self.values["annual"])

    @property
    def basis(self) -> str:
        """Which months the document names."""
        return say_basis(self.values["basis"])

    @property
    def is_proposed(self) -> bool:
        """Whether it did not count yet."""
        return bool(self.values["state"] == Target.State.PROPOSED)

    @property
    def curve(self) -> list[str]:
        """The cumulative numbers by month, empty for an even pace."""
        return [say_amount(self.target.indicator, value) for value in self.values["curve"]]


def versions(target: Target) -> list[Version]:
    """All versions of a target, newest first: the row as it is, then each change undone in turn."""
    state = {name: plain(getattr(target, name)) for name in TOLD}
    changes = Change.objects.of(Target._meta.label, [target.code]).select_related("user").order_by("-seq")
    found: list[tuple[dict[str, Any], datetime, User | None]] = []
    for change in changes:
        touched = [name for name in TOLD if name in change.diff]
        if touched:
            found.append((dict(state), change.at, change.user))
            state |= {name: _before(name, change.diff[name][0]) for name in touched}
        if "code" in change.diff:
            break
    else:
        found.append((state, target.created_at, target.created_by))
    return [Version(target, len(found) - n, *one) for n, one in enumerate(found)]


def _before(name: str, value: Any) -> Any:
    """A value of an older version; what was empty then is not in the trace."""
    return ([] if name == "curve" else "") if value is None else value
