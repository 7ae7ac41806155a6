"""The life of a scorecard: 初稿 → 送审稿 → 定稿, and 更正稿 when a published one was wrong.

Handing in freezes what will be published, so that those who sign see it and later entries cannot move it. Publishing
writes it once into tables that refuse every change; it is put right only by a further revision, with a reason for each
change.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal import files, trace
from parkportal.models import Park, Region, User
from parkportal.roles import May
from parkportal.trace import Actor, Ledger
from projects.services.checks import reason_of
from reports import frozen
from reports.changes import Difference, differences
from reports.closing import Balance, balances
from reports.documents import render_all
from reports.drafts import Draft, drafts_of
from reports.freezing import canonical, content_of, digest_of, members_of
from reports.models import FrozenMember, Publication, Scorecard, Signature
from reports.periods import Period, month_base
from reports.progress import results
from reports.services import scorecard_headline_set, snapshot
from reports.storing import Compiled, store
from reports.subscriptions import publication_published

OPEN: Final = (Scorecard.Status.DRAFT, Scorecard.Status.IN_REVIEW)
TRIES: Final = 3


def _published(scorecard: Scorecard) -> QuerySet[Publication]:
    """What of its park a scorecard can be held against: of what is no draft any more, what was out when it was frozen.

    A correction of the month before does not change what a published month said of it.
    """
    found = Publication.objects.filter(park=scorecard.park).order_by("-period", "-revision")
    if scorecard.status == Scorecard.Status.DRAFT:
        return found
    return found.filter(published_at__lte=scorecard.submitted_at)


def base_of(scorecard: Scorecard) -> Publication | None:
    """What a scorecard changes openly: the revision before it or, for a year's closing, December's last one."""
    period = Period.parse(scorecard.period)
    if scorecard.revision > 1:
        return _published(scorecard).filter(period=scorecard.period, revision__lt=scorecard.revision).first()
    return _december(scorecard) if period.closing else None


def _december(scorecard: Scorecard) -> Publication | None:
    year = Period.parse(scorecard.period).year
    return _published(scorecard).filter(period=str(Period(year, 12))).first()


def compared_with(scorecard: Scorecard) -> Publication | None:
    """What 变动表 compares a scorecard with: what it corrects or closes, else the last month before that is out."""
    region, period = scorecard.park.region, Period.parse(scorecard.period)
    month = month_base(period, merged=region.merges_january_february)
    if (base := base_of(scorecard)) or month is None:
        return base
    return _published(scorecard).filter(period__range=(str(Period(period.year, 1)), str(month))).first()


def content_now(scorecard: Scorecard) -> dict[str, Any]:
    """What a scorecard says: published or handed in, as it was frozen; a draft, as the facts are now.

    A draft is not stored by this; its lines are those of the last compile.
    """
    if scorecard.status == Scorecard.Status.PUBLISHED:
        return scorecard.publication.data
    if scorecard.submitted_content:
        found: dict[str, Any] = json.loads(scorecard.submitted_content)
        return found
    lines = scorecard.lines.select_related("indicator").prefetch_related("slices")
    park = Park.objects.select_related("region").get(pk=scorecard.park_id)
    with snapshot():
        members = members_of([line.indicator for line in lines], park, Period.parse(scorecard.period))
        return content_of(scorecard, lines, park, {}, members)


def changes_to_explain(scorecard: Scorecard) -> list[Difference]:
    """Every row and target by which a correction or a closing differs from what was published before."""
    base = base_of(scorecard)
    return differences(base.data, content_now(scorecard)) if base else []


def balances_of(scorecard: Scorecard, content: Mapping[str, Any]) -> list[Balance]:
    """核定表 of a year's closing against December as it was published, with the reasons of all its revisions so far."""
    last = _december(scorecard) if Period.parse(scorecard.period).closing else None
    if last is None:
        return []
    mine = Scorecard.objects.filter(park=scorecard.park, period=scorecard.period, revision__lte=scorecard.revision)
    reasons: dict[str, str] = {}
    for said in mine.order_by("revision").values_list("reasons", flat=True):
        reasons |= said
    return balances(last.data, content, differences(last.data, content), reasons)


def scorecard_submit(*, by: Actor, scorecard: Scorecard, reasons: Mapping[str, str] | None = None) -> Scorecard:
    """Hand a draft in: compile it once more and freeze what it says; `reasons` by change, for a correction.

    Raise ValidationError where it is no draft, a reason is missing, or the figures do not follow from their rows.
    """
    _demand(by, May.SUBMIT_SCORECARD)
    period = Period.parse(scorecard.period)
    if not period.has_begun(timezone.localdate()):
        raise ValidationError(_("%(period)s还没有到，不能送审。") % {"period": period.in_words("full")})
    for _try in range(TRIES):
        with snapshot():
            seq, park, draft = _draft_now(scorecard)
            members = members_of([line.indicator for line, _parts in draft.lines], park, period)
        with trace.changes(by=by) as ledger:
            _lock(park)
            fresh = _in_state(scorecard, Scorecard.Status.DRAFT, _("只有初稿可以送审，请刷新后再看。"))
            for compiled in store(period, seq, [(park, draft)]):
                return _hand_in(ledger, fresh, compiled, draft, members, reasons or {})
    raise ValidationError(_("台账正在改动，请稍后再送审。"))


def _draft_now(scorecard: Scorecard) -> tuple[int, Park, Draft]:
    """Up to which change the facts are read, the park as it is, and what they come to; within a snapshot."""
    seq, park = trace.last_seq(), Park.objects.select_related("region").get(pk=scorecard.park_id)
    parks = list(Park.objects.filter(region=park.region).order_by("code"))
    return seq, park, drafts_of(results(park.region, Period.parse(scorecard.period)), parks)[park.pk]


def _hand_in(
    ledger: Ledger,
    scorecard: Scorecard,
    compiled: Compiled,
    draft: Draft,
    members: Mapping[str, list[dict[str, Any]]],
    reasons: Mapping[str, str],
) -> Scorecard:
    scorecard.refresh_from_db()
    scorecard.reasons = {key: text.strip() for key, text in sorted(reasons.items()) if text.strip()}
    lines = scorecard.lines.select_related("indicator").prefetch_related("slices")
    content = content_of(scorecard, lines, compiled.scorecard.park, draft.peers, members)
    _refuse_unexplained(scorecard, content)
    if wrong := list(frozen.problems(content)):
        raise ValidationError([_("数字与构成不一致，请重新编制后再送审。"), *wrong[:5]])
    values = {"status": Scorecard.Status.IN_REVIEW, "reasons": content["reasons"], "return_reason": ""}
    ledger.update(scorecard, values | {"submitted_by": ledger.by.user, "submitted_at": ledger.at})
    _keep_content(scorecard, canonical(content))
    return scorecard


def _keep_content(scorecard: Scorecard, content: str) -> None:
    """What was handed in, until it is given back or lies in the publication; the trace says only that it was."""
    Scorecard.objects.filter(pk=scorecard.pk).update(submitted_content=content)
    scorecard.submitted_content = content


def _refuse_unexplained(scorecard: Scorecard, content: dict[str, Any]) -> None:
    """A correction explains each of its changes, no more and no less; without any there is nothing to correct."""
    base = base_of(scorecard)
    if base is None:
        if Period.parse(scorecard.period).closing:
            raise ValidationError(_("12月成绩单定稿以后，才能做年终核定。"))
        content["reasons"] = {}
        return
    found = differences(base.data, content)
    if scorecard.revision > 1 and not found:
        raise ValidationError(_("与上一版没有差别，不需要更正。"))
    unexplained = [one for one in found if one.key not in scorecard.reasons]
    if unexplained:
        named = "、".join(one.name for one in unexplained[:5])
        raise ValidationError(
            _("请写明每项变动的原因，还缺%(n)s项：%(named)s。") % {"n": len(unexplained), "named": named}
        )
    content["reasons"] = {one.key: scorecard.reasons[one.key] for one in found}


def headline_set(*, by: Actor, scorecard: Scorecard, headline: str) -> Scorecard:
    """Type a headline over a draft's; ValidationError once it is handed in: what others sign does not move any more."""
    with transaction.atomic():
        _lock(scorecard.park)
        fresh = _in_state(scorecard, Scorecard.Status.DRAFT, _("标题语只在初稿上改。已送审的先退回，已定稿的先更正。"))
        return scorecard_headline_set(by=by, scorecard=fresh, headline=headline)


def scorecard_return(*, by: Actor, scorecard: Scorecard, reason: str) -> Scorecard:
    """Give a handed-in scorecard back with a reason, or take back what oneself handed in; it is a draft again."""
    with trace.changes(by=by) as ledger:
        _lock(scorecard.park)
        fresh = _in_state(scorecard, Scorecard.Status.IN_REVIEW, _("只有送审稿可以退回，请刷新后再看。"))
        if fresh.submitted_by_id != _user(by).pk:
            _demand(by, May.PUBLISH_SCORECARD)
        said = reason_of(reason, _("退回"))
        ledger.update(fresh, {"status": Scorecard.Status.DRAFT, "return_reason": said})
        _keep_content(fresh, "")
    return fresh


def scorecard_publish(*, by: Actor, scorecard: Scorecard) -> Publication:
    """Publish what was handed in, byte for byte: one row, its members, its documents; never by who handed it in."""
    _demand(by, May.PUBLISH_SCORECARD)
    with trace.changes(by=by) as ledger:
        _lock(scorecard.park)
        fresh = _in_state(scorecard, Scorecard.Status.IN_REVIEW, _("只有送审稿可以定稿，请刷新后再看。"))
        if fresh.submitted_by_id == _user(by).pk:
            raise PermissionDenied(_("送审和定稿不能是同一个人，请由另一位同事定稿。"))
        publication = _written(fresh, _user(by))
        ledger.update(fresh, {"status": Scorecard.Status.PUBLISHED})
        _keep_content(fresh, "")
        ledger.note(publication, {"revision": (None, fresh.revision), "digest": (None, publication.digest)})
        publication_published(code=publication.code)
    return publication


def _written(scorecard: Scorecard, user: User) -> Publication:
    content = json.loads(scorecard.submitted_content)
    last = Publication.objects.filter(park=scorecard.park).order_by("-id").first()
    publication = Publication(
        scorecard=scorecard,
        **{name: getattr(scorecard, name) for name in ("code", "park", "period", "revision")},
        **{name: getattr(scorecard, name) for name in ("submitted_by", "submitted_at")},
        content=scorecard.submitted_content,
        content_digest=digest_of(scorecard.submitted_content),
        documents=_stored(content, scorecard),
        published_by=user,
        published_at=timezone.now(),
        previous_digest=last.digest if last else "",
    )
    publication.digest = seal(publication)
    publication.save(force_insert=True)
    FrozenMember.objects.bulk_create(members_rows(publication), batch_size=500)
    return publication


def _stored(content: Mapping[str, Any], scorecard: Scorecard) -> list[dict[str, Any]]:
    """The documents of a publication, drawn from its content alone and kept as files."""
    made, before = [], compared_with(scorecard)
    settled = balances_of(scorecard, content)
    for document in render_all(content, timezone.localdate(), before.data if before else None, settled):
        kept = {"kind": document.kind, "name": document.name, "content_type": document.content_type}
        kept |= {"stored_name": files.keep(document.data), "digest": files.digest(document.data)}
        made.append(kept | {"size": len(document.data)})
    return made


SEALED: Final = (
    *("code", "period", "revision", "content_digest", "documents", "submitted_at", "published_at", "previous_digest"),
)


def seal(publication: Publication) -> str:
    """The digest over all that a publication's row says, and through the one before it over the park's whole past."""
    values = {name: trace.plain(getattr(publication, name)) for name in SEALED}
    moments = {
        name: getattr(publication, name).astimezone(UTC).isoformat() for name in ("submitted_at", "published_at")
    }
    people = {name: getattr(publication, name).username for name in ("submitted_by", "published_by")}
    return digest_of(canonical(values | moments | people | {"park": publication.park.code}))


def members_rows(publication: Publication) -> list[FrozenMember]:
    """The members of the content as rows; not stored."""
    listed = publication.data["members"]
    return [
        FrozenMember(publication=publication, indicator=indicator, **member)
        for indicator in sorted(listed)
        for member in listed[indicator]
    ]


def scorecard_correct(*, by: Actor, publication: Publication) -> Scorecard:
    """Begin a correction of what is published last: a draft of the next revision, of the facts as they are now."""
    _demand(by, May.SUBMIT_SCORECARD)
    old = publication.scorecard
    with snapshot():
        seq, park, now = _draft_now(old)
    with trace.changes(by=by) as ledger:
        _lock(old.park)
        mine = Scorecard.objects.filter(park=old.park, period=old.period)
        if mine.filter(status__in=OPEN).exists():
            raise ValidationError(_("更正稿已经在编制，不用再开一份。"))
        revision = (mine.aggregate(last=Max("revision"))["last"] or 0) + 1
        draft = Scorecard(park=old.park, period=old.period, code=f"{old.park.code}-{old.period}-r{revision}")
        draft.revision, draft.lead, draft.headline = revision, old.lead, old.headline
        draft.compiled_at = ledger.at
        ledger.create(draft)
        store(Period.parse(old.period), seq, [(park, now)])
    draft.refresh_from_db()
    return draft


def signature_record(
    *,
    by: Actor,
    scorecard: Scorecard,
    part: str,
    signer: str,
    signed_on: date,
    scan: tuple[str, bytes, str] | None = None,
) -> Signature:
    """Write down a signature on paper, with the scan that was let through the gate: name, bytes, type."""
    _demand(by, May.SUBMIT_SCORECARD)
    with trace.changes(by=by) as ledger:
        signature = Signature(scorecard=scorecard, part=part, signer=signer.strip(), signed_on=signed_on)
        if scan:
            name, data, content_type = scan
            title = _("签字页")
            signature.scan = files.attach(
                ledger, scorecard, name=name, data=data, content_type=content_type, title=title
            )
        return ledger.create(signature)


def _demand(by: Actor, act: May) -> None:
    if not _user(by).may(act):
        raise PermissionDenied(_("你的角色不能%(what)s。") % {"what": act.label})


def _user(by: Actor) -> User:
    if by.user is None:
        raise PermissionDenied(_("成绩单由人送审和定稿。"))
    return by.user


def _lock(park: Park) -> None:
    """Hold the region, as compiling does: nothing about its scorecards moves meanwhile."""
    Region.objects.select_for_update().get(pk=park.region_id)


def _in_state(scorecard: Scorecard, state: str, otherwise: str) -> Scorecard:
    fresh = Scorecard.objects.select_related("park__region", "submitted_by").get(pk=scorecard.pk)
    if fresh.status != state:
        raise ValidationError(otherwise)
    return fresh
