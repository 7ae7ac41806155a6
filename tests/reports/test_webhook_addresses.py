"""Which addresses a webhook may call: none that is inside, however it is written or named."""

import socket
import time
from contextlib import nullcontext, suppress
from ipaddress import ip_address
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from reports import webhooks
from reports.webhooks import Refused

INSIDE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1"),
    *("255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1"),
    *("::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b:1::1", "2001:db8::1"),
    *("fec0::1", "::127.0.0.1", "3fff::1", "4000::1"),
)


@pytest.mark.parametrize("address", INSIDE)
def test_an_inner_address_is_not_public(address: str) -> None:
    assert not webhooks.is_public(ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Refused, match="内部或本机地址"):
        webhooks.split_url(f"https://{host}/in")


@pytest.mark.parametrize("address", ["114.114.114.114", "2400:3200::1", "::ffff:114.114.114.114"])
def test_an_open_address_is_public(address: str) -> None:
    assert webhooks.is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        *((url, "https") for url in ("http://a.cn/", "ftp://a.cn/", "a.cn/in", "https:///in", "//a.cn")),
        *((url, "用户名") for url in ("https://u:p@a.cn/", "https://a.cn/#x", "https://u@a.cn/")),
        *((url, "内部或本机") for url in ("https://localhost/", "https://x.localhost./", "https://nas.local/")),
        ("https://a.cn:99999/", "完整的网址"),
        *((f"https://{host}/", "主机名要写全") for host in ("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0")),
        *(
            (f"https://{host}/", "主机名要写全")
            for host in ("nas", "a..cn", ".a.cn", "%31.0.0.1", "-a.cn", "a" * 64 + ".cn")
        ),
        *((f"https://{host}/", "内部或本机") for host in ("127.0.0.1.", "metadata.google.internal", "localhost")),
        *((url, "不能有空格") for url in ("https://a.cn/a b", "https://a.cn:0/", "https://园区.cn/")),
    ],
)
def test_an_address_that_may_never_be_called_is_refused(url: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        webhooks.split_url(url)


@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], ["114.114.114.114", "10.0.0.1"], ["fe80::1%eth0"], ["::ffff:192.168.0.1"], []]
)
def test_a_name_is_refused_when_any_of_its_addresses_is_inside(answers: list[str], monkeypatch: Any) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in answers]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_o: found)
    connected: list[Any] = []
    monkeypatch.setattr(socket, "create_connection", lambda *a, **_o: connected.append(a))
    with pytest.raises(Refused, match="内部或本机地址"):
        webhooks.call("https://rebound.example.cn/in", b"{}", {})
    assert not connected


@pytest.mark.parametrize(
    "url", ["https://a.cn/in", "https://a_b.example.com.:8443/", "https://xn--fiqs8s.cn/", "https://9.9.9.9/"]
)
def test_a_whole_name_and_an_open_address_may_be_entered(url: str) -> None:
    assert webhooks.split_url(url).hostname


def test_a_name_that_no_network_can_ask_for_is_a_failed_call_and_nothing_worse(monkeypatch: Any) -> None:
    monkeypatch.setattr(webhooks, "split_url", lambda url: urlsplit(url))
    with pytest.raises(Refused, match="找不到主机"):
        webhooks.call("https://a..cn/in", b"{}", {})


def drip(listener: socket.socket) -> None:
    """Answer one call a byte at a time, with a good answer in the end."""
    peer, _address = listener.accept()
    with peer, suppress(OSError):
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
            time.sleep(0.05)
            peer.sendall(bytes([byte]))


@pytest.mark.parametrize(("longest", "why"), [(0.5, "在0.5秒内没有答完"), (60, "")])
def test_who_answers_a_byte_at_a_time_is_left(longest: float, why: str, monkeypatch: Any) -> None:
    """No byte comes later than the connection waits for one; with time enough the answer counts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=drip, args=[listener], daemon=True).start()
        monkeypatch.setattr(webhooks, "LONGEST", longest)
        monkeypatch.setattr(webhooks, "checked_address", lambda host, port: "114.114.114.114")
        plain = socket.create_connection(listener.getsockname(), 10)
        monkeypatch.setattr(webhooks.PinnedConnection, "connect", lambda self: setattr(self, "sock", plain))
        with pytest.raises(Refused, match=why) if why else nullcontext():
            webhooks.call("https://slow.example.cn/in", b"{}", {})
