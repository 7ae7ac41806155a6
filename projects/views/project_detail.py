"""The page of one project: its stages, key numbers, events, money, trace, and what may be done now."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any, Final, cast

from django.db.models import Q, Sum
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import DetailView

from parkportal import writing
from parkportal.models import Change, Park, Precision, User
from parkportal.pages import MayMixin
from projects import stages
from projects.models import Engagement, FundArrival, PendingChange, Project
from projects.services import Act, alone, can_undo, possible
from projects.services.contracts import contract_differences
from projects.views.project_events import event_kinds, talks_of, timeline
from projects.views.reviews import item_of
from projects.words import LABEL, label, log_rows, write_amount, write_day

NEWEST: Final = 20
"""Arrivals and entries of the trace that the page shows at first."""
MOST: Final = 500
FACTS: Final = (
    *("category", "kind", "contract_type", "status", "chain", "chain_node", "chain_action", "construction_nature"),
    *("land_use_mode", "industry_code", "site", "confidentiality"),
)


class ProjectDetail(MayMixin, DetailView):  # type: ignore[type-arg]
    """One project of the reader's parks, or one in which such a park holds a share; withdrawn ones say so."""

    model = Project
    template_name = "projects/project_detail.html"

    def get_object(self, queryset: Any = None) -> Project:
        rows = Project.objects.visible_to(cast(User, self.request.user)).select_related(
            *("park__region", "investor__group", "company", "chain", "chain_node", "owner", "parent"),
            *("created_by", "submitted_by", "verified_by"),
        )
        rows = rows.prefetch_related("stage_changes", "contracts", "notes")
        return cast(Project, get_object_or_404(rows, code=self.kwargs["code"]))

    def get_template_names(self) -> list[str]:
        return ["projects/project_closed.html" if self.object.veiled else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        project: Project = self.object
        if project.veiled:
            return super().get_context_data(**kwargs) | {"project": project, "steps": list(steps(project, []))}
        user = cast(User, self.request.user)
        following = stages.next_stages(project.stage)
        show = self.request.GET.get("events", "")
        talks = talks_of(project, user)
        events = [event for event in timeline(project, talks) if show in {"", event["kind"]}]
        return super().get_context_data(**kwargs) | {
            "project": project,
            "can": {act.value: possible(user, project, act) for act in Act},
            "next_stage": stages.BY_CODE[following[0]] if following else None,
            "at_home": Park.objects.visible_to(user).filter(pk=project.park_id).exists(),
            "steps": list(steps(project, talks)),
            "numbers": list(numbers(project, user)),
            "events": events,
            "event_kinds": event_kinds(show),
            "facts": facts(project),
            "shares": shares(project),
            "papers": (papers := list(project.contracts.all())),
            "differences": list(contract_differences(project, papers)),
            **funds(project, user),
            **trace(project, user, all_of_it=self.request.GET.get("trace") == "all"),
            **reviewing(project, user),
        }


def steps(project: Project, talks: list[Engagement]) -> Iterator[dict[str, str]]:
    """The stages of a project for the stepper; days between two only where both are exact to the day."""
    here = stages.CODES.index(project.stage)
    shown = [stage for stage in stages.STAGES[1:] if stage.code != stages.FULL_CAPACITY or project.stage == stage.code]
    before: tuple[str, date] | None = None
    for stage in shown:
        day, written, exact, note = _known(project, stage, talks)
        passed = stages.CODES.index(stage.code) <= here
        state = "now" if stage.code == project.stage else "todo" if not passed else "done" if day else "unknown"
        note = note or (_days_after(before, day) if exact else "")
        yield {"label": str(stage.label), "date": written, "note": note, "state": state}
        before = (str(stage.label), day) if day and exact and stage.date_field else before


def _known(project: Project, stage: stages.Stage, talks: list[Engagement]) -> tuple[date | None, str, bool, str]:
    """When a stage was reached: the day, as written, whether it is exact, and a word on it."""
    name = stage.date_field
    if name:
        day, precision = getattr(project, name), getattr(project, f"{name}_precision")
        sample = _("示例") if name in project.sample_fields else ""
        return day, writing.write_date(day, precision), precision == Precision.DAY, sample
    first = min((talk for talk in talks if not talk.until), key=lambda talk: talk.held_on, default=None)
    if first is None:
        return None, "", False, ""
    return first.held_on, writing.write_date(first.held_on, first.held_on_precision), False, _("首次洽谈")


def _days_after(before: tuple[str, date] | None, day: date | None) -> str:
    if before is None or day is None or day < before[1]:
        return ""
    return _("%(stage)s后%(days)s天") % {"stage": before[0], "days": (day - before[1]).days}


def lone(yuan: int | None, qualifier: str = "exact") -> tuple[str, str]:
    """An amount for a tile: the figure with its qualifier, and the unit that suits it."""
    if yuan is None:
        return writing.NOTHING, ""
    text = writing.write_money_with_unit(yuan, detail=True)
    before, after = writing.write_count(1, qualifier).split("1")
    unit = text[-2:]
    return before + text.removesuffix(unit) + after, unit


def numbers(project: Project, user: User) -> Iterator[dict[str, Any]]:
    """The six key numbers: label, value, unit, address of the list behind, context, sample."""
    sample = set(project.sample_fields)
    total, unit = lone(project.total_investment, project.total_investment_qualifier)
    in_wan = _("合同约定，%(amount)s万元") % {
        "amount": write_amount(project.total_investment, project.total_investment_qualifier)
    }
    yield _tile(
        label("total_investment"),
        total,
        unit,
        in_wan if total != writing.NOTHING else _("没有登记"),
        sample & {"total_investment"},
    )
    output, unit = lone(project.expected_annual_output)
    yield _tile(label("expected_annual_output"), output, unit, _("达产后，预计"), sample & {"expected_annual_output"})
    tax = writing.write_money(project.expected_annual_tax, "万元")
    yield _tile(label("expected_annual_tax"), tax, _("万元"), _("达产后，预计"), sample & {"expected_annual_tax"})
    jobs = writing.write_count(project.expected_jobs, project.expected_jobs_qualifier)
    note = _("含约数") if project.expected_jobs_qualifier != "exact" else _("达产后，预计")
    yield _tile(_("预计就业"), jobs, _("人"), note, sample & {"expected_jobs"})
    yield _money_arrived(project, user)
    days = "" if project.settle_days is None else _("受理申请到办结入驻")
    settled = writing.write_number(project.settle_days)
    yield _tile(
        _("入驻用时"),
        settled,
        _("天"),
        days or _("两个日期都到日才计算"),
        sample & {"settle_started_on", "moved_in_on"},
    )


def _tile(name: str, value: str, unit: str, note: str, sample: set[str], url: str = "") -> dict[str, Any]:
    return {"label": name, "value": value, "unit": unit, "note": note, "sample": bool(sample), "url": url}


def _arrivals(project: Project, user: User) -> Any:
    return FundArrival.objects.visible_to(user).kept().filter(project=project)


def _money_arrived(project: Project, user: User) -> dict[str, Any]:
    found = _arrivals(project, user).filter(verified=True).aggregate(total=Sum("amount"))["total"]
    value, unit = lone(found)
    url = f"{reverse('fund-arrival-list')}?project={project.code}&verified=true" if found else ""
    return _tile(_("到位资金"), value, unit, _("已核实的合计") if found else _("没有已核实的到账"), set(), url)


def funds(project: Project, user: User) -> dict[str, Any]:
    """The newest arrivals of a project, and what all of them make."""
    rows = _arrivals(project, user)
    total = rows.aggregate(all=Sum("amount"), verified=Sum("amount", filter=Q(verified=True)))
    return {"arrivals": list(rows[:NEWEST]), "arrived": total["all"], "arrived_verified": total["verified"]}


def shares(project: Project) -> list[dict[str, str]]:
    """Who is credited with what part, where it is more than one park."""
    rows = list(project.shares.select_related("park").order_by("-count_bp", "park__code"))
    if len(rows) < 2:
        return []
    return [
        {"park": row.park.name, "count": f"{row.count_bp / 100:g}%", "amount": f"{row.amount_bp / 100:g}%"}
        for row in rows
    ]


def facts(project: Project) -> list[dict[str, Any]]:
    """Plain columns in words: label, value, sample."""
    rows = [(name, _in_words(project, name)) for name in FACTS]
    rows += [
        ("land_area_mu", _area(project)),
        ("workshop_area_sqm", _square_metres(project)),
        *((name, write_amount(getattr(project, name), unit="万元")) for name in AMOUNTS),
        *((name, write_day(project, name)) for name in ("planned_start_on", "planned_production_on")),
    ]
    sample = set(project.sample_fields)
    return [{"label": label(name), "value": value, "sample": name in sample} for name, value in rows if value]


AMOUNTS: Final = ("fixed_asset_investment", "contracted_capital", "annual_planned_investment", "completed_investment")


def _in_words(project: Project, name: str) -> str:
    display = getattr(project, f"get_{name}_display", None)
    return str(display() if display else getattr(project, name) or "")


def _area(project: Project) -> str:
    return "" if project.land_area_mu is None else f"{project.land_area_mu / 100:,.2f}".rstrip("0").rstrip(".") + "亩"


def _square_metres(project: Project) -> str:
    area = project.workshop_area_sqm
    return "" if area is None else writing.write_count(area, project.workshop_area_qualifier) + "㎡"


def trace(project: Project, user: User, *, all_of_it: bool) -> dict[str, Any]:
    """The trace in words, and how many entries there are."""
    found = Change.objects.visible_to(user).of(LABEL, [project.code]).select_related("user")
    count = found.count()
    return {
        "log": log_rows(found[: MOST if all_of_it else NEWEST], undo=partial(undo_url, project, user)),
        "log_count": count,
        "log_all": all_of_it or count <= NEWEST,
    }


def undo_url(project: Project, user: User, change: Change) -> str:
    """Where the reader takes a change back; empty where they may not, or where it holds no longer."""
    if not (possible(user, project, Act.EDIT) and can_undo(change, project)):
        return ""
    return f"{reverse('project-undo', args=[project.code])}?change={change.seq}"


def reviewing(project: Project, user: User) -> dict[str, Any]:
    """What waits for a reviewer, why it was given back, who recognised it, and what was decided before."""
    item = item_of(project, user)
    act = Act.DECIDE if item and item.change else Act.VERIFY
    change = item.change if item else None
    return {
        "review": item,
        "may_decide": bool(item) and possible(user, project, act) and not (item and item.own and not alone(user)),
        "may_recall": change is not None and change.asked_by == user,
        "returned": [(label(name), reason) for name, reason in project.return_reasons.items()],
        "recognitions": [] if project.veiled else list(project.recognitions.order_by("id")),
        "reviews": [] if project.veiled else list(project.reviews.select_related("by")[:NEWEST]),
        "answered": None if project.veiled else answered(project, user),
    }


def answered(project: Project, user: User) -> PendingChange | None:
    """The reader's own last change, where it was given back and nothing was asked since."""
    last = project.pending_changes.select_related("decided_by", "asked_by").first()
    returned = last is not None and last.state == PendingChange.State.RETURNED and last.asked_by == user
    return last if returned else None
