"""What people typed into the form of a project and have not saved yet: kept for them, and for nobody else."""

import uuid
from typing import Any, Final, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.entry import own_park
from parkportal.models import Draft, User
from parkportal.pages import MayMixin
from parkportal.roles import May
from projects.forms.sections import all_fields
from projects.models import Project

FORM: Final = "project"
LARGEST: Final = 100_000
"""Letters of all values together; a form that is filled in has a tenth of that."""
MOST: Final = 20
"""Drafts that a person may have; the oldest goes when another one comes."""


def drafts_of(user: User) -> QuerySet[Draft]:
    """The person's own drafts of projects, newest first."""
    return Draft.objects.filter(user=user, form=FORM)


def draft_for(user: User, project: Project | None) -> Draft | None:
    """What the person has not saved yet of that project, or of a new one."""
    mine = drafts_of(user)
    if project:
        return mine.filter(key=project.code).first()
    return next((draft for draft in mine if _is_key(draft.key)), None)


def texts_of(draft: Draft) -> dict[str, str]:
    """The typed texts by field."""
    return {name: values[0] for name, values in draft.values.items() if values}


def forget(user: User, *keys: Any) -> None:
    """Remove drafts whose content was saved or given up."""
    drafts_of(user).filter(key__in=[str(key) for key in keys if key]).delete()


def _is_key(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


class ProjectDraft(MayMixin):
    """Keeps what was posted as the person's draft, or gives it up; `project` in the address names a known one."""

    may = May.ENTER
    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = cast(User, request.user)
        park = own_park(request)
        code = request.GET.get("project", "")
        if code:
            get_object_or_404(Project.objects.visible_to(user).open_to(user).filter(park=park), code=code)
        key = code or request.POST.get("key", "")
        if not code and not _is_key(key):
            return HttpResponseBadRequest(_("草稿没有编号，请刷新页面后再填。"))
        if request.POST.get("action") == "discard":
            return self._discard(user, key, code)
        return self._keep(user, key, request.POST)

    def _discard(self, user: User, key: str, code: str) -> HttpResponse:
        forget(user, key)
        messages.success(self.request, _("草稿已放弃。"))
        return redirect("project-edit", code) if code else redirect("project-new")

    def _keep(self, user: User, key: str, posted: QueryDict) -> HttpResponse:
        if Project.objects.filter(submission_key=f"{user.pk}-{key}").exists():
            return JsonResponse({"at": ""})  # a slow request, overtaken by the saving of the form itself
        known = {name for name, _field in all_fields()} | {"version", "key"}
        values = {name: texts for name, texts in posted.lists() if name in known}
        if sum(len(text) for texts in values.values() for text in texts) > LARGEST:
            return HttpResponseBadRequest(_("内容太长，没有自动保存。"))
        draft, _made = Draft.objects.update_or_create(user=user, form=FORM, key=key, defaults={"values": values})
        drafts_of(user).filter(pk__in=list(drafts_of(user).values_list("pk", flat=True)[MOST:])).delete()
        return JsonResponse({"at": timezone.localtime(draft.updated_at).strftime("%H:%M")})
