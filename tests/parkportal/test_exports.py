"""Rows as files: typed cells, and no text that a spreadsheet would calculate."""

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkportal import exports
from parkportal.exports import as_csv, as_ndjson, as_xlsx, safe_text

pytestmark = pytest.mark.once

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", " =1+1", "\u3000＝1"]


def cells(*rows: list[Any], columns: tuple[str, ...] = ("a",)) -> list[list[Any]]:
    """The cells of a workbook, heading included."""
    book = openpyxl.load_workbook(io.BytesIO(b"".join(as_xlsx(columns, rows))))
    return [list(row) for row in book.active.iter_rows()]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_becomes_a_formula(text: str) -> None:
    assert safe_text(text) == "'" + text
    read = list(csv.reader(io.StringIO(b"".join(as_csv(["a"], [[text]])).decode("utf-8-sig"), newline="")))
    assert read[1][0].startswith("'")
    assert cells([text])[1][0].data_type == "s"


@given(st.text())
def test_no_workbook_ever_holds_a_formula_or_a_link(text: str) -> None:
    pieces = b"".join(as_xlsx(["a"], [[text], [f"http://{text}"]]))
    sheet = zipfile.ZipFile(io.BytesIO(pieces)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


@pytest.mark.parametrize("text", ["富士康", "91430400MA4L0000XX", "1-2", "a=b", "", "'quoted", "（示例）"])
def test_plain_texts_stay_as_they_are(text: str) -> None:
    assert safe_text(text) == text


def test_csv_writes_dates_numbers_and_empties_plainly() -> None:
    row = [date(2020, 9, 30), -5, 1.5, None, True, [{"park": "a"}], datetime(2020, 9, 30, tzinfo=UTC)]
    text = b"".join(as_csv(list("abcdefg"), [row])).decode("utf-8-sig")
    assert next(csv.reader([text.splitlines()[1]])) == [
        *("2020-09-30", "-5", "1.5", "", "true", '[{"park":"a"}]', "2020-09-30T08:00:00+08:00"),
    ]


def test_csv_begins_with_the_mark_of_utf_8() -> None:
    assert b"".join(as_csv(["名"], [])) == b"\xef\xbb\xbf" + "名\r\n".encode()


def test_xlsx_writes_each_value_as_what_it_is() -> None:
    row = [date(2020, 9, 30), -5, 10**14, 10**15, True, None, "0123", datetime(2020, 9, 30, tzinfo=UTC), [1]]
    found = cells(row, columns=tuple("abcdefghi"))[1]
    assert [cell.value for cell in found] == [
        *(datetime(2020, 9, 30), -5, 10**14, str(10**15), True, None, "0123", datetime(2020, 9, 30, 8), "[1]"),  # noqa: DTZ001
    ]
    assert found[0].number_format == "yyyy-mm-dd"


def test_xlsx_goes_on_with_a_new_sheet_where_one_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 3)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(as_xlsx(["a"], [[n] for n in range(5)], "项目"))))
    assert book.sheetnames == ["项目", "项目-2", "项目-3"]
    assert [[cell.value for cell in sheet["A"]] for sheet in book] == [["a", 0, 1], ["a", 2, 3], ["a", 4]]


def test_xlsx_cuts_a_text_that_no_cell_holds_and_says_so() -> None:
    value = cells(["字" * 40_000])[1][0].value
    assert len(value) == 32_767
    assert value.endswith("字…")


def test_ndjson_is_one_object_a_line() -> None:
    lines = b"".join(as_ndjson([{"a": date(2020, 9, 30)}, {"a": "行\n"}])).splitlines()
    assert [json.loads(line) for line in lines] == [{"a": "2020-09-30"}, {"a": "行\n"}]


def test_files_leave_in_pieces() -> None:
    assert len(list(as_csv(["a"], ([n] for n in range(5_000))))) == 12
