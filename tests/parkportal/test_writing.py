"""Figures and dates are written as officials write them, and what people type is read or refused with a sentence."""

import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest
from django.template import Context, Engine
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
    ("value", "decimals", "expected"),
    [
        (Fraction(1, 2), 0, "1"),
        (Fraction(-1, 2), 0, "-1"),
        (Fraction(5, 2), 0, "3"),
        (Fraction(104949, 1000), 1, "104.9"),
        (Fraction(10495, 100), 1, "105.0"),
        (7, 2, "7.00"),
        (Fraction(10**40 * 2 + 1, 2), 0, str(10**40 + 1)),
    ],
)
def test_halves_are_rounded_away_from_zero(value: Fraction, decimals: int, expected: str) -> None:
    assert str(writing.round_half_up(value, decimals)) == expected


@given(fractions, st.integers(0, 4))
def test_rounding_is_off_by_half_a_unit_at_most(value: Fraction, decimals: int) -> None:
    assert abs(Fraction(writing.round_half_up(value, decimals)) - value) <= Fraction(1, 2 * 10**decimals)


@pytest.mark.parametrize(
    ("value", "decimals", "strip", "expected"),
    [
        (None, 0, False, "—"),
        (0, 0, False, "0"),
        (999, 0, False, "999"),
        (1000, 0, False, "1,000"),
        (-1234567, 0, False, "−1,234,567"),
        (Fraction(-4, 100), 1, False, "0.0"),
        (168, 1, True, "168"),
        (Fraction(1049, 10), 1, True, "104.9"),
        (100, 0, True, "100"),
    ],
)
def test_a_number_has_separators_and_a_true_minus(
    value: int | Fraction | None, decimals: int, strip: bool, expected: str
) -> None:
    assert writing.write_number(value, decimals, strip=strip) == expected


@pytest.mark.parametrize(("value", "expected"), [(None, "—"), (6, "+6"), (-3, "−3"), (0, "0"), (1200, "+1,200")])
def test_a_difference_carries_its_sign(value: int | None, expected: str) -> None:
    assert writing.write_signed(value) == expected


@pytest.mark.parametrize(
    ("yuan", "unit", "expected"),
    [
        (None, "亿元", "—"),
        (10_490_000_000, "亿元", "104.9"),
        (16_800_000_000, "亿元", "168.0"),
        (0, "亿元", "0.0"),
        (99_999_900, "万元", "9,999.99"),
        (320_000_000, "万元", "32,000"),
        (1, "万元", "0.0001"),
        (1_234_567, "元", "1,234,567"),
        (1_490_000_000, "万美元", "149,000"),
        (-50_000_000, "万元", "−5,000"),
    ],
)
def test_money_is_converted_exactly(yuan: int | None, unit: str, expected: str) -> None:
    assert writing.write_money(yuan, unit) == expected


def test_money_takes_the_decimals_that_a_column_asks_for() -> None:
    assert writing.write_money(325_000_000, "亿元", 2) == "3.25"
    assert writing.write_money(16_800_000_000, "亿元", 1, strip=True) == "168"
    assert writing.write_money(325_000_000, "亿元", 0) == "3"


@pytest.mark.parametrize(
    ("yuan", "expected", "in_detail"),
    [
        (None, "—", "—"),
        (3 * YI, "3.0亿元", "3.0亿元"),
        (325_000_000, "3.3亿元", "3.25亿元"),
        (320_000_000, "3.2亿元", "3.2亿元"),
        (10_000_000, "0.1亿元", "0.1亿元"),
        (9_999_999, "999.9999万元", "999.9999万元"),
        (5_000_000, "500万元", "500万元"),
        (-5_000_000, "−500万元", "−500万元"),
        (0, "0万元", "0万元"),
    ],
)
def test_a_lone_amount_chooses_its_unit(yuan: int | None, expected: str, in_detail: str) -> None:
    assert writing.write_money_with_unit(yuan) == expected
    assert writing.write_money_with_unit(yuan, detail=True) == in_detail


@pytest.mark.parametrize(
    ("value", "thresholds", "expected"),
    [
        (None, (1,), "—"),
        (Fraction(3, 2), (1,), "150.0"),
        (Fraction(7496, 10000), (1, Fraction(3, 4)), "74.9"),
        (Fraction(7496, 10000), (1,), "75.0"),
        (Fraction(3, 4), (1, Fraction(3, 4)), "75.0"),
        (Fraction(99951, 100000), (1,), "99.9"),
        (Fraction(99951, 100000), (), "100.0"),
        (Fraction(1), (1,), "100.0"),
        (Fraction(2, 3), (Fraction(2, 3),), "66.7"),
        (Fraction(6665, 10000), (Fraction(2, 3),), "66.6"),
        (Fraction(6665, 10000), (), "66.7"),
        (Fraction(21922, 58900), (1,), "37.2"),
    ],
)
def test_a_percentage_never_rounds_up_to_what_it_does_not_reach(
    value: Fraction | None, thresholds: tuple[Fraction | int, ...], expected: str
) -> None:
    assert writing.write_percent(value, thresholds=thresholds) == expected


@given(st.fractions(0, 3), st.integers(1, 12))
def test_a_percentage_shows_a_threshold_as_reached_exactly_when_it_is(value: Fraction, month: int) -> None:
    pace = Fraction(month, 12)
    shown = Fraction(writing.write_percent(value, thresholds=(1, pace))) / 100
    for threshold in (Fraction(1), pace):
        as_shown = Fraction(writing.write_percent(threshold, thresholds=())) / 100
        assert shown < threshold if value < threshold else shown >= as_shown
    assert abs(shown - value) < Fraction(1, 1000)


def test_rest_gets_the_percentage_that_the_page_shows() -> None:
    assert writing.percent_value(Fraction(3, 2)) == 150.0
    assert writing.percent_value(Fraction(7496, 10000), thresholds=(Fraction(3, 4),)) == 74.9
    assert writing.percent_value(None) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "—"),
        (Fraction(3, 4), "+75.0"),
        (Fraction(-83, 1000), "−8.3"),
        (Fraction(0), "0.0"),
        (Fraction(-4, 10000), "−0.1"),
        (Fraction(4, 10000), "0.0"),
    ],
)
def test_points_are_signed_and_being_behind_shows(value: Fraction | None, expected: str) -> None:
    assert writing.write_points(value) == expected


@pytest.mark.parametrize(
    ("value", "qualifier", "expected"),
    [
        (1000, "over", "1,000余"),
        (5000, "near", "近5,000"),
        (300, "about", "约300"),
        (5, "at_least", "5以上"),
        (18, "exact", "18"),
        (18, "", "18"),
        (Fraction(1, 2), "exact", "0.5"),
        (None, "over", "—"),
    ],
)
def test_a_count_prints_its_qualifier(value: int | Fraction | None, qualifier: str, expected: str) -> None:
    assert writing.write_count(value, qualifier) == expected


@pytest.mark.parametrize(
    ("qualifiers", "expected"),
    [
        ([], ""),
        (["exact", "exact"], ""),
        (["exact", "over"], "over"),
        (["at_least"], "over"),
        (["over", "near"], "about"),
        (["about"], "about"),
    ],
)
def test_a_sum_is_as_inexact_as_its_worst_part(qualifiers: list[str], expected: str) -> None:
    assert writing.inexactness(qualifiers) == expected


@pytest.mark.parametrize(
    ("total", "inexact", "expected"),
    [
        (40_260, "over", "4万余"),
        (43_999, "over", "4.3万余"),
        (10_000, "over", "1万余"),
        (9_999, "over", "9,900余"),
        (1_260, "over", "1,200余"),
        (99, "over", "99余"),
        (Fraction(80_521, 2), "over", "4万余"),
        (40_500, "about", "约4.1万"),
        (40_499, "about", "约4万"),
        (9_960, "about", "约1万"),
        (1_250, "about", "约1,300"),
        (40_260, "", "40,260"),
        (0, "over", "0"),
        (None, "over", "—"),
    ],
)
def test_an_inexact_sum_is_cut_before_余_and_rounded_after_约(
    total: int | Fraction | None, inexact: str, expected: str
) -> None:
    assert writing.write_jobs(total, inexact) == expected


@given(st.integers(1, 10**8))
def test_余_never_claims_more_than_the_sum(total: int) -> None:
    shown, _ = writing.read_count(writing.write_jobs(total, "over"))
    assert shown <= total < shown + (1000 if total >= 10_000 else 100)


@pytest.mark.parametrize(
    ("day", "precision", "first", "last"),
    [
        (date(2020, 7, 11), "ten_day", date(2020, 7, 11), date(2020, 7, 20)),
        (date(2020, 7, 10), "ten_day", date(2020, 7, 1), date(2020, 7, 10)),
        (date(2020, 7, 31), "ten_day", date(2020, 7, 21), date(2020, 7, 31)),
        (date(2020, 2, 21), "ten_day", date(2020, 2, 21), date(2020, 2, 29)),
        (date(2019, 2, 3), "month", date(2019, 2, 1), date(2019, 2, 28)),
        (date(2020, 12, 31), "quarter", date(2020, 10, 1), date(2020, 12, 31)),
        (date(2020, 6, 30), "half", date(2020, 1, 1), date(2020, 6, 30)),
        (date(2020, 7, 1), "half", date(2020, 7, 1), date(2020, 12, 31)),
        (date(2020, 5, 5), "year", date(2020, 1, 1), date(2020, 12, 31)),
        (date(2020, 5, 5), "day", date(2020, 5, 5), date(2020, 5, 5)),
    ],
)
def test_an_imprecise_date_has_a_first_and_a_last_day(day: date, precision: str, first: date, last: date) -> None:
    assert (writing.earliest(day, precision), writing.latest(day, precision)) == (first, last)


@given(days, precisions)
def test_the_days_of_an_imprecise_date_all_mean_the_same(day: date, precision: str) -> None:
    first, last = writing.earliest(day, precision), writing.latest(day, precision)
    assert first <= day <= last
    assert writing.earliest(last, precision) == first
    assert writing.latest(first, precision) == last


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(KeyError):
        writing.earliest(date(2020, 1, 1), "week")


@pytest.mark.parametrize(
    ("precision", "in_full", "in_its_year"),
    [
        ("ten_day", "2020年7月中旬", "7月中旬"),
        ("month", "2020年7月", "7月"),
        ("quarter", "2020年第三季度", "第三季度"),
        ("half", "2020年下半年", "下半年"),
        ("year", "2020年", "2020年"),
        ("day", "2020-07-11", "2020-07-11"),
    ],
)
def test_a_date_prints_as_precisely_as_it_is_known(precision: str, in_full: str, in_its_year: str) -> None:
    day = date(2020, 7, 11)
    assert writing.write_date(day, precision) == in_full
    assert writing.write_date(day, precision, year=2020) == in_its_year
    assert writing.write_date(day, precision, year=2021) == in_full


def test_a_date_in_text_is_spelled_out_and_an_unknown_one_is_a_dash() -> None:
    assert writing.write_date(date(2020, 7, 10), style="text") == "2020年7月10日"
    assert writing.write_date(date(2020, 7, 31), "ten_day", year=2020) == "7月下旬"
    assert writing.write_date(None) == "—"


@given(days, precisions, st.sampled_from(["table", "text"]))
def test_a_written_date_reads_back(day: date, precision: str, style: str) -> None:
    first = writing.earliest(day, precision)
    assert writing.read_date(writing.write_date(day, precision, style=style)) == (first, precision)
    in_its_year = writing.write_date(day, precision, style=style, year=day.year)
    assert writing.read_date(in_its_year, year=day.year) == (first, precision)


def test_a_period_is_written_from_january_on() -> None:
    assert writing.write_period(2020, 9) == "1—9月"
    assert writing.write_period(2020, 9, "full") == "2020年1—9月"
    assert writing.write_period(2020, 9, "text") == "1至9月"
    assert [writing.write_period(2020, 1, style) for style in ("table", "full", "text")] == ["1月", "2020年1月", "1月"]


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


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("number|number", "1,234"),
        ("number|number:1", "1,234.0"),
        ("number|signed", "+1,234"),
        ("amount|money", "3.3"),
        ("amount|money:'万元'", "32,500"),
        ("amount|money_unit", "3.3亿元"),
        ("amount|money_detail", "3.25亿元"),
        ("ratio|percent", "75.0"),
        ("ratio|percent:pace", "74.9"),
        ("ratio|points", "+75.0"),
        ("number|count_with:'over'", "1,234余"),
        ("number|jobs:'over'", "1,200余"),
        ("day|day", "2020-07-11"),
        ("day|day:'ten_day'", "2020年7月中旬"),
        ("day|day_text", "2020年7月11日"),
        ("day|period", "1—7月"),
        ("day|period:'text'", "1至7月"),
    ],
)
def test_pages_write_through_the_same_functions(expression: str, expected: str) -> None:
    engine = Engine(libraries={"portal": "parkportal.templatetags.portal"})
    shown = {
        "number": 1234,
        "amount": 325_000_000,
        "ratio": Fraction(7496, 10000),
        "pace": Fraction(3, 4),
        "day": date(2020, 7, 11),
    }
    page = engine.from_string("{% load portal %}{{ " + expression + " }}")
    assert page.render(Context(shown)) == expected


@pytest.mark.parametrize(
    "name",
    [
        "number",
        "signed",
        "money",
        "money_unit",
        "money_detail",
        "percent",
        "points",
        "count_with",
        "jobs",
        "day",
        "day_text",
        "period",
    ],
)
def test_pages_write_the_unknown_as_a_dash(name: str) -> None:
    engine = Engine(libraries={"portal": "parkportal.templatetags.portal"})
    assert engine.from_string("{% load portal %}{{ unknown|" + name + " }}").render(Context({"unknown": None})) == "—"
