"""The sample in the database: loaded by its commands once, and put back in bulk whenever it is wanted again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction

from parkportal.models import Region, User

ROOMS = ("parkportal", "enterprises", "projects", "reports")
_rows: list[tuple[type[models.Model], list[models.Model]]] = []
"""Every row of the sample, as those loaded it who wanted it first."""


def load() -> None:
    """Reference data and sample; in an empty database with the same keys every time."""
    fresh = not (Region.objects.exists() or User.objects.exists())
    if fresh and _rows:
        _put_back()
        return
    call_command("load_reference", verbosity=0)
    call_command("load_sample", verbosity=0)
    if fresh:
        _remember()


@contextmanager
def sampled(blocker: Any) -> Iterator[None]:
    """The sample in a transaction that is undone at the end; each test that marks `django_db` undoes its own part."""
    with blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


def _remember() -> None:
    found = (model for room in ROOMS for model in apps.get_app_config(room).get_models())
    _rows.extend((model, list(model._base_manager.order_by("pk"))) for model in found)


def _put_back() -> None:
    for model, rows in _rows:
        model._base_manager.bulk_create(rows, batch_size=500)
    for statement in connection.ops.sequence_reset_sql(no_style(), [model for model, _some in _rows]):
        with connection.cursor() as cursor:
            cursor.execute(statement)
