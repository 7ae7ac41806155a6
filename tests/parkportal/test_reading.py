"""What people type is read: amounts, counts, dates and texts, or refused with a sentence that helps."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkportal import writing
from parkportal.writing import Unreadable

pytestmark = pytest.mark.once

YI = writing.YUAN_PER_YI
WAN = writing.YUAN_PER_WAN
fractions = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6)
days = st.dates(date(1950, 1, 1), date(2100, 12, 31))
precisions = st.sampled_from(writing.PRECISIONS)


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("3亿", 3 * YI),
        ("3.2亿元", 32_000 * WAN),
        ("30000万", 3 * YI),
        ("30,000", 3 * YI),
        ("３．２亿", 32_000 * WAN),
        ("3个亿", 3 * YI),
        ("  32000 万元", 32_000 * WAN),
        ("5000元", 5_000),
        ("1亿2000万元", 12_000 * WAN),
        ("500千万", 5 * 10**9),
        ("人民币3亿元", 3 * YI),
        ("￥9,999.99万元", 99_999_900),
        ("0", 0),
        ("3\u200b亿", 3 * YI),
    ],
)
def test_money_is_read_as_people_write_it(text: str, yuan: int) -> None:
    assert writing.read_money(text) == yuan


def test_the_column_gives_the_unit_that_a_number_lacks() -> None:
    assert writing.read_money("3", "亿元") == 3 * YI
    assert writing.read_money("3", "元") == 3
    assert writing.read_money("300", "万美元") == writing.read_money("300万美元", "万美元") == 3_000_000


@given(st.integers(0, writing.MOST_YUAN), st.sampled_from(["元", "万元", "亿元"]))
def test_written_money_reads_back(yuan: int, unit: str) -> None:
    decimals = 8 if unit == "亿元" else None
    assert writing.read_money(writing.write_money(yuan, unit, decimals) + unit) == yuan


@pytest.mark.parametrize(
    ("text", "yuan", "qualifier"),
    [
        ("5亿元以上", 5 * YI, "at_least"),
        ("5亿元（含）以上", 5 * YI, "at_least"),
        ("不低于5亿", 5 * YI, "at_least"),
        ("5亿余元", 5 * YI, "over"),
        ("超5亿元", 5 * YI, "over"),
        ("约5亿", 5 * YI, "about"),
        ("5亿元左右", 5 * YI, "about"),
        ("近3000", 3_000 * WAN, "near"),
        ("1000余元", 1_000, "over"),
        ("3亿", 3 * YI, "exact"),
    ],
)
def test_an_inexact_amount_keeps_its_qualifier(text: str, yuan: int, qualifier: str) -> None:
    assert writing.read_qualified_money(text) == (yuan, qualifier)


@pytest.mark.parametrize(
    ("text", "value", "qualifier"),
    [
        ("1000余", 1000, "over"),
        ("1,000余人", 1000, "over"),
        ("约300", 300, "about"),
        ("近5000", 5000, "near"),
        ("5以上", 5, "at_least"),
        ("4万余人", 40_000, "over"),
        ("1.2万", 12_000, "exact"),
        ("５００人", 500, "exact"),
    ],
)
def test_a_count_is_read_with_its_qualifier(text: str, value: int, qualifier: str) -> None:
    assert writing.read_count(text) == (value, qualifier)


@given(st.integers(0, writing.MOST_COUNT), st.sampled_from(writing.QUALIFIERS))
def test_a_written_count_reads_back(value: int, qualifier: str) -> None:
    assert writing.read_count(writing.write_count(value, qualifier)) == (value, qualifier)


def test_land_is_read_in_hundredths_of_a_mu() -> None:
    assert writing.read_area_mu("63.7") == writing.read_area_mu("63.70 亩") == 6370


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2020-07-10", date(2020, 7, 10), "day"),
        ("2020/7/10", date(2020, 7, 10), "day"),
        ("2020.7.10", date(2020, 7, 10), "day"),
        ("２０２０年７月１０日", date(2020, 7, 10), "day"),
        ("20200710", date(2020, 7, 10), "day"),
        ("2020-07-10 00:00:00", date(2020, 7, 10), "day"),
        ("2020-02-29", date(2020, 2, 29), "day"),
        ("2020年7月中旬", date(2020, 7, 11), "ten_day"),
        ("2020-08", date(2020, 8, 1), "month"),
        ("2020年8月份", date(2020, 8, 1), "month"),
        ("2020.10", date(2020, 10, 1), "month"),
        ("2020.01", date(2020, 1, 1), "month"),
        ("2020年上半年", date(2020, 1, 1), "half"),
        ("2020年三季度", date(2020, 7, 1), "quarter"),
        ("2020年第4季度", date(2020, 10, 1), "quarter"),
        ("2020年", date(2020, 1, 1), "year"),
    ],
)
def test_a_date_is_read_with_its_precision(text: str, day: date, precision: str) -> None:
    assert writing.read_date(text) == (day, precision)


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("7月中旬", date(2020, 7, 11), "ten_day"),
        ("8月", date(2020, 8, 1), "month"),
        ("7.10", date(2020, 7, 10), "day"),
        ("下半年", date(2020, 7, 1), "half"),
        ("2019年8月", date(2019, 8, 1), "month"),
    ],
)
def test_the_ledger_gives_the_year_that_a_date_lacks(text: str, day: date, precision: str) -> None:
    assert writing.read_date(text, year=2020) == (day, precision)


Reader = Callable[[str], object]


@pytest.mark.parametrize(
    ("read", "text", "sentence"),
    [
        (writing.read_money, "", "金额没有填写"),
        (writing.read_money, "-5", "金额不能小于0，现在是“-5”"),
        (writing.read_money, "−5万", "金额不能小于0，现在是“−5万”"),
        (writing.read_money, "(500)", "金额不能小于0，现在是“(500)”"),
        (writing.read_money, "0.00001", "金额应精确到元，“0.00001”不是整元，请核对小数"),
        (writing.read_money, "面议", "“面议”不是一个金额，请写成“32000万元”或“3.2亿元”这样"),
        (writing.read_money, "3亿2", "“3亿2”不是一个金额，请写成“32000万元”或“3.2亿元”这样"),
        (writing.read_money, "1亿20000万", "“1亿20000万”不是一个金额，请写成“32000万元”或“3.2亿元”这样"),
        (writing.read_money, "3,00", "“3,00”不是一个金额，请写成“32000万元”或“3.2亿元”这样"),
        (writing.read_money, "元", "“元”不是一个金额，请写成“32000万元”或“3.2亿元”这样"),
        (writing.read_money, "1e9", "“1e9”不是一个金额，请写成“32000万元”或“3.2亿元”这样"),
        (writing.read_money, "٣", "“٣”不是一个金额，请写成“32000万元”或“3.2亿元”这样"),
        (writing.read_money, "300万美元", "金额的单位应是万元，现在是“300万美元”"),
        (writing.read_money, "1000001亿", "金额不能超过100万亿元，现在是“1000001亿”，请核对单位"),
        (writing.read_money, "9" * 50, "金额最多写40个字，现在是50个"),
        (writing.read_money, "5亿元以上", "这里的金额应是确数，现在是“5亿元以上”，请去掉约数的说法"),
        (writing.read_qualified_money, "约5亿元以上", "“约”“近”“余”“以上”这样的说法只能用一种，请留下最准的一种"),
        (writing.read_count, "1.5", "“1.5”不是一个整数，请写成“300”或“1000余”这样"),
        (writing.read_count, "-3", "数量不能小于0，现在是“-3”"),
        (writing.read_count, "若干", "“若干”不是一个整数，请写成“300”或“1000余”这样"),
        (writing.read_count, "9999999999", "数量不能超过2147483647，现在是“9999999999”"),
        (writing.read_area_mu, "30+20亩", "“30+20亩”不是一个面积，请只填亩数，写成“63.7”这样"),
        (writing.read_area_mu, "5000㎡", "“5000㎡”不是一个面积，请只填亩数，写成“63.7”这样"),
        (writing.read_area_mu, "63.705", "面积应精确到0.01亩，现在是“63.705”"),
        (writing.read_area_mu, "99999999999", "面积不能超过21474836亩，现在是“99999999999”"),
        (writing.read_date, " ", "日期没有填写"),
        (writing.read_date, "2020-13-01", "月份应为1至12，现在是13"),
        (writing.read_date, "2020年6月31日", "2020年6月只有1日至30日，没有31日"),
        (writing.read_date, "2021-02-29", "2021年2月只有1日至28日，没有29日"),
        (writing.read_date, "7月中旬", "“7月中旬”没有写年份，请在前面写上四位年份"),
        (writing.read_date, "2020.1", "“2020.1”可能是1月，也可能是10月，请写成“2020-01”或“2020-10”"),
        (writing.read_date, "0202-01-01", "年份应在1900至2100之间，现在是“0202-01-01”"),
        (
            writing.read_date,
            "已签约",
            "“已签约”不是一个日期，请写成“2020-07-10”“2020年7月中旬”或“2020年8月”这样",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence_that_helps(read: Reader, text: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=f"^{re.escape(sentence)}$"):
        read(text)


@given(
    st.sampled_from([writing.read_money, writing.read_qualified_money, writing.read_count, writing.read_area_mu]),
    st.text() | st.text("0123456789.,-（）()亿万千百元个人余多约近以上左右美+—", max_size=12),
)
def test_whatever_is_typed_gives_a_figure_or_a_sentence(read: Reader, text: str) -> None:
    try:
        figure = read(text)
    except Unreadable as refusal:
        assert re.search("[一-鿿]", str(refusal))
    else:
        value = figure[0] if isinstance(figure, tuple) else figure
        assert isinstance(value, int)
        assert 0 <= value <= writing.MOST_YUAN


@given(st.text() | st.text("0123456789-/.年月日上中下旬半第一二三四季度", max_size=12), st.none() | st.just(2020))
def test_whatever_is_typed_gives_a_date_or_a_sentence(text: str, year: int | None) -> None:
    try:
        day, precision = writing.read_date(text, year=year)
    except Unreadable as refusal:
        assert re.search("[一-鿿]", str(refusal))
    else:
        assert day == writing.earliest(day, precision)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("富士康\u200b\u202e\ufeff", "富士康"),
        ("ＡＢＣ１２３　有限公司", "ABC123 有限公司"),
        ("甲，乙。（一期）：好；好吗？", "甲，乙。（一期）：好；好吗？"),
        ("近5000㎡", "近5000㎡"),
        ("⼯业", "工业"),
        ("第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
        ("甲\x00乙\ud800丙\u3164", "甲乙丙"),
        ("甲\u00a0乙", "甲 乙"),
        ("e\u0301", "é"),
        ("①面积10m²", "①面积10m²"),
    ],
)
def test_text_is_cleaned_of_what_cannot_be_seen(text: str, expected: str) -> None:
    assert writing.clean_text(text) == expected


@given(st.text(st.characters()))
def test_clean_text_stays_as_it_is_and_can_be_stored(text: str) -> None:
    clean = writing.clean_text(text)
    assert writing.clean_text(clean) == clean
    assert b"\x00" not in clean.encode()
