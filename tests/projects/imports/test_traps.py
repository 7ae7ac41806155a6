"""Every trap of real ledgers (domain.md 7), each in a workbook of its own: read right, or asked about, never silent."""

from datetime import date
from typing import Any

import pytest

from parkportal.trace import Actor
from projects.imports import services
from projects.models import ImportBatch, Project
from tests.projects.imports.books import HEADS, book, ledger_row, packed, parts_of, xls
from tests.projects.imports.steps import (
    TODAY,
    YI,
    checked,
    clerk_of_a_park,
    fixes,
    imported,
    only_project,
    row,
    says,
    states,
    uploaded,
)

pytestmark = pytest.mark.django_db
SHORT = ("序号", "项目名称", "签约时间", "总投资", "用地面积", "开工时间")


def read_in(lines: Any, heads: Any = (SHORT,), **more: Any) -> tuple[Any, ImportBatch]:
    """Check and import a small ledger; returns the person and the batch."""
    user = clerk_of_a_park()
    return user, imported(user, checked(user, book(lines, heads=heads, **more)))


def test_three_merged_rows_of_heads_under_a_title() -> None:
    heads = [
        ["序号", "项目名称", "投资情况（万元）", "", "", "时间", ""],
        ["", "", "总投资", "其中", "", "签约", "开工"],
        ["", "", "", "固投", "引资额", "签约时间", "开工时间"],
    ]
    merges = [
        (0, 0, 0, 6, "园区项目台账"),
        (1, 0, 3, 0, "序号"),
        (1, 1, 3, 1, "项目名称"),
        (1, 2, 1, 4, "投资情况（万元）"),
        (2, 2, 3, 2, "总投资"),
        (2, 3, 2, 4, "其中"),
        (1, 5, 1, 6, "时间"),
    ]
    rows = [[1, "光纤连接器项目", 30000, 20000, 10000, date(2020, 5, 6), date(2020, 8, 1)]]
    user, batch = read_in(rows, heads, above=[["园区项目台账"]], merges=merges)
    made = only_project(user, "光纤连接器项目")
    assert (made.total_investment, made.fixed_asset_investment) == (3 * YI, 2 * YI)
    assert (made.contracted_capital, made.signed_on, made.started_on) == (YI, date(2020, 5, 6), date(2020, 8, 1))
    assert made.stage == "started"


def test_heads_of_two_rows_without_merged_cells() -> None:
    heads = [["序号", "项目名称", "投资情况", ""], ["", "", "总投资（亿元）", "固定资产投资（万元）"]]
    user, _batch = read_in([[1, "智能门锁项目", 3.2, 12000]], heads)
    made = only_project(user, "智能门锁项目")
    assert (made.total_investment, made.fixed_asset_investment) == (320_000_000, 120_000_000)


@pytest.mark.parametrize(
    ("line", "yuan"), [("单位：亿元", 300 * YI), ("金额单位：万元", 3_000_000), ("（单位：元）", 300)]
)
def test_the_unit_stands_only_in_a_line_above_the_table(line: str, yuan: int) -> None:
    user = clerk_of_a_park()
    batch = checked(user, book([[1, "血压计项目", "", 300]], heads=(SHORT,), above=[["台账"], [line]]))
    if yuan == 300:
        assert "应为300万元" in says(row(batch, 4)), "a project of 300元"
        return
    imported(user, batch)
    assert only_project(user, "血压计项目").total_investment == yuan


def test_a_heading_names_its_own_unit() -> None:
    heads = ["项目名称", "投资额（亿元）", "预计年产值，万元"]
    user, _batch = read_in([["铝型材项目", 5.5, 90000]], [heads], above=[["单位：元"]])
    made = only_project(user, "铝型材项目")
    assert (made.total_investment, made.expected_annual_output) == (550_000_000, 9 * YI)


def test_wan_and_yi_are_mixed_in_one_column() -> None:
    texts = ["3亿", "32000", "1.5亿元", "3个亿", "45,000万元", "１２０００"]
    names = ["光纤甲", "门锁乙丙", "血压丁戊", "叉车己庚", "软件辛壬", "口罩癸子"]
    rows = [[n, name, "", text] for n, (name, text) in enumerate(zip(names, texts, strict=True), 1)]
    user, _batch = read_in(rows)
    found = dict(Project.objects.filter(park=user.park).values_list("name", "total_investment"))
    assert [found[name] for name in names] == [3 * YI, 32 * 10**7, 15 * 10**7, 3 * YI, 45 * 10**7, 12 * 10**7]


@pytest.mark.parametrize(
    ("text", "yuan", "qualifier"),
    [
        ("约5亿", 5 * YI, "about"),
        ("5亿元以上", 5 * YI, "at_least"),
        ("3个亿", 3 * YI, "exact"),
        ("近2亿", 2 * YI, "near"),
    ],
)
def test_amounts_that_are_not_exact_keep_what_makes_them_so(text: str, yuan: int, qualifier: str) -> None:
    user, _batch = read_in([[1, "钻探装备项目", "", text]])
    made = only_project(user, "钻探装备项目")
    assert (made.total_investment, made.total_investment_qualifier) == (yuan, qualifier)


def test_an_inexact_amount_in_a_column_of_exact_ones_is_asked_about() -> None:
    user = clerk_of_a_park()
    batch = checked(user, book([["甲装备项目", 50000, "约3亿"]], heads=(["项目名称", "总投资", "固定资产投资"],)))
    assert "要填确数" in says(row(batch, 2)) and fixes(row(batch, 2)) == ["30000万元"]


def test_sums_of_land_are_added_up_and_said_to_be() -> None:
    user, batch = read_in([[1, "仓储物流项目", "", 30000, "30+20亩"]])
    assert only_project(user, "仓储物流项目").land_area_mu == 5000
    assert "“30+20亩”读作50亩" in says(row(batch, 2))


def test_totals_groups_notes_and_repeated_heads_are_no_projects() -> None:
    heads = ["序号", "项目名称", "投资方", "总投资"]
    rows = [
        ["一、电子信息（2个）", "", "", 50000],
        [1, "光纤连接器项目", "甲公司", 20000],
        [2, "石墨烯散热项目", "乙公司", 30000],
        ["", "小计", "", 50000],
        [],
        heads,
        ["二", "生物医药", "", 9000],
        [3, "中药饮片项目", "丙公司", 9000],
        ["合计", "", "", 59000],
        ["注：以上为示例"],
    ]
    user, batch = read_in(rows, [heads])
    assert states(batch) == {"new": 3}
    assert batch.counts["others"] == {"group": [2, 8], "total": [5, 10], "head": [7], "note": [11]}
    assert only_project(user, "中药饮片项目").chain.name == "生物医药", "the title of the group names the chain"


def test_a_name_merged_over_its_phases() -> None:
    heads = ["序号", "项目名称", "投资方", "建设内容", "总投资"]
    rows = [
        [1, "", "甲公司", "一期厂房", 30000],
        [2, "", "甲公司", "二期厂房", 20000],
        [3, "", "甲公司", "研发楼", 10000],
    ]
    user = clerk_of_a_park()
    batch = checked(user, book(rows, heads=(heads,), merges=[(1, 1, 3, 1, "智造谷项目")]))
    assert states(batch) == {"new": 1, "confirm": 2}
    assert "合并" in says(row(batch, 3)) and "phase" in row(batch, 3).problems["offers"]
    services.import_decide(by=Actor(user), batch=batch, numbers=[3, 4], decision="phase", on=TODAY)
    imported(user, batch)
    first = only_project(user, "智造谷项目")
    children = Project.objects.filter(parent=first).order_by("code")
    assert [(one.name, one.kind, one.total_investment) for one in children] == [
        ("智造谷项目（二期）", "phase", 2 * YI),
        ("智造谷项目（三期）", "phase", YI),
    ]


def test_an_amount_merged_over_several_rows_is_not_counted_for_each() -> None:
    heads = ["项目名称", "投资方", "总投资"]
    rows = [["锂电隔膜项目", "甲公司", ""], ["数控刀具项目", "", ""]]
    merges = [(1, 2, 2, 2, 50000), (1, 1, 2, 1, "甲公司")]
    user, _batch = read_in(rows, [heads], merges=merges)
    assert only_project(user, "锂电隔膜项目").total_investment == 5 * YI
    second = only_project(user, "数控刀具项目")
    assert (second.total_investment, second.investor.name) == (None, "甲公司")


def test_october_stored_as_a_number_is_asked_about() -> None:
    user = clerk_of_a_park()
    batch = checked(user, book([[1, "陶瓷滤波器项目", 2020.1, 30000]], heads=(SHORT,)))
    assert states(batch) == {"wrong": 1}
    assert "2020年1月，也可能是10月" in says(row(batch, 2)) and fixes(row(batch, 2)) == ["2020-01", "2020-10"]
    services.import_mend(by=Actor(user), batch=batch, texts={2: {2: "2020-10"}}, on=TODAY)
    imported(user, batch)
    made = only_project(user, "陶瓷滤波器项目")
    assert (made.signed_on, made.signed_on_precision) == (date(2020, 10, 1), "month")


def test_a_day_stored_as_a_number_is_asked_about_where_it_may_be_two() -> None:
    user = clerk_of_a_park()
    rows = [[1, "液压油缸项目", 7.1, 30000], [2, "环保涂料项目", 7.5, 30000], [3, "冷链中心项目", 43942, 30000]]
    batch = checked(user, book(rows, heads=(SHORT,)))
    assert fixes(row(batch, 2)) == ["2020年7月1日", "2020年7月10日"]
    assert row(batch, 3).state == "new" and "“7.5”按2020年" in says(row(batch, 3))
    assert fixes(row(batch, 4)) == ["2020-04-21"]


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("7.10", date(2020, 7, 10), "day"),
        ("7月中旬", date(2020, 7, 11), "ten_day"),
        ("2020年8月", date(2020, 8, 1), "month"),
        ("2020.07", date(2020, 7, 1), "month"),
        ("202007", date(2020, 7, 1), "month"),
        ("20200710", date(2020, 7, 10), "day"),
        ("2020/7/10", date(2020, 7, 10), "day"),
        ("2020年上半年", date(2020, 1, 1), "half"),
        ("6月底", date(2020, 6, 21), "ten_day"),
    ],
)
def test_days_as_staff_write_them(text: str, day: date, precision: str) -> None:
    user, _batch = read_in([[1, "机器人关节项目", text, 30000]], above=[["2020年1—9月项目台账"]])
    made = only_project(user, "机器人关节项目")
    assert (made.signed_on, made.signed_on_precision) == (day, precision)


@pytest.mark.parametrize("text", ["√", "已签约", "是"])
def test_a_tick_tells_the_stage_but_no_day(text: str) -> None:
    user, batch = read_in([[1, "汽车线束项目", text, 30000]])
    made = only_project(user, "汽车线束项目")
    assert (made.stage, made.signed_on, made.custom) == ("signed", None, {"签约时间": text})
    assert "没有写日期" in says(row(batch, 2))


def test_a_plan_is_not_booked_as_what_has_happened() -> None:
    user, batch = read_in([[1, "光伏支架项目", "拟10月", 30000, "", "拟10月"]])
    made = only_project(user, "光伏支架项目")
    assert (made.signed_on, made.started_on, made.stage) == (None, None, "lead")
    assert (made.planned_start_on, made.planned_start_on_precision) == (date(2020, 10, 1), "month")
    assert made.custom == {"签约时间": "拟10月"} and "记入计划开工时间" in says(row(batch, 2))


def test_one_sheet_for_each_month() -> None:
    def month(n: int) -> list[Any]:
        return [list(SHORT), [1, f"{n}月专用设备项目", f"{n}.5", 30000]]

    user = clerk_of_a_park()
    data = book(
        [[1, "1月专用设备项目", "1.5", 30000]], heads=(SHORT,), name="1月", more={"8月": month(8), "9月": month(9)}
    )
    batch = uploaded(user, data)
    assert (batch.sheet, [one["name"] for one in batch.options["sheets"]]) == ("9月", ["1月", "8月", "9月"])
    services.import_choose_sheet(by=Actor(user), batch=batch, sheet="8月", on=TODAY)
    mapping = {int(column): key for column, key in batch.mapping.items()}
    services.import_map(by=Actor(user), batch=batch, mapping=mapping, unit="万元", year=2020, hidden=True)
    services.import_check(by=Actor(user), batch=batch, on=TODAY)
    imported(user, batch)
    assert only_project(user, "8月专用设备项目").signed_on == date(2020, 8, 5)


@pytest.mark.parametrize("ending", ["xls", "et"])
def test_the_old_formats_of_excel_and_wps(ending: str) -> None:
    lines = [list(SHORT), [1, "玻璃盖板项目", "7月中旬", 30000, 63.7], [2, "减速机项目", "2020-05-06", "3亿", ""]]
    user = clerk_of_a_park()
    batch = imported(user, checked(user, xls(lines, hidden=[2]), f"台账2020.{ending}"))
    assert states(batch) == {"new": 2} and row(batch, 3).place["hidden"]
    assert only_project(user, "玻璃盖板项目").land_area_mu == 6370
    assert only_project(user, "减速机项目").total_investment == 3 * YI


def test_hidden_rows_are_said_to_be_hidden_and_can_be_left_out() -> None:
    rows = [[1, "康复器械项目", "", 30000], [2, "伺服电机项目", "", 40000]]
    user = clerk_of_a_park()
    data = book(rows, heads=(SHORT,), hidden=[2])
    assert uploaded(user, data).options["hidden_rows"] == 1
    kept = checked(user, data)
    assert states(kept) == {"new": 2} and row(kept, 3).place["hidden"]
    left_out = checked(user, data, hidden=False)
    assert states(left_out) == {"new": 1, "skipped": 1}


def test_a_ledger_of_sixty_columns_keeps_every_one() -> None:
    unknown = [f"专项{n}" for n in range(60 - len(HEADS))]
    rows = [[*ledger_row(1, "伺服电机项目"), *(f"内容{n}" for n in range(len(unknown)))]]
    user, batch = read_in(rows, [[*HEADS, *unknown]])
    made = only_project(user, "伺服电机项目")
    assert made.custom == {f"专项{n}": f"内容{n}" for n in range(len(unknown))}
    assert len(batch.mapping) == 60
    again = checked(user, book(rows, heads=([*HEADS, *unknown],)))
    assert states(again) == {"skipped": 1}


def test_a_column_without_a_heading_is_kept_too() -> None:
    user, _batch = read_in([["甲装备项目", 30000, "自己加的话"]], [["项目名称", "总投资", ""]])
    assert only_project(user, "甲装备项目").custom == {"第3列": "自己加的话"}


def test_a_formula_that_was_never_calculated_is_not_an_empty_cell() -> None:
    parts = parts_of(book([[1, "无人机项目", "", 30000]], heads=(SHORT,)))
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert b"<v>30000</v>" in sheet
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"<v>30000</v>", b"<f>1+1</f>")
    user = clerk_of_a_park()
    batch = checked(user, packed(parts.items()))
    assert states(batch) == {"wrong": 1} and "公式" in says(row(batch, 2))


def test_a_formula_that_failed_is_asked_about() -> None:
    parts = parts_of(book([[1, "无人机项目", "", 30000]], heads=(SHORT,)))
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'"><v>30000</v>', b'" t="e"><f>1/0</f><v>#DIV/0!</v>')
    batch = checked(clerk_of_a_park(), packed(parts.items()))
    assert states(batch) == {"wrong": 1} and "公式出错" in says(row(batch, 2))


def test_days_of_the_year_1904_system() -> None:
    user, _batch = read_in([[1, "碳化硅项目", date(2020, 7, 10), 30000]], options={"date_1904": True})
    assert only_project(user, "碳化硅项目").signed_on == date(2020, 7, 10)


def test_a_credit_code_stored_as_a_number_has_lost_its_end() -> None:
    heads = ["项目名称", "投资方", "统一社会信用代码"]
    batch = checked(clerk_of_a_park(), book([["输变电柜项目", "甲公司", 914403001922038216]], heads=(heads,)))
    assert "第15位以后已经丢失" in says(row(batch, 2))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("1_000", "不是一个金额"), ("-5000", "不能小于0"), ("#REF!", "不是一个金额"), ("约3亿以上", "只能用一种")],
)
def test_what_is_no_amount_is_said_to_be_none(text: str, sentence: str) -> None:
    batch = checked(clerk_of_a_park(), book([[1, "疫苗包材项目", "", text]], heads=(SHORT,)))
    assert states(batch) == {"wrong": 1} and sentence in says(row(batch, 2))


def test_blank_lines_in_the_middle_do_not_end_the_ledger() -> None:
    rows = [[1, "甲光纤项目", "", 30000], [], [], [2, "乙叉车项目", "", 1234.5]]
    user, batch = read_in(rows)
    assert states(batch) == {"new": 2} and only_project(user, "乙叉车项目").total_investment == 12_345_000


def test_invisible_characters_make_no_second_project() -> None:
    user, _batch = read_in([[1, "智能电表项目", "", 30000]])
    again = checked(user, book([[1, "\u200b智能 电表项目\u202e", "", 30000]], heads=(SHORT,)))
    assert states(again).get("new", 0) == 0


def test_blanks_never_empty_what_the_ledger_knows() -> None:
    user, _batch = read_in([[1, "超声探头项目", date(2020, 5, 6), 30000]])
    again = checked(user, book([[1, "超声探头项目", "", "—"]], heads=(SHORT,)))
    assert states(again) == {"skipped": 1}
