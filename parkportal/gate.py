"""Which uploaded files come in: judged by what they hold, not by what they are called. Pure.

The extension and the content must say the same: PDF, PNG, JPEG, DOCX, XLSX. Office files are looked into without
being unpacked: no macros, no objects or links to elsewhere, no document types, nothing encrypted, no bombs.
"""

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from parkportal import workbooks

MOST_BYTES: Final = 10 * 1024 * 1024
LONGEST_NAME: Final = 120
MOST_ENTRIES: Final = 2_000
MOST_UNZIPPED: Final = 100 * 1024 * 1024
MOST_RATIO: Final = 100
RATIO_FROM: Final = 100 * 1024
"""Parts that unzip to less than this may be as empty as they like."""

MARKUP: Final = re.compile(rb"<\s*(!doctype\s+html|html|head|body|script|svg|iframe|object|embed|\?xml|\?php)", re.I)
ZIP_END: Final = b"PK\x05\x06"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

FORBIDDEN_PARTS: Final = (
    (re.compile(r"vbaproject|vbadata|\.bas$|macrosheets/|dialogsheets/", re.I), "宏"),
    (re.compile(r"(^|/)(embeddings|activex|ctrlprops)/|oleobject", re.I), "嵌入的对象"),
    (re.compile(r"(^|/)externallinks/|(^|/)connections\.xml$|(^|/)querytables/", re.I), "对外部文件的链接"),
    (re.compile(r"(^|/)customui/", re.I), "自定义菜单"),
    (re.compile(r"\.(exe|dll|js|vbs|bat|cmd|com|scr|hta|jar|html?|svg|zip|docx|xlsx|docm|xlsm)$", re.I), "其他文件"),
)
"""Parts of an office file by what they bring along."""
MACRO_TYPE: Final = re.compile(rb"macroEnabled|vnd\.ms-office\.vbaProject|ms-excel\.sheet\.binary", re.I)
DTD: Final = re.compile(rb"<!(DOCTYPE|ENTITY)", re.I)
OUTWARD: Final = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.I)
HYPERLINK: Final = re.compile(rb"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']", re.I)

DANGEROUS: Final = frozenset(
    {"exe", "bat", "cmd", "scr", "pif", "msi", "vbs", "vbe", "wsf", "hta", "jar", "lnk", "reg", "html", "htm", "svg"}
)
"""Extensions that must not stand before the last one either."""
DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
)
"""Names that Windows keeps for devices."""


class Refused(ValueError):
    """The file does not come in; the message is a sentence that says why and what to do."""


@dataclass(frozen=True)
class Admitted:
    """A file that came in: its name for people and the type that its content has."""

    name: str
    content_type: str
    data: bytes


def admit(name: str, data: bytes) -> Admitted:
    """The file with a clean name and its true type; Refused with a sentence for everything else."""
    shown = clean_name(name)
    _refuse_size(shown, len(data))
    extension = shown.rpartition(".")[2].lower() if "." in shown else ""
    kind = KINDS.get(extension)
    if kind is None or DANGEROUS & {part.lower() for part in shown.split(".")[1:]}:
        sentence = _("“%(name)s”不是可以上传的类型。可以上传：PDF、PNG、JPG、DOCX、XLSX。")
        raise Refused(sentence % {"name": shown})
    if why := kind.wrong(data):
        raise Refused(_("“%(name)s”没有上传：%(why)s") % {"name": shown, "why": why})
    return Admitted(shown, kind.content_type, data)


def refuse_size(name: str, size: int) -> None:
    """Refused for an empty file and for one that is too large, before its bytes are read."""
    _refuse_size(clean_name(name), size)


def _refuse_size(shown: str, size: int) -> None:
    if not size:
        raise Refused(_("“%(name)s”是空文件，没有内容。请检查后重新选择。") % {"name": shown})
    if size > MOST_BYTES:
        words = {"name": shown, "size": f"{size / 1024 / 1024:.1f}", "most": MOST_BYTES // 1024 // 1024}
        raise Refused(_("“%(name)s”有%(size)sMB，超过%(most)sMB。请压缩或拆成几份再上传。") % words)


def clean_name(name: str) -> str:
    """A file's name as people may see it: the last part of its path, without what cannot be seen or stored.

    Control, bidirectional and invisible characters go, what Windows does not allow becomes “_”, the extension stays
    at the end of a name of at most 120 characters.
    """
    plain = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    seen = "".join(" " if char in "\t\r\n" else char for char in plain if char in "\t\r\n" or _is_visible(char))
    tidy = re.sub(r"\s+", " ", re.sub(r'[:*?"<>|]', "_", seen)).strip(" .")
    stem, dot, extension = tidy.rpartition(".")
    if not dot:
        stem, extension = tidy, ""
    stem = stem.strip(" .") or _("附件")
    stem = f"_{stem}" if stem.lower() in DEVICES else stem
    return stem[: LONGEST_NAME - len(extension) - 1] + dot + extension[: LONGEST_NAME // 2]


def _is_visible(char: str) -> bool:
    """Whether a character has a shape: no control, format, surrogate or private one; joined emoji fall apart."""
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


# --- each kind: empty for a good file, else the reason in words ---------------------------------------------------


def wrong_pdf(data: bytes) -> str:
    """A PDF begins with its mark, ends with it, and holds no other kind of file beside itself."""
    if not data.startswith(b"%PDF-"):
        return _not("PDF")
    end = data.rfind(b"%%EOF")
    if end < 0 or len(data) - end > 2_048:
        return _("PDF文件不完整，请重新导出。")
    if MARKUP.search(data[:1_024]) or _hides_zip(data) or MARKUP.search(data[end:]):
        return _mixed()
    return _("PDF里有会自动运行的内容。请另存为普通PDF再上传。") if ACTIVE_PDF.search(data) else ""


ACTIVE_PDF: Final = re.compile(rb"/(Launch|JavaScript|RichMedia)\b")


def wrong_png(data: bytes) -> str:
    """A PNG is a row of chunks with right check sums, from IHDR to IEND, and nothing after it."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _not("PNG")
    names = list(_chunks(data))
    if not names or names[0] != b"IHDR" or names[-1] != b"IEND":
        return _("图片不完整，请重新保存后上传。")
    return _("图片太大，请缩小后上传。") if _pixels(data) > MOST_PIXELS else ""


MOST_PIXELS: Final = 100_000_000


def _pixels(data: bytes) -> int:
    return int.from_bytes(data[16:20], "big") * int.from_bytes(data[20:24], "big")


def _chunks(data: bytes) -> Iterator[bytes]:
    """The names of a PNG's chunks; it ends early, without IEND, where something does not fit."""
    at = 8
    while at + 12 <= len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + size
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return
        if name == b"IEND" and end != len(data):
            return
        yield name
        at = end


def wrong_jpeg(data: bytes) -> str:
    """A JPEG begins and ends with its marks; telephones append data of their own, but no archive and no page."""
    if not data.startswith(b"\xff\xd8\xff"):
        return _not("JPG")
    end = data.rfind(b"\xff\xd9")
    if end < 0:
        return _("图片不完整，请重新保存后上传。")
    return _mixed() if _hides_zip(data) or MARKUP.search(data[end:]) else ""


def wrong_docx(data: bytes) -> str:
    """A Word document without macros, objects and links."""
    return _wrong_office(data, "word/document.xml", "DOCX")


def wrong_xlsx(data: bytes) -> str:
    """An Excel workbook without macros, objects and links; the gate of imports looks first."""
    if not data.startswith(OLE):
        try:
            workbooks.check("a.xlsx", data)
        except workbooks.Refused as refused:
            return str(refused)
    return _wrong_office(data, "xl/workbook.xml", "XLSX")


def _wrong_office(data: bytes, main: str, label: str) -> str:
    if data.startswith(OLE):
        return _("文件加了密码或是旧格式。请去掉密码，另存为%(label)s再上传。") % {"label": label}
    if not data.startswith(b"PK\x03\x04"):
        return _not(label)
    try:  # zipfile raises RuntimeError for a way of packing or locking that it does not know
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return wrong_zip(book) or _wrong_parts(book, main, label)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, RuntimeError, EOFError, zlib.error, OSError):
        return _("文件已损坏，请重新保存后上传。")


def wrong_zip(book: zipfile.ZipFile) -> str:
    """What speaks against an archive before any part is read: its number of parts, their sizes, names and passwords."""
    parts = book.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MOST_ENTRIES or len(set(names)) < len(names):
        return _("文件里的部件太多或重名，不像正常的文档。")
    if any(part.flag_bits & 0x1 for part in parts):
        return _("文件加了密码。请去掉密码再上传。")
    if any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) for name in names):
        return _("文件里有不正常的路径，不像正常的文档。")
    swollen = any(part.file_size > MOST_RATIO * max(part.compress_size, 1) > 0 for part in parts if _is_large(part))
    if swollen or sum(part.file_size for part in parts) > MOST_UNZIPPED:
        return _("文件解开以后过大，可能是压缩炸弹。请另存为新文件再上传。")
    return ""


def _is_large(part: zipfile.ZipInfo) -> bool:
    return part.file_size > RATIO_FROM


def _wrong_parts(book: zipfile.ZipFile, main: str, label: str) -> str:
    """What the parts of an office file bring along that it should not."""
    names = set(book.namelist())
    if "[Content_Types].xml" not in names or main not in names:
        return _not(label)
    for pattern, what in FORBIDDEN_PARTS:
        if any(pattern.search(name) for name in names):
            return _("文件里有%(what)s。请删除后另存为%(label)s再上传。") % {"what": what, "label": label}
    for part in book.infolist():
        if part.filename.endswith((".xml", ".rels", ".vml")) and (why := _wrong_xml(part.filename, book.read(part))):
            return why
    return ""


def _wrong_xml(name: str, text: bytes) -> str:
    if text[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in text[:64]:
        text = text.decode("utf-16", "ignore").encode()
    if DTD.search(text):
        return _("文件里有文档类型定义，不能上传。请另存为新文件再上传。")
    if name == "[Content_Types].xml" and MACRO_TYPE.search(text):
        return _("文件里有宏。请另存为不含宏的文件再上传。")
    outward = name.endswith(".rels") and any(not HYPERLINK.search(one) for one in OUTWARD.findall(text))
    return _("文件里有对外部文件的链接。请断开链接，另存后再上传。") if outward else ""


def _hides_zip(data: bytes) -> bool:
    """Whether an archive hangs on the end of another kind of file."""
    return ZIP_END in data[-66_000:]


def _not(label: str) -> str:
    return _("内容不是%(label)s，和扩展名不一致。请用原来的软件另存为%(label)s再上传。") % {"label": label}


def _mixed() -> str:
    return _("文件里夹带了另一种文件。请重新导出后上传。")


@dataclass(frozen=True)
class Kind:
    """A kind of file that comes in."""

    content_type: str
    wrong: Callable[[bytes], str]


WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: Final = {
    "pdf": Kind("application/pdf", wrong_pdf),
    "png": Kind("image/png", wrong_png),
    "jpg": Kind("image/jpeg", wrong_jpeg),
    "jpeg": Kind("image/jpeg", wrong_jpeg),
    "docx": Kind(WORD, wrong_docx),
    "xlsx": Kind(EXCEL, wrong_xlsx),
}
PREVIEWED: Final = frozenset({"application/pdf", "image/png", "image/jpeg"})
"""Types that are shown in the browser; everything else is only saved."""
ACCEPT: Final = ".pdf,.png,.jpg,.jpeg,.docx,.xlsx"
