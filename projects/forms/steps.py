"""Short forms for one step in a project's life: the next stage, giving it back, ending it."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from parkportal.forms import Suggest, speak
from parkportal.models import Park, User
from parkportal.trace import plain
from projects import stages
from projects.forms.projects import PARTIES, SHOWN_AT, ProjectForm
from projects.forms.sections import SECTIONS, Day, Slot, Text, precision_field, typed_text
from projects.models import Project, Recognition
from projects.services import EDITABLE, USUAL_REASONS
from projects.words import companion, label, value_in_words

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


class ReturnForm(ReasonForm):
    """Why a project is given back: for the whole, and for single columns (`why-<column>`), picked or typed."""

    def __init__(self, data: Any = None, *, project: Project) -> None:
        super().__init__(data)
        self.project = project
        self.columns = [name for name in map(column_of, SLOTS) if name]
        for name in self.columns:
            widget = Suggest()
            widget.suggestions = lambda: list(map(str, USUAL_REASONS))
            field = Text(label=label(name), required=False, max_length=300, widget=widget)
            speak(field, str(field.label))
            self.fields[f"why-{name}"] = field

    def reasons(self) -> dict[str, str]:
        """The reasons by column."""
        return {name: self.cleaned_data.get(f"why-{name}", "") for name in self.columns}

    def _said(self, name: str) -> str:
        """What is filled in there, in words."""
        value, beside = getattr(self.project, name), getattr(self.project, companion(name) or name)
        return str(value or "") if isinstance(value, Model) else value_in_words(name, plain(value), str(beside))

    def parts(self) -> list[dict[str, Any]]:
        """The columns that are filled in or asked for with what was typed there, then the others."""
        asked = set(stages.requirements(self.project.stage))
        lines = [{"bound": self[f"why-{name}"], "value": self._said(name)} for name in self.columns]
        first = [line for line, name in zip(lines, self.columns, strict=True) if line["value"] or name in asked]
        rest = [line for line in lines if line not in first]
        return [{"title": "", "lines": first}, {"title": _("没有填的"), "lines": rest}]


def column_of(field: str) -> str:
    """The column of a project in which a field of its form is kept; empty for a field of an enterprise."""
    back = {shown: name for name, shown in SHOWN_AT.items()}
    name = back.get(field, field)
    return name if name in EDITABLE else ""


class RecognitionForm(forms.Form):
    """What the authority of one level decided."""

    use_required_attribute = False
    level = forms.ChoiceField(label=_("级别"), choices=Recognition._meta.get_field("level").choices or [])
    result = forms.ChoiceField(label=_("结果"), choices=Recognition.Result.choices)
    recognised_on = Day(label=_("认定时间"), required=False)
    recognised_on_precision = precision_field()
    document = Text(label=_("文号"), required=False, max_length=60)
    reason = Text(label=_("理由"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data)
        self.fields["recognised_on"].year = today.year  # type: ignore[attr-defined]
        for name in ("level", "result", "recognised_on", "document", "reason"):
            speak(self.fields[name], str(self.fields[name].label))

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        day, written = self.cleaned_data["recognised_on"] or (None, "day")
        chosen = self.cleaned_data.get("recognised_on_precision") or "day"
        return {
            **{name: self.cleaned_data[name] for name in ("level", "result", "document", "reason")},
            **{"on": day, "precision": written if written != "day" else chosen},
        }

    def rows(self) -> list[dict[str, Any]]:
        """The fields as the page shows them."""
        hints = {"recognised_on": _("以认定文件的时间为准"), "reason": _("不予认定的，写明理由")}
        widths = {"level": 6, "result": 6, "recognised_on": 6, "document": 6, "reason": 12}
        return [
            {
                "bound": self[name],
                "slot": Slot(name, width, hint=hints.get(name, "")),
                "precision": self["recognised_on_precision"] if name == "recognised_on" else None,
            }
            for name, width in widths.items()
        ]


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
