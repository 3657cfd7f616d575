"""What the desk does beside itself: sending each channel, looking outside.

Sending, beside the desk: one thread for each channel that leaves, watched from the dialog.

A look outside on request: links, pictures, the sender's DNS; beside the desk, never in its way.

What was found holds for every revision with the same addresses and sender: to mend a word does
not ask the network again.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock, Thread

from digest.app.composition import App
from digest.delivery.outbox import list_waiting, post_thread, resend_parts, skip_parts
from digest.delivery.preflight import list_tried
from digest.delivery.send_mail import settle_mail
from digest.model import Finding, Mail, Receipt, Revision
from digest.model.errors import DigestError
from digest.model.ports.social import Outbox

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


def send_channel(app: App, outbox: Outbox, revision: Revision, channel: str) -> Iterator[Receipt]:
    """Send the approved *revision* by *channel*, email or a network; yield what becomes of it."""
    if channel == EMAIL:
        yield from app.mail_sender.send(revision)
        return
    with closing(app.account(channel)) as account:
        yield from post_thread(revision, account, outbox)


def settle_channel(app: App, outbox: Outbox, issue: str, target: str, *, resend: bool) -> int:
    """Settle what waits of *issue* on *target*; return how much that was.

    With *resend* what the account does not show is queued again, else it is left out for good.
    """
    if target == EMAIL:
        return sum(settle_mail(app.ledger, issue, resend=resend))
    waits = list_waiting(outbox, issue, target)
    if not resend:
        return len(tuple(skip_parts(outbox, target, waits)))
    with closing(app.account(target)) as account:
        tuple(resend_parts(outbox, account, waits))
    return len(waits)


_LOOKS_KEPT = 20
_FROM = re.compile(rb"^from:.*$", re.IGNORECASE | re.MULTILINE)


@dataclass(slots=True, kw_only=True)
class OutsideCheck:
    """One look outside: how many addresses are tried, and what was found so far."""

    tried: int
    begun: datetime
    findings: tuple[Finding, ...] = ()
    running: bool = True

    def run(self, app: App, mail: Mail) -> None:
        """Look, and say so when it is over."""
        try:
            for one in app.preflight.examine_outside(mail):
                self.findings = (*self.findings, one)
        except DigestError as error:
            last = Finding(
                level="warning", subject=error.subject, cause=error.cause, remedy=error.remedy
            )
            self.findings = (*self.findings, last)
        finally:
            self.running = False


@dataclass(slots=True, kw_only=True)
class Outside:
    """What was looked at since the desk was opened, by what a mail leads to and who sends it."""

    known: dict[tuple[object, ...], OutsideCheck] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def of(self, mail: Mail) -> OutsideCheck | None:
        """Return the look at what *mail* leads to, None where nobody asked for one."""
        return self.known.get(_find_mark(mail)) if self.known else None

    def begin(self, app: App, mail: Mail) -> OutsideCheck:
        """Begin to look at what *mail* leads to; one that is under way goes on alone."""
        mark = _find_mark(mail)
        with self.lock:
            under_way = self.known.get(mark)
            if under_way and under_way.running:
                return under_way
            if len(self.known) >= _LOOKS_KEPT:
                del self.known[next(iter(self.known))]
            made = OutsideCheck(tried=len(list_tried(mail)), begun=datetime.now(UTC))
            self.known[mark] = made
        Thread(target=made.run, args=(app, mail), daemon=True).start()
        return made


def _find_mark(mail: Mail) -> tuple[object, ...]:
    sender = _FROM.search(mail.mime)
    return (sender[0] if sender else b"", *list_tried(mail))
