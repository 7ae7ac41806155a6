"""Pages of those who verify: what waits for them, deciding it, and the monthly list of 代审."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import ListView
from django.views.generic.base import TemplateResponseMixin

from parkportal.entry import own_park
from parkportal.forms import posted_number
from parkportal.models import Attachment, Park, User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from parkportal.trace import Actor, Diff, StaleVersion, plain
from projects.forms.steps import ReasonForm, RecognitionForm, ReturnForm
from projects.models import PendingChange, Project, Review
from projects.services import (
    Act,
    alone,
    barred,
    change_recall,
    change_return,
    change_verify,
    changes_to_review,
    diff_of,
    made,
    project_return,
    project_verify,
    proofs_of,
    recognition_set,
    waiting,
)
from projects.views.project_steps import ProjectButton, ProjectStepForm
from projects.words import companion, diff_in_words, holder, label, names_in

PER_PAGE: Final = 20
MOST: Final = 200
"""Projects that are decided in one go."""
NOTHING_WAITS: Final = gettext_lazy("“%(project)s”没有待审核的修改，可能刚被处理过。")
State = Project.ReviewState


@dataclass(frozen=True)
class Item:
    """Something that waits for a reviewer: who handed it in, what is new about it, and what proves it."""

    project: Project
    change: PendingChange | None
    who: User | None
    at: datetime
    is_new: bool
    rows: list[dict[str, str]]
    proofs: list[Attachment]
    own: bool
    """Whether it is the reader's own work, so that verifying it is 代审."""

    @property
    def pick(self) -> str:
        """What is posted for it: the project as its reader saw it."""
        return f"{self.project.code}:{self.project.version}"


def items_of(projects: Iterable[Project], user: User) -> list[Item]:
    """What waits in each of the projects, in as many queries as for one."""
    rows = list(projects)
    waits = PendingChange.objects.filter(project__in=rows, state=PendingChange.State.WAITING)
    changes = {one.project_id: one for one in waits.select_related("asked_by")}
    submitted = [row for row in rows if row.pk not in changes]
    fresh = changes_to_review(submitted)
    reviewed = set(Review.objects.filter(project__in=submitted).values_list("project_id", flat=True))
    diffs = {row.code: diff_of(changes[row.pk]) if row.pk in changes else fresh[row.code] for row in rows}
    names, proofs = names_in(diffs.values()), proofs_of(rows)
    return [
        _item(
            row, changes.get(row.pk), user, row.pk not in reviewed, lines(row, diffs[row.code], names), proofs[row.code]
        )
        for row in rows
    ]


def _item(
    project: Project,
    change: PendingChange | None,
    user: User,
    is_new: bool,
    rows: list[dict[str, str]],
    proofs: list[Attachment],
) -> Item:
    if change:
        return Item(project, change, change.asked_by, change.asked_at, False, rows, proofs, change.asked_by == user)
    return Item(project, None, project.submitted_by, project.updated_at, is_new, rows, proofs, made(user, project))


def lines(project: Project, diff: Diff, names: Any) -> list[dict[str, str]]:
    """Old and new in words, one line for each field, a precision or qualifier together with its value."""
    told = dict.fromkeys(holder(name) for name in diff)
    whole = {name: (plain(getattr(project, name)),) * 2 for name in (*told, *map(companion, told)) if name} | diff
    pairs = ((name, diff_in_words(name, whole, names)) for name in told)
    return [{"label": label(name), "old": old, "new": new} for name, (old, new) in pairs if old or new]


def item_of(project: Project, user: User) -> Item | None:
    """What waits in one project; None where nothing does."""
    if project.veiled or project.deleted_at:
        return None
    if project.review_state != State.SUBMITTED and waiting(project) is None:
        return None
    return items_of([project], user)[0]


class ReviewList(MayMixin, TemplateResponseMixin):
    """What waits for the reader's decision, the longest waiting first; several are decided in one go."""

    may = May.VERIFY
    template_name = "projects/review_list.html"

    def rows(self) -> QuerySet[Project]:
        """Projects of the reader's park that were handed in, or of which a change waits."""
        user = cast(User, self.request.user)
        asked = PendingChange.objects.filter(project=OuterRef("pk"), state=PendingChange.State.WAITING)
        rows = Project.objects.visible_to(user).open_to(user).kept().filter(park=own_park(self.request))
        rows = rows.filter(Q(review_state=State.SUBMITTED) | Exists(asked))
        return cast("QuerySet[Project]", rows.select_related("park", "submitted_by").order_by("updated_at", "code"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        picks = list(dict.fromkeys(request.POST.getlist("pick")))
        if len(picks) > MOST:
            messages.error(
                request, _("一次最多审核%(most)s个，现在选了%(count)s个。") % {"most": MOST, "count": len(picks)}
            )
            return self.show()
        if not picks:
            messages.error(request, _("先勾选要审核的项目。"))
            return self.show()
        found = {row.code: row for row in self.rows().filter(code__in=[pick.rpartition(":")[0] for pick in picks])}
        actor, proxy = actor_of(request), request.POST.get("proxy_reason", "")
        return self.show(results=[decide(actor, found, pick, proxy) for pick in picks], proxy_reason=proxy)

    def show(self, **more: Any) -> HttpResponse:
        """The page, with what became of each that was decided."""
        user = cast(User, self.request.user)
        page = Paginator(self.rows(), PER_PAGE).get_page(self.request.GET.get("page", "1"))
        items = items_of(page.object_list, user)
        results = more.get("results", [])
        context = {
            "page_obj": page,
            "items": items,
            "alone": any(item.own for item in items) and alone(user),
            "done": sum(one["ok"] for one in results),
            "failed": sum(not one["ok"] for one in results),
        }
        return self.render_to_response(context | more)


def decide(actor: Actor, found: dict[str, Project], pick: str, proxy: str) -> dict[str, Any]:
    """Verify what was picked (“code:version”) and say what became of it; each stands for itself."""
    code, _colon, version = pick.rpartition(":")
    project = found.get(code)
    if project is None:
        return {"name": code, "ok": False, "text": _("不在待审核的项目里，可能刚被办理。")}
    said = {"name": project.name, "url": reverse("project-detail", args=[code]), "ok": False}
    try:
        verify(actor, project, posted_number(version), proxy)
    except StaleVersion:
        return said | {"text": _("刚被别人改过，没有办理。请看过现在的内容再审核。")}
    except PermissionDenied as refused:
        return said | {"text": str(refused)}
    except ValidationError as refused:
        return said | {"text": "".join(refused.messages)}
    return said | {"ok": True, "text": _("审核通过，计入统计。")}


def verify(actor: Actor, project: Project, version: int, proxy: str) -> None:
    """Verify the project that was handed in, or the change of it that waits."""
    change = waiting(project)
    if change is None:
        project_verify(by=actor, project=project, version=version, proxy_reason=proxy)
    else:
        change.project = project
        change_verify(by=actor, change=change, version=version, proxy_reason=proxy)


class ProxyList(MayMixin, ListView):  # type: ignore[type-arg]
    """What was verified by the person who had entered it, with the reason, month by month."""

    template_name = "projects/review_proxy_list.html"
    paginate_by = 50

    @cached_property
    def month(self) -> date:
        """The first day of the month of the address, or of the running month; 404 for what is no month."""
        typed = self.request.GET.get("month", "")
        if not typed:
            return timezone.localdate().replace(day=1)
        try:
            return datetime.strptime(typed, "%Y-%m").date()  # noqa: DTZ007 a month has no zone
        except ValueError:
            raise Http404(_("月份写成“2020-09”的样子。")) from None

    def get_queryset(self) -> Any:
        user = cast(User, self.request.user)
        seen = Project.objects.visible_to(user).open_to(user).filter(park__in=Park.objects.visible_to(user))
        month = Review.objects.filter(at__year=self.month.year, at__month=self.month.month, project__in=seen)
        return month.exclude(proxy_reason="").select_related("project__park", "by").order_by("at", "id")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        before = (self.month - timedelta(days=1)).replace(day=1)
        after = (self.month + timedelta(days=32)).replace(day=1)
        known = after if after <= timezone.localdate() else None
        return super().get_context_data(**kwargs) | {"month": self.month, "before": before, "after": known}


class ProjectVerify(ProjectButton):
    """Letting a project count, or the change of it that waits."""

    may = May.VERIFY
    done = gettext_lazy("“%(project)s”已审核通过，从现在起计入统计。")

    def act(self) -> None:
        verify(self.actor, self.project, self.version, self.request.POST.get("proxy_reason", ""))


class ProjectReturn(ProjectStepForm):
    """Giving a submitted project back, with reasons for the whole and for single fields."""

    may = May.VERIFY
    act = Act.RETURN
    template_name = "projects/review_return.html"
    title = gettext_lazy("退回项目")
    action = gettext_lazy("退回")
    done = gettext_lazy("“%(project)s”已退回经办人。")

    def form(self, data: Any = None) -> ReturnForm:
        return ReturnForm(data, project=self.project)

    def save(self, form: Any) -> None:
        reason, reasons = form.cleaned_data["reason"], form.reasons()
        project_return(by=self.actor, project=self.project, reason=reason, reasons=reasons, version=self.version)


class ProjectChangeReturn(ProjectStepForm):
    """Giving a waiting change back; the verified values stay."""

    may = May.VERIFY
    act = Act.DECIDE
    title = gettext_lazy("退回修改")
    action = gettext_lazy("退回")
    done = gettext_lazy("“%(project)s”的修改已退回，仍按原值统计。")

    @cached_property
    def change(self) -> PendingChange | None:
        """The change that waits."""
        return waiting(self.project)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(request, *args, **kwargs) if self.change else self.nothing_waits()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs) if self.change else self.nothing_waits()

    def nothing_waits(self) -> HttpResponse:
        """Somebody was first, or nothing was asked for."""
        if refusal := barred(self.actor.user, self.project, self.act):
            raise PermissionDenied(refusal)
        messages.error(self.request, NOTHING_WAITS % {"project": self.project.name})
        return self.back()

    def form(self, data: Any = None) -> ReasonForm:
        return ReasonForm(data)

    def save(self, form: Any) -> None:
        change = cast(PendingChange, self.change)
        change_return(by=self.actor, change=change, reason=form.cleaned_data["reason"], version=self.version)


class ProjectChangeRecall(ProjectButton):
    """Taking one's own waiting change back."""

    done = gettext_lazy("“%(project)s”的修改已撤回，仍按原值统计。")

    def act(self) -> None:
        change = waiting(self.project)
        if change is None:
            raise ValidationError(NOTHING_WAITS % {"project": self.project.name})
        change_recall(by=self.actor, change=change, version=self.version)


class ProjectRecognition(ProjectStepForm):
    """What an authority decided about a project, level by level."""

    may = May.VERIFY
    act = Act.RECOGNISE
    title = gettext_lazy("登记认定")
    action = gettext_lazy("保存认定")
    done = gettext_lazy("“%(project)s”的认定已登记。")

    def form(self, data: Any = None) -> RecognitionForm:
        return RecognitionForm(data, today=timezone.localdate())

    def save(self, form: Any) -> None:
        recognition_set(by=self.actor, project=self.project, version=self.version, **form.values())
