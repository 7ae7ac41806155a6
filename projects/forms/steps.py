"""Short forms for one step in a project's life: the next stage, giving it back, ending it."""

from datetime import date
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from parkportal.forms import speak
from parkportal.models import Park, User
from projects import stages
from projects.forms.projects import PARTIES, SHOWN_AT, ProjectForm
from projects.forms.sections import SECTIONS, Day, Slot, Text, precision_field, typed_text
from projects.models import Project

REASON = _("写明原因，供审核和以后查看")
SLOTS = {slot.name: slot for section in SECTIONS for slot in section.slots}


def reason_field() -> Text:
    """Why something is done; the service judges whether it may be left out."""
    return Text(label=_("原因"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ReasonForm(forms.Form):
    """Why a project is given back."""

    use_required_attribute = False

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["reason"] = reason_field()
        speak(self.fields["reason"], str(_("原因")))

    def rows(self) -> list[dict[str, Any]]:
        """The fields as the page shows them."""
        return [{"bound": self["reason"], "slot": Slot("reason", 12, hint=REASON)}]


class EndingForm(ReasonForm):
    """When and why a project ended."""

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data)
        day = Day(label=_("终止时间"))
        day.year = today.year
        self.fields = {"on": day, "on_precision": precision_field()} | self.fields
        speak(day, str(_("终止时间")))

    def rows(self) -> list[dict[str, Any]]:
        """The fields as the page shows them."""
        return [{"bound": self["on"], "precision": self["on_precision"], "slot": Slot("on", 6)}, *super().rows()]


class StageForm(ProjectForm):
    """Moving a project to one stage: its day, a reason where a step is jumped, and what that stage asks for besides."""

    def __init__(self, data: Any = None, *, park: Park, user: User, today: date, project: Project, to: str) -> None:
        self.stage = stages.BY_CODE[to]
        super().__init__(data, park=park, user=user, today=today, project=project, only=lacking(project, self.stage))
        day = Day(label=_("%(stage)s时间") % {"stage": self.stage.label}, required=bool(self.stage.date_field))
        day.year = self._default_year()
        self.fields |= {"on": day, "on_precision": precision_field(), "reason": reason_field()}
        self.fields["reason"].required = self.needs_reason
        if self.stage.date_field:
            self.initial["on"] = typed_text(project, self.stage.date_field)
            self.initial["on_precision"] = getattr(project, f"{self.stage.date_field}_precision")
        for name in ("on", "reason"):
            speak(self.fields[name], str(self.fields[name].label))

    @property
    def needs_reason(self) -> bool:
        """Whether this move jumps a step or goes back."""
        return stages.needs_reason(self.project.stage, self.stage.code)

    @property
    def goes_back(self) -> bool:
        """Whether this move takes steps back."""
        return stages.CODES.index(self.stage.code) < stages.CODES.index(self.project.stage)

    def _judge(self) -> None:
        """The step is judged by its service, which knows the day and the stage."""

    def values(self) -> dict[str, Any]:
        """The columns besides the day that the stage asks for."""
        return {name: value for name, value in super().values().items() if name not in {"on", "on_precision", "reason"}}

    @cached_property
    def asked(self) -> set[str]:
        """What must be filled in for this step."""
        names = {SHOWN_AT.get(column, column) for column in self.stage.needs}
        own = {"on"} if self.stage.date_field else set()
        return names | own | ({"reason"} if self.needs_reason else set()) | {"company_uscc"}

    def rows(self) -> list[dict[str, Any]]:
        """The fields as the page shows them, the day first."""
        slots = [
            Slot("on", 6),
            *(SLOTS[name] for name in SLOTS if name in self.fields),
            Slot("reason", 12, hint=REASON),
        ]
        return [
            {
                "bound": self._shown(slot.name),
                "slot": slot,
                "precision": self[f"{slot.name}_precision"] if f"{slot.name}_precision" in self.fields else None,
            }
            for slot in slots
        ]


def lacking(project: Project, stage: stages.Stage) -> list[str]:
    """The fields that a stage asks for and the project does not have yet."""
    columns = [name for name in stage.needs if name != stage.date_field and getattr(project, name) in (None, "")]
    company = project.company
    if "company" in stage.needs and company is not None and not (company.uscc or company.foreign_reg_no):
        columns.append("company")
    names = []
    for column in columns:
        names += [f"{column}_name", *PARTIES[column].values()] if column in PARTIES else [column]
    return names
