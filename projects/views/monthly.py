"""The monthly grid: what arrived and what was invested in one month, project by project."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.entry import own_park
from parkportal.models import User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from parkportal.trace import StaleVersion
from projects.forms.monthly import MonthChoice, TypedMonth
from projects.services.monthly import Month, first_day, month_arrival_save, month_investment_save, months
from projects.services.rights import Act, barred, untimely
from projects.services.weekly import own_projects

ROWS: Final = 50
SAVE: Final[dict[str, Callable[..., bool]]] = {"arrival": month_arrival_save, "investment": month_investment_save}


class MonthlySheet(MayMixin):
    """One row per project that is signed: the earlier total brought forward, the month's figure typed."""

    may = May.ENTER

    def get(self, request: HttpRequest) -> HttpResponse:
        own_park(request)
        choice = MonthChoice(request.GET.dict(), user=cast(User, request.user))
        page = Paginator(choice.rows(), ROWS).get_page(request.GET.get("page", "1"))
        rows = [TypedMonth(row) for row in _months(choice, [row.pk for row in page])]
        return self.show(choice, rows, page, 200 if choice.is_valid() else 400)

    def post(self, request: HttpRequest) -> HttpResponse:
        user, codes = cast(User, request.user), request.POST.getlist("row")
        own_park(request)
        choice = MonthChoice(request.GET.dict(), user=user)
        own = dict(own_projects(user).open_to(user).filter(code__in=codes).values_list("code", "pk"))
        if not choice.is_valid():
            return self.get(request)
        if set(codes) - set(own):
            raise Http404
        rows = [TypedMonth(row, request.POST) for row in _months(choice, list(own.values()))]
        saved = sum(sum(self.save(row, part) for part in SAVE) > 0 for row in rows)
        if any(row.errors or row.lost for row in rows):
            return self.show_rest(choice, rows, saved)
        done = _("已保存%(n)s个项目的本月数。") if saved else _("没有改动，不用保存。")
        messages.success(request, done % {"n": saved})
        return redirect(request.get_full_path())

    def save(self, row: TypedMonth, part: str) -> bool:
        """Write one half of a row in a transaction of its own; what goes wrong stays with the row."""
        try:
            values = row.parts[part]()
            if values is None:
                return False
            facts = {"project": row.project, "month": row.row.month, "version": row.versions[part]}
            return SAVE[part](by=actor_of(self.request), on=timezone.localdate(), **facts, **values)
        except StaleVersion:
            row.lost.add(part)
        except ValidationError as refused:
            row.errors[part] = refused.messages
        except PermissionDenied as refused:
            row.errors[part] = [str(refused)]
        return False

    def show_rest(self, choice: MonthChoice, rows: list[TypedMonth], saved: int) -> HttpResponse:
        """The page again: rows that lost or were refused keep what was typed, the saved ones show what is stored."""
        fresh = {row.project.pk: row for row in _months(choice, [row.project.pk for row in rows])}
        for row in rows:
            row.row, row.reread = fresh[row.project.pk], True
            if not row.errors and not row.lost:
                row.posted = None
        lost = any(row.lost for row in rows)
        page = Paginator(choice.rows(), ROWS).get_page(self.request.GET.get("page", "1"))
        return self.show(choice, rows, page, 409 if lost else 200, saved=saved)

    def show(self, choice: MonthChoice, rows: list[TypedMonth], page: Any, status: int, **more: Any) -> HttpResponse:
        """The grid."""
        user = cast(User, self.request.user)
        for row in rows:
            row.refused = barred(user, row.project, Act.EDIT) or untimely(row.project, Act.EDIT)
        context = {
            "choice": choice,
            "rows": rows,
            "page_obj": page,
            "troubles": [row for row in rows if row.errors or row.lost],
            **_month_in_words(choice),
            **more,
        }
        return render(self.request, "projects/monthly_sheet.html", context, status=status)


def _months(choice: MonthChoice, keys: list[int]) -> list[Month]:
    """The rows of the chosen month for these projects of the person's park."""
    if not choice.is_valid():
        return []
    return months(own_projects(choice.user).filter(pk__in=keys), choice.cleaned_data["month"])


def _month_in_words(choice: MonthChoice) -> dict[str, Any]:
    """The chosen month and the ones beside it, as far as they have begun."""
    if not choice.is_valid():
        return {}
    first = first_day(choice.cleaned_data["month"])
    before, after = first - timedelta(days=1), first + timedelta(days=31)
    rest = {key: choice.cleaned_data[key] for key in ("scope", "unit") if choice.cleaned_data[key]}
    later = f"{after:%Y-%m}" if after.replace(day=1) <= timezone.localdate() else ""
    return {
        "first": first,
        "last_month": urlencode({"month": f"{before:%Y-%m}", **rest}),
        "next_month": urlencode({"month": later, **rest}) if later else "",
    }
