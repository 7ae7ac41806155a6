"""What people type about superiors' forms: the file, what belongs where, for which projects, and where it was sent."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from parkportal.filtering import EndField, WholeField
from parkportal.forms import speak
from parkportal.writing import clean_text
from projects.filters import ProjectFilter
from projects.models import Project
from reports.filling.book import MOST_COLUMNS, MOST_ROWS, head_of
from reports.filling.fields import FIELDS, YUAN
from reports.filling.figures import VALUES
from reports.filling.filler import TEXTS
from reports.models import BlankForm, Indicator, Scorecard
from reports.periods import Period

LISTED: Final = "review_state=verified"
PRESETS: Final = (
    (LISTED, gettext_lazy("全部已审核项目")),
    (
        f"category=industry&contract_type=formal&kind=new&{LISTED}&total_investment_min=100000000",
        gettext_lazy("签约亿元以上产业项目"),
    ),
    (f"{LISTED}&stage=registered&stage=signed&status=active", gettext_lazy("签约未开工项目")),
    (f"fortune_global_500=true&{LISTED}", gettext_lazy("世界500强项目")),
    ("", gettext_lazy("自己写条件")),
)
ORDERINGS: Final = ("signed_on", "total_investment", "name", "started_on", "updated_at")
DAY_INPUT: Final = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class SpokenForm(forms.Form):
    """A form whose sentences name its fields."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            speak(field, str(field.label))


class UploadForm(SpokenForm):
    """A blank form and what it is called."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    authority = forms.CharField(label=gettext_lazy("要表单位"), max_length=60, required=False)
    file = forms.FileField(
        label=gettext_lazy("空表"), allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".xlsx"})
    )
    sheet = forms.CharField(label=gettext_lazy("工作表"), max_length=100, required=False)

    def clean_name(self) -> str:
        """The name without what cannot be seen."""
        return clean_text(self.cleaned_data["name"])

    def values(self) -> dict[str, Any]:
        """What the service needs."""
        file = self.cleaned_data["file"]
        kept = {name: self.cleaned_data[name] for name in ("name", "authority", "sheet")}
        return kept | {"file_name": file.name or "", "data": file.read()}


class CellForm(forms.Form):
    """What belongs into one cell: nothing, a fact, or an indicator's figure."""

    ref = forms.RegexField(r"^[A-Z]{1,3}[0-9]{1,4}$", widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    what = forms.ChoiceField(label=gettext_lazy("填什么"), required=False)
    indicator = forms.ChoiceField(label=gettext_lazy("指标"), required=False)
    unit = forms.ChoiceField(
        label=gettext_lazy("金额单位"),
        required=False,
        choices=[("", gettext_lazy("按表上的单位")), *((unit, unit) for unit in YUAN)],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facts = [(f"text:{name}", label) for name, label in TEXTS.items()]
        figures = [(f"figure:{name}", label) for name, label in VALUES.items()]
        self.fields["what"].choices = [("", _("不填")), (_("文字"), facts), (_("指标"), figures)]
        self.fields["indicator"].choices = [
            ("", _("请选择")),
            *Indicator.objects.order_by("-listed", "order").values_list("code", "name"),
        ]

    @classmethod
    def of(cls, row: BlankForm, ref: str) -> "CellForm":
        """The form of one cell as it is mapped now."""
        wanted = (row.mapping.get("cells") or {}).get(ref, {})
        what = f"{wanted['kind']}:{wanted.get('value') or wanted.get('text')}" if wanted else ""
        more = {"indicator": wanted.get("indicator", ""), "unit": wanted.get("unit", "")}
        return cls(initial={"ref": ref, "version": row.version, "what": what, **more})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("what", "").startswith("figure:") and not cleaned.get("indicator"):
            self.add_error("indicator", _("请选择指标。"))
        return cleaned

    def put_into(self, mapping: Mapping[str, Any]) -> dict[str, Any]:
        """The mapping with this cell."""
        cleaned = self.cleaned_data
        cells = {ref: wanted for ref, wanted in (mapping.get("cells") or {}).items() if ref != cleaned["ref"]}
        kind, _colon, name = cleaned["what"].partition(":")
        if kind == "text":
            cells[cleaned["ref"]] = {"kind": kind, "text": name}
        elif kind:
            figure = {"kind": kind, "value": name, "indicator": cleaned["indicator"], "unit": cleaned["unit"]}
            cells[cleaned["ref"]] = figure
        return {**mapping, "cells": cells}


class RowsForm(forms.Form):
    """Which rows hold the projects, which one the totals, and what each column is."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    first = WholeField(label=gettext_lazy("起始行"), min_value=1, max_value=MOST_ROWS, required=False)
    last = WholeField(label=gettext_lazy("末行"), min_value=1, max_value=MOST_ROWS, required=False)
    total = WholeField(label=gettext_lazy("合计行"), min_value=1, max_value=MOST_ROWS, required=False)

    def __init__(self, data: Any = None, *, heads: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        posted = [name.removeprefix("column-") for name in data or () if name.startswith("column-")]
        letters = [letter for letter in posted if letter.isascii() and letter.isalpha() and len(letter) < 3]
        for letter in list(heads or letters)[:MOST_COLUMNS]:
            self.fields[f"column-{letter}"] = forms.ChoiceField(
                label=_("%(letter)s列%(head)s") % {"letter": letter, "head": (heads or {}).get(letter, "")},
                choices=[("", _("不填")), *((field.key, field.label) for field in FIELDS)],
                required=False,
            )

    @classmethod
    def of(cls, row: BlankForm, sheet: Worksheet) -> "RowsForm":
        """The form of the list as it is mapped now."""
        rows = row.mapping.get("rows") or {}
        width = min(sheet.max_column, MOST_COLUMNS)
        letters = [get_column_letter(column) for column in range(1, width + 1)]
        heads = {letter: head_of(sheet, column_index_from_string(letter), rows.get("first", 1)) for letter in letters}
        columns = {f"column-{letter}": key for letter, key in rows.get("columns", {}).items()}
        initial = {"version": row.version, **{name: rows.get(name) for name in ("first", "last", "total")}, **columns}
        return cls(heads={letter: f"（{head}）" if head else "" for letter, head in heads.items()}, initial=initial)

    @property
    def columns(self) -> list[Any]:
        """The controls of the columns."""
        return [self[name] for name in self.fields if name.startswith("column-")]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = [name for name, key in cleaned.items() if name.startswith("column-") and key]
        if chosen and not self.errors and cleaned.get("first") is None:
            raise ValidationError(_("请填写清单从第几行开始。"))
        return cleaned

    def put_into(self, mapping: Mapping[str, Any]) -> dict[str, Any]:
        """The mapping with this list; without a chosen column there is none."""
        cleaned = self.cleaned_data
        columns = {name.removeprefix("column-"): key for name, key in cleaned.items() if name.startswith("column-")}
        chosen = {letter: key for letter, key in columns.items() if key}
        first = cleaned["first"]
        rows = {"first": first, "last": cleaned["last"] or first, "total": cleaned["total"], "columns": chosen}
        return {**mapping, "rows": rows if chosen else {}}


class FillForm(SpokenForm):
    """For which projects, up to which day, and on which day a form is filled."""

    as_of = EndField(label=gettext_lazy("数据截至"), widget=DAY_INPUT)
    filled_on = EndField(label=gettext_lazy("填报日期"), widget=DAY_INPUT)
    preset = forms.ChoiceField(label=gettext_lazy("项目"), choices=PRESETS, required=False)
    query = forms.CharField(label=gettext_lazy("自己写的条件"), max_length=1000, required=False)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)
        self.fields["preset"].choices = PRESETS

    @staticmethod
    def starting(row: BlankForm, asked: QueryDict) -> dict[str, Any]:
        """The newest compiled month, today, and the conditions of the list that the person comes from."""
        newest = Scorecard.objects.filter(park=row.park).order_by("-period").first()
        today = timezone.localdate()
        as_of = min(Period.parse(newest.period).end, today) if newest else today
        query = asked.urlencode()
        return {"as_of": as_of, "filled_on": today, "preset": "" if query else LISTED, "query": query}

    def _past(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        if day > timezone.localdate():
            raise ValidationError(_("%(label)s不能晚于今天。") % {"label": self.fields[name].label})
        return day

    def clean_as_of(self) -> date:
        """A day that has come."""
        return self._past("as_of")

    def clean_filled_on(self) -> date:
        """A day that has come."""
        return self._past("filled_on")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        typed = cleaned.get("query", "").strip()
        query = urlsplit(typed).query if "?" in typed else typed
        cleaned["query"] = cleaned.get("preset") or query or LISTED
        self.chosen = self._chosen(QueryDict(cleaned["query"]))
        return cleaned

    def _chosen(self, query: QueryDict) -> QuerySet[Project]:
        """The projects of the conditions in their order, without the secret ones; wrong conditions are said."""
        rows = Project.objects.visible_to(self.request.user).kept().open_to(self.request.user).without_secret()
        found = ProjectFilter(query, queryset=rows, request=self.request)
        for sentences in found.problems.values():
            for sentence in sentences:
                self.add_error("query", sentence)
        name = query.get("ordering", "signed_on")
        key = name if name.removeprefix("-") in ORDERINGS else "signed_on"
        field = F(key.removeprefix("-"))
        first = field.desc(nulls_last=True) if key.startswith("-") else field.asc(nulls_last=True)
        chosen: QuerySet[Project] = found.qs.order_by(first, "code")
        return chosen

    def values(self) -> dict[str, Any]:
        """What the service needs."""
        kept = {name: self.cleaned_data[name] for name in ("as_of", "filled_on", "query")}
        return kept | {"projects": self.chosen}


class SendForm(SpokenForm):
    """To whom a filled form was sent, and when."""

    sent_to = forms.CharField(label=gettext_lazy("报送单位"), max_length=60)
    sent_on = EndField(label=gettext_lazy("报送时间"), widget=DAY_INPUT)
