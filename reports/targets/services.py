"""What happens to targets: one or many are set, copied from last year as proposals, confirmed, taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Park
from parkportal.trace import Actor, Diff, Ledger, StaleVersion
from reports.models import Indicator, Target, TargetQuerySet
from reports.targets.amounts import denominator_of
from reports.targets.curves import curve_mistakes, follow
from reports.targets.scope import to_copy


@dataclass(frozen=True)
class Wanted:
    """What somebody wants one target to be; `version` is the one that they saw, 0 for none, None for any."""

    park: Park
    indicator: Indicator
    year: int
    level: str
    version: int | None
    values: Mapping[str, Any]

    @property
    def rows(self) -> TargetQuerySet:
        """The row that it is about, if there is one."""
        identity = {name: getattr(self, name) for name in ("park", "indicator", "year", "level")}
        return Target.objects.kept().filter(**identity)


@dataclass
class Refusals(Exception):
    """Nothing of several targets was written: `lost` met a newer row, `wrong` does not fit, with its sentences."""

    lost: list[tuple[Wanted, Target | None]] = field(default_factory=list)
    wrong: list[tuple[Wanted, list[str]]] = field(default_factory=list)


@dataclass(frozen=True)
class Paper:
    """The document that sets targets: its number, its day and who issued it."""

    document: str
    issued_on: date | None
    authority: str

    def values(self) -> dict[str, Any]:
        """Its columns on a target; none without a document."""
        return dict(self.__dict__) if self.document else {}


def target_set(
    *,
    by: Actor,
    park: Park,
    indicator: Indicator,
    year: int,
    values: Mapping[str, Any],
    level: str = Target.Level.CITY,
    version: int | None = None,
) -> Target:
    """Set or change a park's target of a year and level; StaleVersion where somebody was first.

    `version` 0 says that the writer has seen none. ValidationError for a curve that does not fit.
    """
    with trace.changes(by=by) as ledger:
        wanted = Wanted(park, indicator, year, level, version, values)
        return _put(ledger, wanted.rows.first(), wanted)


def _put(ledger: Ledger, target: Target | None, wanted: Wanted) -> Target:
    """Create or change one target by compare-and-set."""
    if target is not None:
        ledger.update(target, _checked(wanted.indicator, wanted.values, target), wanted.version)
        return target
    identity = {name: getattr(wanted, name) for name in ("park", "indicator", "year", "level")}
    fresh = Target(**identity, **_checked(wanted.indicator, wanted.values))
    fresh.code = trace.next_code(wanted.park, "m", wanted.year)
    return ledger.create(fresh)


def targets_save(*, by: Actor, wanted: Iterable[Wanted]) -> int:
    """Write several targets in one transaction, each compared with the version that its writer saw.

    Either all are written, or none and Refusals says why; the number of changed ones is returned.
    """
    ordered = sorted(wanted, key=lambda one: (one.park.code, one.indicator.code, one.year, one.level))
    try:
        with trace.changes(by=by) as ledger:
            _put_all(ledger, ordered)
            return len(ledger.entries)
    except IntegrityError as taken:
        lost: list[tuple[Wanted, Target | None]] = [
            (one, row) for one in ordered if not one.version and (row := one.rows.first())
        ]
        if not lost:
            raise
        raise Refusals(lost=lost) from taken


def _put_all(ledger: Ledger, wanted: Sequence[Wanted]) -> None:
    refusals = Refusals()
    for one in wanted:
        target = one.rows.first()
        if target is None and one.version:
            refusals.lost.append((one, None))
            continue
        try:
            _put(ledger, target, one)
        except StaleVersion:
            refusals.lost.append((one, one.rows.first()))
        except ValidationError as mistake:
            refusals.wrong.append((one, mistake.messages))
    if refusals.lost or refusals.wrong:
        raise refusals


def target_update(*, by: Actor, target: Target, version: int, values: Mapping[str, Any]) -> Diff:
    """Change a target; park, indicator, year and level stay. StaleVersion where somebody was first."""
    with trace.changes(by=by) as ledger:
        return ledger.update(target, _checked(target.indicator, values, target), version)


def target_withdraw(*, by: Actor, target: Target, version: int) -> Diff:
    """Take a target back; StaleVersion where somebody changed it meanwhile."""
    with trace.changes(by=by) as ledger:
        return ledger.withdraw(target, version)


def _checked(indicator: Indicator, values: Mapping[str, Any], before: Target | None = None) -> dict[str, Any]:
    """The columns as they are written: the denominator of the indicator, months that fit, a proposal with its paper.

    ValidationError for a curve that does not fit.
    """
    written = {"denominator": denominator_of(indicator)} | dict(values)
    annual = values.get("annual", before.annual if before else 0)
    if before and "curve" not in values:
        written["curve"] = follow(before, annual)
    mistakes = curve_mistakes(indicator, annual, written.get("curve", []))
    if mistakes:
        raise ValidationError(mistakes)
    if before and before.is_proposed and _has_paper(before, values):
        written["state"] = Target.State.CONFIRMED
    return written


def _has_paper(before: Target, values: Mapping[str, Any]) -> bool:
    """Whether document and authority are known after a change: that is what confirms a proposal."""
    return all(values.get(name, getattr(before, name)) for name in ("document", "authority"))


def targets_propose(*, by: Actor, parks: Iterable[Park], year: int) -> int:
    """Copy last year's targets into a year as proposals that count for nothing; what is there already stays.

    Documents are not copied: a proposal waits for its own. The number of proposals is returned.
    """
    lacking = to_copy(year).filter(park__in=parks).select_related("park", "indicator").order_by("park__code", "code")
    with trace.changes(by=by) as ledger:
        for park in {target.park: None for target in lacking if target.park}:
            trace.next_number("m", park=park, year=year, by=0)  # whoever sets a target of the park waits from here on
        for target in lacking.all():
            if target.park:
                ledger.create(_proposal(target, target.park, year))
        return len(ledger.entries)


def _proposal(target: Target, park: Park, year: int) -> Target:
    """Last year's target as it might be this year's."""
    same = {name: getattr(target, name) for name in ("indicator", "level", "annual", "denominator", "curve", "basis")}
    note = _("按%(year)s年目标提出，待下达") % {"year": target.year}
    fresh = Target(park=park, year=year, state=Target.State.PROPOSED, note=note, **same)
    fresh.code = trace.next_code(park, "m", year)
    return fresh


def targets_confirm(*, by: Actor, chosen: Sequence[tuple[Target, int]], paper: Paper) -> int:
    """Confirm proposals with the document that sets them, each at the version that was seen; StaleVersion else."""
    with trace.changes(by=by) as ledger:
        for target, version in chosen:
            ledger.update(target, _checked(target.indicator, paper.values(), target), version)
        return len(ledger.entries)
