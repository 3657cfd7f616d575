"""The whole store copied: SQLite by its online backup, PostgreSQL row by row into a SQLite file."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, func, insert, select, text

from digest.model.errors import StoreError
from digest.model.private_files import make_private_folder, write_private
from digest.store.engine import connect, raise_store_errors
from digest.store.restore_guard import hold_unsettled, stamp_backup
from digest.store.schema import marks

_AT_ONCE = 5000
_TABLES = marks.metadata.sorted_tables  # the ledger's tables are of the same metadata


def copy_store(engine: Engine, path: Path) -> None:
    """Write a copy of the store, as it is at one moment, to *path*; it appears whole or not at all.

    Others may go on writing meanwhile. StoreError where it cannot be written.
    """
    fresh = path.with_name(f"{path.name}.part")
    fresh.unlink(missing_ok=True)
    try:
        make_private_folder(path.parent)
        write_private(fresh, b"")
        if engine.dialect.name == "sqlite":
            _copy_sqlite(str(engine.url.database), fresh)
        else:
            _copy_rows_to_sqlite(engine, fresh)
        _stamp_backup_file(fresh)
        fresh.replace(path)
    except (OSError, sqlite3.Error) as error:
        remedy = "Name a place with room that you may write to."
        raise StoreError(str(path), f"cannot be written: {error}", remedy) from None
    finally:
        fresh.unlink(missing_ok=True)


def fill_from_copy(path: Path, url: str) -> tuple[datetime, int]:
    """Put the backup at *path* into the empty store at *url*.

    What may have gone out since it was made is held. Return when it was made, and how many copies
    and parts are held. StoreError where *path* is no backup, or the store is not empty.
    """
    when = read_copy_time(path)
    engine = connect(url)
    try:
        if engine.dialect.name == "sqlite":
            _copy_sqlite(str(path), Path(str(engine.url.database)))
            engine.dispose()
            engine = connect(url)  # it may be of an older version
        else:
            _copy_rows_to_postgres(path, engine)
        with raise_store_errors(engine), engine.begin() as connection:
            held = hold_unsettled(connection, datetime.now(UTC))
    finally:
        engine.dispose()
    return when, held


def _copy_sqlite(source: str, target: Path) -> None:
    with (
        closing(sqlite3.connect(source)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        if (found := new.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(found)


def settle_into_one_file(path: Path) -> None:
    """Settle into the SQLite file *path* what stands beside it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _copy_rows_to_sqlite(engine: Engine, path: Path) -> None:
    """Copy every row as it is at one moment into a new SQLite store at *path*."""
    path.unlink(missing_ok=True)  # of 0 bytes: connect makes it, as private as it was
    target = connect(f"sqlite:///{path}")
    with raise_store_errors(engine), engine.connect() as read, target.begin() as write:
        read.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        for table in _TABLES:
            rows = read.execution_options(yield_per=_AT_ONCE).execute(select(table))
            for some in rows.mappings().partitions():
                write.execute(insert(table), [dict(row) for row in some])
    target.dispose()


def _copy_rows_to_postgres(path: Path, engine: Engine) -> None:
    """Copy every row of the SQLite file *path* into the empty PostgreSQL store of *engine*."""
    source = connect(f"sqlite:///{path}")
    with raise_store_errors(engine), source.connect() as read, engine.begin() as write:
        for table in _TABLES:
            if write.execute(select(func.count()).select_from(table)).scalar():
                remedy = "Name a new database in store = ..., and restore into that."
                raise StoreError(table.name, "is not empty", remedy)
        for table in _TABLES:
            rows = read.execution_options(yield_per=_AT_ONCE).execute(select(table))
            for some in rows.mappings().partitions():
                write.execute(insert(table), [dict(row) for row in some])
        for table in _TABLES:
            number = table.autoincrement_column
            if number is not None and not number.foreign_keys:
                name = f"pg_get_serial_sequence('{table.name}', '{number.name}')"
                newest = write.execute(select(func.coalesce(func.max(number), 0))).scalar_one()
                write.execute(text(f"SELECT setval({name}, {newest + 1}, false)"))
    source.dispose()


def _stamp_backup_file(path: Path) -> None:
    engine = connect(f"sqlite:///{path}")
    with raise_store_errors(engine), engine.begin() as connection:
        stamp_backup(connection, datetime.now(UTC))
    engine.dispose()
    settle_into_one_file(path)


def read_copy_time(path: Path) -> datetime:
    """Return when the backup at *path* was made; StoreError where it is none."""
    remedy = "Name a file that was written by: digest backup"
    if not path.is_file():
        raise StoreError(str(path), "there is no such file", remedy)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as found:
        try:
            row = found.execute("SELECT value FROM marks WHERE name = 'backup'").fetchone()
        except sqlite3.Error as error:
            raise StoreError(str(path), f"is no backup: {error}", remedy) from None
    if row is None:
        raise StoreError(str(path), "is a store, but no backup", remedy)
    return datetime.fromisoformat(row[0])
