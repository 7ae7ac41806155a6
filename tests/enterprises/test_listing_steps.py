"""The pages of steps towards a stock exchange."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from enterprises.models import Enterprise, ListingStep
from parkportal.models import Change, User
from parkportal.roles import Role
from tests.factories import make_enterprise, make_listing_step, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
NEW = "listing-step-new"


@pytest.fixture
def clerk() -> User:
    return make_user()


@pytest.fixture
def enterprise(clerk: User) -> Enterprise:
    return make_enterprise(park=clerk.park, name="示例企业甲")


def typed(**fields: object) -> dict[str, object]:
    values = {"board": "star", "step": "recommended", "happened_on": "2020-05-08", "happened_on_precision": "day"}
    return {"enterprise": "示例企业甲", **values, **fields}


def test_a_step_is_recorded_by_a_part_of_the_name(clerk: User, enterprise: Enterprise, client_as: As) -> None:
    answer = client_as(clerk).post(reverse(NEW), typed(enterprise="企业甲"))
    step = ListingStep.objects.get()
    assert answer.headers["Location"] == reverse("enterprise-detail", args=[enterprise.code])
    assert (step.enterprise, step.board, step.step) == (enterprise, "star", "recommended")
    assert Change.objects.filter(object_code=step.code, park=clerk.park, user=clerk).exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"enterprise": ""}, "请填写企业。"),
        ({"enterprise": "没有这家"}, "没有名称或编号为“没有这家”的企业，或不在你的权限内。"),
        ({"enterprise": "示例"}, "有几个企业的名称含“示例”，请写清是哪一个"),
        ({"board": "moon"}, "板块没有这个选项，请从列表里选。"),
        ({"happened_on": "2020-02-30"}, "2020年2月只有1日至29日，没有30日。"),
        ({"happened_on": "2099-01-01"}, "日期不能晚于今天"),
    ],
)
def test_bad_input_is_explained(
    fields: dict[str, str], sentence: str, clerk: User, enterprise: Enterprise, client_as: As
) -> None:
    make_enterprise(park=clerk.park, name="示例企业乙")
    page = client_as(clerk).post(reverse(NEW), typed(**fields)).content.decode()
    assert sentence in page
    assert not ListingStep.objects.exists()


def test_an_enterprise_of_another_park_cannot_be_named(clerk: User, client_as: As) -> None:
    foreign = make_enterprise(name="外园企业")
    for name in (foreign.name, foreign.code, f"外园企业（{foreign.code}）"):
        page = client_as(clerk).post(reverse(NEW), typed(enterprise=name)).content.decode()
        assert "或不在你的权限内。" in page
    assert not ListingStep.objects.exists()


def test_a_step_is_recorded_once(clerk: User, enterprise: Enterprise, client_as: As) -> None:
    client = client_as(clerk)
    client.post(reverse(NEW), typed())
    assert "这家企业的这一步已经登记过。" in client.post(reverse(NEW), typed()).content.decode()
    step = ListingStep.objects.get()
    client.post(reverse("listing-step-withdraw", args=[step.code]), {"version": 1})
    client.post(reverse(NEW), typed())
    assert ListingStep.objects.kept().count() == 1
    assert ListingStep.objects.count() == 2


def test_a_step_is_changed_by_compare_and_set(clerk: User, enterprise: Enterprise, client_as: As) -> None:
    step, client = make_listing_step(enterprise=enterprise), client_as(clerk)
    url = reverse("listing-step-edit", args=[step.code])
    assert client.post(url, typed(document="甲号", version=1)).status_code == 302
    answer = client.post(url, typed(document="乙号", version=1))
    assert answer.status_code == 409
    assert "甲号" in answer.content.decode()
    assert ListingStep.objects.get().document == "甲号"


def test_a_withdrawal_of_an_old_version_is_refused(clerk: User, enterprise: Enterprise, client_as: As) -> None:
    step, client = make_listing_step(enterprise=enterprise, version=2), client_as(clerk)
    url = reverse("listing-step-withdraw", args=[step.code])
    for stale in ({"version": "1"}, {"version": "x"}, {}):
        answer = client.post(url, stale, follow=True)
        assert "刚被别人改过" in answer.content.decode()
        assert ListingStep.objects.kept().exists()
    client.post(url, {"version": "2"})
    assert not ListingStep.objects.kept().exists()


def test_foreign_missing_and_wrong(clerk: User, enterprise: Enterprise, client_as: As, client: Client) -> None:
    foreign, mine = make_listing_step(), make_listing_step(enterprise=enterprise)
    me = client_as(clerk)
    for code in (foreign.code, "no-such-1"):
        assert me.get(reverse("listing-step-edit", args=[code])).status_code == 404
        assert me.post(reverse("listing-step-withdraw", args=[code]), {"version": 1}).status_code == 404
    leader = client_as(make_user(Role.LEADER, park=clerk.park))
    assert leader.get(reverse("listing-step-list")).status_code == 200
    assert leader.post(reverse("listing-step-withdraw", args=[mine.code]), {"version": 1}).status_code == 403
    assert leader.get(reverse(NEW)).status_code == 403
    assert me.get(reverse("listing-step-withdraw", args=[mine.code])).status_code == 405
    assert client.post(reverse("listing-step-withdraw", args=[mine.code])).status_code == 302
    assert ListingStep.objects.kept().count() == 2


def test_the_totals_cover_all_that_is_filtered(clerk: User, enterprise: Enterprise, client_as: As) -> None:
    make_listing_step(enterprise=enterprise)
    make_listing_step(enterprise=enterprise, step="filed")
    make_listing_step(enterprise=enterprise, board="main")
    make_listing_step()
    context = client_as(clerk).get(reverse("listing-step-list"), {"board": "star", "page_size": 20}).context
    assert context["totals"] == {"steps": 2, "enterprises": 1}
    assert [chip["value"] for chip in context["chips"]] == ["科创板"]
