"""What was published, read back: lines and parts as the pages know them, and whether all of it follows from its rows.

Pure: everything comes from the content (freezing.content_of), nothing from tables.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from parkportal.models import Park, Region
from reports import progress
from reports.groups import NEVER, Group, add_up
from reports.models import Indicator, Scorecard, ScorecardLine, ScorecardSlice
from reports.periods import Period
from reports.progress import Standing
from reports.sources import REPORTED
from reports.tallies import Tally

Content = Mapping[str, Any]


def park_of(content: Content) -> Park:
    """The park as it was named then; not to be saved."""
    values = dict(content["park"])
    return Park(**values | {"region": Region(**values["region"])})


def lines_of(content: Content, scorecard: Scorecard | None = None) -> list[ScorecardLine]:
    """The lines in the order of 附件1, each with its indicator and parts as they were; not to be saved."""
    lines = [_line(entry, scorecard) for entry in content["lines"]]
    known = {line.indicator.code: line.indicator for line in lines}
    for entry in (entry["indicator"] for entry in content["lines"]):
        for side in _SIDES:
            setattr(known[entry["code"]], side, known.get(entry.get(side)))
    return sorted(lines, key=lambda line: (line.indicator.order, line.indicator.code))


def _line(entry: Mapping[str, Any], scorecard: Scorecard | None) -> ScorecardLine:
    plain = {name: value for name, value in entry["indicator"].items() if name not in {"numerator", "denominator"}}
    indicator = Indicator(**plain)
    line = ScorecardLine(scorecard=scorecard, indicator=indicator, listed=indicator.listed, **entry["values"])
    line.frozen_parts = [ScorecardSlice(**part) for part in entry["parts"]]
    return line


def groups_of(content: Content, indicator: str) -> list[Group]:
    """The rows behind a figure, as the compiler adds them up."""
    return [_group(member) for member in content["members"].get(indicator, [])]


def _group(member: Mapping[str, Any]) -> Group:
    named = {name: member[name] for name in ("numerator", "denominator", "bp", "inexact", "chain", "stage")}
    months: dict[str, Any] = {name: Period.parse(member[name]).ordinal for name in ("entered", "booked")}
    return Group(park=0, left=NEVER, key=member["key"] or None, row=member["code"], **months, **named)


def problems(content: Content) -> Iterator[str]:
    """What does not follow: figures and parts from their rows, pace, lamp and place from target, rule and peers."""
    period = Period.parse(content["period"])
    ratios = {entry["indicator"]["code"]: entry["indicator"] for entry in content["lines"]}
    lines = {line.indicator.code: line for line in lines_of(content)}
    for code, line in lines.items():
        wrong = [
            *_wrong_actual(content, line, ratios[code], lines),
            *_wrong_parts(content, line, period),
            *_wrong_standing(line, period),
            *_wrong_rank(content, line),
        ]
        yield from (f"{line.indicator.name}：{sentence}" for sentence in wrong)


def _wrong_actual(
    content: Content, line: ScorecardLine, stored: Mapping[str, Any], lines: Mapping[str, ScorecardLine]
) -> Iterator[str]:
    indicator = line.indicator
    if indicator.source == REPORTED:
        return
    if indicator.measure == Indicator.Measure.RATIO:
        above, below = (lines[stored[side]].actual if stored[side] in lines else None for side in _SIDES)
        found, inexact = (above / below if above is not None and below else None), ""
    else:
        found, inexact = add_up(indicator.measure, groups_of(content, indicator.code))
    if (found, inexact) != (line.actual, line.inexact):
        yield _("累计数%(stated)s与构成得出的%(found)s不一致") % {"stated": line.actual, "found": found}


_SIDES = ("numerator", "denominator")


def _wrong_parts(content: Content, line: ScorecardLine, period: Period) -> Iterator[str]:
    if line.indicator.measure == Indicator.Measure.RATIO or line.indicator.source == REPORTED:
        return
    found = Tally(line.indicator, groups_of(content, line.indicator.code)).parts(period)
    made = {(p.dimension, p.key, p.amount.value or Fraction(0), p.amount.inexact) for p in found}
    stated = {(part.dimension, part.key, part.actual, part.inexact) for part in line.parts}
    if made != stated:
        yield _("分项与构成不一致")


def _wrong_standing(line: ScorecardLine, period: Period) -> Iterator[str]:
    if line.target is not None and line.time_progress is not None and line.pace != line.target * line.time_progress:
        yield _("序时目标与年度目标不一致")
    state = Standing(line.indicator, line.actual, line.target, line.pace, line.time_progress)
    backed = bool(line.target_document and line.target_authority)
    lamp = progress.light(state, period.month) if backed else ScorecardLine.Light.NONE
    if lamp != line.light:
        yield _("灯与完成率不一致")


def _wrong_rank(content: Content, line: ScorecardLine) -> Iterator[str]:
    peers = content["peers"].get(line.indicator.code)
    if not peers:
        return
    done = {number: Fraction(peer["numerator"], peer["denominator"]) for number, peer in enumerate(peers)}
    places = progress.ranks(done)
    own = next((places[number] for number, peer in enumerate(peers) if peer["park"] == content["park"]["code"]), None)
    if (own, len(peers)) != (line.rank, line.ranked):
        yield _("位次与各园区完成率不一致")
