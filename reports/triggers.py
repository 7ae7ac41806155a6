"""The two insert-only tables: the database itself refuses every change and every deletion of what was published.

Migrations rebuild tables on SQLite and silently drop their triggers, so they are made anew after each migrate.
"""

from typing import Any, Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLES: Final = ("reports_publication", "reports_frozenmember")
REFUSAL: Final = "published scorecards are insert-only"

POSTGRESQL: Final = f"""
CREATE OR REPLACE FUNCTION reports_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
"""


def make(using: str = "default") -> None:
    """Make the triggers of both tables, in place of those that are there."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in _statements(connection):
            cursor.execute(statement)


def missing(using: str = "default") -> list[str]:
    """The triggers that a database should have and has not."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        found = {name for (name,) in cursor.fetchall()}
    return [name for table in TABLES for name in _names(connection, table) if name not in found]


def _names(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    whole = ["truncate"] if connection.vendor == "postgresql" else []
    return [f"{table}_{event}" for event in ("update", "delete", *whole)]


def _statements(connection: BaseDatabaseWrapper) -> list[str]:
    if connection.vendor == "postgresql":
        made = [_postgresql(table, event) for table in TABLES for event in ("UPDATE", "DELETE", "TRUNCATE")]
        return [POSTGRESQL, *made]
    return [text for table in TABLES for event in ("UPDATE", "DELETE") for text in _sqlite(table, event)]


def _postgresql(table: str, event: str) -> str:
    each = "STATEMENT" if event == "TRUNCATE" else "ROW"
    head = f"CREATE OR REPLACE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table}"
    return f"{head} FOR EACH {each} EXECUTE FUNCTION reports_insert_only()"


def _sqlite(table: str, event: str) -> list[str]:
    name = f"{table}_{event.lower()}"
    made = f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    return [f"DROP TRIGGER IF EXISTS {name}", made]


def after_migrate(using: str, **_others: Any) -> None:
    """Make the triggers when the tables are there; migrating may stop before they are."""
    if set(TABLES) <= set(connections[using].introspection.table_names()):
        make(using)
