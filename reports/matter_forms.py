"""Forms of matters: what is to be done, what was done, and what came of it."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parkportal.filtering import Choices, Codes, StrictBoolean, StrictFilterSet, visible_parks
from parkportal.forms import DayField, EntryForm, NamedRowField, speak
from parkportal.models import User
from parkportal.writing import clean_text
from projects.filters import WithSecret
from projects.models import Project
from reports.matters import owners
from reports.models import Matter


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody of the park by their login name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.none(), to_field_name="username", **kwargs)


class WholeDayField(DayField):
    """A date that is known to the day."""

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        if found and found[1] != "day":
            raise forms.ValidationError(_("%(label)s要写到日，如“2020-10-15”。"), params={"label": self.label})
        return found


class MatterEditForm(EntryForm):
    """What may change of a matter: its words and days, whose instruction it is, and who looks after it."""

    owner = PersonField(label=_("责任人"), empty_label=_("请选择"))
    raised_on = WholeDayField(label=_("提出日期"), past=True)
    due_on = WholeDayField(label=_("完成时限"))
    constrained: ClassVar[tuple[str, ...]] = ("kind",)

    class Meta:
        model = Matter
        fields: ClassVar[tuple[str, ...]] = ("words", "raised_on", "leader", "owner", "due_on")
        widgets: ClassVar = {"words": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners(self.user.park)  # type: ignore[arg-type, attr-defined]
        if self.instance.pk:
            self.initial["owner"] = self.instance.owner.username

    def _settle_precision(self, name: str, value: Any) -> None:
        """Both days are known to the day: there is no precision to keep."""
        self.cleaned_data[name] = value[0] if value else None


class MatterForm(MatterEditForm):
    """A problem or an instruction, who looks after it, and until when."""

    project = NamedRowField(label=_("涉及项目"), required=False)
    scan = forms.FileField(label=_("批示扫描件"), required=False)
    constrained = ()

    class Meta(MatterEditForm.Meta):
        fields: ClassVar[tuple[str, ...]] = ("kind", *MatterEditForm.Meta.fields, "project")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Project.objects.visible_to(self.user).kept().filter(park=self.user.park)
        self.fields["project"].choose_from(mine.open_to(self.user))  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """The columns; the scan goes another way."""
        return {name: value for name, value in super().values().items() if name != "scan"}


class WordsForm(forms.Form):
    """One text, of a report or of a result."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, label: str, name: str, most: int = 1000) -> None:
        super().__init__(data, auto_id=f"id_{name}_%s")
        self.fields["text"] = forms.CharField(max_length=most, widget=forms.Textarea(attrs={"rows": 3}))
        self.fields["text"].label = label
        speak(self.fields["text"], label)

    def clean_text(self) -> str:
        return clean_text(self.cleaned_data["text"])


class MatterFilter(StrictFilterSet):
    """Filters of the list of matters."""

    park = Codes(label=_("园区"), queryset=visible_parks)
    kind = Choices(label=_("类别"), choices=Matter.Kind.choices)
    closed = StrictBoolean(label=_("已办结"), method="of_closed")
    overdue = StrictBoolean(label=_("已超期"), method="of_overdue")
    search = django_filters.CharFilter(label=_("内容、责任人、批示领导"), method="of_words")
    with_secret = WithSecret()

    class Meta:
        model = Matter
        fields: list[str] = []

    def of_closed(self, rows: QuerySet[Matter], _name: str, value: str) -> QuerySet[Matter]:
        """Closed or open ones."""
        return rows.filter(closed_on__isnull=value != "true")

    def of_overdue(self, rows: QuerySet[Matter], _name: str, value: str) -> QuerySet[Matter]:
        """Open ones whose day has passed, or all others."""
        late = Q(closed_on__isnull=True, due_on__lt=timezone.localdate())
        return rows.filter(late) if value == "true" else rows.exclude(late)

    def of_words(self, rows: QuerySet[Matter], _name: str, value: str) -> QuerySet[Matter]:
        """Ones that say it, or whose owner or leader is called so."""
        text = clean_text(value)
        return rows.filter(Q(words__icontains=text) | Q(owner__name__icontains=text) | Q(leader__icontains=text))
