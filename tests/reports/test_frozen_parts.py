"""The rows behind parts of a figure that is out: months, chains, stock, averages; what is shown is what is listed."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from django.test import Client

from parkportal.models import User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Recognition
from reports.filling.figures import lines_of, scorecard_of
from reports.indicators import indicator_update
from reports.models import Scorecard
from reports.periods import Period
from reports.publishing import scorecard_correct, scorecard_return
from reports.verification import verdicts
from tests import factories as make
from tests.markup import Element, read
from tests.reports.office import Office

pytestmark = pytest.mark.django_db
AsUser = Callable[[User], Client]
FIRMS = {"code": "firms", "measure": "distinct", "measure_fields": "company", "unit": "家", "display_unit": "家"}
DAYS: Mapping[str, Any] = {
    **{"code": "days", "measure": "avg_days", "measure_fields": "settle_started_on moved_in_on"},
    **{"basis": "moved_in_on", "unit": "天", "display_unit": "天", "direction": "less", "decimals": 1},
}
TEN_DAYS = {"settle_started_on": date(2020, 1, 1), "moved_in_on": date(2020, 1, 11)}


def found(client: Client, office: Office, period: str, code: str, query: str) -> Any:
    """What the page of frozen rows says of a part."""
    answer = client.get(f"/scorecards/{office.park.code}/{period}/{code}/?revision=1&{query}")
    assert answer.status_code == 200
    return answer.context["found"]


def points(client: Client, period: str) -> list[tuple[str, str]]:
    """The points of the overview's chart: what they say, and where they lead."""
    page = read(client.get(f"/?period={period}").content.decode())
    links = [link for link in page.all("a") if "月累计" in link.attributes.get("aria-label", "")]
    return [(link.attributes["aria-label"].partition("累计")[2], link.attributes["href"]) for link in links]


def recognised(office: Office, month: int, **fields: Any) -> None:
    """A project of January that the city recognised in another month."""
    office.park.region.recognition_level = "city"
    office.park.region.save()
    project = office.signed(1, **fields)
    said = {"level": "city", "recognised_on": date(2020, month, 5), "result": Recognition.Result.ACCEPTED}
    Recognition.objects.create(project=project, **said)


# The month's own


def test_a_month_of_late_rows_only_lists_none_and_says_what_came(office: Office, client_as: AsUser) -> None:
    office.signed(3)
    office.published("2020-03")
    office.signed(2)
    office.published("2020-04")
    own = found(client_as(office.one), office, "2020-04", "projects_100m", "month=own")
    assert (own.figure, own.listed, own.agrees, own.late) == ("0", "0", True, "+1个")


def test_a_month_in_which_a_row_went_says_so(office: Office, client_as: AsUser) -> None:
    gone = office.signed(3)
    office.published("2020-03")
    type(gone).objects.filter(pk=gone.pk).update(terminated_on=date(2020, 4, 5))
    office.published("2020-04")
    own = found(client_as(office.one), office, "2020-04", "projects_100m", "month=own")
    assert (own.listed, own.agrees, own.late) == ("0", True, "−1个")


def test_an_enterprise_comes_in_one_month_only(office: Office, client_as: AsUser) -> None:
    make.make_indicator(**FIRMS)
    house, other = make.make_enterprise(park=office.park), make.make_enterprise(park=office.park)
    for month, firm in ((3, house), (4, house), (4, other)):
        office.signed(month, company=firm)
    office.published("2020-04")
    own = found(client_as(office.one), office, "2020-04", "firms", "month=own")
    assert (own.figure, own.listed, own.agrees, len(own.rows), own.late) == ("1", "1", True, 1, "")


def test_an_average_of_a_month_is_of_the_rows_that_entered_it(office: Office, client_as: AsUser) -> None:
    make.make_indicator(**DAYS)
    recognised(office, 3, **TEN_DAYS)
    office.published("2020-03")
    client = client_as(office.one)
    own = found(client, office, "2020-03", "days", "month=own")
    assert (own.figure, own.listed, own.agrees) == ("10.0", "10.0", True)
    count = found(client, office, "2020-03", "projects_100m", "month=own")
    assert (count.listed, count.agrees, count.late) == ("0", True, "+1个")


def test_the_list_of_a_drafts_month_says_what_came_late(office: Office, client_as: AsUser) -> None:
    office.signed(3)
    office.published("2020-03")
    office.signed(2)
    office.draft("2020-04")
    client = client_as(office.one)
    page = read(client.get(f"/scorecards/{office.park.code}/2020-04/").content.decode())
    own = next(url for link in page.all("a") if "signed_on_after=2020-04" in (url := link.attributes.get("href", "")))
    said = client.get(own).content.decode()
    assert "列表合计0个，与成绩单一致" in said and "补报、核减、更正的+1个" in said


# Other parts


def test_what_does_not_divide_has_no_parts(office: Office, client_as: AsUser) -> None:
    one, other = make.make_chain(), make.make_chain()
    make.make_indicator(**FIRMS)
    make.make_indicator(**DAYS)
    house = make.make_enterprise(park=office.park)
    for month, chain in ((1, one), (2, other)):
        office.signed(month, chain=chain, company=house, **TEN_DAYS)
    office.published("2020-02")
    client, page = client_as(office.one), f"/scorecards/{office.park.code}/2020-02/"
    for part in ("days/?chain=x", "days/?until=2020-02", f"firms/?chain={one.code}&chain={other.code}"):
        assert client.get(page + part).status_code == 404
    assert found(client, office, "2020-02", "firms", f"chain={one.code}").agrees


def test_what_was_given_back_lists_the_same_part_of_the_ledger(office: Office, client_as: AsUser) -> None:
    chain = make.make_chain()
    office.signed(1, chain=chain)
    office.signed(2)
    card, client = office.submitted("2020-02"), client_as(office.one)
    page = f"/scorecards/{office.park.code}/2020-02/projects_100m/?revision=1"
    assert client.get(f"{page}&chain={chain.code}").context["found"].listed == "1"
    scorecard_return(by=Actor(office.other), scorecard=card, reason="再核")
    for part in (f"chain={chain.code}", "until=2020-01", "month=own"):
        answer = client.get(f"{page}&{part}", follow=True)
        assert [row.signed_on.month for row in answer.context["object_list"]] == [2 if part == "month=own" else 1]
        assert "列表合计1个，与成绩单一致" in answer.content.decode()


# The chart


def test_a_stock_begins_with_what_was_there(office: Office, client_as: AsUser) -> None:
    stock = make.make_indicator(code="stock", role="assessed", window="as_of", order=0)
    make.make_target(park=office.park, indicator=stock)
    make.make_project(park=office.park, signed_on=date(2018, 3, 3))
    office.signed(2)
    office.signed(4)
    office.published("2020-04")
    client = client_as(office.one)
    drawn = points(client, "2020-04")
    assert [text for text, _url in drawn] == ["1个", "2个", "2个", "3个"]
    for text, url in drawn:
        rows = client.get(url).context["found"]
        assert (f"{rows.listed}个", rows.agrees) == (text, True)


def test_points_are_as_inexact_as_their_rows(office: Office, client_as: AsUser) -> None:
    people = {"measure": "sum", "measure_fields": "expected_jobs", "unit": "人", "display_unit": "人"}
    make.make_indicator(code="expected_jobs", role="assessed", order=0, **people)
    office.signed(1, expected_jobs=1234, expected_jobs_qualifier="over")
    office.published("2020-02")
    client = client_as(office.one)
    for text, url in points(client, "2020-02"):
        assert (text, client.get(url).context["found"].listed) == ("1,200余人", "1,200余")


def test_an_average_is_not_drawn_by_month(office: Office, client_as: AsUser) -> None:
    make.make_indicator(role="assessed", order=0, **DAYS)
    type(office.count).objects.exclude(code="days").update(to_year=2019)
    office.signed(1, **TEN_DAYS)
    office.published("2020-02")
    assert points(client_as(office.one), "2020-02") == []


# What is out


def test_what_is_listed_no_more_stays_where_it_is_out(office: Office, client_as: AsUser) -> None:
    office.signed(1)
    office.published("2020-02")
    client = client_as(office.one)
    pages = ("/?period=2020-02", "/ranking/?period=2020-02", f"/scorecards/{office.park.code}/2020-02/")

    def told() -> list[list[str]]:
        shown: list[Element] = [read(client.get(url).content.decode()).one("main") for url in pages]
        return [re.findall(r"指标\d+项|" + re.escape(office.count.name), page.text) for page in shown]

    before = told()
    assert all(before)
    statistician = make.make_user(role=Role.STATISTICIAN, region=office.park.region)
    count = type(office.count).objects.get(pk=office.count.pk)
    indicator_update(by=Actor(statistician), indicator=count, version=count.version, values={"listed": False})
    assert told() == before
    assert office.count.name not in office.draft("2020-03").headline
    lines = office.draft("2020-03").lines.filter(listed=True)
    assert "projects_100m" not in lines.values_list("indicator__code", flat=True)
    assert [verdict.sentences for verdict in verdicts()] == [[]]
    Scorecard.objects.get(park=office.park, period="2020-02").lines.filter(indicator=count).update(listed=False)
    assert any("不符" in sentence for verdict in verdicts() for sentence in verdict.sentences)


def test_a_form_is_filled_from_what_is_out(office: Office) -> None:
    office.signed(1)
    first = office.published("2020-02")
    office.signed(1)
    scorecard_correct(by=Actor(office.one), publication=first)
    line = lines_of(scorecard_of(office.park, Period(2020, 2)))["projects_100m"]
    assert (line.scorecard.revision, line.actual) == (1, 1)


def test_from_frozen_rows_one_comes_back_to_their_revision(office: Office, client_as: AsUser) -> None:
    office.signed(1)
    office.published("2020-02")
    page = read(client_as(office.one).get(f"/scorecards/{office.park.code}/2020-02/projects_100m/").content.decode())
    back = {link.attributes["href"] for link in page.all("a") if link.text in {"返回成绩单", "2020年1—2月"}}
    assert back == {f"/scorecards/{office.park.code}/2020-02/?revision=1"}
