"""Contacts: found by name, shown with a masked number, and in full only to those who may, who leave an entry."""

from typing import Any

import pytest

from enterprises.contacts import masked
from enterprises.models import Contact, Enterprise
from parkportal.models import Change, Park, User
from parkportal.roles import Role
from tests.factories import make_enterprise, make_park, make_project, make_user

pytestmark = pytest.mark.django_db
PHONE = "13800001234"


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def firm(park: Park) -> Enterprise:
    return make_enterprise(park=park, name="示例企业")


@pytest.fixture
def people(park: Park, firm: Enterprise) -> dict[str, User]:
    roles = {"clerk": Role.CLERK, "head": Role.HEAD, "leader": Role.LEADER, "owner": Role.CLERK, "author": Role.CLERK}
    found = {who: make_user(role, park=park) for who, role in roles.items()}
    make_project(park=park, investor=firm, owner=found["owner"])
    return found | {"foreign": make_user(Role.HEAD)}


def entered(client_as: Any, author: User, firm: Enterprise, **more: str) -> Any:
    form = {"enterprise": firm.code, "name": "张某", "post": "经理", "phone": PHONE}
    return client_as(author).post("/contacts/new/", form | more)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        (PHONE, "138****1234"),
        ("0734-8880000转801", "073****0000"),
        ("+86 138 0000 1234", "861****1234"),
        ("8880000", "****"),
        ("", ""),
    ],
)
def test_a_number_is_masked(phone: str, shown: str) -> None:
    assert masked(phone) == shown


def test_a_contact_is_entered_shown_masked_and_found_by_name_and_pinyin(
    people: dict[str, User], firm: Enterprise, client_as: Any
) -> None:
    assert entered(client_as, people["author"], firm).status_code == 302
    browser = client_as(people["clerk"])
    page = browser.get(f"/enterprises/{firm.code}/").content.decode()
    assert "张某" in page and "138****1234" in page and PHONE not in page
    for text, hits in (("张某", True), ("zhangmou", True), (PHONE, False), (PHONE[2:], False)):
        assert (firm.code in browser.get(f"/enterprises/?search={text}").content.decode()) == hits, text


@pytest.mark.parametrize(
    ("who", "status"),
    [("head", 200), ("owner", 200), ("author", 200), ("clerk", 403), ("leader", 403), ("foreign", 404)],
)
def test_the_whole_number_is_for_few_and_leaves_an_entry(
    people: dict[str, User], firm: Enterprise, client_as: Any, who: str, status: int
) -> None:
    entered(client_as, people["author"], firm)
    contact = Contact.objects.get()
    answer = client_as(people[who]).post(f"/contacts/{contact.code}/show/")
    assert answer.status_code == status and (PHONE in answer.content.decode()) == (status == 200)
    entries = Change.objects.filter(object_code=contact.code, diff__has_key="phone_shown")
    assert [entry.user for entry in entries] == [people[who]] * (status == 200)
    button = f"/contacts/{contact.code}/show/"
    page = client_as(people[who]).get(f"/enterprises/{firm.code}/").content.decode()
    assert (button in page) == (status == 200)


def test_the_form_does_not_show_the_number_and_keeps_it_where_nothing_is_typed(
    people: dict[str, User], firm: Enterprise, client_as: Any
) -> None:
    entered(client_as, people["author"], firm)
    contact = Contact.objects.get()
    browser, address = client_as(people["clerk"]), f"/contacts/{contact.code}/edit/"
    page = browser.get(address).content.decode()
    assert PHONE not in page and "现为138****1234" in page
    form = {"enterprise": firm.code, "name": "李某", "version": 1}
    assert browser.post(address, form | {"phone": ""}).status_code == 302
    contact.refresh_from_db()
    assert (contact.name, contact.phone) == ("李某", PHONE)
    assert browser.post(address, form | {"phone": "无", "version": 2}).status_code == 302
    contact.refresh_from_db()
    assert contact.phone == ""
    firm.refresh_from_db()
    assert "李某" in firm.search_text and "张某" not in firm.search_text


def test_who_was_second_sees_no_number_either(people: dict[str, User], firm: Enterprise, client_as: Any) -> None:
    entered(client_as, people["author"], firm)
    contact = Contact.objects.get()
    Contact.objects.update(version=5, phone="13911112222")
    form = {"enterprise": firm.code, "name": "张某", "phone": "13700009999", "version": 1}
    answer = client_as(people["clerk"]).post(f"/contacts/{contact.code}/edit/", form)
    page = answer.content.decode()
    assert answer.status_code == 409 and "139****2222" in page and "13911112222" not in page


@pytest.mark.parametrize("phone", ["abc", "138<b>", "1" * 40])
def test_what_is_no_number_is_refused(people: dict[str, User], firm: Enterprise, client_as: Any, phone: str) -> None:
    answer = entered(client_as, people["clerk"], firm, phone=phone)
    assert answer.status_code == 200 and not Contact.objects.exists()


def test_a_withdrawn_contact_is_shown_and_found_no_longer(
    people: dict[str, User], firm: Enterprise, client_as: Any
) -> None:
    entered(client_as, people["author"], firm)
    contact = Contact.objects.get()
    browser = client_as(people["clerk"])
    assert browser.post(f"/contacts/{contact.code}/withdraw/", {"version": 1}).status_code == 302
    assert "张某" not in browser.get(f"/enterprises/{firm.code}/").content.decode()
    assert browser.post(f"/contacts/{contact.code}/show/").status_code == 404
