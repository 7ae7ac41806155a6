"""Every figure of overview, scorecard, ranking, indicators and REST equals the list it opens: the links are walked.

The lists are added up here, from what the pages and REST answers show, not by the code that made the figures.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from enterprises.models import ListingStep
from parkportal.models import Park, Region, User
from projects.models import Project
from reports.periods import Period
from reports.services import scorecard_compile
from tests.factories import YI, make_token
from tests.figure_reader import Reader, decimal, found
from tests.markup import Element
from tests.sampled import sampled

pytestmark = pytest.mark.django_db
HOME = "baishazhou"
PARKS = (HOME, "park-a", "park-b", "park-c", "park-d", "park-e")
PERIODS = ("2020-03", "2020-06", "2020-09")
API = "/api/v1/"
SCALES = {"亿元": YI, "万元": 10**4, "万美元": 10**4, "%": Fraction(1, 100)}
"""How many of an indicator's unit make one of its display unit."""


@pytest.fixture(scope="module")
def reader(django_db_setup: None, django_db_blocker: Any) -> Iterator[Reader]:
    """The sample of six parks with the scorecards of three months, in a transaction that is undone."""
    with sampled(django_db_blocker):
        for period in PERIODS:
            scorecard_compile(region=Region.objects.get(code="430400"), period=Period.parse(period))
        person = User.objects.get(username="statistician")
        browser = Client()
        browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        yield Reader(browser, Client(headers={"authorization": f"Bearer {make_token(person)[1]}"}))


def cards() -> list[tuple[str, str]]:
    """Every park and period."""
    return [(park, period) for park in PARKS for period in PERIODS]


@pytest.fixture(scope="module")
def indicators(reader: Reader) -> dict[str, dict[str, Any]]:
    """The definitions, by code."""
    return {row["code"]: row for row in reader.rows(f"{API}indicators/")}


def scorecard(reader: Reader, park: str, period: str) -> dict[str, Any]:
    """A scorecard as REST gives it."""
    (found,) = reader.rows(f"{API}scorecards/?park={park}&period={period}")
    return found


def line_of(reader: Reader, code: str) -> dict[str, Any]:
    """A line of baishazhou in September."""
    return next(line for line in scorecard(reader, HOME, "2020-09")["lines"] if line["indicator"]["code"] == code)


# Pages: every link that is a figure


def figures(page: Element) -> list[tuple[str, str]]:
    """Every link of a page that opens the list behind a figure: (the figure as written, the address)."""
    links = [link for link in page.all("a") if "figure=" in link.attributes.get("href", "")]
    return [(shown(link), link.attributes["href"]) for link in links]


def shown(link: Element) -> str:
    """The number of a link; points of the chart say it in their label: “3月累计4个”."""
    return link.text or re.sub(r"^\d+月累计|\D+$", "", link.attributes["aria-label"])


BANNER = re.compile(r"这里是“.+?”的构成，列表合计(?P<listed>[^，]+)，与成绩单一致")
NARROWED = re.compile(r"这里由“.+?”进入，已另加或减少条件；列表合计(?P<listed>[^，]+?)返回总览")
"""The list of what is carried over from earlier years, which no scorecard stores."""


def agrees(reader: Reader, text: str, url: str, definition: dict[str, Any]) -> None:
    """The list behind a figure: its banner says the figure and that they agree, and its totals are the figure."""
    page, unit = reader.ends(url), definition["display_unit"]
    said = page.one("p", "from").text
    if "signed_on_before" in url and definition["basis"] != "signed_on" and (carried := NARROWED.match(said)):
        assert text.endswith(carried["listed"]), (url, said)
        return
    match = BANNER.match(said)
    assert match, (url, said)
    assert f"{text}{unit}”" in said, (text, said)
    assert match["listed"] == f"{text}{unit}", (text, said)
    if text != "0" and page.all("tfoot"):
        assert total_of(page, definition) in {text, None}, (text, url)


def total_of(page: Element, definition: dict[str, Any]) -> str | None:
    """The totals row in the figure's unit, where the row has that total; None where it has not."""
    foot = "|".join(cell.text for cell in page.one("tfoot") if cell.tag in {"th", "td"})
    measure, fields, source = (definition[name] for name in ("measure", "measure_fields", "source"))
    if measure == "count":
        return found(r"合计([\d.,]+)", foot)
    if measure == "distinct" and source == "listing_steps":
        return found(r"企业([\d,]+)家", foot)
    if measure != "sum":
        return None
    if fields == "expected_jobs":
        return found(r"预计就业(.+?)人", foot)
    written = {
        "total_investment": r"\|([\d.,]+)\|全部筛选结果",
        "expected_annual_output": r"预计年产值([\d.,]+)万元",
        "amount": r"全部筛选结果\|+([\d.,]+)",
        "amount_usd": r"全部筛选结果\|+[\d.,]+\|+([\d.,]+)",
    }[fields]
    amount = Fraction(found(written, foot).replace(",", "")) * 10**4
    return decimal(amount / SCALES[definition["display_unit"]], definition["decimals"])


LEAST = {"/?": 45, "/scorecards/": 20, "/ranking/": 12, "/indicators/": 6}
"""Figures that such a page has at least for baishazhou in September, so that a walk of nothing does not pass."""


@pytest.mark.once
@pytest.mark.parametrize(("park", "period"), cards())
def test_every_figure_of_a_parks_pages_opens_a_list_that_agrees(
    reader: Reader, indicators: dict[str, dict[str, Any]], park: str, period: str
) -> None:
    for url in (f"/?park={park}&period={period}", f"/scorecards/{park}/{period}/"):
        links = figures(reader.page(url))
        for text, address in links:
            query = parse_qs(urlsplit(address).query)
            assert query["park"] == [park]
            agrees(reader, text, address, indicators[query["figure"][0]])
        if (park, period) == (HOME, "2020-09"):
            assert len(links) >= next(least for start, least in LEAST.items() if url.startswith(start))


def common_pages() -> list[str]:
    """Pages that show the figures of all parks."""
    return [f"/ranking/?period={period}" for period in PERIODS] + [
        f"/indicators/{code}/" for code in (*TOTALS, *SMALL, "cohort_signed", "cohort_started")
    ]


TOTALS = ("projects_100m", "signed_investment", "expected_output", "expected_jobs")
SMALL = (
    *("fortune_global_500_projects", "started_projects", "above_scale_enterprises", "star_market_enterprises"),
    *("group_start_projects", "arrived_funds_domestic", "arrived_funds_foreign", "average_settle_days"),
)


@pytest.mark.once
@pytest.mark.parametrize("url", common_pages())
def test_every_figure_of_a_page_of_all_parks_opens_a_list_that_agrees(
    reader: Reader, indicators: dict[str, dict[str, Any]], url: str
) -> None:
    links = figures(reader.page(url))
    for text, address in links:
        agrees(reader, text, address, indicators[parse_qs(urlsplit(address).query)["figure"][0]])
    assert len(links) >= next(least for start, least in LEAST.items() if url.startswith(start))


@pytest.mark.parametrize(("park", "period"), cards())
def test_counts_beside_headings_are_those_of_the_lists_they_open(reader: Reader, park: str, period: str) -> None:
    page = reader.page(f"/?park={park}&period={period}")
    for panel in page.all("section", "panel"):
        more = [link for link in panel.all("a", "more") if link.text == "看列表"]
        hints = [hint.text for hint in panel.all("span", "hint")]
        if more and re.fullmatch(r"\d+[个件]", hints[0]):
            caption = reader.page(more[0].attributes["href"]).all("caption")[0].text
            assert f"共{hints[0][:-1]}个" in caption, (hints, caption)


# REST


@pytest.mark.parametrize(("park", "period"), cards())
def test_the_members_of_a_rest_line_add_up_to_it(
    reader: Reader, indicators: dict[str, dict[str, Any]], park: str, period: str
) -> None:
    lines = scorecard(reader, park, period)["lines"]
    assert len(lines) == 12
    for line in lines:
        definition = indicators[line["indicator"]["code"]]
        total = added_up(definition, reader.rows(line["members_url"]), park)
        exact = None
        if line["actual_numerator"] is not None:
            exact = Fraction(line["actual_numerator"], line["actual_denominator"])
        assert total == exact, line["members_url"]
        if total is not None:
            assert line["actual"] == pytest.approx(float(total), abs=0.05), line


def added_up(definition: dict[str, Any], rows: list[dict[str, Any]], park: str) -> Fraction | None:
    """What REST rows come to: counts and sums by the park's share of a project, companies once, days on average."""
    fields = definition["measure_fields"].split()
    if definition["measure"] == "count":
        return sum((share(row, park, "count_bp") for row in rows), Fraction(0))
    if definition["measure"] == "sum":
        return sum((share(row, park, "amount_bp") * (row[fields[0]] or 0) for row in rows), Fraction(0))
    if definition["measure"] == "distinct":
        return Fraction(len({code_of(row[fields[0]]) for row in rows} - {None}))
    days = [
        (date.fromisoformat(row[fields[1]]) - date.fromisoformat(row[fields[0]])).days
        for row in rows
        if all(row[name] and row[f"{name}_precision"] == "day" for name in fields)
    ]
    return Fraction(sum(days), len(days)) if days else None


def code_of(value: Any) -> Any:
    """The code of a row that another one names, whichever way REST writes it."""
    return value["code"] if isinstance(value, dict) else value


def share(row: dict[str, Any], park: str, kind: str) -> Fraction:
    """The part of a project that is the park's; other rows belong to one park."""
    if "shares" not in row:
        return Fraction(1)
    return Fraction(sum(part[kind] for part in row["shares"] if part["park"] == park), 10_000)


@pytest.mark.parametrize(("park", "period"), cards())
def test_the_slices_of_a_rest_line_add_up_to_it(
    reader: Reader, indicators: dict[str, dict[str, Any]], park: str, period: str
) -> None:
    card = scorecard(reader, park, period)
    tried = 0
    for line in card["lines"]:
        code = line["indicator"]["code"]
        whole = Fraction(line["actual_numerator"] or 0, line["actual_denominator"] or 1)
        for dimension in {part["dimension"] for part in card["slices"] if part["indicator"] == code}:
            parts = [p for p in card["slices"] if (p["indicator"], p["dimension"]) == (code, dimension)]
            total = sum((Fraction(p["actual_numerator"], p["actual_denominator"]) for p in parts), Fraction(0))
            if indicators[code]["measure"] in {"count", "sum"} or dimension == "month":
                assert total == whole, (code, dimension)
                tried += 1
    assert tried >= 10


@pytest.mark.parametrize(("park", "period"), cards())
def test_a_rest_line_is_the_line_of_the_page(reader: Reader, park: str, period: str) -> None:
    rows = reader.page(f"/scorecards/{park}/{period}/").one("table", "annex1").one("tbody").all("tr")
    cells = [[cell.text for cell in row.children if isinstance(cell, Element)] for row in rows]
    printed = [row for row in cells if len(row) == 14]
    lines = scorecard(reader, park, period)["lines"]
    assert len(printed) == len(lines) == 12
    for row, line in zip(printed, lines, strict=True):
        assert row[1] == line["indicator"]["name"]
        assert row[5] == written(line, "actual"), (row, line)
        assert row[4] == written(line, "month_actual"), (row, line)
        assert row[3] == (f"{line['target']:,}" if line["target"] is not None else "—")
        rate = line["completion_rate"]
        assert row[6] == (f"{rate:,.1f}" if rate is not None else "—")
        points = line["ahead_pp"]
        assert row[8] == (signed(points) if points is not None else "—")
        assert row[12] == str(line["rank"] or "—")
        lamp = {"green": "绿灯", "amber": "黄灯", "red": "红灯"}.get(line["light"], "")
        assert row[13].startswith(lamp)


def signed(points: float) -> str:
    """A difference in points as tables print it: “+6.0”, “−5.0”, “0.0”."""
    return f"{points:+.1f}".replace("-", "−") if points else "0.0"


def written(line: dict[str, Any], name: str) -> str:
    """A REST number as the page prints it; an inexact number of people is cut before 余."""
    value, about = line[name], line["indicator"]
    if value is None:
        return "—"
    if about["unit"] == "人" and name == "actual" and line["inexact"] == "over":
        cut = Decimal(value // 1000 * 1000) / 10_000 if value >= 10_000 else None
        return f"{cut.normalize():f}万余" if cut else f"{value // 100 * 100:,}余"
    places = about["decimals"] or (0 if value == int(value) else 1)
    return decimal(Fraction(str(value)) / SCALES.get(about["display_unit"], 1), places)


# What the report says


LEAD = (
    "1至9月，签约亿元以上产业项目18个，超额完成市定目标6个；引进世界500强项目2个，超额完成市定目标1个。"
    "项目总投资104.9亿元，预计可实现年产值168亿元，解决就业4万余人，"
    "其中电子信息产业6个，总投资52.4亿元，可实现年产值34亿元。"
)


def test_the_totals_of_the_report_are_on_overview_scorecard_and_rest(reader: Reader) -> None:
    assert scorecard(reader, HOME, "2020-09")["lead"] == LEAD
    sheet, overview = reader.page(f"/scorecards/{HOME}/2020-09/"), reader.page(f"/?park={HOME}&period=2020-09")
    assert LEAD in [part.text for part in sheet.all("p", "lead")]
    said = {
        "projects_100m": "18",
        "fortune_global_500_projects": "2",
        "signed_investment": "104.9",
        "expected_output": "168.0",
        "expected_jobs": "4万余",
        "above_scale_enterprises": "9",
        "star_market_enterprises": "6",
        "group_start_projects": "6",
    }
    for page in (sheet, overview):
        drills = {(parse_qs(urlsplit(url).query)["figure"][0], text) for text, url in figures(page)}
        assert set(said.items()) <= drills
    rest = {line["indicator"]["code"]: line["actual"] for line in scorecard(reader, HOME, "2020-09")["lines"]}
    exact = {"signed_investment": 10_490_000_000, "expected_output": 16_800_000_000}
    assert {code: rest[code] for code in exact} == exact
    assert [rest[code] for code in ("projects_100m", "fortune_global_500_projects")] == [18, 2]
    assert [rest[code] for code in ("above_scale_enterprises", "star_market_enterprises")] == [9, 6]
    assert 40_000 < rest["expected_jobs"] < 41_000


def test_electronics_is_six_projects_of_52_4_and_34(reader: Reader) -> None:
    for page in (reader.page(f"/?park={HOME}&period=2020-09"), reader.page(f"/scorecards/{HOME}/2020-09/")):
        rows = [row for row in page.all("tr") if row.text.startswith("电子信息")]
        assert [cell.text for cell in rows[0].all("td") if cell.text][:2] == ["6", "52.4"]
        assert [cell.text for cell in rows[0].all("td")][-1] == "34.0"
    slices = scorecard(reader, HOME, "2020-09")["slices"]
    found = {p["indicator"]: p["actual"] for p in slices if (p["dimension"], p["key"]) == ("chain", "electronics")}
    assert [found[code] for code in TOTALS[:3]] == [6, 5_240_000_000, 3_400_000_000]


def test_the_group_start_is_six_projects_17_1_and_5_8(reader: Reader) -> None:
    row = next(row for row in reader.page("/group-starts/").all("tr") if "白沙洲" in row.text)
    assert [cell.text for cell in row.all("td")][0] == "6个、17.1亿元"
    assert "公布5.8亿元" in row.text
    assert "第1位" in row.text


def test_moving_in_took_27_and_16_days(reader: Reader, indicators: dict[str, dict[str, Any]]) -> None:
    line = line_of(reader, "average_settle_days")
    members = reader.rows(line["members_url"])
    definition = indicators["average_settle_days"]
    assert sorted(added_up(definition, [row], HOME) for row in members) == [16, 27]  # type: ignore[type-var]
    assert line["actual"] == 21.5
    for row in members:
        days = str(added_up(definition, [row], HOME))
        stats = [one.text for one in reader.page(f"/projects/{row['code']}/").all("div", "stat")]
        assert any(text.startswith(f"入驻用时示例{days}天") for text in stats), stats


def test_fortune_500_is_two_though_three_projects_are_of_such_groups(reader: Reader) -> None:
    mine = f"/projects/?park={HOME}&fortune_global_500=true"
    names = [row.all("th")[0].text for row in reader.page(mine).one("tbody").all("tr")]
    assert len(names) == 3
    assert any("智造谷" in name for name in names)
    line = line_of(reader, "fortune_global_500_projects")
    counted = sorted(row["name"] for row in reader.rows(line["members_url"]))
    assert counted == ["华润医药配送物流项目", "富士康智能手机机构件项目"]


# Negative controls: a banner that always agreed would pass everything above


@pytest.fixture
def fresh(reader: Reader) -> Reader:
    """The same reader who has read nothing yet."""
    return Reader(reader.browser, reader.program)


def differing(reader: Reader) -> set[str]:
    """Codes of the figures of the September overview whose lists no longer agree; each is opened once."""
    links = figures(reader.page(f"/?park={HOME}&period=2020-09"))
    first = {parse_qs(urlsplit(url).query)["figure"][0]: url for _text, url in reversed(links)}
    return {code for code, url in first.items() if "不一致" in reader.ends(url).one("p", "from").text}


def test_a_changed_amount_makes_exactly_its_own_figures_differ(fresh: Reader) -> None:
    Project.objects.filter(code=f"{HOME}-2020-011").update(total_investment=4 * YI)
    assert differing(fresh) == {"signed_investment"}


def test_a_project_that_no_longer_counts_makes_what_it_counted_for_differ(fresh: Reader) -> None:
    Project.objects.filter(code=f"{HOME}-2020-011").update(contract_type="framework")
    expected = {*TOTALS, "fortune_global_500_projects", "cohort_signed"}
    assert differing(fresh) == expected


def test_a_listing_step_more_makes_the_count_of_its_list_differ(fresh: Reader) -> None:
    step = ListingStep.objects.filter(enterprise__park=Park.objects.get(code=HOME)).first()
    assert step is not None
    ListingStep.objects.filter(pk=step.pk).update(happened_on=date(2019, 6, 1))
    assert differing(fresh) == {"star_market_enterprises"}
