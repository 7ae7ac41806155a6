"""Calls to addresses of others: only to public ones, by the very address that was checked, never on to another.

A name is resolved once; every address behind it must be public, and the connection is made to the one that was checked,
so that a name that changes its meaning in between leads nowhere. What answers with a redirection is not followed.
"""

import hashlib
import hmac
import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Event, Timer
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

TIMEOUT: Final = 10
"""Seconds that the other side may be silent."""
LONGEST: Final = 60
"""Seconds for a whole call: who speaks a byte at a time holds no worker."""
PORT: Final = 443
GLOBAL: Final = IPv6Network("2000::/3")
"""Of IPv6 only this is in use in the open; site-local fec0::/10 and others are not."""
DOCUMENTS: Final = IPv6Network("3fff::/20")
NAME: Final = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\.?", re.IGNORECASE
)
"""A whole name whose last label is a word: “2130706433”, “0x7f.1” and “127.1” are other spellings of an address."""
INNER: Final = (".localhost", ".local", ".localdomain", ".internal", ".intranet", ".lan", ".home.arpa", ".onion")
TRANSLATED: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Addresses that a gateway turns into IPv4 ones of any kind."""


class Refused(Exception):
    """A call that was not made or not taken; the message says why in a sentence's part."""


def split_url(url: str) -> SplitResult:
    """The parts of an address that may be called; Refused for one that never may, without asking the network."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as mistake:
        raise Refused(_("不是一个完整的网址")) from mistake
    if parts.scheme != "https" or not parts.hostname:
        raise Refused(_("网址应以https://开头，写到主机名"))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused(_("网址里不能有用户名、密码或“#”"))
    if port == 0 or not url.isascii() or any(char.isspace() or not char.isprintable() for char in url):
        raise Refused(_("网址只能用英文字母、数字和符号，不能有空格"))
    _refuse_inner(parts.hostname)
    return parts


def _refuse_inner(host: str) -> None:
    """Refused for an address that is not public, however it is spelled, and for a name that is none of the Internet."""
    literal, name = _literal(host.rstrip(".")), f".{host.rstrip('.')}"
    if (literal and not is_public(literal)) or name.endswith(INNER):
        raise Refused(_("这是内部或本机地址，不能推送到那里"))
    if literal is None and (len(host) > 253 or not NAME.fullmatch(host)):
        raise Refused(_("主机名要写全，如api.example.cn；IP地址要写成四段十进制数"))


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the open Internet: not private, loopback, link-local, reserved or for many."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return is_public(inner)
        if address not in GLOBAL or address in DOCUMENTS or any(address in network for network in TRANSLATED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def checked_address(host: str, port: int) -> str:
    """The address to connect to; Refused where the name is unknown or any of its addresses is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(_("找不到主机%(host)s") % {"host": host}) from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not addresses or not all(is_public(ip_address(one)) for one in addresses):
        raise Refused(_("主机%(host)s指向内部或本机地址，没有推送") % {"host": host})
    return addresses[0]


class PinnedConnection(http.client.HTTPConnection):
    """A TLS connection to an address that was checked, under the name whose certificate it must show."""

    default_port = PORT

    def __init__(self, host: str, port: int, address: str) -> None:
        self.address, self.tls = address, ssl.create_default_context()
        super().__init__(host, port, timeout=TIMEOUT)

    def connect(self) -> None:
        raw = socket.create_connection((self.address, self.port), TIMEOUT)
        self.sock = self.tls.wrap_socket(raw, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock.do_handshake()

    @contextmanager
    def cut_off(self, seconds: float) -> Iterator[None]:
        """Hang up when the time is over, and refuse what was heard by then."""
        late = Event()

        def hang_up() -> None:
            late.set()
            if connected := self.sock:
                with suppress(OSError):
                    socket.socket.shutdown(connected, socket.SHUT_RDWR)

        timer = Timer(seconds, hang_up)
        timer.start()
        try:
            yield
        except (OSError, ValueError, http.client.HTTPException):
            if not late.is_set():
                raise
        finally:
            timer.cancel()
        if late.is_set():
            raise Refused(_("对方在%(n)s秒内没有答完") % {"n": seconds})


def signature(key: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over “timestamp.body”, as the receiver computes it again."""
    return "sha256=" + hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def call(url: str, body: bytes, headers: dict[str, str]) -> None:
    """POST a body once; Refused where the address may not be called or the other side does not take it."""
    parts = split_url(url)
    host, port = str(parts.hostname), parts.port or PORT
    connection = PinnedConnection(host, port, checked_address(host, port))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with connection.cut_off(LONGEST):
            connection.request("POST", target, body, headers)
            status = connection.getresponse().status
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Refused(_("连不上%(host)s：%(error)s") % {"host": host, "error": type(error).__name__}) from error
    finally:
        connection.close()
    if 300 <= status < 400:
        raise Refused(_("对方要求转到别的地址（%(status)s），没有跟随") % {"status": status})
    if not 200 <= status < 300:
        raise Refused(_("对方回答%(status)s，没有收下") % {"status": status})
