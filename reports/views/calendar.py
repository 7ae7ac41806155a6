"""报送日历: the periods of a year, of one park with what is missing, or of all parks beside each other."""

from collections.abc import Sequence
from typing import Any, Final, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from parkportal.history import history
from parkportal.models import Park, Region, User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from reports import calendar
from reports.calendar_forms import RegionForm
from reports.targets.scope import proposals_in, year_to_copy
from reports.tasks import compile_what_is_due

PARKS: Final = 50
"""Parks on a page of the whole region."""


class Calendar(MayMixin, TemplateView):
    """`year` and `park` choose; without a park somebody of a region sees all of them."""

    template_name = "reports/calendar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = cast(User, self.request.user), timezone.localdate()
        parks = list(Park.objects.visible_to(user).select_related("region"))
        park = self._park(parks)
        years = calendar.years_of(parks, today)
        year = self._year(years, calendar.usual_year([park] if park else parks, today))
        context = super().get_context_data(**kwargs) | {"parks": parks, "park": park, "years": years, "year": year}
        shown = self._one(user, park, year) if park else self._all(parks, year)
        return context | shown | self._settings(user, park, parks) | self._turn(user, year) | {"today": today}

    def _park(self, parks: Sequence[Park]) -> Park | None:
        """The park of the address, or the only one."""
        asked = self.request.GET.get("park", "")
        found = next((park for park in parks if park.code == asked), None)
        if asked and found is None:
            raise Http404(_("没有这个园区，或不在你的权限内。"))
        return parks[0] if len(parks) == 1 else found

    def _year(self, years: Sequence[int], usual: int) -> int:
        asked = self.request.GET.get("year", "")
        found = next((year for year in years if str(year) == asked), None)
        if asked and found is None:
            raise Http404(_("没有这个年度的日历。"))
        return found or usual

    @staticmethod
    def _one(user: User, park: Park, year: int) -> dict[str, Any]:
        stops = calendar.stops_of([park], year, timezone.localdate())[park.pk]
        return {"stops": calendar.with_gaps(user, stops, park, year), "late": sum(stop.is_late for stop in stops)}

    def _all(self, parks: Sequence[Park], year: int) -> dict[str, Any]:
        """A page of parks by periods; a period that a park does not have is an empty cell."""
        page = Paginator(parks, PARKS).get_page(self.request.GET.get("page", "1"))
        found = calendar.stops_of(list(page), year, timezone.localdate())
        periods = sorted({stop.period for stops in found.values() for stop in stops})
        rows = []
        for park in page:
            own = {stop.period: stop for stop in found[park.pk]}
            rows.append((park, [(period, own.get(period)) for period in periods]))
        regions = {park.region for park in parks}
        alone = regions.pop() if len(regions) == 1 else None
        heads = [(one, calendar.publication_of(one, alone) if alone else None) for one in periods]
        late = sum(stop.is_late for stops in found.values() for stop in stops)
        return {"page_obj": page, "heads": heads, "rows": rows, "late": late}

    @staticmethod
    def _settings(user: User, park: Park | None, parks: Sequence[Park]) -> dict[str, Any]:
        """How the regions on the page report, and which of them the reader may change."""
        shown = {one.region.pk: one.region for one in ([park] if park else parks)}
        mine = set(calendar.regions_of(user).values_list("pk", flat=True)) if shown else set()
        return {"regions": [(region, pk in mine) for pk, region in shown.items()]}

    @staticmethod
    def _turn(user: User, year: int) -> dict[str, Any]:
        """What a new year waits for: last year's targets as proposals, then the paper that confirms them."""
        setter = user.may(May.SET_TARGETS)
        return {
            "copy_from": year_to_copy(user, year) if setter else None,
            "proposed": proposals_in(user, year) if setter else 0,
        }


class RegionEdit(MayMixin):
    """How a region reports, changed by its statistician; drafts are compiled again."""

    may = May.SET_TARGETS

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self.show(RegionForm(instance=self.region()))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        with transaction.atomic():
            form = RegionForm(request.POST, instance=self.region())
            if not form.is_valid():
                return self.show(form)
            told = calendar.region_settings_save(by=actor_of(request), region=self.region(), values=form.values())
        compile_what_is_due()
        messages.success(request, "".join([_("已保存。"), *told]) if told else _("没有改动，不用保存。"))
        return redirect(reverse("calendar"))

    def region(self) -> Region:
        """The region of the address, if it is the person's to change."""
        return get_object_or_404(calendar.regions_of(cast(User, self.request.user)), code=self.kwargs["code"])

    def show(self, form: RegionForm) -> HttpResponse:
        """The form, filled as it was posted."""
        region = self.region()
        changes = history(cast(User, self.request.user), Region, region.code)
        return render(self.request, "reports/region_form.html", {"form": form, "region": region, "changes": changes})
