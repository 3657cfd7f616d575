"""Revision -> the rows of the list and the sheet of one story. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from digest.model import Issue, Post, Quote, Revision, Story

AROUND = 70  # characters of the source that are shown before and after a quotation
_LONGEST_LINE = 90


def key_of(url: str) -> str:
    """Return what the post at *url* goes by in addresses and on the page."""
    return sha256(url.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the list; ``note`` says why a post that was left out was left out.

    ``score`` is None where none was given. ``siblings`` are (key, title, url) of the posts on the
    same episode. ``marks`` name what the editor should see at a glance: "lead", "pinned", "edited",
    "speaker", "alt".
    """

    key: str
    url: str
    title: str
    place: int = 0
    category: str = ""
    minutes: int = 0
    score: float | None = None
    reason: str = ""
    note: str = ""
    marks: tuple[str, ...] = ()
    siblings: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All posts of the period by what became of them; ``minutes`` is what the chosen ones take."""

    chosen: tuple[Row, ...]
    also: tuple[Row, ...]
    skipped: tuple[Row, ...]
    minutes: int

    @property
    def total(self) -> int:
        """Return how many posts there are."""
        return len(self.chosen) + len(self.also) + len(self.skipped)


def listing(issue: Issue, marks: dict[str, frozenset[str]] | None = None) -> Listing:
    """Return the rows of *issue*; *marks* are more of them by the post's address."""
    stories = tuple(issue.stories)
    beside = {post.url: post for story in stories for post in story.pick.siblings}
    also = [
        *((link.url, link.title) for link in issue.also),
        *((p.url, p.title) for p in beside.values()),
    ]
    told = {story.post.url for story in stories}
    return Listing(
        chosen=tuple(
            _row(place, story, (marks or {}).get(story.post.url, frozenset()))
            for place, story in enumerate(stories, 1)
        ),
        also=tuple(
            Row(key=key_of(url), url=url, title=title or _path(url))
            for url, title in dict(also).items()
            if url not in told
        ),
        skipped=tuple(
            Row(
                key=key_of(one.url), url=one.url, title=one.title or _path(one.url), note=one.reason
            )
            for one in issue.skipped
        ),
        minutes=sum(story.minutes for story in stories),
    )


def _row(place: int, story: Story, more: frozenset[str]) -> Row:
    post = story.post
    return Row(
        key=key_of(post.url),
        url=post.url,
        title=post.title or _path(post.url),
        place=place,
        category=next(iter(post.categories), post.episode_name),
        minutes=story.minutes,
        score=story.pick.score,
        reason=next(iter(story.pick.reasons), ""),
        marks=tuple(mark for mark in _marks(place, story, more)),
        siblings=tuple((key_of(p.url), p.title, p.url) for p in story.pick.siblings),
    )


def _marks(place: int, story: Story, more: frozenset[str]) -> Iterator[str]:
    if place == 1:
        yield "lead"
    yield from sorted(more)
    if story.post.image and not story.post.image.alt:
        yield "alt"


def _path(url: str) -> str:
    """Return what to call a post without a title."""
    return urlsplit(url).path.strip("/").rpartition("/")[2] or url


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A quotation to choose from, with where it stands; ``before`` and ``after`` are its context.

    ``chosen`` says that the issue displays it, ``verbatim`` that the post holds it so. ``named``
    is the speaker as it stands in the context, cut out of ``before`` or ``after`` for a mark.
    """

    text: str
    start: int
    end: int
    speaker: str
    speech: bool
    score: float
    paragraph: int
    before: str
    after: str
    verbatim: bool
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One post as the inspector shows it; ``story`` is None for one that is not told."""

    row: Row
    state: str
    story: Story | None = None
    post: Post | None = None
    candidates: tuple[Candidate, ...] = ()
    best: float = 0.0


def sheet(revision: Revision, key: str) -> Sheet | None:
    """Return the sheet of the post *key*, None where the issue does not know it."""
    listed = listing(revision.issue)
    for story in revision.issue.stories:
        if key_of(story.post.url) == key:
            row = next(one for one in listed.chosen if one.key == key)
            return Sheet(
                row=row,
                state="chosen",
                story=story,
                post=story.post,
                candidates=candidates(story, revision.issue),
                best=max(one.pick.score for one in revision.issue.stories),
            )
    for state, rows in (("also", listed.also), ("skipped", listed.skipped)):
        for row in rows:
            if row.key == key:
                return Sheet(row=row, state=state, post=_sibling(revision.issue, row.url))
    return None


def _sibling(issue: Issue, url: str) -> Post | None:
    beside = (post for story in issue.stories for post in story.pick.siblings)
    return next((post for post in beside if post.url == url), None)


def candidates(story: Story, issue: Issue) -> tuple[Candidate, ...]:
    """Return the quotations of *story*: what is on display, speech by somebody named, the rest."""
    shown = issue.pull_quote
    display = shown.quote if shown and shown.url == story.post.url else None

    def order(one: Quote) -> tuple[bool, bool, float]:
        return one != display, not (one.speech and one.speaker), -one.score

    quotes = sorted(story.reading.quotes, key=order)
    return tuple(_candidate(one, story.post, chosen=one == display) for one in quotes)


def _candidate(quote: Quote, post: Post, *, chosen: bool) -> Candidate:
    text = post.document.text
    return Candidate(
        text=quote.text,
        start=quote.start,
        end=quote.end,
        speaker=quote.speaker or "",
        speech=quote.speech,
        score=quote.score,
        paragraph=paragraph(post, quote.start),
        before=text[max(0, quote.start - AROUND) : quote.start].rpartition("\n")[2],
        after=text[quote.end : quote.end + AROUND].partition("\n")[0],
        verbatim=text[quote.start : quote.end] == quote.text,
        chosen=chosen,
    )


def paragraph(post: Post, offset: int) -> int:
    """Return which block of *post* the character at *offset* stands in, from 1; 0 if in none."""
    blocks: Sequence[int] = [block.start for block in post.document.blocks]
    return sum(start <= offset for start in blocks)
