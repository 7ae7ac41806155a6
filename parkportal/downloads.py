"""A list as a file: what is filtered, in the columns that the person chose, as a workbook or CSV."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final, cast

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from parkportal.exports import Column, Table, csv_of, xlsx_of
from parkportal.filter_box import BoxedList
from parkportal.models import User
from parkportal.pages import chips

FORMATS: Final[Mapping[str, tuple[str, Callable[[Table], Iterator[bytes]]]]] = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_of),
    "csv": ("text/csv; charset=utf-8", csv_of),
}
CHUNK: Final = 500


def hand_out(table: Table, form: str) -> StreamingHttpResponse:
    """A table as a download in one of the FORMATS; 404 for another."""
    if form not in FORMATS:
        raise Http404
    content_type, write = FORMATS[form]
    name = f"{table.title}{timezone.localdate().isoformat()}.{form}"
    headers = {"Content-Disposition": content_disposition_header(True, name) or ""}
    return StreamingHttpResponse(write(table), content_type=content_type, headers=headers)


class ExportPage(BoxedList):
    """The list of the class beside it in the bases, whole: `format` is xlsx or csv; a wrong filter shows on the list.

    Secret projects, and what hangs on them, are left out unless the address says `with_secret=true`.
    """

    http_method_names = ("get", "options")
    columns: ClassVar[Sequence[Column]] = ()
    list_name: ClassVar[str] = ""
    unit: ClassVar[str] = "万元"
    veil_path: ClassVar[str] = ""
    """The path to the confidentiality of a row; empty where rows have none."""

    def rows(self) -> QuerySet[Any]:
        rows = super().rows()
        leave_out = self.veil_path and self.request.GET.get("with_secret") != "true"
        return rows.exclude(**{self.veil_path: "secret"}) if leave_out else rows

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        rows = self.get_queryset()
        if self.problems:
            return redirect(f"{reverse(self.list_name)}?{request.GET.urlencode()}")
        return hand_out(self.table(rows), request.GET.get("format", "xlsx"))

    def table(self, rows: QuerySet[Any]) -> Table:
        """The rows with their columns, and what was chosen in words."""
        return Table(
            title=str(self.heading),
            columns=self.chosen_columns(),
            rows=rows.iterator(chunk_size=CHUNK),
            note=self.note(),
            unit=self.unit,
            noun=str(self.noun),
        )

    def chosen_columns(self) -> Sequence[Column]:
        """The columns of the file: those of the page, or all; for one place that of the park says nothing."""
        if self.chosen and self.request.GET.get("columns") != "all":
            return self.chosen
        alone = cast(User, self.request.user).park_id is not None
        return [column for column in self.columns if not (alone and column.key == "park")]

    def note(self) -> str:
        """The conditions, and who took the list when."""
        words = {"user": self.request.user, "at": timezone.localtime().strftime("%Y-%m-%d %H:%M")}
        chosen = "；".join(f"{chip['name']}：{chip['value']}" for chip in chips(self.filterset, self.request.GET))
        return "　".join([chosen or _("全部"), _("%(user)s于%(at)s导出") % words])
