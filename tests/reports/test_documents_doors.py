"""The doors of the papers: stored bytes of what was published, a marked draft, a watermark with the reader's name."""

import io
from datetime import date
from typing import Any

import docx
import openpyxl
import pytest
from django.test import Client

from parkportal import files
from parkportal.models import Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Project
from reports.documents import KINDS
from reports.models import Publication, Scorecard
from reports.periods import Period
from reports.publishing import scorecard_publish, scorecard_submit
from reports.services import scorecard_compile
from tests import factories as make
from tests.markup import read

pytestmark = pytest.mark.django_db


class Office:
    """A park with a signed project, one who hands in and one who publishes."""

    def __init__(self) -> None:
        self.park: Park = make.make_park(scorecards_from="2020-01", ledger_from="2020-01")
        self.one: User = make.make_user(Role.HEAD, park=self.park)
        self.other: User = make.make_user(Role.HEAD, park=self.park)
        self.indicator = make.make_indicator(code="projects_100m")
        self.project = make.make_project(park=self.park, name="智能制造项目")
        self.client = Client()
        self.client.force_login(self.one)

    def compiled(self, period: str) -> Scorecard:
        scorecard_compile(region=self.park.region, period=Period.parse(period))
        return Scorecard.objects.filter(park=self.park, period=period).order_by("-id")[0]

    def published(self, period: str) -> Publication:
        handed_in = scorecard_submit(by=Actor(self.one), scorecard=self.compiled(period))
        return scorecard_publish(by=Actor(self.other), scorecard=handed_in)

    def got(self, kind: str, period: str = "2020-09", revision: int = 1) -> Any:
        return self.client.get(f"/scorecards/{self.park.code}/{period}/documents/{kind}/?revision={revision}")


@pytest.fixture
def office() -> Office:
    return Office()


def body(answer: Any) -> bytes:
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content)


def test_what_was_published_is_handed_out_as_it_was_stored(office: Office) -> None:
    publication = office.published("2020-09")
    before = {kind: body(office.got(kind)) for kind in KINDS}
    Project.objects.update(name="改名项目", total_investment=9 * make.YI, signed_on=date(2020, 10, 2))
    office.compiled("2020-10")
    for document in publication.documents:
        assert body(office.got(document["kind"])) == before[document["kind"]] == files.read(document["stored_name"])
    book = openpyxl.load_workbook(io.BytesIO(before["annexes"]))
    assert book["附件2"]["B4"].value == "智能制造项目" and "定稿" in book["附件2"]["A1"].value
    assert book["附件1"]["F6"].value == 1


def test_the_next_month_compares_with_the_month_before(office: Office) -> None:
    office.published("2020-08")
    make.make_project(park=office.park, name="迟报项目", signed_on=date(2020, 8, 20))
    late = openpyxl.load_workbook(
        io.BytesIO(body(office.got("annexes", "2020-09", office.compiled("2020-09").revision)))
    )
    assert [late["附件4"].cell(4, n).value for n in (2, 3)] == ["补报", "迟报项目"]


def test_a_draft_says_so_and_follows_the_ledger(office: Office) -> None:
    office.compiled("2020-09")
    paper = docx.Document(io.BytesIO(body(office.got("circular"))))
    text = "\n".join(one.text for one in paper.paragraphs)
    assert "目标任务完成情况的通报（初稿）" in text and "年　月　日" in text
    assert "初稿" in office.got("text").content.decode()


def test_a_lost_file_is_a_sentence(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.published("2020-09")

    def gone(stored_name: str) -> bytes:
        raise FileNotFoundError(stored_name)

    monkeypatch.setattr(files, "read", gone)
    assert office.got("annexes").status_code == 404
    assert office.got("nothing").status_code == 404


def test_pages_for_phones_bear_the_name_of_their_reader(office: Office) -> None:
    office.compiled("2020-09")
    assert body(office.got("picture")).startswith(b"\x89PNG") and body(office.got("card")).startswith(b"%PDF")


def test_a_secret_project_stands_under_its_code_name_for_everybody(office: Office) -> None:
    Project.objects.update(confidentiality="secret", code_name="一号工程", problem="机密问题", owner=office.one)
    office.compiled("2020-09")
    for kind in ("annexes", "circular", "meeting"):
        data = body(office.got(kind))
        text = words_in(data, kind)
        assert "一号工程" in text and "智能制造项目" not in text and "机密问题" not in text


def words_in(data: bytes, kind: str) -> str:
    """All texts of a Word or Excel file."""
    if kind == "annexes":
        book = openpyxl.load_workbook(io.BytesIO(data))
        return "\n".join(str(cell.value) for sheet in book for row in sheet for cell in row)
    paper = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in paper.paragraphs), *cells])


@pytest.mark.parametrize("page", ["", "submit/", "documents/text/"])
def test_every_link_on_the_pages_of_a_scorecard_leads_somewhere(page: str, office: Office) -> None:
    office.compiled("2020-09")
    shown = read(office.client.get(f"/scorecards/{office.park.code}/2020-09/{page}").content.decode())
    places = {one.attributes["id"] for one in shown if "id" in one.attributes}
    links = [link.attributes.get("href", "") for link in shown.all("a")]
    assert len(links) > 5
    assert [link for link in links if not link or (link.startswith("#") and link[1:] not in places)] == []
