"""The compile: the same facts give the same drafts, once, however often and by how many it is done."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from enterprises.models import Chain
from parkportal.models import Park, Region
from parkportal.trace import Actor, changes
from projects.models import Project
from reports import services, storing
from reports.models import Indicator, Scorecard, ScorecardLine, ScorecardSlice, Target
from reports.periods import Period
from reports.progress import results
from reports.services import scorecard_compile
from reports.sources import BadIndicator
from reports.storing import Compiled
from tests.concurrency import alone, own_connections, together
from tests.factories import (
    make_chain,
    make_indicator,
    make_park,
    make_project,
    make_region,
    make_reported_figure,
    make_target,
)

SEPTEMBER = Period(2020, 9)
COPIES = 8
pytestmark = pytest.mark.django_db


@pytest.fixture
def region() -> Region:
    """Two parks with a target each, an assessed count and a sum."""
    made = make_region()
    indicator = make_indicator(code="count", role="assessed")
    make_indicator(
        code="money", measure="sum", measure_fields="total_investment", unit="元", display_unit="亿元", order=200
    )
    for code, number in (("yi", 3), ("er", 1)):
        park = make_park(code=code, region=made)
        make_target(park=park, indicator=indicator, annual=4)
        for _ in range(number):
            make_project(park=park, chain=make_chain(region=made))
    return made


def cards() -> list[tuple[str, str, str, int]]:
    """What is stored: park, period, digest, version."""
    return list(Scorecard.objects.order_by("code").values_list("park__code", "period", "digest", "version"))


def line(park: str, code: str = "count") -> ScorecardLine:
    return ScorecardLine.objects.get(scorecard__park__code=park, indicator__code=code)


@pytest.mark.parametrize("times", [1, 2, 10])
def test_compiling_again_changes_nothing(region: Region, times: int) -> None:
    changed = [[c.changed for c in scorecard_compile(region=region, period=SEPTEMBER)] for _ in range(times)]
    assert changed == [[True, True], *[[False, False]] * (times - 1)]
    assert [(park, period, version) for park, period, _digest, version in cards()] == [
        ("er", "2020-09", 1),
        ("yi", "2020-09", 1),
    ]


@contextmanager
def outcome(folder: Path) -> Iterator[dict[str, Any]]:
    """What several compiles at once raised, and what they left."""
    found: dict[str, Any] = {}
    with own_connections(folder):
        region = Region.objects.get(parent=None)
        times = COPIES if connection.vendor == "postgresql" else 3
        answers = together(lambda _number: scorecard_compile(region=region, period=SEPTEMBER), times)
        found["errors"] = [answer for answer in answers if isinstance(answer, Exception)]
        found["changed"] = sum(c.changed for answer in answers if isinstance(answer, list) for c in answer)
        found["cards"] = alone(cards)
        found["lines"] = alone(lambda: ScorecardLine.objects.count())
        yield found


@pytest.mark.django_db(transaction=True)
def test_parallel_compiles_leave_one_draft_and_one_digest(region: Region, tmp_path: Path) -> None:
    with outcome(tmp_path) as left:
        assert (left["errors"], left["changed"], left["lines"]) == ([], 2, 4)
        assert [(park, version) for park, _period, _digest, version in left["cards"]] == [("er", 1), ("yi", 1)]


@pytest.mark.django_db(transaction=True)
def test_parallel_compiles_collide_without_the_lock(
    region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: two who both saw no draft both write one, and the database refuses the second."""
    if connection.vendor == "sqlite":
        pytest.skip("On SQLite the transaction itself is the lock.")
    monkeypatch.setattr("django.db.models.QuerySet.select_for_update", lambda self: self)
    monkeypatch.setattr(storing, "_stored_names", _after_a_pause(storing._stored_names))
    with outcome(tmp_path) as left:
        assert left["errors"]


def _after_a_pause(function: Any) -> Any:
    def paused(*args: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return function(*args)

    return paused


def overtaken(region: Region, monkeypatch: pytest.MonkeyPatch) -> list[Compiled]:
    """Compile facts that somebody changed and compiled again before the drafts were stored."""
    computed = services.drafts_of

    def late(*args: Any) -> Any:
        drafts = computed(*args)
        monkeypatch.setattr(services, "drafts_of", computed)
        park = Park.objects.get(code="yi")
        with changes(by=Actor(None)) as ledger:
            ledger.note(make_project(park=park), {"name": (None, "新")})
        scorecard_compile(region=region, period=SEPTEMBER)
        return drafts

    monkeypatch.setattr(services, "drafts_of", late)
    return scorecard_compile(region=region, period=SEPTEMBER)


def test_an_overtaken_compile_does_not_put_old_figures_back(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    assert overtaken(region, monkeypatch) == []
    assert line("yi").actual == 4


def test_without_comparing_facts_old_figures_would_come_back(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above."""
    replace = services.store

    def careless(period: Period, seq: int, drafts: Any) -> list[Compiled]:
        return replace(period, 10**6, drafts)

    monkeypatch.setattr(services, "store", careless)
    overtaken(region, monkeypatch)
    assert line("yi").actual == 3


@pytest.mark.parametrize("status", ["in_review", "published"])
def test_what_is_no_draft_any_more_is_left_alone(region: Region, status: str) -> None:
    scorecard_compile(region=region, period=SEPTEMBER)
    Scorecard.objects.filter(park__code="yi").update(status=status)
    make_project(park=Park.objects.get(code="yi"))
    assert [c.scorecard.park.code for c in scorecard_compile(region=region, period=SEPTEMBER)] == ["er"]
    assert line("yi").actual == 3


def test_a_line_holds_target_pace_lamp_and_rank(region: Region) -> None:
    scorecard_compile(region=region, period=SEPTEMBER)
    first, second = line("yi"), line("er")
    assert (first.actual, first.target, first.pace, first.time_progress) == (3, 4, 3, Fraction(3, 4))
    assert (first.light, first.rank, first.ranked) == ("green", 1, 2)
    assert (second.light, second.rank) == ("red", 2)
    monitored = line("yi", "money")
    assert (monitored.light, monitored.rank, monitored.target) == ("none", None, None)


def test_equal_parks_share_a_place_and_one_without_a_target_has_none(region: Region) -> None:
    indicator = Indicator.objects.get(code="count")
    for code, number, annual in (("san", 1, 4), ("si", 0, 4), ("wu", 9, None)):
        park = make_park(code=code, region=region)
        if annual:
            make_target(park=park, indicator=indicator, annual=annual)
        for _ in range(number):
            make_project(park=park)
    scorecard_compile(region=region, period=SEPTEMBER)
    assert [line(code).rank for code in ("yi", "er", "san", "si", "wu")] == [1, 2, 2, 4, None]
    assert line("wu").light == "none"


def test_ranks_are_within_a_group_and_a_lone_parks_is_from_the_circular(region: Region) -> None:
    Park.objects.filter(code="er").update(group="二类")
    figure = make_reported_figure(
        park=Park.objects.get(code="er"), indicator=Indicator.objects.get(code="count"), rank=5
    )
    scorecard_compile(region=region, period=SEPTEMBER)
    assert (line("yi").rank, line("er").rank, line("er").ranked) == (None, 5, None)
    assert line("er").reported == figure.numerator
    assert line("er").actual == 1


@pytest.mark.parametrize("missing", [{"document": ""}, {"authority": ""}])
def test_a_target_without_its_paper_has_no_lamp(region: Region, missing: Mapping[str, str]) -> None:
    Park.objects.get(code="yi").target_set.update(**missing)
    scorecard_compile(region=region, period=SEPTEMBER)
    assert (line("yi").light, line("yi").target) == ("none", 4)


def test_last_year_is_known_only_where_the_ledger_covers_it(region: Region) -> None:
    for code, begins in (("yi", "2019-01"), ("er", "2019-02")):
        Park.objects.filter(code=code).update(ledger_from=begins)
        make_project(park=Park.objects.get(code=code), signed_on=date(2019, 9, 30))
        make_project(park=Park.objects.get(code=code), signed_on=date(2019, 10, 1))
    scorecard_compile(region=region, period=SEPTEMBER)
    assert (line("yi").previous, line("yi").previous_source) == (1, "live")
    assert (line("er").previous, line("er").previous_source) == (None, "")


def test_a_rate_of_last_year_is_known_too(region: Region) -> None:
    above = make_indicator(code="started", basis="started_on")
    made = {"measure": "ratio", "source": "", "filter": "", "basis": "", "unit": "%", "display_unit": "%"}
    make_indicator(code="rate", numerator=above, denominator=Indicator.objects.get(code="count"), **made)
    park = Park.objects.get(code="yi")
    Park.objects.filter(pk=park.pk).update(ledger_from="2019-01")
    make_project(park=park, signed_on=date(2019, 3, 1), started_on=date(2019, 4, 1))
    make_project(park=park, signed_on=date(2019, 3, 1))
    scorecard_compile(region=region, period=SEPTEMBER)
    assert (line("yi", "rate").actual, line("yi", "rate").previous) == (0, Fraction(1, 2))
    assert line("er", "rate").previous is None


def test_a_renamed_chain_is_renamed_on_the_draft_although_no_figure_changed(region: Region) -> None:
    scorecard_compile(region=region, period=SEPTEMBER)
    digests = [digest for _park, _period, digest, _version in cards()]
    chain = Project.objects.filter(park__code="yi").values("chain")[:1]
    Chain.objects.filter(pk__in=chain).update(name="改名后的产业链")
    scorecard_compile(region=region, period=SEPTEMBER)
    assert ScorecardSlice.objects.filter(line=line("yi"), name="改名后的产业链").exists()
    assert [digest for _park, _period, digest, _version in cards()] == digests


def test_the_part_without_a_chain_makes_the_parts_whole(region: Region) -> None:
    make_project(park=Park.objects.get(code="yi"), chain=None)
    scorecard_compile(region=region, period=SEPTEMBER)
    parts = ScorecardSlice.objects.filter(line=line("yi"), dimension="chain")
    assert sum(part.actual for part in parts) == line("yi").actual == 4
    assert parts.get(key="").name == "未分产业链"


@pytest.mark.parametrize("text", ['“甲”,"乙"', "第一行\n第二行", "\\N", "\\.", "\t甲 ", "，", "NULL", "%s"])
def test_any_text_is_stored_as_it_is(region: Region, text: str) -> None:
    """Lines and parts are copied into the tables as text, where some texts mean something."""
    Target.objects.update(document=text, authority=text)
    Chain.objects.filter(pk=Chain.objects.order_by("pk")[0].pk).update(name=text)
    scorecard_compile(region=region, period=SEPTEMBER)
    stored = line("yi")
    assert (stored.target_document, stored.target_authority, stored.rank) == (text, text, 1)
    assert (stored.reported_numerator, stored.previous_source, stored.inexact) == (None, "", "")
    assert ScorecardSlice.objects.filter(dimension="chain", name=text).exists()


def test_a_compile_leaves_the_search_for_cycles_as_it_was(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    scorecard_compile(region=region, period=SEPTEMBER)
    assert gc.isenabled()
    monkeypatch.setattr(services, "store", lambda *_args: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        scorecard_compile(region=region, period=SEPTEMBER)
    assert gc.isenabled()


def test_indicators_of_the_same_rows_are_read_by_one_query(
    region: Region, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Another sum over the same rows costs nothing; another filter costs a query."""
    with CaptureQueriesContext(connection) as before:
        results(region, SEPTEMBER)
    make_indicator(code="jobs", measure="sum", measure_fields="expected_jobs", unit="人", order=300)
    with django_assert_num_queries(len(before)):
        found = results(region, SEPTEMBER)
    make_indicator(code="new", filter="kind=new", order=400)
    with django_assert_num_queries(len(before) + 1):
        assert results(region, SEPTEMBER).this_year["jobs"].keys() == found.this_year["jobs"].keys() != set()


def test_a_bad_indicator_stops_the_compile_and_keeps_the_drafts(region: Region) -> None:
    scorecard_compile(region=region, period=SEPTEMBER)
    before = cards()
    make_indicator(filter="kind=neu")
    make_project(park=Park.objects.get(code="yi"))
    with pytest.raises(BadIndicator):
        scorecard_compile(region=region, period=SEPTEMBER)
    assert cards() == before


def test_the_command_says_what_it_did(region: Region, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("compile_scorecards", period="2020-09", park="yi")
    call_command("compile_scorecards", period="2020-09")
    name = {park.code: park.name for park in Park.objects.all()}
    assert capsys.readouterr().out.splitlines() == [
        f"{name['yi']} 2020-09：已编制（第1稿）",
        f"{name['er']} 2020-09：没有变化（第1稿）",
        f"{name['yi']} 2020-09：没有变化（第1稿）",
    ]
    call_command("compile_scorecards")
    assert capsys.readouterr().out == "没有需要编制的成绩单。\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"park": "nowhere"}, "没有代码为“nowhere”的园区。现有：er、yi。"),
        ({"period": "2020-9"}, "月份应写成“2020-09”这样的年和月，现在是“2020-9”"),
        ({"period": "2020-13"}, "月份应为1至12，现在是13"),
    ],
)
def test_the_command_explains_what_is_wrong(region: Region, options: dict[str, str], sentence: str) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("compile_scorecards", **options)
    assert str(refusal.value) == sentence


def test_the_command_names_a_bad_indicator(region: Region) -> None:
    make_indicator(filter="kind=neu")
    with pytest.raises(CommandError, match="2020-09没有编制：.*neu"):
        call_command("compile_scorecards", period="2020-09")


def test_an_edited_project_changes_the_draft_and_its_version(region: Region) -> None:
    scorecard_compile(region=region, period=SEPTEMBER)
    Scorecard.objects.update(headline="手写的标题")
    Project.objects.filter(park__code="yi").update(total_investment=10**8)
    scorecard_compile(region=region, period=SEPTEMBER)
    assert [(park, version) for park, _period, _digest, version in cards()] == [("er", 1), ("yi", 2)]
    assert line("yi", "money").actual == 3 * 10**8
    assert {card.headline for card in Scorecard.objects.all()} == {"手写的标题"}
