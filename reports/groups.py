"""How rows add up: the groups that the compiler counts month by month, and the number that groups make.

A group is what one query returns for rows of one park that enter and leave the count together; nothing else turns rows
into figures.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from django.db.models import (
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, ExtractMonth, ExtractYear, Greatest

from parkportal.models import Park, Region
from projects.models import Recognition
from reports.models import Indicator
from reports.periods import Period
from reports.sources import Source, check_parts, dates_of, filtered, source_of

WHOLE: Final = 10_000
"""Basis points of an undivided project."""
NEVER: Final = 10**6
"""The month in which a row that keeps counting leaves."""

OVER: Final = ("over", "at_least")
ABOUT: Final = ("near", "about")


@dataclass(frozen=True)
class Group:
    """Rows of one park that enter and leave the count in the same months and count alike.

    `booked` is the month of the basis date; a cohort date or a recognition that came later delays `entered`.
    """

    park: int
    entered: int
    booked: int
    left: int
    numerator: int
    denominator: int
    bp: int = WHOLE
    inexact: str = ""
    chain: str = ""
    stage: str = ""
    key: Any = None
    row: str = ""
    """The code of the only row in it, where rows were asked for one by one."""

    def counts(self, month: int) -> bool:
        """Whether the group is in the cumulative at the end of that month (an ordinal)."""
        return self.entered <= month < self.left


def groups(indicator: Indicator, region: Region, year: int, *, years: int = 1) -> Iterator[Group]:
    """The groups of a plain indicator for every park of a region, each month of `year`, by one grouped query.

    A month is an ordinal (year × 12 + month). What a window `as_of` holds from before January enters with last
    December. A group's numbers are those of whole projects: `bp` says which part of it is the park's.
    `years` takes in the years before, each row in the year of its basis date; only for a window `ytd` without cohort.
    """
    source, last = source_of(indicator), Period(year, 12)
    check_parts(indicator, source)
    chosen = Q(**{f"{_park_path(source)}__region": region})
    since = year - years + 1
    first = {f"{indicator.basis}_after": Period(since, 1).start.isoformat()} if years > 1 else {}
    for key, value in (dates_of(indicator, last) | first).items():
        name, side = key.rsplit("_", 1)
        if value:
            chosen &= Q(**{f"{source.bases[name]}__{'gte' if side == 'after' else 'lte'}": value})
    every = getattr(source.model.objects.all(), "signed_ever" if source.leaves else source.counted)(last.end)
    qs = filtered(indicator, every).filter(chosen)
    months = _entered(indicator, source, since), _booked(indicator, source, since), _left(source)
    yield from _grouped(indicator, source, qs, months)


def amounts(indicator: Indicator, chosen: QuerySet[Any], park: Park | None = None) -> list[Group]:
    """The groups of rows that somebody chose, without months; of one park's shares, or of whole projects."""
    source = source_of(indicator)
    if park is not None:
        chosen = chosen.filter(**{_park_path(source): park})
    plain = chosen.model._default_manager.filter(pk__in=chosen.order_by().values("pk"))
    if park is not None:
        plain = plain.filter(**{_park_path(source): park})
    return list(_grouped(indicator, source, plain, (Value(0), Value(0), Value(NEVER)), whole=park is None))


def each_row(indicator: Indicator, chosen: QuerySet[Any], park: Park, year: int) -> list[Group]:
    """Each of the chosen rows as a group of its own, with its code; keys that are told apart are codes too."""
    source = source_of(indicator)
    plain = source.model._default_manager.filter(pk__in=chosen.order_by().values("pk"), **{_park_path(source): park})
    months = _entered(indicator, source, year), _booked(indicator, source, year), _left(source)
    return list(_grouped(indicator, source, plain, months, each=True))


def _park_path(source: Source) -> str:
    return "shares__park" if source.shared else source.park


def _ordinal(path: str) -> Combinable:
    return ExtractYear(path) * 12 + ExtractMonth(path)


def _booked(indicator: Indicator, source: Source, year: int) -> Combinable:
    """The month of the basis date; last December for all that is earlier."""
    return Greatest(_month(year * 12), _ordinal(source.bases[indicator.basis]))


def _entered(indicator: Indicator, source: Source, year: int) -> Combinable:
    """The month from which a row counts: the latest of basis, cohort and, where its region asks, recognition."""
    dates = [_booked(indicator, source, year)]
    if indicator.cohort_date:
        dates.append(_ordinal(source.bases[indicator.cohort_date]))
    if source.shared:
        dates.append(Coalesce(_recognised(), _month(0)))
    return Greatest(*dates) if len(dates) > 1 else dates[0]


def _recognised() -> Subquery:
    """The month of the recognition that the region of a project's own park asks for; none where it asks for none."""
    accepted = Recognition.objects.filter(
        project=OuterRef("pk"),
        level=OuterRef("park__region__recognition_level"),
        result=Recognition.Result.ACCEPTED,
    ).annotate(month=_ordinal("recognised_on"))
    return Subquery(accepted.values("month")[:1], output_field=IntegerField())


def _month(ordinal: int) -> Value:
    return Value(ordinal, output_field=IntegerField())


def _left(source: Source) -> Combinable:
    if not source.leaves:
        return _month(NEVER)
    gone = When(**{f"{source.leaves}__isnull": False}, then=_ordinal(source.leaves))
    return Case(gone, default=_month(NEVER), output_field=IntegerField())


def _grouped(
    indicator: Indicator,
    source: Source,
    qs: QuerySet[Any],
    months: tuple[Any, Any, Any],
    *,
    whole: bool = False,
    each: bool = False,
) -> Iterator[Group]:
    """One query: rows by park, months, share, chain and stage, with the sums of the indicator's measure."""
    columns: dict[str, Any] = dict(zip(("g_entered", "g_booked", "g_left"), months, strict=True))
    columns["g_park"] = Value(0) if whole else F(_park_path(source))
    if source.shared and not whole and indicator.measure in {"count", "sum"}:
        columns["g_bp"] = F("shares__count_bp" if indicator.measure == "count" else "shares__amount_bp")
    if source.chain:
        columns |= {"g_chain": F(source.chain), "g_stage": F(source.stage)}
    qs, key, measured = _measured(indicator, source, qs)
    columns |= key
    if each:
        columns |= {"g_row": F("code")} | ({"g_key": F(_code_of_key(indicator, source))} if key else {})
    found = qs.order_by().annotate(**columns).values(*columns).annotate(**measured)
    # Not by iterator(): for its cursor PostgreSQL plans the first rows and takes twice as long for all of them.
    for row in found if measured else found.distinct():
        if row.get("g_key") != "":
            yield _group(row)


def _code_of_key(indicator: Indicator, source: Source) -> str:
    """What tells rows apart, as a code: keys of rows stay inside."""
    path = source.keys[indicator.measure_fields]
    found = source.model._meta.get_field(path)
    return f"{path}__code" if found.is_relation else path


def _measured(
    indicator: Indicator, source: Source, qs: QuerySet[Any]
) -> tuple[QuerySet[Any], dict[str, Any], dict[str, Any]]:
    """The rows that have what is measured, the key that is told apart, and the sums. An empty text is no key."""
    fields = indicator.measure_fields.split()
    if indicator.measure == "distinct":
        path = source.keys[fields[0]]
        return qs.exclude(**{f"{path}__isnull": True}), {"g_key": F(path)}, {}
    if indicator.measure == "count":
        return qs, {}, {"g_sum": Count("pk")}
    if indicator.measure == "sum":
        inexact = {"g_inexact": _inexact(fields[0], source.sums[fields[0]])} if source.sums[fields[0]] else {}
        return qs, {}, {"g_sum": Sum(fields[0])} | inexact
    exact = {f"{name}_precision": "day" for name in fields} | {f"{name}__isnull": False for name in fields}
    length = ExpressionWrapper(F(fields[1]) - F(fields[0]), output_field=DurationField())
    return qs.filter(**exact), {}, {"g_sum": Sum(length), "g_rows": Count("pk")}


def _inexact(amount: str, path: str) -> Max:
    """2 where any known part is near or about, 1 where any is over or at least, else 0."""
    degrees = Case(
        When(**{f"{amount}__isnull": True}, then=Value(0)),
        When(**{f"{path}__in": ABOUT}, then=Value(2)),
        When(**{f"{path}__in": OVER}, then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    return Max(degrees)


def _group(row: Mapping[str, Any]) -> Group:
    total = row.get("g_sum")
    numerator = getattr(total, "days", total)
    return Group(
        park=row["g_park"],
        entered=row["g_entered"],
        booked=row["g_booked"],
        left=row["g_left"],
        numerator=int(numerator or 0),
        denominator=row.get("g_rows", 1),
        bp=row.get("g_bp", WHOLE),
        inexact=("", "over", "about")[row.get("g_inexact") or 0],
        chain=row.get("g_chain") or "",
        stage=row.get("g_stage") or "",
        key=row.get("g_key"),
        row=row.get("g_row", ""),
    )


def add_up(measure: str, found: list[Group]) -> tuple[Fraction | None, str]:
    """The number that groups make, and how exact it is: "" | "over" | "about"; None where an average has no rows."""
    inexact = max((g.inexact for g in found), key=("", "over", "about").index, default="")
    if measure == "distinct":
        return Fraction(len({g.key for g in found})), inexact
    if measure == "avg_days":
        days = sum(g.denominator for g in found)
        return (Fraction(sum(g.numerator for g in found), days) if days else None), inexact
    return Fraction(sum(g.numerator * g.bp for g in found), WHOLE), inexact
