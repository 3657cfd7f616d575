"""INSERT ... ON CONFLICT DO UPDATE, spelled the same for SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert *rows*; a row whose primary key is there already takes the place of the old one."""
    if not rows:
        return
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    key = [column.name for column in table.primary_key]
    fresh = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in key}
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_=fresh), list(rows))


def add_up(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert *rows*; what a row holds besides its key is added to the row that is there already.

    The database adds, so of two that count at once neither is lost.
    """
    if not rows:
        return
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    key = [column.name for column in table.primary_key]
    sums = {c.name: c + insert.excluded[c.name] for c in table.columns if c.name not in key}
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_=sums), list(rows))
