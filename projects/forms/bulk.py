"""Short forms for what is done to many projects at once."""

from abc import ABCMeta, abstractmethod
from datetime import date
from typing import Any, cast

from django import forms
from django.forms.forms import DeclarativeFieldsMetaclass
from django.utils.translation import gettext_lazy as _

from parkportal.forms import speak
from parkportal.models import User
from parkportal.roles import GRANTS, May
from projects import stages
from projects.forms.sections import Day, Text, precision_field
from projects.services.bulk import AddTags, Assign, Move, Task
from projects.tags import tags_in, tags_problem

ENTERERS = tuple(role for role, grants in GRANTS.items() if May.ENTER in grants)


class AbstractForm(DeclarativeFieldsMetaclass, ABCMeta):
    """The metaclass of a form with steps that each kind must give."""


class BulkForm(forms.Form, metaclass=AbstractForm):
    """What is to be done, asked once for all chosen projects."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, user: User, today: date, to: str) -> None:
        super().__init__(data)
        self.to = to
        self.arrange(user, today)
        for name, field in self.fields.items():
            if field.label:
                speak(field, str(field.label))
            self.fields[name] = field

    @abstractmethod
    def arrange(self, user: User, today: date) -> None:
        """Add the fields."""

    @abstractmethod
    def task(self) -> Task:
        """What was asked for; without what is not typed yet."""

    def typed(self, name: str) -> Any:
        """A cleaned value; None before anything was typed."""
        return self.cleaned_data.get(name) if self.is_bound and self.is_valid() else None

    def rows(self) -> list[dict[str, Any]]:
        """The fields as the page shows them."""
        beside = {name: self[f"{name}_precision"] for name in self.fields if f"{name}_precision" in self.fields}
        shown = [name for name in self.fields if not name.endswith("_precision")]
        return [{"bound": self[name], "precision": beside.get(name)} for name in shown]


class StageBulkForm(BulkForm):
    """The day on which all of them reached the stage."""

    def arrange(self, user: User, today: date) -> None:
        stage = stages.BY_CODE[self.to]
        if stage.date_field:
            day = Day(label=_("%(stage)s时间") % {"stage": stage.label}, help_text=_("选中的项目都记这个时间"))
            day.year = today.year
            self.fields |= {"on": day, "on_precision": precision_field()}

    def task(self) -> Move:
        day, written = self.typed("on") or (None, "day")
        chosen = self.typed("on_precision") or "day"
        return Move(self.to, day, written if written != "day" else chosen)


class OwnerBulkForm(BulkForm):
    """Who looks after them from now on: somebody of the park who enters."""

    def arrange(self, user: User, today: date) -> None:
        people = User.objects.filter(park=user.park_id, is_active=True, role__in=ENTERERS).order_by("name", "username")
        field = forms.ModelChoiceField(people, to_field_name="username", label=_("责任人"))
        field.widget.attrs["class"] = "in"
        self.fields["owner"] = field

    def task(self) -> Assign:
        return Assign(cast("User | None", self.typed("owner")))


class TagBulkForm(BulkForm):
    """Tags that are added to those of each project."""

    def arrange(self, user: User, today: date) -> None:
        hint = _("用顿号分开；原有的标签保留")
        self.fields["tags"] = Text(label=_("标签"), max_length=60, help_text=hint)

    def clean_tags(self) -> tuple[str, ...]:
        """The words, each once."""
        words = tags_in(self.cleaned_data["tags"] or "")
        if problem := tags_problem(words):
            raise forms.ValidationError(problem)
        return tuple(words)

    def task(self) -> AddTags:
        return AddTags(self.typed("tags") or ())
