"""Who may: bearer tokens, which are kept as hashes only, and what the role of their owner grants."""

import ipaddress
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from parkportal.models import ApiToken, User
from parkportal.roles import May

TOUCH_EVERY: Final = timedelta(minutes=1)
"""How exactly the last use of a token is known; reading does not write with each request."""


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`; never the address, never a cookie."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = known_token(secret.strip())
        if not is_allowed_from(token, client_address(request)):
            raise AuthenticationFailed(_("这个令牌不能从你的网络地址使用。"))
        touch(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def known_token(secret: str) -> ApiToken:
    """Return the token of a secret; AuthenticationFailed where it is unknown, stopped, expired or nobody's.

    Digests are compared, never secrets: how long the look-up takes says nothing about the secret.
    """
    rows = ApiToken.objects.select_related("user__park", "user__region")
    token = rows.filter(digest=ApiToken.hash(secret)).first()
    if token is None or not token.user.is_active:
        raise AuthenticationFailed(_("令牌无效。"))
    if token.revoked_at is not None:
        raise AuthenticationFailed(_("令牌已停用。"))
    if token.expires_at <= timezone.now():
        raise AuthenticationFailed(_("令牌已过期，请换用新的令牌。"))
    return token


def client_address(request: Request) -> str:
    """Return the caller's address: the last one in X-Forwarded-For that is no trusted proxy, if a proxy called."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    while forwarded and forwarded[-1] and is_within(address, settings.TRUSTED_PROXIES):
        address = forwarded.pop()
    return address


def is_allowed_from(token: ApiToken, address: str) -> bool:
    """Whether the token may be used from there; one without ranges may be used from anywhere."""
    return not token.ip_ranges or is_within(address, token.ip_ranges)


def is_within(address: str, ranges: list[str]) -> bool:
    """Whether an address lies in one of the ranges; what is no address or no range never matches."""
    try:
        found = ipaddress.ip_address(address)
        mapped = getattr(found, "ipv4_mapped", None) or found
        return any(mapped in ipaddress.ip_network(text, strict=False) for text in ranges)
    except ValueError:
        return False


def touch(token: ApiToken) -> None:
    """Note that the token was used, at most once a minute whatever number of requests come together."""
    now = timezone.now()
    if token.last_used_at is not None and token.last_used_at > now - TOUCH_EVERY:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - TOUCH_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


class MayRead(BasePermission):
    """The default of every view: the role must grant reading, and the person must belong somewhere."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        if not isinstance(user, User):
            return False
        if request.method.lower() not in view.http_method_names or not hasattr(view, request.method.lower()):
            return True  # No handler: the answer is 405, whoever asks.
        if not user.may(May.READ):
            sentence = _("你的角色（%(role)s）不能%(what)s。")
            self.message = sentence % {"role": user.get_role_display(), "what": May.READ.label}
        elif user.place is None:
            self.message = _("你的账号还没有分配园区或区域，请联系系统管理员。")
        return user.may(May.READ) and user.place is not None
