"""The list of projects: what it shows, what it adds up, and what it says to a wrong address."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from parkportal.models import Park, User
from parkportal.roles import Role
from projects.filters import ProjectFilter
from projects.models import Project
from tests.factories import F100, YI, make_chain, make_enterprise, make_park, make_project, make_token, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def client(client_as: As, clerk: User) -> Client:
    return client_as(clerk)


def page(client: Client, query: str = "", status: int = 200) -> str:
    response = client.get(f"/projects/{query}")
    assert response.status_code == status
    return response.content.decode()


def names(html: str) -> list[str]:
    """The names of the listed projects, in order."""
    return re.findall(r'<th scope="row" class="name"><a href="[^"]+">([^<]+)</a>', html)


def test_nobody_reads_it_without_logging_in() -> None:
    assert Client().get("/projects/").headers["Location"].startswith("/accounts/login/")


def test_the_administrator_reads_no_business_rows(client_as: As) -> None:
    assert client_as(make_user(Role.ADMIN)).get("/projects/").status_code == 403


def test_it_has_the_official_columns(client: Client, park: Park) -> None:
    investor = make_enterprise(park=park, name="企业午", origin="广东深圳")
    make_project(
        **{
            "park": park,
            "investor": investor,
            "name": "结构件项目",
            "content": "年产800万套。",
            "progress": "已办执照",
        },
        **{"problem": "施工许可证未办结。", "lead_official": "园区主要负责人", "responsible_unit": "招商一科"},
        **{"signed_on": date(2020, 7, 11), "signed_on_precision": "ten_day", "total_investment": 99_999_900},
    )
    html = page(client)
    head = re.sub(r"<[^>]+>|\s", "", re.sub("<svg.*?</svg>", "", html.split("<thead>")[1].split("</thead>")[0]))
    assert head == "序号项目名称投资方所在地建设内容及规模总投资签约时间目前进展存在问题责任领导责任单位／责任人"
    row = html.split("<tbody>")[1].split("</tbody>")[0]
    for text in ("企业午", "广东深圳", "年产800万套<", "9,999.99", "2020年7月中旬", "施工许可证未办结<", "招商一科"):
        assert text in row, text


def test_rows_of_other_parks_stay_out_unless_a_share_is_held(client: Client, park: Park) -> None:
    other = make_park()
    make_project(park=other, name="他园区的项目")
    make_project(park=other, name="共有的项目", shares=[(other, 5_000), (park, 5_000)])
    html = page(client)
    assert names(html) == ["共有的项目"]
    assert "他园区的项目" not in html


def test_a_withdrawn_project_is_not_listed(client: Client, park: Park, clerk: User) -> None:
    make_project(park=park, deleted_by=clerk, deleted_at="2020-10-01T00:00:00Z")
    assert "还没有项目" in page(client)


def test_totals_cover_all_that_is_filtered_not_the_page(client: Client, park: Park) -> None:
    for n in range(25):
        make_project(park=park, name=f"项目{n}", expected_jobs=1_000, expected_jobs_qualifier="over" if n else "exact")
    foot = page(client, "?page_size=20").split("<tfoot>")[1]
    assert "合计25个" in foot
    assert "500,000" in foot
    assert "预计就业2.5万余人" in foot


def test_totals_go_by_share_where_a_park_is_named(client_as: As) -> None:
    park = make_park()
    leader = make_user(Role.CITY, region=park.region)
    other = make_park(region=park.region)
    make_project(park=park, shares=[(park, 5_000), (other, 5_000)])
    make_project(park=park, total_investment=YI)
    client = client_as(leader)
    assert "合计2个" in page(client).split("<tfoot>")[1]
    foot = page(client, f"?park={park.code}").split("<tfoot>")[1]
    assert "合计1.5个" in foot
    assert "20,000" in foot
    assert "按份额计，共2个项目" in foot
    whole = page(client, f"?park={park.code}&park={other.code}").split("<tfoot>")[1]
    assert "合计2个" in whole
    assert "按份额计" not in whole


def test_each_tab_counts_what_its_address_lists(client: Client, park: Park, clerk: User) -> None:
    make_project(park=park, owner=clerk)
    make_project(park=park, total_investment=YI - 1, fortune_global_500=True)
    make_project(park=park, stage="negotiating", contract_type="", signed_on=None)
    make_project(park=park, stage="started", status="suspended")
    Project.objects.filter(stage="negotiating").update(
        updated_at=timezone.now() - timedelta(days=31), planned_start_on=date(2020, 1, 1)
    )
    tabs = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)<span>(\d+)</span></a>', page(client).split('class="tabs"')[1])
    assert [(label, count) for _url, label, count in tabs] == [
        *(
            ("全部", "4"),
            ("签约亿元以上", "2"),
            ("世界500强", "1"),
            ("签约未开工", "2"),
            ("线索和在谈", "1"),
            ("我负责的", "1"),
            ("超过计划时间", "1"),
            ("30天未更新", "1"),
        )
    ]
    for url, label, count in tabs:
        address = url.replace("&amp;", "&").removeprefix("/projects/")
        assert len(names(page(client, address))) == int(count), label
        assert f'aria-current="page">{label}' in page(client, address)


def test_conditions_are_chips_in_words_that_can_be_dropped(client: Client, park: Park) -> None:
    make_project(park=park)
    html = page(client, f"?{F100}&signed_on_after=2020-01-01&signed_on_before=2020-09-30&page=1")
    chips = re.findall(r'<li class="chip"><span>([^<]+)</span><b>([^<]+)</b><a href="([^"]+)"', html)
    assert [(name, value) for name, value, _url in chips] == [
        *(
            ("类别", "产业类"),
            ("合同", "正式合同"),
            ("引进方式", "新引进"),
            ("总投资不少于", "1亿元"),
            ("签约时间", "2020年1—9月"),
        )
    ]
    assert dict(QueryDict(chips[-1][2].replace("&amp;", "&")[1:]).lists()) == dict(QueryDict(F100).lists())


def test_an_amount_typed_in_wan_is_kept_in_yuan_and_empty_fields_are_dropped(client: Client) -> None:
    response = client.get("/projects/?category=&total_investment_wan=1亿&stage=signed&signed_on_after=")
    assert response.headers["Location"] == "?stage=signed&total_investment_min=100000000"


def test_an_unreadable_amount_is_shown_again_with_a_sentence(client: Client) -> None:
    html = page(client, "?total_investment_wan=很多&stage=signed", status=400)
    assert "“很多”不是一个金额" in html
    assert 'value="很多"' in html


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?park=nowhere", "没有代码为“nowhere”的选项"),
        ("?colour=red", "没有名为“colour”的筛选条件"),
        ("?category=red", "“red”"),
        ("?signed_on_after=2020-13-01", "日期写成“2020-09-30”的样子"),
        ("?page_size=10000000", "每页行数可选20、50、100、200"),
        ("?page=last", "页码应为正整数"),
        ("?ordering=password", "不能按“password”排序"),
        ("?fortune_global_500=1", "1"),
        ("?chain=' OR 1=1 --", "没有代码为"),
        ("?owner=nobody", "没有代码为“nobody”的选项"),
        ("?total_investment_min=1e9", "整数"),
    ],
)
def test_a_wrong_address_gets_a_sentence_and_no_rows(client: Client, park: Park, query: str, words: str) -> None:
    make_project(park=park)
    html = page(client, query, status=400)
    assert words in html
    assert names(html) == []


def test_people_of_another_park_cannot_be_asked_for(client: Client) -> None:
    stranger = make_user(Role.CLERK)
    assert "不在你的权限内" in page(client, f"?owner={stranger.username}", status=400)


def test_a_park_out_of_sight_is_no_condition(client: Client) -> None:
    assert "不在你的权限内" in page(client, f"?park={make_park().code}", status=400)


def test_a_page_beyond_the_last_shows_the_last(client: Client, park: Park) -> None:
    for n in range(21):
        make_project(park=park, name=f"项目{n:02d}")
    assert len(names(page(client, "?page_size=20&page=9&ordering=name"))) == 1


def test_the_order_is_in_the_address_and_in_the_head(client: Client, park: Park) -> None:
    for name, total in (("甲", 3 * YI), ("乙", None), ("丙", 5 * YI)):
        make_project(park=park, name=name, total_investment=total)
    html = page(client, "?ordering=-total_investment")
    assert names(html) == ["丙", "甲", "乙"]
    assert re.search(r'class="amount sorted" aria-sort="descending"', html)


def test_an_empty_result_offers_each_condition_to_be_dropped(client: Client, park: Park) -> None:
    make_project(park=park)
    html = page(client, "?stage=started&category=ecology")
    assert "没有同时满足这些条件的项目" in html
    assert "去掉“进度：开工”" in html
    assert "去掉“类别：生态环保类”" in html


def test_the_filter_form_keeps_what_it_does_not_offer(client: Client, park: Park) -> None:
    chain = make_chain(region=park.region)
    html = page(client, f"?counted=2020-09-30&ordering=name&stage=signed&stage=started&chain={chain.code}")
    form = html.split('<form method="get"><div class="grid">')[1].split("</form>")[0]
    assert '<input type="hidden" name="counted" value="2020-09-30">' in form
    assert '<input type="hidden" name="ordering" value="name">' in form
    assert len(re.findall(r'name="stage" value="(?:signed|started)" checked', form)) == 2
    assert f'name="chain" value="{chain.code}" checked' in form


def test_only_who_enters_sees_the_buttons_of_entry(client_as: As, park: Park, clerk: User) -> None:
    assert "新建项目" in page(client_as(clerk))
    for role in (Role.LEADER, Role.STATISTICIAN, Role.CITY):
        place: dict[str, Any] = {"park": park} if role == Role.LEADER else {"region": park.region}
        html = page(client_as(make_user(role, **place)))
        assert "新建项目" not in html
        assert "回收站" not in html


def test_names_are_escaped(client: Client, park: Park) -> None:
    make_project(park=park, name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in page(client)


def test_it_costs_the_same_with_one_row_and_with_thirty(client: Client, park: Park, clerk: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(client, f"?park={park.code}&kind=new&page_size=50")
        return len(queries)

    make_project(park=park, owner=clerk)
    page(client)
    one = cost()
    for _n in range(29):
        make_project(park=park, owner=make_user(Role.CLERK, park=park))
    assert cost() == one <= 16


def test_the_tabs_and_the_menu_name_only_known_conditions() -> None:
    for query in (F100, "fortune_global_500=true", "stage=signed&stage=registered&review_state=verified&status=active"):
        assert ProjectFilter(QueryDict(query), queryset=Project.objects.all()).is_valid()


def test_projects_are_found_by_their_tags(client_as: As) -> None:
    park = make_park()
    client = client_as(make_user(Role.CLERK, park=park))
    tags = {"甲": ["返乡创业", "科创"], "乙": ["科创园"], "丙": ['他说"科创"', "A"], "丁": [], "戊": ["a"]}
    for name, words in tags.items():
        make_project(park=park, name=f"项目{name}", tags=words)
    make_project(park=park, name="项目己", tags=["科创"], confidentiality="secret", code_name="东风")

    def found(query: str) -> set[str]:
        html = client.get(f"/projects/?{query}").content.decode()
        return {name for name in (*tags, "己") if f"项目{name}</a>" in html or (name == "己" and "东风</a>" in html)}

    assert found("tags=科创") == {"甲"}, "whole words; the tags of a secret project are hidden"
    assert found("tags=科创园&tags=A") == found("tags=科创园、A") == {"乙", "丙"}
    assert found("tags=返乡") == set()
    assert found('tags=他说"科创"') == {"丙"}
    page = client.get("/projects/?tags=科创").content.decode()
    assert 'name="tags"' in page and 'value="科创"' in page
    answer = client.get(f"/projects/?tags={'长' * 21}")
    assert answer.status_code == 400 and "标签最多20个字" in answer.content.decode()
    rest = Client(headers={"authorization": f"Bearer {make_token(make_user(Role.HEAD, park=park))[1]}"})
    named = {row["name"] for row in rest.get("/api/v1/projects/?tags=科创").json()["results"]}
    assert named == {"项目甲", "项目己"}, "a head knows the secret one"
