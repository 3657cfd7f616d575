"""What the stages ask of the outside: small Protocols that adapters meet without importing them."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from digest.model import (
    About,
    Entry,
    Fate,
    Fetched,
    Move,
    Outcome,
    Part,
    Period,
    Post,
    Reading,
    Revision,
    Standing,
    SummaryFrom,
    Validators,
    Version,
    Wire,
)
from digest.ports.audience import Audience as Audience

FOR_NOW = "for now: "


class Source(Protocol):
    """One place that posts come from; ``name`` is stable and unique among the sources."""

    @property
    def name(self) -> str:
        """Return the name it goes by."""
        ...

    def poll(self, validators: Validators, now: datetime, adopted: Move | None = None) -> Fetched:
        """Return what the source lists now, ``Unchanged``, or ``Failed`` as a value.

        *adopted* is where it is to be asked if its address is still the old one of that move.
        """
        ...

    def complete(self, post: Post) -> Post:
        """Return *post* with its full text; where that cannot be had, *post* with ``note`` set.

        A note that begins with ``FOR_NOW`` is not kept: the post is tried again another time.
        """
        ...


class Summarizer(Protocol):
    """Reads one post and returns its summary and quotations."""

    def read(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> Reading:
        """Return the reading of *post*; the summary has at most *max_chars* characters."""
        ...

    def strength(self, post: Post) -> float:
        """Return 0-1, how strong the post's best quotation to display is; 0 where it has none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a network allows a thread to be: data, and its owner's taste, not code.

    ``characters`` is counted by ``Network.measure``, ``bytes`` in UTF-8. ``link`` says where the
    thread's link goes: "root", "last", or "each" part with its story's own. ``card`` means that a
    link travels as a card beside the text and does not stand in it. ``parts`` is the most there
    may be; ``numbering`` puts " 2/7" behind every part but the root. ``note`` is what a person
    should know of these limits.
    """

    characters: int
    bytes: int | None = None
    link: str = "last"
    card: bool = False
    hashtags: int = 2
    images: int = 4
    parts: int = 8
    numbering: bool = False
    note: str = ""


class Network(Protocol):
    """A social network as the thread planner sees it."""

    @property
    def name(self) -> str:
        """Return the name it goes by."""
        ...

    @property
    def limits(self) -> Limits:
        """Return what a part may be."""
        ...

    def measure(self, text: str, /) -> int:
        """Return what *text* costs against ``limits.characters``."""
        ...

    def cost(self, parts: Sequence[Part], /) -> float | None:
        """Return what posting *parts* costs in US dollars; None where it is free."""
        ...

    def warnings(self, text: str, /) -> tuple[str, ...]:
        """Return what the network would make of *text* that its author may not expect."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How a person gets an account ready: ``steps`` to read; names of ``secrets`` and ``settings``.

    Both are keys of ``[networks.NAME]``; a secret is never written there.
    """

    steps: tuple[str, ...]
    secrets: tuple[str, ...]
    settings: tuple[str, ...] = ()


class Account(Protocol):
    """An account of a network, as the outbox sees it: no SDK object and no exception of one.

    ``whole`` accounts take all parts of a thread in one request, all or none. What a ``keyed``
    account is sent again under the same key it never takes twice. ``lags`` are the seconds to
    wait before each look for a request whose answer was lost.
    """

    @property
    def name(self) -> str:
        """Return the name of the network."""
        ...

    @property
    def whole(self) -> bool:
        """Tell whether a thread goes out in one request."""
        ...

    @property
    def keyed(self) -> bool:
        """Tell whether the key alone keeps a request from being carried out twice."""
        ...

    @property
    def lags(self) -> Sequence[float]:
        """Return the waits before each look, in seconds."""
        ...

    def check(self) -> str:
        """Return who the account is, nothing posted; DigestError says what to do where it fails."""
        ...

    def prepare(self, entries: Sequence[Entry], sent: Sequence[Entry]) -> Sequence[Wire] | Outcome:
        """Return the requests for *entries*, which follow *sent*; pictures are uploaded now.

        Nothing shows yet. Where it cannot be done, an Outcome (rejected or deferred) for all.
        """
        ...

    def send(self, entries: Sequence[Entry]) -> Sequence[Outcome]:
        """Send the armed *entries* as they are frozen; return what became of each."""
        ...

    def find(self, entry: Entry) -> Outcome | None:
        """Return *entry* as sent if the account shows it, else None; DigestError if unreadable."""
        ...

    def delete(self, entry: Entry) -> None:
        """Take the sent *entry* back; what is gone already is no error. DigestError if refused."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class Outbox(Protocol):
    """What is to leave, is leaving and has left, each entry by job, target and part."""

    def exclusive(self, target: str) -> AbstractContextManager[None]:
        """Keep every other process from sending to *target*; StoreError if one is at it."""
        ...

    def enqueue(self, entries: Sequence[Entry]) -> None:
        """Add *entries*; what is there under the same job, target and part stays as it is."""
        ...

    def entries(self, job: str = "", target: str = "") -> tuple[Entry, ...]:
        """Return the entries of *job* and *target* (all where empty), by job, target, part."""
        ...

    def save(self, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        """Save changed *entries* in one transaction and return them with their new version.

        StoreError, and nothing saved, where one was changed by another process since it was read.
        """
        ...

    def drop(self, entries: Sequence[Entry]) -> None:
        """Remove *entries*, none of which was ever sent."""
        ...


class Feeds(Protocol):
    """What is remembered of each source, and the one way its posts are saved."""

    def validators(self, source: str) -> Validators:
        """Return what *source* gave at its last successful poll; empty if it never answered."""
        ...

    def about(self, source: str) -> About:
        """Return what *source* said of itself; empty if it never answered."""
        ...

    def standing(self, source: str) -> Standing:
        """Return how things stand with *source* since its last poll."""
        ...

    def commit(
        self,
        source: str,
        posts: Sequence[Post],
        validators: Validators | None = None,
        about: About | None = None,
        standing: Standing | None = None,
    ) -> None:
        """Save *posts* (new or changed) and what is not None of the rest in one transaction."""
        ...


class Posts(Protocol):
    """The posts in the store."""

    def known(self, source: str) -> Mapping[str, Post]:
        """Return all posts of *source* by id, without their documents."""
        ...

    def matching(self, source: str, keys: Collection[str]) -> Mapping[str, tuple[Post, ...]]:
        """Return the posts of *source* that have one of *keys* (``digest.identity``), by key.

        Without their documents; a key that none has is missing. The cost is that of the keys
        asked for, however many posts there are.
        """
        ...

    def count(self, source: str) -> int:
        """Return how many posts of *source* are stored."""
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


class Issues(Protocol):
    """Revisions of issues, and the fate of every post per digest."""

    def save(self, revision: Revision) -> Revision:
        """Save *revision* under the issue's next number; the same hash again changes nothing."""
        ...

    def load(self, issue: str = "", number: int | None = None) -> Revision:
        """Return a revision: the newest of *issue*, or of the newest issue; StoreError if none."""
        ...

    def all_approved(self, edition: str) -> tuple[Revision, ...]:
        """Return the approved revisions of *edition*, oldest first."""
        ...

    def approve(self, revision: Revision, now: datetime) -> Revision:
        """Mark *revision* as the approved one of its issue and record the fates of its posts."""
        ...

    def approved(self, issue: str) -> Revision | None:
        """Return the approved revision of *issue*, None if there is none."""
        ...

    def fates(self, edition: str, *, besides: str = "") -> Mapping[str, Fate]:
        """Return each post's fate in the approved issues of *edition*, *besides* one issue's."""
        ...


class Pictures(Protocol):
    """The pictures that go out with drafts, each under the name its content gives it.

    A name is SHA-256 and kind (``digest.kept``), so what a revision names is what was approved.
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
