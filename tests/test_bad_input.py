"""Bad input gets a sentence in Chinese that says what is wrong and how to mend it, never a 5xx, and nothing is lost.

A table over every list of pages, every list of REST, and every form.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.urls import reverse

from tests.markup import Element, form_values, read
from tests.rest import API, RESOURCES
from tests.two_parks import World, built

pytestmark = pytest.mark.django_db
LISTS = (
    *("project-list", "enterprise-list", "fund-arrival-list", "group-start-list", "listing-step-list"),
    *("engagement-list", "target-list", "indicator-list", "scorecard-list"),
)
HAN = re.compile("[一-鿿].*。$")
"""A Chinese sentence."""
EVERYWHERE: list[tuple[str, str]] = [
    ("bogus", "1"),
    ("park_id", "1"),
    ("name__in", "a"),
    ("_connector", "OR"),
]
PAGED: list[tuple[str, str]] = [
    *(("page_size", value) for value in ("10000000", "0", "-1", "ten", "1e3")),
    *(("ordering", value) for value in ("nothing", "-", "--name", "pk", "?")),
]
NUMBERED = [("page", value) for value in ("0", "-1", "x", "１", "9" * 30)]
CURSOR = [("cursor", value) for value in ("x", "W10", "é" * 200)]
UNPAGED = {"target-list"}
"""Shows all rows of a year at once: there is no order and no page to choose."""
FILTERS: dict[str, list[tuple[str, str]]] = {
    "project": [
        *(("signed_on_after", value) for value in ("2020-13-01", "2020-02-30", "20200101", "去年", "0000-00-00")),
        *(("total_investment_min", value) for value in ("3亿", "30000万", "1e9", "1_000", "NaN", "∞")),
        *(("fortune_global_500", value) for value in ("1", "yes", "True", "是")),
        *(("park", value) for value in ("nowhere", "park-b", "%", "' OR 1=1 --", "../a")),
        *((name, "nothing") for name in ("chain", "stage", "status", "review_state", "investor", "company")),
        *((name, "someday") for name in ("counted", "signed_ever")),
    ],
    "enterprise": [("above_scale_on_after", "2020-02-30"), ("park", "nowhere"), ("counted", "x")],
    "fund-arrival": [("received_on_before", "9月"), ("origin_tier", "abroad"), ("project", "none"), ("verified", "1")],
    "group-start": [("held_on_after", "x"), ("level", "county"), ("park", "nowhere")],
    "listing-step": [("happened_on_after", "x"), ("board", "moon"), ("step", "left"), ("enterprise", "none")],
    "engagement": [("held_on_after", "x"), ("mode", "dream"), ("park", "nowhere")],
    "target": [("year", "二〇二〇"), ("year", "9" * 30), ("park", "nowhere"), ("indicator", "none")],
    "indicator": [("role", "king"), ("listed", "1")],
    "scorecard": [("period", "2020-13"), ("park", "nowhere"), ("status", "lost")],
}
"""What is wrong for a resource, on its page and in REST alike."""
REST_NAMES = {"group-start-entries": "group-start", "chains": "", "parks": ""}
UNDECODABLE = ("%00", "%FF", "%ED%A0%80", "%F0%9F%98%80", "%E2%80%AE")
"""NUL, no UTF-8, a lone surrogate, an emoji, and a mark that turns the text round."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with built(django_db_blocker) as made:
        yield made


def kind_of(name: str) -> str:
    """`fund-arrivals` is about `fund-arrival`."""
    return REST_NAMES.get(name, name.removesuffix("-list").removesuffix("s"))


def page_cases() -> list[tuple[str, str, str]]:
    """(page, key, value) of every bad address of a list."""
    return [
        (name, key, value)
        for name in LISTS
        for key, value in [
            *EVERYWHERE,
            *([] if name in UNPAGED else PAGED + NUMBERED),
            *FILTERS.get(kind_of(name), []),
        ]
    ]


def rest_cases() -> list[tuple[str, str, str]]:
    """(list, key, value) of every bad address of REST."""
    return [
        (name, key, value)
        for name in RESOURCES
        for key, value in [*EVERYWHERE, *PAGED, *CURSOR, *FILTERS.get(kind_of(name), [])]
    ]


@pytest.mark.parametrize("name", LISTS)
def test_a_bad_address_of_a_page_is_explained_and_shows_no_rows(world: World, name: str) -> None:
    browser = world.browser("leader_a")
    for _name, key, value in [case for case in page_cases() if case[0] == name]:
        answer = browser.get(f"{reverse(name)}?{key}={quote(value)}")
        assert answer.status_code == 400, (key, value)
        main = read(answer.content).one("main")
        told = [one.text for one in main.all("div", "state")]
        assert told, (key, value)
        assert any(re.search("[一-鿿]", one) and "。" in one for one in told), (key, value, told)
        assert not [wrap for wrap in main.all("div", "wrap") if wrap.all("tbody")], (key, value)
        assert [link for link in main.all("a") if link.attributes.get("href") == "?"], "a way out"


def test_a_sentence_names_what_is_wrong_and_what_is_right(world: World) -> None:
    browser = world.browser("leader_a")
    for query, words in (
        ("page_size=10000000", ["每页行数可选", "20、50、100、200"]),
        ("bogus=1", ["没有名为“bogus”的筛选条件", "signed_on_after"]),
        ("ordering=pk", ["不能按“pk”排序", "signed_on"]),
        ("signed_on_after=2020-02-30", ["日期写成“2020-09-30”的样子。"]),
        ("park=park-b", ["没有代码为“park-b”的选项，或不在你的权限内。"]),
        ("fortune_global_500=1", ["只能填true或false，现在是“1”。"]),
    ):
        said = read(browser.get(f"/projects/?{query}").content).one("main").text
        for word in words:
            assert word in said, (query, word)


@pytest.mark.parametrize("name", RESOURCES)
def test_a_bad_address_of_rest_is_explained_and_shows_no_rows(world: World, name: str) -> None:
    program = world.program("leader_a")
    for _name, key, value in [case for case in rest_cases() if case[0] == name]:
        answer = program.get(f"{API}{name}/?{key}={quote(value)}")
        assert answer.status_code == 400, (key, value, answer.content)
        error = answer.json()
        assert set(error) == {"code", "message", "fields"}
        assert list(error["fields"]) == [key]
        assert all(HAN.search(sentence) for sentence in [error["message"], *error["fields"][key]]), error


@pytest.mark.parametrize("value", UNDECODABLE)
def test_bytes_that_are_no_text_break_no_list(world: World, value: str) -> None:
    for name in LISTS:
        for key in ("search", "park", "ordering", "page", "figure", value):
            assert world.browser("leader_a").get(f"{reverse(name)}?{key}={value}").status_code < 500, (name, key)
    for name in RESOURCES:
        for key in ("search", "park", "ordering", "cursor", "updated_since", "fields", value):
            assert world.program("leader_a").get(f"{API}{name}/?{key}={value}").status_code < 500, (name, key)


ADDRESSES = (
    *("/projects/%00/", "/projects/../", "/projects/a%2Fb/", f"/projects/{'9' * 300}/", "/projects/示例/"),
    *(
        "/scorecards/park-a/2020-13/",
        "/scorecards/park-a/0000-00/",
        "/scorecards/park-a/x/",
        "/scorecards/nowhere/2020-09/",
    ),
    *("/scorecards/park-a/2020-09/nothing/", "/indicators/nothing/", "/chains/nothing/", "/group-starts/nothing/"),
    *("/enterprises/%F0%9F%98%80/", "/engagements/nothing/", "/nothing/", "/?park=nowhere", "/?park=%00"),
    *(f"{API}projects/nothing/", f"{API}nothing/", f"{API}scorecards/2020-13/", f"{API}projects/%00/"),
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_of_nothing_is_404_with_a_way_on(world: World, address: str) -> None:
    rest = address.startswith(API)
    answer = (world.program if rest else world.browser)("leader_a").get(address)
    assert answer.status_code == 404, answer.status_code
    if rest:
        assert HAN.search(answer.json()["message"])
    else:
        main = read(answer.content).one("main")
        assert re.search("[一-鿿]", main.one("h1").text)
        assert main.all("a")


@pytest.mark.parametrize("query", ["period=2020-13", "period=x", "period=%00", "period=2019-02", "period=" + "9" * 40])
def test_a_period_without_a_scorecard_says_so_on_the_overview_and_the_ranking(world: World, query: str) -> None:
    for path in ("/", "/ranking/"):
        answer = world.browser("leader_a").get(f"{path}?{query}")
        assert answer.status_code in {200, 400, 404}
        assert re.search("[一-鿿].*", read(answer.content).one("main").text)
        assert not read(answer.content).one("main").all("a", "drill"), path


# Forms: each mistake is named beside its field and in the summary, and everything typed is still there


class Form:
    """A form: where it is, who fills it in, and what is typed beside the mistake."""

    def __init__(self, url: str, who: str, marker: str, typed: dict[str, str]) -> None:
        self.url, self.who, self.marker, self.typed = url, who, marker, typed


FORMS: dict[str, Form] = {
    "project": Form("/projects/new/", "clerk_a", "name", {"name": "某项目", "content": "三条生产线"}),
    "enterprise": Form("/enterprises/new/", "clerk_a", "name", {"name": "某企业", "profile": "做机构件"}),
    "fund-arrival": Form(
        "/fund-arrivals/new/", "clerk_a", "amount", {"amount": "1000", "received_on": "2020-06-15", "proof": "回单八号"}
    ),
    "engagement": Form(
        "/engagements/new/", "clerk_a", "title", {"title": "洽谈", "held_on": "2020-04-21", "place": "深圳"}
    ),
    "listing-step": Form(
        "/listing-steps/new/", "clerk_a", "board", {"happened_on": "2020-05-20", "document": "某文号"}
    ),
    "target": Form(
        "/targets/new/", "statistician", "annual",
        {"park": "park-a", "indicator": "arrived_funds_domestic", "year": "2021", "annual": "12", "document": "某文号"},
    ),
    "indicator": Form(
        "/indicators/new/", "statistician", "definition",
        {"code": "fresh", "name": "某指标", "definition": "某口径。", "source": "projects", "measure": "count",
         "basis": "signed_on"},
    ),
}  # fmt: skip
MISTAKES: list[tuple[str, str, str, str]] = [
    *(("project", "signed_on", value, words) for value, words in (
        ("2020-13-01", "月份应为1至12"), ("2020-06-31", "没有31日"), ("2020.1", "可能是1月，也可能是10月"),
        ("去年", "不是一个日期"), ("2099-01-01", "晚于今天"), ("1234", "年份应在1900至2100之间"),
    )),
    *(("project", "total_investment", value, words) for value, words in (
        ("3万亿吨", "不是一个金额"), ("3.2.1", "不是一个金额"), ("-5", "不能小于0"), ("9" * 30, "不能超过"),
        ("320000000", "过大，请检查单位"), ("3亿万", "不是一个金额"),
    )),
    ("project", "expected_jobs", "几百人", "不是一个整数"),
    ("project", "land_area_mu", "63.777", "0.01亩"),
    ("project", "industry_code", "39", "写成“C39”"),
    ("project", "parent", "没有的项目", "没有名称或编号为“没有的项目”"),
    ("project", "category", "cheese", "没有这个选项"),
    ("project", "name", "长" * 101, "最多100个字，现在是101个"),
    ("enterprise", "uscc", "9143", "应为18位，现在是4位"),
    ("enterprise", "settled_year", "20", "四位年份"),
    ("enterprise", "above_scale_on", "8月份吧", "不是一个日期"),
    ("fund-arrival", "amount", "约5000万", "应是确数"),
    ("fund-arrival", "amount", "0", "应大于0"),
    ("fund-arrival", "project", "别人的项目", "没有名称或编号为“别人的项目”"),
    ("fund-arrival", "received_on", "2099-01-01", "不能晚于今天"),
    ("engagement", "held_on", "某天", "“某天”不是一个日期"),
    ("engagement", "project", "不存在", "没有名称或编号为“不存在”"),
    ("listing-step", "enterprise", "不存在", "没有名称或编号为“不存在”"),
    ("listing-step", "happened_on", "2020-02-30", "没有30日"),
    ("target", "annual", "十几个", "“十几个”"),
    ("target", "year", "20", "年"),
    ("indicator", "code", "项目数", "小写英文字母"),
    ("indicator", "decimals", "5", "小数位在0至4之间"),
]  # fmt: skip
CHOICES = {"category"}
"""Fields that offer a list: what is not on it cannot be shown again."""


@pytest.mark.parametrize(("name", "field", "value", "words"), MISTAKES)
def test_a_mistake_in_a_form_is_named_and_nothing_typed_is_lost(
    world: World, name: str, field: str, value: str, words: str
) -> None:
    form, browser = FORMS[name], world.browser(FORMS[name].who)
    shown = form_values(form_with(read(browser.get(form.url).content), form.marker))
    typed = form.typed | {field: value}
    answer = browser.post(form.url, shown | typed)
    assert answer.status_code == 200
    page = read(answer.content)
    links = page.one(css="error-summary").all("a")
    said = [link.text for link in links if field in link.attributes["href"]]
    assert any(words in sentence for sentence in said), [link.text for link in links]
    beside = [one.text for one in page.all(css="error")]
    assert all(any(sentence in text for text in beside) for sentence in said), beside
    kept = form_values(form_with(page, form.marker))
    for key, what in typed.items():
        assert key in CHOICES or kept[key] == [what], key


def form_with(page: Element, name: str) -> Element:
    """The form of a page that has a field of that name."""
    return next(form for form in page.all("form") if name in form_values(form))


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    "value", ["\x00", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "9" * 400]
)
def test_no_text_whatever_breaks_a_form(world: World, name: str, value: str) -> None:
    form, browser = FORMS[name], world.browser(FORMS[name].who)
    shown = form_values(form_with(read(browser.get(form.url).content), form.marker))
    hidden = {"csrfmiddlewaretoken", "key", "version"}
    typed = {key: value for key in shown if key not in hidden and "-" not in key}
    assert len(typed) > 5
    assert browser.post(form.url, shown | typed).status_code == 200


def test_a_body_that_is_no_form_breaks_nothing(world: World) -> None:
    for name, form in FORMS.items():
        answer = world.browser(form.who).post(form.url, b"\xff\xfe{", content_type="application/json")
        assert answer.status_code in {200, 400}, name


def test_an_amount_in_the_wrong_unit_is_doubted_with_the_right_one_offered(world: World) -> None:
    form, browser = FORMS["project"], world.browser("clerk_a")
    shown = form_values(form_with(read(browser.get(form.url).content), form.marker))
    typed = form.typed | {"investor_name": "某投资方", "contract_type": "formal", "stage": "signed"}
    answer = browser.post(form.url, shown | typed | {"total_investment": "3.2", "action": "submit"})
    fixes = [button.text for button in read(answer.content).all("button", "fix")]
    assert "总投资改为32,000万元" in fixes
