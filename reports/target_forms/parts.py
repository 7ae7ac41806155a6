"""The split of a target as it is typed in: one row for each holder, and empty rows for further ones."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from enterprises.models import Chain
from parkportal.models import Park, User
from parkportal.writing import Unreadable, clean_text
from reports.models import Target, TargetPart
from reports.targets import read_amount, write_amount
from reports.targets.parts import PartWanted

EMPTY_ROWS: Final = 5
MOST_ROWS: Final = 60
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

    def _get(self, name: str) -> str:
        return clean_text((self.posted or {}).get(f"p{self.number}-{name}", ""))

    @property
    def version(self) -> int:
        """The version that the reader saw; of a row that lost, the one that is stored now."""
        seen = self._get("version")
        stored = self.part.version if self.part else 0
        return int(seen) if self.posted and not self.lost and seen.isdigit() and len(seen) < 10 else stored

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
        return self.part is not None and self._get("gone") != ""

    def wanted(self) -> PartWanted | None:
        """What is to be written; None for an empty row and for one with mistakes, which are then said."""
        typed = self.shown
        if self.gone:
            return PartWanted(self.part, self.version, {}, gone=True)
        if self.part is None and not any(typed.values()):
            return None
        values = self._holder(typed["kind"], typed["who"]) | self._amount(typed["amount"]) | self._share(typed["share"])
        return None if self.errors else PartWanted(self.part, self.version, values)

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
            found = list(User.objects.filter(Q(name=who) | Q(username=who), park=self.park)[:2])
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


def typed_parts(
    target: Target, park: Park, parts: list[TargetPart], posted: Mapping[str, str] | None
) -> list[TypedPart]:
    """The rows of the page: the stored ones in their order, then empty ones; as they were posted, if they were."""
    if posted is None:
        rows: list[TargetPart | None] = [*parts, *[None] * EMPTY_ROWS]
        return [TypedPart(number, target, park, part) for number, part in enumerate(rows)]
    by_code = {part.code: part for part in parts}
    numbers = [n for n in range(MOST_ROWS) if f"p{n}-amount" in posted]
    return [TypedPart(n, target, park, by_code.get(posted.get(f"p{n}-code", "")), posted) for n in numbers]
