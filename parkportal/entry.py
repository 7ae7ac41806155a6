"""Pages that enter or change one row through a service, and what they do when somebody else was first."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import TemplateResponseMixin, View

from parkportal.forms import EntryForm, posted_number
from parkportal.models import Park, User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from parkportal.trace import Actor, StaleVersion

OWN_PARK_ONLY = gettext_lazy("只能填报和修改本园区的数据。")


def own_park(request: HttpRequest) -> Park:
    """The park that the person enters for; somebody of a region enters for none."""
    user = cast(User, request.user)
    if user.park is None:
        raise PermissionDenied(OWN_PARK_ONLY)
    return user.park


class OwnRow(View):
    """A view of one row of the person's own park: rows out of sight are 404, those of other parks 403."""

    model: ClassVar[type[Model]]
    park_path: ClassVar[str] = "park"

    def rows(self) -> QuerySet[Any]:
        """The rows that the person may read."""
        return cast(QuerySet[Any], self.model._default_manager.visible_to(self.request.user).kept())  # type: ignore[attr-defined]

    def own_row(self) -> Any:
        """The row of the address."""
        row = get_object_or_404(self.rows().select_related(self.park_path), code=self.kwargs["code"])
        park: Any = row
        for step in self.park_path.split("__"):
            park = getattr(park, step)
        if park != own_park(self.request):
            raise PermissionDenied(OWN_PARK_ONLY)
        return row

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return actor_of(self.request)


class EntryPage(MayMixin, OwnRow, TemplateResponseMixin, ABC):
    """A form that creates a row, or changes the one whose code is in the address."""

    may = May.ENTER
    form_class: ClassVar[type[EntryForm]]
    saved: ClassVar[Any] = gettext_lazy("已保存。")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.user = cast(User, request.user)

    @abstractmethod
    def save(self, form: Any) -> Any:
        """Write through the service and return the row."""

    @abstractmethod
    def done_url(self, row: Any) -> str:
        """Where to go afterwards."""

    def starting_values(self) -> dict[str, Any]:
        """What a new row begins with."""
        return {}

    def make_form(self, data: Any = None) -> EntryForm:
        """The form on the row of the address, or on a new one of the person's park."""
        if "code" in self.kwargs:
            return self.form_class(data, instance=self.own_row(), user=self.user)
        fresh = {"park": own_park(self.request)} if self.park_path == "park" else {}
        own_park(self.request)
        return self.form_class(data, instance=self.model(**fresh), user=self.user, initial=self.starting_values())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.make_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.make_form(request.POST)
        if not self.is_valid(form):
            return self.show(form)
        try:
            row = self.save(form)
        except StaleVersion as stale:
            both = [*form.yield_to(stale.current), *self.also_differs(stale.current)]
            return self.show(form, status=409, stale=stale.current, conflict=both)
        except ValidationError as refused:
            form.add_error(None, refused)
            return self.show(form)
        except IntegrityError:
            if made := form.made_before():
                return redirect(self.done_url(made))
            if not form.clashes():
                raise
            return self.show(form)
        messages.success(request, self.saved)
        return redirect(self.done_url(row))

    def is_valid(self, form: EntryForm) -> bool:
        """Whether everything that was posted can be written."""
        return form.is_valid()

    def also_differs(self, current: Any) -> list[dict[str, str]]:
        """What differs beside the form, as `EntryForm.yield_to` lists it."""
        return []

    def show(self, form: EntryForm, status: int = 200, **context: Any) -> HttpResponse:
        """The page with the form, filled as it was posted."""
        row = form.instance if form.instance.pk else None
        return self.render_to_response({"form": form, "row": row, **self.extra(), **context}, status=status)

    def extra(self) -> dict[str, Any]:
        """What else the template shows."""
        return {}


class RowAction(MayMixin, OwnRow, ABC):
    """A button: one POST that calls a service on a row, compared with the version that its reader saw."""

    may = May.ENTER
    http_method_names = ("post", "options")
    done: ClassVar[Any] = gettext_lazy("已保存。")

    @abstractmethod
    def act(self, row: Any, version: int) -> None:
        """Call the service."""

    @abstractmethod
    def back_url(self, row: Any) -> str:
        """Where the person came from."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.own_row()
        try:
            self.act(row, posted_number(request.POST.get("version", "")))
        except StaleVersion:
            messages.error(request, _("“%(row)s”刚被别人改过，没有保存。请看过现在的内容再操作。") % {"row": row})
        else:
            messages.success(request, self.done)
        return redirect(self.back_url(row))
