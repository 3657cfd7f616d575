"""Draft -> Revision -> Receipt: what leaves, frozen, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from digest.model.issue import Issue

Status = Literal["sent", "rejected", "deferred", "unknown", "held", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place that every copy fills with its reader's own: from ``start`` to before ``end``.

    ``name`` is one of "to", "token", "date", "message-id" and "original". What stands there in
    the meantime is only for people to read: nothing is ever found by it.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """Where the slots of a mail are, in order: characters of its HTML and text, bytes of it all."""

    html: tuple[Slot, ...] = ()
    text: tuple[Slot, ...] = ()
    mime: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """An email with named slots still open: ``mime`` is the whole message (RFC 5322).

    ``html`` and ``text`` are its two parts before transfer encoding, ``mjml`` the source of the
    HTML. ``slots`` is None in revisions that were frozen before places were kept;
    ``render.slots.read_slots`` finds theirs.
    """

    subject: str
    preheader: str
    html: str
    text: str
    mjml: str
    mime: bytes
    slots: Slots | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A picture that goes with a part, with its alternative text."""

    path: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One post of a thread; ``length`` and ``limit`` are in the network's own unit."""

    text: str
    length: int
    limit: int
    link: str | None = None
    media: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread for one network; ``cost_usd`` is None where posting is free.

    ``warnings`` are what its author may not expect, ``faults`` what the network would refuse.
    """

    network: str
    parts: tuple[Part, ...]
    cost_usd: float | None = None
    warnings: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


Draft = Mail | Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """An issue with the drafts rendered from it, frozen: ``hash`` is over the drafts' bytes.

    An ``open`` one is in the making: the next edit takes its place under its number. Whoever shows
    its bytes to somebody closes it first. ``withheld`` are the channels, "email" or the names of
    networks, that an approved one was not approved for.
    """

    issue: Issue
    number: int
    hash: str
    created: datetime
    mail: Mail
    threads: tuple[Thread, ...] = ()
    approved: datetime | None = None
    open: bool = False
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueSummary:
    """One issue on the shelf: its newest revision, and which one of it is approved, if any."""

    issue: str
    edition: str
    subject: str
    newest: int
    created: datetime
    approved: int | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one message or part; ``id`` and ``url`` are the other side's.

    ``subscriber`` is the reader's number where it is a copy of a mailing.
    """

    target: str
    status: Status
    part: int | None = None
    id: str = ""
    url: str = ""
    reason: str = ""
    subscriber: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to mend or to know: ``level`` "error" blocks, "warning" does not.

    ``channel`` is what it concerns alone, "email" or the name of a network; "" is everything.
    """

    level: Literal["error", "warning"]
    subject: str
    cause: str
    remedy: str = ""
    channel: str = ""

    def __str__(self) -> str:
        return f"{self.level}: {self.subject}: {self.cause}. {self.remedy}".rstrip()
