"""What the stages ask of the outside: small Protocols that adapters meet without importing them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from digest.model import (
    CacheValidators,
    DetailedSummary,
    FeedInfo,
    FeedState,
    Fetched,
    GeneratedIssue,
    IssueSummary,
    Period,
    Placement,
    Post,
    Revision,
    SourceMove,
    Summary,
    SummaryFrom,
    Version,
)

RETRY_PREFIX = "for now: "


class Source(Protocol):
    """One place that posts come from; ``name`` is stable and unique among the sources."""

    @property
    def name(self) -> str:
        """Return the name it goes by."""
        ...

    def poll(
        self, validators: CacheValidators, now: datetime, adopted: SourceMove | None = None
    ) -> Fetched:
        """Return what the source lists now, ``Unchanged``, or ``Failed`` as a value.

        *adopted* is where it is to be asked if its address is still the old one of that move.
        """
        ...

    def refusal(self, post: Post) -> str:
        """Return what the filter of the source finds against *post* as far as it is read, or ""."""
        ...

    def complete(self, post: Post) -> Post:
        """Return *post* with its full text; where that cannot be had, *post* with ``note`` set.

        A note that begins with ``RETRY_PREFIX`` is not kept: the post is tried again another time.
        """
        ...


@runtime_checkable
class PagedSource(Protocol):
    """A source whose older posts stand on pages of their own."""

    def reaching(self, since: datetime) -> Source:
        """Return the source that reads on until the posts of *since*."""
        ...


class Summarizer(Protocol):
    """Reads one post and returns its summary and quotations."""

    @property
    def version(self) -> str:
        """Return what tells it from every other that would read a post otherwise."""
        ...

    def read(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> Summary:
        """Return the reading of *post*; the summary has at most *max_chars* characters."""
        ...

    def study(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> DetailedSummary:
        """Return the reading that ``read`` returns, and the best of what it was chosen from."""
        ...


class Feeds(Protocol):
    """What is remembered of each source, and the one way its posts are saved."""

    def validators(self, source: str) -> CacheValidators:
        """Return what *source* gave at its last successful poll; empty if it never answered."""
        ...

    def about(self, source: str) -> FeedInfo:
        """Return what *source* said of itself; empty if it never answered."""
        ...

    def names(self) -> tuple[str, ...]:
        """Return the names of all sources that ever answered."""
        ...

    def rename(self, old: str, new: str) -> None:
        """Let *new*, of which nothing is known, have all that is known of the source *old*."""
        ...

    def standing(self, source: str) -> FeedState:
        """Return how things stand with *source* since its last poll."""
        ...

    def commit(
        self,
        source: str,
        posts: Sequence[Post],
        validators: CacheValidators | None = None,
        about: FeedInfo | None = None,
        standing: FeedState | None = None,
    ) -> None:
        """Save *posts* (new or changed) and what is not None of the rest in one transaction."""
        ...


class Posts(Protocol):
    """The posts in the store."""

    def known(self, source: str) -> Mapping[str, Post]:
        """Return all posts of *source* by id, without their documents."""
        ...

    def matching(self, source: str, keys: Collection[str]) -> Mapping[str, tuple[Post, ...]]:
        """Return the posts of *source* that have one of *keys* (``identity``), by key.

        Without their documents; a key that none has is missing. The cost is that of the keys
        asked for, however many posts there are.
        """
        ...

    def count(self, source: str) -> int:
        """Return how many posts of *source* are stored."""
        ...

    def whole(self, names: Collection[str]) -> tuple[Post, ...]:
        """Return the posts with the ids *names*, whole; an id that none has is left out."""
        ...

    def held(self, source: str) -> tuple[Post, ...]:
        """Return the posts of *source* that wait for a person, whole."""
        ...

    def newest(
        self, source: str = "", *, held: bool = False, most: int = 50
    ) -> tuple[int, tuple[Post, ...]]:
        """Return how many posts there are, and the *most* newest of them by date, newest first.

        Of *source*, or of all where it is empty; only those that wait for a person where *held*.
        Without their documents.
        """
        ...

    def versions(self, url: str) -> tuple[tuple[Post, tuple[Version, ...]], ...]:
        """Return the posts at *url*, whole, each with what it said before, newest first."""
        ...

    def within(self, sources: Sequence[str], period: Period) -> tuple[Post, ...]:
        """Return the posts that became new to readers in *period* or are dated in it, whole."""
        ...

    def undecided(
        self, sources: Sequence[str], since: datetime, until: datetime, edition: str, besides: str
    ) -> tuple[Post, ...]:
        """Return the posts new since *since* and dated before *until*, whole.

        Without those that an approved issue of *edition* decided on, *besides* one issue's.
        """
        ...


class Issues(Protocol):
    """Revisions of issues, and the fate of every post per digest."""

    def save(self, revision: Revision, *, open_: bool = False) -> Revision:
        """Save *revision* under the issue's next number; the same hash again changes nothing.

        One that is *open_* is in the making: the next that is saved open takes its place under
        its number.
        """
        ...

    def reopen(self, issue: str, now: datetime) -> Revision:
        """Return the newest revision of *issue*, open; of an approved one a copy to go on with."""
        ...

    def close(self, revision: Revision) -> None:
        """Let no edit change *revision* any more: its bytes have been shown to somebody."""
        ...

    def keep(self, generated: GeneratedIssue) -> None:
        """Keep what the generator made of an issue, in place of what it made before."""
        ...

    def generated(self, issue: str) -> GeneratedIssue | None:
        """Return what the generator made of *issue* last; None where it made nothing."""
        ...

    def load(self, issue: str = "", number: int | None = None) -> Revision:
        """Return a revision: the newest of *issue*, or of the newest issue; StoreError if none."""
        ...

    def shelf(self, most: int = 50) -> tuple[IssueSummary, ...]:
        """Return the *most* issues that were drafted last, newest first."""
        ...

    def all_approved(self, edition: str) -> tuple[Revision, ...]:
        """Return the approved revisions of *edition*, oldest first."""
        ...

    def decided(self, edition: str, *, besides: str = "") -> tuple[Period, ...]:
        """Return the periods of the approved issues of *edition*, *besides* one issue's."""
        ...

    def approve(
        self, revision: Revision, now: datetime, withheld: Collection[str] = ()
    ) -> Revision:
        """Mark *revision* as the approved one of its issue and record the fates of its posts.

        Nothing of it leaves by the channels that are *withheld*.
        """
        ...

    def approved(self, issue: str) -> Revision | None:
        """Return the approved revision of *issue*, None if there is none."""
        ...

    def fates(self, edition: str, *, besides: str = "") -> Mapping[str, Placement]:
        """Return each post's fate in the approved issues of *edition*, *besides* one issue's."""
        ...


class Pictures(Protocol):
    """The pictures that go out with drafts, each under the name its content gives it.

    A name is SHA-256 and kind (``digest.model.picture_name``): what a revision names is what was
    approved.
    """

    def keep(self, content: bytes, key: str = "") -> str:
        """Keep *content* and return its name; under *key* it is found again."""
        ...

    def named(self, key: str) -> str:
        """Return the name of what was kept under *key*, "" where nothing was."""
        ...

    def read(self, name: str) -> bytes:
        """Return the picture *name*; StoreError where it is not there."""
        ...

    def path(self, name: str) -> Path:
        """Return a file with the picture *name*, for who cannot read the store."""
        ...
