"""The administrators' site: who enters it, what it keeps, what it must not show, and the trace of it all."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from enterprises.models import Chain, ChainNode, Group, RankingEntry, RankingList
from parkportal.admin import site
from parkportal.models import Change, Job, Park, User
from parkportal.roles import Role
from projects.models import GroupStart, GroupStartPark
from tests.factories import (
    PASSWORD,
    make_chain,
    make_enterprise,
    make_group,
    make_group_start,
    make_park,
    make_project,
    make_ranking_list,
    make_region,
    make_token,
    make_user,
)

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
KEPT = {
    *("parkportal.Region", "parkportal.Park", "parkportal.User", "parkportal.ApiToken", "parkportal.Change"),
    *("parkportal.Job", "enterprises.Chain", "enterprises.Group", "enterprises.RankingList", "projects.GroupStart"),
    "projects.ReminderRule",
}
NEW_PASSWORD = "another-secret-77"


@pytest.fixture
def administrator() -> User:
    return make_user(Role.ADMIN)


@pytest.fixture
def me(administrator: User, client_as: As) -> Client:
    return client_as(administrator)


def url(model: str, page: str, *args: object) -> str:
    return reverse(f"admin:{model.replace('.', '_').lower()}_{page}", args=args)


def inline(prefix: str, *rows: dict[str, object], initial: int = 0) -> dict[str, object]:
    """What a browser sends for the rows of an inline."""
    sent: dict[str, object] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    return sent | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def seen(client: Client, address: str) -> object:
    """The number that the form of a page carries."""
    return client.get(address).context["adminform"].form["seen"].value()


def person(**fields: object) -> dict[str, object]:
    return {
        "username": "new-clerk",
        "name": "经办人丁",
        "section": "招商一科",
        "role": "clerk",
        "is_active": "on",
    } | fields


def passwords(word: str, again: str | None = None) -> dict[str, object]:
    return {"password1": word, "password2": word if again is None else again}


def test_the_site_keeps_reference_data_and_nothing_else() -> None:
    assert {model._meta.label for model in site._registry} == KEPT


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMIN])
def test_the_role_decides_not_the_flags_of_django(role: str, client_as: As) -> None:
    user = make_user(role, is_staff=True, is_superuser=True)
    client = client_as(user)
    pages = [url(label, "changelist") for label in KEPT]
    for page in [reverse("admin:index"), reverse("admin:login"), *pages, url("parkportal.User", "add")]:
        assert client.get(page).status_code == 403
    assert client.post(url("parkportal.User", "add"), person(**passwords(PASSWORD))).status_code == 403
    assert not User.objects.filter(username="new-clerk").exists()


def test_an_anonymous_visitor_goes_to_the_one_login(client: Client) -> None:
    for page in ("admin:index", "admin:login", "admin:parkportal_user_changelist"):
        hops = client.get(reverse(page), follow=True).redirect_chain
        assert hops[-1][0].startswith(f"{reverse('login')}?next=/admin/")
    assert client.post(reverse("admin:login"), {"username": "x", "password": "y"}).status_code == 302


def test_the_administrator_opens_every_page(me: Client) -> None:
    make_group_start()
    make_ranking_list(make_group())
    make_chain()
    Job.objects.create(kind="import", key="x", arguments={"secret": "业务数据甲"}, result={"rows": "业务数据乙"})
    make_token()
    assert me.get(reverse("admin:index")).status_code == 200
    for model in site._registry:
        label = model._meta.label
        assert me.get(url(label, "changelist")).status_code == 200
        for row in model._base_manager.all()[:3]:
            page = me.get(url(label, "change", row.pk))
            assert page.status_code == 200
            assert "业务数据" not in page.content.decode()


def test_nothing_can_be_deleted(me: Client) -> None:
    rows = [make_park(), make_user(), make_chain(), make_group(), make_ranking_list(make_group()), make_group_start()]
    for row in rows:
        assert me.post(url(row._meta.label, "delete", row.pk), {"post": "yes"}).status_code == 403
        assert type(row)._base_manager.filter(pk=row.pk).exists()


def test_business_changes_are_not_shown(me: Client) -> None:
    park = make_park()
    common = {"door": "page", "at": datetime(2020, 5, 1, tzinfo=UTC)}
    hidden = {
        "seq": 901,
        "park": park,
        "object_type": "projects.Project",
        "object_code": "p1",
        "diff": {"name": ["", "秘密"]},
    }
    target = {"seq": 902, "object_type": "reports.Target", "object_code": "目标甲", "diff": {"annual": [12, 13]}}
    shown = {"seq": 903, "object_type": "enterprises.Chain", "object_code": "c1", "diff": {"name": ["", "电子信息"]}}
    for fields in (hidden, target, shown):
        Change.objects.create(**common, **fields)
    page = me.get(url("parkportal.Change", "changelist")).content.decode()
    assert "电子信息" in page
    assert "秘密" not in page
    assert "目标甲" not in page
    assert me.get(url("parkportal.Change", "change", Change.objects.get(seq=901).pk)).status_code == 302


@pytest.mark.parametrize("label", ["parkportal.Change", "parkportal.Job"])
def test_the_trace_and_the_jobs_are_read_only(label: str, me: Client) -> None:
    assert me.get(url(label, "add")).status_code == 403
    job = Job.objects.create(kind="import", key="x")
    change = Change.objects.create(
        seq=7, door="page", at=datetime.now(UTC), object_type="parkportal.Park", object_code="x"
    )
    row = job if label == "parkportal.Job" else change
    assert me.post(url(label, "change", row.pk), {"key": "y", "object_code": "y"}).status_code == 403


def test_a_person_is_added_and_the_trace_keeps_no_secret(me: Client, administrator: User, client: Client) -> None:
    park = make_park()
    me.post(url("parkportal.User", "add"), person(park=park.pk, **passwords(NEW_PASSWORD)))
    added = User.objects.get(username="new-clerk")
    assert (added.park, added.role, added.is_staff) == (park, Role.CLERK, False)
    assert added.check_password(NEW_PASSWORD)
    entry = Change.objects.get(object_type="parkportal.User", object_code="new-clerk")
    assert (entry.user, entry.door) == (administrator, "admin")
    assert "password" not in entry.diff
    assert client.post(reverse("login"), {"username": "new-clerk", "password": NEW_PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    ("role", "places", "sentence"),
    [
        ("clerk", "", "这个角色要填所属园区，不填区域。"),
        ("clerk", "region", "这个角色要填所属园区，不填区域。"),
        ("head", "region", "这个角色要填所属园区，不填区域。"),
        ("city", "park", "市级用户要填所属区域，不填园区。"),
        ("leader", "park region", "请填写所属园区或所属区域，只填一个。"),
        ("statistician", "", "请填写所属园区或所属区域，只填一个。"),
        ("admin", "park", "系统管理员不看业务数据，园区和区域都不填。"),
    ],
)
def test_the_place_follows_from_the_role(role: str, places: str, sentence: str, me: Client) -> None:
    pks = {"park": make_park().pk, "region": make_region().pk}
    chosen = {name: pks[name] for name in places.split()}
    answer = me.post(url("parkportal.User", "add"), person(role=role, **chosen, **passwords(NEW_PASSWORD)))
    assert sentence in answer.content.decode()
    assert not User.objects.filter(username="new-clerk").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("", ""), "必填项"),
        (("short-1", "short-1"), "12"),
        (("123456789012345", "123456789012345"), "密码"),
        ((NEW_PASSWORD, "something-else-1"), "两次写的密码不一样。"),
    ],
)
def test_a_weak_password_is_refused(words: tuple[str, str], sentence: str, me: Client) -> None:
    answer = me.post(url("parkportal.User", "add"), person(park=make_park().pk, **passwords(*words)))
    assert sentence in answer.content.decode()
    assert not User.objects.filter(username="new-clerk").exists()


def edit(client: Client, user: User, **fields: object) -> None:
    address = url("parkportal.User", "change", user.pk)
    values = person(name=user.name, role=user.role, park=user.park_id or "", seen=seen(client, address))
    sent = {name: value for name, value in (values | fields).items() if value is not None}
    assert client.post(address, sent).status_code == 302


def logged_in(user: User) -> Client:
    """A browser that went through the login page."""
    client = Client()
    client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    assert client.get(reverse("enterprise-list")).status_code == 200
    return client


def test_deactivation_ends_the_sessions_at_once_and_for_good(me: Client) -> None:
    clerk = make_user()
    theirs = logged_in(clerk)
    edit(me, clerk, is_active=None)
    assert theirs.get(reverse("enterprise-list")).status_code == 302
    clerk.refresh_from_db()
    edit(me, clerk, is_active="on")
    assert theirs.get(reverse("enterprise-list")).status_code == 302, "an old session does not come back"


def test_a_new_password_ends_the_sessions_and_is_told_without_being_shown(me: Client) -> None:
    clerk = make_user()
    theirs, key = logged_in(clerk), ""
    key = theirs.session.session_key or ""
    edit(me, clerk, **passwords(NEW_PASSWORD))
    assert theirs.get(reverse("enterprise-list")).status_code == 302
    assert not Session.objects.filter(session_key=key).exists()
    clerk.refresh_from_db()
    assert clerk.check_password(NEW_PASSWORD)
    told = Change.objects.get(object_code=clerk.username, diff__has_key="password")
    assert told.diff == {"password": [None, "已重设"]}


def test_an_edit_without_password_leaves_it_and_the_sessions(me: Client) -> None:
    clerk = make_user()
    theirs = logged_in(clerk)
    edit(me, clerk, name="改了名")
    assert theirs.get(reverse("enterprise-list")).status_code == 200
    clerk.refresh_from_db()
    assert (clerk.name, clerk.check_password(PASSWORD)) == ("改了名", True)


def test_the_administrator_changes_the_own_password_and_stays(me: Client, administrator: User) -> None:
    edit(me, administrator, **passwords(NEW_PASSWORD))
    assert me.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("fields", [{"is_active": ""}, {"role": "leader"}])
def test_nobody_locks_themselves_out(fields: dict[str, str], me: Client, administrator: User) -> None:
    address = url("parkportal.User", "change", administrator.pk)
    values = person(role="admin", seen=seen(me, address)) | fields
    values |= {"park": make_park().pk} if "role" in fields else {}
    answer = me.post(address, {name: value for name, value in values.items() if value != ""})
    assert "不能停用自己，也不能改掉自己的系统管理员角色。" in answer.content.decode()
    administrator.refresh_from_db()
    assert (administrator.is_active, administrator.role) == (True, Role.ADMIN)


def test_flags_of_django_cannot_be_set(me: Client) -> None:
    clerk = make_user()
    edit(me, clerk, is_staff="on", is_superuser="on", username="renamed")
    clerk.refresh_from_db()
    assert (clerk.is_staff, clerk.is_superuser) == (False, False)
    assert clerk.username != "renamed"


def test_a_token_is_listed_and_revoked_but_never_shown(me: Client, administrator: User) -> None:
    token, secret = make_token()
    for page in (url("parkportal.ApiToken", "changelist"), url("parkportal.ApiToken", "change", token.pk)):
        text = me.get(page).content.decode()
        assert token.prefix in text
        assert secret not in text
        assert token.digest not in text
    assert me.get(url("parkportal.ApiToken", "add")).status_code == 403
    me.post(url("parkportal.ApiToken", "changelist"), {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at
    entry = Change.objects.get(object_type="parkportal.ApiToken")
    assert (entry.user, list(entry.diff)) == (administrator, ["revoked_at"])


def test_a_chain_and_its_nodes_leave_a_trace(me: Client) -> None:
    region = make_region()
    node = {"code": "chip", "name": "芯片封装", "tier": 1, "state": "missing"}
    sent = {"region": region.pk, "code": "electronics", "name": "电子信息", "chief": "", "leading_enterprise": ""}
    me.post(url("enterprises.Chain", "add"), sent | inline("nodes", node))
    chain, added = Chain.objects.get(), ChainNode.objects.get()
    assert (chain.name, added.chain) == ("电子信息", chain)
    assert set(Change.objects.values_list("object_type", "object_code")) == {
        ("enterprises.Chain", "electronics"),
        ("enterprises.ChainNode", "chip"),
    }
    address = url("enterprises.Chain", "change", chain.pk)
    row = node | {"id": added.pk, "chain": chain.pk, "state": "present", "DELETE": "on"}
    me.post(address, sent | {"code": "renamed", "seen": seen(me, address)} | inline("nodes", row, initial=1))
    assert ChainNode.objects.get().state == "present"
    assert Chain.objects.get().code == "electronics", "a code that others know stays"
    assert Change.objects.order_by("-seq").first().diff == {"state": ["missing", "present"]}


def test_of_two_administrators_the_second_sees_what_the_first_did(me: Client, client_as: As) -> None:
    chain, other = make_chain(name="原名", chief="甲"), client_as(make_user(Role.ADMIN))
    address = url("enterprises.Chain", "change", chain.pk)
    old = seen(me, address)
    values = {"region": chain.region_id, "name": "原名", "leading_enterprise": "", "seen": old} | inline("nodes")
    assert other.post(address, values | {"chief": "乙"}).status_code == 302
    answer = me.post(address, values | {"chief": "丙"})
    page = answer.content.decode()
    assert "甲→乙" in page
    assert 'value="丙"' in page
    assert Chain.objects.get().chief == "乙"
    fresh = answer.context["adminform"].form["seen"].value()
    assert me.post(address, values | {"chief": "丙", "seen": fresh}).status_code == 302
    assert Chain.objects.get().chief == "丙"


def test_a_list_and_its_entries_change_the_facts_of_projects_at_once(me: Client) -> None:
    group = make_group()
    park = make_park()
    project = make_project(park=park, investor=make_enterprise(park=park, group=group))
    sent = {"kind": "fortune_global_500", "year": 2019, "published_on": "2019-07-01", "published_on_precision": "month"}
    me.post(url("enterprises.RankingList", "add"), sent | inline("entries", {"group": group.pk, "rank": 23}))
    project.refresh_from_db()
    assert project.fortune_global_500
    ranking, entry = RankingList.objects.get(), RankingEntry.objects.get()
    address = url("enterprises.RankingList", "change", ranking.pk)
    row = {"id": entry.pk, "list": ranking.pk, "group": group.pk, "rank": 23, "DELETE": "on"}
    me.post(address, sent | {"seen": seen(me, address)} | inline("entries", row, initial=1))
    project.refresh_from_db()
    assert not RankingEntry.objects.exists()
    assert not project.fortune_global_500
    assert Change.objects.filter(object_type="projects.Project", park=park, door="admin").count() == 2


def test_a_new_owner_of_a_group_changes_the_facts_of_projects_at_once(me: Client) -> None:
    listed, group = make_group(name="上榜"), make_group(name="子集团")
    make_ranking_list(listed)
    park = make_park()
    project = make_project(park=park, investor=make_enterprise(park=park, group=group))
    address = url("enterprises.Group", "change", group.pk)
    values = {"name": "子集团", "parent": listed.pk, "share_bp": "", "controlled": "on", "seen": seen(me, address)}
    assert me.post(address, values).status_code == 302
    project.refresh_from_db()
    assert Group.objects.get(pk=group.pk).parent == listed
    assert project.fortune_global_500


def test_a_group_start_and_its_published_numbers(me: Client) -> None:
    park: Park = make_park()
    sent = {"code": "start-1", "name": "第二次集中开竣工", "level": "province", "held_on": "2020-09-29"}
    sent |= {"held_on_precision": "day", "sequence": 2, "city_total": 63}
    row = {"park": park.pk, "published_count": 6, "total": 1_710_000_000, "annual_plan": 580_000_000, "rank": 1}
    me.post(url("projects.GroupStart", "add"), sent | inline("parks", row))
    assert GroupStart.objects.get().held_on == date(2020, 9, 29)
    assert GroupStartPark.objects.get().total == 1_710_000_000


def test_a_region_and_a_park_are_kept_with_their_trace(me: Client) -> None:
    region = make_region(name="某市")
    address = url("parkportal.Region", "change", region.pk)
    values = {"name": "某市", "cutoff_day": 5, "rhythm": "monthly", "recognition_level": "city"}
    values |= {"seen": seen(me, address)}
    assert me.post(address, values).status_code == 302
    assert Change.objects.get(object_type="parkportal.Region").diff["cutoff_day"] == [None, 5]
    sent = {"code": "new-park", "name": "新园区", "region": region.pk, "ledger_from": "2020-13"}
    assert "期间写成“2020-09”的样子。" in me.post(url("parkportal.Park", "add"), sent).content.decode()
    me.post(url("parkportal.Park", "add"), sent | {"ledger_from": "2020-01"})
    assert Park.objects.get(code="new-park").ledger_from == "2020-01"


def test_the_history_of_a_row_is_its_trace(me: Client) -> None:
    chain = make_chain()
    location = me.get(url("enterprises.Chain", "history", chain.pk)).headers["Location"]
    assert location.endswith(f"?object_type__exact=enterprises.Chain&q={chain.code}")
    assert me.get(location).status_code == 200


def test_the_own_password_is_changed_on_the_portal_s_page(me: Client) -> None:
    assert me.get(reverse("admin:password_change")).headers["Location"] == reverse("password_change")
