"""The page of a project: everything that is known of it, in words, and only the buttons that the reader has."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Contract, Project, StageChange
from projects.services import project_create, project_update
from tests.factories import (
    YI,
    make_chain,
    make_engagement,
    make_enterprise,
    make_fund_arrival,
    make_group,
    make_indicator,
    make_park,
    make_project,
    make_user,
)

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def head(park: Park) -> User:
    return make_user(Role.HEAD, park=park)


@pytest.fixture
def client(client_as: As, head: User) -> Client:
    return client_as(head)


def page(client: Client, project: Project, query: str = "") -> str:
    response = client.get(f"/projects/{project.code}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def words(html: str, start: str, end: str = "</section>") -> str:
    """The text of one part of a page."""
    part = html.split(start)[1].split(end)[0]
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", part))


def test_rows_out_of_sight_and_rows_that_are_not_there_are_the_same(client: Client) -> None:
    for code in (make_project().code, "nowhere-2020-001", "1", "x' OR 1=1", "%00"):
        assert client.get(f"/projects/{code}/").status_code == 404


def test_the_stages_show_their_dates_and_the_unknown_ones_a_dash(client: Client, park: Park) -> None:
    project = make_project(
        **{"park": park, "stage": "in_production", "signed_on": date(2020, 7, 11), "signed_on_precision": "ten_day"},
        **{"started_on": date(2020, 8, 1), "in_production_on": date(2020, 8, 21), "sample_fields": ["started_on"]},
    )
    make_engagement(project=project, held_on=date(2020, 4, 21))
    steps = re.findall(
        r'<li class="(\w+)".*?<b>([^<]+)</b><span class="date">([^<]+)</span><span class="remark">([^<]*)<',
        page(client, project),
    )
    assert steps == [
        ("done", "在谈", "2020-04-21", "首次洽谈"),
        ("done", "签约", "2020年7月中旬", ""),
        ("unknown", "注册", "—", ""),
        ("done", "开工", "2020-08-01", "示例"),
        ("now", "投产", "2020-08-21", "开工后20天"),
    ]


def test_the_six_numbers_carry_their_units_and_marks(client: Client, park: Park) -> None:
    project = make_project(
        **{"park": park, "total_investment": 3 * YI, "total_investment_qualifier": "at_least", "expected_jobs": 1_000},
        **{
            "expected_annual_tax": 10_000_000,
            "expected_jobs_qualifier": "over",
            "sample_fields": ["expected_annual_tax"],
        },
        **{"settle_started_on": date(2020, 5, 1), "moved_in_on": date(2020, 5, 28)},
    )
    make_fund_arrival(project=project, amount=20_000_000)
    make_fund_arrival(project=project, amount=70_000_000, verified=False)
    html = page(client, project)
    numbers = words(html, 'aria-label="主要数字"')
    for text in (
        "总投资 3.0以上 亿元",
        "预计年税收 示例 1,000 万元",
        "预计就业 1,000余 人",
        "到位资金 0.2 亿元",
        "入驻用时 27 天",
    ):
        assert text in numbers, (text, numbers)
    assert f'href="/fund-arrivals/?project={project.code}&amp;verified=true"' in html
    funds = words(html, 'id="h-funds"')
    assert "未核实" in funds
    assert "已核实2,000" in funds
    assert "9,000" in funds


def test_money_and_talks_are_told_only_to_the_park_that_keeps_the_row(client_as: As, park: Park) -> None:
    other = make_user(Role.LEADER)
    project = make_project(park=park, shares=[(park, 6_000), (other.park, 4_000)])
    make_fund_arrival(project=project, amount=123_450_000)
    make_engagement(project=project, title="私下会谈", participants=[("甲", "处长")])
    html = page(client_as(other), project)
    assert "12,345" not in html
    assert "私下会谈" not in html
    assert "没有你能看到的变更记录" in html
    assert f"{other.park.name} 40% 40%" in words(html, 'id="h-shares"')
    assert "分成" not in page(client_as(other), make_project(park=other.park))


def test_events_are_told_newest_first_with_people_and_their_posts_at_the_time(client: Client, park: Park) -> None:
    project = make_project(park=park, signed_on=date(2020, 7, 11), ceremony_on=date(2020, 7, 10), stage="signed")
    make_engagement(
        project=project,
        title="三方视频会谈",
        held_on=date(2020, 4, 21),
        mode="online",
        participants=[("甲", "原副市长")],
    )
    make_engagement(project=project, title="面谈", held_on=date(2020, 4, 22), until=date(2020, 5, 8))
    Contract.objects.create(project=project, type="formal", signed_on=date(2020, 7, 11), amount=YI, number="2020-7")
    StageChange.objects.create(
        project=project, from_stage="started", to_stage="signed", on=date(2020, 8, 1), reason="登记有误"
    )
    events = page(client, project).split('class="timeline"')[1].split("</ol>")[0]
    assert re.findall(r"<b>([^<]+)</b>", events) == [
        *("进度退回“签约”", "签订投资合同", "举行签约仪式", "面谈", "三方视频会谈")
    ]
    for text in (
        "甲（原副市长）",
        "日期未载",
        "在2020-04-22至2020-05-08之间",
        "合同金额10,000万元；编号2020-7；与台账的总投资不一致",
        "登记有误",
    ):
        assert text in events, text
    talks = page(client, project, "?events=talk").split('class="timeline"')[1].split("</ol>")[0]
    assert len(re.findall("<b>", talks)) == 2


def test_the_trace_is_in_words(client: Client, park: Park, head: User) -> None:
    chain = make_chain(region=park.region, name="电子信息")
    investor = make_enterprise(park=park, name="企业午")
    project = project_create(by=Actor(head), park=park, values={"name": "项目"}, on=date(2020, 10, 8))
    project_update(
        by=Actor(head, Change.Door.PAGE),
        project=project,
        values={
            **{"investor": investor, "chain": chain, "owner": head, "total_investment": 3 * YI, "tags": ["科创"]},
            **{"total_investment_qualifier": "over", "signed_on": date(2020, 7, 11), "signed_on_precision": "ten_day"},
            **{"category": "ecology", "land_area_mu": 6_370, "expected_jobs": 600},
        },
    )
    log = words(page(client, project), 'id="h-log"')
    for text in (
        *(
            "投资方（签约主体） 空 改为 企业午",
            "产业链 空 改为 电子信息",
            f"责任人 空 改为 {head.name}",
            "标签 空 改为 科创",
        ),
        *("总投资 空 改为 30,000万元余", "签约时间 空 改为 2020年7月中旬", "项目类别 产业类 改为 生态环保类"),
        *("用地面积 空 改为 63.7亩", "预计就业 空 改为 600", f"建立，编号{project.code}"),
    ):
        assert text in log, (text, log)
    assert "精度" not in log
    assert "约数" not in log


def test_a_long_trace_is_shown_in_part_until_asked_for(client: Client, park: Park, head: User) -> None:
    project = make_project(park=park)
    for n in range(25):
        project_update(by=Actor(head), project=project, values={"progress": f"进展{n}号"})
    html = page(client, project)
    assert "全部25次" in html
    assert "进展3号" not in html
    assert "进展3号" in page(client, project, "?trace=all")


def test_it_says_which_indicators_it_counts_for(client: Client, park: Park) -> None:
    indicator = make_indicator(name="签约亿元以上产业项目数")
    counted = page(client, make_project(park=park))
    assert "计入这些指标" in counted
    assert indicator.name in words(counted, 'id="h-counts"')
    assert "审核后会计入" in page(client, make_project(park=park, review_state="draft"))


def test_company_group_and_sample_marks_are_shown(client: Client, park: Park) -> None:
    company = make_enterprise(park=park, name="项目公司", uscc="91430400MA43WA0090", above_scale_on=date(2020, 9, 1))
    investor = make_enterprise(park=park, group=make_group(name="某集团"))
    project = make_project(
        park=park, company=company, investor=investor, fortune_global_500=True, sample_fields=["name"]
    )
    html = page(client, project)
    firms = words(html, 'id="h-firms"')
    for text in ("某集团（世界500强", "项目公司", "91430400MA43WA0090", "升规时间 2020-09-01"):
        assert text in firms, text
    assert 'class="smp"' in html.split("<h1>")[1].split("</h1>")[0]
    assert f'href="/enterprises/{company.code}/"' in html


BUTTONS = ("编辑", "提交审核", "撤回提交", "退回", "审核通过", "更新进展到", "终止", "撤回项目", "恢复")


@pytest.mark.parametrize(
    ("state", "role", "expected"),
    [
        ("draft", Role.CLERK, {"编辑", "提交审核", "更新进展到", "终止", "撤回项目"}),
        ("submitted", Role.CLERK, {"撤回提交"}),
        ("submitted", Role.HEAD, {"撤回提交", "退回", "审核通过"}),
        ("verified", Role.CLERK, {"编辑", "更新进展到", "终止"}),
        ("verified", Role.HEAD, {"编辑", "更新进展到", "终止", "撤回项目"}),
        ("returned", Role.CLERK, {"编辑", "提交审核", "更新进展到", "终止", "撤回项目"}),
        ("verified", Role.LEADER, set()),
        ("submitted", Role.LEADER, set()),
        ("verified", Role.CITY, set()),
        ("verified", Role.STATISTICIAN, set()),
    ],
)
def test_each_role_sees_only_its_buttons(client_as: As, park: Park, state: str, role: str, expected: set[str]) -> None:
    place = {"region": park.region} if role in {Role.CITY, Role.STATISTICIAN} else {"park": park}
    project = make_project(park=park, review_state=state)
    html = page(client_as(make_user(role, **place)), project)
    acts = html.split('class="acts')[1].split("data-print")[0]
    review = html.split('id="review"')[1].split("</section>")[0] if 'id="review"' in html else ""
    assert {name for name in BUTTONS if re.search(rf">\s*{name}", acts + review)} == expected


def test_a_withdrawn_project_says_so_and_offers_only_to_restore_it(client: Client, park: Park, head: User) -> None:
    project = make_project(park=park, deleted_by=head, deleted_at="2020-10-01T00:00:00Z")
    html = page(client, project)
    assert "已撤回，在回收站里" in html
    acts = html.split('class="acts')[1].split("data-print")[0]
    assert {name for name in BUTTONS if re.search(rf">\s*{name}", acts)} == {"恢复"}


def test_what_was_typed_is_escaped(client: Client, park: Park) -> None:
    bad = "<script>alert(1)</script>"
    project = make_project(
        park=park, name=bad, content=bad, progress=bad, note=bad, tags=[bad], return_reason=bad, review_state="returned"
    )
    assert "<script>alert" not in page(client, project)


def test_it_costs_the_same_with_many_events_and_entries(client: Client, park: Park, head: User) -> None:
    project = make_project(park=park)

    def fill() -> None:
        make_engagement(project=project, participants=[("甲", "处长")])
        make_fund_arrival(project=project)
        project_update(by=Actor(head), project=project, values={"investor": make_enterprise(park=park)})

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, project)
        return len(queries)

    fill()
    page(client, project)
    once = cost()
    for _n in range(5):
        fill()
    assert cost() == once
