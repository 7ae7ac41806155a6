"""How a result divides: the progress of the year's signed projects, the chains, and the money that truly arrived."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Final

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from enterprises.models import OperatingRecord
from parkportal.writing import write_money
from projects import stages
from reports import members
from reports.chains import FIGURES, INVESTED, ChainRow, by_chain, whole_text
from reports.models import Scorecard, ScorecardLine
from reports.overview.card import Overview
from reports.rows import Row, plain_number, share_of

ARRIVED: Final = ("arrived_funds_domestic", "arrived_funds_foreign")


def funnel(overview: Overview) -> list[dict[str, Any]]:
    """How far this year's signed projects are, as counts of one cohort; starts by their recorded date."""
    signed = overview.lines.get("cohort_signed")
    if signed is None or not signed.actual:
        return []
    by_stage = {part.key: part.actual for part in overview.parts("cohort_signed", "stage")}
    started = overview.lines.get("cohort_started")
    rows = [_step(overview, _("签约"), signed, signed.actual, signed.actual)]
    for label, first in ((_("注册"), stages.REGISTERED), (_("投产"), stages.PRODUCING)):
        later = stages.CODES[stages.CODES.index(first) :]
        reached = sum((by_stage.get(stage, Fraction(0)) for stage in later), Fraction(0))
        rows.append(_step(overview, label, signed, reached, signed.actual, later))
    if started is not None and started.actual is not None:
        rows.insert(2, _step(overview, _("开工"), started, started.actual, signed.actual))
    return rows


def _step(
    overview: Overview, label: str, line: ScorecardLine, reached: Fraction, whole: Fraction, only: Iterable[str] = ()
) -> dict[str, Any]:
    stages_only: dict[str, list[str]] = {"stage": list(only)} if only else {}
    return {
        "label": label,
        "value": plain_number(reached),
        "url": overview.opens(line.indicator, **stages_only),
        "share": share_of(reached, whole),
        "note": f"{label}率{plain_number(reached)}/{plain_number(whole)}" if reached != whole or only else "",
    }


def chains(overview: Overview) -> dict[str, Any]:
    """Count, investment and output of the year's signed projects by chain, largest investment first."""
    rows = by_chain(overview.lines)
    largest = rows[0].amount(INVESTED) if rows else Fraction(0)
    return {
        "rows": [
            {
                "name": row.name,
                "code": row.code,
                "share": share_of(row.amount(INVESTED), largest),
                "cells": [_cell(overview, row, figure) for figure in FIGURES],
            }
            for row in rows
        ],
        "totals": [whole_text(overview.lines, figure) for figure in FIGURES],
    }


def carried(overview: Overview) -> list[members.Years]:
    """往年结转 of each listed figure that counts projects of earlier years too; of drafts, which follow the ledger."""
    if overview.scorecard.status != Scorecard.Status.DRAFT:
        return []
    mixed = [row for row in overview.rows if members.has_years(row.indicator) and row.line.actual]
    return [members.carried_over(row.indicator, overview.park, overview.period) for row in mixed]


def _cell(overview: Overview, row: ChainRow, figure: str) -> dict[str, str]:
    """A part and the rows behind it; the ledger's list has no condition for rows without a chain, frozen rows have."""
    part, named = row.parts.get(figure), row.code or overview.scorecard.frozen_revision
    indicator = overview.lines[figure].indicator if part and named else None
    url = overview.opens(indicator, chain=row.code) if indicator else ""
    return {"text": row.text(figure), "url": url}


def money(overview: Overview) -> dict[str, Any]:
    """到位资金和税收: the money that truly arrived, and the tax that enterprises are recorded to have paid."""
    rows: list[Row] = [overview.row(overview.lines[code]) for code in ARRIVED if code in overview.lines]
    paid = OperatingRecord.objects.filter(
        enterprise__park=overview.park,
        enterprise__deleted_at__isnull=True,
        kind=OperatingRecord.Kind.MONTH,
        period__range=(f"{overview.period.year}-01", f"{overview.period.year}-{overview.period.month:02d}"),
        tax__isnull=False,
    ).aggregate(total=Sum("tax"), firms=Count("enterprise", distinct=True))
    return {"rows": rows, "tax": write_money(paid["total"], "万元"), "firms": paid["firms"]}
