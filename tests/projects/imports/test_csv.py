"""The gate for ledgers as CSV: what is no text, too much or damaged is refused in words. No database."""

import pytest

from parkportal.workbooks import MOST_BYTES, Refused
from projects.imports.texts import MOST_ROWS, sheets_of
from tests.projects.imports.books import book, forty_two


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "0字节"),
        (b"x" * (MOST_BYTES + 1), "超过10MB"),
        (book(forty_two()), "内容却不是文字"),
        (b"MZ\x90\x00\x03", "内容却不是文字"),
        (b"\xff\xfeA", "内容却不是文字"),
        ("项目名称,总投资\n" * (MOST_ROWS + 1), "超过20020行"),
        ("甲," * 81 + "乙", "第1行的内容超出了80列"),
        ("甲," + "乙" * 33_000, "超过32767个字"),
        ('"' + "甲" * 140_000, "引号不成对"),
    ],
    ids=["nothing", "large", "workbook", "program", "half a letter", "rows", "columns", "long", "quote"],
)
def test_what_is_no_ledger_is_refused_in_words(data: bytes | str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        sheets_of("台账.csv", data if isinstance(data, bytes) else data.encode())


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_cells_are_texts_by_whichever_delimiter(delimiter: str) -> None:
    text = (
        delimiter.join(["项目名称", "总投资", ""])
        + "\r\n"
        + delimiter.join(['"甲,乙;丙\n丁"', "'=1+1", "32000"])
        + "\r\n\r\n"
    )
    (sheet,) = sheets_of("2020年9月.csv", text.encode("gb18030"))
    assert sheet.name == "2020年9月"
    assert sheet.rows == [["项目名称", "总投资"], ["甲,乙;丙\n丁", "=1+1", "32000"]]
