"""A subscriber as others read them: a row of a list, or everything that is kept of one person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from digest.audience.address import shown
from digest.model import Event, Membership, Subscriber

HEAD = ("email", "name", "language", "digests", "state", "confirmed", "created", "id")


def row(one: Subscriber) -> tuple[str, ...]:
    """Return the cells of *one* below ``HEAD``: what ``import`` understands again."""
    return (
        one.address,
        one.name,
        one.language,
        ";".join(one.digests),
        one.state,
        one.confirmed.isoformat() if one.confirmed else "",
        one.created.isoformat(),
        str(one.id),
    )


def rows(people: Iterable[Subscriber]) -> Iterator[tuple[str, ...]]:
    """Yield the heading and a row for each of *people*."""
    yield HEAD
    yield from map(row, people)


def data(one: Subscriber) -> dict[str, Any]:
    """Return *one* as JSON has it."""
    return {
        "id": one.id,
        "email": one.address,
        "shown": shown(one.address),
        "name": one.name,
        "language": one.language,
        "digests": list(one.digests),
        "state": one.state,
        "created": one.created.isoformat(),
        "changed": one.changed.isoformat(),
        "confirmed": one.confirmed.isoformat() if one.confirmed else None,
        "asked": one.asked.isoformat() if one.asked else None,
        "soft_bounces": one.softs,
        "consent": {
            "how": one.consent.how,
            "at": one.consent.at.isoformat(),
            "source": one.consent.source,
        },
    }


def whole(one: Subscriber, events: Sequence[Event], copies: Sequence[Event]) -> dict[str, Any]:
    """Return everything that is kept of one person."""
    happened = [{"at": e.at.isoformat(), "what": e.what, "detail": e.detail} for e in events]
    mails = [{"at": e.at.isoformat(), "issue": e.what, "state": e.detail} for e in copies]
    return data(one) | {"events": happened, "mails": mails}


def totals(
    counts: Mapping[tuple[Membership, tuple[str, ...]], int], suppressed: Mapping[Any, int]
) -> dict[str, Any]:
    """Return how many subscribers there are: by state, active ones by digest, and suppressions."""
    states: dict[str, int] = {}
    digests: dict[str, int] = {}
    for (state, names), number in counts.items():
        states[state] = states.get(state, 0) + number
        for name in names if state == "active" else ():
            digests[name] = digests.get(name, 0) + number
    return {
        "subscribers": sum(states.values()),
        "states": states,
        "digests": dict(sorted(digests.items())),
        "suppressed": dict(sorted(suppressed.items())),
    }
