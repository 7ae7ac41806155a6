"""The compiled lines of all parks of a region in one period, and what a reader may open of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import QuerySet, prefetch_related_objects

from parkportal.models import Park
from reports import members
from reports.models import Indicator, Scorecard, ScorecardLine
from reports.periods import BadPeriod, Period
from reports.words import write_value


@dataclass(frozen=True)
class Figures:
    """The listed lines of a period, one for each park and indicator; `visible` parks are those the reader may open."""

    period: Period
    lines: Sequence[ScorecardLine]
    visible: frozenset[int]
    own: Park | None

    @property
    def assessed(self) -> list[ScorecardLine]:
        """The lines that a city target judges."""
        return [line for line in self.lines if line.indicator.is_assessed]

    def by_key(self) -> Mapping[tuple[int, int], ScorecardLine]:
        """The lines by indicator and park."""
        return {(line.indicator_id, line.scorecard.park_id): line for line in self.lines}

    def url(self, line: ScorecardLine) -> str:
        """The list behind a figure; empty for parks whose rows the reader may not see."""
        card = line.scorecard
        if card.park_id not in self.visible:
            return ""
        return members.rows_url(line.indicator, card.park, self.period, card.frozen_revision)

    def has_several_regions(self) -> bool:
        """Whether parks of more than one region are compared."""
        return len({line.scorecard.park.region_id for line in self.lines}) > 1


def ranked_periods(parks: QuerySet[Park]) -> list[Period]:
    """The periods that have scorecards in the regions of these parks, latest first."""
    found = Scorecard.objects.filter(park__region__in=parks.values("region")).order_by("-period")
    return [period for text in found.values_list("period", flat=True).distinct() if (period := _read(text))]


def _read(text: str) -> Period | None:
    try:
        return Period.parse(text)
    except BadPeriod:
        return None


def figures_of(parks: QuerySet[Park], period: Period, own: Park | None) -> Figures:
    """Read a period for the regions of the parks that the reader sees: of each park its last word."""
    cards = Scorecard.objects.current().filter(period=str(period), park__region__in=parks.values("region"))
    lines = ScorecardLine.objects.filter(scorecard__in=cards, listed=True)
    read = lines.select_related("indicator", "scorecard__park__region").defer("scorecard__submitted_content")
    found = list(read.order_by("scorecard_id"))
    prefetch_related_objects([line for line in found if line.inexact or line.indicator.is_assessed], "slices")
    return Figures(period, found, frozenset(parks.values_list("pk", flat=True)), own)


def group_title(park: Park, *, several: bool) -> str:
    """“某市，第一组”: the parks that are compared with each other; empty where there is only one such set."""
    return "，".join(filter(None, [park.region.name if several else "", park.group]))


def change(indicator: Indicator, now: Fraction | None, before: Fraction | None) -> str:
    """The difference of two periods with its sign, written like the figures: “+5”, “−1.0”; “—” where one is unknown."""
    if now is None or before is None:
        return "—"
    sign = "+" if now > before else "−" if now < before else ""
    return sign + write_value(indicator, abs(now - before))
