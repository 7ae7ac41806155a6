"""Published documents go out: by mail, by signed calls to public addresses only; what fails is retried and given up."""

import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client

from parkportal import files, jobs
from parkportal.models import Change, Job, Notice, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from reports import subscriptions, webhooks
from reports.models import Delivery, Publication, Subscription, Webhook
from reports.webhooks import Refused
from tests.factories import make_delivery, make_park, make_publication, make_region, make_user, make_webhook

NOON = datetime(2020, 10, 8, 4, 0, tzinfo=UTC)
Call = tuple[str, bytes, dict[str, str]]


@pytest.fixture
def park(db: None) -> Park:
    return make_park(code="yi", name="园区一")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """What would be called; nothing leaves the machine."""
    made: list[Call] = []
    monkeypatch.setattr(webhooks, "call", lambda *call: made.append(call))
    return made


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed network: no name is known."""

    def unknown(*_args: Any, **_options: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)


def published(park: Park, **fields: Any) -> Publication:
    """A publication with one document."""
    data = b"%PDF-1.7"
    document = {"kind": "pdf", "name": "通报.pdf", "content_type": "application/pdf", "size": len(data)}
    document |= {"stored_name": files.keep(data), "digest": files.digest(data)}
    return make_publication(park=park, documents=[document], **fields)


def announced(publication: Publication) -> dict[str, Any]:
    return subscriptions.announce_job({"publication": publication.code})


# --- a real server on loopback, whose address is taken for a public one ----------------------------------------------


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it gets and answers with what it was told to."""

    status, location = 200, ""
    got: list[tuple[str, bytes, Any]]

    def do_POST(self) -> None:
        self.got.append((self.path, self.rfile.read(int(self.headers["Content-Length"])), dict(self.headers)))
        self.send_response(self.status)
        if self.location:
            self.send_header("Location", self.location)
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


class Raw(socket.socket):
    """A connection that needs no agreement on its ciphers."""

    def do_handshake(self) -> None:
        pass


class Bare:
    """A TLS context that leaves the connection as it is."""

    def wrap_socket(self, raw: Raw, server_hostname: str, do_handshake_on_connect: bool) -> Raw:
        return raw


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Receiver]]:
    handler = type("Fresh", (Receiver,), {"got": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    asked: list[str] = []

    def resolved(host: str, port: int, **_options: Any) -> Any:
        asked.append(host)
        assert asked == ["receiver.example.cn"], "the name is asked for once, and the connection made to its answer"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    def connect(address: tuple[str, int], *_args: Any, **_options: Any) -> socket.socket:
        assert address == ("127.0.0.1", 8443)
        raw = Raw(socket.AF_INET, socket.SOCK_STREAM)
        raw.connect(server.server_address)
        return raw

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(ssl, "create_default_context", Bare)
    monkeypatch.setattr(webhooks, "is_public", lambda address: str(address) == "127.0.0.1")
    yield handler
    server.shutdown()
    server.server_close()


URL = "https://receiver.example.cn:8443/in?from=portal"


def test_a_call_is_signed_over_time_and_body(receiver: type[Receiver], park: Park) -> None:
    hook = make_webhook(park=park, url=URL)
    publication = published(park)
    assert announced(publication) == {"deliveries": 1, "delivered": 1}
    ((path, body, headers),) = receiver.got
    assert path == "/in?from=portal"
    said = json.loads(body)
    assert (said["park"], said["code"], said["digest"]) == ("yi", publication.code, publication.digest)
    assert [one["name"] for one in said["documents"]] == ["通报.pdf"]
    signed = headers["X-Portal-Timestamp"].encode() + b"." + body
    mac = hmac.new(subscriptions.key_of(hook).encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Portal-Signature"] == f"sha256={mac}"
    assert headers["X-Portal-Delivery"] == Delivery.objects.get().code
    assert Delivery.objects.get().state == Delivery.State.DONE


@pytest.mark.parametrize(
    ("status", "why"), [(302, "没有跟随"), (307, "没有跟随"), (500, "没有收下"), (404, "没有收下")]
)
def test_a_redirection_is_not_followed_and_a_refusal_is_a_failure(
    status: int, why: str, receiver: type[Receiver]
) -> None:
    receiver.status, receiver.location = status, "https://receiver.example.cn:8443/other"
    with pytest.raises(Refused, match=why):
        webhooks.call(URL, b"{}", {})
    assert len(receiver.got) == 1


# --- deliveries -----------------------------------------------------------------------------------------------------


def test_publishing_writes_down_one_job_that_reaches_the_park_and_its_region_once(
    park: Park, calls: list[Call]
) -> None:
    own, wide = make_webhook(park=park), make_webhook(region=park.region)
    make_webhook(park=make_park(region=park.region))
    make_webhook(region=make_region())
    make_webhook(park=park, active=False)
    publication = published(park)
    job = subscriptions.publication_published(code=publication.code)
    assert subscriptions.publication_published(code=publication.code) == job
    for _copy in range(3):
        subscriptions.announce_job(job.arguments)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert sorted(url for url, _body, _headers in calls) == sorted([own.url, wide.url])


def test_what_fails_is_tried_again_later_and_given_up_for_all_to_see(park: Park, unreachable: None) -> None:
    head = make_user(Role.HEAD, park=park)
    clerk = make_user(Role.CLERK, park=park)
    hook = make_webhook(park=park)
    publication = published(park)
    announced(publication)
    delivery = Delivery.objects.get()
    at = delivery.tried_at
    for number, rest in enumerate(subscriptions.RESTS, 1):
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == ("waiting", number)
        assert "找不到主机" in delivery.error
        assert delivery.next_try_at == at + rest
        assert subscriptions.deliveries_due_jobs(at + rest - timedelta(seconds=1)) == []
        at += rest
        ((kind, key, arguments),) = subscriptions.deliveries_due_jobs(at)
        assert (kind, key) == ("publication_deliver", delivery.code)
        assert not subscriptions.attempt(arguments["delivery"], at)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("failed", subscriptions.ATTEMPTS)
    assert subscriptions.deliveries_due_jobs(at + timedelta(days=9)) == []
    assert Notice.objects.filter(user=head, text__contains=hook.name).count() == 1
    assert not Notice.objects.filter(user=clerk).exists()


def test_on_a_closed_network_the_worker_ends_well_and_says_what_failed(
    park: Park, unreachable: None, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    make_webhook(park=park)
    Subscription.objects.create(user=make_user(Role.LEADER, park=park, email="a@example.cn"), park=park)
    subscriptions.publication_published(code=published(park).code)
    call_command("work", once=True, verbosity=0)
    assert Job.objects.get(kind="publication_announce").state == Job.State.DONE
    assert Delivery.objects.get().state == Delivery.State.WAITING


def test_two_copies_of_a_job_send_once(park: Park, calls: list[Call], monkeypatch: pytest.MonkeyPatch) -> None:
    """The second copy comes while the first one is sending."""
    make_webhook(park=park)
    publication = published(park)

    def slow(*call: Any) -> None:
        calls.append(call)
        assert not subscriptions.attempt(Delivery.objects.get().code, NOON)
        assert announced(publication) == {"deliveries": 0, "delivered": 0}

    monkeypatch.setattr(webhooks, "call", slow)
    announced(publication)
    assert len(calls) == 1


def test_an_address_that_was_withdrawn_or_switched_off_meanwhile_is_not_called(park: Park, calls: list[Call]) -> None:
    hook = make_webhook(park=park)
    waiting = make_delivery(webhook=hook, state="waiting", attempts=1, next_try_at=NOON)
    Webhook.objects.filter(pk=hook.pk).update(active=False)
    assert not subscriptions.attempt(waiting.code, NOON)
    waiting.refresh_from_db()
    assert (waiting.state, calls) == ("dropped", [])


def test_a_key_is_renewed_and_stored_nowhere(park: Park) -> None:
    head = make_user(Role.HEAD, park=park)
    hook = subscriptions.webhook_create(by=Actor(head), values={"name": "上级", "url": "https://a.cn/"})
    first = subscriptions.key_of(hook)
    subscriptions.webhook_renew(by=Actor(head), webhook=hook, version=1)
    hook.refresh_from_db()
    assert subscriptions.key_of(hook) != first
    assert first not in json.dumps([str(row) for row in Webhook.objects.values()])
    assert first not in json.dumps([change.diff for change in Change.objects.all()])


# --- mail -----------------------------------------------------------------------------------------------------------


def test_a_subscriber_gets_the_documents_by_mail(park: Park, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.cn"
    reader = make_user(Role.LEADER, park=park, email="leader@example.cn")
    gone = make_user(Role.LEADER, park=park, email="gone@example.cn", is_active=False)
    moved = make_user(Role.LEADER, park=make_park(), email="moved@example.cn")
    silent = make_user(Role.CLERK, park=park)
    for user in (reader, gone, moved, silent):
        Subscription.objects.create(user=user, park=park)
    announced(published(park))
    assert list(Delivery.objects.values_list("user", flat=True)) == [reader.pk]
    (letter,) = mail.outbox
    assert letter.to == ["leader@example.cn"]
    assert letter.subject == "园区一2020年1—9月招商成绩单已定稿"
    assert [(name, data) for name, data, _type in letter.attachments] == [("通报.pdf", b"%PDF-1.7")]
    announced(published(park, revision=2, period="2020-08", previous_digest="1" * 64))
    assert mail.outbox[1].subject == "园区一2020年1—8月招商成绩单已更正"
    assert "请以更正稿为准" in mail.outbox[1].body


def test_a_mail_that_fails_is_tried_again_and_told_in_the_portal(
    park: Park, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_HOST = "mail.example.cn"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    def dead(*_args: Any, **_options: Any) -> Any:
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", dead)
    reader = make_user(Role.LEADER, park=park, email="leader@example.cn")
    Subscription.objects.create(user=reader, park=park)
    announced(published(park))
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.error) == ("waiting", "邮件没有发出：ConnectionRefusedError")
    Delivery.objects.update(attempts=subscriptions.ATTEMPTS - 1)
    subscriptions.attempt(delivery.code, delivery.next_try_at)
    assert Notice.objects.get(user=reader).text.startswith("定稿")


def test_who_may_not_read_the_park_any_more_gets_no_later_attempt(park: Park, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.cn"
    moved = make_user(Role.LEADER, park=make_park(), email="moved@example.cn")
    hers = {"webhook": None, "user": moved, "publication": published(park)}
    waiting = make_delivery(**hers, state="waiting", attempts=1, next_try_at=NOON)
    assert not subscriptions.attempt(waiting.code, NOON)
    waiting.refresh_from_db()
    assert (waiting.state, mail.outbox) == ("dropped", [])


def test_documents_that_are_too_large_are_named(park: Park, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMAIL_HOST = "mail.example.cn"
    monkeypatch.setattr(subscriptions, "MOST_BYTES", 3)
    reader = make_user(Role.LEADER, park=park, email="leader@example.cn")
    Subscription.objects.create(user=reader, park=park)
    announced(published(park))
    assert mail.outbox[0].attachments == [] and "通报.pdf" in mail.outbox[0].body


# --- pages ----------------------------------------------------------------------------------------------------------


def test_a_person_subscribes_to_parks_that_they_see(park: Park, client_as: Callable[[User], Client]) -> None:
    far = make_park(code="yuan")
    reader = make_user(Role.LEADER, park=park)
    browser = client_as(reader)
    assert browser.post("/subscriptions/", {"parks": ["yi"]}).status_code == 302
    assert list(Subscription.objects.values_list("user", "park__code")) == [(reader.pk, "yi")]
    refused = browser.post("/subscriptions/", {"parks": ["yi", far.code]})
    assert "没有代码为“yuan”的园区" in refused.content.decode()
    browser.post("/subscriptions/", {})
    assert not Subscription.objects.exists()


def test_the_service_keeps_nobody_informed_of_parks_out_of_sight(park: Park) -> None:
    subscriptions.subscriptions_set(user=make_user(Role.LEADER, park=park), parks=[park, make_park()])
    assert list(Subscription.objects.values_list("park__code", flat=True)) == ["yi"]


def test_a_manager_enters_changes_and_withdraws_an_address(park: Park, client_as: Callable[[User], Client]) -> None:
    browser = client_as(make_user(Role.HEAD, park=park))
    refused = browser.post("/webhooks/new/", {"name": "上级", "url": "https://10.0.0.1/in", "active": "on"})
    assert "这是内部或本机地址" in refused.content.decode()
    assert 'value="https://10.0.0.1/in"' in refused.content.decode()
    where = browser.post("/webhooks/new/", {"name": "上级", "url": "https://a.cn/in", "active": "on"})["Location"]
    hook = Webhook.objects.get()
    assert (hook.park, hook.region) == (park, None)
    assert subscriptions.key_of(hook) in browser.get(where).content.decode()
    waiting = make_delivery(webhook=hook, state="waiting")
    assert browser.post(f"/webhooks/{hook.code}/withdraw/", {"version": hook.version}).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.state, Webhook.objects.kept().count()) == ("dropped", 0)
    assert Change.objects.filter(object_type="reports.Webhook", object_code=hook.code, door="page").count() == 2


def test_a_failed_call_is_shown_and_taken_up_again(
    park: Park, calls: list[Call], client_as: Callable[[User], Client], django_capture_on_commit_callbacks: Any
) -> None:
    failed = make_delivery(webhook=make_webhook(park=park))
    browser = client_as(make_user(Role.HEAD, park=park))
    page = browser.get("/subscriptions/").content.decode()
    assert "多次未成，已放弃" in page and "连不上" in page
    assert browser.post(f"/deliveries/{failed.code}/again/").status_code == 302
    call_command("work", once=True, verbosity=0)
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, len(calls)) == ("done", 1, 1)


def test_a_manager_sees_only_addresses_of_the_own_place(park: Park, client_as: Callable[[User], Client]) -> None:
    wide = make_webhook(region=park.region)
    own = make_webhook(park=park)
    head, statistician = make_user(Role.HEAD, park=park), make_user(Role.STATISTICIAN, region=park.region)
    for user, seen, hidden in ((head, own, wide), (statistician, wide, own)):
        browser = client_as(user)
        page = browser.get("/subscriptions/").content.decode()
        assert seen.name in page and hidden.name not in page
        assert browser.get(f"/webhooks/{hidden.code}/edit/").status_code == 404
        assert browser.post(f"/webhooks/{hidden.code}/renew/", {"version": 1}).status_code == 404
    leader = client_as(make_user(Role.LEADER, park=park))
    assert "推送给其他系统" not in leader.get("/subscriptions/").content.decode()
    assert leader.get(f"/webhooks/{own.code}/edit/").status_code == 403


def test_an_address_is_tried_before_anything_is_published(
    park: Park, receiver: type[Receiver], client_as: Callable[[User], Client]
) -> None:
    head = make_user(Role.HEAD, park=park)
    hook = make_webhook(park=park, url=URL)
    assert client_as(head).post(f"/webhooks/{hook.code}/try/", {"version": hook.version}).status_code == 302
    call_command("work", once=True, verbosity=0)
    (_path, body, headers) = receiver.got[0]
    assert json.loads(body)["event"] == headers["X-Portal-Event"] == "webhook.trial"
    told = webhooks.signature(subscriptions.key_of(hook), headers["X-Portal-Timestamp"], body)
    assert headers["X-Portal-Signature"] == told and len(receiver.got) == 1
    assert Notice.objects.get(user=head).text == f"试发到“{hook.name}”：对方已收下。"
    assert not Delivery.objects.exists()


def test_a_trial_that_fails_says_why_and_is_not_repeated(park: Park, unreachable: None) -> None:
    head = make_user(Role.HEAD, park=park)
    job = subscriptions.webhook_try(by=Actor(head), webhook=make_webhook(park=park, url=URL))
    assert jobs.run(job.pk).state == "done"  # type: ignore[union-attr]
    assert "没有成功：找不到主机receiver.example.cn。" in Notice.objects.get(user=head).text
