"""Pages of money that arrived."""

from typing import Any, ClassVar, cast

from django.db.models import Count, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from parkportal.entry import EntryPage, RowAction
from parkportal.filter_box import BoxedList
from parkportal.history import history
from parkportal.models import User
from parkportal.roles import May
from projects import columns
from projects.filters import FundArrivalFilter
from projects.forms.funds import FundArrivalForm
from projects.models import FundArrival
from projects.services import funds


class FundArrivalList(BoxedList):
    model = FundArrival
    filterset_class = FundArrivalFilter
    template_name = "projects/fundarrival_list.html"
    heading, noun, desk = _("到位资金"), _("笔"), "fund-arrivals"
    export = "fund-arrival-export"
    catalogue, names_row = columns.FUND_ARRIVALS, "project"
    orderings = ("received_on", "amount", "amount_usd", "code")
    default_ordering = "-received_on"
    offered = (
        "park",
        "origin_tier",
        "fdi_scope",
        "verified",
        "received_on_after",
        "received_on_before",
        "counted",
        "project",
    )

    def rows(self) -> QuerySet[Any]:
        return super().rows().select_related("project__park", "verified_by", "created_by")

    def row_url(self, row: FundArrival) -> str:
        return reverse("project-detail", args=[row.project.code])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        wanted = {"count": Count("pk"), "amount": Sum("amount"), "amount_usd": Sum("amount_usd")}
        totals = self.object_list.order_by().aggregate(**wanted)
        return super().get_context_data(**kwargs) | {
            "totals": totals,
            "foot": self.foot(totals),
            "many_parks": user.park_id is None,
            "verifies": user.may(May.VERIFY) and user.park_id is not None,
        }


class FundArrivalEntry(EntryPage):
    """What recording and changing an arrival have in common."""

    model = FundArrival
    form_class = FundArrivalForm
    park_path = "project__park"
    template_name = "projects/fundarrival_form.html"

    def done_url(self, row: FundArrival) -> str:
        return f"{reverse('fund-arrival-list')}?project={row.project.code}"


class FundArrivalNew(FundArrivalEntry):
    saved = _("已登记，由科室负责人核实后计入。")

    def starting_values(self) -> dict[str, Any]:
        return {"project": self.request.GET.get("project", "")[:60]}

    def save(self, form: FundArrivalForm) -> FundArrival:
        values = form.values()
        return funds.fund_arrival_record(
            by=self.actor, project=values["project"], values=values, key=form.submission_key
        )


class FundArrivalEdit(FundArrivalEntry):
    def own_row(self) -> FundArrival:
        row = cast(FundArrival, super().own_row())
        funds.demand_change(self.actor, row)
        return row

    def extra(self) -> dict[str, Any]:
        return {"changes": history(self.user, FundArrival, self.kwargs["code"])}

    def save(self, form: FundArrivalForm) -> FundArrival:
        version = form.cleaned_data["version"]
        funds.fund_arrival_update(by=self.actor, arrival=form.instance, version=version, values=form.values())
        return form.instance


class FundArrivalAction(RowAction):
    """A button on one arrival."""

    model = FundArrival
    park_path: ClassVar[str] = "project__park"

    def back_url(self, row: FundArrival) -> str:
        return f"{reverse('fund-arrival-list')}?project={row.project.code}"


class FundArrivalVerify(FundArrivalAction):
    may = May.VERIFY
    done = _("已核实。")

    def act(self, row: FundArrival, version: int) -> None:
        funds.fund_arrival_verify(by=self.actor, arrival=row, version=version)


class FundArrivalWithdraw(FundArrivalAction):
    done = _("已撤回。")

    def act(self, row: FundArrival, version: int) -> None:
        funds.fund_arrival_withdraw(by=self.actor, arrival=row, version=version)
