"""What a source gives: a batch of posts, nothing new, or a failure as a value."""

from dataclasses import dataclass, field
from datetime import datetime

from digest.model.post import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheValidators:
    """What a server gave to ask again with (RFC 9110, 8.8), verbatim, and the body's SHA-256."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMove:
    """A source's address changed: by a permanent redirect (301, 308), which may be taken back.

    One that is ``settled`` needs no probation: a page that was given names its feed.
    """

    old: str
    new: str
    settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """How things stand with a source between two polls.

    ``polled`` is its last successful poll, ``since`` its first one. Until ``wait_until`` its server
    asked to be left alone (Retry-After); ``gone`` says that it will not come back (410). ``move``
    was seen ``moves`` times since ``moved_since``, and ``adopted`` is one that held long enough.
    """

    polled: datetime | None = None
    since: datetime | None = None
    wait_until: datetime | None = None
    gone: bool = False
    move: SourceMove | None = None
    moved_since: datetime | None = None
    moves: int = 0
    adopted: SourceMove | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedPost:
    """A post or feed entry that was left out, and why."""

    url: str
    reason: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInfo:
    """What a source says of itself: title, BCP 47 language, absolute URL, IANA time zone.

    ``timezone`` is "Etc/GMT-8" where only the offset of its dates, +08:00, tells it.
    """

    title: str = ""
    language: str = ""
    site: str = ""
    timezone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A source that answered: its posts as the feed gives them, and what was left out.

    One that is ``partial`` broke off: nothing stored may be changed by it. One ``by_hand`` is
    made of files of the author's: their dates are no program's. ``begins`` is the date of the
    oldest post that a feed lists now, None where a source lists all it ever had.
    """

    source: str
    posts: tuple[Post, ...]
    about: FeedInfo = field(default_factory=FeedInfo)
    skipped: tuple[SkippedPost, ...] = ()
    validators: CacheValidators = field(default_factory=CacheValidators)
    warnings: tuple[str, ...] = ()
    move: SourceMove | None = None
    partial: bool = False
    by_hand: bool = False
    begins: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A source that has nothing new since its validators."""

    source: str
    move: SourceMove | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A source that could not be read: cause and remedy for a person.

    Until ``wait_until`` it is not to be asked again; one that is ``gone`` never.
    """

    source: str
    cause: str
    remedy: str = ""
    wait_until: datetime | None = None
    gone: bool = False


Fetched = Batch | Unchanged | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What came of one source: posts by what became of them, and what a person should know.

    ``failed`` is None where the source answered; ``held`` are posts that wait for a person and
    ``copies`` those that repeat another, ``moved`` those that have a new address and nothing else;
    all of these are stored, what is ``skipped`` is not.
    """

    source: str
    new: tuple[Post, ...] = ()
    changed: tuple[Post, ...] = ()
    moved: tuple[Post, ...] = ()
    unchanged: int = 0
    held: tuple[Post, ...] = ()
    copies: tuple[Post, ...] = ()
    skipped: tuple[SkippedPost, ...] = ()
    warnings: tuple[str, ...] = ()
    failed: Failed | None = None
