"""What is asked of the store about the runs of schedules."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from digest.model import Occurrence, Review, ScheduleState


class Occurrences(Protocol):
    """The runs of schedules, by digest and key."""

    def exclusive(self, digest: str) -> AbstractContextManager[None]:
        """Keep every other process from running the schedule; StoreError if one is at it."""
        ...

    def rhythm(self, digest: str) -> ScheduleState | None:
        """Return what is remembered of the schedule of *digest*, None if no tick has seen it."""
        ...

    def remember(
        self, fresh: ScheduleState, change: Callable[[ScheduleState], ScheduleState]
    ) -> ScheduleState:
        """Save *change* of what is remembered, or of *fresh* where nothing is, and return it."""
        ...

    def claim(self, one: Occurrence) -> Occurrence | None:
        """Add *one* and return it; None where its digest has an occurrence of that key already."""
        ...

    def save(self, one: Occurrence) -> Occurrence:
        """Save the changed *one* and return it with its new version.

        StoreError, and nothing saved, where another process changed it since it was read.
        """
        ...

    def open(self, digest: str) -> tuple[Occurrence, ...]:
        """Return the occurrences of *digest* that are not at their end, oldest first."""
        ...

    def owing(self, digest: str) -> tuple[Occurrence, ...]:
        """Return the occurrences of *digest* of which the editor is to be told, oldest first."""
        ...

    def latest(
        self, digest: str, most: int = 1, day: str = "", until: datetime | None = None
    ) -> tuple[Occurrence, ...]:
        """Return the *most* newest occurrences of *digest*, of the local *day* where it is given.

        Newest first; *day* is an ISO date; none is after *until*.
        """
        ...

    def covered(self, digest: str, until: datetime) -> datetime | None:
        """Return the end of the last window up to *until* whose issue was approved, if any."""
        ...


class Reviews(Protocol):
    """The links of review mails, each of which acts once."""

    def keep(self, review: Review) -> None:
        """Keep *review*, whose links are about to be sent."""
        ...

    def find(self, name: str) -> Review | None:
        """Return the review *name*, None if there is none."""
        ...

    def use(self, name: str, action: str) -> bool:
        """Use the link of *action* up; tell whether it was not used before."""
        ...

    def release(self, name: str, action: str) -> None:
        """Let the link of *action* be used again: nothing came of it."""
        ...
