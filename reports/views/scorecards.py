"""The overview, and the scorecards themselves."""

from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import DetailView, TemplateView

from parkportal import jobs
from parkportal.models import Job, Park, User
from parkportal.pages import FilteredList, MayMixin, actor_of
from parkportal.roles import May
from parkportal.tasks import carry
from parkportal.writing import write_period
from projects.models import Project
from reports.filters import ScorecardFilter
from reports.members import list_url
from reports.models import Scorecard
from reports.overview import overview_of
from reports.periods import BadPeriod, Period
from reports.services import Due, scorecard_headline_set
from reports.sheet import sheet_of


def period_or_404(text: str) -> Period:
    """The period of an address; an unreadable one is no page."""
    try:
        return Period.parse(text)
    except BadPeriod as error:
        raise Http404(str(error)) from error


def scorecard_or_404(request: HttpRequest, park: str, period: str) -> Scorecard:
    """The scorecard that an address names, if the reader may see it."""
    visible = Scorecard.objects.visible_to(cast(User, request.user)).select_related("park__region")
    return get_object_or_404(visible.order_by("-id"), park__code=park, period=str(period_or_404(period)))


class Overview(MayMixin, TemplateView):
    """总览 of one park and period; without a choice, the reader's park and its latest scorecard."""

    template_name = "reports/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        parks = list(Park.objects.visible_to(user))
        scorecards = Scorecard.objects.visible_to(user).select_related("park__region").order_by("-period")
        park = self._park(parks, scorecards)
        mine = scorecards.filter(park=park)
        asked = self.request.GET.get("period", "")
        scorecard = next((card for card in mine if asked in {"", card.period}), None)
        context = super().get_context_data(**kwargs) | {"parks": parks, "park": park, "scorecard": scorecard}
        context["periods"] = [(s, _title(s)) for s in mine]
        if scorecard is None:
            return context | {"asked": self.request.GET.get("period", "")}
        return context | overview_of(scorecard).context(Project.objects.visible_to(user)) | {"title": _title(scorecard)}

    def _park(self, parks: list[Park], scorecards: QuerySet[Scorecard]) -> Park | None:
        asked = self.request.GET.get("park")
        if asked:
            found = next((park for park in parks if park.code == asked), None)
            if found is None:
                raise Http404(_("没有这个园区，或不在你的权限内。"))
            return found
        latest = scorecards.order_by("-period", "park__code").first()
        return latest.park if latest else next(iter(parks), None)


def _title(scorecard: Scorecard) -> str:
    """“2020年1—9月”."""
    period = Period.parse(scorecard.period)
    return write_period(period.year, period.month, "full")


class ScorecardList(FilteredList):
    """Every compiled scorecard that the reader may see."""

    model = Scorecard
    template_name = "reports/scorecard_list.html"
    filterset_class = ScorecardFilter
    orderings = ("period", "compiled_at")
    default_ordering = "-period"

    def rows(self) -> QuerySet[Scorecard]:
        return Scorecard.objects.visible_to(cast(User, self.request.user)).select_related("park")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["titled"] = [(scorecard, _title(scorecard)) for scorecard in context["object_list"]]
        parks = Park.objects.visible_to(cast(User, self.request.user))
        return context | {"parks": parks, "running": Period.of(timezone.localdate())}


class ScorecardDetail(MayMixin, DetailView):
    """A scorecard as the document that offices read."""

    template_name = "reports/scorecard_detail.html"

    def get_object(self, queryset: Any = None) -> Scorecard:
        return scorecard_or_404(self.request, self.kwargs["park"], self.kwargs["period"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        projects = Project.objects.visible_to(cast(User, self.request.user))
        return super().get_context_data(**kwargs) | sheet_of(self.object, projects)


class ScorecardMembers(MayMixin, View):
    """The list behind one figure of a scorecard; a draft's members are the plain list."""

    def get(self, request: HttpRequest, park: str, period: str, indicator: str) -> HttpResponse:
        scorecard = scorecard_or_404(request, park, period)
        line = get_object_or_404(scorecard.lines.select_related("indicator"), indicator__code=indicator)
        url = list_url(line.indicator, scorecard.park, Period.parse(scorecard.period))
        return redirect(url or "indicator-detail", *([] if url else [indicator]))


class ScorecardCompile(MayMixin, View):
    """编制: compile the drafts of a period for the whole region, as the same job that the schedule runs.

    Park and period are in the address, or in the form that offers all of them.
    """

    may = May.COMPILE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, park: str = "", period: str = "") -> HttpResponse:
        park, period = park or request.POST.get("park", ""), period or request.POST.get("period", "")
        chosen = get_object_or_404(
            Park.objects.visible_to(cast(User, request.user)).select_related("region"), code=park
        )
        due = Due(chosen.region, period_or_404(period))
        job = jobs.enqueue(
            "scorecard_compile",
            due.key,
            {"region": due.region.code, "period": str(due.period)},
            cast(User, request.user),
        )
        carry(job)
        job.refresh_from_db()
        said = {
            Job.State.DONE: _("已编制%(period)s成绩单。"),
            Job.State.FAILED: _("%(period)s成绩单没有编制成功，请稍后再试或联系系统管理员。"),
        }
        messages.success(
            request, said.get(Job.State(job.state), _("正在编制%(period)s成绩单，请稍后刷新。")) % {"period": period}
        )
        compiled = Scorecard.objects.filter(park=chosen, period=period).exists()
        return redirect("scorecard-detail", park, period) if compiled else redirect("scorecard-list")


class ScorecardHeadline(MayMixin, View):
    """A headline that a person types over the generated one; it survives recompiling."""

    may = May.COMPILE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, park: str, period: str) -> HttpResponse:
        scorecard = scorecard_or_404(request, park, period)
        text = request.POST.get("headline", "").strip()
        longest = Scorecard._meta.get_field("headline").max_length or 0
        if len(text) > longest:
            messages.error(request, _("标题语最多%(n)s个字，现在是%(now)s个字。") % {"n": longest, "now": len(text)})
        else:
            scorecard_headline_set(by=actor_of(request), scorecard=scorecard, headline=text)
            messages.success(request, _("标题语已保存。") if text else _("标题语已恢复为自动生成。"))
        return redirect("scorecard-detail", park, period)
