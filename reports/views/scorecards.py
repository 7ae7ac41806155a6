"""The scorecards themselves."""

from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import DetailView, TemplateView

from parkportal import jobs
from parkportal.models import Job, Park, User
from parkportal.pages import FilteredList, MayMixin, actor_of
from parkportal.roles import May
from parkportal.tasks import carry
from projects.models import Project
from reports.calendar import is_provisional
from reports.filters import ScorecardFilter
from reports.frozen import park_of
from reports.members import list_url, month_url, until_url
from reports.models import Indicator, Scorecard, Signature
from reports.periods import BadPeriod, Period
from reports.published import members_of_figure
from reports.publishing import base_of, content_now, headline_set
from reports.services import Due
from reports.sheet import sheet_of


def period_or_404(text: str) -> Period:
    """The period of an address; an unreadable one is no page."""
    try:
        return Period.parse(text)
    except BadPeriod as error:
        raise Http404(str(error)) from error


def scorecard_or_404(request: HttpRequest, park: str, period: str) -> Scorecard:
    """The scorecard that an address names, if the reader may see it: what is published last, else the draft.

    `revision=N` asks for another one, `revision=draft` for the correction that is being drawn up.
    """
    mine = Scorecard.objects.visible_to(cast(User, request.user)).select_related("park__region", "publication")
    mine = mine.filter(park__code=park, period=str(period_or_404(period)))
    asked = request.GET.get("revision", "")
    if asked == "draft":
        mine = mine.exclude(status=Scorecard.Status.PUBLISHED)
    elif asked:
        if not (asked.isascii() and asked.isdigit() and len(asked) < 4):
            raise Http404(_("版次写成数字，如“1”。"))
        mine = mine.filter(revision=int(asked))
    else:
        mine = mine.current()
    return get_object_or_404(mine)


def open_scorecard(request: HttpRequest, park: str, period: str) -> Scorecard:
    """The draft or handed-in scorecard of an address, if the reader may see it.

    Where none is open any more, as after a button that was pressed twice, what stands there now: its state is refused
    in words.
    """
    shown = scorecard_or_404(request, park, period)
    unpublished = Scorecard.objects.filter(park=shown.park, period=shown.period).exclude(
        status=Scorecard.Status.PUBLISHED
    )
    return unpublished.select_related("park__region").first() or shown


def page_of(card: Scorecard) -> str:
    """The page of exactly this revision."""
    return f"{reverse('scorecard-detail', args=[card.park.code, card.period])}?revision={card.revision}"


def _title(scorecard: Scorecard) -> str:
    """“2020年1—9月”."""
    return Period.parse(scorecard.period).in_words("full")


class ScorecardList(FilteredList):
    """Every compiled scorecard that the reader may see."""

    model = Scorecard
    template_name = "reports/scorecard_list.html"
    filterset_class = ScorecardFilter
    orderings = ("period", "compiled_at")
    default_ordering = "-period"

    def rows(self) -> QuerySet[Scorecard]:
        mine = Scorecard.objects.visible_to(cast(User, self.request.user))
        return mine.select_related("park").defer("submitted_content")

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
        user, card = cast(User, self.request.user), self.object
        content = content_now(card) if card.status != Scorecard.Status.DRAFT else None
        return (
            super().get_context_data(**kwargs)
            | sheet_of(card, Project.objects.visible_to(user), content)
            | {"revisions": revisions_of(card), "signed": signed_of(card)}
            | {"mine": card.submitted_by_id == user.pk, "explains": base_of(card) is not None}
            | {"running": is_provisional(card, timezone.localdate())}
        )


def revisions_of(card: Scorecard) -> list[Scorecard]:
    """All revisions of a park and period, the newest first; the open one is the last row of the life of a scorecard."""
    return list(Scorecard.objects.filter(park=card.park, period=card.period).order_by("-revision"))


def signed_of(card: Scorecard) -> list[tuple[str, str, date | None]]:
    """拟稿, 核稿 and 签发 with who signed on paper and when; a line to sign on where nobody has."""
    kept = {one.part: one for one in card.signatures.filter(deleted_at=None)}
    parts = ((label, kept.get(part)) for part, label in Signature.Part.choices)
    return [(str(label), one.signer if one else "", one.signed_on if one else None) for label, one in parts]


def _ledger_url(card: Scorecard, indicator: Indicator, asked: QueryDict) -> str:
    """Where the ledger lists the part that an address of frozen rows asks for."""
    park, period = card.park, Period.parse(card.period)
    if asked.get("month") == "own":
        return month_url(indicator, park, period)
    if "until" in asked:
        return until_url(indicator, park, period, period_or_404(asked["until"]))
    return list_url(
        indicator, park, period, **{key: asked.getlist(key) for key in ("chain", "stage") if asked.get(key)}
    )


class ScorecardMembers(MayMixin, TemplateView):
    """The rows behind one figure: those that were frozen with it, or the plain list of a draft."""

    template_name = "reports/scorecard_members.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.card = scorecard_or_404(request, kwargs["park"], kwargs["period"])
        if self.card.status != Scorecard.Status.DRAFT:
            return super().get(request, *args, **kwargs)
        line = get_object_or_404(self.card.lines.select_related("indicator"), indicator__code=kwargs["indicator"])
        url = _ledger_url(self.card, line.indicator, request.GET)
        return redirect(url or "indicator-detail", *([] if url else [kwargs["indicator"]]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        content = content_now(self.card)
        found = members_of_figure(content, kwargs["indicator"], dict(self.request.GET.lists()))
        if found is None:
            raise Http404(_("这份成绩单没有这个指标或分项。"))
        sheet = reverse("scorecard-detail", args=[self.card.park.code, self.card.period])
        return super().get_context_data(**kwargs) | {
            "card": self.card,
            "park": park_of(content),
            "title": _title(self.card),
            "back_url": f"{sheet}?revision={self.card.revision}",
            "found": found,
        }


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
        if not due.period.has_begun(timezone.localdate()):
            said = _("%(period)s还没有到，不能编制成绩单。") % {"period": due.period.in_words("full")}
            messages.error(request, said)
            return redirect("scorecard-list")
        job = jobs.enqueue(
            "scorecard_compile",
            due.key,
            {"region": due.region.code, "period": str(due.period)},
            cast(User, request.user),
        )
        carry(job)
        job.refresh_from_db()
        words = {
            Job.State.DONE: _("已编制%(period)s成绩单。"),
            Job.State.FAILED: _("%(period)s成绩单没有编制成功，请稍后再试或联系系统管理员。"),
        }
        messages.success(
            request, words.get(Job.State(job.state), _("正在编制%(period)s成绩单，请稍后刷新。")) % {"period": period}
        )
        compiled = Scorecard.objects.filter(park=chosen, period=period).exists()
        return redirect("scorecard-detail", park, period) if compiled else redirect("scorecard-list")


class ScorecardHeadline(MayMixin, View):
    """A headline that a person types over the generated one; it survives recompiling."""

    may = May.COMPILE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, park: str, period: str) -> HttpResponse:
        scorecard = open_scorecard(request, park, period)
        text = request.POST.get("headline", "").strip()
        longest = Scorecard._meta.get_field("headline").max_length or 0
        if len(text) > longest:
            messages.error(request, _("标题语最多%(n)s个字，现在是%(now)s个字。") % {"n": longest, "now": len(text)})
        else:
            self._save(request, scorecard, text)
        return redirect(page_of(scorecard))

    @staticmethod
    def _save(request: HttpRequest, scorecard: Scorecard, text: str) -> None:
        try:
            headline_set(by=actor_of(request), scorecard=scorecard, headline=text)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, _("标题语已保存。") if text else _("标题语已恢复为自动生成。"))
