"""Entering a new project and editing a known one."""

from abc import ABC, abstractmethod
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic.base import TemplateResponseMixin

from parkportal.entry import own_park
from parkportal.models import Draft, Park, User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from parkportal.trace import Actor, StaleVersion
from projects.forms.conflicts import Difference, chosen, differences
from projects.forms.projects import ProjectForm
from projects.models import Project
from projects.services import Act, demand, project_create, project_submit, project_update, undecided, untimely
from projects.services.pending import saved_in_words
from projects.views.drafts import draft_for, forget, texts_of


class ProjectEntry(MayMixin, TemplateResponseMixin, ABC):
    """The form of a project: every answer shows again what was typed, except the one that saved it."""

    may = May.ENTER
    template_name = "projects/project_form.html"

    @property
    def user(self) -> User:
        """The person who enters."""
        return cast(User, self.request.user)

    @property
    def actor(self) -> Actor:
        """The same, for the trace."""
        return actor_of(self.request)

    @property
    def park(self) -> Park:
        """The park that keeps the row."""
        return own_park(self.request)

    @property
    def project(self) -> Project | None:
        """The project that is edited; None for a new one."""
        return None

    def form(self, data: Any = None) -> ProjectForm:
        """The form, empty or as it was posted."""
        today = timezone.localdate()
        return ProjectForm(data, park=self.park, user=self.user, today=today, project=self.project)

    @abstractmethod
    def save(self, form: ProjectForm) -> Project:
        """Write what was typed and return the project."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form()
        draft = draft_for(self.user, self.project)
        if draft and request.GET.get("draft") == draft.key:
            form.initial |= texts_of(draft)
            return self.show(form, resumed=draft)
        return self.show(form, draft=draft)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "fix" in request.POST:
            return self.show(self.form(self._fixed(request.POST)))
        form = self.form(chosen(request.POST, self.form()) if self.project else request.POST)
        action = request.POST.get("action", "save")
        if action == "preview":
            return self.preview(form)
        if not form.is_valid():
            return self.show(form)
        return self.write(form, submits=action == "submit")

    def write(self, form: ProjectForm, *, submits: bool) -> HttpResponse:
        """Save, and submit where that was asked for, both or neither; whatever refuses it is said on the form."""
        try:
            with transaction.atomic():
                project = self.save(form)
                if submits:
                    project_submit(by=self.actor, project=project)
        except StaleVersion as stale:
            return self.yield_to(form, cast(Project, stale.current))
        except ValidationError as refused:
            form.absorb(refused)
        except PermissionDenied as refused:
            form.add_error(None, str(refused))
        except IntegrityError:
            return self.after_clash(form)
        else:
            forget(self.user, self.project and project.code, form.cleaned_data.get("key"))
            return self.done(project, submits=submits)
        return self.show(form)

    def done(self, project: Project, *, submits: bool) -> HttpResponse:
        """To the project, with a word on what was done; a new one like another asks first whether it is the same."""
        said = _("“%(project)s”已提交审核。") if submits else saved_in_words(project, self.user)
        messages.success(self.request, said % {"project": project.name})
        asks = self.project is None and undecided(project, self.user)
        return redirect("project-alike" if asks else "project-detail", project.code)

    def after_clash(self, form: ProjectForm) -> HttpResponse:
        """The same form came twice, or somebody stored the same enterprise a moment ago."""
        made = Project.objects.filter(submission_key=form.submission_key).first() if form.submission_key else None
        if made is not None:
            return redirect("project-detail", made.code)
        form.add_error(None, _("刚才有人登记了同一家企业，没有保存。请再保存一次，就会用已登记的那一家。"))
        return self.show(form)

    def yield_to(self, form: ProjectForm, current: Project) -> HttpResponse:
        """Somebody saved first: show both values of what differs, keep what was typed."""
        version = form.cleaned_data.get("version") or 0
        return self.show(form, differences(form, current, version), stale=current, status=409)

    def preview(self, form: ProjectForm) -> HttpResponse:
        """What the project would count for: saved by the real service in a transaction that is rolled back."""
        panel = self._panel(form) if form.is_valid() else ""
        if self.request.htmx and form.errors:  # type: ignore[attr-defined]
            panel = render_to_string("projects/_project_preview.html", {"wrong": True}, self.request)
        if self.request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(panel)
        return self.show(form, panel=panel)

    def _panel(self, form: ProjectForm) -> str:
        panel = ""
        try:
            with transaction.atomic():
                project = self.save(form)
                panel = render_to_string("projects/_project_preview.html", {"project": project}, self.request)
                transaction.set_rollback(True)
        except StaleVersion as stale:
            form.add_error(None, _("“%(project)s”刚被别人改过，保存时会列出不同的地方。") % {"project": stale.current})
        except ValidationError as refused:
            form.absorb(refused)
        except PermissionDenied as refused:
            form.add_error(None, str(refused))
        except IntegrityError:
            form.add_error(None, _("这张表单已经保存过，请到项目页面查看。"))
        return panel

    def _fixed(self, posted: QueryDict) -> QueryDict:
        """What was posted, with the one value put right that was asked for."""
        data, fixes = posted.copy(), self.form(posted).fixes()
        if posted["fix"] in fixes:
            data[posted["fix"]] = fixes[posted["fix"]]
        return data

    def show(
        self,
        form: ProjectForm,
        conflict: list[Difference] | None = None,
        *,
        stale: Project | None = None,
        panel: str = "",
        draft: Draft | None = None,
        resumed: Draft | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """The page with the form as it was typed."""
        context = {
            "form": form,
            "project": self.project,
            "sections": form.sections(),
            "fixes": [(name, form.fields[name].label, value) for name, value in form.fixes().items()],
            "wrong": sum(len(sentences) for sentences in form.errors.values()) if form.is_bound else 0,
            "conflict": conflict,
            "stale": stale,
            "panel": panel,
            "draft": draft,
            "resumed": resumed,
            "draft_moved": draft and self.project and texts_of(draft).get("version") != str(self.project.version),
        }
        return self.render_to_response(context, status=status)


class ProjectNew(ProjectEntry):
    """A new project of the person's park."""

    def save(self, form: ProjectForm) -> Project:
        return project_create(
            by=self.actor,
            park=self.park,
            values=form.values(),
            on=timezone.localdate(),
            key=form.submission_key,
        )


class ProjectEdit(ProjectEntry):
    """A known project of the person's park."""

    @cached_property
    def project(self) -> Project:  # type: ignore[override]
        rows = Project.objects.visible_to(self.user).select_related("park__region", "investor__group", "company")
        return get_object_or_404(rows, code=self.kwargs["code"])

    @property
    def park(self) -> Park:
        return self.project.park

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Rows of other parks, or known by code name only, are refused; at the wrong time it leads to the project."""
        if request.user.is_authenticated and self.user.may(May.ENTER):
            if self.user.park_id != self.project.park_id or self.project.veiled:
                demand(self.actor, self.project, Act.EDIT)
            if request.method == "GET" and (sentence := untimely(self.project, Act.EDIT)):
                messages.error(request, sentence)
                return redirect("project-detail", self.project.code)
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))

    def save(self, form: ProjectForm) -> Project:
        return project_update(
            by=self.actor,
            project=self.project,
            values=form.values(),
            version=form.cleaned_data["version"] or 0,
            on=timezone.localdate(),
        )
