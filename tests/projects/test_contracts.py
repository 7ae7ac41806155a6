"""The papers of a project: entered together on one page, compared with the ledger, bare where it is secret."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, StaleVersion
from projects.models import Contract, Project
from projects.services.contracts import contract_differences, contracts_set, papers_of, seen_as
from tests.factories import YI, make_park, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.CLERK, park=park)


@pytest.fixture
def project(park: Park) -> Project:
    return make_project(park=park, total_investment=3 * YI, signed_on=date(2020, 7, 10), contract_type="formal")


def typed(*papers: dict[str, str], seen: str = "") -> dict[str, str]:
    """What the page posts."""
    form = {"paper-TOTAL_FORMS": str(len(papers)), "paper-INITIAL_FORMS": "0", "seen": seen}
    return form | {f"paper-{n}-{name}": text for n, paper in enumerate(papers) for name, text in paper.items()}


FORMAL = {"type": "formal", "number": "HT-1", "signed_on": "2020年7月中旬", "amount": "2亿", "kept_at": "档案室3柜"}
MOU = {"type": "mou", "number": "BW-9"}


def save(client: Client, project: Project, *papers: dict[str, str], seen: str | None = None) -> Any:
    seen = seen_as(papers_of(project)) if seen is None else seen
    return client.post(f"/projects/{project.code}/contracts/", typed(*papers, seen=seen), follow=True)


def kept(project: Project) -> list[tuple[str, str]]:
    return [(paper.type, paper.number) for paper in papers_of(project)]


def test_papers_are_entered_changed_and_taken_away_on_one_page(client_as: As, clerk: User, project: Project) -> None:
    client = client_as(clerk)
    text = save(client, project, FORMAL, {"type": "", "number": ""}).content.decode()
    paper = Contract.objects.get()
    assert (paper.amount, paper.signed_on, paper.signed_on_precision) == (2 * YI, date(2020, 7, 11), "ten_day")
    assert "合同已保存。" in text and "HT-1" in text and "档案室3柜" in text
    assert "正式合同载明的金额20,000万元与台账的总投资30,000万元不一致" in text
    form = client.get(f"/projects/{project.code}/contracts/").content.decode()
    assert 'value="2020年7月中旬"' in form and 'value="20,000"' in form and "再登记一份" in form
    save(client, project, MOU, FORMAL | {"number": "HT-2"})
    assert kept(project) == [("formal", "HT-2"), ("mou", "BW-9")] or kept(project) == [
        ("mou", "BW-9"),
        ("formal", "HT-2"),
    ]
    save(client, project, MOU)
    assert kept(project) == [("mou", "BW-9")]
    assert "没有改动" in save(client, project, MOU).content.decode()
    told = Change.objects.of("projects.Contract", [project.code]).order_by("seq").values_list("diff", flat=True)
    assert any(diff.get("number") == ["HT-1", "BW-9"] for diff in told), "what became of the first row"
    project.refresh_from_db()
    assert project.total_investment == 3 * YI, "figures read the project"


@pytest.mark.parametrize(
    ("papers", "sentence"),
    [
        ([FORMAL, FORMAL], "一个项目只有一份正式合同"),
        ([{"type": "mou"}], "每份合同至少填写"),
        ([{"type": "", "number": "HT-1"}], "请选择合同类型"),
        ([FORMAL | {"amount": "很多"}], "金额"),
        ([FORMAL | {"signed_on": "2098-01-01"}], "晚于今天"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    client_as: As, clerk: User, project: Project, papers: list[dict[str, str]], sentence: str
) -> None:
    answer = save(client_as(clerk), project, *papers)
    text = answer.content.decode()
    assert answer.status_code == 200 and sentence in text and "有错误：" in text
    assert not papers[0].get("number") or papers[0]["number"] in text
    assert not Contract.objects.exists()


def test_the_second_of_two_sees_what_the_first_saved_and_then_decides(
    client_as: As, clerk: User, park: Park, project: Project
) -> None:
    before = seen_as(papers_of(project))
    save(client_as(make_user(Role.HEAD, park=park)), project, MOU)
    answer = save(client_as(clerk), project, FORMAL, seen=before)
    text = answer.content.decode()
    assert answer.status_code == 409 and "BW-9" in text and "HT-1" in text
    assert kept(project) == [("mou", "BW-9")]
    assert f'value="{seen_as(papers_of(project))}"' in text, "saved again, it is what was typed that counts"
    with pytest.raises(StaleVersion):
        contracts_set(by=Actor(clerk), project=project, papers=[], seen=before)


def test_of_a_secret_project_only_number_and_place_are_kept(client_as: As, park: Park, project: Project) -> None:
    Project.objects.update(confidentiality="secret", code_name="东风")
    head = make_user(Role.HEAD, park=park)
    client = client_as(head)
    page = client.get(f"/projects/{project.code}/contracts/").content.decode()
    assert "只登记类型、编号和存放处" in page and "paper-0-amount" not in page and "paper-0-note" not in page
    save(client, project, FORMAL)
    paper = Contract.objects.get()
    assert (paper.number, paper.kept_at, paper.amount, paper.signed_on) == ("HT-1", "档案室3柜", None, None)
    project.refresh_from_db()
    with pytest.raises(ValidationError, match="只登记"):
        whole = {"type": "mou", "number": "x", "amount": 1}
        contracts_set(by=Actor(head), project=project, papers=[whole], seen=seen_as([paper]))
    clerk = client_as(make_user(Role.CLERK, park=park))
    assert clerk.get(f"/projects/{project.code}/contracts/").status_code == 403
    assert "HT-1" not in clerk.get(f"/projects/{project.code}/").content.decode()


def test_who_does_not_enter_for_the_park_changes_no_paper(client_as: As, park: Park, project: Project) -> None:
    Project.objects.update(review_state="submitted")
    project.refresh_from_db()
    answer = save(client_as(make_user(Role.CLERK, park=park)), project, MOU)
    assert "先撤回提交" in answer.content.decode()
    Project.objects.update(review_state="verified")
    project.refresh_from_db()
    for user in (make_user(Role.HEAD), make_user(Role.LEADER, park=park)):
        with pytest.raises(PermissionDenied):
            contracts_set(by=Actor(user), project=project, papers=[], seen=seen_as([]))
    assert not Contract.objects.exists()


def test_a_difference_is_told_only_of_the_paper_that_the_project_stands_for(project: Project) -> None:
    same = Contract(project=project, type="formal", amount=3 * YI, signed_on=date(2020, 7, 10))
    other = Contract(project=project, type="mou", amount=YI, signed_on=date(2019, 1, 1))
    assert list(contract_differences(project, [same, other])) == []
    same.signed_on = date(2020, 7, 12)
    assert list(contract_differences(project, [same])) == [
        "正式合同载明的签订时间2020-07-12与台账的签约时间2020-07-10不一致，指标按台账计算，请核对。"
    ]


def test_columns_that_the_portal_does_not_know_are_shown_with_the_project(
    client_as: As, clerk: User, project: Project
) -> None:
    Project.objects.update(custom={"电力需求": "两路10千伏"})
    text = client_as(clerk).get(f"/projects/{project.code}/").content.decode()
    assert "其他信息" in text and "电力需求" in text and "两路10千伏" in text
