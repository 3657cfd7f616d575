"""Subscribers in the store; what leaves the state "active" is suppressed in the same commit.

What changes is counted in that commit too (``daily_counts``).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from digest.model import (
    SUPPRESSED,
    Applicant,
    Consent,
    Event,
    Membership,
    Subscriber,
    Suppressed,
    Taken,
)
from digest.store import mailed
from digest.store.daily_counts import Subscription, Tally
from digest.store.engine import guarded, serialize
from digest.store.intake import joined, split, take_in
from digest.store.receivers import receivers
from digest.store.schema import notices, subscriber_events, subscribers, suppressions
from digest.store.upsert import upsert
from digest.tokens import Keyring

_AT_ONCE = 2000
_BEYOND = 2**31  # no database has a larger id to compare with
_RESTORED = "before the restore"
_CONSENT = ("consent_how", "consent_at", "consent_source")


class AudienceStore:
    """Meets the port ``Audience`` on one engine; *keyring* makes the marks of the suppressed."""

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine, self._keyring = engine, keyring

    def find(self, normal: str) -> Subscriber | None:
        """Return who has the address *normal*."""
        return self._one(subscribers.c.normal == normal)

    def get(self, number: int) -> Subscriber | None:
        """Return the subscriber with the id *number*."""
        return self._one(subscribers.c.id == number) if number < _BEYOND else None

    def everyone(self, state: Membership | None = None, digest: str = "") -> Iterator[Subscriber]:
        """Yield every subscriber in *state* who is on *digest* (all where left out), by id."""
        last, where = 0, _chosen(state, digest)
        while True:
            page = select(subscribers).where(subscribers.c.id > last, *where)
            page = page.order_by(subscribers.c.id).limit(_AT_ONCE)
            with guarded(self._engine), self._engine.connect() as connection:
                rows = connection.execute(page).mappings().all()
            yield from map(_subscriber, rows)
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1]["id"]

    def active(self, numbers: Sequence[int], digest: str) -> frozenset[int]:
        """Return those of *numbers* that get *digest* now: to be asked before each sending."""
        found: set[int] = set()
        with guarded(self._engine), self._engine.connect() as connection:
            for start in range(0, len(numbers), _AT_ONCE):
                some = subscribers.c.id.in_(numbers[start : start + _AT_ONCE])
                found |= {row.id for row in connection.execute(receivers(digest).where(some))}
        return frozenset(found)

    def counts(self) -> Mapping[tuple[Membership, tuple[str, ...]], int]:
        """Return how many subscribers there are of each state and set of digests."""
        columns = subscribers.c.state, subscribers.c.digests
        query = select(*columns, func.count()).group_by(*columns)
        with guarded(self._engine), self._engine.connect() as connection:
            return {(s, split(d)): n for s, d, n in connection.execute(query)}

    def suppressions(self) -> Mapping[Suppressed, int]:
        """Return how many addresses are suppressed for each reason."""
        query = select(suppressions.c.reason, func.count()).group_by(suppressions.c.reason)
        with guarded(self._engine), self._engine.connect() as connection:
            return {row.reason: row[1] for row in connection.execute(query)}

    def suppressed(self, normal: str) -> Suppressed | None:
        """Return why the address *normal* is not written to, None if it may be."""
        with guarded(self._engine), self._engine.connect() as connection:
            return _reason(connection, self._keyring.marks(normal))

    def enrol(
        self, people: Sequence[Applicant], now: datetime, *, lift: bool = False, dry: bool = False
    ) -> list[Taken]:
        """Take *people* in, in one transaction; return what became of each.

        Whoever is there keeps what *people* leave blank. The suppressed stay so unless *lift*.
        Nothing is changed where *dry*.
        """
        with guarded(self._engine), self._engine.begin() as connection:
            serialize(connection, "audience")
            taken = take_in(connection, self._keyring, people, now, lift=lift)
            if dry:
                connection.rollback()
        return taken

    def change(
        self,
        number: int,
        change: Callable[[Subscriber], Subscriber],
        event: Event,
        notice: str = "",
    ) -> Subscriber | None:
        """Replace a subscriber by what *change* makes of them, *event* recorded; return them.

        One transaction: nobody else changes them meanwhile. Nothing is recorded where *change*
        returns them as they were, or where *notice* was given before. None if they are gone.
        """
        with guarded(self._engine), self._engine.begin() as connection:
            serialize(connection, "audience")
            before = _read(connection, number)
            if before is None or (notice and not _first(connection, notice, event.at)):
                return before
            after = change(before)
            if after != before:
                self._save(connection, before, replace(after, changed=event.at), event)
        return after

    def events(self, number: int) -> tuple[Event, ...]:
        """Return what happened to a subscriber, oldest first."""
        table = subscriber_events
        query = select(table.c.at, table.c.what, table.c.detail)
        query = query.where(table.c.subscriber == number).order_by(table.c.id)
        with guarded(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query).mappings()
            return tuple(Event(**row) for row in rows)

    def copies(self, number: int) -> tuple[Event, ...]:
        """Return the copies of mailings for a subscriber: each job, with its state as detail."""
        with guarded(self._engine), self._engine.connect() as connection:
            return mailed.copies(connection, number)

    def keep_out(self, marks: Mapping[bytes, Suppressed], now: datetime) -> int:
        """Suppress *marks*, and end the subscriptions of those whose they are; return how many."""
        with guarded(self._engine), self._engine.begin() as connection:
            serialize(connection, "audience")
            known = set(connection.execute(select(suppressions.c.mark)).scalars())
            fresh = {mark: why for mark, why in marks.items() if mark not in known}
            rows = [{"mark": mark, "reason": why, "since": now} for mark, why in fresh.items()]
            if rows:
                connection.execute(insert(suppressions), rows)
        theirs = ((one, self._among(one, fresh)) for one in self.everyone()) if fresh else ()
        return sum(self._ended(one.id, why, now) for one, why in theirs if why)

    def _among(self, one: Subscriber, marks: Mapping[bytes, Suppressed]) -> Suppressed | None:
        return next((marks[m] for m in self._keyring.marks(one.normal) if m in marks), None)

    def _ended(self, number: int, why: Suppressed, now: datetime) -> bool:
        """End the subscription of *number*; tell whether there was one."""
        if why == "erased":
            return self._erase(number, now, _RESTORED)
        event = Event(at=now, what=why, detail=_RESTORED)
        before = self.get(number)
        self.change(number, lambda it: replace(it, state=why), event)
        return before is not None and before.state not in SUPPRESSED

    def erase(self, number: int, now: datetime) -> bool:
        """Remove a subscriber and all that is kept of them but the mark that suppresses them.

        The ledger keeps their copies under a number that is nobody's any more. SQLite writes
        zeros over what it removes, and clears its log of changes.
        """
        return self._erase(number, now, "the editor")

    def _erase(self, number: int, now: datetime, source: str) -> bool:
        with guarded(self._engine), self._engine.connect() as connection:
            sqlite = connection.dialect.name == "sqlite"
            if sqlite:
                _pragma(connection, "secure_delete = ON")
            with connection.begin():
                serialize(connection, "audience")
                gone = _read(connection, number)
                if gone is not None:
                    marks = self._keyring.marks(gone.normal)
                    reason = _reason(connection, marks) or "erased"
                    self._suppress(connection, gone.normal, reason, now)
                    mailed.make_anonymous(connection, number)
                    events = subscriber_events.c.subscriber == number
                    connection.execute(delete(subscriber_events).where(events))
                    connection.execute(delete(subscribers).where(subscribers.c.id == number))
                    tally = Tally()
                    tally.count(_counted(gone), None, source, erased=True)
                    tally.save(connection, now)
            if sqlite:
                _pragma(connection, "wal_checkpoint(TRUNCATE)")
        return gone is not None

    def _one(self, where: ColumnElement[bool]) -> Subscriber | None:
        with guarded(self._engine), self._engine.connect() as connection:
            row = connection.execute(select(subscribers).where(where)).mappings().first()
        return _subscriber(row) if row is not None else None

    def _save(
        self, connection: Connection, before: Subscriber, after: Subscriber, event: Event
    ) -> None:
        this = subscribers.c.id == before.id
        connection.execute(update(subscribers).where(this).values(_row(after)))
        row = asdict(event) | {"subscriber": before.id}
        connection.execute(insert(subscriber_events).values(row))
        tally = Tally()
        tally.count(_counted(before), _counted(after), _source(event, after))
        tally.save(connection, event.at)
        if after.state in SUPPRESSED:
            self._suppress(connection, after.normal, cast(Suppressed, after.state), event.at)
        elif after.state == "active" != before.state:
            marks = self._keyring.marks(after.normal)
            connection.execute(delete(suppressions).where(suppressions.c.mark.in_(marks)))

    def _suppress(
        self, connection: Connection, normal: str, reason: Suppressed, now: datetime
    ) -> None:
        mark = self._keyring.marks(normal)[0]
        upsert(connection, suppressions, [{"mark": mark, "reason": reason, "since": now}])


def _counted(subscriber: Subscriber) -> Subscription:
    return Subscription(subscriber.state, subscriber.digests)


def _source(event: Event, subscriber: Subscriber) -> str:
    """Return by which way *event* came, where a reader confirms: by which way they had joined."""
    if event.what == "confirmed":
        return subscriber.consent.how
    return event.what if event.what == "chose" else event.detail or event.what


def _chosen(state: Membership | None, digest: str) -> list[ColumnElement[bool]]:
    where = [subscribers.c.state == state] if state else []
    if digest:
        where.append(subscribers.c.digests.contains(f",{digest},", autoescape=True))
    return where


def _read(connection: Connection, number: int) -> Subscriber | None:
    query = select(subscribers).where(subscribers.c.id == number)
    row = connection.execute(query).mappings().first()
    return _subscriber(row) if row is not None else None


def _pragma(connection: Connection, words: str) -> None:
    """Set a PRAGMA outside of any transaction, where alone it works."""
    raw = connection.connection.driver_connection
    if raw is not None:
        raw.execute(f"PRAGMA {words}").close()


def _first(connection: Connection, notice: str, now: datetime) -> bool:
    """Remember *notice*; tell whether it is heard of for the first time."""
    there = select(literal(1)).where(notices.c.key == notice)
    if connection.execute(there).first():
        return False
    connection.execute(insert(notices).values(key=notice, at=now))
    return True


def _reason(connection: Connection, marks: Sequence[bytes]) -> Suppressed | None:
    query = select(suppressions.c.reason).where(suppressions.c.mark.in_(marks))
    return connection.execute(query).scalars().first()


def _subscriber(row: RowMapping) -> Subscriber:
    values = dict(row) | {"digests": split(row["digests"])}
    how, at, source = (values.pop(name) for name in _CONSENT)
    return Subscriber(**values, consent=Consent(how=how, at=at, source=source))


def _row(one: Subscriber) -> dict[str, object]:
    values = asdict(one) | {"digests": joined(one.digests)}
    consent = values.pop("consent")
    return values | {f"consent_{name}": value for name, value in consent.items()}
