"""The ledger of mailings in the store: the audience is frozen once, every copy has its state."""

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, replace

from sqlalchemy import (
    Connection,
    Engine,
    Insert,
    RowMapping,
    Select,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from digest.model.mailing import Delivery, Mailing, Tally
from digest.model.outbox import MOVES, State
from digest.store.book import MailingBook, copies, delivery, recover, release
from digest.store.engine import guarded, serialize
from digest.store.exclusive import exclusive
from digest.store.mail_schema import deliveries, mailings
from digest.store.marks import counted, doubtful
from digest.store.receivers import receivers
from digest.store.schema import subscribers

_PAGE = 1000


class LedgerStore:
    """Meets the port ``Ledger`` on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def exclusive(self, name: str) -> AbstractContextManager[None]:
        """Keep every other process from *name*; StoreError if one is at it."""
        return exclusive(self._engine, name)

    def freeze(self, mailing: Mailing) -> Mailing:
        """Return *mailing* with its audience, both frozen in one transaction; once per job."""
        with self._writing() as connection:
            serialize(connection, "mailings")
            if known := _find(connection, mailing.job):
                return known
            row = {key: value for key, value in asdict(mailing).items() if key != "id"}
            made = connection.execute(insert(mailings).values(row).returning(mailings.c.id))
            number = made.scalar_one()
            connection.execute(_frozen(connection, mailing, number))
            theirs = deliveries.c.mailing == number
            readers = select(func.count()).select_from(deliveries).where(theirs)
            audience = connection.execute(readers).scalar_one()
            if why := doubtful(connection, mailing.issue):
                connection.execute(
                    update(deliveries).where(theirs).values(state="held", reason=why)
                )
            this = mailings.c.id == number
            connection.execute(update(mailings).where(this).values(audience=audience))
        return replace(mailing, id=number, audience=audience)

    def find(self, job: str) -> Mailing | None:
        """Return the mailing *job*, None if it was never frozen."""
        with self._reading() as connection:
            return _find(connection, job)

    def mailings(self, issue: str = "") -> tuple[Mailing, ...]:
        """Return the mailings of *issue*, all where it is empty, oldest first."""
        query = select(mailings).order_by(mailings.c.id)
        query = query.where(mailings.c.issue == issue) if issue else query
        with self._reading() as connection:
            return tuple(map(_mailing, connection.execute(query).mappings()))

    def drop(self, mailing: Mailing) -> None:
        """Remove *mailing*, of which nothing left."""
        with self._writing() as connection:
            connection.execute(delete(deliveries).where(deliveries.c.mailing == mailing.id))
            connection.execute(delete(mailings).where(mailings.c.id == mailing.id))

    @contextmanager
    def writing(self, mailing: Mailing) -> Iterator[MailingBook]:
        """Open *mailing* for a run that holds the lock, and settle what a run before left."""
        with (
            counted(self._engine),
            guarded(self._engine),
            self._engine.connect() as connection,
        ):
            with connection.begin():
                recover(connection, mailing.id)
            book = MailingBook(self._engine, connection, mailing)
            try:
                yield book
            finally:
                release(connection, mailing.id)

    def tally(self, mailing: Mailing) -> Tally:
        """Return how far *mailing* is."""
        query = select(deliveries.c.state, func.count().label("number")).where(
            deliveries.c.mailing == mailing.id
        )
        with self._reading() as connection:
            rows = connection.execute(query.group_by(deliveries.c.state))
            return Tally(counts={row.state: row.number for row in rows})

    def deliveries(self, mailing: Mailing, states: Collection[State]) -> Iterator[Delivery]:
        """Yield the copies of *mailing* in *states*, by subscriber; a page is read at a time."""
        last = -1
        while True:
            page = copies(mailing.id, states).where(deliveries.c.subscriber > last)
            with self._reading() as connection:
                rows = connection.execute(page.limit(_PAGE)).mappings().all()
            yield from map(delivery, rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1]["subscriber"]

    def settle(
        self, mailing: Mailing, before: Collection[State], to: State, reason: str, address: str = ""
    ) -> int:
        """Move the copies of *mailing* in a state of *before* to *to*; return how many."""
        if wrong := [one for one in before if to not in MOVES[one]]:
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
            chosen = _chosen(connection, edition, of).subquery()
            return connection.execute(select(func.count()).select_from(chosen)).scalar_one()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with guarded(self._engine), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with guarded(self._engine), self._engine.connect() as connection:
            yield connection


def _find(connection: Connection, job: str) -> Mailing | None:
    row = connection.execute(select(mailings).where(mailings.c.job == job)).mappings().first()
    return _mailing(row) if row is not None else None


def _mailing(row: RowMapping) -> Mailing:
    return Mailing(**row)


def _frozen(connection: Connection, mailing: Mailing, number: int) -> Insert:
    """Return the statement that gives every reader of *mailing* a queued copy."""
    chosen = _chosen(connection, mailing.edition, mailing.of).subquery()
    rows = select(literal(number), chosen.c[0], literal("queued"), literal(0))
    return insert(deliveries).from_select(["mailing", "subscriber", "state", "attempts"], rows)


def _chosen(connection: Connection, edition: str, of: str) -> Select[int]:
    """Return the query for the subscribers of *edition*, or for those of them who got *of*."""
    if not of:
        return receivers(edition)
    before = _find(connection, of)
    got = select(deliveries.c.subscriber).where(
        deliveries.c.mailing == (before.id if before else 0), deliveries.c.state == "sent"
    )
    chosen = receivers(edition)
    return chosen.where(chosen.selected_columns[0].in_(got))
