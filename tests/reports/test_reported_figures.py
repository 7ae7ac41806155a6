"""部门反馈数: entered in the unit that people read, held beside the ledger's figure, changed by one at a time."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor
from parkportal.writing import Unreadable
from reports.changes import differences
from reports.models import Indicator, ReportedFigure, Scorecard, ScorecardLine
from reports.periods import Period
from reports.publishing import content_now
from reports.reported_figures import beside, figure_enter, figure_withdraw, read_reported, write_reported
from reports.services import scorecard_compile
from tests import factories as make

MONEY = {"measure": "sum", "measure_fields": "total_investment", "unit": "元", "display_unit": "亿元", "decimals": 1}


@pytest.mark.parametrize(
    ("unit", "typed", "stored", "shown"),
    [
        ("个", "17", (17, 1), "17"),
        ("亿元", "104.9", (10_490_000_000, 1), "104.9"),
        ("万美元", "3080", (30_800_000, 1), "3,080"),
        ("%", "94.44", (9444, 10_000), "94.44"),
        ("%", "17/18", (17, 18), "17/18"),
        ("天", "21.5", (215, 10), "21.5"),
    ],
)
def test_a_figure_is_typed_in_the_unit_that_is_read(unit: str, typed: str, stored: Any, shown: str) -> None:
    indicator = Indicator(code="x", unit=unit, display_unit=unit)
    assert read_reported(indicator, typed) == stored
    figure = ReportedFigure(indicator=indicator, numerator=stored[0], denominator=stored[1])
    assert write_reported(figure) == shown and read_reported(indicator, shown) == stored


@pytest.mark.parametrize(
    ("unit", "typed", "sentence"),
    [("个", "约17", "反馈数应是确数"), ("%", "17/0", "分母应大于0"), ("天", "很多", "不是一个")],
)
def test_what_cannot_be_read_is_said(unit: str, typed: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read_reported(Indicator(code="x", unit=unit, display_unit=unit), typed)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class Office:
    """A park of three counting projects, with those who may enter what the city confirmed."""

    def __init__(self) -> None:
        self.park: Park = make.make_park()
        self.head: User = make.make_user(Role.HEAD, park=self.park)
        self.count = make.make_indicator()
        self.money = make.make_indicator(**MONEY)
        for _n in range(3):
            make.make_project(park=self.park)
        self.compile()

    def compile(self) -> None:
        scorecard_compile(region=self.park.region, period=Period(2020, 9))

    def typed(self, **more: Any) -> dict[str, Any]:
        values = {"park": self.park.code, "indicator": self.count.code, "period": "2020-09", "numerator": "2"}
        return values | {"authority": "市商务局", "received_on": "2020-10-09", "proof": "商函〔2020〕7号"} | more

    @property
    def line(self) -> ScorecardLine:
        """The count of the draft."""
        return Scorecard.objects.get(park=self.park).lines.get(indicator=self.count)

    def address(self, step: str) -> str:
        return f"/reported-figures/{self.park.code}/2020-09/{self.count.code}/{step}/"


@pytest.fixture
def office(db: None) -> Office:
    return Office()


def test_a_figure_stands_beside_the_ledgers_with_the_difference(office: Office) -> None:
    client = browser(office.head)
    assert client.post("/reported-figures/new/", office.typed()).status_code == 302
    money = office.typed(indicator=office.money.code, numerator="6")
    assert client.post("/reported-figures/new/", money).status_code == 302
    told = {row.figure.indicator_id: row for row in client.get("/reported-figures/").context["rows"]}
    short, same = told[office.count.pk], told[office.money.pk]
    assert (short.reported, short.ledger, short.gap_text) == ("2", "3", "部门少1个")
    assert (same.reported, same.ledger, same.gap_text) == ("6.0", "6.0", "一致")
    assert client.get(short.url).context["object_list"].count() == 3
    assert client.get("/reported-figures/").context["differing"] == 1
    office.compile()
    assert office.line.reported == 2 and office.line.actual == 3
    change = Change.objects.get(object_type="reports.ReportedFigure", object_code__endswith=office.count.code)
    assert change.user == office.head and change.diff["numerator"] == [None, 2]


def test_a_figure_of_its_own_source_is_not_compared_with_itself(office: Office) -> None:
    own = make.make_indicator(source="reported", filter="", basis="", unit="个")
    make.make_reported_figure(park=office.park, indicator=own)
    office.compile()
    (row,) = beside(ReportedFigure.objects.select_related("park", "indicator"))
    assert (row.ledger, row.gap_text, row.url) == ("—", "—", "")


def test_wrong_input_is_said_and_stays(office: Office) -> None:
    client = browser(office.head)
    refusals = {
        "至少填一项": {"numerator": ""},
        "要写明通报的文号": {"rank": "2", "proof": ""},
        "月份应写成": {"period": "九月"},
        "年终核定照12月的反馈数算": {"period": "2020-final"},
        "不用这项指标": {"indicator": make.make_indicator(region=make.make_region()).code},
        "不是一个整数": {"numerator": "两个"},
        "请填写反馈单位": {"authority": " "},
        "收到日期写成": {"received_on": "十月"},
        "收到日期不能晚于今天": {"received_on": "2999-01-01"},
        "收到日期应在2000年以后": {"received_on": "0001-01-01"},
        "2099-01还没有到": {"period": "2099-01"},
        "通报位次从1开始": {"rank": "0"},
        "园区没有这个选项": {"park": make.make_park().code},
    }
    for sentence, typed in refusals.items():
        answer = client.post("/reported-figures/new/", office.typed(**typed))
        assert answer.status_code == 200 and sentence in answer.content.decode(), sentence
        assert answer.context["form"]["numerator"].value() == typed.get("numerator", "2")
    assert not ReportedFigure.objects.exists()
    client.post("/reported-figures/new/", office.typed())
    assert "已经登记过反馈数" in client.post("/reported-figures/new/", office.typed()).content.decode()
    assert ReportedFigure.objects.count() == 1


def test_two_people_do_not_overwrite_each_other(office: Office) -> None:
    client = browser(office.head)
    client.post("/reported-figures/new/", office.typed())
    form = office.typed(version="1", numerator="4")
    assert client.post(office.address("edit"), form).status_code == 302
    answer = client.post(office.address("edit"), office.typed(version="1", numerator="5"))
    assert answer.status_code == 409
    assert answer.context["conflict"] == [{"label": "1月起累计数", "now": "4个", "yours": "5个"}]
    assert client.post(office.address("edit"), answer.context["form"].data).status_code == 302
    assert ReportedFigure.objects.get().value == Fraction(5)


def test_a_withdrawn_figure_is_taken_up_again(office: Office) -> None:
    client = browser(office.head)
    client.post("/reported-figures/new/", office.typed())
    assert "撤回" in client.get(office.address("withdraw")).content.decode()
    client.post(office.address("withdraw"), {"version": "1"})
    office.compile()
    assert office.line.reported is None and client.get(office.address("edit")).status_code == 404
    assert client.post("/reported-figures/new/", office.typed(numerator="3")).status_code == 302
    figure = ReportedFigure.objects.get()
    assert figure.value == 3 and figure.deleted_at is None


def test_only_who_compiles_for_the_park_enters(office: Office) -> None:
    values = {"numerator": 1, "denominator": 1, "authority": "市商务局"}
    clerk, stranger = make.make_user(park=office.park), make.make_user(Role.HEAD)
    figure = make.make_reported_figure(park=office.park, indicator=office.count)
    for user in (clerk, stranger):
        with pytest.raises(PermissionDenied):
            figure_enter(by=Actor(user), park=office.park, indicator=office.money, period="2020-09", values=values)
        with pytest.raises(PermissionDenied):
            figure_withdraw(by=Actor(user), figure=figure, version=1)
    with pytest.raises(ValidationError, match="已经登记过"):
        figure_enter(by=Actor(office.head), park=office.park, indicator=office.count, period="2020-09", values=values)
    assert ReportedFigure.objects.filter(deleted_at__isnull=True).count() == 1


def test_the_list_is_chosen_by_park_and_words(office: Office) -> None:
    make.make_reported_figure(park=office.park, indicator=office.count, proof="商函七号")
    make.make_reported_figure(park=office.park, indicator=office.money, deleted_at=datetime.now(UTC))
    client: Client = browser(office.head)
    for query, shown in (("search=七号", 1), ("search=八号", 0), ("period=2020-08", 0), ("period=2020-09", 1)):
        assert len(client.get(f"/reported-figures/?{query}").context["rows"]) == shown, query


def test_a_small_difference_is_not_rounded_away(office: Office) -> None:
    """0.01亿元 beside 6.0 is no agreement, and rates differ by points."""
    rate = make.make_indicator(
        measure="ratio", source="", filter="", basis="", numerator=office.count, denominator=office.count, unit="%"
    )
    Indicator.objects.filter(pk=rate.pk).update(display_unit="%")
    office.compile()
    make.make_reported_figure(park=office.park, indicator=office.money, numerator=601_000_000)
    make.make_reported_figure(park=office.park, indicator=rate, numerator=9_550, denominator=10_000)
    told = beside(ReportedFigure.objects.select_related("park", "indicator").order_by("id"))
    assert [one.gap_text for one in told] == ["部门多0.01亿元", "部门少4.5个百分点"]


def test_the_closing_of_a_year_has_what_was_confirmed_for_december(office: Office) -> None:
    own = make.make_indicator(source="reported", filter="", basis="", unit="个")
    make.make_reported_figure(park=office.park, indicator=own, period="2020-12", numerator=7)
    make.make_reported_figure(park=office.park, indicator=office.count, period="2020-12", numerator=2)
    scorecard_compile(region=office.park.region, period=Period.closing_of(2020))
    lines = {line.indicator_id: line for line in Scorecard.objects.get(period="2020-final").lines.all()}
    assert (lines[own.pk].actual, lines[office.count.pk].reported) == (7, 2)


def test_a_correction_explains_what_was_confirmed_otherwise(office: Office) -> None:
    """Without it a figure that others confirm could not be put right once published, or would move unexplained."""
    own = make.make_indicator(source="reported", filter="", basis="", unit="个", name="使用外资企业数")
    for indicator in (own, office.count):
        make.make_reported_figure(park=office.park, indicator=indicator, numerator=7)
    contents = []
    for more in (0, 1):
        ReportedFigure.objects.update(numerator=7 + more)
        office.compile()
        contents.append(content_now(Scorecard.objects.select_related("park__region").get()))
    told = {one.key: (one.name, one.text) for one in differences(*contents)}
    assert told == {
        f"reported:{own.code}": ("使用外资企业数（部门反馈数）", "使用外资企业数+1个"),
        f"reported:{office.count.code}": (f"{office.count.name}（部门反馈数）", f"{office.count.name}不变"),
    }
    assert not differences(contents[0], {**contents[1], "period": "2020-10"}), "from month to month it grows by itself"


def test_a_nul_where_a_row_is_named_is_no_fault_of_ours(office: Office) -> None:
    """PostgreSQL refuses the character, which makes a bad request; SQLite finds nothing by it."""
    client = browser(office.head)
    for address in (
        "/reported-figures/new/?indicator=%00",
        "/reconciliations/new/?park=%00",
        "/matters/new/?project=%00",
        f"/projects/?park={office.park.code}&counted=2020-09-30&figure=%00",
    ):
        assert client.get(address).status_code in {200, 400, 404}, address
