"""The weekly sheet: what is reported of each project in a week, beside what was known before."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from parkportal import trace
from parkportal.models import User
from parkportal.trace import Actor, Ledger, StaleVersion
from projects.models import ProgressNote, Project
from projects.models.projects import ProjectQuerySet
from projects.services.rights import Act, demand
from projects.words import label

COLUMNS: Final = ("progress", "problem", "next_step")
"""The columns of a project that a week's report says anew."""
LONGEST: Final = 1000
NO_PROBLEM: Final = frozenset({"无", "暂无", "没有", "无问题", "暂无问题"})
"""What people write where there is nothing to coordinate; the project's own column is empty then."""
ENDED: Final = (Project.Status.TERMINATED, Project.Status.TRANSFERRED)
Texts = Mapping[str, str]


def own_projects(user: User) -> ProjectQuerySet:
    """All projects of the person's own park by responsible unit, the nearest signing first."""
    own = Project.objects.visible_to(user).filter(park=user.park)
    return own.select_related("park", "owner").order_by("responsible_unit", "-signed_on", "code")


def live_projects(user: User) -> ProjectQuerySet:
    """Those of them that still go on."""
    return own_projects(user).kept().exclude(status__in=ENDED)


def monday_of(day: date) -> date:
    """The Monday by which the week of a day is named."""
    return day - timedelta(days=day.weekday())


def mirrored(texts: Texts) -> dict[str, str]:
    """The texts as the project's own columns keep them: “无” is no problem."""
    problem = texts["problem"]
    return dict(texts) | {"problem": "" if problem.rstrip("。") in NO_PROBLEM else problem}


@dataclass(frozen=True)
class Week:
    """One row of the sheet: a project, its note of the week (None: not reported), and what was known before."""

    project: Project
    week_of: date
    note: ProgressNote | None
    earlier: ProgressNote | None
    is_newest: bool

    @property
    def texts(self) -> dict[str, str]:
        """What the note says; empty without one."""
        return _texts(self.note)

    @property
    def before(self) -> dict[str, str]:
        """What was known before this report: the note before, and where nothing is later the project's own columns."""
        before = _texts(self.earlier)
        if self.note is not None or not self.is_newest:
            return before
        kept = mirrored(before)
        now = _texts(self.project)
        return {name: before[name] if kept[name] == now[name] else now[name] for name in COLUMNS}

    @property
    def told(self) -> dict[str, str]:
        """What is known at this week: the note, else what was known before."""
        return self.texts if self.note else self.before

    @property
    def version(self) -> str:
        """What a page posts back, so that a save of something else in between is seen."""
        if self.note is not None:
            return str(self.note.version)
        seen = "\0".join(self.before.values()) if self.is_newest else ""
        return f"0-{hashlib.sha256(seen.encode()).hexdigest()[:16]}"


def _texts(row: ProgressNote | Project | None) -> dict[str, str]:
    return {name: getattr(row, name) if row else "" for name in COLUMNS}


def weeks(projects: QuerySet[Project], week_of: date) -> list[Week]:
    """The rows of a week for these projects, in their order; three queries however many they are."""
    notes = ProgressNote.objects.filter(project=OuterRef("pk"))
    before = notes.filter(week_of__lt=week_of).order_by("-week_of")
    rows = projects.annotate(
        note_now=Subquery(notes.filter(week_of=week_of).values("pk")[:1]),
        note_before=Subquery(before.values("pk")[:1]),
        has_later=Exists(notes.filter(week_of__gt=week_of)),
    )
    found = list(rows)
    kept = ProgressNote.objects.in_bulk({pk for row in found for pk in (row.note_now, row.note_before) if pk})
    return [
        Week(row, week_of, kept.get(row.note_now), kept.get(row.note_before), is_newest=not row.has_later)
        for row in found
    ]


def weekly_save(*, by: Actor, project: Project, week_of: date, texts: Texts, version: str, on: date) -> bool:
    """Write what a project reports in a week, in its newest week also the project itself; says whether it changed.

    `version` is that of the row as it was read: StaleVersion when somebody saved in between. `on` is the day of entry.
    """
    _refuse(week_of, texts, on)
    try:
        with trace.changes(by=by) as ledger:
            row = _fresh(project, week_of)
            demand(by, row.project, Act.EDIT)
            if row.version != version:
                raise StaleVersion(row.note or row.project)
            return _write(ledger, row, texts)
    except IntegrityError as raced:
        note = ProgressNote.objects.filter(project=project, week_of=week_of).first()
        if note is None:
            raise
        raise StaleVersion(note) from raced


def _fresh(project: Project, week_of: date) -> Week:
    return weeks(Project.objects.filter(pk=project.pk).select_related("park"), week_of)[0]


def _refuse(week_of: date, texts: Texts, on: date) -> None:
    """ValidationError for a week that has not come, a day that names none, and texts that are too long."""
    if week_of != monday_of(week_of) or set(texts) != set(COLUMNS):
        raise ValueError(f"not a week's report: {week_of} {sorted(texts)}")
    if week_of > on:
        raise ValidationError(_("这一周还没有到，不能填报。"))
    labels = {name: label(name) for name in COLUMNS}
    sentence = _("%(label)s最多%(most)s个字，现在是%(length)s个。")
    problems = {
        name: [sentence % {"label": labels[name], "most": LONGEST, "length": len(text)}]
        for name, text in texts.items()
        if len(text) > LONGEST
    }
    if problems:
        raise ValidationError(problems)


def _write(ledger: Ledger, row: Week, texts: Texts) -> bool:
    """Write the note, then the project's columns: with a new note all, else those that still say what it said."""
    said, kept = row.texts, mirrored(row.texts)
    in_step = [name for name in COLUMNS if row.note is None or kept[name] == getattr(row.project, name)]
    if row.note is None:
        ledger.create(ProgressNote(project=row.project, week_of=row.week_of, **texts))
    else:
        ledger.update(row.note, texts, row.note.version)
    if row.is_newest:
        _mirror(ledger, row.project, {name: mirrored(texts)[name] for name in in_step})
    return row.note is None or said != dict(texts)


def _mirror(ledger: Ledger, project: Project, values: Texts) -> None:
    changed = {name for name, text in values.items() if text != getattr(project, name)}
    if changed:
        still_sample = [name for name in project.sample_fields if name not in changed]
        ledger.update(project, {**values, "sample_fields": still_sample}, project.version)


def units_of(projects: QuerySet[Project]) -> list[str]:
    """The responsible units of these projects, in their order."""
    names: Iterable[str] = projects.order_by("responsible_unit").values_list("responsible_unit", flat=True).distinct()
    return [name for name in names if name]
