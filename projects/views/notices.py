"""The page of a person's notices."""

from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import ListView
from django.views.generic.base import View

from parkportal import notices
from parkportal.models import Notice, User
from parkportal.pages import MayMixin

PAGES = {"projects.Project": "project-detail", "projects.Handover": "handover-detail"}
"""Where a notice leads, by what it is about."""


class NoticeList(MayMixin, ListView):  # type: ignore[type-arg]
    """The newest notices of the person, unread ones marked."""

    template_name = "parkportal/notice_list.html"

    def get_queryset(self) -> QuerySet[Notice]:
        return Notice.objects.filter(user=cast(User, self.request.user))[: notices.SHOWN]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for row in context["object_list"]:
            page = PAGES.get(row.object_type)
            row.url = reverse(page, args=[row.object_code]) if page else ""
        return context | {"unread": sum(row.read_at is None for row in context["object_list"])}


class NoticesRead(MayMixin, View):
    """Mark one notice, named by its key, or all of them as read."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest) -> HttpResponse:
        count = notices.read(cast(User, request.user), at=timezone.now(), key=request.POST.get("key"))
        if count > 1:
            messages.success(request, _("%(count)s条提醒已标为已读。") % {"count": count})
        return redirect("notice-list")
