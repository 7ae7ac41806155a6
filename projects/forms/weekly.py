"""What a sheet of rows is about (day, whose projects, which unit), and what was typed into its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.filtering import EndField
from parkportal.models import User
from parkportal.writing import clean_text
from projects.models import Project
from projects.services.weekly import COLUMNS, Week, live_projects, units_of
from projects.words import label

FIRST_YEAR: Final = 2000
MINE, ALL = "mine", "all"


class SheetChoice(forms.Form):
    """Whose projects a sheet shows: mine, or all of the park, of one responsible unit or of each."""

    scope = forms.ChoiceField(
        label=gettext_lazy("范围"),
        choices=[(MINE, gettext_lazy("我负责的")), (ALL, gettext_lazy("全部"))],
        error_messages={"invalid_choice": gettext_lazy("范围只能选“我负责的”或“全部”。")},
        required=False,
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("责任单位"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("没有名为“%(value)s”的责任单位。")},
    )

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        self.user, self.live = user, live_projects(user)
        mine = MINE if self.live.filter(owner=user).exists() else ALL
        super().__init__({"scope": mine, **self.starting_values(), **{key: data[key] for key in data if data[key]}})
        self.fields["unit"].choices = [("", _("各单位")), *((name, name) for name in units_of(self.live))]

    def starting_values(self) -> dict[str, Any]:
        """What an address without conditions means."""
        return {}

    def rows(self) -> QuerySet[Project]:
        """The chosen projects that the person sees in full: the others are filled in by whoever does."""
        return self.projects().open_to(self.user)

    def projects(self) -> QuerySet[Project]:
        """The chosen projects; none when the choice is wrong."""
        if not self.is_valid():
            return self.live.none()
        mine = self.live.filter(owner=self.user) if self.cleaned_data["scope"] == MINE else self.live
        unit = self.cleaned_data["unit"]
        return mine.filter(responsible_unit=unit) if unit else mine


class WeekChoice(SheetChoice):
    """A sheet as of a day: that of its week."""

    field_order = ("on", "scope", "unit")
    on = EndField(label=gettext_lazy("截至"))

    def starting_values(self) -> dict[str, Any]:
        return {"on": timezone.localdate().isoformat()}

    def clean_on(self) -> date:
        """A day that has come."""
        day: date = self.cleaned_data["on"]
        today = timezone.localdate()
        if not date(FIRST_YEAR, 1, 3) <= day <= today:
            sentence = _("日期应在%(first)s年至今天（%(today)s）之间，现在是%(day)s。")
            raise ValidationError(sentence % {"first": FIRST_YEAR, "today": today, "day": day})
        return day


@dataclass
class TypedRow:
    """One row as it was posted beside what is stored: what to show, what to write, and what is wrong."""

    week: Week
    posted: Mapping[str, Any] | None = None
    errors: list[str] = field(default_factory=list)
    now: dict[str, str] | None = None
    """What somebody else saved meanwhile, where the typed texts lost."""
    refused: str = ""
    """Why nobody, or not this person, edits the row now."""

    @property
    def code(self) -> str:
        """The project's code, by which the row's controls are named."""
        return self.week.project.code

    @property
    def same(self) -> bool:
        """Whether the row says “无变化”."""
        return bool(self.posted and self.posted.get(f"{self.code}-same"))

    @property
    def takes_over(self) -> bool:
        """Whether last week's texts are to be taken over: what was typed beside “无变化” wins."""
        return self.same and not any(self.shown.values())

    @property
    def shown(self) -> dict[str, str]:
        """The texts of the row's cells: as they were posted, else as they are stored."""
        kept = self.week.texts
        if self.posted is None:
            return kept
        return {name: clean_text(str(self.posted.get(f"{self.code}-{name}", kept[name]))) for name in COLUMNS}

    @property
    def texts(self) -> dict[str, str] | None:
        """What to save; None where the row was left as it was.

        In a week's first report an empty cell was left alone, and keeps what was known before.
        """
        shown, before = self.shown, self.week.before
        if self.takes_over:
            return before if any(before.values()) else None
        if self.week.note is not None:
            return shown if shown != self.week.texts else None
        return {name: shown[name] or before[name] for name in COLUMNS} if any(shown.values()) else None

    @property
    def version(self) -> str:
        """The version that the person saw; the present one on a fresh page and for a row that lost."""
        posted = self.posted.get(f"{self.code}-version", "") if self.posted is not None and self.now is None else ""
        return str(posted) or self.week.version

    @property
    def cells(self) -> list[dict[str, Any]]:
        """The cells of the row in their order, each with what was known before and what somebody else wrote."""
        shown, before, now = self.shown, self.week.before, self.now
        return [
            {
                "name": name,
                "label": label(name),
                "text": shown[name],
                "before": before[name],
                "now": now[name] if now is not None and now[name] != shown[name] else None,
            }
            for name in COLUMNS
        ]
