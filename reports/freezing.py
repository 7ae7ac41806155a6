"""From a compiled draft to what will be published: its lines and the rows behind them, as canonical JSON.

The content is whole in itself. It holds codes, names and values, no primary key, time or address, and lists everything
in code order: the same facts always give the same bytes.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import models
from django.http import QueryDict

from parkportal.models import Park, Region
from parkportal.trace import plain
from projects.models import Project
from projects.models.secrecy import VeiledQuerySet
from reports.groups import Group, each_row
from reports.models import Indicator, Scorecard, ScorecardLine, ScorecardSlice
from reports.periods import Period
from reports.progress import members_query
from reports.sources import SOURCES, source_of

FORMAT: Final = 1
INDICATOR_FIELDS: Final = tuple(
    f.name for f in Indicator._meta.concrete_fields if f.name not in {"id", "region", "version"}
)
LINE_FIELDS: Final = tuple(
    f.name for f in ScorecardLine._meta.concrete_fields if f.name not in {"id", "scorecard", "indicator", "listed"}
)
"""What a content keeps of a line; whether it is listed is told by its indicator there."""
SLICE_FIELDS: Final = tuple(f.name for f in ScorecardSlice._meta.concrete_fields if f.name not in {"id", "line"})
PARK_FIELDS: Final = ("code", "name", "group", "is_sample", "sample_fields")
PROJECT_FACTS: Final = (
    *("name", "investor", "company", "chain", "stage", "contract_type", "total_investment"),
    *("total_investment_qualifier", "contracted_capital", "signed_on", "signed_on_precision", "land_area_mu"),
    *("workshop_area_sqm", "expected_annual_output", "expected_annual_tax", "expected_jobs", "content", "progress"),
    *("expected_jobs_qualifier", "problem", "next_step", "owner", "responsible_unit", "fortune_global_500"),
    *("lead_official", "planned_start_on", "planned_start_on_precision"),
)
"""What the lists of a published document say of a project."""


def canonical(value: Any) -> str:
    """The one way to write a value as JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def content_of(
    scorecard: Scorecard,
    lines: Iterable[ScorecardLine],
    park: Park,
    peers: Mapping[str, list[Any]],
    members: Mapping[str, list[Any]],
) -> dict[str, Any]:
    """What a draft would be published as.

    `lines` carry their parts, `peers` the completions it was ranked with, `members` (members_of) the rows behind it.
    """
    kept = sorted(lines, key=lambda line: line.indicator.code)
    return {
        "format": FORMAT,
        "park": {name: getattr(park, name) for name in PARK_FIELDS} | {"region": _region(park.region)},
        "period": scorecard.period,
        "revision": scorecard.revision,
        "lead": scorecard.lead,
        "headline": scorecard.headline,
        "reasons": scorecard.reasons,
        "lines": [_line(line) for line in kept],
        "peers": {code: peers[code] for code in sorted(peers)},
        "members": {line.indicator.code: members[line.indicator.code] for line in kept},
    }


def _region(region: Region) -> dict[str, Any]:
    """The region as papers name it; how it divides the year only where that is not by months."""
    rhythm = {"rhythm": str(region.rhythm)} if region.paces_quarterly else {}
    merged = {"merges_january_february": True} if region.merges_january_february else {}
    return {"code": region.code, "name": region.name} | rhythm | merged


def members_of(indicators: Iterable[Indicator], park: Park, period: Period) -> dict[str, list[dict[str, Any]]]:
    """By indicator, the rows behind each figure with what they count and what documents say of them."""
    return {indicator.code: _members(indicator, park, period) for indicator in indicators}


def figures_of(line: ScorecardLine) -> dict[str, Any]:
    """A stored line and its parts, by key, as plain values."""
    parts = sorted(line.parts, key=lambda part: (part.dimension, part.key))
    return {
        "values": {name: getattr(line, name) for name in LINE_FIELDS},
        "parts": [{name: getattr(part, name) for name in SLICE_FIELDS} for part in parts],
    }


def _line(line: ScorecardLine) -> dict[str, Any]:
    return {"indicator": {name: plain(getattr(line.indicator, name)) for name in INDICATOR_FIELDS}} | figures_of(line)


def _members(indicator: Indicator, park: Park, period: Period) -> list[dict[str, Any]]:
    """The rows behind a figure in code order; none for ratios and for figures that others confirm."""
    if indicator.source not in SOURCES or indicator.measure == Indicator.Measure.RATIO:
        return []
    source, query = source_of(indicator), QueryDict(members_query(indicator, park, period))
    chosen = source.filterset(query, queryset=source.model._default_manager.all()).qs
    groups = each_row(indicator, chosen, park, period.year)
    rows = _rows(source.model, [group.row for group in groups])
    return [_member(group, rows[group.row]) for group in sorted(groups, key=lambda group: group.row)]


def _member(group: Group, row: Any) -> dict[str, Any]:
    return {
        "code": group.row,
        "entered": str(Period.from_ordinal(group.entered)),
        "booked": str(Period.from_ordinal(group.booked)),
        **{name: getattr(group, name) for name in ("numerator", "denominator", "bp", "inexact", "chain", "stage")},
        "key": str(group.key or ""),
        "facts": facts_of(row),
    }


def _rows(model: type[models.Model], codes: list[str]) -> dict[str, Any]:
    """Rows by code as somebody may read them who may see no secret: they go into papers that are passed on."""
    found: models.QuerySet[Any] = model._default_manager.filter(code__in=codes)
    if isinstance(found, VeiledQuerySet):
        found = found.read_by(None)
    related = [f.name for f in model._meta.concrete_fields if f.is_relation and f.name in {*PROJECT_FACTS, "project"}]
    related += [name for name in ("enterprise", "park") if name in {f.name for f in model._meta.concrete_fields}]
    return {row.code: row for row in found.select_related(*related)}


def facts_of(row: Any) -> dict[str, Any]:
    """What documents say of a row: its name and, of a project, the columns of the annexes; nothing empty."""
    if not isinstance(row, Project):
        owner = getattr(row, "project", None) or getattr(row, "enterprise", None)
        return {
            "name": str(getattr(row, "name", "") or getattr(row, "title", "") or (owner and owner.name) or row.code)
        }
    values = {name: getattr(row, name) for name in PROJECT_FACTS}
    named = {name: str(value) if isinstance(value, models.Model) else plain(value) for name, value in values.items()}
    named["origin"] = row.investor.origin if row.investor else ""
    return {name: value for name, value in named.items() if value not in (None, "", False)}
