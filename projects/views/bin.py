"""The bin: projects, arrived money and talks that were withdrawn, each with its way back."""

from typing import Any, ClassVar, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import ListView

from parkportal.entry import RowAction
from parkportal.models import User
from parkportal.pages import MayMixin
from parkportal.roles import May
from projects.models import Engagement, FundArrival, Project
from projects.models.secrecy import sees_in_full
from projects.services import Act, possible
from projects.services.bin import days_left, in_bin
from projects.services.engagements import engagement_restore
from projects.services.funds import fund_arrival_restore, may_change

KINDS: tuple[tuple[str, Any], ...] = (
    ("project-bin", _("项目")),
    ("fund-arrival-bin", _("到位资金")),
    ("engagement-bin", _("洽谈")),
)


class Bin(MayMixin, ListView):  # type: ignore[type-arg]
    """What was withdrawn in the person's park and can still be restored."""

    may = May.ENTER
    paginate_by = 50
    park_path: ClassVar[str] = "park"
    route: ClassVar[str]
    related: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self) -> QuerySet[Any]:
        user, model = cast(User, self.request.user), cast(Any, self.model)
        mine = model.objects.visible_to(user).filter(**{self.park_path: user.park_id})
        return in_bin(mine, timezone.now()).select_related("deleted_by", *self.related)

    def may_restore(self, user: User, row: Any) -> bool:
        """Whether to show the button."""
        return row.project is None or (sees_in_full(user, row.project) and not row.project.deleted_at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user, now = cast(User, self.request.user), timezone.now()
        found = context["object_list"]
        rows = [{"row": row, "left": days_left(row, now), "can_restore": self.may_restore(user, row)} for row in found]
        kinds = [{"label": text, "url": reverse(name), "current": name == self.route} for name, text in KINDS]
        return context | {"rows": rows, "kinds": kinds}


class ProjectBin(Bin):
    """Withdrawn projects."""

    model, route = Project, "project-bin"
    template_name = "projects/project_bin.html"
    related = ("park", "investor")

    def may_restore(self, user: User, row: Any) -> bool:
        return possible(user, row, Act.RESTORE)


class FundArrivalBin(Bin):
    """Withdrawn arrivals of money."""

    model, route, park_path = FundArrival, "fund-arrival-bin", "project__park"
    template_name = "projects/fundarrival_bin.html"
    related = ("project__park", "verified_by")

    def may_restore(self, user: User, row: Any) -> bool:
        return super().may_restore(user, row) and may_change(user, row)


class EngagementBin(Bin):
    """Withdrawn talks."""

    model, route = Engagement, "engagement-bin"
    template_name = "projects/engagement_bin.html"
    related = ("project__park",)


class Restore(RowAction):
    """The button of one row of the bin; what the service refuses is said on the page."""

    route: ClassVar[str]

    def rows(self) -> QuerySet[Any]:
        return cast(Any, self.model).objects.visible_to(self.request.user).filter(deleted_at__isnull=False)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except ValidationError as refused:
            messages.error(request, "".join(refused.messages))
            return redirect(self.route)

    def back_url(self, row: Any) -> str:
        return reverse(self.route)


class FundArrivalRestore(Restore):
    model, route = FundArrival, "fund-arrival-bin"
    park_path: ClassVar[str] = "project__park"
    done = _("已恢复这笔资金。")

    def act(self, row: FundArrival, version: int) -> None:
        fund_arrival_restore(by=self.actor, arrival=row, version=version)


class EngagementRestore(Restore):
    model, route = Engagement, "engagement-bin"
    done = _("已恢复这次洽谈。")

    def act(self, row: Engagement, version: int) -> None:
        engagement_restore(by=self.actor, engagement=row, version=version)
