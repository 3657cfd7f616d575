"""Open the store: SQLite in one file, or PostgreSQL; bring its tables up to date.

Thousands of rows in one statement, past SQLAlchemy, which costs more than the databases do.

Names of tables and columns come from the schema alone, values are always bound.

INSERT ... ON CONFLICT DO UPDATE, spelled the same for SQLite and PostgreSQL.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, ProgrammingError
from sqlalchemy.pool import NullPool

from digest.model.errors import ConfigError, StoreError
from digest.store.schema import HEAD


def connect(url: str) -> Engine:
    """Return an engine for *url* with the newest tables; ConfigError or StoreError says why not."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            _make_folder(Path(parsed.database).parent)
        engine = (
            create_engine(  # nothing stays open behind a command; errors hold no reader's address
                parsed, poolclass=NullPool, hide_parameters=True
            )
        )
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise _unfit(url, str(error).splitlines()[0]) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    with guarded(engine):
        _migrate(engine)
    return engine


def _unfit(url: str, said: str) -> ConfigError:
    """Return that *url* is no store of ours, or that its driver is not installed."""
    if url.startswith("postgresql"):
        remedy = "Install it: pip install 'digest-newsletter[postgres]'"
        return ConfigError("store", f"the driver of PostgreSQL is missing ({said})", remedy)
    remedy = 'Use store = "digest.db" or "postgresql+psycopg://user@host/name".'
    return ConfigError("store", "is no SQLite file and no PostgreSQL", remedy)


@contextmanager
def guarded(engine: Engine) -> Iterator[None]:
    """Turn what a driver raises into a StoreError that names the store."""
    try:
        yield
    except DBAPIError as error:
        where = engine.url.render_as_string(hide_password=True).removeprefix("sqlite:///")
        raise StoreError(where, str(error.orig).strip().splitlines()[0], _remedy(error)) from error


def _remedy(error: DBAPIError) -> str:
    said = str(error.orig)
    if "locked" in said:
        return "Another digest is writing; try again when it is done."
    if "not a database" in said:
        return "Move that file away, or set another store in digest.toml."
    if "full" in said:
        return "Make room on the disk; what was saved before is safe."
    return "Check that the store is there and may be written, or set another in digest.toml."


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = 'Choose a place you may write to: store = "..." in digest.toml.'
        raise StoreError(str(folder), f"cannot be made: {error.strerror}", remedy) from None


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN, see _begin
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first cannot fail to upgrade later."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def serialize(connection: Connection, name: str) -> None:
    """Let one transaction at a time go on under *name*; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
        connection.execute(lock, {"name": f"digest:{name}"})


def _migrate(engine: Engine) -> None:
    """Run Alembic only where the version number says so: importing it costs 0.6 s."""
    if version(engine) == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        serialize(connection, "migration")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            remedy = "A newer digest has written it: update this one."
            raise StoreError("store", str(error), remedy) from None


def version(engine: Engine) -> str | None:
    """Return the version of the tables, None where there are none yet."""
    try:
        with engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (ProgrammingError, DBAPIError) as error:
        if "alembic_version" in str(error.orig):
            return None
        raise


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
