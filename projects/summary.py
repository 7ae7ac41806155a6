"""What a list of projects makes together, and the money that arrived for each."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final, TypeVar

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.models import Park, RecognitionLevel
from projects import stages
from projects.models import FundArrival, Project, ProjectShare, Recognition

SUMS: Final = ("total_investment", "expected_annual_output", "expected_annual_tax", "expected_jobs")
WHOLE: Final = 10_000
"""Basis points of an undivided project."""
DECIDED: Final = {"accepted": gettext_lazy("已认定"), "refused": gettext_lazy("不予认定")}
RECOGNISERS: Final[dict[str, Any]] = {
    RecognitionLevel.PARK: gettext_lazy("园区"),
    RecognitionLevel.CITY: gettext_lazy("市"),
    RecognitionLevel.PROVINCE: gettext_lazy("省"),
}
Rows = TypeVar("Rows", bound=QuerySet[Any])


def with_arrived_funds(rows: Rows) -> Rows:
    """Annotate projects with `arrived_funds`, the verified money that arrived for each, in yuan; 0 without any."""
    arrivals = FundArrival.objects.filter(project=OuterRef("pk"), verified=True, deleted_at__isnull=True)
    total = arrivals.order_by().values("project").annotate(total=Sum("amount")).values("total")
    return rows.annotate(arrived_funds=Coalesce(Subquery(total), Value(0), output_field=IntegerField()))


def totals(rows: QuerySet[Project], parks: Sequence[Park] = ()) -> dict[str, Fraction]:
    """Add up projects: `count`, the amounts in yuan, jobs, and `arrived_funds`; an unknown amount adds nothing.

    Where parks are named, count and amounts go by their share in basis points, multiplied here because the product
    overflows in SQLite; arrived money belongs whole to the park that keeps the project (model.md 1).
    """
    shares = rows.order_by().annotate(by_count=held("count_bp", parks), by_amount=held("amount_bp", parks))
    found: Iterable[Any] = shares.values("by_count", "by_amount").annotate(
        number=Count("pk"), **{f"all_{n}": Sum(n) for n in SUMS}
    )
    total = dict.fromkeys(("count", *SUMS), Fraction(0))
    for group in found:
        total["count"] += Fraction(group["number"] * group["by_count"], WHOLE)
        for name in SUMS:
            total[name] += Fraction((group[f"all_{name}"] or 0) * group["by_amount"], WHOLE)
    return total | {"arrived_funds": Fraction(_arrived(rows, parks))}


def held(column: str, parks: Sequence[Park]) -> Combinable:
    """The basis points of each project that the parks hold together; the whole where none is named."""
    if not parks:
        return Value(WHOLE)
    shares = ProjectShare.objects.filter(project=OuterRef("pk"), park__in=parks)
    held = shares.order_by().values("project").annotate(held=Sum(column)).values("held")
    return Coalesce(Subquery(held), Value(0), output_field=IntegerField())


def _arrived(rows: QuerySet[Project], parks: Sequence[Park]) -> int:
    arrivals = FundArrival.objects.filter(project__in=rows.order_by().values("pk"), verified=True)
    if parks:
        arrivals = arrivals.filter(project__park__in=parks)
    return arrivals.filter(deleted_at__isnull=True).aggregate(total=Sum("amount"))["total"] or 0


def recognised_in_words(rows: QuerySet[Project]) -> str:
    """“签约18个（市已认定16个，待认定2个）” of filtered projects; empty where nothing was decided or asked for.

    The level is the one that the regions of the projects ask for, else that of the city. A signed project about which
    the authority of that level has said nothing waits for it.
    """
    asked = set(rows.order_by().values_list("park__region__recognition_level", flat=True).distinct())
    level = asked.pop() if len(asked) == 1 else RecognitionLevel.NONE
    level = RecognitionLevel.CITY if level == RecognitionLevel.NONE else level
    told = Recognition.objects.filter(project=OuterRef("pk"), level=level)
    signed = rows.order_by().filter(stage__in=stages.SIGNED_OR_LATER, contract_type=Project.ContractType.FORMAL)
    found = signed.aggregate(
        all=Count("pk"),
        told=Count("pk", filter=Exists(told)),
        **{result: Count("pk", filter=Exists(told.filter(result=result))) for result in DECIDED},
    )
    if not found["told"]:
        return ""
    waiting = found["all"] - sum(found[result] for result in DECIDED)
    counted: list[tuple[Any, Any]] = [
        (f"{RECOGNISERS[level]}{DECIDED['accepted']}", found["accepted"]),
        (_("待认定"), waiting),
    ]
    counted += [(DECIDED["refused"], found["refused"])] if found["refused"] else []
    words = "，".join(_("%(what)s%(count)s个") % {"what": what, "count": count} for what, count in counted)
    return _("签约%(all)s个（%(words)s）") % {"all": found["all"], "words": words}
