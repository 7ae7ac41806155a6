"""A compiled line as people read it: every number written, with the address of the list behind it."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from django.urls import reverse
from django.utils.translation import gettext as _

from parkportal.models import Park
from parkportal.writing import write_money_with_unit, write_number, write_percent, write_points, write_signed
from reports import members
from reports.models import Indicator, Scorecard, ScorecardLine
from reports.periods import Period
from reports.progress import COUNTED_UNITS, Standing, standing, thresholds
from reports.targets.amounts import gap_of
from reports.words import shows, write_value


@dataclass(frozen=True)
class Row:
    """One line of a scorecard, written; texts are “—” where there is nothing to say."""

    line: ScorecardLine
    indicator: Indicator
    state: Standing
    actual: str
    url: str
    month: str
    month_url: str
    target: str
    completion: str
    pace: str
    ahead_pp: str
    excess: str
    previous: str
    yoy: str
    is_sample: bool

    @property
    def unit(self) -> str:
        """What the written numbers are in."""
        return self.indicator.display_unit

    @property
    def verdict(self) -> str:
        """“超额6个”, “欠2个”, “已完成”; empty without a target."""
        excess = self.state.excess
        if excess is None:
            return ""
        if excess == 0:
            return _("已完成")
        amount = f"{write_value(self.indicator, abs(excess), strip=True)}{self.unit}"
        return (_("超额%(amount)s") if excess > 0 else _("还差%(amount)s")) % {"amount": amount}

    @property
    def light_text(self) -> str:
        """The word for a lamp that is off although a target is set; empty where the lamp's own word serves."""
        dark = self.line.light == ScorecardLine.Light.NONE
        return _("暂不亮灯") if dark and self.state.target is not None else ""

    @property
    def rate(self) -> str:
        """The completion without its sign, for a column that is headed %."""
        return self.completion.removesuffix("%")

    @property
    def gap(self) -> Fraction | None:
        """By how much another authority's figure is more, in the indicator's unit; None where one is unknown."""
        own, confirmed = self.line.actual, self.line.reported
        return None if own is None or confirmed is None else gap_of(self.indicator, confirmed, own)

    @property
    def amount(self) -> str:
        """“104.9亿元”; what is too little for the unit in a smaller one, “300万元”."""
        if self.line.actual and self.unit == "亿元" and not shows(self.actual):
            return write_money_with_unit(self.line.actual)
        return f"{self.actual}{self.unit}"

    def each_month(self, months: int) -> Fraction | None:
        """What each of the months that are left must bring; None where nothing is missing, or less would be better.

        In whole units where figure and target are whole.
        """
        missing, less = self.state.excess, self.indicator.direction == Indicator.Direction.LESS
        if missing is None or missing >= 0 or not months or less:
            return None
        each = -missing / months
        whole = all(value is None or value.denominator == 1 for value in (self.line.actual, self.state.target))
        return Fraction(ceil(each)) if whole and self.indicator.unit in COUNTED_UNITS else each

    @property
    def remark(self) -> str:
        """What 附件1 says beside a line."""
        remarks = []
        if self.indicator.is_assessed and self.state.target is not None and self.state.time_progress is None:
            remarks.append(_("不设序时"))
        if self.line.inexact:
            remarks.append(_("含约数"))
        if self.gap:
            reported = write_value(self.indicator, self.line.reported)
            remarks.append(_("部门反馈数%(n)s") % {"n": reported})
        return "；".join(remarks)

    @property
    def context(self) -> str:
        """“当月6 · 同比+33.3%”: what stands under a monitored figure."""
        known = [_("当月%(n)s") % {"n": self.month}] if self.month != "—" else []
        if self.yoy != "—":
            known.append(_("同比%(n)s") % {"n": self.yoy})
        return " · ".join(known)

    @property
    def bar_label(self) -> str:
        """What the bar says to someone who cannot see it."""
        if self.state.completion is None:
            return _("未设目标")
        if self.state.time_progress is None:
            return _("完成率%(done)s，不设序时") % {"done": self.completion}
        pace = write_percent(self.state.time_progress)
        return _("完成率%(done)s，序时进度%(pace)s%%") % {"done": self.completion, "pace": pace}


def row_of(line: ScorecardLine, park: Park, period: Period, revision: int = 0) -> Row:
    """Write a line; with a revision its figures open the members that were frozen with it."""
    indicator, state = line.indicator, standing(line)
    percent = write_percent(state.completion, thresholds=thresholds(line))
    return Row(
        line=line,
        indicator=indicator,
        state=state,
        actual=write_value(indicator, line.actual, line.inexact),
        url=members.rows_url(indicator, park, period, revision),
        month=write_value(indicator, line.month, month_inexact(line, period)),
        month_url=_month_url(indicator, park, period, revision),
        target=write_value(indicator, line.target, strip=True),
        completion=f"{percent}%" if state.completion is not None else "—",
        pace=write_value(indicator, state.prorata_target, strip=True),
        ahead_pp=write_points(state.ahead_pp),
        excess=_signed(indicator, state.excess),
        previous=write_value(indicator, line.previous),
        yoy=_growth(state),
        is_sample=bool({indicator.code, "*"} & set(park.sample_fields)),
    )


def _month_url(indicator: Indicator, park: Park, period: Period, revision: int) -> str:
    """The rows of the month; of a year's closing 变动表, as what came and went since December is of any month."""
    if period.closing:
        query = f"?revision={revision}" if revision else ""
        return reverse("scorecard-changes", args=[park.code, str(period)]) + query
    if revision:
        return members.frozen_url(indicator, park, period, revision, month="own")
    return members.month_url(indicator, park, period)


def month_inexact(line: ScorecardLine, period: Period) -> str:
    """How exact the month's own result is: late rows make it inexact, other rows of earlier months do not."""
    if not line.inexact:
        return ""
    last = next((part for part in line.parts if part.dimension == "month" and part.key == str(period)), None)
    came, exact = (last.actual, last.inexact) if last else (Fraction(0), "")
    return exact if came == line.month else line.inexact


def _signed(indicator: Indicator, value: Fraction | None) -> str:
    """A difference in the display unit with its sign: “+6”, “−1.2”, “0”."""
    if value is None:
        return "—"
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + write_value(indicator, abs(value), strip=True)


def _growth(state: Standing) -> str:
    """“+21.6%”, “−6.5天”, “+1个”, or “—” without a base."""
    growth = state.yoy
    if growth is None:
        return "—"
    whole = growth.value.denominator == 1 and growth.unit not in {"%", "百分点"}
    return write_signed(growth.value, 0 if whole else 1) + growth.unit


def rows_of(scorecard: Scorecard, *, listed: bool = True) -> list[Row]:
    """The written lines of a scorecard in the order of 附件1."""
    period = Period.parse(scorecard.period)
    lines = scorecard.lines.select_related("indicator").filter(listed=listed)
    return [row_of(line, scorecard.park, period) for line in lines]


def headline(rows: list[Row]) -> str:
    """“市定考核指标2项，均超额完成；监测指标10项”: what the scorecard comes to, counted from its lines."""
    assessed = [row for row in rows if row.indicator.is_assessed]
    known = [row.state.excess for row in assessed if row.state.excess is not None]
    watched = _("监测指标%(n)s项") % {"n": len(rows) - len(assessed)}
    if not known:
        return _("市定考核指标%(n)s项，未设目标；%(rest)s") % {"n": len(assessed), "rest": watched}
    done = sum(value >= 0 for value in known)
    if done < len(known):
        said = _("已完成%(done)s项，未完成%(open)s项") % {"done": done, "open": len(known) - done}
    else:
        said = _("均超额完成") if min(known) > 0 else _("均已完成")
    return _("市定考核指标%(n)s项，%(said)s；%(rest)s") % {"n": len(assessed), "said": said, "rest": watched}


def share_of(value: Fraction, largest: Fraction) -> float:
    """How long a bar is beside the longest one, 0 to 1."""
    return float(value / largest) if largest else 0.0


def plain_number(value: Fraction | None) -> str:
    """A count without its unit."""
    return write_number(value, 0 if value is None or value.denominator == 1 else 1)
