"""Targets as a workbook: out, and in again by check, decision and write."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from parkportal.downloads import hand_out
from parkportal.models import Park
from parkportal.pages import actor_of
from reports.target_forms.book import BookForm, Checked, check, limit_rows, unpack
from reports.target_forms.sheets import Found
from reports.targets import Refusals, targets_save
from reports.targets.export import targets_table
from reports.tasks import compile_what_is_due
from reports.views.target_grid import SetTargets


class TargetExport(SetTargets):
    """The targets of one year and level as a workbook, which is also the template of the import."""

    def get(self, request: HttpRequest) -> HttpResponseBase:  # type: ignore[override]
        choice = self.choice()
        if not choice.is_valid():
            raise Http404
        parks = Park.objects.visible_to(self.user).select_related("region").order_by("code")
        return hand_out(targets_table(self.user, **choice.cleaned_data, parks=parks), "xlsx")


class TargetImport(SetTargets):
    """Upload, then what the workbook would change; nothing is written here."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "reports/target_import.html", {"form": BookForm(), "choice": self.choice()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = BookForm(request.POST, request.FILES)
        try:
            found = form.found() if form.is_valid() else Found()
            rows = self.told(check(self.user, found.lines)) if form.is_valid() else []
        except ValidationError as refused:
            form.add_error("file", refused.messages)
        if form.errors:
            return render(request, "reports/target_import.html", {"form": form, "choice": self.choice()})
        return self.decide(rows, unread=found.unread)

    @staticmethod
    def told(rows: list[Checked]) -> list[Checked]:
        """The rows that the page carries; ValidationError where there are none, or too many."""
        if not rows:
            raise ValidationError(_("表头下面没有填写任何目标。请填好年度目标再上传。"))
        limit_rows(len(rows))
        return rows

    def decide(self, rows: list[Checked], status: int = 200, **more: Any) -> HttpResponse:
        """The page on which each change is taken or left."""
        counts = {kind: sum(row.kind == kind for row in rows) for kind in ("new", "changed", "same", "wrong")}
        context = {"rows": rows, "counts": counts, "ready": counts["new"] + counts["changed"]} | more
        return render(self.request, "reports/target_import_rows.html", context, status=status)


class TargetImportWrite(TargetImport):
    """The decision: what is ticked is checked again and written together, or nothing is."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            told = unpack(request.POST.getlist("row"))
        except ValidationError as damaged:
            messages.error(request, " ".join(damaged.messages))
            return redirect("target-import")
        rows = check(self.user, [(number, line) for number, line, _version in told])
        seen = {Checked(number, line).key: version for number, line, version in told}
        ticked = set(request.POST.getlist("take"))
        chosen = [row for row in rows if row.key in ticked]
        lost = {row.key for row in chosen if row.version != seen[row.key]}
        spoiled = [row for row in chosen if row.kind == "wrong"]
        taken = [row.wanted for row in chosen if row.wanted]
        if lost or spoiled or not taken:
            status = 409 if lost or spoiled else 200
            return self.decide(rows, status, lost=lost, spoiled=spoiled, nothing=not taken, ticked=ticked)
        try:
            saved = targets_save(by=actor_of(request), wanted=taken)
        except Refusals:
            again = check(self.user, [(number, line) for number, line, _version in told])
            return self.decide(again, 409, lost=ticked, ticked=ticked)
        compile_what_is_due()
        messages.success(request, _("已写入%(n)s项目标，各期初稿随即重新编制。") % {"n": saved})
        return redirect(f"{reverse('target-list')}?year={taken[0].year}")
