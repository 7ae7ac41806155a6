"""考核计分: for users of the region only; every score with its arithmetic, what-if without saving."""

from typing import Any, cast

from django.contrib import messages
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.entry import EntryPage, RowAction
from parkportal.forms import EntryForm
from parkportal.models import Park, Region, User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from parkportal.trace import StaleVersion
from reports.assessment import boards, mark_of, mark_set, rule_create, rule_update, rule_withdraw
from reports.models import AssessmentRule, Scorecard
from reports.periods import BadPeriod, Period
from reports.target_forms.assessment import MarkForm, RuleForm, supposed_of, write_hundredths


def period_in(request: HttpRequest, user: User) -> Period:
    """The period of the address, else that of the region's newest scorecard; 404 for one that is none."""
    newest = Scorecard.objects.visible_to(user).order_by("-period").values_list("period", flat=True)
    text = request.GET.get("period") or next((p for p in newest[:20] if not p.endswith("final")), "")
    try:
        period = Period.parse(text) if text else Period.of(timezone.localdate())
    except BadPeriod as wrong:
        raise Http404 from wrong
    if period.closing:
        raise Http404(_("考核按月份计分，年终核定没有单独的计分。"))
    return period


class Assessment(MayMixin):
    """The board: parks by rules, in groups, with places."""

    may = May.SEE_ASSESSMENT

    def get(self, request: HttpRequest) -> HttpResponse:
        user = cast(User, request.user)
        region, period = cast(Region, user.region), period_in(request, user)
        rules = list(
            AssessmentRule.objects.visible_to(user).kept().filter(year=period.year).select_related("indicator")
        )
        parks = list(Park.objects.visible_to(user).order_by("code"))
        asked = {name: request.GET.get(name, "") for name in ("park", "rule", "actual")}
        supposing = request.GET.dict() | {f"actual.{asked['park']}.{asked['rule']}": asked["actual"]}
        supposed, wrong = supposed_of(supposing, rules, parks)
        known = Scorecard.objects.visible_to(user).order_by("-period").values_list("period", flat=True).distinct()
        context = {
            "period": period,
            "periods": [(one, one.in_words("full")) for one in map(Period.parse, known) if not one.closing],
            "title": period.in_words("full"),
            "parks": parks,
            "asked": asked,
            "rules": [_told(rule, request) for rule in rules],
            "boards": boards(region, period, supposed) if not wrong else {},
            "supposing": bool(supposed.weights or supposed.caps or supposed.actuals),
            "wrong": wrong,
            "may_assess": user.may(May.ASSESS),
        }
        return render(request, "reports/assessment.html", context, status=400 if wrong else 200)


def _told(rule: AssessmentRule, request: HttpRequest) -> dict[str, Any]:
    """A rule as the page writes it, with the weight that is supposed for it."""
    points = {"weight": write_hundredths(rule.weight), "cap": write_hundredths(rule.cap)}
    return {"rule": rule, **points, "typed": request.GET.get(f"weight.{rule.code}", "")}


class RulePageOfAssessment(EntryPage):
    """A form of one rule of the person's own region."""

    may = May.ASSESS
    model = AssessmentRule
    form_class = RuleForm
    template_name = "reports/assessmentrule_form.html"

    def rows(self) -> QuerySet[Any]:
        return AssessmentRule.objects.visible_to(self.user).kept().select_related("indicator", "region")

    def own_row(self) -> AssessmentRule:
        return cast(AssessmentRule, get_object_or_404(self.rows(), code=self.kwargs["code"]))

    def make_form(self, data: Any = None) -> EntryForm:
        if "code" in self.kwargs:
            return self.form_class(data, instance=self.own_row(), user=self.user)
        return self.form_class(data, user=self.user, initial={"year": timezone.localdate().year})

    def done_url(self, row: AssessmentRule) -> str:
        return reverse("assessment")


class RuleNew(RulePageOfAssessment):
    saved = gettext_lazy("计分规则已添加。")

    def save(self, form: RuleForm) -> AssessmentRule:
        return rule_create(by=self.actor, values=form.values() | {"region": self.user.region})


class RuleEdit(RulePageOfAssessment):
    saved = gettext_lazy("计分规则已修改。")

    def save(self, form: RuleForm) -> AssessmentRule:
        rule_update(by=self.actor, rule=form.instance, version=form.cleaned_data["version"], values=form.values())
        return cast(AssessmentRule, form.instance)


class RuleWithdraw(RowAction):
    model = AssessmentRule
    may = May.ASSESS
    done = gettext_lazy("计分规则已撤回。")

    def own_row(self) -> AssessmentRule:
        rows = AssessmentRule.objects.visible_to(cast(User, self.request.user)).kept()
        return cast(AssessmentRule, get_object_or_404(rows, code=self.kwargs["code"]))

    def act(self, row: AssessmentRule, version: int) -> None:
        rule_withdraw(by=self.actor, rule=row, version=version)

    def back_url(self, row: AssessmentRule) -> str:
        return reverse("assessment")


class MarkSet(MayMixin):
    """Points by hand under a rule, or (without a rule) the veto of a park, for one period."""

    may = May.ASSESS

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.user = cast(User, request.user)

    def about(self) -> dict[str, Any]:
        """Whom and what the address names."""
        park = get_object_or_404(Park.objects.visible_to(self.user), code=self.kwargs["park"])
        rules = AssessmentRule.objects.visible_to(self.user).kept().filter(kind=AssessmentRule.Kind.MANUAL)
        code = self.request.GET.get("rule", "")
        rule = get_object_or_404(rules, code=code) if code else None
        return {"park": park, "rule": rule, "period": str(period_in(self.request, self.user))}

    def get(self, request: HttpRequest, park: str) -> HttpResponse:
        about = self.about()
        mark = mark_of(**about)
        initial: dict[str, Any] = {"version": mark.version if mark else 0, "reason": mark.reason if mark else ""}
        if mark and mark.points is not None:
            initial["points"] = write_hundredths(mark.points)
        return self.show(MarkForm(initial=initial, rule=about["rule"]), about)

    def post(self, request: HttpRequest, park: str) -> HttpResponse:
        about = self.about()
        form, gone = MarkForm(request.POST, rule=about["rule"]), "gone" in request.POST
        valid = form.is_valid()
        if not valid and not (gone and "version" not in form.errors):
            return self.show(form, about)
        values = None if gone else form.values()
        try:
            mark_set(by=actor_of(request), version=form.cleaned_data["version"], values=values, **about)
        except (StaleVersion, IntegrityError):
            messages.error(request, _("这一项刚被别人改过，没有保存。下面是现在的内容。"))
            return redirect(request.get_full_path())
        messages.success(request, _("已撤回。") if gone else _("已保存，得分随即变动。"))
        return redirect(f"{reverse('assessment')}?period={about['period']}")

    def show(self, form: MarkForm, about: dict[str, Any]) -> HttpResponse:
        """The form."""
        return render(self.request, "reports/assessment_mark.html", {"form": form, "mark": mark_of(**about), **about})
