"""One ledger for many threads: whoever comes to write writes what the others wait for as well."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digest.errors import StoreError
from digest.model.mailing import Delivery
from digest.ports.mail import Book, Writer


@dataclass(slots=True, eq=False)
class _Slip:
    """What one thread wants written, and what came of it."""

    book: Book
    armed: Collection[int] = ()
    error: StoreError | None = None
    done: bool = False


@dataclass(slots=True, kw_only=True)
class Books:
    """Shares a ``Writer`` among threads: one commit for all that wait while another is made."""

    writer: Writer
    _pen: threading.Lock = field(default_factory=threading.Lock)
    _door: threading.Lock = field(default_factory=threading.Lock)
    _slips: list[_Slip] = field(default_factory=list)

    def write(
        self, settled: Sequence[Delivery], arming: Sequence[Delivery] = ()
    ) -> Collection[int]:
        """Return the subscribers whose copy is armed, once all of it is durable; or StoreError."""
        slip = _Slip(Book(settled=settled, arming=arming))
        with self._door:
            self._slips.append(slip)
        with self._pen:
            if not slip.done:
                with self._door:
                    slips, self._slips = self._slips, []
                self._enter(slips)
        if slip.error:
            raise slip.error
        return slip.armed

    def _enter(self, slips: Sequence[_Slip]) -> None:
        try:
            armed = self.writer.commit(
                Book(
                    settled=[one for slip in slips for one in slip.book.settled],
                    arming=[one for slip in slips for one in slip.book.arming],
                )
            )
        except StoreError as error:
            for slip in slips:
                slip.error, slip.done = error, True
            return
        for slip in slips:
            slip.armed, slip.done = armed, True

    def claim(self, now: datetime, most: int) -> Sequence[Delivery]:
        """Claim the next copies; see ``Writer.claim``."""
        with self._pen:
            return self.writer.claim(now, most)

    def still(self, numbers: Sequence[int]) -> Collection[int]:
        """Return who of the subscribers *numbers* is a receiver now."""
        with self._pen:
            return self.writer.still(numbers)

    def due(self) -> datetime | None:
        """Return when the first deferred copy may be tried again; see ``Writer.due``."""
        with self._pen:
            return self.writer.due()

    def paused(self) -> bool:
        """Tell whether somebody paused the mailing."""
        with self._pen:
            return self.writer.paused()
