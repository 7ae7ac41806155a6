"""What tests do to published rows that nobody else may."""

from django.db import connection

from reports import triggers


def drop_triggers() -> None:
    """Take the guard of the insert-only tables away."""
    on = {table: f" ON {table}" if connection.vendor == "postgresql" else "" for table in triggers.TABLES}
    with connection.cursor() as cursor:
        for table, place in on.items():
            for event in ("update", "delete", "truncate", "replace"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{event}{place}")
