"""The ledger of mailings in the store: the audience is frozen once, every copy has its state.

A mailing in the hands of a run: copies are claimed, armed and settled, a commit for many.

What the ledger of mailings holds of one reader: shown with their data, cleared with it.

Who gets a digest: the one query that freezes an audience and checks it again.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Insert,
    RowMapping,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from digest.model import SubscriberEvent
from digest.model.mailing import Delivery, Mailing, MailingTally
from digest.model.outbox import ALLOWED_MOVES, OutboxState
from digest.model.ports.mail import LedgerBatch
from digest.store.engine import lock_transaction, raise_store_errors
from digest.store.locks import hold_lock
from digest.store.restore_guard import count_sending_run, explain_doubt
from digest.store.schema import deliveries, mailings, subscribers, unsettled


def select_receivers(edition: str) -> Select[int]:
    """Return the query for the ids of everybody who is to get *edition* now.

    Subscribers who left, bounced, complained or were erased are not among them: their state
    changes in the commit that suppresses them. For ``INSERT ... SELECT``, and for a second look
    with ``id IN (...)``.
    """
    listed = subscribers.c.digests.contains(f",{edition},", autoescape=True)
    return select(subscribers.c.id).where(subscribers.c.state == "active", listed)


_MANY = 1000  # values of one condition
_GONE = "no subscriber any more"
_ENDED = "the program ended while it was being sent"
_this_delivery = (deliveries.c.mailing == bindparam("m")) & (
    deliveries.c.subscriber == bindparam("s")
)
_settle_statement = (
    update(deliveries)
    .where(_this_delivery)
    .values(
        state=bindparam("to"),
        attempts=bindparam("tries"),
        until=bindparam("later"),
        id=bindparam("theirs"),
        reason=bindparam("why"),
    )
)
_arm_statement = (
    update(deliveries)
    .where(_this_delivery, deliveries.c.state == "claimed")
    .values(state="armed", armed=bindparam("now"), key=bindparam("name"), until=None)
)


class MailingWriter:
    """Meets the port ``Writer``: one connection stays open for the whole run."""

    def __init__(self, engine: Engine, connection: Connection, mailing: Mailing) -> None:
        self._engine, self._connection, self._mailing = engine, connection, mailing
        self._last = -1
        chosen = select_receivers(mailing.edition)  # built once: building costs more than asking
        some = chosen.selected_columns[0].in_(bindparam("numbers", expanding=True))
        self._still = chosen.where(some)

    def claim(self, now: datetime, most: int) -> Sequence[Delivery]:
        """Claim the next copies at *now*: queued ones first, then deferred ones due.

        Queued copies are met in one walk along the table, which never begins again.
        """
        with raise_store_errors(self._engine), self._connection.begin():
            if self._is_paused():
                return ()
            rows = self._next(select_deliveries(self._mailing.id, ["queued"]), most)
            if not rows:
                due = deliveries.c.until <= now
                rows = self._read(
                    select_deliveries(self._mailing.id, ["deferred"]).where(due), most
                )
            found = [decode_delivery(row) for row in rows]
            self._claim([one.subscriber for one in found])
        return found

    def commit(self, book: LedgerBatch) -> Collection[int]:
        """Make all changes of *book* durable at once; return the subscribers whose copy is armed.

        Who is no receiver any more is skipped instead. StoreError if nothing was saved.
        """
        with raise_store_errors(self._engine), self._connection.begin():
            armed = self._receivers([one.subscriber for one in book.arming])
            fresh = [_encode_armed(one) for one in book.arming if one.subscriber in armed]
            left = [_encode_skipped(one) for one in book.arming if one.subscriber not in armed]
            settled = [*map(_encode_settled, book.settled), *left]
            if settled:
                self._connection.execute(_settle_statement, settled)
            if fresh:
                self._connection.execute(_arm_statement, fresh)
        return armed

    def still(self, numbers: Sequence[int]) -> Collection[int]:
        """Return those of the subscribers *numbers* who are receivers now."""
        with raise_store_errors(self._engine), self._connection.begin():
            return self._receivers(numbers)

    def due(self) -> datetime | None:
        """Return when the first deferred copy may be tried again, None where there is none."""
        query = select(deliveries.c.until).where(
            unsettled, deliveries.c.mailing == self._mailing.id, deliveries.c.state == "deferred"
        )
        query = query.order_by(deliveries.c.until).limit(1)
        with raise_store_errors(self._engine), self._connection.begin():
            return self._connection.execute(query).scalar()

    def paused(self) -> bool:
        """Tell whether somebody paused the mailing."""
        with raise_store_errors(self._engine), self._connection.begin():
            return self._is_paused()

    def _is_paused(self) -> bool:
        query = select(mailings.c.paused).where(mailings.c.id == self._mailing.id)
        return bool(self._connection.execute(query).scalar())

    def _next(self, query: Select[Any], most: int) -> Sequence[RowMapping]:
        rows = self._read(query.where(deliveries.c.subscriber > self._last), most)
        self._last = rows[-1]["subscriber"] if rows else self._last
        return rows

    def _read(self, query: Select[Any], most: int) -> Sequence[RowMapping]:
        return self._connection.execute(query.limit(most)).mappings().all()

    def _claim(self, numbers: Sequence[int]) -> None:
        these = deliveries.c.subscriber.in_(numbers) & (deliveries.c.mailing == self._mailing.id)
        taken = update(deliveries).where(these).values(state="claimed", until=None)
        self._connection.execute(taken)

    def _receivers(self, numbers: Sequence[int]) -> frozenset[int]:
        """Return those of *numbers* who are still to get the mail."""
        found: set[int] = set()
        for start in range(0, len(numbers), _MANY):
            some = {"numbers": numbers[start : start + _MANY]}
            found.update(self._connection.execute(self._still, some).scalars().all())
        return frozenset(found)


def select_deliveries(mailing: int, states: Collection[OutboxState]) -> Select[Any]:
    """Return the query for the copies of *mailing* in *states*, by subscriber."""
    joined = deliveries.outerjoin(subscribers, subscribers.c.id == deliveries.c.subscriber)
    query = select(deliveries, subscribers.c.address, subscribers.c.name).select_from(joined)
    query = query.where(deliveries.c.mailing == mailing, deliveries.c.state.in_(states))
    if not {"queued", "sent", "skipped"} & set(states):
        query = query.where(unsettled)
    return query.order_by(deliveries.c.subscriber)


def decode_delivery(row: RowMapping) -> Delivery:
    """Return what a row of ``select_deliveries`` says."""
    return Delivery(
        mailing=row["mailing"],
        subscriber=row["subscriber"],
        address=row["address"] or "",
        name=row["name"] or "",
        state=row["state"],
        attempts=row["attempts"],
        armed=row["armed"],
        until=row["until"],
        key=row["key"] or "",
        id=row["id"] or "",
        reason=row["reason"] or "",
    )


def recover_deliveries(connection: Connection, mailing: int) -> None:
    """Settle what a run that ended midway left: claimed was not sent, armed may have been."""
    _move_deliveries(connection, mailing, "claimed", {"state": "queued", "until": None})
    _move_deliveries(connection, mailing, "armed", {"state": "unknown", "reason": _ENDED})


def release_deliveries(connection: Connection, mailing: int) -> None:
    """Queue again what a run claimed and did not come to."""
    with connection.begin():
        _move_deliveries(connection, mailing, "claimed", {"state": "queued", "until": None})


def _move_deliveries(
    connection: Connection, mailing: int, before: OutboxState, fresh: dict[str, object]
) -> None:
    these = (deliveries.c.mailing == mailing) & (deliveries.c.state == before)
    connection.execute(update(deliveries).where(unsettled, these).values(fresh))


def _encode_armed(one: Delivery) -> dict[str, object]:
    return {"m": one.mailing, "s": one.subscriber, "now": one.armed, "name": one.key or None}


def _encode_settled(one: Delivery) -> dict[str, object]:
    return {
        "m": one.mailing,
        "s": one.subscriber,
        "to": one.state,
        "tries": one.attempts,
        "later": one.until,
        "theirs": one.id or None,
        "why": one.reason or None,
    }


def _encode_skipped(one: Delivery) -> dict[str, object]:
    return {**_encode_settled(one), "to": "skipped", "why": _GONE}


class LedgerStore:
    """Meets the port ``Ledger`` on one engine; of many copies it reads *page* at a time."""

    def __init__(self, engine: Engine, *, page: int = 1000) -> None:
        self._engine, self._page = engine, page

    def exclusive(self, name: str) -> AbstractContextManager[None]:
        """Keep every other process from *name*; StoreError if one is at it."""
        return hold_lock(self._engine, name)

    def freeze(self, mailing: Mailing) -> Mailing:
        """Return *mailing* with its audience, both frozen in one transaction; once per job."""
        with self._writing() as connection:
            lock_transaction(connection, "mailings")
            if known := _find_mailing(connection, mailing.job):
                return known
            row = {key: value for key, value in asdict(mailing).items() if key != "id"}
            made = connection.execute(insert(mailings).values(row).returning(mailings.c.id))
            number = made.scalar_one()
            connection.execute(_insert_deliveries(connection, mailing, number))
            theirs = deliveries.c.mailing == number
            readers = select(func.count()).select_from(deliveries).where(theirs)
            audience = connection.execute(readers).scalar_one()
            if why := explain_doubt(connection, mailing.issue):
                connection.execute(
                    update(deliveries).where(theirs).values(state="held", reason=why)
                )
            this = mailings.c.id == number
            connection.execute(update(mailings).where(this).values(audience=audience))
        return replace(mailing, id=number, audience=audience)

    def find(self, job: str) -> Mailing | None:
        """Return the mailing *job*, None if it was never frozen."""
        with self._reading() as connection:
            return _find_mailing(connection, job)

    def mailings(self, issue: str = "") -> tuple[Mailing, ...]:
        """Return the mailings of *issue*, all where it is empty, oldest first."""
        query = select(mailings).order_by(mailings.c.id)
        query = query.where(mailings.c.issue == issue) if issue else query
        with self._reading() as connection:
            return tuple(map(_decode_mailing, connection.execute(query).mappings()))

    def drop(self, mailing: Mailing) -> None:
        """Remove *mailing*, of which nothing left."""
        with self._writing() as connection:
            connection.execute(delete(deliveries).where(deliveries.c.mailing == mailing.id))
            connection.execute(delete(mailings).where(mailings.c.id == mailing.id))

    @contextmanager
    def writing(self, mailing: Mailing) -> Iterator[MailingWriter]:
        """Open *mailing* for a run that holds the lock, and settle what a run before left."""
        with (
            count_sending_run(self._engine),
            raise_store_errors(self._engine),
            self._engine.connect() as connection,
        ):
            with connection.begin():
                recover_deliveries(connection, mailing.id)
            book = MailingWriter(self._engine, connection, mailing)
            try:
                yield book
            finally:
                release_deliveries(connection, mailing.id)

    def tally(self, mailing: Mailing) -> MailingTally:
        """Return how far *mailing* is."""
        query = select(deliveries.c.state, func.count().label("number")).where(
            deliveries.c.mailing == mailing.id
        )
        with self._reading() as connection:
            rows = connection.execute(query.group_by(deliveries.c.state))
            return MailingTally(counts={row.state: row.number for row in rows})

    def deliveries(self, mailing: Mailing, states: Collection[OutboxState]) -> Iterator[Delivery]:
        """Yield the copies of *mailing* in *states*, by subscriber; a page is read at a time."""
        last = -1
        while True:
            page = select_deliveries(mailing.id, states).where(deliveries.c.subscriber > last)
            with self._reading() as connection:
                rows = connection.execute(page.limit(self._page)).mappings().all()
            yield from map(decode_delivery, rows)
            if len(rows) < self._page:
                return
            last = rows[-1]["subscriber"]

    def settle(
        self,
        mailing: Mailing,
        before: Collection[OutboxState],
        to: OutboxState,
        reason: str,
        address: str = "",
    ) -> int:
        """Move the copies of *mailing* in a state of *before* to *to*; return how many."""
        if wrong := [one for one in before if to not in ALLOWED_MOVES[one]]:
            raise ValueError(f"{mailing.job}: {wrong[0]} cannot become {to}")
        these = (deliveries.c.mailing == mailing.id) & deliveries.c.state.in_(before)
        if address:
            reader = select(subscribers.c.id).where(subscribers.c.address == address)
            these &= deliveries.c.subscriber.in_(reader)
        fresh: dict[str, object] = {"state": to, "reason": reason or None, "until": None}
        if to == "queued":
            fresh |= {"attempts": 0, "armed": None, "key": None}
        with self._writing() as connection:
            return connection.execute(update(deliveries).where(these).values(fresh)).rowcount

    def pause(self, mailing: Mailing, *, paused: bool) -> None:
        """Pause *mailing*, or let it go on."""
        with self._writing() as connection:
            this = mailings.c.id == mailing.id
            connection.execute(update(mailings).where(this).values(paused=paused))

    def receivers(self, edition: str, of: str = "") -> int:
        """Return how many readers a mailing of *edition* has now; *of* is as in ``Mailing``."""
        with self._reading() as connection:
            chosen = _select_audience(connection, edition, of).subquery()
            return connection.execute(select(func.count()).select_from(chosen)).scalar_one()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            yield connection


def _find_mailing(connection: Connection, job: str) -> Mailing | None:
    row = connection.execute(select(mailings).where(mailings.c.job == job)).mappings().first()
    return _decode_mailing(row) if row is not None else None


def _decode_mailing(row: RowMapping) -> Mailing:
    return Mailing(**row)


def _insert_deliveries(connection: Connection, mailing: Mailing, number: int) -> Insert:
    """Return the statement that gives every reader of *mailing* a queued copy."""
    chosen = _select_audience(connection, mailing.edition, mailing.of).subquery()
    rows = select(literal(number), chosen.c[0], literal("queued"), literal(0))
    return insert(deliveries).from_select(["mailing", "subscriber", "state", "attempts"], rows)


def _select_audience(connection: Connection, edition: str, of: str) -> Select[int]:
    """Return the query for the subscribers of *edition*, or for those of them who got *of*."""
    if not of:
        return select_receivers(edition)
    before = _find_mailing(connection, of)
    got = select(deliveries.c.subscriber).where(
        deliveries.c.mailing == (before.id if before else 0), deliveries.c.state == "sent"
    )
    chosen = select_receivers(edition)
    return chosen.where(chosen.selected_columns[0].in_(got))


def list_deliveries(connection: Connection, number: int) -> tuple[SubscriberEvent, ...]:
    """Return the copies that the subscriber *number* was sent or is to be, oldest first."""
    columns = mailings.c.job, mailings.c.started, deliveries.c.armed, deliveries.c.state
    query = select(*columns).join(mailings, mailings.c.id == deliveries.c.mailing)
    query = query.where(_match_subscriber(number)).order_by(mailings.c.started, mailings.c.id)
    return tuple(
        SubscriberEvent(at=armed or started, what=job, detail=state)
        for job, started, armed, state in connection.execute(query)
    )


def make_deliveries_anonymous(connection: Connection, number: int) -> None:
    """Clear what a server answered of *number*, which may name an address; their copies stay."""
    said = _match_subscriber(number) & deliveries.c.reason.is_not(None)
    connection.execute(update(deliveries).where(said).values(reason=None))


def _match_subscriber(number: int) -> ColumnElement[bool]:
    """Return the condition for the copies of *number*, by the key of each mailing in turn."""
    mine = deliveries.c.subscriber == number
    return mine & deliveries.c.mailing.in_(select(mailings.c.id))
