"""The sample adds up to the report, counted here row by row in plain Python, without the compiler."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.conf import settings

from enterprises.models import Enterprise, Group, ListingStep, RankingEntry, RankingList
from parkportal.models import Change, Park, User
from parkportal.trace import code_of, next_code
from projects import stages
from projects.models import FundArrival, GroupStart, Project
from projects.services import project_missing, project_problems
from reports.models import ReportedFigure, Target
from tests.factories import YI
from tests.reports.counting import (
    HOME,
    PRODUCING,
    WAN,
    between,
    business_models,
    counts,
    eighteen,
    every_project,
    invented,
    is_100m,
    rows_of,
    total,
)
from tests.sampled import sampled

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def sample_of_the_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with sampled(django_db_blocker):
        yield


class TestEighteen:
    def test_there_are_eighteen_worth_104_9(self) -> None:
        rows = eighteen()
        assert len(rows) == 18
        assert total(rows, "total_investment") == 1_049_000 * WAN
        assert total(rows, "expected_annual_output") == 168 * YI

    def test_their_jobs_are_a_little_over_forty_thousand(self) -> None:
        rows = eighteen()
        inexact = [row.name for row in rows if row.expected_jobs_qualifier != "exact"]
        assert 40_001 <= total(rows, "expected_jobs") <= 40_999
        assert inexact == ["富士康智能手机机构件项目"]

    def test_six_are_of_electronics_and_of_six_companies(self) -> None:
        rows = [row for row in eighteen() if row.chain and row.chain.code == "electronics"]
        five = [row for row in rows if invented(row)]
        assert (len(rows), len({row.investor for row in rows})) == (6, 6)
        assert (total(rows, "total_investment"), total(rows, "expected_annual_output")) == (52_4 * YI // 10, 34 * YI)
        assert (len(five), total(five, "total_investment")) == (5, 49_4 * YI // 10)
        assert total(five, "expected_annual_output") == 32_7 * YI // 10

    def test_eleven_others_are_invented(self) -> None:
        rows = [row for row in eighteen() if row.chain and row.chain.code != "electronics" and invented(row)]
        assert (len(rows), total(rows, "total_investment")) == (11, 51_5 * YI // 10)
        assert total(rows, "expected_annual_output") == 131 * YI

    def test_no_other_chain_is_larger_than_electronics(self) -> None:
        sums: Counter[str] = Counter()
        for row in eighteen():
            sums[row.chain.code if row.chain else ""] += row.total_investment or 0
        assert sums.most_common(1)[0][0] == "electronics"
        assert len(sums) == 6

    def test_seventeen_are_registered_fifteen_are_at_work_eleven_produce(self) -> None:
        rows = eighteen()
        after = [stages.CODES.index(row.stage) for row in rows]
        reached = [sum(at >= stages.CODES.index(stage) for at in after) for stage in stages.SIGNED_OR_LATER[:4]]
        assert reached == [18, 17, 15, 11]
        assert sum(between(row.started_on) for row in rows) == 13, "富士康 and 爱加 started on days that nobody told"

    def test_those_that_have_not_started_say_why(self) -> None:
        waiting = [row for row in eighteen() if row.stage in stages.NOT_STARTED]
        assert sorted(row.name for row in waiting) == [
            "智能钻探装备项目（示例）",
            "石墨烯散热膜项目（示例）",
            "芯片封装测试项目（示例）",
        ]
        assert total(waiting, "total_investment") == 26_8 * YI // 10
        assert all(row.problem and row.next_step for row in waiting)

    def test_nine_companies_rose_above_scale_and_are_invented(self) -> None:
        risen = {row.company for row in eighteen() if row.stage in PRODUCING and row.company}
        nine = {company for company in risen if between(company.above_scale_on)}
        assert len(nine) == 9
        assert all(invented(company) for company in nine)
        assert all(row.signed_on and row.signed_on.year == 2020 for row in eighteen())

    def test_the_two_real_ones_have_the_codes_of_their_place_in_the_ledger(self) -> None:
        codes = {row.name: row.code for row in eighteen()}
        assert codes["富士康智能手机机构件项目"] == "baishazhou-2020-011"
        assert codes["爱加轻钢装配式建筑产业化科技示范园"] == "baishazhou-2020-002"
        assert sorted(codes.values()) == [f"baishazhou-2020-{number:03d}" for number in range(1, 19)]


def listed_groups(signed_on: date | None) -> set[str]:
    """The groups of the newest list that was out on that day; without a day, of the newest of all."""
    lists = [row for row in RankingList.objects.all() if signed_on is None or row.published_on <= signed_on]
    newest = max(lists, key=lambda row: row.published_on, default=None)
    return {entry.group.code for entry in RankingEntry.objects.filter(list=newest)}


def owners(group: Group | None) -> Iterator[str]:
    while group:
        yield group.code
        group = group.parent if group.controlled else None


class TestFortune:
    def test_the_stored_fact_follows_from_investor_day_and_list(self) -> None:
        for row in every_project():
            group = row.investor.group if row.investor else None
            assert row.fortune_global_500 == bool(listed_groups(row.signed_on) & set(owners(group))), row.name

    def test_two_are_counted_and_the_third_has_no_known_signing(self) -> None:
        mine = [row for row in every_project() if row.park.code == HOME and row.fortune_global_500]
        ours = [row for row in mine if counts(row) and row.kind == "new" and row.contract_type == "formal"]
        assert sorted(row.name for row in ours if between(row.signed_on)) == [
            "华润医药配送物流项目",
            "富士康智能手机机构件项目",
        ]
        assert [row.name for row in ours if row.signed_on is None] == ["富士康工业富联衡阳“智造谷”项目"]

    def test_both_lists_hold_the_published_ranks(self) -> None:
        real = [entry for entry in RankingEntry.objects.all() if "示例" not in entry.group.name]
        assert {(entry.list.year, entry.group.code, entry.rank) for entry in real} == {
            (2019, "hon-hai", 23),
            (2019, "china-resources", None),
            (2020, "hon-hai", 26),
            (2020, "china-resources", 79),
        }
        lists = {(row.year, row.published_on, row.published_on_precision) for row in RankingList.objects.all()}
        assert lists == {(2019, date(2019, 7, 1), "month"), (2020, date(2020, 8, 1), "month")}


class TestOtherFigures:
    def test_six_companies_were_recommended_for_the_star_market(self) -> None:
        steps = ListingStep.objects.filter(board="star", step="recommended", enterprise__park__code=HOME)
        assert len({step.enterprise_id for step in steps if between(step.happened_on)}) == 6

    def test_the_group_start_has_its_published_totals_and_six_entries(self) -> None:
        start = GroupStart.objects.get()
        assert (start.held_on, start.level, start.sequence, start.city_total) == (date(2020, 9, 29), "province", 2, 63)
        published = start.parks.get()
        assert (published.park.code, published.published_count, published.rank) == (HOME, 6, 1)
        assert (published.total, published.annual_plan) == (171_000 * WAN, 58_000 * WAN)
        mine = [entry.project for entry in start.entries.all() if entry.project.park.code == HOME]
        old = [project for project in mine if invented(project)]
        assert len(mine) == 6
        assert [p.name for p in mine if not invented(p)] == ["富士康工业富联衡阳“智造谷”项目"]
        assert all(p.signed_on and p.signed_on.year == 2019 and p.started_on == start.held_on for p in old)
        assert total(old, "total_investment") < 171_000 * WAN
        assert sum(entry.planned or 0 for entry in start.entries.all()) < 58_000 * WAN

    def test_27_6_of_domestic_money_arrived_carried_over_projects_included(self) -> None:
        money = [row for row in FundArrival.objects.select_related("project__park") if row.project.park.code == HOME]
        domestic = [row for row in money if row.verified and row.origin_tier in {"out_of_city", "out_of_province"}]
        counted = [row for row in domestic if between(row.received_on)]
        assert sum(row.amount for row in counted) == 276_000 * WAN
        assert {row.project.signed_on.year for row in counted if row.project.signed_on} == {2019, 2020}
        assert len(domestic) > len(counted)

    def test_the_ledger_holds_40_more_of_foreign_money_than_the_city_confirmed(self) -> None:
        money = FundArrival.objects.filter(project__park__code=HOME, origin_tier="overseas", fdi_scope="mofcom")
        dollars = sum(row.amount_usd or 0 for row in money if row.verified and between(row.received_on))
        reported = ReportedFigure.objects.get()
        assert (reported.park.code, reported.period, reported.indicator.code) == (
            HOME,
            "2020-09",
            "arrived_funds_foreign",
        )
        assert (dollars, reported.numerator, reported.denominator) == (3_120 * WAN, 3_080 * WAN, 1)
        assert "示例" in reported.authority

    def test_money_in_dollars_is_worth_its_yuan(self) -> None:
        for row in FundArrival.objects.exclude(amount_usd=None):
            assert Fraction(row.amount_usd * row.rate, 1_000_000) == row.amount

    def test_moving_in_took_27_and_16_days_and_nobody_else_moved_in(self) -> None:
        moved = [row for row in every_project() if row.park.code == HOME and between(row.moved_in_on)]
        days = {row.name[:4]: row.settle_days for row in moved}
        assert days == {"深圳捷高": 27, "爱加轻钢": 16}
        assert all(row.contract_type == "formal" and counts(row) for row in moved)

    def test_targets_follow_from_what_was_exceeded_and_name_no_document(self) -> None:
        targets = {(t.park.code, t.indicator.code): t for t in Target.objects.select_related("park") if t.park}
        mine = targets[HOME, "projects_100m"], targets[HOME, "fortune_global_500_projects"]
        assert [(t.annual, t.document, t.note) for t in mine] == [
            (12, "（示例）", "由公开报道的超额数反推。"),
            (1, "（示例）", "由公开报道的超额数反推。"),
        ]
        assert all(t.authority and t.year == 2020 and t.basis == "annual" for t in targets.values())

    def test_six_parks_rank_as_planned(self) -> None:
        targets = Target.objects.filter(indicator__code="projects_100m")
        signed: Counter[str] = Counter()
        for row in every_project():
            if counts(row) and is_100m(row) and between(row.signed_on):
                for share in row.shares.all():
                    signed[share.park.code] += share.count_bp
        done = {t.park.code: Fraction(signed[t.park.code], 10_000 * t.annual) for t in targets if t.park}
        assert sorted(done, key=lambda code: -done[code]) == [HOME, "park-a", "park-b", "park-c", "park-d", "park-e"]
        assert len(set(done.values())) == 6
        assert {code: signed[code] for code in done} == {
            HOME: 180_000,
            "park-a": 105_000,
            "park-b": 135_000,
            "park-c": 70_000,
            "park-d": 80_000,
            "park-e": 70_000,
        }

    def test_the_ledger_of_the_report_begins_in_2020_and_the_others_have_a_base(self) -> None:
        parks = {park.code: park for park in Park.objects.all()}
        assert parks.pop(HOME).ledger_from == "2020-01"
        assert {park.ledger_from for park in parks.values()} == {"2019-01"}
        assert all(p.scorecards_from == "2020-01" and p.scorecards_until == "2020-09" for p in Park.objects.all())
        for park in parks.values():
            assert sum(
                is_100m(p) and between(p.signed_on, date(2019, 1, 1), date(2019, 9, 30)) for p in park.project_set.all()
            )


EDGES = {
    "park-a 线束项目（示例）": {"total_investment": 99_999_900},
    "baishazhou 精密模具项目（示例）": {"total_investment": 99_999_900},
    "park-a 新能源产业园项目（示例）": {"contract_type": "framework", "total_investment": 20 * YI},
    "park-a 数控机床项目（示例）": {"signed_on": date(2019, 12, 31)},
    "park-a 激光设备项目（示例）": {"signed_on": date(2020, 10, 1)},
    "park-a 光伏支架项目（示例）": {"status": "terminated", "terminated_on": date(2020, 8, 31)},
    "park-b 磁性元件扩产项目（示例）": {"kind": "expansion"},
    "park-b 园区道路项目（示例）": {"category": "infrastructure", "total_investment": 3 * YI},
    "baishazhou 芯片封装测试项目（二次签约仪式）（示例）": {
        "review_state": "returned",
        "ceremony_on": date(2020, 9, 25),
    },
    "park-b 锂电隔膜项目（二次签约仪式）（示例）": {"review_state": "returned"},
}


class TestEdges:
    def test_an_edge_row_counts_for_none_of_the_nine_months(self) -> None:
        for place_and_name, said in EDGES.items():
            park, name = place_and_name.split(" ", 1)
            row = Project.objects.get(park__code=park, name=name)
            assert {column: getattr(row, column) for column in said} == said
            assert not (counts(row) and is_100m(row) and between(row.signed_on)), name

    def test_one_project_is_split_in_halves(self) -> None:
        split = [row for row in every_project() if row.shares.count() > 1]
        assert [(row.name, row.park.code) for row in split] == [("锂电隔膜项目（示例）", "park-a")]
        halves = [
            (share.park.code, share.count_bp, share.amount_bp) for share in split[0].shares.order_by("park__code")
        ]
        assert halves == [("park-a", 5_000, 5_000), ("park-b", 5_000, 5_000)]
        assert counts(split[0]) and is_100m(split[0])

    def test_the_shares_of_every_project_make_a_whole(self) -> None:
        for row in every_project():
            shares = list(row.shares.all())
            assert (sum(s.count_bp for s in shares), sum(s.amount_bp for s in shares)) == (10_000, 10_000), row.name

    def test_nothing_is_wrong_with_a_row_and_only_the_report_leaves_gaps(self) -> None:
        for row in every_project():
            assert project_problems(row, date(2020, 10, 15)) == {}, row.name
            assert not invented(row) or row.review_state == "draft" or project_missing(row) == {}, row.name

    def test_the_names_of_a_park_are_not_used_twice(self) -> None:
        names = Counter((row.park.code, row.name) for row in every_project())
        assert max(names.values()) == 1


class TestTrace:
    def test_every_row_has_exactly_one_entry(self) -> None:
        told = Counter((change.object_type, change.object_code) for change in Change.objects.all())
        rows: Counter[tuple[str, str]] = Counter()
        for model in business_models():
            rows.update((model._meta.label, code_of(row)) for row in rows_of(model))
        assert told == rows
        assert {change.door for change in Change.objects.all()} == {"command"}

    def test_the_trace_holds_no_password(self) -> None:
        for change in Change.objects.filter(object_type="parkportal.User"):
            assert "password" not in change.diff

    def test_a_new_code_goes_on_behind_those_of_the_sample(self) -> None:
        park = Park.objects.get(code=HOME)
        for kind, model in (("", Project), ("e", Enterprise), ("f", FundArrival)):
            assert not model._default_manager.filter(code=next_code(park, kind, 2020)).exists()


LOGINS = {
    ("clerk", "clerk", HOME),
    ("reviewer", "head", HOME),
    ("leader", "leader", HOME),
    ("statistician", "statistician", "430400"),
    ("cityleader", "city", "430400"),
    ("admin", "admin", None),
    ("clerk-a", "clerk", "park-a"),
}


class TestLogins:
    def test_a_login_has_its_role_and_place_and_the_password(self) -> None:
        users = [user for user in User.objects.all() if user.has_usable_password()]
        assert {(user.username, user.role, user.place and user.place.code) for user in users} == LOGINS
        assert all(user.check_password(settings.SAMPLE_PASSWORD) for user in users)

    def test_nobody_else_can_log_in(self) -> None:
        others = User.objects.filter(username__in=["clerk-2", "clerk-3"])
        assert [user.has_usable_password() for user in others] == [False, False]
        assert User.objects.count() == 9
        assert not any(user.check_password("!") for user in others)
