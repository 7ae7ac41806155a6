"""报送日历: when each period of a park is due, how far its scorecard is, what is missing, and who moves next."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractMonth
from django.urls import reverse
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import Park, Region, User
from parkportal.roles import May
from parkportal.trace import Actor
from projects.filters import unproved
from projects.models import FundArrival, Project
from reports.models import Scorecard, Target
from reports.periods import BadPeriod, Period
from reports.services import months_of

OPEN: Final = (Project.ReviewState.DRAFT, Project.ReviewState.RETURNED)


def _of_next_month(period: Period, day: int | None) -> date | None:
    """A day of the month after a period, the last one where the month is shorter; None where no day is set."""
    if day is None or period.closing:
        return None
    first = Period.from_ordinal(period.ordinal + 1).month_start
    return first.replace(day=min(day, monthrange(first.year, first.month)[1]))


def cutoff_of(period: Period, region: Region) -> date | None:
    """The last day on which rows are entered for a period; it closes entry and bounds no date."""
    return _of_next_month(period, region.cutoff_day)


def publication_of(period: Period, region: Region) -> date | None:
    """The day on which the circular of a period is to be out."""
    return _of_next_month(period, region.publication_day)


def is_running(period: Period, region: Region, today: date) -> bool:
    """Whether rows are still entered for a period (进行中，未截止): until cut-off, or its end where none is set."""
    return not period.closing and today <= (cutoff_of(period, region) or period.end)


def is_provisional(card: Scorecard, today: date) -> bool:
    """Whether a scorecard is the draft of a period for which rows are still entered; `card` comes with its region."""
    draft = card.status == Scorecard.Status.DRAFT
    return draft and is_running(Period.parse(card.period), card.park.region, today)


@dataclass(frozen=True)
class Gap:
    """Rows that hold a period up: how many, what is wrong with them, and the list of them."""

    count: int
    text: str
    url: str


@dataclass(frozen=True)
class Stop:
    """One period of one park on a day; `card` is its scorecard, `has_target` whether one will be compiled."""

    park: Park
    period: Period
    today: date
    card: Scorecard | None
    has_target: bool
    gaps: Sequence[Gap] = field(default=())

    @property
    def months(self) -> str:
        """“1—9月”."""
        return self.period.in_words()

    @property
    def cutoff(self) -> date | None:
        """截止填报."""
        return cutoff_of(self.period, self.park.region)

    @property
    def publication(self) -> date | None:
        """通报."""
        return publication_of(self.period, self.park.region)

    @property
    def is_to_come(self) -> bool:
        """Whether its last month has not begun."""
        return self.today < self.period.month_start

    @property
    def is_running(self) -> bool:
        """Whether its last month has begun and rows are still entered."""
        return not self.is_to_come and is_running(self.period, self.park.region, self.today)

    @property
    def is_published(self) -> bool:
        """Whether it is out."""
        return self.card is not None and self.card.status == Scorecard.Status.PUBLISHED

    @property
    def is_open(self) -> bool:
        """Whether rows that are entered now will be in it: its last month has begun, and it is a draft or none yet."""
        draft = self.card is None or self.card.status == Scorecard.Status.DRAFT
        return draft and self.has_target and not self.is_to_come

    @property
    def is_late(self) -> bool:
        """Whether it should be out and is not."""
        return bool(self.publication and self.publication < self.today and self.has_target and not self.is_published)

    @property
    def state(self) -> str:
        """How far it is: 未开始, 编制中, 初稿, 送审稿, 定稿; 待补编 for one that was missed, 未设目标 for none."""
        if self.is_published or (self.card and self.card.status == Scorecard.Status.IN_REVIEW):
            return self.card.stage_name if self.card else ""
        if self.is_to_come:
            return _("未开始")
        if self.card is None:
            return _("待补编") if self.has_target else _("未设目标")
        return _("编制中") if self.is_running else self.card.stage_name

    @property
    def light(self) -> str:
        """The shape beside the state."""
        if self.is_late:
            return "red"
        if self.is_published:
            return "green"
        return "amber" if self.card is None and self.is_open else "none"

    @property
    def next_step(self) -> str:
        """Who does what next."""
        if self.is_published or self.is_to_come:
            return "—"
        if not self.has_target:
            return _("统计员设定%(year)s年目标") % {"year": self.period.year}
        if self.card is None:
            return _("不用操作，系统每10分钟检查一次，会自动补编")
        if self.card.status == Scorecard.Status.IN_REVIEW:
            who = {"who": self.card.submitted_by}
            return _("科室负责人或统计员定稿，不能是送审的%(who)s") % who
        if self.is_running:
            return _("经办人填报、提交，科室负责人审核")
        return _("经办人、科室负责人或统计员送审")


def stops_of(parks: Sequence[Park], year: int, today: date) -> dict[int, list[Stop]]:
    """By park, its periods of a year in order; `parks` come with their region. Months of no scorecard are left out."""
    cards: dict[tuple[int, str], Scorecard] = {}
    found = Scorecard.objects.current().filter(park__in=parks, period__startswith=f"{year}-")
    for card in found.select_related("submitted_by").defer("submitted_content").order_by("revision"):
        cards[card.park_id, card.period] = card
    targeted = _targeted(parks, year)
    return {
        park.pk: [
            Stop(park, period, today, cards.get((park.pk, str(period))), park.pk in targeted)
            for period in _periods_of(park, year, today, closing=_is_closing(cards, park, year, today))
        ]
        for park in parks
    }


def _is_closing(cards: Mapping[tuple[int, str], Scorecard], park: Park, year: int, today: date) -> bool:
    """Whether a year is being closed: December is out and the year is over."""
    december = cards.get((park.pk, str(Period(year, 12))))
    return year < today.year and december is not None and december.status == Scorecard.Status.PUBLISHED


def _periods_of(park: Park, year: int, today: date, *, closing: bool) -> list[Period]:
    months = months_of(park, max(today, date(year, 12, 31)))
    return [month for month in months if month.year == year] + ([Period.closing_of(year)] if closing else [])


def _targeted(parks: Sequence[Park], year: int) -> set[int]:
    """The parks of which the figures of a year are compiled: they or their region have a target."""
    regions = {park.region_id for park in parks}
    rows = Target.objects.in_force().filter(Q(park__in=parks) | Q(region__in=regions), year=year)
    places = list(rows.order_by().values_list("park", "region").distinct())
    own, shared = {park for park, _region in places}, {region for _park, region in places}
    return {park.pk for park in parks if park.pk in own or park.region_id in shared}


def with_gaps(user: User, stops: Iterable[Stop], park: Park, year: int) -> list[Stop]:
    """The periods with what each still lacks, as far as the reader sees it.

    What belongs to a month that left the draft is in the next one that is open, and so are months without their own.
    """
    missing, first, found = _missing(user, park, year), 1, []
    for stop in stops:
        gaps: list[Gap] = []
        if stop.is_open:
            gaps = _gaps(stop, missing, first)
            first = stop.period.month + 1
        found.append(replace(stop, gaps=gaps))
    return found


def _gaps(stop: Stop, missing: Mapping[str, Mapping[int, int]], first: int) -> list[Gap]:
    """What is missing of the months from `first` to the end of a period."""
    found = []
    since = {"after": date(stop.period.year, first, 1).isoformat(), "before": stop.period.end.isoformat()}
    for name, (text, page, basis, query) in _kinds().items():
        if count := sum(missing[name].get(month, 0) for month in range(first, stop.period.month + 1)):
            days = {f"{basis}_{end}": day for end, day in since.items()}
            address = urlencode({"park": stop.park.code, **query, **days}, doseq=True)
            found.append(Gap(count, text, f"{reverse(page)}?{address}"))
    return found


def _kinds() -> dict[str, tuple[str, str, str, dict[str, Any]]]:
    """What may be missing: in words, on which list, booked by which date, and the filter of the list."""
    projects, funds = ("project-list", "signed_on"), ("fund-arrival-list", "received_on")
    return {
        "open": (_("个签约项目未提交"), *projects, {"review_state": [state.value for state in OPEN]}),
        "submitted": (_("个签约项目待审核"), *projects, {"review_state": [Project.ReviewState.SUBMITTED.value]}),
        "unverified": (_("笔到位资金未核实"), *funds, {"verified": "false"}),
        "unproved": (_("笔到位资金缺凭证"), *funds, {"has_proof": "false"}),
    }


def _missing(user: User, park: Park, year: int) -> dict[str, dict[int, int]]:
    """By kind and month, how many rows of a year hold its figures up."""
    projects = Project.objects.visible_to(user).kept().of_park(park.code).filter(signed_on__year=year)
    funds = FundArrival.objects.visible_to(user).kept().filter(project__park=park, received_on__year=year)
    rows: dict[str, tuple[QuerySet[Any], str]] = {
        "open": (projects.filter(review_state__in=OPEN), "signed_on"),
        "submitted": (projects.filter(review_state=Project.ReviewState.SUBMITTED), "signed_on"),
        "unverified": (funds.filter(verified=False), "received_on"),
        "unproved": (funds.filter(unproved(), project__in=Project.objects.open_to(user)), "received_on"),
    }
    return {name: _by_month(*found) for name, found in rows.items()}


def _by_month(rows: QuerySet[Any], basis: str) -> dict[int, int]:
    months = rows.order_by().values_list(ExtractMonth(basis)).annotate(Count("pk"))
    return dict(months)


def years_of(parks: Sequence[Park], today: date) -> list[int]:
    """The years that can be looked at, newest first: from the first scorecards to the running one."""
    firsts = [_year(park.scorecards_from, today.year) for park in parks]
    return list(range(today.year, min([*firsts, today.year]) - 1, -1))


def usual_year(parks: Sequence[Park], today: date) -> int:
    """The running year, or the last one that has scorecards where they have ended."""
    lasts = [_year(park.scorecards_until, today.year) for park in parks if park.scorecards_from]
    return min(today.year, max(lasts, default=today.year))


def _year(month: str, otherwise: int) -> int:
    """The year of a month as it is stored; another where none can be read."""
    try:
        return Period.parse(month).year
    except BadPeriod:
        return otherwise


def regions_of(user: User) -> QuerySet[Region]:
    """The regions whose settings a person may change: their own, and those directly below."""
    own = Q(pk=user.region_id) | Q(parent=user.region_id)
    return Region.objects.filter(own) if user.may(May.SET_TARGETS) else Region.objects.none()


def region_settings_save(*, by: Actor, region: Region, values: Mapping[str, Any]) -> list[str]:
    """Change how a region reports; says in sentences what that changes. PermissionDenied for whoever may not."""
    if by.user is None or not regions_of(by.user).filter(pk=region.pk).exists():
        raise PermissionDenied(_("区域设置由本区域的统计员修改。"))
    with trace.changes(by=by) as ledger:
        diff = ledger.update(region, values)
    return [said[_is_on(diff[name][1])] for name, said in _effects().items() if name in diff]


def _is_on(value: Any) -> bool:
    """Whether a setting was switched on: a day is set, months are merged, the year goes by quarters."""
    return value not in (None, False, Region.Rhythm.MONTHLY)


def _effects() -> dict[str, dict[bool, str]]:
    """What each setting changes when it is switched on, and when it is switched off."""
    return {
        "cutoff_day": {
            True: _("各期截止填报日随之改变；截止日只限制填报，不改变统计期，数字不变。"),
            False: _("不再设截止填报日，各期到月末为止都标为进行中。"),
        },
        "publication_day": {
            True: _("各期通报日随之改变，过了通报日没有定稿的标为逾期。"),
            False: _("不再设通报日，不再标逾期。"),
        },
        "merges_january_february": {
            True: _("1月不再单独编制成绩单，2月一期为1—2月，当月数也按两个月算；已有的1月初稿留着，不再更新。"),
            False: _("1月单独编制成绩单，会自动补编；2月的当月数改为2月一个月。"),
        },
        "rhythm": {
            True: _("没有分月安排的目标改按季计序时：季中各月用上季末的进度，1月、2月为0；各期初稿的灯随之重新计算。"),
            False: _("没有分月安排的目标改按月计序时；各期初稿的灯随之重新计算。"),
        },
    }
