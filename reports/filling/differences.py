"""The register's warning: two filled forms of a park that gave different numbers for the same thing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from reports.filling.filler import Entry
from reports.filling.services import entries_of
from reports.models import FilledForm


@dataclass(frozen=True)
class Told:
    """What one form said of a thing."""

    filled: FilledForm
    entry: Entry


@dataclass(frozen=True)
class Difference:
    """One thing of which forms gave different numbers, in the order in which they were filled."""

    label: str
    told: list[Told]

    def names(self, filled: FilledForm) -> bool:
        """Whether this form is one of them."""
        return any(one.filled.pk == filled.pk for one in self.told)


def differences(forms: Iterable[FilledForm]) -> list[Difference]:
    """Everything of which these forms gave different numbers: an indicator in a period, or a field of a project."""
    told: dict[tuple[int, str], list[Told]] = defaultdict(list)
    for filled in sorted(forms, key=lambda form: form.pk):
        for entry in entries_of(filled):
            told[filled.park_id, entry.key].append(Told(filled, entry))
    contradicted = (found for found in told.values() if len({one.entry.plain for one in found}) > 1)
    return [Difference(found[-1].entry.label, found) for found in contradicted]
