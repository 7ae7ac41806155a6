"""The description of REST: valid, without warnings, and true."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from parkportal.models import Park
from parkportal.roles import Role
from parkportal.trace import Actor, changes
from parkportal.wsgi import application
from projects.models import Project
from tests.factories import make_token, make_user
from tests.rest import API, RESOURCES, Rest

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_the_description_has_no_warnings(tmp_path: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))
    schema = yaml.safe_load((tmp_path / "schema.yaml").read_text())
    assert schema["openapi"].startswith("3.1")
    assert {path for path in schema["paths"] if path.count("/") == 4} == {f"{API}{name}/" for name in RESOURCES}


def test_every_field_of_an_answer_is_described(sample: Park) -> None:
    rest = Rest(make_user(Role.CITY, region=sample.region))
    components = json.loads(rest.get("schema/", format="json").content)["components"]["schemas"]
    for name, title in (("projects", "Project"), ("fund-arrivals", "FundArrival"), ("targets", "Target")):
        row = rest.json(f"{name}/", page_size=1)["results"][0]
        assert list(components[title]["properties"]) == list(row)


def test_odd_parameters_of_the_description_break_nothing(client_as: Any) -> None:
    client = client_as(make_user())
    for query in ({"lang": "xx"}, {"lang": "../x"}, {"version": "a\nb"}, {"version": "é"}):
        assert client.get(f"{API}schema/", query).status_code == 200
    assert client.get(f"{API}schema/", {"format": "pdf"}).status_code == 404


@pytest.mark.parametrize("path", ["schema/", "docs/"])
def test_the_description_is_for_those_who_are_logged_in_or_hold_a_token(client_as: Any, path: str) -> None:
    user = make_user()
    assert Client().get(API + path).status_code == 401
    assert client_as(user).get(API + path).status_code == 200
    assert Rest(user).get(path).status_code == 200
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert client_as(user).get(API + path, headers={"accept": browser}).status_code == 200


def test_the_page_loads_nothing_from_outside_and_no_inline_script(client_as: Any) -> None:
    page = client_as(make_user()).get(f"{API}docs/").content.decode()
    assert "://" not in page
    assert "<script>" not in page and "<style" not in page and " style=" not in page


CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@contextmanager
def in_this_transaction() -> Iterator[None]:
    """Requests do not close the connection of the test, as they would at their beginning and end."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def test_a_pull_with_a_tombstone_is_as_described(sample: Park) -> None:
    with changes(by=Actor(None)) as ledger:
        ledger.withdraw(Project.objects.filter(park=sample).order_by("code")[0])
    headers = Rest(make_user(park=sample)).headers | {"accept-encoding": "identity"}
    with in_this_transaction():
        _pull(headers)


def _pull(headers: dict[str, str]) -> None:
    """Pull four lists from their beginning."""
    schema = schemathesis.openapi.from_wsgi(f"{API}schema/?format=json", application, headers=headers)
    for name in ("projects", "fund-arrivals", "enterprises", "targets"):
        case = schema[f"{API}{name}/"]["GET"].Case(query={"updated_since": "0"})
        assert case.call_and_validate(headers=headers, checks=CHECKS).status_code == 200


@pytest.mark.parametrize(("role", "scope"), [(Role.CLERK, "write"), (Role.CITY, "read")])
def test_no_request_fails_or_differs_from_the_description(sample: Park, role: str, scope: str) -> None:
    call_command("compile_scorecards", period="2020-09", verbosity=0)
    rest = Rest(make_user(role, **({"park": sample} if role == Role.CLERK else {"region": sample.region})))
    known = {name: rest.ids(f"{name}/", page_size=1) for name in RESOURCES}
    secret = make_token(rest.token.user, scope=scope)[1]
    headers = {"authorization": f"Bearer {secret}", "accept-encoding": "identity"}
    with in_this_transaction():
        _try_all(headers, known)


def _try_all(headers: dict[str, str], known: dict[str, list[str]]) -> None:
    """Try every operation with made-up parameters, details also with an id that is known."""
    schema = schemathesis.openapi.from_wsgi(f"{API}schema/?format=json", application, headers=headers)
    tried = {"good": 0}

    def attempt(case: schemathesis.Case) -> None:
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        tried["good"] += answer.status_code in {200, 201}
        if "id" in case.path_parameters:
            case.path_parameters["id"] = known[case.path.split("/")[3]][0]
            case.call_and_validate(headers=headers, checks=CHECKS)

    options = {"max_examples": 8, "deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
    for operation in schema.get_all_operations():
        hypothesis(**options)(given(case=operation.ok().as_strategy())(attempt))()
    assert tried["good"] > 0
