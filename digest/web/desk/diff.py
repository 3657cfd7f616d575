"""What changed between two texts, word by word, and between two revisions, field by field. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from markupsafe import Markup, escape

from digest.model import Issue, Note, Part, Revision, Story, Thread
from digest.web.desk.feeds import NAMES

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+|\s+|[^\w\s]")
_BRIEF = 160
_AROUND = 24


def changed(old: str, new: str) -> Markup:
    """Return *new* with what it has more than *old* inserted, and what it lacks struck out."""
    return Markup("").join(_inked(kind, text) for kind, text in pieces(old, new))


def brief(old: str, new: str) -> Markup:
    """Return ``changed``, what stayed the same shortened where the texts are long."""
    found = tuple(pieces(old, new))
    if max(len(old), len(new)) <= _BRIEF:
        return Markup("").join(_inked(kind, text) for kind, text in found)
    last = len(found) - 1
    shown = (
        (kind, _shortened(text, first=n == 0, last=n == last) if kind == "same" else text)
        for n, (kind, text) in enumerate(found)
    )
    return Markup("").join(_inked(kind, text) for kind, text in shown)


def _shortened(text: str, *, first: bool, last: bool) -> str:
    if len(text) <= 2 * _AROUND:
        return text
    head = "" if first else text[:_AROUND]
    tail = "" if last else text[-_AROUND:]
    return f"{head}…{tail}"


def _inked(kind: str, text: str) -> Markup:
    if kind == "same":
        return escape(text)
    return Markup("<{}>{}</{}>").format(kind, text, kind)


def pieces(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield ("same" | "del" | "ins", text); tokens are Han characters, words and marks.

    A single token that stayed between two changes is told as changed with them: it reads better.
    """
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    for same, a, b, c, d in _runs(before, after):
        if same:
            yield "same", "".join(after[c:d])
            continue
        if a < b:
            yield "del", "".join(before[a:b])
        if c < d:
            yield "ins", "".join(after[c:d])


def _runs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[bool, int, int, int, int]]:
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
class Change:
    """One line of a comparison: ``what`` names it (a message to be said, with ``about``)."""

    what: str
    about: str = ""
    html: Markup


def compared(old: Revision, new: Revision) -> tuple[Change, ...]:
    """Return what is different in *new*, in the order a reader meets it."""
    return tuple(_changes(old, new))


def _changes(old: Revision, new: Revision) -> Iterator[Change]:
    for what, name in (
        ("Subject", "subject"),
        ("Preheader", "preheader"),
        ("Headline", "headline"),
        ("Intro", "intro"),
    ):
        before, after = getattr(old.issue, name), getattr(new.issue, name)
        if before != after:
            yield Change(what=what, html=brief(before, after))
    yield from _stories(old.issue, new.issue)
    yield from _pull_quote(old.issue, new.issue)
    yield from _notes(old.issue.notes, new.issue.notes)
    yield from _listed(old.issue, new.issue)
    yield from _threads(old.threads, new.threads)


def _stories(old: Issue, new: Issue) -> Iterator[Change]:
    before = {story.post.id: (n, story) for n, story in enumerate(old.stories, 1)}
    after = {story.post.id: (n, story) for n, story in enumerate(new.stories, 1)}
    for post, (_, story) in before.items():
        if post not in after:
            yield Change(what="Left out", html=Markup("<del>{}</del>").format(story.post.title))
    for post, (place, story) in after.items():
        if post not in before:
            html = Markup("<ins>{}</ins>").format(story.post.title)
            yield Change(what="New at {place}", about=str(place), html=html)
            continue
        was, earlier = before[post]
        if was != place:
            html = Markup("{} <ins>{} → {}</ins>").format(story.post.title, was, place)
            yield Change(what="Order", html=html)
        yield from _story(place, earlier, story)


def _story(place: int, old: Story, new: Story) -> Iterator[Change]:
    pairs = (
        ("{place} title", old.post.title, new.post.title),
        ("{place} summary", old.reading.summary, new.reading.summary),
        ("{place} picture", _alt(old), _alt(new)),
    )
    for what, before, after in pairs:
        if before != after:
            yield Change(what=what, about=str(place), html=brief(before, after))


def _alt(story: Story) -> str:
    return story.post.image.alt if story.post.image else ""


def _pull_quote(old: Issue, new: Issue) -> Iterator[Change]:
    before, after = (
        f"「{one.pull_quote.quote.text}」{one.pull_quote.quote.speaker or ''}"
        if one.pull_quote
        else ""
        for one in (old, new)
    )
    if before != after:
        html = Markup("<del>{}</del><ins>{}</ins>").format(before, after)
        yield Change(what="Quotation on display", html=html)


def _notes(old: tuple[Note, ...], new: tuple[Note, ...]) -> Iterator[Change]:
    before, after = ("\n".join(f"{n.title} {n.text}" for n in notes) for notes in (old, new))
    if before != after:
        yield Change(what="Your own blocks", html=brief(before, after))


def _listed(old: Issue, new: Issue) -> Iterator[Change]:
    before, after = ({link.url: link.title for link in one.also} for one in (old, new))
    gone = [before[url] for url in before if url not in after]
    come = [after[url] for url in after if url not in before]
    if gone or come:
        struck = (Markup("<del>{}</del>").format(title) for title in gone)
        added = (Markup("<ins>{}</ins>").format(title) for title in come)
        yield Change(what="Also listed", html=Markup(" ").join((*struck, *added)))


def _threads(old: tuple[Thread, ...], new: tuple[Thread, ...]) -> Iterator[Change]:
    before: Mapping[str, Thread] = {thread.network: thread for thread in old}
    for thread in new:
        was = before.get(thread.network)
        said = [_line(part) for part in was.parts] if was else []
        says = [_line(part) for part in thread.parts]
        if said == says:
            continue
        if len(said) == len(says):
            pairs = [(one, other) for one, other in zip(said, says, strict=True) if one != other]
        else:
            pairs = [("\n".join(said), "\n".join(says))]
        html = Markup("\n").join(brief(one, other) for one, other in pairs)
        name = NAMES.get(thread.network, thread.network)
        yield Change(what="Thread for {place}", about=name, html=html)


def _line(part: Part) -> str:
    """Return what *part* says, pictures and all, without its empty lines."""
    shown = (f"[{media.alt}]" for media in part.media)
    return re.sub(r"\n{2,}", "\n", "\n".join((part.text, *shown)))
