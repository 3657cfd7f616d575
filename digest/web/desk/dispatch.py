"""Sending, beside the desk: one thread for each channel that leaves, watched from the dialog."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from threading import Lock, Thread

from digest import app, deliver
from digest.config import Settings
from digest.errors import DigestError
from digest.model import Receipt, Revision
from digest.ports import Outbox
from digest.usecases import mailroom, settling

EMAIL = "email"
_KEPT = 200  # receipts of one sending that are shown; the ledger keeps all


@dataclass(slots=True, kw_only=True)
class Sending:
    """One channel of a revision on its way; ``error`` says why it ended early."""

    receipts: list[Receipt] = field(default_factory=list)
    count: int = 0
    error: DigestError | None = None
    running: bool = True

    def run(self, receipts: Iterator[Receipt]) -> None:
        """Take *receipts* as they come."""
        try:
            for one in receipts:
                self.count += 1
                self.receipts = [*self.receipts[-_KEPT + 1 :], one]
        except DigestError as error:
            self.error = error
        finally:
            self.running = False


@dataclass(slots=True, kw_only=True)
class Dispatch:
    """What leaves or has left since the desk was opened, by issue and channel."""

    known: dict[tuple[str, str], Sending] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def of(self, issue: str, channel: str) -> Sending | None:
        """Return the sending of *issue* by *channel*, None where there was none."""
        return self.known.get((issue, channel))

    def start(self, channel: str, revision: Revision, receipts: Iterator[Receipt]) -> Sending:
        """Begin to send *revision* by *channel*; what is under way already goes on alone."""
        key = (revision.issue.id, channel)
        with self.lock:
            known = self.known.get(key)
            if known and known.running:
                return known
            made = self.known[key] = Sending()
        Thread(target=made.run, args=(receipts,), daemon=True).start()
        return made


def receipts(
    settings: Settings, outbox: Outbox, revision: Revision, channel: str
) -> Iterator[Receipt]:
    """Send the approved *revision* by *channel*, email or a network; yield what becomes of it."""
    if channel == EMAIL:
        yield from mailroom.send(settings, revision)
        return
    with closing(app.account(settings, channel)) as account:
        yield from deliver.post(revision, account, outbox)


def settle(settings: Settings, outbox: Outbox, issue: str, target: str, *, resend: bool) -> int:
    """Settle what waits of *issue* on *target*; return how much that was.

    With *resend* what the account does not show is queued again, else it is left out for good.
    """
    if target == EMAIL:
        return sum(settling.settle(settings, issue, resend=resend))
    waits = deliver.waiting(outbox, issue, target)
    if not resend:
        return len(tuple(deliver.skip(outbox, target, waits)))
    with closing(app.account(settings, target)) as account:
        tuple(deliver.resend(outbox, account, waits))
    return len(waits)
