"""The form of one target: a number in its indicator's unit, how it spreads over the year, and its paper."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.forms import EntryForm
from parkportal.models import Park
from parkportal.writing import Unreadable, write_period
from reports.forms import FIRST_YEAR, LAST_YEAR, IndicatorChoice
from reports.models import Indicator, Target
from reports.targets import (
    SHAPES,
    curve_mistakes,
    quarterly,
    read_amount,
    read_annual,
    say_amount,
    say_basis,
    shape_of,
    write_amount,
)

MONTHS: Final = range(1, 13)


class MonthsInput(forms.Widget):
    """Twelve inputs, one for each month; their names end with the month.

    One value under the bare name, twelve numbers with spaces between, stands for all of them.
    """

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        if name in data:
            typed = str(data[name]).split()
            return typed + [""] * (len(MONTHS) - len(typed))
        return [str(data.get(f"{name}_{month}", "")).strip() for month in MONTHS]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_1"

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        typed = list(value or [""] * 12)
        inputs = [self._month(name, month, typed[month - 1], dict(attrs or {})) for month in MONTHS]
        return format_html('<div class="grid">{}</div>', format_html_join("", "{}", ([one] for one in inputs)))

    @staticmethod
    def _month(name: str, month: int, value: str, attrs: dict[str, Any]) -> SafeString:
        attrs |= {"id": f"id_{name}_{month}", "name": f"{name}_{month}", "value": value, "autocomplete": "off"}
        label = write_period(FIRST_YEAR, month)
        return format_html(
            '<div class="field w3"><label for="{}">{}</label><input type="text" inputmode="decimal"{}></div>',
            attrs["id"],
            label,
            flatatt(attrs),
        )


class MonthsField(forms.Field):
    """What was typed for twelve months; it is read when the unit is known."""

    widget = MonthsInput

    def clean(self, value: list[str] | None) -> list[str]:
        return value if value and any(value) else []


class IssuedField(forms.DateField):
    """发文日期: a day on which an office of our time may have written."""

    default_error_messages: ClassVar = {"invalid": gettext_lazy("发文日期写成“2020-03-05”这样。")}

    def __init__(self, **kwargs: Any) -> None:
        look = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(**{"label": gettext_lazy("发文日期"), "required": False, "widget": look} | kwargs)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(_("发文日期应在2000至2100年之间，现在是%(day)s。") % {"day": day.isoformat()})
        return day


class TargetForm(EntryForm):
    """A park's target of a year; once set, its park, indicator, year and level stay."""

    constrained = ("park", "region", "deleted_at")
    constraint_field = "indicator"
    IDENTITY: ClassVar = ("park", "indicator", "year", "level")

    park = forms.ModelChoiceField(queryset=Park.objects.none(), to_field_name="code", label=gettext_lazy("园区"))
    indicator = IndicatorChoice(queryset=Indicator.objects.none(), label=gettext_lazy("指标"))
    year = forms.IntegerField(label=gettext_lazy("年度"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    annual = forms.CharField(label=gettext_lazy("年度目标"), max_length=40)
    curve = MonthsField(label=gettext_lazy("分月累计目标"), required=False)
    basis = forms.ChoiceField(label=gettext_lazy("文件写明的是"), initial="annual")
    shape = forms.ChoiceField(label=gettext_lazy("序时方式"), choices=SHAPES, required=False, widget=forms.RadioSelect)
    issued_on = IssuedField()

    class Meta:
        model = Target
        fields = (
            *("park", "indicator", "year", "level", "annual", "basis", "document", "issued_on", "authority"),
            *("curve", "note"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["basis"].choices = [
            ("annual", _("全年目标")),
            *((str(month), _("%(months)s目标") % {"months": write_period(FIRST_YEAR, month)}) for month in MONTHS),
        ]
        for code in ("invalid", "min_value", "max_value"):
            self.fields["year"].error_messages[code] = _("年度写四位年份，在2000至2100之间，如2020。")
        if self.instance.pk:
            self._settle_identity()
        else:
            shown = Q(listed=True) | Q(role=Indicator.Role.ASSESSED)
            self.fields["park"].queryset = Park.objects.visible_to(self.user)
            self.fields["indicator"].queryset = Indicator.objects.visible_to(self.user).filter(shown)

    def _settle_identity(self) -> None:
        """Leave out what stays, and write the stored numbers in the display unit."""
        for name in self.IDENTITY:
            del self.fields[name]
        indicator = self.instance.indicator
        self.initial["annual"] = write_amount(indicator, self.instance.annual)
        shape = shape_of(self.instance.annual, self.instance.curve)
        typed = self.instance.curve if shape == "typed" else []
        self.initial |= {"shape": shape, "curve": [write_amount(indicator, value) for value in typed]}

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"annual", "curve"}

    @property
    def measured(self) -> Indicator | None:
        """The indicator whose unit the numbers are in, as far as it is chosen."""
        if self.instance.pk:
            return self.instance.indicator
        if hasattr(self, "cleaned_data"):
            return self.cleaned_data.get("indicator")
        return self.fields["indicator"].queryset.filter(code=self["indicator"].value() or "").first()

    @property
    def unit(self) -> str:
        """What the numbers are in; empty before an indicator is chosen."""
        return self.measured.display_unit if self.measured else ""

    def clean_annual(self) -> Any:
        text = self.cleaned_data["annual"]
        if self.measured is None:
            return text
        try:
            return read_annual(self.measured, text)
        except Unreadable as mistake:
            raise ValidationError(_("%(sentence)s。") % {"sentence": str(mistake).rstrip("。")}) from mistake

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        indicator, annual = self.measured, cleaned.get("annual")
        if indicator is not None and isinstance(annual, int):
            cleaned["curve"] = self._shaped(indicator, annual, cleaned.get("curve") or [])
        if indicator is not None and not self.instance.pk:
            self._check_in_force(indicator)
        return cleaned

    def _shaped(self, indicator: Indicator, annual: int, texts: list[str]) -> list[int]:
        """The twelve numbers of the chosen way; without a choice typed ones are taken as they are."""
        chosen = self.cleaned_data.get("shape") or ("typed" if texts else "monthly")
        if chosen == "typed":
            if not texts:
                self.add_error("curve", _("选了分月填写，请填12个月的累计目标。"))
            return self._read_curve(indicator, annual, texts)
        if texts:
            way = dict(SHAPES)[chosen]
            self.add_error("shape", _("填了分月累计目标，请选分月填写；要%(way)s的，请清空12个月。") % {"way": way})
        steps = quarterly(annual) if chosen == "quarterly" else []
        for sentence in curve_mistakes(indicator, annual, steps):
            self.add_error("shape", sentence)
        return steps

    def _read_curve(self, indicator: Indicator, annual: int, texts: list[str]) -> list[int]:
        empty = [write_period(FIRST_YEAR, month) for month, text in enumerate(texts, 1) if not text]
        if empty:
            sentence = _("分月累计目标要么12个月都填，要么都不填，还差%(months)s。")
            self.add_error("curve", sentence % {"months": "、".join(empty)})
            return []
        curve = []
        for month, text in enumerate(texts, 1):
            try:
                curve.append(read_amount(indicator, text))
            except Unreadable as mistake:
                said = {"month": month, "sentence": str(mistake).rstrip("。")}
                self.add_error("curve", _("%(month)s月：%(sentence)s。") % said)
        if len(curve) == len(texts):
            for sentence in curve_mistakes(indicator, annual, curve):
                self.add_error("curve", sentence)
        return curve

    def _check_in_force(self, indicator: Indicator) -> None:
        park, year = self.cleaned_data.get("park"), self.cleaned_data.get("year")
        if park is None or year is None:
            return
        if not Indicator.objects.in_force(park.region, year).filter(pk=indicator.pk).exists():
            sentence = _("指标“%(name)s”在%(park)s%(year)s年不使用。")
            self.add_error("indicator", sentence % {"name": indicator.name, "park": park, "year": year})

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "shape"}

    def yield_to(self, current: Model) -> list[dict[str, str]]:
        both = super().yield_to(current)
        if isinstance(current, Target) and "curve" in self.data:  # the bare name: the other's months were taken over
            self.data["shape"] = shape_of(current.annual, current.curve)
        return both

    def _typed(self, name: str, value: Any) -> str:
        indicator = self.instance.indicator
        if name == "annual":
            return write_amount(indicator, value)
        if name == "curve":
            typed = value if value and value != quarterly(value[-1]) else []
            return " ".join(write_amount(indicator, one) for one in typed)
        return super()._typed(name, value)

    def _say(self, row: Any, name: str, value: Any) -> str:
        indicator = row.indicator
        if name == "annual":
            return say_amount(indicator, value)
        if name == "curve":
            return "、".join(say_amount(indicator, one) for one in value) or _("没有分月")
        return say_basis(value) if name == "basis" else super()._say(row, name, value)
