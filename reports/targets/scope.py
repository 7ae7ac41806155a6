"""For whom and for what targets can be set in a year."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from parkportal.models import Park, User
from reports.models import Indicator, Target, TargetQuerySet


def indicators_of(user: User, parks: Iterable[Park], year: int) -> list[Indicator]:
    """The assessed indicators that are in force for any of the parks in a year, in their order."""
    here = {None, *(park.region_id for park in parks)}
    until = Q(to_year__isnull=True) | Q(to_year__gte=year)
    assessed = Indicator.objects.visible_to(user).filter(until, role=Indicator.Role.ASSESSED, from_year__lte=year)
    return [indicator for indicator in assessed if indicator.region_id in here]


def targets_by_cell(user: User, year: int, level: str) -> dict[tuple[int | None, int], Target]:
    """The parks' targets of a year and level by park and indicator, proposals among them."""
    rows = Target.objects.visible_to(user).kept().filter(year=year, level=level, park__isnull=False)
    return {(row.park_id, row.indicator_id): row for row in rows.select_related("park", "indicator")}


def is_used(indicator: Indicator, park: Park) -> bool:
    """Whether a park's region compiles the indicator."""
    return indicator.region_id in {None, park.region_id}


def target_years(user: User) -> set[int]:
    """The years that have targets, proposals among them."""
    return set(Target.objects.visible_to(user).kept().order_by().values_list("year", flat=True).distinct())


def to_copy(year: int) -> TargetQuerySet:
    """The parks' targets of the year before that the year lacks, of indicators that are still in force in it."""
    same = {name: OuterRef(name) for name in ("park", "indicator", "level")}
    there = Target.objects.kept().filter(year=year, **same)
    still = Q(indicator__to_year__isnull=True) | Q(indicator__to_year__gte=year)
    return Target.objects.in_force().filter(~Exists(there), still, year=year - 1, park__isnull=False)


def year_to_copy(user: User, year: int, known: set[int] | None = None) -> int | None:
    """The year before, where it has targets that the year lacks; `known` are the years that have any."""
    if known is not None and year - 1 not in known:
        return None
    parks = Park.objects.visible_to(user)
    return year - 1 if to_copy(year).filter(park__in=parks).exists() else None


def proposals_in(user: User, year: int) -> int:
    """How many proposals of a year wait for the paper that confirms them."""
    return Target.objects.visible_to(user).kept().filter(year=year, state=Target.State.PROPOSED).count()
