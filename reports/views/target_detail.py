"""One target: its months, its versions, what stands beside it, and its split."""

from fractions import Fraction
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.models import Park, User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from reports.models import LongTermGoal, Target, TargetPart
from reports.periods import pace
from reports.progress import has_pace
from reports.target_forms.parts import TypedPart, say_twice, typed_parts
from reports.targets import SHAPES, say_amount, say_basis, shape_of
from reports.targets.goals import say_goal
from reports.targets.parts import StaleParts, adds_up, parts_save, period_of, shares, sum_warnings
from reports.targets.versions import versions
from reports.words import write_value


def targets_seen(user: User) -> Any:
    """The targets that the person may read, with what their pages name."""
    return Target.objects.visible_to(user).kept().select_related("park__region", "region", "indicator")


def goals_of(user: User, *, park: Park | None = None) -> list[dict[str, Any]]:
    """Long-term goals that the person may read, in words; those that concern one park where it is named."""
    rows = LongTermGoal.objects.visible_to(user).kept().select_related("park", "region", "chain")
    near = [row for row in rows if park is None or park.pk == row.park_id or park.region_id == row.region_id]
    return [{"goal": row, "amount": say_goal(row), "place": row.park or row.region} for row in near]


class TargetDetail(MayMixin):
    """How a target came about and who answers for it."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        user = cast(User, request.user)
        target = get_object_or_404(targets_seen(user), code=code)
        period = period_of(target, timezone.localdate())
        split = shares(user, target, period) if target.park else []
        same = {"park": target.park, "region": target.region, "indicator": target.indicator, "year": target.year}
        beside = targets_seen(user).filter(**same).exclude(pk=target.pk).order_by("level")
        context = {
            "target": target,
            "annual": say_amount(target.indicator, target.annual),
            "basis": say_basis(target.basis),
            "months": _months(target),
            "shape": dict(SHAPES)[shape_of(target.annual, target.curve)],
            "versions": versions(target),
            "beside": [{"target": row, "annual": say_amount(row.indicator, row.annual)} for row in beside],
            "shares": split,
            "warnings": sum_warnings(target, [share.part for share in split]),
            "period": period,
            "goals": goals_of(user, park=target.park),
            "may_set": user.may(May.SET_TARGETS),
            "may_split": user.may(May.SPLIT_TARGETS) and target.park is not None,
        }
        return render(request, "reports/target_detail.html", context)


def _months(target: Target) -> list[tuple[int, str]]:
    """序时目标 month by month; nothing for a target without pace."""
    if not has_pace(target.indicator, target):
        return []
    annual = Fraction(target.annual, target.denominator)
    region = target.park.region if target.park else target.region
    steps = {"quarterly": region is not None and region.paces_quarterly}
    found = [pace(annual, month, target.curve, target.denominator, **steps) for month in range(1, 13)]
    return [(n, write_value(target.indicator, value, strip=True)) for n, value in enumerate(found, 1)]


class TargetParts(MayMixin):
    """The split of a park's target as a table that is typed in; all rows are saved together."""

    may = May.SPLIT_TARGETS

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.user = cast(User, request.user)

    def row(self) -> tuple[Target, Park]:
        """The target of the address and its park; one of a whole region is not split."""
        target = get_object_or_404(targets_seen(self.user), code=self.kwargs["code"])
        if target.park is None:
            raise PermissionDenied(_("全市的目标按园区下达，不在这里分解。"))
        return target, target.park

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        target, park = self.row()
        return self.show(target, typed_parts(target, park, self.parts(target), None))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        target, park = self.row()
        parts = self.parts(target)
        rows = typed_parts(target, park, parts, request.POST.dict())
        read = [row.wanted() for row in rows]
        say_twice(rows, read, parts)
        wanted = [one for one in read if one]
        withdrawn = any(row.withdrawn for row in rows)
        if withdrawn or any(row.errors for row in rows):
            return self.show(target, rows, 409 if withdrawn else 200)
        try:
            saved = parts_save(by=actor_of(request), target=target, park=park, wanted=wanted)
        except StaleParts as stale:
            fresh = {part.code: part for part in self.parts(target)}
            for row in rows:
                if row.part and row.part.code in stale.codes:
                    row.lose_to(fresh.get(row.part.code))
            return self.show(target, rows, 409)
        messages.success(request, _("已保存分解表。") if saved else _("没有改动，不用保存。"))
        for sentence in sum_warnings(target, self.parts(target)):
            messages.warning(request, sentence)
        return redirect("target-detail", target.code)

    def parts(self, target: Target) -> list[TargetPart]:
        """The rows as they are stored."""
        rows = TargetPart.objects.visible_to(self.user).kept().filter(target=target)
        return list(rows.select_related("chain", "owner").order_by("kind", "code"))

    def show(self, target: Target, rows: list[TypedPart], status: int = 200) -> HttpResponse:
        """The table."""
        context = {
            "target": target,
            "annual": say_amount(target.indicator, target.annual),
            "rows": rows,
            "kinds": TargetPart.Kind.choices,
            "troubles": [row for row in rows if row.errors or row.lost or row.withdrawn],
            "adds_up": adds_up(target),
        }
        return render(self.request, "reports/target_parts.html", context, status=status)
