"""The outbox in the store: every change is one commit, and none is made twice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    delete,
    insert,
    select,
    tuple_,
    update,
)

from digest.model import OutboxEntry
from digest.model.errors import StoreError
from digest.model.outbox import hold_entry
from digest.store.engine import lock_transaction, raise_store_errors
from digest.store.locks import hold_lock
from digest.store.restore_guard import count_sending_run, explain_doubt
from digest.store.schema import outbox

_KEY = (outbox.c.job, outbox.c.target, outbox.c.part)


class OutboxStore:
    """Meets the port ``Outbox`` on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def exclusive(self, target: str) -> Iterator[None]:
        """Keep every other process from sending to *target*; StoreError if one is at it."""
        with hold_lock(self._engine, target), count_sending_run(self._engine):
            yield

    def enqueue(self, entries: Sequence[OutboxEntry]) -> None:
        """Add *entries*; what is there under the same job, target and part stays as it is."""
        with self._writing() as connection:
            lock_transaction(connection, "outbox")
            there = {tuple(row) for row in connection.execute(_select_existing(entries))}
            fresh = [
                asdict(_hold_doubtful(one, explain_doubt(connection, one.job)))
                for one in entries
                if _make_key(one) not in there
            ]
            if fresh:
                connection.execute(insert(outbox), fresh)

    def entries(self, job: str = "", target: str = "") -> tuple[OutboxEntry, ...]:
        """Return the entries of *job* and *target* (all where empty), by job, target, part."""
        query = select(outbox).order_by(*_KEY)
        for column, value in ((outbox.c.job, job), (outbox.c.target, target)):
            query = query.where(column == value) if value else query
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return tuple(_decode_entry(row) for row in connection.execute(query).mappings())

    def save(self, entries: Sequence[OutboxEntry]) -> tuple[OutboxEntry, ...]:
        """Save changed *entries* in one transaction and return them with their new version.

        StoreError, and nothing saved, where one was changed by another process since it was read.
        """
        saved = tuple(replace(one, version=one.version + 1) for one in entries)
        with self._writing() as connection:
            for before, after in zip(entries, saved, strict=True):
                _replace_entry(connection, before, after)
        return saved

    def drop(self, entries: Sequence[OutboxEntry]) -> None:
        """Remove *entries*, none of which was ever sent."""
        with self._writing() as connection:
            for one in entries:
                connection.execute(delete(outbox).where(_match_version(one)))

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            yield connection


def _hold_doubtful(one: OutboxEntry, why: str) -> OutboxEntry:
    """Return *one* waiting for a person where there is a reason *why*."""
    return hold_entry(one, why) if why else one


def _select_existing(entries: Sequence[OutboxEntry]) -> Any:  # noqa: ANN401 - a Select of three columns
    return select(*_KEY).where(tuple_(*_KEY).in_([_make_key(one) for one in entries]))


def _make_key(one: OutboxEntry) -> tuple[str, str, int]:
    return one.job, one.target, one.part


def _match_version(one: OutboxEntry) -> ColumnElement[bool]:
    """Return the condition that picks *one* as long as nobody changed it."""
    return (tuple_(*_KEY) == _make_key(one)) & (outbox.c.version == one.version)


def _replace_entry(connection: Connection, before: OutboxEntry, after: OutboxEntry) -> None:
    done = connection.execute(update(outbox).where(_match_version(before)).values(asdict(after)))
    if done.rowcount != 1:
        subject = f"{before.job}, {before.target}, part {before.part}"
        raise StoreError(subject, "another digest changed it", "Nothing was sent twice; try again.")


def _decode_entry(row: RowMapping) -> OutboxEntry:
    return OutboxEntry(**row)
