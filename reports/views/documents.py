"""The doors of a scorecard's papers: kept bytes of what was published, drawn anew for a draft and for phones."""

from io import BytesIO
from typing import Any, cast

from django.http import FileResponse, Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from parkportal import files
from parkportal.models import User
from parkportal.pages import MayMixin
from parkportal.writing import write_date
from reports.documents import KINDS, Document, render
from reports.documents.paper import Paper, title_of
from reports.documents.sheet import Form, card
from reports.models import Scorecard
from reports.periods import Period
from reports.publishing import balances_of, compared_with, content_now
from reports.views.scorecards import scorecard_or_404

PHONE: dict[str, tuple[Form, str]] = {"card": ("pdf", "application/pdf"), "picture": ("png", "image/png")}
"""What is drawn for its reader, with their name and the time over it."""


def paper_of(scorecard: Scorecard) -> Paper:
    """What the papers of a scorecard say today; of a draft, what the facts say now."""
    before = compared_with(scorecard)
    content = content_now(scorecard)
    compared, settled = before.data if before else None, balances_of(scorecard, content)
    return Paper(content, timezone.localdate(), scorecard.stage_name, compared, settled)


class ScorecardDocument(MayMixin, View):
    """One paper as a download."""

    def get(self, request: HttpRequest, park: str, period: str, paper: str) -> FileResponse:
        scorecard = scorecard_or_404(request, park, period)
        if paper in PHONE:
            found = _for_phone(paper, scorecard, cast(User, request.user))
        elif paper not in KINDS:
            raise Http404(_("没有这种文件。"))
        elif scorecard.status == Scorecard.Status.PUBLISHED:
            found = _kept(paper, scorecard)
        else:
            found = render(paper, paper_of(scorecard))
        return FileResponse(
            BytesIO(found.data), as_attachment=True, filename=found.name, content_type=found.content_type
        )


def _kept(kind: str, scorecard: Scorecard) -> Document:
    """The bytes that were stored when it was published."""
    known = next((one for one in scorecard.publication.documents if one["kind"] == kind), None)
    try:
        if known:
            return Document(kind, known["name"], known["content_type"], files.read(known["stored_name"]))
    except FileNotFoundError as gone:
        raise Http404(_("这份文件已不在存储里，请联系系统管理员。")) from gone
    raise Http404(_("这份定稿没有这种文件。"))


def _for_phone(kind: str, scorecard: Scorecard, user: User) -> Document:
    form, content_type = PHONE[kind]
    paper = paper_of(scorecard)
    data = card(paper, mark=str(user), at=timezone.localtime(), form=form)
    return Document(kind, f"{paper.file_name}.{form}", content_type, data)


class ScorecardText(MayMixin, TemplateView):
    """发微信: the picture, the one-page PDF, and the paragraph to paste."""

    template_name = "reports/scorecard_text.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scorecard = scorecard_or_404(self.request, self.kwargs["park"], self.kwargs["period"])
        period = Period.parse(scorecard.period)
        title = title_of(period)
        said = {"title": title, "months": period.in_words("full"), "text": plain(scorecard, title)}
        return super().get_context_data(**kwargs) | {"card": scorecard} | said


def plain(scorecard: Scorecard, title: str) -> str:
    """The scorecard in the words that people paste into a group; of a draft, those of its last compile."""
    frozen = content_now(scorecard) if scorecard.status != Scorecard.Status.DRAFT else {}
    park = frozen["park"]["name"] if frozen else scorecard.park.name
    said = frozen or {"headline": scorecard.headline, "lead": scorecard.lead}
    day = write_date(Period.parse(scorecard.period).end, style="text")
    head = _("%(park)s%(title)s（%(state)s）") % {"park": park, "title": title, "state": scorecard.stage_name}
    foot = _("数据截至%(day)s，内部资料。") % {"day": day}
    return "\n".join(filter(None, (head, said["headline"], said["lead"], foot)))
