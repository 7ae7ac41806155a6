"""对账: which row of ours is which of theirs, why one is missing, and what is done about it."""

import csv
import io
from datetime import date
from random import Random
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from parkportal.models import Change, Park, User
from parkportal.roles import Role
from parkportal.trace import Actor, StaleVersion
from projects.models import Recognition
from reports.models import Reconciliation, ReconciliationRow
from reports.periods import Period
from reports.reconciliation.book import of_park, read_list, rows_of_file, rows_of_text
from reports.reconciliation.matching import Ours, Theirs, match
from reports.reconciliation.services import Decision, differences_settle, reconcile
from tests import factories as make
from tests.factories import YI

USCC = "91430400MA43WA0090"
NAMES = st.sampled_from(["智能终端", "智能终端二期", "智能终端（二期）", "高强铝材", "新能源整车", "智能制造"])
OURS = st.lists(st.tuples(NAMES, st.sampled_from(["", USCC]), st.sampled_from([None, YI, 2 * YI])), max_size=8)
SEPTEMBER = Period(2020, 9)


def ours_of(rows: Any) -> list[Ours]:
    return [Ours(f"p-{n}", name, frozenset({uscc} - {""}), amount) for n, (name, uscc, amount) in enumerate(rows)]


def theirs_of(rows: Any) -> list[Theirs]:
    return [Theirs(n, name, "", uscc, amount) for n, (name, uscc, amount) in enumerate(rows)]


@settings(max_examples=60, deadline=None)
@given(OURS, OURS, st.randoms(use_true_random=False))
def test_every_row_is_found_once_in_whatever_order_it_comes(one: Any, other: Any, chance: Random) -> None:
    ours, theirs = ours_of(one), theirs_of(other)
    found = match(ours, theirs)
    assert sorted([*(o.code for o, _t in found.pairs), *(o.code for o in found.only_ours)]) == sorted(
        o.code for o in ours
    )
    assert sorted([*(t.number for _o, t in found.pairs), *(t.number for t in found.only_theirs)]) == [
        t.number for t in theirs
    ]
    chance.shuffle(ours)
    chance.shuffle(theirs)
    assert match(ours, theirs) == found


@pytest.mark.parametrize(
    ("ours", "theirs", "pairs"),
    [
        ([("p-1", "甲项目")], [("旧名", "p-1", "")], ["p-1"]),
        ([("p-1", "智能终端（一期）")], [("智能终端 一期", "", "")], ["p-1"]),
        ([("p-1", "完全不同的名字", USCC)], [("改名后的厂", "", USCC)], ["p-1"]),
        ([("p-1", "轻钢装配式示范园")], [("轻钢装配式产业示范园建设项目", "", "")], ["p-1"]),
        ([("p-1", "稀土铝合金")], [("新能源整车", "", "")], []),
    ],
)
def test_rows_meet_by_code_name_and_credit_code(ours: Any, theirs: Any, pairs: list[str]) -> None:
    mine = [Ours(code, name, frozenset(codes)) for code, name, *codes in ours]
    listed = [Theirs(n, name, code, uscc) for n, (name, code, uscc) in enumerate(theirs)]
    assert [one.code for one, _other in match(mine, listed).pairs] == pairs


def test_two_phases_are_not_taken_for_one_another() -> None:
    phases = [Ours("p-1", "智能终端一期", amount=YI), Ours("p-2", "智能终端二期", amount=3 * YI)]
    found = match(phases, [Theirs(1, "智能终端二期"), Theirs(2, "智能终端项目一期")])
    assert [(one.code, other.number) for one, other in found.pairs] == [("p-1", 2), ("p-2", 1)]


def test_lists_are_read_as_they_come() -> None:
    pasted = rows_of_text("1. 甲项目\n（2）乙项目；\n\n合计2个")
    assert [row.name for row in read_list(pasted, "万元")] == ["甲项目", "乙项目"]
    sheet = rows_of_text(f"序号\t项目名称\t统一社会信用代码\t总投资（亿元）\n1\t甲项目\t{USCC}\t3.2\n\t合计\t\t3.2")
    (one,) = read_list(sheet, "万元")
    assert (one.name, one.uscc, one.amount) == ("甲项目", USCC, 320_000_000)
    (bare,) = read_list(rows_of_text(f"1\t甲项目\t{USCC}\t32000"), "万元")
    assert (bare.name, bare.uscc, bare.amount) == ("甲项目", USCC, 320_000_000)
    table = "项目名称,投资额\n甲项目,\n".encode("gb18030")
    assert [row.name for row in read_list(rows_of_file("名单.csv", table), "万元")] == ["甲项目"]
    for rows, sentence in (
        ([["项目名称", "总投资"], ["甲项目", "很多"]], "第2行"),
        ([[""]], "没有认出项目名称"),
        ([[f"项目{n}"] for n in range(501)], "一次最多对500行"),
    ):
        with pytest.raises(ValidationError, match=sentence):
            read_list(rows, "万元")


class Office:
    """A park that counts 甲, 乙 and 丙, of which the city lists 甲 under another amount, 乙, and one of its own."""

    def __init__(self) -> None:
        self.park: Park = make.make_park()
        self.clerk: User = make.make_user(park=self.park)
        self.indicator = make.make_indicator()
        self.rows = {name: make.make_project(park=self.park, name=f"{name}项目") for name in ("甲钢构", "乙电子")}
        self.rows["丙医药"] = make.make_project(park=self.park, name="丙医药项目", signed_on=date(2020, 9, 20))
        self.draft = make.make_project(
            park=self.park, name="丁新材料项目", review_state="draft", total_investment=YI // 2
        )
        Recognition.objects.create(project=self.rows["丙医药"], level="park", result="accepted")

    TEXT = "项目名称\t总投资（万元）\n甲钢构项目\t30000\n乙电子项目\t20000\n丁新材料\t5000"

    def typed(self, **more: Any) -> dict[str, Any]:
        values = {"park": self.park.code, "indicator": self.indicator.code, "period": "2020-09", "unit": "万元"}
        return values | {"authority": "市商务局", "document": "商函〔2020〕7号", "text": self.TEXT} | more

    def kept(self, user: User | None = None) -> Reconciliation:
        listed, values = read_list(rows_of_text(self.TEXT), "万元"), {"authority": "市商务局"}
        chosen: dict[str, Any] = {"park": self.park, "indicator": self.indicator, "period": SEPTEMBER}
        return reconcile(by=Actor(user or self.clerk), listed=listed, values=values, **chosen)


@pytest.fixture
def office(db: None) -> Office:
    return Office()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_sheet_says_which_and_why(office: Office) -> None:
    client = browser(office.clerk)
    answer = client.post("/reconciliations/new/", office.typed())
    page = client.get(answer["Location"])
    assert (page.context["counts"], page.context["both"]) == ({"matched": 1, "amount": 1, "ours": 1, "theirs": 1}, 2)
    assert "本园区3个，对方3个" in page.content.decode()
    ours, theirs, amount = page.context["differences"]
    assert ours["told"].ours == "丙医药项目" and "市级还没有认定；9月才计入" in ours["told"].row.why
    assert (theirs["told"].theirs, theirs["told"].ours) == ("丁新材料", "丁新材料项目")
    assert "总投资不少于10,000万元" in theirs["told"].row.why and "已审核且未终止" in theirs["told"].row.why
    assert (amount["our_amount"], amount["their_amount"]) == ("20,000", "30,000")
    assert client.get(page.context["list_url"]).context["object_list"].count() == 3
    kept = Reconciliation.objects.get()
    assert (kept.created_by, kept.document) == (office.clerk, "商函〔2020〕7号")
    assert Change.objects.filter(object_code__startswith=kept.code).count() == 5
    assert client.get("/reconciliations/?unsettled=true").context["rows"][0][0].left == 3


def test_the_sheet_goes_out_as_a_workbook(office: Office) -> None:
    kept = office.kept()
    answer = browser(office.clerk).get(f"/reconciliations/{kept.code}/file/")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert [row[1] for row in cells[:4]] == ["仅本园区有", "仅对方有", "金额不同", "两边都有"]
    assert cells[2][2:7] == ["甲钢构项目", office.rows["甲钢构"].code, 20000, "甲钢构项目", 30000]


def test_a_workbook_and_a_form_sent_twice_make_one(office: Office) -> None:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in (["签约项目名单"], ["序号", "项目名称", "总投资（亿元）"], [1, "甲钢构项目", 2], [2, "乙电子项目", 2.0]):
        book.active.append(row)
    book.save(buffer)
    client, key = browser(office.clerk), "11111111-1111-4111-8111-111111111111"
    for _time in range(2):
        file = SimpleUploadedFile("名单.xlsx", buffer.getvalue())
        answer = client.post("/reconciliations/new/", office.typed(text="", file=file, key=key))
        assert answer.status_code == 302
    kept = Reconciliation.objects.get()
    assert (kept.ours, kept.theirs) == (3, 2) and kept.rows.filter(kind="matched").count() == 2


def test_wrong_lists_are_said_and_what_was_typed_stays(office: Office) -> None:
    client = browser(office.clerk)
    refusals = {
        "只用一种": {"text": ""},
        "没有认出项目名称": {"text": "合计"},
        "第2行": {"text": "项目名称\t总投资\n甲\t很多"},
        "月份应写成": {"period": "九月"},
        "不用这项指标": {"indicator": make.make_indicator(region=make.make_region()).code},
        "打不开": {"text": "", "file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04broken")},
    }
    for sentence, typed in refusals.items():
        answer = client.post("/reconciliations/new/", office.typed(**typed))
        assert answer.status_code == 200 and sentence in answer.content.decode(), sentence
        assert answer.context["form"]["authority"].value() == "市商务局"
    ratio = make.make_indicator(
        measure="ratio", source="", filter="", numerator=office.indicator, denominator=office.indicator
    )
    assert "没有这个选项" in client.post("/reconciliations/new/", office.typed(indicator=ratio.code)).content.decode()
    assert not Reconciliation.objects.exists()


def test_differences_are_settled_by_one_at_a_time(office: Office) -> None:
    kept, client = office.kept(), browser(office.clerk)
    rows = {row.number: row for row in kept.rows.exclude(kind="matched")}
    first, second = sorted(rows)[:2]
    sent = {f"r{n}-version": "1" for n in rows} | {f"r{first}-decision": "请市里补列", f"r{first}-settled": "on"}
    assert client.post(f"/reconciliations/{kept.code}/", sent).status_code == 302
    settled = kept.rows.get(number=first)
    assert (settled.decision, settled.settled, settled.version) == ("请市里补列", True, 2)
    assert Change.objects.latest("seq").diff == {"decision": ["", "请市里补列"], "settled": [False, True]}
    late = sent | {f"r{first}-decision": "不改", f"r{second}-decision": "核减"}
    answer = client.post(f"/reconciliations/{kept.code}/", late)
    assert answer.status_code == 409 and not kept.rows.get(number=second).decision
    shown = {one["told"].row.number: one for one in answer.context["differences"]}
    assert shown[first]["yours"] == "不改" and shown[first]["form"]["decision"].value() == "请市里补列"
    assert shown[second]["form"]["decision"].value() == "核减"
    long = {f"r{n}-version": "2" if n == first else "1" for n in rows} | {f"r{second}-decision": "长" * 301}
    answer = client.post(f"/reconciliations/{kept.code}/", long)
    assert answer.status_code == 400 and "处理意见最多300个字" in answer.content.decode()
    with pytest.raises(StaleVersion):
        differences_settle(by=Actor(office.clerk), reconciliation=kept, decisions=[Decision(first, 1, "别的", True)])


def test_only_who_prepares_the_parks_scorecard_compares(office: Office) -> None:
    kept = office.kept()
    for user in (make.make_user(Role.LEADER, park=office.park), make.make_user()):
        with pytest.raises(PermissionDenied):
            office.kept(user)
        with pytest.raises(PermissionDenied):
            differences_settle(by=Actor(user), reconciliation=kept, decisions=[Decision(3, 1, "改", True)])
    matched = kept.rows.get(kind="matched")
    wanted = Decision(matched.number, 1, "两边都有的不用处理", True)
    assert differences_settle(by=Actor(office.clerk), reconciliation=kept, decisions=[wanted]) == 0
    head = browser(make.make_user(Role.HEAD, park=office.park))
    head.post(f"/reconciliations/{kept.code}/withdraw/", {"version": "1"})
    assert head.get(f"/reconciliations/{kept.code}/").status_code == 404


def test_a_secret_project_keeps_its_name(office: Office) -> None:
    head = make.make_user(Role.HEAD, park=office.park)
    for row in (office.rows["甲钢构"], office.draft):
        row.confidentiality, row.code_name = "secret", "代号一"
        row.save()
    kept = office.kept(head)
    assert ReconciliationRow.objects.filter(member=office.draft.code).exists()
    for user, seen in ((head, True), (office.clerk, False)):
        client = browser(user)
        page = client.get(f"/reconciliations/{kept.code}/").content.decode()
        file = f"/reconciliations/{kept.code}/file/?format=csv"
        usual, asked = (
            b"".join(client.get(f"{file}{more}").streaming_content).decode()  # type: ignore[attr-defined]
            for more in ("", "&with_secret=true")
        )
        assert "代号一" in usual and "甲钢构" not in usual and "丁新材料" not in usual
        for said in (page, asked):
            assert ("甲钢构" in said, "丁新材料" in said, "代号一" in said) == (seen, seen, not seen)
    blind = office.kept(office.clerk)
    assert not blind.rows.filter(member=office.draft.code).exists()


def test_sums_and_old_line_ends_are_no_rows() -> None:
    """“合 计” is how offices space it out; a name that only begins like a sum is a project."""
    text = "项目名称\t总投资\r甲\t100\r小计算机制造\t50\r合 计\t150\r合计（2个）\t150\r总计2个\t"
    for rows in (rows_of_text(text), rows_of_file("名单.csv", text.replace("\t", ",").encode())):
        assert [one.name for one in read_list(rows, "万元")] == ["甲", "小计算机制造"]


def test_an_open_quote_is_said_and_changes_nothing_for_other_files() -> None:
    with pytest.raises(ValidationError, match="引号不成对"):
        rows_of_file("名单.csv", ('"' + "甲" * 140_000).encode())
    assert csv.field_size_limit() == 131_072


def test_beside_arrived_money_stands_no_total_investment(office: Office) -> None:
    """What lies nearest is shown with the amount that is compared: of a list of arrivals none is known of it."""
    funds = {"source": "fund_arrivals", "filter": "", "measure": "sum", "basis": "received_on"}
    indicator = make.make_indicator(**funds, measure_fields="amount", unit="元", display_unit="亿元")
    listed = read_list(rows_of_text("项目名称\t金额（万元）\n甲钢构项目\t300"), "万元")
    chosen: dict[str, Any] = {"park": office.park, "indicator": indicator, "period": SEPTEMBER}
    kept = reconcile(by=Actor(office.clerk), listed=listed, values={"authority": "市商务局"}, **chosen)
    row = kept.rows.get()
    assert (row.kind, row.member, row.our_amount) == ("theirs", office.rows["甲钢构"].code, None)


def test_a_row_of_ours_that_was_not_paired_is_not_said_to_lie_outside(office: Office) -> None:
    """Of an investor's two projects neither is surely meant, but the nearest counts in this very period."""
    investor = make.make_enterprise(park=office.park, uscc=USCC)
    for name, amount in (("戊光伏组件", 2 * YI), ("己储能电站", 4 * YI)):
        make.make_project(park=office.park, name=name, total_investment=amount, investor=investor)
    listed = read_list(rows_of_text(f"项目名称\t信用代码\t总投资（万元）\n新能源基地\t{USCC}\t20500"), "万元")
    chosen: dict[str, Any] = {"park": office.park, "indicator": office.indicator, "period": SEPTEMBER}
    kept = reconcile(by=Actor(office.clerk), listed=listed, values={"authority": "市商务局"}, **chosen)
    assert kept.rows.get(kind="theirs").why == "最相近的项目在本园区清单里，请核对是不是同一个"


def test_amounts_of_another_currency_are_refused(office: Office) -> None:
    funds = {"source": "fund_arrivals", "filter": "", "measure": "sum", "basis": "received_on"}
    dollars = make.make_indicator(**funds, measure_fields="amount_usd", unit="美元", display_unit="万美元")
    client, text = browser(office.clerk), "项目名称\t总投资\n甲钢构项目\t300"
    for more in ({"text": text}, {"text": text.replace("总投资", "总投资（万元）"), "unit": "万美元"}):
        page = client.post("/reconciliations/new/", office.typed(indicator=dollars.code, **more)).content.decode()
        assert "这项指标的金额以万美元对照" in page
    right = office.typed(indicator=dollars.code, unit="万美元", text=text)
    assert client.post("/reconciliations/new/", right).status_code == 302


def test_a_long_comparison_can_be_settled_and_a_longer_one_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = office.kept()
    sent = {f"r{n}-{name}": "1" for n in range(1, 1_501) for name in ("version", "decision", "settled")}
    assert browser(office.clerk).post(f"/reconciliations/{kept.code}/", sent).status_code == 302
    monkeypatch.setattr("reports.reconciliation.services.MOST_OURS", 2)
    with pytest.raises(ValidationError, match="本园区这个数有3行"):
        office.kept()


def test_heads_of_two_rows_units_above_and_rows_that_are_no_projects() -> None:
    rows = [
        ["认定名单", "", "", "单位：亿元"],
        ["序号", "项目名称", "投资情况", ""],
        ["", "", "总投资", "固投"],
        ["一、电子信息", "", "", ""],
        ["1", "甲项目", "1.5", "1"],
        ["2", "乙项目", "２．５", ""],
        ["合计", "2个", "4", ""],
        ["", "注：以上为市里认定项目", "", ""],
    ]
    assert [(one.name, one.amount) for one in read_list(rows, "万元")] == [
        ("甲项目", YI * 3 // 2),
        ("乙项目", YI * 5 // 2),
    ]
    headed = [["单位：亿元"], ["项目名称", "总投资（万元）"], ["甲项目", "15000"]]
    assert read_list(headed, "元")[0].amount == YI * 3 // 2, "the column itself knows best"
    assert [one.name for one in read_list(rows_of_text("一、甲项目\n二、乙项目\n合计：2个"), "万元")] == [
        "甲项目",
        "乙项目",
    ]


def test_of_a_shared_project_the_parks_part_is_compared(office: Office) -> None:
    shared = make.make_project(
        park=office.park, name="戊基地项目", shares=[(office.park, 3000), (make.make_park(), 7000)]
    )
    client = browser(office.clerk)
    for amount, kind in (("6000", "matched"), ("20000", "amount")):
        answer = client.post("/reconciliations/new/", office.typed(text=f"项目名称\t总投资\n戊基地项目\t{amount}"))
        page = client.get(answer["Location"])
        row = Reconciliation.objects.get(code=page.context["object"].code).rows.get(member=shared.code)
        assert (row.our_amount, row.kind, "全额" in row.why) == (6000 * 10_000, kind, kind == "amount")
    assert 'name="with_secret"' in page.content.decode()
    assert 'name="with_secret"' in client.get(f"/data-quality/?park={office.park.code}&year=2020").content.decode()


def test_of_the_citys_list_the_rows_of_other_parks_are_left_out_and_said(office: Office) -> None:
    short = office.park.name[:-1]
    rows = [
        ["责任\n园区", "项目名称", "总投资（万元）"],
        ["外地园区", "甲钢构项目", "1"],
        ["", "己项目", "2"],
        ["外地园区小计", "2个", "3"],
        [short, "乙电子项目", "面议"],
        ["", "丙医药项目", "20000"],
    ]
    text = "\n".join("\t".join(row).replace("\n", "") for row in rows)
    client = browser(office.clerk)
    answer = client.post("/reconciliations/new/", office.typed(text=text), follow=True)
    assert "名单里另有2行是其他园区的" in answer.content.decode()
    kept = Reconciliation.objects.get()
    assert [row.their_name for row in kept.rows.exclude(their_name="")] == ["乙电子项目", "丙医药项目"]
    assert of_park(rows, office.park.name)[0][4][1] == "乙电子项目", "numbers of rows stay"
    refused = client.post("/reconciliations/new/", office.typed(text=text.replace(short, "第三园区"))).content.decode()
    assert "“责任园区”一列里没有" in refused and "或去掉这一列" in refused
