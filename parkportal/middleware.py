"""What holds for every answer: a request number, no shared caching, the language of REST, the life of a session."""

import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

Answer = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Gives each request a number that the trace, the log and the error page show."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class PrivateAnswersMiddleware:
    """No answer to a session or token is ever kept by a shared cache."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            rest = request.path.startswith("/api/")
            response["Cache-Control"] = "private, no-cache" if rest else "no-store"
            patch_vary_headers(response, ["Authorization"] if rest else ["Cookie"])
        return response


class ApiLocaleMiddleware:
    """REST answers in English where the caller asks for it; pages are Chinese whatever the browser asks."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = settings.LANGUAGE_CODE
        if request.path.startswith("/api/"):
            asked = request.headers.get("Accept-Language", "").lower()
            language = "en" if asked.startswith("en") else language
        with translation.override(language):
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            return self.get_response(request)


class SessionLifeMiddleware:
    """Ends a session that was idle too long or is too old, whatever the cookie says.

    The moment of last use is written at most once a minute, so that reading pages does not write with each request.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/") and request.session.session_key and request.user.is_authenticated:
            now = int(time.time())
            began, seen = request.session.setdefault("began", now), request.session.get("seen", now)
            if now - seen > settings.SESSION_IDLE_SECONDS or now - began > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif now - seen >= 60 or "seen" not in request.session:
                request.session["seen"] = now
        return self.get_response(request)


class BodySizeMiddleware:
    """A body that is larger than any file we take is refused before it is read, with a page that says so."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.headers.get("Content-Length", "")
        if length.isascii() and length.isdigit() and int(length[:15]) > settings.MOST_BODY_BYTES:
            if request.path.startswith("/api/"):
                return JsonResponse({"code": "too_large", "message": _("请求的内容太大。"), "fields": {}}, status=413)
            return render(request, "413.html", status=413)
        return self.get_response(request)


class AddressMiddleware:
    """An address with a NUL is no page: PostgreSQL refuses the character. REST says so in its own words."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path and not request.path.startswith("/api/"):
            raise Http404
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A NUL where a row is named, which the database refuses: a bad request, and no fault of ours."""
        nul = isinstance(exception, ValueError) and "NUL (0x00)" in str(exception)
        return render(request, "400.html", status=400) if nul else None
