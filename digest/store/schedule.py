"""Runs of schedules and reviews in the store: whoever comes first has it, and no other.

The runs of schedules in the store: whoever inserts an occurrence first has it, and no other.

The links of review mails in the store: whoever uses one first acts, and nobody after.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import datetime

import msgspec
from sqlalchemy import Engine, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from digest.model import Occurrence, Review, RunEvent, ScheduleState, TargetResult
from digest.model.errors import StoreError
from digest.model.scheduled_run import COVERING_STATES, OPEN_STATES
from digest.store.engine import lock_transaction, raise_store_errors, upsert_rows
from digest.store.locks import hold_lock
from digest.store.schema import occurrences, review_uses, reviews, rhythms

_encode = msgspec.json.Encoder().encode
_decode_targets = msgspec.json.Decoder(dict[str, TargetResult]).decode
_decode_words = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_log = msgspec.json.Decoder(tuple[RunEvent, ...]).decode


class OccurrenceStore:
    """Meets the port ``Occurrences`` on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def exclusive(self, digest: str) -> AbstractContextManager[None]:
        """Keep every other process from running the schedule; StoreError if one is at it."""
        return hold_lock(self._engine, f"schedule-{digest}")

    def rhythm(self, digest: str) -> ScheduleState | None:
        """Return what is remembered of the schedule of *digest*, None if no tick has seen it."""
        query = select(rhythms).where(rhythms.c.digest == digest)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return _decode_schedule_state(row) if row is not None else None

    def remember(
        self, fresh: ScheduleState, change: Callable[[ScheduleState], ScheduleState]
    ) -> ScheduleState:
        """Save *change* of what is remembered, or of *fresh* where nothing is, and return it."""
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            lock_transaction(connection, f"rhythm-{fresh.digest}")
            query = select(rhythms).where(rhythms.c.digest == fresh.digest)
            row = connection.execute(query).mappings().first()
            changed = change(_decode_schedule_state(row) if row is not None else fresh)
            values = {**asdict(changed), "skips": _encode(changed.skips)}
            upsert_rows(connection, rhythms, [values])
        return changed

    def claim(self, one: Occurrence) -> Occurrence | None:
        """Add *one* and return it; None where its digest has an occurrence of that key already."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(occurrences).values(_encode_occurrence(one)))
        except IntegrityError:
            return None
        return one

    def save(self, one: Occurrence) -> Occurrence:
        """Save the changed *one* and return it with its new version.

        StoreError, and nothing saved, where another process changed it since it was read.
        """
        after = replace(one, version=one.version + 1)
        same = (occurrences.c.digest == one.digest, occurrences.c.key == one.key)
        query = update(occurrences).where(*same, occurrences.c.version == one.version)
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            if connection.execute(query.values(_encode_occurrence(after))).rowcount != 1:
                subject = f"{one.digest}, {one.key}"
                raise StoreError(subject, "another digest changed it", "Nothing is lost; go on.")
        return after

    def open(self, digest: str) -> tuple[Occurrence, ...]:
        """Return the occurrences of *digest* that are not at their end, oldest first."""
        query = (
            _select_occurrences(digest)
            .where(occurrences.c.state.in_(OPEN_STATES))
            .order_by(occurrences.c.at)
        )
        return self._all(query)

    def owing(self, digest: str) -> tuple[Occurrence, ...]:
        """Return the occurrences of *digest* of which the editor is to be told, oldest first."""
        return self._all(
            _select_occurrences(digest).where(occurrences.c.owed != "").order_by(occurrences.c.at)
        )

    def latest(
        self, digest: str, most: int = 1, day: str = "", until: datetime | None = None
    ) -> tuple[Occurrence, ...]:
        """Return the *most* newest occurrences of *digest*, of the local *day* where it is given.

        Newest first; *day* is an ISO date; none is after *until*.
        """
        query = _select_occurrences(digest).order_by(occurrences.c.at.desc()).limit(most)
        query = query.where(occurrences.c.key.startswith(day)) if day else query
        return self._all(query.where(occurrences.c.at <= until) if until else query)

    def covered(self, digest: str, until: datetime) -> datetime | None:
        """Return the end of the last window up to *until* whose issue was approved, if any."""
        query = select(func.max(occurrences.c.end)).where(
            occurrences.c.digest == digest,
            occurrences.c.state.in_(COVERING_STATES),
            occurrences.c.end <= until,
        )
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return connection.execute(query).scalar()

    def _all(self, query: Select[tuple[object, ...]]) -> tuple[Occurrence, ...]:
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return tuple(_decode_occurrence(row) for row in connection.execute(query).mappings())


def _select_occurrences(digest: str) -> Select[tuple[object, ...]]:
    return select(occurrences).where(occurrences.c.digest == digest)


def _encode_occurrence(one: Occurrence) -> dict[str, object]:
    packed = {name: _encode(getattr(one, name)) for name in ("targets", "told", "log")}
    return {**{name: getattr(one, name) for name in one.__slots__}, **packed}


def _decode_occurrence(row: RowMapping) -> Occurrence:
    values = {
        **row,
        "targets": _decode_targets(row["targets"]),
        "told": _decode_words(row["told"]),
        "log": _decode_log(row["log"]),
    }
    return Occurrence(**values)


def _decode_schedule_state(row: RowMapping) -> ScheduleState:
    return ScheduleState(**{**row, "skips": _decode_words(row["skips"])})


class ReviewStore:
    """Meets the port ``Reviews`` on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, review: Review) -> None:
        """Keep *review*, whose links are about to be sent."""
        values = {name: value for name, value in asdict(review).items() if name != "used"}
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            connection.execute(insert(reviews).values(values))

    def find(self, name: str) -> Review | None:
        """Return the review *name*, None if there is none."""
        query = select(reviews).where(reviews.c.name == name)
        used = select(review_uses.c.action).where(review_uses.c.name == name)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            return Review(**row, used=tuple(sorted(connection.execute(used).scalars())))

    def use(self, name: str, action: str) -> bool:
        """Use the link of *action* up; tell whether it was not used before."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(review_uses).values(name=name, action=action))
        except IntegrityError:
            return False
        return True

    def release(self, name: str, action: str) -> None:
        """Let the link of *action* be used again: nothing came of it."""
        this = (review_uses.c.name == name, review_uses.c.action == action)
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            connection.execute(delete(review_uses).where(*this))
