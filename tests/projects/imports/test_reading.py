"""Heads, rows and cells by themselves: what a heading means, what a row is, how a cell is read. No database."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkportal.workbooks import Sheet
from parkportal.writing import Unreadable, clean_text
from projects.imports import heads
from projects.imports.cells import USUAL, Unclear, clean, read
from projects.imports.fields import BY_KEY, CHOICES, CHOSEN, CUSTOM, FIELDS, LABELS
from projects.imports.paste import read_paste
from projects.imports.rows import table_of
from projects.models import Project

DOMAIN = """
序号 编号→code 项目名称 项目名→name 名称→name 签约项目名称→name 投资方→investor_name 投资主体→investor_name
投资企业→investor_name 投资商→investor_name 签约主体→investor_name 客商名称→investor_name 乙方→investor_name
投资方所在地→investor_origin 来源地→investor_origin 资金来源地→investor_origin 省份→investor_origin
是否三类500强→ranked 500强类型→ranked 企业类别→ranked 项目公司→company_name 落地企业→company_name 注册公司→company_name
统一社会信用代码→company_uscc 信用代码→company_uscc 营业执照号→company_uscc 建设内容及规模→content 项目概况→content
项目类别→category 类型→category 所属产业链→chain 产业→chain 所属行业→chain 建设性质→construction_nature
新建/扩建/技改→construction_nature 项目性质→construction_nature 建设地点→site 选址→site 落地园区→site
用地方式→land_use_mode 供地/租赁/购买→land_use_mode 载体类型→land_use_mode 用地面积（亩）→land_area_mu
占地→land_area_mu 厂房面积（㎡）→workshop_area_sqm 租赁面积→workshop_area_sqm 建筑面积→workshop_area_sqm
总投资（万元）→total_investment 总投资额→total_investment 投资总额→total_investment 投资额（亿元）→total_investment
计划总投资→total_investment 协议投资额→total_investment 固定资产投资→fixed_asset_investment 固投→fixed_asset_investment
其中：固定资产→fixed_asset_investment 合同引资额→contracted_capital 协议引资→contracted_capital
外资额（万美元）→foreign 合同外资→foreign 年度计划投资→annual_planned_investment 本年计划→annual_planned_investment
合同类型→contract_type 协议类型→contract_type 签约时间→signed_on 签约日期→signed_on 合同签订时间→signed_on
签约活动→event 签约批次→event 节会名称→event 注册时间→registered_on 工商注册→registered_on 营业执照时间→registered_on
约定（预计）开工时间→planned_start_on 拟开工→planned_start_on 计划开工→planned_start_on 实际开工时间→started_on
开工时间→started_on 预计投产时间→planned_production_on 拟投产→planned_production_on 实际投产时间→in_production_on
投产日期→in_production_on 竣工投产→in_production_on 项目阶段→stage 项目状态→stage 进展阶段→stage 目前进展→progress
形象进度→progress 工作动态→progress 本月到位资金→month_funds 当月到位→month_funds 累计到位资金→funds 到位资金→funds
1—9月到位→funds 累计完成投资→completed_investment 实际投资→completed_investment 预计年产值→expected_annual_output
达产产值→expected_annual_output 预计年税收→expected_annual_tax 年纳税→expected_annual_tax 预计就业→expected_jobs
就业人数→expected_jobs 用工→expected_jobs 带动就业→expected_jobs 存在问题→problem 需协调事项→problem 堵点→problem
下一步计划→next_step 下步打算→next_step 推进措施→next_step 责任领导→lead_official 包联领导→lead_official
责任单位／责任人→responsible 责任科室→responsible 引进单位→responsible 项目专员→responsible
企业联系人及电话→contact 联系人→contact 联系方式→contact 备注→note 认定情况→note
"""
PAIRS = [word.partition("→")[::2] for word in DOMAIN.split() if "→" in word]


@pytest.mark.parametrize(("heading", "key"), PAIRS)
def test_every_heading_of_the_ledger_is_known(heading: str, key: str) -> None:
    assert heads.meaning(heading) == (key, 100)


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("项目计划总投资（亿元）", "total_investment"),
        ("拟开工建设时间", "planned_start_on"),
        ("2020年1—9月到位资金", "funds"),
        ("项目总投资额\n（万元）", "total_investment"),
        ("目前项目进展情况", "progress"),
        ("3.责任领导", "lead_official"),
    ],
)
def test_headings_with_something_added_are_known_too(heading: str, key: str) -> None:
    assert heads.meaning(heading)[0] == key


@pytest.mark.parametrize("heading", ["", "拆迁户数", "电力需求", "环评批复文号"])
def test_what_is_not_known_is_not_guessed(heading: str) -> None:
    assert heads.meaning(heading) == ("", 0)


def test_the_catalogue_fits_the_model() -> None:
    columns = {field.name for field in Project._meta.get_fields()}
    others = {"code", "investor_name", "investor_origin", "company_name", "company_uscc", "company_uscc_reason"}
    assert {field.key for field in CHOSEN} - columns == (others - {"code"}) | {"responsible"}
    for key, choices in CHOICES.items():
        column: Any = Project._meta.get_field(key)
        assert set(choices.values()) == set(dict(column.choices)), key
        assert {choices[label] for label in LABELS[key] if label in choices} == set(choices.values()), key
    longest = {field.key: field.longest for field in FIELDS if field.longest and field.key in columns}
    assert all(Project._meta.get_field(key).max_length == length for key, length in longest.items())


def found(lines: list[list[Any]], **more: Any) -> heads.Heads:
    seen = heads.find(Sheet("台账", rows=lines, **more), "台账.xlsx")
    assert seen is not None
    return seen


def test_the_head_is_found_below_titles_and_above_the_first_row() -> None:
    seen = found([["某园区2020年台账"], ["单位：亿元"], ["序号", "项目名称", "总投资", "电力需求"], [1, "甲", 3, "大"]])
    assert (seen.row, seen.height, seen.unit, seen.year) == (2, 1, "亿元", 2020)
    assert seen.mapping == {0: "", 1: "name", 2: "total_investment", 3: CUSTOM}


def test_a_row_of_data_is_not_swallowed_by_the_head() -> None:
    seen = found([["项目名称", "自设", "总投资"], ["甲项目", "工业", "3亿"]])
    assert (seen.row, seen.height) == (0, 1)


def test_a_field_is_taken_by_one_column_only() -> None:
    seen = found([["项目名称", "投资额", "总投资"], ["甲", 1, 2]])
    assert list(seen.mapping.values()).count("total_investment") == 1 and CUSTOM in seen.mapping.values()


def test_nothing_that_looks_like_a_head_is_no_head() -> None:
    assert heads.find(Sheet("x", rows=[["你好", "世界"], [1, 2]])) is None
    assert heads.find(Sheet("x")) is None


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("台账2020年9月", 2020),
        ("台账20200928", 2020),
        ("202009台账", 2020),
        ("电话12345678", None),
        ("园区2021台账2020年", 2020),
    ],
)
def test_the_year_is_found_in_names(name: str, year: int | None) -> None:
    seen = heads.find(Sheet("x", rows=[["项目名称", "总投资"], ["甲", 1]]), name)
    assert seen is not None and seen.year == year


def test_the_shape_knows_columns_not_contents() -> None:
    one, other = (found([["项目名称", "总投资"], [text, 1]]) for text in ("甲", "乙"))
    assert one.shape == other.shape != found([["总投资", "项目名称"], [1, "甲"]]).shape


@given(st.lists(st.lists(st.none() | st.text(max_size=6) | st.integers() | st.booleans(), max_size=6), max_size=12))
def test_no_row_is_lost_whatever_stands_in_it(lines: list[list[Any]]) -> None:
    sheet = Sheet("x", rows=[["项目名称", "总投资"], *lines])
    seen = heads.find(sheet)
    assert seen is not None
    table = table_of(sheet, seen, seen.mapping)
    numbers = {row.number for row in table.rows} | {n for rows in table.others.values() for n in rows}
    blank = {n for n, line in enumerate(lines, 2) if n not in numbers}
    nothing = {None, "", "—", "-", "--", "——", "/", "／", "无", "\\"}
    for n in blank - set(range(1, seen.first_row + 1)):
        assert all(
            cell in nothing or (isinstance(cell, str) and not clean(cell).strip("—-/ ")) for cell in lines[n - 2]
        )


@given(st.text())
def test_what_is_usual_text_is_cleaned_as_all_text(text: str) -> None:
    if USUAL.fullmatch(text):
        assert clean(text) == clean_text(text)


@given(st.sampled_from(CHOSEN), st.none() | st.text(max_size=30) | st.integers() | st.floats() | st.booleans())
def test_any_cell_is_read_or_refused_in_words(field: Any, cell: Any) -> None:
    try:
        read(field, cell, unit="万元", year=2020)
    except Unreadable as refused:
        assert str(refused)


@pytest.mark.parametrize(
    ("cell", "fixes"),
    [
        ("2020/13/09", ("2020-09-13",)),
        ("2020.1", ("2020-01", "2020-10")),
        ("2020-06-31", ("2020-06-30",)),
        (2020.1, ("2020-01", "2020-10")),
        (10.2, ("2020年10月2日", "2020年10月20日")),
        (2.3, ()),
        ("不清楚", ()),
    ],
)
def test_days_that_cannot_be_suggest_what_may_be_meant(cell: Any, fixes: tuple[str, ...]) -> None:
    if cell == 2.3:
        assert read(BY_KEY["signed_on"], cell, year=2020).values["signed_on"] == date(2020, 2, 3), "no 30 February"
        return
    with pytest.raises(Unclear) as unclear:
        read(BY_KEY["signed_on"], cell, year=2020)
    assert unclear.value.fixes == fixes


@pytest.mark.parametrize(
    ("key", "text", "code"),
    [
        ("land_use_mode", "租赁标准厂房", "lease"),
        ("category", "工业项目", "industry"),
        ("contract_type", "框架协议", "framework"),
        ("stage", "已开工", "started"),
        ("construction_nature", "改扩建", "extension"),
    ],
)
def test_choices_as_staff_write_them(key: str, text: str, code: str) -> None:
    assert read(BY_KEY[key], text).values == {key: code}


def test_a_choice_that_is_none_names_those_that_are() -> None:
    with pytest.raises(Unclear, match="可填：意向书、备忘录、框架协议、正式合同") as unclear:
        read(BY_KEY["contract_type"], "正式的合同书")
    assert "正式合同" in unclear.value.fixes


def test_a_calculated_amount_is_rounded_to_the_yuan_and_said_to_be() -> None:
    reading = read(BY_KEY["total_investment"], 10000 / 3, unit="万元")
    assert reading.values["total_investment"] == 33_333_333 and "四舍五入" in reading.note
    assert read(BY_KEY["fixed_asset_investment"], 0.1 + 0.2, unit="亿元").values == {
        "fixed_asset_investment": 30_000_000
    }


# --- paste ---------------------------------------------------------------------------------------------------------


def test_a_row_without_heads_is_read_in_the_usual_order() -> None:
    text = "1\t高压水泵项目\t甲公司\t广东深圳\t\t年产1万台水泵\t正式合同\t2020-07-10\t备用"
    found = read_paste(text)
    assert found.texts["name"] == "高压水泵项目" and found.texts["investor_name"] == "甲公司"
    assert found.texts["investor_origin"] == "广东深圳" and found.texts["contract_type"] == "formal"
    assert found.texts["signed_on"] == "2020-07-10"


def test_labelled_lines_are_read_by_their_labels() -> None:
    text = "项目名称：高压水泵项目\n投资方：甲公司；总投资：约5亿元\n3.存在问题：10千伏专线未接通"
    texts = read_paste(text).texts
    assert (texts["name"], texts["investor_name"]) == ("高压水泵项目", "甲公司")
    assert (texts["total_investment"], texts["problem"]) == ("约5亿元", "10千伏专线未接通")


def test_a_plan_in_a_paragraph_is_a_plan() -> None:
    texts = read_paste("水泵项目，计划10月开工，预计2021年6月投产，计划总投资3.2亿元").texts
    assert texts["planned_start_on"] == "10月" and "started_on" not in texts
    assert texts["planned_production_on"] == "2021年6月" and texts["total_investment"] == "3.2亿元"


def test_what_no_field_takes_is_left_over_and_not_lost() -> None:
    found = read_paste("项目名称\t总投资\t联系人\t合同类型\n水泵项目\t3亿\t张三\t口头的")
    assert found.texts == {"name": "水泵项目", "total_investment": "3亿"}
    assert found.left == ["联系人：张三", "合同类型：口头的"]


@given(st.text(alphabet="项目名称总投资：\t\n\r亿1.0年月\"'= ", max_size=200))
def test_any_paste_is_taken(text: str) -> None:
    assert all(isinstance(one, str) for one in read_paste(text).texts.values())


@pytest.mark.parametrize("text", ["投资" * 10_000, "1" * 20_000, "投资" + " " * 19_000, "由" * 20_000, "1月" * 10_000])
def test_a_long_paste_without_sense_is_only_content(text: str) -> None:
    assert set(read_paste(text).texts) <= {"content"}
