"""考核计分: the arithmetic of published bulletins, each way of scoring, who may see it, and what-if without saving."""

from collections.abc import Callable
from fractions import Fraction as F
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from reports.models import AssessmentMark, AssessmentRule, Indicator
from reports.periods import Period
from reports.scoring import Item, Total, efficacy, lead_points, places, rounded, score, total
from reports.services import scorecard_compile
from tests.factories import make_indicator, make_park, make_project, make_region, make_target, make_user

As = Callable[[User], Client]
RULE = {"weight": F(40), "cap": F(6, 5), "step": F(1, 10), "tiers": [(F(0), F(2)), (F(3), F(4))]}
numbers = st.fractions(min_value=0, max_value=1000, max_denominator=50)


@pytest.mark.parametrize(
    ("completion", "month", "points", "said"),
    [
        (F(12564, 10000), 10, F(4231, 100), "125.64% − 10/12 = 42.31个百分点"),
        (F(74, 100), 8, F(733, 100), "74% − 8/12 = 7.33个百分点"),
    ],
)
def test_two_published_bulletins_are_recomputed(completion: F, month: int, points: F, said: str) -> None:
    made = lead_points(completion, F(month, 12))
    assert (made.points, made.explanation) == (points, said)


@pytest.mark.parametrize(
    ("kind", "actual", "target", "points", "said"),
    [
        ("capped", 18, 12, 48, "min(18÷12，1.2)×40 = 48"),
        ("capped", 9, 12, 30, "min(9÷12，1.2)×40 = 30"),
        ("steps", 4, 7, F(397, 10), "40−3×0.1 = 39.7，最少0分"),
        ("steps", 9, 7, 40, "40−0×0.1 = 40，最少0分"),
        ("tiers", 17, 12, F(6, 5), "min(3×2＋2×4，1.2) = 1.2"),
        ("tiers", 12, 12, 0, "min(0×2＋0×4，1.2) = 0"),
        ("efficacy", 5, 0, F(32), "(60+40×(5−0)÷(10−0))%×40 = 32"),
    ],
)
def test_each_way_of_scoring_prints_its_arithmetic(kind: str, actual: int, target: int, points: Any, said: str) -> None:
    made = score(kind, RULE, Item(F(actual), F(target)), [F(0), F(actual), F(10)])
    assert (made.points, made.explanation) == (points, said)


def test_what_is_unknown_gets_no_points_and_what_is_given_its_reason() -> None:
    assert score("capped", RULE, Item(None, F(12)), []).points is None
    assert score("capped", RULE, Item(F(3), None), []).explanation == "没有目标，不计分"
    assert score("capped", RULE, Item(F(3), F(0)), []).points is None
    assert score("manual", RULE, Item(None, None), []).points is None
    given_by_hand = score("manual", RULE, Item(None, None, F(-1, 2), "少报1个月"), [])
    assert (given_by_hand.points, given_by_hand.explanation) == (F(-1, 2), "人工打分−0.5：少报1个月")
    assert efficacy(F(3), [F(3), F(3)], F(20)).points == 20
    assert rounded(F(5, 1000)) == F(1, 100)
    assert rounded(F(-5, 1000)) == F(-1, 100)


def test_a_veto_leaves_nothing_and_ties_share_a_place() -> None:
    scores = [score("capped", RULE, Item(F(12), F(12)), [])]
    assert total(scores).explanation == "40 = 40"
    assert total(scores, veto="弄虚作假") == Total(F(0), "一票否决：弄虚作假", vetoed=True)
    sums = {"a": F(9), "b": F(7), "c": F(7), "d": F(1)}
    assert places({k: Total(v, "") for k, v in sums.items()}, {}) == {"a": 1, "b": 2, "c": 2, "d": 4}
    apart = places({k: Total(v, "") for k, v in sums.items()}, {"b": [F(1)], "c": [F(2)]})
    assert apart == {"a": 1, "c": 2, "b": 3, "d": 4}


@settings(max_examples=60)
@given(numbers, numbers, st.lists(numbers, min_size=1, max_size=5), st.sampled_from(["capped", "steps", "efficacy"]))
def test_a_score_lies_between_nothing_and_its_most(actual: F, target: F, others: list[F], kind: str) -> None:
    made = score(kind, RULE, Item(actual, target), [actual, *others])
    most = RULE["weight"] * (RULE["cap"] if kind == "capped" else 1)  # type: ignore[operator]
    assert made.points is None if kind == "capped" and not target else 0 <= (made.points or 0) <= most
    assert made.points is None or made.points.denominator in {1, 2, 4, 5, 10, 20, 25, 50, 100}


@pytest.fixture
def park() -> Park:
    return make_park(code="yi", name="园区一", group="一组", scorecards_from="2020-05", scorecards_until="2020-05")


@pytest.fixture
def board(park: Park, client_as: As) -> Client:
    """A statistician of a region with two parks in a group, one of them twice as good, and one in another group."""
    indicator = make_indicator(code="signed", role=Indicator.Role.ASSESSED)
    for number, (code, group) in enumerate([("er", "一组"), ("san", "二组")], 1):
        other = make_park(code=code, name=code, region=park.region, group=group)
        make_target(park=other, indicator=indicator, annual=4)
        for _n in range(2 * number):
            make_project(park=other)
    make_target(park=park, indicator=indicator, annual=4)
    make_project(park=park)
    scorecard_compile(region=park.region, period=Period(2020, 5))
    return client_as(make_user(Role.STATISTICIAN, region=park.region))


def add_rule(browser: Client, **changed: str) -> AssessmentRule:
    values = {"name": "签约项目", "year": "2020", "kind": "capped", "indicator": "signed", "weight": "40", "cap": "1.2"}
    values |= {"step": "", "tiers": "", "order": "1", "basis": "（测试）"} | changed
    response = browser.post("/assessment/rules/new/", values)
    assert response.status_code == 302, response.context["form"].errors
    return AssessmentRule.objects.latest("pk")


def told(response: Any) -> dict[str, tuple[int, str]]:
    return {
        row.park.code: (row.place, row.total.explanation)
        for rows in response.context["boards"].values()
        for row in rows
    }


@pytest.mark.django_db
def test_the_board_ranks_within_groups_and_supposes_without_saving(board: Client, park: Park) -> None:
    rule = add_rule(board)
    assert told(board.get("/assessment/")) == {"er": (1, "20 = 20"), "yi": (2, "10 = 10"), "san": (1, "40 = 40")}
    page = board.get("/assessment/").content.decode()
    assert "<h1>2020年1—5月考核计分</h1>" in page
    assert '<option value="2020-05" selected>2020年1—5月</option>' in page
    assert "min(1÷4，1.2)×40 = 10" in page
    before = list(AssessmentRule.objects.values())
    supposed = board.get(f"/assessment/?weight.{rule.code}=100&actual.yi.{rule.code}=3&cap.{rule.code}=0.5")
    assert told(supposed)["yi"] == (1, "50 = 50")
    assert "这是试算，没有保存" in supposed.content.decode()
    assert told(board.get(f"/assessment/?park=yi&rule={rule.code}&actual=4"))["yi"] == (1, "40 = 40")
    assert list(AssessmentRule.objects.values()) == before
    assert board.get(f"/assessment/?weight.{rule.code}=多").status_code == 400
    assert told(board.get("/assessment/"))["yi"] == (2, "10 = 10")
    edit = board.get(f"/assessment/rules/{rule.code}/edit/").content.decode()
    assert '<option value="signed" selected>' in edit
    withdrawn = board.post(f"/assessment/rules/{rule.code}/withdraw/", {"version": "1"}, follow=True)
    assert "这一年还没有计分规则" in withdrawn.content.decode()


@pytest.mark.django_db
def test_money_is_scored_in_the_unit_that_is_printed(board: Client, park: Park) -> None:
    fields = {"code": "money", "measure": "sum", "measure_fields": "total_investment", "unit": "元"}
    money = make_indicator(display_unit="亿元", role=Indicator.Role.ASSESSED, **fields)
    make_target(park=park, indicator=money, annual=500_000_000)
    scorecard_compile(region=park.region, period=Period(2020, 5))
    add_rule(board, indicator="money", kind="steps", step="0.5")
    assert "40−3×0.5 = 38.5" in board.get("/assessment/").content.decode()


@pytest.mark.django_db
def test_marks_and_vetoes_carry_their_reason_and_lose_to_who_was_first(board: Client, park: Park) -> None:
    add_rule(board)
    manual = add_rule(board, name="报表纪律", kind="manual", indicator="", weight="5")
    url = f"/assessment/marks/yi/?period=2020-05&rule={manual.code}"
    assert "请填写理由" in board.post(url, {"version": "0", "points": "4.5", "reason": ""}).content.decode()
    assert "不是一个数" in board.post(url, {"version": "0", "points": "许多", "reason": "理由"}).content.decode()
    assert (
        "不能超过这一项的分值5。" in board.post(url, {"version": "0", "points": "6", "reason": "好"}).content.decode()
    )
    assert board.get(url.replace("2020-05", "2020-final")).status_code == 404
    board.post(url, {"version": "0", "points": "4.5", "reason": "按时报送"})
    board.post(url, {"version": "0", "points": "1", "reason": "后来的"})
    assert AssessmentMark.objects.get().points == 450
    assert told(board.get("/assessment/"))["yi"] == (2, "10＋4.5 = 14.5")
    veto = "/assessment/marks/er/?period=2020-05"
    board.post(veto, {"version": "0", "reason": "弄虚作假"})
    assert told(board.get("/assessment/"))["er"] == (2, "一票否决：弄虚作假")
    board.post(veto, {"version": "1", "gone": "1"})
    assert told(board.get("/assessment/"))["er"] == (1, "20 = 20")
    assert Change.objects.filter(object_type="reports.AssessmentMark").count() == 3


@pytest.mark.django_db
def test_rules_are_of_one_region_and_parks_see_nothing(board: Client, park: Park, client_as: As) -> None:
    rule = add_rule(board)
    for role in (Role.CLERK, Role.HEAD, Role.LEADER, Role.STATISTICIAN):
        assert client_as(make_user(role, park=park)).get("/assessment/").status_code == 403
    city = client_as(make_user(Role.CITY, region=park.region))
    assert "签约项目" in city.get("/assessment/").content.decode()
    assert city.get("/assessment/rules/new/").status_code == 403
    far = client_as(make_user(Role.STATISTICIAN, region=make_region()))
    assert "签约项目" not in far.get("/assessment/?period=2020-05").content.decode()
    assert far.get(f"/assessment/rules/{rule.code}/edit/").status_code == 404
    assert far.post("/assessment/marks/yi/?period=2020-05", {"version": "0", "reason": "x"}).status_code == 404
    assert not AssessmentMark.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"weight": ""}, "这种计分办法要填这一项"),
        ({"kind": "tiers", "tiers": "多2分"}, "看不懂"),
        ({"kind": "manual"}, "人工打分不选指标"),
        ({"kind": "tiers", "tiers": "0:2"}, "这种计分办法要填这一项"),
        ({"kind": "steps"}, "这种计分办法要填这一项"),
        ({"indicator": ""}, "其他计分办法要选指标"),
        ({"cap": "-1"}, "不能小于0"),
    ],
)
def test_a_rule_that_does_not_fit_is_refused(changed: dict[str, str], sentence: str, board: Client) -> None:
    values = {"name": "签约", "year": "2020", "kind": "capped", "indicator": "signed", "weight": "40", "order": "1"}
    page = board.post("/assessment/rules/new/", values | changed).content.decode()
    assert sentence in page
    assert not AssessmentRule.objects.exists()


@pytest.mark.parametrize(
    ("kind", "rule", "points"),
    [
        ("capped", {"weight": F(40), "cap": F(6, 5)}, F(32)),
        ("steps", {"weight": F(40), "step": F(2)}, F(30)),
        ("tiers", {"tiers": [(F(0), F(2))], "cap": F(10)}, F(0)),
        ("efficacy", {"weight": F(40)}, F(24)),
    ],
)
def test_where_less_is_better_the_slowest_gets_least(kind: str, rule: dict[str, Any], points: F) -> None:
    slow = Item(actual=F(25), target=F(20), less=True)
    assert score(kind, rule, slow, [F(25), F(10)]).points == points
    fast = score(kind, rule, Item(actual=F(10), target=F(20), less=True), [F(25), F(10)])
    assert fast.points is not None and fast.points > points


@pytest.mark.django_db
def test_the_park_with_less_ranks_first_where_less_is_better(board: Client, park: Park) -> None:
    fields = {"measure": "sum", "measure_fields": "total_investment", "unit": "元", "display_unit": "亿元"}
    make_indicator(code="cost", direction=Indicator.Direction.LESS, **fields)
    scorecard_compile(region=park.region, period=Period(2020, 5))
    add_rule(board, indicator="cost", kind="efficacy")
    assert told(board.get("/assessment/")) == {"yi": (1, "40 = 40"), "er": (2, "24 = 24"), "san": (1, "40 = 40")}
