"""The types that flow: Post -> Pick -> Story -> Issue -> Draft -> Receipt.

Every type is frozen, slotted and keyword-only; times are aware and in UTC. The module imports
the standard library only, so that every other module may import it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

BlockKind = Literal["heading", "paragraph", "item", "quote", "code", "table"]
MediaKind = Literal["youtube", "spotify", "apple-podcasts", "x", "vimeo", "audio", "video", "embed"]
TextFrom = Literal["page", "feed", "file"]
SummaryFrom = Literal["author", "extract", "model"]
Fate = Literal["featured", "listed", "skipped", "carried"]
Status = Literal["sent", "rejected", "deferred", "unknown", "held", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of a post: ``Document.text[start:end]``, without markup.

    ``level`` is 1-6 for a heading and the nesting depth, from 1, of a list item or block quote.
    ``strong`` holds the bold spans as offsets in the document's text.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    ordered: bool = False
    strong: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture: an absolute URL, its alternative text and its size in CSS pixels if known."""

    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link with the words that carry it."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """What a post embeds, as a link that a reader can follow."""

    kind: MediaKind
    url: str
    title: str = ""
    thumbnail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A post's clean text and the roles its parts play.

    ``text`` is the blocks' texts joined by a blank line; every offset in the project that says
    "in the post's clean text" counts characters (code points) of it.
    """

    text: str = ""
    blocks: tuple[Block, ...] = ()
    media: tuple[Media, ...] = ()
    images: tuple[Image, ...] = ()
    links: tuple[Link, ...] = ()

    def of(self, block: Block) -> str:
        """Return the text of *block*."""
        return self.text[block.start : block.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post of a blog, with its full text where that could be had.

    ``id`` is stable: the same post keeps it through edits, moves and new guids. ``published`` is
    what the blog prints, never later than ``first_seen``. ``new_at`` is when the post became new
    to readers, set by the collector: ``published``, or ``first_seen`` for one that arrived late.
    ``guid`` is what the source calls it (a feed's guid, a file's path) and ``listing`` a hash of
    what the source listed of it, by which an edit is told.
    ``abstract`` is the author's own description. ``episode`` is the canonical URL of what the
    post reports on (a podcast, a talk), "" where it stands for itself; ``note`` says why the full
    text is missing, if it is.
    """

    id: str
    source: str
    url: str
    title: str
    published: datetime
    first_seen: datetime
    new_at: datetime | None = None
    guid: str = ""
    listing: str = ""
    updated: datetime | None = None
    language: str = ""
    author: str = ""
    abstract: str = ""
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    image: Image | None = None
    episode: str = ""
    episode_name: str = ""
    document: Document = field(default_factory=Document)
    text_from: TextFrom = "feed"
    note: str = ""

    @property
    def content_hash(self) -> str:
        """Return the SHA-256 of title, abstract and text with white space folded."""
        parts = (self.title, self.abstract, self.document.text)
        return sha256("\0".join(" ".join(p.split()) for p in parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave to ask again with (RFC 9110, 8.8), verbatim, and the body's SHA-256."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A post or feed entry that was left out, and why."""

    url: str
    reason: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a source says of itself: title, BCP 47 language, absolute URL, IANA time zone.

    ``timezone`` is "Etc/GMT-8" where only the offset of its dates, +08:00, is known.
    """

    title: str = ""
    language: str = ""
    site: str = ""
    timezone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A source that answered: its posts as the feed gives them, and what was left out."""

    source: str
    posts: tuple[Post, ...]
    about: About = field(default_factory=About)
    skipped: tuple[Skipped, ...] = ()
    validators: Validators = field(default_factory=Validators)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A source that has nothing new since its validators."""

    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A source that could not be read: cause and remedy for a person."""

    source: str
    cause: str
    remedy: str = ""


Fetched = Batch | Unchanged | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A half-open span of time, [start, end), with the label a person knows it by."""

    start: datetime
    end: datetime
    label: str = ""

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What makes the issues of one digest alike: a ``[digests.NAME]`` section, resolved.

    ``max_chars`` bounds a summary; ``timezone`` is an IANA name; ``site`` an absolute URL.
    """

    name: str = "weekly"
    title: str = ""
    language: str = "en"
    timezone: str = "UTC"
    site: str = ""
    stories: int = 7
    theme: str = "default"
    max_chars: int = 120
    prefer: SummaryFrom = "author"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A quotation that stands verbatim in its post: ``Document.text[start:end] == text``.

    ``text`` is without its marks. ``speaker`` is None where it is not speech or nobody is named.
    Spans of one utterance share ``utterance``. ``why`` says what decided speech and speaker.
    """

    text: str
    start: int
    end: int
    speech: bool
    utterance: int
    speaker: str | None = None
    score: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a summarizer makes of one post; ``quotes`` come best pull-quote first."""

    summary: str
    summary_from: SummaryFrom
    quotes: tuple[Quote, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """What a period was about: how many posts, and the change against the period before."""

    name: str
    posts: int
    change: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A post chosen for an issue, with a score and reasons a person can read.

    ``siblings`` are the other posts of the period on the same episode.
    """

    post: Post
    score: float
    reasons: tuple[str, ...] = ()
    siblings: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What became of every post of a period: picked, listed or skipped, and its themes."""

    picks: tuple[Pick, ...]
    also: tuple[Post, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    themes: tuple[Theme, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A pick with its reading; ``minutes`` is the reading time of the whole post."""

    pick: Pick
    reading: Reading
    minutes: int

    @property
    def post(self) -> Post:
        """Return the post this story tells."""
        return self.pick.post


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Stories under one title; the first section of an issue holds the lead alone."""

    title: str
    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PullQuote:
    """The quotation an issue puts on display, and the story it was said in."""

    quote: Quote
    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One issue of a digest, all a renderer sees; ``fates`` says what became of every post id."""

    id: str
    edition: Edition
    period: Period
    subject: str
    preheader: str
    headline: str
    intro: str
    sections: tuple[Section, ...]
    pull_quote: PullQuote | None = None
    also: tuple[Link, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    themes: tuple[Theme, ...] = ()
    fates: dict[str, Fate] = field(default_factory=dict)

    @property
    def stories(self) -> Iterator[Story]:
        """Return the stories in reading order."""
        return (story for section in self.sections for story in section.stories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """An email with named slots still open: ``mime`` is the whole message (RFC 5322).

    ``html`` and ``text`` are its two parts before transfer encoding, ``mjml`` the source of the
    HTML. The slots are those of ``render.mime.SLOTS``.
    """

    subject: str
    preheader: str
    html: str
    text: str
    mjml: str
    mime: bytes


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
    """A thread for one network; ``cost_usd`` is None where posting is free."""

    network: str
    parts: tuple[Part, ...]
    cost_usd: float | None = None
    warnings: tuple[str, ...] = ()


Draft = Mail | Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """An issue with the drafts rendered from it, frozen: ``hash`` is over the drafts' bytes."""

    issue: Issue
    number: int
    hash: str
    created: datetime
    mail: Mail
    threads: tuple[Thread, ...] = ()
    approved: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one message or part; ``id`` and ``url`` are the other side's."""

    target: str
    status: Status
    part: int | None = None
    id: str = ""
    url: str = ""
    reason: str = ""
