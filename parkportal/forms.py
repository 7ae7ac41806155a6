"""Form fields that read what people type, and the form of a row that several people edit."""

import re
import uuid
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.history import in_words
from parkportal.models import Change, User
from parkportal.trace import plain
from parkportal.writing import (
    Unreadable,
    clean_text,
    earliest,
    read_area_mu,
    read_date,
    read_money,
    write_money,
    write_number,
)

RATE_SCALE = 1_000_000
SUGGESTIONS = 100
MOST_CHANGES = 100
OWN = frozenset({"version", "key"})
"""Fields of a form that are no columns: the version that its reader saw, and the key by which it is sent once."""


class TypedField(forms.CharField):
    """A text that is read into a value; what cannot be read keeps the reader's sentence."""

    unit = ""

    def __init__(self, *, read: Callable[[str], Any], write: Callable[[Any], str], **kwargs: Any) -> None:
        self.read, self.write = read, write
        super().__init__(empty_value=None, **kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text is None:
            return None
        try:
            return self.read(text)
        except Unreadable as mistake:
            raise ValidationError(_("%(sentence)s。") % {"sentence": str(mistake).rstrip("。")}) from mistake

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else self.write(value)

    def say(self, value: Any) -> str:
        """The value with its unit."""
        return f"{self.write(value)}{self.unit}"


class MoneyField(TypedField):
    """An amount in whole yuan (whole dollars for their units), typed as “3.2亿元” or as a number of `unit`."""

    def __init__(self, *, unit: str = "万元", **kwargs: Any) -> None:
        self.unit = unit
        super().__init__(
            read=lambda text: read_money(text, unit), write=lambda value: write_money(value, unit), **kwargs
        )


def read_rate(text: str) -> int:
    """Return millionths of yuan per dollar: “6.8101” is 6,810,100; Unreadable for anything else."""
    shown = clean_text(text)
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", shown) or not float(shown):
        raise Unreadable(_("“%(text)s”不是一个汇率，请写成“6.8101”这样，小数最多六位") % {"text": shown})
    whole, _point, decimals = shown.partition(".")
    return int(whole) * RATE_SCALE + int(decimals.ljust(6, "0"))


def write_rate(rate: int) -> str:
    """Return “6.8101” for 6,810,100."""
    return f"{rate // RATE_SCALE}.{rate % RATE_SCALE:06d}".rstrip("0").rstrip(".")


class RateField(TypedField):
    """An exchange rate in millionths of yuan per dollar."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read=read_rate, write=write_rate, **kwargs)


def write_area(hundredths: int) -> str:
    """Return “63.7” for 6370 hundredths of a 亩."""
    return write_number(Fraction(hundredths, 100), 2, strip=True)


class AreaField(TypedField):
    """An area of land in hundredths of a 亩."""

    unit = gettext_lazy("亩")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read=read_area_mu, write=write_area, **kwargs)


class DayField(TypedField):
    """A date in any of the ways it is written; cleaned to the day and how exact it is.

    Beside it stands a select named `<name>_precision`, which decides where a whole day was typed.
    """

    def __init__(self, *, past: bool = False, **kwargs: Any) -> None:
        self.past = past
        super().__init__(read=self.read_day, write=date.isoformat, **kwargs)

    def read_day(self, text: str) -> tuple[date, str]:
        """Return the earliest day and the precision; Unreadable also for a future day, where only past ones fit."""
        day, precision = read_date(text)
        if self.past and day > timezone.localdate():
            raise Unreadable(_("%(label)s不能晚于今天，现在是“%(text)s”") % {"label": self.label, "text": text})
        return day, precision


class Suggest(forms.TextInput):
    """A text input whose browser suggests rows."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.suggestions: Callable[[], list[str]] = list

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        list_id = f"{(attrs or {}).get('id', name)}_list"
        control = super().render(name, value, {**(attrs or {}), "list": list_id, "autocomplete": "off"}, renderer)
        options = format_html_join("", '<option value="{}">', ([text] for text in self.suggestions()))
        return format_html('{}<datalist id="{}">{}</datalist>', control, list_id, options)


class NamedRowField(forms.CharField):
    """One row of a queryset, typed as its code, its name, or a part of the name that only one row has."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=Suggest(), empty_value=None, **kwargs)
        self.rows: QuerySet[Any]

    def choose_from(self, rows: QuerySet[Any]) -> None:
        """Set the rows that may be named."""
        self.rows = rows
        newest = rows.order_by("-updated_at")[:SUGGESTIONS]
        self.widget.suggestions = lambda: [self.label_of(row) for row in newest]

    @staticmethod
    def label_of(row: Any) -> str:
        """How a row is written so that it can be read again."""
        return f"{row.name}（{row.code}）"

    def prepare_value(self, value: Any) -> Any:
        if value in (None, "") or isinstance(value, str):
            return value
        row = value if isinstance(value, Model) else self.rows.filter(pk=value).first()
        return self.label_of(row) if row else ""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text is None:
            return None
        text = clean_text(text)
        found = self._find(text)
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(_("没有名称或编号为“%(text)s”的%(label)s，或不在你的权限内。") % self._said(text))
        several = _("有几个%(label)s的名称含“%(text)s”，请写清是哪一个：%(rows)s。")
        raise ValidationError(several % {**self._said(text), "rows": "、".join(map(self.label_of, found[:5]))})

    def _said(self, text: str) -> dict[str, str]:
        return {"text": text, "label": str(self.label)}

    def _find(self, text: str) -> list[Any]:
        """Rows that the text may mean: by code, by the whole name, by a part of it."""
        written_code = re.search(r"（([^（）]+)）$", text)
        by_code = list(self.rows.filter(code=written_code[1] if written_code else text))
        return by_code or list(self.rows.filter(name=text)[:6]) or list(self.rows.filter(name__icontains=text)[:6])


def posted_number(text: str) -> int:
    """A whole number that a page posts back, such as a row's version; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def speak(field: forms.Field, label: str) -> None:
    """Give a field sentences that name it and say how to mend it."""
    choice = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
    required = _("请选择%(label)s。") if choice else _("请填写%(label)s。")
    too_long = _("%(label)s最多%%(limit_value)d个字，现在是%%(show_value)d个。")
    unknown = _("%(label)s没有这个选项，请从列表里选。")
    for code, sentence in (("required", required), ("max_length", too_long), ("invalid_choice", unknown)):
        field.error_messages[code] = sentence % {"label": label.replace("%", "%%")}
    empty = _("请选择") if field.required else _("不填")
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = empty
    elif isinstance(field, forms.ChoiceField):
        field.choices = [(value, text if value else empty) for value, text in field.choices]


class EntryForm(forms.ModelForm):
    """The form of a row that several people edit: it carries the version that its reader saw."""

    version = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": gettext_lazy("页面不完整，请刷新后重填。")}
    )
    constrained: ClassVar[tuple[str, ...]] = ("park", "deleted_at")
    """Columns outside the form on which the row's constraints depend."""
    constraint_field: ClassVar[str] = ""
    """The field beside which a broken constraint is explained."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if self.instance.pk:
            self.initial["version"] = self.instance.version
        else:
            del self.fields["version"]
        if not self.instance.pk and hasattr(self.instance, "submission_key"):
            self.fields["key"] = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)
        for name, field in self.fields.items():
            if name not in OWN:
                speak(field, str(field.label))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = clean_text(value)
        for name, field in self.fields.items():
            if isinstance(field, DayField) and name in cleaned:
                self._settle_precision(name, cleaned[name])
            elif field.required and cleaned.get(name) == "":
                self.add_error(name, field.error_messages["required"])
        return cleaned

    def _settle_precision(self, name: str, value: tuple[date, str] | None) -> None:
        """Part what was read into a date and its precision; a precision that was typed wins over the chosen one."""
        day, typed = value or (None, "day")
        chosen = self.cleaned_data.get(f"{name}_precision") or "day"
        precision = typed if typed != "day" or day is None else chosen
        self.cleaned_data[name] = earliest(day, precision) if day else None
        self.cleaned_data[f"{name}_precision"] = precision

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - set(self.constrained)

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.constraint_field and NON_FIELD_ERRORS in self.errors:
            broken = self.errors.pop(NON_FIELD_ERRORS)
            self.add_error(self.constraint_field, list(broken))

    def values(self) -> dict[str, Any]:
        """The columns to be written."""
        return {name: value for name, value in self.cleaned_data.items() if name not in OWN}

    @property
    def submission_key(self) -> str | None:
        """The one-time key of this form; of each person their own, so that none meets another's."""
        key = self.cleaned_data.get("key")
        return f"{self.user.pk}-{key}" if key else None

    def made_before(self) -> Model | None:
        """The row that this very form made when it was sent the first time."""
        rows = type(self.instance)._default_manager
        return rows.filter(submission_key=self.submission_key).first() if self.submission_key else None

    def clashes(self) -> bool:
        """Whether another row took a unique value between the check and the write; if so, say it."""
        try:
            self.instance.validate_constraints()
        except ValidationError as broken:
            self.add_error(self.constraint_field or None, broken.messages)
            return True
        return False

    def yield_to(self, current: Model) -> list[dict[str, str]]:
        """Give way to the row as somebody else saved it, and list what both changed: label, the value now, the typed.

        A field that the reader left alone takes the present value; a typed one stays, and wins when saved again.
        """
        before, complete = self._seen_values(current)
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(current.version)
        both = []
        for name, yours in self.values().items():
            now = getattr(current, name)
            if plain(now) == plain(yours) or (complete and name not in before):
                continue
            if name in before and before[name] == plain(yours):
                self.data[self.add_prefix(name)] = self._typed(name, now)
            else:
                label, said = str(self.fields[name].label), [self._say(current, name, value) for value in (now, yours)]
                both.append({"label": label, "now": said[0], "yours": said[1]})
        return both

    def _seen_values(self, current: Any) -> tuple[dict[str, Any], bool]:
        """What the reader saw in the fields that changed since, and whether the trace tells every step to now."""
        behind = min(max(current.version - self.cleaned_data["version"], 0), MOST_CHANGES)
        since = list(Change.objects.of(current._meta.label, [current.code]).order_by("-seq")[:behind])
        return {name: pair[0] for change in since for name, pair in change.diff.items()}, len(since) == behind

    def _typed(self, name: str, value: Any) -> str:
        """A value as it stands in the field's control."""
        shown = self.fields[name].prepare_value(value)
        return "" if shown is None else str(shown)

    def _say(self, row: Model, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, TypedField) and value is not None:
            return field.say(value)
        return str(value) if isinstance(value, Model) else in_words(row, name, value)
