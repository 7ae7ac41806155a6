"""Superiors' forms: uploading them, saying what belongs where, filling them, and the register of what was sent."""

from typing import Any, Final, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import ListView
from django.views.generic.base import TemplateResponseMixin, View

from parkportal import files
from parkportal.entry import OwnRow, RowAction, own_park
from parkportal.models import User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from parkportal.trace import StaleVersion
from reports.filling import book, services
from reports.filling.differences import differences
from reports.filling.fields import BY_KEY
from reports.filling.figures import VALUES
from reports.filling.filler import TEXTS
from reports.inputs import CellForm, FillForm, RowsForm, SendForm, UploadForm
from reports.models import BlankForm, FilledForm, Indicator

COMPARED: Final = 50
"""Forms of which the numbers are compared: the newest."""


class FormPage(MayMixin, TemplateResponseMixin, View):
    """A page with one form and one service behind it."""

    may = May.ENTER

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.user = cast(User, request.user)

    def show(self, form: Any, **context: Any) -> HttpResponse:
        """The page with the form, filled as it was posted."""
        return self.render_to_response({"form": form, **context})


class BlankFormList(MayMixin, ListView):  # type: ignore[type-arg]
    """The forms that can be filled, each with how often it was and when last."""

    template_name = "reports/blankform_list.html"
    paginate_by = 50

    def get_queryset(self) -> QuerySet[BlankForm]:
        rows = BlankForm.objects.visible_to(cast(User, self.request.user)).kept().select_related("park")
        times = Count("filled", filter=Q(filled__deleted_at__isnull=True))
        return rows.annotate(times=times).order_by("name", "code")

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        page = self.get_paginator(queryset, page_size).get_page(self.request.GET.get("page", "1"))
        return page.paginator, page, page.object_list, page.has_other_pages()


class FilledFormList(BlankFormList):
    """The register: what was filled, to whom it was sent and when, and where forms contradict each other."""

    template_name = "reports/filledform_list.html"

    def get_queryset(self) -> QuerySet[FilledForm]:  # type: ignore[override]
        rows = FilledForm.objects.visible_to(cast(User, self.request.user)).kept()
        return rows.select_related("form", "park", "created_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = differences(self.get_queryset()[:COMPARED])
        return super().get_context_data(**kwargs) | {"differences": found, "compared": COMPARED}


class BlankFormNew(FormPage):
    """Uploading a form once."""

    template_name = "reports/blankform_new.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        own_park(request)
        return self.show(UploadForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        park, form = own_park(request), UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form)
        try:
            values = form.values()
            row = services.blank_form_add(by=actor_of(request), park=park, on=timezone.localdate(), **values)
        except ValidationError as refused:
            form.add_error("file", refused.messages)
            return self.show(form)
        if book.has_drawings(values["data"]):
            messages.warning(request, _("空表里有图片或文本框，填好的表里不会有，报送前请补上。"))
        messages.success(request, _("空表已保存，请核对各列填什么。"))
        return redirect("blank-form-detail", row.code)


class BlankFormDetail(MayMixin, OwnRow, TemplateResponseMixin):
    """The form as a grid; each cell says what belongs there, and a chosen one can be changed."""

    model = BlankForm
    template_name = "reports/blankform_detail.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        row = get_object_or_404(self.rows().select_related("park", "file"), code=code)
        _book, sheet = book.open_form(files.read(row.file.stored_name), row.sheet)
        grid, ref = book.grid(sheet), request.GET.get("cell", "")
        places = {place.ref: place for _number, places in grid.rows for place in places}
        user = cast(User, request.user)
        context = {
            "row": row,
            "grid": grid,
            "unit": book.unit_of(sheet),
            "mapped": meanings(row),
            "chosen": places.get(ref),
            "cell_form": CellForm.of(row, ref) if ref in places else None,
            "rows_form": RowsForm.of(row, sheet),
            "edits": user.may(May.ENTER) and user.park_id == row.park_id,
        }
        return self.render_to_response(context)


def meanings(form: BlankForm) -> dict[str, str]:
    """What each mapped cell holds, in words, by its place; a column by its first row."""
    mapping = form.mapping
    cells = mapping.get("cells") or {}
    codes = {wanted["indicator"] for wanted in cells.values() if wanted["kind"] == "figure"}
    names = dict(Indicator.objects.filter(code__in=codes).values_list("code", "name"))
    found = {ref: _meaning(wanted, names) for ref, wanted in cells.items()}
    rows = mapping.get("rows") or {}
    columns = rows.get("columns", {}).items()
    return found | {f"{letter}{rows['first']}": str(BY_KEY[key].label) for letter, key in columns if key in BY_KEY}


def _meaning(wanted: dict[str, str], names: dict[str, str]) -> str:
    """What one cell holds: a fact, or an indicator's figure with the unit that it is asked for in."""
    if wanted["kind"] == "text":
        return str(TEXTS[wanted["text"]])
    name = names.get(wanted["indicator"], wanted["indicator"])
    return f"{name} · {VALUES[wanted['value']]}{wanted.get('unit', '')}"


class BlankFormMap(MayMixin, OwnRow):
    """Saving what belongs into one cell, or into the columns of the list."""

    may = May.ENTER
    model = BlankForm
    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        row = self.own_row()
        form = (RowsForm if request.POST.get("part") == "rows" else CellForm)(request.POST)
        place = request.POST.get("ref", "")[:8]
        back = f"{reverse('blank-form-detail', args=[code])}?cell={place}#what" if place else row_url(code)
        try:
            if not form.is_valid():
                raise ValidationError([sentence for found in form.errors.values() for sentence in found])
            mapping = form.put_into(row.mapping)
            services.blank_form_map(by=self.actor, form=row, mapping=mapping, version=form.cleaned_data["version"])
        except StaleVersion:
            messages.error(request, _("这张表的对应关系刚被别人改过，没有保存。请看过现在的内容再改。"))
        except ValidationError as refused:
            for sentence in refused.messages:
                messages.error(request, sentence)
        else:
            messages.success(request, _("已保存对应关系。"))
        return redirect(back)


def row_url(code: str) -> str:
    """The page of a form."""
    return reverse("blank-form-detail", args=[code])


class BlankFormFill(OwnRow, FormPage):
    """Filling a form for chosen projects up to a day."""

    model = BlankForm
    template_name = "reports/blankform_fill.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        row = self.own_row()
        return self.show(FillForm(initial=FillForm.starting(row, request.GET), request=request), row=row)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        row, form = self.own_row(), FillForm(request.POST, request=request)
        if not form.is_valid():
            return self.show(form, row=row)
        try:
            filled = services.form_fill(by=self.actor, form=row, **form.values())
        except ValidationError as refused:
            form.add_error(None, refused.messages)
            return self.show(form, row=row)
        messages.success(request, _("已填好，请下载核对；报送以后登记报送单位和时间。"))
        return redirect("filled-form-detail", filled.code)


class BlankFormWithdraw(RowAction):
    """Putting a form aside."""

    model = BlankForm
    done = gettext_lazy("已撤下这张空表，报送登记里的不受影响。")

    def act(self, row: BlankForm, version: int) -> None:
        services.blank_form_withdraw(by=self.actor, form=row, version=version)

    def back_url(self, row: BlankForm) -> str:
        return reverse("blank-form-list")


class KeptFile(MayMixin, OwnRow):
    """The bytes of a form, handed out as a download to whoever may read its row."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        row = get_object_or_404(self.rows().select_related("file"), code=code)
        headers = {
            "Content-Disposition": content_disposition_header(True, row.file.name) or "attachment",
            "X-Content-Type-Options": "nosniff",
        }
        return HttpResponse(files.read(row.file.stored_name), content_type=row.file.content_type, headers=headers)


class BlankFormFile(KeptFile):
    """The form as it was uploaded."""

    model = BlankForm


class FilledFormFile(KeptFile):
    """The form as it was filled."""

    model = FilledForm


class FilledFormDetail(MayMixin, OwnRow, TemplateResponseMixin):
    """One filled form: its numbers, where they contradict other forms, and to whom it was sent."""

    model = FilledForm
    template_name = "reports/filledform_detail.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        row = get_object_or_404(self.rows().select_related("form", "park", "created_by"), code=code)
        others = self.rows().filter(park=row.park).exclude(pk=row.pk).select_related("form")[:COMPARED]
        user = cast(User, request.user)
        context = {
            "row": row,
            "entries": services.entries_of(row),
            "differences": [one for one in differences([row, *others]) if one.names(row)],
            "compared": COMPARED,
            "form": SendForm(initial={"sent_to": row.sent_to or row.form.authority, "sent_on": timezone.localdate()}),
            "edits": user.may(May.ENTER) and user.park_id == row.park_id,
        }
        return self.render_to_response(context)


class FilledFormAction(RowAction):
    """A button on one filled form; what the service refuses is said on its page."""

    model = FilledForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except ValidationError as refused:
            for sentence in refused.messages:
                messages.error(request, sentence)
            return redirect("filled-form-detail", kwargs["code"])

    def back_url(self, row: FilledForm) -> str:
        return reverse("filled-form-list")


class FilledFormSend(FilledFormAction):
    """Noting to whom a filled form was sent."""

    done = gettext_lazy("已登记报送。")

    def act(self, row: FilledForm, version: int) -> None:
        form = SendForm(self.request.POST)
        if not form.is_valid():
            raise ValidationError([sentence for found in form.errors.values() for sentence in found])
        services.filled_form_send(
            by=self.actor, filled=row, version=version, today=timezone.localdate(), **form.cleaned_data
        )


class FilledFormWithdraw(FilledFormAction):
    """Putting a filled form aside that was not sent."""

    done = gettext_lazy("已撤回。")

    def act(self, row: FilledForm, version: int) -> None:
        services.filled_form_withdraw(by=self.actor, filled=row, version=version)
