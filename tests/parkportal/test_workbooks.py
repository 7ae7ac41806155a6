"""The gate for workbooks and the child that reads them: what is hostile is refused in words, cheaply."""

import io
import resource
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from unittest.mock import patch

import openpyxl.xml
import pytest

from parkportal import workbooks
from parkportal.workbooks import child, compound, gate, reading
from tests.projects.imports import books

GOOD = books.book(books.forty_two())
LINES = [["序号", "项目名称", "总投资"], [1, "甲项目", 30000]]
XML = b'<?xml version="1.0" encoding="UTF-8"?>'


def refusal(data: bytes, name: str = "台账.xlsx") -> str:
    """What the gate or the child says against a workbook."""
    with pytest.raises(workbooks.Refused) as refused:
        workbooks.read(data, workbooks.check(name, data))
    return str(refused.value)


def at_the_gate(data: bytes, name: str = "台账.xlsx") -> str:
    """What the gate says without opening the workbook."""
    with pytest.raises(workbooks.Refused) as refused:
        workbooks.check(name, data)
    return str(refused.value)


# --- what comes in -------------------------------------------------------------------------------------------------


def test_a_good_workbook_comes_in_and_is_read() -> None:
    [sheet] = workbooks.read(GOOD, workbooks.check("台账.XLSX", GOOD))
    assert (sheet.name, sheet.is_hidden, len(sheet.rows)) == ("签约项目", False, 43)
    assert sheet.at(1, 5) == {"date": "2020-03-02"} and sheet.at(1, 6) == 13000 and sheet.at(99, 99) is None


def test_rows_keep_their_places_where_the_sheet_begins_further_down() -> None:
    data = books.book([["", "", "内容"]], heads=(), above=[[], [], []])
    [sheet] = workbooks.read(data, workbooks.check("a.xlsx", data))
    assert sheet.at(3, 2) == "内容" and sheet.rows[:3] == [[], [], []]


def test_merged_and_hidden_cells_are_told() -> None:
    data = books.book([[1, 2], [3, 4]], heads=(), merges=[(4, 0, 5, 1, "合并")], hidden=[1])
    [sheet] = workbooks.read(data, workbooks.check("a.xlsx", data))
    assert sheet.merges == [(4, 0, 5, 1)] and sheet.hidden_rows == {1}


@pytest.mark.parametrize("name", ["台账.xls", "台账.et"])
def test_the_old_format_comes_in(name: str) -> None:
    data = books.xls(LINES, hidden=[1], merges=[(0, 0, 0, 1)])
    [sheet] = workbooks.read(data, workbooks.check(name, data))
    assert sheet.rows == LINES and sheet.hidden_rows == {1} and sheet.merges == [(0, 0, 0, 1)]


def test_errors_of_the_old_format_are_no_blanks() -> None:
    data = books.xls([["名称", "金额", "年产值"], ["甲项目", "#REF!", "=1/0"], ["乙项目", 1, 2], ["", "", "#REF!"]])
    [sheet] = workbooks.read(data, workbooks.check("台账.xls", data))
    assert sheet.rows[1:] == [
        ["甲项目", {"error": True}, {"error": True}],
        ["乙项目", 1, 2],
        [None, None, {"error": True}],
    ]


def test_days_numbers_texts_and_yes_or_no_are_told_apart() -> None:
    data = books.book([["2020", 2020, 2020.1, True, date(2020, 7, 10)]], heads=())
    [sheet] = workbooks.read(data, workbooks.check("a.xlsx", data))
    assert sheet.rows == [["2020", 2020, 2020.1, True, {"date": "2020-07-10"}]]


# --- what does not -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["台账.xlsm", "台账.xlsb", "台账.docx", "台账.csv", "台账.xlsx.exe", "台账", "xlsx"])
def test_other_endings_are_refused(name: str) -> None:
    assert "另存为" in at_the_gate(GOOD, name)


def test_nothing_and_too_much_are_refused() -> None:
    assert "0字节" in at_the_gate(b"")
    assert "最大10MB" in at_the_gate(GOOD + b"\0" * gate.MOST_BYTES)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<html><table></table></html>", "a.xls"),
        (b"MZ" + b"\0" * 600, "a.xlsx"),
        (b"%PDF-1.7", "a.xlsx"),
        (GOOD, "a.xls"),
        (books.xls(LINES), "a.xlsx"),
        (b"MZ" + GOOD, "a.xlsx"),
    ],
)
def test_content_that_the_ending_does_not_promise_is_refused(data: bytes, name: str) -> None:
    assert "内容却不是这种格式" in at_the_gate(data, name)


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ("xl/vbaProject.bin", "宏"),
        ("xl/macrosheets/sheet1.xml", "宏"),
        ("xl/externalLinks/externalLink1.xml", "到其他文件的链接"),
        ("xl/embeddings/oleObject1.bin", "嵌入的对象"),
        ("xl/embeddings/Microsoft_Word.docx", "嵌入的对象"),
        ("xl/activeX/activeX1.xml", "嵌入的对象"),
        ("xl/connections.xml", "数据连接"),
        ("xl/queryTables/queryTable1.xml", "数据连接"),
        ("customUI/customUI14.xml", "自定义界面"),
    ],
)
def test_parts_that_bring_more_than_a_table_are_refused(part: str, word: str) -> None:
    said = at_the_gate(books.with_part(part))
    assert word in said and "请" in said


def test_document_types_are_refused_wherever_they_stand() -> None:
    assert "文档类型声明" in at_the_gate(books.with_sheet(books.doctype))
    late = books.with_sheet(lambda xml: xml + b" " * (gate.PIECE - len(xml) - 4) + b"<!DOCTYPE x>")
    assert "文档类型声明" in at_the_gate(late), "across the border of two pieces"
    assert "文档类型声明" in at_the_gate(
        books.with_part("xl/sharedStrings9.xml", XML + b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>')
    )


def test_an_encoding_that_could_hide_one_is_refused() -> None:
    wide = books.with_sheet(lambda xml: books.doctype(xml).decode().encode("utf-16"))
    assert "文字编码" in at_the_gate(wide)
    odd = books.with_sheet(lambda xml: xml.replace(b"UTF-8", b"UTF-7"))
    assert "文字编码" in at_the_gate(odd)


def test_the_child_refuses_document_types_by_itself() -> None:
    with pytest.raises(workbooks.Refused, match="文档类型声明"):
        reading.read(books.with_sheet(books.doctype), "xlsx")


def test_passwords_are_named() -> None:
    assert "密码" in at_the_gate(books.packed(books.parts_of(GOOD).items(), flags=1))
    assert "密码" in at_the_gate(books.compound(b"x", name="EncryptedPackage"))
    assert "密码" in at_the_gate(books.compound(b"x", name="EncryptedPackage"), "台账.xls")
    assert "密码" in at_the_gate(books.xls(LINES, more=struct.pack("<HHH", 0x2F, 2, 0)), "台账.xls")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (books.compound(books.biff(LINES), others=["_VBA_PROJECT_CUR"]), "宏"),
        (books.compound(books.biff(LINES), others=["MBD0012A3"]), "嵌入的对象"),
        (books.xls(LINES, more=struct.pack("<HHHH", 0x1AE, 4, 1, 9)), "到其他文件的链接"),
        (books.xls(LINES, more=struct.pack("<HHH", 0x876, 2, 0)), "数据连接"),
        (books.compound(b"x", name="WordDocument"), "不是Excel工作簿"),
        (books.xls(LINES)[:700], "损坏"),
        (compound.MAGIC + b"\xff" * 2000, "损坏"),
    ],
)
def test_old_workbooks_with_more_than_a_table_are_refused(data: bytes, word: str) -> None:
    assert word in at_the_gate(data, "台账.xls")


def changed(data: bytes, name: str, place: int, value: bytes) -> bytes:
    """The compound file with bytes of a directory entry set: from 66 on its kind, 72 its neighbour, 76 its child."""
    made = bytearray(data)
    at = made.index(name.encode("utf-16-le")) + place
    made[at : at + len(value)] = value
    return bytes(made)


def test_a_mark_beside_the_workbook_is_no_embedded_object_but_one_in_a_storage_is() -> None:
    """LibreOffice writes an “Ole” stream into the root of every .xls; that of an object lies in its storage."""
    ole, stream = "\x01Ole", b"\x02"
    storage = books.compound(books.biff(LINES), others=[ole])
    beside = changed(storage, ole, 66, stream)
    assert workbooks.read(beside, workbooks.check("台账.xls", beside))[0].rows == LINES
    both = changed(books.compound(books.biff(LINES), others=["Inner", ole]), ole, 66, stream)
    assert workbooks.check("台账.xls", both) == "xls"
    within = changed(both, "Inner", 72, struct.pack("<iI", -1, 3))
    for data in (storage, within):
        assert "嵌入的对象" in at_the_gate(data, "台账.xls")


def test_circles_of_sectors_end() -> None:
    data = bytearray(books.xls(LINES))
    table = 512 * (1 + struct.unpack_from("<I", data, 76)[0])
    struct.pack_into("<I", data, table + 4, 0)
    assert "损坏" in at_the_gate(bytes(data), "台账.xls")


def test_a_table_that_is_named_again_and_again_takes_no_memory() -> None:
    lists = 15
    head = compound.MAGIC + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 2, lists) + struct.pack("<109I", *[0] * 109)
    following = [*range(3, lists + 2), 0xFFFFFFFE]
    listed = b"".join(struct.pack("<128I", *[0] * 127, sector) for sector in following)
    data = (head + struct.pack("<128I", *range(128)) + b"\0" * 512 + listed).ljust(250_000, b"\0")
    tracemalloc.start()
    try:
        assert "损坏" in at_the_gate(data, "台账.xls")
        assert tracemalloc.get_traced_memory()[1] < 10 * 2**20
    finally:
        tracemalloc.stop()


def test_failed_cells_behind_the_end_of_a_sheet_widen_nothing() -> None:
    far = b"".join(books.ERRORS["#REF!"](row, 65_535) for row in range(50))
    data = books.compound(books.biff(LINES) + far)
    [sheet] = workbooks.read(data, workbooks.check("台账.xls", data))
    assert sheet.rows == LINES


@pytest.mark.parametrize("cut", [100, 400, -30])
def test_a_damaged_archive_is_said_to_be_damaged(cut: int) -> None:
    assert "损坏" in at_the_gate(GOOD[:cut])


def test_what_is_appended_or_doubled_is_refused() -> None:
    assert "损坏" in at_the_gate(GOOD + b"PK\x03\x04 something else")
    with pytest.warns(UserWarning, match="Duplicate name"):
        doubled = books.with_part("xl/workbook.xml")
    assert "损坏" in at_the_gate(doubled)
    assert "损坏" in at_the_gate(books.with_part("../../etc/passwd"))


def test_an_archive_of_something_else_is_no_workbook() -> None:
    assert "不是Excel工作簿" in at_the_gate(books.packed([("word/document.xml", XML)]))
    assert "嵌着另一个文件" in at_the_gate(books.with_part("xl/media/image1.png", GOOD))


# --- bombs ---------------------------------------------------------------------------------------------------------


def many_parts() -> bytes:
    return books.packed([*books.parts_of(GOOD).items(), *((f"xl/media/{n}.txt", b"") for n in range(2_500))])


def lying_sizes() -> bytes:
    """The list of the archive says that a part is small; what unpacks is not."""
    data = bytearray(books.with_part("xl/media/a.txt", b"a" * 3_000_000))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        at = next(n for n, one in enumerate(archive.infolist()) if one.filename == "xl/media/a.txt")
    place = -1
    for _turn in range(at + 1):
        place = data.find(b"PK\x01\x02", place + 1)
    struct.pack_into("<I", data, place + 24, 10)
    return bytes(data)


@pytest.mark.parametrize(
    ("bomb", "word"),
    [(books.row_bomb, "压缩比|解压后"), (many_parts, "2000个"), (lying_sizes, "损坏")],
    ids=["rows", "parts", "sizes"],
)
def test_bombs_are_seen_before_anything_is_opened(bomb: Callable[[], bytes], word: str) -> None:
    data = bomb()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with (
        patch.object(subprocess, "run", side_effect=AssertionError("opened")),
        pytest.raises(workbooks.Refused, match=word),
    ):
        workbooks.read(data, workbooks.check("台账.xlsx", data))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024
    assert time.process_time() - began < 10


@pytest.mark.parametrize(("reference", "word"), [("A1048576", "第1048576行还有内容"), ("XFD50", "超出了80列")])
def test_a_far_cell_is_refused_and_named(reference: str, word: str) -> None:
    assert word in refusal(books.far_cell(reference))


def test_more_rows_than_are_read_are_refused_not_cut() -> None:
    rows = [[n, "x"] for n in range(20_100)]
    assert "最多读20000行" in refusal(books.book(rows))


def test_a_far_cell_of_an_old_workbook_costs_only_the_child() -> None:
    far = struct.pack("<HHHHHd", 0x203, 14, 65535, 255, 0, 1.0)
    data = books.xls(LINES)
    assert far not in data
    stream = books.biff(LINES)
    stream = stream[:-4] + far + stream[-4:]
    said = refusal(books.compound(stream), "台账.xls")
    assert "行还有内容" in said or "太大" in said


def test_one_huge_text_is_refused() -> None:
    huge = "".join(f"{n:x}" for n in range(400_000))
    data = books.with_sheet(
        lambda xml: xml.replace(
            b"</sheetData>",
            f'<row r="99"><c r="A99" t="inlineStr"><is><t>{huge}</t></is></c></row></sheetData>'.encode(),
        )
    )
    assert "32767个字" in refusal(data)


def test_a_text_that_is_named_by_very_many_cells_is_refused() -> None:
    assert "太大或太复杂" in refusal(books.echo())
    with patch.object(child, "MOST_OUTPUT", 1000), pytest.raises(child.TooMuch):
        child.spoken(child.lines(GOOD, "xlsx"), io.BytesIO())


def test_a_child_that_takes_too_much_memory_or_time_is_given_up() -> None:
    limits = "import resource,sys; resource.setrlimit(resource.RLIMIT_AS, (2**28, 2**28)); bytearray(2**29)"
    hungry = [sys.executable, "-c", limits]
    run = subprocess.run
    for command in (hungry, [sys.executable, "-c", "import os; os.abort()"]):
        with (
            patch.object(subprocess, "run", side_effect=lambda *_a, command=command, **k: run(command, **k)),
            pytest.raises(workbooks.Refused) as refused,
        ):
            reading.read(GOOD, "xlsx")
        assert "请" in str(refused.value)
    with patch.object(reading, "PATIENCE", 0.01), pytest.raises(workbooks.Refused, match="太大或太复杂"):
        reading.read(GOOD, "xlsx")


def test_the_child_has_the_limits_that_the_gate_counts_on() -> None:
    assert (child.MEMORY, child.SECONDS) == (512 * 2**20, 30)
    code = (
        f"import sys, io; sys.path.insert(0, {str(reading.CHILD.parent)!r}); import child, resource; "
        "sys.argv = ['child', 'xlsx']; sys.stdin = io.TextIOWrapper(io.BytesIO(b'')); child.main(); "
        "print(resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_CPU))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert f"({512 * 2**20}, {512 * 2**20}) (30, 31)" in out


def test_openpyxl_reads_xml_with_the_safe_parser() -> None:
    assert openpyxl.xml.DEFUSEDXML is True
