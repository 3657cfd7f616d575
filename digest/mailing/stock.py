"""The claimed copies that wait for a free thread."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from digest.mailing.books import Books
from digest.mailing.gate import Gate, Tempo, now
from digest.model.mailing import Delivery

CLAIM = 200
_LOOK = 1.0  # seconds between two looks at whether the mailing was paused


@dataclass(slots=True, kw_only=True)
class Stock:
    """Hands out claimed copies, and claims more when they run out."""

    books: Books
    gate: Gate
    tempo: Tempo
    _ready: deque[Delivery] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _looked: float = 0.0

    def take(self, most: int) -> Sequence[Delivery]:
        """Return up to *most* copies, by subscriber; empty where none can be had now."""
        with self._lock:
            if self.gate.stopped.is_set() or self._paused():
                return ()
            if not self._ready:
                self._ready.extend(self.books.claim(now(), max(CLAIM, most)))
            return [self._ready.popleft() for _ in range(min(most, len(self._ready)))]

    def await_due(self) -> bool:
        """Wait a little for a deferred copy that may be tried soon; tell whether there is one.

        No longer than between two looks at whether the mailing was paused.
        """
        due = self.books.due()
        if due is None or self.gate.stopped.is_set():
            return False
        wait = (due - now()).total_seconds()
        if wait > self.tempo.sits_out and wait > self.gate.ahead():
            return False
        return not self.gate.stopped.wait(min(max(wait, 0.01), _LOOK))

    def _paused(self) -> bool:
        if time.monotonic() - self._looked < _LOOK:
            return False
        self._looked = time.monotonic()
        if self.books.paused():
            self.gate.stopped.set()
        return self.gate.stopped.is_set()
