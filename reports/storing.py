"""Drafts into rows: a stored draft is replaced where a figure or a name changed, for many parks at once."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.models import Chain
from parkportal.models import Park
from projects.models import Project
from reports.drafts import LINE_FIELDS, Draft, line_values
from reports.models import Scorecard, ScorecardLine, ScorecardSlice
from reports.periods import Period
from reports.tallies import Part

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
    stored_names, named = _stored_names(standing.values()), _Names()
    compiled, fresh = [], []
    for park, draft in drafts:
        card = standing.get(park.pk) or Scorecard(
            park=park, period=str(period), code=f"{park.code}-{period}", version=0
        )
        if card.pk and (card.status != Scorecard.Status.DRAFT or card.facts_seq > seq):
            continue
        digest, names = draft.digest, {key: named[key] for key in _keys(draft)}
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


def _keys(draft: Draft) -> set[tuple[str, str]]:
    return {(part.dimension, part.key) for _line, parts in draft.lines for part in parts}


class _Names(dict[tuple[str, str], str]):
    """What each part is called: the chain's name, the stage's, the month."""

    def __init__(self) -> None:
        self["chain", ""] = _("未分产业链")
        self |= {("chain", code): name for code, name in Chain.objects.values_list("code", "name")}
        self |= {("stage", code): str(label) for code, label in Project.Stage.choices}

    def __missing__(self, part: tuple[str, str]) -> str:
        dimension, key = part
        if dimension != "month":
            raise KeyError(part)
        self[part] = _("%(month)s月") % {"month": int(key[-2:])}
        return self[part]


def _write(fresh: Sequence[tuple[Scorecard, Draft, Names]]) -> None:
    """Replace the scorecards with their lines and parts."""
    now = timezone.now()
    for card, *_more in fresh:
        card.version, card.compiled_at, card.updated_at = card.version + 1, now, now
    old = [card for card, *_more in fresh if card.pk]
    ScorecardLine.objects.filter(scorecard__in=old).delete()
    Scorecard.objects.bulk_update(old, COMPILED_FIELDS)
    Scorecard.objects.bulk_create([card for card, *_more in fresh if not card.pk])
    cards = {card.pk: (draft, names) for card, draft, names in fresh}
    lines = [(card, line) for card, (draft, _names) in cards.items() for line, _parts in draft.lines]
    _insert(
        ScorecardLine,
        ("scorecard_id", "indicator_id", *LINE_FIELDS),
        [(card, line.indicator_id, *line_values(line)) for card, line in lines],
    )
    stored = ScorecardLine.objects.filter(scorecard__in=cards).order_by()
    keys = {(card, indicator): pk for card, indicator, pk in stored.values_list("scorecard", "indicator", "pk")}
    parts = (
        (keys[card, line.indicator_id], part.dimension, part.key, names[part.dimension, part.key], *_pair(part))
        for card, (draft, names) in cards.items()
        for line, found in draft.lines
        for part in found
    )
    _insert(ScorecardSlice, ("line_id", "dimension", "key", "name", "numerator", "denominator", "inexact"), parts)


def _pair(part: Part) -> tuple[int, int, str]:
    value = part.amount.value or Fraction(0)
    return value.numerator, value.denominator, part.amount.inexact


def _insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Many plain rows at once; a model for each of them takes several times as long (bench: scale)."""
    into = f"{model._meta.db_table} ({', '.join(columns)})"
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", list(rows))  # noqa: S608 - names of columns
            return
        unknown = ", ".join(name for name in columns if model._meta.get_field(name).null)
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
        text.seek(0)
        cursor.copy_expert(f"COPY {into} FROM STDIN WITH (FORMAT csv{unknown and f', FORCE_NULL ({unknown})'})", text)
