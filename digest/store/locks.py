"""Let one process at a time do a thing; the lock goes with its process, however that ends."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from digest.model.errors import BusyError
from digest.store.engine import raise_store_errors


@contextmanager
def hold_lock(engine: Engine, name: str) -> Iterator[None]:
    """Hold the lock *name* of the store; BusyError at once where another process holds it.

    PostgreSQL keeps it for the session (an advisory lock); beside SQLite's file it is a lock on a
    file of its own, for SQLite's own would keep every other writer out as well.
    """
    held = _hold_advisory_lock if engine.dialect.name == "postgresql" else _hold_file_lock
    with raise_store_errors(engine), held(engine, name):
        yield


def _make_busy_error(name: str) -> BusyError:
    return BusyError(name, "another digest is at it", "Try again when it is done.")


@contextmanager
def _hold_advisory_lock(engine: Engine, name: str) -> Iterator[None]:
    key = {"name": f"digest:exclusive:{name}"}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        asked = text("SELECT pg_try_advisory_lock(hashtext(:name))")
        if not connection.execute(asked, key).scalar():
            raise _make_busy_error(name)
        try:
            yield
        finally:  # closing the connection gives it back too, but the server takes its time
            with suppress(SQLAlchemyError):
                connection.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), key)


@contextmanager
def _hold_file_lock(engine: Engine, name: str) -> Iterator[None]:
    from filelock import FileLock, Timeout

    path = Path(f"{engine.url.database}.{name}.lock")
    path.touch()  # OSError where it cannot be written, which filelock takes for a lock held
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise _make_busy_error(name) from None
    try:
        yield
    finally:
        lock.release()
