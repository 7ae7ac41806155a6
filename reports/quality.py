"""数据质量: rules by which rows of a park look incomplete, old, odd or at odds with each other, and the rows they find.

A rule is data: what it is called, what to do, and which rows it finds. Rules of projects are conditions, so that one
query counts all of them; those that a list can be filtered by take their condition from that list's own filter.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, TextChoices
from django.db.models.lookups import GreaterThan
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.models import Attachment, Park, User
from parkportal.writing import YUAN_PER_WAN, write_date, write_money_with_unit
from projects.filters import ProjectFilter, unproved
from projects.models import Contract, FundArrival, Project, ProjectShare
from projects.models.secrecy import seen_in_full
from reports.models import ReportedFigure
from reports.reported_figures import Beside, beside

Stage = Project.Stage
REGISTERED: Final = (Stage.REGISTERED, Stage.STARTED, Stage.IN_PRODUCTION, Stage.FULL_CAPACITY)
SIGNED: Final = (Stage.SIGNED, *REGISTERED)
STARTED: Final = REGISTERED[1:]
PRODUCING: Final = REGISTERED[2:]
GONE: Final = (Project.Status.TERMINATED, Project.Status.TRANSFERRED)
STEPS: Final = (
    ("signed_on", "started_on"),
    ("signed_on", "in_production_on"),
    ("started_on", "in_production_on"),
    ("in_production_on", "full_capacity_on"),
    ("signed_on", "terminated_on"),
)
HAPPENED: Final = ("signed_on", "registered_on", "started_on", "in_production_on", "full_capacity_on")
FAR: Final = 10
"""How many times the usual amount is odd."""
ENOUGH: Final = 5
"""Amounts below which nothing is usual."""


class Kind(TextChoices):
    """What is wrong."""

    MISSING = "missing", gettext_lazy("缺项")
    STALE = "stale", gettext_lazy("久未更新")
    ODD = "odd", gettext_lazy("数值异常")
    SUMS = "sums", gettext_lazy("前后不符")


@dataclass(frozen=True)
class Scope:
    """Whose rows are looked at, of which park and year, and what amounts are usual there (yuan, 0: not known).

    `secret` takes in secret projects.
    """

    user: User
    park: Park
    year: int
    today: date
    usual: int = 0
    secret: bool = True

    @property
    def in_year(self) -> Q:
        """Projects that were signed in the year."""
        return Q(signed_on__range=(date(self.year, 1, 1), date(self.year, 12, 31)))

    def projects(self) -> QuerySet[Project]:
        """The park's projects, and those in which it has a share."""
        shared = ProjectShare.objects.filter(project=OuterRef("pk"), park=self.park)
        found = Project.objects.visible_to(self.user).kept().filter(Q(park=self.park) | Exists(shared))
        return found if self.secret else found.without_secret()

    def arrivals(self) -> QuerySet[FundArrival]:
        """The year's money of the park's projects, as far as the reader may know its proof."""
        known = Project.objects.filter(park=self.park).open_to(self.user)
        found = FundArrival.objects.visible_to(self.user).kept()
        found = found.filter(project__in=known if self.secret else known.without_secret())
        return found.filter(received_on__year=self.year)


Condition = Callable[[Scope], Q]


@dataclass(frozen=True)
class Rule:
    """One rule: `finds` is a condition on the park's own projects, `query` instead an address of the project list.

    `hidden` asks by what a secret project hides: for those who may not see it in full it finds none. `gone` asks of
    terminated and transferred projects too.
    """

    key: str
    kind: Kind
    label: Any
    remedy: Any
    finds: Condition | None = None
    query: str = ""
    hidden: bool = False
    gone: bool = False

    def condition(self, scope: Scope) -> Q:
        """The projects that it finds."""
        if self.query:
            return ProjectFilter(QueryDict(self.address(scope)), queryset=Project.objects.all()).condition
        if self.finds is None:
            return Q(pk__in=())
        known = seen_in_full(scope.user) if self.hidden else Q()
        here = Q() if self.gone else ~Q(status__in=GONE)
        return Q(park=scope.park) & here & known & self.finds(scope)

    def address(self, scope: Scope) -> str:
        """The filter of the project list that shows the same; empty where none does."""
        return f"park={scope.park.code}&{self.query}" if self.query else ""


def _without(name: str, **more: Any) -> Condition:
    return lambda scope: scope.in_year & Q(**{f"{name}__isnull": True}, **more)


def _undated(name: str, stages: Sequence[Stage]) -> Condition:
    return lambda scope: Q(**{f"{name}__isnull": True}, stage__in=stages)


def _without_paper(scope: Scope) -> Q:
    papers = Attachment.objects.kept().filter(object_type="projects.Project", object_code=OuterRef("code"))
    return scope.in_year & Q(review_state="verified", contract_type="formal") & Q(~Exists(papers))


def _out_of_order(_scope: Scope) -> Q:
    """A later step on an earlier day: only where the later one is known to the day can that be said."""
    found = Q()
    for first, then in STEPS:
        found |= Q(**{f"{then}__lt": F(first), f"{then}_precision": "day"})
    return found


def _in_future(scope: Scope) -> Q:
    found = Q()
    for name in HAPPENED:
        found |= Q(**{f"{name}__gt": scope.today})
    return found


def _far_above(scope: Scope) -> Q:
    return scope.in_year & Q(total_investment__gte=scope.usual * FAR) if scope.usual else Q(pk__in=())


def _contract_differs(scope: Scope) -> Q:
    papers = Contract.objects.filter(project=OuterRef("pk"), type="formal", amount__isnull=False)
    return scope.in_year & Q(Exists(papers.exclude(amount=OuterRef("total_investment"))))


def _shares_differ(_scope: Scope) -> Q:
    parts = ProjectShare.objects.filter(project=OuterRef("pk")).order_by().values("project")
    whole = parts.annotate(count=Sum("count_bp"), amount=Sum("amount_bp"))
    return Q(Exists(whole.exclude(count=10_000, amount=10_000)))


def _more_arrived(_scope: Scope) -> Q:
    parts = FundArrival.objects.filter(project=OuterRef("pk"), deleted_at__isnull=True).order_by().values("project")
    arrived = Subquery(parts.annotate(arrived=Sum("amount")).values("arrived"))
    return Q(GreaterThan(arrived, F("total_investment")))


FILL: Final = gettext_lazy("打开项目补填")
CHECK: Final = gettext_lazy("核对后改正；确实如此的写明异常说明")
RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "unsigned", Kind.MISSING, gettext_lazy("已签约，没有签约时间"), gettext_lazy("没有日期的不计入任何月份"),
        _undated("signed_on", SIGNED),
    ),
    Rule(
        "amount", Kind.MISSING, gettext_lazy("正式合同没有总投资"), FILL,
        _without("total_investment", contract_type="formal"),
    ),
    Rule("chain", Kind.MISSING, gettext_lazy("产业类项目没有产业链"), FILL, _without("chain", category="industry")),
    Rule("investor", Kind.MISSING, gettext_lazy("没有投资方（签约主体）"), FILL, _without("investor"), hidden=True),
    Rule(
        "company", Kind.MISSING, gettext_lazy("已注册，没有项目公司"), FILL, _undated("company", REGISTERED),
        hidden=True,
    ),
    Rule("start", Kind.MISSING, gettext_lazy("已开工，没有开工时间"), FILL, _undated("started_on", STARTED)),
    Rule(
        "production", Kind.MISSING, gettext_lazy("已投产，没有投产时间"), FILL,
        _undated("in_production_on", PRODUCING),
    ),
    Rule(
        "paper", Kind.MISSING, gettext_lazy("已审核，没有合同等附件"), gettext_lazy("上传合同扫描件"), _without_paper,
        hidden=True,
    ),
    Rule(
        "stale", Kind.STALE, gettext_lazy("30天未更新"), gettext_lazy("更新进展，没有变化的也写明"),
        query="stale_days=30&status=active",
    ),
    Rule(
        "waiting", Kind.STALE, gettext_lazy("提交后还没有审核"), gettext_lazy("请科室负责人审核"),
        query="review_state=submitted",
    ),
    Rule(
        "fixed", Kind.ODD, gettext_lazy("固定资产投资大于总投资"), CHECK,
        lambda _scope: Q(fixed_asset_investment__gt=F("total_investment")),
    ),
    Rule(
        "small", Kind.ODD, gettext_lazy("总投资不足1万元"), gettext_lazy("多半是单位写错，请核对"),
        lambda _scope: Q(total_investment__lt=YUAN_PER_WAN),
    ),
    Rule("far", Kind.ODD, gettext_lazy("总投资是当年中位数的10倍以上"), CHECK, _far_above),
    Rule("order", Kind.ODD, gettext_lazy("时间前后颠倒"), CHECK, _out_of_order, gone=True),
    Rule("future", Kind.ODD, gettext_lazy("已发生的时间晚于今天"), CHECK, _in_future),
    Rule(
        "zero", Kind.ODD, gettext_lazy("预计年产值或就业写成0"), gettext_lazy("不知道的请留空，不写0"),
        lambda scope: scope.in_year & (Q(expected_annual_output=0) | Q(expected_jobs=0)),
    ),
    Rule(
        "contract", Kind.SUMS, gettext_lazy("合同金额和总投资不同"), gettext_lazy("对照合同原件改正其中一处"),
        _contract_differs, hidden=True,
    ),
    Rule("shares", Kind.SUMS, gettext_lazy("各园区分成合计不是100%"), gettext_lazy("重新分成"), _shares_differ),
    Rule("arrived", Kind.SUMS, gettext_lazy("到位资金合计大于总投资"), CHECK, _more_arrived),
)  # fmt: skip
"""In the order in which the sheet shows them."""
UNPROVED: Final = Rule(
    "proof", Kind.MISSING, gettext_lazy("到位资金已核实，没有凭证"), gettext_lazy("补填凭证或上传附件")
)
REPORTED: Final = Rule(
    "reported", Kind.SUMS, gettext_lazy("部门反馈数和台账数不同"), gettext_lazy("对账，找出差在哪几个项目")
)
ALL_RULES: Final = (*RULES[:8], UNPROVED, *RULES[8:], REPORTED)


@dataclass(frozen=True)
class Found:
    """How many rows a rule finds, and the address that shows them."""

    rule: Rule
    count: int
    url: str


@dataclass(frozen=True)
class Hit:
    """One row that a rule finds: its name as the person may read it, where it opens, and what stands there."""

    rule: Rule
    name: str
    code: str
    url: str
    facts: str
    owner: str = ""


@dataclass
class Sheet:
    """The rules applied to one park and year."""

    scope: Scope
    _reported: list[Beside] | None = field(default=None)

    @classmethod
    def of(cls, user: User, park: Park, year: int, today: date, *, secret: bool = True) -> "Sheet":
        """The sheet of a park and year, with what amounts are usual there; secret projects where they are asked for."""
        scope = Scope(user, park, year, today)
        known = scope.projects().filter(scope.in_year, total_investment__gt=0, contract_type="formal", park=park)
        amounts = [amount or 0 for amount in known.order_by().values_list("total_investment", flat=True)]
        usual = int(median(amounts)) if len(amounts) >= ENOUGH else 0
        return cls(Scope(user, park, year, today, usual, secret))

    def found(self) -> list[Found]:
        """Every rule with how many rows it finds, by one query over the projects."""
        counted = {rule.key: Count("pk", filter=rule.condition(self.scope), distinct=True) for rule in RULES}
        counts: dict[str, int] = self.scope.projects().order_by().aggregate(**counted)
        counts |= {UNPROVED.key: self.unproved().count(), REPORTED.key: len(self.differing())}
        return [Found(rule, counts[rule.key], self._url(rule)) for rule in ALL_RULES]

    def _url(self, rule: Rule) -> str:
        """A filtered list where one shows the same rows, else this sheet with the rows under it."""
        if rule.query:
            return f"{reverse('project-list')}?{rule.address(self.scope)}"
        return f"?park={self.scope.park.code}&year={self.scope.year}&rule={rule.key}#rows"

    def unproved(self) -> QuerySet[FundArrival]:
        """Verified money of the year that neither words nor a file prove."""
        return self.scope.arrivals().filter(unproved(), verified=True).select_related("project__owner")

    def differing(self) -> list[Beside]:
        """What authorities confirmed otherwise than the ledger has it."""
        if self._reported is None:
            figures = ReportedFigure.objects.visible_to(self.scope.user).kept().filter(park=self.scope.park)
            of_year = figures.filter(period__startswith=f"{self.scope.year}-").select_related("park", "indicator")
            self._reported = [one for one in beside(of_year.order_by("period", "indicator__order")) if one.gap]
        return self._reported

    def hits(self, rule: Rule) -> Iterator[Hit]:
        """The rows that a rule finds."""
        if rule is UNPROVED:
            yield from (_of_arrival(rule, row) for row in self.unproved().order_by("received_on", "code"))
        elif rule is REPORTED:
            yield from (_of_figure(rule, one) for one in self.differing())
        else:
            rows = self.scope.projects().filter(rule.condition(self.scope)).select_related("owner")
            yield from (_of_project(rule, row) for row in rows.order_by("signed_on", "code"))


BY_KEY: Final[Mapping[str, Rule]] = {rule.key: rule for rule in ALL_RULES}


def _of_project(rule: Rule, row: Project) -> Hit:
    words = {
        "stage": row.get_stage_display(),
        "signed": write_date(row.signed_on, row.signed_on_precision),
        "total": write_money_with_unit(row.total_investment, detail=True),
    }
    facts = _("%(stage)s，签约时间%(signed)s，总投资%(total)s") % words
    return Hit(rule, row.name, row.code, reverse("project-detail", args=[row.code]), facts, str(row.owner or ""))


def _of_arrival(rule: Rule, row: FundArrival) -> Hit:
    amount = write_money_with_unit(row.amount, detail=True)
    words = {"on": write_date(row.received_on, row.received_on_precision), "amount": amount}
    url = reverse("project-detail", args=[row.project.code])
    facts = _("%(on)s到账%(amount)s") % words
    return Hit(rule, row.project.name, row.code, url, facts, str(row.project.owner or ""))


def _of_figure(rule: Rule, one: Beside) -> Hit:
    words = {"reported": one.reported, "ledger": one.ledger, "gap": one.gap_text, "period": one.period}
    facts = _("%(period)s：反馈数%(reported)s，台账数%(ledger)s，%(gap)s") % words
    return Hit(rule, one.figure.indicator.name, one.figure.indicator.code, one.url, facts, one.figure.authority)
