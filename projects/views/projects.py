"""The list of projects."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, ClassVar, Final

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.models import Chain
from parkportal import writing
from parkportal.filter_box import BoxedList, Condition
from parkportal.models import Park, User
from parkportal.pages import PAGE_SIZES
from parkportal.roles import May
from projects import stages
from projects.filters import ProjectFilter
from projects.models import Project
from projects.summary import WHOLE, held

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
        *("signed_on_after", "signed_on_before"),
    )
    heading = gettext_lazy("项目")
    noun = gettext_lazy("个")
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
        request.GET = _without(request.GET, TYPED) if self.typed_problem else request.GET  # type: ignore[assignment]
        self.typed = query.get(TYPED, "")
        return super().get(request, *args, **kwargs)

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
        return super().rows().select_related("park", "investor", "owner", "company")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user: User = self.request.user  # type: ignore[assignment]
        query = self.request.GET
        least = query.get("total_investment_min", "")
        hidden = {*self.offered, "search", "page", "chain", "total_investment_min"}
        return context | {
            "conditions": [_chains(user, query), *context["conditions"]],
            "kept": [(key, value) for key in query if key not in hidden for value in query.getlist(key)],
            "typed": self.typed
            or (writing.write_money(int(least), "万元") if least.isascii() and least.isdigit() else ""),
            "tabs": tabs(user, query),
            "totals": self._totals(),
            "empty": not query,
            "may_enter": user.may(May.ENTER) and user.park_id is not None,
            "page_sizes": self._page_sizes(query),
            "loosened": [] if context["object_list"] else context["chips"],
        }

    @staticmethod
    def _page_sizes(query: QueryDict) -> list[dict[str, Any]]:
        """How many rows a page may have, as links that keep the rest of the address."""
        rest = _without(_without(query, "page"), "page_size")
        now = query.get("page_size", "50")
        return [
            {"label": size, "current": str(size) == now, "url": f"?{_with(rest, page_size=str(size)).urlencode()}"}
            for size in PAGE_SIZES
        ]

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


def _with(query: QueryDict, **values: str) -> QueryDict:
    more = query.copy()
    more.update(values)
    return more


def _chains(user: User, query: QueryDict) -> Condition:
    """The chains of the reader's region as a condition."""
    regions = Park.objects.visible_to(user).values("region")
    found = Chain.objects.filter(Q(region__in=regions))
    chosen = query.getlist("chain")
    options = [{"value": row.code, "label": row.name, "chosen": row.code in chosen} for row in found]
    return Condition("chain", _("产业链"), "options", options=options)


def tabs(user: User, query: QueryDict) -> list[dict[str, Any]]:
    """The views that everybody uses, each with the number of projects that its address lists: one query for all."""
    rows = Project.objects.visible_to(user).kept()
    known = [
        (_("全部"), ""),
        (_("签约亿元以上"), F100),
        (_("世界500强"), "fortune_global_500=true"),
        (_("签约未开工"), WAITING),
        (_("线索和在谈"), PROSPECTS),
        (_("我负责的"), f"owner={user.username}"),
    ]
    chosen = [
        ProjectFilter(QueryDict(address), queryset=Project.objects.all()).qs.values("pk") for _label, address in known
    ]
    counts = rows.aggregate(**{f"tab{n}": Count("pk", filter=Q(pk__in=inside)) for n, inside in enumerate(chosen)})
    here = {
        (key, value)
        for key, values in query.lists()
        for value in values
        if key not in {"page", "ordering", "page_size"}
    }
    return [
        {
            "label": label,
            "url": f"{reverse('project-list')}?{address}" if address else reverse("project-list"),
            "count": counts[f"tab{n}"],
            "current": here == {(key, value) for key, values in QueryDict(address).lists() for value in values},
        }
        for n, (label, address) in enumerate(known)
    ]


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
        "reached": "，".join(f"{label}{found[code]}" for code, label in REACHED),
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
