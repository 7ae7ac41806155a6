"""The weekly sheet, and the 周报 that is made of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, cast
from urllib.parse import quote, urlencode

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
from parkportal.writing import write_date
from projects import documents
from projects.forms.weekly import TypedRow, WeekChoice
from projects.services.rights import Act, barred, untimely
from projects.services.weekly import Week, monday_of, own_projects, weekly_save, weeks

ROWS: Final = 50
"""Rows on a page: what is typed into them all fits one request."""
FILES: Final[dict[str, tuple[str, Callable[[documents.WeeklyReport], bytes]]]] = {
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", documents.weekly_word),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", documents.weekly_excel),
}


class WeeklySheet(MayMixin):
    """One page, one row per project: what it reports this week, beside last week's text in grey."""

    may = May.ENTER

    def get(self, request: HttpRequest) -> HttpResponse:
        own_park(request)
        choice = WeekChoice(request.GET.dict(), user=cast(User, request.user))
        page = Paginator(choice.rows(), ROWS).get_page(request.GET.get("page", "1"))
        rows = [TypedRow(week) for week in _weeks(choice, [row.pk for row in page])]
        return self.show(choice, rows, page, 200 if choice.is_valid() else 400)

    def post(self, request: HttpRequest) -> HttpResponse:
        user, codes = cast(User, request.user), request.POST.getlist("row")
        own_park(request)
        choice = WeekChoice(request.GET.dict(), user=user)
        own = dict(own_projects(user).open_to(user).filter(code__in=codes).values_list("code", "pk"))
        if not choice.is_valid():
            return self.get(request)
        if set(codes) - set(own):
            raise Http404
        rows = [TypedRow(week, request.POST) for week in _weeks(choice, list(own.values()))]
        saved = sum(self.save(row, choice) for row in rows)
        if any(row.errors or row.now is not None for row in rows):
            return self.show_rest(choice, rows, saved)
        messages.success(
            request, _("已保存%(n)s个项目的周进展。") % {"n": saved} if saved else _("没有改动，不用保存。")
        )
        return redirect(request.get_full_path())

    def save(self, row: TypedRow, choice: WeekChoice) -> bool:
        """Write one row in a transaction of its own; what goes wrong stays with the row."""
        texts = row.texts
        if texts is None:
            return False
        facts = {"project": row.week.project, "week_of": row.week.week_of, "texts": texts, "version": row.version}
        try:
            return weekly_save(by=actor_of(self.request), on=timezone.localdate(), **facts)
        except StaleVersion:
            row.now = {}
        except ValidationError as refused:
            row.errors = refused.messages
        except PermissionDenied as refused:
            row.errors = [str(refused)]
        return False

    def show_rest(self, choice: WeekChoice, rows: list[TypedRow], saved: int) -> HttpResponse:
        """The page again: rows that lost or were refused keep what was typed, the saved ones show what is stored."""
        fresh = {week.project.pk: week for week in _weeks(choice, [row.week.project.pk for row in rows])}
        lost = False
        for row in rows:
            row.week = fresh[row.week.project.pk]
            if row.now is not None:
                row.now, lost = row.week.told, True
            elif not row.errors:
                row.posted = None
        page = Paginator(choice.rows(), ROWS).get_page(self.request.GET.get("page", "1"))
        return self.show(choice, rows, page, 409 if lost else 200, saved=saved)

    def show(self, choice: WeekChoice, rows: list[TypedRow], page: Any, status: int, **more: Any) -> HttpResponse:
        """The sheet."""
        user = cast(User, self.request.user)
        for row in rows:
            row.refused = barred(user, row.week.project, Act.EDIT) or untimely(row.week.project, Act.EDIT)
        context = {
            "choice": choice,
            "rows": rows,
            "page_obj": page,
            "troubles": [row for row in rows if row.errors or row.now is not None],
            **_week_in_words(choice),
            **more,
        }
        return render(self.request, "projects/weekly_sheet.html", context, status=status)


class WeeklyReport(MayMixin):
    """The 周报 of the chosen week and projects as a file."""

    may = May.ENTER

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        park = own_park(request)
        choice = WeekChoice(request.GET.dict(), user=cast(User, request.user))
        if form not in FILES or not choice.is_valid():
            raise Http404
        content_type, make = FILES[form]
        day = choice.cleaned_data["on"]
        open_ones = choice.projects().without_secret()
        hidden = choice.projects().count() - open_ones.count()
        found = weeks(open_ones, monday_of(day))
        data = make(documents.WeeklyReport(park.name, day, choice.cleaned_data["unit"], found, hidden))
        name = _("%(park)s招商项目周报（%(day)s）") % {"park": park.name, "day": day}
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{name}.{form}')}"}
        return HttpResponse(data, content_type=content_type, headers=headers)


def _weeks(choice: WeekChoice, keys: list[int]) -> list[Week]:
    """The rows of the chosen week for these projects of the person's park."""
    if not choice.is_valid():
        return []
    return weeks(own_projects(choice.user).filter(pk__in=keys), monday_of(choice.cleaned_data["on"]))


def _week_in_words(choice: WeekChoice) -> dict[str, Any]:
    """The chosen week, the weeks beside it, and whether the next one has begun."""
    if not choice.is_valid():
        return {}
    day = choice.cleaned_data["on"]
    monday = monday_of(day)
    words = {"first": write_date(monday, style="text"), "last": write_date(monday + timedelta(days=6), style="text")}
    rest = {key: choice.cleaned_data[key] for key in ("scope", "unit") if choice.cleaned_data[key]}
    after = monday + timedelta(days=7)
    return {
        "week": _("%(first)s至%(last)s") % words,
        "last_week": urlencode({"on": monday - timedelta(days=7), **rest}),
        "next_week": urlencode({"on": after, **rest}) if after <= timezone.localdate() else "",
        "this": urlencode({"on": day, **rest}),
    }
