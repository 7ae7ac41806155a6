"""Whether what was published is still what it was, and still follows from its own members. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from parkportal import files
from parkportal.models import Park
from reports import frozen, triggers
from reports.freezing import LINE_FIELDS, canonical, digest_of
from reports.models import FrozenMember, Publication, Scorecard
from reports.publishing import members_rows, seal

MEMBER_FIELDS = tuple(f.name for f in FrozenMember._meta.concrete_fields if f.name not in {"id", "publication"})


@dataclass(frozen=True)
class Verdict:
    """What was found about one publication, or about the whole place; empty sentences mean that all is well."""

    code: str
    sentences: list[str] = field(default_factory=list)


def verdicts() -> Iterator[Verdict]:
    """Every publication in the order of its park's chain, then what no publication answers for."""
    for park in Park.objects.order_by("code"):
        previous = ""
        for publication in Publication.objects.filter(park=park).select_related("scorecard", "park").order_by("id"):
            yield Verdict(publication.code, list(_problems(publication, previous)))
            previous = publication.digest
    lost = Scorecard.objects.filter(status=Scorecard.Status.PUBLISHED, publication=None).order_by("code")
    yield from (Verdict(code, [_("已定稿，但定稿内容不见了")]) for code in lost.values_list("code", flat=True))
    if absent := triggers.missing():
        yield Verdict(_("数据库"), [_("防改触发器缺失：%(names)s") % {"names": "、".join(absent)}])


def _problems(publication: Publication, previous: str) -> Iterator[str]:
    if digest_of(publication.content) != publication.content_digest:
        yield _("内容与摘要不符")
        return
    if seal(publication) != publication.digest:
        yield _("定稿记录与摘要不符")
    if publication.previous_digest != previous:
        yield _("与上一份定稿衔接不上")
    yield from frozen.problems(publication.data)
    yield from _wrong_rows(publication)
    yield from _wrong_files(publication)


def _wrong_rows(publication: Publication) -> Iterator[str]:
    """Members and lines are stored beside the content, to be listed and compared; they say the same."""
    data, card = publication.data, publication.scorecard
    made = [canonical([getattr(row, name) for name in MEMBER_FIELDS]) for row in members_rows(publication)]
    found = FrozenMember.objects.filter(publication=publication).values_list(*MEMBER_FIELDS)
    if sorted(made) != sorted(canonical(list(row)) for row in found):
        yield _("构成明细与定稿内容不符")
    lines = {line.indicator.code: line for line in card.lines.select_related("indicator")}
    stated = {entry["indicator"]["code"]: entry["values"] for entry in data["lines"]}
    if stated != {code: {name: getattr(line, name) for name in LINE_FIELDS} for code, line in lines.items()}:
        yield _("成绩单各项数字与定稿内容不符")
    said = {name: getattr(card, name) for name in ("period", "revision", "lead", "headline")}
    if said != {name: data[name] for name in said} or card.status != Scorecard.Status.PUBLISHED:
        yield _("成绩单与定稿内容不符")


def _wrong_files(publication: Publication) -> Iterator[str]:
    for document in publication.documents:
        try:
            same = files.digest(files.read(document["stored_name"])) == document["digest"]
        except OSError:
            same = False
        if not same:
            yield _("文件“%(name)s”缺失或被改动") % {"name": document["name"]}
