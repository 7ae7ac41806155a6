"""What the services hold whatever door is used: own park, a true code, one row per code, and the trace."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from enterprises import services
from enterprises.models import Enterprise
from parkportal.models import Change, User
from parkportal.roles import Role
from parkportal.trace import Actor
from tests.factories import make_enterprise, make_listing_step, make_park, make_user

pytestmark = pytest.mark.django_db
ON = date(2020, 10, 8)
VALID = "91430400MA43WA0090"


@pytest.mark.parametrize("who", ["another park", "leader", "city", "administrator"])
def test_nobody_else_writes_for_a_park(who: str) -> None:
    park = make_park()
    places = {"leader": {"park": park}, "city": {"region": park.region}}
    roles = {"another park": Role.HEAD, "leader": Role.LEADER, "city": Role.CITY, "administrator": Role.ADMIN}
    by = Actor(make_user(roles[who], **places.get(who, {})))
    row = make_enterprise(park=park)
    step = make_listing_step(enterprise=row)
    happened = {"board": "main", "step": "filed", "happened_on": ON}
    for write in (
        lambda: services.enterprise_create(by=by, park=park, on=ON, values={"name": "甲"}),
        lambda: services.enterprise_update(by=by, enterprise=row, version=1, values={"name": "甲"}),
        lambda: services.listing_step_record(by=by, enterprise=row, values=happened),
        lambda: services.listing_step_update(by=by, step=step, version=1, values={"document": "甲"}),
        lambda: services.listing_step_withdraw(by=by, step=step, version=1),
    ):
        with pytest.raises(PermissionDenied):
            write()
    assert not Change.objects.exists()


def test_a_command_writes_for_every_park() -> None:
    row = services.enterprise_create(by=Actor(None), park=make_park(), on=ON, values={"name": "甲"})
    assert row.code.endswith("-e2020-001")


@pytest.mark.parametrize("code", ["9143", "91430400MA43WA009O", "91350203M0001QKT19"])
def test_an_impossible_code_is_refused_at_every_door(code: str) -> None:
    row = make_enterprise()
    for write in (
        lambda: services.enterprise_create(by=Actor(None), park=row.park, on=ON, values={"name": "甲", "uscc": code}),
        lambda: services.enterprise_update(by=Actor(None), enterprise=row, version=1, values={"uscc": code}),
    ):
        with pytest.raises(ValidationError) as refused:
            write()
        assert list(refused.value.message_dict) == ["uscc"]
    assert Enterprise.objects.count() == 1


def test_a_code_with_the_letter_o_suggests_the_figure() -> None:
    assert services.uscc_refusals("91430400MA43WAO090", "")[0].endswith("是不是91430400MA43WA0090？")


def test_a_reason_is_kept_only_where_it_is_needed() -> None:
    row = make_enterprise()
    reason = {"uscc": VALID, "uscc_override_reason": "多余的理由"}
    services.enterprise_update(by=Actor(None), enterprise=row, version=1, values=reason)
    assert (row.uscc, row.uscc_override_reason) == (VALID, "")


def test_an_edit_without_a_difference_leaves_no_trace_and_no_version() -> None:
    row = make_enterprise(name="甲")
    assert services.enterprise_update(by=Actor(None), enterprise=row, version=1, values={"name": "甲"}) == {}
    assert (Enterprise.objects.get().version, Change.objects.count()) == (1, 0)


def test_a_rename_is_found_by_the_search() -> None:
    row = make_enterprise(name="甲")
    services.enterprise_update(by=Actor(None), enterprise=row, version=1, values={"name": "富士康"})
    assert "fushikang" in Enterprise.objects.get().search_text
    assert "search_text" not in Change.objects.get().diff


def test_of_two_who_enter_the_same_code_at_once_the_second_is_told(
    client_as: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = make_user()
    create = services.enterprise_create

    def after_a_rival(**fields: Any) -> Enterprise:
        make_enterprise(park=fields["park"], uscc=VALID)
        return create(**fields)

    monkeypatch.setattr(services, "enterprise_create", after_a_rival)
    answer = client_as(clerk).post(
        reverse("enterprise-new"), {"name": "甲", "uscc": VALID, "above_scale_on_precision": "day"}
    )
    assert "本园区已有这个统一社会信用代码的企业。" in answer.content.decode()
    assert Enterprise.objects.count() == 1
