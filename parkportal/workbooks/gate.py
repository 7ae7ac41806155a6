"""The gate for workbooks: what is let in, and a sentence that says what is wrong and how to mend it for what is not.

Nothing is parsed here: names, sizes and first bytes are looked at in pieces, so that a hostile file costs neither time
nor memory. What passes is read in a child process with limits (`reading.read`).
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal.workbooks import compound

MOST_BYTES: Final = 10 * 2**20
MOST_UNZIPPED: Final = 100 * 2**20
MOST_ENTRIES: Final = 2_000
MOST_RATIO: Final = 100
RATIO_FROM: Final = 100 * 2**10
"""Small parts may shrink to anything; from this size on a ratio above the limit is a bomb."""
PIECE: Final = 2**18
ZIP_MAGIC: Final = b"PK\x03\x04"
ENDINGS: Final = {".xlsx": "xlsx", ".xls": "xls", ".et": "xls"}

Kind = Literal["xlsx", "xls"]


class Refused(ValueError):
    """A file that is not let in; the message says what is wrong with it and how to mend it."""


def check(name: str, data: bytes) -> Kind:
    """Let a workbook in: return “xlsx”, or “xls” for the old format of Excel and WPS; raise Refused in words.

    Refused are: an ending other than .xlsx .xls .et, more than 10 MB, nothing at all, content that its ending does not
    promise, passwords, macros, links to other files, embedded objects, data connections, document types (entities),
    nested or damaged archives, doubled names, and archives that unpack to too much.
    """
    kind = _promised(name)
    if not data:
        raise Refused(_("文件是空的（0字节）。请重新另存一次再上传。"))
    if len(data) > MOST_BYTES:
        sentence = _("文件有%(size)sMB，最大%(most)sMB。请删去图片和用不到的工作表，或者分成几个文件。")
        raise Refused(sentence % {"size": -(-len(data) // 2**20), "most": MOST_BYTES // 2**20})
    if _kind_of(data) != kind:
        raise Refused(_wrong_content(name, data))
    if kind == "xls":
        _check_compound(data)
    else:
        _check_archive(data)
    return kind


def _promised(name: str) -> Kind:
    ending = "." + name.rpartition(".")[2].lower() if "." in name else ""
    if ending in ENDINGS:
        return "xls" if ENDINGS[ending] == "xls" else "xlsx"
    if ending in {".xlsm", ".xlsb", ".xltm"}:
        sentence = _("%(ending)s可能带宏，不能上传。请在Excel或WPS里另存为.xlsx（Excel工作簿）再上传。")
        raise Refused(sentence % {"ending": ending})
    raise Refused(_("只收Excel或WPS表格（.xlsx、.xls、.et）。请用Excel或WPS打开后另存为.xlsx再上传。"))


def _kind_of(data: bytes) -> str:
    if data.startswith(ZIP_MAGIC):
        return "xlsx"
    return "xls" if data.startswith(compound.MAGIC) else ""


def _wrong_content(name: str, data: bytes) -> str:
    ending = name.rpartition(".")[2].lower()[:8]
    if _kind_of(data) == "xls":
        try:
            if "EncryptedPackage" in compound.names(data):
                return _("工作簿加了密码，读不出来。请在Excel里去掉打开密码后另存，再上传。")
        except compound.Damaged:
            pass
    sentence = _("扩展名是.%(ending)s，内容却不是这种格式。请用Excel或WPS打开，另存为.xlsx再上传，不要直接改扩展名。")
    return sentence % {"ending": ending}


# --- .xlsx ---------------------------------------------------------------------------------------------------------

FORBIDDEN: Final = (
    (
        re.compile(r"vbaproject|vbadata|macrosheets/|dialogsheets/"),
        gettext_lazy("宏"),
        gettext_lazy("请另存为不带宏的.xlsx"),
    ),
    (
        re.compile(r"externallinks?/"),
        gettext_lazy("到其他文件的链接"),
        gettext_lazy("请在“数据—编辑链接”里断开链接，或全选后粘贴为数值"),
    ),
    (re.compile(r"embeddings?/|oleobject|activex"), gettext_lazy("嵌入的对象"), gettext_lazy("请删去嵌入的文件和控件")),
    (
        re.compile(r"xl/connections|querytables?/|xl/model/"),
        gettext_lazy("数据连接"),
        gettext_lazy("请在“数据—查询和连接”里删去连接"),
    ),
    (re.compile(r"customui"), gettext_lazy("自定义界面"), gettext_lazy("请把内容复制到新建的工作簿")),
)
"""Parts that a ledger has no need of: how they are named, what they are, and how to be rid of them."""


def _check_archive(data: bytes) -> None:
    try:  # zipfile raises a RuntimeError for a password and for a way of packing that it does not know
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries, data)
            _check_names([entry.filename.lower().replace("\\", "/") for entry in entries])
            for entry in entries:
                _check_part(archive, entry)
    except Refused:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError) as broken:
        raise Refused(_damaged()) from broken
    except zipfile.zlib.error as broken:  # type: ignore[attr-defined]
        raise Refused(_damaged()) from broken


def _damaged() -> str:
    return _("文件损坏或不完整，打不开。请用Excel或WPS打开后另存一次再上传。")


def _check_entries(entries: list[zipfile.ZipInfo], data: bytes) -> None:
    """Sizes and flags as the archive's list tells them; a list that lies is found when the parts are read."""
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(_("工作簿加了密码，读不出来。请在Excel里去掉打开密码后另存，再上传。"))
    if len(entries) > MOST_ENTRIES:
        sentence = _("文件里有%(count)s个部件，最多%(most)s个。请把要导入的工作表复制到新建的工作簿再上传。")
        raise Refused(sentence % {"count": len(entries), "most": MOST_ENTRIES})
    total = sum(entry.file_size for entry in entries)
    if total > MOST_UNZIPPED:
        sentence = _("文件解压后有%(size)sMB，最大%(most)sMB。请只留要导入的行列，复制到新建的工作簿再上传。")
        raise Refused(sentence % {"size": total // 2**20, "most": MOST_UNZIPPED // 2**20})
    if any(entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * entry.compress_size for entry in entries):
        raise Refused(_("文件的压缩比不正常，像是压缩炸弹。请把要导入的内容复制到新建的工作簿再上传。"))
    end = data.rfind(b"PK\x05\x06")
    comment = int.from_bytes(data[end + 20 : end + 22], "little")
    if min((entry.header_offset for entry in entries), default=1) != 0 or end + 22 + comment != len(data):
        raise Refused(_damaged())


def _check_names(names: list[str]) -> None:
    if len(set(names)) < len(names) or any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise Refused(_damaged())
    for pattern, what, how in FORBIDDEN:
        if any(pattern.search(name) for name in names):
            raise Refused(_("工作簿里有%(what)s，不能上传。%(how)s，再上传。") % {"what": what, "how": how})
    if "xl/workbook.xml" not in names:
        raise Refused(_("这不是Excel工作簿。请用Excel或WPS打开，另存为.xlsx再上传。"))


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Read one part to its end in pieces: no nested archive, no document type, no encoding that could hide one."""
    is_text = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    before = b""
    for piece in _pieces(archive, entry):
        if not before and piece.startswith((ZIP_MAGIC, compound.MAGIC)):
            raise Refused(_("工作簿里嵌着另一个文件，不能上传。请删去嵌入的文件再上传。"))
        if is_text:
            _check_text(before, piece)
        before = before[-16:] + piece[-16:] if piece else before


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as part:
        while piece := part.read(PIECE):
            yield piece


def _check_text(before: bytes, piece: bytes) -> None:
    beginning = b"" if before else piece[:200]
    encoded = re.search(rb"<\?xml[^>]*encoding=[\"']([\w-]+)", beginning)
    if b"\0" in piece or (encoded and encoded[1].lower() not in {b"utf-8", b"utf8", b"us-ascii", b"ascii"}):
        raise Refused(_("工作簿内部的文字编码不正常。请用Excel或WPS打开后另存一次再上传。"))
    joined = before[-16:] + piece
    if b"<!DOCTYPE" in joined or b"<!ENTITY" in joined:
        raise Refused(_("工作簿里有文档类型声明（DTD），可能是恶意文件，不能上传。请把内容复制到新建的工作簿再上传。"))


# --- .xls ----------------------------------------------------------------------------------------------------------


def _check_compound(data: bytes) -> None:
    try:
        names = compound.names(data)
        _check_storages(names, compound.inner_names(data))
        _check_records(compound.workbook(data))
    except compound.Damaged as broken:
        raise Refused(_damaged()) from broken


def _check_storages(names: set[str], inner: set[str]) -> None:
    """What the names of storages and streams give away; `inner` are storages and what lies in them.

    A stream “Ole” beside the workbook is no object: LibreOffice writes it into every .xls.
    """
    if "EncryptedPackage" in names:
        raise Refused(_("工作簿加了密码，读不出来。请在Excel里去掉打开密码后另存，再上传。"))
    if not names & {"Workbook", "Book"}:
        raise Refused(_("这不是Excel工作簿。请用Excel或WPS打开，另存为.xlsx再上传。"))
    if names & {"_VBA_PROJECT_CUR", "VBA", "Macros"}:
        raise Refused(
            _("工作簿里有%(what)s，不能上传。%(how)s，再上传。") % {"what": FORBIDDEN[0][1], "how": FORBIDDEN[0][2]}
        )
    if any(name.startswith("MBD") or name == "\x01Ole10Native" for name in names) or "\x01Ole" in inner:
        raise Refused(
            _("工作簿里有%(what)s，不能上传。%(how)s，再上传。") % {"what": FORBIDDEN[2][1], "how": FORBIDDEN[2][2]}
        )


ENCRYPTED, OUTSIDE, CONNECTION, MACRO_SHEET = 0x2F, 0x1AE, 0x876, 0x85
INSIDE: Final = (b"\x01\x04", b"\x01\x3a")
"""What a SUPBOOK record holds in place of a file's name when it means this workbook or an add-in."""


def _check_records(stream: bytes) -> None:
    """What the records of the workbook say."""
    for kind, body in compound.records(stream):
        if kind == ENCRYPTED:
            raise Refused(_("工作簿加了密码，读不出来。请在Excel里去掉打开密码后另存，再上传。"))
        found = 0 if kind == MACRO_SHEET and body[5:6] not in {b"\0", b"\x02"} else None
        found = 1 if kind == OUTSIDE and body[2:4] not in INSIDE else found
        found = 3 if kind == CONNECTION else found
        if found is not None:
            _pattern, what, how = FORBIDDEN[found]
            raise Refused(_("工作簿里有%(what)s，不能上传。%(how)s，再上传。") % {"what": what, "how": how})
