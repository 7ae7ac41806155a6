"""Forms of what authorities confirmed: one figure, and how their list is chosen."""

from datetime import date
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.filtering import Codes, StrictFilterSet, visible_parks
from parkportal.forms import EntryForm
from parkportal.models import Park, User
from parkportal.writing import Unreadable, clean_text
from reports.filters import Periods, visible_indicators
from reports.forms import FIRST_YEAR, IndicatorChoice
from reports.models import Indicator, ReportedFigure, Scorecard
from reports.periods import BadPeriod, Period
from reports.reported_figures import read_reported, taken, write_reported
from reports.targets.scope import is_used

MONTH_INPUT = forms.TextInput(attrs={"type": "month"})


def last_period(user: User) -> str:
    """The latest month of which the person may read a scorecard, else the one before this."""
    months = Scorecard.objects.visible_to(user).exclude(period__endswith="final").order_by("-period")
    known = months.values_list("period", flat=True).first()
    return known or str(Period.of(timezone.localdate()).previous())


def read_month(text: str, *, closing: bool = False) -> str:
    """A period as it is stored; ValidationError for what is none, and for a closing one where none fits."""
    try:
        period = Period.parse(clean_text(text))
    except BadPeriod as mistake:
        raise ValidationError(_("%(sentence)s。") % {"sentence": mistake}) from mistake
    if period.closing and not closing:
        raise ValidationError(_("年终核定照12月的反馈数算，请改12月的，如“2020-12”。"))
    return str(period)


class ReportedFigureForm(EntryForm):
    """What an authority confirmed; once entered, its park, indicator and period stay."""

    constrained = ()
    IDENTITY: ClassVar = ("park", "indicator", "period")

    park = forms.ModelChoiceField(queryset=Park.objects.none(), to_field_name="code", label=gettext_lazy("园区"))
    indicator = IndicatorChoice(queryset=Indicator.objects.none(), label=gettext_lazy("指标"))
    period = forms.CharField(label=gettext_lazy("截至月份"), max_length=10, widget=MONTH_INPUT)
    numerator = forms.CharField(label=gettext_lazy("1月起累计数"), max_length=40, required=False)
    received_on = forms.DateField(
        label=gettext_lazy("收到日期"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("收到日期写成“2020-10-09”这样。")},
    )

    class Meta:
        model = ReportedFigure
        fields = ("park", "indicator", "period", "numerator", "rank", "authority", "received_on", "proof")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pair: tuple[int | None, int] = (None, 1)
        self.now: ReportedFigure = self.instance
        if self.instance.pk:
            for name in self.IDENTITY:
                del self.fields[name]
            self.initial["numerator"] = write_reported(self.instance)
        else:
            self.fields["park"].queryset = Park.objects.visible_to(self.user)  # type: ignore[attr-defined]
            kept = Q(listed=True) | Q(source="reported")
            self.fields["indicator"].queryset = Indicator.objects.visible_to(self.user).filter(kept)  # type: ignore[attr-defined]

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"numerator", "period"}

    def validate_constraints(self) -> None:
        """A withdrawn figure of the same park, indicator and period is no obstacle: it is taken up again."""
        if self.instance.pk or self.errors:
            return
        same = {name: self.cleaned_data[name] for name in self.IDENTITY}
        if there := ReportedFigure.objects.kept().filter(**same).select_related("indicator").first():
            self.add_error("indicator", taken(there))

    @property
    def measured(self) -> Indicator | None:
        """The indicator in whose unit the figure is, as far as it is chosen."""
        chosen: Indicator | None = self.instance.indicator if self.instance.pk else None
        if chosen or hasattr(self, "cleaned_data"):
            return chosen or self.cleaned_data.get("indicator")
        known: QuerySet[Indicator] = self.fields["indicator"].queryset  # type: ignore[attr-defined]
        asked = str(self["indicator"].value() or "")
        return next((one for one in known if one.code == asked), None)

    @property
    def unit(self) -> str:
        """What the figure is in; empty before an indicator is chosen."""
        return self.measured.display_unit if self.measured else ""

    def clean_period(self) -> str:
        period = read_month(self.cleaned_data["period"])
        if Period.parse(period) > Period.of(timezone.localdate()):
            raise ValidationError(_("%(period)s还没有到，不能登记反馈数。") % {"period": period})
        return period

    def clean_numerator(self) -> Any:
        text = self.cleaned_data["numerator"]
        if not text or self.measured is None:
            return None
        try:
            self.pair = read_reported(self.measured, text)
        except Unreadable as mistake:
            raise ValidationError(_("%(sentence)s。") % {"sentence": str(mistake).rstrip("。")}) from mistake
        return self.pair[0]

    def clean_rank(self) -> int | None:
        rank: int | None = self.cleaned_data["rank"]
        if rank == 0:
            raise ValidationError(_("通报位次从1开始。"))
        return rank

    def clean_received_on(self) -> date | None:
        day: date | None = self.cleaned_data["received_on"]
        if day and day > timezone.localdate():
            raise ValidationError(_("收到日期不能晚于今天。"))
        if day and day.year < FIRST_YEAR:
            said = {"first": FIRST_YEAR, "day": day.isoformat()}
            raise ValidationError(_("收到日期应在%(first)s年以后，现在是%(day)s。") % said)
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        park, indicator = cleaned.get("park"), cleaned.get("indicator")
        if park and indicator and not is_used(indicator, park):
            self.add_error("indicator", _("%(park)s所在的区域不用这项指标。") % {"park": park})
        if cleaned.get("numerator") is None and cleaned.get("rank") is None:
            self.add_error("numerator", _("累计数和通报位次至少填一项。"))
        if cleaned.get("rank") is not None and not cleaned.get("proof"):
            self.add_error("proof", _("填了通报位次，要写明通报的文号。"))
        return cleaned

    def columns(self) -> dict[str, Any]:
        """What is written beside park, indicator and period."""
        both = dict(zip(("numerator", "denominator"), self.pair, strict=True))
        return {name: value for name, value in self.values().items() if name not in self.IDENTITY} | both

    def yield_to(self, current: Model) -> list[dict[str, str]]:
        self.now = current  # type: ignore[assignment]
        return super().yield_to(current)

    def _typed(self, name: str, value: Any) -> str:
        return write_reported(self.now) if name == "numerator" else super()._typed(name, value)

    def _say(self, row: Any, name: str, value: Any) -> str:
        if name != "numerator":
            return super()._say(row, name, value)
        same = value == row.numerator
        figure = ReportedFigure(
            indicator=row.indicator, numerator=value, denominator=row.denominator if same else self.pair[1]
        )
        return f"{write_reported(figure)}{row.indicator.display_unit}" if value is not None else _("没有填写")


class ReportedFigureFilter(StrictFilterSet):
    """Filters of the list of confirmed figures."""

    park = Codes(label=gettext_lazy("园区"), queryset=visible_parks)
    indicator = Codes(label=gettext_lazy("指标"), queryset=visible_indicators)
    period = Periods(label=gettext_lazy("期间"), field_name="period")
    search = django_filters.CharFilter(label=gettext_lazy("指标、反馈单位、依据"), method="of_words")

    class Meta:
        model = ReportedFigure
        fields: list[str] = []

    def of_words(self, rows: QuerySet[ReportedFigure], _name: str, value: str) -> QuerySet[ReportedFigure]:
        """Ones whose indicator, authority or proof says it."""
        text = clean_text(value)
        said = Q(indicator__name__icontains=text) | Q(authority__icontains=text) | Q(proof__icontains=text)
        return rows.filter(said)
