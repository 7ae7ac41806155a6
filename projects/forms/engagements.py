"""The form of a talk, with its participants."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from parkportal.forms import DayField, EntryForm, NamedRowField, speak
from parkportal.writing import clean_text
from projects.forms.funds import own_projects
from projects.models import Engagement

MOST_PARTICIPANTS = 50


class EngagementForm(EntryForm):
    """A talk of the person's park."""

    project = NamedRowField(label=_("项目"), required=False)
    enterprise = NamedRowField(label=_("企业"), required=False)
    held_on = DayField(label=_("日期"))
    until = forms.DateField(
        label=_("不晚于"),
        required=False,
        help_text=_("只知道范围时，填最晚的一天。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("不晚于请写成“2020-05-08”的样子。")},
    )

    class Meta:
        model = Engagement
        fields = (
            "title",
            "mode",
            "held_on",
            "held_on_precision",
            "until",
            "place",
            "project",
            "enterprise",
            "summary",
        )
        widgets: ClassVar = {"summary": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].choose_from(own_projects(self.user))
        enterprises = Enterprise.objects.visible_to(self.user).kept().filter(park=self.user.park)
        self.fields["enterprise"].choose_from(enterprises)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("held_on"), cleaned.get("until")
        if first and last and last < first:
            self.add_error("until", _("最晚的一天不能早于日期。"))
        return cleaned


class ParticipantForm(forms.Form):
    """One participant; it carries no key, so none can be forged."""

    name = forms.CharField(label=_("姓名"), max_length=30, required=False)
    post = forms.CharField(label=_("时任职务"), max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            speak(field, str(field.label))

    def clean(self) -> dict[str, Any]:
        cleaned = {name: clean_text(value) for name, value in self.cleaned_data.items()}
        if cleaned.get("post") and not cleaned.get("name"):
            self.add_error("name", _("写了职务，请写姓名；姓名不便写的，写“经办人甲”这样的代称。"))
        return cleaned


ParticipantFormSet = forms.formset_factory(
    ParticipantForm, extra=3, max_num=MOST_PARTICIPANTS, absolute_max=MOST_PARTICIPANTS, validate_max=True
)
