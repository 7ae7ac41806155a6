"""报送日历: days, states and gaps of each period, the region's settings, the quarterly pace, the turn of a year."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client

from parkportal.files import attach
from parkportal.models import Change, Park, Region, User
from parkportal.roles import Role
from parkportal.trace import Actor, changes
from reports import frozen
from reports.calendar import cutoff_of, is_running, publication_of, region_settings_save, stops_of, with_gaps
from reports.changes import differences
from reports.freezing import content_of, members_of
from reports.members import list_url
from reports.models import Scorecard, Target
from reports.periods import Period, pace, time_progress
from reports.publishing import content_now
from reports.services import scorecard_compile, scorecards_due
from tests import factories as make

SHANGHAI = ZoneInfo("Asia/Shanghai")
MARCH = datetime(2021, 3, 10, 9, tzinfo=SHANGHAI)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("month", "steps"), [(1, 0), (2, 0), (3, 3), (4, 3), (5, 3), (6, 6), (8, 6), (9, 9), (11, 9), (12, 12)]
)
def test_by_quarters_a_month_has_the_pace_of_the_last_full_quarter(month: int, steps: int) -> None:
    assert time_progress(month, quarterly=True) == Fraction(steps, 12)
    assert pace(Fraction(12), month, quarterly=True) == steps
    assert time_progress(month) == Fraction(month, 12)
    curve = [min(12, n * 2) for n in range(1, 13)]
    assert time_progress(month, curve, 12, quarterly=True) == Fraction(curve[month - 1], 12)
    assert pace(Fraction(12), month, curve, quarterly=True) == curve[month - 1]


@pytest.mark.parametrize(
    ("period", "day", "expected"),
    [
        ("2020-09", 5, date(2020, 10, 5)),
        ("2020-12", 5, date(2021, 1, 5)),
        ("2021-01", 31, date(2021, 2, 28)),
        ("2020-final", 5, None),
        ("2020-09", None, None),
    ],
)
def test_days_are_of_the_next_month(period: str, day: int | None, expected: date | None) -> None:
    region = Region(cutoff_day=day, publication_day=day)
    assert cutoff_of(Period.parse(period), region) == publication_of(Period.parse(period), region) == expected


def test_a_month_runs_until_its_cut_off_or_its_end() -> None:
    september, closing = Period(2020, 9), Period.closing_of(2020)
    for day, last in ((5, date(2020, 10, 5)), (None, date(2020, 9, 30))):
        region = Region(cutoff_day=day)
        assert is_running(september, region, last)
        assert not is_running(september, region, date.fromordinal(last.toordinal() + 1))
        assert not is_running(closing, region, date(2020, 9, 1))


@pytest.fixture
def region() -> Region:
    return make.make_region(cutoff_day=5, publication_day=8, merges_january_february=True)


@pytest.fixture
def park(region: Region) -> Park:
    park = make.make_park(region=region, scorecards_from="2021-01")
    make.make_target(park=park, indicator=make.make_indicator(role="assessed"), year=2021, annual=12)
    return park


def states(park: Park, today: date, year: int = 2021) -> dict[str, tuple[str, bool]]:
    return {str(one.period): (one.state, one.is_late) for one in stops_of([park], year, today)[park.pk]}


@pytest.mark.django_db
def test_each_period_says_how_far_it_is(park: Park) -> None:
    scorecard_compile(region=park.region, period=Period(2021, 2))
    Scorecard.objects.update(status="in_review", submitted_by=make.make_user(park=park))
    for month in (4, 6):
        scorecard_compile(region=park.region, period=Period(2021, month))
    found = states(park, date(2021, 6, 8))
    assert "2021-01" not in found and len(found) == 11
    assert found["2021-02"] == ("送审稿", True)
    assert found["2021-03"] == ("待补编", True)
    assert found["2021-04"] == ("初稿", True)
    assert found["2021-05"] == ("待补编", False), "the publication day itself is not late"
    assert found["2021-06"] == ("编制中", False)
    assert found["2021-07"] == ("未开始", False)
    Scorecard.objects.filter(period="2021-02").update(status="published")
    assert states(park, date(2021, 6, 8))["2021-02"] == ("定稿", False)
    Target.objects.all().delete()
    assert states(park, date(2021, 6, 8))["2021-03"] == ("未设目标", False)


@pytest.mark.django_db
def test_what_the_calendar_says_was_missed_is_made_up(park: Park) -> None:
    today = date(2021, 6, 20)
    missed = [one.period for one in stops_of([park], 2021, today)[park.pk] if one.card is None and one.is_open]
    assert missed == [due.period for due in scorecards_due(today=today)] == [Period(2021, n) for n in range(2, 7)]
    with time_machine.travel(datetime(2021, 6, 20, 9, tzinfo=SHANGHAI), tick=False):
        call_command("work", once=True)
    assert "待补编" not in {state for state, _late in states(park, today).values()}


@pytest.mark.django_db
def test_after_december_the_year_is_closed_and_the_old_year_stays(park: Park) -> None:
    scorecard_compile(region=park.region, period=Period(2021, 12))
    assert "2021-final" not in states(park, date(2022, 1, 9))
    Scorecard.objects.update(status="published")
    found = states(park, date(2022, 1, 9))
    assert found["2021-final"] == ("待补编", False) and found["2021-12"] == ("定稿", False)
    assert "2021-final" not in states(park, date(2021, 12, 31))


@pytest.mark.django_db
@time_machine.travel(MARCH, tick=False)
def test_gaps_are_counted_by_month_and_open_their_lists(park: Park) -> None:
    clerk = make.make_user(park=park)
    secret = {"confidentiality": "secret", "owner": make.make_user(park=park)}
    for day, state in (("2021-01-20", "draft"), ("2021-02-03", "returned"), ("2021-03-01", "draft")):
        make.make_project(park=park, signed_on=date.fromisoformat(day), review_state=state)
    make.make_project(park=park, signed_on=date(2021, 2, 28), review_state="submitted", **secret)
    make.make_project(park=park, signed_on=date(2020, 12, 31), review_state="draft")
    make.make_project(signed_on=date(2021, 2, 1), review_state="draft")
    signed = make.make_project(park=park, signed_on=date(2020, 5, 1))
    bare = make.make_fund_arrival(project=signed, received_on=date(2021, 2, 9), proof="", verified=True)
    make.make_fund_arrival(project=signed, received_on=date(2021, 2, 10), proof="银行回单", verified=False)
    filed = make.make_fund_arrival(project=signed, received_on=date(2021, 2, 11), proof="", verified=True)
    with changes(by=Actor(clerk)) as ledger:
        attach(ledger, filed, name="回单.pdf", data=b"%PDF")

    def gaps() -> dict[str, list[tuple[int, str]]]:
        stops = with_gaps(clerk, stops_of([park], 2021, date(2021, 3, 10))[park.pk], park, 2021)
        client = browser(clerk)
        for gap in (gap for stop in stops for gap in stop.gaps):
            assert client.get(gap.url).context["page_obj"].paginator.count == gap.count, gap.url
        return {str(one.period): [(gap.count, gap.text) for gap in one.gaps] for one in stops if one.gaps}

    february = [(2, "个签约项目未提交"), (1, "个签约项目待审核"), (1, "笔到位资金未核实"), (1, "笔到位资金缺凭证")]
    assert gaps() == {"2021-02": february, "2021-03": [(1, "个签约项目未提交")]}
    scorecard_compile(region=park.region, period=Period(2021, 2))
    Scorecard.objects.update(status="in_review", submitted_by=clerk)
    assert gaps() == {"2021-03": [(3, "个签约项目未提交"), *february[1:]]}, "what is late counts in the next period"
    assert bare.code in browser(clerk).get("/fund-arrivals/?has_proof=false").content.decode()
    assert bare.code not in browser(clerk).get("/fund-arrivals/?has_proof=true").content.decode()


@pytest.mark.django_db
@time_machine.travel(MARCH, tick=False)
def test_the_page_of_a_park_and_of_a_region(park: Park) -> None:
    other = make.make_park(region=park.region, scorecards_from="2021-03")
    scorecard_compile(region=park.region, period=Period(2021, 3))
    page = browser(make.make_user(park=park)).get("/calendar/").content.decode()
    assert all(word in page for word in ("2021年报送日历", "编制中", "2021-04-05", "2021-04-08", "待补编", "自动补编"))
    city = browser(make.make_user(Role.CITY, region=park.region))
    table = city.get("/calendar/").context["rows"]
    assert [(row[0], row[1][0][1] is None) for row in table] == [(park, False), (other, True)]
    assert city.get(f"/calendar/?park={other.code}&year=2021").context["stops"]
    assert city.get("/calendar/?year=2019").status_code == 404
    assert city.get("/calendar/?park=nobody").status_code == 404
    assert browser(make.make_user(park=other)).get(f"/calendar/?park={park.code}").status_code == 404


@pytest.mark.django_db
def test_drafts_of_the_running_month_say_so(park: Park) -> None:
    client = browser(make.make_user(park=park))
    scorecard_compile(region=park.region, period=Period(2021, 3))
    addresses = (f"/scorecards/{park.code}/2021-03/", "/")
    for day, said in ((5, True), (6, False)):
        with time_machine.travel(datetime(2021, 4, day, 9, tzinfo=SHANGHAI), tick=False):
            for address in addresses:
                assert ("进行中（未截止）" in client.get(address).content.decode()) == said, (day, address)


@pytest.mark.django_db
@time_machine.travel(MARCH, tick=False)
def test_the_statistician_of_the_region_sets_its_rhythm(park: Park) -> None:
    statistician = make.make_user(Role.STATISTICIAN, region=park.region)
    client, address = browser(statistician), f"/calendar/regions/{park.region.code}/"
    shown = client.get(address).context["form"]["seen"].value()
    typed: dict[str, Any] = {"cutoff_day": "25", "publication_day": "28", "rhythm": "quarterly", "seen": shown}
    for wrong, sentence in (
        ({"publication_day": "3"}, "不能早于截止填报日"),
        ({"cutoff_day": "40"}, "1到31的一个日子"),
    ):
        answer = client.post(address, typed | wrong)
        assert answer.status_code == 200 and sentence in answer.content.decode()
    told = client.post(address, typed, follow=True).content.decode()
    assert "1月单独编制成绩单" in told and "改按季计序时" in told
    change = Change.objects.get(object_type="parkportal.Region")
    assert change.user == statistician and change.diff["merges_january_february"] == [True, False]
    refused = client.post(address, typed | {"cutoff_day": "1"}).content.decode()
    assert "刚改过这条记录" in refused, "a page that was read before the change does not win over it"
    park.region.refresh_from_db()
    assert park.region.cutoff_day == 25
    assert "2021-01" in states(Park.objects.select_related("region").get(), date(2021, 3, 10))
    foreign = browser(make.make_user(Role.STATISTICIAN, region=make.make_region()))
    assert foreign.get(address).status_code == 404
    for user in (make.make_user(Role.CITY, region=park.region), make.make_user(Role.HEAD, park=park)):
        with pytest.raises(PermissionDenied):
            region_settings_save(by=Actor(user), region=park.region, values={"cutoff_day": 1})


@pytest.mark.django_db
def test_by_quarters_lamps_pages_and_publications_say_the_same(park: Park) -> None:
    """Four of twelve by the end of May: behind 5/12, ahead of the first quarter."""
    for day in range(1, 5):
        make.make_project(park=park, signed_on=date(2021, 2, day))
    reader = make.make_user(park=park)
    may, client, token = Period(2021, 5), browser(reader), {"authorization": f"Bearer {make.make_token(reader)[1]}"}
    found = {}
    for rhythm in ("monthly", "quarterly"):
        Region.objects.update(rhythm=rhythm)
        scorecard_compile(region=Region.objects.get(pk=park.region_id), period=may)
        card = Scorecard.objects.select_related("park__region").get()
        line = card.lines.select_related("indicator").get()
        found[rhythm] = (line.pace, line.time_progress)
        content = content_of(card, [line], card.park, {}, members_of([line.indicator], card.park, may))
        assert not list(frozen.problems(content))
        assert frozen.park_of(content).region.rhythm == rhythm
        for address in (f"/scorecards/{park.code}/2021-05/", "/ranking/", f"/?period=2021-05&park={park.code}"):
            page = client.get(address).content.decode()
            assert f"序时进度{'41.7' if rhythm == 'monthly' else '25.0'}%" in page, address
        rest = Client().get(f"/api/v1/scorecards/{card.code}/", headers=token).json()
        assert rest["time_progress"] == (41.7 if rhythm == "monthly" else 25.0)
    assert found == {"monthly": (5, Fraction(5, 12)), "quarterly": (3, Fraction(3, 12))}
    assert "年度目标×3/12，按季计" in client.get(f"/scorecards/{park.code}/2021-05/").content.decode()
    assert "rhythm" not in content_of(card, [], make.make_park(), {}, {})["park"]["region"]


@pytest.mark.django_db
def test_published_places_keep_the_pace_of_their_time(park: Park) -> None:
    make.make_project(park=park, signed_on=date(2021, 2, 1))
    contents = []
    for rhythm in ("quarterly", "monthly"):
        Region.objects.update(rhythm=rhythm)
        scorecard_compile(region=Region.objects.get(pk=park.region_id), period=Period(2021, 5))
        contents.append(content_now(Scorecard.objects.select_related("park__region").get()))
    (change,) = differences(*contents)
    assert change.name.endswith("序时目标3→5"), "the target itself is the same"
    Scorecard.objects.update(status="published")
    client = browser(make.make_user(park=park))
    for rhythm in ("monthly", "quarterly"):
        Region.objects.update(rhythm=rhythm)
        assert client.get("/ranking/?period=2021-05").context["pace"] == "41.7", rhythm


@pytest.mark.django_db
@time_machine.travel(datetime(2022, 1, 4, 9, tzinfo=SHANGHAI), tick=False)
def test_in_january_one_button_copies_last_years_targets(park: Park) -> None:
    statistician = make.make_user(Role.STATISTICIAN, region=park.region)
    client = browser(statistician)
    page = client.get("/calendar/")
    assert page.context["year"] == 2022 and "复制上年目标为建议" in page.content.decode()
    assert "复制上年目标" not in browser(make.make_user(park=park)).get("/calendar/").content.decode()
    assert client.post("/targets/propose/", {"year": "2022"}).status_code == 302
    page = client.get("/calendar/").content.decode()
    assert "复制上年目标" not in page and "2022年有1项目标建议" in page
    assert client.get("/calendar/?year=2021").status_code == 200


@pytest.mark.django_db
def test_a_list_behind_a_figure_tells_this_years_projects_from_carried_ones(park: Park) -> None:
    started = make.make_indicator(code="started", basis="started_on", filter="kind=new")
    for signed, begun in (("2020-11-30", "2021-02-01"), ("2020-12-31", "2021-03-01"), ("2021-01-01", "2021-03-09")):
        make.make_project(park=park, signed_on=date.fromisoformat(signed), started_on=date.fromisoformat(begun))
    make.make_project(park=park, signed_on=None, started_on=date(2021, 3, 1))
    scorecard_compile(region=park.region, period=Period(2021, 3))
    client = browser(make.make_user(park=park))
    page = client.get(list_url(started, park, Period(2021, 3)))
    (carried,) = [part for part in page.context["found"].years if part.label == "往年结转"]
    text = page.content.decode()
    assert all(said in text for said in ("当年签约1个", "往年结转2个", "签约时间不详1个"))
    assert client.get(f"/projects/{carried.url}").context["page_obj"].paginator.count == 2
    assert f"{started.brief}2个" in client.get(f"/?park={park.code}").content.decode(), "and so does the overview"
    signed_ones = make.make_indicator(code="signed", filter="kind=new")
    scorecard_compile(region=park.region, period=Period(2021, 3))
    assert "往年结转" not in client.get(list_url(signed_ones, park, Period(2021, 3))).content.decode()
