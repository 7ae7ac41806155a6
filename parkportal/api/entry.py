"""Writing through REST: who may, on which version a change stands, and a request that is sent twice."""

import hashlib
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Final

import orjson
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as Refused
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from parkportal.api.access import MayRead
from parkportal.api.errors import Conflict, KeyReused, VersionMissing
from parkportal.api.resources import Resource
from parkportal.inputs import RowInput
from parkportal.models import ApiToken, Change, KeptAnswer, Park
from parkportal.roles import May
from parkportal.trace import Actor, StaleVersion

KEPT_FOR: Final = timedelta(days=30)
"""How long a request with a key is remembered."""
KEY: Final = re.compile(r"[\x21-\x7e]{1,100}")
MATCH: Final = re.compile(r'(?:W/)?"(\d{1,9})-[0-9a-f]*"|(\d{1,9})')
"""A version as the ETag of a row says it, or alone."""


class MayWrite(MayRead):
    """Reading as ever; writing asks for a token of scope write and a role that enters for a park."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if request.method in {"GET", "HEAD", "OPTIONS"} or not hasattr(view, request.method.lower()):
            return True
        return self._may_write(request)

    def _may_write(self, request: Request) -> bool:
        user = request.user
        if not (isinstance(request.auth, ApiToken) and request.auth.scope == ApiToken.Scope.WRITE):
            self.message = _("这个令牌只能读取。要写入，请换用读写令牌。")
        elif not user.may(May.ENTER) or user.park_id is None:
            sentence = _("你的角色（%(role)s）不能%(what)s。")
            self.message = sentence % {"role": user.get_role_display(), "what": May.ENTER.label}
        else:
            return True
        return False


class WritableResource(Resource, ABC):
    """A resource that is also written: POST enters a row into the ledger of the token's park, PATCH changes one."""

    permission_classes = (MayWrite,)
    http_method_names = ("get", "head", "options", "post", "patch")
    input_class: ClassVar[type[RowInput]]

    @abstractmethod
    def enter(self, park: Park, values: dict[str, Any]) -> Any:
        """Call the service that makes a row, and return it."""

    @abstractmethod
    def change(self, row: Any, values: dict[str, Any], version: int) -> None:
        """Call the service that changes a row."""

    @property
    def actor(self) -> Actor:
        """Who acts: the token's owner, through the token."""
        request = self.request
        return Actor(request.user, Change.Door.REST, request.auth, getattr(request, "request_id", ""))

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if key and not KEY.fullmatch(key):
            raise ValidationError({"Idempotency-Key": [_("应为1至100个可见的英文字符。")]})
        with transaction.atomic():
            kept = self._remember(key, request) if key else None
            if kept is not None and kept.status is not None:
                return Response(kept.body, status=kept.status, headers={"Idempotency-Replayed": "true"})
            body = self._entered(request)
            if kept is not None:
                plain = orjson.loads(orjson.dumps(body, default=str))
                KeptAnswer.objects.filter(pk=kept.pk).update(status=status.HTTP_201_CREATED, body=plain)
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": f"{request.path}{body['id']}/"})

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        if self.park_of(row) != request.user.park:
            raise PermissionDenied(_("这条记录由其他园区填报，你可以查看，不能修改。"))
        body, version = self._body(request), self._version(request)
        body.pop("version", None)
        values = self._checked(self.input_class(row, data=body, partial=True, context=self._input_context()))
        try:
            self._call(lambda: self.change(row, values, version))
        except StaleVersion:
            raise self._conflict(row, body) from None
        waits = status.HTTP_202_ACCEPTED if self.waits(row, values) else status.HTTP_200_OK
        return Response(self._shown(row.code), status=waits)

    def waits(self, row: Any, values: Mapping[str, Any]) -> bool:
        """Whether a part of the change waits for a reviewer, so that the row still shows its old values: 202."""
        return False

    def park_of(self, row: Any) -> Park:
        """The park in whose ledger the row stands."""
        return row.park

    def _entered(self, request: Request) -> dict[str, Any]:
        body = self._body(request)
        values = self._checked(self.input_class(data=body, context=self._input_context()))
        park = values.pop("park", request.user.park)
        row = self._call(lambda: self.enter(park, values))
        return self._shown(row.code)

    def _remember(self, key: str, request: Request) -> KeptAnswer:
        """The row of a key: a fresh one, or the one of the same request before; KeyReused for another content."""
        digest = hashlib.sha256(f"{request.path}\n{json.dumps(self._body(request))}".encode()).hexdigest()
        now = timezone.now()
        KeptAnswer.objects.filter(user=request.user, at__lt=now - KEPT_FOR).delete()
        try:
            with transaction.atomic():
                return KeptAnswer.objects.create(user=request.user, key=key, request_digest=digest, at=now)
        except IntegrityError:
            known = KeptAnswer.objects.get(user=request.user, key=key)
        if known.request_digest != digest:
            raise KeyReused
        return known

    def _body(self, request: Request) -> dict[str, Any]:
        if not isinstance(request.data, dict):
            raise ValidationError({"non_field_errors": [_("请求的内容应为一个JSON对象。")]})
        return dict(request.data)

    def _version(self, request: Request) -> int:
        """The version on which the change stands, from If-Match or the body."""
        text = request.headers.get("If-Match") or str(request.data.get("version", ""))
        found = MATCH.fullmatch(text.strip())
        if found:
            return int(found[1] or found[2])
        if text:
            raise ValidationError(
                {"version": [_("应为取得这条记录时的version，或它的ETag，现在是“%(text)s”。") % {"text": text[:40]}]}
            )
        raise VersionMissing

    def _checked(self, given: RowInput) -> dict[str, Any]:
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _input_context(self) -> dict[str, Any]:
        return {"request": self.request, "user": self.request.user}

    def _call(self, service: Any) -> Any:
        """What a service refuses is an error of the request, in its own words."""
        try:
            with transaction.atomic():
                return service()
        except Refused as refused:
            raise ValidationError(_sentences(refused)) from refused
        except IntegrityError:
            raise Conflict() from None

    def _shown(self, code: str) -> dict[str, Any]:
        return dict(self.get_serializer(self.get_queryset().get(code=code)).data)

    def _conflict(self, row: Any, body: Mapping[str, Any]) -> Conflict:
        """Somebody saved first: what the row says now, beside what was sent."""
        now = self._shown(row.code)
        current = {name: now.get(name) for name in body}
        return Conflict({"version": now["version"], "current": current, "yours": dict(body)})


def _sentences(refused: Refused) -> dict[str, list[str]]:
    if not hasattr(refused, "error_dict"):
        return {"non_field_errors": list(refused.messages)}
    found = {name: list(Refused(errors).messages) for name, errors in refused.error_dict.items()}
    general = found.pop(NON_FIELD_ERRORS, None)
    return found | ({"non_field_errors": general} if general else {})
