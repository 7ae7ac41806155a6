"""总览 of one park and period."""

from collections.abc import Sequence
from typing import Any, cast

from django.http import Http404
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from parkportal.models import Park, User
from parkportal.pages import MayMixin
from reports.models import Scorecard
from reports.overview import Overview as Card
from reports.overview import Readable, overview_of, parts, trend, work
from reports.periods import Period


class Overview(MayMixin, TemplateView):
    """Without a choice, the reader's park and its latest scorecard; `trend` chooses the figure that is drawn."""

    template_name = "reports/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        parks = list(Park.objects.visible_to(user))
        park = chosen_park(parks, self.request.GET.get("park", ""))
        cards = list(Scorecard.objects.current().filter(park=park).select_related("park__region").order_by("-period"))
        asked = self.request.GET.get("period", "")
        card = next((one for one in cards if asked in {"", one.period}), None)
        context = super().get_context_data(**kwargs) | {"parks": parks, "park": park, "scorecard": card}
        context["periods"] = [(one, Period.parse(one.period).in_words("full")) for one in cards]
        if card is None:
            return context | {"asked": asked}
        return context | self._shown(overview_of(card, latest=card == cards[0]), user)

    def _shown(self, card: Card, user: User) -> dict[str, Any]:
        return shown(card, Readable.by(user), self.request.GET.get("trend", ""))


def chosen_park(parks: Sequence[Park], asked: str) -> Park | None:
    """The park that an address names among those that the reader may see; without one, that of the latest scorecard."""
    if asked:
        found = next((park for park in parks if park.code == asked), None)
        if found is None:
            raise Http404(_("没有这个园区，或不在你的权限内。"))
        return found
    if len(parks) < 2:
        return next(iter(parks), None)
    latest = Scorecard.objects.filter(park__in=parks).order_by("-period", "park__code").values_list("park", flat=True)
    newest = latest.first()
    return next((park for park in parks if park.pk == newest), parks[0])


def shown(card: Card, projects: Readable, drawn: str = "") -> dict[str, Any]:
    """All that the overview says of a scorecard to somebody who may read these projects."""
    return card.results() | {
        "trend": trend.trend(card, projects.all, drawn),
        "prospects": trend.prospects(card, projects.all),
        "matters": work.matters(card, projects.in_full),
        "waiting": work.waiting(card, projects.all),
        "majors": work.majors(card, projects.all),
        "funnel": parts.funnel(card),
        "chains": parts.chains(card),
        "money": parts.money(card),
    }
