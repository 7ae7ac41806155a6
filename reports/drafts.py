"""Scorecards before they are stored: each park's lines with their parts, its place, its lead sentence, its digest."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter
from typing import Any, Final

from enterprises.models import Chain
from parkportal.models import Park, Region
from reports import progress
from reports.models import Indicator, ScorecardLine, Target
from reports.progress import Results
from reports.tallies import Part
from reports.words import lead_sentence

Peers = dict[str, list[dict[str, Any]]]
LINE_FIELDS: Final = tuple(
    f.name for f in ScorecardLine._meta.concrete_fields if f.name not in {"id", "scorecard", "indicator"}
)
BLANK: Final = {f.attname: f.get_default() for f in ScorecardLine._meta.concrete_fields}
"""A line's columns in their order: given by place, a row is made several times as fast."""
line_values = attrgetter(*LINE_FIELDS)


@dataclass(frozen=True)
class Draft:
    """A scorecard before it is stored: its lines with their parts, its lead sentence, and whom it is ranked with."""

    lines: list[tuple[ScorecardLine, list[Part]]]
    lead: str
    peers: Mapping[str, list[dict[str, Any]]]

    @property
    def digest(self) -> str:
        """SHA-256 over codes and values in code order: no primary key, time or address."""
        content = []
        for line, parts in self.lines:
            values = dict(zip(LINE_FIELDS, line_values(line), strict=True))
            slices = sorted([p.dimension, p.key, str(p.amount.value), p.amount.inexact] for p in parts)
            content.append([line.indicator.code, values, slices])
        text = json.dumps(sorted(content, key=lambda entry: str(entry[0])), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def drafts_of(found: Results, parks: list[Park]) -> dict[int, Draft]:
    """The drafts of all parks, ranked against each other."""
    targets = _targets(found.region, found.period.year)
    chains = {chain.code: chain.name for chain in Chain.objects.filter(region=found.region)}
    lines = {park.pk: [_line(found, park, i, targets) for i in found.indicators] for park in parks}
    groups = _groups(parks)
    for members in groups.values():
        _rank(found, members, lines)
    peers = {group: _peers(members, lines) for group, members in groups.items()}
    drafts = {}
    for park in parks:
        with_parts = [(line, found.parts(line.indicator, park)) for line in lines[park.pk]]
        drafts[park.pk] = Draft(with_parts, lead_sentence(found.period, with_parts, chains), peers[park.group])
    return drafts


def _groups(parks: list[Park]) -> dict[str, list[Park]]:
    """The parks that are ranked against each other, in code order."""
    found: dict[str, list[Park]] = defaultdict(list)
    for park in parks:
        found[park.group].append(park)
    return found


def _peers(members: list[Park], lines: Mapping[int, list[ScorecardLine]]) -> Peers:
    """By assessed indicator, the completions of the parks of a group, where there are several; in code order."""
    found: Peers = {}
    for park in members if len(members) > 1 else []:
        for line in lines[park.pk]:
            done = progress.standing(line).completion if line.indicator.is_assessed else None
            if done is not None:
                peer = {"park": park.code, "name": park.name}
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
    actual, month = found.actual(indicator, park), found.month(indicator, park)
    previous, previous_source = found.previous(indicator, park)
    quarterly = found.region.paces_quarterly
    state = progress.stand(indicator, actual.value, target, found.period.month, quarterly=quarterly)
    reported = found.reported.get((park.pk, indicator.code))
    values: dict[str, Any] = {
        "inexact": actual.inexact,
        "listed": indicator.listed,
        "previous_source": previous_source,
        **_pair("actual", actual.value),
        **_pair("month", month.value),
        **_pair("previous", previous.value),
        **_pair("target", state.target),
        **_pair("pace", state.pace),
        **_pair("time_progress", state.time_progress),
        **_pair("reported", reported.value if reported else None),
    }
    if target:
        values |= {f"target_{name}": getattr(target, name) for name in ("basis", "document", "authority")}
        backed = target.document and target.authority
        values["light"] = progress.light(state, found.period.month) if backed else ScorecardLine.Light.NONE
    line = ScorecardLine(*(BLANK | values).values())
    line.indicator = indicator
    return line


def _pair(name: str, value: Fraction | None) -> dict[str, int]:
    """The two columns of a number; neither where it is unknown."""
    return {} if value is None else {f"{name}_numerator": value.numerator, f"{name}_denominator": value.denominator}


def _rank(found: Results, members: list[Park], lines: Mapping[int, list[ScorecardLine]]) -> None:
    """Give each assessed line its place among the parks of its group; a lone park's comes from the circular."""
    for number, indicator in enumerate(found.indicators):
        of = {park.pk: lines[park.pk][number] for park in members}
        completions = {pk: progress.standing(line).completion for pk, line in of.items() if indicator.is_assessed}
        places = progress.ranks(completions)
        for park in members:
            typed = found.reported.get((park.pk, indicator.code))
            if len(members) > 1:
                of[park.pk].rank, of[park.pk].ranked = places.get(park.pk), len(places) or None
            elif typed:
                of[park.pk].rank = typed.rank
