"""Buttons of a project: submit, move on, end, withdraw, undo; each is one POST that calls one service."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import TemplateResponseMixin

from parkportal.forms import posted_number
from parkportal.models import Change, User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from parkportal.trace import Actor, StaleVersion
from projects import stages
from projects.forms.steps import EndingForm, StageForm
from projects.models import Project
from projects.services import (
    Act,
    barred,
    change_undo,
    demand,
    project_change_stage,
    project_recall,
    project_restore,
    project_submit,
    project_terminate,
    project_withdraw,
    waits,
)
from projects.services.pending import saved_in_words
from projects.words import LABEL

WAITING_ACTS = frozenset({Act.MOVE})
"""Acts whose outcome waits for a review where the person may not verify."""


class ProjectStep(MayMixin):
    """A view of one project that changes it; the service judges whether this person may, and whether it is time."""

    may = May.ENTER
    http_method_names: ClassVar[list[str]] = ["post", "options"]

    @cached_property
    def project(self) -> Project:
        """The project of the address, withdrawn ones included; one out of sight is 404."""
        rows = Project.objects.visible_to(cast(User, self.request.user))
        rows = rows.select_related("park__region", "investor__group", "company")
        return get_object_or_404(rows, code=self.kwargs["code"])

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return actor_of(self.request)

    @property
    def version(self) -> int:
        """The version that the person saw."""
        return posted_number(self.request.POST.get("version", ""))

    def back(self) -> HttpResponse:
        """To the project."""
        return redirect("project-detail", self.project.code)

    def say_stale(self) -> None:
        """Somebody was first."""
        sentence = _("“%(project)s”刚被别人改过，没有办理。请看过现在的内容再操作。")
        messages.error(self.request, sentence % {"project": self.project.name})


class ProjectButton(ProjectStep):
    """One POST without anything to fill in."""

    service: ClassVar[Any]
    done: ClassVar[Any]

    def act(self) -> None:
        """Call the service."""
        type(self).service(by=self.actor, project=self.project, version=self.version)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.act()
        except StaleVersion:
            self.say_stale()
        except ValidationError as refused:
            for sentence in refused.messages:
                messages.error(request, sentence)
        else:
            said = saved_in_words(self.project, self.actor.user, str(self.done))
            messages.success(request, said % {"project": self.project.name})
        return self.back()


class ProjectSubmit(ProjectButton):
    """Handing a project to the reviewer."""

    service = project_submit
    done = gettext_lazy("“%(project)s”已提交，等待科室负责人审核。")


class ProjectRecall(ProjectButton):
    """Taking a submission back."""

    service = project_recall
    done = gettext_lazy("“%(project)s”已撤回提交，可以修改。")


class ProjectWithdraw(ProjectButton):
    """Putting a project into the bin."""

    service = project_withdraw
    done = gettext_lazy("“%(project)s”已放入回收站，30天内可以恢复。")


class ProjectRestore(ProjectButton):
    """Taking a project out of the bin."""

    service = project_restore
    done = gettext_lazy("“%(project)s”已恢复。")


class ProjectUndo(ProjectButton):
    """Taking back the change of the trace that the address names by its number."""

    done = gettext_lazy("“%(project)s”的这一次修改已撤销。")

    def act(self) -> None:
        seq = self.request.GET.get("change", "")
        found = Change.objects.visible_to(cast(User, self.request.user)).of(LABEL, [self.project.code])
        change = found.filter(seq=seq).first() if seq.isascii() and seq.isdigit() and len(seq) < 19 else None
        if change is None:
            raise ValidationError(_("没有找到这一条变更记录，请刷新页面再看。"))
        change_undo(by=self.actor, project=self.project, change=change, on=timezone.localdate())


class ProjectStepForm(ProjectStep, TemplateResponseMixin, ABC):
    """A step that asks for a little: a page with a short form."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "options"]
    template_name = "projects/project_step_form.html"
    act: ClassVar[Act]
    title: ClassVar[Any]
    action: ClassVar[Any]
    done: ClassVar[Any]

    @abstractmethod
    def form(self, data: Any = None) -> Any:
        """The form, empty or as it was posted."""

    @abstractmethod
    def save(self, form: Any) -> None:
        """Call the service."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            demand(self.actor, self.project, self.act)
        except ValidationError as refused:
            messages.error(request, refused.messages[0])
            return self.back()
        return self.show(self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refusal := barred(self.actor.user, self.project, self.act):
            raise PermissionDenied(refusal)
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            self.save(form)
        except StaleVersion as stale:
            self.say_stale()
            return self.show(form, status=409, version=stale.current.version)  # type: ignore[attr-defined]
        except ValidationError as refused:
            absorb(form, refused)
            return self.show(form)
        said = saved_in_words(self.project, self.actor.user, str(self.done))
        messages.success(request, said % {"project": self.project.name})
        return self.back()

    def extra(self) -> dict[str, Any]:
        """What else the page shows."""
        return {}

    def show(self, form: Any, *, status: int = 200, version: int | None = None) -> HttpResponse:
        """The page with the form as it was typed."""
        context = {
            "form": form,
            "project": self.project,
            "title": self.title,
            "action": self.action,
            "waits": self.act in WAITING_ACTS and waits(self.actor.user, self.project),
            "version": self.project.version if version is None and not form.is_bound else version or self.version,
        }
        return self.render_to_response(context | self.extra(), status=status)


def absorb(form: BaseForm, refused: ValidationError) -> None:
    """Show the sentences of a service on a short form."""
    if isinstance(form, StageForm):
        form.absorb(refused)
        return
    for name, sentences in (refused.message_dict if hasattr(refused, "error_dict") else {"": refused.messages}).items():
        form.add_error(name if name in form.fields else None, sentences)


class ProjectTerminate(ProjectStepForm):
    """Ending a project on a day, with a reason."""

    act = Act.MOVE
    title = gettext_lazy("终止项目")
    action = gettext_lazy("登记终止")
    done = gettext_lazy("“%(project)s”已登记终止，从终止之日起不再计入。")

    def form(self, data: Any = None) -> EndingForm:
        return EndingForm(data, today=timezone.localdate())

    def save(self, form: Any) -> None:
        day, precision = form.cleaned_data["on"]
        chosen = form.cleaned_data.get("on_precision") or "day"
        project_terminate(
            by=self.actor,
            project=self.project,
            on=day,
            precision=precision if precision != "day" else chosen,
            reason=form.cleaned_data["reason"],
            version=self.version,
        )


class ProjectStage(ProjectStepForm):
    """Moving a project to the stage that the address names, or the next one."""

    act = Act.MOVE
    title = gettext_lazy("更新进展")
    action = gettext_lazy("更新进展")
    done = gettext_lazy("“%(project)s”的进展已更新。")

    @property
    def to(self) -> str:
        """The stage to move to; 404 for one that does not exist."""
        following = stages.next_stages(self.project.stage)
        name = self.request.GET.get("to") or (following[0] if following else stages.PRODUCING)
        if name not in stages.BY_CODE:
            raise Http404
        return name

    def form(self, data: Any = None) -> StageForm:
        user = cast(User, self.request.user)
        return StageForm(
            data, park=self.project.park, user=user, today=timezone.localdate(), project=self.project, to=self.to
        )

    def save(self, form: Any) -> None:
        project_change_stage(
            by=self.actor,
            project=self.project,
            to=self.to,
            on=form.cleaned_data["on"],
            precision=form.cleaned_data["on_precision"],
            reason=form.cleaned_data["reason"],
            version=self.version,
            values=form.values(),
            today=timezone.localdate(),
        )

    def extra(self) -> dict[str, Any]:
        others = [stage for stage in stages.STAGES if stage.code not in {self.project.stage, self.to}]
        return {"stage": stages.BY_CODE[self.to], "others": others}
