"""The same figure in the split of a target, in a superior's form, in a comparison of lists and among 未破零单位."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from parkportal.models import User
from parkportal.trace import Actor
from projects.models import Project, ProjectShare
from reports.filling.fields import Written
from reports.filling.figures import write_figure
from reports.models import Indicator, Publication, Reconciliation, Scorecard
from reports.periods import Period
from reports.publishing import scorecard_correct, scorecard_return
from reports.reconciliation.matching import Theirs
from reports.reconciliation.services import reconcile
from reports.rows import Row, row_of
from tests import factories as make
from tests.factories import YI
from tests.markup import read
from tests.reports.office import Office

pytestmark = pytest.mark.django_db
AsUser = Callable[[User], Client]
JOBS = {"measure": "sum", "measure_fields": "expected_jobs", "unit": "人", "display_unit": "人"}
DOLLARS = {
    **{"source": "fund_arrivals", "filter": "", "measure": "sum", "measure_fields": "amount_usd"},
    **{"basis": "received_on", "unit": "美元", "display_unit": "万美元"},
}
FEBRUARY = Period(2020, 2)


def row(card: Scorecard, code: str) -> Row:
    """A line as the scorecard writes it."""
    return row_of(card.lines.get(indicator__code=code), card.park, Period.parse(card.period))


def cell(card: Scorecard, code: str, value: str = "actual", unit: str = "") -> Written:
    """The same as a superior's form holds it."""
    return write_figure(card.lines.get(indicator__code=code), value, unit, as_ratio=False)


# The split of a target


@pytest.mark.parametrize("months", [5, 20, 0])
def test_a_split_is_fulfilled_as_the_target_is(office: Office, client_as: AsUser, months: int) -> None:
    chain = make.make_chain(region=office.park.region)
    few = make.make_indicator(code="few", role="assessed", direction="less")
    target = make.make_target(park=office.park, indicator=few, annual=10)
    make.make_target_part(target=target, kind="chain", name="", chain=chain, amount=10)
    for number in range(months):
        office.signed(number % 9 + 1, chain=chain)
    told = row(office.draft("2020-09"), "few")
    (share,) = client_as(office.one).get(f"/targets/{target.code}/").context["shares"]
    assert share.completion == told.completion == {5: "200.0%", 20: "50.0%", 0: "—"}[months]


@pytest.mark.parametrize(("qualifier", "text"), [("over", "1,200余人"), ("about", "约1,200人"), ("exact", "1,234人")])
def test_a_split_is_as_inexact_as_its_rows(office: Office, client_as: AsUser, qualifier: str, text: str) -> None:
    chain = make.make_chain(region=office.park.region)
    jobs = make.make_indicator(code="jobs", role="assessed", **JOBS)
    target = make.make_target(park=office.park, indicator=jobs, annual=5000)
    make.make_target_part(target=target, kind="chain", name="", chain=chain, amount=5000)
    office.signed(1, chain=chain, expected_jobs=1234, expected_jobs_qualifier=qualifier)
    told = row(office.draft("2020-09"), "jobs")
    (share,) = client_as(office.one).get(f"/targets/{target.code}/").context["shares"]
    assert share.actual == text == f"{told.actual}人"


# A superior's form


def test_a_forms_month_is_as_inexact_as_the_sheets(office: Office) -> None:
    make.make_indicator(code="jobs", **JOBS)
    office.signed(1, expected_jobs=1234, expected_jobs_qualifier="over")
    office.signed(2, expected_jobs=111)
    for period, value, words in (("2020-01", "1,200余", "1,200余人"), ("2020-02", 111, "111人")):
        card = office.draft(period)
        found = cell(card, "jobs", "month")
        assert (found.value, found.words) == (value, words)
        assert found.words == f"{row(card, 'jobs').month}人"


@pytest.mark.parametrize("decimals", [0, 1, 2])
@pytest.mark.parametrize("yuan", [104_900_000_000, 1_550_000_000, 150_000_000, 123_456_789, 300_000_000])
def test_a_form_rounds_money_as_the_sheet_does(office: Office, yuan: int, decimals: int) -> None:
    Indicator.objects.filter(pk=office.sum.pk).update(decimals=decimals)
    office.signed(1, total_investment=yuan)
    card = office.draft("2020-01")
    found = cell(card, "signed_investment").value
    assert f"{found:,.{decimals}f}" == row(card, "signed_investment").actual
    assert found == round(float(found), decimals)  # type: ignore[arg-type]


def test_a_form_that_asks_for_a_unit_gets_all_that_is_known(office: Office) -> None:
    office.signed(1, total_investment=123_456_789)
    card = office.draft("2020-01")
    assert cell(card, "signed_investment", unit="万元").value == 12345.6789
    assert cell(card, "signed_investment", unit="亿元").value == cell(card, "signed_investment").value == 1


@pytest.mark.parametrize(("decimals", "value"), [(0, 1235), (1, 1234.5)])
def test_a_form_rounds_dollars_as_the_sheet_does(office: Office, decimals: int, value: float) -> None:
    make.make_indicator(code="usd", decimals=decimals, **DOLLARS)
    money = {"amount": 80_000_000, "amount_usd": 12_345_000, "rate": 6_500_000}
    make.make_fund_arrival(project=office.signed(1), received_on=date(2020, 1, 5), **money)
    card = office.draft("2020-01")
    assert cell(card, "usd").value == value
    assert f"{cell(card, 'usd').value:,}" == row(card, "usd").actual


@pytest.mark.parametrize("decimals", [0, 2])
def test_a_form_writes_rates_with_one_decimal(office: Office, decimals: int) -> None:
    every = make.make_indicator(code="all", filter="")
    ratio = {"measure": "ratio", "source": "", "filter": "", "basis": "", "unit": "%", "display_unit": "%"}
    make.make_indicator(code="rate", numerator=office.count, denominator=every, decimals=decimals, **ratio)
    for category in ("industry",) * 3 + ("infrastructure",) * 4:
        office.signed(1, category=category)
    card = office.draft("2020-01")
    assert (cell(card, "rate").value, row(card, "rate").actual) == (42.9, "42.9")


# 未破零单位


def test_none_is_the_best_where_less_is_better(office: Office, client_as: AsUser) -> None:
    few = make.make_indicator(code="few", role="assessed", direction="less")
    make.make_target(park=office.park, indicator=few, annual=5)
    office.draft("2020-09")
    named = [indicator.code for indicator, _parks in client_as(office.one).get("/ranking/").context["zeros"]]
    assert named == ["projects_100m"]


# 对账


def compared(office: Office, indicator: Indicator, *listed: Theirs) -> Reconciliation:
    """A comparison of February with a list."""
    chosen: dict[str, Any] = {"park": office.park, "indicator": indicator, "period": FEBRUARY}
    return reconcile(by=Actor(office.one), listed=listed, values={"authority": "市商务局"}, **chosen)


def kinds(kept: Reconciliation) -> list[str]:
    return sorted(kept.rows.values_list("kind", flat=True))


def test_rows_are_not_counted_in_yuan(office: Office, client_as: AsUser) -> None:
    firms = make.make_indicator(code="firms", source="enterprises", unit="家", display_unit="家")
    for indicator, unit in ((office.sum, "个"), (office.count, "个"), (firms, "家")):
        kept = make.make_reconciliation(park=office.park, indicator=indicator)
        page = read(client_as(office.one).get(f"/reconciliations/{kept.code}/").content.decode())
        assert page.one("h1").text.endswith(f"本园区1{unit}，对方1{unit}")
        tiles = next(part.text for part in page.all("section") if part.attributes.get("aria-label") == "对账结果")
        assert tiles.count(unit) == 4 and "元" not in tiles


@pytest.mark.parametrize("state", ["draft", "submitted", "published", "returned"])
def test_a_list_is_held_against_what_is_out(office: Office, client_as: AsUser, state: str) -> None:
    rows = [office.signed(month, name=f"某某项目{month}号", total_investment=3 * YI) for month in (1, 2)]
    card = getattr(office, "submitted" if state == "returned" else state)("2020-02")
    if state == "returned":
        scorecard_return(by=Actor(office.other), scorecard=card, reason="再核")
    office.signed(2, name="迟到的另一个厂", total_investment=7 * YI)
    Project.objects.filter(pk=rows[0].pk).update(name="改了名的厂", total_investment=5 * YI)
    Project.objects.filter(pk=rows[1].pk).update(deleted_at="2020-03-01T00:00:00Z")
    listed = (Theirs(1, "某某项目1号", amount=3 * YI), Theirs(2, "某某项目2号", amount=3 * YI))
    is_frozen, client = state in {"submitted", "published"}, client_as(office.one)
    for indicator in (office.sum, office.count):
        kept = compared(office, indicator, *listed)
        assert (kinds(kept) == ["matched", "matched"]) is is_frozen
        assert sorted(kept.rows.exclude(our_amount=None).values_list("our_amount", flat=True)) == (
            [3 * YI, 3 * YI] if is_frozen else [5 * YI, 7 * YI]
        )
        url = client.get(f"/reconciliations/{kept.code}/").context["list_url"]
        shown = client.get(url).context
        names = [m.code for m in shown["found"].rows] if is_frozen else [r.code for r in shown["object_list"]]
        assert (f"{indicator.code}/?revision=1" in url) is is_frozen
        assert len(names) == kept.ours == 2
        assert (set(names) == {one.code for one in rows}) is is_frozen


def test_what_came_late_was_not_in_the_list(office: Office) -> None:
    office.signed(1, name="某某项目1号")
    office.published("2020-02")
    office.signed(2, name="迟到的另一个厂")
    office.signed(3, name="三月里的物流园")
    kept = compared(office, office.count, Theirs(1, "迟到的另一个厂"), Theirs(2, "三月里的物流园"))
    whys = kept.rows.filter(kind="theirs").values_list("why", flat=True)
    assert list(whys) == ["计入2020-02，送审时不在清单里", "计入2020-03，不在本期"]


def test_a_correction_in_the_making_changes_no_comparison(office: Office, client_as: AsUser) -> None:
    office.signed(1, name="某某项目1号")
    office.published("2020-02")
    office.signed(2, name="迟到的另一个厂")
    scorecard_correct(by=Actor(office.one), publication=Publication.objects.get())
    kept = compared(office, office.count, Theirs(1, "某某项目1号"))
    assert kinds(kept) == ["matched"]
    client = client_as(office.one)
    found = client.get(client.get(f"/reconciliations/{kept.code}/").context["list_url"]).context["found"]
    assert (found.figure, found.listed, found.agrees) == ("1", "1", True)


def test_a_share_counts_as_it_was_frozen(office: Office) -> None:
    half = [(office.park, 5_000), (office.neighbour, 5_000)]
    shared = office.signed(1, name="某某项目1号", total_investment=4 * YI, shares=half)
    office.published("2020-02")
    ProjectShare.objects.filter(project=shared, park=office.park).update(amount_bp=2_500)
    kept = compared(office, office.sum, Theirs(1, "某某项目1号", amount=4 * YI))
    (one,) = kept.rows.all()
    assert (one.kind, one.our_amount) == ("amount", 2 * YI)
    assert "只计份额" in one.why


def test_arrivals_count_as_they_were_frozen(office: Office) -> None:
    funds = {"source": "fund_arrivals", "filter": "", "measure": "sum", "measure_fields": "amount"}
    money = make.make_indicator(code="funds", basis="received_on", unit="元", display_unit="亿元", **funds)
    project = office.signed(1, name="某某项目1号")
    came = [make.make_fund_arrival(project=project, received_on=date(2020, 2, day), amount=YI) for day in (3, 4)]
    office.published("2020-02")
    type(came[0]).objects.filter(pk=came[0].pk).update(amount=3 * YI)
    make.make_fund_arrival(project=project, received_on=date(2020, 2, 5), amount=YI)
    Project.objects.filter(pk=project.pk).update(name="改了名的厂")
    (one,) = compared(office, money, Theirs(1, "某某项目1号", amount=2 * YI)).rows.all()
    assert (one.kind, one.our_amount) == ("matched", 2 * YI)


def test_a_secret_project_is_known_by_name_to_who_may(office: Office) -> None:
    office.signed(1, name="某某项目1号", confidentiality="secret", code_name="代号一")
    office.published("2020-02")
    assert kinds(compared(office, office.count, Theirs(1, "某某项目1号"))) == ["matched"]


def test_a_figure_that_is_newer_than_what_is_out_is_of_the_ledger(office: Office, client_as: AsUser) -> None:
    office.signed(1, name="某某项目1号")
    office.published("2020-02")
    kept = compared(office, make.make_indicator(code="newer"), Theirs(1, "某某项目1号"))
    assert kinds(kept) == ["matched"]
    assert "figure=newer" in client_as(office.one).get(f"/reconciliations/{kept.code}/").context["list_url"]
