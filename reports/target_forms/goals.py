"""The form of a long-term goal."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.models import Chain
from parkportal.forms import EntryForm
from parkportal.models import Park
from parkportal.writing import Unreadable
from reports.forms import FIRST_YEAR, LAST_YEAR, places_of
from reports.indicators import UNITS
from reports.models import Indicator, LongTermGoal
from reports.targets import read_annual, write_amount


class GoalForm(EntryForm):
    """What a park or the whole region wants to have reached by a year."""

    place = forms.ChoiceField(label=gettext_lazy("谁的目标"))
    year = forms.IntegerField(label=gettext_lazy("到哪一年"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    chain = forms.ModelChoiceField(
        queryset=Chain.objects.none(), to_field_name="code", required=False, label=gettext_lazy("产业链")
    )
    amount = forms.CharField(label=gettext_lazy("目标数"), max_length=40)
    unit = forms.ChoiceField(label=gettext_lazy("计量单位"), choices=[(unit, unit) for unit in UNITS])
    constrained = ()

    class Meta:
        model = LongTermGoal
        fields = ("name", "year", "amount", "unit", "chain", "document", "basis")
        widgets: ClassVar = {"basis": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions, parks = places_of(self.user), Park.objects.visible_to(self.user)
        self.places: dict[str, Any] = {f"region:{row.code}": row for row in regions}
        self.places |= {f"park:{row.code}": row for row in parks}
        self.fields["chain"].queryset = Chain.objects.filter(region__in=regions)
        if self.instance.pk:
            del self.fields["place"]
            amount = write_amount(self._measured(self.instance.unit), self.instance.amount)
            self.initial |= {"amount": amount, "chain": self.instance.chain}
        else:
            self.fields["place"].choices = [(key, str(row)) for key, row in self.places.items()]

    @staticmethod
    def _measured(unit: str) -> Indicator:
        """A figure in that unit, as far as reading and writing numbers needs one."""
        return Indicator(display_unit=unit)

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"amount"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        unit, text = cleaned.get("unit"), cleaned.get("amount")
        if unit and isinstance(text, str):
            try:
                cleaned["amount"] = read_annual(self._measured(unit), text)
            except Unreadable as mistake:
                self.add_error("amount", _("%(sentence)s。") % {"sentence": str(mistake).rstrip("。")})
        chain = cleaned.get("chain")
        place = self._place()
        if chain and place and chain.region_id != getattr(place, "region_id", place.pk):
            raise ValidationError({"chain": _("这条产业链不在这个地方。")})
        return cleaned

    def _place(self) -> Any:
        if self.instance.pk:
            return self.instance.park or self.instance.region
        return self.places.get(self.cleaned_data.get("place", ""))

    def values(self) -> dict[str, Any]:
        values = super().values()
        place = values.pop("place", None)
        if place:
            values[place.partition(":")[0]] = self.places[place]
        return values

    def _typed(self, name: str, value: Any) -> str:
        if name == "amount":
            return write_amount(self._measured(self.instance.unit), value)
        return super()._typed(name, value)
