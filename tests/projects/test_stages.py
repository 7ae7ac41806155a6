"""A project goes through its stages step by step; a leap or a step back asks for a reason."""

from collections.abc import Callable
from itertools import pairwise, product

import pytest

from projects import stages

pytestmark = pytest.mark.once


def test_the_stages_are_those_of_the_contract_in_order() -> None:
    shown = [(stage.code, str(stage.label)) for stage in stages.STAGES]
    assert shown == [
        ("lead", "线索"),
        ("negotiating", "在谈"),
        ("signed", "签约"),
        ("registered", "注册"),
        ("started", "开工"),
        ("in_production", "投产"),
        ("full_capacity", "达产"),
    ]


def test_each_stage_from_signing_on_is_known_by_its_date() -> None:
    assert {stage.code: stage.date_field for stage in stages.STAGES} == {
        "lead": "",
        "negotiating": "",
        "signed": "signed_on",
        "registered": "registered_on",
        "started": "started_on",
        "in_production": "in_production_on",
        "full_capacity": "full_capacity_on",
    }
    assert all(stage.date_field in stage.needs for stage in stages.STAGES if stage.date_field)


def test_only_the_next_step_is_free() -> None:
    steps = set(pairwise(stages.CODES))
    for origin, target in product(stages.CODES, repeat=2):
        assert stages.can_move(origin, target) == ((origin, target) in steps)
        assert stages.needs_reason(origin, target) == (origin != target and (origin, target) not in steps)


@pytest.mark.parametrize(("origin", "target"), [("signed", "in_production"), ("started", "registered")])
def test_a_leap_and_a_step_back_need_a_reason(origin: str, target: str) -> None:
    assert stages.needs_reason(origin, target)


def test_nothing_follows_full_capacity() -> None:
    assert stages.next_stages("full_capacity") == ()
    assert stages.next_stages("lead") == ("negotiating",)


@pytest.mark.parametrize("move", [stages.can_move, stages.needs_reason])
def test_an_unknown_stage_is_refused(move: Callable[[str, str], bool]) -> None:
    with pytest.raises(KeyError):
        move("signed", "above_scale")
    with pytest.raises(KeyError):
        move("above_scale", "signed")


def test_a_stage_asks_for_all_that_the_stages_before_it_asked_for() -> None:
    for earlier, later in pairwise(stages.CODES):
        assert stages.requirements(later)[: len(stages.requirements(earlier))] == stages.requirements(earlier)


def test_signing_asks_for_what_the_indicators_count_by() -> None:
    assert stages.missing("signed", lambda field: False) == [
        "name",
        "investor",
        "contract_type",
        "category",
        "signed_on",
        "total_investment",
    ]


def test_only_what_is_not_filled_is_missing() -> None:
    filled = {"name", "investor", "contract_type", "category", "signed_on", "total_investment", "land_use_mode"}
    assert stages.missing("signed", filled.__contains__) == []
    assert stages.missing("started", filled.__contains__) == ["company", "registered_on", "started_on"]
    assert stages.missing("lead", {"name"}.__contains__) == []


def test_the_groups_split_the_stages_without_overlap() -> None:
    assert stages.PROSPECTS + stages.SIGNED_OR_LATER == stages.CODES
    assert stages.NOT_STARTED + stages.STARTED_OR_LATER == stages.SIGNED_OR_LATER
    assert stages.IN_PRODUCTION == ("in_production", "full_capacity")


@pytest.mark.parametrize(
    ("mode", "proof"),
    [
        ("land_supply", "以取得施工许可证或桩基施工为准"),
        ("lease", "以设备进场为准"),
        ("purchase", "以设备进场为准"),
        ("own", "供地项目以取得施工许可证或桩基施工为准，租赁、购买厂房项目以设备进场为准"),
        ("", "供地项目以取得施工许可证或桩基施工为准，租赁、购买厂房项目以设备进场为准"),
    ],
)
def test_the_proof_of_a_start_depends_on_how_the_land_is_used(mode: str, proof: str) -> None:
    assert stages.start_proof(mode) == proof
