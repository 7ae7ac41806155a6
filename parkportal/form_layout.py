"""What the form tags need to know of Django's fields: their layout, their control, their errors."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.forms import (
    BaseForm,
    CheckboxInput,
    CheckboxSelectMultiple,
    Field,
    FileInput,
    RadioSelect,
    Select,
    SelectMultiple,
    Textarea,
)
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


def kind_of(bound: BoundField) -> str:
    """Name the layout that a widget needs."""
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        return "check"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, Select) and not isinstance(widget, SelectMultiple):
        return "select"
    return "area" if isinstance(widget, Textarea) else "file" if isinstance(widget, FileInput) else "input"


def control_of(bound: BoundField, unit: str, described_by: Sequence[str]) -> SafeString:
    """Render the widget with our class, its hint and error, and what the script needs to convert money."""
    attrs: dict[str, Any] = {"class": f"in {bound.field.widget.attrs.get('class', '')}".strip()}
    if described_by:
        attrs["aria-describedby"] = " ".join(described_by)
    if unit == "万元":
        attrs |= {"data-money": unit, "inputmode": "decimal"}
    return bound.as_widget(attrs=attrs)


def precision_control(bound: BoundField, precision: BoundField) -> SafeString:
    """Render the select beside a date that says how exact it is."""
    return precision.as_widget(
        attrs={"class": "in exactness", "aria-label": _("%(label)s的精度") % {"label": bound.label}}
    )


def sentences_of(bound: BoundField) -> list[str]:
    """Write a field's errors; Django's bare “required” names the field and says what to do."""
    bare = str(Field.default_error_messages["required"])
    verb = _("请选择%(label)s") if kind_of(bound) in ("select", "choices") else _("请填写%(label)s")
    return [verb % {"label": bound.label} if str(error) == bare else str(error) for error in bound.errors]


def mistakes_of(form: "BaseForm | BaseFormSet[Any]") -> Iterable[tuple[str, str]]:
    """Yield (id of the control or "", sentence) for each error of a form or formset, in the order of the page."""
    if isinstance(form, BaseFormSet):
        yield from (("", str(message)) for message in form.non_form_errors())
        for part in form.forms:
            yield from mistakes_of(part)
        return
    yield from (("", str(message)) for message in form.non_field_errors())
    for bound in form:
        target = "" if bound.is_hidden else bound.id_for_label or f"{bound.auto_id}_0"
        yield from ((target, sentence) for sentence in sentences_of(bound))
