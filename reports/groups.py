"""How rows add up: the groups that the compiler counts month by month, and the number that groups make.

A group is what one query returns for rows of one park that enter and leave the count together; nothing else turns rows
into figures.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from operator import itemgetter
from typing import Any, Final, NamedTuple

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
from django.db.models.functions import Cast, Coalesce, ExtractMonth, ExtractYear, Greatest

from parkportal.models import Park, RecognitionLevel, Region
from projects.models import Recognition
from reports.models import Indicator
from reports.periods import Period
from reports.sources import Source, check_parts, dates_of, filtered, source_of

WHOLE: Final = 10_000
"""Basis points of an undivided project."""
NEVER: Final = 10**6
"""The month in which a row that keeps counting leaves."""

INEXACT: Final = ("", "over", "about")
"""From exact to about."""
OVER: Final = ("over", "at_least")
ABOUT: Final = ("near", "about")


class Group(NamedTuple):
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


def alike(indicators: Iterable[Indicator]) -> list[list[Indicator]]:
    """Plain indicators by the rows that they count: those that count or add up the same rows are read together."""
    found: dict[Any, list[Indicator]] = defaultdict(list)
    for i in indicators:
        rows = (i.source, i.filter, i.basis, i.window, i.cohort_date, i.cohort_years)
        found[rows if i.measure in {"count", "sum"} else i.code].append(i)
    return list(found.values())


def groups(same: Sequence[Indicator], region: Region, year: int, *, years: int = 1) -> Iterator[list[Group]]:
    """The groups of plain indicators of the same rows (`alike`), for every park of a region, each month of `year`.

    One grouped query; what it yields is a group for each of the indicators. A month is an ordinal (year × 12 + month).
    What a window `as_of` holds from before January enters with last December. A group's numbers are those of whole
    projects: `bp` says which part of it is the park's.
    `years` takes in the years before, each row in the year of its basis date; only for a window `ytd` without cohort.
    """
    first, last = same[0], Period(year, 12)
    source = source_of(first)
    for indicator in same:
        check_parts(indicator, source)
    chosen = Q(**{f"{_park_path(source)}__region": region})
    since = year - years + 1
    begin = {f"{first.basis}_after": Period(since, 1).start.isoformat()} if years > 1 else {}
    for key, value in (dates_of(first, last) | begin).items():
        name, side = key.rsplit("_", 1)
        if value:
            chosen &= Q(**{f"{source.bases[name]}__{'gte' if side == 'after' else 'lte'}": value})
    every = getattr(source.model.objects.all(), "signed_ever" if source.leaves else source.counted)(last.end)
    qs = filtered(first, every).filter(chosen)
    yield from _grouped(same, source, qs, _months(first, source, since))


def amounts(indicator: Indicator, chosen: QuerySet[Any], park: Park | None = None) -> list[Group]:
    """The groups of rows that somebody chose, without months; of one park's shares, or of whole projects."""
    source = source_of(indicator)
    if park is not None:
        chosen = chosen.filter(**{_park_path(source): park})
    plain = chosen.model._default_manager.filter(pk__in=chosen.order_by().values("pk"))
    if park is not None:
        plain = plain.filter(**{_park_path(source): park})
    never = (Value(0), Value(0), Value(NEVER))
    return [group for (group,) in _grouped([indicator], source, plain, never, whole=park is None)]


def each_row(indicator: Indicator, chosen: QuerySet[Any], park: Park, year: int) -> list[Group]:
    """Each of the chosen rows as a group of its own, with its code; keys that are told apart are codes too."""
    source = source_of(indicator)
    plain = source.model._default_manager.filter(pk__in=chosen.order_by().values("pk"), **{_park_path(source): park})
    return [group for (group,) in _grouped([indicator], source, plain, _months(indicator, source, year), each=True)]


def _park_path(source: Source) -> str:
    return "shares__park" if source.shared else source.park


def _ordinal(path: str) -> Combinable:
    year, month = (Cast(part(path), IntegerField()) for part in (ExtractYear, ExtractMonth))
    return year * 12 + month  # whole numbers: PostgreSQL's parts of a date are decimals, which are slow to group by


def _months(indicator: Indicator, source: Source, year: int) -> tuple[Combinable, Combinable, Combinable]:
    """When rows enter the count, by which month they are booked, and when they leave."""
    return _entered(indicator, source, year), _booked(indicator, source, year), _left(source)


def _booked(indicator: Indicator, source: Source, year: int) -> Combinable:
    """The month of the basis date; last December for all that is earlier."""
    return Greatest(_month(year * 12), _ordinal(source.bases[indicator.basis]))


def _entered(indicator: Indicator, source: Source, year: int) -> Combinable:
    """The month from which a row counts: the latest of basis, cohort and, where its region asks, recognition."""
    dates = [_booked(indicator, source, year)]
    if indicator.cohort_date:
        dates.append(_ordinal(source.bases[indicator.cohort_date]))
    if source.shared:
        dates.append(_recognised())
    return Greatest(*dates) if len(dates) > 1 else dates[0]


def _recognised() -> Combinable:
    """The month of the recognition that the region of a project's own park asks for; 0 where it asks for none."""
    asked = "park__region__recognition_level"
    accepted = Recognition.objects.filter(
        project=OuterRef("pk"), level=OuterRef(asked), result=Recognition.Result.ACCEPTED
    ).annotate(month=_ordinal("recognised_on"))
    month = Subquery(accepted.values("month")[:1], output_field=IntegerField())
    # It is asked row by row, so not where nobody wants it.
    return Case(When(**{asked: RecognitionLevel.NONE}, then=_month(0)), default=Coalesce(month, _month(0)))


def _month(ordinal: int) -> Value:
    return Value(ordinal, output_field=IntegerField())


def _left(source: Source) -> Combinable:
    if not source.leaves:
        return _month(NEVER)
    gone = When(**{f"{source.leaves}__isnull": False}, then=_ordinal(source.leaves))
    return Case(gone, default=_month(NEVER), output_field=IntegerField())


def _grouped(
    same: Sequence[Indicator],
    source: Source,
    qs: QuerySet[Any],
    months: tuple[Any, Any, Any],
    *,
    whole: bool = False,
    each: bool = False,
) -> Iterator[list[Group]]:
    """One query: rows by park, months, shares, chain and stage, with the sums of each indicator's measure."""
    qs, key = _measurable(same[0], source, qs)
    parts = [_part(indicator) if source.shared and not whole else "" for indicator in same]
    columns: dict[str, Any] = dict(zip(("g_entered", "g_booked", "g_left"), months, strict=True))
    columns |= {} if whole else {"g_park": F(_park_path(source))}
    columns |= {"g_chain": F(source.chain), "g_stage": F(source.stage)} if source.chain else {}
    columns |= {"g_key": F(_code_of(key, source) if each else key)} if key else {}
    columns |= {"g_row": F("code")} if each else {}
    columns |= {f"g_bp_{n}": F(f"shares__{part}") for n, part in enumerate(parts) if part}
    sums = {f"{name}_{n}": sql for n, i in enumerate(same) for name, sql in _measured(i, source).items()}
    found = qs.order_by().annotate(**columns).values(*columns).annotate(**sums).values_list(*columns, *sums)
    place = {name: number for number, name in enumerate([*_UNASKED, *columns, *sums])}
    own = [[place.get(f"g_{name}_{n}", place.get(f"g_{name}")) for name in Group._fields] for n in range(len(same))]
    takes = [itemgetter(*places) for places in own]
    # Not by iterator(): for its cursor PostgreSQL plans the first rows and takes twice as long for all of them.
    for row in found.distinct() if key else found:
        every = (*_UNASKED.values(), *row)
        if not key or every[place["g_key"]]:
            yield [_group(*take(every)) for take in takes]


def _group(
    park: int, entered: int, booked: int, left: int, total: Any, rows: int, bp: int, degree: int, *names: Any
) -> Group:
    """A group of what a query returned, in the order of its fields."""
    chain, stage, key, row = names
    number = int(getattr(total, "days", total) or 0)
    return Group(
        *(park, entered, booked, left, number, rows, bp, INEXACT[degree]), chain or "", stage or "", key or None, row
    )


_UNASKED: Final = {
    **{"g_park": 0, "g_numerator": 0, "g_denominator": 1, "g_bp": WHOLE, "g_inexact": 0},
    **{"g_chain": "", "g_stage": "", "g_key": None, "g_row": ""},
}
"""What a query need not be asked for."""


def _part(indicator: Indicator) -> str:
    """The column of a share that says which part of a project's number is a park's; empty where numbers stay whole."""
    return {"count": "count_bp", "sum": "amount_bp"}.get(indicator.measure, "")


def _code_of(path: str, source: Source) -> str:
    """What tells rows apart, as a code: keys of rows stay inside."""
    found = source.model._meta.get_field(path)
    return f"{path}__code" if found.is_relation else path


def _measurable(indicator: Indicator, source: Source, qs: QuerySet[Any]) -> tuple[QuerySet[Any], str]:
    """The rows that have what is measured, and the path of what is told apart. An empty text is no key."""
    fields = indicator.measure_fields.split()
    if indicator.measure == "distinct":
        path = source.keys[fields[0]]
        return qs.exclude(**{f"{path}__isnull": True}), path
    if indicator.measure == "avg_days":
        exact = {f"{name}_precision": "day" for name in fields} | {f"{name}__isnull": False for name in fields}
        return qs.filter(**exact), ""
    return qs, ""


def _measured(indicator: Indicator, source: Source) -> dict[str, Any]:
    """The sums of a measure: numerator, denominator, and how inexact it is."""
    fields = indicator.measure_fields.split()
    if indicator.measure == "count":
        return {"g_numerator": Count("pk")}
    if indicator.measure == "sum":
        path = source.sums[fields[0]]
        return {"g_numerator": Sum(fields[0])} | ({"g_inexact": _inexact(fields[0], path)} if path else {})
    if indicator.measure == "avg_days":
        length = ExpressionWrapper(F(fields[1]) - F(fields[0]), output_field=DurationField())
        return {"g_numerator": Sum(length), "g_denominator": Count("pk")}
    return {}


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


def add_up(measure: str, found: list[Group]) -> tuple[Fraction | None, str]:
    """The number that groups make, and how exact it is: "" | "over" | "about"; None where an average has no rows."""
    degrees = {g.inexact for g in found}
    inexact = "about" if "about" in degrees else "over" if "over" in degrees else ""
    if measure == "distinct":
        return Fraction(len({g.key for g in found})), inexact
    if measure == "avg_days":
        days = sum(g.denominator for g in found)
        return (Fraction(sum(g.numerator for g in found), days) if days else None), inexact
    total = sum([g.numerator * g.bp for g in found])
    return Fraction(total, WHOLE) if total % WHOLE else Fraction(total // WHOLE), inexact
