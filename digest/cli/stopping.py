"""A run that the system ends ends as one that a person ends: after what is on its way."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Terminated(KeyboardInterrupt):
    """The system ends the run, and not the person who began it."""


@contextmanager
def terminable() -> Iterator[None]:
    """Raise Terminated where SIGTERM would kill."""

    def stop(_number: int, _frame: object) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
