"""The table of chains: its columns add up to the figures, and say the same on page, overview, papers and walls."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from django.test import Client

from parkportal.models import Park, User
from parkportal.roles import Role
from projects.models import Project
from reports.chains import by_chain
from reports.documents import wording
from reports.documents.annexes import annexes_of
from reports.documents.paper import Paper
from reports.models import Indicator, Scorecard
from reports.periods import Period
from reports.publishing import content_now
from reports.services import scorecard_compile
from tests.factories import YI, make_chain, make_indicator, make_park, make_project, make_region, make_user

pytestmark = pytest.mark.django_db
AsUser = Callable[[User], Client]
MONEY = {"measure": Indicator.Measure.SUM, "measure_fields": "total_investment"}
IN_YI = {"unit": "元", "display_unit": "亿元", "decimals": 1}


@pytest.fixture
def park() -> Park:
    """A park of a city that counts every signed project, and the money only of those of 1亿元 and more."""
    park = make_park(code="own", region=make_region(name="某市"))
    signed = "category=industry&contract_type=formal&kind=new"
    make_indicator(code="projects_100m", name="签约数", filter=signed, role=Indicator.Role.ASSESSED, order=1)
    make_indicator(code="signed_investment", name="签约总投资", **MONEY, **IN_YI, order=2)
    big, small = (make_chain(code=code, name=name, region=park.region) for code, name in (("a", "甲链"), ("b", "乙链")))
    make_project(park=park, chain=big)
    make_project(park=park, chain=big, total_investment=3 * YI)
    for _number in range(3):
        make_project(park=park, chain=small, total_investment=YI // 5)
    return park


def compiled(park: Park) -> Scorecard:
    scorecard_compile(region=park.region, period=Period(2020, 9))
    return Scorecard.objects.current().get(park=park)


def paper_of(card: Scorecard) -> Paper:
    return Paper(content_now(card), date(2020, 10, 8), card.stage_name)


def shown(client: Client) -> tuple[list[list[str]], list[str]]:
    """The rows and the last line of the table on the scorecard's page."""
    chains = client.get("/scorecards/own/2020-09/").context["chains"]
    return [[row["name"], *row["cells"]] for row in chains["rows"]], ["合计", *chains["whole"]]


def told(rows: Mapping[str, Any]) -> list[list[str]]:
    """The rows of the overview."""
    return [[row["name"], *(cell["text"] for cell in row["cells"])] for row in rows["rows"]]


def test_a_chain_without_counted_money_keeps_its_line_so_that_the_numbers_add_up(park: Park, client_as: AsUser) -> None:
    card, leader = compiled(park), client_as(make_user(Role.LEADER, park=park))
    rows, whole = shown(leader)
    assert rows == [["甲链", "2", "5.0", "100.0", "—"], ["乙链", "3", "0.0", "0.0", "—"]]
    assert whole == ["合计", "5", "5.0", "100.0", "—"]
    assert sum(row.amount("projects_100m") for row in by_chain(_lines(card))) == 5
    overview = leader.get("/?park=own&period=2020-09").context["chains"]
    assert told(overview) == [[name, count, money, made] for name, count, money, _share, made in rows]
    assert overview["totals"] == ["5", "5.0", "—"]
    paper = paper_of(card)
    *_others, annex = annexes_of(paper)
    assert [line.cells[1:6] for line in annex.lines] == [*rows, whole]
    assert wording.chains(paper) == ["甲链2个，总投资5.0亿元，占100.0%；乙链3个，总投资0.0亿元，占比不足0.1%。"]


def test_a_city_that_does_not_count_money_has_its_chains_by_number(park: Park, client_as: AsUser) -> None:
    Indicator.objects.filter(code="signed_investment").delete()
    card = compiled(park)
    rows, whole = shown(client_as(make_user(Role.LEADER, park=park)))
    assert rows == [["乙链", "3", "—", "—", "—"], ["甲链", "2", "—", "—", "—"]]
    assert whole == ["合计", "5", "—", "—", "—"]
    assert wording.chains(paper_of(card)) == ["乙链3个；甲链2个。"]


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("internal", [("甲链", "5.0", "2个"), ("乙链", "0.0", "3个")]),
        ("secret", [("乙链", "3", ""), ("甲链", "2", "")]),
    ],
)
def test_visitors_read_no_money_of_chains_where_a_project_is_secret(
    level: str, said: list[tuple[str, str, str]], park: Park, client_as: AsUser
) -> None:
    """It may be alone in its chain, and the others would leave its money over."""
    Project.objects.filter(total_investment=2 * YI).update(confidentiality=level)
    compiled(park)
    head = client_as(make_user(Role.HEAD, park=park))
    answer = head.get("/wall/?edition=reception")
    assert [(row["name"], row["text"], row["note"]) for row in answer.context["chains"]["rows"]] == said
    assert ("签约项目总投资，亿元" in answer.content.decode()) is (level == "internal")
    working = head.get("/wall/?edition=working").context["chains"]["rows"]
    assert [row["text"] for row in working] == ["5.0", "0.0"]


def _lines(card: Scorecard) -> dict[str, Any]:
    return {line.indicator.code: line for line in card.lines.select_related("indicator")}
