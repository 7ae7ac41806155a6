"""Nobody reads or writes another park's rows: planted marks are looked for in every byte, and nothing crosses over."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import models
from django.forms import BaseForm
from django.test import Client

from parkportal.models import User
from parkportal.roles import Role
from projects.models import Project, ProjectShare
from tests.canaries import CODE, DOORS, GROUND, MARK, PLACE, bytes_of, content, links, plant, undone
from tests.factories import make_park, make_project, make_region, make_token, make_user
from tests.good_bodies import BUTTONS, FOREIGN, GOOD, ROWS
from tests.rest import API
from tests.routes import MISSING, Route, routes, values_of
from tests.two_parks import World, built

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("isolation")]
RANKED = ("/", "/ranking/", "/wall/")
"""Every reader sees the places of all parks of the region, with the names of the parks."""
OUTSIDERS = ("anonymous", "disabled", "clerk_a", "head_a", "leader_a", "elsewhere", "admin", "token")
INSIDERS = ("clerk_b", "statistician")
LISTS = [route for route in routes() if route.name.endswith("-list") and not route.parameters]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with built(django_db_blocker) as found:
        assert plant(found) > 80
        yield found


def client_of(world: World, who: str, path: str) -> Client:
    return (world.program if path.startswith("/api/") else world.browser)(who)


def row_kind(route: Route, world: World) -> str:
    """The kind of row that an address names; empty for none."""
    if route.address.startswith("/admin/"):
        return "admin." + "_".join([*route.address.split("/"), "", ""][2:4])
    name = route.name.removeprefix("api-").replace("group-start-entry-new", "group-start")
    return max((kind for kind in world.b.rows if name.startswith(kind)), key=len, default="")


def plain_addresses(world: World) -> Iterator[str]:
    """Every GET address of the walk: with rows of A, of B, and of nobody."""
    for route in routes():
        if "get" in route.methods:
            kind = row_kind(route, world)
            rows = [place.rows.get(kind, place.park) for place in (world.a, world.b)]
            known = [values_of(row) for row in rows] if route.parameters else [MISSING]
            yield from {route.url(values) for values in [*known, MISSING]}


def asking_addresses(world: World) -> Iterator[str]:
    """Lists that are asked for B's rows by every name that a filter could take, searched, and as files."""
    rows = world.b.rows
    asked = {
        **dict.fromkeys(("park", "parks"), world.b.park.code),
        **dict.fromkeys(("enterprise", "investor", "company"), rows["enterprise"].code),
        **{"project": rows["project.verified"].code, "owner": world.users["clerk_b"].username, "search": "Canary"},
        **{"q": "Canary", "chain": "electronics", "indicator": "projects_100m", "object_code": rows["project"].code},
    }
    for route in LISTS:
        for key, value in asked.items():
            yield f"{route.address}?{key}={value}"
        if route.address.startswith("/api/"):
            yield from (f"{route.address}?format={name}" for name in ("csv", "xlsx", "ndjson", "nonsense"))
            yield from (f"{route.address}?updated_since=0{more}" for more in ("", "&format=csv"))
            yield from (f"{route.address}?fields=nonsense", f"{route.address}?page_size=1")
        yield from (f"{route.address}?page=2", f"{route.address}?ordering=nonsense", f"{route.address}?nonsense=1")
    yield from (f"/?park={world.b.park.code}", "/ranking/?period=2020-09", f"{API}projects/summary/?search=Canary")
    for form in ("fund-arrivals", "engagements", "listing-steps", "targets"):
        named = {"project": rows["project"].code, "enterprise": rows["enterprise"].code, "park": world.b.park.code}
        yield f"/{form}/new/?{urlencode(named)}"


def leaks(world: World, who: str, addresses: Iterable[str]) -> list[str]:
    """Addresses whose answer to that caller holds a mark which the address itself does not hold."""
    wanted = {MARK} if who == "admin" else {MARK, GROUND, PLACE, CODE}
    found = []
    for address in addresses:
        said = bytes_of(client_of(world, who, address).get(address))
        known = {PLACE} if address.partition("?")[0] in RANKED else set()
        found += [f"{address}: {mark}" for mark in wanted - known if mark in said and mark not in address]
    return found


def of_interest(who: str, addresses: Iterable[str]) -> Iterator[str]:
    """A program calls REST; the people of park A, for whom it reads, call pages; others call everything."""
    for address in addresses:
        is_rest = address.startswith("/api/")
        if who not in {"clerk_a", "head_a", "leader_a", "token"} or is_rest == (who == "token"):
            yield address


@pytest.mark.parametrize("who", OUTSIDERS)
def test_no_byte_of_another_park_is_read(world: World, who: str) -> None:
    assert leaks(world, who, of_interest(who, plain_addresses(world))) == []


@pytest.mark.parametrize("who", ["clerk_a", "elsewhere", "admin", "token"])
def test_no_byte_of_another_park_is_asked_out(world: World, who: str) -> None:
    assert leaks(world, who, of_interest(who, asking_addresses(world))) == []


def test_people_of_the_park_do_find_the_marks(world: World) -> None:
    """Without this, the tests above would hold for a portal that shows nothing."""
    common = {
        "/notices/",
        "/wall/links/",
        "/filters/",
        "/reviews/",
        "/indicators/",
        "/chains/",
        "/targets/",
        f"{API}chains/",
        f"{API}indicators/",
    }
    lists = [route.address for route in LISTS if route.address not in common]
    files = [f"{address}?format={name}" for address in lists for name in ("csv", "xlsx", "ndjson") if API in address]
    marked = [*lists, *files, f"/projects/{world.b.rows['project'].code}/", "/projects/?search=Canary"]
    for who in INSIDERS:
        assert {leak.partition(":")[0] for leak in leaks(world, who, marked)} == set(marked)


def test_a_list_that_forgets_whose_rows_it_shows_is_found(world: World) -> None:
    with patch("projects.models.projects.ProjectQuerySet.visible_to", lambda rows, user: rows):
        assert leaks(world, "clerk_a", ["/projects/", f"{API}projects/", f"{API}projects/?format=xlsx"])


# Writing (A4, A5)

PERSONAL = {"login", "logout", "password_change", "healthz", "readyz"}
WRITERS = {
    route.name: route
    for route in routes()
    if "post" in route.methods and not route.address.startswith(("/admin/", "/api/", "/accounts/"))
}


def test_every_address_that_writes_is_tried() -> None:
    assert set(WRITERS) == (set(GOOD) | BUTTONS | PERSONAL | DOORS) - {"login", "logout", "password_change"}


def writer_of(name: str) -> str:
    return (
        "statistician"
        if name.partition("-")[0] in {"target", "goal", "assessment", "indicator", "scorecard", "region"}
        else "head_a"
    )


def url_of(world: World, name: str) -> str:
    kind = ROWS.get(name) or row_kind(WRITERS[name], world)
    return WRITERS[name].url(values_of(world.a.rows.get(kind, world.a.park)))


def form_of(world: World, name: str) -> BaseForm:
    return world.browser(writer_of(name)).get(url_of(world, name)).context["form"]


def good_body(world: World, name: str) -> dict[str, Any]:
    """A form of park A as it was shown, with what makes it good."""
    if name in BUTTONS | {"scorecard-headline"}:
        row = world.a.rows[ROWS.get(name) or row_kind(WRITERS[name], world)]
        return {"version": row.version, "park": world.a.park.code, "period": "2020-09"} | GOOD.get(name, {})
    form = form_of(world, name)
    shown = {bound.html_name: bound.value() for bound in form}
    typed = {key: code_for(world.a.rows, value) for key, value in GOOD[name].items()}
    more = {"version": form.initial["version"]} if "version" in form.initial else {}
    if name.startswith("project-") and "version" not in more:
        more["version"] = world.a.rows[ROWS.get(name, "project")].version
    return {key: value for key, value in (shown | more | typed).items() if value not in (None, [], False)}


def code_for(rows: dict[str, Any], value: Any) -> Any:
    return rows[value[1:]].code if isinstance(value, str) and value.startswith("@") else value


NAMED = {"project", "enterprise", "parent", "owner", "investor_name", "company_name", "park"}


def test_every_field_that_names_a_row_is_tried(world: World) -> None:
    fields = {(name, field) for name in GOOD for field in _fields(world, name) if field in NAMED}
    assert fields - {("target-new", "park")} <= {(name, field) for name, field, _kind in FOREIGN}


def _fields(world: World, name: str) -> list[str]:
    return [] if name == "scorecard-headline" else list(form_of(world, name).fields)


@pytest.mark.parametrize(("name", "field", "kind"), FOREIGN, ids=[f"{name} {field}" for name, field, _kind in FOREIGN])
def test_no_form_takes_another_parks_row(world: World, name: str, field: str, kind: str) -> None:
    row: Any = world.users["clerk_b"] if kind == "user" else world.b.rows[kind]
    key = row.username if kind == "user" else row.code
    texts = [key, str(row.pk), getattr(row, "name", ""), f"{row}（{key}）"]
    before, crossing = content(world.b.park), links(world)
    for text in texts:
        form = good_body(world, name) | {field: text, "kind": "expansion" if field == "parent" else "new"}
        with undone():
            answer = world.browser("head_a").post(url_of(world, name), form)
            may_be_own = (
                field.endswith("_name") or text.isdigit()
            )  # a name makes a row of one's own; “12” is in “企业12”
            assert may_be_own or answer.status_code == 200, text
            assert content(world.b.park) == before and links(world) == crossing
            assert MARK not in bytes_of(answer).replace(text, "")


def test_own_rows_are_taken(world: World) -> None:
    """Without this, the test above would hold for forms that take nothing."""
    for name in ("fund-arrival-new", "engagement-new", "listing-step-new", "group-start-entry-new"):
        with undone():
            assert world.browser("head_a").post(url_of(world, name), good_body(world, name)).status_code == 302, name


def test_a_statistician_sets_no_target_for_a_park_of_another_region(world: World) -> None:
    before = content()
    form = good_body(world, "target-new")
    answer = world.browser("elsewhere").post("/targets/new/", form)
    assert answer.status_code == 200 and content() == before
    assert world.browser("statistician").post("/targets/new/", form).status_code == 302


def hostile(model: type[models.Model], world: World) -> dict[str, Any]:
    """Every column of a model and twenty names that do not exist, each with what somebody might wish for."""
    wishes = {
        **{"park": world.b.park.code, "park_id": world.b.park.pk, "region": world.b.park.region_id, "verified": "true"},
        **{"review_state": "verified", "status": "terminated", "version": "", "deleted_at": "2020-01-01", "seq": "99"},
    }
    columns = {name: wishes.get(name, "1") for f in model._meta.concrete_fields for name in {f.name, f.attname}}
    invented = {f"invented_{n}": "1" for n in range(12)}
    invented |= dict.fromkeys(("is_staff", "is_superuser", "groups", "role", "score", "frozen", "__class__", "pk"), "1")
    return {key: value for key, value in (columns | invented).items() if value}


NEVER = {
    *("verified", "verified_by", "review_state", "submitted_by", "fortune_global_500", "recognition_level", "code"),
    *("seq", "created_by", "created_at", "updated_at", "deleted_at", "deleted_by", "sample_fields", "submission_key"),
}
"""Columns that no form may offer, whatever it says that it does."""


@pytest.mark.parametrize("name", sorted((set(GOOD) | BUTTONS) - {"project-stage"}))
def test_no_surplus_field_changes_anything(world: World, name: str) -> None:
    kind = ROWS.get(name) or row_kind(WRITERS[name], world)
    form, before = good_body(world, name), content()
    offered = set(form) if name in BUTTONS | {"scorecard-headline"} else set(form) | (set(_fields(world, name)) - NEVER)
    surplus = {k: v for k, v in hostile(type(world.a.rows[kind]), world).items() if k not in offered}
    results = []
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UTC), tick=False):
        for posted in (form, surplus | form):
            with undone():
                answer = world.browser(writer_of(name)).post(url_of(world, name), posted)
                assert answer.status_code == 302, getattr(answer.context.get("form"), "errors", "")
                results.append(content())
    assert results[1] == results[0]
    assert results[0] != before or name in {"project-submit", "scorecard-compile", "scorecard-compile-any"}


# What is taken away is taken at once (A7)


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(client_as: Any) -> None:
    user = make_user(Role.HEAD)
    browser = client_as(user)
    assert browser.get("/projects/new/").status_code == 200
    User.objects.filter(pk=user.pk).update(role=Role.LEADER)
    assert browser.get("/projects/new/").status_code == 403
    User.objects.filter(pk=user.pk).update(role=Role.ADMIN, park=None)
    assert browser.get("/projects/").status_code == 403


def test_another_park_is_seen_no_more_at_the_next_request(client_as: Any) -> None:
    user = make_user()
    project = make_project(park=user.park)
    browser = client_as(user)
    assert browser.get(f"/projects/{project.code}/").status_code == 200
    User.objects.filter(pk=user.pk).update(park=make_park())
    assert browser.get(f"/projects/{project.code}/").status_code == 404


def test_an_administrator_who_is_none_any_more_is_out_at_the_next_request(client_as: Any) -> None:
    user = make_user(Role.ADMIN)
    browser = client_as(user)
    assert browser.get("/admin/").status_code == 200
    User.objects.filter(pk=user.pk).update(role=Role.CITY, region=make_region())
    assert browser.get("/admin/").status_code == 403


def test_somebody_disabled_is_out_at_the_next_request(client_as: Any) -> None:
    user = make_user()
    browser, program = client_as(user), Client(headers={"authorization": f"Bearer {make_token(user)[1]}"})
    assert browser.get("/projects/").status_code == program.get(f"{API}projects/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert browser.get("/projects/")["Location"].startswith("/accounts/login/")
    assert program.get(f"{API}projects/").status_code == 401


NOT_OF_ONE = ("project-import", "project-bulk")
STEPS = sorted(
    n for n in WRITERS if n.startswith("project-") and WRITERS[n].parameters and not n.startswith(NOT_OF_ONE)
)
LOOKS_FIRST = {"project-undo", "project-change-recall"}
"""Steps that say first that there is nothing to take back."""


@pytest.mark.parametrize("name", STEPS)
def test_a_share_in_a_project_lets_read_it_and_not_change_it(world: World, name: str) -> None:
    project: Any = world.b.rows[ROWS.get(name, "project")]
    ProjectShare.objects.create(project=project, park=world.a.park, count_bp=0, amount_bp=0)
    head, before = world.browser("head_a"), content()
    if project.deleted_at is None:
        assert head.get(f"/projects/{project.code}/").status_code == 200
    form = {"version": project.version, "reason": "原因", "on": "2020-09-01", "name": "改名"}
    status = head.post(WRITERS[name].url(values_of(project)), form).status_code
    assert status == 403 or (status == 302 and name in LOOKS_FIRST)
    assert content() == before


def test_a_share_in_a_project_lets_read_its_money_and_not_change_it(world: World) -> None:
    arrival: Any = world.b.rows["fund-arrival"]
    ProjectShare.objects.create(project=arrival.project, park=world.a.park, count_bp=0, amount_bp=0)
    before = content()
    for name in ("fund-arrival-edit", "fund-arrival-verify", "fund-arrival-withdraw"):
        answer = world.browser("head_a").post(WRITERS[name].url(values_of(arrival)), {"version": arrival.version})
        assert answer.status_code in {403, 404}
    form = code_form(arrival.project.code)
    assert world.browser("head_a").post("/fund-arrivals/new/", form).status_code in {200, 403}
    assert content() == before


SECOND_GUARD = {
    **{f"{kind}-edit": kind for kind in ("enterprise", "engagement", "fund-arrival", "listing-step", "contact")},
    "group-start-entry-withdraw": "group-start-entry",
}


@pytest.mark.parametrize(("name", "kind"), SECOND_GUARD.items())
def test_a_row_that_somebody_reads_is_not_theirs_to_change(world: World, name: str, kind: str) -> None:
    """The second guard: if a row of another park ever came into sight, it still could not be changed."""
    row, before = world.b.rows[kind], content()
    rows = type(type(row)._default_manager.all())  # type: ignore[attr-defined]
    with patch.object(rows, "visible_to", lambda all_rows, user: all_rows):
        answer = world.browser("head_a").post(WRITERS[name].url(values_of(row)), {"version": 1})
    assert answer.status_code == 403 and content() == before


def code_form(project: str) -> dict[str, str]:
    """An arrival for a project by its code."""
    return {"project": project, "received_on": "2020-06-15", "amount": "1000", "origin_tier": "out_of_province"}


def test_a_share_that_ends_takes_the_project_out_of_sight(client_as: Any) -> None:
    user, owner = make_user(), make_park()
    project = make_project(park=owner, shares=[(owner, 5_000), (user.park, 5_000)])
    browser = client_as(user)
    assert browser.get(f"/projects/{project.code}/").status_code == 200
    Project.objects.get(pk=project.pk).shares.filter(park=user.park).delete()
    assert browser.get(f"/projects/{project.code}/").status_code == 404
