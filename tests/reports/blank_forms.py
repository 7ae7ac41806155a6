"""Blank forms of a park: kept, put in, and read again."""

from datetime import date
from typing import Any

from parkportal import files
from parkportal.models import Park, User
from parkportal.trace import Actor
from projects.models import Project
from reports.filling import services
from reports.models import BlankForm, FilledForm
from tests.reports.forms import opened, project_form

TODAY, AS_OF = date(2020, 10, 9), date(2020, 9, 30)


def add(park: Park, by: User, data: bytes | None = None, name: str = "调度表", **more: Any) -> BlankForm:
    facts = {"authority": "市商务局", "file_name": "空表.xlsx", "data": data or project_form(), "on": TODAY} | more
    return services.blank_form_add(by=Actor(by), park=park, name=name, **facts)


def put_in(form: BlankForm, by: User, as_of: date = AS_OF, **more: Any) -> FilledForm:
    facts = {"projects": Project.objects.order_by("signed_on", "code"), "query": "", "filled_on": TODAY} | more
    return services.form_fill(by=Actor(by), form=form, as_of=as_of, **facts)


def sheet_of(filled: FilledForm) -> Any:
    return opened(files.read(filled.file.stored_name))


def row_values(sheet: Any, row: int, width: int = 7) -> list[Any]:
    return [sheet.cell(row, column).value for column in range(1, width + 1)]
