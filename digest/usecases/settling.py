"""Mails that wait for a person: listed, sent once more, or left out for good."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from digest.config import Settings
from digest.errors import StoreError
from digest.mailing.outcomes import receipt
from digest.model import Receipt
from digest.model.mailing import Delivery, Mailing
from digest.model.outbox import State
from digest.ports.mail import Ledger
from digest.usecases.mailroom import is_gone, ledger

_WAITING: tuple[State, ...] = ("unknown", "held")
_OWED: tuple[State, ...] = (*_WAITING, "rejected", "deferred")


def waiting(settings: Settings, issue: str = "", target: str = "") -> Iterator[Receipt]:
    """Yield a receipt for each copy that is unknown, held, refused or put off.

    Of *issue*, then with those that were not tried yet, and for the address *target*. Whose
    address does not exist is owed nothing any more. What a run that ended midway left is settled
    first, unless another is at work.
    """
    books = ledger(settings)
    states: tuple[State, ...] = (*_OWED, "queued") if issue else _OWED
    for mailing in books.mailings(issue):
        with suppress(StoreError):
            _recover(books, mailing)
        for copy in books.deliveries(mailing, states):
            if copy.address and target in ("", copy.address) and _is_owed(copy):
                yield receipt(copy if copy.state != "queued" else _untried(copy))


def _is_owed(copy: Delivery) -> bool:
    return copy.state != "rejected" or not is_gone(copy.reason)


def _untried(copy: Delivery) -> Delivery:
    return replace(copy, state="deferred", reason=copy.reason or "not tried yet")


def settle(settings: Settings, issue: str, *, resend: bool, target: str = "") -> tuple[int, ...]:
    """Queue what waits once more, or leave it out; return how many copies of each mailing.

    What was refused is queued again too; what is only put off leaves by itself, and is left out
    for a *target* alone. Queued copies leave with the next ``send``. StoreError where a run is at
    work.
    """
    to: State = "queued" if resend else "skipped"
    reason = "" if resend else "left out by you"
    books, counts = ledger(settings), []
    before = (*_WAITING, "deferred") if resend or target else _WAITING
    for mailing in books.mailings(issue):
        with books.exclusive(f"mail-{mailing.mailer}"):
            refused = [one for one in books.deliveries(mailing, ["rejected"]) if _is_owed(one)]
            count = books.settle(mailing, before, to, reason, target)
            for copy in refused:
                if copy.address and target in ("", copy.address):
                    count += books.settle(mailing, ["rejected"], to, reason, copy.address)
            counts.append(count)
    return tuple(counts)


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
