"""The gate of attachments: some ninety files, let in or refused in a sentence; and what becomes of their names."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import pytest

from parkportal import gate
from parkportal.workbooks import gate as workbooks

REL = '<Relationships xmlns="r"><Relationship Id="1" Type="http://s/relationships/{}" Target="{}"{}/></Relationships>'
OUT = ' TargetMode="External"'
TYPES = '<Types><Override PartName="/x" ContentType="application/vnd.{}+xml"/></Types>'


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 1, height: int = 1, *, tail: bytes = b"") -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts + tail


def office(main: str, more: Mapping[str, bytes | str] | None = None, *, without: str = "") -> bytes:
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES.format("openxmlformats"),
        "_rels/.rels": REL.format("officeDocument", main, ""),
        main: "<document/>",
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in ({k: v for k, v in parts.items() if k != without} | dict(more or {})).items():
            book.writestr(name, text)
    return held.getvalue()


def docx(more: Mapping[str, bytes | str] | None = None, **kwargs: str) -> bytes:
    return office("word/document.xml", more, **kwargs)


def xlsx(more: Mapping[str, bytes | str] | None = None, **kwargs: str) -> bytes:
    return office("xl/workbook.xml", more, **kwargs)


def twice(name: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as book, pytest.warns(UserWarning, match="Duplicate"):
        for part in ("[Content_Types].xml", name, name):
            book.writestr(part, "<document/>")
    return held.getvalue()


def encrypted(data: bytes) -> bytes:
    """The same archive with the flag of encryption in every header."""
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        pieces = data.split(mark)
        data = mark.join([pieces[0], *(part[: at - 4] + b"\x01" + part[at - 3 :] for part in pieces[1:])])
    return data


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\nstartxref\n9\n%%EOF\n"
JPG = b"\xff\xd8\xff\xe0" + b"\0" * 60 + b"\xff\xd9"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EXE = b"MZ\x90\0" + b"\0" * 200
DTD = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'

GOOD = {
    "合同.pdf": PDF, "SCAN.PDF": PDF, "a.b.pdf": PDF, "签字 (2).pdf": PDF + b"\r\n\r\n",
    "照片.jpg": JPG, "照片.jpeg": JPG, "照片.JPG": JPG + b"SEFT" + b"\0" * 40,
    "图.png": png(), "图.PNG": png(2_000, 3_000),
    "纪要.docx": docx(),
    "带链接.docx": docx({"word/_rels/document.xml.rels": REL.format("hyperlink", "http://x", OUT)}),
    "带图.docx": docx({"word/media/image1.png": png()}),
    "表.xlsx": xlsx(), "带打印设置.xlsx": xlsx({"xl/printerSettings/printerSettings1.bin": b"\0" * 90}),
    "空白多.xlsx": xlsx({"xl/worksheets/sheet1.xml": "<c/>" * 9_000 + "x" * 9_000}),
}  # fmt: skip
BAD = {
    "空.pdf": b"", "大.pdf": PDF + b"\0" * gate.MOST_BYTES,
    "页面.html": HTML, "页面.htm": HTML, "图.svg": SVG, "程序.exe": EXE, "a.pdf.exe": EXE, "脚本.js": b"alert(1)",
    "宏.xlsm": xlsx(), "宏.docm": docx(), "旧.doc": OLE, "旧.xls": OLE, "包.zip": docx(), "文本.txt": b"text",
    "图.gif": b"GIF89a", "没有扩展名": PDF, ".pdf": b"", "快捷方式.lnk": b"L\0\0\0",
    "a.exe.pdf": PDF, "a.html.png": png(),
    "其实是网页.pdf": HTML, "其实是程序.pdf": EXE, "其实是图.pdf": png(), "其实是包.pdf": docx(),
    "网页在前.pdf": b"<html>" + PDF, "夹网页.pdf": b"%PDF-1.4\n<script>alert(1)</script>" + PDF, "截断.pdf": PDF[:40],
    "尾巴是网页.pdf": PDF + HTML, "尾巴是包.pdf": PDF + docx(),
    "脚本.pdf": PDF.replace(b"<<>>", b"<</JavaScript 2 0 R>>", 1),
    "启动程序.pdf": PDF.replace(b"<<>>", b"<</S /Launch /F (cmd)>>", 1),
    "其实是pdf.png": PDF, "其实是jpg.png": JPG, "其实是网页.png": HTML, "其实是svg.png": SVG,
    "尾巴.png": png(tail=HTML),
    "尾巴是包.png": png(tail=docx()), "截断.png": png()[:-8], "改坏.png": png().replace(b"IDAT", b"IDAX"),
    "巨大.png": png(60_000, 60_000),
    "其实是png.jpg": png(), "其实是网页.jpg": HTML, "尾巴是包.jpg": JPG + docx(), "尾巴是网页.jpg": JPG + HTML,
    "截断.jpg": JPG[:-2], "其实是svg.jpeg": SVG,
    "其实是pdf.docx": PDF, "其实是xlsx.docx": xlsx(), "加密.docx": OLE, "加密包.docx": encrypted(docx()),
    "宏.docx": docx({"word/vbaProject.bin": OLE}), "对象.docx": docx({"word/embeddings/oleObject1.bin": OLE}),
    "控件.docx": docx({"word/activeX/activeX1.xml": "<a/>"}), "嵌表.docx": docx({"word/embeddings/表.xlsx": xlsx()}),
    "宏类型.docx": docx({"[Content_Types].xml": TYPES.format("ms-word.document.macroEnabled.main")}),
    "远程模板.docx": docx({"word/_rels/settings.xml.rels": REL.format("attachedTemplate", "http://x/a.dotm", OUT)}),
    "外部图.docx": docx({"word/_rels/document.xml.rels": REL.format("image", "http://x/a.png", OUT)}),
    "实体.docx": docx({"word/document.xml": DTD}), "双字节实体.docx": docx({"word/document.xml": DTD.encode("utf-16")}),
    "路径.docx": docx({"../../evil.xml": "<a/>"}), "重名.docx": twice("word/document.xml"), "损坏.docx": docx()[:200],
    "缺主文.docx": docx(without="word/document.xml"), "程序.docx": docx({"word/run.exe": EXE}),
    "炸弹.docx": docx({"word/media/a.bin": b"\0" * 20_000_000}),
    "部件多.docx": docx({f"a/{n}.xml": "" for n in range(2_001)}),
    "菜单.docx": docx({"customUI/customUI.xml": "<a/>"}),
    "宏.xlsx": xlsx({"xl/vbaProject.bin": OLE}), "外链.xlsx": xlsx({"xl/externalLinks/externalLink1.xml": "<a/>"}),
    "连接.xlsx": xlsx({"xl/connections.xml": "<a/>"}), "对象.xlsx": xlsx({"xl/embeddings/oleObject1.bin": OLE}),
    "菜单.xlsx": xlsx({"customUI/customUI14.xml": "<a/>"}), "实体.xlsx": xlsx({"xl/sharedStrings.xml": DTD}),
    "加密.xlsx": OLE, "加密包.xlsx": encrypted(xlsx()), "其实是docx.xlsx": docx(), "其实是网页.xlsx": HTML,
    "炸弹.xlsx": xlsx({"xl/worksheets/sheet1.xml": b" " * 20_000_000}), "损坏.xlsx": xlsx()[:150],
}  # fmt: skip


def test_the_table_is_long_enough() -> None:
    assert len(GOOD) + len(BAD) > 60


@pytest.mark.parametrize("name", GOOD)
def test_what_people_upload_comes_in(name: str) -> None:
    admitted = gate.admit(name, GOOD[name])
    assert admitted.name == name and admitted.data == GOOD[name]
    assert admitted.content_type == gate.KINDS[name.rpartition(".")[2].lower()].content_type


@pytest.mark.parametrize("name", BAD)
def test_everything_else_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(gate.Refused) as refused:
        gate.admit(name, BAD[name])
    said = str(refused.value)
    assert said.startswith("“") and said.endswith("。") and "Error" not in said


def test_the_sentence_says_what_and_how_to_mend_it() -> None:
    with pytest.raises(gate.Refused, match="有10.0MB，超过10MB。请压缩或拆成几份再上传"):
        gate.refuse_size("大.pdf", gate.MOST_BYTES + 1)
    with pytest.raises(gate.Refused, match="可以上传：PDF、PNG、JPG、DOCX、XLSX"):
        gate.admit("a.html", HTML)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("../../etc/合同.pdf", "合同.pdf"),
        ("C:\\Users\\甲\\合同.pdf", "合同.pdf"),
        ("合\0同.pdf", "合同.pdf"),
        ("合同\u202efdp.exe.pdf", "合同fdp.exe.pdf"),
        ("合\u200b同\ufeff.pdf", "合同.pdf"),
        ("合\n同\r.pdf", "合 同.pdf"),
        ("合\"同'.pdf", "合_同'.pdf"),
        ("合<script>同.pdf", "合_script_同.pdf"),
        ("合同😀.pdf", "合同😀.pdf"),
        ("con.pdf", "_con.pdf"),
        ("  .pdf", "pdf"),
        ("", "附件"),
        ("..", "附件"),
        ("=1+1.pdf", "=1+1.pdf"),
    ],
)
def test_names_are_cleaned(typed: str, shown: str) -> None:
    assert gate.clean_name(typed) == shown


def test_long_names_keep_their_extension() -> None:
    name = gate.clean_name("长" * 300 + ".pdf")
    assert len(name) == gate.LONGEST_NAME and name.endswith(".pdf")
    assert len(gate.clean_name("a." + "b" * 300)) <= gate.LONGEST_NAME


def packed_otherwise(data: bytes) -> bytes:
    """The archive, with a way of packing that nobody knows written over each part's own."""
    odd = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = odd.find(mark)
        while at >= 0:
            odd[at + place : at + place + 2] = b"\x63\x00"
            at = odd.find(mark, at + 1)
    return bytes(odd)


def test_a_way_of_packing_that_nobody_knows_is_a_damaged_file() -> None:
    with zipfile.ZipFile(io.BytesIO(packed_otherwise(docx()))) as archive, pytest.raises(RuntimeError):
        archive.read(archive.namelist()[0])
    assert "损坏" in gate._wrong_office(packed_otherwise(docx()), "word/document.xml", "Word")
    with pytest.raises(workbooks.Refused, match="损坏"):
        workbooks._check_archive(packed_otherwise(office("xl/workbook.xml")))
