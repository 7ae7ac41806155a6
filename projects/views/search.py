"""One search box over projects, enterprises and contacts."""

from typing import Any, Final, cast

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic.base import TemplateResponseMixin, View

from enterprises.models import Enterprise
from parkportal.desk import visited
from parkportal.models import User
from parkportal.pages import MayMixin
from parkportal.writing import clean_text
from projects.models import Project
from projects.services.search import contacts_found, people_found

MOST: Final = 10
"""Rows of each kind that the page shows."""
LONGEST: Final = 100


def found_first(rows: QuerySet[Any], text: str, exact: Q) -> QuerySet[Any]:
    """Rows in whose search text the words stand, an exact hit before the others."""
    for word in text.lower().split():
        rows = rows.filter(search_text__contains=word)
    rank = Case(When(exact, then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.annotate(rank=rank).order_by("rank", "-updated_at")


class Search(MayMixin, TemplateResponseMixin, View):
    """What is found for `q`, by kind; an exact code goes straight to its row; without `q` what was opened last."""

    template_name = "projects/search.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = cast(User, request.user)
        text = clean_text(request.GET.get("q", ""))[:LONGEST].strip()
        if not text:
            return self.render_to_response({"q": "", "recent": visited(user, [Project, Enterprise])})
        projects = list(self.projects(user, text)[: MOST + 1])
        if projects and projects[0].code == text.lower():
            return redirect("project-detail", projects[0].code)
        enterprises = list(self.enterprises(user, text)[: MOST + 1])
        if enterprises and text.upper() in {enterprises[0].code.upper(), enterprises[0].uscc}:
            return redirect("enterprise-detail", enterprises[0].code)
        contacts = list(contacts_found(user, text)[: MOST + 1])
        people = list(people_found(user, text)[: MOST + 1])
        groups = {"projects": projects, "enterprises": enterprises, "contacts": contacts, "people": people}
        context = {name: rows[:MOST] for name, rows in groups.items()}
        more = {f"more_{name}": len(rows) > MOST for name, rows in groups.items()}
        return self.render_to_response({"q": text, "nothing": not any(groups.values()), **context, **more})

    @staticmethod
    def projects(user: User, text: str) -> QuerySet[Project]:
        """Projects that are not secret, by name, pinyin, initials, investor or code."""
        rows = Project.objects.visible_to(user).kept().without_secret().select_related("investor", "park")
        return found_first(rows, text, Q(code=text.lower()))

    @staticmethod
    def enterprises(user: User, text: str) -> QuerySet[Enterprise]:
        """Enterprises by name, pinyin, initials, credit code, place, group or code."""
        rows = Enterprise.objects.visible_to(user).kept().select_related("park")
        return found_first(rows, text, Q(code=text.lower()) | Q(uscc=text.upper()))
