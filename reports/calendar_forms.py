"""The form of a region's rhythm: when entry closes, when the circular is out, and how the year is paced."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from parkportal.admin import ReferenceForm
from parkportal.models import Region


class DayOfMonthField(forms.IntegerField):
    """A day of the next month, or none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, min_value=1, max_value=31, **kwargs)
        wrong = _("%(label)s写1到31的一个日子，不设就空着。") % {"label": self.label}
        self.error_messages["invalid"] = wrong
        for validator in self.validators:
            validator.message = wrong  # type: ignore[attr-defined]


class RegionForm(ReferenceForm):
    """How a region reports; it notices when somebody changed the region meanwhile."""

    cutoff_day = DayOfMonthField(label=_("截止填报日"))
    publication_day = DayOfMonthField(label=_("通报日"))

    class Meta:
        model = Region
        fields = ("cutoff_day", "publication_day", "merges_january_february", "rhythm")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        closes, out = cleaned.get("cutoff_day"), cleaned.get("publication_day")
        if closes and out and out < closes:
            self.add_error("publication_day", _("通报日不能早于截止填报日。"))
        return cleaned

    FIELDS: ClassVar = Meta.fields

    def values(self) -> dict[str, Any]:
        """The columns to be written."""
        return {name: self.cleaned_data[name] for name in self.FIELDS}
