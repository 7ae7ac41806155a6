"""What was published goes out: by mail to who asked for it, by signed calls to programs of others.

Publishing writes down one job; from then on each recipient has a Delivery of its own, which is tried again at growing
intervals and given up visibly. On a closed network nothing waits for it and nothing fails but the delivery itself.
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from parkportal import files, trace
from parkportal.jobs import enqueue
from parkportal.models import Job, Park, User
from parkportal.notices import notice, tell
from parkportal.roles import May
from parkportal.trace import Actor, Diff
from reports import webhooks
from reports.models import Delivery, Publication, Subscription, Webhook
from reports.periods import Period
from reports.webhooks import Refused

RESTS: Final = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
"""How long after each failed attempt the next one is made; after the last the delivery is given up."""
ATTEMPTS: Final = len(RESTS) + 1
MOST_BYTES: Final = 10_000_000
"""Documents of more than this in all are not sent along; the letter names them."""
SHOWN: Final = 30
"""Deliveries on the page."""


def subscriptions_set(*, user: User, parks: Iterable[Park]) -> None:
    """Whose published scorecards a person gets by mail from now on: of these parks, and of no others."""
    wanted = {park.pk for park in Park.objects.visible_to(user).filter(pk__in=[park.pk for park in parks])}
    with transaction.atomic():
        mine = Subscription.objects.filter(user=user)
        mine.exclude(park__in=wanted).delete()
        fresh = wanted - set(mine.values_list("park", flat=True))
        rows = [Subscription(user=user, park_id=park) for park in sorted(fresh)]
        Subscription.objects.bulk_create(rows, ignore_conflicts=True)  # the form may have been sent twice at once


def webhook_create(*, by: Actor, values: Mapping[str, Any]) -> Webhook:
    """A new address of the person's own park or region; ValidationError for one that is called already."""
    user = _manager(by)
    with trace.changes(by=by) as ledger:
        code = f"hook-{trace.next_number('webhook'):03d}"
        place = {"park": user.park, "region": user.region}
        _demand_new(user, values["url"])
        return ledger.create(Webhook(code=code, **place, **values))


def webhook_update(*, by: Actor, webhook: Webhook, version: int, values: Mapping[str, Any]) -> Diff:
    """Change name, address or whether it is called; StaleVersion where somebody was first, else as above."""
    user = _manager(by)
    with trace.changes(by=by) as ledger:
        if "url" in values:
            _demand_new(user, values["url"], webhook)
        return ledger.update(webhook, values, version)


def webhook_renew(*, by: Actor, webhook: Webhook, version: int) -> Diff:
    """Give the address a new key; calls that are signed from now on need it."""
    return webhook_update(by=by, webhook=webhook, version=version, values={"key_number": webhook.key_number + 1})


def webhook_withdraw(*, by: Actor, webhook: Webhook, version: int) -> Diff:
    """Call the address no more; what waited for it is dropped."""
    _manager(by)
    with trace.changes(by=by) as ledger:
        diff = ledger.withdraw(webhook, version)
        Delivery.objects.filter(webhook=webhook, state=Delivery.State.WAITING).update(state=Delivery.State.DROPPED)
        return diff


def _demand_new(user: User, url: str, own: Webhook | None = None) -> None:
    """No address is entered twice for the person's park or region; `own` may keep the one that it has."""
    same = list(Webhook.objects.visible_to(user).kept().filter(url=url))
    if same and own not in same:
        raise ValidationError({"url": _("这个地址已登记为“%(name)s”，不用再登记，请改那一条。") % {"name": same[0]}})


def _manager(by: Actor) -> User:
    if by.user is None or not by.user.may(May.MANAGE_WEBHOOKS):
        raise PermissionDenied(_("只有科室负责人和统计员可以管理推送地址。"))
    return by.user


def key_of(webhook: Webhook) -> str:
    """The key that signs the calls, made from its number and the portal's own key; it is stored nowhere."""
    return salted_hmac("reports.webhook", f"{webhook.code}:{webhook.key_number}", algorithm="sha256").hexdigest()


def publication_published(*, code: str) -> Job:
    """Write down, in the transaction that publishes, that this publication goes out; return the job to carry."""
    return enqueue("publication_announce", code, {"publication": code})


def announce_job(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A delivery for everyone who is to be told, each tried once; done again, it adds nobody twice."""
    publication = Publication.objects.select_related("park__region").get(code=arguments["publication"])
    now = timezone.now()
    fresh = [
        Delivery(publication=publication, code=secrets.token_hex(12), next_try_at=now, **to)
        for to in _told(publication)
    ]
    Delivery.objects.bulk_create(fresh, ignore_conflicts=True)
    waiting = Delivery.objects.filter(publication=publication, state=Delivery.State.WAITING, attempts=0)
    done = [attempt(delivery.code, now) for delivery in waiting]
    return {"deliveries": len(done), "delivered": sum(done)}


def _told(publication: Publication) -> list[dict[str, Any]]:
    """The recipients: subscribers with an address where mail is configured, and the called addresses."""
    people = Subscription.objects.filter(park=publication.park).select_related("user").order_by("user")
    mailed = [{"user": one.user} for one in people if settings.EMAIL_HOST and _reads(one.user, publication)]
    return mailed + [{"webhook": hook} for hook in Webhook.objects.of(publication.park)]


def _reads(user: User, publication: Publication) -> bool:
    seen = Publication.objects.visible_to(user).filter(pk=publication.pk)
    return bool(user.is_active and user.email and user.may(May.READ) and seen.exists())


def deliver_job(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """One more attempt of a delivery."""
    return {"delivered": attempt(str(arguments["delivery"]), timezone.now())}


def deliveries_due_jobs(now: datetime) -> list[tuple[str, str, dict[str, Any]]]:
    """Deliveries whose next attempt has come, as jobs."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_try_at__lte=now).order_by("id")
    return [
        ("publication_deliver", code, {"delivery": code, "attempt": attempts})
        for code, attempts in due.values_list("code", "attempts")
    ]


def attempt(code: str, now: datetime) -> bool:
    """Try a delivery once; whoever takes it first has the attempt, so that copies of a job send nothing twice."""
    delivery = Delivery.objects.select_related("publication__park__region", "user", "webhook").get(code=code)
    rest = RESTS[min(delivery.attempts, len(RESTS) - 1)]
    mine = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING, attempts=delivery.attempts)
    if not mine.filter(next_try_at__lte=now).update(attempts=F("attempts") + 1, tried_at=now, next_try_at=now + rest):
        return False
    delivery.attempts += 1
    try:
        state, error = _send(delivery, now), ""
    except Refused as refused:
        state = Delivery.State.FAILED if delivery.attempts >= ATTEMPTS else Delivery.State.WAITING
        error = str(refused)[:200]
    Delivery.objects.filter(pk=delivery.pk).exclude(state=Delivery.State.DROPPED).update(state=state, error=error)
    if state == Delivery.State.FAILED:
        _say_given_up(delivery, error, now)
    return state == Delivery.State.DONE


def _send(delivery: Delivery, now: datetime) -> Delivery.State:
    """Send it; Refused where that failed, DROPPED where the recipient is none any more."""
    if delivery.webhook is not None:
        if delivery.webhook.deleted_at or not delivery.webhook.active:
            return Delivery.State.DROPPED
        _call(delivery, delivery.webhook, now)
    elif delivery.user is not None:
        if not settings.EMAIL_HOST or not _reads(delivery.user, delivery.publication):
            return Delivery.State.DROPPED
        _mail(delivery.user, delivery.publication)
    return Delivery.State.DONE


def _call(delivery: Delivery, webhook: Webhook, now: datetime) -> None:
    _post(webhook, "publication.published", delivery.code, body_of(delivery.publication), now)


def _post(webhook: Webhook, event: str, code: str, body: bytes, now: datetime) -> None:
    """One signed call; Refused where it may not be made or is not taken."""
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "X-Portal-Event": event,
        "X-Portal-Delivery": code,
        "X-Portal-Timestamp": timestamp,
        "X-Portal-Signature": webhooks.signature(key_of(webhook), timestamp, body),
    }
    webhooks.call(webhook.url, body, headers)


def webhook_try(*, by: Actor, webhook: Webhook) -> Job:
    """Write down one call that says it is a trial; whoever asked is told in the portal what came of it."""
    user = _manager(by)
    return enqueue("webhook_try", webhook.code, {"webhook": webhook.code, "user": user.username}, user)


def try_job(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Make the call of a trial, signed as the real ones are; it carries no figure and is not repeated."""
    now, code = timezone.now(), secrets.token_hex(12)
    webhook = Webhook.objects.kept().filter(code=arguments["webhook"]).first()
    user = User.objects.filter(username=arguments["user"], is_active=True).first()
    if webhook is None or user is None:
        return {"delivered": False}
    said = {"event": "webhook.trial", "webhook": webhook.code, "sent_at": now.isoformat()}
    try:
        _post(webhook, "webhook.trial", code, json.dumps(said, sort_keys=True).encode(), now)
        text, done = _("试发到“%(to)s”：对方已收下。") % {"to": webhook}, True
    except Refused as refused:
        text, done = _("试发到“%(to)s”没有成功：%(why)s。") % {"to": webhook, "why": refused}, False
    tell([notice(user, key=f"webhook-trial:{code}", text=text, at=now, park=webhook.park)])
    return {"delivered": done}


def body_of(publication: Publication) -> bytes:
    """What a called program gets: which publication, its seal, and the digests of its documents."""
    said = {
        "event": "publication.published",
        **{name: getattr(publication, name) for name in ("code", "period", "revision", "digest")},
        "park": publication.park.code,
        "published_at": publication.published_at.isoformat(),
        "documents": [{name: one[name] for name in ("kind", "name", "digest")} for one in publication.documents],
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def _mail(user: User, publication: Publication) -> None:
    period = Period.parse(publication.period).in_words("full")
    about = {"park": publication.park, "period": period, "name": user}
    is_first = publication.revision == 1
    subject = (_("%(park)s%(period)s招商成绩单已定稿") if is_first else _("%(park)s%(period)s招商成绩单已更正")) % about
    letter = EmailMessage(subject, "", None, [user.email])
    lines = [
        _("%(name)s：") % about,
        "",
        f"{subject}。" if is_first else _("%(said)s，请以更正稿为准。") % {"said": subject},
    ]
    small = sum(one["size"] for one in publication.documents) <= MOST_BYTES
    for one in publication.documents:
        if small:
            letter.attach(one["name"], _read(one), one["content_type"])
        else:
            lines.append(one["name"])
    if not small:
        lines.append(_("文件较大，没有附上，请登录招商成绩单下载。"))
    letter.body = "\n".join([*lines, "", _("此邮件由系统自动发出，请勿回复；不再需要的，请在“定稿订阅”里取消。")])
    try:
        letter.send()
    except Exception as error:  # a mail server fails in ways of its own; the delivery is tried again
        raise Refused(_("邮件没有发出：%(error)s") % {"error": type(error).__name__}) from error


def _read(document: Mapping[str, Any]) -> bytes:
    try:
        return files.read(document["stored_name"])
    except OSError as error:
        raise Refused(_("文件“%(name)s”读不出来") % {"name": document["name"]}) from error


def _say_given_up(delivery: Delivery, error: str, now: datetime) -> None:
    """Tell who can mend it: the managers of the address, or the subscriber in the portal."""
    park = delivery.publication.park
    said = {"to": delivery.webhook or _("你的邮箱"), "what": delivery.publication.code, "error": error}
    text = _("定稿%(what)s没有送到%(to)s，已试%(n)s次，不再重试：%(error)s。") % {**said, "n": delivery.attempts}
    people = [delivery.user] if delivery.user else _managers(delivery.webhook)
    tell(notice(user, key=f"delivery:{delivery.code}", text=text, at=now, park=park) for user in people)


def _managers(webhook: Webhook | None) -> list[User]:
    if webhook is None:
        return []
    place = Q(park=webhook.park_id, region=webhook.region_id)
    return [user for user in User.objects.filter(place, is_active=True) if user.may(May.MANAGE_WEBHOOKS)]


def delivery_again(*, by: Actor, delivery: Delivery, now: datetime) -> Job:
    """Take up a delivery that was given up: all its attempts anew, the first at once."""
    _manager(by)
    failed = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.FAILED)
    failed.update(state=Delivery.State.WAITING, attempts=0, next_try_at=now)
    return enqueue("publication_deliver", delivery.code, {"delivery": delivery.code, "attempt": 0}, by.user)
