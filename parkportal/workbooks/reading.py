"""Reading a workbook that passed the gate: a child process with limits opens it, here only its rows arrive."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
from django.utils.translation import gettext as _

from parkportal.workbooks import compound
from parkportal.workbooks.child import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, MOST_TEXT
from parkportal.workbooks.gate import Kind, Refused

CHILD: Final = Path(__file__).with_name("child.py")
PATIENCE: Final = 60
"""Seconds of the clock after which a child that gets no processor time is given up; its own limit is 30 of work."""

Cell = str | int | float | bool | dict[str, Any] | None
"""{"date": "2020-07-10"} is a day, {"formula": True} one that was never calculated, {"error": True} a failed one."""
Span = tuple[int, int, int, int]
"""A merged range: first row, first column, last row, last column, from 0."""


@dataclass
class Sheet:
    """One worksheet: its rows from the first of the sheet on, each as long as it is filled; all counts from 0."""

    name: str
    is_hidden: bool = False
    rows: list[list[Cell]] = field(default_factory=list)
    width: int = 0
    """Columns up to the last one that any row fills."""
    merges: list[Span] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)

    def at(self, row: int, column: int) -> Cell:
        """A cell; None where nothing stands."""
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else None

    def set(self, row: int, column: int, value: Cell) -> None:
        """Put a value into a cell, lengthening rows where needed."""
        while len(self.rows) <= row:
            self.rows.append([])
        cells = self.rows[row]
        cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = value


def read(data: bytes, kind: Kind) -> list[Sheet]:
    """The worksheets of a workbook that `check` let in; Refused in words where it is too large or damaged."""
    command = [sys.executable, "-I", str(CHILD), kind]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as late:
        raise Refused(_too_hard()) from late
    if done.returncode not in {0, 1}:
        raise Refused(_too_hard())
    if done.returncode:
        raise Refused(_in_words(_answer(done.stdout)))
    sheets = list(_sheets(done.stdout))
    if kind == "xls":
        _mark(sheets, compound.marks(compound.workbook(data)))
    return sheets


def _answer(output: bytes) -> dict[str, str]:
    """The child's last line; one that fell before it could speak says nothing."""
    last = output.splitlines()[-1:]
    try:
        found = orjson.loads(last[0]) if last else None
    except orjson.JSONDecodeError:
        found = None
    return found if isinstance(found, dict) and "refused" in found else {"refused": "memory"}


def _too_hard() -> str:
    return _("工作簿太大或太复杂，读不完。请只留要导入的工作表和行列，复制到新建的工作簿再上传。")


def _in_words(answer: dict[str, str]) -> str:
    """What the child said in a word, in a sentence."""
    words = {"sheet": answer.get("sheet", ""), "where": answer.get("where", "")}
    sentences = {
        "rows": _("工作表“%(sheet)s”第%(where)s行还有内容，最多读%(rows)s行。请删去多余的行，或者分成几个文件。"),
        "columns": _("工作表“%(sheet)s”第%(where)s行的内容超出了%(columns)s列。请删去右边用不到的列。"),
        "cells": _("工作簿的单元格太多，最多%(cells)s个。请只留要导入的工作表。"),
        "text": _("有一个单元格的文字超过%(text)s个字，请缩短。"),
        "doctype": _("工作簿里有文档类型声明（DTD），可能是恶意文件，不能上传。"),
        "password": _("工作簿加了密码，读不出来。请在Excel里去掉打开密码后另存，再上传。"),
        "damaged": _("文件损坏或不完整，打不开。请用Excel或WPS打开后另存一次再上传。"),
    }
    limits = {"rows": MOST_ROWS, "columns": MOST_COLUMNS, "cells": MOST_CELLS, "text": MOST_TEXT}
    return sentences.get(answer["refused"], _too_hard()) % (words | limits)


def _sheets(output: bytes) -> Iterator[Sheet]:
    lines = iter(output.splitlines())
    for line in lines:
        told = orjson.loads(line)
        left = [None] * told["left"]
        sheet = Sheet(told["sheet"], told["hidden"], [[] for _row in range(told["start"])])
        sheet.width = told["left"] + told["columns"]
        for _row in range(told["rows"]):
            cells = orjson.loads(next(lines))
            sheet.rows.append(left + cells if cells else [])
        sheet.merges = [tuple(one) for one in told["merges"]]
        sheet.hidden_rows = set(told["hidden_rows"])
        for key, mark in (("uncached", "formula"), ("errors", "error")):
            for row, column in told[key]:
                sheet.set(row, column, {mark: True})
        yield sheet


def _mark(sheets: list[Sheet], marks: list[compound.Marks]) -> None:
    """Say which rows are hidden and which cells failed; the records list the sheets in the same order.

    The child may have left out the last sheets. A cell outside of what it read is none that Excel would show.
    """
    if len(marks) >= len(sheets):
        for sheet, said in zip(sheets, marks, strict=False):
            sheet.hidden_rows = said.hidden_rows
            for row, column in said.errors:
                if row < len(sheet.rows) and column < sheet.width:
                    sheet.set(row, column, {"error": True})
