"""大屏: the screens of a park for who is logged in, the same behind a link, and the pages that keep the links."""

from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import ListView, TemplateView
from django.views.generic.base import View

from parkportal.entry import RowAction, own_park
from parkportal.models import Park, User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from parkportal.trace import StaleVersion
from reports import wall
from reports.models import WallLink, WallText
from reports.models.wall import Edition
from reports.views.blank_forms import FormPage
from reports.views.overview import chosen_park
from reports.wall_forms import WallLinkForm, WallTextForm

USUAL_LIFE = timedelta(days=90)


class Wall(MayMixin, TemplateView):
    """The wall of the reader's park, or of the one in the address; `edition` chooses the visitors' one."""

    template_name = "reports/wall.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parks = list(Park.objects.visible_to(cast(User, self.request.user)))
        park = chosen_park(parks, self.request.GET.get("park", ""))
        asked = self.request.GET.get("edition", "")
        edition = asked if asked in Edition.values else Edition.WORKING.value
        context = super().get_context_data(**kwargs) | {"now": timezone.localtime(), "leave": reverse("overview")}
        shown = wall.wall_of(park, edition, persons=True) if park else {"edition": edition, "screens": []}
        return context | shown | {"editions": self._editions(park, edition)}

    def _editions(self, park: Park | None, current: str) -> list[dict[str, Any]]:
        """The way to the other edition."""
        named = f"&park={park.code}" if park else ""
        return [
            {"label": label, "url": f"?edition={value}{named}", "current": value == current}
            for value, label in Edition.choices
        ]


@method_decorator(login_not_required, name="dispatch")
class WallShared(View):
    """The wall behind a link, for a screen where nobody is logged in; what is refused says why."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            link = wall.link_of(token, timezone.localdate())
        except wall.Refused as refused:
            return render(request, "reports/wall_refused.html", {"sentence": str(refused)}, status=403)
        context = wall.wall_of(link.park, link.edition, persons=False)
        return render(request, "reports/wall.html", {"now": timezone.localtime(), **context})


class WallLinkList(MayMixin, ListView):  # type: ignore[type-arg]
    """The links of the park, each with its address, until when it works, and a button that takes it back."""

    template_name = "reports/walllink_list.html"
    may = May.OPEN_WALL
    paginate_by = 50

    def get_queryset(self) -> QuerySet[WallLink]:
        return WallLink.objects.visible_to(cast(User, self.request.user)).select_related("park", "created_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, today = super().get_context_data(**kwargs), timezone.localdate()
        context["links"] = [(link, self._address(link), link.is_open(today)) for link in context["object_list"]]
        return context

    def _address(self, link: WallLink) -> str:
        return self.request.build_absolute_uri(reverse("wall-shared", args=[wall.token_of(link)]))


class WallLinkNew(FormPage):
    """Opening the park's wall to a screen."""

    template_name = "reports/walllink_form.html"
    may = May.OPEN_WALL

    def get(self, request: HttpRequest) -> HttpResponse:
        own_park(request)
        return self.show(WallLinkForm(initial={"expires_on": timezone.localdate() + USUAL_LIFE}))

    def post(self, request: HttpRequest) -> HttpResponse:
        park, form = own_park(request), WallLinkForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            wall.wall_link_make(by=actor_of(request), park=park, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
            return self.show(form)
        messages.success(request, _("大屏链接已开通，把地址输入大屏的浏览器即可。"))
        return redirect("wall-link-list")


class WallLinkWithdraw(RowAction):
    """Taking a link back."""

    model = WallLink
    may = May.OPEN_WALL
    done = gettext_lazy("大屏链接已停用。")

    def rows(self) -> QuerySet[WallLink]:
        return WallLink.objects.visible_to(cast(User, self.request.user)).filter(deleted_at__isnull=True)

    def act(self, row: WallLink, version: int) -> None:
        wall.wall_link_withdraw(by=self.actor, link=row, version=version)

    def back_url(self, row: WallLink) -> str:
        return reverse("wall-link-list")


class WallTextEdit(FormPage):
    """What the park says of itself on the reception wall."""

    template_name = "reports/walltext_form.html"
    may = May.OPEN_WALL

    def get(self, request: HttpRequest) -> HttpResponse:
        text = WallText.objects.filter(park=own_park(request)).first()
        names = ("honours", "services", "version")
        return self.show(WallTextForm(initial={name: getattr(text, name) for name in names} if text else {}))

    def post(self, request: HttpRequest) -> HttpResponse:
        park, form = own_park(request), WallTextForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        values = form.cleaned_data
        version = values.pop("version")
        try:
            wall.wall_text_set(by=actor_of(request), park=park, values=values, version=version)
        except StaleVersion:
            form.add_error(None, _("刚被别人改过，没有保存。请打开新页面看过现在的内容再改。"))
            return self.show(form)
        messages.success(request, _("大屏文字已保存。"))
        return redirect("wall-link-list")
