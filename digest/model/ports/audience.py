"""The port behind which subscribers are kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from digest.model import (
    EnrolResult,
    Membership,
    NewSubscriber,
    Subscriber,
    SubscriberEvent,
    SuppressionReason,
)


class Audience(Protocol):
    """Who reads, who asked to, and who must not be written to.

    An address is looked up as ``normal``, which its spellings share (``digest.text.address``).
    """

    def find(self, normal: str) -> Subscriber | None:
        """Return who has the address *normal*."""
        ...

    def get(self, number: int) -> Subscriber | None:
        """Return the subscriber with the id *number*."""
        ...

    def everyone(self, state: Membership | None = None, digest: str = "") -> Iterator[Subscriber]:
        """Yield every subscriber in *state* who is on *digest* (all where left out), by id."""
        ...

    def counts(self) -> Mapping[tuple[Membership, tuple[str, ...]], int]:
        """Return how many subscribers there are of each state and set of digests."""
        ...

    def suppressions(self) -> Mapping[SuppressionReason, int]:
        """Return how many addresses are suppressed for each reason, the erased among them."""
        ...

    def suppressed(self, normal: str) -> SuppressionReason | None:
        """Return why the address *normal* is not written to, None if it may be."""
        ...

    def active(self, numbers: Sequence[int], digest: str) -> frozenset[int]:
        """Return those of *numbers* that get *digest* now: to be asked before each sending."""
        ...

    def enrol(
        self,
        people: Sequence[NewSubscriber],
        now: datetime,
        *,
        lift: bool = False,
        dry: bool = False,
    ) -> list[EnrolResult]:
        """Take *people* in, in one transaction; return what became of each.

        Whoever is there keeps what *people* leave blank. The suppressed stay so unless *lift*.
        Nothing is changed where *dry*.
        """
        ...

    def change(
        self,
        number: int,
        change: Callable[[Subscriber], Subscriber],
        event: SubscriberEvent,
        notice: str = "",
    ) -> Subscriber | None:
        """Replace a subscriber by what *change* makes of them, *event* recorded; return them.

        One transaction: nobody else changes them meanwhile. Nothing is recorded where *change*
        returns them as they were, or where *notice* was given before. None if they are gone.
        A state that ends a subscription suppresses the address; "active" lifts that.
        """
        ...

    def end_unconfirmed(self, before: datetime, now: datetime) -> int:
        """Remove who was last asked to confirm *before* and never did; return how many.

        Nothing suppresses them: they may sign up again. Who was not asked yet stays.
        """
        ...

    def events(self, number: int) -> tuple[SubscriberEvent, ...]:
        """Return what happened to a subscriber, oldest first."""
        ...

    def copies(self, number: int) -> tuple[SubscriberEvent, ...]:
        """Return the copies of mailings for a subscriber: each job, with its state as detail."""
        ...

    def keep_out(self, marks: Mapping[bytes, SuppressionReason], now: datetime) -> int:
        """Suppress *marks*, and end the subscriptions of those whose they are; return how many.

        Whoever's mark says that they were erased is erased.
        """
        ...

    def erase(self, number: int, now: datetime) -> bool:
        """Remove a subscriber and all that is kept of them but the mark that suppresses them."""
        ...
