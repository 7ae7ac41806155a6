"""The form of a project: who gets it, what it reads of what people type, and what it says is wrong."""

import html as text
import re
from datetime import date

import pytest
from django.test import Client

from enterprises.models import Enterprise
from parkportal.models import Park, User
from parkportal.roles import Role
from projects.models import Project
from tests.factories import (
    YI,
    make_chain,
    make_enterprise,
    make_group,
    make_park,
    make_project,
    make_ranking_list,
    make_user,
)
from tests.projects.forms import NEW, As, blank, fields, full, post, summary

pytestmark = pytest.mark.django_db


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def client(client_as: As, clerk: User) -> Client:
    return client_as(clerk)


# --- who may -------------------------------------------------------------------------------------------------------


def test_only_who_enters_for_a_park_gets_the_form(client_as: As, park: Park) -> None:
    assert Client().get(NEW).status_code == 302
    for person in (make_user(Role.LEADER, park=park), make_user(Role.CITY, region=park.region)):
        assert client_as(person).get(NEW).status_code == 403
    response = client_as(make_user(Role.CLERK, region=park.region)).get(NEW)
    assert (response.status_code, "本园区" in response.content.decode()) == (403, True)


def test_the_form_of_another_park_is_not_found_and_of_a_shared_project_refused(client: Client, park: Park) -> None:
    other = make_park()
    foreign = make_project(park=other)
    shared = make_project(park=other, shares=[(other, 5_000), (park, 5_000)])
    for call in (client.get, client.post):
        assert call(f"/projects/{foreign.code}/edit/").status_code == 404
        response = call(f"/projects/{shared.code}/edit/")
        assert (response.status_code, "不能修改" in response.content.decode()) == (403, True)


# --- entering ------------------------------------------------------------------------------------------------------


def test_a_name_is_enough_for_a_draft(client: Client, clerk: User) -> None:
    url = post(client, blank(client) | {"name": "线索"}, status=302)
    project = Project.objects.get()
    assert url == f"/projects/{project.code}/"
    assert (project.review_state, project.stage, project.created_by) == ("draft", "lead", clerk)


def test_everything_that_is_typed_is_stored(client: Client, park: Park, clerk: User) -> None:
    chain, group = make_chain(region=park.region), make_group()
    make_ranking_list(group)
    typed = full(
        client,
        **{"investor_origin": "广东深圳", "investor_group": group.code, "chain": chain.code, "category": "industry"},
        **{
            "signed_on": "7月中旬",
            "ceremony_on": "2020-07-10",
            "in_production_on": "2020年8月",
            "stage": "in_production",
        },
        **{"total_investment": "30000万以上", "expected_annual_output": "1.3亿", "expected_jobs": "1000余人"},
        **{"land_area_mu": "63.7", "workshop_area_sqm": "近5000", "owner": clerk.username, "tags": "返乡创业、科创"},
        **{
            "company_name": "项目公司",
            "company_uscc": "９１430400ma43wa0090",
            "industry_code": "c39",
            "progress": "已投产",
        },
    )
    post(client, typed | {"ceremony_on": "2020-07-10", "signed_on": "2020年7月中旬"}, status=302)
    project = Project.objects.get()
    assert (project.signed_on, project.signed_on_precision) == (date(2020, 7, 11), "ten_day")
    assert (project.in_production_on, project.in_production_on_precision) == (date(2020, 8, 1), "month")
    assert (project.total_investment, project.total_investment_qualifier) == (3 * YI, "at_least")
    assert (project.expected_annual_output, project.expected_jobs) == (130_000_000, 1_000)
    assert (project.expected_jobs_qualifier, project.workshop_area_qualifier) == ("over", "near")
    assert (project.land_area_mu, project.tags, project.industry_code) == (6_370, ["返乡创业", "科创"], "C39")
    assert (project.chain, project.owner, project.fortune_global_500) == (chain, clerk, True)
    assert (project.investor.name, project.investor.origin, project.investor.group) == ("企业午", "广东深圳", group)
    assert (project.company.name, project.company.uscc) == ("项目公司", "91430400MA43WA0090")


@pytest.mark.parametrize(
    ("typed", "chosen", "day", "precision"),
    [
        ("2020-07-15", "day", date(2020, 7, 15), "day"),
        ("2020-07-15", "ten_day", date(2020, 7, 11), "ten_day"),
        ("2020-07-15", "month", date(2020, 7, 1), "month"),
        ("2020年8月", "day", date(2020, 8, 1), "month"),
        ("2020年上半年", "day", date(2020, 1, 1), "half"),
    ],
)
def test_a_date_is_as_exact_as_it_was_written_or_chosen(
    client: Client, typed: str, chosen: str, day: date, precision: str
) -> None:
    post(client, full(client, signed_on=typed, signed_on_precision=chosen), status=302)
    project = Project.objects.get()
    assert (project.signed_on, project.signed_on_precision) == (day, precision)


def test_a_day_without_its_year_belongs_to_the_year_of_signing(client: Client) -> None:
    post(client, full(client, started_on="8月", land_use_mode="lease"), status=302)
    assert Project.objects.get().started_on == date(2020, 8, 1)


def test_what_is_stored_comes_back_as_it_can_be_typed_again(client: Client, park: Park, clerk: User) -> None:
    project = make_project(
        **{"park": park, "review_state": "draft", "signed_on": date(2020, 7, 11), "signed_on_precision": "ten_day"},
        **{"total_investment": 3 * YI, "total_investment_qualifier": "at_least", "expected_jobs": 600},
        **{"expected_jobs_qualifier": "over", "land_area_mu": 6_370, "tags": ["科创"], "owner": clerk},
        **{"company": make_enterprise(park=park, uscc="91430400MA43WA0090"), "content": "两行\n内容"},
    )
    url = f"/projects/{project.code}/edit/"
    before = {f.name: getattr(project, f.name) for f in Project._meta.concrete_fields}
    post(client, blank(client, url), url, status=302)
    project.refresh_from_db()
    assert {f.name: getattr(project, f.name) for f in Project._meta.concrete_fields} == before


def test_a_known_investor_of_the_park_is_used_again(client: Client, park: Park) -> None:
    known = make_enterprise(park=park, name="企业午")
    make_enterprise(name="企业午")
    post(client, full(client), status=302)
    assert Project.objects.get().investor == known
    assert Enterprise.objects.count() == 2


def test_one_new_enterprise_can_be_both_investor_and_company(client: Client) -> None:
    post(client, full(client, company_name="企业午", company_uscc="91430400MA43WA0090"), status=302)
    project = Project.objects.get()
    assert project.investor == project.company == Enterprise.objects.get()


def test_submission_saves_and_submits(client: Client) -> None:
    post(client, full(client), action="submit", status=302)
    assert Project.objects.get().review_state == "submitted"


# --- what is wrong -------------------------------------------------------------------------------------------------


def test_three_mistakes_are_three_links_in_the_same_words_and_nothing_is_lost(client: Client) -> None:
    typed = full(
        client,
        **{
            "total_investment": "3.2",
            "fixed_asset_investment": "21,000",
            "stage": "registered",
            "registered_on": "8月",
        },
        **{"started_on": "2020-07-01", "company_name": "项目公司", "company_uscc": "91430400MA4R7X2K3"},
    )
    html = post(client, typed, action="submit")
    starts = (
        "总投资3.2万元过小，请检查单位",
        "实际开工时间2020-07-01早于签约时间2020-07-03",
        "统一社会信用代码应为18位，现在是17位",
    )
    assert [one.startswith(start) for one, start in zip(summary(html), starts, strict=True)] == [True] * 3
    assert "<title>有错误：新建项目" in html
    assert re.findall(r'<li><a href="#([^"]+)"', html.split("error-summary")[1]) == [
        *("id_total_investment", "id_started_on", "id_company_uscc")
    ]
    for sentence in summary(html):
        assert html.count(sentence) == 2, sentence
    assert "autofocus" in html.split('class="error-summary"')[1][:60]
    assert fields(html) == typed
    assert not Project.objects.exists()
    assert not Enterprise.objects.exists()
    assert html.count("1处要改") == 3


def test_the_unit_is_put_right_with_one_click_without_a_script(client: Client) -> None:
    typed = full(client, total_investment="3.2")
    html = post(client, typed)
    assert '<button class="fix" name="fix" value="total_investment">总投资改为32,000万元</button>' in html
    fixed = client.post(NEW, typed | {"fix": "total_investment"}).content.decode()
    assert fields(fixed) == typed | {"total_investment": "32,000"}
    assert not Project.objects.exists()
    post(client, fields(fixed), status=302)
    assert Project.objects.get().total_investment == 320_000_000


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("total_investment", "很多", "“很多”不是一个金额"),
        ("total_investment", "-5", "不能小于0"),
        ("total_investment", "320000000", "过大，请检查单位"),
        ("total_investment", "9" * 30, "不能超过100万亿元"),
        ("fixed_asset_investment", "约1亿", "应是确数"),
        ("expected_jobs", "几百人", "不是一个整数"),
        ("land_area_mu", "63.777", "0.01亩"),
        ("signed_on", "2020-13-01", "月份应为1至12"),
        ("signed_on", "2020-06-31", "没有31日"),
        ("signed_on", "2020.1", "可能是1月，也可能是10月"),
        ("signed_on", "2999-01-01", "年份应在1900至2100之间"),
        ("signed_on", "2099-01-01", "晚于今天"),
        ("signed_on", "去年", "不是一个日期"),
        ("signed_on_precision", "century", "没有这个选项"),
        ("category", "cheese", "没有这个选项"),
        ("stage", "nowhere", "没有这个选项"),
        ("chain", "nowhere", "没有这个选项"),
        ("owner", "nobody", "没有这个选项"),
        ("parent", "没有的项目", "没有名称或编号为“没有的项目”"),
        ("industry_code", "39", "写成“C39”"),
        ("company_uscc", "91430400MA43WA009O", "是不是91430400MA43WA0090"),
        ("name", "长" * 101, "最多100个字，现在是101个"),
        ("name", " \u200b", "请填写项目名称"),
        ("kind", "phase", "要选择它的原项目"),
        ("investor_name", "", "请填写投资方"),
    ],
)
def test_bad_input_gets_a_sentence_and_stays(client: Client, field: str, typed: str, words: str) -> None:
    data = full(client, investor_origin="深圳", company_name="项目公司") | {field: typed}
    html = post(client, data, action="submit")
    assert any(words in text.unescape(one) for one in summary(html)), summary(html)
    back = fields(html)
    chosen_from_a_list = {"chain", "owner", "category", "stage", "signed_on_precision"}
    lost = {name for name in data if back[name] != data[name]}
    assert lost <= ({field} & chosen_from_a_list)
    assert not Project.objects.exists()


def test_rows_of_another_park_cannot_be_named(client: Client, park: Park) -> None:
    stranger, foreign, chain = make_user(Role.CLERK), make_project(), make_chain()
    for field, value in (("owner", stranger.username), ("parent", foreign.code), ("chain", chain.code)):
        html = post(client, full(client, **{field: value}))
        assert summary(html), field
        assert foreign.name not in html
    assert not Project.objects.filter(park=park).exists()


def test_nothing_but_the_fields_of_the_form_reaches_the_row(client: Client, park: Park) -> None:
    other = make_park()
    forged = {
        **{"park": other.code, "review_state": "verified", "verified_by": "1", "fortune_global_500": "true"},
        **{"version": "99", "code": "x", "created_by": "1", "status": "terminated", "terminated_on": "2020-08-01"},
    }
    post(client, full(client) | forged, status=302)
    project = Project.objects.get()
    assert (project.park, project.review_state, project.verified_by, project.version) == (park, "draft", None, 1)
    assert (project.fortune_global_500, project.status, project.terminated_on) == (False, "active", None)
    assert project.code.startswith(park.code)


def test_a_reason_lets_what_is_odd_pass(client: Client) -> None:
    typed = full(client, started_on="2020-07-01", land_use_mode="lease")
    html = post(client, typed)
    assert "时间或金额异常说明" in summary(html)[0]
    post(client, typed | {"order_warning_reason": "先开工后补签合同"}, status=302)
    assert Project.objects.get().order_warning_reason == "先开工后补签合同"


def test_a_checked_code_passes_with_a_reason(client: Client) -> None:
    typed = full(client, company_name="项目公司", company_uscc="91350203M0001QKT19")
    assert "校验码" in summary(post(client, typed))[0]
    post(client, typed | {"company_uscc_reason": "已对照营业执照"}, status=302)
    assert Enterprise.objects.get(name="项目公司").uscc_override_reason == "已对照营业执照"


def test_a_code_that_another_enterprise_of_the_park_has_is_refused(client: Client, park: Park) -> None:
    make_enterprise(park=park, name="原公司", uscc="91430400MA43WA0090")
    html = post(client, full(client, company_name="项目公司", company_uscc="91430400MA43WA0090"))
    assert "在企业库里是“原公司”的" in summary(html)[0]


def test_nearly_the_same_name_is_a_warning_that_stops_nothing(client: Client, park: Park) -> None:
    known = make_project(park=park, name="精密结构件生产项目二期")
    response = client.post(NEW, full(client), follow=True)
    assert f'href="/projects/{known.code}/"' in response.content.decode()
    assert Project.objects.count() == 2
