"""The compile of a whole province's parks, beside SQL written by hand that makes the same lines and parts.

The hand-written side knows each indicator's tables and columns; it takes one pass over the rows of both years.
"""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from django.core.management import call_command
from django.db import connection, transaction

from parkportal.models import Region
from reports.models import Indicator, Scorecard, ScorecardLine, ScorecardSlice
from reports.periods import Period
from reports.services import scorecard_compile
from tests.bench.measure import Pair
from tests.bench.volume import multiply

PARKS: Final = int(os.environ.get("BENCH_PARKS", "2500"))
SEEDED: Final = int(os.environ.get("BENCH_PROJECTS", "1000000")) // 50
FEW, MANY = 5, 10
"""Times that the seeded rows are copied: to a tenth of the projects, and then to all of them."""
PERIOD: Final = Period(2020, 9)
ROUNDS: Final = 3
F100: Final = (
    "p.category = 'industry' AND p.kind = 'new' AND p.contract_type = 'formal' AND p.total_investment >= 100000000"
)
PROJECTS: Final = """projects_project p JOIN projects_projectshare s ON s.project_id = p.id
    JOIN parkportal_park k ON k.id = s.park_id LEFT JOIN enterprises_chain c ON c.id = p.chain_id"""
ARRIVALS: Final = """projects_fundarrival a JOIN projects_project p ON p.id = a.project_id
    JOIN parkportal_park k ON k.id = p.park_id LEFT JOIN enterprises_chain c ON c.id = p.chain_id"""
COUNTED: Final = "p.review_state = 'verified' AND p.deleted_at IS NULL"
ARRIVED: Final = f"{COUNTED} AND a.verified AND a.deleted_at IS NULL"


class Sums(NamedTuple):
    """An indicator that counts or adds up, in SQL."""

    tables: str
    basis: str
    amount: str
    where: str
    gone: str = "p.terminated_on"


def _projects(basis: str, amount: str, where: str, gone: str = "p.terminated_on") -> Sums:
    return Sums(PROJECTS, f"p.{basis}", amount, f"{COUNTED} AND {where}", gone)


SQL: Final = {
    "projects_100m": _projects("signed_on", "s.count_bp", F100),
    "fortune_global_500_projects": _projects(
        "signed_on", "s.count_bp", "p.kind = 'new' AND p.contract_type = 'formal' AND p.fortune_global_500"
    ),
    "signed_investment": _projects("signed_on", "p.total_investment * s.amount_bp", F100),
    "expected_output": _projects("signed_on", "p.expected_annual_output * s.amount_bp", F100),
    "expected_jobs": _projects("signed_on", "p.expected_jobs * s.amount_bp", F100),
    "started_projects": _projects("started_on", "s.count_bp", F100),
    "above_scale_enterprises": _projects(
        "signed_on", "1", f"{F100} AND p.stage IN ('in_production', 'full_capacity') AND p.company_id IS NULL"
    ),
    "average_settle_days": _projects(
        "moved_in_on", "p.moved_in_on - p.settle_started_on", "p.contract_type = 'formal'"
    ),
    "arrived_funds_domestic": Sums(
        *(ARRIVALS, "a.received_on", "a.amount * 10000"),
        f"{ARRIVED} AND a.origin_tier IN ('out_of_city', 'out_of_province')",
        "NULL::date",
    ),
    "arrived_funds_foreign": Sums(
        *(ARRIVALS, "a.received_on", "a.amount_usd * 10000"),
        f"{ARRIVED} AND a.origin_tier = 'overseas' AND a.fdi_scope = 'mofcom'",
        "NULL::date",
    ),
}
"""The indicators of the reference data; for those without rows in these tables only the line is made."""
TWELVE: Final = (*SQL, "star_market_enterprises", "group_start_projects")
NOTHING: Final = _projects("signed_on", "1", "false")
GROUPED: Final = """
CREATE TEMP TABLE grouped ON COMMIT DROP AS
SELECT k.id AS park, coalesce(c.code, '') AS chain, p.stage, to_char({basis}, 'YYYY-MM') AS month,
       to_char({gone}, 'YYYY-MM') AS gone, sum({amount}) AS total
FROM {tables}
WHERE k.region_id = {region} AND {where} AND {basis} BETWEEN '2019-01-01' AND '2020-09-30'
GROUP BY 1, 2, 3, 4, 5
"""
CARDS: Final = """
INSERT INTO reports_scorecard (code, park_id, period, status, revision, version, lead, headline, compiled_at,
    facts_seq, digest, updated_at, reasons, submitted_content, return_reason)
SELECT code || '-2020-09', id, '2020-09', 'draft', 1, 1, '', '', now(), 0, '', now(), '{{}}', '', ''
FROM parkportal_park WHERE region_id = {region}
"""
NOW: Final = "g.month >= '2020-01' AND (g.gone IS NULL OR g.gone > '2020-09')"
LINES: Final = f"""
INSERT INTO reports_scorecardline (scorecard_id, indicator_id, actual_numerator, actual_denominator, month_numerator,
    month_denominator, previous_numerator, previous_denominator, previous_source, inexact, target_numerator,
    target_denominator, target_basis, target_document, target_authority, light, listed)
SELECT s.id, {{indicator}}, coalesce(sum(g.total) FILTER (WHERE {NOW}), 0), 10000,
    coalesce(sum(g.total) FILTER (WHERE {NOW} AND g.month = '2020-09'), 0), 10000,
    coalesce(sum(g.total) FILTER (WHERE g.month <= '2019-09' AND (g.gone IS NULL OR g.gone > '2019-09')), 0), 10000,
    'live', '', t.annual, t.denominator, coalesce(t.basis, ''), coalesce(t.document, ''), coalesce(t.authority, ''),
    'none', true
FROM reports_scorecard s LEFT JOIN grouped g ON g.park = s.park_id
    LEFT JOIN reports_target t ON t.park_id = s.park_id AND t.indicator_id = {{indicator}} AND t.year = 2020
        AND t.level = 'city' AND t.deleted_at IS NULL
WHERE s.period = '2020-09'
GROUP BY s.id, t.annual, t.denominator, t.basis, t.document, t.authority
"""  # noqa: S608 - names of columns, nothing typed
SLICES: Final = f"""
INSERT INTO reports_scorecardslice (line_id, dimension, key, name, numerator, denominator, inexact)
SELECT l.id, CASE WHEN grouping(g.chain) = 0 THEN 'chain' WHEN grouping(g.stage) = 0 THEN 'stage' ELSE 'month' END,
    coalesce(g.chain, g.stage, g.month), coalesce(g.chain, g.stage, g.month), sum(g.total), 10000, ''
FROM grouped g JOIN reports_scorecard s ON s.park_id = g.park AND s.period = '2020-09'
    JOIN reports_scorecardline l ON l.scorecard_id = s.id AND l.indicator_id = {{indicator}}
WHERE {NOW}
GROUP BY GROUPING SETS ((l.id, g.chain), (l.id, g.stage), (l.id, g.month))
"""  # noqa: S608


@contextmanager
def undone() -> Iterator[None]:
    """A transaction whose rows are gone when the block ends."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def by_hand(region: Region) -> dict[str, int]:
    """The month by SQL; returns how many cards, lines and parts it made."""
    with undone(), connection.cursor() as cursor:
        cursor.execute(CARDS.format(region=region.pk))
        for indicator in Indicator.objects.in_force(region, PERIOD.year):
            facts = SQL.get(indicator.code, NOTHING)
            cursor.execute(GROUPED.format(region=region.pk, **facts._asdict()))
            cursor.execute(LINES.format(indicator=indicator.pk))
            cursor.execute(SLICES.format(indicator=indicator.pk))
            cursor.execute("DROP TABLE grouped")
        return made()


def by_the_portal(region: Region) -> dict[str, int]:
    """The month by the compile that production runs; returns the same."""
    with undone():
        scorecard_compile(region=region, period=PERIOD)
        return made()


def made() -> dict[str, int]:
    """Rows that a compile stored."""
    return {model.__name__: model.objects.count() for model in (Scorecard, ScorecardLine, ScorecardSlice)}


def tidy() -> None:
    """Takes away what undone rounds left in the tables, and tells the database how full they are."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE reports_scorecard, reports_scorecardline, reports_scorecardslice")


def memory(region: Region) -> float:
    """The most memory of a process of its own that compiles, in MB, beyond what it had before."""
    connection.close()
    read, write = os.pipe()
    if not (child := os.fork()):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        by_the_portal(region)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        os.write(write, f"{grown:.0f}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    return float(os.read(read, 99))


def pairs() -> list[Pair]:
    """Volume first: a tenth of the projects for the memory, then all of them; the month before is there already."""
    call_command("seed_volume", parks=PARKS, projects=SEEDED, seed=1, verbosity=0)
    region = Region.objects.get(code="430400")
    Indicator.objects.exclude(code__in=TWELVE).update(from_year=2100)
    multiply(FEW)
    few = memory(region)
    multiply(MANY)
    scorecard_compile(region=region, period=PERIOD.previous())
    ours, theirs = by_the_portal(region), by_hand(region)
    assert abs(ours["ScorecardSlice"] - theirs["ScorecardSlice"]) <= ours["ScorecardSlice"] // 100, (ours, theirs)
    projects = SEEDED * FEW * MANY
    name = f"compile, {PARKS:,} parks, {projects:,} projects"

    def said() -> str:
        return f"{ours}; memory {few:.0f} MB for a tenth of the projects, {memory(region):.0f} MB for all"

    return [Pair(name, lambda: by_the_portal(region), "by hand", lambda: by_hand(region), ROUNDS, tidy, said)]
