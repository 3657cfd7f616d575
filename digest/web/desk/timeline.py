"""The life of an issue: what changed between revisions, what became of what left. Pure.

What changed between two texts, word by word, and between two revisions, field by field. Pure.

What happened to an issue and what became of what left: the timeline and the history. Pure.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from markupsafe import Markup, escape

from digest.delivery.networks import find_look
from digest.model import (
    Issue,
    IssueSummary,
    Note,
    OutboxEntry,
    Part,
    Receipt,
    Revision,
    Story,
    Thread,
)
from digest.model.mailing import Mailing, MailingTally
from digest.model.outbox import WAITING_STATES, recover_entry
from digest.web.desk.labels import Words

_LEVELS = {"sent": "ok", "rejected": "bad", "unknown": "bad", "held": "warn", "deferred": "warn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineStep:
    """A step in the life of an issue; ``state`` is "done", "now" or "next"."""

    text: str
    state: str = "done"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLine:
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
    lines: tuple[OutcomeLine, ...]
    waits: tuple[Waits, ...]


def make_timeline(
    revision: Revision,
    entries: Sequence[OutboxEntry],
    tally: MailingTally | None,
    words: Words,
    *,
    unattended: bool = False,
) -> tuple[TimelineStep, ...]:
    """Return what happened to the issue of *revision* so far, and what comes next.

    *entries* are the parts of its threads, *tally* says how far its mailing is; *unattended* that
    a schedule lets it leave without an approval.
    """
    found = tuple(_list_events(revision, entries, tally, words))
    if unattended and found[-1].state == "next":
        return (
            *found[:-1],
            TimelineStep(text=words.say("It leaves by the schedule"), state="next"),
        )
    return found


def _list_events(
    revision: Revision, entries: Sequence[OutboxEntry], tally: MailingTally | None, words: Words
) -> Iterator[TimelineStep]:
    made = words.moment(revision.created)
    yield TimelineStep(text=words.say("{time} r{number} made", time=made, number=revision.number))
    if not revision.approved:
        yield TimelineStep(text=words.say("Now: a draft, not approved"), state="now")
        yield TimelineStep(text=words.say("Approve it, and it may leave"), state="next")
        return
    moment = words.moment(revision.approved)
    text = words.say("{time} r{number} approved", time=moment, number=revision.number)
    yield TimelineStep(text=text, state="done" if entries or tally else "now")
    if tally:
        out, total = tally["sent"], tally.total
        said = words.say(
            "{target}: {n} of {total} sent", target=words.say("Email"), n=out, total=total
        )
        yield TimelineStep(text=said, state="done" if out == total else "now")
    for target in dict.fromkeys(one.target for one in entries):
        mine = [one for one in entries if one.target == target]
        sent = [one for one in mine if one.state == "sent"]
        last = max((one.armed for one in sent if one.armed), default=None)
        when = f"{words.moment(last)} " if last else ""
        text = words.say(
            "{target}: {n} of {total} sent",
            target=find_look(target).label,
            n=len(sent),
            total=len(mine),
        )
        yield TimelineStep(text=when + text, state="done" if len(sent) == len(mine) else "now")
    if not entries and not tally:
        yield TimelineStep(text=words.say("Nothing of it has left."), state="next")


def make_chapter(
    volume: IssueSummary,
    entries: Sequence[OutboxEntry],
    mailings: Sequence[tuple[Mailing, MailingTally]],
    words: Words,
) -> Chapter:
    """Return *volume* with what became of its *entries* and of its *mailings*, oldest first."""
    found = [recover_entry(one) for one in entries]
    mailed = tuple(_describe_mailing(mailing, tally, words) for mailing, tally in mailings)
    tally = next((tally for mailing, tally in mailings if mailing.job == volume.issue), None)
    return Chapter(
        issue=volume.issue,
        subject=volume.subject,
        newest=volume.newest,
        approved=volume.approved,
        approved_at=volume.approved_at,
        lines=(*mailed, *(_describe_entry(one, words) for one in found)),
        waits=tuple(_list_waiting(found, tally, words)),
    )


def _list_waiting(
    entries: Sequence[OutboxEntry], tally: MailingTally | None, words: Words
) -> Iterator[Waits]:
    if tally and tally.waiting:
        yield Waits(name="email", label=words.say("Email"), count=tally.waiting)
    waiting = Counter(one.target for one in entries if one.state in WAITING_STATES)
    for target, count in waiting.items():
        yield Waits(name=target, label=find_look(target).label, count=count)


def _describe_mailing(mailing: Mailing, tally: MailingTally, words: Words) -> OutcomeLine:
    """Return the line of a whole mailing: its readers are nobody's to read here."""
    said = [f"{words.say(state)} {n}" for state, n in tally.counts.items() if n]
    level = "bad" if tally.waiting else "warn" if tally.left else "ok"
    return OutcomeLine(
        target=words.say("Email"),
        part="",
        state=", ".join(said),
        level=level,
        reason=f"r{mailing.revision}",
        when=words.moment(mailing.started),
        id=mailing.mailer,
        url="",
    )


def describe_receipt(one: Receipt, words: Words) -> OutcomeLine:
    """Return *one* in words."""
    return OutcomeLine(
        target=find_look(one.target).label,
        part=str(one.part) if one.part else "",
        state=words.say(one.status),
        level=_LEVELS.get(one.status, ""),
        reason=one.reason,
        when="",
        id=one.id,
        url=one.url,
    )


def _describe_entry(one: OutboxEntry, words: Words) -> OutcomeLine:
    return OutcomeLine(
        target=find_look(one.target).label,
        part=str(one.part) if one.part else "",
        state=words.say(one.state),
        level=_LEVELS.get(one.state, ""),
        reason=one.reason,
        when=words.moment(one.armed) if one.armed else "",
        id=one.id,
        url=one.url,
    )


_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+|\s+|[^\w\s]")
_BRIEF = 160
_AROUND = 24


def mark_changes(old: str, new: str) -> Markup:
    """Return *new* with what it has more than *old* inserted, and what it lacks struck out."""
    return Markup("").join(_ink_piece(kind, text) for kind, text in split_changes(old, new))


def mark_changes_briefly(old: str, new: str) -> Markup:
    """Return ``mark_changes``, what stayed the same shortened where the texts are long."""
    found = tuple(split_changes(old, new))
    if max(len(old), len(new)) <= _BRIEF:
        return Markup("").join(_ink_piece(kind, text) for kind, text in found)
    last = len(found) - 1
    shown = (
        (kind, _shorten_same(text, first=n == 0, last=n == last) if kind == "same" else text)
        for n, (kind, text) in enumerate(found)
    )
    return Markup("").join(_ink_piece(kind, text) for kind, text in shown)


def _shorten_same(text: str, *, first: bool, last: bool) -> str:
    if len(text) <= 2 * _AROUND:
        return text
    head = "" if first else text[:_AROUND]
    tail = "" if last else text[-_AROUND:]
    return f"{head}…{tail}"


def _ink_piece(kind: str, text: str) -> Markup:
    if kind == "same":
        return escape(text)
    return Markup("<{}>{}</{}>").format(kind, text, kind)


def split_changes(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield ("same" | "del" | "ins", text); tokens are Han characters, words and marks.

    A single token that stayed between two changes is told as changed with them: it reads better.
    """
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    for same, a, b, c, d in _match_runs(before, after):
        if same:
            yield "same", "".join(after[c:d])
            continue
        if a < b:
            yield "del", "".join(before[a:b])
        if c < d:
            yield "ins", "".join(after[c:d])


def _match_runs(
    before: Sequence[str], after: Sequence[str]
) -> Iterator[tuple[bool, int, int, int, int]]:
    """Yield (stayed the same, from, to, from, to): runs of tokens of both texts."""
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    last, open_at = len(codes) - 1, (0, 0)
    for n, (tag, a, b, c, d) in enumerate(codes):
        if tag != "equal" or (b - a == 1 and 0 < n < last):
            continue
        if open_at != (a, c):
            yield False, open_at[0], a, open_at[1], c
        yield True, a, b, c, d
        open_at = (b, d)
    if open_at != (len(before), len(after)):
        yield False, open_at[0], len(before), open_at[1], len(after)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """One line of a comparison: ``what`` names it (a message to be said, with ``about``)."""

    what: str
    about: str = ""
    html: Markup


def compare_revisions(old: Revision, new: Revision) -> tuple[DiffLine, ...]:
    """Return what is different in *new*, in the order a reader meets it."""
    return tuple(_list_changes(old, new))


def _list_changes(old: Revision, new: Revision) -> Iterator[DiffLine]:
    for what, name in (
        ("Subject", "subject"),
        ("Preheader", "preheader"),
        ("Headline", "headline"),
        ("Intro", "intro"),
    ):
        before, after = getattr(old.issue, name), getattr(new.issue, name)
        if before != after:
            yield DiffLine(what=what, html=mark_changes_briefly(before, after))
    yield from _compare_stories(old.issue, new.issue)
    yield from _pull_quote(old.issue, new.issue)
    yield from _compare_notes(old.issue.notes, new.issue.notes)
    yield from _compare_listed(old.issue, new.issue)
    yield from _compare_threads(old.threads, new.threads)


def _compare_stories(old: Issue, new: Issue) -> Iterator[DiffLine]:
    before = {story.post.id: (n, story) for n, story in enumerate(old.stories, 1)}
    after = {story.post.id: (n, story) for n, story in enumerate(new.stories, 1)}
    for post, (_, story) in before.items():
        if post not in after:
            yield DiffLine(what="Left out", html=Markup("<del>{}</del>").format(story.post.title))
    for post, (place, story) in after.items():
        if post not in before:
            html = Markup("<ins>{}</ins>").format(story.post.title)
            yield DiffLine(what="New at {place}", about=str(place), html=html)
            continue
        was, earlier = before[post]
        if was != place:
            html = Markup("{} <ins>{} → {}</ins>").format(story.post.title, was, place)
            yield DiffLine(what="Order", html=html)
        yield from _compare_story(place, earlier, story)


def _compare_story(place: int, old: Story, new: Story) -> Iterator[DiffLine]:
    pairs = (
        ("{place} title", old.post.title, new.post.title),
        ("{place} summary", old.reading.summary, new.reading.summary),
        ("{place} picture", _describe_picture(old), _describe_picture(new)),
    )
    for what, before, after in pairs:
        if before != after:
            yield DiffLine(what=what, about=str(place), html=mark_changes_briefly(before, after))


def _describe_picture(story: Story) -> str:
    return story.post.image.alt if story.post.image else ""


def _pull_quote(old: Issue, new: Issue) -> Iterator[DiffLine]:
    before, after = (
        f"「{one.pull_quote.quote.text}」{one.pull_quote.quote.speaker or ''}"
        if one.pull_quote
        else ""
        for one in (old, new)
    )
    if before != after:
        html = Markup("<del>{}</del><ins>{}</ins>").format(before, after)
        yield DiffLine(what="Quotation on display", html=html)


def _compare_notes(old: tuple[Note, ...], new: tuple[Note, ...]) -> Iterator[DiffLine]:
    before, after = ("\n".join(f"{n.title} {n.text}" for n in notes) for notes in (old, new))
    if before != after:
        yield DiffLine(what="Your own blocks", html=mark_changes_briefly(before, after))


def _compare_listed(old: Issue, new: Issue) -> Iterator[DiffLine]:
    before, after = ({link.url: link.title for link in one.also} for one in (old, new))
    gone = [before[url] for url in before if url not in after]
    come = [after[url] for url in after if url not in before]
    if gone or come:
        struck = (Markup("<del>{}</del>").format(title) for title in gone)
        added = (Markup("<ins>{}</ins>").format(title) for title in come)
        yield DiffLine(what="Also listed", html=Markup(" ").join((*struck, *added)))


def _compare_threads(old: tuple[Thread, ...], new: tuple[Thread, ...]) -> Iterator[DiffLine]:
    before: Mapping[str, Thread] = {thread.network: thread for thread in old}
    for thread in new:
        was = before.get(thread.network)
        said = [_diff_line(part) for part in was.parts] if was else []
        says = [_diff_line(part) for part in thread.parts]
        if said == says:
            continue
        if len(said) == len(says):
            pairs = [(one, other) for one, other in zip(said, says, strict=True) if one != other]
        else:
            pairs = [("\n".join(said), "\n".join(says))]
        html = Markup("\n").join(mark_changes_briefly(one, other) for one, other in pairs)
        name = find_look(thread.network).label
        yield DiffLine(what="Thread for {place}", about=name, html=html)


def _diff_line(part: Part) -> str:
    """Return what *part* says, pictures and all, without its empty lines."""
    shown = (f"[{media.alt}]" for media in part.media)
    return re.sub(r"\n{2,}", "\n", "\n".join((part.text, *shown)))
