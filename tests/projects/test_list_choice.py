"""Columns and page size that a person chose: on the page, in the export, and for nobody else."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from parkportal.models import ListChoice, Park, User
from parkportal.roles import Role
from projects import columns
from tests.factories import make_fund_arrival, make_park, make_project, make_user

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
    html = client.get(f"/projects/{query}").content.decode()
    head = re.sub("<svg.*?</svg>", "", html.split("<thead>")[1].split("</thead>")[0])
    return [re.sub(r"<[^>]+>|\s", "", cell) for cell in re.findall("<th.*?</th>", head, re.S)][2:]


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


def test_lists_with_fixed_columns_have_none_to_choose(client: Client) -> None:
    assert client.get("/lists/enterprises/columns/").status_code == 404
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
