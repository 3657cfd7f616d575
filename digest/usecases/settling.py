"""Mails that wait for a person: listed, sent once more, or left out for good."""

from collections.abc import Iterator
from contextlib import suppress

from digest.config import Settings
from digest.errors import StoreError
from digest.mailing.outcomes import receipt
from digest.model import Receipt
from digest.model.mailing import Mailing
from digest.model.outbox import State
from digest.ports.mail import Ledger
from digest.usecases.mailroom import ledger

WAITING: tuple[State, ...] = ("unknown", "held")


def waiting(settings: Settings, issue: str = "", target: str = "") -> Iterator[Receipt]:
    """Yield a receipt for each copy that is unknown or held, of *issue* and for address *target*.

    What a run that ended midway left is settled first, unless another is at work.
    """
    books = ledger(settings)
    for mailing in books.mailings(issue):
        with suppress(StoreError):
            _recover(books, mailing)
        for one in books.deliveries(mailing, WAITING):
            if target in ("", one.address):
                yield receipt(one)


def settle(settings: Settings, issue: str, *, resend: bool, target: str = "") -> tuple[int, ...]:
    """Queue what waits once more, or leave it out; return how many copies of each mailing.

    Queued copies leave with the next ``send``. StoreError where a run is at work.
    """
    to: State = "queued" if resend else "skipped"
    reason = "" if resend else "left out by you"
    books, settled = ledger(settings), []
    for mailing in books.mailings(issue):
        with books.exclusive(f"mail-{mailing.mailer}"):
            settled.append(books.settle(mailing, WAITING, to, reason, target))
    return tuple(settled)


def pause(settings: Settings, issue: str, *, paused: bool) -> tuple[Mailing, ...]:
    """Pause every mailing of *issue*, or let it go on; return them. A run stops within a second."""
    books = ledger(settings)
    found = books.mailings(issue)
    for mailing in found:
        books.pause(mailing, paused=paused)
    return found


def _recover(books: Ledger, mailing: Mailing) -> None:
    """Note as unknown what a run that ended midway left armed."""
    if next(books.deliveries(mailing, ["armed"]), None) is None:
        return
    with books.exclusive(f"mail-{mailing.mailer}"), books.writing(mailing):
        pass
