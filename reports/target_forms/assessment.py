"""Forms of the assessment: a rule, a mark that somebody gives, and what a what-if supposes."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.forms import EntryForm, TypedField
from parkportal.models import Park
from parkportal.writing import Unreadable, clean_text
from reports.assessment import Supposed
from reports.forms import FIRST_YEAR, LAST_YEAR, IndicatorChoice
from reports.inputs import SpokenForm
from reports.models import AssessmentRule, Indicator

MOST: int = 1_000_000
NUMBER = re.compile(r"(-?)([0-9]{1,4})(?:\.([0-9]{1,2}))?", re.ASCII)


def read_hundredths(text: str) -> int:
    """A number with at most two decimals as hundredths; Unreadable for anything else."""
    found = NUMBER.fullmatch(clean_text(text))
    if not found:
        raise Unreadable(
            _("“%(text)s”不是一个数，请写成“40”或“0.5”这样，小数最多两位") % {"text": clean_text(text)[:20]}
        )
    value = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    return -value if found[1] else value


def read_positive(text: str) -> int:
    """A number that is not below 0, as hundredths."""
    value = read_hundredths(text)
    if value < 0:
        raise Unreadable(_("这一项不能小于0"))
    return value


def write_hundredths(value: int) -> str:
    """Hundredths as they are typed."""
    return f"{value / 100:g}"


NEEDED = {"capped": ("weight",), "steps": ("weight", "step"), "efficacy": ("weight",), "tiers": ("tiers", "cap")}
"""By kind, what would make no difference or a wrong one if it were left out: a bonus without a cap would end at 1."""


def points_field(label: Any, **more: Any) -> TypedField:
    """A number of points or a ratio."""
    return TypedField(read=read_positive, write=write_hundredths, label=label, **more)


class RuleForm(EntryForm):
    """One line of the assessment."""

    year = forms.IntegerField(label=gettext_lazy("年度"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    indicator = IndicatorChoice(queryset=Indicator.objects.none(), label=gettext_lazy("指标"), required=False)
    weight = points_field(gettext_lazy("分值"), required=False)
    cap = points_field(gettext_lazy("封顶"), required=False)
    step = points_field(gettext_lazy("每少一个扣"), required=False)
    tiers = forms.CharField(label=gettext_lazy("超额分档"), required=False, max_length=200)
    constrained = ()
    constraint_field = "indicator"

    class Meta:
        model = AssessmentRule
        fields = ("name", "year", "kind", "indicator", "weight", "cap", "step", "tiers", "order", "basis")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["indicator"].queryset = Indicator.objects.visible_to(self.user)
        if self.instance.pk:
            self.initial |= {"tiers": self._write(self.instance.tiers), "indicator": self.instance.indicator}

    @staticmethod
    def _write(tiers: list[list[int]]) -> str:
        return "，".join(f"{start}:{write_hundredths(each)}" for start, each in tiers)

    def clean_tiers(self) -> list[list[int]]:
        found = []
        for part in filter(None, re.split("[，,；; ]+", clean_text(self.cleaned_data["tiers"]).replace("：", ":"))):
            start, _colon, each = part.partition(":")
            if not re.fullmatch("[0-9]{1,4}", start, re.ASCII) or not NUMBER.fullmatch(each):
                sentence = _("“%(part)s”看不懂。分档写成“0:2，3:4”：超过0个起每个加2分，超过3个起每个加4分。")
                raise ValidationError(sentence % {"part": part[:20]})
            found.append([int(start), read_hundredths(each)])
        return sorted(found)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in NEEDED.get(cleaned.get("kind") or "", ()):
            if name not in self.errors and not cleaned.get(name):
                self.add_error(name, _("这种计分办法要填这一项。"))
        for name, empty in (("weight", 0), ("cap", 100), ("step", 0)):
            if name not in self.errors and cleaned.get(name) is None:
                cleaned[name] = empty
        return cleaned

    def _typed(self, name: str, value: Any) -> str:
        return self._write(value) if name == "tiers" else super()._typed(name, value)


class MarkForm(SpokenForm):
    """Points or a veto, with the reason."""

    points = forms.CharField(label=gettext_lazy("得分"), max_length=12, required=False)
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, rule: AssessmentRule | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule
        if rule is None:
            del self.fields["points"]

    def clean_points(self) -> int:
        try:
            points = read_hundredths(self.cleaned_data["points"])
        except Unreadable as mistake:
            raise ValidationError(_("%(sentence)s。") % {"sentence": str(mistake)}) from mistake
        most = self.rule.weight if self.rule else 0
        if most and points > most:
            raise ValidationError(_("得分不能超过这一项的分值%(most)s。") % {"most": write_hundredths(most)})
        return points

    def values(self) -> dict[str, Any]:
        """The columns of the mark."""
        points = {"points": self.cleaned_data["points"]} if self.rule else {}
        return points | {"reason": clean_text(self.cleaned_data["reason"])}


def supposed_of(
    query: Mapping[str, str], rules: list[AssessmentRule], parks: list[Park]
) -> tuple[Supposed, dict[str, str]]:
    """What an address supposes, and sentences by name for what in it cannot be read; empty ones suppose nothing."""
    found: dict[str, dict[Any, Fraction]] = {"weight": {}, "cap": {}, "actual": {}}
    wanted: dict[str, tuple[str, Any]] = {
        f"{what}.{r.code}": (what, r.code) for what in ("weight", "cap") for r in rules
    }
    wanted |= {
        f"actual.{p.code}.{r.code}": ("actual", (p.code, r.code)) for p in parks for r in rules if r.indicator_id
    }
    wrong = {}
    for name in query.keys() & wanted.keys():
        text, (what, key) = clean_text(query[name]), wanted[name]
        try:
            if text:
                found[what][key] = Fraction(read_positive(text), 100)
        except Unreadable as mistake:
            wrong[name] = _("%(sentence)s。") % {"sentence": str(mistake)}
    return Supposed(found["weight"], found["cap"], found["actual"]), wrong
