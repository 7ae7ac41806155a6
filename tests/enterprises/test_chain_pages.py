"""The pages of chains: who leads them, which nodes they have, and how many projects."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from parkportal.models import User
from parkportal.roles import Role
from tests.factories import make_chain, make_chain_node, make_project, make_user

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]


def test_a_chain_shows_its_people_and_the_reader_s_projects(client_as: As) -> None:
    clerk = make_user()
    chain = make_chain(chief="园区主要负责人", leading_enterprise="链主企业甲")
    make_chain_node(chain=chain, name="缺的环节", state="missing")
    make_project(park=clerk.park, chain=chain)
    make_project(chain=chain)
    client = client_as(clerk)
    answer = client.get(reverse("chain-list"))
    page = answer.content.decode()
    for words in ("园区主要负责人", "链主企业甲", "缺的环节", f"?chain={chain.code}"):
        assert words in page
    opened = client.get(reverse("project-list"), {"chain": chain.code}).context["page_obj"].paginator.count
    assert answer.context["object_list"][0].projects == opened == 1


def test_nodes_lie_upstream_midstream_and_downstream(client_as: As) -> None:
    chain = make_chain()
    nodes = [make_chain_node(chain=chain, tier=tier) for tier in (1, 2, 3, 7)]
    clerk = make_user()
    make_project(park=clerk.park, chain=chain, chain_node=nodes[1])
    answer = client_as(clerk).get(reverse("chain-detail", args=[chain.code]))
    assert [(str(label), found) for label, found in answer.context["tiers"]] == [
        ("上游", [nodes[0]]),
        ("中游", [nodes[1]]),
        ("下游", [nodes[2], nodes[3]]),
    ]
    assert answer.context["tiers"][1][1][0].projects == 1


@pytest.mark.parametrize("role", Role.values)
def test_every_reader_sees_chains(role: str, client_as: As) -> None:
    chain, client = make_chain(), client_as(make_user(role))
    expected = 403 if role == Role.ADMIN else 200
    assert client.get(reverse("chain-list")).status_code == expected
    assert client.get(reverse("chain-detail", args=[chain.code])).status_code == expected
    assert client.post(reverse("chain-list")).status_code == (403 if role == Role.ADMIN else 405)


def test_missing_and_anonymous(client: Client, client_as: As) -> None:
    assert client.get(reverse("chain-list")).status_code == 302
    assert client_as(make_user()).get(reverse("chain-detail", args=["nothing"])).status_code == 404
