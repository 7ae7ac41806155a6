"""The split of a park's target: who answers for how much, whether it adds up, and how far each has come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Park, User
from parkportal.trace import Actor, StaleVersion
from parkportal.writing import write_percent
from reports.groups import WHOLE, add_up, amounts
from reports.members import list_url
from reports.models import Scorecard, Target, TargetPart
from reports.periods import BadPeriod, Period
from reports.progress import Standing, members_query
from reports.sources import SOURCES, source_of
from reports.targets.amounts import PARTS, say_amount
from reports.words import write_value

FILTERED: Final = {TargetPart.Kind.CHAIN: "chain", TargetPart.Kind.OWNER: "owner"}
"""Kinds for which the list behind the figure has a filter of its own."""


@dataclass(frozen=True)
class PartWanted:
    """One row of the split as somebody wants it; `part` None for a new one, `gone` takes it back."""

    part: TargetPart | None
    version: int
    values: dict[str, Any]
    gone: bool = False


class StaleParts(Exception):
    """Somebody changed rows of the split first; nothing was written."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


def parts_save(*, by: Actor, target: Target, park: Park, wanted: Iterable[PartWanted]) -> int:
    """Write the rows of a split in one transaction; StaleParts where one changed meanwhile. Says how many changed."""
    lost = []
    with trace.changes(by=by) as ledger:
        for one in wanted:
            try:
                if one.part is None:
                    code = trace.next_code(park, "k", target.year)
                    ledger.create(TargetPart(target=target, code=code, **one.values))
                elif one.gone:
                    ledger.withdraw(one.part, one.version)
                else:
                    ledger.update(one.part, one.values, one.version)
            except StaleVersion as stale:
                lost.append(trace.code_of(stale.current))
        if lost:
            raise StaleParts(lost)
        return len(ledger.entries)


def adds_up(target: Target) -> bool:
    """Whether the parts of a target sum to it; rates and durations do not."""
    return target.indicator.display_unit not in PARTS


def sum_warnings(target: Target, parts: Iterable[TargetPart]) -> list[str]:
    """For each kind of holder whose parts do not add up to the target, a sentence that says by how much."""
    if not adds_up(target):
        return []
    sums: dict[str, int] = {}
    for part in parts:
        sums[part.kind] = sums.get(part.kind, 0) + part.amount
    return [_difference(target, kind, total) for kind, total in sums.items() if total != target.annual]


def _difference(target: Target, kind: str, total: int) -> str:
    indicator = target.indicator
    less = total < target.annual
    sentence = (
        _("分解到%(kind)s的合计%(total)s，比目标%(annual)s少%(gap)s。")
        if less
        else _("分解到%(kind)s的合计%(total)s，比目标%(annual)s多%(gap)s。")
    )
    said = {"kind": TargetPart.Kind(kind).label, "total": say_amount(indicator, total)}
    said |= {"annual": say_amount(indicator, target.annual), "gap": say_amount(indicator, abs(total - target.annual))}
    return sentence % said


def period_of(target: Target, today: date) -> Period:
    """Up to when progress is told: the newest scorecard of the year, else the running month, else December."""
    of_year = Scorecard.objects.filter(park=target.park_id, period__startswith=f"{target.year}-")
    for period in of_year.order_by("-period").values_list("period", flat=True):
        try:
            return Period.parse(period)
        except BadPeriod:
            continue
    return min(Period(target.year, 12), max(Period.of(today), Period(target.year, 1)))


@dataclass(frozen=True)
class Share:
    """One row of the split, written, with its progress where the ledger tells it; texts are “—” where it does not."""

    part: TargetPart
    amount: str
    first_talk: str
    landing: str
    actual: str
    completion: str
    ratio: Fraction | None
    url: str


def shares(user: User, target: Target, period: Period) -> list[Share]:
    """The split of a target as the reader may see it, by kind."""
    rows = TargetPart.objects.visible_to(user).kept().filter(target=target)
    order = list(TargetPart.Kind)
    found = sorted(rows.select_related("chain", "owner"), key=lambda p: (order.index(TargetPart.Kind(p.kind)), p.code))
    return [_share(user, target, part, period) for part in found]


def _share(user: User, target: Target, part: TargetPart, period: Period) -> Share:
    indicator = target.indicator
    actual, inexact, url = _progress(user, target, part, period)
    ratio = Standing(indicator, actual, Fraction(part.amount, target.denominator)).completion
    return Share(
        part=part,
        amount=say_amount(indicator, part.amount),
        first_talk=_portion(target, part.amount, part.first_talk_bp),
        landing=_portion(target, part.amount, None if part.first_talk_bp is None else WHOLE - part.first_talk_bp),
        actual=f"{write_value(indicator, actual, inexact)}{indicator.display_unit}" if actual is not None else "—",
        completion=f"{write_percent(ratio, thresholds=[Fraction(1)])}%" if ratio is not None else "—",
        ratio=ratio,
        url=url,
    )


def _portion(target: Target, amount: int, bp: int | None) -> str:
    """“30%，1.2个”: a part of a part; “—” where 首谈 and 落地 are not told apart."""
    if bp is None:
        return "—"
    value = Fraction(amount * bp, target.denominator * WHOLE)
    said = write_value(target.indicator, value, strip=True)
    return _("%(percent)s%%，%(value)s%(unit)s") % {
        "percent": write_percent(Fraction(bp, WHOLE)).removesuffix(".0"),
        "value": said,
        "unit": target.indicator.display_unit,
    }


def _progress(user: User, target: Target, part: TargetPart, period: Period) -> tuple[Fraction | None, str, str]:
    """What a chain or person has brought by the end of the period, how exact that is, and the list of it.

    Nothing for other holders.
    """
    indicator, park = target.indicator, target.park
    key = FILTERED.get(TargetPart.Kind(part.kind))
    if key is None or park is None or indicator.source not in SOURCES or key in QueryDict(indicator.filter):
        return None, "", ""
    source = source_of(indicator)
    if key not in source.filterset.base_filters:
        return None, "", ""
    holder = part.chain.code if part.chain else part.owner.username if part.owner else ""
    query = members_query(indicator, park, period, **{key: holder})
    rows = source.model.objects.visible_to(user).kept()
    chosen = source.filterset(QueryDict(query), queryset=rows, request=SimpleNamespace(user=user)).qs
    value, inexact = add_up(indicator.measure, amounts(indicator, chosen, park))
    return value, inexact, list_url(indicator, park, period, **{key: holder})
