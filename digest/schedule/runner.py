"""What ``digest tick`` runs on: Settings -> schedules and the crew that a tick works with."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from email.utils import parseaddr

from digest.delivery.outbox import Deliver, post_thread
from digest.delivery.resume import Leftovers
from digest.delivery.send_mail import MailSender
from digest.editorial import pipeline
from digest.editorial.collect import find_failure, list_warnings
from digest.editorial.pipeline import PipelineDeps
from digest.http import json_api
from digest.model import (
    Collected,
    Digest,
    Occurrence,
    Period,
    Receipt,
    Revision,
    ScheduleState,
    TickStep,
)
from digest.model.errors import ConfigError, DigestError, NothingToDo
from digest.model.ports.editorial import Issues
from digest.model.ports.schedule import Occurrences
from digest.model.ports.social import Account, Outbox
from digest.schedule import notifications, review
from digest.schedule.explain import ScheduleFacts, end_pause, list_slots
from digest.schedule.explain import find_departure as leaves
from digest.schedule.loader import EMAIL, ScheduleFolder
from digest.schedule.review import ReviewMailing
from digest.schedule.rules import ON_TIME, Schedule, doubts_clock, list_ahead
from digest.schedule.tick import TickDeps, run_schedule
from digest.text.localization import load_catalogue

Warn = Callable[[str], None]
_RUNS = 60  # of a schedule that are looked through for an issue


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRunner:
    """Does what is due of every schedule, with what ``digest.app`` gives it.

    ``open_kit`` opens what the pipeline runs on, ``find_edition`` a digest by its name,
    ``open_account`` the account on a network. ``language_of`` a digest is that of its notices;
    ``warn`` takes what a person should know.
    """

    schedules: ScheduleFolder
    occurrences: Occurrences
    issues: Issues
    outbox: Outbox
    mail: MailSender
    review_mailing: ReviewMailing
    open_kit: Callable[[], PipelineDeps]
    find_edition: Callable[[str], Digest]
    open_account: Callable[[str], Account]
    collecting: Callable[[], AbstractContextManager[None]]
    language_of: Callable[[str], str]
    warn: Warn
    allow_private: tuple[str, ...] = ()

    def run(self, now: datetime) -> Iterator[TickStep]:
        """Do what is due of every schedule; yield what came of it.

        A schedule that cannot be read, or breaks, stops no other; its error is raised at the end.
        Where nothing was drafted the sources are read at least once an hour all the same.
        """
        loaded = self.schedules.load()
        self._check_clock(loaded.schedules, now)
        errors: list[DigestError] = list(loaded.errors)
        drafting = _Drafting(runner=self, now=now)
        hands = self.crew(now, drafting)
        for schedule in loaded.schedules:
            try:
                yield from run_schedule(schedule, hands, now)
            except DigestError as error:
                errors.append(error)
        if loaded.schedules:
            drafting.keep_up()
        try:
            yield from self._left(loaded.schedules, now).go_on()
        except DigestError as error:
            errors.append(error)
        for earlier in errors[:-1]:
            self.warn(str(earlier))
        if errors:
            raise errors[-1]

    def _check_clock(self, schedules: Sequence[Schedule], now: datetime) -> None:
        """Raise DigestError, and tell the editor, where the clock has jumped since the last tick.

        The next tick goes on, whichever of the two was right.
        """
        known = [(one, self.occurrences.rhythm(one.digest)) for one in schedules]
        jumped = [(one, rhythm) for one, rhythm in known if rhythm and doubts_clock(now, rhythm)]
        for schedule, rhythm in jumped:
            self.occurrences.remember(rhythm, lambda one: replace(one, doubted=now))
            if rhythm.doubted is None:
                self._tell_of_clock(schedule, rhythm, now)
        if jumped:
            when, last = f"{now:%Y-%m-%d %H:%M}", jumped[0][1].ticked
            cause = f"shows {when} UTC, and the last tick was at {last:%Y-%m-%d %H:%M}"
            remedy = "Nothing was done. If it is right, the next tick goes on; else set it."
            raise DigestError("the clock of this computer", cause, remedy)

    def _tell_of_clock(self, schedule: Schedule, rhythm: ScheduleState, now: datetime) -> None:
        reason = schedule.say(
            "the clock of this computer jumped from {last} to {now}, so this tick did nothing;"
            " if the clock is right, the next one goes on",
            last=schedule.told(rhythm.ticked or now),
            now=schedule.told(now),
        )
        doubt = Occurrence(
            digest=schedule.digest,
            key="clock",
            at=now,
            state="skipped",
            reason=reason,
            owed="clock",
        )
        try:
            self.tell(schedule, (doubt,))
        except DigestError as error:
            self.warn(f"{schedule.name}: the editor could not be told: {error}")

    def crew(self, now: datetime, drafting: "_Drafting | None" = None) -> TickDeps:
        """Return what a tick works with."""
        drafting = drafting or _Drafting(runner=self, now=now)
        return TickDeps(
            occurrences=self.occurrences,
            issues=self.issues,
            draft=drafting.draft,
            target=self.target,
            tell=self.tell,
            review=lambda schedule, one, revision: review.send_review(
                self.review_mailing,
                schedule,
                one,
                revision,
                now,
                bare_address(self.editor(schedule)),
            ),
            warn=self.warn,
        )

    def _left(self, schedules_: Sequence[Schedule], now: datetime) -> Leftovers:
        """Return what mail of other runs is left; its editor hears of it as of a run."""
        by_digest = {one.digest: one for one in schedules_}

        def in_hand(edition: str, issue: str) -> bool:
            runs = self.occurrences.latest(edition, _RUNS) if edition in by_digest else ()
            mine = [one for one in runs if one.issue == issue]
            return any(one.open or _is_given_up(one) for one in mine)

        def told(edition: str, job: str, left: int) -> None:
            schedule = by_digest.get(edition)
            to = self.editor(schedule) if schedule else self.mail.reply_to
            subject, text = notifications.given_up(job, left, self.language_of(edition))
            self.warn(text.strip())
            if to := to or self.mail.sender:
                _check_sent(self.mail.notify(bare_address(to), subject, text))

        return Leftovers(mail=self.mail, issues=self.issues, now=now, in_hand=in_hand, tell=told)

    def target(self, name: str) -> Deliver:
        """Return what delivers an approved revision to *name*: "email", or a network."""
        return self._mailing() if name == EMAIL else self._posting(name)

    def _mailing(self) -> Deliver:
        """Return what sends the email, and says at the end what of the whole mailing is not out."""

        def send(revision: Revision) -> Iterator[Receipt]:
            told: Counter[str] = Counter()
            nothing: NothingToDo | None = None
            try:
                for receipt in self.mail.send(revision):
                    told[receipt.status] += 1
                    yield receipt
            except NothingToDo as error:
                nothing = error
            rest = [*self._rest(revision, told)]
            if nothing and not rest:
                raise nothing
            yield from rest

        return send

    def _rest(self, revision: Revision, told: Counter[str]) -> Iterator[Receipt]:
        """Yield a receipt for what the runs before left unknown, held or queued."""
        ledger, issue = self.mail.ledger, revision.issue.id
        say = load_catalogue(revision.issue.edition.language)
        mailing = ledger.find(issue)
        if mailing is None:
            return
        tally = ledger.tally(mailing)
        if tally.waiting > told["unknown"] + told["held"]:
            reason = say.ngettext(
                "{n} copy may or may not be out; settle it: digest resolve {issue}",
                "{n} copies may or may not be out; settle them: digest resolve {issue}",
                tally.waiting,
                issue=issue,
            )
            yield Receipt(target=EMAIL, status="unknown", reason=reason)
        if tally.left and not told["deferred"]:
            one, many = "{n} copy is still to leave", "{n} copies are still to leave"
            reason = say.ngettext(one, many, tally.left)
            yield Receipt(target=EMAIL, status="deferred", reason=reason)

    def _posting(self, network: str) -> Deliver:
        def post(revision: Revision) -> Iterator[Receipt]:
            with closing(self.open_account(network)) as account:
                yield from post_thread(revision, account, self.outbox)

        return post

    def tell(self, schedule: Schedule, owing: tuple[Occurrence, ...]) -> None:
        """Tell the editor of *owing*: on stderr, by email and by webhook.

        DigestError where none of those that are set up took it; one that did is enough.
        """
        for one in owing:
            self.warn(f"{schedule.name} {one.key}: {one.reason}")
        ways: list[Callable[[], object]] = []
        if to := self.editor(schedule):
            ways.append(lambda: self._mailed(schedule, owing, to))
        if url := schedule.notify.webhook:
            payload, allow = notifications.make_payload(schedule, owing), self.allow_private
            ways.append(lambda: json_api.post_json(url, payload, allow_private=allow))
        failures = [failure for way in ways if (failure := _catch_failure(way))]
        if failures and len(failures) == len(ways):
            raise failures[0]
        for failure in failures:
            self.warn(str(failure))

    def editor(self, schedule: Schedule) -> str:
        """Return the address that notices go to, "" where nobody is named or nobody could write."""
        if not self.mail.sender:
            return schedule.notify.email
        return schedule.notify.email or self.mail.reply_to or self.mail.sender

    def _mailed(self, schedule: Schedule, owing: tuple[Occurrence, ...], to: str) -> None:
        subject, text = (
            notifications.write_subject(schedule, owing),
            notifications.write_text(schedule, owing),
        )
        _check_sent(self.mail.notify(bare_address(to), subject, text))


@dataclass(slots=True, kw_only=True)
class _Drafting:
    """Makes drafts; the sources are polled once, before the first."""

    runner: "TickRunner"
    now: datetime
    kit: PipelineDeps | None = None
    collected: tuple[Collected, ...] = ()

    def draft(self, schedule: Schedule, period: Period) -> Revision:
        """Make and save the issue of *period*; SourceError where no source answers."""
        kit = self.polled()
        if failed := find_failure(self.collected):
            raise failed
        edition = self.runner.find_edition(schedule.digest)
        drafted = pipeline.draft_issue(
            kit, edition, lambda _zone: period, self.now, least=schedule.least
        )
        found = (str(one).removeprefix("warning: ") for one in drafted.findings)
        for line in (*drafted.unread, *found):
            self.runner.warn(line)
        return drafted.revision

    def keep_up(self) -> None:
        """Poll the sources where nobody did for an hour: a feed lists its newest posts only.

        A source that fails is told of when a draft needs it, not at every tick.
        """
        if self.kit is not None:
            return
        try:
            kit = self.runner.open_kit()
            seen = [kit.feeds.standing(source.name).polled for source in kit.sources]
            if any(at is None or not timedelta() <= self.now - at < ON_TIME for at in seen):
                with self.runner.collecting():
                    self.collected = pipeline.poll_sources(kit, self.now)
        except DigestError:
            return
        for line in (line for one in self.collected for line in one.warnings):
            self.runner.warn(line)

    def polled(self) -> PipelineDeps:
        """Return the kit, its sources polled."""
        if self.kit is None:
            self.kit = self.runner.open_kit()
            self.collected = pipeline.poll_sources(self.kit, self.now)
            if not find_failure(self.collected):
                for line in list_warnings(self.collected):
                    self.runner.warn(line)
        return self.kit


def find_issue_departure(
    schedules: ScheduleFolder, occurrences: Occurrences, edition: str, issue: str, now: datetime
) -> datetime | None:
    """Return when *issue* of the digest *edition* leaves by itself once it is approved.

    None where no schedule sends it; a moment that is over means: with the next tick.
    """
    if not schedules.file:
        return None
    for schedule in schedules.load().schedules:
        if schedule.digest == edition:
            return leaves(ScheduleFacts.of(schedule, occurrences, now), issue)
    return None


def pause_schedule(occurrences: Occurrences, schedule: Schedule, now: datetime) -> None:
    """Pause *schedule* from *now* on; one that is paused stays so since it was."""
    _save_rhythm(
        occurrences, schedule, now, lambda known: replace(known, paused=known.paused or now)
    )


def resume_schedule(occurrences: Occurrences, schedule: Schedule, now: datetime) -> None:
    """Let *schedule* run again; what fell into the pause is recorded as skipped."""
    end_pause(schedule, occurrences, now)
    _save_rhythm(occurrences, schedule, now, lambda known: replace(known, paused=None))


def leave_out_day(
    occurrences: Occurrences, schedule: Schedule, day: date, now: datetime, *, undo: bool = False
) -> None:
    """Leave the local *day* out of *schedule*, or take that back.

    ConfigError where it does not run on that day, or that day is over.
    """
    slots = list_slots(schedule, day)
    if not slots and not undo:
        near = ", ".join(
            f"{schedule.local(one.at):%a %Y-%m-%d}" for one in list_ahead(schedule, now, 2)
        )
        raise ConfigError(f"{schedule.name} {day}", "it does not run on that day", f"Next: {near}.")
    if slots and slots[-1].at <= now:
        remedy = f"See what became of it: digest schedule explain {schedule.name} {day}"
        raise ConfigError(f"{schedule.name} {day}", "is over", remedy)

    def change(known: ScheduleState) -> ScheduleState:
        others = [one for one in known.skips if one != day.isoformat()]
        return replace(known, skips=tuple(others if undo else sorted([*others, day.isoformat()])))

    _save_rhythm(occurrences, schedule, now, change)


def _save_rhythm(
    occurrences: Occurrences,
    schedule: Schedule,
    now: datetime,
    change: Callable[[ScheduleState], ScheduleState],
) -> None:
    occurrences.remember(ScheduleState(digest=schedule.digest, since=now), change)


def _is_given_up(one: Occurrence) -> bool:
    """Tell whether the run *one* gave its email up."""
    return EMAIL in one.targets and one.targets[EMAIL].state == "refused"


def _catch_failure(way: Callable[[], object]) -> DigestError | None:
    try:
        way()
    except DigestError as error:
        return error
    return None


def bare_address(mailbox: str) -> str:
    """Return the bare address of *mailbox*, which may carry a name."""
    return parseaddr(mailbox)[1] or mailbox


def _check_sent(receipt: Receipt) -> None:
    """Raise DigestError unless *receipt* says that the mail left."""
    if receipt.status != "sent":
        raise DigestError(f"mail to {receipt.target}", f"{receipt.status}: {receipt.reason}")
