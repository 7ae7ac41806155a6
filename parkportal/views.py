"""Pages of the ground: logging in and changing the password, the health of the process, the guide for users."""

from typing import Any

from django.conf import settings
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView
from django.views.generic.base import View
from redis import Redis, RedisError

from parkportal import sessions


class Login(auth.LoginView):
    """Log in; a person's oldest session ends when there are too many."""

    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        sessions.begin(self.request.session)
        sessions.remember(form.get_user(), self.request.session.session_key or "")
        return response


class PasswordChange(auth.PasswordChangeView):
    """A new password ends every other session of the person."""

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        sessions.end_all(form.user)
        sessions.remember(form.user, self.request.session.session_key or "")
        return response


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up; asks nothing of anybody else."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Database and, where there is one, broker answer; 503 names what does not."""
    checks = {"database": _database_answers()}
    if settings.REDIS_URL:
        checks["broker"] = _broker_answers()
    ready = all(checks.values())
    return JsonResponse({"status": "ok" if ready else "unavailable", "checks": checks}, status=200 if ready else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker_answers() -> bool:
    try:
        return bool(Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2).ping())
    except RedisError:
        return False


class ConfidentialityConfirm(View):
    """That the person has read the notice of confidentiality; it comes again on another day and in another session."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest) -> HttpResponse:
        request.session[sessions.TOLD] = timezone.localdate().isoformat()
        target = request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
        return redirect(target if is_ours else "/")


class Help(TemplateView):
    """使用说明: how each role works with the portal."""

    template_name = "parkportal/help.html"


@method_decorator(login_not_required, name="dispatch")
class Components(TemplateView):
    """Every component in every state, for looking at; only while developing."""

    template_name = "parkportal/ui.html"
