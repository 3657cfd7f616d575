"""A post with its clean text."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal

BlockKind = Literal["heading", "paragraph", "item", "quote", "code", "table", "caption"]
MediaKind = Literal["youtube", "spotify", "apple-podcasts", "x", "vimeo", "audio", "video", "embed"]
HELD_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # ``new_at`` of a post that waits for a person
HELD_PREFIX = "held: "  # begins the ``note`` of such a post
NOTHING_WANTED = "*"  # what a filter finds in a post that has nothing of what it asks for
TextFrom = Literal["page", "extracted", "feed", "file"]


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
class Version:
    """What a post said before it was edited; ``hash`` is its ``content_hash`` of then.

    ``replaced`` is when the edit was seen.
    """

    hash: str
    replaced: datetime
    title: str
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post of a blog, with its full text where that could be had.

    ``id`` is stable: the same post keeps it through edits, moves and new guids. ``published`` is
    what the blog prints, never later than ``first_seen``. ``new_at`` is when the post became new
    to readers, set by the collector: ``published``, or ``first_seen`` for one that arrived late.
    ``guid`` is what the source calls it (a feed's guid, a file's path) and ``listing`` a hash of
    what the source listed of it, by which an edit is told; ``sketch`` is a sample of its clauses,
    by which a copy is. One that is not ``dated`` has no date that can be read:
    ``published`` is then when it was seen. ``text_from`` says where the text is from: the page's
    densest element, ``extracted`` from the page by trafilatura, what the feed gave, or a file.
    ``copy_of`` is the address of the post whose text it repeats, "" for a post of its own; one that
    is ``released`` was let in by a person, whatever spoke against it.
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
    dated: bool = True
    guid: str = ""
    listing: str = ""
    sketch: tuple[int, ...] = ()
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
    copy_of: str = ""
    released: bool = False

    @property
    def content_hash(self) -> str:
        """Return the SHA-256 of title, abstract and text with white space folded."""
        parts = (self.title, self.abstract, self.document.text)
        return sha256("\0".join(" ".join(p.split()) for p in parts).encode()).hexdigest()
