"""How errors are said: `{"code", "message", "fields"}`; sentences are Chinese, English where the caller asks for it."""

from collections.abc import Iterator
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from parkportal.trace import StaleVersion

SENTENCES: Final = {
    "parse_error": gettext_lazy("请求的内容不是有效的JSON。"),
    "not_authenticated": gettext_lazy("请在请求头中提供令牌：Authorization: Bearer <token>。"),
    "permission_denied": gettext_lazy("你没有权限做这件事。"),
    "not_found": gettext_lazy("没有这条记录，或不在你的权限内。"),
    "method_not_allowed": gettext_lazy("这个地址不支持%(method)s。"),
    "not_acceptable": gettext_lazy("不能按请求头Accept的格式回答，可用的有：application/json。"),
    "unsupported_media_type": gettext_lazy("请求的内容应为application/json。"),
    "throttled": gettext_lazy("请求太多，请稍后再试。"),
    "conflict": gettext_lazy("这条记录已被别人修改，请取得最新内容后再改。"),
    "version_missing": gettext_lazy("请用If-Match或version说明是在哪个版本上修改的。"),
    "key_reused": gettext_lazy("这个Idempotency-Key已用于另一个请求，请换一个。"),
    "too_large": gettext_lazy("请求的内容太大。"),
    "invalid": gettext_lazy("请求有误。"),
}
OWN_WORDS: Final = frozenset({"authentication_failed", "permission_denied"})
"""Codes whose sentence the guard itself has written."""


def explain(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an error in the one shape that all have; None for a fault of the portal itself."""
    known = _known(error)
    if known is None:
        return None
    code = _code(known)
    fields = dict(_fields(known.detail)) if isinstance(known, exceptions.ValidationError) else {}
    body = {"code": code, "message": _message(known, code, fields, context), "fields": fields}
    body |= known.both if isinstance(known, Conflict) else {}
    # A file was asked for, but an error is JSON whatever the format.
    answer = Response(body, status=known.status_code, content_type="application/json")
    header = getattr(known, "auth_header", None)
    if header:
        answer["WWW-Authenticate"] = header
    return answer


class Conflict(exceptions.APIException):
    """Somebody saved first; `both` holds the values as they are now and as they were sent."""

    status_code = 409
    default_code = "conflict"

    def __init__(self, both: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.both = both or {}


class VersionMissing(exceptions.APIException):
    """A change must say which version of the row it was made on."""

    status_code = 428
    default_code = "version_missing"


class KeyReused(exceptions.APIException):
    """The same Idempotency-Key came with another content."""

    status_code = 422
    default_code = "key_reused"


class TooLarge(exceptions.APIException):
    """The body is larger than the portal reads."""

    status_code = 413
    default_code = "too_large"


def _known(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    kinds: list[tuple[type[Exception], type[exceptions.APIException]]] = [
        (Http404, exceptions.NotFound),
        (PermissionDenied, exceptions.PermissionDenied),
        (StaleVersion, Conflict),
        (RequestDataTooBig, TooLarge),
        (SuspiciousOperation, exceptions.ParseError),
    ]
    return next((answer() for kind, answer in kinds if isinstance(error, kind)), None)


def _code(error: exceptions.APIException) -> str:
    return "invalid" if isinstance(error, exceptions.ValidationError) else str(error.default_code)


def _message(error: exceptions.APIException, code: str, fields: dict[str, list[str]], context: dict[str, Any]) -> str:
    """The sentence of an error: of the first field that is wrong, of the guard, or of its kind."""
    if fields:
        return next(iter(fields.values()))[0]
    if code in OWN_WORDS and str(error.detail) != str(error.default_detail):
        return str(error.detail)
    sentence = SENTENCES.get(code) or SENTENCES["invalid"]
    request = context.get("request")
    return str(sentence) % {"method": request.method} if request and code == "method_not_allowed" else str(sentence)


def _fields(detail: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Each field that is wrong with its sentences; those of nested objects by their path: `shares.0.park`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _fields(inner, f"{path}.{name}" if path else str(name))
    elif any(isinstance(part, dict | list) for part in detail):
        for place, inner in enumerate(detail):
            yield from _fields(inner, f"{path}.{place}")
    elif detail:
        yield path or "non_field_errors", [str(part) for part in detail]
