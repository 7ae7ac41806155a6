"""A ledger as CSV: the same gate in words as for workbooks, and one sheet out of it, in which all is text."""

import csv
import io
import re
from itertools import islice
from typing import Final

from django.utils.translation import gettext as _

from parkportal import workbooks
from parkportal.exports import MOST_CHARACTERS, plain_text
from parkportal.workbooks import Refused, Sheet

MOST_ROWS: Final = 20_020
MOST_COLUMNS: Final = 80
MARKS: Final = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""How a file says in which encoding it is written."""
UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What no text holds, but every other kind of file."""
DELIMITERS: Final = ",\t;"
LOOKED_AT: Final = 20


def is_csv(name: str) -> bool:
    """Whether a file says of itself that it is a CSV."""
    return name.lower().endswith(".csv")


def sheets_of(name: str, data: bytes) -> list[Sheet]:
    """The sheets of an uploaded ledger, workbook or CSV; Refused in words for a bad one."""
    return [_sheet(name, data)] if is_csv(name) else workbooks.read(data, workbooks.check(name, data))


def _sheet(name: str, data: bytes) -> Sheet:
    if not data:
        raise Refused(_("文件是空的（0字节）。请重新另存一次再上传。"))
    if len(data) > workbooks.MOST_BYTES:
        most = workbooks.MOST_BYTES // 2**20
        raise Refused(_("文件超过%(most)sMB。请分成几个文件，或另存为.xlsx再上传。") % {"most": most})
    text = _text(data)
    return Sheet(name.rpartition(".")[0][:100], rows=[_cells(row, n) for n, row in enumerate(_rows(text), 1)])


def _text(data: bytes) -> str:
    """The letters, in the encoding that the file names, else in UTF-8 or that of Chinese Windows."""
    named = [encoding for mark, encoding in MARKS.items() if data.startswith(mark)]
    for encoding in named or ["utf-8", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not UNSEEN.search(text):
            return text
    raise Refused(_("扩展名是.csv，内容却不是文字，或文字编码认不出。请用Excel或WPS打开，另存为.xlsx再上传。"))


def _rows(text: str) -> list[list[str]]:
    """The rows by the delimiter that makes the most of them; Refused for too many and for a damaged file."""
    try:
        delimiter = max(DELIMITERS, key=lambda one: _width(text, one))
        rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), MOST_ROWS + 1))
    except csv.Error as broken:
        raise Refused(_("文件损坏或引号不成对，读不出来。请用Excel或WPS打开，另存为.xlsx再上传。")) from broken
    while rows and not any(rows[-1]):
        rows.pop()
    if len(rows) > MOST_ROWS:
        raise Refused(_("文件超过%(rows)s行。请删去多余的行，或者分成几个文件。") % {"rows": MOST_ROWS})
    return rows


def _width(text: str, delimiter: str) -> int:
    rows = islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), LOOKED_AT)
    return max(map(len, rows), default=0)


def _cells(row: list[str], number: int) -> list[workbooks.Cell]:
    """One row without the blanks at its end; the apostrophes that an export set are taken away again."""
    while row and not row[-1]:
        row.pop()
    if len(row) > MOST_COLUMNS:
        words = {"row": number, "columns": MOST_COLUMNS}
        raise Refused(_("第%(row)s行的内容超出了%(columns)s列。请删去右边用不到的列。") % words)
    if any(len(cell) > MOST_CHARACTERS for cell in row):
        raise Refused(_("有一个单元格的文字超过%(text)s个字，请缩短。") % {"text": MOST_CHARACTERS})
    return [plain_text(cell) or None for cell in row]
