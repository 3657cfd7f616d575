"""Open the store: SQLite in one file, or PostgreSQL; bring its tables up to date."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, ProgrammingError
from sqlalchemy.pool import NullPool

from digest.errors import ConfigError, StoreError
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
