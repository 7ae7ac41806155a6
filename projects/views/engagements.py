"""Pages of talks with investors."""

from typing import Any, cast

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView

from parkportal.entry import EntryPage, RowAction
from parkportal.filter_box import BoxedList
from parkportal.forms import EntryForm
from parkportal.history import history
from parkportal.models import User
from parkportal.pages import MayMixin
from parkportal.roles import May
from projects import columns
from projects.filters import EngagementFilter
from projects.forms.engagements import EngagementForm, ParticipantFormSet
from projects.models import Engagement
from projects.services import engagements


class EngagementList(BoxedList):
    model = Engagement
    filterset_class = EngagementFilter
    template_name = "projects/engagement_list.html"
    heading, noun, desk = _("洽谈"), _("次"), "engagements"
    export = "engagement-export"
    catalogue, names_row = columns.ENGAGEMENTS, "title"
    orderings = ("held_on", "mode", "code")
    default_ordering = "-held_on"
    offered = ("park", "mode", "held_on_after", "held_on_before", "project")

    def rows(self) -> QuerySet[Any]:
        rows = super().rows().select_related("park", "project", "enterprise").annotate(people=Count("participants"))
        named = any(column.key == "participants" for column in self.chosen)
        return rows.prefetch_related("participants") if named else rows

    def row_url(self, row: Engagement) -> str:
        return reverse("engagement-detail", args=[row.code])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        return super().get_context_data(**kwargs) | {"many_parks": user.park_id is None}


class EngagementDetail(MayMixin, DetailView):
    template_name = "projects/engagement_detail.html"
    slug_field = slug_url_kwarg = "code"

    def get_queryset(self) -> QuerySet[Engagement]:
        return Engagement.objects.visible_to(self.request.user).kept().select_related("park", "project", "enterprise")

    def get_template_names(self) -> list[str]:
        return ["projects/engagement_closed.html" if self.object.veiled else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, user = self.object, cast(User, self.request.user)
        if row.veiled:
            return super().get_context_data(**kwargs)
        return super().get_context_data(**kwargs) | {
            "participants": row.participants.all(),
            "changes": history(user, Engagement, row.code),
            "may_edit": user.may(May.ENTER) and user.park_id == row.park_id,
        }


class EngagementEntry(EntryPage):
    """What recording and changing a talk have in common: the form, and the formset of its participants."""

    model = Engagement
    form_class = EngagementForm
    template_name = "projects/engagement_form.html"

    def make_form(self, data: Any = None) -> EntryForm:
        form = super().make_form(data)
        # Without an initial value everything that was posted is what is wanted, whatever the number of rows said.
        present = form.instance.participants.values("name", "post") if form.instance.pk and data is None else []
        self.people = ParticipantFormSet(data, initial=list(present), prefix="people")
        return form

    def is_valid(self, form: EntryForm) -> bool:
        return all([form.is_valid(), self.people.is_valid()])

    def show(self, form: EntryForm, status: int = 200, **context: Any) -> HttpResponse:
        return super().show(form, status, people=self.people, **context)

    def also_differs(self, current: Engagement) -> list[dict[str, str]]:
        now, yours = ([(p.name, p.post) for p in current.participants.all()], self.participants())
        said = ["；".join(f"{name} {post}".strip() for name, post in people) for people in (now, yours)]
        return [{"label": str(_("参加人员")), "now": said[0], "yours": said[1]}] if now != yours else []

    def participants(self) -> list[tuple[str, str]]:
        """The named participants in their order."""
        rows = (part.cleaned_data for part in self.people.forms)
        return [(row["name"], row["post"]) for row in rows if row.get("name")]

    def done_url(self, row: Engagement) -> str:
        return reverse("engagement-detail", args=[row.code])


class EngagementNew(EngagementEntry):
    saved = _("已登记洽谈。")

    def starting_values(self) -> dict[str, Any]:
        return {name: self.request.GET.get(name, "")[:60] for name in ("project", "enterprise")}

    def save(self, form: EngagementForm) -> Engagement:
        return engagements.engagement_record(
            by=self.actor,
            park=form.instance.park,
            values=form.values(),
            participants=self.participants(),
            key=form.submission_key,
        )


class EngagementEdit(EngagementEntry):
    def save(self, form: EngagementForm) -> Engagement:
        version, people = form.cleaned_data["version"], self.participants()
        engagements.engagement_update(
            by=self.actor, engagement=form.instance, version=version, values=form.values(), participants=people
        )
        return form.instance


class EngagementWithdraw(RowAction):
    model = Engagement
    done = _("已撤回。")

    def act(self, row: Engagement, version: int) -> None:
        engagements.engagement_withdraw(by=self.actor, engagement=row, version=version)

    def back_url(self, row: Engagement) -> str:
        return reverse("engagement-list")
