"""On whose account a refusal goes: the reader's, or the sender's, which stops the run.

A refusal whose words name nobody is in doubt. It is the reader's where another copy is accepted
after it; where several in a row are refused so, or nothing at all is accepted, it is the sender's.
No list is too small for that, and nobody is lost by it: until then the copy is only put off.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from digest.delivery.pacing import current_time
from digest.model import Outcome
from digest.model.mailing import Delivery
from digest.model.refusals import find_refusal_cause, is_greylisting

IN_A_ROW = 3  # refused for good, and nobody knows on whose account
PUT_OFF = 20  # put off, or said not to exist, in a row


@dataclass(slots=True)
class Refusals:
    """What a run was refused; all its threads share it.

    ``owed`` are the copies that were put off for the sender's sake, ``doubted`` those in doubt.
    A copy may be put off ``retries`` times.
    """

    retries: int
    accepted: int = 0
    owed: dict[int, Delivery] = field(default_factory=dict)
    doubted: dict[int, Delivery] = field(default_factory=dict)
    _rejected: int = 0
    _deferred: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def weigh(self, outcome: Outcome) -> Outcome:
        """Return *outcome*, in doubt as long as nothing at all was accepted.

        A server that knows none of our readers is more likely set up wrong than right.
        """
        named = outcome.status == "rejected" and not outcome.general
        return replace(outcome, doubtful=True) if named and not self.accepted else outcome

    def note(
        self, copies: Sequence[Delivery], outcomes: Sequence[Outcome]
    ) -> tuple[Sequence[Delivery], str]:
        """Take down what became of *copies*; return those that are decided now, and a reason.

        The reason is why the sender is refused, "" where it is not, as far as can be told.
        """
        with self._lock:
            decided: list[Delivery] = []
            reason = ""
            for copy, outcome in zip(copies, outcomes, strict=True):
                if outcome.status == "sent":
                    decided += self._blame_readers()
                    self.accepted += 1
                    self._rejected = self._deferred = 0
                    self.owed.pop(copy.subscriber, None)
                elif outcome.general:
                    self.owed[copy.subscriber] = copy
                elif outcome.doubtful:
                    reason = self._doubt(copy, outcome) or reason
            return decided, reason

    def _doubt(self, copy: Delivery, outcome: Outcome) -> str:
        self.owed.pop(copy.subscriber, None)
        if outcome.status == "rejected" or copy.attempts > self.retries:
            self.doubted[copy.subscriber] = copy
            named = find_refusal_cause(outcome.reason) == "reader"
            self._rejected += 0 if named else 1
            self._deferred += named
        elif not is_greylisting(outcome.reason):
            self.owed[copy.subscriber] = copy
            self._deferred += 1
        too_many = self._rejected >= IN_A_ROW or self._deferred >= PUT_OFF
        return outcome.reason if too_many else ""

    def _blame_readers(self) -> Sequence[Delivery]:
        """Return the copies in doubt as rejected: another one was accepted after them."""
        decided = [_mark_rejected(copy) for copy in self.doubted.values()]
        self.doubted.clear()
        return decided

    def close(self, *, stopped: bool) -> tuple[Sequence[Delivery], str]:
        """Return, at the end of a run, the copies still to be written and why it was refused.

        After a run that was *stopped* whoever was put off for the sender's sake is due at once.
        """
        with self._lock:
            doubted = list(self.doubted.values())
            refused = bool(doubted) and not self.accepted
            if doubted and self.accepted and not stopped:
                return self._blame_readers(), ""
            due = [*self.owed.values(), *doubted] if stopped or refused else []
            return [_make_due(copy) for copy in due], doubted[0].reason if refused else ""


def _mark_rejected(copy: Delivery) -> Delivery:
    return replace(copy, state="rejected", until=None)


def _make_due(copy: Delivery) -> Delivery:
    return replace(copy, state="deferred", until=current_time())
