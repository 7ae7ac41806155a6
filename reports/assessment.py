"""考核: the points of every park of a region in a period, from its compiled scorecards, and what is given by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from parkportal import trace
from parkportal.models import Park, Region
from parkportal.trace import Actor, Diff, StaleVersion
from reports.models import AssessmentMark, AssessmentRule, Indicator, Scorecard, ScorecardLine
from reports.periods import Period
from reports.progress import standing
from reports.scoring import Item, Score, Total, lead_points, places, score, total
from reports.targets.amounts import in_display_unit

HUNDRED = 100


@dataclass(frozen=True)
class Supposed:
    """What a what-if changes, without saving: weights and caps by rule, and one park's result by rule."""

    weights: Mapping[str, Fraction]
    caps: Mapping[str, Fraction]
    actuals: Mapping[tuple[str, str], Fraction]


NOTHING_SUPPOSED = Supposed({}, {}, {})


@dataclass(frozen=True)
class Row:
    """One park: its score under each rule, its sum and its place in the group."""

    park: Park
    scores: list[tuple[AssessmentRule, Score, Score | None]]
    total: Total
    place: int


def rule_of(rule: AssessmentRule, supposed: Supposed = NOTHING_SUPPOSED) -> dict[str, Any]:
    """The numbers of a rule as exact points and ratios."""
    return {
        "weight": supposed.weights.get(rule.code, Fraction(rule.weight, HUNDRED)),
        "cap": supposed.caps.get(rule.code, Fraction(rule.cap, HUNDRED)),
        "step": Fraction(rule.step, HUNDRED),
        "tiers": [(Fraction(start), Fraction(each, HUNDRED)) for start, each in rule.tiers],
    }


def boards(region: Region, period: Period, supposed: Supposed = NOTHING_SUPPOSED) -> dict[str, list[Row]]:
    """The ranked parks of a region by group; parks are compared only within theirs."""
    rules = list(AssessmentRule.objects.kept().filter(region=region, year=period.year).select_related("indicator"))
    parks = list(Park.objects.filter(region=region).order_by("code"))
    lines = _lines(region, period, rules)
    marks = _marks(region, period)
    groups: dict[str, list[Park]] = {}
    for park in parks:
        groups.setdefault(park.group, []).append(park)
    return {name: _board(members, rules, lines, marks, supposed) for name, members in sorted(groups.items())}


def _lines(
    region: Region, period: Period, rules: Sequence[AssessmentRule]
) -> dict[tuple[int, int | None], ScorecardLine]:
    """The line of each park and indicator on the park's scorecard of the period: what is published, else the draft."""
    cards = Scorecard.objects.current().filter(park__region=region, period=str(period))
    wanted = {rule.indicator_id for rule in rules}
    found = ScorecardLine.objects.filter(scorecard__in=cards, indicator__in=wanted)
    return {
        (line.scorecard.park_id, line.indicator_id): line for line in found.select_related("scorecard", "indicator")
    }


def _marks(region: Region, period: Period) -> dict[tuple[int, int | None], AssessmentMark]:
    rows = AssessmentMark.objects.filter(park__region=region, period=str(period), deleted_at__isnull=True)
    return {(row.park_id, row.rule_id): row for row in rows}


def _board(
    parks: Sequence[Park],
    rules: Sequence[AssessmentRule],
    lines: Mapping[tuple[int, int | None], ScorecardLine],
    marks: Mapping[tuple[int, int | None], AssessmentMark],
    supposed: Supposed,
) -> list[Row]:
    items = {(p.pk, r.pk): _item(p, r, lines, marks, supposed) for p in parks for r in rules}
    rows = []
    for park in parks:
        scores = []
        for rule in rules:
            everyone = [known for p in parks if (known := items[p.pk, rule.pk].actual) is not None]
            made = score(rule.kind, rule_of(rule, supposed), items[park.pk, rule.pk], everyone)
            scores.append((rule, made, _lead(lines.get((park.pk, rule.indicator_id)))))
        veto = marks.get((park.pk, None))
        rows.append(Row(park, scores, total([one for _rule, one, _lead in scores], veto.reason if veto else ""), 0))
    ties = {row.park.code: _ties(row.park, rules, items) for row in rows}
    at = places({row.park.code: row.total for row in rows}, ties)
    return sorted((replace(row, place=at[row.park.code]) for row in rows), key=lambda row: (row.place, row.park.code))


def _item(
    park: Park,
    rule: AssessmentRule,
    lines: Mapping[tuple[int, int | None], ScorecardLine],
    marks: Mapping[tuple[int, int | None], AssessmentMark],
    supposed: Supposed,
) -> Item:
    """What a park brings to a rule."""
    line, mark = lines.get((park.pk, rule.indicator_id)), marks.get((park.pk, rule.pk))
    reached, asked = (_shown(line, value) for value in ((line.actual, line.target) if line else (None, None)))
    actual = supposed.actuals.get((park.code, rule.code), reached)
    given = Fraction(mark.points, HUNDRED) if mark and mark.points is not None else None
    less = rule.indicator is not None and rule.indicator.direction == Indicator.Direction.LESS
    return Item(actual, asked, given, mark.reason if mark else "", less)


def _shown(line: ScorecardLine | None, value: Fraction | None) -> Fraction | None:
    """A figure in the unit that rules are written in, which is the printed one."""
    return None if line is None or value is None else in_display_unit(line.indicator, value)


def _lead(line: ScorecardLine | None) -> Score | None:
    """How far a park is before or behind its pace; nothing where there is none."""
    state = standing(line) if line else None
    if state is None or state.completion is None or state.time_progress is None:
        return None
    return lead_points(state.completion, state.time_progress)


def _ties(park: Park, rules: Sequence[AssessmentRule], items: Mapping[tuple[int, int], Item]) -> tuple[Fraction, ...]:
    """What parts equal sums: 完成率, then 总量, of each measured rule in its order."""
    found: list[Fraction] = []
    for rule in rules:
        item = items[park.pk, rule.pk]
        if rule.indicator_id:
            actual, target = item.actual or Fraction(0), item.target or Fraction(0)
            above, below = (target, actual) if item.less else (actual, target)
            found += [above / below if below else Fraction(0), -actual if item.less else actual]
    return tuple(found)


def rule_create(*, by: Actor, values: Mapping[str, Any]) -> AssessmentRule:
    """Add a rule to a region's year."""
    rule = AssessmentRule(**values)
    with trace.changes(by=by) as ledger:
        rule.code = f"{rule.region.code}-s{rule.year}-{trace.next_number('rule', year=rule.year):03d}"
        return ledger.create(rule)


def rule_update(*, by: Actor, rule: AssessmentRule, version: int, values: Mapping[str, Any]) -> Diff:
    """Change a rule; StaleVersion where somebody was first."""
    with trace.changes(by=by) as ledger:
        return ledger.update(rule, values, version)


def rule_withdraw(*, by: Actor, rule: AssessmentRule, version: int) -> Diff:
    """Take a rule back; StaleVersion where somebody changed it meanwhile."""
    with trace.changes(by=by) as ledger:
        return ledger.withdraw(rule, version)


def mark_of(park: Park, period: str, rule: AssessmentRule | None) -> AssessmentMark | None:
    """What was given by hand to a park in a period under a rule, or its veto."""
    return AssessmentMark.objects.filter(park=park, period=period, rule=rule, deleted_at__isnull=True).first()


def mark_set(
    *, by: Actor, park: Park, period: str, rule: AssessmentRule | None, version: int, values: Mapping[str, Any] | None
) -> None:
    """Give, change or (without values) take back a mark; StaleVersion where somebody was first."""
    mark = mark_of(park, period, rule)
    with trace.changes(by=by) as ledger:
        if mark is None:
            if values is not None:
                code = trace.next_code(park, "v", Period.parse(period).year)
                ledger.create(AssessmentMark(code=code, park=park, period=period, rule=rule, **values))
        elif version == 0:
            raise StaleVersion(mark)
        elif values is None:
            ledger.withdraw(mark, version)
        else:
            ledger.update(mark, values, version)
