"""A published scorecard a year later: page, REST, members and papers still say what they said."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client

from enterprises.models import Chain, Enterprise
from parkportal.models import Park, User
from parkportal.trace import Actor
from projects.models import Project
from reports.models import Indicator, Publication, Scorecard, Signature, Target
from reports.periods import Period
from reports.publishing import scorecard_correct, scorecard_publish, scorecard_submit
from reports.services import scorecard_compile
from reports.verification import verdicts
from tests.factories import make_chain, make_enterprise, make_indicator, make_token
from tests.markup import Element, read
from tests.reports.office import Office

pytestmark = pytest.mark.django_db
SEPTEMBER = "/scorecards/baishazhou/2020-09/"
Login = Callable[[User], Client]


class Reader:
    """The leader's browser, which also carries a token for REST."""

    def __init__(self, login: Login) -> None:
        user = User.objects.get(username="leader")
        self.pages, self.rest = login(user), Client(headers={"Authorization": f"Bearer {make_token(user)[1]}"})

    def get(self, url: str, data: dict[str, str] | None = None) -> Any:
        return (self.rest if url.startswith("/api/") else self.pages).get(url, data)


def published(park: Park, period: str = "2020-09") -> Publication:
    one, other = (User.objects.get(username=name) for name in ("clerk", "reviewer"))
    scorecard_compile(region=park.region, period=Period.parse(period))
    card = Scorecard.objects.get(park=park, period=period)
    return scorecard_publish(by=Actor(other), scorecard=scorecard_submit(by=Actor(one), scorecard=card))


def everything(client: Reader, publication: Publication) -> dict[str, bytes]:
    """All that a reader gets of a publication, without the frame of a page and its tokens."""
    urls = [
        f"{SEPTEMBER}?revision=1",
        f"{SEPTEMBER}projects_100m/?revision=1",
        f"{SEPTEMBER}arrived_funds_domestic/?revision=1",
    ]
    urls += [
        f"/api/v1/scorecards/{publication.code}/",
        f"/api/v1/scorecards/{publication.code}/members/?indicator=expected_jobs",
    ]
    urls += [f"{SEPTEMBER}documents/{document['kind']}/?revision=1" for document in publication.documents]
    found = {}
    for url in urls:
        answer = client.get(url)
        assert answer.status_code == 200, url
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        body = (re.findall(rb"<main.*</main>", body, re.S) or [body])[0]
        found[url] = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"|hx-headers=\'[^\']*\'', b"", body)
    return found


def overturn(park: Park) -> None:
    """Everything that a scorecard rests on becomes another."""
    elsewhere = Park.objects.exclude(pk=park.pk)[0]
    listed = list(Project.objects.filter(park=park, signed_on__year=2020).order_by("pk"))
    for number, project in enumerate(listed):
        changes = [
            {"name": "改名后的项目", "total_investment": 1, "expected_jobs": 1, "stage": "lead"},
            {"park": elsewhere},
            {"signed_on": date(2019, 1, 1)},
            {"review_state": "returned", "problem": "改了"},
        ][number % 4]
        Project.objects.filter(pk=project.pk).update(**changes)
        if "park" in changes:
            project.shares.update(park=elsewhere)
    Target.objects.update(annual=99, document="另一份文件")
    Indicator.objects.update(
        name="另一个指标", definition="另一个口径", amber_points=50, decimals=3, filter="", listed=False
    )
    Chain.objects.update(name=Concat(Value("另一条"), "code"))
    Enterprise.objects.update(name=Concat(Value("另一家"), "code"))
    Park.objects.filter(pk=park.pk).update(name="另一个园区", sample_fields=[])


def test_what_was_published_stays_whatever_becomes_of_its_rows(sample: Park, client_as: Login) -> None:
    publication = published(sample)
    client = Reader(client_as)
    before = everything(client, publication)
    assert [document["kind"] for document in publication.documents], "papers were stored"
    overturn(sample)
    after = everything(client, publication)
    for url, body in before.items():
        assert after[url] == body, url
    assert [verdict.sentences for verdict in verdicts()] == [[]]


def opened(page: Element) -> list[tuple[str, str]]:
    """The figures of a page that open rows of the scorecard: (as written, the address); points say it in a label."""
    links = [
        (link, link.attributes["href"]) for link in page.all("a") if "revision=" in link.attributes.get("href", "")
    ]
    of_rows = [(link, url) for link, url in links if "/documents/" not in url and "/changes/" not in url]
    return [(link.text or link.attributes["aria-label"].partition("累计")[2], url) for link, url in of_rows]


def test_every_part_on_the_overview_opens_the_rows_that_were_frozen(sample: Park, client_as: Login) -> None:
    published(sample)
    client = Reader(client_as)
    page = read(client.get("/?period=2020-09").content.decode())
    links = opened(page)
    for part, least in {"chain=": 15, "stage=": 2, "until=": 9, "revision=1": 45}.items():
        assert sum(part in url for _text, url in links) >= least, part
    ledger = [link.attributes["href"] for link in page.all("a") if "figure=" in link.attributes.get("href", "")]
    assert ledger == [], "nothing of what is out follows the ledger"
    overturn(sample)
    for text, url in links:
        found = client.get(url).context["found"]
        assert found.agrees, url
        assert re.fullmatch(rf"{re.escape(found.figure)}\D*", text), (text, found.figure, url)


def test_parts_of_a_figure_are_told_by_their_own_rows(office: Office, client_as: Login) -> None:
    first, second = make_chain(name="甲链"), make_chain(name="乙链")
    house = make_enterprise(park=office.park)
    make_indicator(code="firms", measure="distinct", measure_fields="company", unit="家", display_unit="家")
    for month, chain in ((1, first), (2, first), (3, second), (4, None)):
        office.signed(month, chain=chain, company=house)
    office.published("2020-04")
    client = client_as(office.one)

    def told(code: str, query: str) -> tuple[str, str, bool, int]:
        page = client.get(f"/scorecards/{office.park.code}/2020-04/{code}/?revision=1&{query}")
        found = page.context["found"]
        assert f"：{found.part}</h1>" in page.content.decode()
        return found.part, found.listed, found.agrees, len(found.rows)

    assert told("projects_100m", f"chain={first.code}") == ("甲链", "2", True, 2)
    assert told("projects_100m", "chain=") == ("未分产业链", "1", True, 1)
    assert told("projects_100m", f"chain={first.code}&chain={second.code}") == ("甲链、乙链", "3", True, 3)
    assert told("projects_100m", "until=2020-02") == ("截至2020年2月", "2", True, 2)
    assert told("firms", "until=2020-02") == ("截至2020年2月", "1", True, 2)
    assert told("projects_100m", "stage=in_production") == ("投产", "0", True, 0)
    for wrong in ("until=", "until=2月", "until=2020-13"):
        answer = client.get(f"/scorecards/{office.park.code}/2020-04/projects_100m/?revision=1&{wrong}")
        assert answer.status_code == 404


def test_rest_says_where_a_scorecard_stands(sample: Park, client_as: Login) -> None:
    publication = published(sample)
    client = Reader(client_as)
    first = client.get(f"/api/v1/scorecards/{publication.code}/").json()
    assert (first["status"], first["revision"], first["published_at"] is None) == ("published", 1, False)
    line = first["lines"][0]
    members = client.get(line["members_url"]).json()["results"]
    assert len(members) == line["actual"] == 18
    Project.objects.filter(code=members[0]["code"]).update(total_investment=900_000_000)
    draft = scorecard_correct(by=Actor(User.objects.get(username="clerk")), publication=publication)
    scorecard_compile(region=sample.region, period=Period(2020, 9))
    draft = scorecard_submit(
        by=Actor(User.objects.get(username="clerk")), scorecard=draft, reasons={members[0]["code"]: "金额有误"}
    )
    scorecard_publish(by=Actor(User.objects.get(username="reviewer")), scorecard=draft)
    assert client.get(f"/api/v1/scorecards/{publication.code}/").json()["status"] == "superseded"
    for status, codes in {"superseded": [publication.code], "published": [f"{publication.code}-r2"]}.items():
        answer = client.get("/api/v1/scorecards/", {"status": status, "park": "baishazhou"}).json()["results"]
        assert [one["code"] for one in answer] == codes


def test_the_buttons_lead_from_a_draft_to_a_publication_and_on(sample: Park, client_as: Login) -> None:
    clerk, reviewer = (client_as(User.objects.get(username=name)) for name in ("clerk", "reviewer"))
    scorecard_compile(region=sample.region, period=Period(2020, 9))
    assert "送审" in clerk.get(SEPTEMBER).content.decode()
    clerk.post(f"{SEPTEMBER}submit/")
    assert "定稿</button>" not in clerk.get(SEPTEMBER).content.decode()
    assert "定稿</button>" in reviewer.get(SEPTEMBER).content.decode()
    reviewer.post(f"{SEPTEMBER}publish/")
    page = reviewer.get(SEPTEMBER).content.decode()
    assert "数字已固定" in page and "更正</button>" in page
    assert "签字记录</a>" in page and 'value="issued"' in reviewer.get(f"{SEPTEMBER}sign/").content.decode()
    signed = {"part": "issued", "signer": "园区主要负责人", "signed_on": "2020.10.9"}
    exe = SimpleUploadedFile("签字页.pdf", b"MZ\x90\x00")
    wrong = [{"signed_on": "昨天"}, {"signed_on": "2098-01-01"}, {"part": "x"}, {"signer": ""}, {"scan": exe}]
    for one, named in zip(
        wrong, ("签字日期", "签字日期不能晚于今天", "环节", "请填写签字人", "签字页.pdf"), strict=True
    ):
        refused = reviewer.post(f"{SEPTEMBER}sign/", signed | one).content.decode()
        assert named in refused and ("园区主要负责人" in refused or "signer" in one), "what was typed stays"
    assert not Signature.objects.exists()
    assert "签发：园区主要负责人 2020-10-09" in reviewer.post(f"{SEPTEMBER}sign/", signed, follow=True).content.decode()
    clerk.post(f"{SEPTEMBER}correct/")
    Project.objects.filter(code="baishazhou-2020-001").update(total_investment=900_000_000)
    page = clerk.get(f"{SEPTEMBER}submit/").content.decode()
    assert "reason_baishazhou-2020-001" in page
    refused = clerk.post(f"{SEPTEMBER}submit/", {"reason_baishazhou-2020-001": ""})
    assert refused.status_code == 400 and "请写明每项变动的原因" in refused.content.decode()
    clerk.post(f"{SEPTEMBER}submit/", {"reason_baishazhou-2020-001": "原登记金额有误"})
    reviewer.post(f"{SEPTEMBER}publish/")
    page = reviewer.get(f"{SEPTEMBER}changes/").content.decode()
    assert "原登记金额有误" in page and "更正" in page and "第1版" in page
    assert Publication.objects.count() == 2
