"""督办事项: the list, a new one, its page, and the buttons on it."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Final, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import DetailView
from django.views.generic.base import TemplateResponseMixin

from parkportal.downloads import ExportPage
from parkportal.entry import EntryPage, OwnRow
from parkportal.filter_box import BoxedList
from parkportal.forms import posted_number
from parkportal.models import User
from parkportal.pages import MayMixin
from parkportal.roles import May
from parkportal.trace import StaleVersion
from projects.models import Project
from projects.services.checks import LONGEST_REASON as REASON_LENGTH
from reports.columns import MATTERS
from reports.matter_forms import MatterEditForm, MatterFilter, MatterForm, WordsForm
from reports.matters import matter_close, matter_raise, matter_report, matter_update, matter_withdraw, may_keep
from reports.models import Matter
from reports.views.publishing import let_in

REPORT, RESULT, REASON = gettext_lazy("办理情况"), gettext_lazy("办理结果"), gettext_lazy("撤回原因")
RANGES: Final = (
    ("", gettext_lazy("全部")),
    ("closed=false", gettext_lazy("未办结")),
    ("overdue=true", gettext_lazy("已超期")),
    ("kind=instruction", gettext_lazy("领导批示")),
)
"""What the list is asked for most."""


def matters_seen(user: User) -> QuerySet[Matter]:
    """The matters that the person may read."""
    rows = Matter.objects.visible_to(user).kept()
    return rows.select_related("park", "owner", "project", "scan", "closed_by")


class MatterList(BoxedList):
    """Everything that has to be done, what is due first on top."""

    model = Matter
    template_name = "reports/matter_list.html"
    filterset_class = MatterFilter
    heading, noun = gettext_lazy("督办事项"), gettext_lazy("件")
    orderings = ("due_on", "raised_on", "code")
    default_ordering = "due_on"
    offered = ("park", "kind", "closed", "overdue")
    export = "matter-export"

    def rows(self) -> QuerySet[Any]:
        return matters_seen(cast(User, self.request.user))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        return super().get_context_data(**kwargs) | {
            "many_parks": user.park_id is None,
            "today": timezone.localdate(),
            "total": self.object_list.count(),
            "ranges": [
                {"label": label, "url": f"?{query}", "current": self.request.GET.urlencode() == query}
                for query, label in RANGES
            ],
        }


class MatterExport(ExportPage, MatterList):
    """督办清单: the filtered matters as a file, with what was reported last."""

    list_name, columns, veil_path = "matter-list", MATTERS, "project__confidentiality"
    heading, unit = gettext_lazy("督办清单"), ""

    def rows(self) -> QuerySet[Any]:
        return super().rows().prefetch_related("feedback")


class MatterNew(EntryPage):
    """Write a problem or an instruction down; `project=CODE` brings the problem of that project along."""

    model = Matter
    form_class = MatterForm
    template_name = "reports/matter_form.html"
    saved = gettext_lazy("事项已登记，已提醒责任人。")

    def starting_values(self) -> dict[str, Any]:
        today = timezone.localdate().isoformat()
        asked = self.request.GET.get("project", "")[:60]
        mine = Project.objects.visible_to(self.user).kept().open_to(self.user).filter(park=self.user.park)
        project = mine.filter(code=asked).select_related("owner").first() if asked else None
        if project is None:
            return {"raised_on": today}
        owner = project.owner.username if project.owner else ""
        return {"raised_on": today, "project": project, "words": project.problem, "owner": owner}

    def make_form(self, data: Any = None) -> MatterForm:
        form = cast(MatterForm, super().make_form(data))
        if data is not None:
            form.files = self.request.FILES
        return form

    def save(self, form: MatterForm) -> Matter:
        scan = cast(UploadedFile | None, form.cleaned_data["scan"])
        park, key = cast(Any, self.user.park), {"submission_key": form.submission_key}
        try:
            kept = let_in(scan) if scan else None
        except ValidationError as refused:
            raise ValidationError({"scan": refused.messages}) from refused
        return matter_raise(by=self.actor, park=park, values=form.values() | key, scan=kept)

    def done_url(self, row: Matter) -> str:
        return reverse("matter-detail", args=[row.code])


class Keeping(OwnRow):
    """A view of whoever raised a matter or verifies in its park; a closed one stays as it is."""

    def rows(self) -> QuerySet[Any]:
        return matters_seen(cast(User, self.request.user))

    def own_row(self) -> Any:
        row = super().own_row()
        if not may_keep(cast(User, self.request.user), row):
            raise PermissionDenied(_("事项由登记人或科室负责人修改、撤回。"))
        return row


class MatterEdit(Keeping, EntryPage):
    """Another owner, another day, other words."""

    model = Matter
    form_class = MatterEditForm
    template_name = "reports/matter_form.html"
    saved = gettext_lazy("已保存，已提醒责任人。")

    def save(self, form: MatterEditForm) -> Matter:
        matter = cast(Matter, form.instance)
        matter_update(by=self.actor, matter=matter, version=form.cleaned_data["version"], values=form.values())
        return matter

    def done_url(self, row: Matter) -> str:
        return reverse("matter-detail", args=[row.code])


def page_of(matter: Matter, user: User, **forms: WordsForm) -> dict[str, Any]:
    """What the page of a matter shows; `forms` are those that were refused."""
    own = user.park_id == matter.park_id and not matter.closed_on
    return {
        "object": matter,
        "feedback": list(matter.feedback.select_related("by")),
        "is_overdue": not matter.closed_on and matter.due_on < timezone.localdate(),
        "report": forms.get("report") or WordsForm(label=str(REPORT), name="report"),
        "result": forms.get("result") or WordsForm(label=str(RESULT), name="result"),
        "reason": forms.get("reason") or WordsForm(label=str(REASON), name="reason", most=REASON_LENGTH),
        "may_keep": own and may_keep(user, matter),
        "refused": next(iter(forms.values()), None),
        "may_report": own and user.may(May.ENTER),
        "may_close": own and user.may(May.VERIFY),
    }


class MatterDetail(MayMixin, DetailView):  # type: ignore[type-arg]
    """A matter with everything that was reported on it."""

    template_name = "reports/matter_detail.html"
    slug_field = slug_url_kwarg = "code"

    def get_queryset(self) -> QuerySet[Any]:
        return matters_seen(cast(User, self.request.user))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | page_of(self.object, cast(User, self.request.user))


class MatterStep(MayMixin, OwnRow, TemplateResponseMixin, ABC):
    """A text that moves a matter on; what is refused stays on its page."""

    may = May.ENTER
    model = Matter
    template_name = "reports/matter_detail.html"
    http_method_names = ("post", "options")
    place: ClassVar[str]
    label: ClassVar[Any]
    done: ClassVar[Any]
    most: ClassVar[int] = 1000

    @abstractmethod
    def act(self, matter: Matter, text: str) -> None:
        """Call the service."""

    def form(self, data: Any) -> WordsForm:
        """What was typed."""
        return WordsForm(data, label=str(self.label), name=self.place, most=self.most)

    def done_url(self, matter: Matter) -> str:
        """Where to go afterwards."""
        return reverse("matter-detail", args=[matter.code])

    @property
    def seen(self) -> int:
        """The version that the reader saw; 0 for an unreadable one."""
        return posted_number(self.request.POST.get("version", ""))

    def rows(self) -> QuerySet[Any]:
        return matters_seen(cast(User, self.request.user))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        matter, form = self.own_row(), self.form(request.POST)
        if form.is_valid():
            try:
                self.act(matter, form.cleaned_data["text"])
            except StaleVersion:
                form.add_error("text", _("这件事项刚被别人改过，没有保存。请看过现在的内容再操作。"))
                return self.refuse(form, 409)
            except ValidationError as refused:
                form.add_error("text", refused.messages)
            else:
                messages.success(request, str(self.done))
                return redirect(self.done_url(matter))
        return self.refuse(form, 400)

    def refuse(self, form: WordsForm, status: int) -> HttpResponse:
        """The page of the matter as it is now, with what was typed; 409 too where somebody closed it first."""
        matter = self.own_row()
        shown = page_of(matter, cast(User, self.request.user), **{self.place: form})
        return self.render_to_response(shown, status=409 if matter.closed_on else status)


class MatterReport(MatterStep):
    """反馈."""

    place, label, done = "report", REPORT, gettext_lazy("已反馈。")

    def act(self, matter: Matter, text: str) -> None:
        matter_report(by=self.actor, matter=matter, text=text)


class MatterClose(MatterStep):
    """办结."""

    may = May.VERIFY
    place, label, done = "result", RESULT, gettext_lazy("已办结。")

    def act(self, matter: Matter, text: str) -> None:
        matter_close(by=self.actor, matter=matter, version=self.seen, result=text)


class MatterWithdraw(Keeping, MatterStep):
    """撤回."""

    place, label, done, most = "reason", REASON, gettext_lazy("已撤回。"), REASON_LENGTH

    def act(self, matter: Matter, text: str) -> None:
        matter_withdraw(by=self.actor, matter=matter, version=self.seen, reason=text)

    def done_url(self, matter: Matter) -> str:
        return reverse("matter-list")
