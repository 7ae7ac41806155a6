"""Marks that are planted in the rows of a park, and how they and the rows themselves are looked for afterwards."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import models, transaction

from parkportal.models import Change, Park, User
from parkportal.trace import park_of
from tests.rest import body
from tests.two_parks import World

MARK, GROUND, PLACE, CODE = "CanaryOfB", "GroundOfB", "PlaceOfB", "codeofb"
"""Planted in the texts of park B's rows, in those of its people and tokens, in its name, and in its codes."""
DOORS = {
    *("weekly-sheet", "monthly-sheet", "blank-form-new", "blank-form-map", "blank-form-fill", "filled-form-send"),
    *("attachment-new", "project-alike", "handover-new", "contact-show", "notice-read", "confidentiality"),
    *("project-import", "project-import-check", "project-import-map", "project-import-rollback"),
    *("project-import-rows", "project-import-run", "project-import-withdraw", "project-paste", "project-draft"),
    *("project-bulk", "project-bulk-undo", "project-undo", "project-recognition", "review-list"),
    *("project-change-recall", "project-change-return", "project-contracts", "list-columns", "list-size", "visit-note"),
    *("target-grid", "target-propose", "target-confirm", "target-import", "target-import-write", "target-parts"),
    "assessment-mark",
    *("reported-figure-new", "reported-figure-edit", "reported-figure-withdraw"),
    *("reconciliation-new", "reconciliation-detail", "reconciliation-withdraw"),
    *("saved-filter-new", "saved-filter-edit", "saved-filter-move", "saved-filter-delete"),
    *("subscription-list", "delivery-again", "matter-new", "matter-report", "matter-close"),
    "matter-withdraw",
    *("scorecard-submit", "scorecard-return", "scorecard-publish", "scorecard-correct", "scorecard-sign"),
    *("wall-link-new", "wall-link-withdraw", "wall-text-edit"),
}
"""Addresses that take files, several rows or nothing: each is tried in `test_isolation_doors`."""
KEPT = {
    "digest",
    "password",
    "prefix",
    "period",
    "ledger_from",
    "scorecards_from",
    "scorecards_until",
    "month",
    "key",
    "kind",
    "object_type",
    "content_type",
    "page",
    "form",
}
"""Columns whose text has a shape of its own."""
ROOMS = ("parkportal", "enterprises", "projects", "reports")


def every_model() -> list[type[models.Model]]:
    """All models of our rooms."""
    return [model for room in ROOMS for model in apps.get_app_config(room).get_models()]


OWNERS = (
    *("park", "project__park", "enterprise__park", "engagement__park", "user__park", "created_by__park"),
    *("scorecard__park", "line__scorecard__park"),
)
"""Ways from a row to its park."""


def rows_of(model: type[models.Model]) -> Any:
    """All rows of a model, with what leads to their park."""
    keys = {field.name for field in model._meta.concrete_fields if field.is_relation}
    known = [path for path in OWNERS if path.partition("__")[0] in keys]
    return model._base_manager.select_related(*known).order_by("pk")


def is_of(row: models.Model, park: Park) -> bool:
    """Whether a row belongs to a park, directly or through what it hangs on."""
    for step in ("user", "created_by", "scorecard", "line"):
        owner = getattr(row, step, None)
        if isinstance(owner, models.Model) and is_of(owner, park):
            return True
    return park_of(row) == park


SEALED = {"reports.Publication", "reports.FrozenMember"}
"""What the database itself refuses to change."""


def plant(world: World) -> int:
    """Put the marks into every text of park B's rows, and give its codes another beginning; returns how many texts."""
    park, planted = world.b.park, 0
    for model in every_model():
        for row in rows_of(model):
            if model._meta.label not in SEALED and is_of(row, park):
                texts = marks_for(row)
                model._base_manager.filter(pk=row.pk).update(**texts)
                planted += len(texts)
    for row in world.b.rows.values():
        row.refresh_from_db()
    return planted


def marks_for(row: models.Model) -> dict[str, Any]:
    """The new texts of a row."""
    is_ground = row._meta.label in {"parkportal.User", "parkportal.ApiToken", "parkportal.Park", "parkportal.Job"}
    mark = GROUND if is_ground or getattr(row, "object_type", "").startswith("parkportal.") else MARK
    mark = PLACE if isinstance(row, Park) else mark
    found: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.name in {"code", "object_code", "username"}:
            found[field.name] = getattr(row, field.name).replace("park-b", CODE).replace("clerk-b", CODE)
        elif field.name == "uscc":
            found["uscc"] = f"{mark}{row.pk}"
        elif field.name == "diff":
            found["diff"] = {"name": [mark, mark], "note": ["", mark]}
        elif field.name in {"values", "rows"} and isinstance(getattr(row, field.name), dict | list):
            found[field.name] = marked(getattr(row, field.name), mark)
        elif is_free_text(field):
            found[field.name] = [mark] if field.get_internal_type() == "JSONField" else mark
    return found


def marked(value: Any, mark: str) -> Any:
    """What people typed and a column keeps as JSON, with the mark as every name in it."""
    if isinstance(value, dict):
        return {key: mark if key == "name" else marked(one, mark) for key, one in value.items()}
    return [marked(one, mark) for one in value] if isinstance(value, list) else value


def is_free_text(field: Any) -> bool:
    """Whether people may have written anything into a column."""
    if field.name == "tags":
        return True
    plain = isinstance(field, models.CharField | models.TextField) and not field.choices and not field.unique
    return (plain or field.name == "name") and field.name not in KEPT and (field.max_length or 99) >= len(MARK)


def bytes_of(answer: Any) -> str:
    """Everything that an answer says: headers and content, a workbook unpacked."""
    content = body(answer)
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b"".join(book.read(name) for name in book.namelist())
    return f"{dict(answer.headers)}{content.decode(errors='replace')}"


VOLATILE = {"request_id", "submission_key", "password", "last_login", "session_keys", "last_used_at"}


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def links(world: World) -> set[str]:
    """Foreign keys of rows of park A into rows of park B."""
    b_rows = {(m, row.pk) for m in every_model() for row in rows_of(m) if m is not User and is_of(row, world.b.park)}
    b_rows |= {(User, user.pk) for user in User.objects.filter(park=world.b.park)}
    found = set()
    for model in every_model():
        keys = [f for f in model._meta.concrete_fields if f.is_relation]
        for row in model._base_manager.all():
            if (model, row.pk) not in b_rows and model is not Change:
                found |= {f"{row!r}.{f.name}" for f in keys if (f.related_model, getattr(row, f.attname)) in b_rows}
    return found


def content(only: Park | None = None) -> dict[str, list[str]]:
    """All rows in words, without primary keys and numbers of requests; of one park, or of everybody."""
    known: dict[tuple[Any, Any], str] = {}
    rows = {model: list(rows_of(model)) for model in every_model()}
    for model, found in rows.items():
        known |= {
            (model, row.pk): str(getattr(row, "code", "") or getattr(row, "username", "") or n)
            for n, row in enumerate(found)
        }

    def told(row: models.Model) -> str:
        fields = [f for f in row._meta.concrete_fields if not f.primary_key and f.name not in VOLATILE]
        values = {f.name: getattr(row, f.attname) for f in fields}
        return repr(values | {f.name: known.get((f.related_model, values[f.name])) for f in fields if f.is_relation})

    return {
        m._meta.label: [told(row) for row in found if only is None or is_of(row, only)] for m, found in rows.items()
    }
