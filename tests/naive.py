"""The figures a second time: plain Python over plain rows, sentence by sentence as model.md 1 defines them.

Nothing of the compiler is used, and no query adds anything up; what is slow here is meant to be obvious.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qs

from enterprises.models import Enterprise, ListingStep
from parkportal.models import Park
from projects.models import Engagement, FundArrival, GroupStartEntry, Project, ProjectShare, Recognition
from reports.models import Indicator

Row = dict[str, Any]
WHOLE = 10_000


def end_of(year: int, month: int) -> date:
    """The last calendar day of a month."""
    return date(year, month, monthrange(year, month)[1])


@dataclass(frozen=True)
class Window:
    """The days that bound a figure: basis from `first` (None: from the beginning) to `end`, cohort of a `year`."""

    first: date | None
    end: date
    year: int


class Ledger:
    """All rows of the database, read once."""

    def __init__(self) -> None:
        self.parks = {row["code"]: row for row in Park.objects.values("code", "ledger_from", "region__code")}
        self.indicators = {row["id"]: row for row in Indicator.objects.values()}
        self.by_code = {row["code"]: row for row in self.indicators.values()}
        shares, recognitions = defaultdict(list), defaultdict(list)
        for share in ProjectShare.objects.values("project_id", "park__code", "count_bp", "amount_bp"):
            shares[share["project_id"]].append(share)
        for recognition in Recognition.objects.values("project_id", "level", "result", "recognised_on"):
            recognitions[recognition["project_id"]].append(recognition)
        projects = self._projects()
        for project in projects:
            project["shares"], project["recognitions"] = shares[project["id"]], recognitions[project["id"]]
        self.rows: dict[str, list[Row]] = {"projects": projects, "signed_ever": projects} | self._others()

    @staticmethod
    def _projects() -> list[Row]:
        fields = [field.attname for field in Project._meta.concrete_fields]
        joined = {
            "asked": "park__region__recognition_level",
            "chain_code": "chain__code",
            "above_scale_on": "company__above_scale_on",
        }
        rows = [dict(row) for row in Project.objects.values(*fields, *joined.values())]
        paid = set(FundArrival.objects.filter(verified=True, deleted_at=None).values_list("project_id", flat=True))
        for row in rows:
            begun = row["settle_started_on"] or row["stage"] in {"started", "in_production", "full_capacity"}
            row["fulfilled"] = bool(row["registered_on"] and (begun or row["id"] in paid))
            row |= {name: row[path] for name, path in joined.items()}
            row |= {"chain": row["chain_code"], "company": row["company_id"], "investor": row["investor_id"]}
        return rows

    @staticmethod
    def _others() -> dict[str, list[Row]]:
        project = {
            "owner": "project__park__code",
            "project_deleted": "project__deleted_at",
            "project_state": "project__review_state",
            "chain": "project__chain__code",
            "stage": "project__stage",
            "project": "project_id",
        } | {
            name: f"project__{name}" for name in ("category", "contract_type", "kind", "signed_on", "total_investment")
        }
        start = {"level": "group_start__level", "held_on": "group_start__held_on"}
        step = {
            "owner": "enterprise__park__code",
            "owner_deleted": "enterprise__deleted_at",
            "enterprise": "enterprise_id",
        }
        talk = {"owner": "park__code", "project_deleted": "project__deleted_at", "enterprise": "enterprise_id"}

        def read(model: Any, names: dict[str, str]) -> list[Row]:
            fields = [field.attname for field in model._meta.concrete_fields]
            rows = [dict(row) for row in model.objects.values(*{*fields, *names.values()})]
            return [row | {name: row[path] for name, path in names.items()} for row in rows]

        return {
            "fund_arrivals": read(FundArrival, project),
            "group_start_entries": read(GroupStartEntry, project | start),
            "listing_steps": read(ListingStep, step),
            "engagements": read(Engagement, talk),
            "enterprises": read(Enterprise, {"owner": "park__code"}),
        }

    def actual(self, code: str, park: str, year: int, month: int) -> Fraction | None:
        """The cumulative figure of January to the month."""
        indicator = self.by_code[code]
        if indicator["measure"] == "ratio":
            return self._ratio(indicator, park, year, month)
        return self._measure(indicator, park, self._members(indicator, park, self._window(indicator, year, month)))

    def month(self, code: str, park: str, year: int, month: int, *, merged: bool) -> Fraction | None:
        """The month's own: what the cumulative is more than the last one; for an average, that of the new rows."""
        indicator = self.by_code[code]
        if indicator["measure"] == "ratio":
            return None
        now = self._members(indicator, park, self._window(indicator, year, month))
        before = self._members(indicator, park, self._before(indicator, year, month, merged=merged))
        if indicator["measure"] == "avg_days":
            had = {row["id"] for row in before}
            return self._measure(indicator, park, [row for row in now if row["id"] not in had])
        after, base = self._measure(indicator, park, now), self._measure(indicator, park, before)
        return None if after is None or base is None else after - base

    def previous(self, code: str, park: str, year: int, month: int) -> Fraction | None:
        """The same months of last year, where the ledger of the park is complete for that year."""
        begins = self.parks[park]["ledger_from"]
        whole = begins and begins <= f"{year - 1}-01"
        return self.actual(code, park, year - 1, month) if whole else None

    def parts(self, code: str, park: str, year: int, month: int) -> dict[tuple[str, str], Fraction]:
        """The figure by chain, by stage and by month of the basis date (what is earlier: last December)."""
        indicator = self.by_code[code]
        if indicator["measure"] in {"ratio", "avg_days"}:
            return {}
        members = self._members(indicator, park, self._window(indicator, year, month))
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in members:
            for dimension in ("chain", "stage") if "stage" in row else ():
                found[dimension, row[dimension] or ""].append(row)
        for row in self._first_of_each(indicator, members):
            booked = max(row[indicator["basis"]], date(year - 1, 12, 1))
            found["month", f"{booked:%Y-%m}"].append(row)
        return {key: self._measure(indicator, park, rows) or Fraction(0) for key, rows in found.items()}

    def inexact(self, code: str, park: str, year: int, month: int) -> str:
        """How exact the figure is, where its field has a qualifier."""
        indicator = self.by_code[code]
        field = indicator["measure_fields"]
        if indicator["measure"] != "sum":
            return ""
        rows = self._members(indicator, park, self._window(indicator, year, month))
        return inexactness(row.get(f"{field}_qualifier", "") for row in rows if row[field] is not None)

    def lists(self, code: str, park: str, year: int, month: int) -> set[int]:
        """The primary keys of the rows that make the figure."""
        indicator = self.by_code[code]
        return {row["id"] for row in self._members(indicator, park, self._window(indicator, year, month))}

    @staticmethod
    def _first_of_each(indicator: Row, members: list[Row]) -> list[Row]:
        """All rows; for a distinct count only the earliest of each key, which counts in its first month."""
        if indicator["measure"] != "distinct":
            return members
        key, basis = indicator["measure_fields"], indicator["basis"]
        first: dict[Any, Row] = {}
        for row in sorted(members, key=lambda row: row[basis]):
            first.setdefault(row[key], row)
        return list(first.values())

    @staticmethod
    def _window(indicator: Row, year: int, month: int) -> Window:
        first = date(year, 1, 1) if indicator["window"] == "ytd" else None
        return Window(first, end_of(year, month), year)

    def _before(self, indicator: Row, year: int, month: int, *, merged: bool) -> Window:
        """The figure that is subtracted: a month earlier, or nothing of this year where the months begin."""
        begins = month == 1 or (merged and month == 2)
        first = date(year, 1, 1) if indicator["window"] == "ytd" else None
        return Window(first, date(year - 1, 12, 31) if begins else end_of(year, month - 1), year)

    def _ratio(self, indicator: Row, park: str, year: int, month: int) -> Fraction | None:
        above, below = (self.indicators[indicator[f"{part}_id"]]["code"] for part in ("numerator", "denominator"))
        top, bottom = self.actual(above, park, year, month), self.actual(below, park, year, month)
        return top / bottom if top is not None and bottom else None

    def _members(self, indicator: Row, park: str, window: Window) -> list[Row]:
        """Row r counts when it is counted at the end, the filter holds, and basis and cohort lie in their bounds."""
        distinct = indicator["measure_fields"] if indicator["measure"] == "distinct" else ""
        return [
            row
            for row in self.rows[indicator["source"]]
            if _belongs(row, park)
            and (not distinct or row[distinct] not in {None, ""})
            and _counted(indicator["source"], row, window.end)
            and _holds(indicator["filter"], row)
            and _between(row[indicator["basis"]], window.first, window.end)
            and _in_cohort(indicator, row, window)
        ]

    @staticmethod
    def _measure(indicator: Row, park: str, members: Iterable[Row]) -> Fraction | None:
        measure, fields = indicator["measure"], indicator["measure_fields"].split()
        if measure == "count":
            return sum((_share(row, park, "count_bp") for row in members), Fraction(0))
        if measure == "sum":
            return sum(((row[fields[0]] or 0) * _share(row, park, "amount_bp") for row in members), Fraction(0))
        if measure == "distinct":
            return Fraction(len({row[fields[0]] for row in members}))
        days = [(row[fields[1]] - row[fields[0]]).days for row in members if _exact(row, fields)]
        return Fraction(sum(days), len(days)) if days else None


def _belongs(row: Row, park: str) -> bool:
    """Projects belong to every park that holds a share, other rows to the park of their project or enterprise."""
    return any(share["park__code"] == park for share in row["shares"]) if "shares" in row else row["owner"] == park


def _share(row: Row, park: str, kind: str) -> Fraction:
    if "shares" not in row:
        return Fraction(1)
    return sum((Fraction(s[kind], WHOLE) for s in row["shares"] if s["park__code"] == park), Fraction(0))


def _counted(source: str, row: Row, end: date) -> bool:
    """Whether a row is counted at the end of a month; what that means belongs to the source."""
    if row["deleted_at"] or row.get("project_deleted") or row.get("owner_deleted"):
        return False
    if source == "fund_arrivals":
        return bool(row["verified"]) and row["project_state"] == "verified"
    if source not in {"projects", "signed_ever"}:
        return True
    ended = source == "projects" and row["terminated_on"] is not None and row["terminated_on"] <= end
    return row["review_state"] == "verified" and not ended and _recognised(row, end)


def _recognised(row: Row, end: date) -> bool:
    accepted = [r for r in row["recognitions"] if r["level"] == row["asked"] and r["result"] == "accepted"]
    return row["asked"] == "none" or any(r["recognised_on"] and r["recognised_on"] <= end for r in accepted)


def _holds(query: str, row: Row) -> bool:
    """Whether a row fulfils a stored filter: bounds of the amount, yes or no, else one of the codes."""
    return all(_condition(key, values, row) for key, values in parse_qs(query).items())


def _condition(key: str, values: list[str], row: Row) -> bool:
    if key == "total_investment_min":
        return row["total_investment"] is not None and row["total_investment"] >= int(values[0])
    if key == "total_investment_max":
        return row["total_investment"] is not None and row["total_investment"] <= int(values[0])
    value = row[key]
    return ("true" if value else "false") in values if isinstance(value, bool) else value in values


def _between(day: date | None, first: date | None, last: date) -> bool:
    return day is not None and day <= last and (first is None or day >= first)


def _in_cohort(indicator: Row, row: Row, window: Window) -> bool:
    """From 1 January of year − k + 1 to the end."""
    if not indicator["cohort_date"]:
        return True
    since = date(window.year - indicator["cohort_years"] + 1, 1, 1)
    return _between(row[indicator["cohort_date"]], since, window.end)


def _exact(row: Row, fields: list[str]) -> bool:
    """Whether both dates are known to the day."""
    return all(row[name] and row[f"{name}_precision"] == "day" for name in fields)


def inexactness(qualifiers: Iterable[str]) -> str:
    """How exact a sum is: any near or about part makes it 约, else any over or at_least part 余."""
    kinds = set(qualifiers)
    return "about" if kinds & {"near", "about"} else "over" if kinds & {"over", "at_least"} else ""


def light(*, less: bool, actual: Fraction | None, annual: Fraction, progress: Fraction | None, month: int) -> str:
    """The lamp of an assessed figure: `progress` is its time progress, None where it has no pace; band 10 points."""
    if not annual or actual is None:
        return "none"
    if less:
        done = annual / actual if actual else Fraction(1)
        return "green" if done >= 1 else "amber" if done >= Fraction(9, 10) else "red"
    done = actual / annual
    if progress is None:
        return "green" if done >= 1 else "red" if month == 12 else "none"
    return "green" if done >= progress else "amber" if done >= progress - Fraction(1, 10) else "red"
