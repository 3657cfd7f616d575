"""Who reads: a subscriber, the consent they gave, and what happened since.

    pending ─> active ─> unsubscribed | bounced | complained ─> (asks again, confirms) ─> active

A state is left for ``active`` only by the reader's own word, or by an editor who holds it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Membership = Literal["pending", "active", "unsubscribed", "bounced", "complained"]
SuppressionReason = Literal["unsubscribed", "bounced", "complained", "erased"]
EnrolResult = Literal["added", "updated", "unchanged", "suppressed"]
SubscriptionEvent = Literal["joined", "confirmed", "left", "bounced", "complained", "erased"]

MEMBERSHIPS: tuple[Membership, ...] = (
    "pending",
    "active",
    "unsubscribed",
    "bounced",
    "complained",
)
SUPPRESSED_STATES: frozenset[Membership] = frozenset({"unsubscribed", "bounced", "complained"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """How and when a reader said yes; ``source`` is a form's client (hashed) or a file's name."""

    how: str
    at: datetime
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscriber:
    """Somebody to be taken in, checked: ``normal`` is what two spellings of an address share."""

    address: str
    normal: str
    consent: Consent
    name: str = ""
    language: str = ""
    digests: tuple[str, ...] = ()
    state: Membership = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A reader. ``id`` is never given again; logs hold it and not the address.

    ``address`` is as it was written, its domain in lower case and ASCII. ``confirmed`` is when the
    reader proved to own it, ``asked`` when they were last written to about that; ``softs`` counts
    the temporary bounces since mail last came through.
    """

    id: int
    address: str
    normal: str
    consent: Consent
    created: datetime
    changed: datetime
    name: str = ""
    language: str = ""
    digests: tuple[str, ...] = ()
    state: Membership = "pending"
    confirmed: datetime | None = None
    asked: datetime | None = None
    softs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberEvent:
    """One thing that happened to a subscriber's record; ``detail`` holds no address."""

    at: datetime
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """How often something happened on a *day* (UTC) to a subscriber of *digest*.

    The digest "" counts every person once, whatever they get. ``source`` says by which way, from a
    fixed list of words (``digest.store.daily_counts``): nothing in it is about a person.
    """

    day: date
    digest: str
    event: SubscriptionEvent
    source: str
    number: int
