"""What the thread planner and the outbox ask of social networks."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from digest.model import OutboxEntry, Outcome, Part, PreparedRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLimits:
    """What a network allows a thread to be: data, and its owner's taste, not code.

    ``characters`` is counted by ``Network.measure``, ``bytes`` in UTF-8. ``link`` says where the
    thread's link goes: "root", "last", or "each" part with its story's own. ``card`` means that a
    link travels as a card beside the text and does not stand in it. ``parts`` is the most there
    may be; ``numbering`` puts " 2/7" behind every part but the root. ``images`` is how many
    pictures a part takes, ``image_bytes`` how large each may be and ``thumb_bytes`` that of a
    card (0: as any picture). ``note`` is what a person should know of these limits.
    """

    characters: int
    bytes: int | None = None
    link: str = "last"
    card: bool = False
    hashtags: int = 2
    images: int = 4
    image_bytes: int = 0
    thumb_bytes: int = 0
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
    def limits(self) -> NetworkLimits:
        """Return what a part may be."""
        ...

    def measure(self, text: str, /) -> int:
        """Return what *text* costs against ``limits.characters``."""
        ...

    def cost(self, parts: Sequence[Part], /) -> float | None:
        """Return what posting *parts* costs in US dollars; None where it is free."""
        ...

    def links(self, text: str, /) -> tuple[str, ...]:
        """Return what the network makes links of in *text*, in order."""
        ...

    def warnings(self, text: str, /) -> tuple[str, ...]:
        """Return what the network would make of *text* that its author may not expect."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How a person gets an account ready: ``steps`` to read; names of ``secrets`` and ``settings``.

    Both are keys of ``[networks.NAME]``; a secret is never written there. Where the setting that
    ``instead`` names is made, its secrets are wanted in place of the others.
    """

    steps: tuple[str, ...]
    secrets: tuple[str, ...]
    settings: tuple[str, ...] = ()
    instead: tuple[str, tuple[str, ...]] = ("", ())

    def secrets_for(self, options: Mapping[str, object]) -> tuple[str, ...]:
        """Return the secrets that an account with these *options* wants."""
        name, others = self.instead
        return others if name and options.get(name) else self.secrets


class Account(Protocol):
    """An account of a network, as the outbox sees it: no SDK object and no exception of one.

    ``whole`` accounts take all parts of a thread in one request, all or none. What a ``keyed``
    account is sent again under the same key it never takes twice; another may do the same for as
    long as ``key_lasts``, but nothing is left to it alone. ``lags`` are the seconds to wait before
    each look for a request whose answer was lost.
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
    def key_lasts(self) -> timedelta:
        """Return for how long a key is likely to keep a request from being carried out twice."""
        ...

    @property
    def lags(self) -> Sequence[float]:
        """Return the waits before each look, in seconds."""
        ...

    def check(self) -> str:
        """Return who the account is, nothing posted; DigestError says what to do where it fails."""
        ...

    def prepare(
        self, entries: Sequence[OutboxEntry], sent: Sequence[OutboxEntry]
    ) -> Sequence[PreparedRequest] | Outcome:
        """Return the requests for *entries*, which follow *sent*; pictures are uploaded now.

        Nothing shows yet. Where it cannot be done, an Outcome (rejected or deferred) for all.
        """
        ...

    def send(self, entries: Sequence[OutboxEntry]) -> Sequence[Outcome]:
        """Send the armed *entries* as they are frozen; return what became of each."""
        ...

    def find(self, entry: OutboxEntry) -> Outcome | None:
        """Return *entry* as sent if the account shows it, else None; DigestError if unreadable."""
        ...

    def delete(self, entry: OutboxEntry) -> None:
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

    def enqueue(self, entries: Sequence[OutboxEntry]) -> None:
        """Add *entries*; what is there under the same job, target and part stays as it is."""
        ...

    def entries(self, job: str = "", target: str = "") -> tuple[OutboxEntry, ...]:
        """Return the entries of *job* and *target* (all where empty), by job, target, part."""
        ...

    def save(self, entries: Sequence[OutboxEntry]) -> tuple[OutboxEntry, ...]:
        """Save changed *entries* in one transaction and return them with their new version.

        StoreError, and nothing saved, where one was changed by another process since it was read.
        """
        ...

    def drop(self, entries: Sequence[OutboxEntry]) -> None:
        """Remove *entries*, none of which was ever sent."""
        ...
