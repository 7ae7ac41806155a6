"""Drafts into rows: a stored draft is replaced where a figure or a name changed, for many parks at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.models import Chain
from parkportal.models import Park
from projects.models import Project
from reports.drafts import Draft
from reports.models import Scorecard, ScorecardLine, ScorecardSlice
from reports.periods import Period
from reports.progress import Part

AT_ONCE: Final = 100
"""Parks that are written together; more would only need more memory."""
COMPILED_FIELDS: Final = ("lead", "digest", "facts_seq", "version", "compiled_at", "updated_at")
"""What compiling writes: a typed headline stays."""
Names = dict[tuple[str, str], str]
"""What parts are called, by dimension and key."""


@dataclass(frozen=True)
class Compiled:
    """What a compile did for one park: `changed` is false where the figures were the same."""

    scorecard: Scorecard
    changed: bool


def store(period: Period, seq: int, drafts: Sequence[tuple[Park, Draft]]) -> list[Compiled]:
    """Store drafts in their order; parks that have a newer one, or one that is no longer a draft, are left out."""
    some = [drafts[start : start + AT_ONCE] for start in range(0, len(drafts), AT_ONCE)]
    return [compiled for few in some for compiled in _store(period, seq, few)]


def _store(period: Period, seq: int, drafts: Sequence[tuple[Park, Draft]]) -> list[Compiled]:
    standing = _newest(period, [park for park, _draft in drafts])
    stored_names, chains = _stored_names(standing.values()), _chain_names()
    compiled, fresh = [], []
    for park, draft in drafts:
        card = standing.get(park.pk) or Scorecard(
            park=park, period=str(period), code=f"{park.code}-{period}", version=0
        )
        if card.pk and (card.status != Scorecard.Status.DRAFT or card.facts_seq > seq):
            continue
        digest, names = draft.digest, _part_names(draft, chains)
        changed = (card.digest, card.lead, stored_names.get(card.pk, {})) != (digest, draft.lead, names)
        card.park, card.lead, card.digest, card.facts_seq = park, draft.lead, digest, seq
        compiled.append(Compiled(card, changed))
        if changed:
            fresh.append((card, draft, names))
    same = [one.scorecard.pk for one in compiled if not one.changed]
    Scorecard.objects.filter(pk__in=same).update(facts_seq=seq)
    _write(fresh)
    return compiled


def _newest(period: Period, parks: list[Park]) -> dict[int, Scorecard]:
    """The newest scorecard of each park, by its key."""
    found = Scorecard.objects.filter(park__in=parks, period=str(period)).order_by("id")
    return {card.park_id: card for card in found}


def _stored_names(cards: Iterable[Scorecard]) -> dict[int, Names]:
    """What the parts of stored scorecards are called; the digest is over codes and does not see a renamed chain."""
    found: dict[int, Names] = {}
    parts = ScorecardSlice.objects.filter(line__scorecard__in=[card.pk for card in cards]).order_by()
    for card, *part, name in parts.values_list("line__scorecard", "dimension", "key", "name").distinct():
        found.setdefault(card, {})[part[0], part[1]] = name
    return found


def _chain_names() -> dict[str, str]:
    return {"": _("未分产业链")} | dict(Chain.objects.values_list("code", "name"))


def _part_names(draft: Draft, chains: Mapping[str, str]) -> Names:
    """What each part is called: the chain's name, the stage's, the month."""
    stages = {code: str(label) for code, label in Project.Stage.choices}
    named = {"chain": lambda key: chains[key], "stage": lambda key: stages[key]}
    named["month"] = lambda key: _("%(month)s月") % {"month": int(key[-2:])}
    keys = {(part.dimension, part.key) for _line, parts in draft.lines for part in parts}
    return {(dimension, key): named[dimension](key) for dimension, key in keys}


def _write(fresh: Sequence[tuple[Scorecard, Draft, Names]]) -> None:
    """Replace the scorecards with their lines and parts."""
    now = timezone.now()
    for card, draft, _names in fresh:
        card.version, card.compiled_at, card.updated_at = card.version + 1, now, now
        for line, _parts in draft.lines:
            line.scorecard = card
    old = [card for card, *_more in fresh if card.pk]
    ScorecardLine.objects.filter(scorecard__in=old).delete()
    Scorecard.objects.bulk_update(old, COMPILED_FIELDS)
    Scorecard.objects.bulk_create([card for card, *_more in fresh if not card.pk])
    ScorecardLine.objects.bulk_create([line for _card, draft, _names in fresh for line, _parts in draft.lines])
    slices = (
        _slice(line, part, names) for _card, draft, names in fresh for line, parts in draft.lines for part in parts
    )
    ScorecardSlice.objects.bulk_create(slices, batch_size=2_000)


def _slice(line: ScorecardLine, part: Part, names: Names) -> ScorecardSlice:
    value = part.amount.value or Fraction(0)
    return ScorecardSlice(
        line=line,
        dimension=part.dimension,
        key=part.key,
        name=names[part.dimension, part.key],
        numerator=value.numerator,
        denominator=value.denominator,
        inexact=part.amount.inexact,
    )
