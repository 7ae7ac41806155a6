"""What happens to scorecards: each in one transaction, with its trace."""

import gc
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from parkportal import trace
from parkportal.models import Change, Park, Region
from parkportal.trace import Actor
from projects.models import ProjectShare
from reports import progress
from reports.drafts import drafts_of
from reports.models import Scorecard, Target
from reports.periods import BadPeriod, Period, months_due
from reports.storing import Compiled, store

COUNTED_MODELS: Final = (
    "enterprises.Chain",
    "enterprises.Enterprise",
    "enterprises.Group",
    "enterprises.ListingStep",
    "enterprises.RankingEntry",
    "enterprises.RankingList",
    "parkportal.Park",
    "parkportal.Region",
    "projects.Engagement",
    "projects.FundArrival",
    "projects.GroupStart",
    "projects.GroupStartEntry",
    "projects.Project",
    "projects.ProjectShare",
    "projects.Recognition",
    "reports.Indicator",
    "reports.Publication",
    "reports.ReportedFigure",
    "reports.Target",
)
"""Rows whose change makes a draft due again."""


def scorecard_compile(*, region: Region, period: Period) -> list[Compiled]:
    """Write the drafts of every park of a region for a period; the same facts always give the same drafts.

    The figures are computed in one snapshot. Then the region is locked and each draft is replaced, unless somebody
    compiled newer facts meanwhile: several copies at once leave the newest result once. A compiled draft differs from
    the stored one only where a figure does.
    """
    with unswept():
        with snapshot():
            seq = trace.last_seq()
            found = progress.results(region, period)
            parks = list(Park.objects.filter(region=region).order_by("code"))
            drafts = drafts_of(found, parks)
        with transaction.atomic():
            Region.objects.select_for_update().get(pk=region.pk)
            return store(period, seq, [(park, drafts[park.pk]) for park in parks])


@contextmanager
def unswept() -> Iterator[None]:
    """No search for cycles meanwhile: a compile makes many small objects and none; a fifth of its time was search."""
    swept = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if swept:
            gc.enable()


@contextmanager
def snapshot() -> Iterator[None]:
    """One view of the facts for all queries inside; within an outer transaction its own view is kept."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                if alone:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                cursor.execute("SET LOCAL work_mem = '64MB'")  # the groups of a whole region are summed without files
        yield


def scorecard_headline_set(*, by: Actor, scorecard: Scorecard, headline: str) -> Scorecard:
    """Put a typed headline over the generated one, or take it back with an empty text."""
    with trace.changes(by=by) as ledger:
        ledger.update(scorecard, {"headline": headline})
    return scorecard


@dataclass(frozen=True)
class Due:
    """A region and period whose scorecards want compiling."""

    region: Region
    period: Period

    @property
    def key(self) -> str:
        """How the job is named: one open job for each region and period."""
        return f"{self.region.code}:{self.period}"


def scorecards_due(*, today: date) -> list[Due]:
    """Every region and month that has a target for the year and no draft, or a draft older than what it counts.

    Months run from a park's `scorecards_from` to its `scorecards_until`, or to the running one, which is provisional;
    when December is published and the year is over, the closing period follows.
    """
    wanted: dict[tuple[str, Period], Region] = {}
    newest, known = _newest_changes(), _known_scorecards()
    closed = _published_decembers()
    targets = set(_places_with_targets())
    for park in Park.objects.select_related("region").exclude(scorecards_from=""):
        last = max(newest[0], newest.get(park.region_id, 0))
        closing = [Period.closing_of(year) for year in sorted(closed[park.pk]) if year < today.year]
        for period in months_of(park, today) + closing:
            if (park.pk, str(period)) in known:
                due = known[park.pk, str(period)] < last
            else:
                due = bool({("park", park.pk, period.year), ("region", park.region_id, period.year)} & targets)
            if due:
                wanted[park.region.code, period] = park.region
    return [Due(wanted[key], key[1]) for key in sorted(wanted)]


def _known_scorecards() -> dict[tuple[int, str], float]:
    """By park and period, up to which change the newest draft was compiled; what is no draft is never due."""
    rows = Scorecard.objects.order_by("id").values_list("park", "period", "status", "facts_seq")
    draft = Scorecard.Status.DRAFT
    return {(park, period): seq if status == draft else math.inf for park, period, status, seq in rows}


def _published_decembers() -> dict[int, set[int]]:
    """By park, the years of which December's figures are out: their closing may be drawn up."""
    found: dict[int, set[int]] = defaultdict(set)
    december = Scorecard.objects.filter(status=Scorecard.Status.PUBLISHED, period__endswith="-12")
    for park, period in december.values_list("park", "period"):
        found[park].add(int(period[:4]))
    return found


def _places_with_targets() -> Iterator[tuple[str, int, int]]:
    """Parks and regions that have a target, with its year."""
    for park, region, year in Target.objects.in_force().values_list("park", "region", "year"):
        yield ("park", park, year) if park else ("region", region or 0, year)


def months_of(park: Park, today: date) -> list[Period]:
    """The months of a park that want a scorecard by a day; none where its first or last month cannot be read."""
    try:
        first = Period.parse(park.scorecards_from)
        until = Period.parse(park.scorecards_until) if park.scorecards_until else None
    except BadPeriod:
        return []
    return months_due(first, until, today, merge_january_february=park.region.merges_january_february)


def _newest_changes() -> dict[int, int]:
    """The number of the last counted change of each region; key 0 for reference data.

    A project that is shared across regions is changed for each of them.
    """
    counted = Change.objects.filter(object_type__in=COUNTED_MODELS).order_by()
    of_parks = counted.filter(park__isnull=False).values_list("park__region").annotate(newest=Max("seq"))
    shared = counted.filter(park__isnull=True).aggregate(newest=Max("seq"))["newest"] or 0
    newest: dict[int, int] = dict(of_parks)
    across = ProjectShare.objects.exclude(park__region=F("project__park__region")).order_by()
    lent = across.values_list("park__region", "project__park__region").distinct()
    return newest | {0: shared} | {to: max(newest.get(to, 0), newest.get(of, 0)) for to, of in lent}


def scorecards_due_jobs(now: datetime) -> list[tuple[str, str, dict[str, Any]]]:
    """What is due, as jobs: kind, key and arguments, among them the facts that are to be compiled."""
    newest = _newest_changes()
    return [
        ("scorecard_compile", due.key, {"region": due.region.code, "period": str(due.period)} | _facts(due, newest))
        for due in scorecards_due(today=timezone.localdate(now))
    ]


def _facts(due: Due, newest: Mapping[int, int]) -> dict[str, int]:
    return {"facts": max(newest[0], newest.get(due.region.pk, 0))}


def scorecard_compile_job(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The compile as a job: region and period by code; says how many drafts changed."""
    region = Region.objects.get(code=arguments["region"])
    done = scorecard_compile(region=region, period=Period.parse(arguments["period"]))
    return {"scorecards": len(done), "changed": sum(c.changed for c in done)}
