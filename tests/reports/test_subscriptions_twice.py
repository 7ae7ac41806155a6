"""Subscriptions and called addresses, sent twice: each is kept once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from parkportal.models import User
from parkportal.roles import Role
from reports.models import Subscription, Webhook
from tests.factories import make_park, make_user, make_webhook

pytestmark = pytest.mark.django_db
AsUser = Callable[[User], Client]


def test_a_subscription_that_somebody_else_just_wrote_is_kept_once(
    client_as: AsUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same form, sent at once from another window, is first."""
    park = make_park(code="yi")
    user, written = make_user(park=park), QuerySet.bulk_create

    def late(rows: Any, objs: Any, **options: Any) -> Any:
        Subscription.objects.get_or_create(user=user, park=park)
        return written(rows, objs, **options)

    monkeypatch.setattr(QuerySet, "bulk_create", late)
    assert client_as(user).post("/subscriptions/", {"parks": ["yi"]}).status_code == 302
    assert Subscription.objects.get().park == park


def test_an_address_is_entered_once_for_a_place(client_as: AsUser) -> None:
    park = make_park()
    browser, url = client_as(make_user(Role.HEAD, park=park)), "https://a.cn/in"
    make_webhook(park=make_park(), url=url)
    typed = {"name": "上级", "url": url, "active": "on"}
    assert browser.post("/webhooks/new/", typed).status_code == 302, "that of another park is another"
    again = browser.post("/webhooks/new/", typed).content.decode()
    assert "这个地址已登记为“上级”" in again and f'value="{url}"' in again
    hook = Webhook.objects.get(park=park)
    other = make_webhook(park=park, url="https://b.cn/in")
    change = typed | {"version": other.version}
    assert "这个地址已登记为“上级”" in browser.post(f"/webhooks/{other.code}/edit/", change).content.decode()
    Webhook.objects.filter(pk=other.pk).update(url=url)
    for one in (hook, other):
        renamed = typed | {"name": "市局", "version": one.version}
        assert browser.post(f"/webhooks/{one.code}/edit/", renamed).status_code == 302, "what is there stays usable"
    Webhook.objects.filter(park=park).update(deleted_at=timezone.now())
    assert browser.post("/webhooks/new/", typed).status_code == 302
