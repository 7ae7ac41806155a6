"""What the overview shows of one scorecard, in the order in which leaders look; reads compiled lines only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import F, Prefetch, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from parkportal.models import Park
from parkportal.writing import write_date, write_money, write_percent
from projects import stages
from projects.models import Project
from projects.models.projects import ProjectQuerySet
from reports import members
from reports.models import Scorecard, ScorecardLine, ScorecardSlice
from reports.periods import Period, time_progress
from reports.progress import standing
from reports.rows import Row, headline, plain_number, row_of, share_of
from reports.sources import PROJECTS
from reports.words import TOTALS, write_value

TILES: Final = (*TOTALS, "arrived_funds_domestic")
"""The totals beside the assessed indicators."""
SHOWN: Final = 6
MAJOR: Final = 10


@dataclass(frozen=True)
class Overview:
    """A scorecard, its lines by code with their parts, and the parks it is ranked with."""

    scorecard: Scorecard
    park: Park
    period: Period
    lines: Mapping[str, ScorecardLine]
    ranked: list[ScorecardLine]

    @property
    def rows(self) -> list[Row]:
        """The listed lines, written."""
        return [row_of(line, self.park, self.period) for line in self.lines.values() if line.indicator.listed]

    def context(self, projects: ProjectQuerySet) -> dict[str, Any]:
        """Everything the page shows; `projects` are those that the reader may see."""
        rows = self.rows
        assessed = [row for row in rows if row.indicator.is_assessed]
        by_code = {row.indicator.code: row for row in rows}
        pace = time_progress(self.period.month)
        return {
            "headline": self.scorecard.headline or headline(rows),
            "lights": _lights(assessed),
            "assessed": assessed,
            "heroes": [_hero(row, self.ranked) for row in assessed if row.indicator.pinned][:2],
            "tiles": [(by_code[code], self._note(code)) for code in TILES if code in by_code],
            "monitored": [row for row in rows if not row.indicator.is_assessed],
            "ranks": self._ranks(assessed),
            "pace": pace,
            "pace_text": write_percent(pace),
            "pace_label": _("序时%(n)s%%") % {"n": write_percent(pace).removesuffix(".0")},
            "period": self.period,
            "months": self._months(assessed),
            "funnel": self._funnel(),
            "chains": self._chains(),
            "attention": self._attention(projects),
            "waiting": self._waiting(projects),
            "major": self._major(projects),
            "talks": self._talks(projects),
        }

    def _note(self, code: str) -> str:
        """Which chain holds the most of a total: “其中电子信息6个，52.4亿元”."""
        parts = [part for part in self._parts(code, "chain") if part.key]
        if not parts:
            return ""
        top = max(parts, key=lambda part: part.actual)
        line = self.lines[code]
        written = write_value(line.indicator, top.actual, top.inexact)
        return _("其中%(chain)s%(amount)s%(unit)s") % {
            "chain": top.name,
            "amount": written,
            "unit": line.indicator.display_unit,
        }

    def _parts(self, code: str, dimension: str) -> list[ScorecardSlice]:
        line = self.lines.get(code)
        return [part for part in line.slices.all() if part.dimension == dimension] if line else []

    def _ranks(self, assessed: list[Row]) -> list[dict[str, Any]]:
        """The parks of the region by their place for the first assessed indicator with a pace."""
        chosen = next((row for row in assessed if row.line.rank), None)
        if chosen is None:
            return []
        mine = [line for line in self.ranked if line.indicator_id == chosen.indicator.pk and line.rank]
        rows = [row_of(line, line.scorecard.park, self.period) for line in sorted(mine, key=lambda x: x.rank or 0)]
        return [
            {"row": row, "park": row.line.scorecard.park, "own": row.line.scorecard.park == self.park} for row in rows
        ]

    def _months(self, assessed: list[Row]) -> dict[str, Any]:
        """The first assessed indicator's cumulative figure by month."""
        if not assessed:
            return {}
        row = assessed[0]
        by_month = {part.key: part.actual for part in self._parts(row.indicator.code, "month")}
        points, total = [], Fraction(0)
        for number in range(1, 13):
            month = Period(self.period.year, number)
            total += by_month.get(str(month), Fraction(0))
            known = number <= self.period.month
            url = members.until_url(row.indicator, self.park, self.period, month) if known else ""
            written = plain_number(total)
            points.append(
                {
                    "month": number,
                    "value": total if known else None,
                    "text": written if known else "—",
                    "url": url,
                }
            )
        target = row.state.target
        return {
            "row": row,
            "points": points,
            "label": _("%(name)s按月累计") % {"name": row.indicator.name},
            "target": float(target) if target is not None else None,
            "target_text": _("目标%(n)s") % {"n": row.target} if target is not None else "",
        }

    def _funnel(self) -> list[dict[str, Any]]:
        """How far this year's signed projects are, as counts of one cohort; starts by their recorded date."""
        signed = self.lines.get("cohort_signed")
        if signed is None or not signed.actual:
            return []
        by_stage = {part.key: part.actual for part in self._parts("cohort_signed", "stage")}
        started = self.lines.get("cohort_started")
        rows = [self._step(_("签约"), signed, signed.actual, signed.actual)]
        for label, first in ((_("注册"), stages.REGISTERED), (_("投产"), stages.PRODUCING)):
            later = stages.CODES[stages.CODES.index(first) :]
            reached = sum((by_stage.get(stage, Fraction(0)) for stage in later), Fraction(0))
            rows.append(self._step(label, signed, reached, signed.actual, later))
        if started is not None and started.actual is not None:
            rows.insert(2, self._step(_("开工"), started, started.actual, signed.actual))
        return rows

    def _step(
        self, label: str, line: ScorecardLine, reached: Fraction, whole: Fraction, only: Iterable[str] = ()
    ) -> dict[str, Any]:
        url = members.list_url(line.indicator, self.park, self.period)
        url = url + "".join(f"&stage={stage}" for stage in only)
        note = f"{label}率{plain_number(reached)}/{plain_number(whole)}" if reached != whole or only else ""
        return {
            "label": label,
            "value": plain_number(reached),
            "url": url,
            "share": share_of(reached, whole),
            "note": note,
        }

    def _chains(self) -> dict[str, Any]:
        """Count, investment and output of the year's signed projects by chain, largest investment first."""
        columns = {code: {p.key: p for p in self._parts(code, "chain")} for code in ("projects_100m", *TOTALS[:2])}
        invested = columns[TOTALS[0]]
        order = sorted(invested.values(), key=lambda part: (-part.actual, part.key))
        largest = order[0].actual if order else Fraction(0)
        rows = [
            {
                "name": part.name,
                "code": part.key,
                "share": share_of(part.actual, largest),
                "cells": [self._chain_cell(code, found.get(part.key), part.key) for code, found in columns.items()],
            }
            for part in order
        ]
        named = [self.lines[code] for code in columns if code in self.lines]
        return {"rows": rows, "totals": [row_of(line, self.park, self.period) for line in named]}

    def _chain_cell(self, code: str, part: ScorecardSlice | None, chain: str) -> dict[str, str]:
        indicator = self.lines[code].indicator
        text = write_value(indicator, part.actual) if part else "0"
        return {"text": text, "url": members.list_url(indicator, self.park, self.period, chain=chain) if chain else ""}

    def _attention(self, projects: ProjectQuerySet) -> dict[str, Any]:
        """需协调调度事项: projects of the park that report a problem, the largest first."""
        found = self._own(projects).exclude(problem="").filter(status=Project.Status.ACTIVE)
        return {
            "rows": list(found.order_by(F("total_investment").desc(nulls_last=True), "code")[:4]),
            "count": found.count(),
        }

    def _waiting(self, projects: ProjectQuerySet) -> dict[str, Any]:
        """签约未开工: this year's signed projects that have not started, longest waiting first."""
        query: dict[str, list[str]] = {
            "park": [self.park.code],
            "contract_type": [Project.ContractType.FORMAL],
            "stage": list(stages.NOT_STARTED),
            "signed_on_after": [self.period.start.isoformat()],
            "signed_on_before": [self.period.end.isoformat()],
            "counted": [self.period.end.isoformat()],
        }
        found, url = _listed(projects, query)
        rows = [
            {"project": project, "days": (self.period.end - project.signed_on).days if _exact(project) else None}
            for project in found.order_by("signed_on", "code")[:4]
            if project.signed_on
        ]
        return {"rows": rows, "count": found.count(), "url": url}

    def _major(self, projects: ProjectQuerySet) -> list[dict[str, Any]]:
        """Fortune 500 projects first, then the largest of the year's signed ones."""
        signed = self._own(projects.counted(self.period.end)).filter(
            contract_type=Project.ContractType.FORMAL,
            kind=Project.Kind.NEW,
            signed_on__range=(self.period.start, self.period.end),
        )
        order = ("-fortune_global_500", F("total_investment").desc(nulls_last=True), "code")
        return [
            {
                "project": project,
                "amount": write_money(project.total_investment),
                "when": write_date(project.signed_on, project.signed_on_precision, year=self.period.year),
            }
            for project in signed.order_by(*order)[:MAJOR]
        ]

    def _talks(self, projects: ProjectQuerySet) -> list[Project]:
        """在谈项目: what may still be signed, the largest first."""
        found = self._own(projects).filter(stage=stages.NEGOTIATING, status=Project.Status.ACTIVE)
        return list(found.order_by(F("total_investment").desc(nulls_last=True), "code")[:SHOWN])

    def _own(self, projects: ProjectQuerySet) -> ProjectQuerySet:
        return projects.filter(park=self.park, deleted_at__isnull=True).select_related("owner", "investor")


def _listed(projects: ProjectQuerySet, query: dict[str, list[str]]) -> tuple[QuerySet[Project], str]:
    """The rows of a filter, and the address of the list that shows them: one filter for both."""
    address = urlencode(sorted(query.items()), doseq=True)
    chosen = PROJECTS.filterset(QueryDict(address), queryset=projects).qs
    return chosen.select_related("owner", "investor"), f"{reverse(PROJECTS.page)}?{address}"


def _exact(project: Project) -> bool:
    return project.signed_on_precision == "day"


def _lights(assessed: list[Row]) -> list[tuple[str, int]]:
    """How many assessed lines carry each lamp, worst last: [("green", 2)]."""
    lights = [row.line.light for row in assessed]
    return [(light, lights.count(light)) for light in ("green", "amber", "red", "none") if light in lights]


def _hero(row: Row, ranked: list[ScorecardLine]) -> dict[str, Any]:
    state = row.state
    return {
        "label": row.indicator.brief,
        "value": row.actual,
        "unit": row.unit,
        "url": row.url,
        "target": _("年度目标%(target)s%(unit)s") % {"target": row.target, "unit": row.unit} if state.target else "",
        "excess": row.verdict,
        "rate": row.completion if state.completion is not None else "",
        "rank": _place(row, ranked),
        "completion": state.completion,
        "pace": state.time_progress,
        "light": row.line.light,
        "bar_label": row.bar_label,
        "sample": row.is_sample,
    }


def _place(row: Row, ranked: list[ScorecardLine]) -> str:
    """The rank in the city and the gap to the neighbour: “全市第1位，领先25.0个百分点”."""
    rank = row.line.rank
    if rank is None:
        return ""
    others = [line for line in ranked if line.indicator_id == row.indicator.pk and line.pk != row.line.pk]
    done = {line.pk: standing(line).completion for line in others}
    mine = row.state.completion or Fraction(0)
    tied = any(value == mine for value in done.values())
    place = (_("全市并列第%(n)s位") if tied else _("全市第%(n)s位")) % {"n": rank}
    behind = max((v for v in done.values() if v is not None and v < mine), default=None)
    before = min((v for v in done.values() if v is not None and v > mine), default=None)
    if before is not None:
        return _("%(place)s，与前一位差%(gap)s个百分点") % {"place": place, "gap": write_percent(before - mine)}
    if behind is None or tied:
        return place
    return _("%(place)s，领先%(gap)s个百分点") % {"place": place, "gap": write_percent(mine - behind)}


def overview_of(scorecard: Scorecard) -> Overview:
    """Read a scorecard with its parts, and the lines of the parks that it is ranked with."""
    park, period = scorecard.park, Period.parse(scorecard.period)
    lines = scorecard.lines.select_related("indicator").prefetch_related(Prefetch("slices"))
    ranked = ScorecardLine.objects.filter(
        scorecard__period=scorecard.period, scorecard__park__region=park.region, rank__isnull=False
    ).select_related("indicator", "scorecard__park")
    ranked = ranked.prefetch_related("slices")
    return Overview(scorecard, park, period, {line.indicator.code: line for line in lines}, list(ranked))


def data_date(scorecard: Scorecard) -> date:
    """The last day that the scorecard covers."""
    return Period.parse(scorecard.period).end
