"""The page of one project: its stages, key numbers, events, money, trace, and what may be done now."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, cast

from django.db.models import Q, Sum
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import DetailView

from parkportal import writing
from parkportal.models import Change, Park, Precision, User
from parkportal.pages import MayMixin
from projects import stages
from projects.models import Engagement, FundArrival, Project
from projects.services import Act, possible
from projects.words import LABEL, label, log_rows, write_amount

NEWEST: Final = 20
"""Arrivals and entries of the trace that the page shows at first."""
MOST: Final = 500
NODES: Final = (
    ("signed_on", gettext_lazy("签订投资合同"), gettext_lazy("签约"), "doc"),
    ("ceremony_on", gettext_lazy("举行签约仪式"), gettext_lazy("签约"), "handshake"),
    ("registered_on", gettext_lazy("项目公司完成注册"), gettext_lazy("注册"), "building"),
    ("settle_started_on", gettext_lazy("受理入园申请"), gettext_lazy("入驻"), "flag"),
    ("moved_in_on", gettext_lazy("办结入驻手续"), gettext_lazy("入驻"), "check"),
    ("started_on", gettext_lazy("开工"), gettext_lazy("开工"), "flag"),
    ("completed_on", gettext_lazy("竣工"), gettext_lazy("竣工"), "check"),
    ("in_production_on", gettext_lazy("开始投产"), gettext_lazy("投产"), "factory"),
    ("full_capacity_on", gettext_lazy("达产"), gettext_lazy("达产"), "factory"),
    ("terminated_on", gettext_lazy("项目终止"), gettext_lazy("终止"), "close"),
)
"""Dates of a project as events: column, what happened, tag, icon."""
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
        return cast(Project, get_object_or_404(rows, code=self.kwargs["code"]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        project: Project = self.object
        user = cast(User, self.request.user)
        following = stages.next_stages(project.stage)
        show = self.request.GET.get("events", "")
        events = [event for event in timeline(project, user) if show in {"", event["kind"]}]
        return super().get_context_data(**kwargs) | {
            "project": project,
            "can": {act.value: possible(user, project, act) for act in Act},
            "next_stage": stages.BY_CODE[following[0]] if following else None,
            "at_home": Park.objects.visible_to(user).filter(pk=project.park_id).exists(),
            "steps": list(steps(project)),
            "numbers": list(numbers(project, user)),
            "events": events,
            "event_kinds": event_kinds(show),
            "facts": facts(project),
            "shares": shares(project),
            **funds(project, user),
            **trace(project, user, all_of_it=self.request.GET.get("trace") == "all"),
        }


def steps(project: Project) -> Iterator[dict[str, str]]:
    """The stages of a project for the stepper; days between two only where both are exact to the day."""
    here = stages.CODES.index(project.stage)
    shown = [stage for stage in stages.STAGES[1:] if stage.code != stages.FULL_CAPACITY or project.stage == stage.code]
    started: tuple[str, date] | None = None
    for stage in shown:
        day, exact = _known(project, stage)
        passed = stages.CODES.index(stage.code) <= here
        state = "now" if stage.code == project.stage else "todo" if not passed else "done" if day else "unknown"
        yield {
            "label": str(stage.label),
            "date": _written(project, stage),
            "note": _days_after(started, day) if exact else "",
            "state": state,
        }
        started = (str(stage.label), day) if day and exact else started


def _known(project: Project, stage: stages.Stage) -> tuple[date | None, bool]:
    if not stage.date_field:
        return None, False
    day = getattr(project, stage.date_field)
    return day, day is not None and getattr(project, f"{stage.date_field}_precision") == Precision.DAY


def _written(project: Project, stage: stages.Stage) -> str:
    if not stage.date_field:
        return ""
    return writing.write_date(getattr(project, stage.date_field), getattr(project, f"{stage.date_field}_precision"))


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
    for name in ("expected_annual_output", "expected_annual_tax"):
        value, unit = lone(getattr(project, name))
        yield _tile(label(name), value, unit, _("达产后，预计"), sample & {name})
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
        *((name, _date(project, name)) for name in ("planned_start_on", "planned_production_on")),
    ]
    sample = set(project.sample_fields)
    return [{"label": label(name), "value": value, "sample": name in sample} for name, value in rows if value]


AMOUNTS: Final = ("fixed_asset_investment", "contracted_capital", "annual_planned_investment", "completed_investment")


def _in_words(project: Project, name: str) -> str:
    display = getattr(project, f"get_{name}_display", None)
    return str(display() if display else getattr(project, name) or "")


def _date(project: Project, name: str) -> str:
    day = getattr(project, name)
    return writing.write_date(day, getattr(project, f"{name}_precision")) if day else ""


def _area(project: Project) -> str:
    return "" if project.land_area_mu is None else f"{project.land_area_mu / 100:,.2f}".rstrip("0").rstrip(".") + "亩"


def _square_metres(project: Project) -> str:
    area = project.workshop_area_sqm
    return "" if area is None else writing.write_count(area, project.workshop_area_qualifier) + "㎡"


def event_kinds(show: str) -> list[dict[str, Any]]:
    """The three views of the events."""
    kinds = (("", _("全部")), ("node", _("节点")), ("talk", _("洽谈")))
    return [
        {"label": text, "url": f"?events={kind}#events" if kind else "?#events", "current": kind == show}
        for kind, text in kinds
    ]


def timeline(project: Project, user: User) -> list[dict[str, Any]]:
    """What happened, newest first; what has no day comes last."""
    events = [*_nodes(project), *_moves(project), *_papers(project), *_talks(project, user), *_notes(project)]
    return sorted(events, key=lambda event: event["on"] or date.min, reverse=True)


def _event(
    kind: str, on: date | None, written: str, title: str, tag: str, icon: str, text: str = "", **more: Any
) -> dict[str, Any]:
    return {"kind": kind, "on": on, "date": written, "title": title, "tag": tag, "icon": icon, "text": text, **more}


def _nodes(project: Project) -> Iterator[dict[str, Any]]:
    reasons = {step.to_stage: step.reason for step in project.stage_changes.all() if step.reason}
    known = {stage.date_field: stage.code for stage in stages.STAGES if stage.date_field}
    for name, title, tag, icon in NODES:
        day = getattr(project, name)
        if day:
            text = reasons.get(known.get(name, ""), "")
            yield _event("node", day, _date(project, name), title, tag, icon, text)


def _moves(project: Project) -> Iterator[dict[str, Any]]:
    """Steps that no date of the project tells: the first talks, and the ways back."""
    for step in project.stage_changes.all():
        back = step.from_stage and stages.CODES.index(step.to_stage) < stages.CODES.index(step.from_stage)
        if not (back or (step.on and not stages.BY_CODE[step.to_stage].date_field)):
            continue
        title = _("进度退回“%(stage)s”") if back else _("进入“%(stage)s”")
        written = writing.write_date(step.on, step.on_precision) if step.on else ""
        words = {"stage": step.get_to_stage_display()}
        yield _event(
            "node",
            step.on,
            written,
            title % words,
            step.get_to_stage_display(),
            "undo" if back else "flag",
            step.reason,
        )


def _papers(project: Project) -> Iterator[dict[str, Any]]:
    for paper in project.contracts.all():
        amount = write_amount(paper.amount, unit="万元")
        differs = (
            paper.type == project.contract_type
            and paper.amount is not None
            and paper.amount != project.total_investment
        )
        doubt = _("与台账的总投资不一致") if differs else ""
        number = _("编号%(number)s") % {"number": paper.number} if paper.number else ""
        text = "，".join(filter(None, (amount, number, paper.note, doubt)))
        written = writing.write_date(paper.signed_on, paper.signed_on_precision) if paper.signed_on else ""
        yield _event("node", paper.signed_on, written, paper.get_type_display(), _("合同"), "doc", text)


def _talks(project: Project, user: User) -> Iterator[dict[str, Any]]:
    rows = Engagement.objects.visible_to(user).kept().filter(project=project).prefetch_related("participants")
    for talk in rows:
        people = "、".join(f"{one.name}（{one.post}）" if one.post else one.name for one in talk.participants.all())
        between = _("在%(first)s至%(last)s之间") % {"first": talk.held_on, "last": talk.until} if talk.until else ""
        text = "；".join(filter(None, (between, talk.place, talk.summary, people)))
        written = "" if talk.until else writing.write_date(talk.held_on, talk.held_on_precision)
        icon = "video" if talk.mode == Engagement.Mode.ONLINE else "pin"
        url = reverse("engagement-detail", args=[talk.code])
        yield _event(
            "talk",
            talk.held_on,
            written,
            talk.title,
            talk.get_mode_display(),
            icon,
            text,
            source=_("洽谈记录"),
            url=url,
        )


def _notes(project: Project) -> Iterator[dict[str, Any]]:
    for note in project.notes.all():
        parts = ((_("进展"), note.progress), (_("问题"), note.problem), (_("下一步"), note.next_step))
        text = "；".join(f"{name}：{said}" for name, said in parts if said)
        title = _("%(day)s一周的进展") % {"day": note.week_of}
        yield _event("node", note.week_of, note.week_of.isoformat(), title, _("周进展"), "edit", text)


def trace(project: Project, user: User, *, all_of_it: bool) -> dict[str, Any]:
    """The trace in words, and how many entries there are."""
    found = Change.objects.visible_to(user).of(LABEL, [project.code]).select_related("user")
    count = found.count()
    return {
        "log": log_rows(found[: MOST if all_of_it else NEWEST]),
        "log_count": count,
        "log_all": all_of_it or count <= NEWEST,
    }
