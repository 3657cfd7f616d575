"""One run: threads that each hold a connection, take copies, send them and settle them."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from hashlib import sha256

from digest.errors import DigestError, StoreError
from digest.mailing.again import ask_again
from digest.mailing.books import Books
from digest.mailing.gate import Gate, Tempo, now
from digest.mailing.outcomes import lost, receipt, settle
from digest.mailing.stock import Stock
from digest.model import Outcome, Receipt
from digest.model.mailing import Delivery, Mailing, Message
from digest.ports.mail import Lane, Ledger, Mailer

Scribe = Callable[[Delivery], Message]  # makes a copy; DigestError where the address is none
_TRIES = 3  # of one request, where its key keeps it from being carried out twice
_ALL_REFUSED = 20  # rejected in a row, with nothing accepted between: it is the mail's fault
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
            mailer=mailer, write=write, tempo=tempo, gate=gate, books=books, stock=stock
        ).receipts(mailing.audience)


@dataclass(slots=True, kw_only=True)
class _Run:
    """What the threads of a run share."""

    mailer: Mailer
    write: Scribe
    tempo: Tempo
    gate: Gate
    books: Books
    stock: Stock
    error: DigestError | None = None
    refused: int = 0
    told: "queue.SimpleQueue[Sequence[Receipt] | None]" = field(default_factory=queue.SimpleQueue)

    def receipts(self, audience: int) -> Iterator[Receipt]:
        """Start the threads and yield what they settle; raise what stopped them."""
        lanes = max(1, min(self.mailer.traits.lanes, -(-audience // self.mailer.traits.batch)))
        threads = [threading.Thread(target=self.work, daemon=True) for _ in range(lanes)]
        for thread in threads:
            thread.start()
        try:
            for _ in threads:
                while (some := self.told.get()) is not None:
                    yield from some
        finally:
            self.gate.stopped.set()
            for thread in threads:
                thread.join()
        if self.error:
            raise self.error

    def work(self) -> None:
        """Send copies through one connection until none is left."""
        with closing(self.mailer.lane()) as lane:
            hand = _Hand(run=self, lane=lane)
            try:
                while hand.go_on():
                    pass
                hand.settle_last()
            except DigestError as error:
                self.stop(error)
            except Exception as error:
                self.stop(DigestError(self.mailer.name, f"failed: {error!r}", _REST))
            finally:
                self.told.put(None)

    def stop(self, error: DigestError) -> None:
        """Stop all threads; the first error is the one to tell."""
        self.error = self.error or error
        self.gate.stopped.set()

    def note(self, outcomes: Sequence[Outcome]) -> None:
        """Slow down, speed up or stop, as the other side answered."""
        for one in outcomes:
            if one.status == "sent":
                self.refused = 0
                self.gate.accepted()
            elif one.general and one.status == "rejected":
                self.stop(DigestError(self.mailer.name, f"refuses everybody: {one.reason}", _REST))
            elif one.general:
                self.gate.refused(one.retry_at)
                if self.gate.hopeless():
                    self.stop(
                        DigestError(self.mailer.name, f"puts everybody off: {one.reason}", _REST)
                    )
            elif one.status == "rejected":
                self.refused += 1
                if self.refused >= _ALL_REFUSED:
                    cause = f"refused {self.refused} in a row: {one.reason}"
                    self.stop(DigestError(self.mailer.name, cause, _REST))


@dataclass(slots=True, kw_only=True)
class _Hand:
    """One thread of a run, with its connection and what it sent last, not yet settled."""

    run: _Run
    lane: Lane
    last: Sequence[Delivery] = ()

    def go_on(self) -> bool:
        """Send the next copies; tell whether there may be more."""
        run = self.run
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
        self.run.note(outcomes)
        wait = self.run.gate.ahead()
        self.last = [
            settle(one, outcome, message.id, self.run.tempo.retries, wait)
            for one, message, outcome in zip(copies, messages, outcomes, strict=True)
        ]

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
