"""The form of a project's papers: one row each, and an empty one for the next."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parkportal.forms import DayField, MoneyField, speak
from parkportal.models import Precision
from parkportal.writing import earliest, write_date
from projects.forms.sections import Text, precision_field
from projects.models import Contract, Project
from projects.services.contracts import COLUMNS, MOST

KINDS = [("", _("没有")), *Project.ContractType.choices[::-1]]


class PaperForm(forms.Form):
    """One paper; a row in which nothing is typed is none."""

    use_required_attribute = False
    type = forms.ChoiceField(label=_("类型"), choices=KINDS, required=False)
    number = Text(label=_("合同编号"), max_length=60, required=False)
    signed_on = DayField(label=_("签订时间"), past=True, required=False)
    signed_on_precision = precision_field()
    amount = MoneyField(label=_("金额"), required=False)
    kept_at = Text(label=_("存放处"), max_length=100, required=False)
    note = Text(label=_("说明"), max_length=300, required=False)

    def __init__(self, *args: Any, columns: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(COLUMNS) - set(columns):
            del self.fields[name]
        for field in self.fields.values():
            speak(field, str(field.label))
        self.fields["type"].choices = KINDS  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if "signed_on" in self.fields and "signed_on" in cleaned:
            day, written = cleaned["signed_on"] or (None, Precision.DAY)
            chosen = cleaned.get("signed_on_precision") or Precision.DAY
            precision = written if written != Precision.DAY or day is None else chosen
            cleaned |= {"signed_on": earliest(day, precision) if day else None, "signed_on_precision": precision}
        typed = [name for name in self.fields if name not in {"type", "signed_on_precision"} and cleaned.get(name)]
        if typed and not cleaned.get("type"):
            self.add_error("type", _("请选择合同类型；不再登记这份合同的，请清空这一行。"))
        return cleaned

    def paper(self) -> dict[str, Any] | None:
        """The columns of the paper; None for an empty row."""
        return {name: self.cleaned_data[name] for name in self.fields} if self.cleaned_data.get("type") else None

    @property
    def main(self) -> list[Any]:
        """The fields beside their precision, with their widths."""
        widths = {"type": 4, "number": 8, "signed_on": 4, "amount": 4, "kept_at": 4, "note": 12}
        return [(self[name], widths[name]) for name in widths if name in self.fields]


class PaperRows(forms.BaseFormSet):  # type: ignore[type-arg]
    """The papers together."""

    def papers(self) -> list[dict[str, Any]]:
        """The rows in which something is typed."""
        return [paper for form in self.forms if (paper := form.paper())]


PaperFormSet = forms.formset_factory(
    PaperForm, formset=PaperRows, extra=1, max_num=MOST, absolute_max=MOST, validate_max=True
)


def shown(papers: Iterable[Contract], columns: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """Stored papers as the form shows them."""
    return [{name: _shown(paper, name) for name in columns} for paper in papers]


def _shown(paper: Contract, name: str) -> Any:
    value = getattr(paper, name)
    return write_date(value, paper.signed_on_precision) if isinstance(value, date) else value
