"""What the report says of real projects and companies stands in the sample, and nothing else is said of them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from enterprises.models import Enterprise, ListingStep, OperatingRecord
from enterprises.uscc import check
from projects.models import Engagement, FundArrival, Project, StageChange
from tests.factories import YI
from tests.reports.counting import REAL, WAN, every_project, invented
from tests.sampled import sampled

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def sample_of_the_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with sampled(django_db_blocker):
        yield


FOXCONN = {
    "investor": "富士康",
    "chain": "electronics",
    "contract_type": "formal",
    "stage": "in_production",
    "ceremony_on": date(2020, 7, 10),
    "signed_on": date(2020, 7, 11),
    "signed_on_precision": "ten_day",
    "in_production_on": date(2020, 8, 1),
    "in_production_on_precision": "month",
    "total_investment": 3 * YI,
    "expected_annual_output": 13_000 * WAN,
    "expected_annual_tax": 1_000 * WAN,
    "expected_jobs": 1_000,
    "expected_jobs_qualifier": "over",
    "fortune_global_500": True,
}
AIJIA = {
    "investor": "湖南爱加建筑有限公司",
    "chain": "prefab-building",
    "contract_type": "formal",
    "stage": "in_production",
    "signed_on": date(2020, 3, 1),
    "signed_on_precision": "month",
    "total_investment": 1 * YI,
    "expected_annual_output": 3 * YI,
    "expected_annual_tax": 500 * WAN,
    "expected_jobs": 10_000,
    "land_area_mu": 63_70,
    "workshop_area_sqm": 5_000,
    "workshop_area_qualifier": "near",
    "tags": ["返乡创业"],
}
ZHIZAOGU = {
    "investor": "富士康工业富联",
    "contract_type": "formal",
    "stage": "started",
    "started_on": date(2020, 9, 29),
    "planned_production_on": date(2020, 1, 1),
    "planned_production_on_precision": "year",
    "fortune_global_500": True,
}
RESOURCES = {
    "investor": "华润医药",
    "contract_type": "formal",
    "stage": "signed",
    "signed_on": date(2020, 1, 1),
    "signed_on_precision": "half",
    "fortune_global_500": True,
}
STAR = {
    "investor": "华菱汽车",
    "kind": "expansion",
    "stage": "negotiating",
    "total_investment": 5 * YI,
    "total_investment_qualifier": "at_least",
}
HELI = {"investor": "衡阳合力工业车辆有限公司", "kind": "expansion", "stage": "negotiating"}
SAID = {
    "富士康智能手机机构件项目": (FOXCONN, []),
    "爱加轻钢装配式建筑产业化科技示范园": (AIJIA, ["settle_started_on", "moved_in_on"]),
    "华润医药配送物流项目": (RESOURCES, []),
    "深圳捷高电子科技有限公司入驻项目": (
        {"investor": "深圳捷高电子科技有限公司", "contract_type": "formal", "stage": "signed"},
        ["settle_started_on", "moved_in_on"],
    ),
    "富士康工业富联衡阳“智造谷”项目": (ZHIZAOGU, []),
    "恒天智客新能源汽车整车项目": ({"investor": "恒天智客", "stage": "in_production"}, []),
    "稀土高强铝合金项目": ({"stage": "in_production"}, []),
    "合力叉车扩大产能和新能源叉车项目": (HELI, []),
    "华菱汽车扩能项目": (STAR, []),
}
"""What the report says of each real project, and which columns were filled beside it."""
OURS = {"code", "name", "park", "review_state", "confidentiality", "sample_fields", "content", "progress", "note"}
"""Columns that hold no figure of the report: ours to set, or prose in its words."""


def facts(project: Project) -> dict[str, Any]:
    """The columns that differ from an empty project, without bookkeeping and without what is marked 示例."""
    plain = Project(park=project.park)
    skipped = OURS | set(project.sample_fields) | {"id", "version", "seq", "created_at", "updated_at", "search_text"}
    named = {f.name: getattr(project, f.name) for f in project._meta.concrete_fields if f.name not in skipped}
    said = {name: value for name, value in named.items() if value != getattr(plain, name)}
    for name in ("investor", "chain"):
        if name in said:
            said[name] = said[name].name if name == "investor" else said[name].code
    return said


class TestRealNames:
    def test_a_real_project_carries_what_the_report_says_and_no_more(self) -> None:
        for name, (said, filled) in SAID.items():
            project = Project.objects.get(name=name)
            assert facts(project) == said
            assert project.sample_fields == filled
            assert all(getattr(project, column) is not None for column in filled)

    def test_every_project_is_either_of_the_report_or_says_that_it_is_invented(self) -> None:
        rows = every_project()
        assert {row.name for row in rows if not invented(row)} == REAL == set(SAID)
        assert all("示例" in row.name for row in rows if invented(row))

    def test_real_companies_carry_what_the_report_says(self) -> None:
        rows = [row for row in Enterprise.objects.select_related("group") if not invented(row)]
        said = {row.name: (row.group and row.group.code, row.settled_year, row.land_area_mu) for row in rows}
        assert said == {
            "富士康": ("foxconn", 2011, None),
            "华润医药": ("china-resources-pharma", None, None),
            "湖南爱加建筑有限公司": (None, None, None),
            "深圳捷高电子科技有限公司": (None, None, None),
            "富士康工业富联": ("foxconn", None, None),
            "恒天智客": (None, None, None),
            "衡阳合力工业车辆有限公司": ("anhui-heli", 2007, 120_00),
            "华菱汽车": (None, None, None),
        }
        empty = ("uscc", "foreign_reg_no", "industry_code", "origin", "above_scale_on", "above_scale_route")
        assert not [row.name for row in rows if any(getattr(row, name) for name in empty)]

    def test_invented_companies_say_so_and_have_codes_that_no_company_can_have(self) -> None:
        rows = [row for row in Enterprise.objects.all() if invented(row)]
        assert all("示例" in row.name and row.uscc[8:10] == "XX" and check(row.uscc) == [] for row in rows)
        assert len({row.uscc for row in rows}) == len(rows) > 100

    def test_what_two_of_them_achieved_is_recorded(self) -> None:
        found = {
            (r.enterprise.name, r.kind, r.period): (r.output, r.tax, r.jobs) for r in OperatingRecord.objects.all()
        }
        assert found == {
            ("富士康", "cumulative", "2019-12"): (567 * YI, 1150 * YI // 100, None),
            ("湖南爱加建筑有限公司", "cumulative", "2020-09"): (130 * YI // 100, None, None),
        }

    def test_a_real_company_has_no_money_and_no_recommendation(self) -> None:
        assert all(invented(money.project) and invented(money) for money in FundArrival.objects.all())
        assert all(invented(step.enterprise) for step in ListingStep.objects.all())

    def test_the_talks_name_people_as_the_report_does(self) -> None:
        talks = [talk for talk in Engagement.objects.all() if "示例" not in talk.title]
        said = {
            (talk.project.name[:2], talk.mode, talk.held_on, talk.until): [
                (p.name, p.post) for p in talk.participants.all()
            ]
            for talk in talks
            if talk.project
        }
        assert said == {
            ("富士", "online", date(2020, 4, 21), None): [
                ("胡水龙", "原副市长"),
                ("向绪宏", "富士康工业互联网公司副总"),
                ("孙银生", "省台办主任"),
            ],
            ("富士", "outbound_visit", date(2020, 4, 21), date(2020, 5, 8)): [("刘兴中", "园区书记")],
            ("富士", "outbound_visit", date(2020, 5, 8), None): [("刘兴中", "园区书记")],
            ("合力", "outbound_visit", date(2020, 9, 22), None): [],
        }

    def test_a_day_that_was_filled_in_is_no_step_of_a_real_project(self) -> None:
        steps = StageChange.objects.filter(project__name="富士康智能手机机构件项目")
        assert [(step.from_stage, step.to_stage, step.on) for step in steps] == [
            ("", "signed", date(2020, 7, 11)),
            ("signed", "in_production", date(2020, 8, 1)),
        ]
