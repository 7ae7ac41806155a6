"""What published scorecards say of each other: correcting one moves no other, and what a correction must explain."""

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client

from parkportal.models import User
from parkportal.roles import Role
from parkportal.trace import Actor
from projects.models import Project, Recognition
from reports import assessment, publishing
from reports.changes import Kind, differences
from reports.closing import Balance
from reports.documents import Document
from reports.documents.paper import Paper
from reports.frozen import lines_of
from reports.models import Publication, Scorecard, ScorecardLine
from reports.periods import Period, own_months
from reports.publishing import (
    balances_of,
    changes_to_explain,
    compared_with,
    scorecard_correct,
    scorecard_publish,
    scorecard_submit,
)
from reports.rows import row_of
from reports.views.documents import paper_of
from tests import factories as make
from tests.reports.office import Office

pytestmark = pytest.mark.django_db
AsUser = Callable[[User], Client]


def line_of(publication: Publication, code: str = "projects_100m") -> ScorecardLine:
    return next(line for line in lines_of(publication.data) if line.indicator.code == code)


def corrected(office: Office, publication: Publication) -> Publication:
    scorecard_correct(by=Actor(office.one), publication=publication)
    return office.published(publication.period)


def told(publication: Publication) -> list[tuple[str, str]]:
    """What 变动表 says of a publication against what it is compared with."""
    base = compared_with(publication.scorecard)
    return [(one.kind, one.text) for one in differences(base.data, publication.data)] if base else []


def balanced(found: Iterable[Balance]) -> list[tuple[str, ...]]:
    return [(one.declared, one.added, one.struck, one.settled) for one in found]


# What is out stays as it is


def test_a_published_change_table_stays_when_the_month_before_is_corrected(office: Office) -> None:
    office.signed(2)
    march = office.published("2020-03")
    office.signed(3)
    april = office.published("2020-04")
    before = told(april)
    assert [kind for kind, _text in before] == [Kind.LATE]
    assert line_of(april).month == 1
    corrected(office, march)
    assert told(april) == before


def test_a_published_closing_keeps_its_balance_when_december_is_corrected(office: Office) -> None:
    office.signed(11)
    december = office.published("2020-12")
    office.signed(12)
    closing = office.published("2020-final")
    settled = [("1", "1", "0", "2"), ("2", "2", "0", "4")]
    assert balanced(balances_of(closing.scorecard, closing.data)) == settled
    corrected(office, december)
    assert balanced(balances_of(closing.scorecard, closing.data)) == settled


def test_papers_are_drawn_against_what_was_out_when_the_figures_were_frozen(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    bases: list[Any] = []

    def drawn(content: Any, on: date, before: Any = None, settled: Any = ()) -> list[Document]:
        bases.append(before)
        return []

    monkeypatch.setattr(publishing, "render_all", drawn)
    office.signed(2)
    march = office.published("2020-03")
    office.signed(3)
    april = office.submitted("2020-04")
    corrected(office, march)
    assert line_of(scorecard_publish(by=Actor(office.other), scorecard=april)).month == 1
    assert bases[-1]["revision"] == 1


def test_the_papers_of_a_corrected_closing_have_its_balance(office: Office) -> None:
    office.signed(11)
    office.published("2020-12")
    office.signed(12)
    closing = office.published("2020-final")
    office.signed(12)
    second = corrected(office, closing)
    paper: Paper = paper_of(second.scorecard)
    assert balanced(paper.balances) == [("1", "2", "0", "3"), ("2", "4", "0", "6")]


def test_a_month_that_nobody_published_is_passed_over(office: Office) -> None:
    office.signed(1)
    february = office.published("2020-02")
    office.signed(2)
    office.draft("2020-03")
    april = office.published("2020-04")
    assert compared_with(april.scorecard) == february
    assert [kind for kind, _text in told(april)] == [Kind.LATE]
    assert compared_with(february.scorecard) is None


# What a correction must explain


def test_a_later_month_is_corrected_after_the_one_before(office: Office) -> None:
    """A row that both hold is the own of one of them; the other says so, with a reason, though no row of it moved."""
    office.signed(2)
    march = office.published("2020-03")
    office.signed(3)
    april = office.published("2020-04")
    assert line_of(corrected(office, march)).actual == 2
    draft = scorecard_correct(by=Actor(office.one), publication=april)
    (count, total) = changes_to_explain(draft)
    said = ("figure:projects_100m", Kind.CHANGED, "上期累计1→2，当月1→0")
    assert (count.key, count.kind, count.text) == said
    assert total.text == "上期累计2→4，当月2→0"
    with pytest.raises(ValidationError, match="还缺1项"):
        scorecard_submit(by=Actor(office.one), scorecard=draft, reasons={count.key: "3月更正"})
    assert line_of(office.published("2020-04")).month == 0


def test_an_own_figure_that_moves_by_more_than_its_rows_is_explained_beside_them(office: Office) -> None:
    office.signed(2)
    march = office.published("2020-03")
    office.signed(3)
    april = office.published("2020-04")
    corrected(office, march)
    new = office.signed(4)
    draft = scorecard_correct(by=Actor(office.one), publication=april)
    found = {one.key: one.text for one in changes_to_explain(draft)}
    assert found[new.code] == f"{office.count.name}+1个；{office.sum.name}+2亿元"
    assert found["figure:projects_100m"] == "上期累计1→2"


def test_what_its_rows_explain_of_an_own_figure_is_no_change_of_its_own(office: Office) -> None:
    """Nobody published February: a mended row of it, and one that ended in March, move what March is held against."""
    grown, gone = office.signed(2), office.signed(2)
    march = office.published("2020-03")
    Project.objects.filter(pk=grown.pk).update(total_investment=9 * make.YI)
    Project.objects.filter(pk=gone.pk).update(terminated_on=date(2020, 3, 20))
    late = office.signed(1)
    draft = scorecard_correct(by=Actor(office.one), publication=march)
    assert {one.key for one in changes_to_explain(draft)} == {grown.code, gone.code, late.code}


def _last_year(office: Office, march: Publication) -> None:
    office.signed(2)
    corrected(office, march)


def _lamp(office: Office, march: Publication) -> None:
    office.count.amber_points = 5
    office.count.save()


def _place(office: Office, march: Publication) -> None:
    make.make_target(park=office.neighbour, indicator=office.count, year=2021)
    for _number in range(3):
        make.make_project(park=office.neighbour, signed_on=date(2021, 2, 2))


@pytest.mark.parametrize(
    ("cause", "said"),
    [(_last_year, "上年同期1→2"), (_lamp, "黄灯→红灯"), (_place, "位次1/1→2/2")],
)
def test_what_moves_without_rows_is_corrected_with_a_reason(
    cause: Callable[[Office, Publication], None], said: str, office: Office
) -> None:
    make.make_target(park=office.park, indicator=office.count, year=2021)
    office.signed(2)
    march = office.published("2020-03")
    for day in (2, 3):
        make.make_project(park=office.park, signed_on=date(2021, 2, day))
    later = office.published("2021-03")
    cause(office, march)
    draft = scorecard_correct(by=Actor(office.one), publication=later)
    by_key = {one.key: one.text for one in changes_to_explain(draft)}
    assert by_key["figure:projects_100m"] == said
    assert set(office.published("2021-03").data["reasons"]) == set(by_key)


def test_a_correction_has_its_figures_at_once(office: Office) -> None:
    """Whatever the calendar says of its month by now."""
    office.signed(1)
    january = office.published("2020-01")
    office.park.region.merges_january_february = True
    office.park.region.save()
    new = office.signed(1)
    draft = scorecard_correct(by=Actor(office.one), publication=january)
    assert draft.lines.get(indicator=office.count).actual == 2
    assert [(one.key, one.kind) for one in changes_to_explain(draft)] == [(new.code, Kind.LATE)]


# What is late, and what is not


def test_an_indicator_that_is_new_or_is_no_more_makes_no_row_late_or_struck(office: Office) -> None:
    old = make.make_indicator(code="old", name="旧指标", order=3)
    office.signed(1), office.signed(3)
    march = office.published("2020-03")
    make.make_indicator(code="fresh", name="新指标", order=4)
    old.to_year = 2019
    old.save()
    assert told(office.published("2020-04")) == []
    draft = scorecard_correct(by=Actor(office.one), publication=march)
    found = {one.key: f"{one.name}：{one.text}" for one in changes_to_explain(draft)}
    assert found == {
        "indicator:fresh": "新指标（新增指标）：新指标+2个",
        "indicator:old": "旧指标（不再统计）：旧指标−2个",
    }


def test_what_was_recognised_in_the_month_is_new_in_it(office: Office) -> None:
    office.park.region.recognition_level = "city"
    office.park.region.save()
    project = office.signed(1)
    values = {"level": "city", "recognised_on": date(2020, 3, 5), "result": Recognition.Result.ACCEPTED}
    Recognition.objects.create(project=project, **values)
    office.published("2020-02")
    march = office.published("2020-03")
    assert (line_of(march).actual, [kind for kind, _text in told(march)]) == (1, [Kind.NEW])


def test_january_goes_on_from_what_was_published_of_the_year_before(office: Office) -> None:
    """Only for a figure that no year begins anew."""
    make.make_indicator(code="stock", window="as_of", order=7)
    office.signed(11)
    december = office.published("2020-12")
    office.signed(12)
    january = office.published("2021-01")
    assert (line_of(december, "stock").actual, line_of(january, "stock").actual) == (1, 2)
    assert (line_of(january, "stock").month, line_of(january).month) == (1, 0)


# 1—2月 together


def test_the_months_of_january_and_february_are_one_where_they_are_reported_together() -> None:
    both = [Period(2020, 1), Period(2020, 2)]
    assert own_months(Period(2020, 2), merged=True) == both
    assert own_months(Period(2020, 2)) == both[1:]
    assert own_months(Period(2020, 3), merged=True) == [Period(2020, 3)]
    assert own_months(Period.closing_of(2020)) == [Period(2020, 12)]


def test_behind_an_own_figure_of_two_months_are_the_rows_of_both(office: Office, client_as: AsUser) -> None:
    office.park.region.merges_january_february = True
    office.park.region.save()
    moved = {"measure": "avg_days", "measure_fields": "settle_started_on moved_in_on", "basis": "moved_in_on"}
    make.make_indicator(code="days", **moved, unit="天", display_unit="天", direction="less", decimals=1)
    office.signed(1, settle_started_on=date(2020, 1, 1), moved_in_on=date(2020, 1, 11))
    office.signed(2, settle_started_on=date(2020, 2, 1), moved_in_on=date(2020, 2, 29))
    draft, client = office.draft("2020-02"), client_as(office.one)
    for line in draft.lines.filter(indicator__code__in=["projects_100m", "days"]):
        row = row_of(line, draft.park, Period(2020, 2))
        listed = client.get(row.month_url)
        assert len(listed.context["object_list"]) == 2
        assert "与成绩单一致" in listed.content.decode()
    published = office.published("2020-02")
    for code, figure in (("projects_100m", "2"), ("days", "19.0")):
        page = client.get(f"/scorecards/{office.park.code}/2020-02/{code}/?revision=1&month=own")
        found = page.context["found"]
        assert (found.figure, found.listed, found.agrees, found.late) == (figure, figure, True, "")
        assert (row_of(line_of(published, code), office.park, Period(2020, 2)).month, len(found.rows)) == (figure, 2)


def test_a_late_row_makes_the_own_figure_as_inexact_as_it_is(office: Office) -> None:
    people = {"measure": "sum", "measure_fields": "expected_jobs", "unit": "人", "display_unit": "人"}
    make.make_indicator(code="expected_jobs", **people)
    office.signed(1, expected_jobs=300)
    office.published("2020-02")
    office.signed(2, expected_jobs=1000, expected_jobs_qualifier="over")
    march, april = office.published("2020-03"), office.published("2020-04")
    months = [
        row_of(line_of(one, "expected_jobs"), office.park, Period.parse(one.period)).month for one in (march, april)
    ]
    assert months == ["1,000余", "0"]


# What is not yet, and what is out


@pytest.mark.parametrize("period", ["2030-05", "2020-12", "2020-final"])
def test_what_has_not_begun_is_neither_compiled_nor_handed_in(period: str, office: Office, client_as: AsUser) -> None:
    office.signed(9)
    early = office.draft(period)
    one = make.make_user(Role.STATISTICIAN, region=office.park.region)
    with time_machine.travel("2020-09-15T02:00:00Z", tick=False):
        with pytest.raises(ValidationError, match="还没有到"):
            scorecard_submit(by=Actor(office.one), scorecard=early)
        Scorecard.objects.all().delete()
        answer = client_as(one).post("/scorecards/compile/", {"park": office.park.code, "period": period}, follow=True)
    assert "还没有到，不能编制成绩单" in answer.content.decode()
    assert not Scorecard.objects.exists()


def test_figures_that_are_out_open_the_rows_that_were_frozen_with_them(office: Office, client_as: AsUser) -> None:
    office.signed(2)
    office.published("2020-03")
    client, frozen = client_as(office.one), f"/scorecards/{office.park.code}/2020-03/projects_100m/?revision=1"
    for address in ("/?period=2020-03", "/ranking/?period=2020-03"):
        assert frozen in client.get(f"{address}&park={office.park.code}").content.decode()
    assert frozen not in client.get(f"/?period=2020-04&park={office.park.code}").content.decode()


def test_an_indicator_tells_what_is_out_until_its_correction_is(office: Office, client_as: AsUser) -> None:
    office.signed(2)
    march = office.published("2020-03")
    office.signed(3)
    scorecard_correct(by=Actor(office.one), publication=march)
    client = client_as(office.one)

    def told() -> list[str]:
        parks = client.get("/indicators/projects_100m/").context["parks"]
        return [one["row"].actual for one in parks if one["park"] == office.park]

    assert told() == ["1"]
    office.published("2020-03")
    assert told() == ["2"]


def test_scores_are_of_what_is_out_until_its_correction_is(office: Office) -> None:
    office.signed(2)
    march = office.published("2020-03")
    office.signed(3)
    scorecard_correct(by=Actor(office.one), publication=march)
    rule = make.make_assessment_rule(region=office.park.region, indicator=office.count)

    def used() -> Fraction | None:
        return assessment._lines(office.park.region, Period(2020, 3), [rule])[office.park.pk, office.count.pk].actual

    assert used() == 1
    office.published("2020-03")
    assert used() == 2
