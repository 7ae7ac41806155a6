"""The pages of a ledger's way in: upload, map the columns, check, decide, import, take back."""

import re
from typing import Any, ClassVar, cast
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.generic.base import TemplateResponseMixin

from parkportal import jobs, tasks, workbooks
from parkportal.entry import OwnRow, own_park
from parkportal.models import Job, User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from projects.forms.imports import MappingForm, PasteForm, UploadForm, typed_cells
from projects.imports import services, sheets, shown
from projects.imports.book import ParkBook
from projects.imports.cells import written
from projects.imports.paste import read_paste
from projects.imports.run import import_roll_back
from projects.imports.work import CHECK, RUN
from projects.models import ImportBatch, ImportRow
from projects.views.project_entry import ProjectNew

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE, LATEST = 20, 50
ASK_FROM = 100
"""More rows than this are imported only after a question."""
STATES = ("new", "updated", "confirm", "wrong", "skipped")
UNFINISHED = (ImportRow.State.WRONG, ImportRow.State.CONFIRM)
WAITING = (ImportBatch.State.CHECKING, ImportBatch.State.IMPORTING)


def download(data: bytes, name: str) -> HttpResponse:
    """A workbook to be saved under a Chinese name."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return HttpResponse(data, content_type=XLSX, headers={"Content-Disposition": disposition})


class ImportStart(MayMixin, TemplateResponseMixin):
    """The imports of the park so far, and the upload of another workbook."""

    may = May.ENTER
    template_name = "projects/import_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(UploadForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        park = own_park(request)
        if not form.is_valid():
            return self.show(form)
        file, today = form.cleaned_data["file"], timezone.localdate()
        data = file.read() if file.size <= workbooks.MOST_BYTES else b"\0" * (workbooks.MOST_BYTES + 1)
        try:
            batch = services.import_upload(by=actor_of(request), park=park, name=file.name, data=data, on=today)
        except workbooks.Refused as refused:
            form.add_error("file", str(refused))
            return self.show(form)
        return redirect("project-import-detail", batch.code)

    def show(self, form: UploadForm) -> HttpResponse:
        """The page; a refused file is said beside the field."""
        rows = ImportBatch.objects.visible_to(cast(User, self.request.user)).kept().filter(park=own_park(self.request))
        batches = rows.select_related("file", "created_by")[:LATEST]
        return self.render_to_response({"form": form, "batches": batches})


class ImportTemplate(MayMixin):
    """The empty ledger to fill in."""

    may = May.ENTER

    def get(self, request: HttpRequest) -> HttpResponse:
        park = own_park(request)
        book = ParkBook.load(park, cast(User, request.user), timezone.localdate())
        return download(sheets.template(park, book), _("项目台账模板.xlsx"))


class OfBatch(MayMixin, OwnRow):
    """A view of one import of the person's own park."""

    may = May.ENTER
    model = ImportBatch

    def batch(self) -> ImportBatch:
        """The import of the address."""
        return cast(ImportBatch, self.own_row())

    def start(self, batch: ImportBatch, kind: str, **more: Any) -> HttpResponse:
        """Write the job down, hand it over after the commit, and go back to where its progress is shown."""
        user = cast(User, self.request.user)
        tasks.carry(jobs.enqueue(kind, batch.code, {"batch": batch.code, "by": user.username, **more}, user))
        return redirect("project-import-detail", batch.code)


def job_of(batch: ImportBatch) -> Job | None:
    """The newest job of an import."""
    return Job.objects.filter(kind__in=[CHECK, RUN], key=batch.code).first()


def seconds_of(job: Job | None) -> int:
    """For how long the phase that a job is in has been at work."""
    since = parse_datetime(job.progress.get("since", "")) if job else None
    return int((timezone.now() - since).total_seconds()) if since else 0


class ImportDetail(OfBatch, TemplateResponseMixin):
    """One import, at whichever step it is."""

    template_name = "projects/import_detail.html"
    http_method_names: ClassVar[list[str]] = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.batch())

    def show(self, batch: ImportBatch, form: MappingForm | None = None, status: int = 200) -> HttpResponse:
        """The page of a batch; `form` is a mapping that was refused."""
        context: dict[str, Any] = {"batch": batch, "job": None, "step": 2}
        if batch.state in WAITING:
            job = job_of(batch)
            stuck = job is None or job.state not in jobs.OPEN
            context |= {"job": job, "stuck": stuck, "step": self.step(batch), "seconds": seconds_of(job)}
        elif batch.rows.exists() and form is None:
            context |= self.rows_shown(batch) | {"step": self.step(batch)}
        else:
            context["form"] = form or MappingForm(batch=batch)
        return self.render_to_response(context, status=status)

    @staticmethod
    def step(batch: ImportBatch) -> int:
        """The number of the step that the page is at."""
        done = {ImportBatch.State.IMPORTING, ImportBatch.State.IMPORTED, ImportBatch.State.ROLLED_BACK}
        return 4 if batch.state in done else 3

    def rows_shown(self, batch: ImportBatch) -> dict[str, Any]:
        """One page of the rows, filtered by what became of them."""
        query, plan = self.request.GET, services.plan_of(batch)
        columns = shown.columns_of(plan)
        chosen = query.get("state", "")
        rows = batch.rows.select_related("project").order_by("number")
        if chosen == "problems":
            rows = rows.filter(state__in=UNFINISHED, result={})
        elif chosen in STATES:
            rows = rows.filter(state=chosen)
        page = Paginator(rows, PAGE).get_page(query.get("page", "1"))
        lines = [shown.shown(row, plan, columns, cast(User, self.request.user)) for row in page]
        if any(line.fixable for line in lines):
            counts = shown.same_wrong(batch)
            for line in lines:
                line.count_same(counts)
        ready, left = services.ready(batch).count(), batch.rows.filter(state__in=UNFINISHED, result={}).count()
        return {
            "columns": columns,
            "rows": lines,
            "page_obj": page,
            "parts": parts_of(batch, chosen),
            "total": batch.rows.count(),
            "chosen": chosen,
            "ready": ready,
            "left": left,
            "span": len(columns) + 1,
            "others": [number for numbers in batch.counts.get("others", {}).values() for number in numbers],
        }


def parts_of(batch: ImportBatch, chosen: str) -> list[dict[str, Any]]:
    """The counts by state for the bar and its legend: where each begins and how wide it is, of 100."""
    counts = {state: int(batch.counts.get(state, 0)) for state in STATES}
    total, at, found = sum(counts.values()) or 1, 0.0, []
    for state in STATES:
        width = counts[state] * 100 / total
        part = {"state": state, "label": shown.WORDS[state], "count": counts[state], "current": state == chosen}
        found.append(part | {"x": f"{at:.2f}", "width": f"{width:.2f}"})
        at += width
    return found


class ImportMap(ImportDetail):
    """What the columns mean, or another sheet of the same workbook."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        batch, form = self.batch(), None
        try:
            if request.POST.get("sheet", batch.sheet) != batch.sheet:
                sheet = request.POST["sheet"]
                services.import_choose_sheet(by=self.actor, batch=batch, sheet=sheet, on=timezone.localdate())
                return redirect("project-import-detail", batch.code)
            form = MappingForm(request.POST, batch=batch)
            if form.is_valid():
                values = {name: form.cleaned_data[name] for name in ("unit", "year", "hidden")}
                services.import_map(by=self.actor, batch=batch, mapping=form.mapping(), **values)
                return self.start(batch, CHECK)
        except ValidationError as refused:
            if form is None or getattr(refused, "code", "") == "state":
                messages.error(request, "".join(refused.messages))
                return redirect("project-import-detail", batch.code)
            form.add_error(None, refused.messages)
        return self.show(batch, form)


class ImportRows(OfBatch):
    """Cells mended in place and decisions on rows; back to the same page of rows."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        batch, number = self.batch(), 0
        try:
            number = self.act(batch, request.POST)
        except ValidationError as refused:
            messages.error(request, "".join(refused.messages))
        query = QueryDict(request.POST.get("back", "")[:200])
        address = reverse("project-import-detail", args=[batch.code])
        back = "&".join(f"{name}={quote(query[name])}" for name in ("state", "page") if query.get(name))
        return redirect(f"{address}{'?' if back else ''}{back}{f'#row-{number}' if number else ''}")

    def act(self, batch: ImportBatch, posted: QueryDict) -> int:
        """Mend what was typed, then do what the button says; returns the row that it was about."""
        today = timezone.localdate()
        texts = _changed(batch, typed_cells(posted.dict()))
        what, number, rest = parse(posted.get("do", ""))
        if what in {"fix", "all"} and (fixed := _fixed(batch, number, rest)):
            texts.setdefault(number, {}).update(fixed)
        if texts:
            services.import_mend(by=self.actor, batch=batch, texts=texts, everywhere=what == "all", on=today)
        if what == "decide":
            decision = "" if rest == "undo" else rest
            services.import_decide(by=self.actor, batch=batch, numbers=[number], decision=decision, on=today)
        return number


def parse(button: str) -> tuple[str, int, str]:
    """What a button says: “fix:12:5:0” is the first suggestion for column 5 of row 12, “decide:12:same” a decision."""
    found = re.fullmatch(r"(fix|all|decide):(\d{1,6}):([a-z0-9:]{1,20})", button)
    return (found[1], int(found[2]), found[3]) if found else ("", 0, "")


def _changed(batch: ImportBatch, texts: dict[int, dict[int, str]]) -> dict[int, dict[int, str]]:
    """The cells that say something else than they did."""
    found: dict[int, dict[int, str]] = {}
    for row in batch.rows.filter(number__in=list(texts), result={}):
        for column, text in texts[row.number].items():
            mended = row.mended.get(str(column))
            before = mended if mended is not None else written(row.cells.get(str(column)))
            if text != before:
                found.setdefault(row.number, {})[column] = text
    return found


def _fixed(batch: ImportBatch, number: int, rest: str) -> dict[int, str]:
    """The suggested texts that a button means: “5:0” one of a column, “0” the first of every wrong cell."""
    row = batch.rows.filter(number=number).first()
    cells = row.problems.get("cells", {}) if row else {}
    column, _colon, index = rest.partition(":")
    if not index:
        return {int(at): one["fixes"][0] for at, one in cells.items() if one["fixes"]}
    fixes = cells.get(column, {}).get("fixes", [])
    return (
        {int(column): fixes[int(index)]} if index.isascii() and index.isdigit() and int(index[:9]) < len(fixes) else {}
    )


class ImportCheck(OfBatch):
    """Check the rows that are not imported yet once more."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        batch = self.batch()
        job = job_of(batch)
        if job is not None and job.state in jobs.OPEN:
            messages.info(request, _("正在处理，请等它完成。"))
            return redirect("project-import-detail", batch.code)
        return self.start(batch, CHECK)


class ImportRun(OfBatch, TemplateResponseMixin):
    """Import the rows that are ready; many of them only after a question."""

    template_name = "components/confirm_page.html"
    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        batch, submit = self.batch(), request.POST.get("submit") == "yes"
        count = services.ready(batch).count()
        if count > ASK_FROM and "sure" not in request.POST:
            return self.ask(batch, count, submit)
        try:
            services.import_begin(by=self.actor, batch=batch)
        except ValidationError as refused:
            messages.error(request, "".join(refused.messages))
            return redirect("project-import-detail", batch.code)
        return self.start(batch, RUN, submit=submit)

    def ask(self, batch: ImportBatch, count: int, submit: bool) -> HttpResponse:
        """The question before many rows are written."""
        effects = [_("新增的项目先是草稿，审核以后才计入指标。"), _("没有人改过以前，可以整批撤销。")]
        question = _("导入%(count)s行到项目台账？") % {"count": count}
        hidden = {"sure": "yes", **({"submit": "yes"} if submit else {})}
        back = reverse("project-import-detail", args=[batch.code])
        words = {"action": _("导入%(count)s行") % {"count": count}, "keep": _("先不导入"), "back_url": back}
        return self.render_to_response({"question": question, "effects": effects, "hidden": hidden, **words})


class ImportRollBack(OfBatch):
    """Take a whole import back."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        batch = self.batch()
        try:
            import_roll_back(by=self.actor, batch=batch)
        except ValidationError as refused:
            messages.error(request, "".join(refused.messages))
        else:
            messages.success(request, _("这次导入已整批撤销：新增的项目进了回收站，更新的项目恢复了原值。"))
        return redirect("project-import-detail", batch.code)


class ImportWithdraw(OfBatch):
    """Put an import away of which nothing was written."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        batch = self.batch()
        try:
            services.import_withdraw(by=self.actor, batch=batch)
        except ValidationError as refused:
            messages.error(request, "".join(refused.messages))
            return redirect("project-import-detail", batch.code)
        messages.success(request, _("已取消导入，没有写入任何内容。"))
        return redirect("project-import")


class ImportWrong(OfBatch):
    """The rows that are wrong or must be confirmed, with the reasons; mended there they can be uploaded again."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        batch = self.batch()
        name = batch.file.name.rpartition(".")[0][:60]
        return download(sheets.wrong_rows(batch), _("%(name)s-要改的行.xlsx") % {"name": name})


class ProjectPaste(ProjectNew):
    """A new project whose form is filled from a pasted row or paragraph; from there on it is the form of a new one."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        own_park(request)
        return self.ask(PasteForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "text" not in request.POST:
            return super().post(request, *args, **kwargs)
        paste = PasteForm(request.POST)
        if not paste.is_valid():
            return self.ask(paste)
        found = read_paste(paste.cleaned_data["text"])
        form = self.form()
        known = {name: self.typed(name, text) for name, text in found.texts.items() if name in form.fields}
        form.initial |= known
        if found.left:
            messages.info(request, _("没有放进表格的内容：%(left)s。") % {"left": "；".join(found.left)[:500]})
        messages.success(request, _("已填入%(count)s项，请核对后保存。") % {"count": len(known)})
        return self.show(form)

    def typed(self, name: str, text: str) -> str:
        """A text as the form takes it: a chain by its code."""
        if name != "chain":
            return text
        book = ParkBook.load(self.park, self.user, timezone.localdate())
        return book.chains[text].code if text in book.chains else ""

    def ask(self, form: PasteForm) -> HttpResponse:
        """The page on which the text is pasted."""
        return self.response_class(
            request=self.request,
            template=["projects/import_paste.html"],
            context={"form": form},
            using=self.template_engine,
        )
