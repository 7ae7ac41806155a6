"""Pages of handovers: the list of them, a new one, and the sheet that is printed and signed."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import DetailView, ListView
from django.views.generic.base import TemplateResponseMixin, View

from parkportal.entry import own_park
from parkportal.forms import speak
from parkportal.models import User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from parkportal.trace import StaleVersion
from parkportal.writing import clean_text
from projects.models import Handover
from projects.services import handover


class HandoverForm(forms.Form):
    """Who takes which projects over, and why."""

    use_required_attribute = False
    codes = forms.MultipleChoiceField(label=gettext_lazy("移交的项目"), widget=forms.CheckboxSelectMultiple)
    taker = forms.ChoiceField(label=gettext_lazy("接收人"))
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200, required=False)

    def __init__(self, data: Any = None, *, giver: User, user: User) -> None:
        super().__init__(data)
        park = cast(Any, user.park)
        self.held = list(cast(Any, handover.held_by(giver, park)).read_by(user))
        self.people = {one.username: one for one in handover.takers(park, giver)}
        self.fields["codes"].choices = [(row.code, row.name) for row in self.held]  # type: ignore[attr-defined]
        self.fields["codes"].initial = [row.code for row in self.held]
        names = [(username, f"{one}（{one.get_role_display()}）") for username, one in self.people.items()]
        self.fields["taker"].choices = [("", _("请选择")), *names]  # type: ignore[attr-defined]
        for field in self.fields.values():
            speak(field, str(field.label))

    def clean_reason(self) -> str:
        return clean_text(self.cleaned_data["reason"])


class HandoverList(MayMixin, ListView):  # type: ignore[type-arg]
    """The handovers of the reader's parks, newest first."""

    template_name = "projects/handover_list.html"

    def get_queryset(self) -> QuerySet[Handover]:
        rows = Handover.objects.visible_to(self.request.user).kept()
        return rows.select_related("park", "giver", "taker")[:200]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        return super().get_context_data(**kwargs) | {
            "may_make": user.may(May.ENTER) and user.park_id is not None,
            "many_parks": user.park_id is None,
        }


class HandoverDetail(MayMixin, DetailView):  # type: ignore[type-arg]
    """The list of a handover, to be printed and signed."""

    template_name = "projects/handover_detail.html"
    slug_field = slug_url_kwarg = "code"

    def get_queryset(self) -> QuerySet[Handover]:
        rows = Handover.objects.visible_to(self.request.user).kept()
        return rows.select_related("park", "giver", "taker", "created_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = handover.list_of(self.object, cast(User, self.request.user))
        total = sum(row["total_investment"] or 0 for row in rows)
        return super().get_context_data(**kwargs) | {"rows": rows, "total": total}


class HandoverNew(MayMixin, TemplateResponseMixin, View):
    """Choose whose projects, which of them, and who takes them over."""

    may = May.ENTER
    template_name = "projects/handover_form.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.user = cast(User, request.user)

    def giver(self, username: str) -> User:
        """The named person, or the reader; 404 for somebody whose projects they may not hand over."""
        return get_object_or_404(handover.givers(self.user), username=username or self.user.username)

    def get(self, request: HttpRequest) -> HttpResponse:
        own_park(request)
        giver = self.giver(request.GET.get("giver", ""))
        return self.show(giver, HandoverForm(giver=giver, user=self.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        own_park(request)
        giver = self.giver(request.POST.get("giver", ""))
        form = HandoverForm(request.POST, giver=giver, user=self.user)
        if not form.is_valid():
            return self.show(giver, form)
        try:
            made = handover.handover_make(
                by=actor_of(request),
                giver=giver,
                taker=form.people[form.cleaned_data["taker"]],
                codes=form.cleaned_data["codes"],
                on=timezone.localdate(),
                reason=form.cleaned_data["reason"],
            )
        except StaleVersion:
            form.add_error(None, _("有项目刚被别人改过，没有移交。请核对后再试一次。"))
            return self.show(giver, form)
        except ValidationError as refused:
            form.add_error(None, refused)
            return self.show(giver, form)
        messages.success(request, _("已移交%(count)s个项目，请打印清单签字。") % {"count": len(made.rows)})
        return redirect("handover-detail", made.code)

    def show(self, giver: User, form: HandoverForm) -> HttpResponse:
        """The page, with what was chosen."""
        people = list(handover.givers(self.user))
        shown = {"form": form, "giver": giver, "people": people, "held": form.held, "chosen": form["codes"].value()}
        return self.render_to_response(shown)
