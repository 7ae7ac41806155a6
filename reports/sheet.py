"""The scorecard as a document: title, 附件1, chains, main facts, matters to coordinate, 附件2."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from parkportal.writing import write_date, write_money, write_percent, write_period
from projects.models import Project
from reports import sources
from reports.models import Scorecard, ScorecardLine, ScorecardSlice
from reports.periods import Period, time_progress
from reports.progress import members_query
from reports.rows import Row, plain_number, row_of
from reports.words import write_value

LISTED: Final = "projects_100m"
"""The indicator whose projects 附件2 lists."""
AMOUNTS: Final = ("signed_investment", "expected_output")


def sheet_of(scorecard: Scorecard, projects: QuerySet[Project]) -> dict[str, Any]:
    """Everything that the document shows; `projects` are those that the reader may see."""
    period = Period.parse(scorecard.period)
    lines = list(scorecard.lines.select_related("indicator").prefetch_related("slices"))
    rows = [row_of(line, scorecard.park, period) for line in lines if line.indicator.listed]
    listed = next((line for line in lines if line.indicator.code == LISTED), None)
    members = _members(listed, scorecard, period, projects)
    return {
        "title": _("关于%(period)s招商引资目标任务完成情况的通报")
        % {"period": write_period(period.year, period.month, "full")},
        "period": period,
        "months": write_period(period.year, period.month),
        "as_of": write_date(period.end, "day", style="text"),
        "pace": time_progress(period.month),
        "pace_text": write_percent(time_progress(period.month)),
        "assessed": [row for row in rows if row.indicator.is_assessed],
        "monitored": [row for row in rows if not row.indicator.is_assessed],
        "chains": _chains({line.indicator.code: line for line in lines}),
        "facts": _facts(rows),
        "matters": [_matter(project) for project in members if project.problem][:5],
        "halves": _halves(members),
        "members": members,
        "listed_row": next((row for row in rows if row.indicator.code == LISTED), None),
        "total_wan": write_money(_of(lines, AMOUNTS[0]), "万元", 0),
        "assessed_count": sum(row.indicator.is_assessed for row in rows),
    }


def _of(lines: Sequence[ScorecardLine], code: str) -> Fraction | None:
    return next((line.actual for line in lines if line.indicator.code == code), None)


def _members(
    line: ScorecardLine | None, scorecard: Scorecard, period: Period, projects: QuerySet[Project]
) -> list[Project]:
    """The projects behind the first indicator, by date of signing: the plain list of its figure."""
    if line is None:
        return []
    query = QueryDict(members_query(line.indicator, scorecard.park, period))
    chosen = sources.source_of(line.indicator).filterset(query, queryset=projects).qs
    return list(chosen.select_related("investor", "owner").order_by("signed_on", "code"))


def _matter(project: Project) -> str:
    """“某项目：问题，下一步（责任人：某某）”, as one sentence however the parts were typed."""
    said = "，".join(text.strip().rstrip("。；，") for text in (project.problem, project.next_step) if text.strip())
    owner = _("（责任人：%(name)s）") % {"name": project.owner} if project.owner else ""
    return f"{project.name}：{said}{owner}。"


def _halves(members: list[Project]) -> list[list[dict[str, Any]]]:
    """附件2 in two columns that read down."""
    rows = [
        {
            "number": number,
            "project": project,
            "amount": write_money(project.total_investment, "万元"),
            "when": write_date(project.signed_on, project.signed_on_precision, year=project.signed_on.year)
            if project.signed_on
            else "—",
        }
        for number, project in enumerate(members, 1)
    ]
    middle = (len(rows) + 1) // 2
    return [rows[:middle], rows[middle:]] if len(rows) > 1 else [rows]


def _parts(line: ScorecardLine | None, dimension: str) -> dict[str, ScorecardSlice]:
    return {part.key: part for part in line.slices.all() if part.dimension == dimension} if line else {}


def _chains(lines: dict[str, ScorecardLine]) -> dict[str, Any]:
    """Count, investment, its share of the whole, and output by chain, largest investment first."""
    counts, invested, output = (_parts(lines.get(code), "chain") for code in (LISTED, *AMOUNTS))
    whole = lines[AMOUNTS[0]].actual if AMOUNTS[0] in lines else None
    if not whole:
        return {}
    order = sorted(invested.values(), key=lambda part: (-part.actual, part.key))
    rows = [
        {
            "name": part.name,
            "count": plain_number(counts[part.key].actual) if part.key in counts else "0",
            "invested": write_value(lines[AMOUNTS[0]].indicator, part.actual),
            "share": write_percent(part.actual / whole),
            "output": write_value(lines[AMOUNTS[1]].indicator, output[part.key].actual) if part.key in output else "—",
        }
        for part in order
    ]
    totals = {
        code: write_value(lines[code].indicator, lines[code].actual) for code in (LISTED, *AMOUNTS) if code in lines
    }
    return {"rows": rows, "totals": totals}


def _facts(rows: list[Row]) -> list[str]:
    """主要情况: what the monitored indicators come to, one clause each, without the totals of the lead sentence."""
    told = {"signed_investment", "expected_output", "expected_jobs"}
    plain = [row for row in rows if not row.indicator.is_assessed and row.indicator.code not in told]
    return [f"{row.indicator.name}{row.actual}{row.unit}" for row in plain if row.line.actual]
