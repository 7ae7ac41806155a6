"""部门反馈数: what another authority confirmed of a park, entered in the browser, held beside the ledger's figure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Park
from parkportal.roles import May
from parkportal.trace import Actor, Diff
from parkportal.writing import MOST_COUNT, Unreadable, write_number
from reports.members import rows_url
from reports.models import Indicator, ReportedFigure, Scorecard, ScorecardLine
from reports.periods import Period
from reports.targets import denominator_of, read_amount, write_amount
from reports.targets.amounts import ALL_DECIMALS, gap_of, in_display_unit
from reports.words import write_value


def demand(by: Actor, park: Park, what: May) -> None:
    """Raise PermissionDenied for somebody whose role does not grant it, or not for this park."""
    if by.user is None:
        return
    if not by.user.may(what) or not Park.objects.visible_to(by.user).filter(pk=park.pk).exists():
        raise PermissionDenied(_("你不能为%(park)s%(what)s。") % {"park": park, "what": what.label})


def read_reported(indicator: Indicator, text: str) -> tuple[int, int]:
    """A figure as a stored pair: typed in the display unit, a rate also as “17/18”; Unreadable for anything else."""
    found = re.fullmatch(r"\s*([0-9]{1,9})\s*[/／]\s*([0-9]{1,9})\s*", text) if indicator.display_unit == "%" else None
    if found is None:
        return read_amount(indicator, text, _("反馈数")), denominator_of(indicator)
    above, below = int(found[1]), int(found[2])
    if not 0 < below <= MOST_COUNT:
        raise Unreadable(_("“%(text)s”的分母应大于0，请写成“17/18”这样") % {"text": text.strip()})
    return above, below


def write_reported(figure: ReportedFigure) -> str:
    """A stored figure as it can be typed again; empty for none."""
    if figure.numerator is None:
        return ""
    if figure.denominator == denominator_of(figure.indicator):
        return write_amount(figure.indicator, figure.numerator)
    return f"{figure.numerator}/{figure.denominator}"


def figure_enter(
    *, by: Actor, park: Park, indicator: Indicator, period: str, values: Mapping[str, Any]
) -> ReportedFigure:
    """Enter what an authority confirmed; ValidationError where it is there already. A withdrawn one is taken up again.

    PermissionDenied for somebody who does not compile for the park.
    """
    demand(by, park, May.COMPILE)
    identity: dict[str, Any] = {"park": park, "indicator": indicator, "period": period}
    with trace.changes(by=by) as ledger:
        there = ReportedFigure.objects.select_for_update(of=("self",)).filter(**identity).first()
        if there is None:
            return ledger.create(ReportedFigure(**identity, **values))
        if there.deleted_at is None:
            raise ValidationError({"indicator": taken(there)})
        ledger.update(there, {**values, "deleted_at": None, "deleted_by": None})
        return there


def taken(figure: ReportedFigure) -> str:
    """Why a second one is refused."""
    words = {"indicator": figure.indicator, "period": Period.parse(figure.period).in_words("full")}
    return _("“%(indicator)s”%(period)s已经登记过反馈数，请到清单里修改。") % words


def figure_change(*, by: Actor, figure: ReportedFigure, version: int, values: Mapping[str, Any]) -> Diff:
    """Change a confirmed figure; park, indicator and period stay. StaleVersion where somebody was first."""
    demand(by, figure.park, May.COMPILE)
    with trace.changes(by=by) as ledger:
        return ledger.update(figure, values, version)


def figure_withdraw(*, by: Actor, figure: ReportedFigure, version: int) -> Diff:
    """Take a confirmed figure back; StaleVersion where somebody changed it meanwhile."""
    demand(by, figure.park, May.COMPILE)
    with trace.changes(by=by) as ledger:
        return ledger.withdraw(figure, version)


@dataclass(frozen=True)
class Beside:
    """A confirmed figure beside the ledger's of the same period, in words; `gap` is None where one is unknown."""

    figure: ReportedFigure
    reported: str
    ledger: str
    url: str
    gap: Fraction | None

    @property
    def period(self) -> str:
        """The months that it is of."""
        return Period.parse(self.figure.period).in_words("full")

    @property
    def gap_text(self) -> str:
        """“一致”, “部门多2个”, “部门少0.01亿元”, “部门少4.5个百分点”; “—” where there is nothing to compare.

        Whole amounts are not rounded: what differs is never written as 0.
        """
        if self.gap is None:
            return "—"
        if not self.gap:
            return _("一致")
        amount = write_gap(self.figure.indicator, abs(self.gap))
        return (_("部门多%(amount)s") if self.gap > 0 else _("部门少%(amount)s")) % {"amount": amount}


def write_gap(indicator: Indicator, gap: Fraction) -> str:
    """A difference with its unit, to the last yuan; rates differ by points, to the hundredth."""
    if indicator.display_unit == "%":
        return _("%(n)s个百分点") % {"n": write_number(gap * 100, 2, strip=True)}
    return f"{write_number(in_display_unit(indicator, gap), ALL_DECIMALS, strip=True)}{indicator.display_unit}"


def beside(figures: Iterable[ReportedFigure]) -> list[Beside]:
    """Each confirmed figure with the figure of the park's current scorecard, published or draft, in one query."""
    found = list(figures)
    lines = ScorecardLine.objects.filter(
        scorecard__in=Scorecard.objects.current(),
        scorecard__park__in={figure.park_id for figure in found},
        scorecard__period__in={figure.period for figure in found},
        indicator__in={figure.indicator_id for figure in found},
    ).select_related("scorecard")
    known = {(line.scorecard.park_id, line.scorecard.period, line.indicator_id): line for line in lines}
    return [_beside(one, known.get((one.park_id, one.period, one.indicator_id))) for one in found]


def _beside(figure: ReportedFigure, line: ScorecardLine | None) -> Beside:
    own = line.actual if line and figure.indicator.source != "reported" else None
    return Beside(
        figure=figure,
        reported=write_value(figure.indicator, figure.value),
        ledger=write_value(figure.indicator, own),
        url=_url(figure, line) if line and own is not None else "",
        gap=None if own is None or figure.value is None else gap_of(figure.indicator, figure.value, own),
    )


def _url(figure: ReportedFigure, line: ScorecardLine) -> str:
    """The list behind the ledger's figure: the frozen one of what is published."""
    period = Period.parse(figure.period)
    return rows_url(figure.indicator, figure.park, period, line.scorecard.frozen_revision)
