"""Forms of targets and indicators."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.forms import EntryForm
from parkportal.models import Park, Region, User
from parkportal.writing import Unreadable, write_period
from reports.formulas import base_label, column_label
from reports.indicators import UNITS, BadPart, check, read_filter
from reports.models import Indicator, Target
from reports.sources import REPORTED, SOURCES
from reports.targets import curve_mistakes, read_amount, say_amount, say_basis, write_amount

MONTHS: Final = range(1, 13)
FIRST_YEAR, LAST_YEAR = 2000, 2100


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


class IndicatorChoice(forms.ModelChoiceField):
    """An indicator by its code, with its unit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(to_field_name="code", **kwargs)

    def label_from_instance(self, row: Any) -> str:
        sentence = _("%(name)s（%(unit)s）") if row.is_assessed else _("%(name)s（%(unit)s，监测指标）")
        return sentence % {"name": row.name, "unit": row.display_unit}


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

    class Meta:
        model = Target
        fields = (
            *("park", "indicator", "year", "level", "annual", "basis", "document", "authority"),
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
        self.initial["curve"] = [write_amount(indicator, value) for value in self.instance.curve]

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
            annual = read_amount(self.measured, text)
        except Unreadable as mistake:
            raise ValidationError(_("%(sentence)s。") % {"sentence": str(mistake).rstrip("。")}) from mistake
        if not annual:
            raise ValidationError(_("年度目标应大于0；没有目标的不用填。"))
        return annual

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        indicator, annual = self.measured, cleaned.get("annual")
        if indicator is not None and isinstance(annual, int):
            cleaned["curve"] = self._read_curve(indicator, annual, cleaned.get("curve") or [])
        if indicator is not None and not self.instance.pk:
            self._check_in_force(indicator)
        return cleaned

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

    def _typed(self, name: str, value: Any) -> str:
        indicator = self.instance.indicator
        if name == "annual":
            return write_amount(indicator, value)
        if name == "curve":
            return " ".join(write_amount(indicator, one) for one in value)
        return super()._typed(name, value)

    def _say(self, row: Any, name: str, value: Any) -> str:
        indicator = row.indicator
        if name == "annual":
            return say_amount(indicator, value)
        if name == "curve":
            return "、".join(say_amount(indicator, one) for one in value) or _("没有分月")
        return say_basis(value) if name == "basis" else super()._say(row, name, value)


class IndicatorForm(EntryForm):
    """What may change of an indicator without making it another figure."""

    constrained = ()

    class Meta:
        model = Indicator
        fields = ("short_name", "order", "pinned", "lead_phrase", "definition", "amber_points", "listed", "to_year")
        widgets: ClassVar = {"definition": forms.Textarea(attrs={"rows": 5})}

    def clean_to_year(self) -> int | None:
        until, since = self.cleaned_data["to_year"], self.instance.from_year
        if until is not None and not since <= until <= LAST_YEAR:
            sentence = _("终止年应在起始年%(since)s至%(last)s之间，现在是%(until)s。")
            raise ValidationError(sentence % {"since": since, "last": LAST_YEAR, "until": until})
        return until

    def clean_amber_points(self) -> int:
        points = self.cleaned_data["amber_points"]
        if points > 100:
            raise ValidationError(_("黄灯幅度在0至100个百分点之间，现在是%(points)s。") % {"points": points})
        return int(points)


def column_choices(kind: str) -> list[tuple[str, str]]:
    """What sources can add up (“sums”), tell apart (“keys”) or measure between (“days”), with labels."""
    found: dict[str, str] = {}
    for source in SOURCES.values():
        for name in sorted(getattr(source, kind)):
            found.setdefault(name, column_label(source, name))
    return list(found.items())


def base_choices() -> list[tuple[str, str]]:
    """The dates that can book a row, with labels."""
    found: dict[str, str] = {}
    for source in SOURCES.values():
        for name in source.bases:
            found.setdefault(
                name, _("%(date)s（%(source)s）") % {"date": base_label(source, name), "source": source.label}
            )
    return list(found.items())


def places_of(user: User) -> Any:
    """The regions for which a person may define indicators: their own and those of the parks they see."""
    return Region.objects.filter(Q(pk=user.region_id) | Q(park__in=Park.objects.visible_to(user))).distinct()


NO_CHOICE: Final = ("", gettext_lazy("不选"))


class IndicatorNewForm(EntryForm):
    """A new indicator: its definition is fixed once it is saved."""

    constrained = ()
    constraint_field = "measure"

    region = forms.ModelChoiceField(
        queryset=Region.objects.none(), to_field_name="code", label=gettext_lazy("适用区域")
    )
    source = forms.ChoiceField(label=gettext_lazy("数据来源"), required=False)
    filter = forms.CharField(label=gettext_lazy("筛选条件"), required=False, max_length=1000)
    measured = forms.ChoiceField(label=gettext_lazy("合计或去重什么"), required=False)
    days_from = forms.ChoiceField(label=gettext_lazy("天数从"), required=False)
    days_to = forms.ChoiceField(label=gettext_lazy("天数到"), required=False)
    numerator = IndicatorChoice(queryset=Indicator.objects.none(), label=gettext_lazy("分子指标"), required=False)
    denominator = IndicatorChoice(queryset=Indicator.objects.none(), label=gettext_lazy("分母指标"), required=False)
    basis = forms.ChoiceField(label=gettext_lazy("统计日期"), required=False)
    cohort_date = forms.ChoiceField(label=gettext_lazy("批次日期"), required=False)
    display_unit = forms.ChoiceField(label=gettext_lazy("显示单位"), choices=[(unit, unit) for unit in UNITS])

    class Meta:
        model = Indicator
        fields = (
            *("code", "name", "short_name", "region", "from_year", "to_year", "role", "source", "filter"),
            *("measure", "numerator", "denominator", "basis", "window", "cohort_date", "cohort_years"),
            *("display_unit", "decimals", "direction", "order", "pinned", "lead_phrase", "definition", "listed"),
            *("is_event", "amber_points"),
        )
        widgets: ClassVar = {"definition": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(name, source.label) for name, source in SOURCES.items()]
        days = [NO_CHOICE, *column_choices("days")]
        choices = {
            "source": [NO_CHOICE, *named, (REPORTED, _("部门反馈数"))],
            "measured": [NO_CHOICE, (_("合计"), column_choices("sums")), (_("去重计数"), column_choices("keys"))],
            "days_from": days,
            "days_to": days,
            "basis": [NO_CHOICE, *base_choices()],
            "cohort_date": [NO_CHOICE, *base_choices()],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered
        self.fields["region"].queryset = places_of(self.user)
        for name in ("numerator", "denominator"):
            self.fields[name].queryset = Indicator.objects.visible_to(self.user).exclude(
                measure=Indicator.Measure.RATIO
            )

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if not re.fullmatch(r"[a-z][a-z0-9_]*", code) or code == "new":
            raise ValidationError(_("代码用小写英文字母、数字和下划线，以字母开头，如projects_500m。"))
        return code

    def clean_filter(self) -> str:
        try:
            return read_filter(self.cleaned_data["filter"])
        except BadPart as mistake:
            raise ValidationError(str(mistake)) from mistake

    def clean_decimals(self) -> int:
        decimals = int(self.cleaned_data["decimals"])
        if decimals > 4:
            raise ValidationError(_("小数位在0至4之间，现在是%(n)s。") % {"n": decimals})
        return decimals

    clean_amber_points = IndicatorForm.clean_amber_points

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        since, until = cleaned.get("from_year"), cleaned.get("to_year")
        if since is not None and until is not None and until < since:
            self.add_error("to_year", _("终止年不能早于起始年%(since)s。") % {"since": since})
        if bool(cleaned.get("cohort_date")) != bool(cleaned.get("cohort_years")):
            self.add_error("cohort_years", _("批次日期和批次年数要一起填写。"))
        return cleaned

    def _post_clean(self) -> None:
        """Compose what is typed in parts, and say beside the part what cannot be evaluated."""
        days = [self.cleaned_data.get(name, "") for name in ("days_from", "days_to")]
        self.instance.measure_fields = " ".join(filter(None, [self.cleaned_data.get("measured", ""), *days]))
        self.instance.unit = UNITS.get(self.cleaned_data.get("display_unit", ""), "")
        super()._post_clean()
        if not self.errors:
            try:
                check(self.instance)
            except BadPart as mistake:
                self.add_error(self._field_of(mistake.field), str(mistake))

    def _field_of(self, column: str) -> str:
        """The field beside which a mistake in a column is said."""
        average = self.instance.measure == Indicator.Measure.AVG_DAYS
        return {"measure_fields": "days_from" if average else "measured"}.get(column, column)

    def values(self) -> dict[str, Any]:
        return {name: getattr(self.instance, name) for name in (*self._meta.fields, "measure_fields", "unit")}

    def clashes(self) -> bool:
        try:
            self.instance.validate_unique()
        except ValidationError as taken:
            self.add_error("code", taken.messages)
            return True
        return super().clashes()
