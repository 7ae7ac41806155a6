"""What the monthly grid is about, and what was typed into its rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.models import period_validator
from parkportal.writing import Unreadable, clean_text, read_money, write_money
from projects.forms.weekly import FIRST_YEAR, SheetChoice
from projects.models import FundArrival, Project
from projects.services.monthly import Month, first_day, signed_ones

UNIT = "万元"
LONGEST_PROOF = 200


class MonthChoice(SheetChoice):
    """A grid of one month, up to the running one."""

    field_order = ("month", "scope", "unit")
    month = forms.CharField(label=gettext_lazy("月份"), validators=[period_validator])

    def starting_values(self) -> dict[str, Any]:
        return {"month": f"{timezone.localdate():%Y-%m}"}

    def clean_month(self) -> str:
        """A month that has begun."""
        month: str = self.cleaned_data["month"]
        if not date(FIRST_YEAR, 1, 1) <= first_day(month) <= timezone.localdate():
            sentence = _("月份应在%(first)s年至本月之间，现在是%(month)s。")
            raise ValidationError(sentence % {"first": FIRST_YEAR, "month": month})
        return month

    def projects(self) -> Any:
        return signed_ones(super().projects())


def money_of(text: str) -> int | None:
    """Whole yuan of what was typed in 万元, None for nothing; Unreadable for anything else."""
    return read_money(text, UNIT) if text.strip() else None


def shown_money(yuan: int | None) -> str:
    """An amount as it stands in its cell."""
    return "" if yuan is None else write_money(yuan, UNIT)


@dataclass
class TypedMonth:
    """One row as it was posted beside what is stored; the arrival and the investment are saved apart."""

    row: Month
    posted: Mapping[str, Any] | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    """Sentences by part: “arrival”, “investment”."""
    lost: set[str] = field(default_factory=set)
    """Parts that somebody else saved meanwhile."""
    refused: str = ""
    reread: bool = False
    """Whether `row` was read again after the save."""

    @property
    def code(self) -> str:
        """The project's code, by which the row's controls are named."""
        return self.row.project.code

    @property
    def stored(self) -> dict[str, str]:
        """The row's cells as they are stored; the tier of the last arrival is offered."""
        typed, progress = self.row.typed, self.row.progress
        last = "" if self.row.last_tier == FundArrival.OriginTier.OVERSEAS else self.row.last_tier
        return {
            "amount": shown_money(typed.amount if typed else None),
            "tier": typed.origin_tier if typed else last,
            "proof": typed.proof if typed else "",
            "done": shown_money(progress.done if progress else None),
        }

    @property
    def shown(self) -> dict[str, str]:
        """The row's cells as they were posted, else as they are stored."""
        stored = self.stored
        if self.posted is None:
            return stored
        return {name: clean_text(str(self.posted.get(f"{self.code}-{name}", stored[name]))) for name in stored}

    @property
    def versions(self) -> dict[str, str]:
        """The versions that the person saw; after the save the present ones, but for a part that was refused."""
        now = {"arrival": self.row.arrival_version, "investment": self.row.progress_version}
        posted = {part: str((self.posted or {}).get(f"{self.code}-{part}", now[part])) for part in now}
        return {part: now[part] if self.reread and part not in self.errors else posted[part] for part in now}

    def arrival(self) -> dict[str, Any] | None:
        """What to save of the arrival, None where nothing was changed; ValidationError for what cannot be read."""
        shown, stored = self.shown, self.stored
        amount = _read(_("本月到位"), shown["amount"])
        values = {"amount": amount, "tier": shown["tier"], "proof": shown["proof"]}
        untouched = amount is None and not self.row.typed
        if untouched and shown["proof"]:
            raise ValidationError(_("填了凭证，没有填本月到位金额。"))
        if len(shown["proof"]) > LONGEST_PROOF:
            sentence = _("凭证最多%(most)s个字，现在是%(length)s个。")
            raise ValidationError(sentence % {"most": LONGEST_PROOF, "length": len(shown["proof"])})
        if shown["tier"] and shown["tier"] not in FundArrival.OriginTier.values:
            raise ValidationError(_("资金来源没有这个选项，请从列表里选。"))
        same = values == {"amount": money_of(stored["amount"]), "tier": stored["tier"], "proof": stored["proof"]}
        return None if untouched or same else values

    def investment(self) -> dict[str, Any] | None:
        """What to save of the investment, None where nothing was changed; ValidationError for what cannot be read."""
        done = _read(_("本月完成"), self.shown["done"])
        return None if done == (self.row.progress.done if self.row.progress else None) else {"done": done}

    @property
    def parts(self) -> dict[str, Callable[[], dict[str, Any] | None]]:
        """The two halves of a row and how each is read."""
        return {"arrival": self.arrival, "investment": self.investment}

    @property
    def tiers(self) -> list[dict[str, Any]]:
        """The origins that can be chosen here; foreign money is entered with its dollars elsewhere."""
        chosen, overseas = self.shown["tier"], FundArrival.OriginTier.OVERSEAS
        found = [(value, label) for value, label in FundArrival.OriginTier.choices if value != overseas]
        options = [("", _("请选择")), *found]
        return [{"value": value, "label": label, "chosen": value == chosen} for value, label in options]

    @property
    def sentences(self) -> list[str]:
        """Everything that is wrong with the row."""
        return [sentence for found in self.errors.values() for sentence in found]

    @property
    def project(self) -> Project:
        """The row's project."""
        return self.row.project


def _read(label: str, text: str) -> int | None:
    try:
        return money_of(text)
    except Unreadable as mistake:
        words = {"label": label, "sentence": str(mistake).rstrip("。")}
        raise ValidationError(_("%(label)s：%(sentence)s。") % words) from mistake
