"""The question that a new project asks when it is like another one: is it the same, a part of it, or something else?"""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import TemplateResponseMixin

from parkportal.entry import OwnRow
from parkportal.models import User
from parkportal.pages import MayMixin
from parkportal.roles import May
from parkportal.trace import StaleVersion
from parkportal.writing import clean_text
from projects.models import Likeness, Project
from projects.services import alike


class DecisionForm(forms.Form):
    """The decision on one pair; nothing chosen leaves it open."""

    use_required_attribute = False
    decision = forms.ChoiceField(
        label=gettext_lazy("是不是同一项目"),
        choices=[("", gettext_lazy("以后再定")), *Likeness.Decision.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=gettext_lazy("说明"), max_length=300, required=False)

    def clean_reason(self) -> str:
        return clean_text(self.cleaned_data["reason"])


class ProjectAlike(MayMixin, OwnRow, TemplateResponseMixin):
    """Projects like this one that nobody has decided about, each with its question."""

    may = May.ENTER
    model = Project
    template_name = "projects/project_alike.html"

    def pairs(self, project: Project, data: Any = None) -> list[tuple[alike.Alike, DecisionForm]]:
        """Each like project with its form."""
        found = alike.undecided(project, cast(User, self.request.user))
        return [(one, DecisionForm(data, prefix=one.project.code, initial={"decision": ""})) for one in found]

    def project(self) -> Project:
        """The project of the address; one that the person sees only under its code name is not theirs to judge."""
        project = cast(Project, self.own_row())
        if project.veiled:
            raise PermissionDenied(_("保密项目由知情人员办理。"))
        return project

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        project = self.project()
        return self.render_to_response({"project": project, "pairs": self.pairs(project)})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        project = self.project()
        pairs = self.pairs(project, request.POST)
        if not all(form.is_valid() for _one, form in pairs):
            return self.render_to_response({"project": project, "pairs": pairs})
        for one, form in pairs:
            if decision := form.cleaned_data["decision"]:
                try:
                    self.decide(project, one, decision, form.cleaned_data["reason"])
                except ValidationError as refused:
                    form.add_error(None, refused)
                    return self.render_to_response({"project": project, "pairs": pairs})
                except StaleVersion:
                    messages.error(request, _("项目刚被别人改过，没有保存。请看过现在的内容再办理。"))
                    break
                if decision == Likeness.Decision.SAME:
                    return self.to_the_one(one)
        return redirect("project-detail", project.code)

    def decide(self, project: Project, one: alike.Alike, decision: str, reason: str) -> None:
        """Keep one decision and say so."""
        other = Project.objects.get(pk=one.project.pk)
        alike.likeness_decide(by=self.actor, project=project, other=other, decision=decision, reason=reason)
        words = {"other": one.project.name, "decision": Likeness.Decision(decision).label}
        messages.success(self.request, _("已登记查重结论：和“%(other)s”%(decision)s。") % words)

    def to_the_one(self, one: alike.Alike) -> HttpResponse:
        """The double is in the bin; work goes on at the one that was there before."""
        messages.success(self.request, _("新填的项目已移入回收站，请在这里更新进展。"))
        return redirect("project-detail", one.project.code)
