"""Pick -> Story -> Issue: what was chosen and how it is told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from digest.model.post import Image, Link, Post
from digest.model.source import SkippedPost

SummaryFrom = Literal["author", "extract", "model"]
Placement = Literal["featured", "listed", "skipped", "carried"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A half-open span of time, [start, end), with the label a person knows it by.

    ``since`` is where the digest begins that the period is of, None where only its issues tell:
    what no issue decided on since then is told with the next (``pipeline.listed``).
    """

    start: datetime
    end: datetime
    label: str = ""
    since: datetime | None = None

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many stories of one category an issue holds; ``most`` is None where there is no bound."""

    least: int = 0
    most: int | None = None

    def full(self, stories: int) -> bool:
        """Tell whether *stories* are all that may be."""
        return self.most is not None and stories >= self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """An editor's own block: words of theirs, a picture, or a sponsor's note.

    ``text`` is Markdown without HTML, headings and images. It stands after the block ``place``
    ("lead", "quote", "sections", "themes" or "also"), or before all of them: "top". ``issue`` is
    the id of the one issue it is for, "" for every one; ``name`` what the edits of that issue call
    it, "" for a note of the configuration.
    """

    text: str
    place: str = "top"
    title: str = ""
    image: Image | None = None
    link: Link | None = None
    sponsor: bool = False
    issue: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What makes the issues of one digest alike: a ``[digests.NAME]`` section, resolved.

    ``max_chars`` bounds a summary in Han characters, twice that one in letters; ``timezone`` is
    an IANA name; ``site`` an absolute URL; ``quotas`` are by category, ``notes`` the editor's own
    blocks.
    """

    name: str = "weekly"
    title: str = ""
    language: str = "en"
    timezone: str = "UTC"
    site: str = ""
    stories: int = 7
    theme: str = "default"
    max_chars: int = 140
    prefer: SummaryFrom = "author"
    quotas: dict[str, Quota] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


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

    def stands_in(self, text: str) -> bool:
        """Tell whether it stands in *text*, character by character, where it says it does."""
        return bool(self.text) and text[self.start : self.end] == self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
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
class ScoreShare:
    """What one thing adds to the score of a post, or takes from it; 0 where it adds none.

    ``of`` names it: "pin", "covers", "episode", "category", "source", "theme", "quotation",
    "series", "length" or "alone". ``why`` is the reason that it gave, "" for none.
    """

    of: str
    points: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A post chosen for an issue, with a score and reasons a person can read.

    ``shares`` say what the score is made of, the largest first. ``siblings`` are the other posts
    of the period on the same episode.
    """

    post: Post
    score: float
    reasons: tuple[str, ...] = ()
    shares: tuple[ScoreShare, ...] = ()
    siblings: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A pick with its reading; ``minutes`` is the reading time of the whole post.

    ``edited`` names what is the editor's word: "title", "summary", "quote", "speaker", "alt".
    """

    pick: Pick
    reading: Summary
    minutes: int
    edited: tuple[str, ...] = ()

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
    edition: Digest
    period: Period
    subject: str
    preheader: str
    headline: str
    intro: str
    sections: tuple[Section, ...]
    pull_quote: PullQuote | None = None
    also: tuple[Link, ...] = ()
    skipped: tuple[SkippedPost, ...] = ()
    themes: tuple[Theme, ...] = ()
    fates: dict[str, Placement] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def stories(self) -> Iterator[Story]:
        """Return the stories in reading order."""
        return (story for section in self.sections for story in section.stories)
