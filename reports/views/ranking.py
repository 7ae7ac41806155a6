"""全市位次: all parks of a region beside each other, shown to every reader; compared with another period if asked."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from parkportal.models import Park, User
from parkportal.pages import MayMixin
from parkportal.writing import write_percent
from reports.periods import BadPeriod, Period, progress_told
from reports.ranking import Figures, Table, figures_of, matrix, ranked_periods, rankings, zeros


class Ranking(MayMixin, TemplateView):
    template_name = "reports/ranking.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        parks = Park.objects.visible_to(user)
        periods = ranked_periods(parks)
        context = super().get_context_data(**kwargs) | {"problem": "", "tables": [], "period": None, "asked": ""}
        try:
            period, against = self._period("period"), self._period("against")
        except BadPeriod as mistake:
            return context | {"problem": _("%(sentence)s。") % {"sentence": mistake}}
        period = period or next(iter(periods), None)
        if period is None:
            return context
        return context | self._compared(parks, period, against) | self._switches(period, against, periods)

    def _period(self, name: str) -> Period | None:
        """A period of the address; none where it names none."""
        asked = self.request.GET.get(name, "")
        return Period.parse(asked) if asked else None

    def _compared(self, parks: QuerySet[Park], period: Period, against: Period | None) -> dict[str, Any]:
        """The figures of a period, beside those of another one."""
        own = cast(User, self.request.user).park
        figures = figures_of(parks, period, own)
        other = figures_of(parks, against, own) if against else None
        steps = [line.scorecard.park.region.paces_quarterly for line in figures.lines]
        told = {line.time_progress for line in figures.lines}
        pace = progress_told(told, period.month, quarterly=bool(steps) and all(steps))
        chosen = self._chosen(rankings(figures, other)) | {"pace": write_percent(pace)}
        if chosen["asked"] or not figures.lines:
            return chosen
        return chosen | self._city(figures, other)

    def _city(self, figures: Figures, other: Figures | None) -> dict[str, Any]:
        """What the city as a whole shows: the matrix and who has not begun."""
        return {"matrix": matrix(figures, other), "zeros": zeros(figures), "unknown": bool(other and not other.lines)}

    def _chosen(self, tables: list[Table]) -> dict[str, Any]:
        """The tables of the indicator in the address, or all; the links between them."""
        code = self.request.GET.get("indicator", "")
        known = {table.indicator.code: table.indicator for table in tables}
        chosen = [table for table in tables if not code or table.indicator.code == code]
        links = [("", _("全部")), *((key, indicator.brief) for key, indicator in known.items())]
        problem = _("没有代码为“%(code)s”的市定考核指标，可以看：%(known)s。")
        said = {"code": code[:50], "known": "、".join(known)}
        return {
            "tables": chosen,
            "asked": code,
            "problem": problem % said if code and tables and not chosen else "",
            "links": [{"label": label, "url": self._address(key), "current": key == code} for key, label in links],
        }

    def _address(self, code: str) -> str:
        query = self.request.GET.copy()
        query["indicator"] = code
        if not code:
            del query["indicator"]
        return f"?{query.urlencode()}"

    def _switches(self, period: Period, against: Period | None, periods: list[Period]) -> dict[str, Any]:
        offered = sorted({period, *periods, *([against] if against else [])}, reverse=True)
        return {
            "period": period,
            "against": against,
            "against_text": against.in_words("full") if against else "",
            "periods": [(one, one.in_words("full")) for one in offered],
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        return super().render_to_response(context, status=400 if context["problem"] else 200, **kwargs)
