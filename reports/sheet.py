"""The scorecard as a document: title, 附件1, chains, main facts, matters to coordinate, 附件2."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Final

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from parkportal.writing import write_date, write_money, write_percent
from projects.models import Project
from reports import frozen, sources
from reports.chains import FIGURES, INVESTED, LISTED, OUTPUT, by_chain, whole_share, whole_text
from reports.formulas import rates
from reports.freezing import facts_of
from reports.models import Scorecard, ScorecardLine
from reports.periods import Period, paced_month, time_progress
from reports.progress import members_query
from reports.rows import Row, row_of

STAGES: Final = {str(code): str(label) for code, label in Project.Stage.choices}

Fact = Mapping[str, Any]
"""A project as 附件2 lists it: its code, and its facts (freezing.facts_of)."""


def sheet_of(
    scorecard: Scorecard, projects: QuerySet[Project], content: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Everything that the document shows; `projects` are those that the reader may see.

    With a `content` that was frozen it shows that and nothing else, whoever reads it.
    """
    period = Period.parse(scorecard.period)
    if content:
        park, revision = frozen.park_of(content), scorecard.revision
        lines, members = frozen.lines_of(content, scorecard), list(content["members"].get(LISTED, []))
    else:
        park, revision = scorecard.park, 0
        related = ("indicator__numerator", "indicator__denominator")
        lines = list(scorecard.lines.select_related(*related).prefetch_related("slices"))
        members = _members(lines, scorecard, period, projects)
    members.sort(key=lambda member: (member["facts"].get("signed_on", ""), member["code"]))
    rows = [row_of(line, park, period, revision) for line in lines if line.listed]
    pace = time_progress(period.month, quarterly=park.region.paces_quarterly)
    return {
        "title": _("关于%(period)s招商引资目标任务完成情况的通报") % {"period": period.in_words("full")},
        "park": park,
        "lead": content["lead"] if content else scorecard.lead,
        "headline": content["headline"] if content else scorecard.headline,
        "period": period,
        "months": period.in_words(),
        "rates": rates(lines, period),
        "own": _("核增减") if period.closing else _("当月"),
        "as_of": write_date(period.end, "day", style="text"),
        "pace": pace,
        "pace_text": write_percent(pace),
        "paced_month": paced_month(period.month, quarterly=park.region.paces_quarterly),
        "assessed": [row for row in rows if row.indicator.is_assessed],
        "monitored": [row for row in rows if not row.indicator.is_assessed],
        "chains": _chains({line.indicator.code: line for line in lines}),
        "facts": _facts(rows),
        "matters": [_matter(member["facts"]) for member in members if member["facts"].get("problem")][:5],
        "halves": _halves(members),
        "listed_row": next((row for row in rows if row.indicator.code == LISTED), None),
        "total_wan": write_money(_of(lines, INVESTED), "万元", 0),
        "assessed_count": sum(row.indicator.is_assessed for row in rows),
    }


def _of(lines: Sequence[ScorecardLine], code: str) -> Fraction | None:
    return next((line.actual for line in lines if line.indicator.code == code), None)


def _members(
    lines: Sequence[ScorecardLine], scorecard: Scorecard, period: Period, projects: QuerySet[Project]
) -> list[Fact]:
    """The projects behind the first indicator: the plain list of its figure."""
    line = next((line for line in lines if line.indicator.code == LISTED), None)
    if line is None:
        return []
    query = QueryDict(members_query(line.indicator, scorecard.park, period))
    chosen = sources.source_of(line.indicator).filterset(query, queryset=projects).qs
    named = chosen.select_related("investor", "company", "chain", "owner")
    return [{"code": project.code, "facts": facts_of(project)} for project in named]


def _matter(facts: Fact) -> str:
    """“某项目：问题，下一步（责任人：某某）”, as one sentence however the parts were typed."""
    words = (str(facts.get(name, "")).strip().rstrip("。；，") for name in ("problem", "next_step"))
    owner = _("（责任人：%(name)s）") % {"name": facts["owner"]} if facts.get("owner") else ""
    return f"{facts['name']}：{'，'.join(filter(None, words))}{owner}。"


def _halves(members: list[Fact]) -> list[list[dict[str, Any]]]:
    """附件2 in two columns that read down."""
    rows = [_entry(number, member["code"], member["facts"]) for number, member in enumerate(members, 1)]
    middle = (len(rows) + 1) // 2
    return [rows[:middle], rows[middle:]] if len(rows) > 1 else [rows]


def _entry(number: int, code: str, facts: Fact) -> dict[str, Any]:
    signed = date.fromisoformat(facts["signed_on"]) if "signed_on" in facts else None
    return {
        "number": number,
        "code": code,
        "name": facts["name"],
        "investor": facts.get("investor", "—"),
        "amount": write_money(facts.get("total_investment"), "万元"),
        "when": write_date(signed, facts["signed_on_precision"], year=signed.year) if signed else "—",
        "stage": STAGES.get(facts.get("stage", ""), "—"),
    }


def _chains(lines: dict[str, ScorecardLine]) -> dict[str, Any]:
    """Count, investment, its share of the whole, and output by chain, largest investment first; last the whole."""
    rows = [
        {"name": row.name, "cells": [row.text(LISTED), row.text(INVESTED), row.share, row.text(OUTPUT)]}
        for row in by_chain(lines)
    ]
    counted, invested, output = (whole_text(lines, code) for code in FIGURES)
    return {"rows": rows, "whole": [counted, invested, whole_share(lines), output]}


def _facts(rows: list[Row]) -> list[str]:
    """主要情况: what the monitored indicators come to, one clause each, without the totals of the lead sentence."""
    told = {"signed_investment", "expected_output", "expected_jobs"}
    plain = [row for row in rows if not row.indicator.is_assessed and row.indicator.code not in told]
    return [f"{row.indicator.name}{row.amount}" for row in plain if row.line.actual]
