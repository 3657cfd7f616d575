"""One run: threads that each hold a connection, take copies, send them and settle them.

It begins with one connection and opens more as long as they are taken, up to what is set: a server
that takes two refuses one or two more, and the run goes on with those that it has.
"""

import queue
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from hashlib import sha256

from digest.errors import DigestError, StoreError
from digest.mailing.again import ask_again
from digest.mailing.books import Books
from digest.mailing.gate import Gate, Tempo, now
from digest.mailing.lanes import Lanes
from digest.mailing.outcomes import lost, receipt, settle
from digest.mailing.refusals import Refusals
from digest.mailing.stock import Stock
from digest.model import Outcome, Receipt
from digest.model.mailing import Delivery, Mailing, Message
from digest.model.refusal import remedy_for
from digest.ports.mail import Lane, Ledger, Mailer

Scribe = Callable[[Delivery], Message]  # makes a copy; DigestError where the address is none
_TRIES = 3  # of one request, where its key keeps it from being carried out twice
_GROWTH = 2  # lanes that are opened once one more was taken
_REST = "What is left stays queued: digest send goes on with it."


def deliver(
    mailing: Mailing, ledger: Ledger, mailer: Mailer, write: Scribe, tempo: Tempo | None = None
) -> Iterator[Receipt]:
    """Send what is left of *mailing*; yield a receipt for each copy once that is durable.

    StoreError where another process is sending through the mailer, or where the ledger cannot be
    written: then what was just sent is unknown, and sending stops. DigestError where the other
    side refuses everybody.
    """
    with ledger.exclusive(f"mail-{mailer.name}"), ledger.writing(mailing) as writer:
        tempo = tempo or Tempo()
        gate, books = Gate(mailer.traits.per_second, tempo), Books(writer=writer)
        stock = Stock(books=books, gate=gate, tempo=tempo)
        if mailer.traits.key_lasts and mailing.mailer == mailer.name:
            unsure = list(ledger.deliveries(mailing, ["unknown"]))
            yield from ask_again(unsure, mailer, books, write)
        yield from _Run(
            mailer=mailer,
            write=write,
            tempo=tempo,
            gate=gate,
            books=books,
            stock=stock,
            refusals=Refusals(len(tempo.retries)),
        ).receipts(mailing.audience)


@dataclass(slots=True, kw_only=True)
class _Run:
    """What the threads of a run share; ``lanes`` are its connections."""

    mailer: Mailer
    write: Scribe
    tempo: Tempo
    gate: Gate
    books: Books
    stock: Stock
    lanes: Lanes = field(default_factory=Lanes)
    refusals: Refusals
    error: DigestError | None = None
    told: "queue.SimpleQueue[Sequence[Receipt] | None]" = field(default_factory=queue.SimpleQueue)

    def receipts(self, audience: int) -> Iterator[Receipt]:
        """Send through as many lanes as are taken; yield what is settled; raise what stopped it."""
        traits = self.mailer.traits
        self.lanes.most = max(1, min(traits.lanes, -(-audience // traits.batch)))
        self.lanes.start(self.work)
        ended = 0
        try:
            while ended < len(self.lanes.threads):
                if (some := self.told.get()) is None:
                    ended += 1
                else:
                    yield from some
        finally:
            self.gate.stopped.set()
            self.lanes.join()
        yield from self.last_receipts()
        if self.error:
            raise self.error

    def last_receipts(self) -> Iterator[Receipt]:
        """Write what only the end of the run decides about, and tell it."""
        if isinstance(self.error, StoreError):
            return
        copies, reason = self.refusals.close(stopped=self.error is not None)
        if copies:
            self.books.write(copies)
            yield from map(receipt, copies)
        if reason and not self.error:
            self.error = self.refused(reason)

    def work(self) -> None:
        """Send copies through one connection until none is left."""
        with closing(self.mailer.lane()) as lane:
            hand = _Hand(run=self, lane=lane)
            try:
                if self.admit(lane):
                    while hand.go_on():
                        pass
                hand.settle_last()
            except DigestError as error:
                self.stop(error)
            except Exception as error:
                self.stop(DigestError(self.mailer.name, f"failed: {error!r}", _REST))
            finally:
                self.told.put(None)

    def admit(self, lane: Lane) -> bool:
        """Open *lane*, and more where it is taken; False where the others go on without it."""
        while (refusal := lane.open()) is not None:
            if not self.lanes.needed():
                return False
            self.slow_down(refusal)
            if not self.gate.enter(0):
                return False
        if self.lanes.admit():
            self.lanes.start(self.work, _GROWTH)
        return True

    def stop(self, error: DigestError) -> None:
        """Stop all threads; the first error is the one to tell."""
        self.error = self.error or error
        self.gate.stopped.set()

    def note(self, copies: Sequence[Delivery], outcomes: Sequence[Outcome]) -> Sequence[Delivery]:
        """Speed up or stop, as the other side answered; return what that decides."""
        if any(outcome.status == "sent" for outcome in outcomes):
            self.gate.accepted()
        decided, reason = self.refusals.note(copies, outcomes)
        if reason:
            self.stop(self.refused(reason))
        return decided

    def refused(self, reason: str, what: str = "refuses everybody") -> DigestError:
        """Return the error that stops a run, with what can be done about it."""
        remedy = f"{remedy_for(reason)} {_REST}".strip()
        return DigestError(self.mailer.name, f"{what}: {reason}", remedy)

    def slow_down(self, refusal: Outcome) -> None:
        """Let everybody wait, or stop, for a *refusal* of the sender."""
        if refusal.status == "rejected":
            self.stop(self.refused(refusal.reason))
        elif not (refusal.crowded and self.lanes.others()):
            self.gate.refused(refusal.retry_at)
            if self.gate.hopeless():
                self.stop(self.refused(refusal.reason, "puts everybody off"))


@dataclass(slots=True, kw_only=True)
class _Hand:
    """One thread of a run, with its connection and what it sent last, not yet settled."""

    run: _Run
    lane: Lane
    last: Sequence[Delivery] = ()
    retired: bool = False

    def go_on(self) -> bool:
        """Send the next copies; tell whether there may be more."""
        run = self.run
        if self.retired:
            return False
        group = run.stock.take(run.mailer.traits.batch)
        if not group:
            self.settle_last()
            return run.stock.await_due()
        if run.gate.ahead() > 0.0:
            self.settle_last()
        if not run.gate.enter(len(group)):
            return False
        self.send(*self.written(group))
        return True

    def written(self, group: Sequence[Delivery]) -> tuple[list[Delivery], list[Message]]:
        """Return the copies of *group* that can be made, and their messages."""
        moment, copies, messages, unfit = now(), [], [], []
        for one in group:
            copy = replace(one, armed=moment)
            try:
                messages.append(self.run.write(copy))
                copies.append(copy)
            except DigestError as error:
                unfit.append(replace(one, state="rejected", reason=str(error)))
        if unfit:
            self.run.books.write(unfit)
            self.run.told.put([receipt(one) for one in unfit])
        return copies, messages

    def send(self, copies: Sequence[Delivery], messages: Sequence[Message]) -> None:
        """Arm, send and note what came of it, to be settled with the next commit."""
        copies = [replace(one, key=_key(messages)) for one in copies]
        settled, self.last = self.last, ()
        try:
            armed = self.run.books.write(settled, copies)
        except StoreError:
            self.run.told.put([receipt(lost(one)) for one in settled])
            raise
        self.tell(settled)
        self.run.told.put(
            [
                Receipt(
                    target=one.address,
                    status="skipped",
                    reason="unsubscribed meanwhile",
                    subscriber=one.subscriber,
                )
                for one in copies
                if one.subscriber not in armed
            ]
        )
        pairs = [(c, m) for c, m in zip(copies, messages, strict=True) if c.subscriber in armed]
        if pairs:
            self.hand_over([c for c, _ in pairs], [m for _, m in pairs])

    def hand_over(self, copies: Sequence[Delivery], messages: Sequence[Message]) -> None:
        """Send the armed *copies* under the key they were armed with; keep what became of them."""
        key = copies[0].key
        outcomes = self.lane.send(messages, key)
        for _ in range(_TRIES - 1):
            if not self.run.mailer.traits.key_lasts or not any(map(_unknown, outcomes)):
                break
            self.run.gate.stopped.wait(self.run.tempo.backoff[0])
            outcomes = self.lane.send(messages, key)
        self.settle(copies, messages, outcomes)

    def settle(
        self, copies: Sequence[Delivery], messages: Sequence[Message], outcomes: Sequence[Outcome]
    ) -> None:
        """Keep what *outcomes* make of *copies*; give the connection up if it is one too many."""
        run = self.run
        outcomes = [run.refusals.weigh(outcome) for outcome in outcomes]
        for outcome in outcomes:
            if outcome.general:
                run.slow_down(outcome)
        wait = run.gate.ahead()
        settled = [
            settle(one, outcome, message.id, run.tempo.retries, wait)
            for one, message, outcome in zip(copies, messages, outcomes, strict=True)
        ]
        self.last = settled
        if any(outcome.doubtful for outcome in outcomes):
            self.settle_last()  # before another thread decides about them
        self.last = [*self.last, *run.note(settled, outcomes)]
        if any(outcome.crowded for outcome in outcomes):
            self.retired = run.lanes.give_up()

    def settle_last(self) -> None:
        """Make what became of the last copies durable, and tell it."""
        settled, self.last = self.last, ()
        if not settled:
            return
        try:
            self.run.books.write(settled)
        except StoreError:
            self.run.told.put([receipt(lost(one)) for one in settled])
            raise
        self.tell(settled)

    def tell(self, settled: Sequence[Delivery]) -> None:
        """Tell what is durable."""
        if settled:
            self.run.told.put([receipt(one) for one in settled])


def _unknown(outcome: Outcome) -> bool:
    return outcome.status == "unknown"


def _key(messages: Sequence[Message]) -> str:
    """Return the key of the request that these *messages* make."""
    if len(messages) == 1:
        return messages[0].key
    return sha256("\n".join(one.key for one in messages).encode()).hexdigest()
