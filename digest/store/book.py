"""A mailing in the hands of a run: copies are claimed, armed and settled, a commit for many."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, bindparam, select, update

from digest.model.mailing import Delivery, Mailing
from digest.model.outbox import State
from digest.ports.mail import Book
from digest.store.engine import guarded
from digest.store.mail_schema import deliveries, mailings, unsettled
from digest.store.receivers import receivers
from digest.store.schema import subscribers

_MANY = 1000  # values of one condition
_GONE = "no subscriber any more"
_ENDED = "the program ended while it was being sent"
_this = (deliveries.c.mailing == bindparam("m")) & (deliveries.c.subscriber == bindparam("s"))
_settle = (
    update(deliveries)
    .where(_this)
    .values(
        state=bindparam("to"),
        attempts=bindparam("tries"),
        until=bindparam("later"),
        id=bindparam("theirs"),
        reason=bindparam("why"),
    )
)
_arm = (
    update(deliveries)
    .where(_this, deliveries.c.state == "claimed")
    .values(state="armed", armed=bindparam("now"), key=bindparam("name"), until=None)
)


class MailingBook:
    """Meets the port ``Writer``: one connection stays open for the whole run."""

    def __init__(self, engine: Engine, connection: Connection, mailing: Mailing) -> None:
        self._engine, self._connection, self._mailing = engine, connection, mailing
        self._last = -1
        chosen = receivers(mailing.edition)  # built once: building costs more than asking
        some = chosen.selected_columns[0].in_(bindparam("numbers", expanding=True))
        self._still = chosen.where(some)

    def claim(self, now: datetime, most: int) -> Sequence[Delivery]:
        """Claim the next copies at *now*: queued ones first, then deferred ones due.

        Queued copies are met in one walk along the table, which never begins again.
        """
        with guarded(self._engine), self._connection.begin():
            if self._is_paused():
                return ()
            rows = self._next(copies(self._mailing.id, ["queued"]), most)
            if not rows:
                due = deliveries.c.until <= now
                rows = self._read(copies(self._mailing.id, ["deferred"]).where(due), most)
            found = [delivery(row) for row in rows]
            self._claim([one.subscriber for one in found])
        return found

    def commit(self, book: Book) -> Collection[int]:
        """Make all changes of *book* durable at once; return the subscribers whose copy is armed.

        Who is no receiver any more is skipped instead. StoreError if nothing was saved.
        """
        with guarded(self._engine), self._connection.begin():
            armed = self._receivers([one.subscriber for one in book.arming])
            fresh = [_armed(one) for one in book.arming if one.subscriber in armed]
            left = [_skipped(one) for one in book.arming if one.subscriber not in armed]
            settled = [*map(_settled, book.settled), *left]
            if settled:
                self._connection.execute(_settle, settled)
            if fresh:
                self._connection.execute(_arm, fresh)
        return armed

    def still(self, numbers: Sequence[int]) -> Collection[int]:
        """Return those of the subscribers *numbers* who are receivers now."""
        with guarded(self._engine), self._connection.begin():
            return self._receivers(numbers)

    def due(self) -> datetime | None:
        """Return when the first deferred copy may be tried again, None where there is none."""
        query = select(deliveries.c.until).where(
            unsettled, deliveries.c.mailing == self._mailing.id, deliveries.c.state == "deferred"
        )
        query = query.order_by(deliveries.c.until).limit(1)
        with guarded(self._engine), self._connection.begin():
            return self._connection.execute(query).scalar()

    def paused(self) -> bool:
        """Tell whether somebody paused the mailing."""
        with guarded(self._engine), self._connection.begin():
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


def copies(mailing: int, states: Collection[State]) -> Select[Any]:
    """Return the query for the copies of *mailing* in *states*, by subscriber."""
    joined = deliveries.outerjoin(subscribers, subscribers.c.id == deliveries.c.subscriber)
    query = select(deliveries, subscribers.c.address, subscribers.c.name).select_from(joined)
    query = query.where(deliveries.c.mailing == mailing, deliveries.c.state.in_(states))
    if not {"queued", "sent", "skipped"} & set(states):
        query = query.where(unsettled)
    return query.order_by(deliveries.c.subscriber)


def delivery(row: RowMapping) -> Delivery:
    """Return what a row of ``copies`` says."""
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


def recover(connection: Connection, mailing: int) -> None:
    """Settle what a run that ended midway left: claimed was not sent, armed may have been."""
    _move(connection, mailing, "claimed", {"state": "queued", "until": None})
    _move(connection, mailing, "armed", {"state": "unknown", "reason": _ENDED})


def release(connection: Connection, mailing: int) -> None:
    """Queue again what a run claimed and did not come to."""
    with connection.begin():
        _move(connection, mailing, "claimed", {"state": "queued", "until": None})


def _move(connection: Connection, mailing: int, before: State, fresh: dict[str, object]) -> None:
    these = (deliveries.c.mailing == mailing) & (deliveries.c.state == before)
    connection.execute(update(deliveries).where(unsettled, these).values(fresh))


def _armed(one: Delivery) -> dict[str, object]:
    return {"m": one.mailing, "s": one.subscriber, "now": one.armed, "name": one.key or None}


def _settled(one: Delivery) -> dict[str, object]:
    return {
        "m": one.mailing,
        "s": one.subscriber,
        "to": one.state,
        "tries": one.attempts,
        "later": one.until,
        "theirs": one.id or None,
        "why": one.reason or None,
    }


def _skipped(one: Delivery) -> dict[str, object]:
    return {**_settled(one), "to": "skipped", "why": _GONE}
