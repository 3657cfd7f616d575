"""What happened to an issue and what became of what left: the timeline and the history. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.model import Entry, Receipt, Revision, Volume
from digest.model.mailing import Mailing, Tally
from digest.model.outbox import WAITING, recovered
from digest.web.desk.feeds import NAMES
from digest.web.desk.words import Words

_LEVELS = {"sent": "ok", "rejected": "bad", "unknown": "bad", "held": "warn", "deferred": "warn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A step in the life of an issue; ``state`` is "done", "now" or "next"."""

    text: str
    state: str = "done"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one message or part, in words."""

    target: str
    part: str
    state: str
    level: str
    reason: str
    when: str
    id: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What of one target waits for a person."""

    name: str
    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One issue of the history with everything that left of it, and what waits for a person."""

    issue: str
    subject: str
    newest: int
    approved: int | None
    approved_at: datetime | None
    lines: tuple[Line, ...]
    waits: tuple[Waits, ...]


def timeline(
    revision: Revision,
    entries: Sequence[Entry],
    tally: Tally | None,
    words: Words,
    *,
    unattended: bool = False,
) -> tuple[Event, ...]:
    """Return what happened to the issue of *revision* so far, and what comes next.

    *entries* are the parts of its threads, *tally* says how far its mailing is; *unattended* that
    a schedule lets it leave without an approval.
    """
    found = tuple(_events(revision, entries, tally, words))
    if unattended and found[-1].state == "next":
        return (*found[:-1], Event(text=words.say("It leaves by the schedule"), state="next"))
    return found


def _events(
    revision: Revision, entries: Sequence[Entry], tally: Tally | None, words: Words
) -> Iterator[Event]:
    made = words.moment(revision.created)
    yield Event(text=words.say("{time} r{number} made", time=made, number=revision.number))
    if not revision.approved:
        yield Event(text=words.say("Now: a draft, not approved"), state="now")
        yield Event(text=words.say("Approve it, and it may leave"), state="next")
        return
    moment = words.moment(revision.approved)
    text = words.say("{time} r{number} approved", time=moment, number=revision.number)
    yield Event(text=text, state="done" if entries or tally else "now")
    if tally:
        out, total = tally["sent"], tally.total
        said = words.say(
            "{target}: {n} of {total} sent", target=words.say("Email"), n=out, total=total
        )
        yield Event(text=said, state="done" if out == total else "now")
    for target in dict.fromkeys(one.target for one in entries):
        mine = [one for one in entries if one.target == target]
        sent = [one for one in mine if one.state == "sent"]
        last = max((one.armed for one in sent if one.armed), default=None)
        when = f"{words.moment(last)} " if last else ""
        text = words.say(
            "{target}: {n} of {total} sent",
            target=NAMES.get(target, target),
            n=len(sent),
            total=len(mine),
        )
        yield Event(text=when + text, state="done" if len(sent) == len(mine) else "now")
    if not entries and not tally:
        yield Event(text=words.say("Nothing of it has left."), state="next")


def chapter(
    volume: Volume,
    entries: Sequence[Entry],
    mailings: Sequence[tuple[Mailing, Tally]],
    words: Words,
) -> Chapter:
    """Return *volume* with what became of its *entries* and of its *mailings*, oldest first."""
    found = [recovered(one) for one in entries]
    mailed = tuple(_mailed(mailing, tally, words) for mailing, tally in mailings)
    tally = next((tally for mailing, tally in mailings if mailing.job == volume.issue), None)
    return Chapter(
        issue=volume.issue,
        subject=volume.subject,
        newest=volume.newest,
        approved=volume.approved,
        approved_at=volume.approved_at,
        lines=(*mailed, *(_line(one, words) for one in found)),
        waits=tuple(_waits(found, tally, words)),
    )


def _waits(entries: Sequence[Entry], tally: Tally | None, words: Words) -> Iterator[Waits]:
    if tally and tally.waiting:
        yield Waits(name="email", label=words.say("Email"), count=tally.waiting)
    waiting = Counter(one.target for one in entries if one.state in WAITING)
    for target, count in waiting.items():
        yield Waits(name=target, label=NAMES.get(target, target), count=count)


def _mailed(mailing: Mailing, tally: Tally, words: Words) -> Line:
    """Return the line of a whole mailing: its readers are nobody's to read here."""
    said = [f"{words.say(state)} {n}" for state, n in tally.counts.items() if n]
    level = "bad" if tally.waiting else "warn" if tally.left else "ok"
    return Line(
        target=words.say("Email"),
        part="",
        state=", ".join(said),
        level=level,
        reason=f"r{mailing.revision}",
        when=words.moment(mailing.started),
        id=mailing.mailer,
        url="",
    )


def received(one: Receipt, words: Words) -> Line:
    """Return *one* in words."""
    return Line(
        target=NAMES.get(one.target, one.target),
        part=str(one.part) if one.part else "",
        state=words.say(one.status),
        level=_LEVELS.get(one.status, ""),
        reason=one.reason,
        when="",
        id=one.id,
        url=one.url,
    )


def _line(one: Entry, words: Words) -> Line:
    return Line(
        target=NAMES.get(one.target, one.target),
        part=str(one.part) if one.part else "",
        state=words.say(one.state),
        level=_LEVELS.get(one.state, ""),
        reason=one.reason,
        when=words.moment(one.armed) if one.armed else "",
        id=one.id,
        url=one.url,
    )
