"""The split of a target as it is typed in: one row for each holder, and empty rows for further ones."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from enterprises.models import Chain
from parkportal.forms import posted_number
from parkportal.models import Park, User
from parkportal.writing import Unreadable, clean_text
from reports.models import Target, TargetPart
from reports.targets import read_amount, write_amount
from reports.targets.parts import PartWanted

EMPTY_ROWS: Final = 5
FIELDS: Final = ("kind", "who", "amount", "share")


@dataclass
class TypedPart:
    """One row: what is stored, what was typed, what is wrong with it, and what somebody else saved meanwhile."""

    number: int
    target: Target
    park: Park
    part: TargetPart | None = None
    posted: Mapping[str, str] | None = None
    errors: dict[str, str] = field(default_factory=dict)
    lost: bool = False
    withdrawn: bool = False
    """Whether somebody took the stored row back meanwhile; saved again, it is a new one."""

    def _get(self, name: str) -> str:
        return clean_text((self.posted or {}).get(f"p{self.number}-{name}", ""))

    @property
    def version(self) -> int:
        """The version that the reader saw; of a row that lost, the one that is stored now."""
        if self.posted and not self.lost:
            return posted_number(self._get("version"))
        return self.part.version if self.part else 0

    @property
    def shown(self) -> dict[str, str]:
        """What stands in the controls."""
        return {name: self._get(name) for name in FIELDS} if self.posted is not None else self.stored

    @property
    def stored(self) -> dict[str, str]:
        """The row as it can be typed."""
        part = self.part
        if part is None:
            return {"kind": "", "who": "", "amount": "", "share": ""}
        who = part.chain.name if part.chain else part.owner.username if part.owner else part.name
        share = "" if part.first_talk_bp is None else f"{part.first_talk_bp / 100:g}"
        amount = write_amount(self.target.indicator, part.amount)
        return {"kind": part.kind, "who": who, "amount": amount, "share": share}

    @property
    def gone(self) -> bool:
        """Whether the reader takes the row back."""
        return self._get("gone") != ""

    def lose_to(self, current: TargetPart | None) -> None:
        """Show what somebody else saved, or that they took the row back."""
        self.lost, self.withdrawn, self.part = current is not None, current is None, current

    def wanted(self) -> PartWanted | None:
        """What is to be written; None for an empty row and for one with mistakes, which are then said."""
        typed = self.shown
        if self.gone:
            return PartWanted(self.part, self.version, {}, gone=True) if self.part else None
        if self.part is None and not any(typed.values()):
            self.withdrawn = False
            return None
        holder = self._kept() if typed == self.stored else self._holder(typed["kind"], typed["who"])
        values = holder | self._amount(typed["amount"]) | self._share(typed["share"])
        return None if self.errors else PartWanted(self.part, self.version, values)

    def _kept(self) -> dict[str, Any]:
        """The holder of an untouched row, who may have moved or left since."""
        return {name: getattr(self.part, name) for name in ("kind", "name", "chain", "owner")}

    def _holder(self, kind: str, who: str) -> dict[str, Any]:
        """To whom the row goes: a chain and a person by name or code, others as they are called."""
        if kind not in TargetPart.Kind.values:
            self.errors["kind"] = _("请选择分解到什么。")
        if not who:
            self.errors["who"] = _("请填写名称。")
        if self.errors:
            return {}
        chain = owner = None
        if kind == TargetPart.Kind.CHAIN:
            chain = Chain.objects.filter(Q(name=who) | Q(code=who), region=self.park.region_id).first()
        if kind == TargetPart.Kind.OWNER:
            staff = User.objects.filter(park=self.park, is_active=True)
            found = list(staff.filter(Q(name=who) | Q(username=who))[:2])
            owner = found[0] if len(found) == 1 else None
        if kind in {TargetPart.Kind.CHAIN, TargetPart.Kind.OWNER} and not (chain or owner):
            sentence = _("没有找到“%(who)s”。产业链写名称，责任人写本园区的登录名或不重名的姓名。")
            self.errors["who"] = sentence % {"who": who[:30]}
        if len(who) > 60:
            self.errors["who"] = _("名称最多60个字。")
        return {"kind": kind, "name": "" if chain or owner else who, "chain": chain, "owner": owner}

    def _amount(self, text: str) -> dict[str, Any]:
        try:
            return {"amount": read_amount(self.target.indicator, text)}
        except Unreadable as mistake:
            self.errors["amount"] = _("%(sentence)s。") % {"sentence": str(mistake).rstrip("。")}
            return {}

    def _share(self, text: str) -> dict[str, Any]:
        """The part for 首谈 in basis points; empty where it is not told apart."""
        if not text:
            return {"first_talk_bp": None}
        found = re.fullmatch(r"([0-9]{1,3})(?:\.([0-9]{1,2}))? ?[%％]?", text, re.ASCII)
        bp = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else -1
        if not 0 <= bp <= 10_000:
            self.errors["share"] = _("首谈占比写0至100的百分数，如30，其余归落地。")
            return {}
        return {"first_talk_bp": bp}


def say_twice(rows: list[TypedPart], wanted: list[PartWanted | None], parts: list[TargetPart]) -> None:
    """Say beside each row that another one, stored or typed, gives the same holder the same share already.

    So a form that is sent twice splits nothing twice.
    """
    shown = {one.part.code for one in wanted if one and one.part}
    taken = {
        (part.kind, part.name, part.chain, part.owner, part.first_talk_bp) for part in parts if part.code not in shown
    }
    for row, one in zip(rows, wanted, strict=True):
        if one is None or one.gone:
            continue
        key = tuple(one.values[name] for name in ("kind", "name", "chain", "owner", "first_talk_bp"))
        if key in taken:
            row.errors["who"] = _("“%(who)s”已经分解过，同一对象只写一行；要改数，请改原来那一行。") % {
                "who": row.shown["who"]
            }
        taken.add(key)


def typed_parts(
    target: Target, park: Park, parts: list[TargetPart], posted: Mapping[str, str] | None
) -> list[TypedPart]:
    """The rows of the page: the stored ones in their order, then empty ones; as they were posted, if they were."""
    if posted is None:
        rows: list[TargetPart | None] = [*parts, *[None] * EMPTY_ROWS]
        return [TypedPart(number, target, park, part) for number, part in enumerate(rows)]
    by_code = {part.code: part for part in parts}
    numbers = sorted(int(found[1]) for key in posted if (found := re.fullmatch(r"p(0|[1-9][0-9]{0,2})-amount", key)))
    return [_as_posted(TypedPart(n, target, park, posted=posted), by_code) for n in numbers]


def _as_posted(row: TypedPart, by_code: Mapping[str, TargetPart]) -> TypedPart:
    """The row with what is stored of it; a code of which nothing is stored any more is of a withdrawn row."""
    code = (row.posted or {}).get(f"p{row.number}-code", "")
    row.part = by_code.get(code)
    row.withdrawn = bool(code) and row.part is None and not row.gone
    return row
