"""大屏: what each edition shows and hides, and that a link opens one wall until it ends or is taken back."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from reports import wall
from reports.models import Indicator, WallLink, WallText
from reports.models.wall import Edition
from reports.periods import Period
from reports.services import scorecard_compile
from tests.factories import (
    make_engagement,
    make_indicator,
    make_park,
    make_project,
    make_region,
    make_target,
    make_user,
)

pytestmark = pytest.mark.django_db
AsUser = Callable[[User], Client]


@pytest.fixture
def park() -> Park:
    """A park with an open, an internal and a secret project, each with a problem, and a rival in its region."""
    region = make_region()
    own, rival = make_park(code="own", name="本园区", region=region), make_park(name="邻园区", region=region)
    signed = make_indicator(
        code="projects_100m", name="签约数", short_name="签约数", role=Indicator.Role.ASSESSED, pinned=True
    )
    owner = make_user(Role.CLERK, park=own, name="经办人乙")
    common: dict[str, Any] = {"park": own, "owner": owner, "fortune_global_500": True}
    for level, name in (("open", "公开甲"), ("internal", "内部乙"), ("secret", "秘密丙")):
        problem = {"problem": f"{name}的问题", "progress": f"{name}的进展", "code_name": "代号丁"}
        make_project(**common, confidentiality=level, name=f"{name}项目", **problem)
        make_project(
            **common, confidentiality=level, name=f"{name}在谈", stage="negotiating", contract_type="", **problem
        )
    make_engagement(park=own, title="洽谈某某")
    for place in (own, rival):
        make_target(park=place, indicator=signed)
        make_project(park=rival)
    scorecard_compile(region=region, period=Period(2020, 9))
    return own


@pytest.fixture
def head(park: Park) -> User:
    return make_user(Role.HEAD, park=park)


def opened(head: User, park: Park, edition: str = "working", days: int = 30) -> WallLink:
    until = timezone.localdate() + timedelta(days=days)
    return wall.wall_link_make(by=Actor(head), park=park, edition=edition, place="大厅", expires_on=until)


def shared(link: WallLink) -> str:
    return reverse("wall-shared", args=[wall.token_of(link)])


SECRET = ("秘密丙", "代号丁")
FOR_WORK = ("绿灯", "黄灯", "红灯", "位次", "全市", "邻园区", "目标", "问题", "在谈", "洽谈", "经办人乙", "内部乙")


@pytest.mark.parametrize("who", [Role.HEAD, Role.LEADER, Role.CLERK])
def test_the_working_wall_shows_matters_and_places_but_nothing_secret(who: str, park: Park, client_as: AsUser) -> None:
    page = client_as(make_user(who, park=park)).get("/wall/").content.decode()
    for text in ("邻园区", "位次", "红灯", "内部乙的问题", "内部乙在谈", "公开甲项目", "经办人乙", "年末预计"):
        assert text in page
    assert [text for text in SECRET if text in page] == []


def test_the_reception_wall_shows_results_alone(park: Park, head: User, client_as: AsUser) -> None:
    WallText.objects.create(park=park, honours="园区荣誉一\n园区荣誉二", services="随叫随到")
    logged_in = client_as(head).get("/wall/?edition=reception")
    link = Client().get(shared(opened(head, park, "reception")))
    for answer in (logged_in, link):
        body = answer.content.decode().partition("<main")[2].partition("</main>")[0]
        assert [text for text in (*FOR_WORK, *SECRET) if text in body] == []
        for text in ("公开甲项目", "园区荣誉二", "随叫随到", "签约数"):
            assert text in body
        assert "签约 · 签约" not in body
        assert "progress" not in answer.context["showcase"][0]


def test_a_link_needs_no_login_and_shows_its_own_park_without_persons(park: Park, head: User) -> None:
    answer = Client().get(f"{shared(opened(head, park))}?park=rival&edition=reception")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer.context["park"] == park
    assert "内部乙的问题" in page
    assert [text for text in ("经办人乙", *SECRET) if text in page] == []
    assert 'href="/projects' not in page
    assert 'href="/wall' not in page


def test_a_link_ends_on_its_day_and_can_be_taken_back(park: Park, head: User, client_as: AsUser) -> None:
    link = opened(head, park, days=2)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert Client().get(shared(link)).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        late = Client().get(shared(link))
    assert late.status_code == 403
    assert "已过期" in late.content.decode()
    version = {"version": link.version}
    assert client_as(head).post(reverse("wall-link-withdraw", args=[link.code]), version).status_code == 302
    gone = Client().get(shared(link))
    assert gone.status_code == 403
    assert "已停用" in gone.content.decode()
    assert Change.objects.filter(object_type="reports.WallLink", object_code=link.code).count() == 2


@pytest.mark.parametrize("token", ["x", "own-w2020-001", "own-w2020-001:forged"])
def test_a_forged_link_is_refused_in_words(token: str, park: Park) -> None:
    answer = Client().get(f"/wall/shared/{token}/")
    assert answer.status_code == 403
    assert "这个大屏链接不对" in answer.content.decode()


def test_a_seal_of_another_use_opens_nothing(park: Park, head: User) -> None:
    link = opened(head, park)
    sealed = signing.Signer(salt="other").sign(link.code)
    assert Client().get(f"/wall/shared/{sealed}/").status_code == 403


@pytest.mark.parametrize("days", [-1, 367])
def test_a_link_lasts_from_today_to_a_year(days: int, park: Park, head: User, client_as: AsUser) -> None:
    with pytest.raises(ValidationError):
        opened(head, park, days=days)
    until = (timezone.localdate() + timedelta(days=days)).isoformat()
    typed = {"place": "大厅", "edition": "working", "expires_on": until}
    page = client_as(head).post("/wall/links/new/", typed).content.decode()
    assert "有效期应在今天至" in page
    assert 'value="大厅"' in page
    assert not WallLink.objects.exists()


def test_heads_open_links_for_their_own_park_and_copy_the_address(park: Park, head: User, client_as: AsUser) -> None:
    client = client_as(head)
    typed = {"place": "一楼大厅", "edition": "reception", "expires_on": timezone.localdate().isoformat()}
    assert client.post("/wall/links/new/", typed).status_code == 302
    link = WallLink.objects.get()
    assert (link.park, link.edition, link.created_by) == (park, Edition.RECEPTION, head)
    assert shared(link) in client.get("/wall/links/").content.decode()
    stranger = client_as(make_user(Role.HEAD))
    assert shared(link) not in stranger.get("/wall/links/").content.decode()
    assert stranger.post(reverse("wall-link-withdraw", args=[link.code]), {"version": 1}).status_code == 404


def test_the_text_for_visitors_is_short_and_nobodys_is_lost(park: Park, head: User, client_as: AsUser) -> None:
    client = client_as(head)
    many = "\n".join(f"荣誉{n}" for n in range(7))
    assert "最多6条，现在是7条" in client.post("/wall/text/", {"honours": many}).content.decode()
    assert client.post("/wall/text/", {"honours": "一\n\n 二 ", "services": ""}).status_code == 302
    assert WallText.objects.get().honours == "一\n二"
    stale = client.post("/wall/text/", {"honours": "三", "version": 7})
    assert "刚被别人改过" in stale.content.decode()
    assert WallText.objects.get().honours == "一\n二"


def test_the_text_of_a_form_without_its_version_changes_nothing(park: Park, head: User, client_as: AsUser) -> None:
    WallText.objects.create(park=park, honours="原有")
    client_as(head).post("/wall/text/", {"honours": "覆盖"})
    assert WallText.objects.get().honours == "原有"


def test_without_a_scorecard_the_wall_says_so(client_as: AsUser) -> None:
    user = make_user(Role.LEADER)
    for edition in Edition.values:
        assert "还没有编制成绩单" in client_as(user).get(f"/wall/?edition={edition}").content.decode()


def test_a_park_out_of_sight_has_no_wall(park: Park, client_as: AsUser) -> None:
    assert client_as(make_user(Role.LEADER)).get("/wall/?park=own").status_code == 404


def test_links_are_open_up_to_their_last_day() -> None:
    link = WallLink(expires_on=date(2020, 9, 30))
    assert [link.is_open(date(2020, 9, day)) for day in (29, 30)] == [True, True]
    assert not link.is_open(date(2020, 10, 1))


def test_visitors_are_shown_no_zeros(client_as: AsUser) -> None:
    own = make_park()
    make_indicator(code="projects_100m", name="签约数", role=Indicator.Role.ASSESSED, pinned=True)
    make_indicator(code="others", name="推荐数", filter="total_investment_min=100000000000")
    scorecard_compile(region=own.region, period=Period(2020, 9))
    browser = client_as(make_user(Role.LEADER, park=own))
    empty = browser.get("/wall/?edition=reception").content.decode()
    assert "本年签约成果产生后在这里展示" in empty
    assert [text for text in ("签约数", "推荐数", "按月累计", "建设成果") if text in empty] == []
    make_project(park=own)
    scorecard_compile(region=own.region, period=Period(2020, 9))
    assert "签约数" in browser.get("/wall/?edition=reception").content.decode()
