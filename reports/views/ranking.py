"""全市位次: the compiled places of all parks of a region, shown to every reader."""

from typing import Any, cast

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from parkportal.models import Park, User
from parkportal.pages import MayMixin
from parkportal.writing import write_percent, write_period
from reports.periods import BadPeriod, Period, time_progress
from reports.ranking import Table, ranked_periods, rankings


class Ranking(MayMixin, TemplateView):
    template_name = "reports/ranking.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        parks = Park.objects.visible_to(user)
        periods = ranked_periods(parks)
        context = super().get_context_data(**kwargs) | {"problem": "", "tables": [], "period": None, "asked": ""}
        try:
            period = Period.parse(asked) if (asked := self.request.GET.get("period", "")) else None
        except BadPeriod as mistake:
            return context | {"problem": _("%(sentence)s。") % {"sentence": mistake}}
        period = period or next(iter(periods), None)
        if period is None:
            return context
        tables = rankings(parks, period, user.park)
        return context | self._chosen(tables) | self._switches(period, periods)

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

    def _switches(self, period: Period, periods: list[Period]) -> dict[str, Any]:
        offered = sorted({period, *periods}, reverse=True)
        return {
            "period": period,
            "periods": [(one, write_period(one.year, one.month, "full")) for one in offered],
            "pace": write_percent(time_progress(period.month)),
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        return super().render_to_response(context, status=400 if context["problem"] else 200, **kwargs)
