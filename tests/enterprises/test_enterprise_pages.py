"""The pages of enterprises: who sees and enters what, and what happens to what was typed."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from enterprises.models import Enterprise
from parkportal.models import Change, Park, User
from parkportal.roles import Role
from projects.models import Project
from tests.factories import (
    make_enterprise,
    make_group,
    make_listing_step,
    make_park,
    make_project,
    make_ranking_list,
    make_region,
    make_user,
)

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
VALID = "91430400MA43WA0090"
WRONG_CHECK = "91350203M0001QKT19"
READERS = [Role.CLERK, Role.HEAD, Role.LEADER, Role.STATISTICIAN, Role.CITY]
ENTERERS = {Role.CLERK, Role.HEAD}


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(park=park)


def typed(**fields: object) -> dict[str, object]:
    """What a browser sends for a nearly empty form."""
    return {"name": "某某公司", "above_scale_on_precision": "day"} | fields


def edit_url(row: Enterprise) -> str:
    return reverse("enterprise-edit", args=[row.code])


def user_of(role: str, park: Park) -> User:
    place = {"region": park.region} if role in {Role.STATISTICIAN, Role.CITY} else {"park": park}
    return make_user(role, **({} if role == Role.ADMIN else place))


@pytest.mark.parametrize("role", Role.values)
def test_each_role_reads_and_enters_as_the_table_says(role: str, park: Park, client_as: As) -> None:
    row, client = make_enterprise(park=park), client_as(user_of(role, park))
    reading, entering = role in READERS, role in ENTERERS
    for url in (reverse("enterprise-list"), reverse("enterprise-detail", args=[row.code])):
        assert client.get(url).status_code == (200 if reading else 403)
    for url in (reverse("enterprise-new"), edit_url(row)):
        assert client.get(url).status_code == (200 if entering else 403)
        assert client.post(url, typed(name="", version=1)).status_code == (200 if entering else 403)


@pytest.mark.parametrize("name", ["enterprise-list", "enterprise-new"])
def test_an_anonymous_visitor_is_sent_to_the_login(name: str, client: Client) -> None:
    assert client.get(reverse(name)).headers["Location"].startswith("/accounts/login/")


def test_rows_of_another_park_do_not_exist(clerk: User, client_as: As) -> None:
    foreign, client = make_enterprise(name="外园企业甲"), client_as(clerk)
    assert client.get(reverse("enterprise-detail", args=[foreign.code])).status_code == 404
    assert client.get(edit_url(foreign)).status_code == 404
    assert client.post(edit_url(foreign), typed(version=1)).status_code == 404
    assert "外园企业甲" not in client.get(reverse("enterprise-list")).content.decode()
    assert client.get(reverse("enterprise-detail", args=["nowhere-e2020-001"])).status_code == 404


def test_a_clerk_of_a_region_enters_for_no_park(park: Park, client_as: As) -> None:
    client = client_as(make_user(region=park.region))
    row = make_enterprise(park=park)
    assert client.get(reverse("enterprise-detail", args=[row.code])).status_code == 200
    assert client.get(reverse("enterprise-new")).status_code == client.get(edit_url(row)).status_code == 403
    assert client.post(edit_url(row), typed(version=1)).status_code == 403


def test_an_enterprise_is_entered_with_its_trace(clerk: User, client_as: As) -> None:
    answer = client_as(clerk).post(
        reverse("enterprise-new"),
        typed(name=" 示例\u200b公司甲 ", uscc="9143 0400ma43wa0090", above_scale_on="2020年8月", land_area_mu="63.7"),
    )
    row = Enterprise.objects.get()
    assert answer.headers["Location"] == reverse("enterprise-detail", args=[row.code])
    assert (row.park, row.name, row.uscc, row.land_area_mu) == (clerk.park, "示例公司甲", VALID, 6370)
    assert (row.above_scale_on.isoformat(), row.above_scale_on_precision) == ("2020-08-01", "month")
    assert "shiligongsijia" in row.search_text
    entry = Change.objects.get(object_code=row.code)
    assert (entry.user, entry.park, entry.door, entry.diff["name"]) == (clerk, clerk.park, "page", [None, "示例公司甲"])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "请填写企业名称。"),
        ({"name": "\u200b"}, "请填写企业名称。"),
        ({"name": "长" * 101}, "企业名称最多100个字，现在是101个。"),
        ({"uscc": "9143040"}, "统一社会信用代码应为18位，现在是7位。"),
        ({"uscc": WRONG_CHECK}, "确认无误的写明人工核实的理由。"),
        ({"above_scale_on": "2020-13"}, "月份应为1至12，现在是13。"),
        ({"above_scale_on": "2999-01-01"}, "年份应在1900至2100之间"),
        ({"above_scale_on": "2099-01-01"}, "升规时间不能晚于今天"),
        ({"above_scale_route": "monthly"}, "选了升规方式，请填写升规时间。"),
        ({"industry_code": "39"}, "国民经济行业代码写成"),
        ({"settled_year": "11"}, "落户年份写四位年份，如2011。"),
        ({"group": "999999"}, "所属集团没有这个选项，请从列表里选。"),
    ],
)
def test_bad_input_is_explained_and_stays(fields: dict[str, str], sentence: str, clerk: User, client_as: As) -> None:
    answer = client_as(clerk).post(reverse("enterprise-new"), typed(profile="写了很久的概况", **fields))
    page = answer.content.decode()
    assert sentence in page
    assert "写了很久的概况" in page
    assert "<title>有错误：" in page
    assert not Enterprise.objects.exists()


def test_a_check_digit_that_does_not_fit_yields_to_a_reason(clerk: User, client_as: As) -> None:
    client = client_as(clerk)
    client.post(reverse("enterprise-new"), typed(uscc=WRONG_CHECK, uscc_override_reason="营业执照原件如此"))
    row = Enterprise.objects.get()
    assert (row.uscc, row.uscc_override_reason) == (WRONG_CHECK, "营业执照原件如此")
    assert "营业执照原件如此" in client.get(reverse("enterprise-detail", args=[row.code])).content.decode()


def test_a_warning_does_not_stop_and_is_shown(clerk: User, client_as: As) -> None:
    looks_like_a_person = "362322198709086409"
    client = client_as(clerk)
    answer = client.post(reverse("enterprise-new"), typed(uscc=looks_like_a_person), follow=True)
    assert "这个号码像居民身份证号码" in answer.content.decode()


def test_a_code_is_unique_in_its_park_only(clerk: User, client_as: As) -> None:
    make_enterprise(uscc=VALID)
    client = client_as(clerk)
    client.post(reverse("enterprise-new"), typed(name="甲", uscc=VALID))
    assert Enterprise.objects.filter(park=clerk.park).count() == 1
    answer = client.post(reverse("enterprise-new"), typed(name="乙", uscc=VALID))
    assert "本园区已有这个统一社会信用代码的企业。" in answer.content.decode()
    assert Enterprise.objects.filter(park=clerk.park).count() == 1


def test_columns_outside_the_form_cannot_be_set(clerk: User, client_as: As) -> None:
    row, other = make_enterprise(park=clerk.park), make_park()
    forged = {"park": other.pk, "code": "x", "sample_fields": '["name"]', "created_by": clerk.pk, "seq": 9}
    client_as(clerk).post(edit_url(row), typed(name="新名", version=1, **forged))
    after = Enterprise.objects.get(pk=row.pk)
    assert (after.name, after.park, after.code, after.sample_fields) == ("新名", row.park, row.code, [])


def test_the_second_of_two_editors_sees_both_values(clerk: User, client_as: As) -> None:
    row, client = make_enterprise(park=clerk.park, name="原名", origin="湖南长沙"), client_as(clerk)
    first = typed(name="甲改的名", origin="湖南长沙", profile="甲写的", version=1)
    assert client.post(edit_url(row), first).status_code == 302
    second = typed(name="乙改的名", origin="广东深圳", profile="", version=1)
    answer = client.post(edit_url(row), second)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert answer.context["conflict"] == [{"label": "企业名称", "now": "甲改的名", "yours": "乙改的名"}]
    assert 'value="广东深圳"' in page, "what was typed stays"
    assert "甲写的</textarea>" in page, "a field that the second left alone takes the present value"
    assert 'name="version" value="2"' in page
    assert Enterprise.objects.get(pk=row.pk).name == "甲改的名"
    assert client.post(edit_url(row), second | {"version": 2, "profile": "甲写的"}).status_code == 302
    after = Enterprise.objects.get(pk=row.pk)
    assert (after.name, after.origin, after.profile, after.version) == ("乙改的名", "广东深圳", "甲写的", 3)


def test_an_edit_without_a_version_is_refused(clerk: User, client_as: As) -> None:
    row = make_enterprise(park=clerk.park, name="原名")
    answer = client_as(clerk).post(edit_url(row), typed(name="新名"))
    assert "页面不完整，请刷新后重填。" in answer.content.decode()
    assert Enterprise.objects.get(pk=row.pk).name == "原名"


def test_another_group_changes_the_fact_of_the_projects_at_once(clerk: User, client_as: As) -> None:
    listed = make_group(name="上榜集团")
    make_ranking_list(make_group(name="别的集团"), listed)
    investor = make_enterprise(park=clerk.park, name="投资方")
    project = make_project(park=clerk.park, investor=investor)
    form = typed(name="投资方", group=listed.pk, version=1)
    refused = client_as(clerk).post(edit_url(investor), form).content.decode()
    assert "1个已审核的项目是否计入世界500强项目，请科室负责人到企业页面填写。" in refused
    client_as(make_user(Role.HEAD, park=clerk.park)).post(edit_url(investor), form)
    project.refresh_from_db()
    assert project.fortune_global_500
    page = client_as(clerk).get(reverse("enterprise-detail", args=[investor.code])).content.decode()
    assert "《财富》世界500强第2位（上榜集团，2019年7月1日公布）" in page


def test_a_company_of_a_verified_project_goes_above_scale_by_a_head_of_section(clerk: User, client_as: As) -> None:
    company = make_enterprise(park=clerk.park, name="项目公司")
    project = make_project(park=clerk.park, company=company, review_state="submitted")
    form = typed(name="项目公司", above_scale_on="2020-05-01", above_scale_route="monthly", version=1)
    assert client_as(clerk).post(edit_url(company), form).status_code == 302, "nothing verified rests on it"
    Project.objects.filter(pk=project.pk).update(review_state="verified")
    later = form | {"above_scale_on": "2020-06-01", "version": 2}
    refused = client_as(clerk).post(edit_url(company), later).content.decode()
    assert "1个已审核的项目是否计入新增投产并升规企业数，请科室负责人到企业页面填写。" in refused
    assert 'value="2020-06-01"' in refused, "what was typed stays"
    assert client_as(clerk).post(edit_url(company), form | {"profile": "改简介", "version": 2}).status_code == 302
    head = client_as(make_user(Role.HEAD, park=clerk.park))
    assert head.post(edit_url(company), later | {"version": 3}).status_code == 302


def test_the_detail_shows_both_kinds_of_projects_and_the_steps(clerk: User, client_as: As) -> None:
    row = make_enterprise(park=clerk.park)
    make_project(park=clerk.park, investor=row, name="它投资的项目")
    make_project(park=clerk.park, company=row, name="它承接的项目")
    make_listing_step(enterprise=row)
    page = client_as(clerk).get(reverse("enterprise-detail", args=[row.code])).content.decode()
    for words in ("它投资的项目", "它承接的项目", "科创板", "推荐申报"):
        assert words in page


def test_the_numbers_of_projects_equal_the_lists_they_open(clerk: User, client_as: As) -> None:
    row, client = make_enterprise(park=clerk.park), client_as(clerk)
    for _n in range(3):
        make_project(park=clerk.park, investor=row)
    shown = next(one for one in client.get(reverse("enterprise-list")).context["object_list"] if one == row)
    opened = client.get(reverse("project-list"), {"investor": row.code})
    assert shown.invested == opened.context["page_obj"].paginator.count == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "fushikang"}, ["富士康"]),
        ({"search": "fsk"}, ["富士康"]),
        ({"search": VALID[:10]}, ["富士康"]),
        ({"above_scale_on_after": "2020-01-01", "above_scale_on_before": "2020-12-31"}, ["富士康"]),
        ({"above_scale_on_before": "", "search": ""}, ["富士康", "无名"]),
        ({"search": "%"}, []),
    ],
)
def test_the_list_is_searched_and_filtered(query: dict[str, str], found: list[str], clerk: User, client_as: As) -> None:
    client = client_as(clerk)
    client.post(reverse("enterprise-new"), typed(name="富士康", uscc=VALID, above_scale_on="2020-05-01"))
    client.post(reverse("enterprise-new"), typed(name="无名"))
    rows = client.get(reverse("enterprise-list"), query).context["object_list"]
    assert sorted(row.name for row in rows) == sorted(found)


def test_the_park_filter_is_for_readers_of_several_parks(client_as: As) -> None:
    region = make_region()
    one, two = make_park(region=region), make_park(region=region)
    mine = make_enterprise(park=one)
    make_enterprise(park=two)
    client = client_as(make_user(Role.CITY, region=region))
    assert len(client.get(reverse("enterprise-list")).context["object_list"]) == 2
    assert client.get(reverse("enterprise-list"), {"park": one.code}).context["object_list"] == [mine]
    assert client.get(reverse("enterprise-list"), {"park": make_park().code}).status_code == 400


@pytest.mark.parametrize(
    "query", [{"bogus": "1"}, {"ordering": "park__region__name"}, {"page": "x"}, {"_connector": "OR"}, {"park": "no"}]
)
def test_a_wrong_address_shows_its_sentence_and_no_rows(query: dict[str, str], clerk: User, client_as: As) -> None:
    make_enterprise(park=clerk.park)
    answer = client_as(clerk).get(reverse("enterprise-list"), query)
    assert answer.status_code == 400
    assert answer.context["object_list"] == []


def test_deletion_is_no_method_of_a_page(clerk: User, client_as: As) -> None:
    row = make_enterprise(park=clerk.park)
    for url in (reverse("enterprise-list"), reverse("enterprise-detail", args=[row.code]), edit_url(row)):
        assert client_as(clerk).delete(url).status_code == 405


def test_a_form_without_token_is_refused(clerk: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(reverse("enterprise-new"), typed()).status_code == 403


def test_a_list_costs_the_same_with_one_row_and_with_thirty(
    clerk: User, client_as: As, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client = client_as(clerk)
    for n in range(30):
        row = make_enterprise(park=clerk.park, group=make_group())
        make_project(park=clerk.park, investor=row)
        if n % 2:
            make_listing_step(enterprise=row)
    client.get(reverse("enterprise-list"))
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        client.get(reverse("enterprise-list"))
