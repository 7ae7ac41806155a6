"""A credit code that breaks its rules is named, and where reality breaks the rules a person may overrule them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprises.uscc import Finding, check, normalise

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
GENUINE = [
    "91110108551385082Q",
    "914403001922038216",
    "9144030071526726XG",
    "91440300192317458F",
    "91330100799655058B",
    "91430111MA4L41YT1U",
    "53640000MJX173680A",
]
ZERO_REMAINDER = "91430400MA43WA0090"


def check_character(body: str) -> str:
    """Return the eighteenth character by the words of GB 32100: weights 3^(i-1) mod 31, complement mod 31."""
    total = sum(ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return ALPHABET[(31 - total % 31) % 31]


@st.composite
def codes(draw: st.DrawFn) -> str:
    kind = draw(st.text(ALPHABET, min_size=2, max_size=2))
    region = draw(st.text("0123456789", min_size=6, max_size=6))
    body = kind + region + draw(st.text(ALPHABET, min_size=9, max_size=9))
    return body + check_character(body)


def errors(text: str) -> list[Finding]:
    return [finding for finding in check(text) if finding.level == "error"]


@pytest.mark.parametrize("code", [*GENUINE, ZERO_REMAINDER])
def test_a_genuine_code_has_no_findings(code: str) -> None:
    assert check(code) == []


@given(codes())
def test_a_code_made_by_the_standard_has_no_errors(code: str) -> None:
    assert errors(code) == []


@given(codes(), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(code: str, place: int, char: str) -> None:
    assert bool(errors(code[:place] + char + code[place + 1 :])) == (char != code[place])


def test_an_empty_code_is_not_wrong() -> None:
    assert check("") == check("  ") == []


@pytest.mark.parametrize(
    "typed",
    [
        " 9143 0111 MA4L 41YT 1U ",
        "91430111ma4l41yt1u",
        "９１４３０１１１ＭＡ４Ｌ４１ＹＴ１Ｕ",
        "91430111-MA4L41YT1-U\u200b",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert normalise(typed) == "91430111MA4L41YT1U"
    assert check(typed) == []


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("91430111MA4L41YT1", "统一社会信用代码应为18位，现在是17位"),
        ("91430111MA4L41YT1UU", "统一社会信用代码应为18位，现在是19位"),
        (
            "91430111MA4L41YT1S",
            "统一社会信用代码只用数字和除I、O、Z、S、V以外的大写字母，现在第18位是“S”",
        ),
        (
            "91430111MA4L41中T1U",
            "统一社会信用代码只用数字和除I、O、Z、S、V以外的大写字母，现在第15位是“中”",
        ),
        (
            "9143A111MA4L41YT1U",
            "统一社会信用代码第3至8位是登记机关的行政区划代码，应为数字，现在是“43A111”",
        ),
    ],
)
def test_a_code_of_the_wrong_shape_is_an_error_that_nobody_overrules(code: str, sentence: str) -> None:
    assert check(code) == [Finding("error", sentence)]


def test_a_failed_check_character_may_be_overruled_with_a_reason() -> None:
    (finding,) = errors("91350203M0001QKT19")
    assert finding.overridable
    assert finding.sentence.startswith("统一社会信用代码最后一位校验码按规则应为“F”，现在是“9”。")


def test_eighteen_ones_are_no_code() -> None:
    assert errors("1" * 18)


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("9143O111MA4L41YT1U", "91430111MA4L41YT1U"),
        ("9143O111MA4L41YT1W", ""),
        ("9I430111MA4L41YTIU", "91430111MA4L41YT1U"),
        ("9143O4OOMA43WAOO9O", ZERO_REMAINDER),
        ("9143Z111MA4L41YT1U", ""),
    ],
)
def test_letters_taken_for_figures_are_only_suggested_and_only_where_the_code_then_fits(
    typed: str, suggestion: str
) -> None:
    (finding,) = check(typed)
    assert (finding.level, finding.suggestion) == ("error", suggestion)
    assert normalise(typed) == typed


def test_an_organisation_code_that_does_not_fit_is_a_warning() -> None:
    body = "91430111MA4L41YT2"
    (finding,) = check(body + check_character(body))
    assert (finding.level, finding.overridable) == ("warning", False)
    assert finding.sentence == "统一社会信用代码第9至17位的主体标识码校验不符，请对照营业执照核对"


@pytest.mark.parametrize("number", ["362322198709086409", "11010519491231002X", "430406200002290011"])
def test_a_personal_identity_number_is_warned_about(number: str) -> None:
    sentences = [finding.sentence for finding in check(number) if finding.level == "warning"]
    assert "这个号码像居民身份证号码。请填营业执照上的统一社会信用代码，不要填个人证件号码" in sentences
    assert not any(number in finding.sentence for finding in check(number))


@pytest.mark.parametrize("code", GENUINE)
def test_a_genuine_code_is_not_taken_for_an_identity_number(code: str) -> None:
    assert not any("身份证" in finding.sentence for finding in check(code))
