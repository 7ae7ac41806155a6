"""Many projects at once: what was chosen is counted anew, shown with what will happen, done and undone together."""

from collections import Counter
from typing import Any, ClassVar, Final, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import TemplateResponseMixin

from parkportal.desk import choice_of
from parkportal.downloads import hand_out
from parkportal.exports import Table
from parkportal.forms import posted_number
from parkportal.models import User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from projects import columns, stages
from projects.filters import ProjectFilter
from projects.forms.bulk import BulkForm, OwnerBulkForm, StageBulkForm, TagBulkForm
from projects.models import Project
from projects.services.bulk import MOST, Outcome, bulk_change, bulk_undo, foresee
from projects.summary import with_arrived_funds

FORMS: Final[dict[str, type[BulkForm]]] = {"stage": StageBulkForm, "owner": OwnerBulkForm, "tag": TagBulkForm}
TITLES: Final = {
    "stage": gettext_lazy("更新进展到“%(to)s”"),
    "owner": gettext_lazy("调整责任人"),
    "tag": gettext_lazy("加标签"),
}
TOLD: Final = 20
"""Refused projects that a message names."""


class Bulk(MayMixin):
    """A view that changes several projects and goes back to the list."""

    may = May.ENTER
    http_method_names: ClassVar[list[str]] = ["post", "options"]

    @property
    def user(self) -> User:
        """Who chose."""
        return cast(User, self.request.user)

    @cached_property
    def query(self) -> QueryDict:
        """The filter of the list."""
        return QueryDict(self.request.POST.get("query", "")[:4000])

    def back(self) -> HttpResponse:
        """To the list as it was."""
        return redirect("?".join(filter(None, (reverse("project-list"), self.query.urlencode()))))

    def tell(self, outcome: Outcome) -> None:
        """Name what was not done, with its reason."""
        if refused := outcome.refused:
            named = "；".join(f"{project.name}：{reason.rstrip('。')}" for project, reason in refused[:TOLD])
            more = _("等%(count)s个") % {"count": len(refused)} if len(refused) > TOLD else ""
            said = {"count": len(refused), "named": named + more}
            messages.error(self.request, _("%(count)s个没有办理。%(named)s。") % said)


class ProjectBulk(Bulk, TemplateResponseMixin):
    """The chosen projects: asked for once more with their number, then done."""

    template_name = "projects/project_bulk.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = self.chosen()
        count = rows.count()
        if not count:
            messages.error(request, _("还没有选中项目。先在列表里勾选，或改选全部筛选结果。"))
            return self.back()
        if request.POST.get("do") == "export":
            return self.export(rows)
        if count > MOST:
            said = {"most": MOST, "count": count}
            messages.error(request, _("一次最多办理%(most)s个，现在选了%(count)s个。请再加一些条件。") % said)
            return self.back()
        return self.answer(list(rows), count)

    def chosen(self) -> QuerySet[Project]:
        """The projects that were ticked, or all that the filter selects now; none where the filter is wrong."""
        rows = Project.objects.visible_to(self.user).kept()
        rows = rows.select_related("park__region", "investor", "company", "owner", "chain").order_by(
            "-signed_on", "code"
        )
        if "all" in self.request.POST:
            return cast(QuerySet[Project], ProjectFilter(self.query, queryset=rows, request=self.request).qs)
        return rows.filter(code__in=self.request.POST.getlist("code")[: MOST + 1])

    def export(self, rows: QuerySet[Project]) -> HttpResponseBase:
        """The chosen projects as a workbook in the person's columns; secret ones are left out."""
        shown = columns.chosen(choice_of(self.user, "projects").columns)
        found = with_arrived_funds(rows.without_secret())  # type: ignore[attr-defined]
        table = Table(
            title=_("招商引资项目台账"), columns=shown, rows=found, note=_("选中的项目"), unit="万元", noun=_("个")
        )
        return hand_out(table, "xlsx")

    def answer(self, rows: list[Project], count: int) -> HttpResponse:
        """Ask, or do what was confirmed for exactly this number."""
        kind = self.request.POST.get("do", "")
        if kind not in FORMS:
            return self.back()
        confirmed = "count" in self.request.POST
        data = self.request.POST if confirmed else None
        form = FORMS[kind](data, user=self.user, today=timezone.localdate(), to=self.to(rows))
        if confirmed and form.is_valid() and posted_number(self.request.POST["count"]) == count:
            return self.carry_out(kind, form, rows)
        return self.ask(kind, form, rows)

    def to(self, rows: list[Project]) -> str:
        """The stage that was named, or the next one of most of the projects."""
        named = self.request.POST.get("to", "")
        following = [stage for project in rows for stage in stages.next_stages(project.stage)]
        return named if named in stages.CODES else Counter(following or [stages.FULL_CAPACITY]).most_common(1)[0][0]

    def ask(self, kind: str, form: BulkForm, rows: list[Project]) -> HttpResponse:
        """The page that says how many, what will happen to them, and which ones will not be touched."""
        outcome = foresee(self.user, form.task(), rows)
        named = self.request.POST.get("count", "")
        following = Counter(stage for project in rows for stage in stages.next_stages(project.stage))
        context = {
            "form": form,
            "kind": kind,
            "title": TITLES[kind] % {"to": stages.BY_CODE[form.to].label},
            "to": form.to,
            "others": [(code, stages.BY_CODE[code].label, n) for code, n in following.items() if code != form.to],
            "outcome": outcome,
            "able": len(outcome.done) + len(outcome.asked),
            "count": len(rows),
            "moved": bool(named) and posted_number(named) != len(rows),
            "total": sum(project.total_investment or 0 for project in rows),
            "codes": [] if "all" in self.request.POST else [project.code for project in rows],
            "query": self.query.urlencode(),
        }
        return self.render_to_response(context)

    def carry_out(self, kind: str, form: BulkForm, rows: list[Project]) -> HttpResponse:
        """Do it, and offer to undo it."""
        outcome = bulk_change(by=actor_of(self.request), task=form.task(), projects=rows, today=timezone.localdate())
        title = TITLES[kind] % {"to": stages.BY_CODE[form.to].label}
        undo = reverse("project-bulk-undo", args=[actor_of(self.request).request_id])
        said = {"title": title, "done": len(outcome.done), "asked": len(outcome.asked)}
        if outcome.done:
            messages.success(self.request, _("%(title)s：已办理%(done)s个。") % said, extra_tags=undo)
        if outcome.asked:
            sentence = _("%(title)s：%(asked)s个已审核的项目，等科室负责人审核后生效。")
            messages.success(self.request, sentence % said, extra_tags="" if outcome.done else undo)
        self.tell(outcome)
        return self.back()


class ProjectBulkUndo(Bulk):
    """Setting everything back that one request of the same person did to projects."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today = timezone.localdate()
        outcome = bulk_undo(by=actor_of(request), request_id=self.kwargs["code"], today=today)
        if outcome.done:
            messages.success(request, _("已撤销，%(count)s个项目恢复原样。") % {"count": len(outcome.done)})
        elif not outcome.refused:
            messages.error(request, _("没有可以撤销的修改。"))
        self.tell(outcome)
        return self.back()
