"""One run of a mailing: connections in threads that take copies, send them and settle them.

One run: threads that each hold a connection, take copies, send them and settle them.

It begins with one connection and opens more as long as they are taken, up to what is set: a server
that takes two refuses one or two more, and the run goes on with those that it has.

What a copy becomes by what the other side said. Pure but for the clock.

What a run before left unknown is asked for again, where its key keeps it from being doubled.

The claimed copies that wait for a free thread.

How many connections a run holds: as many as are set, fewer where the server takes fewer.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby

from digest.delivery.pacing import BatchWriter, RateLimiter, RetryPolicy, current_time
from digest.delivery.refusals import Refusals
from digest.model import Outcome, Receipt
from digest.model.draft import Status
from digest.model.errors import DigestError, StoreError
from digest.model.mailing import Delivery, Mailing, Message
from digest.model.outbox import ALLOWED_MOVES, OutboxState
from digest.model.ports.mail import Connection, Ledger, Mailer
from digest.model.refusals import suggest_remedy

CLAIM = 200
_LOOK = 1.0  # seconds between two looks at whether the mailing was paused


@dataclass(slots=True, kw_only=True)
class DeliveryQueue:
    """Hands out claimed copies, and claims more when they run out."""

    books: BatchWriter
    gate: RateLimiter
    tempo: RetryPolicy
    _ready: deque[Delivery] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _looked: float = 0.0

    def take(self, most: int) -> Sequence[Delivery]:
        """Return up to *most* copies, by subscriber; empty where none can be had now."""
        with self._lock:
            if self.gate.stopped.is_set() or self._paused():
                return ()
            if not self._ready:
                self._ready.extend(self.books.claim(current_time(), max(CLAIM, most)))
            return [self._ready.popleft() for _ in range(min(most, len(self._ready)))]

    def await_due(self) -> bool:
        """Wait a little for a deferred copy that may be tried soon; tell whether there is one.

        No longer than between two looks at whether the mailing was paused.
        """
        due = self.books.due()
        if due is None or self.gate.stopped.is_set():
            return False
        wait = (due - current_time()).total_seconds()
        if wait > self.tempo.sits_out and wait > self.gate.ahead():
            return False
        return not self.gate.stopped.wait(min(max(wait, 0.01), _LOOK))

    def _paused(self) -> bool:
        if time.monotonic() - self._looked < _LOOK:
            return False
        self._looked = time.monotonic()
        if self.books.paused():
            self.gate.stopped.set()
        return self.gate.stopped.is_set()


_DOUBT = timedelta(hours=1)  # longer than a run waits for a copy that was put off


def settle_delivery(
    one: Delivery, outcome: Outcome, message_id: str, retries: Sequence[float], pause: float
) -> Delivery:
    """Return the armed *one* as *outcome* leaves it.

    What was said of everybody costs the copy no attempt; it may be tried after *pause* seconds.
    What is doubtful is put off until the others' answers tell (``Refusals``). After the last of
    *retries* a copy is rejected.
    """
    if outcome.general and outcome.status in ("deferred", "rejected"):
        later = outcome.retry_at or current_time() + timedelta(seconds=pause)
        return _change_state(one, "deferred", reason=outcome.reason, until=later)
    if outcome.doubtful and outcome.status == "rejected":
        return _change_state(one, "deferred", reason=outcome.reason, until=current_time() + _DOUBT)
    tried = replace(one, attempts=one.attempts + 1)
    if outcome.status == "deferred":
        return _defer_delivery(tried, outcome, retries)
    known = outcome.id or message_id if outcome.status == "sent" else ""
    return replace(_change_state(tried, outcome.status, reason=outcome.reason), id=known)


def _defer_delivery(one: Delivery, outcome: Outcome, retries: Sequence[float]) -> Delivery:
    if one.attempts > len(retries):
        reason = f"given up after {one.attempts} attempts: {outcome.reason}"
        if outcome.doubtful:
            return _change_state(one, "deferred", reason=reason, until=current_time() + _DOUBT)
        return _change_state(one, "rejected", reason=reason)
    later = outcome.retry_at or current_time() + timedelta(seconds=retries[one.attempts - 1])
    return _change_state(one, "deferred", reason=outcome.reason, until=later)


def _change_state(
    one: Delivery, to: OutboxState, *, reason: str = "", until: datetime | None = None
) -> Delivery:
    if to not in ALLOWED_MOVES["armed"]:
        raise ValueError(f"armed cannot become {to}")
    return replace(one, state=to, reason=reason, until=until)


def mark_lost(one: Delivery) -> Delivery:
    """Return *one*, whose outcome could not be written down: a later run finds it armed."""
    return replace(one, state="unknown", reason="what became of it could not be stored")


_STATUS: dict[OutboxState, Status] = {
    "sent": "sent",
    "rejected": "rejected",
    "deferred": "deferred",
    "unknown": "unknown",
    "skipped": "skipped",
}


def make_receipt(one: Delivery) -> Receipt:
    """Return what a person or program is told of *one*."""
    status = _STATUS.get(one.state, "held")
    return Receipt(
        target=one.address,
        status=status,
        id=one.id,
        reason=one.reason,
        subscriber=one.subscriber,
    )


def ask_again(
    unsure: Sequence[Delivery],
    mailer: Mailer,
    books: BatchWriter,
    write: Callable[[Delivery], Message],
) -> Iterator[Receipt]:
    """Send the requests of *unsure* once more, byte for byte; yield a receipt for what is out.

    A key that is too old settles nothing any more, and a request of which a reader left since
    must not leave again: both wait for a person.
    """
    since = current_time() - mailer.traits.key_lasts
    fresh = [one for one in unsure if one.key and one.armed and one.armed > since]
    with closing(mailer.lane()) as lane:
        for key, same in groupby(sorted(fresh, key=_by_request), lambda one: one.key):
            copies = list(same)
            if len(books.still([one.subscriber for one in copies])) < len(copies):
                continue
            outcomes = lane.send([write(one) for one in copies], key)
            settled = [
                _settle_repeated(one, out) for one, out in zip(copies, outcomes, strict=True)
            ]
            books.write([one for one in settled if one.state != "unknown"])
            yield from (make_receipt(one) for one in settled if one.state == "sent")


def _by_request(one: Delivery) -> tuple[str, int]:
    return one.key, one.subscriber


def _settle_repeated(one: Delivery, outcome: Outcome) -> Delivery:
    """Return *one* sent if it is; what was refused certainly was not, and is queued again."""
    if outcome.status == "sent":
        return replace(one, state="sent", id=outcome.id, reason="")
    if outcome.status == "unknown":
        return one
    return replace(one, state="queued", key="", reason="")


@dataclass(slots=True)
class Lanes:
    """The connections of a run: ``most`` may be opened, fewer are where the server takes fewer."""

    most: int = 1
    threads: list[threading.Thread] = field(default_factory=list)
    _open: int = 0
    _full: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, work: Callable[[], None], count: int = 1) -> None:
        """Start *count* threads more, as far as there may be."""
        with self._lock:
            room = 0 if self._full else self.most - len(self.threads)
            fresh = [
                threading.Thread(target=work, daemon=True) for _ in range(max(0, min(count, room)))
            ]
            self.threads += fresh
        for thread in fresh:
            thread.start()

    def join(self) -> None:
        """Wait until all have ended."""
        for thread in self.threads:
            thread.join()

    def admit(self) -> bool:
        """Note that a connection was taken; tell whether more may be tried."""
        with self._lock:
            self._open += 1
            return not self._full

    def needed(self) -> bool:
        """Tell whether nobody sends without the connection that was just refused."""
        with self._lock:
            self._full = self._open > 0
            return not self._open

    def others(self) -> bool:
        """Tell whether more than one connection is open."""
        with self._lock:
            return self._open > 1

    def give_up(self) -> bool:
        """Close one of several for good, for the server takes fewer; False for the last one."""
        with self._lock:
            self._full = True
            if self._open < 2:
                return False
            self._open -= 1
            return True


Scribe = Callable[[Delivery], Message]  # makes a copy; DigestError where the address is none
_TRIES = 3  # of one request, where its key keeps it from being carried out twice
_GROWTH = 2  # lanes that are opened once one more was taken
_REST = "What is left stays queued: digest send goes on with it."


def deliver_mailing(
    mailing: Mailing,
    ledger: Ledger,
    mailer: Mailer,
    write: Scribe,
    tempo: RetryPolicy | None = None,
) -> Iterator[Receipt]:
    """Send what is left of *mailing*; yield a receipt for each copy once that is durable.

    StoreError where another process is sending through the mailer, or where the ledger cannot be
    written: then what was just sent is unknown, and sending stops. DigestError where the other
    side refuses everybody.
    """
    with ledger.exclusive(f"mail-{mailer.name}"), ledger.writing(mailing) as writer:
        tempo = tempo or RetryPolicy()
        gate, books = RateLimiter(mailer.traits.per_second, tempo), BatchWriter(writer=writer)
        stock = DeliveryQueue(books=books, gate=gate, tempo=tempo)
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
    tempo: RetryPolicy
    gate: RateLimiter
    books: BatchWriter
    stock: DeliveryQueue
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
            yield from map(make_receipt, copies)
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

    def admit(self, lane: Connection) -> bool:
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
        remedy = f"{suggest_remedy(reason)} {_REST}".strip()
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
    lane: Connection
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
        moment, copies, messages, unfit = current_time(), [], [], []
        for one in group:
            copy = replace(one, armed=moment)
            try:
                messages.append(self.run.write(copy))
                copies.append(copy)
            except DigestError as error:
                unfit.append(replace(one, state="rejected", reason=str(error)))
        if unfit:
            self.run.books.write(unfit)
            self.run.told.put([make_receipt(one) for one in unfit])
        return copies, messages

    def send(self, copies: Sequence[Delivery], messages: Sequence[Message]) -> None:
        """Arm, send and note what came of it, to be settled with the next commit."""
        copies = [replace(one, key=_make_request_key(messages)) for one in copies]
        settled, self.last = self.last, ()
        try:
            armed = self.run.books.write(settled, copies)
        except StoreError:
            self.run.told.put([make_receipt(mark_lost(one)) for one in settled])
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
            if not self.run.mailer.traits.key_lasts or not any(map(_is_unknown, outcomes)):
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
            settle_delivery(one, outcome, message.id, run.tempo.retries, wait)
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
            self.run.told.put([make_receipt(mark_lost(one)) for one in settled])
            raise
        self.tell(settled)

    def tell(self, settled: Sequence[Delivery]) -> None:
        """Tell what is durable."""
        if settled:
            self.run.told.put([make_receipt(one) for one in settled])


def _is_unknown(outcome: Outcome) -> bool:
    return outcome.status == "unknown"


def _make_request_key(messages: Sequence[Message]) -> str:
    """Return the key of the request that these *messages* make."""
    if len(messages) == 1:
        return messages[0].key
    return sha256("\n".join(one.key for one in messages).encode()).hexdigest()
