"""The grid of parks by indicators as it is typed in: each cell remembers what its reader saw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.forms import posted_number
from parkportal.models import Park
from parkportal.writing import Unreadable, clean_text
from reports.forms import FIRST_YEAR, LAST_YEAR
from reports.inputs import SpokenForm
from reports.models import Indicator, Target
from reports.target_forms.one import IssuedField
from reports.targets import Paper, Wanted, read_annual, say_amount, write_amount


class YearChoice(SpokenForm):
    """The year and level of a grid or workbook, from an address."""

    year = forms.IntegerField(label=gettext_lazy("年度"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    level = forms.ChoiceField(label=gettext_lazy("级别"), choices=Target.Level.choices)

    def __init__(self, data: Mapping[str, Any], year: int) -> None:
        super().__init__(
            {"year": year, "level": Target.Level.CITY} | {key: value for key, value in data.items() if value}
        )
        for code in ("invalid", "min_value", "max_value"):
            self.fields["year"].error_messages[code] = _("年度写四位年份，在2000至2100之间，如2020。")


class PaperForm(SpokenForm):
    """The document on which the changes rest."""

    document = forms.CharField(label=gettext_lazy("文号"), max_length=80, required=False)
    issued_on = IssuedField()
    authority = forms.CharField(label=gettext_lazy("下达单位"), max_length=60, required=False)
    demanded = False

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("document", "authority"):
            cleaned[name] = clean_text(cleaned.get(name) or "")
        if self.demanded or any(cleaned.get(name) for name in ("document", "issued_on", "authority")):
            for name in ("document", "authority"):
                if not cleaned[name] and name not in self.errors:
                    self.add_error(name, _("文号和下达单位要一起填写，缺一项的目标不亮灯。"))
        return cleaned

    @property
    def paper(self) -> Paper:
        """What was typed."""
        return Paper(*(self.cleaned_data[name] for name in ("document", "issued_on", "authority")))


class ConfirmForm(PaperForm):
    """The document that confirms proposals: without it they stay proposals."""

    demanded = True


@dataclass
class Cell:
    """One number of the grid: as stored, as seen and as typed; `now` is what somebody else saved meanwhile."""

    park: Park
    indicator: Indicator
    target: Target | None
    used: bool = True
    posted: Mapping[str, str] | None = None
    errors: list[str] = field(default_factory=list)
    now: str | None = None

    @property
    def name(self) -> str:
        """The name of its control."""
        return f"{self.park.code}.{self.indicator.code}"

    @property
    def stored(self) -> str:
        """The stored number as it can be typed; empty without a target."""
        return write_amount(self.indicator, self.target.annual) if self.target else ""

    @property
    def token(self) -> str:
        """What the page tells of the row that is shown: its version and its number."""
        return f"{self.target.version if self.target else 0}:{self.stored}"

    @property
    def seen(self) -> tuple[int, str]:
        """The version and the number that the reader saw; a token that nobody made is of no row."""
        version, _colon, text = (self.posted or {}).get(f"seen.{self.name}", self.token).partition(":")
        known = version == "0" or posted_number(version)
        return (int(version), text) if known else (0, "")

    @property
    def text(self) -> str:
        """What stands in the control."""
        return self.stored if self.posted is None else self.posted.get(self.name, self.stored)

    @property
    def typed(self) -> bool:
        """Whether the reader changed it."""
        return self.used and clean_text(self.text) != self.seen[1]

    def wanted(self, year: int, level: str, paper: Paper) -> Wanted | None:
        """What is to be written; None where nothing was changed, or where it cannot be read, which is then said."""
        if not self.typed:
            return None
        if not clean_text(self.text):
            self.errors = [_("清空不等于撤回。要撤回这个目标，请到它的修改页。")]
            return None
        try:
            annual = read_annual(self.indicator, self.text)
        except Unreadable as mistake:
            self.errors = [_("%(sentence)s。") % {"sentence": str(mistake).rstrip("。")}]
            return None
        values = {"annual": annual} | paper.values()
        return Wanted(self.park, self.indicator, year, level, self.seen[0], values)

    def lose_to(self, current: Target | None) -> None:
        """Show what somebody else saved; saving again then wins over it."""
        self.target = current
        self.now = say_amount(self.indicator, current.annual) if current else _("已撤回")


@dataclass
class Grid:
    """All cells of a page, row by row."""

    rows: list[tuple[Park, list[Cell]]]
    ended: list[tuple[Park, Indicator, str]] = field(default_factory=list)
    """What was typed where a target can be set no longer."""

    @property
    def cells(self) -> Iterable[Cell]:
        """Every cell that can be typed into."""
        return [cell for _park, cells in self.rows for cell in cells if cell.used]

    @property
    def troubles(self) -> list[Cell]:
        """Cells that were not saved, and why."""
        return [cell for cell in self.cells if cell.errors or cell.now is not None]

    def cell_of(self, wanted: Wanted) -> Cell:
        """The cell in which something was typed."""
        return next(c for c in self.cells if (c.park, c.indicator) == (wanted.park, wanted.indicator))
