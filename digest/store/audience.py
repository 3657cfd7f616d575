"""Subscribers in the store; what leaves the state "active" is suppressed in the same commit.

What changes is counted in that commit too (``daily_counts``).

Many people taken in at once: a million in a minute, in a memory that does not grow with them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TypeVar, cast

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

from digest.config.link_tokens import Keyring
from digest.model import (
    SUPPRESSED_STATES,
    Consent,
    EnrolResult,
    Membership,
    NewSubscriber,
    Subscriber,
    SubscriberEvent,
    SuppressionReason,
)
from digest.store import engine, mailings
from digest.store.daily_counts import CountChanges, Subscription
from digest.store.engine import lock_transaction, raise_store_errors, upsert_rows
from digest.store.mailings import select_receivers
from digest.store.schema import notices, subscriber_events, subscribers, suppressions

_COLUMNS = (
    *("address", "normal", "name", "language", "digests", "state"),
    *("created", "changed", "confirmed", "asked", "softs"),
    *("consent_how", "consent_at", "consent_source"),
)
_VALUES_AT_ONCE = 5000  # values of one condition: SQLite takes 32766 of them
_CHANGED: frozenset[EnrolResult] = frozenset({"added", "updated"})
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _KnownSubscriber:
    """What has to be known of somebody who is there already."""

    id: int
    state: Membership
    name: str
    language: str
    digests: str


def upsert_people(
    connection: Connection,
    keyring: Keyring,
    people: Sequence[NewSubscriber],
    now: datetime,
    *,
    lift: bool = False,
) -> list[EnrolResult]:
    """Insert or update *people* and count it; return what became of each, in their order.

    Of two with one address the later finds the earlier there.
    """
    normals = list(dict.fromkeys(one.normal for one in people))
    there = _find_known(connection, normals)
    marks = {} if lift else _find_suppressed(connection, keyring, normals)
    taken: list[EnrolResult] = []
    tally = CountChanges()
    fresh: dict[str, NewSubscriber] = {}
    for one in people:
        known = there.get(one.normal)
        if one.normal in marks or (known and known.state in SUPPRESSED_STATES and not lift):
            taken.append("suppressed")
        elif known:
            there[one.normal] = merged = _update_known(connection, known, one, now, tally)
            taken.append("unchanged" if merged == known else "updated")
        else:
            before = fresh.get(one.normal)
            fresh[one.normal] = _merge_rows(before, one) if before else one
            taken.append(_name_enrol_result(before, fresh[one.normal]))
    _insert_people(connection, list(fresh.values()), now, tally)
    changed = {p.normal for p, how in zip(people, taken, strict=True) if how in _CHANGED}
    states = {normal: (there.get(normal) or fresh[normal]).state for normal in changed}
    _settle_suppressions(connection, keyring, states, now, lift=lift)
    tally.save(connection, now)
    return taken


def _merge_rows(before: NewSubscriber, after: NewSubscriber) -> NewSubscriber:
    """Return one of two rows of a person: who left in either has left."""
    states = [one.state for one in (before, after) if one.state in SUPPRESSED_STATES]
    active = "active" in (before.state, after.state)
    state: Membership = states[0] if states else "active" if active else "pending"
    return replace(
        before,
        name=after.name or before.name,
        language=after.language or before.language,
        digests=tuple(dict.fromkeys((*before.digests, *after.digests))),
        state=state,
    )


def _name_enrol_result(before: NewSubscriber | None, after: NewSubscriber) -> EnrolResult:
    if before is None:
        return "added"
    return "unchanged" if before == after else "updated"


def join_digests(digests: Iterable[str]) -> str:
    """Return names of digests as the column holds them: ``,weekly,monthly,``."""
    return f",{','.join(digests)}," if digests else ""


def split_digests(digests: str) -> tuple[str, ...]:
    """Return the names in the column ``digests``."""
    return tuple(name for name in digests.split(",") if name)


def _find_known(connection: Connection, normals: Sequence[str]) -> dict[str, _KnownSubscriber]:
    columns = ("normal", "id", "state", "name", "language", "digests")
    return {
        normal: _KnownSubscriber(id=id_, state=state, name=name, language=language, digests=digests)
        for normal, id_, state, name, language, digests in engine.select_matching(
            connection, subscribers, columns, normals
        )
    }


def _find_suppressed(
    connection: Connection, keyring: Keyring, normals: Iterable[str]
) -> Mapping[str, bytes]:
    """Return those of *normals* that are suppressed, each with the mark it is known by."""
    if connection.execute(select(suppressions.c.mark).limit(1)).first() is None:
        return {}
    of = {mark: normal for normal in normals for mark in keyring.marks(normal)}
    found = engine.select_matching(connection, suppressions, ("mark",), list(of))
    return {of[bytes(mark)]: bytes(mark) for (mark,) in found}


def _update_known(
    connection: Connection,
    known: _KnownSubscriber,
    one: NewSubscriber,
    now: datetime,
    tally: CountChanges,
) -> _KnownSubscriber:
    """Lay what *one* says over what is *known*; the first consent stays the one on record."""
    before = Subscription(known.state, split_digests(known.digests))
    merged = replace(
        known,
        state=known.state if _keeps_state(known.state, one.state) else one.state,
        name=one.name or known.name,
        language=one.language or known.language,
        digests=join_digests(dict.fromkeys((*before.digests, *one.digests))),
    )
    if merged == known:
        return known
    values = {name: getattr(merged, name) for name in ("state", "name", "language", "digests")}
    if merged.state == "active" != known.state:
        values |= {"confirmed": now, "softs": 0} | _encode_consent(one)
    this = subscribers.c.id == known.id
    connection.execute(update(subscribers).where(this).values(changed=now, **values))
    tally.count(before, Subscription(merged.state, split_digests(merged.digests)), one.consent.how)
    return merged


def _keeps_state(known: Membership, asked: Membership) -> bool:
    return known == "active" and asked == "pending"


def _insert_people(
    connection: Connection, people: Sequence[NewSubscriber], now: datetime, tally: CountChanges
) -> None:
    """Insert *people*, none of whom is there."""
    rows = (
        (
            *(
                one.address,
                one.normal,
                one.name,
                one.language,
                join_digests(one.digests),
                one.state,
            ),
            *(now, now, now if one.state == "active" else None, None, 0),
            *(one.consent.how, one.consent.at, one.consent.source),
        )
        for one in people
    )
    engine.insert_rows(connection, subscribers, _COLUMNS, rows)
    alike = Counter((one.state, one.digests, one.consent.how) for one in people)
    for (state, digests, how), number in alike.items():
        tally.count(None, Subscription(state, digests), how, people=number)


def _encode_consent(one: NewSubscriber) -> dict[str, object]:
    return {
        "consent_how": one.consent.how,
        "consent_at": one.consent.at,
        "consent_source": one.consent.source,
    }


def _settle_suppressions(
    connection: Connection,
    keyring: Keyring,
    states: Mapping[str, Membership],
    now: datetime,
    *,
    lift: bool,
) -> None:
    """Make the marks fit *states*: those that changed, by normal address."""
    out = {keyring.marks(p)[0]: state for p, state in states.items() if state in SUPPRESSED_STATES}
    back = [p for p, state in states.items() if state == "active"] if lift else []
    gone = [*out, *(mark for p in back for mark in keyring.marks(p))]
    for some in _split_in_portions(gone):
        connection.execute(delete(suppressions).where(suppressions.c.mark.in_(some)))
    if out:
        rows = [{"mark": mark, "reason": state, "since": now} for mark, state in out.items()]
        connection.execute(insert(suppressions), rows)


def _split_in_portions(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), _VALUES_AT_ONCE):
        yield items[start : start + _VALUES_AT_ONCE]


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
        last, where = 0, _build_conditions(state, digest)
        while True:
            page = select(subscribers).where(subscribers.c.id > last, *where)
            page = page.order_by(subscribers.c.id).limit(_AT_ONCE)
            with raise_store_errors(self._engine), self._engine.connect() as connection:
                rows = connection.execute(page).mappings().all()
            yield from map(_decode_subscriber, rows)
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1]["id"]

    def active(self, numbers: Sequence[int], digest: str) -> frozenset[int]:
        """Return those of *numbers* that get *digest* now: to be asked before each sending."""
        found: set[int] = set()
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            for start in range(0, len(numbers), _AT_ONCE):
                some = subscribers.c.id.in_(numbers[start : start + _AT_ONCE])
                found |= {
                    row.id for row in connection.execute(select_receivers(digest).where(some))
                }
        return frozenset(found)

    def counts(self) -> Mapping[tuple[Membership, tuple[str, ...]], int]:
        """Return how many subscribers there are of each state and set of digests."""
        columns = subscribers.c.state, subscribers.c.digests
        query = select(*columns, func.count()).group_by(*columns)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return {(s, split_digests(d)): n for s, d, n in connection.execute(query)}

    def suppressions(self) -> Mapping[SuppressionReason, int]:
        """Return how many addresses are suppressed for each reason."""
        query = select(suppressions.c.reason, func.count()).group_by(suppressions.c.reason)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return {row.reason: row[1] for row in connection.execute(query)}

    def suppressed(self, normal: str) -> SuppressionReason | None:
        """Return why the address *normal* is not written to, None if it may be."""
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return _find_suppression(connection, self._keyring.marks(normal))

    def enrol(
        self,
        people: Sequence[NewSubscriber],
        now: datetime,
        *,
        lift: bool = False,
        dry: bool = False,
    ) -> list[EnrolResult]:
        """Take *people* in, in one transaction; return what became of each.

        Whoever is there keeps what *people* leave blank. The suppressed stay so unless *lift*.
        Nothing is changed where *dry*.
        """
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            lock_transaction(connection, "audience")
            taken = upsert_people(connection, self._keyring, people, now, lift=lift)
            if dry:
                connection.rollback()
        return taken

    def change(
        self,
        number: int,
        change: Callable[[Subscriber], Subscriber],
        event: SubscriberEvent,
        notice: str = "",
    ) -> Subscriber | None:
        """Replace a subscriber by what *change* makes of them, *event* recorded; return them.

        One transaction: nobody else changes them meanwhile. Nothing is recorded where *change*
        returns them as they were, or where *notice* was given before. None if they are gone.
        """
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            lock_transaction(connection, "audience")
            before = _read_subscriber(connection, number)
            if before is None or (notice and not _remember_notice(connection, notice, event.at)):
                return before
            after = change(before)
            if after != before:
                self._save(connection, before, replace(after, changed=event.at), event)
        return after

    def events(self, number: int) -> tuple[SubscriberEvent, ...]:
        """Return what happened to a subscriber, oldest first."""
        table = subscriber_events
        query = select(table.c.at, table.c.what, table.c.detail)
        query = query.where(table.c.subscriber == number).order_by(table.c.id)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query).mappings()
            return tuple(SubscriberEvent(**row) for row in rows)

    def copies(self, number: int) -> tuple[SubscriberEvent, ...]:
        """Return the copies of mailings for a subscriber: each job, with its state as detail."""
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return mailings.list_deliveries(connection, number)

    def keep_out(self, marks: Mapping[bytes, SuppressionReason], now: datetime) -> int:
        """Suppress *marks*, and end the subscriptions of those whose they are; return how many."""
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            lock_transaction(connection, "audience")
            known = set(connection.execute(select(suppressions.c.mark)).scalars())
            fresh = {mark: why for mark, why in marks.items() if mark not in known}
            rows = [{"mark": mark, "reason": why, "since": now} for mark, why in fresh.items()]
            if rows:
                connection.execute(insert(suppressions), rows)
        theirs = ((one, self._among(one, fresh)) for one in self.everyone()) if fresh else ()
        return sum(self._ended(one.id, why, now) for one, why in theirs if why)

    def _among(
        self, one: Subscriber, marks: Mapping[bytes, SuppressionReason]
    ) -> SuppressionReason | None:
        return next((marks[m] for m in self._keyring.marks(one.normal) if m in marks), None)

    def _ended(self, number: int, why: SuppressionReason, now: datetime) -> bool:
        """End the subscription of *number*; tell whether there was one."""
        if why == "erased":
            return self._erase(number, now, _RESTORED)
        event = SubscriberEvent(at=now, what=why, detail=_RESTORED)
        before = self.get(number)
        self.change(number, lambda it: replace(it, state=why), event)
        return before is not None and before.state not in SUPPRESSED_STATES

    def end_unconfirmed(self, before: datetime, now: datetime) -> int:
        """Remove who was last asked to confirm *before* and never did; return how many.

        Nothing suppresses them: they may sign up again. Who was not asked yet stays.
        """
        old = (subscribers.c.state == "pending") & (subscribers.c.asked < before)
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            lock_transaction(connection, "audience")
            numbers = connection.execute(select(subscribers.c.id).where(old)).scalars().all()
            changes = CountChanges()
            for number in numbers:
                if (gone := _read_subscriber(connection, number)) is not None:
                    changes.count(_make_subscription(gone), None, "expired")
            theirs = subscriber_events.c.subscriber.in_(select(subscribers.c.id).where(old))
            connection.execute(delete(subscriber_events).where(theirs))
            connection.execute(delete(subscribers).where(old))
            changes.save(connection, now)
        return len(numbers)

    def erase(self, number: int, now: datetime) -> bool:
        """Remove a subscriber and all that is kept of them but the mark that suppresses them.

        The ledger keeps their copies under a number that is nobody's any more. SQLite writes
        zeros over what it removes, and clears its log of changes.
        """
        return self._erase(number, now, "the editor")

    def _erase(self, number: int, now: datetime, source: str) -> bool:
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            sqlite = connection.dialect.name == "sqlite"
            if sqlite:
                _set_pragma(connection, "secure_delete = ON")
            with connection.begin():
                lock_transaction(connection, "audience")
                gone = _read_subscriber(connection, number)
                if gone is not None:
                    marks = self._keyring.marks(gone.normal)
                    reason = _find_suppression(connection, marks) or "erased"
                    self._suppress(connection, gone.normal, reason, now)
                    mailings.make_deliveries_anonymous(connection, number)
                    events = subscriber_events.c.subscriber == number
                    connection.execute(delete(subscriber_events).where(events))
                    connection.execute(delete(subscribers).where(subscribers.c.id == number))
                    tally = CountChanges()
                    tally.count(_make_subscription(gone), None, source, erased=True)
                    tally.save(connection, now)
            if sqlite:
                _set_pragma(connection, "wal_checkpoint(TRUNCATE)")
        return gone is not None

    def _one(self, where: ColumnElement[bool]) -> Subscriber | None:
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            row = connection.execute(select(subscribers).where(where)).mappings().first()
        return _decode_subscriber(row) if row is not None else None

    def _save(
        self, connection: Connection, before: Subscriber, after: Subscriber, event: SubscriberEvent
    ) -> None:
        this = subscribers.c.id == before.id
        connection.execute(update(subscribers).where(this).values(_encode_subscriber(after)))
        row = asdict(event) | {"subscriber": before.id}
        connection.execute(insert(subscriber_events).values(row))
        tally = CountChanges()
        tally.count(
            _make_subscription(before), _make_subscription(after), _find_event_source(event, after)
        )
        tally.save(connection, event.at)
        if after.state in SUPPRESSED_STATES:
            self._suppress(connection, after.normal, cast(SuppressionReason, after.state), event.at)
        elif after.state == "active" != before.state:
            marks = self._keyring.marks(after.normal)
            connection.execute(delete(suppressions).where(suppressions.c.mark.in_(marks)))

    def _suppress(
        self, connection: Connection, normal: str, reason: SuppressionReason, now: datetime
    ) -> None:
        mark = self._keyring.marks(normal)[0]
        upsert_rows(connection, suppressions, [{"mark": mark, "reason": reason, "since": now}])


def _make_subscription(subscriber: Subscriber) -> Subscription:
    return Subscription(subscriber.state, subscriber.digests)


def _find_event_source(event: SubscriberEvent, subscriber: Subscriber) -> str:
    """Return by which way *event* came, where a reader confirms: by which way they had joined."""
    if event.what == "confirmed":
        return subscriber.consent.how
    return event.what if event.what == "chose" else event.detail or event.what


def _build_conditions(state: Membership | None, digest: str) -> list[ColumnElement[bool]]:
    where = [subscribers.c.state == state] if state else []
    if digest:
        where.append(subscribers.c.digests.contains(f",{digest},", autoescape=True))
    return where


def _read_subscriber(connection: Connection, number: int) -> Subscriber | None:
    query = select(subscribers).where(subscribers.c.id == number)
    row = connection.execute(query).mappings().first()
    return _decode_subscriber(row) if row is not None else None


def _set_pragma(connection: Connection, words: str) -> None:
    """Set a PRAGMA outside of any transaction, where alone it works."""
    raw = connection.connection.driver_connection
    if raw is not None:
        raw.execute(f"PRAGMA {words}").close()


def _remember_notice(connection: Connection, notice: str, now: datetime) -> bool:
    """Remember *notice*; tell whether it is heard of for the first time."""
    there = select(literal(1)).where(notices.c.key == notice)
    if connection.execute(there).first():
        return False
    connection.execute(insert(notices).values(key=notice, at=now))
    return True


def _find_suppression(connection: Connection, marks: Sequence[bytes]) -> SuppressionReason | None:
    query = select(suppressions.c.reason).where(suppressions.c.mark.in_(marks))
    return connection.execute(query).scalars().first()


def _decode_subscriber(row: RowMapping) -> Subscriber:
    values = dict(row) | {"digests": split_digests(row["digests"])}
    how, at, source = (values.pop(name) for name in _CONSENT)
    return Subscriber(**values, consent=Consent(how=how, at=at, source=source))


def _encode_subscriber(one: Subscriber) -> dict[str, object]:
    values = asdict(one) | {"digests": join_digests(one.digests)}
    consent = values.pop("consent")
    return values | {f"consent_{name}": value for name, value in consent.items()}
