"""对账: comparisons with the city's lists, a new one, its 差异表, and what is decided about each difference."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.downloads import hand_out
from parkportal.entry import RowAction
from parkportal.filter_box import BoxedList
from parkportal.models import User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from parkportal.trace import StaleVersion
from parkportal.writing import write_money
from reports.figure_forms import last_period
from reports.members import rows_url
from reports.models import Reconciliation, ReconciliationRow
from reports.periods import Period
from reports.reconciliation.book import difference_table
from reports.reconciliation.members import counted_in, frozen_cards, unit_of
from reports.reconciliation.services import (
    Decision,
    Told,
    differences_settle,
    reconcile,
    reconciliation_withdraw,
    told,
)
from reports.reconciliation_forms import DecisionForm, ReconciliationFilter, ReconciliationForm

Kind = ReconciliationRow.Kind


def reconciliations_seen(user: User) -> QuerySet[Reconciliation]:
    """The comparisons that the person may read."""
    return Reconciliation.objects.visible_to(user).kept().select_related("park", "indicator", "created_by")


class ReconciliationList(BoxedList):
    """Every comparison that was kept, the newest on top, with how many differences are left."""

    model = Reconciliation
    template_name = "reports/reconciliation_list.html"
    filterset_class = ReconciliationFilter
    heading, noun = gettext_lazy("对账"), gettext_lazy("次")
    orderings = ("created_at", "period")
    default_ordering = "-created_at"
    offered = ("park", "unsettled")

    def rows(self) -> QuerySet[Any]:
        differs = ~Q(rows__kind=Kind.MATCHED)
        return reconciliations_seen(cast(User, self.request.user)).annotate(
            differing=Count("rows", filter=differs),
            left=Count("rows", filter=differs & Q(rows__settled=False)),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = [(row, Period.parse(row.period).in_words("full")) for row in context["object_list"]]
        return context | {"rows": rows, "many_parks": cast(User, self.request.user).park_id is None}


class ReconciliationNew(MayMixin):
    """Upload or paste a list; the comparison is kept at once and opened."""

    may = May.SUBMIT_SCORECARD

    def get(self, request: HttpRequest) -> HttpResponse:
        user = cast(User, request.user)
        given = {name: request.GET[name][:60] for name in ("park", "indicator", "period") if request.GET.get(name)}
        own = {"park": user.park.code} if user.park else {}
        last = {"period": last_period(user)}
        return self.show(ReconciliationForm(user=user, initial=own | last | given))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ReconciliationForm(request.POST, request.FILES, user=cast(User, request.user))
        if not form.is_valid():
            return self.show(form)
        chosen = {name: form.cleaned_data[name] for name in ("park", "indicator", "period")}
        try:
            kept = reconcile(by=actor_of(request), listed=form.listed, values=form.values(), **chosen)
        except ValidationError as refused:
            form.add_error(None, refused)
            return self.show(form)
        except IntegrityError:
            kept = get_object_or_404(Reconciliation, submission_key=form.values()["submission_key"])
        messages.success(request, _("对账完成，结果已保存。") + form.told)
        return redirect("reconciliation-detail", kept.code)

    def show(self, form: ReconciliationForm) -> HttpResponse:
        """The page with the form, as it was filled in."""
        return render(self.request, "reports/reconciliation_form.html", {"form": form})


class ReconciliationDetail(MayMixin):
    """差异表: what only one side has, what differs, and the form by which differences are settled."""

    may_write = May.SUBMIT_SCORECARD

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.user = cast(User, request.user)

    def found(self) -> Reconciliation:
        """The comparison of the address, with `out`: the revision whose frozen rows stand behind the figure, if any."""
        out = frozen_cards(*map(OuterRef, ("indicator", "park", "period"))).values("revision")[:1]
        return get_object_or_404(reconciliations_seen(self.user).annotate(out=Subquery(out)), code=self.kwargs["code"])

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self.show(self.found())

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        kept = self.found()
        rows = [row.row for row in told(kept, self.user) if row.row.differs]
        touched = [(row, form) for row in rows if (form := DecisionForm(row, request.POST)).is_touched]
        if not all(form.is_valid() for _row, form in touched):
            return self.show(kept, request.POST, status=400)
        decisions = [Decision(row.number, **form.cleaned_data) for row, form in touched]
        try:
            changed = differences_settle(by=actor_of(request), reconciliation=kept, decisions=decisions)
        except StaleVersion:
            messages.error(request, _("有差异刚被别人处理过，全部都没有保存。请看过现在的内容再操作。"))
            return self.show(kept, request.POST, status=409)
        messages.success(request, _("已保存%(n)s条处理意见。") % {"n": changed})
        return redirect("reconciliation-detail", code)

    def show(self, kept: Reconciliation, data: Any = None, status: int = 200) -> HttpResponse:
        """The page, with what was typed."""
        rows, period = told(kept, self.user), Period.parse(kept.period)
        unit = unit_of(kept.indicator)
        differing = [_difference(row, unit, data) for row in rows if row.row.differs]
        counts = {kind: sum(row.row.kind == kind for row in rows) for kind in Kind.values}
        context = {
            "object": kept,
            "period": period.in_words("full"),
            "list_url": rows_url(kept.indicator, kept.park, period, kept.out or 0),
            "unit": unit,
            "counted_in": counted_in(kept.indicator),
            "counts": counts,
            "both": counts[Kind.MATCHED] + counts[Kind.AMOUNT],
            "differences": differing,
            "matched": [(row, *_amounts(row, unit)) for row in rows if not row.row.differs],
            "left": sum(not one["told"].row.settled for one in differing),
            "wrong": [one for one in differing if one["form"].errors],
            "may_settle": self.user.may(May.SUBMIT_SCORECARD),
        }
        return render(self.request, "reports/reconciliation_detail.html", context, status=status)


def _difference(one: Told, unit: str, data: Any) -> dict[str, Any]:
    """A difference with its form; where somebody was first, as it is now, beside what this person had typed."""
    form = DecisionForm(one.row, data)
    is_old = data is not None and data.get(form.add_prefix("version")) != str(one.row.version)
    yours = data.get(form.add_prefix("decision"), "") if is_old and form.is_touched else ""
    our_amount, their_amount = _amounts(one, unit)
    shown = DecisionForm(one.row) if is_old else form
    return {"told": one, "form": shown, "yours": yours, "our_amount": our_amount, "their_amount": their_amount}


def _amounts(row: Told, unit: str) -> tuple[str, str]:
    """Both amounts as they are written."""
    return write_money(row.row.our_amount, unit), write_money(row.row.their_amount, unit)


class ReconciliationFile(ReconciliationDetail):
    """The 差异表 as a workbook, or CSV, to be passed on: names of secret projects only with `with_secret=true`."""

    http_method_names = ("get", "options")

    def get(self, request: HttpRequest, code: str) -> HttpResponseBase:  # type: ignore[override]
        kept = self.found()
        rows = told(kept, self.user, secret=request.GET.get("with_secret") == "true")
        table = difference_table(kept, rows, _("差异表"), unit_of(kept.indicator))
        return hand_out(table, request.GET.get("format", "xlsx"))


class ReconciliationWithdraw(RowAction):
    """Ask first: a comparison with a wrong list goes out of the list of comparisons."""

    model = Reconciliation
    may = May.SUBMIT_SCORECARD
    http_method_names = ("get", "head", "post", "options")
    done = gettext_lazy("对账已撤回。")

    def own_row(self) -> Reconciliation:
        return get_object_or_404(reconciliations_seen(cast(User, self.request.user)), code=self.kwargs["code"])

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        kept = self.own_row()
        context = {
            "question": _("撤回这次和%(authority)s的对账？") % {"authority": kept.authority},
            "effects": [_("差异表和处理意见不再显示，变更记录里留痕；台账和成绩单不受影响。")],
            "action": _("撤回对账"),
            "keep": _("不撤回"),
            "back_url": reverse("reconciliation-detail", args=[kept.code]),
            "danger": True,
            "hidden": {"version": kept.version},
        }
        return render(request, "components/confirm_page.html", context)

    def act(self, row: Reconciliation, version: int) -> None:
        reconciliation_withdraw(by=self.actor, reconciliation=row, version=version)

    def back_url(self, row: Reconciliation) -> str:
        return reverse("reconciliation-list")
