"""总览 of one park and period."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final, cast

from django.core.cache import cache
from django.db.models import Max
from django.http import Http404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from parkportal import trace
from parkportal.models import Park, User
from parkportal.pages import MayMixin
from projects.models import Project
from projects.models.secrecy import sight_of
from reports.calendar import is_provisional
from reports.models import Scorecard
from reports.overview import Overview as Card
from reports.overview import Readable, overview_of, parts, trend, work
from reports.periods import Period

KEPT_SECONDS: Final = 600


class Overview(MayMixin, TemplateView):
    """Without a choice, the reader's park and its latest scorecard; `trend` chooses the figure that is drawn."""

    template_name = "reports/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parks = list(Park.objects.visible_to(self._user))
        park = chosen_park(parks, self.request.GET.get("park", ""))
        found = Scorecard.objects.current().filter(park=park).select_related("park__region")
        cards = list(found.defer("submitted_content").order_by("-period"))
        asked = self.request.GET.get("period", "")
        card = next((one for one in cards if asked in {"", one.period}), None)
        context = super().get_context_data(**kwargs) | {"parks": parks, "park": park, "scorecard": card}
        context["periods"] = [(one, Period.parse(one.period).in_words("full")) for one in cards]
        if card is None:
            return context | {"asked": asked}
        latest = card == cards[0]
        heading, body = self._kept(card, latest)
        return context | {"heading": heading, "body": body, "months": Period.parse(card.period).in_words("full")}

    def _kept(self, card: Scorecard, latest: bool) -> tuple[str, str]:
        """The page's fragments, kept for as long as nothing that they say has changed."""
        key = self._key(card, latest)
        kept: tuple[str, str] | None = cache.get(key)
        if kept is None:
            read = shown(overview_of(card, latest=latest), Readable.by(self._user), self.request.GET.get("trend", ""))
            running = is_provisional(card, timezone.localdate())
            context = read | {"park": card.park, "scorecard": card, "running": running}
            kept = tuple(render_to_string(f"reports/_overview_{part}.html", context) for part in ("heading", "body"))
            cache.set(key, kept, KEPT_SECONDS)
        return kept

    def _key(self, card: Scorecard, latest: bool) -> str:
        """What the fragments depend on: facts, the region's compiled cards, the day, the reader's sight and address."""
        rivals = Scorecard.objects.filter(period=card.period, park__region=card.park.region_id)
        compiled = rivals.aggregate(last=Max("compiled_at"), newest=Max("pk"))
        facts = (trace.last_seq(), compiled["last"], compiled["newest"], timezone.localdate())
        sight = sight_of(self._user, Project.objects.all())
        asked = (card.pk, card.version, card.headline, latest, sight, self.request.GET.get("trend", ""))
        return f"overview:{sha256(repr((facts, asked)).encode()).hexdigest()}"

    @property
    def _user(self) -> User:
        return cast(User, self.request.user)


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
        "carried": parts.carried(card),
    }
