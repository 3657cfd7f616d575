"""What the receipts of one target come to: done, to be tried again, waiting, or refused."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from digest.audience.address import nameless
from digest.catalogue import catalogue
from digest.errors import BusyError, DigestError, NothingToDo
from digest.model import Handed, Receipt, Revision

Deliver = Callable[[Revision], Iterator[Receipt]]
BUSY = "another digest is sending it"  # these two are recorded as they are, and said translated
WITHHELD = "not approved with the rest"
_COUNTS = {  # how many copies or parts came to what
    "sent": "{n} sent",
    "rejected": "{n} rejected",
    "deferred": "{n} put off",
    "unknown": "{n} unknown",
    "held": "{n} held",
    "skipped": "{n} left out",
}


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts the receipts of *target*; one without a part is a whole message to one reader.

    ``say`` words what they come to, for the editor.
    """

    target: str
    say: Callable[..., str] = catalogue("en").gettext
    counts: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    again: str = ""
    refused: str = ""
    nothing: str = ""

    def of(self, find: Callable[[str], Deliver], revision: Revision) -> Iterator[Receipt]:
        """Deliver *revision* and yield the receipts; what is raised is one too.

        What the editor withheld waits for another approval.
        """
        if self.target in revision.withheld:
            self.again = WITHHELD
            yield Receipt(target=self.target, status="held", reason=WITHHELD)
            return
        try:
            for receipt in find(self.target)(revision):
                self.count(receipt)
                yield receipt
        except NothingToDo as nothing:
            self.nothing = str(nothing)
            yield Receipt(target=self.target, status="skipped", reason=self.nothing)
        except BusyError:
            self.again = BUSY
        except (DigestError, OSError) as error:
            receipt = Receipt(target=self.target, status="deferred", reason=str(error))
            self.count(receipt)
            yield receipt

    def count(self, receipt: Receipt) -> None:
        """Take one more receipt in."""
        in_thread = receipt.part is not None
        reason = receipt.reason if in_thread else nameless(receipt.reason)
        self.counts[receipt.status] += 1
        self.reasons.setdefault(receipt.status, reason)
        if receipt.status == "deferred" or (receipt.status == "unknown" and in_thread):
            self.again = self.again or reason  # a part not looked up yet may be found
        if receipt.status == "rejected" and in_thread:
            self.refused = self.refused or reason

    def handed(self) -> Handed:
        """Return how far the target is: one refused reader of many does not stop an issue."""
        counted = (self.say(_COUNTS[status], n=count) for status, count in self.counts.items())
        told = ", ".join(counted)
        if self.again or self.counts["deferred"]:
            return Handed(state="again", reason=_with(told, self.again))
        if waits := next((one for one in ("unknown", "held") if self.counts[one]), ""):
            return Handed(state="waits", reason=_with(told, self.reasons[waits]))
        if self.refused or (self.counts["rejected"] and not self.counts["sent"]):
            return Handed(state="refused", reason=_with(told, self.reasons["rejected"]))
        nothing = self.nothing or self.say("there was nothing to send")
        return Handed(state="done", reason=told or nothing)


def _with(told: str, reason: str) -> str:
    return ": ".join(part for part in (told, reason) if part)
