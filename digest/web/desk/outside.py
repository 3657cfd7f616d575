"""A look outside on request: links, pictures, the sender's DNS; beside the desk, never in its way.

What was found holds for every revision with the same addresses and sender: to mend a word does
not ask the network again.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock, Thread

from digest.config import Settings
from digest.errors import DigestError
from digest.model import Finding, Mail
from digest.usecases import outlook

_KEPT = 20
_FROM = re.compile(rb"^from:.*$", re.IGNORECASE | re.MULTILINE)


@dataclass(slots=True, kw_only=True)
class Look:
    """One look outside: how many addresses are tried, and what was found so far."""

    tried: int
    begun: datetime
    findings: tuple[Finding, ...] = ()
    running: bool = True

    def run(self, settings: Settings, mail: Mail) -> None:
        """Look, and say so when it is over."""
        try:
            for one in outlook.outside(settings, mail):
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

    known: dict[tuple[object, ...], Look] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def of(self, mail: Mail) -> Look | None:
        """Return the look at what *mail* leads to, None where nobody asked for one."""
        return self.known.get(_mark(mail)) if self.known else None

    def begin(self, settings: Settings, mail: Mail) -> Look:
        """Begin to look at what *mail* leads to; one that is under way goes on alone."""
        mark = _mark(mail)
        with self.lock:
            under_way = self.known.get(mark)
            if under_way and under_way.running:
                return under_way
            if len(self.known) >= _KEPT:
                del self.known[next(iter(self.known))]
            made = Look(tried=len(outlook.addresses(mail)), begun=datetime.now(UTC))
            self.known[mark] = made
        Thread(target=made.run, args=(settings, mail), daemon=True).start()
        return made


def _mark(mail: Mail) -> tuple[object, ...]:
    sender = _FROM.search(mail.mime)
    return (sender[0] if sender else b"", *outlook.addresses(mail))
