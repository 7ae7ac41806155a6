"""What people arrange for themselves: usual filters, columns and rows of lists, and what they opened last."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Final, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.generic import ListView
from django.views.generic.base import TemplateResponseMixin, View

from enterprises.columns import ENTERPRISES
from enterprises.models import Enterprise
from parkportal.desk import choice_of, filter_keep, filter_move, filter_query, list_choose, visit_note
from parkportal.models import SavedFilter, User
from parkportal.pages import PAGE_SIZES, MayMixin, chips
from projects import columns
from projects.filters import ProjectFilter
from projects.forms.desk import Catalogue, ColumnsForm, SavedFilterForm
from projects.models import Project

PAGE: Final = "projects"
LISTS: Final = frozenset({PAGE, "enterprises", "fund-arrivals", "engagements", "group-starts", "listing-steps"})
OPENED: Final = {"project": Project, "enterprise": Enterprise}
"""What is remembered as opened, by its name in the address."""


class Own(MayMixin):
    """A view of what belongs to the person who asks; what colleagues share is used, not changed."""

    @property
    def user(self) -> User:
        """Who asks."""
        return cast(User, self.request.user)

    def own_filter(self) -> SavedFilter:
        """The filter of the address; 404 for one of somebody else."""
        return get_object_or_404(SavedFilter, user=self.user, code=self.kwargs["code"])


class SavedFilterList(Own, ListView):  # type: ignore[type-arg]
    """The filters that the person may use, in their order."""

    template_name = "projects/saved_filters.html"

    def get_queryset(self) -> QuerySet[SavedFilter]:
        return SavedFilter.objects.visible_to(self.user).filter(page=PAGE).select_related("user")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = [(row, row.user == self.user, self.in_words(row)) for row in context["object_list"]]
        return context | {"rows": rows}

    def in_words(self, row: SavedFilter) -> str:
        """The conditions of a filter; empty where they no longer hold."""
        query = QueryDict(row.query)
        found = ProjectFilter(query, queryset=Project.objects.none(), request=self.request)
        named = (f"{chip['name']}：{chip['value']}" for chip in chips(found, query))
        return "；".join(named) if found.is_valid() else ""


class SavedFilterForms(Own, TemplateResponseMixin, View, ABC):
    """Giving a filter a name."""

    template_name = "projects/saved_filter_form.html"

    @abstractmethod
    def filter(self) -> SavedFilter:
        """The filter that is named."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(SavedFilterForm(instance=self.filter(), user=self.user))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = SavedFilterForm(request.POST, instance=self.filter(), user=self.user)
        if not form.is_valid():
            return self.show(form)
        saved = filter_keep(user=self.user, saved=form.save(commit=False))
        messages.success(request, _("已存为常用筛选“%(name)s”。") % {"name": saved.name})
        return redirect(f"{reverse('project-list')}?{saved.query}")

    def show(self, form: SavedFilterForm) -> HttpResponse:
        """The form, with what the filter says."""
        query = QueryDict(form.instance.query)
        found = ProjectFilter(query, queryset=Project.objects.none(), request=self.request)
        return self.render_to_response({"form": form, "chips": chips(found, query), "query": form.instance.query})


class SavedFilterNew(SavedFilterForms):
    """Keeping the filter of the address."""

    def filter(self) -> SavedFilter:
        query = filter_query(self.request.GET.urlencode())
        found = ProjectFilter(QueryDict(query), queryset=Project.objects.none(), request=self.request)
        if not query or len(query) > 2000 or not found.is_valid():
            raise Http404
        return SavedFilter(user=self.user, page=PAGE, query=query)


class SavedFilterEdit(SavedFilterForms):
    """Renaming a filter, or sharing it."""

    def filter(self) -> SavedFilter:
        return self.own_filter()


class SavedFilterMove(Own):
    """Moving a filter one place up or down."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        filter_move(saved=self.own_filter(), up=request.POST.get("to") != "down")
        return redirect("saved-filter-list")


class SavedFilterDelete(Own):
    """Dropping a filter; the projects stay."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        saved = self.own_filter()
        saved.delete()
        messages.success(request, _("已删除常用筛选“%(name)s”。") % {"name": saved.name})
        return redirect("saved-filter-list")


CATALOGUES: Final = {
    PAGE: Catalogue(columns.PROJECTS, "name", "project-list", _lazy("项目")),
    "enterprises": Catalogue(ENTERPRISES, "name", "enterprise-list", _lazy("企业")),
    "fund-arrivals": Catalogue(columns.FUND_ARRIVALS, "project", "fund-arrival-list", _lazy("到位资金")),
    "engagements": Catalogue(columns.ENGAGEMENTS, "title", "engagement-list", _lazy("洽谈")),
}
"""Lists whose columns a person chooses; those of the others are fixed."""


class ListColumns(Own, TemplateResponseMixin, View):
    """Which columns of a list the person sees, and in which order."""

    template_name = "projects/list_columns.html"

    @property
    def catalogue(self) -> Catalogue:
        """What there is to choose from; 404 for a list whose columns are fixed."""
        if self.kwargs["page"] not in CATALOGUES:
            raise Http404
        return CATALOGUES[self.kwargs["page"]]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(ColumnsForm(catalogue=self.catalogue, chosen=self.chosen()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ColumnsForm(request.POST, catalogue=self.catalogue, chosen=self.chosen())
        if not form.is_valid():
            return self.show(form)
        wanted = [] if "standard" in request.POST else form.wanted(request.POST.getlist("column"))
        list_choose(user=self.user, page=self.kwargs["page"], columns=wanted)
        messages.success(request, _("列已按你的选择显示，导出也用这些列。"))
        return redirect("?".join(filter(None, (reverse(self.catalogue.route), request.GET.urlencode()))))

    def chosen(self) -> list[str]:
        """The keys of the columns that are shown now; all of them where the usual table has its own."""
        stored, known = choice_of(self.user, self.kwargs["page"]).columns, self.catalogue.columns
        if self.kwargs["page"] == PAGE:
            return [column.key for column in columns.chosen(stored)]
        keys = [column.key for column in known]
        return [key for key in stored if key in keys] or keys

    def show(self, form: ColumnsForm) -> HttpResponse:
        """The columns with their places."""
        return self.render_to_response({"form": form, "list": self.catalogue, "query": self.request.GET.urlencode()})


class ListSize(Own):
    """How many rows a page of a list has for this person."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        page, size = self.kwargs["page"], request.POST.get("page_size", "")
        if page not in LISTS:
            raise Http404
        if size in map(str, PAGE_SIZES):
            list_choose(user=self.user, page=page, page_size=int(size))
        path, _mark, query = request.POST.get("back", "").partition("?")
        rest = QueryDict(query, mutable=True)
        for key in ("page", "page_size"):
            rest.pop(key, None)
        back = "?".join(filter(None, (path, rest.urlencode())))
        safe = path.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
        return redirect(back if safe else reverse("project-list"))


class VisitNote(Own):
    """Remembering that the person opened a row; the page of the row sends it, so that reading writes nothing."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.kwargs["kind"] not in OPENED:
            raise Http404
        rows: Any = OPENED[self.kwargs["kind"]]._default_manager
        row = get_object_or_404(rows.visible_to(self.user), code=self.kwargs["code"])
        visit_note(user=self.user, row=row, at=timezone.now())
        return HttpResponse(status=204)
