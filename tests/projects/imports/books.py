"""Ledgers as staff make them, and workbooks as nobody should: each small, made anew for every test."""

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import xlsxwriter

HEADS = (
    *("序号", "项目名称", "投资方", "产业链", "合同类型", "签约时间", "总投资（万元）", "预计年产值（万元）"),
    *("预计就业", "目前进展", "责任单位／责任人"),
)


def book(
    rows: Sequence[Sequence[Any]],
    *,
    heads: Sequence[Sequence[Any]] = (HEADS,),
    above: Sequence[Sequence[Any]] = (),
    merges: Iterable[tuple[int, int, int, int, Any]] = (),
    hidden: Iterable[int] = (),
    name: str = "签约项目",
    more: Mapping[str, Sequence[Sequence[Any]]] | None = None,
    options: Mapping[str, Any] | None = None,
) -> bytes:
    """A ledger as .xlsx: lines above the table, heads of one or more rows, rows; merges count from 0."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, **(options or {})}) as file:
        _sheet(file, name, [*above, *heads, *rows], merges, hidden)
        for title, lines in (more or {}).items():
            _sheet(file, title, lines, (), ())
    return buffer.getvalue()


def _sheet(file: Any, name: str, lines: Sequence[Sequence[Any]], merges: Any, hidden: Iterable[int]) -> None:
    sheet, day = file.add_worksheet(name), file.add_format({"num_format": "yyyy-mm-dd"})
    for top, left, bottom, right, value in merges:
        sheet.merge_range(top, left, bottom, right, value)
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            if isinstance(value, date):
                sheet.write_datetime(row, column, value, day)
            elif value is not None and value != "":
                sheet.write(row, column, value)
    for row in hidden:
        sheet.set_row(row, None, None, {"hidden": True})


def ledger_row(number: int, name: str, **more: Any) -> list[Any]:
    """A row of the plain ledger with everything that a signed project needs."""
    values = {
        "investor": f"{name}投资公司",
        "chain": "电子信息",
        "contract": "正式合同",
        "signed": date(2020, 3, 1 + number % 27),
        "total": 12_000 + 1_000 * number,
        "output": 20_000,
        "jobs": 100,
        "progress": "正在办理手续",
        "owner": "招商一科",
    } | more
    return [number, name, *values.values()]


NAMES = (
    *("光纤连接器", "智能门锁", "血压计", "铝型材挤压", "新能源叉车", "工业软件园", "医用口罩", "锂电隔膜", "数控刀具"),
    *("仓储物流", "陶瓷滤波器", "液压油缸", "中药饮片", "环保涂料", "机器人关节", "光伏支架", "汽车线束", "冷链中心"),
    *(
        "无人机",
        "石墨烯散热",
        "碳化硅衬底",
        "疫苗包材",
        "钻探装备",
        "输变电柜",
        "玻璃盖板",
        "减速机",
        "康复器械",
        "伺服电机",
    ),
)
"""Twenty-eight names that are not alike."""
KNOWN = ("叉车零部件", "芯片封装", "连接器冲压", "高强铝棒", "轻钢装配", "生物试剂")
"""Six projects that the park has already."""
ALIKE = ("医药流通", "精密结构件")
"""Two that are nearly like a row of the ledger."""


def forty_two() -> list[list[Any]]:
    """The ledger of the must-show: 28 new, 6 updated, 2 to confirm, 4 wrong, 2 skipped."""
    rows = [ledger_row(n, f"{name}项目") for n, name in enumerate(NAMES, 1)]
    rows += [ledger_row(n, f"{name}项目", total=40_000 + n) for n, name in enumerate(KNOWN, 29)]
    rows += [ledger_row(35, "医药流通中心项目", total=50_000), ledger_row(36, "精密结构件生产项目", total=30_500)]
    rows += [
        ledger_row(37, "射频天线项目", signed="2020/13/09"),
        ledger_row(38, "柔性屏项目", chain="电子", total=6.3),
        ledger_row(39, "智能电表项目", total=None),
        ledger_row(40, "超声探头项目", jobs="若干"),
    ]
    return [*rows, [41, *rows[0][1:]], [42, *rows[3][1:]]]


# --- hostile workbooks ---------------------------------------------------------------------------------------------


def parts_of(data: bytes) -> dict[str, bytes]:
    """The parts of a workbook by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Iterable[tuple[str, bytes]], *, flags: int = 0) -> bytes:
    """Parts as an archive; `flags` are set on each entry, as a password would."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    data = buffer.getvalue()
    return _flagged(data, flags) if flags else data


def _flagged(data: bytes, flags: int) -> bytes:
    changed = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            changed[place + at] |= flags
            place = data.find(mark, place + 4)
    return bytes(changed)


def with_part(name: str, data: bytes = b"x") -> bytes:
    """A good ledger with one more part."""
    return packed([*parts_of(book(forty_two())).items(), (name, data)])


def with_sheet(change: Any) -> bytes:
    """A good ledger whose first sheet's XML is changed."""
    parts = parts_of(book(forty_two()))
    parts["xl/worksheets/sheet1.xml"] = change(parts["xl/worksheets/sheet1.xml"])
    return packed(parts.items())


def doctype(xml: bytes) -> bytes:
    """A part with a document type whose entities swell."""
    return xml.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet', 1)


def row_bomb(rows: int = 20_000_000) -> bytes:
    """A sheet that unpacks to more than a hundred times what it is."""
    return with_sheet(lambda xml: xml.replace(b"</sheetData>", b"<row/>" * rows + b"</sheetData>"))


def echo() -> bytes:
    """A small workbook whose one long text is named by so many cells that reading it takes its time."""
    return book([["甲" * 30_000] * 60 for _row in range(200)], heads=())


def far_cell(reference: str) -> bytes:
    """A sheet with one cell far away; what the sheet says of its own size is a lie."""
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    far = f'<row r="{row}"><c r="{reference}"><v>1</v></c></row></sheetData>'.encode()
    return with_sheet(lambda xml: xml.replace(b"</sheetData>", far))


# --- .xls ----------------------------------------------------------------------------------------------------------

SECTOR = 512
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _label(row: int, column: int, text: str) -> bytes:
    return _record(0x204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def _number(row: int, column: int, value: float) -> bytes:
    return _record(0x203, struct.pack("<HHHd", row, column, 0, value))


ERRORS = {
    "#REF!": lambda row, column: _record(0x205, struct.pack("<HHHBB", row, column, 0, 0x17, 1)),
    "=1/0": lambda row, column: _record(
        6, struct.pack("<HHHBBBBHHHI", row, column, 0, 2, 0, 7, 0, 0, 0xFFFF, 0, 0) + b"\0\0"
    ),
}
"""Cells that hold an error: as such, and as what a formula came to."""


def biff(
    lines: Sequence[Sequence[Any]], *, hidden: Iterable[int] = (), merges: Iterable[Any] = (), more: bytes = b""
) -> bytes:
    """The stream of an .xls with one sheet; `more` are further records of its globals."""
    begin = _record(0x809, struct.pack("<HHHHII", 0x600, 0x5, 0x0DBB, 0x07CC, 0, 6))
    name = "签约项目"
    sheet_name = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    length = len(begin) + len(more) + 4 + 6 + len(sheet_name) + 4
    globals_ = begin + more + _record(0x85, struct.pack("<IBB", length, 0, 0) + sheet_name) + _record(0x0A)
    width = max(map(len, lines))
    sheet = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0x0DBB, 0x07CC, 0, 6))
    sheet += _record(0x200, struct.pack("<IIHHH", 0, len(lines), 0, width, 0))
    for row in hidden:
        sheet += _record(0x208, struct.pack("<HHHHHHI", row, 0, width, 255, 0, 0, 0x20 | 0x100))
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            if value in ERRORS:
                sheet += ERRORS[value](row, column)
            elif isinstance(value, str) and value:
                sheet += _label(row, column, value)
            elif isinstance(value, int | float):
                sheet += _number(row, column, value)
    spans = [struct.pack("<HHHH", top, bottom, left, right) for top, left, bottom, right in merges]
    sheet += _record(0xE5, struct.pack("<H", len(spans)) + b"".join(spans)) if spans else b""
    return globals_ + sheet + _record(0x0A)


def compound(stream: bytes, *, name: str = "Workbook", others: Sequence[str] = ()) -> bytes:
    """A compound file with one stream, long enough to have sectors of its own, and empty storages beside it."""
    stream = stream.ljust(4096, b"\0")
    stream += b"\0" * (-len(stream) % SECTOR)
    sectors = len(stream) // SECTOR
    entries = [_entry("Root Entry", 5, END, 0, child=1), _entry(name, 2, 0, len(stream), right=2 if others else -1)]
    entries += [_entry(other, 1, 0, 0, right=n + 3 if n + 1 < len(others) else -1) for n, other in enumerate(others)]
    entries += [b"\0" * 128] * (-len(entries) % 4)
    directory = b"".join(entries)
    directory_sectors = len(directory) // SECTOR
    chain = [*range(1, sectors), END, *range(sectors + 1, sectors + directory_sectors), END]
    tables = -(-(len(chain) + 1) // 127)
    chain += [TABLE] * tables
    table = struct.pack(f"<{len(chain)}I", *chain)
    table += struct.pack("<I", FREE) * ((tables * SECTOR - len(table)) // 4)
    first_table = sectors + directory_sectors
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, tables, sectors, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", *range(first_table, first_table + tables), *[FREE] * (109 - tables))
    return header + stream + directory + table


def _entry(name: str, kind: int, start: int, size: int, *, child: int = -1, right: int = -1) -> bytes:
    encoded = name.encode("utf-16-le")
    body = encoded.ljust(64, b"\0") + struct.pack("<HBBiii", len(encoded) + 2, kind, 1, -1, right, child)
    return body + b"\0" * 36 + struct.pack("<IQ", start, size)


def xls(lines: Sequence[Sequence[Any]], **more: Any) -> bytes:
    """A ledger as .xls."""
    return compound(biff(lines, **more))
