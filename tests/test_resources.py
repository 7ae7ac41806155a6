"""The same tests over a table of resources: list, detail, create and edit, on pages and in REST.

Each is tried as: works · anonymous · wrong role · another park's row · missing · bad input · wrong method.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from parkportal.models import Change
from tests.markup import Element, form_values, read
from tests.rest import API, RESOURCES
from tests.two_parks import World, built

pytestmark = pytest.mark.django_db
LOGIN, MISSING = "/accounts/login/", "missing-1"
SHARED = frozenset({"indicator", "chain", "group-start"})
"""Resources whose rows every reader sees: they belong to no park."""


@dataclass(frozen=True)
class Resource:
    """One resource: where its pages are, who writes, what is typed, what of it is wrong, and what an edit changes.

    In the values “@kind” is the code of the park's row of that kind.
    """

    name: str
    path: str
    shows: str
    writer: str = ""
    stranger: str = "leader_a"
    typed: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    change: dict[str, str] = field(default_factory=dict)
    detail: bool = True

    def __str__(self) -> str:
        return self.name


PAGES = (
    Resource(
        "project", "projects", "name", writer="clerk_a",
        typed={"name": "新项目", "investor_name": "新投资方", "total_investment": "32000"},
        wrong={"total_investment": "很多钱"}, change={"name": "改名项目"},
    ),
    Resource(
        "enterprise", "enterprises", "name", writer="clerk_a",
        typed={"name": "新企业"}, wrong={"settled_year": "20"}, change={"name": "改名企业"},
    ),
    Resource(
        "fund-arrival", "fund-arrivals", "project", writer="clerk_a", detail=False,
        typed={"project": "@project.verified", "received_on": "2020-06-15", "amount": "1000",
               "origin_tier": "out_of_province"},
        wrong={"amount": "3万亿吨"}, change={"amount": "1,200"},
    ),
    Resource(
        "engagement", "engagements", "title", writer="clerk_a",
        typed={"title": "来访洽谈", "mode": "inbound_visit", "held_on": "2020-04-21"},
        wrong={"held_on": "某一天"}, change={"title": "改过的洽谈"},
    ),
    Resource(
        "listing-step", "listing-steps", "enterprise", writer="clerk_a", detail=False,
        typed={"enterprise": "@enterprise", "board": "star", "step": "accepted", "happened_on": "2020-05-20"},
        wrong={"happened_on": "2020-13-01"}, change={"document": "改文号"},
    ),
    Resource(
        "target", "targets", "park", writer="statistician", stranger="head_a", detail=False,
        typed={"park": "@park", "indicator": "arrived_funds_domestic", "year": "2021", "level": "city", "annual": "3",
               "basis": "annual"},
        wrong={"annual": "十几个"}, change={"annual": "13"},
    ),
    Resource(
        "indicator", "indicators", "name", writer="statistician", stranger="head_a",
        typed={"code": "fresh", "name": "新指标", "role": "monitored", "source": "projects", "measure": "count",
               "basis": "signed_on", "window": "ytd", "display_unit": "个",
               "direction": "more", "definition": "口径。", "decimals": "0", "order": "100", "from_year": "2020",
               "amber_points": "10"},
        wrong={"decimals": "很多"}, change={"definition": "改过的口径。"},
    ),
    Resource("scorecard", "scorecards", "park"),
    Resource("chain", "chains", "name"),
    Resource("group-start", "group-starts", "name"),
)  # fmt: skip
WRITTEN = tuple(resource for resource in PAGES if resource.writer)
DETAILED = tuple(resource for resource in PAGES if resource.detail)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with built(django_db_blocker) as made:
        yield made


def detail_url(resource: Resource, row: Any) -> str:
    """The page of a row; scorecards are named by park and period."""
    if resource.name == "scorecard":
        return f"/scorecards/{row.park.code}/{row.period}/"
    return f"/{resource.path}/{row.code}/"


def edit_url(resource: Resource, row: Any) -> str:
    return f"/{resource.path}/{row.code}/edit/"


def row_of(world: World, resource: Resource, other: bool = False) -> Any:
    return (world.b if other else world.a).rows[resource.name]


def form_on(client: Client, url: str, field_name: str) -> dict[str, list[str]]:
    """The form of a page that has a certain field, as a browser would send it."""
    answer = client.get(url)
    assert answer.status_code == 200, url
    return form_values(form_with(read(answer.content), field_name))


def form_with(page: Element, field_name: str) -> Element:
    return next(form for form in page.all("form") if field_name in form_values(form))


def filled(world: World, resource: Resource, *more: dict[str, str]) -> dict[str, str]:
    """What somebody types, with codes in place of “@kind”."""
    typed = {key: value for part in more for key, value in part.items()}
    return {key: world.a.rows[value[1:]].code if value.startswith("@") else value for key, value in typed.items()}


def count(resource: Resource, world: World) -> int:
    return type(row_of(world, resource))._base_manager.count()


# Pages: lists


@pytest.mark.parametrize("resource", PAGES, ids=str)
def test_a_list_shows_what_its_reader_may_see(world: World, resource: Resource) -> None:
    own, other = (str(getattr(row_of(world, resource, b), resource.shows)) for b in (False, True))
    page = read(world.browser("leader_a").get(f"/{resource.path}/").content)
    text = page.one("main").text
    assert own in text
    if resource.name not in SHARED:
        assert other not in text
    assert len(page.all("h1")) == 1


@pytest.mark.parametrize("resource", PAGES, ids=str)
def test_a_list_asks_strangers_to_log_in_and_takes_no_other_method(world: World, resource: Resource) -> None:
    url = f"/{resource.path}/"
    answer = world.browser("anonymous").get(url)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{LOGIN}?next={url}")
    assert world.browser("admin").get(url).status_code == 403
    for method in ("post", "put", "patch", "delete"):
        assert getattr(world.browser("clerk_a"), method)(url).status_code == 405


# Pages: detail


@pytest.mark.parametrize("resource", DETAILED, ids=str)
def test_a_detail_is_shown_to_readers_and_hidden_from_others(world: World, resource: Resource) -> None:
    own, other = row_of(world, resource), row_of(world, resource, other=True)
    page = world.browser("leader_a").get(detail_url(resource, own))
    assert page.status_code == 200
    assert str(getattr(own, resource.shows)) in read(page.content).one("main").text
    assert world.browser("anonymous").get(detail_url(resource, own)).headers["Location"].startswith(LOGIN)
    assert world.browser("admin").get(detail_url(resource, own)).status_code == 403
    theirs = world.browser("leader_a").get(detail_url(resource, other)).status_code
    assert theirs == (200 if resource.name in SHARED else 404)
    assert world.browser("leader_a").get(f"/{resource.path}/{MISSING}/").status_code == 404
    assert world.browser("clerk_a").delete(detail_url(resource, own)).status_code == 405


@pytest.mark.parametrize("resource", DETAILED, ids=str)
def test_a_row_of_another_park_and_a_missing_one_answer_alike(world: World, resource: Resource) -> None:
    if resource.name in SHARED | {"scorecard"}:
        return
    other = row_of(world, resource, other=True).code
    pages = [world.browser("leader_a").get(f"/{resource.path}/{code}/").content for code in (other, MISSING)]
    assert read(pages[0]).one("main").text == read(pages[1]).one("main").text


# Pages: create


@pytest.mark.parametrize("resource", WRITTEN, ids=str)
def test_what_is_typed_makes_a_row_with_its_trace(world: World, resource: Resource) -> None:
    client, before = world.browser(resource.writer), count(resource, world)
    url = f"/{resource.path}/new/"
    typed = filled(world, resource, resource.typed)
    answer = client.post(url, form_on(client, url, next(iter(typed))) | typed)
    assert answer.status_code == 302, read(answer.content).one("main").text
    assert count(resource, world) == before + 1
    row = type(row_of(world, resource))._base_manager.latest("pk")
    change = Change.objects.get(object_type=row._meta.label, object_code=row.code)
    assert (change.user, change.door) == (world.users[resource.writer], Change.Door.PAGE)
    followed = client.get(answer.headers["Location"])
    assert followed.status_code == 200
    assert read(followed.content).all("div", "toast")


@pytest.mark.parametrize("resource", WRITTEN, ids=str)
def test_a_mistake_makes_no_row_and_loses_nothing(world: World, resource: Resource) -> None:
    client, before = world.browser(resource.writer), count(resource, world)
    url = f"/{resource.path}/new/"
    typed = filled(world, resource, resource.typed, resource.wrong)
    answer = client.post(url, form_on(client, url, next(iter(typed))) | typed)
    assert answer.status_code == 200
    assert count(resource, world) == before
    page = read(answer.content)
    kept = form_values(form_with(page, next(iter(typed))))
    assert {name: kept[name] for name in typed} == {name: [value] for name, value in typed.items()}
    summary = page.one(css="error-summary")
    links = [link.attributes["href"] for link in summary.all("a")]
    assert links
    assert page.one("title").text.startswith("有错误：")
    ids = {element.attributes["id"] for element in page if "id" in element.attributes}
    assert {link.removeprefix("#") for link in links} <= ids


@pytest.mark.parametrize("resource", WRITTEN, ids=str)
@pytest.mark.parametrize("action", ["new", "edit"])
def test_only_its_writers_get_the_form(world: World, resource: Resource, action: str) -> None:
    url = f"/{resource.path}/new/" if action == "new" else edit_url(resource, row_of(world, resource))
    before = count(resource, world)
    for method in ("get", "post"):
        assert getattr(world.browser("anonymous"), method)(url).headers["Location"].startswith(LOGIN)
        assert getattr(world.browser(resource.stranger), method)(url).status_code == 403
        assert getattr(world.browser("admin"), method)(url).status_code == 403
    assert world.browser(resource.writer).delete(url).status_code == 405
    assert world.browser(resource.writer).put(url).status_code == 405
    assert count(resource, world) == before


# Pages: edit


@pytest.mark.parametrize("resource", WRITTEN, ids=str)
def test_an_edit_changes_what_was_changed_and_moves_the_version(world: World, resource: Resource) -> None:
    client, row = world.browser(resource.writer), row_of(world, resource)
    url = edit_url(resource, row)
    form = form_on(client, url, next(iter(resource.change)))
    assert client.post(url, form | resource.change).status_code == 302
    after = type(row)._base_manager.get(pk=row.pk)
    assert after.version == row.version + 1
    shown = form_on(client, url, next(iter(resource.change)))
    assert {name: shown[name] for name in resource.change} == {name: [v] for name, v in resource.change.items()}
    assert client.post(url, form | resource.change).status_code == 409  # the form that was opened first


@pytest.mark.parametrize("resource", WRITTEN, ids=str)
def test_a_mistaken_edit_changes_nothing_and_loses_nothing(world: World, resource: Resource) -> None:
    client, row = world.browser(resource.writer), row_of(world, resource)
    url = edit_url(resource, row)
    first = next(iter(resource.wrong))
    if first not in form_on(client, url, "version"):
        pytest.skip("the field of the mistake is chosen once and not edited")
    answer = client.post(url, form_on(client, url, first) | resource.wrong)
    assert answer.status_code == 200
    assert type(row)._base_manager.get(pk=row.pk).version == row.version
    kept = form_values(form_with(read(answer.content), first))
    assert {name: kept[name] for name in resource.wrong} == {name: [value] for name, value in resource.wrong.items()}


@pytest.mark.parametrize("resource", WRITTEN, ids=str)
def test_rows_of_other_parks_and_missing_ones_cannot_be_edited(world: World, resource: Resource) -> None:
    other = row_of(world, resource, other=True)
    client = world.browser(resource.writer)
    assert client.get(f"/{resource.path}/{MISSING}/edit/").status_code == 404
    if resource.writer == "clerk_a":
        for method in ("get", "post"):
            assert getattr(client, method)(edit_url(resource, other)).status_code == 404
    assert type(other)._base_manager.get(pk=other.pk).version == other.version


# REST


KINDS = {
    "projects": "project",
    "enterprises": "enterprise",
    "fund-arrivals": "fund-arrival",
    "engagements": "engagement",
    "parks": "park",
    "chains": "chain",
    "group-start-entries": "group-start-entry",
    "listing-steps": "listing-step",
    "indicators": "indicator",
    "targets": "target",
    "scorecards": "scorecard",
}
"""Lists of REST and the kind of their rows."""
COMMON = {"chain", "indicator"}


def address(world: World, name: str, other: bool = False) -> str:
    row = (world.b if other else world.a).rows[KINDS[name]]
    return f"{API}{name}/{row.code}/"


def is_error(answer: Any, status: int) -> dict[str, Any]:
    """An answer that refuses, in the shape of the contract, with a sentence."""
    assert answer.status_code == status, answer.content.decode()
    error: dict[str, Any] = answer.json()
    assert set(error) == {"code", "message", "fields"}
    assert error["message"].endswith("。")
    return error


def test_every_list_of_rest_is_in_the_table() -> None:
    assert set(KINDS) == set(RESOURCES)


@pytest.mark.parametrize("name", KINDS)
def test_rest_lists_and_shows_the_rows_of_its_reader(world: World, name: str) -> None:
    program, own = world.program("leader_a"), world.a.rows[KINDS[name]]
    listed = program.get(f"{API}{name}/?page_size=1000").json()
    assert set(listed) == {"next", "previous", "results"}
    codes = {row["id"] for row in listed["results"]}
    assert own.code in codes
    if KINDS[name] not in COMMON:
        assert world.b.rows[KINDS[name]].code not in codes
    row = program.get(address(world, name))
    assert row.status_code == 200
    assert row.json()["id"] == own.code


@pytest.mark.parametrize("name", KINDS)
def test_rest_refuses_strangers_other_parks_missing_rows_and_wrong_methods(world: World, name: str) -> None:
    lists, own = f"{API}{name}/", address(world, name)
    for url in (lists, own):
        is_error(world.program("anonymous").get(url), 401)
        is_error(world.program("admin").get(url), 403)
        is_error(world.program("clerk_a").delete(url), 405)
        is_error(world.program("token").delete(url), 405)
    is_error(world.program("clerk_a").get(f"{lists}{MISSING}/"), 404)
    if KINDS[name] not in COMMON:
        is_error(world.program("clerk_a").get(address(world, name, other=True)), 404)


@pytest.mark.parametrize("name", KINDS)
def test_rest_explains_a_wrong_address_and_shows_no_rows(world: World, name: str) -> None:
    for query in ("bogus=1", "page_size=10000000", "ordering=nothing"):
        error = is_error(world.program("leader_a").get(f"{API}{name}/?{query}"), 400)
        assert list(error["fields"]) == [query.partition("=")[0]]
