"""Arrivals and talks that were withdrawn come back from the bin as they were, by whoever may change them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, StaleVersion
from projects.models import Engagement, FundArrival, Project
from projects.services.bin import BIN_DAYS
from projects.services.engagements import engagement_restore
from projects.services.funds import fund_arrival_restore
from tests.factories import make_engagement, make_fund_arrival, make_park, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
KINDS = ("fund-arrivals", "engagements")


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


def withdrawn(kind: str, park: Park, **fields: Any) -> Any:
    """A row of the bin."""
    project = make_project(park=park, name="项目甲")
    if kind == "engagements":
        return make_engagement(park=park, project=project, title="三方会谈", deleted_at=timezone.now(), **fields)
    return make_fund_arrival(project=project, deleted_at=timezone.now(), **{"verified": False} | fields)


def restore(row: Any, user: User, version: int | None = None) -> None:
    version = row.version if version is None else version
    if isinstance(row, FundArrival):
        fund_arrival_restore(by=Actor(user), arrival=row, version=version)
    else:
        engagement_restore(by=Actor(user), engagement=row, version=version)


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_goes_into_the_bin_and_comes_back(client_as: As, clerk: User, park: Park, kind: str) -> None:
    row, client = withdrawn(kind, park, deleted_by=clerk), client_as(clerk)
    withdrawn(kind, make_park())
    page = client.get(f"/{kind}/bin/").content.decode()
    assert page.count("恢复</button>") == 1 and f"{BIN_DAYS}天" in page and str(clerk) in page
    assert "回收站" in client.get(f"/{kind}/").content.decode()
    answer = client.post(f"/{kind}/{row.code}/restore/", {"version": row.version}, follow=True)
    assert "已恢复" in answer.content.decode() and "回收站是空的" in answer.content.decode()
    row.refresh_from_db()
    assert (row.deleted_at, row.deleted_by) == (None, None)
    assert set(Change.objects.get().diff) == {"deleted_at", "deleted_by"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_hangs_on_a_project_in_the_bin_waits_for_it(client_as: As, clerk: User, park: Park, kind: str) -> None:
    row, client = withdrawn(kind, park), client_as(clerk)
    Project.objects.update(deleted_at=timezone.now())
    page = client.get(f"/{kind}/bin/").content.decode()
    assert "先恢复项目" in page and "恢复</button>" not in page
    said = client.post(f"/{kind}/{row.code}/restore/", {"version": row.version}, follow=True).content.decode()
    assert "的项目“项目甲”也在回收站里，先恢复项目。" in said
    row.refresh_from_db()
    assert row.deleted_at


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_comes_back_too_late_twice_or_over_somebody_else(clerk: User, park: Park, kind: str) -> None:
    row = withdrawn(kind, park)
    with pytest.raises(StaleVersion):
        restore(row, clerk, version=99)
    restore(row, clerk)
    with pytest.raises(ValidationError, match="不在回收站里"):
        restore(row, clerk)
    row.deleted_at = timezone.now() - timedelta(days=BIN_DAYS, hours=1)
    row.save()
    with pytest.raises(ValidationError, match="已超过30天"):
        restore(row, clerk)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_else_takes_it_out(clerk: User, park: Park, kind: str) -> None:
    row = withdrawn(kind, park)
    for user in (make_user(Role.HEAD), make_user(Role.LEADER, park=park)):
        with pytest.raises(PermissionDenied):
            restore(row, user)
    Project.objects.update(confidentiality="secret", code_name="东风")
    row.project.refresh_from_db()
    with pytest.raises(PermissionDenied):
        restore(row, clerk)
    model = type(row)
    assert model.objects.get().deleted_at


def test_money_that_was_verified_counts_again_only_by_a_second_person(client_as: As, clerk: User, park: Park) -> None:
    head = make_user(Role.HEAD, park=park)
    row = withdrawn("fund-arrivals", park, verified=True, created_by=clerk)
    assert "恢复</button>" not in client_as(clerk).get("/fund-arrivals/bin/").content.decode()
    with pytest.raises(PermissionDenied):
        restore(row, clerk)
    restore(row, head)
    assert FundArrival.objects.counted(timezone.localdate()).count() == 1


def test_the_bins_lead_to_each_other(client_as: As, clerk: User) -> None:
    page = client_as(clerk).get("/projects/bin/").content.decode()
    assert "/fund-arrivals/bin/" in page and "/engagements/bin/" in page
    assert not Engagement.objects.exists()
