"""Columns and page size that a person chose: on the page, in the export, and for nobody else."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from parkportal.models import ListChoice, Park, User
from parkportal.roles import Role
from projects import columns
from tests.factories import (
    make_engagement,
    make_enterprise,
    make_fund_arrival,
    make_group,
    make_park,
    make_project,
    make_user,
)

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
COLUMNS = "/lists/projects/columns/"


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def client(client_as: As, clerk: User) -> Client:
    return client_as(clerk)


def heads(client: Client, query: str = "") -> list[str]:
    return heads_of(client.get(f"/projects/{query}").content.decode())[2:]


def heads_of(html: str) -> list[str]:
    head = re.sub("<svg.*?</svg>", "", html.split("<thead>")[1].split("</thead>")[0])
    return [re.sub(r"<[^>]+>|\s", "", cell) for cell in re.findall("<th.*?</th>", head, re.S)]


def test_the_chosen_columns_stand_in_the_chosen_order(client: Client, park: Park, clerk: User) -> None:
    project = make_project(park=park, owner=clerk, land_area_mu=6_370)
    make_fund_arrival(project=project)
    wanted = {"column": ["stage", "arrived_funds", "land_area_mu", "name"], "place-stage": "2", "place-name": "1"}
    assert client.post(f"{COLUMNS}?stage=signed", wanted).headers["Location"] == "/projects/?stage=signed"
    assert heads(client) == ["项目名称", "项目阶段", "用地面积（亩）", "累计到位资金（万元）"]
    row = client.get("/projects/").content.decode().split("<tbody>")[1].split("</tbody>")[0]
    for text in ("签约", "63.7", "1,000"):
        assert text in row


def test_the_name_is_always_there_and_unknown_columns_are_ignored(client: Client, park: Park, clerk: User) -> None:
    make_project(park=park)
    client.post(COLUMNS, {"column": ["stage", "password"]})
    assert ListChoice.objects.get().columns == ["name", "stage"]
    ListChoice.objects.update(columns=["gone", "stage"])
    assert heads(client) == ["项目名称", "项目阶段"]


def test_the_official_columns_come_back(client: Client, park: Park) -> None:
    make_project(park=park)
    before = heads(client)
    client.post(COLUMNS, {"column": ["stage"]})
    client.post(COLUMNS, {"column": ["stage"], "standard": "1"})
    assert heads(client) == before
    assert len(before) == len(columns.OFFICIAL)


def test_every_column_can_be_shown(client: Client, park: Park) -> None:
    project = make_project(park=park)
    make_fund_arrival(project=project)
    client.post(COLUMNS, {"column": [column.key for column in columns.PROJECTS]})
    assert len(heads(client)) == len(columns.PROJECTS)


def test_a_wrong_place_is_explained_and_stays(client: Client) -> None:
    answer = client.post(COLUMNS, {"column": ["name", "stage"], "place-stage": "x"})
    assert answer.status_code == 200
    assert "次序填1至99的整数" in answer.content.decode()
    assert not ListChoice.objects.exists()


def test_what_one_person_chose_is_nobody_elses(client: Client, client_as: As, park: Park) -> None:
    make_project(park=park)
    client.post(COLUMNS, {"column": ["stage"]})
    client.post("/lists/projects/size/", {"page_size": "20"})
    other = client_as(make_user(Role.CLERK, park=park))
    assert len(heads(other)) == len(columns.OFFICIAL)


LISTS = {
    "enterprises": (["origin", "land_area_mu", "group"], "企业名称 所在地 所属集团 占地（亩）", "/enterprises/"),
    "fund-arrivals": (["amount", "proof", "amount_usd"], "凭证 项目名称 金额（万元） 外资额（万美元）", "/projects/"),
    "engagements": (["participants", "summary"], "事项 参加人员 内容", "/engagements/"),
}


@pytest.mark.parametrize("page", LISTS)
def test_the_other_lists_have_columns_to_choose_too(client: Client, client_as: As, park: Park, page: str) -> None:
    firm = make_enterprise(park=park, name="企业甲", origin="深圳市", land_area_mu=6_370)
    project = make_project(park=park, name="项目甲")
    make_fund_arrival(project=project, amount=12_340_000, proof="回单八号")
    make_engagement(park=park, project=project, enterprise=firm, title="会谈甲", participants=[("客商乙", "经理")])
    ticked, words, leads = LISTS[page]
    expected = words.split()
    before = client.get(f"/{page}/").content.decode()
    assert f"/lists/{page}/columns/" in before
    keep = {"column": ticked, "place-proof": "9"}
    assert client.post(f"/lists/{page}/columns/?search=", keep)["Location"].startswith(f"/{page}/")
    with CaptureQueriesContext(connection) as queries:
        html = client.get(f"/{page}/").content.decode()
    assert heads_of(html) == expected
    told = {"enterprises": "63.7", "fund-arrivals": "1,234", "engagements": "客商乙"}[page]
    assert told in html.split("<tbody>")[1] and f'href="{leads}' in html.split("<tbody>")[1]
    if page == "fund-arrivals":
        assert "合计1笔" in html and html.split("<tfoot>")[1].count("1,234") == 1
    for n in range(3):
        make_engagement(park=park, title=f"会谈{n}", participants=[("客商丙", "")])
        make_fund_arrival(project=project)
        make_enterprise(park=park, group=make_group())
    with CaptureQueriesContext(connection) as more:
        client.get(f"/{page}/")
    assert len(more) == len(queries), "whatever the number of rows"
    file: Any = client.get(f"/{page}/export/?format=csv")
    assert b"".join(file.streaming_content).decode("utf-8-sig").splitlines()[0] == ",".join(["序号", *expected])
    whole: Any = client.get(f"/{page}/export/?format=csv&columns=all")
    assert b"".join(whole.streaming_content).decode("utf-8-sig").splitlines()[0].count(",") > len(expected)
    assert heads_of(client_as(make_user(Role.CLERK, park=park)).get(f"/{page}/").content.decode()) != expected
    client.post(f"/lists/{page}/columns/", {"column": ticked, "standard": "1"})
    assert heads_of(client.get(f"/{page}/").content.decode()) == heads_of(before)


def test_lists_with_fixed_columns_have_none_to_choose(client: Client) -> None:
    assert client.get("/lists/listing-steps/columns/").status_code == 404
    assert client.post("/lists/nothing/size/", {"page_size": "20"}).status_code == 404


def test_the_page_size_is_kept_until_the_address_says_otherwise(client: Client, park: Park) -> None:
    for _n in range(21):
        make_project(park=park)
    back = "/projects/?stage=signed&page=2&page_size=50"
    answer = client.post("/lists/projects/size/", {"page_size": "20", "back": back})
    assert answer.headers["Location"] == "/projects/?stage=signed"
    rows = lambda query: client.get(f"/projects/{query}").content.decode().count('<th scope="row" class="name"><a')  # noqa: E731
    assert rows("") == 20
    assert rows("?page_size=50") == 21
    client.post("/lists/projects/size/", {"page_size": "7"})
    assert rows("") == 20


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "", "javascript:alert(1)"]
)
def test_the_way_back_never_leads_elsewhere(client: Client, back: str) -> None:
    answer = client.post("/lists/projects/size/", {"page_size": "20", "back": back})
    assert answer.headers["Location"] == "/projects/"
