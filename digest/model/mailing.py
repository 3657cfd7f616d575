"""A mailing: one mail to everybody it is for, and what became of each copy."""

from dataclasses import dataclass, field
from datetime import datetime

from digest.model.outbox import OutboxState


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """One mail and its audience, frozen together.

    ``job`` is the issue's id, or that with ".correction-1" behind it; ``revision`` and ``hash``
    say which bytes it is made of. ``content`` holds them where no revision does: a correction's
    Mail as JSON. ``of`` is the job whose readers get it, "" for everybody who is subscribed.
    """

    job: str
    issue: str
    edition: str
    revision: int
    hash: str
    mailer: str
    started: datetime
    id: int = 0
    audience: int = 0
    paused: bool = False
    content: bytes = b""
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One reader's copy of a mailing; ``address`` is "" where the reader is gone.

    ``armed`` is when it was about to leave, and its Date; ``until`` when it may be tried again;
    ``key`` the name under which the other side knows the request, ``id`` what it calls the copy.
    """

    mailing: int
    subscriber: int
    address: str
    name: str = ""
    state: OutboxState = "queued"
    attempts: int = 0
    armed: datetime | None = None
    until: datetime | None = None
    key: str = ""
    id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A copy ready to leave: its envelope and its bytes (RFC 5322, lines end in CRLF).

    ``key`` is the same for the same copy, whenever it is made.
    """

    sender: str
    recipient: str
    content: bytes
    id: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingTally:
    """How far a mailing is: copies by state."""

    counts: dict[OutboxState, int] = field(default_factory=dict)

    def __getitem__(self, state: OutboxState) -> int:
        return self.counts.get(state, 0)

    @property
    def total(self) -> int:
        """Return how many copies there are."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Return how many are still to be tried."""
        return self["queued"] + self["claimed"] + self["deferred"]

    @property
    def waiting(self) -> int:
        """Return how many wait for a person."""
        return self["unknown"] + self["held"] + self["armed"]
