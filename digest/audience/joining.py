"""What a reader does: ask to subscribe, confirm, choose, leave; each step atomic and repeatable."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from digest.model import SUPPRESSED, Applicant, Event, Membership, Subscriber
from digest.ports import Audience

PATIENCE = timedelta(minutes=10)  # between two mails that ask the same person

Answer = Literal["confirm", "welcome back", "nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asked to subscribe, and which mail is due to them."""

    subscriber: Subscriber
    mail: Answer


def ask(audience: Audience, one: Applicant, now: datetime) -> Asked | None:
    """Take *one*'s wish to subscribe down; return which mail is due, None where none may be sent.

    Nothing is due to who was written to just now, nor ever to who complained of our mail.
    """
    known = audience.find(one.normal)
    if known is None:
        if audience.suppressed(one.normal) == "complained":
            return None
        audience.enrol([one], now, lift=True)
        known = audience.find(one.normal)
    if known is None or known.state == "complained":
        return None
    if known.asked and now - known.asked < PATIENCE:
        return Asked(subscriber=known, mail="nothing")
    due: Answer = "welcome back" if known.state == "active" else "confirm"
    asked = audience.change(
        known.id, lambda it: _as_wished(it, one, now), Event(at=now, what="asked to confirm")
    )
    return Asked(subscriber=asked or known, mail=due)


def _as_wished(it: Subscriber, one: Applicant, now: datetime) -> Subscriber:
    """Return *it* written to now; until they confirm, what they are to get is what *one* says."""
    if it.state == "active":
        return replace(it, asked=now)
    digests, name = one.digests or it.digests, it.name or one.name
    language = one.language or it.language
    return replace(it, asked=now, digests=digests, name=name, language=language)


def confirm(
    audience: Audience, number: int, now: datetime, digests: tuple[str, ...] = ()
) -> tuple[Subscriber | None, bool]:
    """Make a subscriber active who proved to own the address; return them and whether it is new."""
    fresh = False

    def change(it: Subscriber) -> Subscriber:
        nonlocal fresh
        if it.state in ("active", "complained"):
            return it
        fresh = True
        chosen = it.digests or digests
        return replace(it, state="active", confirmed=now, softs=0, digests=chosen)

    return audience.change(number, change, Event(at=now, what="confirmed")), fresh


def leave(
    audience: Audience, number: int, now: datetime, how: str, notice: str = ""
) -> Subscriber | None:
    """End a subscription; who left already, bounced or complained stays as they are."""

    def change(it: Subscriber) -> Subscriber:
        return it if it.state in SUPPRESSED else replace(it, state="unsubscribed")

    return audience.change(number, change, Event(at=now, what="left", detail=how), notice)


def choose(
    audience: Audience,
    number: int,
    now: datetime,
    *,
    digests: tuple[str, ...],
    name: str,
    language: str,
) -> Subscriber | None:
    """Set what an active reader gets and is called; without a digest they leave."""

    def change(it: Subscriber) -> Subscriber:
        if it.state != "active":
            return it
        state: Membership = "active" if digests else "unsubscribed"
        kept = digests or it.digests
        return replace(it, state=state, digests=kept, name=name, language=language)

    return audience.change(number, change, Event(at=now, what="chose", detail=", ".join(digests)))


def complain(audience: Audience, number: int, now: datetime, notice: str) -> Subscriber | None:
    """Suppress who called our mail spam, for good."""
    event = Event(at=now, what="complained")
    return audience.change(number, lambda it: replace(it, state="complained"), event, notice)


def bounce(
    audience: Audience, number: int, now: datetime, *, hard: bool, notice: str, most: int
) -> Subscriber | None:
    """Count a bounce; suppress after a hard one, or after *most* soft ones without a success."""

    def change(it: Subscriber) -> Subscriber:
        if it.state in SUPPRESSED:
            return it
        softs = it.softs if hard else it.softs + 1
        state: Membership = "bounced" if hard or softs >= most else it.state
        return replace(it, softs=softs, state=state)

    what = "bounced" if hard else "bounced for now"
    return audience.change(number, change, Event(at=now, what=what), notice)
