"""A scorecard as its papers say it: read from the content alone, every number written once for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from django.utils.translation import gettext as _

from parkportal.models import Park
from parkportal.writing import write_count, write_date, write_money, write_number, write_percent
from projects.models import Project
from projects.words import write_amount
from reports.chains import FIGURES, INVESTED, LISTED, ChainRow, by_chain, whole_share, whole_text
from reports.changes import Difference, Kind, differences
from reports.closing import Balance
from reports.formulas import rates
from reports.frozen import lines_of, park_of
from reports.groups import WHOLE
from reports.models import ScorecardLine
from reports.periods import Period, paced_month, time_progress
from reports.rows import Row, row_of

Content = Mapping[str, Any]
JOBS: Final = "expected_jobs"
SIGNED, REGISTERED, STARTED, PRODUCING = "cohort_signed", "cohort_registered", "cohort_started", "cohort_producing"
IN_FILE_NAMES: Final = str.maketrans('\\/*"<>|:?', "＼／＊＂＜＞｜：？")
UNSTARTED: Final = {Project.Stage.LEAD, Project.Stage.NEGOTIATING, Project.Stage.SIGNED, Project.Stage.REGISTERED}


def title_of(period: Period) -> str:
    """The title of the circular, without its state."""
    return _("关于%(period)s招商引资目标任务完成情况的通报") % {"period": period.in_words("full")}


@dataclass(frozen=True)
class Entry:
    """A project behind the first figure, as it was when the content was frozen."""

    number: int
    code: str
    bp: int
    facts: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A fact in words; “—” where the ledger says nothing."""
        return " ".join(str(self.facts.get(name) or "").split()) or "—"

    @property
    def name(self) -> str:
        """The name, with the park's part where others share the project."""
        part = Fraction(self.bp * 100, WHOLE)
        shared = _("（分成%(part)s%%）") % {"part": write_number(part, 2, strip=True)} if self.bp != WHOLE else ""
        return f"{self.text('name')}{shared}"

    def money(self, name: str) -> str:
        """An amount in 万元, with 余 or 约 where it is not exact."""
        return write_amount(self.facts.get(name), self.facts.get(f"{name}_qualifier", "exact")) or "—"

    @property
    def jobs(self) -> str:
        """Expected jobs."""
        return write_count(self.facts.get("expected_jobs"), self.facts.get("expected_jobs_qualifier", "exact"))

    @property
    def signed_on(self) -> date | None:
        """The day of signing, an imprecise one from its earliest day."""
        return date.fromisoformat(self.facts["signed_on"]) if "signed_on" in self.facts else None

    def when(self, name: str = "signed_on") -> str:
        """A date as exact as it is known: “2020-07-10”, “2020年7月中旬”."""
        day = self.facts.get(name)
        return write_date(date.fromisoformat(day), self.facts[f"{name}_precision"]) if day else "—"

    @property
    def stage(self) -> str:
        """The stage in words."""
        return str(Project.Stage(self.facts["stage"]).label)

    @property
    def is_unstarted(self) -> bool:
        """Whether it is signed and not under construction."""
        return self.facts["stage"] in UNSTARTED

    @property
    def progress(self) -> str:
        """目前进展: the stage, and what was written about it."""
        said = self.text("progress")
        return self.stage if said == "—" else f"{self.stage}。{said}"

    @property
    def answerable(self) -> str:
        """责任单位／责任人."""
        return "／".join(filter(lambda text: text != "—", map(self.text, ("responsible_unit", "owner")))) or "—"


@dataclass(frozen=True)
class Paper:
    """What is said of one scorecard; `state` is 初稿, 送审稿, 定稿 or 更正稿, `on` the day of the paper."""

    content: Content
    on: date
    state: str
    before: Content | None = None
    balances: Sequence[Balance] = ()
    """核定表 of a year's closing."""

    @cached_property
    def period(self) -> Period:
        """The months that are reported."""
        return Period.parse(self.content["period"])

    @cached_property
    def park(self) -> Park:
        """The park under its name of then."""
        return park_of(self.content)

    @property
    def is_final(self) -> bool:
        """Whether it was published."""
        return self.state in {_("定稿"), _("更正稿")}

    @property
    def months(self) -> str:
        """“1—9月”."""
        return self.period.in_words()

    @property
    def title(self) -> str:
        """The title, without its state."""
        return title_of(self.period)

    @property
    def file_name(self) -> str:
        """What its files are called, without kind and ending; signs that no file name may hold are full-width."""
        return f"{self.park.name}{self.period.in_words('full')}招商引资（{self.state}）".translate(IN_FILE_NAMES)

    @property
    def as_of(self) -> str:
        """“2020年9月30日”."""
        return write_date(self.period.end, style="text")

    @property
    def pace(self) -> str:
        """The pace of the months, “75.0”."""
        return write_percent(time_progress(self.period.month, quarterly=self.park.region.paces_quarterly))

    @cached_property
    def lines(self) -> dict[str, ScorecardLine]:
        """All lines by indicator, in the order of 附件1."""
        return {line.indicator.code: line for line in lines_of(self.content)}

    @cached_property
    def rows(self) -> list[Row]:
        """The lines of 附件1, written."""
        return [row_of(line, self.park, self.period) for line in self.lines.values() if line.listed]

    @property
    def assessed(self) -> list[Row]:
        """市定考核指标."""
        return [row for row in self.rows if row.indicator.is_assessed]

    @property
    def monitored(self) -> list[Row]:
        """监测指标."""
        return [row for row in self.rows if not row.indicator.is_assessed]

    def row(self, code: str) -> Row | None:
        """The written line of an indicator; None where the scorecard has none."""
        return next((row for row in self.rows if row.indicator.code == code), None)

    @cached_property
    def entries(self) -> list[Entry]:
        """The projects of the first figure by day of signing."""
        found = self.content["members"].get(LISTED, [])
        ordered = sorted(found, key=lambda one: (one["facts"].get("signed_on", ""), one["code"]))
        return [Entry(n, one["code"], one["bp"], one["facts"]) for n, one in enumerate(ordered, 1)]

    @property
    def troubled(self) -> list[Entry]:
        """The projects that are not begun, and those with a problem."""
        return [one for one in self.entries if one.is_unstarted or one.facts.get("problem")]

    def days_signed(self, entry: Entry) -> str:
        """Days from signing to the end of the period."""
        return str((self.period.end - entry.signed_on).days) if entry.signed_on else "—"

    @cached_property
    def changes(self) -> list[Difference] | None:
        """补报, 核减, 更正 and new targets against what was published before; None where nothing was."""
        if self.before is None:
            return None
        return [one for one in differences(self.before, self.content) if one.kind != Kind.NEW]

    @property
    def own(self) -> str:
        """What the column of the last month's own results is called: a year's closing has no month."""
        return _("核增减") if self.period.closing else _("当月")

    @cached_property
    def chains(self) -> list[ChainRow]:
        """The signed projects by chain, largest investment first."""
        return by_chain(self.lines, SIGNED, STARTED, PRODUCING)

    def chain_cells(self, row: ChainRow | None) -> list[str]:
        """Count, investment and its share, output, then “5/6” started and producing of the cohort; None: of all."""
        counted, invested, output = (row.text(code) if row else whole_text(self.lines, code) for code in FIGURES)
        share = row.share if row else whole_share(self.lines)
        return [counted, invested, share, output, self.of_cohort(STARTED, row), self.of_cohort(PRODUCING, row)]

    def total_wan(self) -> str:
        """What the listed projects come to, the park's parts alone, in 万元."""
        line = self.lines.get(INVESTED)
        return write_money(line.actual, "万元") if line else "—"

    def of_cohort(self, code: str, chain: ChainRow | None = None) -> str:
        """“15/18” of the projects that were signed in the year, of one chain or all; “—” where nobody counts them."""
        counted, whole = self._count(code, chain), self._count(SIGNED, chain)
        return f"{write_number(counted, 1, strip=True)}/{write_number(whole, 1, strip=True)}" if whole else "—"

    def _count(self, code: str, chain: ChainRow | None) -> Fraction:
        if chain:
            return chain.amount(code)
        line = self.lines.get(code)
        return (line.actual if line else None) or Fraction(0)

    def total(self, code: str) -> str:
        """A whole figure; “—” where the scorecard has none."""
        row = self.row(code)
        return row.actual if row else "—"

    @property
    def _pace_note(self) -> str:
        """How 序时目标 is made of the year's."""
        month = paced_month(self.period.month, quarterly=self.park.region.paces_quarterly)
        if month == self.period.month:
            said = _("序时目标=年度目标×%(month)s/12，目标另有分月安排的从其安排；目标不超过3个的指标不设序时。")
        else:
            said = _(
                "序时目标=年度目标×%(month)s/12（按季计，季中各月用上季末的进度），"
                "目标另有分月安排的从其安排；目标不超过3个的指标不设序时。"
            )
        return said % {"month": month}

    @property
    def notes(self) -> list[str]:
        """What stands under 附件1."""
        notes = [
            self._pace_note,
            _("灯：完成率不低于序时进度为绿灯，低于序时进度在黄灯幅度（一般为10个百分点）以内为黄灯，其余为红灯。"),
            _("考核指标可以相互重复，不得相加；个数和金额按分成计入本园区。"),
        ]
        notes += [
            "：".join((name, definition + days)) for name, definition, days in rates(self.lines.values(), self.period)
        ]
        if self.park.is_sample:
            notes.append(_("年度目标由公开报道的超额数反推，目标文号为示例；标“示例”的为演示数据，报道未载的写“—”。"))
        return notes

    @property
    def definitions(self) -> Sequence[tuple[str, str]]:
        """The official definition of each figure of 附件1, by its name with unit."""
        return [(f"{row.indicator.name}（{row.unit}）", row.indicator.definition) for row in self.rows]
