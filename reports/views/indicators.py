"""指标口径: what each figure counts, for every reader; edited and added by the statistician of the region."""

from typing import Any, cast
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView

from parkportal.filter_box import BoxedList
from parkportal.history import history
from parkportal.models import Park, User
from parkportal.pages import MayMixin
from parkportal.roles import May
from reports.filters import IndicatorFilter
from reports.forms import IndicatorForm, IndicatorNewForm, as_typed, places_of
from reports.formulas import at, formula, lamp_rule
from reports.indicators import indicator_create, indicator_update
from reports.models import Indicator, Scorecard, ScorecardLine, Target
from reports.periods import Period
from reports.previews import picture, preview
from reports.rows import row_of
from reports.sources import REPORTED, SOURCES
from reports.targets import say_amount
from reports.views.rules import RulePage
from reports.words import write_value


class IndicatorList(BoxedList):
    model = Indicator
    filterset_class = IndicatorFilter
    template_name = "reports/indicator_list.html"
    heading, noun = _("指标口径"), _("项")
    orderings = ("order", "name", "code")
    default_ordering = "order"
    offered = ("role", "listed")

    def rows(self) -> QuerySet[Indicator]:
        return Indicator.objects.visible_to(cast(User, self.request.user)).select_related("region")


class IndicatorDetail(MayMixin, DetailView):
    template_name = "reports/indicator_detail.html"
    slug_field = slug_url_kwarg = "code"

    def get_queryset(self) -> QuerySet[Indicator]:
        user = cast(User, self.request.user)
        return Indicator.objects.visible_to(user).select_related("region", "numerator", "denominator")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        lines = _latest_lines(self.object, user)
        year = lines[0].scorecard.period[:4] if lines else str(timezone.localdate().year)
        period = Period.parse(lines[0].scorecard.period) if lines else None
        return super().get_context_data(**kwargs) | {
            "formula": formula(self.object),
            "lamp_rule": lamp_rule(self.object),
            "period": period,
            "as_of": at(self.object, period) if period else [],
            "year": year,
            "parks": _parks(self.object, user, int(year), lines),
            "changes": history(user, Indicator, self.object.code),
            "may_set": user.may(May.SET_TARGETS),
            "may_edit": user.may(May.SET_TARGETS) and editable(user).filter(pk=self.object.pk).exists(),
        }


def _latest_lines(indicator: Indicator, user: User) -> list[ScorecardLine]:
    """The indicator's lines of the latest month of any visible park; of each park the one that is out comes last."""
    lines = ScorecardLine.objects.filter(indicator=indicator, scorecard__park__in=Park.objects.visible_to(user))
    months = lines.exclude(scorecard__period__endswith="final").order_by("-scorecard__period")
    latest = months.values("scorecard__period")[:1]
    found = (
        lines.filter(scorecard__period__in=list(latest.values_list("scorecard__period", flat=True)))
        .select_related("indicator", "scorecard__park__region")
        .prefetch_related("slices")
    )
    out = Scorecard.Status.PUBLISHED
    return sorted(found, key=lambda line: (line.scorecard.status == out, line.scorecard.revision))


def _parks(indicator: Indicator, user: User, year: int, lines: list[ScorecardLine]) -> list[dict[str, Any]]:
    """Each visible park with its latest figure and the city's target of the year; what is out has its own target."""
    targets = Target.objects.filter(indicator=indicator, year=year, level=Target.Level.CITY, deleted_at__isnull=True)
    of_park = {target.park_id: target for target in targets.visible_to(user)}
    cards = [(line, line.scorecard) for line in lines]
    written = {
        card.park_id: row_of(line, card.park, Period.parse(card.period), card.frozen_revision) for line, card in cards
    }
    frozen = {card.park_id: line for line, card in cards if card.frozen_revision}
    return [
        {
            "park": park,
            "target": of_park.get(park.pk),
            "row": written.get(park.pk),
            **_told(indicator, frozen.get(park.pk), of_park.get(park.pk)),
        }
        for park in Park.objects.visible_to(user)
    ]


def _told(indicator: Indicator, frozen: ScorecardLine | None, target: Target | None) -> dict[str, str]:
    """The annual target with its document: the one that a figure that is out was judged by, else the one in force."""
    if frozen is not None:
        said = write_value(indicator, frozen.target, strip=True) if frozen.target is not None else ""
        annual = f"{said}{indicator.display_unit}" if said else ""
        return {"annual": annual, "document": frozen.target_document, "authority": frozen.target_authority}
    if target is None:
        return {"annual": "", "document": "", "authority": ""}
    annual = say_amount(indicator, target.annual)
    return {"annual": annual, "document": target.document, "authority": target.authority}


def editable(user: User) -> QuerySet[Indicator]:
    """Indicators that a statistician may edit: those of every region, and those of the regions they work for."""
    here = Q(region__isnull=True) | Q(region__in=places_of(user))
    return Indicator.objects.visible_to(user).filter(here)


class IndicatorPage(RulePage):
    """What defining and editing an indicator have in common."""

    model = Indicator

    def rows(self) -> QuerySet[Indicator]:
        return editable(self.user)

    def done_url(self, row: Indicator) -> str:
        return reverse("indicator-detail", args=[row.code])


class IndicatorNew(IndicatorPage):
    """A new indicator from its parts; `like` in the address begins with those of another, `source` with a source.

    Three buttons send the form: choose another source, look at the figures first, or save.
    """

    form_class = IndicatorNewForm
    template_name = "reports/indicator_new.html"
    saved = _("指标已建立，各期初稿随即重新编制。")

    def starting_values(self) -> dict[str, Any]:
        place, query = self.user.region, self.request.GET
        start = {"region": place.code if place else "", "from_year": timezone.localdate().year}
        if like := self.rows().filter(code=query.get("like", "")).select_related("region").first():
            return as_typed(like) | start
        source = query.get("source", "")
        kept = urlencode([(key, one) for key in query if key != "source" for one in query.getlist(key)])
        return start | ({"source": source, "filter": kept} if source in SOURCES else {})

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        action = self.request.POST.get("action")
        if action == "source":
            return self.show(self._typed_so_far())
        if action == "preview":
            form = cast(IndicatorNewForm, self.make_form(self.request.POST))
            return self.show(form, **(self._preview(form) if form.is_valid() else {}))
        return super().post(*args, **kwargs)

    def _typed_so_far(self) -> IndicatorNewForm:
        """The form of another source with what was typed, and nothing of it refused yet."""
        typed = self.request.POST.dict() | {
            name: name in self.request.POST for name in ("listed", "pinned", "is_event")
        }
        source = typed.get("source", "")
        return IndicatorNewForm(user=self.user, initial=typed | {"filter": ""} if source else typed)

    def _preview(self, form: IndicatorNewForm) -> dict[str, Any]:
        park, today = form.park, Period.of(timezone.localdate())
        if park is None or form.instance.source == REPORTED:
            return {"unseen": True}
        shown = preview(form.instance, park, self.user, today)
        return {
            "preview": shown,
            "picture": picture(form.instance, shown.months),
            "formula": formula(form.instance),
            "as_of": at(form.instance, shown.latest.period),
        }

    def save(self, form: IndicatorNewForm) -> Indicator:
        return indicator_create(by=self.actor, values=form.values())


class IndicatorEdit(IndicatorPage):
    form_class = IndicatorForm
    template_name = "reports/indicator_form.html"

    def save(self, form: IndicatorForm) -> Indicator:
        version = form.cleaned_data["version"]
        indicator_update(by=self.actor, indicator=form.instance, version=version, values=form.values())
        return form.instance
