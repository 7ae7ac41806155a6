"""Which addresses a webhook may call: none that is inside, however it is written or named."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from reports import webhooks
from reports.webhooks import Refused

INSIDE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1"),
    *("255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1"),
    *("::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b:1::1", "2001:db8::1"),
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
