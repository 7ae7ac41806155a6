"""The sample while it is being written: one ledger, and what it holds so far under short names."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Final

from stdnum.cn.uscc import calc_check_digit

from enterprises.models import Chain, ChainNode, Enterprise, Group
from enterprises.services import search_text as enterprise_search_text
from enterprises.uscc import check
from parkportal.models import Park, Precision, User
from parkportal.trace import Ledger, fields_of, next_number
from projects import stages
from projects.models import FundArrival, Project, ProjectShare, StageChange
from projects.services import is_fortune_global_500, search_text
from projects.services.fortune import Rankings
from reports.reference import CITY

YEAR: Final = 2020
"""The year of the report."""
WAN: Final = 10_000
WHOLE: Final = 10_000
"""An undivided project in basis points."""
INVENTED: Final = ["*"]
"""What `sample_fields` holds on a row that is made up as a whole."""
SAMPLE_MARK: Final = "（示例）"

Shares = Iterable[tuple[str, int]]


def day(text: str) -> date:
    """“2020-07-11” as a date; “07-11” is of the report's year."""
    return date.fromisoformat(text if len(text) == 10 else f"{YEAR}-{text}")


@dataclass
class Book:
    """The ledger and every row that later rows refer to."""

    ledger: Ledger
    chains: Mapping[str, Chain]
    parks: dict[str, Park] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    nodes: dict[str, ChainNode] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    enterprises: dict[str, Enterprise] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    given: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    shares: list[ProjectShare] = field(default_factory=list)
    steps: list[StageChange] = field(default_factory=list)
    """Like the shares many, and without a code of their own: they are written together at the end."""

    def code(self, park: str, kind: str, year: int) -> str:
        """The next code, counted here: the parks are new, so nobody else takes one meanwhile."""
        self.given[park, kind, year] += 1
        return f"{park}-{kind}{year}-{self.given[park, kind, year]:03d}"

    def finish(self) -> None:
        """Write what waited: the rows that hang on projects, and the counters of the codes."""
        shares = ProjectShare.objects.bulk_create(self.shares, batch_size=500)
        steps = StageChange.objects.bulk_create(self.steps, batch_size=500)
        for row in [*shares, *steps]:
            self.ledger.note(row, {name: (None, value) for name, value in fields_of(row).items()})
        for (park, kind, year), count in self.given.items():
            next_number(kind, park=self.parks[park], year=year, by=count)

    @cached_property
    def rankings(self) -> Rankings:
        """The lists of the Fortune Global 500, to be asked for once they are written."""
        return Rankings.load()

    def enterprise(self, key: str, park: str, name: str, **values: Any) -> Enterprise:
        """Enter an enterprise; one whose name says 示例 is invented as a whole."""
        values = self._references(values, group=self.groups)
        row = Enterprise(park=self.parks[park], name=name, **values)
        row.code = self.code(park, "e", YEAR)
        if SAMPLE_MARK in name:
            row.sample_fields, row.uscc = INVENTED, invented_uscc(len(self.enterprises))
        row.search_text = enterprise_search_text(row)
        self.enterprises[key] = self.ledger.create(row)
        return row

    def project(self, key: str, park: str, name: str, shares: Shares = (), **values: Any) -> Project:
        """Enter a verified project with its shares and the steps of its life that are known."""
        values = self._references(
            values,
            chain=self.chains,
            chain_node=self.nodes,
            investor=self.enterprises,
            company=self.enterprises,
            owner=self.users,
            parent=self.projects,
        )
        values = {"review_state": Project.ReviewState.VERIFIED} | values
        row = Project(park=self.parks[park], name=name, **values)
        if SAMPLE_MARK in name:
            row.sample_fields = INVENTED
        row.code = self.code(park, "", row.signed_on.year if row.signed_on else YEAR)
        row.fortune_global_500 = is_fortune_global_500(row, self.rankings)
        row.search_text = search_text(row)
        self.projects[key] = self.ledger.create(row)
        for holder, bp in shares or [(park, WHOLE)]:
            self.shares.append(ProjectShare(project=row, park=self.parks[holder], count_bp=bp, amount_bp=bp))
        self.steps += steps_of(row)
        return row

    def fund_arrival(self, project: str, on: date, tier: str, amount: int, **values: Any) -> FundArrival:
        """Enter money in whole yuan; all of it is invented, for the report names none."""
        row = FundArrival(project=self.projects[project], received_on=on, origin_tier=tier, amount=amount)
        for name, value in ({"verified": True, "sample_fields": INVENTED} | values).items():
            setattr(row, name, value)
        row.code = self.code(row.project.park.code, "f", on.year)
        return self.ledger.create(row)

    def _references(self, values: Mapping[str, Any], **tables: Mapping[str, Any]) -> dict[str, Any]:
        """The values with short names replaced by the rows that they stand for."""
        return {name: tables[name][value] if name in tables and value else value for name, value in values.items()}


def invented_uscc(number: int) -> str:
    """A credit code with right check digits that no company can have: no organisation code begins with XX."""
    stems = (f"91{CITY}XX00{number:04d}{digit}" for digit in "0123456789X")
    codes = (stem + calc_check_digit(stem + "0") for stem in stems)
    return next(code for code in codes if not check(code))


def steps_of(project: Project) -> list[StageChange]:
    """The steps that are known of a project, each with its day where that is not made up on a real project."""
    found: list[StageChange] = []
    for stage in stages.STAGES[: stages.CODES.index(project.stage) + 1]:
        on, precision = _known_day(project, stage.date_field)
        if on is None and stage.code != project.stage:
            continue
        before = found[-1].to_stage if found else ""
        jumped = bool(before) and stages.needs_reason(before, stage.code)
        step = StageChange(project=project, from_stage=before, to_stage=stage.code, on=on, on_precision=precision)
        step.reason = "其间各步的时间未载。" if jumped else ""
        found.append(step)
    return found


def _known_day(project: Project, name: str) -> tuple[date | None, str]:
    """The day of a step and its precision; a day that was made up for a real project is none."""
    if not name or name in project.sample_fields or getattr(project, name) is None:
        return None, Precision.DAY
    return getattr(project, name), getattr(project, f"{name}_precision")
