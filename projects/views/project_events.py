"""What happened to a project, as the timeline of its page tells it."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.models import User
from projects import stages
from projects.models import Contract, Engagement, Project
from projects.words import write_amount, write_day

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
Event = dict[str, Any]


def event_kinds(show: str) -> list[dict[str, Any]]:
    """The three views of the events."""
    kinds = (("", _("全部")), ("node", _("节点")), ("talk", _("洽谈")))
    return [
        {"label": text, "url": f"?events={kind}#events" if kind else "?#events", "current": kind == show}
        for kind, text in kinds
    ]


def talks_of(project: Project, user: User) -> list[Engagement]:
    """The talks of a project that the reader may see, with the people who took part."""
    return list(Engagement.objects.visible_to(user).kept().filter(project=project).prefetch_related("participants"))


def timeline(project: Project, talks: Iterable[Engagement]) -> list[Event]:
    """What happened, newest first; what has no day comes last."""
    events = [*_nodes(project), *_moves(project), *_papers(project), *map(_talk, talks), *_notes(project)]
    return sorted(events, key=lambda event: event["on"] or date.min, reverse=True)


def _said(*parts: str) -> str:
    """Sentences as one, without the full stops between them."""
    return "；".join(part.strip().removesuffix("。") for part in parts if part.strip())


def _main_paper(project: Project) -> Contract | None:
    """The paper that the project's own type and day of signing stand for."""
    same = (paper for paper in project.contracts.all() if paper.type == project.contract_type)
    return next((paper for paper in same if paper.signed_on == project.signed_on), None)


def _nodes(project: Project) -> Iterator[Event]:
    reasons = {step.to_stage: step.reason for step in project.stage_changes.all() if step.reason}
    known = {stage.date_field: stage.code for stage in stages.STAGES if stage.date_field}
    paper = _main_paper(project)
    for name, title, tag, icon in NODES:
        if getattr(project, name):
            sample = _("这个时间是示例") if name in project.sample_fields else ""
            written = _paper_text(project, paper) if paper and name == "signed_on" else ""
            text = _said(written, reasons.get(known.get(name, ""), ""), sample)
            shown = {"on": getattr(project, name), "date": write_day(project, name), "title": title}
            yield {"kind": "node", "tag": tag, "icon": icon, "text": text} | shown


def _moves(project: Project) -> Iterator[Event]:
    """Steps that no date of the project tells: the first talks, and the ways back."""
    for step in project.stage_changes.all():
        back = bool(step.from_stage) and stages.CODES.index(step.to_stage) < stages.CODES.index(step.from_stage)
        if not (back or (step.on and not stages.BY_CODE[step.to_stage].date_field)):
            continue
        stage = step.get_to_stage_display()
        title = (_("进度退回“%(stage)s”") if back else _("进入“%(stage)s”")) % {"stage": stage}
        shown = {"on": step.on, "date": write_day(step, "on"), "title": title, "text": step.reason}
        yield {"kind": "node", "tag": stage, "icon": "undo" if back else "flag"} | shown


def _papers(project: Project) -> Iterator[Event]:
    """The signed papers besides the one that the project itself tells of."""
    main = _main_paper(project)
    for paper in project.contracts.all():
        if paper != main:
            shown = {"on": paper.signed_on, "date": write_day(paper, "signed_on"), "text": _paper_text(project, paper)}
            yield {"kind": "node", "title": paper.get_type_display(), "tag": _("合同"), "icon": "doc"} | shown


def _paper_text(project: Project, paper: Contract) -> str:
    """What a paper says, and where it differs from the ledger."""
    amount = _("合同金额%(amount)s") % {"amount": write_amount(paper.amount, unit="万元")} if paper.amount else ""
    number = _("编号%(number)s") % {"number": paper.number} if paper.number else ""
    differs = paper.type == project.contract_type and paper.amount not in (None, project.total_investment)
    kept = _("存放处：%(place)s") % {"place": paper.kept_at} if paper.kept_at else ""
    return _said(amount, number, kept, paper.note, _("与台账的总投资不一致") if differs else "")


def _talk(talk: Engagement) -> Event:
    people = "、".join(f"{one.name}（{one.post}）" if one.post else one.name for one in talk.participants.all())
    between = _("在%(first)s至%(last)s之间") % {"first": talk.held_on, "last": talk.until} if talk.until else ""
    return {
        "kind": "talk",
        "on": talk.held_on,
        "date": "" if talk.until else write_day(talk, "held_on"),
        "title": talk.title,
        "tag": talk.get_mode_display(),
        "icon": "video" if talk.mode == Engagement.Mode.ONLINE else "pin",
        "text": _said(between, talk.place, talk.summary, people),
        "source": _("洽谈记录"),
        "url": reverse("engagement-detail", args=[talk.code]),
    }


def _notes(project: Project) -> Iterator[Event]:
    for note in project.notes.all():
        parts = ((_("进展"), note.progress), (_("问题"), note.problem), (_("下一步"), note.next_step))
        text = _said(*(f"{name}：{said}" for name, said in parts if said))
        title = _("%(day)s一周的进展") % {"day": note.week_of}
        shown = {"on": note.week_of, "date": note.week_of.isoformat(), "title": title, "text": text}
        yield {"kind": "node", "tag": _("周进展"), "icon": "edit"} | shown
