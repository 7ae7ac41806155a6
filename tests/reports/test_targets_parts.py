"""The split of a target to leaders, sections, squads, people and chains, and long-term goals."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from reports.models import Indicator, LongTermGoal, Target, TargetPart
from reports.targets.parts import PartWanted, parts_save
from tests.factories import make_chain, make_indicator, make_park, make_project, make_region, make_target, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]


@pytest.fixture
def park() -> Park:
    return make_park(code="yi", name="园区一")


@pytest.fixture
def target(park: Park) -> Target:
    return make_target(park=park, indicator=make_indicator(role=Indicator.Role.ASSESSED), annual=12)


@pytest.fixture
def head(park: Park) -> User:
    return make_user(Role.HEAD, park=park)


def rows(*typed: tuple[str, str, str, str]) -> dict[str, str]:
    """What a browser sends for new rows: kind, who, amount, share."""
    names = ("kind", "who", "amount", "share")
    return {f"p{n}-{name}": text for n, row in enumerate(typed) for name, text in zip(names, row, strict=True)}


def test_a_split_is_typed_summed_and_followed_in_the_ledger(
    park: Park, target: Target, head: User, client_as: As
) -> None:
    chain, owner = make_chain(region=park.region, name="电子信息"), make_user(park=park, name="经办人甲")
    make_project(park=park, chain=chain, owner=owner)
    make_project(park=park, owner=owner)
    make_project(park=park, chain=chain, signed_on="2019-05-10")
    make_project(park=make_park(region=park.region), chain=chain)
    browser = client_as(head)
    url = f"/targets/{target.code}/"
    typed = rows(
        ("chain", "电子信息", "4", ""),
        ("owner", "经办人甲", "12", "30"),
        ("section", "招商一科", "5", ""),
        ("", "", "", ""),
    )
    response = browser.post(f"{url}parts/", typed, follow=True)
    page = response.content.decode()
    assert response.redirect_chain == [(url, 302)]
    told = {str(share.part): share for share in response.context["shares"]}
    assert (told["电子信息"].actual, told["电子信息"].completion) == ("1个", "25.0%")
    assert (told["经办人甲"].actual, told["经办人甲"].first_talk) == ("2个", "30%，3.6个")
    assert told["经办人甲"].landing == "70%，8.4个"
    assert (told["招商一科"].actual, told["招商一科"].url) == ("—", "")
    assert "分解到产业链的合计4个，比目标12个少8个。" in page
    assert "分解到责任人" not in page, "what adds up is not warned of"
    listed = browser.get(told["电子信息"].url)
    assert len(listed.context["object_list"]) == 1
    assert Change.objects.filter(object_type="reports.TargetPart", park=park).count() == 3


def test_a_bad_row_keeps_all_rows_out_and_loses_nothing(target: Target, head: User, client_as: As) -> None:
    browser, url = client_as(head), f"/targets/{target.code}/parts/"
    good = ("leader", "责任领导甲", "12", "")
    for bad, sentence in (
        (("chain", "没有的链", "3", ""), "没有找到“没有的链”"),
        (("owner", "nobody", "3", ""), "没有找到“nobody”"),
        (("section", "二科", "若干", ""), "不是一个整数"),
        (("section", "二科", "3", "130"), "0至100的百分数"),
        (("", "二科", "3", ""), "请选择分解到什么"),
        (("squad", "", "3", ""), "请填写名称"),
    ):
        page = browser.post(url, rows(good, bad)).content.decode()
        assert sentence in page
        assert 'value="责任领导甲"' in page
        assert f'value="{bad[2]}"' in page
    assert not TargetPart.objects.exists()


def test_who_saves_a_row_later_sees_both_and_writes_nothing(
    target: Target, head: User, park: Park, client_as: As
) -> None:
    values = {"kind": "squad", "name": "小分队甲", "amount": 5, "first_talk_bp": None}
    parts_save(by=Actor(head), target=target, park=park, wanted=[PartWanted(None, 0, values)])
    part = TargetPart.objects.get()
    row = {
        "p0-code": part.code,
        "p0-version": "1",
        **rows(("squad", "小分队甲", "6", ""), ("section", "一科", "1", "")),
    }
    parts_save(by=Actor(head), target=target, park=park, wanted=[PartWanted(part, 1, values | {"amount": 7})])
    browser, url = client_as(head), f"/targets/{target.code}/parts/"
    response = browser.post(url, row)
    page = response.content.decode()
    assert response.status_code == 409
    assert "<b>现在是：</b>小分队甲，7个" in page
    assert 'name="p0-amount" value="6"' in page
    assert 'name="p0-version" value="2"' in page
    assert TargetPart.objects.count() == 1
    assert browser.post(url, row | {"p0-version": "2"}).status_code == 302
    part.refresh_from_db()
    assert part.amount == 6
    browser.post(url, {**row, "p0-version": "3", "p0-gone": "1", "p1-amount": "", "p1-kind": "", "p1-who": ""})
    part.refresh_from_db()
    assert part.deleted_at


def test_a_row_of_another_target_is_not_changed_through_this_one(
    target: Target, head: User, park: Park, client_as: As
) -> None:
    other = make_target(park=make_park(region=park.region))
    foreign = TargetPart.objects.create(code="f", target=other, kind="squad", name="别人的", amount=1)
    row = {"p0-code": "f", "p0-version": "1", **rows(("squad", "改名", "9", ""))}
    client_as(head).post(f"/targets/{target.code}/parts/", row)
    foreign.refresh_from_db()
    assert (foreign.name, foreign.amount) == ("别人的", 1)
    assert "别人的" not in client_as(head).get(f"/targets/{target.code}/").content.decode()


@pytest.mark.parametrize(("amount", "unit", "said"), [("1000", "亿元", "1,000亿元"), ("300", "家", "300家")])
def test_a_long_term_goal_is_kept_with_its_basis_and_stands_beside_the_targets(
    amount: str, unit: str, said: str, park: Park, target: Target, client_as: As
) -> None:
    setter = client_as(make_user(Role.STATISTICIAN, region=park.region))
    data = {"place": f"region:{park.region.code}", "year": "2025", "name": "汽车产业产值", "amount": amount}
    chain = make_chain(region=park.region)
    data |= {"unit": unit, "basis": "公开报道", "chain": chain.code}
    assert "请填写依据" in setter.post("/goals/new/", data | {"basis": ""}).content.decode()
    assert setter.post("/goals/new/", data).status_code == 302
    goal = LongTermGoal.objects.get()
    assert Change.objects.filter(object_code=goal.code).exists()
    for user in (make_user(Role.CLERK, park=park), make_user(Role.CITY, region=park.region)):
        assert said in client_as(user).get("/targets/").content.decode()
        assert said in client_as(user).get(f"/targets/{target.code}/").content.decode()
    assert said not in client_as(make_user(Role.CLERK)).get("/targets/").content.decode()
    url = f"/goals/{goal.code}/edit/"
    assert f'<option value="{chain.code}" selected>' in setter.get(url).content.decode()
    setter.post(url, data | {"amount": "1200", "version": "1"})
    stale = setter.post(url, data | {"amount": "1300", "version": "1"})
    assert stale.status_code == 409
    goal.refresh_from_db()
    assert goal.version == 2
    assert setter.post(f"/goals/{goal.code}/withdraw/", {"version": "2"}).status_code == 302
    assert said not in setter.get("/targets/").content.decode()


def test_a_goal_is_set_for_own_places_only(park: Park, client_as: As) -> None:
    setter, far = client_as(make_user(Role.STATISTICIAN, region=park.region)), make_region()
    data: dict[str, Any] = {"year": "2025", "name": "产值", "amount": "1", "unit": "亿元", "basis": "规划"}
    for place in (f"region:{far.code}", f"park:{make_park(region=far).code}"):
        assert setter.post("/goals/new/", data | {"place": place}).status_code == 200
    stranger = make_chain(region=far)
    setter.post("/goals/new/", data | {"place": f"park:{park.code}", "chain": stranger.code})
    assert not LongTermGoal.objects.exists()


def test_a_split_that_is_sent_twice_splits_nothing_twice(target: Target, head: User, client_as: As) -> None:
    browser, url = client_as(head), f"/targets/{target.code}/parts/"
    typed = rows(("leader", "园区主要负责人", "8", "30"), ("leader", "园区主要负责人", "4", ""))
    assert browser.post(url, typed).status_code == 302
    again = browser.post(url, typed)
    assert again.status_code == 200 and "“园区主要负责人”已经分解过" in again.content.decode()
    assert TargetPart.objects.filter(target=target).count() == 2
    stored = TargetPart.objects.filter(target=target).order_by("code")
    kept = {f"p{n}-{name}": text for n, part in enumerate(stored) for name, text in _as_sent(part).items()}
    assert browser.post(url, kept | {"p0-amount": "7"}).status_code == 302, "what is stored is no obstacle to itself"
    assert browser.post(url, kept | {"p0-version": "፩"}).status_code == 409, "a version that cannot be read is none"


def _as_sent(part: TargetPart) -> dict[str, str]:
    share = "" if part.first_talk_bp is None else f"{part.first_talk_bp / 100:g}"
    sent = {"kind": part.kind, "who": part.name, "amount": str(part.amount), "share": share}
    return sent | {"code": part.code, "version": str(part.version)}


def _stored(target: Target, head: User, names: list[str]) -> None:
    """Rows of sections, one for each name."""
    values = [{"kind": "section", "name": name, "amount": 1, "first_talk_bp": None} for name in names]
    wanted = [PartWanted(None, 0, one) for one in values]
    assert target.park
    parts_save(by=Actor(head), target=target, park=target.park, wanted=wanted)


def _page(browser: Client, url: str) -> dict[str, str]:
    """What a browser sends when nothing is changed."""
    sent = {}
    for row in browser.get(url).context["rows"]:
        told = {**row.shown, "code": row.part.code if row.part else "", "version": str(row.version)}
        sent |= {f"p{row.number}-{name}": text for name, text in told.items()}
    return sent


def test_a_row_that_somebody_took_back_meanwhile_is_not_made_again_unasked(
    target: Target, head: User, park: Park, client_as: As
) -> None:
    _stored(target, head, ["一科", "二科"])
    browser, url = client_as(head), f"/targets/{target.code}/parts/"
    posted = _page(browser, url) | {"p1-amount": "5"}
    first = TargetPart.objects.get(name="一科")
    parts_save(by=Actor(head), target=target, park=park, wanted=[PartWanted(first, 1, {}, gone=True)])
    response = browser.post(url, posted)
    page = response.content.decode()
    assert response.status_code == 409
    assert "这一行刚被别人撤回" in page
    assert 'name="p0-who" value="一科"' in page and 'name="p1-amount" value="5"' in page
    assert list(TargetPart.objects.kept().values_list("name", "amount")) == [("二科", 1)]
    assert browser.post(url, posted | {"p0-gone": "1"}).status_code == 302, "both took it back"
    assert list(TargetPart.objects.kept().values_list("name", "amount")) == [("二科", 5)]
    again = _page(browser, url) | rows(("", "", "", "")) | {"p0-code": first.code}
    assert browser.post(url, again).status_code == 302, "a cleared row asks for nothing"


def test_every_row_that_was_posted_is_read(target: Target, head: User, client_as: As) -> None:
    _stored(target, head, [f"科室{n}" for n in range(58)])
    browser, url = client_as(head), f"/targets/{target.code}/parts/"
    last = {"p62-kind": "section", "p62-who": "新科", "p62-amount": "3", "p9999-amount": "3", "p07-amount": "3"}
    assert browser.post(url, _page(browser, url) | last).status_code == 302
    assert TargetPart.objects.get(name="新科").amount == 3
    assert TargetPart.objects.count() == 59


def test_who_left_or_moved_gets_no_share_and_blocks_no_table(
    target: Target, head: User, park: Park, client_as: As
) -> None:
    owner = make_user(park=park, name="经办人甲")
    browser, url = client_as(head), f"/targets/{target.code}/parts/"
    assert browser.post(url, rows(("owner", "经办人甲", "3", ""))).status_code == 302
    for change in ({"is_active": False}, {"is_active": True, "park": make_park(region=park.region)}):
        User.objects.filter(pk=owner.pk).update(**change)
        posted = _page(browser, url)
        assert "没有找到" in browser.post(url, posted | {"p0-amount": "4"}).content.decode()
        more = {"p1-kind": "owner", "p1-who": "经办人甲", "p1-amount": "2"}
        assert "没有找到" in browser.post(url, posted | more).content.decode()
        more |= {"p1-kind": "section", "p1-who": f"科室{owner.pk}{len(change)}"}
        assert browser.post(url, posted | more).status_code == 302
    assert TargetPart.objects.filter(owner=owner).count() == 1


@pytest.mark.parametrize("unit", ["%", "天"])
def test_parts_of_a_rate_or_a_duration_need_not_add_up(unit: str, park: Park, head: User, client_as: As) -> None:
    indicator = make_indicator(unit=unit, display_unit=unit, role=Indicator.Role.ASSESSED)
    target = make_target(park=park, indicator=indicator, annual=8500)
    _stored(target, head, ["一科", "二科"])
    for page in ("", "parts/"):
        text = client_as(head).get(f"/targets/{target.code}/{page}").content.decode()
        assert "合计" not in text.partition("<main")[2]


def test_a_long_term_goal_that_is_sent_twice_is_one(park: Park, client_as: As) -> None:
    setter = client_as(make_user(Role.STATISTICIAN, region=park.region))
    data = {
        "place": f"park:{park.code}",
        "year": "2025",
        "name": "产值",
        "amount": "1",
        "unit": "亿元",
        "basis": "规划",
    }
    assert setter.post("/goals/new/", data).status_code == 302
    again = setter.post("/goals/new/", data)
    assert again.status_code == 200 and "已经登记过" in again.content.decode()
    assert LongTermGoal.objects.count() == 1
    LongTermGoal.objects.update(deleted_at="2020-01-01T00:00:00Z")
    assert setter.post("/goals/new/", data).status_code == 302, "what was withdrawn can be set again"
