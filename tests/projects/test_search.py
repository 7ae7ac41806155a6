"""One search box: what it finds, what it leaves out, where an exact code leads, and what it costs."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from enterprises.models import Contact
from enterprises.services import enterprise_create
from parkportal.models import Park, User, Visit
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.services import search_text
from tests.factories import make_engagement, make_enterprise, make_park, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
USCC = "91430400MA43WA0090"


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def client(client_as: As, clerk: User) -> Client:
    return client_as(clerk)


@pytest.fixture
def things(park: Park, clerk: User) -> None:
    """A project, an enterprise, somebody at a talk and a contact, each of another name."""
    project = make_project(park=park, name="富士康智能手机机构件项目")
    type(project).objects.filter(pk=project.pk).update(search_text=search_text(project))
    values = {"name": "湖南爱加建筑有限公司", "uscc": USCC}
    firm = enterprise_create(by=Actor(clerk), park=park, on=date(2020, 1, 2), values=values)
    make_engagement(park=park, title="赴深圳洽谈", participants=[("欧阳甲", "招商经理")])
    Contact.objects.create(enterprise=firm, code=f"{park.code}-c1", name="令狐乙", post="厂长", phone="13800001234")


def page(client: Client, text: str) -> str:
    answer = client.get("/search/", {"q": text})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        *(("富士康", "富士康智能"), ("fushikang", "富士康智能"), ("fsk", "富士康智能"), ("FSK", "富士康智能")),
        *(("手机 富士", "富士康智能"), ("爱加", "湖南爱加"), ("hnaj", "湖南爱加"), (USCC[:8].lower(), "湖南爱加")),
        *(
            ("欧阳", "赴深圳洽谈"),
            ("ouyang", "赴深圳洽谈"),
            ("招商经理", "欧阳甲"),
            ("令狐", "令狐乙"),
            ("厂长", "令狐乙"),
        ),
    ],
)
def test_it_finds_by_name_pinyin_initials_and_codes(client: Client, text: str, found: str) -> None:
    assert found in page(client, text)


@pytest.mark.usefixtures("things")
def test_a_telephone_number_finds_nobody(client: Client) -> None:
    html = page(client, "13800001234")
    assert "没有找到" in html
    assert "只写名称里的两三个字" in html


def test_an_exact_code_goes_straight_to_its_row(client: Client, park: Park) -> None:
    project = make_project(park=park, search_text="")
    firm = make_enterprise(park=park, uscc=USCC)
    for row in (project, firm):
        type(row).objects.filter(pk=row.pk).update(search_text=f"{row.code} {getattr(row, 'uscc', '')}".lower())
    more = make_project(park=park, code=f"{project.code}0", search_text=f"{project.code}0")
    assert client.get("/search/", {"q": project.code}).headers["Location"] == f"/projects/{project.code}/"
    assert client.get("/search/", {"q": more.code.upper()}).headers["Location"] == f"/projects/{more.code}/"
    for text in (USCC, USCC.lower(), firm.code):
        assert client.get("/search/", {"q": text}).headers["Location"] == f"/enterprises/{firm.code}/"


def test_other_parks_withdrawn_and_secret_rows_stay_out(client: Client, client_as: As, park: Park) -> None:
    words = {"name": "墨子项目", "search_text": "墨子项目"}
    make_project(**words)
    make_project(park=park, deleted_at="2020-10-01T00:00:00Z", **words)
    secret = make_project(park=park, confidentiality="secret", code_name="代号", **words)
    make_engagement(project=secret, title="墨子洽谈", participants=[("墨子甲", "")])
    make_enterprise(name="墨子公司")
    make_engagement(title="墨子", participants=[("墨子乙", "")])
    foreign = make_enterprise(name="他园")
    Contact.objects.create(enterprise=foreign, code="c1", name="墨子丙")
    for user in (client, client_as(make_user(Role.HEAD, park=park))):
        assert "没有找到" in page(user, "墨子")


def test_ten_of_each_kind_are_shown_with_the_way_to_all(client: Client, park: Park) -> None:
    for n in range(12):
        make_project(park=park, name=f"同名{n}")
    html = page(client, "同名")
    assert html.count('<th scope="row"><a href="/projects/') == 10
    assert 'href="/projects/?search=%E5%90%8C%E5%90%8D"' in html


@pytest.mark.usefixtures("things")
def test_it_asks_for_each_kind_once(client: Client) -> None:
    page(client, "甲")
    with CaptureQueriesContext(connection) as queries:
        page(client, "甲")
    business = [q for q in queries if "project" in q["sql"] or "enterprise" in q["sql"]]
    assert len(business) <= 4
    assert len(queries) <= 8


@pytest.mark.parametrize("text", ["%", "_", "'", '"', "\\", "\x00", "长" * 500, "　", "<b>"])
def test_no_text_breaks_it(client: Client, park: Park, text: str) -> None:
    make_project(park=park, name="甲")
    html = page(client, text)
    assert "甲</a>" not in html
    assert "<b>”" not in html


def test_readers_only(client_as: As) -> None:
    assert Client().get("/search/?q=x").headers["Location"].startswith("/accounts/login/")
    assert client_as(make_user(Role.ADMIN)).get("/search/?q=x").status_code == 403


# What was opened last


def test_what_was_opened_is_listed_newest_first(client: Client, park: Park, clerk: User) -> None:
    project, firm = make_project(park=park, name="项目甲"), make_enterprise(park=park, name="企业乙")
    for address in (f"project/{project.code}", f"enterprise/{firm.code}", f"project/{project.code}"):
        assert client.post(f"/visits/{address}/").status_code == 204
    assert Visit.objects.filter(user=clerk).count() == 2
    html = client.get("/search/").content.decode()
    assert html.index("项目甲") < html.index("企业乙")


def test_reading_a_page_remembers_nothing_by_itself(client: Client, park: Park) -> None:
    project = make_project(park=park)
    html = client.get(f"/projects/{project.code}/").content.decode()
    assert f'action="/visits/project/{project.code}/" data-visit hidden' in html
    assert not Visit.objects.exists()


def test_only_rows_in_sight_are_remembered_and_listed(client: Client, park: Park, clerk: User) -> None:
    foreign, own = make_project(name="他园"), make_project(park=park, name="后来撤回")
    assert client.post(f"/visits/project/{foreign.code}/").status_code == 404
    assert client.post("/visits/user/1/").status_code == 404
    client.post(f"/visits/project/{own.code}/")
    type(own).objects.filter(pk=own.pk).update(deleted_at="2020-10-01T00:00:00Z")
    html = client.get("/search/").content.decode()
    assert "后来撤回" not in html
    assert "打开过的项目和企业会列在这里" in html


def test_only_the_newest_are_kept(client: Client, park: Park, clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parkportal.desk.KEPT_VISITS", 2)
    rows = [make_project(park=park) for _n in range(3)]
    for row in rows:
        client.post(f"/visits/project/{row.code}/")
    assert set(Visit.objects.values_list("object_code", flat=True)) == {rows[1].code, rows[2].code}
