"""How many connections a run holds: as many as are set, fewer where the server takes fewer."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Lanes:
    """The connections of a run: ``most`` may be opened, fewer are where the server takes fewer."""

    most: int = 1
    threads: list[threading.Thread] = field(default_factory=list)
    _open: int = 0
    _full: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, work: Callable[[], None], count: int = 1) -> None:
        """Start *count* threads more, as far as there may be."""
        with self._lock:
            room = 0 if self._full else self.most - len(self.threads)
            fresh = [
                threading.Thread(target=work, daemon=True) for _ in range(max(0, min(count, room)))
            ]
            self.threads += fresh
        for thread in fresh:
            thread.start()

    def join(self) -> None:
        """Wait until all have ended."""
        for thread in self.threads:
            thread.join()

    def admit(self) -> bool:
        """Note that a connection was taken; tell whether more may be tried."""
        with self._lock:
            self._open += 1
            return not self._full

    def needed(self) -> bool:
        """Tell whether nobody sends without the connection that was just refused."""
        with self._lock:
            self._full = self._open > 0
            return not self._open

    def others(self) -> bool:
        """Tell whether more than one connection is open."""
        with self._lock:
            return self._open > 1

    def give_up(self) -> bool:
        """Close one of several for good, for the server takes fewer; False for the last one."""
        with self._lock:
            self._full = True
            if self._open < 2:
                return False
            self._open -= 1
            return True
