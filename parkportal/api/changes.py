"""Incremental pull: what changed since the caller last asked, in the order of the commits.

The numbers of the trace are taken at the end of each transaction under one lock, so a change that commits late has a
late number and is never skipped. What was withdrawn, left the caller's parks or left the filter is told as
`{"id", "deleted_at"}`; a caller that never knew such a row may ignore it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from typing import Any, Final

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat, Greatest, StrIndex, Substr
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from parkportal.models import Change, Park
from parkportal.trace import last_seq

CURSOR: Final = re.compile(r"([0-9]{1,18})(?::([\w.-]{1,60}))?", re.ASCII)


@dataclass(frozen=True, order=True)
class Position:
    """How far a caller has come: all up to `seq` or, with a code, that number's rows up to that code."""

    seq: int
    code: str = ""
    moment: datetime | None = None

    def __str__(self) -> str:
        return f"{self.seq}:{self.code}" if self.code else str(self.seq)

    def further(self, seq: str, code: str) -> Q:
        """Return the condition of what comes after, for the columns of these names."""
        beyond = Q(**{f"{seq}__gt": self.seq})
        if self.code:
            return beyond | Q(**{seq: self.seq, f"{code}__gt": self.code})
        return beyond if self.seq or self.moment else Q(**{f"{seq}__gte": 0})


def position(text: str) -> Position:
    """Return the position of a cursor, a timestamp or a day; ValidationError for anything else."""
    found = CURSOR.fullmatch(text)
    if found:
        return Position(int(found[1]), found[2] or "")
    moment = _moment(text)
    if moment is None:
        raise ValidationError({"updated_since": [_("请填写时间，如“2020-09-30T08:00:00+08:00”，或上次返回的cursor。")]})
    first = Change.objects.filter(at__gte=moment).order_by("seq").values_list("seq", flat=True).first()
    return Position(last_seq() if first is None else first - 1, moment=moment)


def _moment(text: str) -> datetime | None:
    """The moment of an ISO timestamp; a plus sign that an address turned into a space is read as one."""
    try:
        mended = re.sub(r" (?=[0-9]{2}:?[0-9]{2}$)", "+", text) if "T" in text else text
        moment = parse_datetime(mended)
        if moment is None and (day := parse_date(text)):
            moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - made aware below
        if moment is None:
            return None
        return (moment if moment.tzinfo else make_aware(moment)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True)
class Delta:
    """One page of changes: rows as they are now, tombstones, and where to go on."""

    rows: Mapping[str, Any]
    gone: Mapping[str, datetime]
    order: list[str]
    reached: Position
    more: bool


@dataclass(frozen=True)
class Scope:
    """What one caller may pull: their rows of one model, withdrawn ones included, and those that the filter selects."""

    label: str
    visible: QuerySet[Any]
    selected: QuerySet[Any]
    parks: list[str]
    moves_with: tuple[Any, ...] = ()
    """What else changes the answer of a row: paths or expressions of the number of other rows."""
    kin: tuple[str, ...] = ()
    """Models that bring a row into sight, such as shares; the trace names them by the row's code and their own."""

    def delta(self, since: Position, size: int) -> Delta:
        """Return the next changes after a position, at most `size`.

        The newest number is read first and nothing beyond it is told: a commit between the queries waits for the next.
        """
        limit = last_seq()
        moved = self._moved(since, limit, size)
        left = self._left(since, limit, size)
        # No number is in both; equal ones stay in the order of the database, which the cursor goes by.
        marks = list(merge(moved, left, key=lambda mark: mark[0]))
        page, more = marks[:size], len(marks) > size
        codes = [code for _seq, code in page]
        rows = self.selected.filter(code__in=codes).in_bulk(field_name="code") if codes else {}
        gone = self._gone([mark for mark in page if mark[1] not in rows])
        end = Position(max(limit, since.seq)) if not more else Position(*page[-1])
        return Delta(rows, gone, codes, end, more)

    def _moved(self, since: Position, limit: int, size: int) -> list[tuple[int, str]]:
        """The rows in sight that changed, as (number, code)."""
        number = Greatest(F("seq"), Value(0), *(Coalesce(other, Value(0)) for other in self.moves_with))
        further = since.further("moved", "code")
        if since.moment is not None:
            # Rows that were written before there was a trace have no number, but a time.
            further |= Q(moved=0, updated_at__gte=since.moment)
        rows = self.visible.annotate(moved=number).filter(further, moved__lte=limit)
        return list(rows.order_by("moved", "code").values_list("moved", "code")[: size + 1])

    def _left(self, since: Position, limit: int, size: int) -> list[tuple[int, str]]:
        """The rows that changed in or out of the caller's parks and are no longer in sight, as (number, code)."""
        mine = Q(park__code__in=self.parks) | Q(diff__park__0__in=self.parks)
        entries = Change.objects.filter(mine, object_type__in=[self.label, *self.kin], seq__lte=limit)
        owner = Substr("object_code", 1, StrIndex(Concat("object_code", Value(" ")), Value(" ")) - 1)
        named = entries.filter(seq__gte=since.seq).order_by().annotate(owner=owner)
        unseen = named.filter(~Exists(self.visible.filter(code=OuterRef("owner"))))
        last = unseen.values("owner").annotate(last=Max("seq")).filter(since.further("last", "owner"))
        return list(last.order_by("last", "owner").values_list("last", "owner")[: size + 1])

    def _gone(self, marks: Iterable[tuple[int, str]]) -> dict[str, datetime]:
        """When each of these rows went: withdrawn, or changed so that it left."""
        numbers = {code: seq for seq, code in marks}
        times = dict(Change.objects.filter(seq__in=numbers.values()).values_list("seq", "at"))
        known = self.visible.filter(code__in=numbers).values_list("code", "deleted_at", "updated_at")
        own = {code: deleted or updated for code, deleted, updated in known}
        return {code: localtime(times.get(seq) or own[code]) for code, seq in numbers.items()}


def parks_of(user: Any) -> list[str]:
    """Return the codes of the parks whose rows the user may read."""
    return list(Park.objects.visible_to(user).values_list("code", flat=True))
