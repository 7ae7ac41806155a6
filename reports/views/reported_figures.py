"""部门反馈数: the list beside the ledger's figures, and the form by which they are entered."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.entry import RowAction
from parkportal.filter_box import BoxedList
from parkportal.models import User
from parkportal.roles import May
from reports.figure_forms import ReportedFigureFilter, ReportedFigureForm, last_period
from reports.models import ReportedFigure
from reports.periods import Period
from reports.reported_figures import beside, figure_change, figure_enter, figure_withdraw, write_reported
from reports.tasks import compile_what_is_due
from reports.views.rules import RulePage


def figures_seen(user: User) -> QuerySet[ReportedFigure]:
    """The confirmed figures that the person may read."""
    return ReportedFigure.objects.visible_to(user).kept().select_related("park", "indicator")


def named_row(user: User, kwargs: dict[str, Any]) -> ReportedFigure:
    """The row of the address; 404 where there is none or it is out of sight."""
    return get_object_or_404(
        figures_seen(user), park__code=kwargs["park"], period=kwargs["period"], indicator__code=kwargs["indicator"]
    )


class ReportedFigureList(BoxedList):
    """What authorities confirmed, each beside what the ledger says of the same months."""

    model = ReportedFigure
    template_name = "reports/reportedfigure_list.html"
    filterset_class = ReportedFigureFilter
    heading, noun = gettext_lazy("部门反馈数"), gettext_lazy("项")
    orderings = ("period", "received_on")
    default_ordering = "-period"
    offered = ("park",)

    def rows(self) -> QuerySet[Any]:
        return figures_seen(cast(User, self.request.user))

    def _order(self) -> list[Any]:
        first, _code = super()._order()
        return [first, "park__code", "indicator__order", "indicator__code"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = beside(context["object_list"])
        return context | {
            "rows": rows,
            "differing": sum(bool(row.gap) for row in rows),
            "many_parks": cast(User, self.request.user).park_id is None,
        }


class ReportedFigurePage(RulePage):
    """What entering and changing have in common."""

    may = May.COMPILE
    model = ReportedFigure
    form_class = ReportedFigureForm
    template_name = "reports/reportedfigure_form.html"

    def done_url(self, row: ReportedFigure) -> str:
        return reverse("reported-figure-list")


class ReportedFigureNew(ReportedFigurePage):
    """Enter one; the address may name park, indicator and period."""

    saved = gettext_lazy("反馈数已登记，各期初稿随即重新编制。")

    def starting_values(self) -> dict[str, Any]:
        given = {
            name: self.request.GET[name][:60] for name in ReportedFigureForm.IDENTITY if self.request.GET.get(name)
        }
        own = {"park": self.user.park} if self.user.park else {}
        return own | {"period": last_period(self.user)} | given

    def save(self, form: ReportedFigureForm) -> ReportedFigure:
        identity = {name: form.cleaned_data[name] for name in form.IDENTITY}
        return figure_enter(by=self.actor, values=form.columns(), **identity)


class ReportedFigureEdit(ReportedFigurePage):
    """Change one."""

    saved = gettext_lazy("反馈数已修改，各期初稿随即重新编制。")

    def make_form(self, data: Any = None) -> ReportedFigureForm:
        return ReportedFigureForm(data, instance=named_row(self.user, self.kwargs), user=self.user)

    def save(self, form: ReportedFigureForm) -> ReportedFigure:
        version = form.cleaned_data["version"]
        figure_change(by=self.actor, figure=form.instance, version=version, values=form.columns())
        return form.instance


class ReportedFigureWithdraw(RowAction):
    """Ask first: what was confirmed goes out of the drafts."""

    model = ReportedFigure
    may = May.COMPILE
    http_method_names = ("get", "head", "post", "options")
    done = gettext_lazy("反馈数已撤回，各期初稿随即重新编制。")

    def own_row(self) -> ReportedFigure:
        return named_row(cast(User, self.request.user), self.kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        figure = self.own_row()
        said = {"park": figure.park, "indicator": figure.indicator, "value": write_reported(figure) or "—"}
        said |= {"period": Period.parse(figure.period).in_words("full"), "unit": figure.indicator.display_unit}
        context = {
            "question": _("撤回%(park)s%(period)s“%(indicator)s”的反馈数%(value)s%(unit)s？") % said,
            "effects": [_("各期初稿随即重新编制，不再和它比较；已定稿锁定的月份不受影响，变更记录里留痕。")],
            "action": _("撤回反馈数"),
            "keep": _("不撤回"),
            "back_url": self.back_url(figure),
            "danger": True,
            "hidden": {"version": figure.version},
        }
        return render(request, "components/confirm_page.html", context)

    def act(self, row: ReportedFigure, version: int) -> None:
        figure_withdraw(by=self.actor, figure=row, version=version)
        compile_what_is_due()

    def back_url(self, row: ReportedFigure) -> str:
        return reverse("reported-figure-list")
