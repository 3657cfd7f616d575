"""How many readers there were and what happened to them, day by day, and nothing about any of them.

    what a reader was, what they are now -> Tally -> rows of the day, added to in the same commit

Two tables of numbers that cannot be told later: who left is overwritten, who was erased is gone.
``daily_states`` holds what a day adds to the subscribers of a digest in a state, so that the sum of
all days up to one is how many there were at its end; the first rows of a store that had readers
before it counted hold those it had then. ``daily_events`` holds how often a day saw what.

- No address, name, number or hash of anybody stands in them, and ``source`` is one of ``SOURCES``.
- A day is one of UTC: all digests of a store share the tables, a reader may get two digests of two
  zones, and a zone that is set anew must not move what was counted.
- Rows are only ever added to, by the database: processes that count the same day, or one that
  is late for midnight, never undo each other.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select

from digest.model import DayCount, Membership, SubscriptionEvent
from digest.store.engine import add_to_rows, raise_store_errors
from digest.store.schema import daily_events, daily_states

EVERYBODY = ""  # the digest under which each person counts once
OTHER = "other"
SOURCES = frozenset(
    {"form", "import", "held elsewhere", "confirmed", "chose", "one click", "the editor"}
    | {"reported", "bounced", "bounced for now", "complained", "before the restore", OTHER}
)
_MEMBERS: frozenset[Membership] = frozenset({"pending", "active"})


class Subscription(NamedTuple):
    """What is counted of a reader: the state they are in and the digests they get."""

    state: Membership
    digests: tuple[str, ...]

    def by_digest(self) -> dict[str, Membership]:
        """Return the state under each digest that they count for."""
        return dict.fromkeys((EVERYBODY, *self.digests), self.state)


def find_events(
    before: Membership | None, after: Membership | None
) -> tuple[SubscriptionEvent, ...]:
    """Return what it counts as that a reader of one digest was *before* and is *after*.

    None stands for no reader of it. "joined" is who waits or reads now and did neither before,
    "confirmed" whoever reads now, by their own click or because an editor holds their consent.
    Who comes in a list as having left, bounced or complained elsewhere has done none of it here.

    >>> find_events(None, "active")
    ('joined', 'confirmed')
    >>> find_events("active", None)
    ('left',)
    """
    events: list[SubscriptionEvent] = []
    if before not in _MEMBERS and after in _MEMBERS:
        events.append("joined")
    if after == "active" != before:
        events.append("confirmed")
    if before in _MEMBERS and after in (None, "unsubscribed"):
        events.append("left")
    if before is not None and before != after and after in ("bounced", "complained"):
        events.append("bounced" if after == "bounced" else "complained")
    return tuple(events)


@dataclass(frozen=True, slots=True)
class CountChanges:
    """What the changes of one transaction come to."""

    states: Counter[tuple[str, Membership]] = field(default_factory=Counter)
    events: Counter[tuple[str, SubscriptionEvent, str]] = field(default_factory=Counter)

    def count(
        self,
        before: Subscription | None,
        after: Subscription | None,
        source: str,
        *,
        people: int = 1,
        erased: bool = False,
    ) -> None:
        """Count that *people* who were *before* are *after* now; None: not in the store."""
        source = source if source in SOURCES else OTHER
        was = before.by_digest() if before else {}
        now = after.by_digest() if after else {}
        for digest in was.keys() | now.keys():
            old, new = was.get(digest), now.get(digest)
            if old == new:
                continue
            if old:
                self.states[digest, old] -= people
            if new:
                self.states[digest, new] += people
            for event in ("erased",) if erased else find_events(old, new):
                self.events[digest, event, source] += people

    def save(self, connection: Connection, at: datetime) -> None:
        """Add it to the day of *at*."""
        day = at.astimezone(UTC).date()
        states = [
            {"day": day, "digest": digest, "state": state, "change": change}
            for (digest, state), change in sorted(self.states.items())
            if change
        ]
        events = [
            {"day": day, "digest": digest, "event": event, "source": source, "number": number}
            for (digest, event, source), number in sorted(self.events.items())
        ]
        add_to_rows(connection, daily_states, states)
        add_to_rows(connection, daily_events, events)


class DailyCounts:
    """Reads the two tables; days are of UTC."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def first_day(self) -> date | None:
        """Return the day from which on subscribers are counted, None where there were none yet."""
        query = select(func.min(daily_states.c.day))
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return connection.execute(query).scalar()

    def subscribers(self, day: date) -> Mapping[tuple[str, Membership], int]:
        """Return how many subscribers of each digest were in each state at the end of *day*.

        Empty for a day before ``first_day``. Under ``EVERYBODY`` each person counts once.
        """
        key = daily_states.c.digest, daily_states.c.state
        total = func.sum(daily_states.c.change)
        query = select(*key, total).where(daily_states.c.day <= day).group_by(*key)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query.having(total != 0))
            return {(digest, state): int(number) for digest, state, number in rows}

    def events(self, since: date, until: date) -> tuple[DayCount, ...]:
        """Return what happened from *since* on and before *until*, by day and digest."""
        table = daily_events
        query = select(table).where(table.c.day >= since, table.c.day < until)
        query = query.order_by(table.c.day, table.c.digest, table.c.event, table.c.source)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return tuple(DayCount(**row) for row in connection.execute(query).mappings())
