"""督办事项: raised with an owner and a day, reported on, closed by the head; a secret project's words stay hidden."""

from datetime import date
from io import BytesIO
from typing import Any, cast

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from parkportal.models import Attachment, Change, Notice, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, StaleVersion
from reports.matters import matter_close, matter_raise, matter_report, matter_update, matter_withdraw
from reports.models import Matter
from tests import factories as make
from tests.two_parks import PNG

pytestmark = pytest.mark.django_db
WORDS = "专线未接通，请供电公司10月15日前接通"


class Office:
    """A park with a clerk, a colleague and a head."""

    def __init__(self) -> None:
        self.park: Park = make.make_park()
        self.clerk: User = make.make_user(park=self.park)
        self.colleague: User = make.make_user(park=self.park)
        self.head: User = make.make_user(Role.HEAD, park=self.park)

    def values(self, **more: Any) -> dict[str, Any]:
        days = {"raised_on": date(2020, 9, 20), "due_on": date(2020, 10, 15)}
        return {"kind": "problem", "words": WORDS, "leader": "", "project": None, "owner": self.colleague} | days | more

    def raised(self, **more: Any) -> Matter:
        return matter_raise(by=Actor(self.clerk), park=self.park, values=self.values(**more))

    def typed(self, **more: str) -> dict[str, str]:
        days = {"raised_on": "2020-09-20", "due_on": "2020-10-15"}
        return {"kind": "problem", "words": WORDS, "owner": self.colleague.username} | days | more


@pytest.fixture
def office() -> Office:
    return Office()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_matter_goes_from_its_owner_to_its_end(office: Office) -> None:
    matter = office.raised(kind="instruction", leader="园区主要负责人")
    assert [notice.user for notice in Notice.objects.all()] == [office.colleague]
    with pytest.raises(ValidationError, match="先有反馈"):
        matter_close(by=Actor(office.head), matter=matter, version=matter.version, result="已接通")
    matter_report(by=Actor(office.colleague), matter=matter, text="已联系供电公司")
    with pytest.raises(PermissionDenied):
        matter_close(by=Actor(office.clerk), matter=matter, version=matter.version, result="已接通")
    with pytest.raises(StaleVersion):
        matter_close(by=Actor(office.head), matter=matter, version=matter.version + 1, result="已接通")
    matter_close(by=Actor(office.head), matter=matter, version=matter.version, result="已接通")
    matter.refresh_from_db()
    assert (matter.result, matter.closed_by) == ("已接通", office.head) and matter.closed_on
    with pytest.raises(ValidationError, match="已经办结"):
        matter_report(by=Actor(office.colleague), matter=matter, text="补充")
    assert Change.objects.filter(object_code=matter.code).count() == 3


def test_owner_and_project_belong_to_the_park(office: Office) -> None:
    with pytest.raises(ValidationError, match="责任人应是本园区"):
        office.raised(owner=make.make_user())
    with pytest.raises(ValidationError, match="本园区的项目"):
        office.raised(project=make.make_project())
    with pytest.raises(PermissionDenied):
        matter_raise(by=Actor(make.make_user()), park=office.park, values=office.values())
    assert not Matter.objects.exists()


def test_words_about_a_secret_project_are_for_those_who_see_it(office: Office) -> None:
    secret = make.make_project(park=office.park, confidentiality="secret", owner=office.clerk, name="秘密名称")
    with pytest.raises(ValidationError, match="保密项目"):
        office.raised(project=secret, owner=office.colleague)
    matter = office.raised(project=secret, owner=office.clerk)
    for user, seen in ((office.clerk, True), (office.head, True), (office.colleague, False)):
        listed = browser(user).get("/matters/").content.decode()
        assert (WORDS[:10] in listed) == seen
        answer = browser(user).get(f"/matters/{matter.code}/")
        assert answer.status_code == (200 if seen else 404)
        assert ("秘密名称" in answer.content.decode()) == seen


def test_the_scan_of_an_instruction_is_for_those_who_see_the_matter(office: Office) -> None:
    secret = make.make_project(park=office.park, confidentiality="secret", owner=office.clerk)
    scan = ("批示.png", PNG, "image/png")
    values = office.values(kind="instruction", leader="园区主要负责人", owner=office.clerk, project=secret)
    matter_raise(by=Actor(office.clerk), park=office.park, values=values, scan=scan)
    code = Attachment.objects.get().code
    assert browser(office.clerk).get(f"/files/{code}/").status_code == 200
    assert browser(office.colleague).get(f"/files/{code}/").status_code == 404


def test_a_form_says_what_to_mend_and_keeps_what_was_typed(office: Office) -> None:
    client = browser(office.clerk)
    refusals = {
        "领导批示要写明批示领导": {"kind": "instruction"},
        "完成时限不能早于提出日期": {"due_on": "2020-09-01"},
        "要写到日": {"due_on": "2020年11月"},
        "请填写事项内容": {"words": " "},
    }
    for sentence, typed in refusals.items():
        answer = client.post("/matters/new/", office.typed(**typed))
        assert (
            sentence in answer.content.decode() and answer.context["form"]["owner"].value() == office.colleague.username
        )
    assert not Matter.objects.exists()


def test_a_form_with_a_scan_makes_one_matter(office: Office) -> None:
    client = browser(office.clerk)
    key = "3f0b3f4e-2f6b-4c39-9b83-1f3f7f1f2a10"
    for _time in range(2):
        file = SimpleUploadedFile("批示.png", BytesIO(PNG).read(), "image/png")
        typed = office.typed(kind="instruction", leader="园区主要负责人", key=key)
        assert client.post("/matters/new/", {**typed, "scan": file}).status_code == 302
    matter = Matter.objects.get()
    assert matter.scan and matter.scan.name == "批示.png"
    bad = SimpleUploadedFile("批示.exe", b"MZ", "application/octet-stream")
    answer = client.post("/matters/new/", {**office.typed(), "scan": bad})
    assert answer.status_code == 200 and answer.context["form"].errors["scan"]


def test_a_problem_of_a_project_is_brought_along(office: Office) -> None:
    project = make.make_project(park=office.park, problem="专线未接通", owner=office.clerk)
    form = browser(office.clerk).get(f"/matters/new/?project={project.code}").context["form"]
    assert form["words"].value() == "专线未接通" and form["owner"].value() == office.clerk.username
    other = make.make_project(problem="别处的问题")
    assert "别处的问题" not in browser(office.clerk).get(f"/matters/new/?project={other.code}").content.decode()


def test_reports_and_closing_on_the_page(office: Office) -> None:
    matter, client = office.raised(), browser(office.head)
    address = f"/matters/{matter.code}/"
    refused = client.post(f"{address}report/", {"text": "　"})
    assert refused.status_code == 400 and "请填写办理情况" in refused.content.decode()
    assert client.post(f"{address}report/", {"text": "已联系"}).status_code == 302
    for _time in range(2):
        assert client.post(f"{address}report/", {"text": "等供电公司"}).status_code == 302
    assert matter.feedback.count() == 2, "a form sent twice is one report"
    for step in ("close", "withdraw"):
        stale = client.post(f"{address}{step}/", {"text": "供电已接通", "version": "99"})
        page = stale.content.decode()
        assert stale.status_code == 409 and "刚被别人改过" in page and "供电已接通</textarea>" in page
    assert Matter.objects.kept().get().closed_on is None
    assert client.post(f"{address}close/", {"text": "已接通", "version": matter.version}).status_code == 302
    page = client.get(address).content.decode()
    assert "已联系" in page and "已接通" in page and "反馈办理情况" not in page
    for step in ("report", "close", "withdraw"):
        late = client.post(f"{address}{step}/", {"text": "迟到的话", "version": matter.version})
        assert late.status_code == 409 and "你刚才填的：迟到的话" in late.content.decode()
    assert matter.feedback.count() == 2


def test_the_list_finds_what_is_late_and_what_is_done(office: Office) -> None:
    late = make.make_matter(park=office.park, words="超期的事")
    done = make.make_matter(park=office.park, words="办完的事", closed_on=date(2020, 10, 1))
    due = make.make_matter(park=office.park, words="没到期的事", due_on=date(2099, 1, 1))
    client = browser(office.clerk)
    for query, expected in {
        "overdue=true": [late],
        "overdue=false": [done, due],
        "closed=true": [done],
        "closed=false&search=没到期": [due],
        f"search={office.clerk.name}": [],
    }.items():
        assert list(client.get(f"/matters/?{query}").context["object_list"]) == expected, query


def test_who_raised_it_or_the_head_changes_and_withdraws_a_matter(office: Office) -> None:
    matter, owner = office.raised(kind="instruction", leader="园区主要负责人"), office.head
    values = {"owner": owner, "due_on": date(2020, 11, 1), "words": "改后的内容"}
    with pytest.raises(PermissionDenied, match="登记人"):
        matter_update(by=Actor(office.colleague), matter=matter, version=matter.version, values=values)
    with pytest.raises(ValidationError, match="责任人应是本园区"):
        stranger = {"owner": make.make_user()}
        matter_update(by=Actor(office.clerk), matter=matter, version=matter.version, values=stranger)
    matter_update(by=Actor(office.clerk), matter=matter, version=matter.version, values=values)
    with pytest.raises(StaleVersion):
        matter_update(by=Actor(office.head), matter=matter, version=matter.version, values={"words": "另一种内容"})
    matter.refresh_from_db()
    assert (matter.owner, matter.words, matter.due_on) == (owner, "改后的内容", date(2020, 11, 1))
    assert Notice.objects.filter(user=owner).count() == 1
    with pytest.raises(StaleVersion):
        matter_withdraw(by=Actor(office.head), matter=matter, version=matter.version - 1, reason="重复登记")
    with pytest.raises(PermissionDenied):
        matter_withdraw(by=Actor(office.colleague), matter=matter, version=matter.version, reason="重复登记")
    with pytest.raises(ValidationError, match="撤回的原因"):
        matter_withdraw(by=Actor(office.clerk), matter=matter, version=matter.version, reason=" ")
    matter_withdraw(by=Actor(office.clerk), matter=matter, version=matter.version, reason="重复登记")
    assert not Matter.objects.kept().exists() and "重复登记" in Notice.objects.latest("id").text
    assert Change.objects.filter(object_code=matter.code).latest("seq").diff["withdraw_reason"] == ["", "重复登记"]
    for late in (
        lambda: matter_report(by=Actor(office.clerk), matter=matter, text="已办"),
        lambda: matter_withdraw(by=Actor(office.head), matter=matter, version=matter.version, reason="再撤"),
    ):
        with pytest.raises(StaleVersion):
            late()


def test_what_is_closed_stays_as_it_is(office: Office) -> None:
    matter = office.raised()
    matter_close(by=Actor(office.head), matter=matter, version=matter.version, result="已接通")
    matter.refresh_from_db()
    with pytest.raises(ValidationError, match="已经办结"):
        matter_update(by=Actor(office.head), matter=matter, version=matter.version, values={"words": "改"})
    with pytest.raises(ValidationError, match="已经办结"):
        matter_withdraw(by=Actor(office.head), matter=matter, version=matter.version, reason="登记错了")
    page = browser(office.head).get(f"/matters/{matter.code}/").content.decode()
    assert "撤回" not in page and "修改</a>" not in page


def test_a_matter_is_changed_and_withdrawn_on_its_pages(office: Office) -> None:
    matter, client = office.raised(kind="instruction", leader="园区主要负责人"), browser(office.clerk)
    address = f"/matters/{matter.code}/"
    assert f"{address}edit/" in client.get(address).content.decode()
    assert f"{address}edit/" not in browser(office.colleague).get(address).content.decode()
    assert browser(office.colleague).get(f"{address}edit/").status_code == 403
    assert client.get(f"{address}edit/").context["form"]["owner"].value() == office.colleague.username
    typed = office.typed(version=str(matter.version), leader="园区主要负责人", due_on="2020-11-01")
    for sentence, wrong in {
        "领导批示要写明批示领导": {"leader": ""},
        "不能早于提出日期": {"due_on": "2020-01-01"},
    }.items():
        assert sentence in client.post(f"{address}edit/", typed | wrong).content.decode()
    assert client.post(f"{address}edit/", typed | {"kind": "problem"}).status_code == 302
    lost = browser(office.head).post(f"{address}edit/", typed | {"due_on": "2020-12-01"})
    assert lost.status_code == 409 and "2020-12-01" in lost.content.decode()
    matter.refresh_from_db()
    assert (matter.due_on, matter.kind) == (date(2020, 11, 1), "instruction")
    refused = client.post(f"{address}withdraw/", {"text": "", "version": matter.version})
    assert refused.status_code == 400 and "请填写撤回原因" in refused.content.decode()
    assert client.post(f"{address}withdraw/", {"text": "重复登记", "version": matter.version}).status_code == 302
    assert client.get(address).status_code == 404


def test_what_is_open_is_handed_out_as_a_list(office: Office) -> None:
    open_one = office.raised(kind="instruction", leader="园区主要负责人")
    matter_report(by=Actor(office.colleague), matter=open_one, text="已联系供电公司")
    make.make_matter(park=office.park, words="办完的事", closed_on=date(2020, 10, 1))
    secret = make.make_project(park=office.park, confidentiality="secret", owner=office.clerk, name="秘密名称")
    office.raised(project=secret, owner=office.clerk, words="秘密事项")
    client = browser(office.clerk)
    assert "closed=false" in client.get("/matters/").content.decode()
    answers = {
        query: b"".join(cast(Any, client.get(f"/matters/export/?format=csv&{query}")).streaming_content).decode()
        for query in ("closed=false", "closed=false&with_secret=true", "")
    }
    assert all(said in answers["closed=false"] for said in (open_one.code, "园区主要负责人", "已联系供电公司"))
    assert "办完的事" not in answers["closed=false"] and "秘密" not in answers["closed=false"]
    assert "秘密事项" in answers["closed=false&with_secret=true"] and "办完的事" in answers[""]
