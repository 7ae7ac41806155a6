"""What a scorecard's buttons refuse in words, what its closing adds and strikes, and what the change table says."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.test import Client

from parkportal.models import User
from parkportal.trace import Actor
from projects.models import Project
from reports import publishing
from reports.changes import differences
from reports.documents.annexes import annexes_of
from reports.documents.paper import Paper
from reports.models import Indicator, Scorecard
from reports.publishing import balances_of, content_now, headline_set
from tests import factories as make
from tests.factories import YI
from tests.reports.office import Office

pytestmark = pytest.mark.django_db
AsUser = Callable[[User], Client]


def said(answer: Any) -> str:
    return str(list(get_messages(answer.wsgi_request))[-1])


def test_a_headline_is_typed_on_drafts_only(office: Office, client_as: AsUser) -> None:
    publication = office.published("2020-03")
    client, address = client_as(office.one), f"/scorecards/{office.park.code}/2020-03/headline/"
    with pytest.raises(ValidationError):
        headline_set(by=Actor(office.one), scorecard=publication.scorecard, headline="改过")
    assert "已定稿的先更正" in said(client.post(address, {"headline": "改过"}))
    assert Scorecard.objects.get(park=office.park).headline == publication.data["headline"] == ""
    draft = publishing.scorecard_correct(by=Actor(office.one), publication=publication)
    assert said(client.post(address, {"headline": "更正稿的标题语"})) == "标题语已保存。"
    draft.refresh_from_db()
    assert draft.headline == "更正稿的标题语", "the correction is meant, not what it corrects"


def test_a_button_pressed_twice_is_answered_in_words(office: Office, client_as: AsUser) -> None:
    publication = office.published("2020-03")
    base, client = f"/scorecards/{office.park.code}/2020-03", client_as(office.other)
    for method in (client.get, client.post):
        answer = method(f"{base}/submit/")
        assert (answer.status_code, said(answer)) == (302, "这一期已经是定稿，不用再送审。")
    answer = client.post(f"{base}/publish/")
    assert (answer.status_code, "只有送审稿可以定稿" in said(answer)) == (302, True)
    assert publication.scorecard.park.publication_set.count() == 1
    stranger = client_as(make.make_user(role="head"))
    assert stranger.post(f"{base}/publish/").status_code == 404


def test_a_closing_says_what_was_added_and_struck(office: Office, client_as: AsUser) -> None:
    gone, grown = office.signed(5), office.signed(6)
    office.published("2020-12")
    office.signed(12, name="年末补报", total_investment=3 * YI)
    Project.objects.filter(pk=gone.pk).update(terminated_on=date(2020, 12, 31))
    Project.objects.filter(pk=grown.pk).update(total_investment=2 * YI + 3_000_000)
    draft = office.draft("2020-final")
    count, total = balances_of(draft, content_now(draft))
    assert (count.declared, count.added, count.struck, count.settled) == ("2", "1", "1", "2")
    assert (total.declared, total.added, total.struck, total.settled) == ("4", "3", "2", "5")
    closing = office.published("2020-final")
    page = client_as(office.one).get(f"/scorecards/{office.park.code}/2020-final/changes/").content.decode()
    assert all(word in page for word in ("自报数", "核增", "核减", "核定数", "报送较晚"))
    assert balances_of(closing.scorecard, closing.data)[0].reasons == "报送较晚"
    december = Scorecard.objects.get(period="2020-12", park=office.park)
    assert balances_of(december, december.publication.data) == []
    settled = balances_of(closing.scorecard, closing.data)
    results, *_others, changes, _chains = annexes_of(
        Paper(closing.data, date(2021, 1, 20), "定稿", december.publication.data, settled)
    )
    assert "核增减" in {column.title for column in results.columns}
    assert [count.indicator.name, "个", "自报数2，核增1，核减1，核定数2", "报送较晚"] in [
        line.cells[2:] for line in changes.lines
    ]
    sheet = client_as(office.one).get(f"/scorecards/{office.park.code}/2020-final/").content.decode()
    assert ">核增减</th>" in sheet and "/2020-final/changes/?revision=1" in sheet and "month=own" not in sheet


def test_the_change_table_names_what_moves_and_nothing_else(office: Office) -> None:
    moved, grown = office.signed(3), office.signed(3)
    march = office.published("2020-03")
    Project.objects.filter(pk=moved.pk).update(signed_on=date(2020, 4, 2))
    Project.objects.filter(pk=grown.pk).update(total_investment=2 * YI + 3_000_000)
    april = content_now(office.draft("2020-04"))
    told = {one.code: one.text for one in differences(march.data, april)}
    assert told[moved.code].endswith("不变；计入3月→4月")
    assert told[grown.code] == f"{office.sum.name}+0.03亿元", "what prints as 0 is written out, what stays is left out"


def test_a_months_rows_tell_what_else_is_in_the_month(office: Office, client_as: AsUser) -> None:
    office.signed(3)
    office.published("2020-03")
    office.signed(4)
    office.signed(2, name="补报")
    office.published("2020-04")
    address = f"/scorecards/{office.park.code}/2020-04/projects_100m/?month=own"
    page = client_as(office.one).get(address).content.decode()
    assert "本月发生的合计1个" in page and "补报、核减、更正的+1个" in page


def test_a_rate_prints_its_definition_and_batch(office: Office, client_as: AsUser) -> None:
    batch = {"window": "as_of", "cohort_date": "signed_on", "cohort_years": 1, "listed": False}
    started = make.make_indicator(code="x_started", basis="started_on", **batch)
    ratio: dict[str, Any] = {"source": "", "filter": "", "basis": "", "unit": "%", "display_unit": "%"}
    rate: Indicator = make.make_indicator(
        code="x_rate", measure="ratio", definition="开工的占签约的比重。",
        numerator=started, denominator=office.count, **ratio,
    )  # fmt: skip
    office.signed(3, started_on=date(2020, 3, 20))
    office.draft("2020-03")
    client, address = client_as(office.one), f"/scorecards/{office.park.code}/2020-03/"
    draft = client.get(address).context["rates"]
    frozen = office.published("2020-03").data
    Indicator.objects.filter(pk=rate.pk).update(definition="改过。")
    assert client.get(address).context["rates"] == draft, "a publication says what it said"
    ((name, definition, days),) = draft
    assert (name, definition) == (rate.name, "开工的占签约的比重。")
    assert "2020年1月1日至2020年3月31日的一批" in days and days.endswith("数据截至2020年3月31日。")
    assert f"{name}：{definition}{days}" in Paper(frozen, date(2020, 4, 10), "定稿").notes
