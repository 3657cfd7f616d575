"""What the sending of mail asks of the outside."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from digest.model.mailing import Delivery, Mailing, MailingTally, Message
from digest.model.outbox import OutboxEntry, OutboxState, Outcome
from digest.model.ports.social import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class MailerLimits:
    """What a mailer can do: ``batch`` messages in one request, ``lanes`` connections at once.

    ``per_second`` bounds the messages of all lanes together, 0: no bound. For as long as
    ``key_lasts`` a request sent again under its key is not carried out twice.
    """

    batch: int = 1
    lanes: int = 1
    per_second: float = 0.0
    key_lasts: timedelta = timedelta(0)


class Connection(Protocol):
    """One connection of a mailer, used by one thread; it opens when it is first needed."""

    def open(self) -> Outcome | None:
        """Open the connection now; return what stands against it, None where it is open."""
        ...

    def send(self, messages: Sequence[Message], key: str) -> Sequence[Outcome]:
        """Send *messages* as one request under *key*; return what became of each. Never raises."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Mailer(Protocol):
    """Something that takes finished messages, each to one reader."""

    @property
    def name(self) -> str:
        """Return the name it goes by."""
        ...

    @property
    def traits(self) -> MailerLimits:
        """Return what it can do."""
        ...

    def check(self) -> str:
        """Return in words where mail would go, nothing sent; DigestError says why it cannot."""
        ...

    def lane(self) -> Connection:
        """Return a connection of its own for one thread."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerBatch:
    """Changes to be made in one commit: copies that were ``settled``, copies to be ``armed``."""

    settled: Sequence[Delivery] = ()
    arming: Sequence[Delivery] = ()


class LedgerWriter(Protocol):
    """The ledger while a run holds its mailing; one thread at a time may use it."""

    def claim(self, now: datetime, most: int) -> Sequence[Delivery]:
        """Claim the next copies at *now*: queued ones first, then deferred ones due.

        Empty where none is left, or where the mailing was paused.
        """
        ...

    def commit(self, book: LedgerBatch) -> Collection[int]:
        """Make all changes of *book* durable at once; return the subscribers whose copy is armed.

        Who is no receiver any more is skipped instead. StoreError if nothing was saved.
        """
        ...

    def still(self, numbers: Sequence[int]) -> Collection[int]:
        """Return those of the subscribers *numbers* who are receivers now."""
        ...

    def due(self) -> datetime | None:
        """Return when the first deferred copy may be tried again, None where there is none."""
        ...

    def paused(self) -> bool:
        """Tell whether somebody paused the mailing."""
        ...


class Ledger(Protocol):
    """Every mailing, and every reader's copy of it, with its state (``model.outbox.MOVES``)."""

    def exclusive(self, name: str) -> AbstractContextManager[None]:
        """Keep every other process from *name*; StoreError if one is at it."""
        ...

    def freeze(self, mailing: Mailing) -> Mailing:
        """Return *mailing* with its audience, both frozen in one transaction; once per job.

        What was frozen before under the job is returned as it is.
        """
        ...

    def find(self, job: str) -> Mailing | None:
        """Return the mailing *job*, None if it was never frozen."""
        ...

    def mailings(self, issue: str = "") -> tuple[Mailing, ...]:
        """Return the mailings of *issue*, all where it is empty, oldest first."""
        ...

    def drop(self, mailing: Mailing) -> None:
        """Remove *mailing*, of which nothing left."""
        ...

    def writing(self, mailing: Mailing) -> AbstractContextManager[LedgerWriter]:
        """Open *mailing* for a run that holds the lock, and settle what a run before left.

        What was claimed is queued again, what was armed is unknown. At the end what is still
        claimed is queued again.
        """
        ...

    def tally(self, mailing: Mailing) -> MailingTally:
        """Return how far *mailing* is."""
        ...

    def deliveries(self, mailing: Mailing, states: Collection[OutboxState]) -> Iterator[Delivery]:
        """Yield the copies of *mailing* in *states*, by subscriber."""
        ...

    def settle(
        self,
        mailing: Mailing,
        before: Collection[OutboxState],
        to: OutboxState,
        reason: str,
        address: str = "",
    ) -> int:
        """Move the copies of *mailing* in a state of *before* to *to*; return how many.

        All of them, or the one for *address*.
        """
        ...

    def pause(self, mailing: Mailing, *, paused: bool) -> None:
        """Pause *mailing*, or let it go on."""
        ...

    def receivers(self, edition: str, of: str = "") -> int:
        """Return how many readers a mailing of *edition* has now; *of* is as in ``Mailing``."""
        ...


class CampaignService(Account, Protocol):
    """A service that keeps the readers itself: one request sends an issue to all of them."""

    def test(self, entry: OutboxEntry, addresses: Sequence[str]) -> Outcome:
        """Send what *entry* holds to *addresses* alone."""
        ...
