"""Pages of group starts: what was published, and what the entries of the list explain."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django.db.models import Count, F, QuerySet, Sum
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView

from parkportal.entry import EntryPage, RowAction, own_park
from parkportal.filter_box import BoxedList
from parkportal.forms import EntryForm
from parkportal.models import User
from parkportal.pages import MayMixin
from parkportal.roles import May
from projects.filters import GroupStartEntryFilter
from projects.forms.group_starts import GroupStartEntryForm
from projects.models import GroupStart, GroupStartEntry, GroupStartPark
from projects.services import group_starts


def published(starts: Iterable[GroupStart], user: User) -> list[dict[str, Any]]:
    """Each group start with what was published about the reader's parks, beside what its entries explain."""
    explained = _explained(user)
    announced: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in GroupStartPark.objects.visible_to(user).select_related("park").order_by("park__code"):
        announced[row.group_start_id].append({"row": row} | explained.get((row.group_start_id, row.park_id), NOTHING))
    return [{"start": start, "parks": announced[start.pk]} for start in starts]


NOTHING = {"count": 0, "total": 0, "planned": 0}


def _explained(user: User) -> dict[tuple[int, int], dict[str, int]]:
    """Count, total and planned investment of the entries that the user may read, by group start and park."""
    rows = GroupStartEntry.objects.visible_to(user).kept().order_by().values_list("group_start", "project__park")
    sums = rows.annotate(Count("pk"), Sum("project__total_investment"), Sum("planned"))
    return {
        (start, park): {"count": count, "total": total or 0, "planned": planned or 0}
        for start, park, count, total, planned in sums
    }


class GroupStartList(BoxedList):
    """The entries of all group starts, below what was published about each."""

    model = GroupStartEntry
    filterset_class = GroupStartEntryFilter
    template_name = "projects/groupstart_list.html"
    heading, noun, desk = _("集中开工"), _("个"), "group-starts"
    export = "group-start-export"
    orderings = ("held_on", "planned", "code")
    default_ordering = "-held_on"
    offered = ("park", "level", "held_on_after", "held_on_before", "counted", "project")

    def rows(self) -> QuerySet[Any]:
        rows = super().rows().select_related("group_start", "project__park")
        return rows.annotate(held_on=F("group_start__held_on"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        totals = {"count": Count("pk"), "total": Sum("project__total_investment"), "planned": Sum("planned")}
        return super().get_context_data(**kwargs) | {
            "published": published(GroupStart.objects.all(), user),
            "totals": self.object_list.order_by().aggregate(**totals),
            "many_parks": user.park_id is None,
        }


class GroupStartDetail(MayMixin, DetailView):
    model = GroupStart
    template_name = "projects/groupstart_detail.html"
    slug_field = slug_url_kwarg = "code"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        entries = GroupStartEntry.objects.visible_to(user).kept().filter(group_start=self.object)
        return super().get_context_data(**kwargs) | {
            "published": published([self.object], user)[0],
            "entries": entries.select_related("project__park").order_by("code"),
            "may_edit": user.may(May.ENTER) and user.park_id is not None,
        }


class GroupStartEntryNew(EntryPage):
    model = GroupStartEntry
    form_class = GroupStartEntryForm
    template_name = "projects/groupstart_entry_form.html"
    saved = _("已列入名单。")

    def make_form(self, data: Any = None) -> EntryForm:
        own_park(self.request)
        self.group_start = get_object_or_404(GroupStart, code=self.kwargs["code"])
        entry = GroupStartEntry(group_start=self.group_start)
        return self.form_class(data, instance=entry, user=self.user)

    def extra(self) -> dict[str, Any]:
        return {"group_start": self.group_start}

    def save(self, form: GroupStartEntryForm) -> GroupStartEntry:
        return group_starts.group_start_entry_add(by=self.actor, group_start=self.group_start, **form.values())

    def done_url(self, row: GroupStartEntry) -> str:
        return reverse("group-start-detail", args=[self.group_start.code])


class GroupStartEntryWithdraw(RowAction):
    model = GroupStartEntry
    park_path: ClassVar[str] = "project__park"
    done = _("已从名单中撤回。")

    def act(self, row: GroupStartEntry, version: int) -> None:
        group_starts.group_start_entry_withdraw(by=self.actor, entry=row, version=version)

    def back_url(self, row: GroupStartEntry) -> str:
        return reverse("group-start-detail", args=[row.group_start.code])
