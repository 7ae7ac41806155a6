"""What happens to scorecards: each in one transaction, with its trace."""

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.models import Chain
from parkportal import trace
from parkportal.models import Change, Park, Region
from parkportal.trace import Actor
from projects.models import Project, ProjectShare
from reports import progress
from reports.models import Indicator, Scorecard, ScorecardLine, ScorecardSlice, Target
from reports.periods import BadPeriod, Period, months_due
from reports.progress import Part, Results
from reports.words import lead_sentence

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


@dataclass(frozen=True)
class Compiled:
    """What a compile did for one park: `changed` is false where the figures were the same."""

    scorecard: Scorecard
    changed: bool


def scorecard_compile(*, region: Region, period: Period) -> list[Compiled]:
    """Write the drafts of every park of a region for a period; the same facts always give the same drafts.

    The figures are computed in one snapshot. Then the region is locked and each draft is replaced, unless somebody
    compiled newer facts meanwhile: several copies at once leave the newest result once. A compiled draft differs from
    the stored one only where a figure does.
    """
    with snapshot():
        seq = trace.last_seq()
        found = progress.results(region, period)
        parks = list(Park.objects.filter(region=region).order_by("code"))
        drafts = drafts_of(found, parks)
    with transaction.atomic():
        Region.objects.select_for_update().get(pk=region.pk)
        return [c for park in parks if (c := store(park, period, seq, drafts[park.pk]))]


@contextmanager
def snapshot() -> Iterator[None]:
    """One view of the facts for all queries inside; within an outer transaction its own view is kept."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@dataclass(frozen=True)
class Draft:
    """A scorecard before it is stored: its lines with their parts, its lead sentence, and whom it is ranked with."""

    lines: list[tuple[ScorecardLine, list[Part]]]
    lead: str
    peers: Mapping[str, list[dict[str, Any]]]


def drafts_of(found: Results, parks: list[Park]) -> dict[int, Draft]:
    """The drafts of all parks, ranked against each other."""
    targets = _targets(found.region, found.period.year)
    chains = {chain.code: chain.name for chain in Chain.objects.filter(region=found.region)}
    lines = {park.pk: [_line(found, park, i, targets) for i in found.indicators] for park in parks}
    _rank(found, parks, lines)
    drafts = {}
    for park in parks:
        parts = [found.parts(line.indicator, park) for line in lines[park.pk]]
        with_parts = list(zip(lines[park.pk], parts, strict=True))
        drafts[park.pk] = Draft(with_parts, lead_sentence(found.period, with_parts, chains), _peers(park, parks, lines))
    return drafts


def _peers(park: Park, parks: list[Park], lines: Mapping[int, list[ScorecardLine]]) -> dict[str, list[dict[str, Any]]]:
    """By assessed indicator, the completions of the parks of its group, where there are several; in code order."""
    group = [other for other in parks if other.group == park.group]
    if len(group) < 2:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    for other in group:
        for line in lines[other.pk]:
            done = progress.standing(line).completion if line.indicator.is_assessed else None
            if done is not None:
                peer = {"park": other.code, "name": other.name}
                found.setdefault(line.indicator.code, []).append(
                    peer | {"numerator": done.numerator, "denominator": done.denominator}
                )
    return found


def _targets(region: Region, year: int) -> dict[tuple[int, int], Target]:
    """The city's targets of a year by park and indicator."""
    of_year = Target.objects.of_city().filter(year=year, park__region=region)
    return {(target.park_id or 0, target.indicator_id): target for target in of_year}


def _line(found: Results, park: Park, indicator: Indicator, targets: Mapping[tuple[int, int], Target]) -> ScorecardLine:
    target = targets.get((park.pk, indicator.pk)) if indicator.is_assessed else None
    line = ScorecardLine(indicator=indicator)
    actual, month = found.actual(indicator, park), found.month(indicator, park)
    previous, line.previous_source = found.previous(indicator, park)
    state = progress.stand(indicator, actual.value, target, found.period.month)
    reported = found.reported.get((park.pk, indicator.code))
    line.inexact = actual.inexact
    _set_pair(line, "actual", actual.value)
    _set_pair(line, "month", month.value)
    _set_pair(line, "previous", previous.value)
    _set_pair(line, "target", state.target)
    _set_pair(line, "pace", state.pace)
    _set_pair(line, "time_progress", state.time_progress)
    if reported and reported.numerator is not None:
        _set_pair(line, "reported", Fraction(reported.numerator, reported.denominator))
    if target:
        line.target_basis, line.target_document = target.basis, target.document
        line.target_authority = target.authority
        backed = target.document and target.authority
        line.light = progress.light(state, found.period.month) if backed else ScorecardLine.Light.NONE
    return line


def _set_pair(line: ScorecardLine, name: str, value: Fraction | None) -> None:
    setattr(line, f"{name}_numerator", None if value is None else value.numerator)
    setattr(line, f"{name}_denominator", None if value is None else value.denominator)


def _rank(found: Results, parks: list[Park], lines: Mapping[int, list[ScorecardLine]]) -> None:
    """Give each assessed line its place among the parks of its group; a lone park's comes from the circular."""
    for group in {park.group for park in parks}:
        members = [park for park in parks if park.group == group]
        for number, indicator in enumerate(found.indicators):
            of = {park.pk: lines[park.pk][number] for park in members}
            completions = {pk: progress.standing(line).completion for pk, line in of.items()}
            places = progress.ranks(completions) if indicator.is_assessed else {}
            for park in members:
                typed = found.reported.get((park.pk, indicator.code))
                if len(members) > 1:
                    of[park.pk].rank, of[park.pk].ranked = places.get(park.pk), len(places) or None
                elif typed:
                    of[park.pk].rank = typed.rank


COMPILED_FIELDS: Final = ("lead", "digest", "facts_seq", "version", "compiled_at", "updated_at")
"""What compiling writes: a typed headline stays."""


def store(park: Park, period: Period, seq: int, draft: Draft) -> Compiled | None:
    """Store a park's draft; None where the park has a newer one, or one that is no longer a draft."""
    existing = Scorecard.objects.filter(park=park, period=str(period)).order_by("-id").first()
    if existing and (existing.status != Scorecard.Status.DRAFT or existing.facts_seq > seq):
        return None
    digest, names = _digest(draft), _part_names(part for _line, parts in draft.lines for part in parts)
    if existing and (existing.digest, existing.lead, _stored_names(existing)) == (digest, draft.lead, names):
        Scorecard.objects.filter(pk=existing.pk).update(facts_seq=seq)
        existing.facts_seq = seq
        return Compiled(existing, changed=False)
    scorecard = existing or Scorecard(park=park, period=str(period), code=f"{park.code}-{period}", version=0)
    scorecard.lead, scorecard.digest, scorecard.facts_seq = draft.lead, digest, seq
    scorecard.version, scorecard.compiled_at = scorecard.version + 1, timezone.now()
    scorecard.save(update_fields=COMPILED_FIELDS if existing else None)
    _store_lines(scorecard, draft, names)
    return Compiled(scorecard, changed=True)


def _store_lines(scorecard: Scorecard, draft: Draft, names: Mapping[tuple[str, str], str]) -> None:
    scorecard.lines.all().delete()
    for line, _parts in draft.lines:
        line.scorecard = scorecard
    ScorecardLine.objects.bulk_create([line for line, _parts in draft.lines])
    ScorecardSlice.objects.bulk_create(
        [_slice(line, part, names) for line, parts in draft.lines for part in parts], batch_size=500
    )


def _slice(line: ScorecardLine, part: Part, names: Mapping[tuple[str, str], str]) -> ScorecardSlice:
    value = part.amount.value or Fraction(0)
    return ScorecardSlice(
        line=line,
        dimension=part.dimension,
        key=part.key,
        name=names[part.dimension, part.key],
        numerator=value.numerator,
        denominator=value.denominator,
        inexact=part.amount.inexact,
    )


def _part_names(parts: Iterable[Part]) -> dict[tuple[str, str], str]:
    """What each part is called: the chain's name, the stage's, the month."""
    chains = {"": _("未分产业链")} | dict(Chain.objects.values_list("code", "name"))
    stages = {code: str(label) for code, label in Project.Stage.choices}
    named = {"chain": lambda key: chains[key], "stage": lambda key: stages[key]}
    named["month"] = lambda key: _("%(month)s月") % {"month": int(key[-2:])}
    return {(p.dimension, p.key): named[p.dimension](p.key) for p in parts}


def _stored_names(scorecard: Scorecard) -> dict[tuple[str, str], str]:
    """What the parts of a stored scorecard are called; the digest is over codes and does not see a renamed chain."""
    found = ScorecardSlice.objects.filter(line__scorecard=scorecard).order_by()
    return {(part[0], part[1]): part[2] for part in found.values_list("dimension", "key", "name").distinct()}


def _digest(draft: Draft) -> str:
    """SHA-256 over codes and values in code order: no primary key, time or address."""
    content = []
    for line, parts in draft.lines:
        values = {
            f.name: getattr(line, f.name)
            for f in ScorecardLine._meta.concrete_fields
            if f.name not in {"id", "scorecard", "indicator"}
        }
        slices = sorted([p.dimension, p.key, str(p.amount.value), p.amount.inexact] for p in parts)
        content.append([line.indicator.code, values, slices])
    text = json.dumps(sorted(content, key=lambda entry: str(entry[0])), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


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
        for period in _months_of(park, today) + closing:
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


def _months_of(park: Park, today: date) -> list[Period]:
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
