"""Workbooks that people upload: `check` at the gate, then `read` in a child process with limits."""

from parkportal.workbooks.gate import MOST_BYTES, Kind, Refused, check
from parkportal.workbooks.reading import Cell, Sheet, read

__all__ = ["MOST_BYTES", "Cell", "Kind", "Refused", "Sheet", "check", "read"]
