"""A scorecard with the parks that it is ranked with: how far along, which place, and how much is left for the year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from parkportal.models import Park, User
from parkportal.writing import write_percent
from projects.models import Project
from projects.models.projects import ProjectQuerySet
from reports import members
from reports.models import Indicator, Scorecard, ScorecardLine, ScorecardSlice
from reports.periods import Period, progress_told
from reports.progress import ranks_of, standing
from reports.publishing import content_now
from reports.rows import Row, headline, row_of
from reports.words import TOTALS, write_distance, write_value

TILES: Final = (*TOTALS, "arrived_funds_domestic")
"""The totals beside the assessed indicators."""
PLACES: Final = 8
"""So many parks of a long ranking are shown."""


@dataclass(frozen=True)
class Readable:
    """The projects that somebody may read, and of them those that they see in full; nobody in particular: no secret."""

    all: ProjectQuerySet
    in_full: ProjectQuerySet

    @classmethod
    def by(cls, user: User) -> "Readable":
        """What a person may read."""
        visible = Project.objects.visible_to(user)
        return cls(visible, visible.open_to(user))

    @classmethod
    def on_wall(cls, park: Park, levels: Sequence[str]) -> "Readable":
        """What a wall of a park may show: its projects of those levels of confidentiality."""
        shown = Project.objects.filter(park=park, confidentiality__in=levels)
        return cls(shown, shown)


@dataclass(frozen=True)
class Overview:
    """A scorecard, its lines by code with their parts, and the lines of its group; `latest`: no later one is there.

    `peers` are the completions that were frozen with it, by indicator, of what was handed in.
    """

    scorecard: Scorecard
    park: Park
    period: Period
    lines: Mapping[str, ScorecardLine]
    ranked: Sequence[ScorecardLine]
    latest: bool = True
    peers: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def among(self) -> str:
        """Who is compared: the whole city, or the group of the park."""
        return _("同组") if self.park.group else _("全市")

    @property
    def rows(self) -> list[Row]:
        """The listed lines, written."""
        return [self.row(line) for line in self.lines.values() if line.listed]

    def row(self, line: ScorecardLine) -> Row:
        """A line, written; what was handed in opens the rows that were frozen with it."""
        return row_of(line, self.park, self.period, self.scorecard.frozen_revision)

    def opens(self, indicator: Indicator, **part: str | list[str]) -> str:
        """Where the rows of a figure or its part are read: as they were frozen, or as the ledger is now."""
        return members.rows_url(indicator, self.park, self.period, self.scorecard.frozen_revision, **part)

    def parts(self, code: str, dimension: str) -> list[ScorecardSlice]:
        """The parts of a figure by chain, stage or month."""
        line = self.lines.get(code)
        return [part for part in line.parts if part.dimension == dimension] if line else []

    def results(self) -> dict[str, Any]:
        """What is read from compiled lines alone: headline, assessed indicators, places, totals, monitored ones."""
        rows = self.rows
        assessed = [row for row in rows if row.indicator.is_assessed]
        by_code = {row.indicator.code: row for row in rows}
        told = {line.time_progress for line in self.lines.values()}
        pace = progress_told(told, self.period.month, quarterly=self.park.region.paces_quarterly)
        return {
            "headline": self.scorecard.headline or headline(rows),
            "lights": _lights(assessed),
            "assessed": assessed,
            "heroes": [self._hero(row) for row in assessed if row.indicator.pinned][:2],
            "tiles": [(by_code[code], self._note(code)) for code in TILES if code in by_code],
            "monitored": [row for row in rows if not row.indicator.is_assessed],
            "ranks": self._ranks(assessed),
            "among": self.among,
            "pace": pace,
            "pace_text": write_percent(pace),
            "pace_label": _("序时%(n)s%%") % {"n": write_percent(pace).removesuffix(".0")},
            "period": self.period,
            "title": self.period.in_words("full"),
        }

    def _note(self, code: str) -> str:
        """Which chain holds the most of a total: “其中电子信息52.4亿元”."""
        parts = [part for part in self.parts(code, "chain") if part.key]
        if not parts:
            return ""
        top, line = max(parts, key=lambda part: part.actual), self.lines[code]
        written = write_value(line.indicator, top.actual, top.inexact)
        said = {"chain": top.name, "amount": written, "unit": line.indicator.display_unit}
        return _("其中%(chain)s%(amount)s%(unit)s") % said

    def _ranks(self, assessed: Sequence[Row]) -> list[dict[str, Any]]:
        """The parks of the group by their place for the first assessed indicator that has places."""
        chosen = next((row for row in assessed if row.line.rank), None)
        if chosen is None:
            return []
        places = [(self.park, chosen)] + [
            (line.scorecard.park, row_of(line, line.scorecard.park, self.period, line.scorecard.frozen_revision))
            for line in self._others(chosen)
        ]
        ranks = ranks_of([row.line for _park, row in places])
        places.sort(key=lambda place: (ranks.get(place[1].line.pk) or 0, place[0].code))
        own = next(number for number, (park, _row) in enumerate(places) if park == self.park)
        return [
            {"row": row, "park": park, "own": park == self.park, "rank": ranks.get(row.line.pk)}
            for park, row in _around(places, own)
        ]

    def _others(self, row: Row) -> list[ScorecardLine]:
        """The same indicator's lines of the other parks of the group."""
        return [
            line
            for line in self.ranked
            if line.rank and line.indicator_id == row.indicator.pk and line.scorecard.park_id != self.park.pk
        ]

    def _hero(self, row: Row) -> dict[str, Any]:
        state = row.state
        return {
            "label": row.indicator.brief,
            "value": row.actual,
            "unit": row.unit,
            "url": row.url,
            "target": _("年度目标%(target)s%(unit)s") % {"target": row.target, "unit": row.unit}
            if state.target
            else "",
            "excess": row.verdict,
            "rate": row.completion if state.completion is not None else "",
            "rank": "；".join(filter(None, (self._place(row), self._left(row)))),
            "completion": state.completion,
            "pace": state.time_progress,
            "light": row.line.light,
            "bar_label": row.bar_label,
            "sample": row.is_sample,
        }

    def _place(self, row: Row) -> str:
        """The rank and the gap to the one before, for the first the lead: “全市第1位，领先25.0个百分点”.

        Of what was handed in among those it was ranked with then; of a draft among those that are shown beside it.
        """
        if row.line.rank is None:
            return ""
        done, mine = self._completions(row), row.state.completion or Fraction(0)
        tied, rank = mine in done, 1 + sum(value > mine for value in done) if done else row.line.rank
        said = {"where": self.among, "n": rank}
        place = (_("%(where)s并列第%(n)s位") if tied else _("%(where)s第%(n)s位")) % said
        behind = max((value for value in done if value < mine), default=None)
        before = min((value for value in done if value > mine), default=None)
        if before is not None:
            return _("%(place)s，与前一位差%(gap)s个百分点") % {"place": place, "gap": write_distance(before - mine)}
        if behind is None or tied:
            return place
        return _("%(place)s，领先%(gap)s个百分点") % {"place": place, "gap": write_distance(mine - behind)}

    def _completions(self, row: Row) -> list[Fraction]:
        """How far the other parks of the group are, those that have a place."""
        if self.scorecard.frozen_revision:
            others = (peer for peer in self.peers.get(row.indicator.code, []) if peer["park"] != self.park.code)
            return [Fraction(peer["numerator"], peer["denominator"]) for peer in others]
        return [value for line in self._others(row) if (value := standing(line).completion) is not None]

    def _left(self, row: Row) -> str:
        """What each of the remaining months must bring: “余下3个月，月均需2个”; empty where nothing is left."""
        months = 12 - self.period.month
        each = row.each_month(months)
        if each is None:
            return ""
        amount = f"{write_value(row.indicator, each, strip=True)}{row.unit}"
        return _("余下%(months)s个月，月均需%(amount)s") % {"months": months, "amount": amount}


def _around(places: list[tuple[Park, Row]], own: int) -> list[tuple[Park, Row]]:
    """A long ranking cut to its first places and the own one with the one before it."""
    if len(places) <= PLACES or own < PLACES:
        return places[:PLACES]
    return [*places[: PLACES - 2], *places[own - 1 : own + 1]]


def _lights(assessed: Sequence[Row]) -> list[tuple[str, int]]:
    """How many assessed lines carry each lamp, worst last: [("green", 2)]."""
    lights = [row.line.light for row in assessed]
    return [(light, lights.count(light)) for light in ("green", "amber", "red", "none") if light in lights]


def overview_of(scorecard: Scorecard, *, latest: bool = True) -> Overview:
    """Read a scorecard with its parts, and the lines of the parks of its group that it is ranked with."""
    park, period = scorecard.park, Period.parse(scorecard.period)
    lines = scorecard.lines.select_related("indicator").prefetch_related(Prefetch("slices"))
    rivals = Scorecard.objects.current().filter(
        period=scorecard.period, park__region=park.region_id, park__group=park.group
    )
    ranked = ScorecardLine.objects.filter(scorecard__in=rivals, rank__isnull=False)
    read = ranked.select_related("indicator", "scorecard__park__region").defer("scorecard__submitted_content")
    others = list(read.prefetch_related("slices"))
    peers = content_now(scorecard)["peers"] if scorecard.frozen_revision else {}
    return Overview(scorecard, park, period, {line.indicator.code: line for line in lines}, others, latest, peers)
