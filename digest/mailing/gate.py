"""When the next message may leave: a rate, and the pauses that the other side asks for."""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """How long is waited, in seconds.

    ``backoff`` is the first and the longest pause when everybody is asked to wait, ``patience``
    how long such pauses may last together, and how far off the next try of a copy may be, for a
    run to sit it out. ``retries`` are the waits before a copy is tried again.
    """

    backoff: tuple[float, float] = (1.0, 120.0)
    patience: float = 900.0
    retries: tuple[float, ...] = (60.0, 300.0, 1800.0, 7200.0)
    sits_out: float = 90.0


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Gate:
    """Lets messages through one after the other; all threads of a run share it."""

    def __init__(self, per_second: float, tempo: Tempo) -> None:
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
            said = (until - now()).total_seconds() if until else 0.0
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
