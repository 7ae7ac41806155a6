"""Forms of a comparison: their list, what is decided about its differences, and how comparisons are chosen."""

import uuid
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.filtering import Codes, StrictBoolean, StrictFilterSet, visible_parks
from parkportal.models import Park, User
from parkportal.writing import clean_text
from reports.figure_forms import read_month
from reports.filters import Periods, visible_indicators
from reports.forms import IndicatorChoice
from reports.inputs import SpokenForm
from reports.models import Indicator, Reconciliation, ReconciliationRow
from reports.periods import Period
from reports.reconciliation.book import UNITS, columns_told, of_park, read_list, rows_of_file, rows_of_text
from reports.reconciliation.matching import Theirs
from reports.reconciliation.members import amount_field, unit_of
from reports.sources import SOURCES
from reports.targets.scope import is_used

MOST_TEXT = 60_000


class ReconciliationForm(SpokenForm):
    """Which figure is compared, whose list it is, and the list: a file or pasted lines."""

    park = forms.ModelChoiceField(queryset=Park.objects.none(), to_field_name="code", label=gettext_lazy("园区"))
    indicator = IndicatorChoice(queryset=Indicator.objects.none(), label=gettext_lazy("指标"))
    period = forms.CharField(label=gettext_lazy("截至月份"), max_length=10)
    authority = forms.CharField(label=gettext_lazy("对方单位"), max_length=60)
    document = forms.CharField(label=gettext_lazy("文号或来源"), max_length=80, required=False)
    file = forms.FileField(
        label=gettext_lazy("名单文件"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.csv"}),
    )
    text = forms.CharField(
        label=gettext_lazy("或者粘贴名单"),
        required=False,
        max_length=MOST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("金额单位"), choices=[(unit, unit) for unit in UNITS], required=False, initial="万元"
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid.uuid4)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.others, self.columns = user, 0, ""
        self.fields["park"].queryset = Park.objects.visible_to(user)  # type: ignore[attr-defined]
        listed = Indicator.objects.visible_to(user).filter(source__in=SOURCES)
        self.fields["indicator"].queryset = listed  # type: ignore[attr-defined]

    def clean_period(self) -> Period:
        """The period, closing ones too."""
        return Period.parse(read_month(self.cleaned_data["period"], closing=True))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        file, text = cleaned.get("file"), (cleaned.get("text") or "").strip("\r\n ")
        if self.errors:
            return cleaned
        if not is_used(cleaned["indicator"], cleaned["park"]):
            self.add_error("indicator", _("%(park)s所在的区域不用这项指标。") % {"park": cleaned["park"]})
            return cleaned
        if bool(file) == bool(text):
            self.add_error("file", _("名单请上传文件，或者粘贴，只用一种。"))
            return cleaned
        place = "file" if file else "text"
        try:
            rows = rows_of_file(file.name or "", file.read()) if file else rows_of_text(text)
            own, self.others = of_park(rows, cleaned["park"].name)
            self.columns = columns_told(rows)
            compared_in = unit_of(cleaned["indicator"]) if amount_field(cleaned["indicator"]) else ""
            cleaned["listed"] = read_list(own, cleaned["unit"] or compared_in or "万元", compared_in)
        except ValidationError as refused:
            self.add_error(place, refused.messages)
        return cleaned

    @property
    def listed(self) -> list[Theirs]:
        """The rows of the list that was read."""
        found: list[Theirs] = self.cleaned_data["listed"]
        return found

    @property
    def told(self) -> str:
        """By which columns the list was compared, and that rows of other parks were not, where there are some."""
        others = _("名单里另有%(n)s行是其他园区的，没有对照。") % {"n": self.others} if self.others else ""
        return self.columns + others

    def values(self) -> dict[str, Any]:
        """The columns; the one-time key is the person's own, so that none meets another's."""
        kept = {name: clean_text(self.cleaned_data[name]) for name in ("authority", "document")}
        key = self.cleaned_data.get("key")
        return kept | {"submission_key": f"{self.user.pk}-{key}" if key else None}


class DecisionForm(forms.Form):
    """What is to be done about one difference."""

    decision = forms.CharField(
        required=False,
        max_length=300,
        error_messages={"max_length": gettext_lazy("处理意见最多%(limit_value)d个字，现在是%(show_value)d个。")},
    )
    settled = forms.BooleanField(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**9)

    def __init__(self, row: ReconciliationRow, data: Any = None) -> None:
        given = {"decision": row.decision, "settled": row.settled, "version": row.version}
        super().__init__(data, initial=given, prefix=f"r{row.number}")
        said = {"n": row.number}
        self.fields["decision"].widget.attrs |= {"aria-label": _("第%(n)s条的处理意见") % said, "class": "in"}
        self.fields["settled"].widget.attrs |= {"aria-label": _("第%(n)s条已处理") % said, "class": "pick"}

    @property
    def is_touched(self) -> bool:
        """Whether something else was sent than stands there now."""
        return bool({"decision", "settled"} & set(self.changed_data))

    def clean_decision(self) -> str:
        """The text without what cannot be seen."""
        return clean_text(self.cleaned_data["decision"])


class ReconciliationFilter(StrictFilterSet):
    """Filters of the list of comparisons."""

    park = Codes(label=gettext_lazy("园区"), queryset=visible_parks)
    indicator = Codes(label=gettext_lazy("指标"), queryset=visible_indicators)
    period = Periods(label=gettext_lazy("期间"), field_name="period")
    unsettled = StrictBoolean(label=gettext_lazy("有未处理的差异"), method="of_unsettled")
    search = django_filters.CharFilter(label=gettext_lazy("指标、对方单位、文号"), method="of_words")

    class Meta:
        model = Reconciliation
        fields: list[str] = []

    def of_unsettled(self, rows: QuerySet[Reconciliation], _name: str, value: str) -> QuerySet[Reconciliation]:
        """Ones with a difference about which nothing is done yet, or all others."""
        left = ReconciliationRow.objects.filter(reconciliation=OuterRef("pk"), settled=False).exclude(kind="matched")
        return rows.filter(Exists(left)) if value == "true" else rows.exclude(Exists(left))

    def of_words(self, rows: QuerySet[Reconciliation], _name: str, value: str) -> QuerySet[Reconciliation]:
        """Ones whose indicator, authority or document says it."""
        text = clean_text(value)
        said = Q(indicator__name__icontains=text) | Q(authority__icontains=text) | Q(document__icontains=text)
        return rows.filter(said)
