"""The outbox: one state machine for everything that leaves, a mail or a part of a thread.

    queued ─> claimed ─> armed ─> sent | rejected | deferred | unknown
                                                  │          └─> sent | held
                                                  └─> claimed

``armed`` is durable before the request leaves, so an entry found armed by a later run may or may
not be out: it becomes ``unknown``, and only what the other side shows settles it. ``held`` waits
for a person; ``skipped`` is what a person settled, or took back.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal

from digest.model.draft import Receipt, Status

OutboxState = Literal[
    "queued", "claimed", "armed", "sent", "rejected", "deferred", "unknown", "held", "skipped"
]

ALLOWED_MOVES: dict[OutboxState, frozenset[OutboxState]] = {
    "queued": frozenset({"claimed", "held", "skipped"}),
    "claimed": frozenset({"armed", "queued", "rejected", "deferred", "held", "skipped"}),
    "armed": frozenset({"sent", "rejected", "deferred", "unknown"}),
    "deferred": frozenset({"claimed", "queued", "held", "skipped"}),
    "unknown": frozenset({"sent", "held", "queued", "skipped"}),
    "rejected": frozenset({"queued", "held", "skipped"}),
    "held": frozenset({"sent", "queued", "skipped"}),
    "skipped": frozenset({"queued", "sent"}),
    "sent": frozenset({"skipped"}),
}
FINAL_STATES: frozenset[OutboxState] = frozenset({"sent", "skipped"})
WAITING_STATES: frozenset[OutboxState] = frozenset({"unknown", "held", "rejected"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One message to one target, or one part of a thread, and how far it is.

    ``job`` is the issue, ``target`` a network or an address, ``part`` counts from 1 (0: the whole
    message). ``payload`` is what was approved and ``hash`` its SHA-256; ``wire`` is the request
    made of it, frozen before it leaves, and ``key`` the name under which the other side knows it
    for the same. ``id`` and ``url`` are the other side's. ``version`` counts the saves.
    """

    job: str
    target: str
    part: int = 0
    revision: int = 0
    payload: str = ""
    hash: str = ""
    state: OutboxState = "queued"
    key: str = ""
    wire: str = ""
    id: str = ""
    url: str = ""
    reason: str = ""
    by_hand: bool = False
    attempts: int = 0
    armed: datetime | None = None
    retry_at: datetime | None = None
    version: int = 0

    @property
    def done(self) -> bool:
        """Tell whether nothing is left to do for it."""
        return self.state in FINAL_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRequest:
    """One request, ready to leave: its frozen text, and the key it is known by."""

    text: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the other side made of one request.

    ``retry_at`` is when it will listen again; ``by_hand`` means that it takes this from a person
    only; ``unknown`` means that the request may have been carried out; ``general`` that it was
    said of the sender and not of this message: the next would be told the same. ``doubtful`` means
    that it may be either, which what the others are told decides; ``crowded`` that fewer
    connections at once would have been taken.
    """

    status: Literal["sent", "rejected", "deferred", "unknown"]
    id: str = ""
    url: str = ""
    reason: str = ""
    retry_at: datetime | None = None
    by_hand: bool = False
    general: bool = False
    doubtful: bool = False
    crowded: bool = False


def make_entry(
    job: str, target: str, payload: str, *, part: int = 0, revision: int = 0
) -> OutboxEntry:
    """Return a new entry for *payload*."""
    digest = sha256(payload.encode()).hexdigest()
    return OutboxEntry(
        job=job, target=target, part=part, revision=revision, payload=payload, hash=digest
    )


def move_entry(one: OutboxEntry, to: OutboxState, *, reason: str = "") -> OutboxEntry:
    """Return *one* in state *to*; ValueError where the machine has no such move."""
    if to not in ALLOWED_MOVES[one.state]:
        raise ValueError(f"{one.target} {one.part}: {one.state} cannot become {to}")
    return replace(one, state=to, reason=reason, retry_at=None)


def claim_entry(one: OutboxEntry) -> OutboxEntry:
    """Return *one* taken up by a run that holds the lock on its target."""
    return replace(move_entry(one, "claimed"), attempts=one.attempts + 1)


def arm_entry(one: OutboxEntry, wire: PreparedRequest, now: datetime) -> OutboxEntry:
    """Return the claimed *one* with its request; save it before the request leaves."""
    return replace(move_entry(one, "armed"), key=wire.key, wire=wire.text, armed=now)


def settle_entry(one: OutboxEntry, outcome: Outcome) -> OutboxEntry:
    """Return *one* as *outcome* leaves it."""
    settled = move_entry(one, outcome.status, reason=outcome.reason)
    if outcome.status == "sent":
        return replace(settled, id=outcome.id, url=outcome.url)
    if outcome.status == "deferred":
        return replace(settled, retry_at=outcome.retry_at)
    return replace(settled, by_hand=outcome.by_hand)


def hold_entry(one: OutboxEntry, reason: str, *, by_hand: bool = False) -> OutboxEntry:
    """Return *one* waiting for a person; *by_hand*: to be posted by that person."""
    return replace(move_entry(one, "held", reason=reason), by_hand=by_hand)


def recover_entry(one: OutboxEntry) -> OutboxEntry:
    """Return *one* as a run that finds it must see it, since the run before it ended midway."""
    if one.state == "claimed":
        return move_entry(one, "queued")
    if one.state == "armed":
        return move_entry(one, "unknown", reason="the program ended while it was being sent")
    return one


def requeue_entry(one: OutboxEntry, *, keep: bool = False) -> OutboxEntry:
    """Return *one* queued once more: with its frozen request if *keep*, else with a new one."""
    queued = replace(move_entry(one, "queued"), by_hand=False)
    return queued if keep else replace(queued, wire="", key="", attempts=0, armed=None)


def make_receipt(one: OutboxEntry, *, waits_for: int | None = None) -> Receipt:
    """Return the receipt of *one*; an entry not yet tried waits for the part *waits_for*."""
    status: Status = "held"
    reason = one.reason
    if one.state != "queued" and one.state != "claimed" and one.state != "armed":
        status = one.state
    elif waits_for is not None:
        reason = f"waits for part {waits_for}"
    return Receipt(
        target=one.target,
        status=status,
        part=one.part or None,
        id=one.id,
        url=one.url,
        reason=reason,
    )
