"""The formats of a list: JSON in pages; CSV, Excel and NDJSON as one stream of all rows."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from rest_framework import renderers

from parkportal import exports
from parkportal.serializers import cells_of

Paths = list[tuple[str, ...]]


class JSONRenderer(renderers.JSONRenderer):
    """One page of a list, or one resource."""


class FileRenderer(JSONRenderer, ABC):
    """A format in which a list streams whole; what is no list, such as an error, stays JSON."""

    charset: ClassVar[str | None] = None

    @abstractmethod
    def stream(self, paths: Paths, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
        """Yield the bytes of the file."""


class CSVRenderer(FileRenderer):
    """Comma-separated values in UTF-8."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def stream(self, paths: Paths, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
        return exports.as_csv(headings(paths), (cells_of(paths, row) for row in rows))


class XLSXRenderer(FileRenderer):
    """A workbook of Excel."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"

    def stream(self, paths: Paths, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
        return exports.as_xlsx(headings(paths), (cells_of(paths, row) for row in rows))


class NDJSONRenderer(FileRenderer):
    """One JSON object per line."""

    media_type = "application/x-ndjson"
    format = "ndjson"

    def stream(self, paths: Paths, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
        return exports.as_ndjson(rows)


def headings(paths: Paths) -> list[str]:
    """The name of each column: `signed_on`, `investor.name`."""
    return [".".join(path) for path in paths]
