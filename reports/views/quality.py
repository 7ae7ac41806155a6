"""数据质量: the sheet of one park and year, the rows that a rule finds, and all of them as a workbook."""

from itertools import islice
from typing import Any, Final, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.downloads import hand_out
from parkportal.exports import Column, Table
from parkportal.models import Park, User
from parkportal.pages import MayMixin
from projects.models import Project
from reports.inputs import SpokenForm
from reports.quality import ALL_RULES, BY_KEY, Kind, Sheet

MOST_SHOWN: Final = 100
COLUMNS: Final = (
    Column("kind", gettext_lazy("类别"), "text", lambda hit: hit.rule.kind.label),
    Column("rule", gettext_lazy("问题"), "long", lambda hit: str(hit.rule.label)),
    Column("name", gettext_lazy("名称"), "long", lambda hit: hit.name),
    Column("code", gettext_lazy("编号"), "text", lambda hit: hit.code, width=22),
    Column("facts", gettext_lazy("现在的内容"), "long", lambda hit: hit.facts, width=44),
    Column("owner", gettext_lazy("责任人或反馈单位"), "text", lambda hit: hit.owner),
    Column("remedy", gettext_lazy("怎样处理"), "long", lambda hit: str(hit.rule.remedy)),
)


class ChoiceForm(SpokenForm):
    """Which park and year, and which rule's rows."""

    park = forms.ModelChoiceField(queryset=Park.objects.none(), to_field_name="code", label=gettext_lazy("园区"))
    year = forms.ChoiceField(label=gettext_lazy("年度"))
    rule = forms.ChoiceField(label=gettext_lazy("问题"), choices=[(rule.key, rule.label) for rule in ALL_RULES])

    def __init__(self, query: Any, user: User) -> None:
        self.parks = list(Park.objects.visible_to(user).order_by("code"))
        signed = Project.objects.visible_to(user).kept().filter(signed_on__isnull=False)
        found = {day.year for day in signed.order_by().dates("signed_on", "year")}
        today = timezone.localdate().year
        self.years = sorted(found | {today}, reverse=True)
        usual = max((year for year in found if year <= today), default=today)
        own = user.park.code if user.park else self.parks[0].code if self.parks else ""
        given = {"park": query.get("park") or own, "year": query.get("year") or str(usual)}
        super().__init__(given | {"rule": query.get("rule", "")})
        self.fields["park"].queryset = Park.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["year"].choices = [(str(year), str(year)) for year in self.years]  # type: ignore[attr-defined]
        self.fields["rule"].required = False


class DataQuality(MayMixin):
    """What of a park's data wants looking at, rule by rule."""

    @property
    def shows_secret(self) -> bool:
        """Whether secret projects are looked at too."""
        return True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = ChoiceForm(request.GET, cast(User, request.user))
        if form.is_valid():
            return self.show(form, self.sheet(form))
        status = 400 if form.parks or form.data["park"] else 200
        return render(request, "reports/data_quality.html", {"form": form, "parks": form.parks}, status=status)

    def sheet(self, form: ChoiceForm) -> Sheet:
        """The rules on the chosen park and year."""
        chosen, user = form.cleaned_data, cast(User, self.request.user)
        return Sheet.of(user, chosen["park"], int(chosen["year"]), timezone.localdate(), secret=self.shows_secret)

    def show(self, form: ChoiceForm, sheet: Sheet) -> HttpResponse:
        """The page: how many each rule finds, and the rows of the chosen one."""
        found, rule = sheet.found(), BY_KEY.get(form.cleaned_data["rule"])
        context = {
            "form": form,
            "parks": form.parks,
            "sheet": sheet,
            "groups": [(kind.label, [one for one in found if one.rule.kind == kind]) for kind in Kind],
            "total": sum(one.count for one in found),
            "broken": sum(bool(one.count) for one in found),
            "rule": rule,
            "rule_count": next((one.count for one in found if one.rule is rule), 0),
            "hits": list(islice(sheet.hits(rule), MOST_SHOWN)) if rule else [],
            "most": MOST_SHOWN,
        }
        return render(self.request, "reports/data_quality.html", context)


class DataQualityFile(DataQuality):
    """Everything that the rules find, as a workbook or CSV; of secret projects only with `with_secret=true`."""

    http_method_names = ("get", "options")

    @property
    def shows_secret(self) -> bool:
        """Files are passed on: secret projects are in them where they are asked for."""
        return self.request.GET.get("with_secret") == "true"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = ChoiceForm(request.GET, cast(User, request.user))
        if not form.is_valid() and (form.parks or form.data["park"]):
            return redirect(f"{reverse('data-quality')}?{request.GET.urlencode()}")
        sheet = self.sheet(form) if form.parks else None
        rows = (hit for rule in ALL_RULES for hit in sheet.hits(rule)) if sheet else ()
        note = _("%(park)s%(year)s年") % {"park": sheet.scope.park, "year": sheet.scope.year} if sheet else ""
        table = Table(title=_("数据质量"), columns=COLUMNS, rows=rows, note=note, noun=_("条"))
        return hand_out(table, request.GET.get("format", "xlsx"))
