"""The list of projects."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any, ClassVar, Final

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.models import Chain
from parkportal import writing
from parkportal.desk import filter_query
from parkportal.downloads import ExportPage
from parkportal.exports import Column, Table
from parkportal.filter_box import BoxedList, Condition
from parkportal.models import Park, SavedFilter, User
from parkportal.roles import May
from projects import columns, stages
from projects.filters import ProjectFilter, overdue, stale
from projects.models import Project
from projects.summary import WHOLE, held, recognised_in_words, with_arrived_funds

F100: Final = "category=industry&contract_type=formal&kind=new&total_investment_min=100000000"
WAITING: Final = "&".join(f"stage={code}" for code in stages.NOT_STARTED) + "&review_state=verified&status=active"
PROSPECTS: Final = "&".join(f"stage={code}" for code in stages.PROSPECTS)
TYPED: Final = "total_investment_wan"
"""The least total as people type it, in 万元; the address keeps it in yuan under its own name."""
REACHED: Final = (
    (stages.REGISTERED, gettext_lazy("注册")),
    (stages.STARTED, gettext_lazy("开工")),
    (stages.PRODUCING, gettext_lazy("投产")),
)


SUMMED: Final = ("total_investment", "expected_annual_output", "expected_jobs")
LOOKS: Final = {
    **{"from_place": "from-place", "total_investment": "amount", "signed_on": "signed", "progress": "progress-cell"},
    **{"lead_official": "leader"},
}
"""How the table looks at columns whose class is not their key."""
STALE_DAYS: Final = 30
MOST_TABS: Final = 8
"""Filters that people keep and that are counted on the page; the others stand on the page of 常用筛选."""
INEXACT: Final = {"over": ("over", "at_least"), "about": ("near", "about")}


class ProjectList(BoxedList):
    """Projects of the reader's parks in the official columns, with totals of everything that is filtered."""

    model = Project
    template_name = "projects/project_list.html"
    filterset_class = ProjectFilter
    orderings = ("signed_on", "total_investment", "name", "started_on", "updated_at")
    default_ordering = "-signed_on"
    offered = (
        *("category", "kind", "contract_type", "stage", "status", "review_state", "fortune_global_500"),
        *("signed_on_after", "signed_on_before", "tags"),
    )
    heading = gettext_lazy("项目")
    noun = gettext_lazy("个")
    desk = "projects"
    typed_problem: ClassVar[dict[str, list[str]]] = {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A form sends empty fields and 万元: the address is tidied first, so that it can be shared."""
        query = request.GET.copy()
        try:
            self._tidy(query)
        except writing.Unreadable as mistake:
            self.typed_problem = {TYPED: [_("%(sentence)s。") % {"sentence": mistake}]}
        if not self.typed_problem and query.urlencode() != request.GET.urlencode():
            return HttpResponseRedirect(f"?{query.urlencode()}")
        if kept := self._expanded(request):
            return kept
        request.GET = _without(request.GET, TYPED) if self.typed_problem else request.GET  # type: ignore[assignment]
        self.typed = query.get(TYPED, "")
        return super().get(request, *args, **kwargs)

    @staticmethod
    def _expanded(request: HttpRequest) -> HttpResponse | None:
        """The way to what a kept filter stands for, so that the chips show every condition; None without one."""
        named = request.GET.getlist("filter")
        user: User = request.user  # type: ignore[assignment]
        kept = SavedFilter.objects.visible_to(user).filter(page="projects", code__in=named[:1]).first()
        if len(named) != 1 or kept is None:
            return None
        rest = _without(request.GET, "filter").urlencode()
        return HttpResponseRedirect("?" + "&".join(filter(None, (kept.query, rest))))

    @staticmethod
    def _tidy(query: QueryDict) -> None:
        """Drop empty fields and put the typed least total in yuan; Unreadable for one that is no amount."""
        for key in [key for key in query if not any(query.getlist(key))]:
            del query[key]
        if TYPED in query:
            yuan = writing.read_money(query[TYPED])
            del query[TYPED]
            query["total_investment_min"] = str(yuan)

    def _list_problems(self) -> dict[str, list[str]]:
        return super()._list_problems() | self.typed_problem

    def rows(self) -> QuerySet[Any]:
        return super().rows().select_related("park", "investor", "owner", "company", "chain")

    @property
    def shown(self) -> list[Column]:
        """The columns that the reader chose."""
        return columns.chosen(self.choice.columns)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user: User = self.request.user  # type: ignore[assignment]
        query = self.request.GET
        least = query.get("total_investment_min", "")
        hidden = {*self.offered, "search", "page", "chain", "total_investment_min"}
        totals = self._totals()
        return context | {
            "conditions": [_chains(user, query), *context["conditions"]],
            "kept": [(key, value) for key in query if key not in hidden for value in query.getlist(key)],
            "typed": self.typed
            or (writing.write_money(int(least), "万元") if least.isascii() and least.isdigit() else ""),
            "tabs": tabs(self.request),
            "totals": totals,
            "empty": not query,
            "may_enter": user.may(May.ENTER) and user.park_id is not None,
            "loosened": [] if context["object_list"] else context["chips"],
            "columns": [(column, LOOKS.get(column.key, column.key)) for column in self.shown],
            "lines": self._lines(context["object_list"]),
            "foot": foot(self.shown, totals) if totals else [],
            "address": query.urlencode(),
            "worth_keeping": filter_query(query.urlencode()),
        }

    def _lines(self, rows: Any) -> list[tuple[Project, list[tuple[str, str, str]]]]:
        """Each project with its cells: column, class and text; arrived money is asked for only where it is shown."""
        shown = [(column, column.key, LOOKS.get(column.key, column.key)) for column in self.shown]
        if columns.ANNOTATED & {key for _column, key, _look in shown}:
            rows = with_arrived_funds(rows)
        return [(row, [(key, look, column.in_words(column.read(row))) for column, key, look in shown]) for row in rows]

    def _totals(self) -> dict[str, Any]:
        """What all filtered rows make, by share where parks are named."""
        if self.problems:
            return {}
        rows = self.filterset.qs.order_by()
        return totals_in_words(rows, list(self.filterset.form.cleaned_data["park"]))


def _without(query: QueryDict, key: str) -> QueryDict:
    rest = query.copy()
    rest.pop(key, None)
    return rest


def _chains(user: User, query: QueryDict) -> Condition:
    """The chains of the reader's region as a condition."""
    regions = Park.objects.visible_to(user).values("region")
    found = Chain.objects.filter(Q(region__in=regions))
    chosen = query.getlist("chain")
    options = [{"value": row.code, "label": row.name, "chosen": row.code in chosen} for row in found]
    return Condition("chain", _("产业链"), "options", options=options)


def foot(shown: Sequence[Column], found: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells under the table: the number, the total, and what else is known in the widest gap."""
    keys = [column.key for column in shown]
    known = {
        "name": _("合计%(count)s个") % {"count": found["count"]},
        "total_investment": writing.write_money(found["total_investment"], "万元"),
    }
    cells: list[dict[str, Any]] = []
    for key in keys:
        if key in known or not cells or cells[-1]["text"]:
            cells.append({"key": key, "look": LOOKS.get(key, key), "text": known.get(key, ""), "keys": []})
        cells[-1]["keys"].append(key)
    widest = max((cell for cell in cells if not cell["text"]), key=lambda cell: len(cell["keys"]), default=None)
    if widest:
        widest["note"] = True
    return cells


@cache
def fixed(query: str) -> Q:
    """The condition of an address that names neither people nor days: worked out once."""
    return ProjectFilter(QueryDict(query), queryset=Project.objects.none()).condition


def system_filters(user: User) -> list[tuple[str, str, Q]]:
    """The filters that everybody has: name, address, and the same as a condition."""
    idle = stale(STALE_DAYS) & Q(status=Project.Status.ACTIVE)
    addresses = [
        (_("签约亿元以上"), F100),
        (_("世界500强"), "fortune_global_500=true"),
        (_("签约未开工"), WAITING),
        (_("线索和在谈"), PROSPECTS),
    ]
    return [
        (_("全部"), "", Q()),
        *((label, address, fixed(address)) for label, address in addresses),
        (_("我负责的"), f"owner={user.username}", Q(owner=user)),
        (_("超过计划时间"), "overdue=true", overdue(timezone.localdate())),
        (_("%(days)s天未更新") % {"days": STALE_DAYS}, f"stale_days={STALE_DAYS}&status=active", idle),
    ]


def kept_filters(request: HttpRequest) -> list[tuple[str, str, Q]]:
    """The filters that the reader and their colleagues keep, the first of them, in the same shape."""
    user: User = request.user  # type: ignore[assignment]
    rows = SavedFilter.objects.visible_to(user).filter(page="projects").values_list("name", "query")[:MOST_TABS]
    none = Project.objects.none()
    return [
        (name, query, ProjectFilter(QueryDict(query), queryset=none, request=request).condition) for name, query in rows
    ]


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """The usual filters, each with the number of projects that its address lists: one query counts them all."""
    user: User = request.user  # type: ignore[assignment]
    known = [*system_filters(user), *kept_filters(request)]
    rows = Project.objects.visible_to(user).kept().order_by()
    conditions = {f"tab{n}": Count("pk", filter=condition) for n, (_name, _query, condition) in enumerate(known) if n}
    counts = rows.aggregate(tab0=Count("pk"), **conditions)
    here = _chosen(filter_query(request.GET.urlencode()))
    return [
        {
            "label": label,
            "url": f"{reverse('project-list')}?{address}" if address else reverse("project-list"),
            "count": counts[f"tab{n}"],
            "current": here == _chosen(address),
        }
        for n, (label, address, _condition) in enumerate(known)
    ]


def _chosen(address: str) -> set[tuple[str, str]]:
    """The conditions of an address, whatever their order and that of the rows."""
    lists = QueryDict(address).lists()
    return {(key, value) for key, values in lists for value in values if key != "ordering"}


class ProjectExport(ExportPage, ProjectList):
    """The projects as a ledger: in the reader's columns, or in those of the ledger with `columns=all`."""

    list_name = "project-list"
    heading = gettext_lazy("招商引资项目台账")
    veil_path = "confidentiality"

    def rows(self) -> QuerySet[Any]:
        return with_arrived_funds(super().rows())

    def chosen_columns(self) -> Sequence[Column]:
        return columns.LEDGER if self.request.GET.get("columns") == "all" else self.shown

    def table(self, rows: QuerySet[Any]) -> Table:
        table = super().table(rows)
        parks = list(self.filterset.form.cleaned_data["park"])
        found = totals(rows.order_by(), parks) if parks else {}
        if found.get("shared"):
            count = writing.write_count(found["count"])
            table.totals = {name: found[name] for name in SUMMED}
            table.label = _("合计%(count)s个（共有项目按份额计）") % {"count": count}
        return table


def totals_in_words(rows: QuerySet[Any], parks: Sequence[Park]) -> dict[str, Any]:
    """The totals of filtered projects; with parks by their shares, and a word on that where it makes a difference."""
    found = totals(rows, parks)
    inexact = writing.inexactness(name for name in ("over", "about") if found[name])
    return {
        "count": writing.write_count(found["count"]),
        "rows": int(found["rows"]),
        "shared": found["shared"],
        "total_investment": found["total_investment"] if found["known"] else None,
        "expected_annual_output": found["expected_annual_output"],
        "expected_jobs": writing.write_jobs(int(writing.round_half_up(found["expected_jobs"])), inexact),
        "reached": "；".join(
            filter(None, ("，".join(f"{label}{found[code]}" for code, label in REACHED), recognised_in_words(rows)))
        ),
    }


def totals(rows: QuerySet[Any], parks: Sequence[Park]) -> dict[str, Fraction]:
    """Add up filtered projects in one query: rows, their number and amounts by share, and how many got how far."""
    number = {"rows": Count("pk"), "known": Count("total_investment")}
    number |= {name: Count("pk", filter=_jobs_known(*kinds)) for name, kinds in INEXACT.items()}
    number |= {
        code: Count("pk", filter=Q(stage__in=stages.CODES[stages.CODES.index(code) :])) for code, _name in REACHED
    }
    shares = rows.annotate(by_count=held("count_bp", parks), by_amount=held("amount_bp", parks))
    groups = shares.values("by_count", "by_amount").annotate(**number, **{f"all_{name}": Sum(name) for name in SUMMED})
    total = dict.fromkeys(("count", "shared", *number, *SUMMED), Fraction(0))
    for group in groups:
        total["count"] += Fraction(group["rows"] * group["by_count"], WHOLE)
        total["shared"] += group["by_count"] != WHOLE or group["by_amount"] != WHOLE
        for name in number:
            total[name] += group[name]
        for name in SUMMED:
            total[name] += Fraction((group[f"all_{name}"] or 0) * group["by_amount"], WHOLE)
    return total


def _jobs_known(*qualifiers: str) -> Q:
    return Q(expected_jobs__isnull=False, expected_jobs_qualifier__in=qualifiers)
