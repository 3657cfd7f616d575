"""Many people taken in at once: a million in a minute, in a memory that does not grow with them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, delete, insert, select, update

from digest.model import SUPPRESSED, Applicant, Membership, Taken
from digest.store import bulk
from digest.store.daily_counts import Subscription, Tally
from digest.store.schema import subscribers, suppressions
from digest.tokens import Keyring

_COLUMNS = (
    *("address", "normal", "name", "language", "digests", "state"),
    *("created", "changed", "confirmed", "asked", "softs"),
    *("consent_how", "consent_at", "consent_source"),
)
_AT_ONCE = 5000  # values of one condition: SQLite takes 32766 of them
_CHANGED: frozenset[Taken] = frozenset({"added", "updated"})
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _There:
    """What has to be known of somebody who is there already."""

    id: int
    state: Membership
    name: str
    language: str
    digests: str


def take_in(
    connection: Connection,
    keyring: Keyring,
    people: Sequence[Applicant],
    now: datetime,
    *,
    lift: bool = False,
) -> list[Taken]:
    """Insert or update *people* and count it; return what became of each, in their order.

    Of two with one address the later finds the earlier there.
    """
    normals = list(dict.fromkeys(one.normal for one in people))
    there = _there(connection, normals)
    marks = {} if lift else _suppressed(connection, keyring, normals)
    taken: list[Taken] = []
    tally = Tally()
    fresh: dict[str, Applicant] = {}
    for one in people:
        known = there.get(one.normal)
        if one.normal in marks or (known and known.state in SUPPRESSED and not lift):
            taken.append("suppressed")
        elif known:
            there[one.normal] = merged = _merge(connection, known, one, now, tally)
            taken.append("unchanged" if merged == known else "updated")
        else:
            before = fresh.get(one.normal)
            fresh[one.normal] = _both(before, one) if before else one
            taken.append(_fate(before, fresh[one.normal]))
    _insert(connection, list(fresh.values()), now, tally)
    changed = {p.normal for p, how in zip(people, taken, strict=True) if how in _CHANGED}
    states = {normal: (there.get(normal) or fresh[normal]).state for normal in changed}
    _settle(connection, keyring, states, now, lift=lift)
    tally.save(connection, now)
    return taken


def _both(before: Applicant, after: Applicant) -> Applicant:
    """Return one of two rows of a person: who left in either has left."""
    states = [one.state for one in (before, after) if one.state in SUPPRESSED]
    active = "active" in (before.state, after.state)
    state: Membership = states[0] if states else "active" if active else "pending"
    return replace(
        before,
        name=after.name or before.name,
        language=after.language or before.language,
        digests=tuple(dict.fromkeys((*before.digests, *after.digests))),
        state=state,
    )


def _fate(before: Applicant | None, after: Applicant) -> Taken:
    if before is None:
        return "added"
    return "unchanged" if before == after else "updated"


def joined(digests: Iterable[str]) -> str:
    """Return names of digests as the column holds them: ``,weekly,monthly,``."""
    return f",{','.join(digests)}," if digests else ""


def split(digests: str) -> tuple[str, ...]:
    """Return the names in the column ``digests``."""
    return tuple(name for name in digests.split(",") if name)


def _there(connection: Connection, normals: Sequence[str]) -> dict[str, _There]:
    columns = ("normal", "id", "state", "name", "language", "digests")
    return {
        normal: _There(id=id_, state=state, name=name, language=language, digests=digests)
        for normal, id_, state, name, language, digests in bulk.matching(
            connection, subscribers, columns, normals
        )
    }


def _suppressed(
    connection: Connection, keyring: Keyring, normals: Iterable[str]
) -> Mapping[str, bytes]:
    """Return those of *normals* that are suppressed, each with the mark it is known by."""
    if connection.execute(select(suppressions.c.mark).limit(1)).first() is None:
        return {}
    of = {mark: normal for normal in normals for mark in keyring.marks(normal)}
    found = bulk.matching(connection, suppressions, ("mark",), list(of))
    return {of[bytes(mark)]: bytes(mark) for (mark,) in found}


def _merge(
    connection: Connection, known: _There, one: Applicant, now: datetime, tally: Tally
) -> _There:
    """Lay what *one* says over what is *known*; the first consent stays the one on record."""
    before = Subscription(known.state, split(known.digests))
    merged = replace(
        known,
        state=known.state if _keeps(known.state, one.state) else one.state,
        name=one.name or known.name,
        language=one.language or known.language,
        digests=joined(dict.fromkeys((*before.digests, *one.digests))),
    )
    if merged == known:
        return known
    values = {name: getattr(merged, name) for name in ("state", "name", "language", "digests")}
    if merged.state == "active" != known.state:
        values |= {"confirmed": now, "softs": 0} | _consent(one)
    this = subscribers.c.id == known.id
    connection.execute(update(subscribers).where(this).values(changed=now, **values))
    tally.count(before, Subscription(merged.state, split(merged.digests)), one.consent.how)
    return merged


def _keeps(known: Membership, asked: Membership) -> bool:
    return known == "active" and asked == "pending"


def _insert(
    connection: Connection, people: Sequence[Applicant], now: datetime, tally: Tally
) -> None:
    """Insert *people*, none of whom is there."""
    rows = (
        (
            *(one.address, one.normal, one.name, one.language, joined(one.digests), one.state),
            *(now, now, now if one.state == "active" else None, None, 0),
            *(one.consent.how, one.consent.at, one.consent.source),
        )
        for one in people
    )
    bulk.insert(connection, subscribers, _COLUMNS, rows)
    alike = Counter((one.state, one.digests, one.consent.how) for one in people)
    for (state, digests, how), number in alike.items():
        tally.count(None, Subscription(state, digests), how, people=number)


def _consent(one: Applicant) -> dict[str, object]:
    return {
        "consent_how": one.consent.how,
        "consent_at": one.consent.at,
        "consent_source": one.consent.source,
    }


def _settle(
    connection: Connection,
    keyring: Keyring,
    states: Mapping[str, Membership],
    now: datetime,
    *,
    lift: bool,
) -> None:
    """Make the marks fit *states*: those that changed, by normal address."""
    out = {keyring.marks(p)[0]: state for p, state in states.items() if state in SUPPRESSED}
    back = [p for p, state in states.items() if state == "active"] if lift else []
    gone = [*out, *(mark for p in back for mark in keyring.marks(p))]
    for some in _portions(gone):
        connection.execute(delete(suppressions).where(suppressions.c.mark.in_(some)))
    if out:
        rows = [{"mark": mark, "reason": state, "since": now} for mark, state in out.items()]
        connection.execute(insert(suppressions), rows)


def _portions(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
