"""The two insert-only tables: the database itself refuses every change and every deletion of what was published.

Migrations rebuild tables on SQLite and silently drop their triggers, so they are made anew after each migrate.
"""

from typing import Any, Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLES: Final = ("reports_publication", "reports_frozenmember")
UNIQUE: Final = {
    "reports_publication": (
        *(("scorecard_id",), ("code",), ("digest",)),
        *(("park_id", "period", "revision"), ("park_id", "previous_digest")),
    ),
    "reports_frozenmember": (("publication_id", "indicator", "code"),),
}
"""What tells rows apart, by table: whoever replaces a row on SQLite names one of these again."""
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
    more = "truncate" if connection.vendor == "postgresql" else "replace"
    return [f"{table}_{event}" for event in ("update", "delete", more)]


def _statements(connection: BaseDatabaseWrapper) -> list[str]:
    if connection.vendor == "postgresql":
        made = [_postgresql(table, event) for table in TABLES for event in ("UPDATE", "DELETE", "TRUNCATE")]
        return [POSTGRESQL, *made]
    guards = [guard for table in TABLES for guard in _sqlite(table)]
    return [text for name, when in guards for text in _anew(name, when)]


def _postgresql(table: str, event: str) -> str:
    each = "STATEMENT" if event == "TRUNCATE" else "ROW"
    head = f"CREATE OR REPLACE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table}"
    return f"{head} FOR EACH {each} EXECUTE FUNCTION reports_insert_only()"


def _sqlite(table: str) -> list[tuple[str, str]]:
    """Names of the guards of a table and what each looks at; REPLACE deletes without asking the guard of deletions."""
    known = " OR ".join(" AND ".join(f"{name} = NEW.{name}" for name in names) for names in (("id",), *UNIQUE[table]))
    taken = f"INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {known})"  # noqa: S608 - names of ours
    events = {"update": f"UPDATE ON {table}", "delete": f"DELETE ON {table}", "replace": taken}
    return [(f"{table}_{name}", event) for name, event in events.items()]


def _anew(name: str, event: str) -> list[str]:
    made = f"CREATE TRIGGER {name} BEFORE {event} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    return [f"DROP TRIGGER IF EXISTS {name}", made]


def after_migrate(using: str, **_others: Any) -> None:
    """Make the triggers when the tables are there; migrating may stop before they are."""
    if set(TABLES) <= set(connections[using].introspection.table_names()):
        make(using)
