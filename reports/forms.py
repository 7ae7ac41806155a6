"""Forms of indicators."""

import re
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.models import Chain
from parkportal.forms import EntryForm
from parkportal.models import Park, Region, User
from parkportal.writing import Unreadable, clean_text, read_money
from reports.formulas import base_label, column_label, proposed
from reports.indicator_bar import FilterBar
from reports.indicators import NO_PHRASE, UNITS, BadPart, check, check_end, free_code, read_filter, twin_of, usual_unit
from reports.models import Indicator
from reports.sources import REPORTED, SOURCES, Source

FIRST_YEAR, LAST_YEAR = 2000, 2100
RATIO: Final = "ratio"
"""What stands for the source of an indicator that divides two others."""
TAKEN: Final = frozenset({"new", "compile", "headline"})
"""Words that addresses use where a code stands."""


class IndicatorChoice(forms.ModelChoiceField):
    """An indicator by its code, with its unit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(to_field_name="code", **kwargs)

    def label_from_instance(self, row: Any) -> str:
        sentence = _("%(name)s（%(unit)s）") if row.is_assessed else _("%(name)s（%(unit)s，监测指标）")
        return sentence % {"name": row.name, "unit": row.display_unit}


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
        try:
            check_end(self.instance, until)
        except BadPart as mistake:
            raise ValidationError(str(mistake)) from mistake
        return until

    def clean_amber_points(self) -> int:
        points = self.cleaned_data["amber_points"]
        if points > 100:
            raise ValidationError(_("黄灯幅度在0至100个百分点之间，现在是%(points)s。") % {"points": points})
        return int(points)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("pinned") and not cleaned.get("lead_phrase"):
            self.add_error("lead_phrase", NO_PHRASE)
        return cleaned


def places_of(user: User) -> Any:
    """The regions for which a person may define indicators: their own and those of the parks they see."""
    return Region.objects.filter(Q(pk=user.region_id) | Q(park__in=Park.objects.visible_to(user))).distinct()


def columns(source: Source, kind: str, measure: str) -> list[tuple[str, str]]:
    """What a source can add up (“sums”) or tell apart (“keys”), as measures with labels."""
    return [(f"{measure} {name}", column_label(source, name)) for name in sorted(getattr(source, kind))]


def dates(source: Source) -> list[tuple[str, str]]:
    """The dates that can book a row of a source, with labels."""
    return [(name, base_label(source, name)) for name in source.bases]


class IndicatorNewForm(EntryForm):
    """A new indicator: its source says what else can be chosen; its definition is fixed once it is saved."""

    constrained = ()
    constraint_field = "measure"
    DEFAULT_SOURCE: ClassVar = "projects"
    PLAIN: ClassVar = (
        *("filter", "measure", "days_from", "days_to", "basis", "window", "cohort_date", "cohort_years"),
    )

    code = forms.CharField(label=gettext_lazy("代码"), required=False, max_length=50)
    region = forms.ModelChoiceField(
        queryset=Region.objects.none(), to_field_name="code", label=gettext_lazy("适用区域")
    )
    source = forms.ChoiceField(label=gettext_lazy("数据来源"))
    filter = forms.CharField(label=gettext_lazy("筛选条件"), required=False, max_length=1000, widget=FilterBar)
    measure = forms.ChoiceField(label=gettext_lazy("算什么"))
    days_from = forms.ChoiceField(label=gettext_lazy("天数从"), required=False)
    days_to = forms.ChoiceField(label=gettext_lazy("天数到"), required=False)
    numerator = IndicatorChoice(queryset=Indicator.objects.none(), label=gettext_lazy("分子指标"), required=False)
    denominator = IndicatorChoice(queryset=Indicator.objects.none(), label=gettext_lazy("分母指标"), required=False)
    basis = forms.ChoiceField(label=gettext_lazy("统计日期"))
    cohort_date = forms.ChoiceField(label=gettext_lazy("批次日期"), required=False)
    display_unit = forms.ChoiceField(label=gettext_lazy("显示单位"), required=False)
    decimals = forms.IntegerField(label=gettext_lazy("小数位"), required=False, min_value=0, max_value=4)
    definition = forms.CharField(
        label=gettext_lazy("口径"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 5})
    )
    proposed = forms.CharField(required=False, widget=forms.HiddenInput)
    shown_park = forms.ModelChoiceField(
        queryset=Park.objects.none(), to_field_name="code", label=gettext_lazy("看哪个园区"), required=False
    )

    class Meta:
        model = Indicator
        fields = (
            *("code", "name", "short_name", "region", "from_year", "to_year", "role", "numerator", "denominator"),
            *("basis", "window", "cohort_date", "cohort_years", "direction", "order", "pinned", "lead_phrase"),
            *("listed", "is_event", "amber_points"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = str((self.data if self.is_bound else self.initial).get("source") or self.DEFAULT_SOURCE)
        self.kind = asked
        named = [(name, source.label) for name, source in SOURCES.items()]
        self.fields["source"].choices = [*named, (RATIO, _("比率：两个指标相除")), (REPORTED, _("部门反馈数"))]
        self.fields["display_unit"].choices = [("", _("按算法自动")), *((unit, unit) for unit in UNITS)]
        for code in ("invalid", "min_value", "max_value"):
            self.fields["decimals"].error_messages[code] = _("小数位在0至4之间，不填按单位自动。")
        self.fields["region"].queryset = places_of(self.user)
        self.fields["shown_park"].queryset = Park.objects.visible_to(self.user)
        self._choose_parts()

    def _choose_parts(self) -> None:
        """Keep the parts that the source has, and offer what it knows."""
        if self.kind == RATIO:
            plain = Indicator.objects.visible_to(self.user).exclude(measure=Indicator.Measure.RATIO)
            for name in ("numerator", "denominator"):
                self.fields[name].queryset = plain
        else:
            del self.fields["numerator"], self.fields["denominator"]
        if self.kind in SOURCES:
            self._offer(SOURCES[self.kind])
        else:
            for name in self.PLAIN:
                del self.fields[name]

    def _offer(self, source: Source) -> None:
        sums, keys = columns(source, "sums", "sum"), columns(source, "keys", "distinct")
        days = [(name, column_label(source, name)) for name in sorted(source.days)]
        measures: list[Any] = [("count", _("个数"))]
        measures += [(_("合计"), sums)] if sums else []
        measures += [(_("去重计数：同一个只计一次"), keys)] if keys else []
        measures += [("avg_days", _("平均天数"))] if days else []
        none = ("", gettext_lazy("不选"))
        offered = {"measure": measures, "basis": dates(source), "cohort_date": [none, *dates(source)]}
        offered |= dict.fromkeys(("days_from", "days_to"), [none, *days])
        for name, choices in offered.items():
            self.fields[name].choices = choices
        bar = self.fields["filter"].widget
        bar.source = source
        bar.chains = Chain.objects.filter(region__in=places_of(self.user))

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if code and (not re.fullmatch(r"[a-z][a-z0-9_]*", code) or code in TAKEN):
            raise ValidationError(_("代码用小写英文字母、数字和下划线，以字母开头，如projects_500m。"))
        return code or free_code()

    def clean_filter(self) -> str:
        bar = self.fields["filter"].widget
        try:
            for key, value in parse_qsl(self.cleaned_data["filter"]):
                if bar.is_amount(key) and not value.isdigit():
                    read_money(value)
            return read_filter(self.cleaned_data["filter"])
        except (BadPart, Unreadable) as mistake:
            raise ValidationError(_("%(sentence)s。") % {"sentence": str(mistake).rstrip("。")}) from mistake

    clean_amber_points = IndicatorForm.clean_amber_points

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        since, until = cleaned.get("from_year"), cleaned.get("to_year")
        if since is not None and until is not None and until < since:
            self.add_error("to_year", _("终止年不能早于起始年%(since)s。") % {"since": since})
        if "cohort_date" in cleaned and bool(cleaned["cohort_date"]) != bool(cleaned.get("cohort_years")):
            self.add_error("cohort_years", _("批次日期和批次年数要一起填写。"))
        return cleaned

    def _post_clean(self) -> None:
        """Compose what is chosen in parts, and say beside the part what cannot be evaluated."""
        made, cleaned = self.instance, self.cleaned_data
        measure, _space, column = cleaned.get("measure", "").partition(" ")
        days = [cleaned.get(name, "") for name in ("days_from", "days_to")]
        made.source, made.filter = "" if self.kind == RATIO else self.kind, cleaned.get("filter", "")
        made.measure = {RATIO: Indicator.Measure.RATIO, REPORTED: Indicator.Measure.SUM}.get(self.kind, measure)
        made.measure_fields = " ".join(filter(None, [column, *days]))
        super()._post_clean()
        if not self.errors:
            self._settle_unit()
            try:
                check(made)
            except BadPart as mistake:
                self.add_error(self._field_of(mistake.field), str(mistake))
        if not self.errors and self.data.get("action") != "preview" and (twin := twin_of(made)):
            said = _("已经有同名同口径的指标%(code)s，不用再建；要另建，请改名称或口径。")
            self.add_error("name", said % {"code": twin.code})
        if not self.errors:
            self._settle_words()

    def _settle_unit(self) -> None:
        """The unit and the decimals, as chosen or as the measure asks."""
        made, chosen = self.instance, self.cleaned_data.get("display_unit", "")
        made.display_unit = chosen or usual_unit(made)
        made.unit = UNITS.get(made.display_unit, "")
        decimals = self.cleaned_data.get("decimals")
        usual = 1 if made.display_unit in {"亿元", "%", "天"} else 0
        made.decimals = usual if decimals is None else decimals

    def _settle_words(self) -> None:
        """The definition: what is typed, or a proposal that follows the parts as long as nobody mends it."""
        typed, words = self.cleaned_data.get("definition", ""), proposed(self.instance)
        follows = typed in {"", clean_text(self.cleaned_data.get("proposed", ""))}
        self.instance.definition = words if follows else typed
        self.data = self.data.copy()
        self.data["definition"], self.data["proposed"] = self.instance.definition, words

    def _field_of(self, column: str) -> str:
        """The field beside which a mistake in a column is said."""
        average = self.instance.measure == Indicator.Measure.AVG_DAYS
        named = {"measure_fields": "days_from" if average else "measure"}.get(column, column)
        return named if named in self.fields else "source"

    def values(self) -> dict[str, Any]:
        composed = ("source", "filter", "measure", "measure_fields", "unit", "display_unit", "decimals", "definition")
        return {name: getattr(self.instance, name) for name in (*self._meta.fields, *composed)}

    @property
    def park(self) -> Park | None:
        """The park whose months the preview shows: the chosen one, else the first of the region."""
        chosen = self.cleaned_data.get("shown_park")
        parks = Park.objects.visible_to(self.user).filter(region=self.instance.region)
        return chosen or parks.select_related("region").order_by("code").first()

    def clashes(self) -> bool:
        try:
            self.instance.validate_unique()
        except ValidationError as taken:
            self.add_error("code", taken.messages)
            return True
        return super().clashes()


def as_typed(indicator: Indicator) -> dict[str, Any]:
    """A new form's values that make the same indicator again, without its code and years."""
    values = {name: getattr(indicator, name) for name in IndicatorNewForm.Meta.fields}
    fields = indicator.measure_fields.split()
    average = indicator.measure == Indicator.Measure.AVG_DAYS
    parts = {part: getattr(indicator, part) and getattr(indicator, part).code for part in ("numerator", "denominator")}
    parts |= dict(zip(("days_from", "days_to"), fields, strict=True)) if average else {}
    return (
        values
        | parts
        | {
            "code": "",
            "region": indicator.region and indicator.region.code,
            "source": RATIO if indicator.measure == Indicator.Measure.RATIO else indicator.source,
            "filter": indicator.filter,
            "measure": indicator.measure if average else " ".join([indicator.measure, *fields]),
            **{name: getattr(indicator, name) for name in ("display_unit", "decimals", "definition")},
        }
    )
