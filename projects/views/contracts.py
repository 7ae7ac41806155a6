"""The page of a project's papers."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.generic.base import TemplateResponseMixin

from parkportal.trace import StaleVersion
from projects.forms.contracts import PaperFormSet, shown
from projects.models.secrecy import SECRET
from projects.services import Act, demand
from projects.services.contracts import columns_for, contract_differences, contracts_set, papers_of, seen_as
from projects.views.project_steps import ProjectStep


class ProjectContracts(ProjectStep, TemplateResponseMixin):
    """All papers of a project on one page: what stands there when it is saved is what the project has."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "options"]
    template_name = "projects/project_contracts.html"

    def rows(self, data: Any = None) -> PaperFormSet:  # type: ignore[valid-type]
        """The papers as stored, or as they were posted."""
        columns = columns_for(self.project)
        stored = [] if data is not None else shown(papers_of(self.project), columns)
        return PaperFormSet(data, initial=stored, prefix="paper", form_kwargs={"columns": columns})

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            demand(self.actor, self.project, Act.EDIT)
        except ValidationError as refused:
            messages.error(request, refused.messages[0])
            return self.back()
        return self.show(self.rows())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows: Any = self.rows(request.POST)
        seen = request.POST.get("seen", "")
        try:
            demand(self.actor, self.project, Act.EDIT)
            if not rows.is_valid():
                return self.show(rows, seen=seen)
            changed = contracts_set(by=self.actor, project=self.project, papers=rows.papers(), seen=seen)
        except StaleVersion:
            return self.show(rows, status=409, now=papers_of(self.project))
        except ValidationError as refused:
            rows.non_form_errors().extend(refused.messages)
            return self.show(rows, seen=seen)
        messages.success(request, _("合同已保存。") if changed else _("没有改动，不用保存。"))
        for sentence in contract_differences(self.project, papers_of(self.project)):
            messages.warning(request, sentence)
        return self.back()

    def show(self, rows: Any, *, status: int = 200, seen: str = "", **more: Any) -> HttpResponse:
        """The page; `now` are the papers that somebody else saved meanwhile."""
        context = {
            "project": self.project,
            "rows": rows,
            "seen": seen or seen_as(papers_of(self.project)),
            "is_secret": self.project.confidentiality == SECRET,
        }
        return self.render_to_response(context | more, status=status)
