"""Our side: the rows behind a figure as the person may read them, and why one counts for the city or not."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from parkportal.models import Park, RecognitionLevel, User
from parkportal.writing import round_half_up
from projects.models import Project, ProjectShare
from projects.models.secrecy import SECRET
from reports.groups import WHOLE
from reports.members import booked, counts_for
from reports.models import Indicator, Scorecard
from reports.periods import Period
from reports.progress import COUNTED_UNITS, members_query
from reports.publishing import content_now
from reports.reconciliation.matching import Ours
from reports.sources import SOURCES, source_of

AMOUNTS: Final[Mapping[str, str]] = {
    "projects": "total_investment",
    "signed_ever": "total_investment",
    "fund_arrivals": "amount",
    "group_start_entries": "planned",
}
"""By source: the amount that lists of its rows tell, where the figure is none itself."""
OF_PROJECTS: Final = frozenset({"projects", "signed_ever"})
RECOGNISED: Final = frozenset({RecognitionLevel.CITY, RecognitionLevel.PROVINCE})
Subject = Project | Enterprise
Frozen = Mapping[str, Mapping[str, Any]]
"""By code, rows as they were frozen with a figure (reports.freezing)."""


def can_be_listed(indicator: Indicator) -> bool:
    """Whether rows stand behind a figure that a list can be held against."""
    return indicator.source in SOURCES


def amount_field(indicator: Indicator) -> str:
    """The column whose amounts are compared; empty for none."""
    money = indicator.measure == Indicator.Measure.SUM and indicator.display_unit.endswith(("元", "美元"))
    return indicator.measure_fields if money else AMOUNTS.get(indicator.source, "")


def amount_of(project: Project, indicator: Indicator) -> int | None:
    """What a project has of the compared amounts; of rows that hang on it, such as arrivals, nothing is known."""
    field = amount_field(indicator) if indicator.source in OF_PROJECTS else ""
    found: int | None = getattr(project, field) if field else None
    return found


def unit_of(indicator: Indicator) -> str:
    """The unit of lists of these rows."""
    return "万美元" if amount_field(indicator).endswith("_usd") else "万元"


def counted_in(indicator: Indicator) -> str:
    """What rows of these lists are counted in: 个, or 家 where the figure counts enterprises."""
    return indicator.unit if indicator.unit in COUNTED_UNITS else _("个")


def frozen_cards(indicator: Any, park: Any, period: Any) -> QuerySet[Scorecard]:
    """The scorecard whose frozen rows stand behind a figure: what is out or handed in; none for a draft.

    Indicator, park and period are values, or OuterRefs to them.
    """
    of_figure = Scorecard.objects.current().filter(park=park, period=period, lines__indicator=indicator)
    return of_figure.exclude(status=Scorecard.Status.DRAFT)


def members_of(user: User, indicator: Indicator, park: Park, period: Period) -> dict[str, tuple[Ours, Subject]]:
    """What stands behind the figure, by code: the same rows that `reports.members.rows_url` opens.

    Of what is out, or handed in, these are the frozen ones with their names and amounts of then, whatever came since.
    Several rows of one project or enterprise, such as its arrivals, are one, with their amounts added up; of a project
    that parks share the park's part is taken, as the figure takes it.
    """
    field, found = amount_field(indicator), {}
    amounts: dict[str, int] = {}
    card = frozen_cards(indicator, park, str(period)).first()
    frozen = _frozen_rows(card, indicator) if card else None
    for row, subject in _rows(user, indicator, park, period, frozen):
        if field and (value := getattr(row, field)) is not None:
            amounts[subject.code] = amounts.get(subject.code, 0) + value
        found[subject.code] = subject
    parts = _parts_of(park, indicator, found.values()) | _frozen_parts(indicator, frozen or {})
    return {
        code: (_ours(subject, amounts.get(code), parts.get(code, WHOLE)), subject) for code, subject in found.items()
    }


def _parts_of(park: Park, indicator: Indicator, subjects: Iterable[Subject]) -> dict[str, int]:
    """By project, the park's part of its amount in basis points; whole for rows that hang on projects."""
    if indicator.source not in OF_PROJECTS:
        return {}
    codes = [subject.code for subject in subjects]
    shares = ProjectShare.objects.filter(park=park, project__code__in=codes)
    return dict(shares.values_list("project__code", "amount_bp"))


def _frozen_rows(card: Scorecard, indicator: Indicator) -> Frozen:
    return {member["code"]: member for member in content_now(card)["members"][indicator.code]}


def _frozen_parts(indicator: Indicator, frozen: Frozen) -> dict[str, int]:
    """The park's parts of then, in basis points, where it is amounts that were counted."""
    adds_up = indicator.source in OF_PROJECTS and indicator.measure_fields == amount_field(indicator)
    return {code: member["bp"] for code, member in frozen.items()} if adds_up else {}


def _rows(
    user: User, indicator: Indicator, park: Park, period: Period, frozen: Frozen | None
) -> Iterator[tuple[Any, Subject]]:
    source = source_of(indicator)
    every = source.model.objects.visible_to(user)
    if frozen is None:
        query = QueryDict(members_query(indicator, park, period))
        listed = source.filterset(query, queryset=every.kept()).qs
    else:
        listed = every.filter(code__in=frozen)
    for row in listed.select_related(*_related(source.model)).order_by("pk"):
        subject = row if isinstance(row, Project | Enterprise) else _subject(row)
        if subject is None:
            continue
        if frozen is not None:
            _as_frozen(row, subject, indicator, frozen[row.code])
        yield row, subject


def _as_frozen(row: Any, subject: Subject, indicator: Indicator, member: Mapping[str, Any]) -> None:
    """Give a row the name and amount that it was frozen with, as far as they were; it must not be saved afterwards.

    A secret project keeps the name that the reader may see: frozen was what everybody may. Of a talk its title was.
    """
    field, facts = amount_field(indicator), member["facts"]
    if getattr(subject, "confidentiality", "") != SECRET and not hasattr(row, "title"):
        subject.name = facts["name"]
    if field and field == indicator.measure_fields:
        setattr(row, field, member["numerator"] or None)
    elif field and row is subject:
        setattr(row, field, facts.get(field))


def _subject(row: Any) -> Subject | None:
    return getattr(row, "project", None) or getattr(row, "enterprise", None)


def _related(model: Any) -> list[str]:
    """What is read of each row: its project or enterprise, and the enterprises of a project."""
    names = {field.name for field in model._meta.concrete_fields if field.is_relation}
    if model is Project:
        return ["investor", "company"]
    project = ["project__investor", "project__company"] if "project" in names else []
    return project + (["enterprise"] if "enterprise" in names else [])


def _ours(subject: Subject, whole: int | None, part: int) -> Ours:
    firms = [subject] if isinstance(subject, Enterprise) else [subject.investor, subject.company]
    amount = None if whole is None else int(round_half_up(Fraction(whole * part, WHOLE)))
    usccs = frozenset(firm.uscc for firm in firms if firm and firm.uscc)
    names = frozenset(firm.name for firm in firms if firm)
    return Ours(subject.code, subject.name, usccs, amount, whole if part < WHOLE else None, names)


def why_only_ours(subject: Subject, indicator: Indicator, period: Period) -> str:
    """What may have kept a row of ours from their list, in words; empty where nothing is known."""
    if not isinstance(subject, Project):
        return ""
    said = []
    if subject.recognition_level not in RECOGNISED:
        said.append(_("市级还没有认定"))
    day = booked(subject, indicator) if indicator.source in OF_PROJECTS else None
    if day and (day.year, day.month) == (period.year, period.month):
        said.append(_("%(month)s月才计入，对方可能列在下一期") % {"month": day.month})
    if subject.contract_type != Project.ContractType.FORMAL:
        said.append(_("还没有正式合同"))
    return "；".join(said)


def why_only_theirs(project: Project, indicator: Indicator, period: Period) -> str:
    """Why a project that they list does not count for the figure: each condition that it does not hold."""
    known = next((c for c in counts_for(project, today=period.end) if c.indicator.pk == indicator.pk), None)
    if known is None:
        return _("不在这项指标的清单里")
    failing = [f"{one.label}{one.value}" for one in known.conditions if not one.holds]
    if failing:
        return _("不符合：%(conditions)s") % {"conditions": "、".join(failing)}
    day = booked(project, indicator)
    if day is None:
        return _("不在这项指标的清单里")
    late = period.start <= day <= period.end and frozen_cards(indicator, project.park, str(period)).exists()
    return (_("计入%(day)s，送审时不在清单里") if late else _("计入%(day)s，不在本期")) % {"day": f"{day:%Y-%m}"}


def subjects(user: User, codes: Iterable[str]) -> dict[str, Subject]:
    """Projects and enterprises by code, as the person may read them."""
    wanted = set(codes)
    firms: dict[str, Subject] = {f.code: f for f in Enterprise.objects.visible_to(user).filter(code__in=wanted)}
    return firms | {p.code: p for p in Project.objects.visible_to(user).filter(code__in=wanted)}
