"""Open the store: SQLite in one file, or PostgreSQL; bring its tables up to date.

Thousands of rows in one statement, past SQLAlchemy, which costs more than the databases do.

Names of tables and columns come from the schema alone, values are always bound.

INSERT ... ON CONFLICT DO UPDATE, spelled the same for SQLite and PostgreSQL.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, ProgrammingError
from sqlalchemy.pool import NullPool

from digest.model.errors import ConfigError, StoreError
from digest.model.private_files import make_private_folder, write_private
from digest.store.schema import HEAD

_RESTORE = "Put a backup back with: digest restore FILE"


def connect(url: str) -> Engine:
    """Return an engine for *url* with the newest tables; ConfigError or StoreError says why not."""
    try:
        parsed = make_url(url)
        frozen = False
        if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
            frozen = _prepare_file(Path(str(parsed.database)))
            parsed = _for_reading(parsed) if frozen else parsed
        engine = (
            create_engine(  # nothing stays open behind a command; errors hold no reader's address
                parsed, poolclass=NullPool, hide_parameters=True
            )
        )
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise _explain_unfit_url(url, str(error).splitlines()[0]) from None
    if engine.dialect.name == "sqlite" and not frozen:
        event.listen(engine, "connect", _prepare_connection)
        event.listen(engine, "begin", _begin_immediately)
    with raise_store_errors(engine):
        if frozen and read_version(engine) != HEAD:
            remedy = "Make it writable once, so that its tables can be brought up to date."
            raise StoreError(str(parsed.database), "is of another version of digest", remedy)
        _migrate_tables(engine)
    return engine


def _explain_unfit_url(url: str, said: str) -> ConfigError:
    """Return that *url* is no store of ours, or that its driver is not installed."""
    if url.startswith("postgresql"):
        remedy = "Install it: pip install 'digest-newsletter[postgres]'"
        return ConfigError("store", f"the driver of PostgreSQL is missing ({said})", remedy)
    remedy = 'Use store = "digest.db" or "postgresql+psycopg://user@host/name".'
    return ConfigError("store", "is no SQLite file and no PostgreSQL", remedy)


@contextmanager
def raise_store_errors(engine: Engine) -> Iterator[None]:
    """Turn what a driver raises into a StoreError that names the store."""
    try:
        yield
    except DBAPIError as error:
        where = engine.url.render_as_string(hide_password=True).removeprefix("sqlite:///")
        where = where.removeprefix("file:").partition("?")[0] if "uri=true" in where else where
        raise StoreError(
            where, str(error.orig).strip().splitlines()[0], _suggest_remedy(error)
        ) from error


def _suggest_remedy(error: DBAPIError) -> str:
    said = str(error.orig)
    if "locked" in said:
        return "Another digest is writing; try again when it is done."
    if "not a database" in said or "malformed" in said:
        return f"{_RESTORE} Or set another store in digest.toml."
    if "readonly" in said or "read-only" in said:
        return "It can be looked at; make it writable to change anything."
    if "full" in said or "No space left" in said:
        return "Make room on the disk; what was saved before is safe."
    return "Check that the store is there and may be written, or set another in digest.toml."


def _prepare_file(path: Path) -> bool:
    """Make the store at *path* where there is none, for its owner alone; tell if it is read-only.

    StoreError for one of 0 bytes: what is made here is never empty, so that one lost its content.
    """
    if path.exists():
        if path.is_file() and path.stat().st_size == 0:
            raise StoreError(str(path), "is empty: what it held is lost", _RESTORE)
        return not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    fresh = path.with_name(f"{path.name}.{token_hex(4)}")
    try:
        make_private_folder(path.parent)
        write_private(fresh, b"")
        with closing(sqlite3.connect(fresh)) as made:
            made.execute("PRAGMA user_version = 1")  # writes the first page
        _put_in_place(fresh, path)
    except (OSError, sqlite3.Error) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        remedy = 'Choose a place you may write to: store = "..." in digest.toml.'
        raise StoreError(str(path), f"cannot be made: {said}", remedy) from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return False


def _put_in_place(fresh: Path, path: Path) -> None:
    """Give *fresh* the name *path*, unless another process was faster."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        fresh.replace(path)


def _for_reading(url: URL) -> URL:
    """Return *url* such that nothing is written beside the file either."""
    path = Path(str(url.database)).absolute()
    beside = path.with_name(f"{path.name}-wal")
    still = not (beside.exists() and beside.stat().st_size)
    query = {"mode": "ro", "uri": "true", **({"immutable": "1"} if still else {})}
    return url.set(database=f"file:{quote(str(path))}", query=query)


def _prepare_connection(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN, see _begin
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediately(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first cannot fail to upgrade later."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def lock_transaction(connection: Connection, name: str) -> None:
    """Let one transaction at a time go on under *name*; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
        connection.execute(lock, {"name": f"digest:{name}"})


def _migrate_tables(engine: Engine) -> None:
    """Run Alembic only where the version number says so: importing it costs 0.6 s."""
    if read_version(engine) == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        lock_transaction(connection, "migration")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            remedy = "A newer digest has written it: update this one."
            raise StoreError("store", str(error), remedy) from None


def read_version(engine: Engine) -> str | None:
    """Return the version of the tables, None where there are none yet."""
    try:
        with engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (ProgrammingError, DBAPIError) as error:
        if "alembic_version" in str(error.orig):
            return None
        raise


def upsert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert *rows*; a row whose primary key is there already takes the place of the old one."""
    if not rows:
        return
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    key = [column.name for column in table.primary_key]
    fresh = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in key}
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_=fresh), list(rows))


def add_to_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
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


def select_matching(
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


def insert_rows(
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
    plain = _make_time_writer()
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - ours
    raw.executemany(
        statement,
        ([plain(v) if isinstance(v, datetime) else v for v in row] for row in rows),
    )


def _make_time_writer() -> Callable[[datetime], str]:
    """Return what writes a time as SQLAlchemy has it in SQLite: in UTC, without a zone."""

    @cache
    def written(value: datetime) -> str:
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")

    return written
