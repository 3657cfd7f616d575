"""The outbox at work: what was approved leaves once, in order, resumable, and reconciled.

    queued ─ claim ─ prepare ─ arm ─ send ─ record        each step is one commit
                                 └── answer lost: look, never send blindly

A run first settles what the run before it left: an entry found claimed was not sent, one found
armed may have been. It goes on at the first part that is not out and never past one that waits.

What the receipts of one target come to: done, to be tried again, waiting, or refused.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from digest.delivery.networks import make_entries
from digest.model import (
    OutboxEntry,
    Outcome,
    PreparedRequest,
    Receipt,
    Revision,
    TargetResult,
    Thread,
)
from digest.model.errors import BusyError, DigestError, DraftError, NothingToDo
from digest.model.outbox import (
    WAITING_STATES,
    arm_entry,
    claim_entry,
    hold_entry,
    make_receipt,
    move_entry,
    recover_entry,
    requeue_entry,
    settle_entry,
)
from digest.model.ports.social import Account, Outbox
from digest.text.address import nameless
from digest.text.localization import load_catalogue

ATTEMPTS = 3
WIRE_LASTS = timedelta(hours=12)  # uploaded pictures go stale; X keeps one for a day
_ABSENT = "was not found on the account, so it may or may not appear: look there"
_UNREAD = "cannot be looked up: "
_SETTLE = "Then: digest resolve --resend, or --skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How time passes: ``patience`` is the longest wait, in seconds, that is sat out."""

    patience: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


def approved_thread(revision: Revision, network: str) -> Thread:
    """Return the approved thread for *network*; DraftError where there is none or no approval."""
    for thread in revision.threads:
        if thread.network == network and thread.parts:
            break
    else:
        known = ", ".join(t.network for t in revision.threads if t.parts)
        raise DraftError(revision.issue.id, f"has no thread for {network}", f"There is: {known}.")
    if not revision.approved:
        remedy = f"Read it, then: digest approve {revision.issue.id}"
        raise DraftError(revision.issue.id, "is not approved", remedy)
    if network in revision.withheld:
        remedy = f"Approve that too: digest approve {revision.issue.id}"
        raise DraftError(revision.issue.id, f"is approved, but not for {network}", remedy)
    return thread


def post_thread(
    revision: Revision, account: Account, outbox: Outbox, *, pace: Pace | None = None
) -> Iterator[Receipt]:
    """Post the approved thread of *revision*; yield a receipt for each part as it is settled.

    NothingToDo where every part is out already; StoreError where another process is posting to
    the account; DraftError where another revision of the issue is out or on its way.
    """
    thread = approved_thread(revision, account.name)
    yield from _send_entries(make_entries(revision, thread), account, outbox, pace)


def send_campaign(
    one: OutboxEntry, account: Account, outbox: Outbox, *, pace: Pace | None = None
) -> Iterator[Receipt]:
    """Send *one*, a whole issue in one request; otherwise as ``post``."""
    yield from _send_entries((one,), account, outbox, pace)


def _send_entries(
    wanted: Sequence[OutboxEntry], account: Account, outbox: Outbox, pace: Pace | None
) -> Iterator[Receipt]:
    with outbox.exclusive(account.name):
        line = _Line(account=account, outbox=outbox, pace=pace or Pace())
        line.load(_enqueue(wanted, outbox))
        if all(one.done for one in line.entries):
            raise _nothing_to_do(line.entries)
        yield from line.run()


def _enqueue(wanted: Sequence[OutboxEntry], outbox: Outbox) -> tuple[OutboxEntry, ...]:
    """Return *wanted* as they are kept; an earlier revision of which nothing left makes way."""
    job, target = wanted[0].job, wanted[0].target
    there = outbox.entries(job, target)
    if [one.hash for one in there] != [one.hash for one in wanted]:
        if not all(_is_replaceable(one) for one in there):
            raise _other_revision(there[0], wanted[0].revision)
        outbox.drop(there)
    outbox.enqueue(wanted)
    return outbox.entries(job, target)


def _is_replaceable(one: OutboxEntry) -> bool:
    """Tell whether *one* is certainly not out."""
    refused = one.state in ("skipped", "rejected", "deferred")
    return refused or (one.state == "queued" and one.armed is None)


def _nothing_to_do(entries: Sequence[OutboxEntry]) -> NothingToDo:
    job, target = entries[0].job, entries[0].target
    if not entries[0].part:
        return NothingToDo(job, f"it was sent with {target} already, or left out")
    if any(one.state == "sent" for one in entries):
        return NothingToDo(job, f"its thread is on {target} already")
    return NothingToDo(job, f"its thread for {target} was taken back or left out")


def _other_revision(one: OutboxEntry, wanted: int) -> DraftError:
    cause = f"revision {one.revision} is out on {one.target}, not {wanted}"
    remedy = (
        f"Take it back with: digest post {one.job} --network {one.target} --delete;"
        " or settle it with: digest resolve"
    )
    return DraftError(one.job, cause, remedy)


@dataclass(slots=True, kw_only=True)
class _Line:
    """The parts of one thread, in order, while a run holds the account's lock."""

    account: Account
    outbox: Outbox
    pace: Pace
    entries: list[OutboxEntry] = field(default_factory=list)
    tries: int = 0

    def load(self, entries: Sequence[OutboxEntry]) -> None:
        """Take *entries* over from the run before; what was refused is tried again."""
        self.entries = list(entries)
        found = [recover_entry(one) for one in entries]
        self.save([requeue_entry(one) if one.state == "rejected" else one for one in found])

    def save(self, changed: Sequence[OutboxEntry]) -> Sequence[OutboxEntry]:
        """Commit what differs of *changed*, all at once; return it as saved."""
        known = {one.part: one for one in self.entries}
        saved = self.outbox.save([one for one in changed if one != known[one.part]])
        known |= {one.part: one for one in saved}
        self.entries = list(known.values())
        return [known[one.part] for one in changed]

    def run(self) -> Iterator[Receipt]:
        """Go on until every part is out or one waits; yield receipts, those in wait last."""
        while (first := next((one for one in self.entries if not one.done), None)) is not None:
            before = {one.part: one.state for one in self.entries}
            if not self.step(first):
                yield from self.waiting(first.part)
                return
            yield from (
                make_receipt(one)
                for one in self.entries
                if one.state == "sent" and before[one.part] != "sent"
            )

    def waiting(self, part: int) -> Iterator[Receipt]:
        """Yield the receipts of what is not out: *part*, and those that wait for it."""
        for one in self.entries:
            if not one.done:
                yield make_receipt(one, waits_for=part)

    def step(self, first: OutboxEntry) -> bool:
        """Do what *first*, the first part that is not out, needs; tell whether to go on."""
        if first.state == "unknown":
            lost = [one for one in self.entries if one.state == "unknown"]
            return self.reconcile(lost if self.account.whole else [first])
        if first.state == "deferred" and not self.await_turn(first):
            return False
        if first.state in ("queued", "deferred"):
            return self.deliver(self.group(first))
        return False

    def await_turn(self, one: OutboxEntry) -> bool:
        """Wait until *one* may be tried again, if that is soon; tell whether it may."""
        wait = (one.retry_at - self.pace.now()).total_seconds() if one.retry_at else 0.0
        if wait > self.pace.patience:
            return False
        self.pace.sleep(max(wait, 0.0))
        return True

    def group(self, first: OutboxEntry) -> list[OutboxEntry]:
        """Return what leaves in one request with *first*."""
        if not self.account.whole:
            return [first]
        return [one for one in self.entries if one.state in ("queued", "deferred")]

    def deliver(self, group: Sequence[OutboxEntry]) -> bool:
        """Claim, prepare, arm and send *group*, and record what came of it."""
        self.tries += 1
        group = self.save([claim_entry(one) for one in group])
        wires = self.wires(group)
        if isinstance(wires, Outcome):
            self.save([settle_entry(one, wires) for one in group])
            return wires.status == "deferred" and self.tries < ATTEMPTS
        now = self.pace.now()
        group = self.save([arm_entry(o, wire, now) for o, wire in zip(group, wires, strict=True)])
        outcomes = self.account.send(group)
        group = self.save([settle_entry(o, out) for o, out in zip(group, outcomes, strict=True)])
        return self.recorded(group[0])

    def wires(self, group: Sequence[OutboxEntry]) -> Sequence[PreparedRequest] | Outcome:
        """Return the frozen requests of *group*: those it has, where they may be used again."""
        fresh = all(
            one.wire and (self.account.keyed or self.pace.now() - _armed_time(one) < WIRE_LASTS)
            for one in group
        )
        if fresh:
            return [PreparedRequest(text=one.wire, key=one.key) for one in group]
        return self.account.prepare(group, [one for one in self.entries if one.state == "sent"])

    def recorded(self, first: OutboxEntry) -> bool:
        """Tell whether to go on after *first* was tried; hand over what only a person may post."""
        if first.state == "rejected" and first.by_hand:
            rest = [one for one in self.entries if one.state in ("queued", "rejected")]
            self.save([hold_entry(one, first.reason, by_hand=True) for one in rest])
            return False
        if first.state == "deferred":
            return self.tries < ATTEMPTS
        self.tries = 0 if first.state == "sent" else self.tries
        return first.state in ("sent", "unknown")

    def reconcile(self, lost: Sequence[OutboxEntry]) -> bool:
        """Look for *lost*, whose answers never came; tell whether to go on.

        Found: sent. Absent: a keyed account is asked again with the same bytes, which cannot
        double; for any other a person must look. Unreadable: it stays unknown.
        """
        try:
            found = self.look(lost)
        except DigestError as error:
            self.save([replace(one, reason=_unread(one, error)) for one in lost])
            return False
        ask_again = self.account.keyed and self.tries < ATTEMPTS
        self.save([self.settled(one, found.get(one.part), ask_again=ask_again) for one in lost])
        return ask_again or len(found) == len(lost)

    def settled(self, one: OutboxEntry, found: Outcome | None, *, ask_again: bool) -> OutboxEntry:
        """Return *one* as looking for it leaves it."""
        if found:
            return settle_entry(one, found)
        if ask_again:
            return requeue_entry(one, keep=True)
        came = f"{one.reason}; it " if one.reason else ""
        return hold_entry(one, f"{came}{_ABSENT}. {_SETTLE}")

    def look(self, lost: Sequence[OutboxEntry]) -> dict[int, Outcome]:
        """Return what of *lost* is found, by part, after as many looks as the account needs."""
        found: dict[int, Outcome] = {}
        for lag in self.account.lags:
            self.pace.sleep(lag)
            for one in lost:
                if one.part not in found and (outcome := self.account.find(one)):
                    found[one.part] = outcome
            if len(found) == len(lost):
                break
        return found


def _unread(one: OutboxEntry, error: DigestError) -> str:
    """Return why *one* is still unknown; what was said of it before is kept: a look needs it."""
    before = one.reason.partition(_UNREAD)[0].rstrip("; ")
    return f"{before}; {_UNREAD}{error}" if before else f"{_UNREAD}{error}"


def _armed_time(one: OutboxEntry) -> datetime:
    return one.armed or datetime.min.replace(tzinfo=UTC)


def list_waiting(outbox: Outbox, job: str = "", target: str = "") -> tuple[OutboxEntry, ...]:
    """Return the entries that are unknown, held or rejected: what a person may settle."""
    found = (recover_entry(one) for one in outbox.entries(job, target))
    return tuple(one for one in found if one.state in WAITING_STATES)


def skip_parts(outbox: Outbox, target: str, entries: Sequence[OutboxEntry]) -> Iterator[Receipt]:
    """Leave the waiting *entries* of *target* out for good; without its root, the whole thread."""
    with outbox.exclusive(target):
        for job in dict.fromkeys(one.job for one in entries):
            chosen = {one.part for one in entries if one.job == job}
            there = [recover_entry(one) for one in outbox.entries(job, target)]
            left = [o for o in there if not o.done and (o.part in chosen or 1 in chosen)]
            saved = outbox.save([move_entry(o, "skipped", reason="left out by you") for o in left])
            yield from (make_receipt(one) for one in saved)


def resend_parts(
    outbox: Outbox,
    account: Account,
    entries: Sequence[OutboxEntry],
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[Receipt]:
    """Queue the waiting *entries* once more, after one more look; yield those found after all.

    They leave with the next ``post``, under the same key while that may still tell the other side
    that it has them. DigestError, and nothing changed, where the account cannot be read.
    """
    with outbox.exclusive(account.name):
        for one in entries:
            now = next(
                o for o in outbox.entries(one.job, one.target) if recover_entry(o).part == one.part
            )
            found = account.find(now) if now.armed and now.state != "rejected" else None
            if found:
                (now,) = outbox.save([settle_entry(recover_entry(now), found)])
                yield make_receipt(now)
            else:
                lasts = clock() - _armed_time(now) < account.key_lasts
                outbox.save([requeue_entry(recover_entry(now), keep=account.keyed or lasts)])


def take_back_thread(outbox: Outbox, account: Account, job: str) -> Iterator[Receipt]:
    """Delete what is out of the thread of *job*, the last part first; yield a receipt for each.

    NothingToDo where nothing is out. What was not sent yet is left out as well.
    """
    with outbox.exclusive(account.name):
        there = [recover_entry(one) for one in outbox.entries(job, account.name)]
        if not any(one.state == "sent" for one in there):
            raise NothingToDo(job, f"nothing of it is on {account.name}")
        for one in reversed(there):
            if one.state == "sent":
                account.delete(one)
            leaves = one.state in ("sent", "queued", "deferred")
            saved = (
                outbox.save([move_entry(one, "skipped", reason="taken back")]) if leaves else (one,)
            )
            yield make_receipt(saved[0])


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
class ReceiptSummary:
    """Counts the receipts of *target*; one without a part is a whole message to one reader.

    ``say`` words what they come to, for the editor.
    """

    target: str
    say: Callable[..., str] = load_catalogue("en").gettext
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

    def handed(self) -> TargetResult:
        """Return how far the target is: one refused reader of many does not stop an issue."""
        counted = (self.say(_COUNTS[status], n=count) for status, count in self.counts.items())
        told = ", ".join(counted)
        if self.again or self.counts["deferred"]:
            return TargetResult(state="again", reason=_join_reason(told, self.again))
        if waits := next((one for one in ("unknown", "held") if self.counts[one]), ""):
            return TargetResult(state="waits", reason=_join_reason(told, self.reasons[waits]))
        if self.refused or (self.counts["rejected"] and not self.counts["sent"]):
            return TargetResult(
                state="refused", reason=_join_reason(told, self.reasons["rejected"])
            )
        nothing = self.nothing or self.say("there was nothing to send")
        return TargetResult(state="done", reason=told or nothing)


def _join_reason(told: str, reason: str) -> str:
    return ": ".join(part for part in (told, reason) if part)
