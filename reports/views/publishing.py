"""The doors of a scorecard's life: hand in, give back, publish, correct, sign; and what changed since another one."""

from abc import ABC, abstractmethod
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView

from parkportal import gate
from parkportal.models import User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from reports.changes import Difference, differences
from reports.frozen import park_of
from reports.inputs import SpokenForm
from reports.matter_forms import WholeDayField
from reports.models import Publication, Scorecard, Signature
from reports.periods import Period
from reports.publishing import (
    balances_of,
    base_of,
    compared_with,
    content_now,
    scorecard_correct,
    scorecard_publish,
    scorecard_return,
    scorecard_submit,
    signature_record,
)
from reports.tasks import announce, compile_what_is_due
from reports.views.scorecards import open_scorecard, page_of, scorecard_or_404

USUAL_REASONS = (
    gettext_lazy("报送较晚，本期补计"),
    gettext_lazy("审核不予认定，核减"),
    gettext_lazy("项目终止，核减"),
    gettext_lazy("原登记金额有误，更正"),
    gettext_lazy("签约日期有误，更正"),
    gettext_lazy("市里调整目标"),
)
"""Why figures usually move; offered while typing."""


class ScorecardSubmit(MayMixin, TemplateView):
    """送审: what the draft says against what was published before, and a reason for each change of a correction."""

    may = May.SUBMIT_SCORECARD
    template_name = "reports/scorecard_submit.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The differences with their reasons."""
        return self._not_now() or super().get(request, *args, **kwargs)

    def _not_now(self) -> HttpResponse | None:
        """What is no draft any more, as after a button that was pressed twice, is shown as it is."""
        self.card = open_scorecard(self.request, self.kwargs["park"], self.kwargs["period"])
        if self.card.status == Scorecard.Status.DRAFT:
            return None
        messages.info(self.request, _("这一期已经是%(stage)s，不用再送审。") % {"stage": self.card.stage_name})
        return redirect(page_of(self.card))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        card = self.card
        base, content = base_of(card), content_now(card)
        found, typed = differences(base.data, content) if base else [], self.request.POST
        return super().get_context_data(**kwargs) | {
            "card": card,
            "title": Period.parse(card.period).in_words("full"),
            "base": base,
            "closing": Period.parse(card.period).closing,
            "rows": [(one, f"reason_{one.key}", _typed(one, typed, card)) for one in found],
            "balances": balances_of(card, content),
            "usual": USUAL_REASONS,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Hand in; what was typed stays where it is refused."""
        if shown := self._not_now():
            return shown
        context = self.get_context_data(**kwargs)
        reasons = {one.key: text for one, _name, text in context["rows"]}
        try:
            scorecard_submit(by=actor_of(request), scorecard=context["card"], reasons=reasons)
        except ValidationError as refused:
            return self.render_to_response(context | {"errors": refused.messages}, status=400)
        messages.success(request, _("已送审，等另一位同事定稿。"))
        return redirect(page_of(context["card"]))


def _typed(one: Difference, typed: QueryDict, card: Scorecard) -> str:
    return typed.get(f"reason_{one.key}", card.reasons.get(one.key, ""))


class Step(MayMixin, View, ABC):
    """A button that moves a scorecard on; a refusal is said on its page."""

    http_method_names = ["post"]
    done: Any = ""

    @abstractmethod
    def act(self, request: HttpRequest, card: Scorecard) -> Scorecard:
        """Do it, and return the scorecard whose page is shown next."""

    def find(self, request: HttpRequest, park: str, period: str) -> Scorecard:
        """The scorecard that is meant."""
        return open_scorecard(request, park, period)

    def post(self, request: HttpRequest, park: str, period: str) -> HttpResponse:
        card = self.find(request, park, period)
        try:
            card = self.act(request, card)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, str(self.done))
        return redirect(page_of(card))


class ScorecardReturn(Step):
    """退回, or 撤回 by who handed it in."""

    may = May.SUBMIT_SCORECARD
    done = gettext_lazy("已退回为初稿。")

    def act(self, request: HttpRequest, card: Scorecard) -> Scorecard:
        return scorecard_return(by=actor_of(request), scorecard=card, reason=request.POST.get("reason", ""))


class ScorecardPublish(Step):
    """定稿."""

    may = May.PUBLISH_SCORECARD
    done = gettext_lazy("已定稿。此后改动台账不再影响这一期。")

    def act(self, request: HttpRequest, card: Scorecard) -> Scorecard:
        publication = scorecard_publish(by=actor_of(request), scorecard=card)
        compile_what_is_due()
        announce(publication.code)
        return card


class ScorecardCorrect(Step):
    """更正: open a draft of the next revision."""

    may = May.SUBMIT_SCORECARD
    done = gettext_lazy("已开始更正。初稿按现在的台账编制，送审时逐项写明原因。")

    def find(self, request: HttpRequest, park: str, period: str) -> Scorecard:
        return scorecard_or_404(request, park, period)

    def act(self, request: HttpRequest, card: Scorecard) -> Scorecard:
        if card.status != Scorecard.Status.PUBLISHED:
            raise ValidationError(_("只有定稿可以更正。"))
        draft = scorecard_correct(by=actor_of(request), publication=card.publication)
        compile_what_is_due()
        return draft


class SignatureForm(SpokenForm):
    """A signature on paper."""

    part = forms.ChoiceField(label=gettext_lazy("环节"), choices=reversed(Signature.Part.choices))
    signer = forms.CharField(label=gettext_lazy("签字人"), max_length=40)
    signed_on = WholeDayField(label=gettext_lazy("签字日期"), past=True)
    scan = forms.FileField(
        label=gettext_lazy("扫描件"), required=False, widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"})
    )

    def clean_signed_on(self) -> date:
        """The day."""
        return cast(date, self.cleaned_data["signed_on"][0])

    def clean_scan(self) -> tuple[str, bytes, str] | None:
        """The file as the gate let it in."""
        scan = self.cleaned_data["scan"]
        return let_in(scan) if scan else None


class ScorecardSign(MayMixin, TemplateView):
    """签字记录: who signed the paper, when, with its scan."""

    may = May.SUBMIT_SCORECARD
    template_name = "reports/scorecard_sign.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        card = scorecard_or_404(self.request, self.kwargs["park"], self.kwargs["period"])
        about = {"card": card, "title": Period.parse(card.period).in_words("full"), "back_url": page_of(card)}
        return super().get_context_data(**kwargs) | {"form": SignatureForm()} | about | kwargs

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the record; what was typed stays where it is refused."""
        form = SignatureForm(request.POST, request.FILES)
        context = self.get_context_data(form=form, **kwargs)
        if not form.is_valid():
            return self.render_to_response(context)
        signature_record(by=actor_of(request), scorecard=context["card"], **form.cleaned_data)
        messages.success(request, _("签字记录已保存。"))
        return redirect(context["back_url"])


def let_in(file: UploadedFile) -> tuple[str, bytes, str]:
    """An uploaded scan as the gate let it in: name, bytes, type; ValidationError with its sentence for any other."""
    try:
        gate.refuse_size(file.name or "", file.size or 0)
        admitted = gate.admit(file.name or "", file.read())
    except gate.Refused as refused:
        raise ValidationError(str(refused)) from refused
    return admitted.name, admitted.data, admitted.content_type


class ScorecardChanges(MayMixin, TemplateView):
    """变动表: what changed since the month before, or since another revision."""

    template_name = "reports/scorecard_changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        card = scorecard_or_404(self.request, self.kwargs["park"], self.kwargs["period"])
        others = Publication.objects.visible_to(cast(User, self.request.user)).filter(park=card.park)
        others = others.exclude(scorecard=card).order_by("-period", "-revision")
        against = self._against(card, list(others))
        content = content_now(card) if against or card.frozen_revision else {}
        found = differences(against.data, content) if against else []
        return super().get_context_data(**kwargs) | {
            "card": card,
            "park": park_of(content) if content else card.park,
            "title": Period.parse(card.period).in_words("full"),
            "others": [(one, Period.parse(one.period).in_words("full")) for one in others],
            "against": against,
            "against_title": Period.parse(against.period).in_words("full") if against else "",
            "found": [(one, card.reasons.get(one.key, "")) for one in found],
            "balances": balances_of(card, content),
        }

    def _against(self, card: Scorecard, others: list[Publication]) -> Publication | None:
        """The one that is asked for, else what this one is usually compared with."""
        asked = self.request.GET.get("against", "")
        if asked:
            return get_object_or_404(Publication, pk__in=[one.pk for one in others], code=asked)
        return compared_with(card)
