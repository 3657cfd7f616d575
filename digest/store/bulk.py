"""Thousands of rows in one statement, past SQLAlchemy, which costs more than the databases do.

Names of tables and columns come from the schema alone, values are always bound.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table

_AT_ONCE = 5000  # values of one condition: SQLite takes 32766


def matching(
    connection: Connection, table: Table, columns: Sequence[str], values: Sequence[object]
) -> Iterator[tuple[Any, ...]]:
    """Yield *columns* of the rows whose first one of *columns*, an indexed one, is among *values*.

    PostgreSQL would rather read a million rows than look five thousand up, ten times as long.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    head = f"SELECT {', '.join(columns)} FROM {table.name} WHERE {columns[0]}"  # noqa: S608 - ours
    for start in range(0, len(values), _AT_ONCE):
        some = list(values[start : start + _AT_ONCE])
        if connection.dialect.name == "postgresql":
            found = connection.exec_driver_sql(f"{head} = ANY(%s)", (some,))
        else:
            marks = ",".join("?" * len(some))
            found = connection.exec_driver_sql(f"{head} IN ({marks})", tuple(some))
        yield from map(tuple, found)


def insert(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Insert *rows*, the values of *columns* each; times are aware."""
    names = ", ".join(columns)
    raw = connection.connection.driver_connection
    assert raw is not None  # noqa: S101 - a connection in use has one
    if connection.dialect.name == "postgresql":
        with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ",".join("?" * len(columns))
    plain = _moments()
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - ours
    raw.executemany(
        statement,
        ([plain(v) if isinstance(v, datetime) else v for v in row] for row in rows),
    )


def _moments() -> Callable[[datetime], str]:
    """Return what writes a time as SQLAlchemy has it in SQLite: in UTC, without a zone."""

    @cache
    def written(value: datetime) -> str:
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")

    return written
