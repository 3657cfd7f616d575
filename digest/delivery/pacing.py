"""How fast a mailing runs: a rate, the pauses the other side asks for, few commits.

When the next message may leave: a rate, and the pauses that the other side asks for.

One ledger for many threads: whoever comes to write writes what the others wait for as well.
"""

import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from digest.model.errors import StoreError
from digest.model.mailing import Delivery
from digest.model.ports.mail import LedgerBatch, LedgerWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How long is waited, in seconds.

    ``backoff`` is the first and the longest pause when everybody is asked to wait, ``patience``
    how long such pauses may last together, and how far off the next try of a copy may be, for a
    run to sit it out. ``retries`` are the waits before a copy is tried again.
    """

    backoff: tuple[float, float] = (1.0, 120.0)
    patience: float = 900.0
    retries: tuple[float, ...] = (60.0, 300.0, 1800.0, 7200.0)
    sits_out: float = 90.0


def current_time() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class RateLimiter:
    """Lets messages through one after the other; all threads of a run share it."""

    def __init__(self, per_second: float, tempo: RetryPolicy) -> None:
        self.stopped = threading.Event()
        self._step = 1 / per_second if per_second else 0.0
        self._tempo = tempo
        self._lock = threading.Lock()
        self._free_at = 0.0
        self._refused_since = 0.0
        self._wait = 0.0

    def ahead(self) -> float:
        """Return how long the next message has to wait, in seconds."""
        return max(0.0, self._free_at - time.monotonic())

    def enter(self, messages: int = 1) -> bool:
        """Wait until *messages* may leave; False where the run was stopped meanwhile."""
        if self._step:
            with self._lock:
                start = max(time.monotonic(), self._free_at)
                self._free_at = start + self._step * messages
            return not self.stopped.wait(max(0.0, start - time.monotonic()))
        while (wait := self.ahead()) and not self.stopped.is_set():
            self.stopped.wait(wait)
        return not self.stopped.is_set()

    def refused(self, until: datetime | None) -> float:
        """Note that everybody is to wait, until *until* if that was said; return for how long."""
        with self._lock:
            moment = time.monotonic()
            self._refused_since = self._refused_since or moment
            if moment >= self._free_at or not self._wait:  # those in flight are refused together
                first, longest = self._tempo.backoff
                self._wait = min(longest, self._wait * 2 or first)
            said = (until - current_time()).total_seconds() if until else 0.0
            self._free_at = max(self._free_at, moment + max(self._wait, said))
            return self._free_at - moment

    def accepted(self) -> None:
        """Note that a message went through."""
        if self._wait:
            with self._lock:
                self._wait = self._refused_since = 0.0

    def hopeless(self) -> bool:
        """Tell whether everybody was refused for longer than is sat out."""
        since = self._refused_since
        return bool(since) and self._free_at - since > self._tempo.patience


@dataclass(slots=True, eq=False)
class _Slip:
    """What one thread wants written, and what came of it."""

    book: LedgerBatch
    armed: Collection[int] = ()
    error: StoreError | None = None
    done: bool = False


@dataclass(slots=True, kw_only=True)
class BatchWriter:
    """Shares a ``Writer`` among threads: one commit for all that wait while another is made."""

    writer: LedgerWriter
    _pen: threading.Lock = field(default_factory=threading.Lock)
    _door: threading.Lock = field(default_factory=threading.Lock)
    _slips: list[_Slip] = field(default_factory=list)

    def write(
        self, settled: Sequence[Delivery], arming: Sequence[Delivery] = ()
    ) -> Collection[int]:
        """Return the subscribers whose copy is armed, once all of it is durable; or StoreError."""
        slip = _Slip(LedgerBatch(settled=settled, arming=arming))
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
                LedgerBatch(
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
