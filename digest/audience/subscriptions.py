"""What a reader does: ask to subscribe, confirm, choose, leave; each step atomic and repeatable.

A subscriber as others read them: a row of a list, or everything that is kept of one person.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from digest.model import SUPPRESSED_STATES, Membership, NewSubscriber, Subscriber, SubscriberEvent
from digest.model.ports.audience import Audience
from digest.text.address import shown

PATIENCE = timedelta(minutes=10)  # between two mails that ask the same person
MOST = 3  # of these mails in a day

Answer = Literal["confirm", "known", "nothing"]
FORGOTTEN = timedelta(days=90)  # after which a soft bounce begins a new row
_ASKED, _SOFT = "was asked to confirm", "bounced for now"
_OLD_LINK = "old link"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """Who asked to subscribe, and which mail is due to them."""

    subscriber: Subscriber
    mail: Answer


def ask_to_subscribe(audience: Audience, one: NewSubscriber, now: datetime) -> SignUp | None:
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
    due: Answer = "nothing"

    def change(it: Subscriber) -> Subscriber:
        nonlocal due
        if it.state == "complained" or (it.asked and now - it.asked < PATIENCE):
            return it
        due = "known" if it.state == "active" else "confirm"
        return _apply_wishes(it, one, now)

    if not _is_pestered(audience, known, now):
        known = (
            audience.change(known.id, change, SubscriberEvent(at=now, what=_ASKED, detail="form"))
            or known
        )
    return SignUp(subscriber=known, mail=due)


def _is_pestered(audience: Audience, known: Subscriber, now: datetime) -> bool:
    """Tell whether *known* was written to as often in a day as is bearable."""
    day = now - timedelta(days=1)
    lately = [e for e in audience.events(known.id) if e.what == _ASKED and e.at > day]
    return len(lately) >= MOST


def ask_link(audience: Audience, number: int, now: datetime) -> Subscriber | None:
    """Take down that an active reader wants a new link; None where one was sent just now.

    Nor is one due where three were sent within a day.
    """
    sent = [e.at for e in audience.events(number) if (e.what, e.detail) == (_ASKED, _OLD_LINK)]
    if any(now - at < PATIENCE for at in sent):
        return None
    if len([at for at in sent if now - at < timedelta(days=1)]) >= MOST:
        return None
    event = SubscriberEvent(at=now, what=_ASKED, detail=_OLD_LINK)
    known = audience.change(
        number, lambda it: replace(it, asked=now) if it.state == "active" else it, event
    )
    return known if known and known.state == "active" else None


def record_confirm_request(audience: Audience, number: int, now: datetime) -> Subscriber | None:
    """Record that a subscriber who was taken in from a list was asked to confirm."""
    event = SubscriberEvent(at=now, what=_ASKED, detail="list")
    return audience.change(number, lambda it: replace(it, asked=now), event)


def _apply_wishes(it: Subscriber, one: NewSubscriber, now: datetime) -> Subscriber:
    """Return *it* written to now; until they confirm, what they are to get is what *one* says."""
    if it.state == "active":
        return replace(it, asked=now)
    digests, name = one.digests or it.digests, it.name or one.name
    language = one.language or it.language
    return replace(it, asked=now, digests=digests, name=name, language=language)


def confirm_subscription(
    audience: Audience, number: int, now: datetime, asked: datetime
) -> tuple[Subscriber | None, bool]:
    """Make a subscriber active who proved to own the address; return them and whether it is new.

    *asked* is when the mail was written that they answer. Who left since then did so knowing of
    it: an old mail, found again, brings nobody back.
    """
    fresh = False

    def change(it: Subscriber) -> Subscriber:
        nonlocal fresh
        late = it.state in SUPPRESSED_STATES and (
            it.asked is None or asked < it.asked.replace(microsecond=0)
        )
        if it.state in ("active", "complained") or late:
            return it
        fresh = True
        return replace(it, state="active", confirmed=now, softs=0)

    return audience.change(number, change, SubscriberEvent(at=now, what="confirmed")), fresh


def end_subscription(
    audience: Audience, number: int, now: datetime, how: str, notice: str = ""
) -> Subscriber | None:
    """End a subscription; who left already, bounced or complained stays as they are."""

    def change(it: Subscriber) -> Subscriber:
        gone = replace(it, state="unsubscribed", asked=None)
        return it if it.state in SUPPRESSED_STATES else gone

    return audience.change(number, change, SubscriberEvent(at=now, what="left", detail=how), notice)


def choose_digests(
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
        asked = it.asked if digests else None
        return replace(it, state=state, digests=kept, name=name, language=language, asked=asked)

    return audience.change(
        number, change, SubscriberEvent(at=now, what="chose", detail=", ".join(digests)[:500])
    )


def record_complaint(
    audience: Audience, number: int, now: datetime, notice: str
) -> Subscriber | None:
    """Suppress who called our mail spam, for good."""
    event = SubscriberEvent(at=now, what="complained")
    return audience.change(number, lambda it: replace(it, state="complained"), event, notice)


def record_bounce(
    audience: Audience,
    number: int,
    now: datetime,
    *,
    hard: bool,
    notice: str,
    most: int,
    reason: str = "",
) -> Subscriber | None:
    """Count a bounce; suppress after a hard one, or after *most* soft ones in a row.

    A row ends with a mail that came through, or with ``FORGOTTEN``. *reason* is kept.
    """
    anew = not hard and _is_row_ended(audience, number, now)

    def change(it: Subscriber) -> Subscriber:
        if it.state in SUPPRESSED_STATES:
            return it
        softs = it.softs if hard else 1 if anew else it.softs + 1
        state: Membership = "bounced" if hard or softs >= most else it.state
        asked = None if state == "bounced" else it.asked
        return replace(it, softs=softs, state=state, asked=asked)

    event = SubscriberEvent(at=now, what="bounced" if hard else _SOFT, detail=reason)
    return audience.change(number, change, event, notice)


def _is_row_ended(audience: Audience, number: int, now: datetime) -> bool:
    """Tell whether mail came through since the last soft bounce, or it was long ago.

    One copy that was sent since may be the one that bounces now; of two, one came through.
    """
    softs = [event.at for event in audience.events(number) if event.what == _SOFT]
    if not softs:
        return False
    sent = [copy for copy in audience.copies(number) if copy.detail == "sent"]
    return now - softs[-1] > FORGOTTEN or sum(copy.at > softs[-1] for copy in sent) > 1


def record_event(
    audience: Audience, number: int, now: datetime, what: str, reason: str, notice: str
) -> Subscriber | None:
    """Record that *what* happened to a mail for a subscriber, who stays as they are."""
    event = SubscriberEvent(at=now, what=what, detail=reason)
    return audience.change(number, lambda it: replace(it, changed=now), event, notice)


HEAD = ("email", "name", "language", "digests", "state", "confirmed", "created", "id")


def write_row(one: Subscriber) -> tuple[str, ...]:
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


def write_rows(people: Iterable[Subscriber]) -> Iterator[tuple[str, ...]]:
    """Yield the heading and a row for each of *people*."""
    yield HEAD
    yield from map(write_row, people)


def describe_subscriber(one: Subscriber) -> dict[str, Any]:
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


def describe_everything(
    one: Subscriber, events: Sequence[SubscriberEvent], copies: Sequence[SubscriberEvent]
) -> dict[str, Any]:
    """Return everything that is kept of one person."""
    happened = [{"at": e.at.isoformat(), "what": e.what, "detail": e.detail} for e in events]
    mails = [{"at": e.at.isoformat(), "issue": e.what, "state": e.detail} for e in copies]
    return describe_subscriber(one) | {"events": happened, "mails": mails}


def count_subscribers(
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
