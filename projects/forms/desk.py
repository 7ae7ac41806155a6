"""Forms of what people arrange for themselves: usual filters, and the columns of the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from parkportal.exports import Column
from parkportal.forms import speak
from parkportal.models import SavedFilter, User


class SavedFilterForm(forms.ModelForm):
    """The name of a filter, and whether colleagues may use it."""

    use_required_attribute = False

    class Meta:
        model = SavedFilter
        fields = ("name", "shared")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        speak(self.fields["name"], str(self.fields["name"].label))

    def clean_name(self) -> str:
        """A name that the person does not use yet."""
        name: str = self.cleaned_data["name"]
        others = SavedFilter.objects.filter(user=self.user, page=self.instance.page, name=name)
        if others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("你已有同名的常用筛选，请换一个名称。"))
        return name


@dataclass(frozen=True)
class Catalogue:
    """The columns of a list from which a person chooses, and the one that names its rows."""

    columns: Sequence[Column]
    first: str
    route: str
    heading: Any


class ColumnsForm(forms.Form):
    """Which columns of a list a person sees, each with its place; without a place they stand at the end."""

    PLACE: ClassVar = "place-"

    def __init__(self, data: Any = None, *, catalogue: Catalogue, chosen: list[str]) -> None:
        super().__init__(data)
        self.chosen, self.catalogue = chosen, catalogue
        self.by_key = {column.key: column for column in catalogue.columns}
        for column in catalogue.columns:
            field = forms.IntegerField(required=False, min_value=1, max_value=99, label=str(column.heading))
            field.error_messages |= dict.fromkeys(("invalid", "min_value", "max_value"), _("次序填1至99的整数。"))
            self.fields[f"{self.PLACE}{column.key}"] = field

    def rows(self) -> list[dict[str, Any]]:
        """Each column with its place: the chosen ones in their order, then the others."""
        keys = [*self.chosen, *(key for key in self.by_key if key not in self.chosen)]
        places = {key: n for n, key in enumerate(self.chosen, 1)}
        return [
            {
                "key": key,
                "heading": self.by_key[key].heading,
                "on": key in places,
                "always": key == self.catalogue.first,
                "place": places.get(key, ""),
                "bound": self[f"{self.PLACE}{key}"],
            }
            for key in keys
        ]

    def wanted(self, ticked: list[str]) -> list[str]:
        """The ticked columns in the order of their places."""
        known = [key for key in self.by_key if key in ticked or key == self.catalogue.first]
        return sorted(known, key=lambda key: (self.cleaned_data.get(f"{self.PLACE}{key}") or 100, known.index(key)))
