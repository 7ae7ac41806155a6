"""Whether what was published is still what it was, and still follows from its own members. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from parkportal import files
from parkportal.models import Change, Park
from parkportal.trace import fields_of
from reports import frozen, triggers
from reports.freezing import canonical, digest_of, figures_of
from reports.models import FrozenMember, Publication, Scorecard, Signature
from reports.publishing import members_rows, seal

MEMBER_FIELDS = tuple(f.name for f in FrozenMember._meta.concrete_fields if f.name not in {"id", "publication"})


@dataclass(frozen=True)
class Verdict:
    """What was found about one publication, or about the whole place; empty sentences mean that all is well."""

    code: str
    sentences: list[str] = field(default_factory=list)


def verdicts() -> Iterator[Verdict]:
    """Every publication in the order of its park's chain, then what no publication answers for."""
    noted = _noted()
    for park in Park.objects.order_by("code"):
        previous = ""
        for publication in Publication.objects.filter(park=park).select_related("scorecard", "park").order_by("id"):
            yield Verdict(publication.code, list(_problems(publication, previous, noted.pop(publication.code, None))))
            previous = publication.digest
    lost = Scorecard.objects.filter(status=Scorecard.Status.PUBLISHED, publication=None).values_list("code", flat=True)
    yield from (Verdict(code, [_("已定稿，但定稿内容不见了")]) for code in sorted({*lost, *noted}))
    if absent := triggers.missing():
        yield Verdict(_("数据库"), [_("防改触发器缺失：%(names)s") % {"names": "、".join(absent)}])


def _noted() -> dict[str, str]:
    """By code, the digest of each publication as the trace noted it when it was written."""
    entries = Change.objects.filter(object_type=Publication._meta.label).values_list("object_code", "diff")
    return {code: diff["digest"][1] for code, diff in entries if "digest" in diff}


def _problems(publication: Publication, previous: str, noted: str | None) -> Iterator[str]:
    if digest_of(publication.content) != publication.content_digest:
        yield _("内容与摘要不符")
        return
    if not _is_sealed(publication):
        yield _("定稿记录与摘要不符")
        return
    if noted not in (None, publication.digest):
        yield _("摘要与变更记录所载的不符")
    if publication.previous_digest != previous:
        yield _("与上一份定稿衔接不上")
    yield from frozen.problems(publication.data)
    yield from _wrong_rows(publication)
    yield from _wrong_card(publication)
    yield from _wrong_files(publication)
    yield from _wrong_signatures(publication)


def _is_sealed(publication: Publication) -> bool:
    """Whether the row says what was sealed; one that cannot even be read does not."""
    try:
        return seal(publication) == publication.digest
    except (AttributeError, TypeError, ValueError):
        return False


def _wrong_rows(publication: Publication) -> Iterator[str]:
    """Members are stored beside the content, to be listed; they say the same."""
    made = [canonical([getattr(row, name) for name in MEMBER_FIELDS]) for row in members_rows(publication)]
    found = FrozenMember.objects.filter(publication=publication).values_list(*MEMBER_FIELDS)
    if sorted(made) != sorted(canonical(list(row)) for row in found):
        yield _("构成明细与定稿内容不符")


def _wrong_card(publication: Publication) -> Iterator[str]:
    """So are the lines and their parts, which overviews and rankings read, and what the scorecard says of itself."""
    data, card = publication.data, publication.scorecard
    lines = card.lines.select_related("indicator").prefetch_related("slices")
    stated = {
        entry["indicator"]["code"]: (entry["indicator"]["listed"], {"values": entry["values"], "parts": entry["parts"]})
        for entry in data["lines"]
    }
    if stated != {line.indicator.code: (line.listed, figures_of(line)) for line in lines}:
        yield _("成绩单各项数字与定稿内容不符")
    said = {name: getattr(card, name) for name in ("period", "revision", "lead", "headline", "reasons")}
    same = all(
        getattr(card, name) == getattr(publication, name) for name in ("code", "park", "submitted_by", "submitted_at")
    )
    if said != {name: data[name] for name in said} or not same or card.status != Scorecard.Status.PUBLISHED:
        yield _("成绩单与定稿内容不符")


def _wrong_files(publication: Publication) -> Iterator[str]:
    for document in publication.documents:
        if not _is_kept(document["stored_name"], document["digest"]):
            yield _("文件“%(name)s”缺失或被改动") % {"name": document["name"]}


def _wrong_signatures(publication: Publication) -> Iterator[str]:
    """Signatures on paper are only ever added: each is as the trace noted it, and so is its scan."""
    kept = Signature.objects.filter(scorecard=publication.scorecard_id).select_related("scorecard", "scan")
    entries = Change.objects.filter(object_type=Signature._meta.label, object_code=publication.code)
    noted = [
        canonical({name: new for name, (_old, new) in diff.items()}) for diff in entries.values_list("diff", flat=True)
    ]
    if sorted(noted) != sorted(canonical(fields_of(one)) for one in kept):
        yield _("签字记录与变更记录不符")
    for scan in filter(None, (one.scan for one in kept)):
        if not _is_kept(scan.stored_name, scan.digest):
            yield _("文件“%(name)s”缺失或被改动") % {"name": scan.name}


def _is_kept(stored_name: str, digest: str) -> bool:
    """Whether a file is there with the bytes that it had."""
    try:
        return files.digest(files.read(stored_name)) == digest
    except OSError:
        return False
