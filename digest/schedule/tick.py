"""One tick: what is due is drafted, approved as its schedule says, and handed to its targets.

    due ─ claim ─> claimed ─ draft ─> drafted ─ approval or policy ─> approved ─ hand over ─> sent
                      └─ too few posts ─> skipped └─> held, skipped

Every step is one commit, and a tick begins where the one before it ended, however that ended: an
occurrence is claimed once, its issue is named by its window, and what was handed over is settled
by the outbox. What did not go as planned is owed to the editor until they were told.

What a tick works with, and what each of its steps comes to.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.delivery.outbox import BUSY, WITHHELD, Deliver, ReceiptSummary
from digest.editorial import pipeline
from digest.model import (
    Occurrence,
    OccurrenceState,
    Period,
    Receipt,
    Revision,
    ScheduleState,
    TargetResult,
    TickStep,
)
from digest.model.draft import Status
from digest.model.errors import BusyError, DigestError, DraftError, NothingToDo, TooFewPosts
from digest.model.ports.editorial import Issues
from digest.model.ports.schedule import Occurrences
from digest.model.scheduled_run import COVERING_STATES, log_run_event, move_run
from digest.render.preflight import check_revision
from digest.schedule.explain import enroll_schedule, skip_slot, taken_up
from digest.schedule.rules import (
    MOST,
    ON_TIME,
    Schedule,
    ScheduledTime,
    SlotVerdict,
    find_window,
    horizon,
    judge_slots,
    left_out,
    list_due,
    too_late,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TickDeps:
    """What a tick works with, put together by ``digest.schedule.runner``.

    ``draft`` polls the sources (once a tick), makes the issue of a period with at least so many
    posts and saves it. ``target`` returns what delivers a revision there. ``tell`` and ``review``
    write to the editor, by ``notify`` of the schedule. All raise DigestError where they fail.
    """

    occurrences: Occurrences
    issues: Issues
    draft: Callable[[Schedule, Period], Revision]
    target: Callable[[str], Deliver]
    tell: Callable[[Schedule, tuple[Occurrence, ...]], None]
    review: Callable[[Schedule, Occurrence, Revision], None]
    warn: Callable[[str], None]


def find_exit_status(steps: Iterable[TickStep]) -> int:
    """Return the exit status of a tick: 1 where something failed, 0 else, 3 where nothing was."""
    statuses = {step.receipt.status for step in steps}
    if not statuses:
        return NothingToDo.exit_status
    return int(bool(statuses & {"rejected", "unknown", "deferred"}))


_PATIENCE = timedelta(hours=36)  # how long a run is tried where max_late has no bound


def run_schedule(schedule: Schedule, crew: TickDeps, now: datetime) -> Iterator[TickStep]:
    """Do what is due of *schedule* at *now*; yield a step for each thing that came of it.

    Nothing where nothing is due, or where another process is at this schedule.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(crew.occurrences.exclusive(schedule.digest))
        except BusyError:
            return
        yield from _Run(schedule=schedule, crew=crew, now=now).go()


@dataclass(slots=True, kw_only=True)
class _Run:
    """One schedule in one tick, while it holds the lock."""

    schedule: Schedule
    crew: TickDeps
    now: datetime

    def go(self) -> Iterator[TickStep]:
        """Go on with what is open, then take up what is due; tell the editor last."""
        rhythm = enroll_schedule(self.schedule, self.crew.occurrences, self.crew.issues, self.now)
        paused = self.schedule.paused or rhythm.paused is not None
        for one in self.crew.occurrences.open(self.schedule.digest):
            if self.is_ahead(one) and one.at > horizon(self.schedule, self.now):
                self.skip(one, self.say("a clock that was ahead took it up"))
            elif not paused or one.state == "approved":
                yield from self.advance(one, rhythm)
        for verdict in self.verdicts(rhythm):
            claimed = self.claim(verdict)
            if claimed is not None and verdict.run:
                yield from self.advance(claimed, rhythm)
            elif claimed is not None:
                yield from self.steps(claimed, "skipped")
        self.tell()

    def verdicts(self, rhythm: ScheduleState) -> tuple[SlotVerdict, ...]:
        """Return what becomes of the slots since the last one that was taken up."""
        until = horizon(self.schedule, self.now)
        latest = self.crew.occurrences.latest(self.schedule.digest, 2 * MOST, until=until)
        last = next((one.at for one in latest if not self.is_ahead(one)), rhythm.since)
        after = max(rhythm.since, last)
        slots = list_due(self.schedule, self.now, after)
        return judge_slots(self.schedule, slots, self.now, paused=rhythm.paused, skips=rhythm.skips)

    def claim(self, verdict: SlotVerdict) -> Occurrence | None:
        """Take the slot up, to be run or to be skipped; None where it was taken up before."""
        if verdict.run:
            plain = taken_up(self.schedule, verdict.slot)
            one = move_run(plain, "claimed", verdict.reason, self.now)
        else:
            one = skip_slot(self.schedule, verdict.slot, verdict.reason, self.now)
        return self.crew.occurrences.claim(one) or self.reclaim(one)

    def reclaim(self, one: Occurrence) -> Occurrence | None:
        """Take *one* up again where only a clock that was ahead had done so; else None."""
        same = self.crew.occurrences.latest(one.digest, 9, one.key)
        known = next((other for other in same if other.key == one.key), None)
        if known is None or not self.is_ahead(known) or known.state in COVERING_STATES:
            return None
        return self.save(replace(one, version=known.version))

    def is_ahead(self, one: Occurrence) -> bool:
        """Tell whether *one* was noted at a moment that is still to come."""
        return bool(one.log) and one.log[0].at > self.now + ON_TIME

    def advance(self, one: Occurrence, rhythm: ScheduleState) -> Iterator[TickStep]:
        """Bring *one* as far as it can come now."""
        before = one
        try:
            if one.state == "claimed":
                one = self.drafted(one, rhythm)
            if one.state in ("drafted", "held"):
                one = self.decided(one, rhythm)
        except (DigestError, OSError) as error:
            one = self.trouble(one, str(error))
            yield from self.steps(one, "rejected" if one.state == "failed" else "deferred")
            return
        if one.state == "approved":
            yield from self.handed_over(one)
        elif one.state != before.state:
            yield from self.steps(one, "skipped" if one.state == "skipped" else "held")

    def say(self, message: str, **values: object) -> str:
        """Return *message* in the language of the schedule's editor."""
        return self.schedule.say(message, **values) if message else ""

    def steps(self, one: Occurrence, status: Status) -> Iterator[TickStep]:
        """Yield for every target that nothing left, and why."""
        for target in self.schedule.targets:
            receipt = Receipt(target=target, status=status, reason=one.reason)
            yield TickStep(occurrence=one, receipt=receipt)

    def save(self, one: Occurrence) -> Occurrence:
        """Commit *one*."""
        return self.crew.occurrences.save(one)

    def skip(self, one: Occurrence, reason: str) -> Occurrence:
        """End *one* without an issue."""
        return self.save(move_run(one, "skipped", reason, self.now, owed="skipped"))

    def trouble(self, one: Occurrence, said: str) -> Occurrence:
        """Note what hinders *one*; give it up when its time is over."""
        patience = self.schedule.max_late or _PATIENCE
        begun = one.log[0].at if one.log else one.at
        if self.now - max(begun, one.at) > patience:
            reason = _given_up_after(self.schedule, patience, said)
            return self.save(move_run(one, "failed", reason, self.now, owed="failed"))
        return self.save(move_run(one, one.state, said, self.now, owed="trouble"))

    def drafted(self, one: Occurrence, rhythm: ScheduleState) -> Occurrence:
        """Make the issue of *one*, or take the one that an editor approved ahead of time."""
        known = self.crew.occurrences.covered(one.digest, horizon(self.schedule, self.now))
        covered = known or rhythm.floor or one.at
        slot = ScheduledTime(key=one.key, at=one.at)
        period = find_window(self.schedule, slot, covered, rhythm.floor or covered)
        if period.start >= period.end:
            until = self.schedule.told(period.end)
            said = "all up to {when} was told by an earlier issue"
            return self.skip(one, self.say(said, when=until))
        issue = f"{one.digest}-{period.label}"
        try:
            revision = self.crew.issues.approved(issue) or self.crew.draft(self.schedule, period)
        except NothingToDo as nothing:
            return self.skip(one, self.too_few(nothing))
        self.superseded(one)
        fates = Counter(revision.issue.fates.values())
        text = self.say(
            "drafted {issue} revision {number}: {featured} featured, {listed} listed",
            issue=issue,
            number=revision.number,
            featured=fates["featured"],
            listed=fates["listed"],
        )
        made = replace(
            one,
            issue=issue,
            revision=revision.number,
            start=period.start,
            end=period.end,
        )
        return self.save(move_run(made, "drafted", text, self.now))

    def too_few(self, nothing: NothingToDo) -> str:
        """Return how many new posts there were, too few for an issue."""
        told, least = nothing.told if isinstance(nothing, TooFewPosts) else 0, self.schedule.least
        one = "{n} new post, and at least {least} make an issue: it waits for the next"
        many = "{n} new posts, and at least {least} make an issue: they wait for the next"
        return self.schedule.words.ngettext(one, many, told, least=least)

    def superseded(self, by: Occurrence) -> None:
        """End what nobody approved before *by* was drafted: its posts are in the new draft."""
        for older in self.crew.occurrences.open(by.digest):
            if older.at < by.at and not self.leaves(older):
                said = "nobody approved it before {when} was drafted; its posts are in that issue"
                self.skip(older, self.say(said, when=self.schedule.told(by.at)))

    def leaves(self, one: Occurrence) -> bool:
        """Tell whether *one* is approved, be it noted or not."""
        return one.state == "approved" or (
            bool(one.issue) and self.crew.issues.approved(one.issue) is not None
        )

    def decided(self, one: Occurrence, rhythm: ScheduleState) -> Occurrence:
        """Settle whether the draft of *one* may leave."""
        approved = self.crew.issues.approved(one.issue)
        slot = ScheduledTime(key=one.key, at=one.at)
        if slot.day in (*rhythm.skips, *self.schedule.skip):
            return self.skip(one, left_out(self.schedule, slot))
        if approved is not None and self.now < one.at:
            said = self.say("revision {number} leaves at its time", number=approved.number)
            after = log_run_event(one, said, self.now)
            return one if after is one else self.save(after)
        if approved is not None:
            return self.approved(one, approved, "{issue} revision {number} approved by an editor")
        waits = self.now < one.at or one.state == "held"
        if self.schedule.review and not one.reviewed:
            one = self.reviewed(one)
        return one if waits else self.unapproved(one, rhythm)

    def unapproved(self, one: Occurrence, rhythm: ScheduleState) -> Occurrence:
        """Do what the schedule says of a draft that nobody approved by its time."""
        if self.schedule.unapproved == "hold":
            owed = "" if one.reviewed else "held"
            reason = self.say("waits for approval: digest approve {issue}", issue=one.issue)
            return self.save(move_run(one, "held", reason, self.now, owed=owed))
        if self.schedule.unapproved == "skip":
            said = self.say('nobody approved it in time (unapproved = "skip")')
            return self.skip(one, said)
        if missed := too_late(self.schedule, ScheduledTime(key=one.key, at=one.at), self.now):
            return self.skip(one, missed)
        return self.by_policy(one, rhythm)

    def by_policy(self, one: Occurrence, rhythm: ScheduleState) -> Occurrence:
        """Approve the draft of *one* as nobody did; what preflight refuses waits for a person."""
        try:
            return self.let_go(one)
        except DraftError:
            one = self.drafted(one, rhythm)  # what it told may have been told by another since
        if one.state != "drafted":
            return one
        try:
            return self.let_go(one)
        except DraftError as error:
            return self.save(move_run(one, "held", str(error), self.now, owed="held"))

    def let_go(self, one: Occurrence) -> Occurrence:
        """Approve the newest revision of *one*, without the channels that preflight finds broken.

        DraftError where that leaves no target, or what is wrong concerns all of them.
        """
        newest = self.crew.issues.load(one.issue)
        broken = {
            f.channel: str(f) for f in check_revision(newest) if f.level == "error" and f.channel
        }
        if not set(self.schedule.targets) - set(broken):
            broken = {}
        withheld = tuple(sorted(broken))
        revision = pipeline.approve_revision(self.crew.issues, newest, self.now, withheld)
        said = '{issue} revision {number} approved: nobody held it (unapproved = "send")'
        one = self.approved(one, revision, said)
        told = [broken[target] for target in self.schedule.targets if target in broken]
        if not told:
            return one
        return self.save(move_run(one, "approved", "; ".join(told), self.now, owed="partly"))

    def approved(self, one: Occurrence, revision: Revision, said: str) -> Occurrence:
        """Note that *revision* is what leaves."""
        text = self.say(said, issue=one.issue, number=revision.number)
        leaving = replace(one, revision=revision.number)
        return self.save(move_run(leaving, "approved", text, self.now))

    def reviewed(self, one: Occurrence) -> Occurrence:
        """Send the editor the draft to look at; where that fails, they are told so."""
        newest = self.crew.issues.load(one.issue)
        try:
            self.crew.review(self.schedule, one, newest)
        except DigestError as error:
            said = self.say("no review mail: {reason}", reason=error)
            return self.save(log_run_event(one, said, self.now))
        sent = replace(one, reviewed=newest.number)
        said = self.say("review mail of revision {number} sent", number=newest.number)
        return self.save(log_run_event(sent, said, self.now))

    def handed_over(self, one: Occurrence) -> Iterator[TickStep]:
        """Hand the approved issue to each target that is not done with it."""
        revision = self.crew.issues.approved(one.issue)
        if revision is None:
            said = self.say("the approval was withdrawn")
            one = self.save(move_run(one, "held", said, self.now, owed="held"))
            yield from self.steps(one, "held")
            return
        for target in self.schedule.targets:
            known = one.targets.get(target)
            if known is not None and known.state != "again":
                continue
            tally = ReceiptSummary(target=target, say=self.say)
            for receipt in tally.of(self.crew.target, revision):
                if known is None or receipt.reason != WITHHELD:
                    yield TickStep(occurrence=one, receipt=receipt)
            one = self.noted_target(one, target, tally.handed())
        self.finished(one)

    def noted_target(self, one: Occurrence, target: str, handed: TargetResult) -> Occurrence:
        """Note how far *target* is; one that is tried for too long is given up."""
        begun = next((line.at for line in one.log if line.state == "approved"), self.now)
        patience = self.schedule.max_late or _PATIENCE
        if handed.state == "again" and self.now - begun > patience:
            handed = _given_up(self.schedule, handed, patience)
        if handed == one.targets.get(target):
            return one
        text = f"{target}: {self.say(handed.reason or handed.state)}"
        after = replace(one, targets={**one.targets, target: handed})
        quiet = handed.state != "again" or handed.reason in (BUSY, WITHHELD)
        owed = "" if quiet else "trouble"
        return self.save(move_run(after, "approved", text, self.now, owed=owed))

    def finished(self, one: Occurrence) -> None:
        """End *one* if no target is to be tried again."""
        mine = {name: one.targets[name] for name in self.schedule.targets}
        if any(handed.state == "again" for handed in mine.values()):
            return
        told = {name: f"{name}: {self.say(handed.reason)}" for name, handed in mine.items()}
        open_ends = [told[name] for name, handed in mine.items() if handed.state != "done"]
        done = self.say("done: {targets}", targets=", ".join(told.values()))
        reason = "; ".join(open_ends) or done
        refused = all(handed.state == "refused" for handed in mine.values())
        state: OccurrenceState = "failed" if refused else "sent"
        owed = state if refused else "partly" if open_ends else ""
        self.save(move_run(one, state, reason, self.now, owed=owed))

    def tell(self) -> None:
        """Tell the editor what they are owed, all at once; what fails is owed until it succeeds."""
        owing = self.crew.occurrences.owing(self.schedule.digest)
        if not owing:
            return
        try:
            self.crew.tell(self.schedule, owing)
        except DigestError as error:
            self.crew.warn(f"{self.schedule.name}: the editor could not be told: {error}")
            return
        for one in owing:
            self.save(replace(one, owed="", told=(*one.told, one.owed)))


def _given_up(schedule: Schedule, handed: TargetResult, patience: timedelta) -> TargetResult:
    """Return *handed* at its end; what nobody approved in time is left out, which is no failure."""
    if handed.reason == WITHHELD:
        return TargetResult(
            state="done", reason=schedule.say("left out: an editor did not approve it")
        )
    reason = schedule.say(handed.reason)
    return TargetResult(state="refused", reason=_given_up_after(schedule, patience, reason))


def _given_up_after(schedule: Schedule, patience: timedelta, reason: str) -> str:
    span = schedule.words.lasting(patience)
    return schedule.say("given up after {span}: {reason}", span=span, reason=reason)
