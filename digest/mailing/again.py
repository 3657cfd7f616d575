"""What a run before left unknown is asked for again, where its key keeps it from being doubled."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import groupby

from digest.mailing.books import Books
from digest.mailing.gate import now
from digest.mailing.outcomes import receipt
from digest.model import Outcome, Receipt
from digest.model.mailing import Delivery, Message
from digest.ports.mail import Mailer


def ask_again(
    unsure: Sequence[Delivery], mailer: Mailer, books: Books, write: Callable[[Delivery], Message]
) -> Iterator[Receipt]:
    """Send the requests of *unsure* once more, byte for byte; yield a receipt for what is out.

    A key that is too old settles nothing any more, and a request of which a reader left since
    must not leave again: both wait for a person.
    """
    since = now() - mailer.traits.key_lasts
    fresh = [one for one in unsure if one.key and one.armed and one.armed > since]
    with closing(mailer.lane()) as lane:
        for key, same in groupby(sorted(fresh, key=_by_request), lambda one: one.key):
            copies = list(same)
            if len(books.still([one.subscriber for one in copies])) < len(copies):
                continue
            outcomes = lane.send([write(one) for one in copies], key)
            settled = [_settled(one, out) for one, out in zip(copies, outcomes, strict=True)]
            books.write([one for one in settled if one.state != "unknown"])
            yield from (receipt(one) for one in settled if one.state == "sent")


def _by_request(one: Delivery) -> tuple[str, int]:
    return one.key, one.subscriber


def _settled(one: Delivery, outcome: Outcome) -> Delivery:
    """Return *one* sent if it is; what was refused certainly was not, and is queued again."""
    if outcome.status == "sent":
        return replace(one, state="sent", id=outcome.id, reason="")
    if outcome.status == "unknown":
        return one
    return replace(one, state="queued", key="", reason="")
